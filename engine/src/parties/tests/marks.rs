//! Marks, what they come to, and appeals against them.

use super::*;

both!(marks_that_come_at_once_count_once, "multi_thread");
async fn marks_that_come_at_once_count_once(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(3).await;
    let party = scene.met(&people).await;
    let mark = Action::Attended { member: id(&people[0]), came: false };
    let marks = join_all((0..40).map(|_| scene.act(&scene.leader, party, mark.clone()))).await;
    let done = marks.iter().filter(|done| done.is_ok()).count();
    assert_eq!(done, 1);
    for refused in marks.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(refused), PartyError::AlreadyMarked.into());
    }
    assert_eq!(scene.parties.standings.of(id(&people[0])).await.unwrap().penalties, 1);
    assert!(scene.told(&people[0]).await.contains(&PartyNews::Marked(PenaltyKind::NoShow)));
    // Of the three others more than half say that the leader did not come, all at once.
    scene.clock.set(NOW + 5 * HOUR + model::parties::LEADER_LATE);
    join_all(people.iter().map(|person| scene.act(person, party, Action::LeaderAbsent))).await;
    let penalties = scene.parties.penalties(&scene.leader).await.unwrap();
    assert_eq!((penalties.len(), penalties[0].kind), (1, PenaltyKind::AbsentLeader));
    assert_eq!(scene.parties.standings.of(id(&scene.leader)).await.unwrap().penalties, 1);
}

both!(standings_are_exact_after_every_change, "multi_thread");
async fn standings_are_exact_after_every_change(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(2).await;
    let who = &people[0];
    let standing = async || scene.parties.standings.of(id(who)).await.unwrap();
    assert_eq!((standing().await.penalties, standing().await.badge()), (0, None));
    let joined = scene.party(4, true).await;
    scene.act(who, joined, ASK).await.unwrap();
    let party = scene.met(&people).await;
    assert_eq!(standing().await.badge(), Some(Badge::Star), "one party done");
    let mut parties = vec![party];
    for count in 1..=3 {
        let party = *parties.last().unwrap();
        scene.act(&scene.leader, party, Action::Attended { member: id(who), came: false }).await.unwrap();
        assert_eq!(standing().await.penalties, count);
        if count < 3 {
            parties.push(scene.met(&people).await);
        }
    }
    assert_eq!(standing().await.badge(), Some(Badge::Ghost));
    // Blocked: no new party, no joining, nor being taken.
    scene.clock.set(NOW);
    let (open, asked) = (scene.party(4, true).await, scene.party(4, false).await);
    assert_eq!(refusal(scene.act(who, open, ASK).await), PartyError::Blocked.into());
    assert_eq!(refusal(scene.act(who, asked, ASK).await), PartyError::Blocked.into());
    let draft = scene.draft(3, true);
    assert_eq!(refusal(scene.parties.create(who, request(), &draft).await), PartyError::Blocked.into());
    // What they had joined goes on.
    scene.parties.say(who, joined, request(), "저는 가요").await.unwrap();
    let later = Meeting { from: NOW + 8 * HOUR, to: NOW + 9 * HOUR };
    scene.act(&scene.leader, joined, Action::Propose(later)).await.unwrap();
    scene.act(who, joined, Action::Agree(true)).await.unwrap();
    assert_eq!(scene.parties.view(who, joined).await.unwrap().card.meets, later);
    let view = scene.parties.view(&Actor::Visitor, parties[0]).await.unwrap();
    let badge = |member: MemberId| view.members.iter().find(|line| line.member == member).unwrap().badge;
    assert_eq!([badge(id(who)), badge(id(&people[1]))], [Some(Badge::Ghost), Some(Badge::Star)]);

    // Appealed against, once; an admin decides.
    scene.parties.appeal(who, parties[0], "아파서 미리 말했어요").await.unwrap();
    assert_eq!(refusal(scene.parties.appeal(who, parties[0], "또").await), PartyError::NotAppealable.into());
    assert_eq!(refusal(scene.parties.appeal(&people[1], parties[0], "나도").await), Refusal::NotFound);
    assert_eq!(standing().await.penalties, 3, "an appeal changes nothing yet");
    assert_eq!(refusal(scene.parties.appeals(who, None).await), Refusal::Forbidden);
    let appeals = scene.parties.appeals(&Actor::System, None).await.unwrap().rows;
    assert_eq!((appeals.len(), appeals[0].member, appeals[0].penalty.state), (1, id(who), AppealState::Open));
    let decide =
        async |who: &Actor| scene.parties.decide(who, parties[0], appeals[0].member, true, "대화에 있어요").await;
    assert_eq!(refusal(decide(&people[1]).await), Refusal::Forbidden);
    assert_eq!(refusal(decide(&Actor::simulated_admin(id(who), "")).await), Refusal::Forbidden, "their own");
    decide(&Actor::System).await.unwrap();
    assert_eq!(refusal(decide(&Actor::System).await), Refusal::NotFound);
    assert_eq!((standing().await.penalties, standing().await.badge()), (2, None));
    assert!(scene.told(who).await.contains(&PartyNews::Decided { granted: true }));
    scene.act(who, open, ASK).await.unwrap();
    let penalties = scene.parties.penalties(who).await.unwrap();
    assert_eq!(penalties.iter().filter(|penalty| penalty.counts).count(), 2);
    // They cease to count by themselves, also while they are remembered.
    for (after, count) in [(Span::from_micros(-1), 2), (Span::ZERO, 0)] {
        scene.clock.set(NOW + 5 * HOUR + 90 * DAY + after);
        assert_eq!(standing().await.penalties, count);
    }
}

#[tokio::test]
async fn what_another_node_changed_is_not_remembered_here() {
    let scene = Scene::new(On::Sqlite).await;
    let (people, bus) = (scene.people(1).await, scene.parties.bus.clone());
    let who = id(&people[0]);
    let (invalidation, db, clock) = (Invalidation::new(bus.clone()), scene.db.clone(), scene.clock.clone());
    let there = Parties::new(db, clock, Limits::default(), invalidation, bus, None);
    // Of what it is told alone.
    let hearing = there.standings.clone();
    let following = tokio::spawn(async move { hearing.hear().await });
    ::testing::eventually("it follows", async || there.standings.changes() > 0).await;
    let party = scene.met(&people).await;
    assert_eq!(there.standings.of(who).await.unwrap().penalties, 0);
    scene.act(&scene.leader, party, Action::Attended { member: who, came: false }).await.unwrap();
    let told = async || there.standings.of(who).await.unwrap().penalties == 1;
    ::testing::eventually("it is told", told).await;
    following.abort();
}

both!(what_nobody_told_of_is_seen_by_the_next_look, "multi_thread");
async fn what_nobody_told_of_is_seen_by_the_next_look(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(2).await;
    let who = id(&people[0]);
    // Another node, that hears nothing of this one: it ended before it could say something, or does not get through.
    let deaf = Invalidation::new(Bus::local());
    let there = Standings::new(scene.db.clone(), scene.clock.clone(), deaf);
    let standing = async |member: MemberId| {
        let standing = there.of(member).await.unwrap();
        (standing.penalties, standing.done)
    };
    let party = scene.party(3, true).await;
    for person in &people {
        scene.act(person, party, ASK).await.unwrap();
    }
    scene.clock.set(NOW + 5 * HOUR);
    let mut looked = standings::Looked::default();
    there.look(&mut looked).await.unwrap();
    assert_eq!(standing(who).await, (0, false));

    scene.act(&scene.leader, party, Action::Finish).await.unwrap();
    assert_eq!(standing(who).await, (0, false), "it is remembered");
    there.look(&mut looked).await.unwrap();
    assert_eq!(standing(who).await, (0, true));
    // At the same moment, of the same party.
    scene.act(&scene.leader, party, Action::Attended { member: who, came: false }).await.unwrap();
    assert_eq!(standing(who).await, (0, true));
    there.look(&mut looked).await.unwrap();
    assert_eq!(standing(who).await, (1, false));
    // Whoever has their number afterwards.
    let anew = crate::parties::testing::newcomer(&scene.db, 900).await;
    assert_eq!(standing(anew).await, (0, false));
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    let since = scene.clock.now();
    tx.sql("update phones set until = $2 where member_id = $1").bind(who).bind(since).run().await.unwrap();
    let confirmed = tx.sql(
        "insert into phones (member_id, hash, ending, since)
         select $2, hash, '0000', $3 from phones where member_id = $1",
    );
    confirmed.bind(who).bind(anew).bind(since).run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(standing(anew).await, (0, false));
    there.look(&mut looked).await.unwrap();
    assert_eq!(standing(anew).await, (1, false));
    scene.parties.appeal(&people[0], party, "아팠어요").await.unwrap();
    scene.parties.decide(&Actor::System, party, who, true, "그랬네요").await.unwrap();
    assert_eq!((standing(who).await, standing(anew).await), ((1, false), (1, false)));
    there.look(&mut looked).await.unwrap();
    assert_eq!((standing(who).await, standing(anew).await), ((0, false), (0, false)));
    // What was looked at before stays; whoever could not look for long remembers nothing.
    let before = there.changes();
    there.look(&mut looked).await.unwrap();
    assert_eq!(there.changes(), before);
    scene.clock.set(NOW + 5 * HOUR + 2 * MINUTE);
    there.look(&mut looked).await.unwrap();
    assert_eq!(there.changes(), before + 1);
}

both!(who_is_suspended_leaves_and_appeals_like_others);
async fn who_is_suspended_leaves_and_appeals_like_others(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let Actor::Member(session) = &people[0] else { unreachable!() };
    let mut session = (**session).clone();
    session.suspended = true;
    let suspended = Actor::Member(std::sync::Arc::new(session));
    let met = scene.met(&people).await;
    scene.act(&scene.leader, met, Action::Attended { member: id(&suspended), came: false }).await.unwrap();
    scene.parties.appeal(&suspended, met, "정지되어 갈 수 없었어요").await.unwrap();
    scene.clock.set(NOW);
    let (joined, asked) = (scene.party(3, true).await, scene.party(3, false).await);
    for party in [joined, asked] {
        scene.act(&people[0], party, ASK).await.unwrap();
        assert_eq!(refusal(scene.act(&suspended, party, Action::Agree(true)).await), Refusal::Suspended);
    }
    // Whoever could do nothing in it is not taken.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = $2 where id = $1").bind(id(&suspended)).bind(NOW).run().await.unwrap();
    tx.commit().await.unwrap();
    let accept = Action::Accept(id(&suspended));
    assert_eq!(refusal(scene.act(&scene.leader, asked, accept).await), PartyError::CannotJoin.into());
    scene.act(&suspended, joined, Action::Leave).await.unwrap();
    scene.act(&suspended, asked, Action::Withdraw).await.unwrap();
    assert_eq!(refusal(scene.act(&suspended, joined, ASK).await), Refusal::Suspended);
}

both!(penalties_and_appeals_come_to_what_a_plain_list_of_them_says, "multi_thread");
async fn penalties_and_appeals_come_to_what_a_plain_list_of_them_says(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let (who, parties) = (&people[0], &scene.parties);
    let mut random = StdRng::seed_from_u64(17);
    let mut marks: Vec<(PartyId, Time, AppealState)> = Vec::new();
    let (mut now, mut blocked) = (NOW, 0);
    for step in 0..100_u128 {
        now = now + random.random_range(0..20) * 12 * HOUR;
        scene.clock.set(now);
        let one = if marks.is_empty() { 0 } else { random.random_range(0..marks.len()) };
        match random.random_range(0..5) {
            2 if !marks.is_empty() => {
                let (party, at, state) = &mut marks[one];
                let done = parties.appeal(who, *party, "아팠어요").await;
                match *state == AppealState::None && now < *at + 90 * DAY {
                    true => {
                        done.unwrap();
                        *state = AppealState::Open;
                    }
                    false => assert_eq!(refusal(done), PartyError::NotAppealable.into()),
                }
            }
            3 if !marks.is_empty() => {
                let (party, _, state) = &mut marks[one];
                let granted = random.random_bool(0.5);
                let done = parties.decide(&Actor::System, *party, id(who), granted, "대화를 봤어요").await;
                match *state == AppealState::Open {
                    true => {
                        done.unwrap();
                        *state = if granted { AppealState::Granted } else { AppealState::Refused };
                    }
                    false => assert_eq!(refusal(done), Refusal::NotFound),
                }
            }
            4 => {}
            _ => {
                let (party, draft) = (PartyId(Uuid::from_u128(1 + step)), scene.draft(4, true));
                let mut tx = scene.db.begin(Lane::Other).await.unwrap();
                store::insert(&mut tx, party, request(), &Party::new(id(&scene.leader), &draft), &draft, NOW)
                    .await
                    .unwrap();
                let held = tx.hold_party(party).await.unwrap();
                // The second of the same party does not count.
                for at in [now, now + HOUR] {
                    penalties::write(&mut tx, held, id(who), PenaltyKind::NoShow, at).await.unwrap();
                }
                tx.commit().await.unwrap();
                parties.standings.invalidate_member(id(who));
                marks.push((party, now, AppealState::None));
            }
        }
        let counts =
            |(_, at, state): &&(PartyId, Time, AppealState)| *state != AppealState::Granted && now < *at + 90 * DAY;
        let counting = marks.iter().filter(counts).count();
        assert_eq!(parties.standing(who).await.unwrap().penalties as usize, counting, "step {step}");
        let shown = parties.penalties(who).await.unwrap();
        assert_eq!(shown.iter().filter(|penalty| penalty.counts).count(), counting);
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        let checked = standings::check(&mut tx, id(who), now).await;
        assert_eq!(checked.is_err(), counting >= 3);
        blocked += usize::from(counting >= 3);
    }
    assert!((10..90).contains(&blocked), "{blocked}");
    assert!(marks.iter().any(|(.., state)| *state == AppealState::Granted), "{marks:?}");
}

both!(what_is_remembered_of_standings_is_never_older_than_a_change, "multi_thread");
async fn what_is_remembered_of_standings_is_never_older_than_a_change(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let who = id(&people[0]);
    let standings = scene.parties.standings.clone();
    // What was read before a change is not remembered after it.
    let (before, stale) = (standings.changes(), Standing { penalties: 9, done: true });
    standings.invalidate_member(who);
    standings.remember(&[(who, stale, NOW + DAY)], before);
    assert_eq!(standings.of(who).await.unwrap(), Standing::default());
    standings.remember(&[(who, stale, NOW + DAY)], standings.changes());
    assert_eq!(standings.of(who).await.unwrap(), stale);
    standings.invalidate_member(who);
    // Others look all the time while marks come and go.
    let looking = standings.clone();
    let reader = tokio::spawn(async move {
        loop {
            looking.of(who).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    for count in 1..=30_u32 {
        let party = PartyId(Uuid::from_u128(count.into()));
        let mut tx = scene.db.begin(Lane::Other).await.unwrap();
        let held = tx.hold_party(party).await.unwrap();
        penalties::write(&mut tx, held, who, PenaltyKind::NoShow, NOW).await.unwrap();
        tx.commit().await.unwrap();
        standings.invalidate_member(who);
        for _ in 0..20 {
            assert_eq!(standings.of(who).await.unwrap().penalties, count);
            tokio::task::yield_now().await;
        }
    }
    reader.abort();
}
