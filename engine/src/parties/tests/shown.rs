//! How members are shown in a party: badges and pictures beside their nicknames.

use super::*;

both!(nicknames_have_their_badges_wherever_they_stand_in_a_party, "multi_thread");
async fn nicknames_have_their_badges_wherever_they_stand_in_a_party(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(3).await;
    let [star, ghost, new] = &people[..] else { unreachable!() };
    let mut met = Vec::new();
    for _ in 0..3 {
        met.push(scene.met(&people[..2]).await);
    }
    scene.clock.set(NOW);
    let party = scene.party(4, true).await;
    for (number, person) in people.iter().enumerate() {
        scene.clock.set(NOW + number as i64 * MINUTE);
        scene.act(person, party, ASK).await.unwrap();
        parties.say(person, party, request(), "안녕하세요").await.unwrap();
        parties.ask(person, party, "몇 시요?").await.unwrap();
    }
    scene.clock.set(NOW + 5 * HOUR);
    for party in met {
        scene.act(leader, party, Action::Attended { member: id(ghost), came: false }).await.unwrap();
    }
    let badges = [Some(Badge::Star), Some(Badge::Ghost), None];
    let view = parties.view(new, party).await.unwrap();
    let beside = |member: &Actor| view.members.iter().find(|line| line.member == id(member)).unwrap().badge;
    assert_eq!([star, ghost, new].map(beside), badges);
    assert_eq!(view.questions.iter().map(|question| question.badge).collect::<Vec<_>>(), badges);
    let lines = parties.lines(new, party, None).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.badge).collect::<Vec<_>>(), badges);
    let live = parties.lines_after(id(new), party, 1).await.unwrap();
    assert_eq!(live.iter().map(|line| line.badge).collect::<Vec<_>>(), badges[1..]);
    assert_eq!(parties.standing(ghost).await.unwrap().badge(), Some(Badge::Ghost));
    assert_eq!(parties.standing(&Actor::Visitor).await.unwrap().badge(), None);
}

both!(pictures_stand_beside_nicknames_in_a_party_and_none_of_whoever_is_suspended, "multi_thread");
async fn pictures_stand_beside_nicknames_in_a_party_and_none_of_whoever_is_suspended(on: On) {
    let scene = Scene::new(on).await;
    let parties = &scene.parties;
    let people = scene.people(3).await;
    let [shown, suspended, without] = &people[..] else { unreachable!() };
    let party = scene.party(4, true).await;
    for (number, person) in people.iter().enumerate() {
        scene.clock.set(NOW + number as i64 * MINUTE);
        scene.act(person, party, ASK).await.unwrap();
        parties.say(person, party, request(), "안녕하세요").await.unwrap();
        parties.ask(person, party, "몇 시요?").await.unwrap();
    }
    let picture = PictureId(id(shown).0);
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for (who, picture) in [(shown, picture), (suspended, PictureId(id(suspended).0))] {
        let set = tx.sql("update members set picture = $2 where id = $1");
        assert_eq!(set.bind(id(who)).bind(picture).run().await.unwrap(), 1);
    }
    tx.sql("update members set suspended_at = $2 where id = $1").bind(id(suspended)).bind(NOW).run().await.unwrap();
    tx.commit().await.unwrap();
    let pictures = [Some(picture), None, None];
    let view = parties.view(without, party).await.unwrap();
    let beside = |member: &Actor| view.members.iter().find(|line| line.member == id(member)).unwrap().picture;
    assert_eq!([shown, suspended, without].map(beside), pictures);
    assert_eq!(view.questions.iter().map(|question| question.picture).collect::<Vec<_>>(), pictures);
    let lines = parties.lines(without, party, None).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.picture).collect::<Vec<_>>(), pictures);
    let live = parties.lines_after(id(without), party, 0).await.unwrap();
    assert_eq!(live.iter().map(|line| line.picture).collect::<Vec<_>>(), pictures);
}
