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
use model::{
    Checkout, Due, EntryState, HOUR, LinePlace, MICROSECOND, MINUTE, Offer, RequestId, SECOND, sales::OrderState,
};
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};
use testing::{On, Place, both, eventually, usual_time};
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
    open_offering(db, clock, event, &Offer::Giveaway { prizes: vec![] }, 5).await;
}

/// The same with something on offer.
async fn open_offering(db: &Db, clock: &Clock, event: EventId, offer: &Offer, capacity: u64) {
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
         values ($1, $2, $3, '', '', '', 'other', $4, $7, $8, '', $5, $6, $5, $5)",
    )
    .bind(event)
    .bind(RequestId(Uuid::from_u128(u128::from_be_bytes(crate::ids::random()))))
    .bind(creator)
    .bind(offer.kind())
    .bind(now + -HOUR)
    .bind(now + HOUR)
    .bind(serde_json::to_string(offer).unwrap())
    .bind(capacity as i64)
    .run()
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn enter(turnstile: &Turnstile, event: EventId, clock: &Clock) -> ClickAnswer {
    turnstile.enter(event, member(), "수달".into(), clock.now(), None, None).await.unwrap()
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

fn deal(stock: u64, checkout: Checkout) -> Offer {
    Offer::Deal {
        list_price: 10_000,
        discount: 15,
        stock,
        limit: 3,
        delivery: String::new(),
        checkout,
        details: vec![],
    }
}

/// A turnstile on its own.
fn alone(db: &Db, clock: &Clock) -> Turnstile {
    let (db, clock) = (db.clone(), clock.clone());
    let (watcher, refusals) = (Arc::<Missed>::default(), Refusals::default());
    Turnstile::start(db, clock, watcher, outcomes::of, refusals, &Tasks::surviving())
}

async fn buy(turnstile: &Turnstile, event: EventId, clock: &Clock, quantity: u32, fewer: bool) -> (MemberId, Entry) {
    let (member, wish) = (member(), Some(Wish { quantity, fewer }));
    let answer = turnstile.enter(event, member, "수달".into(), clock.now(), None, wish).await.unwrap();
    let ClickAnswer::Entered(entry) = answer else { panic!("{answer:?}") };
    (member, entry)
}

async fn tell(db: &Db, clock: &Clock, turnstile: &Turnstile, event: EventId, command: Command) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    write_command(&mut tx, event, &command, clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    turnstile.wake(event).await;
    eventually("it is applied", async || done_at(db, event).await.iter().all(Option::is_some)).await;
}

/// Changes an order, as the code that then sends the command does first.
async fn order_is(db: &Db, event: EventId, rank: i64, state: OrderState) {
    let mut tx = db.begin(Lane::Other).await.unwrap();
    let update = tx.sql("update orders set state = $3, due_at = null where event_id = $1 and rank = $2");
    assert_eq!(update.bind(event).bind(rank).bind(state).run().await.unwrap(), 1);
    tx.commit().await.unwrap();
}

async fn entry_of(turnstile: &Turnstile, event: EventId, member: MemberId) -> Entry {
    turnstile.entry(event, member).await.unwrap().unwrap()
}

both!(a_sale_is_kept_with_its_units_and_deadlines, "multi_thread");
async fn a_sale_is_kept_with_its_units_and_deadlines(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let turnstile = alone(&db, &clock);
    let (event, giveaway) = (EventId(crate::ids::new_id(clock.now())), open_event(&db, &clock, None).await);
    let checkout = Checkout { minutes: Some(5), at_once: Some(2) };
    open_offering(&db, &clock, event, &deal(5, checkout), 5).await;
    // Beside a giveaway, in the same batches.
    let others = async {
        for _ in 0..8 {
            enter(&turnstile, giveaway, &clock).await;
        }
    };
    let buying = async {
        let mut bought = Vec::new();
        for (quantity, fewer) in [(2, false), (1, false), (1, false), (2, true), (2, false), (1, false)] {
            bought.push(buy(&turnstile, event, &clock, quantity, fewer).await);
        }
        bought
    };
    let (bought, ()) = tokio::join!(buying, others);
    use EntryState::{Checkout as Paying, Expired, Given, Left, Paid, Standby};
    let states: Vec<_> = bought.iter().map(|(_, entry)| (entry.state, entry.units)).collect();
    assert_eq!(states, [(Paying, 2), (Paying, 1), (Given, 1), (Given, 1), (Standby, 0), (Standby, 0)]);
    let due_at = bought[0].1.due_at().unwrap();
    assert_eq!(due_at, bought[0].1.entered_at + 5 * MINUTE);
    let place_of = async |rank: u64| turnstile.event(event).await.unwrap().ledger.line(rank);
    assert_eq!(place_of(6).await, Some(LinePlace { number: 4, ahead: 3, ahead_units: 2 }));
    for refused in [0, 4] {
        let wish = Some(Wish { quantity: refused, fewer: true });
        let answer = turnstile.enter(event, member(), "수달".into(), clock.now(), None, wish).await.unwrap();
        assert_eq!(answer, ClickAnswer::Refused(EntryError::Quantity.into()));
    }

    order_is(&db, event, 2, OrderState::Paid).await;
    tell(&db, &clock, &turnstile, event, Command::Paid { rank: 2 }).await;
    order_is(&db, event, 1, OrderState::Cancelled).await;
    tell(&db, &clock, &turnstile, event, Command::Expired { rank: 1, due_at: due_at + MICROSECOND }).await;
    tell(&db, &clock, &turnstile, event, Command::Expired { rank: 1, due_at }).await;
    tell(&db, &clock, &turnstile, event, Command::Left { rank: 6 }).await;
    let mut expected = [(Expired, 0), (Paid, 1), (Paying, 1), (Paying, 1), (Given, 2), (Left, 0)].to_vec();
    let again = alone(&db, &clock);
    for turnstile in [&turnstile, &again] {
        let mut now = Vec::new();
        for (member, entered) in &bought {
            let entry = entry_of(turnstile, event, *member).await;
            assert_eq!((entry.quantity, entry.fewer), (entered.quantity, entered.fewer));
            assert_eq!(entry.due_at().is_some(), entry.state == Paying);
            now.push((entry.state, entry.units));
        }
        assert_eq!(now, expected);
    }
    assert_eq!(crate::check(&db).await.unwrap(), (2, vec![]));
    drop(again);

    // Some of what was paid for comes back, and who had left joins at the end.
    order_is(&db, event, 2, OrderState::Refunded).await;
    tell(&db, &clock, &turnstile, event, Command::Returned { rank: 2, units: 1 }).await;
    let (joins_again, _) = bought[5];
    let answer = turnstile.enter(event, joins_again, "수달".into(), clock.now(), None, None).await.unwrap();
    let ClickAnswer::Entered(second) = answer else { panic!("{answer:?}") };
    assert_eq!((second.rank, second.again, second.quantity, second.state, second.units), (7, true, 1, Given, 1));
    let read = alone(&db, &clock);
    assert_eq!(entry_of(&read, event, joins_again).await, second, "the second is theirs, also when it is read anew");
    expected.truncate(0);

    assert_eq!(crate::check(&db).await.unwrap(), (2, vec![]));
    let sums: (i64, i64) =
        db.sql("select sold, held from tallies where event_id = $1").bind(event).one().await.unwrap();
    assert_eq!(sums, (0, 5));
    let none: (Option<i64>, Option<i64>) = db
        .sql("select sold, units from tallies t join entries e on e.event_id = t.event_id where t.event_id = $1 and rank = 1")
        .bind(giveaway)
        .one()
        .await
        .unwrap();
    assert_eq!(none, (None, None), "a giveaway writes nothing of it");
    for (tampering, found) in [
        ("update entries set units = units + 1 where event_id = $1 and rank = 3", "rank 3 has 2 units"),
        ("update entries set due_at = due_at + 1 where event_id = $1 and rank = 4", "rank 4 has 1 units until"),
        ("update entries set fewer = true where event_id = $1 and rank = 5", "fewer would do: true"),
        ("update entries set quantity = 9 where event_id = $1 and rank = 5", "rank 5 asks for 9, the log has 2"),
        ("update tallies set held = held - 1 where event_id = $1", "the tally says (0, 4)"),
        (
            "update entries set member_id = (select member_id from entries e where e.event_id = entries.event_id and e.rank = 3)
             where event_id = $1 and rank = 4",
            "rank 4 is a second entry of its member",
        ),
    ] {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(tampering).bind(event).run().await.unwrap();
        tx.commit().await.unwrap();
        let (_, wrong) = crate::check(&db).await.unwrap();
        assert!(wrong.iter().any(|violation| violation.what.contains(found)), "{tampering}: {wrong:?}");
    }
}

both!(when_all_of_a_sale_was_given_is_kept_from_the_first_time_on, "multi_thread");
async fn when_all_of_a_sale_was_given_is_kept_from_the_first_time_on(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let turnstile = alone(&db, &clock);
    let event = EventId(crate::ids::new_id(clock.now()));
    open_offering(&db, &clock, event, &deal(2, Checkout::default()), 2).await;
    let full_at = async || {
        let tally = db.sql("select full_at from tallies where event_id = $1").bind(event);
        let (at,): (Option<Time>,) = tally.one().await.unwrap();
        at
    };
    let alter = async |sql: &'static str| {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(sql).bind(event).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    buy(&turnstile, event, &clock, 1, false).await;
    assert_eq!(full_at().await, Some(Time(0)), "one is left");
    let (_, second) = buy(&turnstile, event, &clock, 1, false).await;
    assert_eq!(full_at().await, Some(second.entered_at));
    // Whoever goes on knows nothing of it: what comes back goes again.
    drop(turnstile);
    let turnstile = alone(&db, &clock);
    order_is(&db, event, 2, OrderState::Cancelled).await;
    tell(&db, &clock, &turnstile, event, Command::Left { rank: 2 }).await;
    let (_, third) = buy(&turnstile, event, &clock, 1, false).await;
    assert_eq!((third.state, full_at().await), (EntryState::Checkout, Some(second.entered_at)), "the first time");
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));

    alter("update events set capacity = 3 where id = $1").await;
    tell(&db, &clock, &turnstile, event, Command::Revise).await;
    assert_eq!(full_at().await, Some(Time(0)), "there is one more");
    let (_, fourth) = buy(&turnstile, event, &clock, 1, false).await;
    assert_eq!(full_at().await, Some(fourth.entered_at));
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));
    alter("update tallies set full_at = full_at + 1 where event_id = $1").await;
    let (_, wrong) = crate::check(&db).await.unwrap();
    assert!(wrong.iter().any(|violation| violation.what.contains("all units given at")), "{wrong:?}");

    // As of a sale that an older program began: it may have been before, and stays unknown.
    alter("update tallies set full_at = null where event_id = $1").await;
    order_is(&db, event, 4, OrderState::Cancelled).await;
    tell(&db, &clock, &turnstile, event, Command::Left { rank: 4 }).await;
    buy(&turnstile, event, &clock, 1, false).await;
    assert_eq!(full_at().await, None);
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));
}

both!(a_press_that_says_nothing_means_what_was_chosen_beforehand, "multi_thread");
async fn a_press_that_says_nothing_means_what_was_chosen_beforehand(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let turnstile = alone(&db, &clock);
    let event = EventId(crate::ids::new_id(clock.now()));
    open_offering(&db, &clock, event, &deal(50, Checkout::default()), 50).await;
    let chosen = |quantity, fewer| Some(Wish { quantity, fewer });
    for (chose, says, asks) in [
        (None, None, (1, false)),
        (chosen(2, true), None, (2, true)),
        (chosen(2, true), chosen(3, false), (3, false)),
        // The limit was higher when it was chosen.
        (chosen(9, false), None, (3, false)),
    ] {
        let member = member();
        turnstile.chose(event, member, chosen(3, true)).await.unwrap();
        turnstile.chose(event, member, chose).await.unwrap();
        let answer = turnstile.enter(event, member, "수달".into(), clock.now(), None, says).await.unwrap();
        let ClickAnswer::Entered(entry) = answer else { panic!("{answer:?}") };
        assert_eq!((entry.quantity, entry.fewer), asks);
    }
    // Of a giveaway there is one for each.
    let giveaway = open_event(&db, &clock, None).await;
    for (quantity, taken) in [(2, false), (0, false), (1, true)] {
        let answer =
            turnstile.enter(giveaway, member(), "수달".into(), clock.now(), None, chosen(quantity, true)).await;
        assert_eq!(matches!(answer.unwrap(), ClickAnswer::Entered(_)), taken, "{quantity}");
    }
}

both!(a_sale_ends_by_itself, "multi_thread");
async fn a_sale_ends_by_itself(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let event = EventId(crate::ids::new_id(clock.now()));
    let offer = Offer::Ticket {
        place: String::new(),
        address: String::new(),
        coordinates: None,
        starts_at: clock.now() + 3 * SECOND,
        seats: 2,
        price: 9_000,
        limit: 2,
        checkout: Checkout { minutes: Some(1), at_once: Some(1) },
        refunds: Default::default(),
    };
    open_offering(&db, &clock, event, &offer, 2).await;
    let turnstile = alone(&db, &clock);
    let mut bought = Vec::new();
    for _ in 0..3 {
        bought.push(buy(&turnstile, event, &clock, 1, false).await.0);
    }
    // Nothing else happens, not even in this process: the look for what is due finds it.
    drop(turnstile);
    let turnstile = alone(&db, &clock);
    let expected = [EntryState::Checkout, EntryState::Expired, EntryState::Lost];
    eventually("whoever waits gets nothing", async || {
        let mut states = Vec::new();
        for member in &bought {
            states.push(entry_of(&turnstile, event, *member).await.state);
        }
        states == expected
    })
    .await;
    let due = entry_of(&turnstile, event, bought[0]).await.due;
    let Offer::Ticket { starts_at, .. } = offer else { return };
    assert_eq!(due, Due::at(starts_at), "no hold lasts beyond the start");
    let wish = Some(Wish::default());
    let late = turnstile.enter(event, member(), "수달".into(), clock.now(), None, wish).await.unwrap();
    assert_eq!(late, ClickAnswer::Refused(EntryError::Closed.into()));
    assert_eq!(store::ending(&db, clock.now() + HOUR).await.unwrap(), [], "once");
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sold_on_one_node_is_seen_on_the_others() {
    let place = Place::new(On::Postgres);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let redis = redis_testing::shared().await;
    let (one, ..) = node(&db, &clock, &redis, NEWEST);
    let (two, ..) = node(&db, &clock, &redis, NEWEST);
    let event = EventId(crate::ids::new_id(clock.now()));
    open_offering(&db, &clock, event, &deal(2, Checkout { minutes: Some(5), at_once: None }), 2).await;
    for node in [&one, &two] {
        node.event(event).await.unwrap();
    }
    // What was chosen by one node is what a press on the other means.
    let chooser = MemberId(crate::ids::new_id(clock.now()));
    let wish = Wish { quantity: 2, fewer: true };
    let write = async |sql: &'static str| {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(sql).bind(event).bind(chooser).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    // Written first, as always: a node that Redis reaches late reads it.
    write("insert into choices (event_id, member_id, quantity, fewer) values ($1, $2, 2, true)").await;
    one.chose(event, chooser, Some(wish)).await.unwrap();
    eventually("both know what was chosen", async || {
        two.event(event).await.unwrap().choices.pin().get(&chooser).copied() == Some(wish)
    })
    .await;
    // Read at that very moment, by what was chosen before.
    let subscription = two.event(event).await.unwrap().subscription.clone().unwrap();
    let before = two.event(event).await.unwrap();
    write("delete from choices where event_id = $1 and member_id = $2").await;
    one.chose(event, chooser, None).await.unwrap();
    eventually("and that it is no choice any more", async || {
        two.event(event).await.unwrap().choices.pin().get(&chooser).is_none()
    })
    .await;
    before.choose(chooser, Some(wish));
    subscription.replay(&before.ledger, |member, wish| before.choose(member, wish));
    assert_eq!(before.choices.pin().get(&chooser), None, "what came while it was being read is not lost");
    let (first, _) = buy(&one, event, &clock, 1, false).await;
    let (second, entry) = buy(&two, event, &clock, 2, true).await;
    assert_eq!(
        (entry.state, entry.units, entry.fewer),
        (EntryState::Checkout, 1, true),
        "a wish is carried to its sequencer"
    );
    let (third, _) = buy(&one, event, &clock, 1, false).await;
    order_is(&db, event, 1, OrderState::Paid).await;
    tell(&db, &clock, &two, event, Command::Paid { rank: 1 }).await;
    order_is(&db, event, 2, OrderState::Cancelled).await;
    tell(&db, &clock, &two, event, Command::Left { rank: 2 }).await;
    for node in [&one, &two] {
        eventually("all see the same", async || {
            let ledger = node.event(event).await.unwrap().ledger.clone();
            let now = [first, second, third].map(|member| ledger.entry(member).map(|entry| (entry.state, entry.units)));
            let sums = ledger.state().sale.map(|sale| (sale.sold, sale.held));
            let expected = [(EntryState::Paid, 1), (EntryState::Left, 0), (EntryState::Checkout, 1)].map(Some);
            now == expected && sums == Some((1, 1)) && ledger.line(3).is_none()
        })
        .await;
    }
    assert_eq!(crate::check(&db).await.unwrap(), (1, vec![]));
}

both!(a_command_is_applied_as_soon_as_it_is_committed, "multi_thread");
async fn a_command_is_applied_as_soon_as_it_is_committed(on: On) {
    let place = Place::new(on);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let turnstile = alone(&db, &clock);
    let waker = turnstile.waker();
    db.tell(move |news| waker.wake(&news.commands));
    // Found by a look it would take a second, usually.
    let usual = usual_time(async || {
        let event = open_event(&db, &clock, None).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        write_command(&mut tx, event, &Command::Cancel, clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        eventually("it is applied", async || is_cancelled(&turnstile, event).await).await;
    })
    .await;
    assert!(usual < Duration::from_millis(500), "{usual:?}");
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
        assert!(matches!(enter(&turnstile, event, &clock).await, ClickAnswer::Entered(_)), "clicks go on");
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
    let (pressed, wish) = (member(), Some(Wish::default()));
    let click = Click { member: pressed, nickname: "수달".into(), stamped_at: clock.now(), wish, wrong_code: false };
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
    assert!(matches!(enter(&older, event, &clock).await, ClickAnswer::Entered(_)));

    // The node that wrote it is gone, and no other can read it: others' clicks go on.
    let orphan = append(&db, &redis, event, &clock, NEWEST + 1).await;
    assert!(matches!(enter(&older, event, &clock).await, ClickAnswer::Entered(_)));
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
    assert!(matches!(behind, ClickAnswer::Entered(entry) | ClickAnswer::Again(entry) if entry.rank == 2), "{behind:?}");
    eventually("it is decided", async || has_entered(&db, event, pressed).await).await;
    let all = usize::from(shards::SHARDS);
    eventually("the newer one sequences", async || owned_by(&newer_nodes).await.len() == all).await;

    // Its turn over, the older one sequences again.
    newer.hand_over().await;
    drop(newer);
    let event = open_event(&db, &clock, None).await;
    assert!(matches!(enter(&older, event, &clock).await, ClickAnswer::Entered(_)));
    assert_eq!(crate::check(&db).await.unwrap(), (3, vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_of_a_newer_program_is_left_to_a_newer_node() {
    let place = Place::new(On::Postgres);
    let (db, clock) = (Db::at(&place).await, Clock::system());
    let redis = redis_testing::shared().await;
    let (older, ..) = node(&db, &clock, &redis, NEWEST);
    let event = open_event(&db, &clock, None).await;
    assert!(matches!(enter(&older, event, &clock).await, ClickAnswer::Entered(_)));
    // As a newer program reads it.
    command_of(&db, &clock, event, NEWEST + 1, r#"{"command":"cancel"}"#).await;
    older.wake(event).await;
    assert!(matches!(enter(&older, event, &clock).await, ClickAnswer::Entered(_)));
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
        assert!(matches!(enter(&turnstile, event, &clock).await, ClickAnswer::Entered(_)));
    }
}
