//! What members say: who reads it, and how long it is kept.

use super::*;
use std::collections::BTreeSet;

both!(only_members_read_what_members_say, "multi_thread");
async fn only_members_read_what_members_say(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(3).await;
    let party = scene.party(4, true).await;
    let Scene { parties, leader, .. } = &scene;
    for person in &people[..2] {
        scene.act(person, party, ASK).await.unwrap();
    }
    let (first, again) = (request(), "정문에서 봬요");
    assert_eq!(parties.say(leader, party, first, again).await.unwrap(), 1);
    assert_eq!(parties.say(leader, party, first, again).await.unwrap(), 1, "once");
    for outsider in [&people[2], &Actor::host(MemberId(Uuid::nil()))] {
        assert_eq!(refusal(parties.say(outsider, party, request(), "안녕").await), PartyError::NotJoined.into());
        assert_eq!(refusal(parties.lines(outsider, party, None).await), PartyError::NotJoined.into());
    }
    assert_eq!(refusal(parties.lines(&Actor::Visitor, party, None).await), Refusal::SignedOut);
    let nothing = PartyId(Uuid::nil());
    assert_eq!(refusal(parties.lines(leader, nothing, None).await), Refusal::NotFound);
    assert_eq!(refusal(parties.say(leader, nothing, request(), "안녕").await), Refusal::NotFound);
    // Numbers have no gaps, however many speak at once.
    let said = (0..6).map(|i| parties.say(&people[i % 2], party, request(), "네"));
    let numbers: BTreeSet<u64> = join_all(said).await.into_iter().filter_map(Result::ok).collect();
    let lines = parties.lines(leader, party, None).await.unwrap();
    assert_eq!(
        lines.iter().map(|line| line.number).collect::<Vec<_>>(),
        (1..=1 + numbers.len() as u64).collect::<Vec<_>>()
    );
    assert!(lines[0].mine && !lines[1].mine);
    let unread = async |who: &Actor| parties.view(who, party).await.unwrap().unread;
    let newest = lines.len() as u64;
    assert_eq!((unread(leader).await, unread(&Actor::Visitor).await), (newest - 1, 0));
    assert_eq!(parties.mine(leader, None).await.unwrap().parties.rows[0].unread, newest - 1);
    parties.read(leader, party, newest).await.unwrap();
    parties.read(leader, party, 1).await.unwrap();
    parties.read(leader, party, u64::MAX).await.unwrap();
    assert_eq!(unread(leader).await, 0);
    // Who is taken out reads nothing any more.
    scene.act(leader, party, Action::Remove(id(&people[0]))).await.unwrap();
    assert_eq!(refusal(parties.lines(&people[0], party, None).await), PartyError::NotJoined.into());
    assert_eq!(refusal(parties.say(&people[0], party, request(), "왜요").await), PartyError::NotJoined.into());
}

both!(who_is_taken_out_while_lines_are_read_for_them_is_told_none);
async fn who_is_taken_out_while_lines_are_read_for_them_is_told_none(on: On) {
    let scene = Scene::new(on).await;
    let people = scene.people(1).await;
    let party = scene.party(4, true).await;
    let Scene { parties, leader, .. } = &scene;
    scene.act(&people[0], party, ASK).await.unwrap();
    parties.say(leader, party, request(), "정문에서 봬요").await.unwrap();
    let reader = id(&people[0]);
    assert_eq!(parties.lines_after(reader, party, 0).await.unwrap().len(), 1);
    scene.act(leader, party, Action::Remove(reader)).await.unwrap();
    // As if whether they are a member had been asked before.
    let told = parties.said_after(reader, party, 0).await.unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(refusal(parties.lines_after(reader, party, 0).await), PartyError::NotJoined.into());
}

both!(what_was_said_long_ago_is_erased, "multi_thread");
async fn what_was_said_long_ago_is_erased(on: On) {
    let scene = Scene::new(on).await;
    let Scene { parties, leader, .. } = &scene;
    let people = scene.people(1).await;
    let (kept, erased) = (scene.met(&people).await, scene.met(&people).await);
    for party in [kept, erased] {
        parties.say(leader, party, request(), "주차장에서 봬요").await.unwrap();
        parties.read(&people[0], party, 1).await.unwrap();
        scene.act(leader, party, Action::Attended { member: id(&people[0]), came: false }).await.unwrap();
    }
    scene.clock.set(NOW);
    let open = scene.party(3, true).await;
    parties.ask(&people[0], open, "몇 시요?").await.unwrap();
    // One of the party of which an appeal waits, that was asked before it met.
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    let asked = tx
        .sql("insert into party_questions (id, party_id, member_id, at, text, answer) values ($1, $2, $3, $4, $5, $5)");
    let asked = asked.bind(Uuid::from_u128(59)).bind(kept).bind(id(&people[0])).bind(NOW).bind("어디요?".to_owned());
    asked.run().await.unwrap();
    tx.commit().await.unwrap();
    parties.appeal(&people[0], kept, "갔어요").await.unwrap();
    let lines = async |party| parties.lines(leader, party, None).await.unwrap().len();
    let count = async |sql: &'static str| scene.db.sql(sql).one::<(i64,)>().await.unwrap().0;
    scene.clock.set(NOW + 5 * HOUR + 160 * DAY);
    parties.erase().await.unwrap();
    assert_eq!((lines(kept).await, lines(erased).await), (1, 1));
    scene.clock.set(NOW + 5 * HOUR + 161 * DAY);
    parties.erase().await.unwrap();
    // Evidence, as long as an appeal waits for it.
    assert_eq!((lines(kept).await, lines(erased).await), (1, 0));
    assert_eq!(count("select count(*) from party_questions").await, 1);
    // Who speaks there again is read as new.
    assert_eq!(parties.say(leader, erased, request(), "안녕하세요").await.unwrap(), 1);
    assert_eq!(parties.view(&people[0], erased).await.unwrap().unread, 1);
    parties.decide(&Actor::System, kept, id(&people[0]), false, "아니에요").await.unwrap();
    parties.erase().await.unwrap();
    assert_eq!((lines(kept).await, count("select count(*) from party_questions").await), (0, 0));
    // What a transaction beside it may have kept goes from the files the next time, although nothing more is erased.
    if scene.db.dialect() == crate::db::Dialect::Postgres {
        let file = async || count("select pg_relation_filenode('party_lines')::bigint").await;
        let before = file().await;
        parties.erase().await.unwrap();
        let after = file().await;
        assert_ne!(after, before, "the table was not written anew");
        parties.erase().await.unwrap();
        assert_eq!(file().await, after, "it is done");
    }
}
