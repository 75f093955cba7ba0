//! A sale by properties: whatever happens in whichever order, every unit is somebody's or free, and what is free goes to the first
//! who would take it.

use super::{
    messages::Publication,
    replay::{Replayed, follow_sale},
    versions::NEWEST,
    *,
};
use crate::outcomes;
use model::{Entry, EntryState, EventError, Kind, LinePlace, MINUTE, MemberId, Moments, SaleRules, Span, Wish};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) const OPENS: Time = Time(1_000_000_000);
pub(super) const CLOSES: Time = Time(1_000_000_000 + 60 * 60_000_000);
const HOLD: Span = MINUTE.times(5);

pub(super) fn rules(capacity: u64, price: i64, at_once: Option<u32>) -> EventRules {
    EventRules {
        event: EventId(Uuid::from_u128(7)),
        creator: MemberId(Uuid::from_u128(0)),
        kind: Kind::Deal,
        sale: Some(SaleRules { kind: Kind::Deal, price, limit: 4, hold: Some(HOLD), at_once, ends_at: CLOSES + HOLD }),
        capacity,
        moments: Moments {
            published_at: Some(Time(0)),
            opens_at: OPENS,
            closes_at: CLOSES,
            cancelled_at: None,
            settled_at: None,
            suspended_at: None,
        },
        entry_code: None,
        revisions: 0,
    }
}

pub(super) fn empty(capacity: u64) -> LedgerState {
    LedgerState {
        total: 0,
        capacity,
        last_at: Time(0),
        next_sequence: 0,
        closed: false,
        cancelled: false,
        full: false,
        sale: Some(SaleState::default()),
    }
}

fn member(number: u128) -> MemberId {
    MemberId(Uuid::from_u128(number))
}

fn click(number: u128, at: Time, quantity: u32, fewer: bool) -> Click {
    let wish = Some(Wish { quantity, fewer });
    Click { member: member(number), nickname: "수달".into(), stamped_at: at, wish, wrong_code: false }
}

/// A sale with everything that is known of it: what the sequencer decides, the table, and a node that follows.
struct Sale {
    rules: EventRules,
    ledger: Arc<Ledger>,
    sequencer: Sequencer,
    /// The table, by rank.
    entries: Vec<(MemberId, Entry)>,
    replayed: Replayed,
    elsewhere: Ledger,
    now: Time,
    pressed: u128,
}

impl Sale {
    fn new(capacity: u64, price: i64, at_once: Option<u32>) -> Sale {
        let rules = rules(capacity, price, at_once);
        let ledger = Arc::new(Ledger::new([], empty(capacity)));
        Sale {
            sequencer: Sequencer::new(rules.clone(), ledger.clone(), outcomes::of),
            ledger,
            rules,
            entries: vec![],
            replayed: Replayed::of(capacity),
            elsewhere: Ledger::new([], empty(capacity)),
            now: OPENS,
            pressed: 0,
        }
    }

    /// A press by somebody new.
    fn press(&mut self, quantity: u32, fewer: bool) -> ClickAnswer {
        self.pressed += 1;
        self.press_by(self.pressed, quantity, fewer)
    }

    fn press_by(&mut self, number: u128, quantity: u32, fewer: bool) -> ClickAnswer {
        self.now = self.now + Span::from_micros(10);
        self.sequencer.click(&click(number, self.now, quantity, fewer), [0; 16])
    }

    #[allow(clippy::needless_pass_by_value, reason = "each is made where it is given")]
    fn command(&mut self, command: Command) {
        self.now = self.now + Span::from_micros(10);
        assert!(self.sequencer.command(&command, self.now), "no command of a sale waits");
    }

    fn raise(&mut self, by: u64) {
        self.rules.capacity = self.sequencer.state().capacity + by;
        self.sequencer.revise(self.rules.clone(), self.now);
    }

    /// What became of everybody, by rank, with everything decided.
    fn now(&self) -> BTreeMap<u64, Entry> {
        let mut now: BTreeMap<u64, Entry> = self.entries.iter().map(|(_, entry)| (entry.rank, *entry)).collect();
        let batch = self.sequencer.batch();
        now.extend(batch.entries.iter().map(|decided| (decided.entry.rank, decided.entry)));
        now.extend(batch.changed.values().map(|changed| (changed.after.rank, changed.after)));
        now
    }

    fn entry(&self, rank: u64) -> Entry {
        self.now()[&rank]
    }

    fn state(&self, rank: u64) -> EntryState {
        self.entry(rank).state
    }

    /// The rank of one of those in these states.
    fn any(&self, states: &[EntryState], number: usize) -> Option<Entry> {
        let all: Vec<Entry> = self.now().into_values().filter(|entry| states.contains(&entry.state)).collect();
        (!all.is_empty()).then(|| all[number % all.len()])
    }

    fn free(&self) -> u64 {
        let state = self.sequencer.state();
        let SaleState { sold, held, .. } = state.sale.unwrap();
        state.capacity - sold - held
    }

    /// Everything that holds at every step.
    fn check(&self) {
        let (now, state) = (self.now(), self.sequencer.state());
        let sale = state.sale.unwrap();
        let sum = |states: &[EntryState]| -> u64 {
            now.values().filter(|entry| states.contains(&entry.state)).map(|entry| u64::from(entry.units)).sum()
        };
        let count = |state: EntryState| now.values().filter(|entry| entry.state == state).count() as u64;
        assert_eq!(sale.sold, sum(&[EntryState::Paid, EntryState::Disqualified]));
        assert_eq!(sale.held, sum(&[EntryState::Checkout, EntryState::Given]));
        assert_eq!((sale.in_checkout, sale.standing), (count(EntryState::Checkout), count(EntryState::Standby)));
        assert_eq!(
            sum(&[EntryState::Standby, EntryState::Left, EntryState::Expired, EntryState::Refunded, EntryState::Lost]),
            0
        );
        assert!(sale.sold + sale.held <= state.capacity, "sold + held + free = capacity");
        for entry in now.values() {
            assert_eq!(entry.due_at().is_some(), entry.state == EntryState::Checkout);
            assert!(
                entry.units <= entry.quantity
                    && (entry.fewer || [0, entry.quantity].contains(&entry.units) || sale.sold > 0)
            );
        }
        if sale.over {
            assert_eq!(count(EntryState::Standby) + count(EntryState::Given), 0, "nobody waits for nothing");
        } else {
            let free = self.free();
            let would_take =
                |entry: &&Entry| entry.state == EntryState::Standby && u64::from(entry.wish().least()) <= free;
            assert_eq!(now.values().find(would_take), None, "{free} are free");
            let at_once = self.rules.sale.unwrap().at_once.map_or(u64::MAX, u64::from);
            assert!(sale.in_checkout <= at_once, "no more are let in than may pay at once");
            assert!(count(EntryState::Given) == 0 || sale.in_checkout == at_once, "whoever can be let in is");
        }
    }

    /// The batch is durable; everywhere the same is known of it.
    fn commit(&mut self) {
        let first = self.sequencer.committed_sequence();
        let before: BTreeMap<u64, Entry> = self.entries.iter().map(|(_, entry)| (entry.rank, *entry)).collect();
        let batch = self.sequencer.committed();
        for record in &batch.records {
            assert_eq!(follow_sale(&mut self.replayed, record), Vec::<String>::new(), "{record:?}");
        }
        self.entries.extend(batch.entries.iter().map(|decided| (decided.member, decided.entry)));
        for (rank, changed) in &batch.changed {
            let of_batch =
                batch.entries.iter().find(|decided| decided.entry.rank == *rank).map(|decided| decided.entry);
            assert_eq!(
                Some(changed.before),
                of_batch.or(before.get(rank).copied()),
                "each rank once, as it was before"
            );
            self.entries[*rank as usize - 1] = (changed.member, changed.after);
        }
        assert_eq!(self.sequencer.full_at(), self.replayed.books.full_at, "when all was given");
        let state = self.sequencer.state();
        for (_, entry) in &self.entries {
            let logged = self.replayed.entry(entry.rank).unwrap();
            let logged = Entry { since_open: entry.since_open, again: entry.again, ..*logged };
            assert_eq!(logged, *entry, "the log leads to the table");
        }
        // Another node, and one that reads the table.
        let publication = Publication { node: 1, first, state, batch, answers: vec![], revised: false };
        let publication = Publication::decode(publication.encode(), NEWEST).unwrap().unwrap();
        self.elsewhere.apply(publication.first, &publication.batch, publication.state);
        let over = state.sale.unwrap().over;
        let uncounted = LedgerState { sale: Some(SaleState { over, ..SaleState::default() }), ..state };
        let read = Arc::new(Ledger::new(self.entries.iter().copied(), uncounted));
        let again = Sequencer::new(self.rules.clone(), read.clone(), outcomes::of);
        assert_eq!(again.state().sale, state.sale, "the counts are those of the table");
        for ledger in [&*self.ledger, &self.elsewhere, &*read] {
            assert_eq!(ledger.state(), state);
            let latest: BTreeMap<MemberId, Entry> = self.entries.iter().copied().collect();
            for (member, entry) in latest {
                assert_eq!(ledger.entry(member), Some(entry));
            }
            for rank in 0..=state.total + 1 {
                assert_eq!(ledger.line(rank), self.naive_place(rank), "rank {rank}");
            }
        }
    }

    fn naive_place(&self, rank: u64) -> Option<LinePlace> {
        let waits = |entry: &Entry| matches!(entry.state, EntryState::Given | EntryState::Standby);
        let me = self.entries.get((rank as usize).checked_sub(1)?)?.1;
        let ahead = || self.entries.iter().map(|(_, entry)| entry).filter(|entry| entry.rank < rank && waits(entry));
        let units = ahead().filter(|entry| entry.state == EntryState::Standby).map(|entry| u64::from(entry.quantity));
        let number = ahead().count() as u64;
        waits(&me).then(|| LinePlace { number: number + 1, ahead: number, ahead_units: units.sum() })
    }
}

#[derive(Debug, Clone)]
enum Step {
    Press { quantity: u32, fewer: bool },
    PressAgain { number: usize, quantity: u32 },
    Pay(usize),
    Expire(usize),
    ExpireAnother(usize),
    Leave(usize),
    Return { number: usize, units: u32 },
    Disqualify(usize),
    Raise(u64),
    Commit,
    Wait(i64),
    Cancel,
    ToTheEnd,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        40 => (1u32..5, any::<bool>()).prop_map(|(quantity, fewer)| Step::Press { quantity, fewer }),
        8 => (any::<usize>(), 1u32..5).prop_map(|(number, quantity)| Step::PressAgain { number, quantity }),
        10 => any::<usize>().prop_map(Step::Pay),
        10 => any::<usize>().prop_map(Step::Expire),
        2 => any::<usize>().prop_map(Step::ExpireAnother),
        12 => any::<usize>().prop_map(Step::Leave),
        6 => (any::<usize>(), 1u32..5).prop_map(|(number, units)| Step::Return { number, units }),
        3 => any::<usize>().prop_map(Step::Disqualify),
        2 => (1u64..6).prop_map(Step::Raise),
        20 => Just(Step::Commit),
        4 => (0i64..300_000_000).prop_map(Step::Wait),
        1 => Just(Step::ToTheEnd),
        1 => Just(Step::Cancel),
    ];
    proptest::collection::vec(step, 0..120)
}

proptest! {
    #[test]
    fn every_unit_is_somebodys_or_free_and_goes_to_the_first_who_would_take_it(
        steps in steps(),
        capacity in 1u64..14,
        at_once in prop_oneof![Just(None), (1u32..5).prop_map(Some)],
        price in prop_oneof![1 => Just(0), 5 => Just(9_900)],
    ) {
        let mut sale = Sale::new(capacity, price, at_once);
        for step in steps {
            let free = sale.free();
            let over = sale.sequencer.state().sale.unwrap().over;
            match step {
                Step::Press { quantity, fewer } => {
                    let standing = sale.sequencer.state().sale.unwrap().standing;
                    let limit = 2 * sale.sequencer.state().capacity;
                    match sale.press(quantity, fewer) {
                        ClickAnswer::Entered(entry) => {
                            prop_assert!(!over);
                            let all = u64::from(quantity) <= free;
                            let taken = if all { quantity } else if fewer { free as u32 } else { 0 };
                            prop_assert_eq!(entry.units, taken);
                            prop_assert_eq!(entry.state == EntryState::Standby, taken == 0);
                            prop_assert!(taken > 0 || standing < limit);
                        }
                        ClickAnswer::Refused(Error::Entry(EntryError::Full)) => {
                            let least = Wish { quantity, fewer }.least();
                            prop_assert!(free < u64::from(least));
                            prop_assert_eq!(standing, limit);
                        }
                        ClickAnswer::Refused(_) => prop_assert!(over || sale.now >= CLOSES),
                        ClickAnswer::Again(_) | ClickAnswer::PutOff(_) => prop_assert!(false),
                    }
                }
                Step::PressAgain { number, quantity } if !sale.now().is_empty() => {
                    let number = number as u128 % sale.pressed + 1;
                    let before = sale.sequencer.entry(member(number));
                    let (was, total) = (before, sale.sequencer.state().total);
                    match (sale.press_by(number, quantity, false), was) {
                        (ClickAnswer::Again(entry), Some(was)) => {
                            prop_assert_eq!(entry, was);
                            prop_assert!(!was.may_join_again() || over || sale.now >= CLOSES);
                        }
                        (ClickAnswer::Entered(entry), Some(was)) => {
                            prop_assert!(was.may_join_again() && entry.again && entry.rank == total + 1);
                        }
                        (ClickAnswer::Entered(entry), None) => prop_assert!(!entry.again),
                        (ClickAnswer::Refused(_), _) => {}
                        (ClickAnswer::Again(_), None) | (ClickAnswer::PutOff(_), _) => prop_assert!(false),
                    }
                }
                Step::Pay(number) => if let Some(entry) = sale.any(&[EntryState::Checkout], number) {
                    sale.command(Command::Paid { rank: entry.rank });
                    let after = sale.entry(entry.rank);
                    prop_assert_eq!((after.state, after.units), (EntryState::Paid, entry.units));
                },
                Step::Expire(number) => if let Some(entry) = sale.any(&[EntryState::Checkout], number) {
                    sale.command(Command::Expired { rank: entry.rank, due_at: entry.due_at().unwrap() });
                    prop_assert_eq!(sale.state(entry.rank), EntryState::Expired);
                },
                Step::ExpireAnother(number) => if let Some(entry) = sale.any(&[EntryState::Checkout, EntryState::Given], number) {
                    let due_at = entry.due_at().unwrap_or(sale.now) - Span::from_micros(1);
                    sale.command(Command::Expired { rank: entry.rank, due_at });
                    prop_assert_eq!(sale.entry(entry.rank).units, if sale.state(entry.rank) == EntryState::Expired { 0 } else { entry.units });
                },
                Step::Leave(number) => if let Some(entry) = sale.any(&[EntryState::Checkout, EntryState::Given, EntryState::Standby, EntryState::Paid], number) {
                    sale.command(Command::Left { rank: entry.rank });
                    let stays = entry.state == EntryState::Paid;
                    let ended = matches!(sale.state(entry.rank), EntryState::Expired | EntryState::Lost);
                    prop_assert!(ended || (sale.state(entry.rank) == EntryState::Left) != stays);
                },
                Step::Return { number, units } => if let Some(entry) = sale.any(&[EntryState::Paid, EntryState::Disqualified], number) {
                    sale.command(Command::Returned { rank: entry.rank, units });
                    let left = if units <= entry.units { entry.units - units } else { entry.units };
                    prop_assert_eq!(sale.entry(entry.rank).units, left);
                    prop_assert!(entry.state == EntryState::Disqualified || (left == 0) == (sale.state(entry.rank) == EntryState::Refunded));
                },
                Step::Disqualify(number) if sale.pressed > 0 => {
                    let member = member(number as u128 % sale.pressed + 1);
                    sale.command(Command::Disqualify { member, held: None });
                }
                Step::Raise(by) => if sale.sequencer.state().total > 0 { sale.raise(by) },
                Step::Commit => sale.commit(),
                Step::Wait(us) => sale.now = sale.now + Span::from_micros(us),
                Step::ToTheEnd => {
                    sale.now = sale.now.max(CLOSES + HOLD);
                    sale.sequencer.pass(sale.now);
                }
                Step::Cancel => sale.command(Command::Cancel),
                Step::PressAgain { .. } | Step::Disqualify(_) => {}
            }
            sale.check();
        }
        sale.commit();
    }
}

/// The ranks that entered with so many units each.
fn rushed(capacity: u64, at_once: Option<u32>, quantities: &[u32]) -> Sale {
    let mut sale = Sale::new(capacity, 9_900, at_once);
    for quantity in quantities {
        sale.press(*quantity, false);
    }
    sale.commit();
    sale
}

#[test]
fn who_stands_by_is_passed_over_only_when_they_would_refuse() {
    let mut sale = rushed(3, None, &[2, 1, 2, 1, 2]);
    assert_eq!([3, 4, 5].map(|rank| sale.state(rank)), [EntryState::Standby; 3]);
    // One unit comes back: rank 3 wants two and keeps its rank.
    sale.command(Command::Left { rank: 2 });
    assert_eq!(
        [3, 4, 5].map(|rank| sale.state(rank)),
        [EntryState::Standby, EntryState::Checkout, EntryState::Standby]
    );
    sale.command(Command::Expired { rank: 1, due_at: sale.entry(1).due_at().unwrap() });
    assert_eq!(
        [3, 4, 5].map(|rank| sale.state(rank)),
        [EntryState::Checkout, EntryState::Checkout, EntryState::Standby]
    );
    // Whoever let fewer do takes what there is, and stands by for no more.
    sale.command(Command::Left { rank: 4 });
    let ClickAnswer::Entered(entry) = sale.press(3, true) else { panic!() };
    assert_eq!((entry.state, entry.quantity, entry.units), (EntryState::Checkout, 3, 1));
    sale.command(Command::Left { rank: 3 });
    assert_eq!(sale.state(5), EntryState::Checkout);
    assert_eq!(sale.entry(6).units, 1);
    sale.commit();
}

#[test]
fn all_are_given_when_the_last_one_is_and_anew_where_there_are_more() {
    let mut sale = rushed(3, None, &[2]);
    assert_eq!(sale.sequencer.full_at(), None, "one is left");
    sale.press(1, false);
    let full_at = Some(sale.entry(2).entered_at);
    assert_eq!(sale.sequencer.full_at(), full_at);
    // What comes back goes again: to who presses next, and to who stands by.
    sale.command(Command::Left { rank: 2 });
    assert_eq!((sale.free(), sale.sequencer.full_at()), (1, full_at));
    sale.press(1, false);
    sale.press(1, false);
    sale.command(Command::Left { rank: 3 });
    sale.command(Command::Paid { rank: 1 });
    assert_eq!((sale.state(4), sale.free(), sale.sequencer.full_at()), (EntryState::Checkout, 0, full_at));
    sale.raise(1);
    assert_eq!(sale.sequencer.full_at(), None, "there is one more");
    sale.press(1, false);
    assert_eq!(sale.sequencer.full_at(), Some(sale.entry(5).entered_at));
    // Who stands by has it at once.
    sale.press(1, false);
    sale.now = sale.now + MINUTE;
    sale.raise(1);
    assert_eq!((sale.state(6), sale.sequencer.full_at()), (EntryState::Checkout, Some(sale.now)));
    sale.commit();
}

#[test]
fn the_first_of_those_with_units_is_let_in_when_a_checkout_ends_and_their_time_begins_then() {
    let mut sale = rushed(4, Some(2), &[1, 1, 1, 1, 1]);
    let expected =
        [EntryState::Checkout, EntryState::Checkout, EntryState::Given, EntryState::Given, EntryState::Standby];
    assert_eq!([1, 2, 3, 4, 5].map(|rank| sale.state(rank)), expected);
    assert_eq!(sale.ledger.line(5).unwrap(), LinePlace { number: 3, ahead: 2, ahead_units: 0 });
    let in_line = (1..=sale.ledger.state().total).filter(|rank| sale.ledger.line(*rank).is_some()).count() as u64;
    assert_eq!(sale.ledger.waiting(), in_line);
    sale.now = sale.now + MINUTE;
    sale.command(Command::Paid { rank: 2 });
    assert_eq!(sale.entry(3).due_at(), Some(sale.now + HOLD));
    // Rank 5 has units of rank 1 now, and is let in behind rank 4, who came first.
    sale.command(Command::Left { rank: 1 });
    assert_eq!([4, 5].map(|rank| sale.state(rank)), [EntryState::Checkout, EntryState::Given]);
    sale.command(Command::Left { rank: 4 });
    assert_eq!(sale.state(5), EntryState::Checkout);
    sale.commit();
}

#[test]
fn who_left_or_let_time_run_out_joins_once_more_at_the_end_and_nobody_else_does() {
    let mut sale = rushed(2, None, &[1, 1, 1]);
    let earlier = sale.now - Span::from_micros(25);
    sale.command(Command::Left { rank: 1 });
    sale.command(Command::Paid { rank: 2 });
    sale.commit();
    // Which node it is sent to does not matter: none is sure.
    assert_eq!(sale.ledger.certain(member(1)), None);
    // A press of before, sent again, is no new one.
    let late = sale.sequencer.click(&click(1, earlier, 1, false), [0; 16]);
    assert!(
        matches!(late, ClickAnswer::Again(entry) if entry.rank == 1 && entry.state == EntryState::Left),
        "{late:?}"
    );
    let ClickAnswer::Entered(second) = sale.press_by(1, 1, false) else { panic!() };
    assert_eq!((second.rank, second.again, second.state), (4, true, EntryState::Standby));
    sale.commit();
    sale.command(Command::Left { rank: 4 });
    sale.commit();
    let again = sale.press_by(1, 1, false);
    assert!(matches!(again, ClickAnswer::Again(entry) if entry.rank == 4), "{again:?}");
    let paid = sale.press_by(2, 1, false);
    assert!(matches!(paid, ClickAnswer::Again(entry) if entry.state == EntryState::Paid), "{paid:?}");
    sale.command(Command::Returned { rank: 2, units: 1 });
    let refunded = sale.press_by(2, 1, false);
    assert!(matches!(refunded, ClickAnswer::Again(entry) if entry.state == EntryState::Refunded), "{refunded:?}");
    // Over is over.
    sale.command(Command::Expired { rank: 3, due_at: sale.entry(3).due_at().unwrap() });
    sale.now = CLOSES;
    let closed = sale.press_by(3, 1, false);
    assert!(matches!(closed, ClickAnswer::Again(entry) if entry.rank == 3), "{closed:?}");
    sale.commit();
}

#[test]
fn while_a_sale_is_stopped_nobody_joins_it_and_what_people_have_of_it_goes_on() {
    let mut sale = rushed(2, None, &[1, 1, 1]);
    let revise = |sale: &mut Sale, suspended_at: Option<Time>| {
        sale.rules.moments.suspended_at = suspended_at;
        sale.rules.revisions += 1;
        sale.sequencer.revise(sale.rules.clone(), sale.now);
    };
    revise(&mut sale, Some(OPENS));
    let refused = ClickAnswer::Refused(EventError::Suspended.into());
    assert_eq!(sale.press(1, false), refused);
    // Units are paid for, and those that come back go on.
    sale.command(Command::Paid { rank: 2 });
    sale.command(Command::Left { rank: 1 });
    sale.commit();
    assert_eq!([2, 3].map(|rank| sale.state(rank)), [EntryState::Paid, EntryState::Checkout]);
    assert_eq!(sale.press_by(1, 1, false), refused, "who left joins no more than others do");
    let there = sale.press_by(2, 1, false);
    assert!(matches!(there, ClickAnswer::Again(entry) if entry.state == EntryState::Paid), "{there:?}");
    revise(&mut sale, None);
    let ClickAnswer::Entered(second) = sale.press_by(1, 1, false) else { panic!() };
    assert_eq!((second.rank, second.again, second.state), (4, true, EntryState::Standby));
    sale.commit();
}

#[test]
fn presses_that_are_queued_across_the_opening_gain_nothing() {
    let mut sale = Sale::new(2, 9_900, None);
    let early = OPENS - Span::from_micros(10);
    let mut press = |number, at| sale.sequencer.click(&click(number, at, 1, false), [0; 16]);
    let told = press(1, early);
    assert!(matches!(told, ClickAnswer::Refused(Error::Entry(EntryError::TooEarly { .. }))), "{told:?}");
    // Their next one is read later, and nobody else's is.
    assert_eq!(press(1, OPENS), ClickAnswer::PutOff(early + EARLY_PAUSE));
    assert!(matches!(press(2, OPENS), ClickAnswer::Entered(entry) if entry.rank == 1));
    assert!(matches!(press(1, early + EARLY_PAUSE), ClickAnswer::Entered(entry) if entry.rank == 2));
}

#[test]
fn full_counts_those_who_stand_by_now() {
    let mut sale = rushed(1, None, &[1, 1, 1]);
    assert_eq!(sale.press(1, false), ClickAnswer::Refused(EntryError::Full.into()));
    sale.commit();
    assert_eq!(sale.ledger.certain(member(99)), None, "whoever leaves makes room");
    sale.command(Command::Left { rank: 2 });
    assert!(matches!(sale.press(1, false), ClickAnswer::Entered(entry) if entry.state == EntryState::Standby));
    assert_eq!(sale.press(1, false), ClickAnswer::Refused(EntryError::Full.into()));
    for (quantity, refused) in [(0, true), (5, true), (4, false)] {
        sale.command(Command::Left { rank: 3 });
        let answer = sale.press(quantity, false);
        assert_eq!(answer == ClickAnswer::Refused(EntryError::Quantity.into()), refused, "{answer:?}");
    }
    sale.commit();
}

#[test]
fn at_the_last_moment_whoever_waits_gets_nothing_and_who_pays_has_their_time() {
    let mut sale = rushed(2, Some(1), &[1, 1, 1]);
    sale.now = CLOSES + HOLD - Span::from_micros(100);
    sale.command(Command::Left { rank: 1 });
    assert_eq!([1, 2, 3].map(|rank| sale.state(rank)), [EntryState::Left, EntryState::Checkout, EntryState::Given]);
    let due_at = sale.entry(2).due_at().unwrap();
    // Offered in the last moment, it is theirs as long as anybody's was.
    assert_eq!((due_at, sale.sequencer.ends_at()), (sale.now + HOLD, Some(CLOSES + HOLD)));
    sale.commit();
    sale.now = CLOSES + HOLD;
    sale.sequencer.pass(sale.now);
    assert_eq!([2, 3].map(|rank| sale.state(rank)), [EntryState::Checkout, EntryState::Expired]);
    assert_eq!((sale.sequencer.ends_at(), sale.ledger.line(3).is_some()), (None, true));
    sale.commit();
    assert_eq!(sale.ledger.line(3), None, "places are gone");
    assert_eq!(sale.ledger.certain(member(77)), Some(ClickAnswer::Refused(EntryError::Closed.into())));
    // Once: and nothing is offered any more.
    sale.sequencer.pass(sale.now);
    sale.command(Command::Expired { rank: 2, due_at });
    assert_eq!((sale.free(), sale.sequencer.batch().records.len()), (2, 1));
    sale.commit();
}

#[test]
fn what_is_called_off_is_nobodys_and_what_was_paid_comes_back_to_nobody() {
    let mut sale = rushed(2, Some(1), &[1, 1, 1]);
    sale.command(Command::Paid { rank: 1 });
    sale.command(Command::Cancel);
    let expected = [EntryState::Paid, EntryState::Expired, EntryState::Lost];
    assert_eq!([1, 2, 3].map(|rank| sale.state(rank)), expected);
    sale.command(Command::Paid { rank: 2 });
    sale.command(Command::Returned { rank: 1, units: 1 });
    assert_eq!((sale.free(), sale.state(2), sale.state(3)), (2, EntryState::Expired, EntryState::Lost));
    sale.commit();
}

#[test]
fn who_is_taken_out_lets_go_of_what_was_held_but_not_of_what_they_paid_for() {
    let mut sale = rushed(2, None, &[1, 1, 1]);
    sale.command(Command::Paid { rank: 1 });
    sale.command(Command::Disqualify { member: member(1), held: None });
    assert_eq!((sale.state(1), sale.entry(1).units, sale.state(3)), (EntryState::Disqualified, 1, EntryState::Standby));
    sale.command(Command::Disqualify { member: member(2), held: None });
    assert_eq!((sale.entry(2).units, sale.state(3)), (0, EntryState::Checkout));
    sale.command(Command::Returned { rank: 1, units: 1 });
    sale.command(Command::Returned { rank: 1, units: 1 });
    assert_eq!((sale.state(1), sale.free()), (EntryState::Disqualified, 1));
    sale.commit();
    assert_eq!(sale.press_by(2, 1, false), ClickAnswer::Refused(EntryError::Disqualified.into()));
}

#[test]
fn what_costs_nothing_is_theirs_at_once() {
    let mut sale = Sale::new(2, 0, Some(1));
    for _ in 0..4 {
        sale.press(1, false);
    }
    assert_eq!([1, 2, 3].map(|rank| sale.state(rank)), [EntryState::Paid, EntryState::Paid, EntryState::Standby]);
    sale.command(Command::Returned { rank: 1, units: 1 });
    assert_eq!([3, 4].map(|rank| sale.state(rank)), [EntryState::Paid, EntryState::Standby]);
    sale.commit();
}

#[test]
fn two_hundred_leave_while_two_hundred_join_and_each_unit_is_offered_once() {
    let mut sale = rushed(200, None, &[1; 300]);
    let granted =
        |batch: &Batch| batch.records.iter().filter(|record| matches!(record, Record::Granted { .. })).count();
    let mut offered = 0;
    for rank in 1..=200 {
        sale.command(Command::Left { rank });
        sale.press(1, false);
        sale.check();
        if rank % 7 == 0 {
            offered += granted(sale.sequencer.batch());
            sale.commit();
        }
    }
    offered += granted(sale.sequencer.batch());
    sale.commit();
    assert_eq!(offered, 200, "each of those that came back once");
    let has_units: Vec<u64> = sale.now().values().filter(|entry| entry.units > 0).map(|entry| entry.rank).collect();
    assert_eq!(has_units, (201..=400).collect::<Vec<u64>>(), "in the order of their ranks");
    assert_eq!(sale.free(), 0);
}
