//! The turnstile on both databases and among nodes: quantities, and what a newer program left behind.

use super::{
    messages::{Sent, Ticket},
    versions::NEWEST,
    *,
};
use crate::{
    cluster::{Shard, Stream, testing as redis_testing},
    db::Lane,
    outcomes,
};
use bytes::Bytes;
use model::{HOUR, Kind, MICROSECOND, RequestId};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};
use testing::{On, Place, both, eventually};
use uuid::Uuid;

/// Notes which events were to be read anew.
#[derive(Default)]
struct Missed(Mutex<HashSet<EventId>>);

impl Missed {
    fn has(&self, event: EventId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&event)
    }
}

impl Watcher for Missed {
    fn committed(&self, _: EventId, _: &Batch, _: LedgerState) {}
    fn revised(&self, _: &EventRules, _: LedgerState) {}
    fn missed(&self, event: EventId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(event);
    }
    fn published(&self, _: EventId, _: &[u8]) -> bool {
        false
    }
}

fn member() -> MemberId {
    MemberId(Uuid::from_u128(u128::from_be_bytes(crate::ids::random())))
}

/// An event that opened an hour ago, on a shard when one is asked for.
async fn open_event(db: &Db, clock: &Clock, on_shard: Option<Shard>) -> EventId {
    let event = std::iter::repeat_with(|| EventId(crate::ids::new_id(clock.now())))
        .find(|event| on_shard.is_none_or(|wanted| shard(*event) == wanted))
        .unwrap();
    open_as(db, clock, event).await;
    event
}

/// The same under an id.
pub(super) async fn open_as(db: &Db, clock: &Clock, event: EventId) {
    let (creator, now) = (member(), clock.now());
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql(
        "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
         values ($1, $2, $2, $2, '', 'creator', 'member', false, 1, $3)",
    )
    .bind(creator)
    .bind(creator.0.to_string())
    .bind(now)
    .run()
    .await
    .unwrap();
    tx.sql(
        "insert into events (id, request_id, creator_id, title, summary, description, category, kind, offer, capacity, rules,
            opens_at, closes_at, published_at, created_at)
         values ($1, $2, $3, '', '', '', 'other', $4, '{}', 5, '', $5, $6, $5, $5)",
    )
    .bind(event)
    .bind(RequestId(Uuid::from_u128(u128::from_be_bytes(crate::ids::random()))))
    .bind(creator)
    .bind(Kind::Giveaway)
    .bind(now + -HOUR)
    .bind(now + HOUR)
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn enter(turnstile: &Turnstile, event: EventId, clock: &Clock) -> Answer {
    turnstile.enter(event, member(), "수달".into(), clock.now(), None).await.unwrap()
}

async fn is_cancelled(turnstile: &Turnstile, event: EventId) -> bool {
    turnstile.event(event).await.unwrap().ledger.state().cancelled
}

async fn command_of(db: &Db, clock: &Clock, event: EventId, version: u8, text: &str) -> Uuid {
    let (id, now) = (crate::ids::new_id(clock.now()), clock.now());
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into commands (id, event_id, version, command, created_at) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(event)
        .bind(i64::from(version))
        .bind(text.to_owned())
        .bind(now)
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

async fn done_at(db: &Db, event: EventId) -> Vec<Option<Time>> {
    let rows: Vec<(Option<Time>,)> = db
        .sql("select done_at from commands where event_id = $1 order by created_at, id")
        .bind(event)
        .all()
        .await
        .unwrap();
    rows.into_iter().map(|(at,)| at).collect()
}

both!(entries_keep_their_quantity);
async fn entries_keep_their_quantity(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let event = open_event(&db, &clock, None).await;
    let mut quantities = HashMap::new();
    // A batch in which nobody asks for more than one, and one in which some do.
    for many in [false, true] {
        let loaded = store::load(&db, event).await.unwrap().unwrap();
        let mut sequencer = Sequencer::new(loaded.rules, Arc::new(loaded.ledger), outcomes::of);
        for n in 0..7 {
            let click = Click { member: member(), nickname: "수달".into(), stamped_at: clock.now() };
            let Answer::Entered(entry) = sequencer.click(&click, crate::ids::random()) else { panic!() };
            let quantity = if many && n % 3 == 0 { n + 2 } else { 1 };
            sequencer.ask_for(entry.rank, quantity);
            quantities.insert(click.member, quantity);
        }
        let mut tx = db.begin(Lane::Turnstile).await.unwrap();
        store::write(&mut tx, &[&sequencer], clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    let loaded = store::load(&db, event).await.unwrap().unwrap();
    for (member, quantity) in quantities {
        assert_eq!(loaded.ledger.entry(member).unwrap().quantity, quantity);
    }
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("update entries set quantity = 9 where event_id = $1 and rank = 8").bind(event).run().await.unwrap();
    tx.commit().await.unwrap();
    let (_, wrong) = crate::check(&db).await.unwrap();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].what.contains("rank 8 asks for 9, the log has 2"), "{}", wrong[0]);
}

both!(a_command_of_a_newer_program_waits_with_those_behind_it_and_holds_nothing_else_up, "multi_thread");
async fn a_command_of_a_newer_program_waits_with_those_behind_it_and_holds_nothing_else_up(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let turnstile = Turnstile::start(
        db.clone(),
        clock.clone(),
        Arc::<Missed>::default(),
        outcomes::of,
        Refusals::default(),
        &Tasks::surviving(),
    );
    let (newer, malformed, other) =
        (open_event(&db, &clock, None).await, open_event(&db, &clock, None).await, open_event(&db, &clock, None).await);
    let split = r#"{"command":"split","into":2}"#;
    let unread = [
        (newer, command_of(&db, &clock, newer, NEWEST + 1, split).await),
        (malformed, command_of(&db, &clock, malformed, NEWEST, split).await),
    ];
    let mut tx = db.begin(Lane::Other).await.unwrap();
    for event in [newer, malformed, other] {
        write_command(&mut tx, event, &Command::Cancel, clock.now() + MICROSECOND).await.unwrap();
    }
    tx.commit().await.unwrap();
    for event in [newer, malformed, other] {
        turnstile.wake(event).await;
    }
    eventually("another event's command is applied", async || is_cancelled(&turnstile, other).await).await;
    for event in [newer, malformed] {
        assert!(matches!(enter(&turnstile, event, &clock).await, Answer::Entered(_)), "clicks go on");
        assert!(!is_cancelled(&turnstile, event).await, "what is behind it may follow from it");
        assert_eq!(done_at(&db, event).await, [None, None]);
    }
    // A program that knows the command: this one knows "revise".
    for (event, id) in unread {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql("update commands set version = 1, command = $1 where id = $2")
            .bind(r#"{"command":"revise"}"#)
            .bind(id)
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        turnstile.wake(event).await;
        eventually("all are applied", async || is_cancelled(&turnstile, event).await).await;
        assert!(done_at(&db, event).await.iter().all(Option::is_some));
    }
    assert_eq!(crate::check(&db).await.unwrap(), (3, vec![]));
}

/// A node that reads what was written in any version up to `newest`.
fn node(db: &Db, clock: &Clock, redis: &crate::cluster::Redis, newest: u8) -> (Turnstile, Nodes, Arc<Missed>) {
    let tasks = Tasks::surviving();
    let (nodes, missed) = (Nodes::join(redis.clone(), &tasks), Arc::<Missed>::default());
    let refusals = Refusals::default();
    let (db, clock) = (db.clone(), clock.clone());
    let turnstile = Turnstile::join_reading(db, clock, missed.clone(), outcomes::of, refusals, &nodes, newest, &tasks);
    (turnstile, nodes, missed)
}

/// Puts a click into the queue of its event as a program of `version` writes it.
async fn append(db: &Db, redis: &crate::cluster::Redis, event: EventId, clock: &Clock, version: u8) -> MemberId {
    let click = Click { member: member(), nickname: "수달".into(), stamped_at: clock.now() };
    let pressed = click.member;
    let sent = Sent { event, click, ticket: Ticket { node: 1, number: 1 } }.encode();
    let bytes = Bytes::from([&[version], &sent[1..]].concat());
    let clicks = Clicks::new(redis.clone(), QUEUE);
    eventually("the click is in its queue", async || {
        let (generation,): (i64,) =
            db.sql("select generation from shards where id = $1").bind(i64::from(shard(event).0)).one().await.unwrap();
        let stream = Stream { shard: shard(event), generation: generation as u64 };
        clicks.append(stream, std::slice::from_ref(&bytes)).await.is_ok()
    })
    .await;
    pressed
}

async fn has_entered(db: &Db, event: EventId, member: MemberId) -> bool {
    let entered = db.sql("select 1 from entries where event_id = $1 and member_id = $2");
    entered.bind(event).bind(member).exists().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_of_a_newer_program_are_left_to_a_newer_node() {
    let place = Place::new(On::Postgres);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let redis = redis_testing::shared().await;
    let (older, older_nodes, _) = node(&db, &clock, &redis, NEWEST);
    let event = open_event(&db, &clock, None).await;
    assert!(matches!(enter(&older, event, &clock).await, Answer::Entered(_)));

    // Whoever wrote it is gone, and no node is there that could read it: others' clicks go on.
    let orphan = append(&db, &redis, event, &clock, NEWEST + 1).await;
    assert!(matches!(enter(&older, event, &clock).await, Answer::Entered(_)));
    assert!(!has_entered(&db, event, orphan).await);

    // With a newer node there, it decides that click, those behind it, and everything else.
    let (newer, newer_nodes, _) = node(&db, &clock, &redis, NEWEST + 1);
    let owned_by = async |nodes: &Nodes| -> Vec<(i64,)> {
        db.sql("select id from shards where node = $1").bind(nodes.node as i64).all().await.unwrap()
    };
    let half = usize::from(shards::SHARDS) / 2;
    eventually("both have their share", async || owned_by(&newer_nodes).await.len() == half).await;
    let owned = owned_by(&older_nodes).await;
    let event = open_event(&db, &clock, Some(Shard(owned[0].0 as u16))).await;
    let pressed = append(&db, &redis, event, &clock, NEWEST + 1).await;
    let behind = enter(&older, event, &clock).await;
    assert!(matches!(behind, Answer::Entered(entry) | Answer::Again(entry) if entry.rank == 2), "{behind:?}");
    eventually("it is decided", async || has_entered(&db, event, pressed).await).await;
    let all = usize::from(shards::SHARDS);
    eventually("the newer one sequences", async || owned_by(&newer_nodes).await.len() == all).await;

    // Its turn over, the older one sequences again.
    newer.hand_over().await;
    drop(newer);
    let event = open_event(&db, &clock, None).await;
    assert!(matches!(enter(&older, event, &clock).await, Answer::Entered(_)));
    assert_eq!(crate::check(&db).await.unwrap(), (3, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_a_newer_program_is_left_to_a_newer_node() {
    let place = Place::new(On::Postgres);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let redis = redis_testing::shared().await;
    let (older, ..) = node(&db, &clock, &redis, NEWEST);
    let event = open_event(&db, &clock, None).await;
    assert!(matches!(enter(&older, event, &clock).await, Answer::Entered(_)));
    // As a newer program reads it.
    command_of(&db, &clock, event, NEWEST + 1, r#"{"command":"cancel"}"#).await;
    older.wake(event).await;
    assert!(matches!(enter(&older, event, &clock).await, Answer::Entered(_)));
    assert_eq!(done_at(&db, event).await, [None]);
    let (_newer, ..) = node(&db, &clock, &redis, NEWEST + 1);
    eventually("the newer one applies it", async || done_at(&db, event).await[0].is_some()).await;
    eventually("the older one shows it", async || is_cancelled(&older, event).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_node_publishes_is_read_from_the_database() {
    let place = Place::new(On::Postgres);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let redis = redis_testing::shared().await;
    let (turnstile, nodes, missed) = node(&db, &clock, &redis, NEWEST);
    let future_publication = Bytes::from(vec![NEWEST + 1, 0, 0, 0, 0, 0, 0, 0, 9, 1, 2, 3]);
    let future_news = Bytes::from(format!(r#"{{"version":{},"message":{{"Sung":["la"]}}}}"#, NEWEST + 1));
    for message in [future_publication, future_news.clone()] {
        let event = open_event(&db, &clock, None).await;
        let before = turnstile.event(event).await.unwrap();
        nodes.bus.publish(Topic::Event(event), message).await.unwrap();
        eventually("it is read anew", async || missed.has(event)).await;
        let after = turnstile.event(event).await.unwrap();
        assert!(!Arc::ptr_eq(&before, &after));
        // What concerns its shard is passed over, and nothing stops.
        nodes.bus.publish(Topic::Shard(shard(event)), future_news.clone()).await.unwrap();
        assert!(matches!(enter(&turnstile, event, &clock).await, Answer::Entered(_)));
    }
}
