//! The course of a party: made, changed, called off, and ended by itself.

use super::*;

both!(an_admin_calls_a_party_off_and_its_leader_hears_of_it);
async fn an_admin_calls_a_party_off_and_its_leader_hears_of_it(on: On) {
    let scene = Scene::new(on).await;
    let (party, people) = (scene.party(3, true).await, scene.people(2).await);
    scene.act(&people[0], party, ASK).await.unwrap();
    let cancel = async |who: &Actor, reason: &str| scene.parties.cancel_by_admin(who, party, reason).await;
    for who in [&scene.leader, &people[0], &people[1]] {
        assert_eq!(refusal(cancel(who, "사기 신고").await), Refusal::Forbidden);
    }
    assert!(matches!(refusal(cancel(&Actor::System, "").await), Refusal::Invalid { .. }));
    cancel(&Actor::System, "사기 신고").await.unwrap();
    assert!(cancel(&Actor::System, "다시").await.is_err(), "once");
    let view = scene.parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!(view.card.state, PartyState::Cancelled);
    let told = PartyNews::Cancelled { reason: "사기 신고".into() };
    assert!(scene.told(&scene.leader).await.contains(&told) && scene.told(&people[0]).await.contains(&told));
    assert!(scene.told(&people[1]).await.is_empty(), "who is not in it hears nothing");
    let noted = scene.db.sql("select party_id, member_id, reason from audit where action = 'cancel_party'");
    let noted: Vec<(PartyId, MemberId, String)> = noted.all().await.unwrap();
    assert_eq!(noted, [(party, id(&scene.leader), "사기 신고".to_owned())]);
}

both!(whoever_asked_is_told_when_the_leader_leaves_the_site);
async fn whoever_asked_is_told_when_the_leader_leaves_the_site(on: On) {
    let scene = Scene::new(on).await;
    let (party, people) = (scene.party(3, false).await, scene.people(1).await);
    scene.act(&people[0], party, ASK).await.unwrap();
    let hash = scene.db.sql("select password_hash from members where id = $1").bind(id(&scene.leader));
    let (hash,): (String,) = hash.one().await.unwrap();
    crate::personal::leave(&scene.db, id(&scene.leader), &hash, &[], NOW).await.unwrap();
    let view = scene.parties.view(&people[0], party).await.unwrap();
    assert_eq!(view.card.state, PartyState::Cancelled);
    assert!(view.reason.contains("리더가 사이트를 떠났어요"), "{}", view.reason);
    assert_eq!(scene.told(&people[0]).await, [PartyNews::Cancelled { reason: view.reason }]);
}

both!(parties_are_made_and_changed_by_their_leader);
async fn parties_are_made_and_changed_by_their_leader(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(2).await;
    let once = request();
    let party = parties.create(leader, once, &scene.draft(3, false)).await.unwrap();
    assert_eq!(parties.create(leader, once, &scene.draft(5, true)).await.unwrap(), party, "once");
    assert_eq!(refusal(parties.create(&people[0], once, &scene.draft(5, true)).await), Refusal::Malformed);
    assert_eq!(refusal(parties.create(&Actor::Visitor, request(), &scene.draft(3, true)).await), Refusal::SignedOut);
    let nowhere = PartyDraft { market: MarketId(Uuid::nil()), ..scene.draft(3, true) };
    assert_eq!(refusal(parties.create(leader, request(), &nowhere).await), Refusal::NotFound);
    assert_eq!(refusal(parties.edit(leader, party, &nowhere).await), Refusal::NotFound);
    let changed = PartyDraft { unit: "병".into(), ..scene.draft(4, false) };
    parties.edit(leader, party, &changed).await.unwrap();
    assert_eq!(refusal(parties.edit(&people[0], party, &changed).await), Refusal::Forbidden);
    let view = parties.view(leader, party).await.unwrap();
    assert_eq!((view.unit.as_str(), view.card.wanted, view.card.each, view.editable), ("병", 4, 2_500, true));
    // A market that was hidden meanwhile stays theirs, and is nobody else's.
    scene.markets.set_hidden(&Actor::System, scene.market, true, "없어진 곳").await.unwrap();
    parties.edit(leader, party, &changed).await.unwrap();
    assert_eq!(refusal(parties.create(leader, request(), &changed).await), Refusal::NotFound);
    scene.markets.set_hidden(&Actor::System, scene.market, false, "다시 열었음").await.unwrap();

    scene.act(&people[0], party, Action::Request { shares: 2 }).await.unwrap();
    assert_eq!(refusal(parties.edit(leader, party, &changed).await), PartyError::NotAlone.into());
    assert_eq!(scene.told(leader).await, [PartyNews::Requested]);
    scene.act(leader, party, Action::Accept(id(&people[0]))).await.unwrap();
    assert_eq!(scene.told(&people[0]).await, [PartyNews::Accepted]);
    parties.ask(&people[1], party, "몇 시까지 있어요?").await.unwrap();
    assert_eq!(refusal(parties.ask(leader, party, "나요?").await), PartyError::OwnParty.into());
    let question = parties.view(&people[1], party).await.unwrap().questions.remove(0);
    assert_eq!(refusal(parties.answer(&people[1], question.id, "글쎄요").await), Refusal::NotFound);
    parties.answer(leader, question.id, "네 시요").await.unwrap();
    let view = parties.view(&Actor::Visitor, party).await.unwrap();
    assert_eq!((view.questions[0].answer.as_str(), view.mine), ("네 시요", None));
    // Who is asked is told, and who asked, of the first answer.
    parties.answer(leader, question.id, "다섯 시요").await.unwrap();
    assert!(scene.told(leader).await.contains(&PartyNews::Asked));
    assert_eq!(scene.told(&people[1]).await, [PartyNews::Answered]);
    // Five of one member; what the leader or an admin hides is not shown.
    let fresh = || Parties { limits: Limits::default(), ..parties.clone() };
    for _ in 0..4 {
        fresh().ask(&people[1], party, "정말요?").await.unwrap();
    }
    let sixth = refusal(fresh().ask(&people[1], party, "아직도요?").await);
    assert!(matches!(sixth, Refusal::TooMany { retry_after: 60 }), "{sixth}");
    assert_eq!(refusal(parties.hide_question(&people[0], question.id).await), Refusal::NotFound);
    parties.hide_question(leader, question.id).await.unwrap();
    assert_eq!(refusal(parties.hide_question(leader, question.id).await), Refusal::NotFound, "once");
    let admin = Actor::simulated_admin(id(&people[0]), "");
    let questions = async || parties.view(&Actor::Visitor, party).await.unwrap().questions;
    parties.hide_question(&admin, questions().await[0].id).await.unwrap();
    assert_eq!(questions().await.len(), 3);
    let noted = scene.db.sql("select party_id, member_id, reason from audit where action = 'hide_line'");
    let noted: Vec<(PartyId, MemberId, String)> = noted.all().await.unwrap();
    assert_eq!(noted, [(party, id(&people[1]), String::new())]);
    let amounts: Vec<_> = view.members.iter().map(|line| (line.leader, line.amount)).collect();
    assert_eq!(amounts, [(true, 2_500), (false, 5_000)]);
    let mine = parties.mine(&people[0], None).await.unwrap();
    assert_eq!(
        (mine.parties.rows.len(), mine.parties.rows[0].leader, mine.parties.rows[0].mine),
        (1, false, MemberState::Joined)
    );

    for (from, to) in [("2020-01-01T10:00", "2020-01-01T11:00"), ("", ""), ("2026-11-27T10:00", "2026-11-27T09:00")] {
        assert!(matches!(refusal(parties.propose(leader, party, from, to).await), Refusal::Invalid { .. }), "{from}");
    }
    assert!(matches!(refusal(parties.cancel(leader, party, " ").await), Refusal::Invalid { .. }));
    parties.cancel(leader, party, "비가 와요").await.unwrap();
    assert!(scene.told(&people[0]).await.contains(&PartyNews::Cancelled { reason: "비가 와요".into() }));
    assert_eq!(parties.view(&Actor::Visitor, party).await.unwrap().reason, "비가 와요");
    assert_eq!(refusal(scene.act(&people[1], party, ASK).await), PartyError::PartyOver.into());
    assert_eq!(refusal(scene.act(leader, PartyId(Uuid::nil()), Action::Finish).await), Refusal::NotFound);
}

both!(a_party_goes_ahead_meets_at_another_time_and_falls_apart);
async fn a_party_goes_ahead_meets_at_another_time_and_falls_apart(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(3).await;
    let (party, asked) = (scene.party(6, true).await, scene.party(3, false).await);
    let view = async |who: &Actor| parties.view(who, party).await.unwrap();
    // Whoever is taken may think again.
    scene.act(&people[0], asked, ASK).await.unwrap();
    scene.act(leader, asked, Action::Accept(id(&people[0]))).await.unwrap();
    let taken = parties.view(&people[0], asked).await.unwrap();
    assert_eq!(taken.free_until, Some(NOW + 30 * MINUTE));

    for person in &people {
        scene.act(person, party, ASK).await.unwrap();
    }
    scene.act(leader, party, Action::GoAhead).await.unwrap();
    let seen = view(leader).await;
    assert_eq!((seen.card.state, seen.card.wanted, seen.card.each), (PartyState::Full, 4, 2_500));
    let other = Meeting { from: NOW + 8 * HOUR, to: NOW + 9 * HOUR };
    parties.propose(leader, party, &other.from.to_local(), &other.to.to_local()).await.unwrap();
    assert_eq!(view(leader).await.proposed, Some(other));
    for person in &people {
        scene.act(person, party, Action::Agree(true)).await.unwrap();
    }
    let seen = view(leader).await;
    assert_eq!((seen.card.meets, seen.proposed), (other, None));

    // Somebody leaves late: the others see their new shares, and leave freely, until too few are left.
    let late = other.from - HOUR;
    scene.clock.set(late);
    scene.act(&people[0], party, Action::Leave).await.unwrap();
    assert_eq!(view(&people[0]).await.mine, Some(MemberState::LeftLate));
    let seen = view(&people[1]).await;
    assert_eq!((seen.card.state, seen.card.wanted, seen.card.each), (PartyState::Full, 3, 3_333));
    assert_eq!((seen.free_until, seen.late), (Some(late + 30 * MINUTE), false));
    for person in &people[1..] {
        scene.act(person, party, Action::Leave).await.unwrap();
        assert_eq!(view(person).await.mine, Some(MemberState::Left));
    }
    let seen = view(leader).await;
    assert_eq!((seen.card.state, seen.reason.as_str(), seen.ended_at), (PartyState::Cancelled, "", Some(late)));
    assert!(scene.told(leader).await.contains(&PartyNews::Cancelled { reason: String::new() }));
}

both!(a_party_ends_by_itself_a_day_after_it_met);
async fn a_party_ends_by_itself_a_day_after_it_met(on: On) {
    let scene = Scene::new(on).await;
    let (party, to) = (scene.party(3, true).await, NOW + 6 * HOUR);
    let written = async || {
        let state = scene.db.sql("select state from parties where id = $1").bind(party);
        state.one::<(PartyState,)>().await.unwrap().0
    };
    for (now, shown, kept) in [
        (to + DAY - MINUTE, PartyState::Recruiting, PartyState::Recruiting),
        (to + DAY, PartyState::Expired, PartyState::Expired),
    ] {
        scene.clock.set(now);
        assert_eq!(scene.parties.view(&Actor::Visitor, party).await.unwrap().card.state, shown);
        scene.parties.expire().await.unwrap();
        assert_eq!(written().await, kept);
    }
    assert_eq!(refusal(scene.act(&scene.leader, party, Action::Finish).await), PartyError::PartyOver.into());
}

both!(many_parties_end_by_themselves, "multi_thread");
async fn many_parties_end_by_themselves(on: On) {
    let scene = Scene::new(on).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    for number in 0..1_201_u128 {
        let draft = scene.draft(4, true);
        let made = PartyId(Uuid::from_u128(1 + number));
        store::insert(&mut tx, made, request(), &Party::new(id(&scene.leader), &draft), &draft, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    let open = scene.party(4, true).await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update parties set meets_to = $2 where id = $1").bind(open).bind(NOW + 9 * HOUR).run().await.unwrap();
    tx.commit().await.unwrap();
    scene.clock.set(NOW + 6 * HOUR + DAY);
    let (one, other) = (scene.parties.clone(), scene.parties.clone());
    // Two nodes at once, in steps.
    let (one, other) = tokio::join!(one.expire(), other.expire());
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let left: Vec<(PartyId,)> = scene.db.sql("select id from parties where state <> 'expired'").all().await.unwrap();
    assert_eq!(left, [(open,)]);
}
