//! Joining: however many ask or are accepted at once, no share is given twice.

use super::*;

both!(of_many_who_join_at_once_no_share_is_given_twice, "multi_thread");
async fn of_many_who_join_at_once_no_share_is_given_twice(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(300).await;
    let party = scene.party(6, true).await;
    let joined = join_all(people.iter().map(|person| scene.act(person, party, ASK))).await;
    let mut taken = 0;
    for done in joined {
        match done.map_err(Error::public) {
            Ok(()) => taken += 1,
            Err(error) => assert_eq!(error, PartyError::PartyFull.into()),
        }
    }
    assert_eq!(taken, 5, "the leader has the sixth");
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!((view.card.taken, view.card.state, view.members.len()), (6, PartyState::Full, 6));

    // Leaving and coming meanwhile, with several shares.
    let party = scene.party(9, true).await;
    let crowd = people[..60].iter().enumerate().map(async |(i, person)| {
        let shares = 1 + i as u32 % 3;
        let _ = scene.act(person, party, Action::Request { shares }).await;
        if i % 2 == 0 {
            let _ = scene.act(person, party, Action::Leave).await;
            let _ = scene.act(person, party, ASK).await;
        }
    });
    join_all(crowd).await;
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    let shares: u32 = view.members.iter().map(|member| member.shares).sum();
    assert!(shares <= 9 && shares == view.card.taken, "{shares} and {}", view.card.taken);
}

both!(of_many_who_are_accepted_at_once_no_share_is_given_twice, "multi_thread");
async fn of_many_who_are_accepted_at_once_no_share_is_given_twice(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(40).await;
    let party = scene.party(4, false).await;
    for person in &people {
        scene.act(person, party, ASK).await.unwrap();
    }
    let accepting = people.iter().map(|person| scene.act(&scene.leader, party, Action::Accept(id(person))));
    let accepted = join_all(accepting).await.into_iter().filter(Result::is_ok).count();
    let view = scene.parties.view(&scene.leader, party).await.unwrap();
    assert_eq!((accepted, view.card.taken, view.card.state), (3, 4, PartyState::Full));
    let asking = view.members.iter().filter(|member| member.state == MemberState::Requested).count();
    assert_eq!(asking, 37);
    let others = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!(others.members.len(), 4, "who asks is nobody's business but the leader's");
}
