use super::*;
use crate::{
    accounts,
    cluster::{Bus, Stale, testing as cluster},
    db::Lane,
    ids,
};
use std::sync::atomic::Ordering;
use testing::{On, both};

#[tokio::test]
async fn a_forged_token_is_read_once_and_a_new_session_counts_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::system());
    let sessions = [(); 2].map(|()| Sessions::new(db.clone(), clock.clone(), Invalidation::new(Bus::local())));
    let member = accounts::testing::member(&db, 1).await;
    let forged = SessionToken::unsealed(ids::random());
    assert!(sessions[0].of(&forged).await.unwrap().is_none());
    // Were it read again, this would be found.
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)")
        .bind(forged.hash().to_vec())
        .bind(member)
        .bind(clock.now() + VISIT)
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(sessions[0].of(&forged).await.unwrap().is_none(), "what nobody held is remembered");
    assert!(sessions[1].of(&forged).await.unwrap().is_some());
    let token = sessions[0].start(member, "test").await.unwrap();
    for node in &sessions {
        assert!(node.of(&token).await.unwrap().is_some(), "a new session counts at once");
    }
}

/// What one node changes, another believes no longer.
async fn forgotten_elsewhere(bus: Bus) {
    let folder = tempfile::tempdir().unwrap();
    let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::system());
    let [here, there] = [(); 2].map(|()| Sessions::new(db.clone(), clock.clone(), Invalidation::new(bus.clone())));
    let mut told = there.invalidation.subscribe();
    assert_eq!(cluster::soon("it comes", told.next()).await, Stale::Anything);
    let member = accounts::testing::member(&db, 1).await;
    let change = async |text: &'static str| {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(text).bind(member).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    let tokens = here.start_many(&[member, member], "test").await.unwrap();
    let nickname = async |token| there.of(token).await.unwrap().map(|session| session.nickname.to_string());
    assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("neighbour 1"));
    assert_eq!(nickname(&tokens[1]).await.as_deref(), Some("neighbour 1"));

    change("update members set nickname = '해달' where id = $1").await;
    assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("neighbour 1"), "remembered");
    here.invalidate_member(member);
    there.invalidate(cluster::soon("it comes", told.next()).await);
    assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("해달"));

    here.end(&tokens[0]).await.unwrap();
    there.invalidate(cluster::soon("it comes", told.next()).await);
    assert_eq!(nickname(&tokens[0]).await, None);

    // A message was missed: what is remembered is read anew, while requests still get the old.
    assert_eq!(nickname(&tokens[1]).await.as_deref(), Some("해달"));
    change("update members set nickname = '물개' where id = $1").await;
    there.invalidate(Stale::Anything);
    cluster::eventually("it is read anew", async || nickname(&tokens[1]).await.as_deref() == Some("물개")).await;
}

#[tokio::test]
async fn what_one_node_changes_is_forgotten_elsewhere() {
    forgotten_elsewhere(Bus::local()).await;
    let tasks = crate::tasks::Tasks::surviving();
    forgotten_elsewhere(Bus::redis(cluster::shared().await, &tasks)).await;
}

#[tokio::test]
async fn a_session_that_cannot_be_read_anew_is_believed_for_five_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let start = Time(1_795_258_800 * model::SECOND.micros());
    let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::manual(start));
    let sessions = Sessions::new(db.clone(), clock.clone(), Invalidation::new(Bus::local()));
    let member = accounts::testing::member(&db, 1).await;
    let token = sessions.start(member, "test").await.unwrap();
    assert!(sessions.of(&token).await.unwrap().is_some());
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("alter table sessions rename to away").run().await.unwrap();
    tx.commit().await.unwrap();
    let failed = || sessions.reads.load(Ordering::Relaxed) - 1;
    // Where it may have changed it is tried at once, and sooner again.
    let asked = [(29, 0), (30, 1), (59, 1), (60, 2), (62, 3), (63, 4), (299, 5)];
    for (seconds, reads) in asked {
        clock.set(start + model::SECOND.times(seconds));
        if seconds == 62 {
            sessions.invalidate(Stale::Anything);
        }
        assert!(sessions.of(&token).await.unwrap().is_some(), "after {seconds} s");
        cluster::eventually("it is tried", async || failed() == reads).await;
    }
    clock.set(start + model::SECOND.times(300));
    assert!(sessions.of(&token).await.is_err(), "nobody knows any more whose it is");
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("alter table away rename to sessions").run().await.unwrap();
    tx.commit().await.unwrap();
    assert!(sessions.of(&token).await.unwrap().is_some());
}

/// Sessions of one member, which are read anew whenever they are used.
async fn doubted(place: &testing::Place) -> (Sessions, Vec<SessionToken>) {
    let (db, clock) = (Db::at(place).await, Clock::system());
    let sessions = Sessions::new(db.clone(), clock, Invalidation::new(Bus::local()));
    let member = accounts::testing::member(&db, 1).await;
    let tokens = sessions.start_many(&[member; 400], "test").await.unwrap();
    for token in &tokens {
        assert!(sessions.of(token).await.unwrap().is_some());
    }
    (sessions, tokens)
}

both!(a_session_that_ended_stays_ended_whoever_is_reading_it, "multi_thread");
async fn a_session_that_ended_stays_ended_whoever_is_reading_it(on: On) {
    let place = testing::Place::new(on);
    let (sessions, tokens) = doubted(&place).await;
    for some in tokens[..200].chunks(10) {
        let both = some.iter().map(async |token| {
            let ended = std::sync::atomic::AtomicBool::new(false);
            // Read anew again and again until it has ended, at some moment of that.
            let using = async {
                while !ended.load(Ordering::Relaxed) {
                    sessions.invalidate(Stale::Anything);
                    sessions.of(token).await.unwrap();
                    tokio::time::sleep(std::time::Duration::from_micros(200)).await;
                }
            };
            let ending = async {
                sessions.end(token).await.unwrap();
                ended.store(true, Ordering::Relaxed);
            };
            tokio::join!(using, ending);
        });
        futures::future::join_all(both).await;
        // As many may be read in a second.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    // Whatever was being read in the background is read by now.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    for token in &tokens[..200] {
        assert!(sessions.of(token).await.unwrap().is_none(), "it came back");
    }
}

both!(a_member_whom_others_were_reading_is_suspended_at_once, "multi_thread");
async fn a_member_whom_others_were_reading_is_suspended_at_once(on: On) {
    let place = testing::Place::new(on);
    let (sessions, tokens) = doubted(&place).await;
    // Ten times as many as are being read at one moment.
    let tokens = &tokens[..100];
    let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
    for round in 0..20 {
        let suspended = round % 2 == 0;
        // None is remembered: all are being read while it happens.
        sessions.invalidate(Stale::Member(member));
        let reading = futures::future::join_all(tokens.iter().map(|token| sessions.of(token)));
        let suspending = async {
            let text = if suspended {
                "update members set suspended_at = 1 where id = $1"
            } else {
                "update members set suspended_at = null where id = $1"
            };
            let mut tx = sessions.db.begin(Lane::Other).await.unwrap();
            tx.sql(text).bind(member).run().await.unwrap();
            tx.commit().await.unwrap();
            sessions.invalidate_member(member);
        };
        tokio::join!(reading, suspending);
        for token in tokens {
            assert_eq!(sessions.of(token).await.unwrap().unwrap().suspended, suspended, "round {round}");
        }
    }
}

/// Sessions as older programs began them.
async fn older(sessions: &Sessions, member: MemberId, count: usize) -> Vec<SessionToken> {
    let tokens: Vec<_> = (0..count).map(|_| SessionToken::unsealed(ids::random())).collect();
    keep(sessions, member, &tokens).await;
    tokens
}

/// Has the database know sessions by their tokens.
async fn keep(sessions: &Sessions, member: MemberId, tokens: &[SessionToken]) {
    let mut tx = sessions.db.begin(Lane::Other).await.unwrap();
    for token in tokens {
        tx.sql(
            "insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)",
        )
        .bind(token.hash().to_vec())
        .bind(member)
        .bind(sessions.clock.now() + VISIT)
        .run()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
}

both!(tokens_of_either_length_are_somebodys);
async fn tokens_of_either_length_are_somebodys(on: On) {
    let place = testing::Place::new(on);
    let (sessions, tokens) = doubted(&place).await;
    let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
    let seal = sessions.seal().await.unwrap();
    let (older, nobodys) = (seal.older_token(), seal.older_token());
    keep(&sessions, member, &[older]).await;
    // As a browser sends them to a program that was started anew, which tells by their seal that they are ours.
    let sessions = Sessions::new(Db::at(&place).await, sessions.clock.clone(), Invalidation::new(Bus::local()));
    for (token, length, is_somebodys) in [(tokens[1], 80, true), (older, 64, true), (nobodys, 64, false)] {
        let text = token.to_string();
        assert_eq!(text.len(), length);
        let token: SessionToken = text.parse().unwrap();
        assert_eq!(sessions.of(&token).await.unwrap().map(|found| found.member), is_somebodys.then_some(member));
    }
    assert_eq!(sessions.unsealed.reads.load(Ordering::Relaxed), 0);
}

both!(tokens_that_are_made_up_are_looked_for_a_few_times_in_all, "multi_thread");
async fn tokens_that_are_made_up_are_looked_for_a_few_times_in_all(on: On) {
    const MADE_UP: usize = 2_000;
    let place = testing::Place::new(on);
    let (sessions, tokens) = doubted(&place).await;
    let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
    let older = older(&sessions, member, 20).await;
    // Of the same site, and none of them in its memory.
    let sessions = Sessions::new(Db::at(&place).await, sessions.clock.clone(), Invalidation::new(Bus::local()));
    let made_up: Vec<_> = (0..MADE_UP).map(|_| SessionToken::unsealed(ids::random())).collect();
    let asking = made_up.iter().chain(&older).chain(&tokens[..20]).map(|token| sessions.of(token));
    let found = futures::future::join_all(asking).await;
    let is_somebody: Vec<bool> = found.into_iter().map(|found| found.unwrap().is_some()).collect();
    assert!(is_somebody[..MADE_UP].iter().all(|found| !found));
    assert!(is_somebody[MADE_UP..].iter().all(|found| *found), "whoever is signed in still is");
    let reads = sessions.reads.load(Ordering::Relaxed);
    assert_eq!(reads, 40, "each of those that are somebody's");
    let together = sessions.unsealed.reads.load(Ordering::Relaxed);
    assert!((1..=20).contains(&together), "{together} reads for {MADE_UP}");
    // Made up again they are not looked for.
    let asking = made_up.iter().map(|token| sessions.of(token));
    assert!(futures::future::join_all(asking).await.into_iter().all(|found| found.unwrap().is_none()));
    assert_eq!(sessions.unsealed.reads.load(Ordering::Relaxed), together);
}

both!(an_older_token_is_looked_for_like_any_other_once_it_has_its_seal);
async fn an_older_token_is_looked_for_like_any_other_once_it_has_its_seal(on: On) {
    let place = testing::Place::new(on);
    let (sessions, tokens) = doubted(&place).await;
    let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
    let token = older(&sessions, member, 1).await[0];
    let seal = sessions.seal_beside(&token).await.unwrap();
    assert_eq!(sessions.seal_beside(&tokens[0]).await.unwrap(), None);
    let reads = || sessions.unsealed.reads.load(Ordering::Relaxed);
    let before = reads();
    assert!(sessions.of(&token.with_seal(seal.as_deref())).await.unwrap().is_some());
    assert_eq!(reads(), before);
    sessions.end(&token).await.unwrap();
    assert!(sessions.of(&token.with_seal(seal.as_deref())).await.unwrap().is_none(), "it ends as it is");
    assert_eq!(reads(), before);
}
