//! The sequencer: decides the order of one event's clicks.
//!
//! A pure state machine without I/O, clock or randomness: clicks and commands go in, answers and log records come out.
//! What a batch decided is kept apart until [`Sequencer::committed`] says that it is durable; before that, nothing else
//! sees it. After any doubt the sequencer is thrown away and rebuilt from the database.

use super::{
    commands::Command,
    decisions::{Batch, Changed, Click, ClickAnswer, Decided, Reassigned, Unit},
    early::EarlyPresses,
    ledger::{Ledger, LedgerState},
    outcome::{Outcome, Outcomes, UnitDeadline},
    record::{Record, Taken, commitment},
    units::{Step, Units},
};
use model::{
    Entry, EntryError, EntryState, Error, EventError, EventId, Kind, MICROSECOND, MemberId, Moments, SECOND, SaleRules,
    Span, Time,
};
use rustc_hash::FxBuildHasher;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// No click stamped before the opening is still on its way this long after it.
const OPEN_FOR_SURE: Span = SECOND;
/// No click stamped before the closing is still on its way this long after it.
const CLOSED_FOR_SURE: Span = SECOND.times(10);

/// What the sequencer must know of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRules {
    /// Which event.
    pub event: EventId,
    /// Who runs it, and so cannot enter it.
    pub creator: MemberId,
    /// How units are given.
    pub kind: Kind,
    /// What is sold, and how; `None` when nothing is.
    pub sale: Option<SaleRules>,
    /// How many win, as the creator has it; [`LedgerState::capacity`] is what units are given by.
    pub capacity: u64,
    /// When it opens and closes.
    pub moments: Moments,
    /// What everyone must type, in capitals.
    pub entry_code: Option<String>,
    /// How often it was changed since it was published.
    pub revisions: u64,
}

impl EventRules {
    /// Whether `code` is what everyone must type, if anything is.
    pub fn lets_in(&self, code: Option<&str>) -> bool {
        let Some(expected) = &self.entry_code else { return true };
        code.is_some_and(|code| model::text::same_code(code, expected))
    }
}

/// Decides the order of one event's clicks.
pub struct Sequencer {
    rules: EventRules,
    ledger: Arc<Ledger>,
    state: LedgerState,
    undecided: HashMap<MemberId, Entry, FxBuildHasher>,
    batch: Batch,
    outcomes: Outcomes,
    early: EarlyPresses,
    /// Who stands by, by rank; known once a command has asked.
    waitlist: Option<BTreeMap<u64, MemberId>>,
    /// Where something is sold.
    units: Option<Units>,
}

impl Sequencer {
    /// Continues from what is committed.
    pub fn new(rules: EventRules, ledger: Arc<Ledger>, outcomes: Outcomes) -> Sequencer {
        let (state, batch) = (ledger.state(), Batch::default());
        let over = state.cancelled || state.sale.is_some_and(|sale| sale.over);
        let units = rules
            .sale
            .map(|sale| Units::new(sale, state.capacity, over, ledger.entries_with(&HashMap::default(), |_| true)));
        let (undecided, early) = (HashMap::default(), EarlyPresses::default());
        let mut sequencer =
            Sequencer { rules, ledger, state, undecided, batch, outcomes, early, waitlist: None, units };
        sequencer.state.sale = sequencer.units.as_ref().map(Units::state);
        sequencer
    }

    /// What follows from its units.
    pub(super) fn outcome(&self) -> &'static dyn Outcome {
        (self.outcomes)(self.rules.kind)
    }

    /// Which event.
    pub fn event(&self) -> EventId {
        self.rules.event
    }

    /// Where the event stands with everything decided so far.
    pub fn state(&self) -> LedgerState {
        self.state
    }

    /// Sequence number of the first record that is not committed.
    pub(super) fn committed_sequence(&self) -> u64 {
        self.state.next_sequence - self.batch.records.len() as u64
    }

    /// Decides one click. `salt` must be fresh randomness.
    pub fn click(&mut self, click: &Click, salt: [u8; 16]) -> ClickAnswer {
        if self.units.is_some() {
            return self.buy(click, salt);
        }
        if let Some(entry) = self.undecided.get(&click.member) {
            return ClickAnswer::repeated(*entry);
        }
        let EventRules { moments, kind, .. } = self.rules;
        // Our state may say more than the ledger does, so the ledger is only asked for this member.
        if self.state.cancelled {
            return ClickAnswer::Refused(EventError::Cancelled.into());
        }
        if let Some(entry) = self.ledger.entry(click.member) {
            return ClickAnswer::repeated(entry);
        }
        if moments.published_at.is_none() {
            return ClickAnswer::Refused(Error::NotFound);
        }
        // Only here: what is taken back again is nothing that a node refuses by itself.
        if moments.suspended_at.is_some() {
            return ClickAnswer::Refused(EventError::Suspended.into());
        }
        if let Some(next) = self.early.put_off(click.member, click.stamped_at) {
            return ClickAnswer::PutOff(next);
        }
        if click.stamped_at < moments.opens_at {
            self.early.add(click.member, click.stamped_at);
            let early = moments.opens_at.since(click.stamped_at);
            return ClickAnswer::Refused(EntryError::TooEarly { early }.into());
        }
        if click.wrong_code {
            return ClickAnswer::Refused(EntryError::WrongCode.into());
        }
        if click.stamped_at >= moments.closes_at || self.state.closed {
            self.state.closed |= click.stamped_at >= moments.closes_at + CLOSED_FOR_SURE;
            return ClickAnswer::Refused(EntryError::Closed.into());
        }
        if click.stamped_at >= moments.opens_at + OPEN_FOR_SURE {
            self.early.are_over();
        }
        let rank = self.state.total + 1;
        let Some(state) = kind.state_of(rank, self.state.capacity) else {
            self.state.full = true;
            return ClickAnswer::Refused(EntryError::Full.into());
        };
        let entered_at = click.stamped_at.max(self.state.last_at + MICROSECOND);
        let since_open = entered_at.since(moments.opens_at);
        let answer = self.enter(click, Entry::of_one(rank, entered_at, since_open, state), None, salt);
        if let (Some(waitlist), EntryState::Standby) = (&mut self.waitlist, state) {
            waitlist.insert(rank, click.member);
        }
        answer
    }

    fn enter(&mut self, click: &Click, entry: Entry, taken: Option<Taken>, salt: [u8; 16]) -> ClickAnswer {
        let Entry { rank, entered_at, state, quantity, .. } = entry;
        self.state.total = rank;
        self.state.last_at = entered_at;
        self.record(Record::Entered {
            rank,
            at: entered_at,
            state,
            quantity,
            taken,
            commitment: commitment(&salt, self.rules.event, click.member),
        });
        self.undecided.insert(click.member, entry);
        self.batch.entries.push(Decided { member: click.member, nickname: click.nickname.clone(), entry, salt });
        ClickAnswer::Entered(entry)
    }

    /// Decides a click where something is sold.
    fn buy(&mut self, click: &Click, salt: [u8; 16]) -> ClickAnswer {
        let (moments, Some(units)) = (self.rules.moments, &self.units) else {
            return ClickAnswer::Refused(Error::Internal);
        };
        let sale = *units.rules();
        let before = self.entry(click.member);
        if self.state.cancelled {
            return ClickAnswer::Refused(EventError::Cancelled.into());
        }
        // A member who left or let time run out may join once more. What was stamped before they had entered is the same press, sent
        // twice.
        let joins_again = |entry: &Entry| entry.may_join_again() && click.stamped_at > entry.entered_at;
        if let Some(entry) = before.filter(|entry| !joins_again(entry)) {
            return ClickAnswer::repeated(entry);
        }
        if moments.published_at.is_none() {
            return ClickAnswer::Refused(Error::NotFound);
        }
        if moments.suspended_at.is_some() {
            return ClickAnswer::Refused(EventError::Suspended.into());
        }
        if let Some(next) = self.early.put_off(click.member, click.stamped_at) {
            return ClickAnswer::PutOff(next);
        }
        if click.stamped_at < moments.opens_at {
            self.early.add(click.member, click.stamped_at);
            let early = moments.opens_at.since(click.stamped_at);
            return ClickAnswer::Refused(EntryError::TooEarly { early }.into());
        }
        if click.wrong_code {
            return ClickAnswer::Refused(EntryError::WrongCode.into());
        }
        if click.stamped_at >= moments.opens_at + OPEN_FOR_SURE {
            self.early.are_over();
        }
        if click.stamped_at >= moments.closes_at.min(sale.ends_at) || units.state().over || self.state.closed {
            self.state.closed |= units.state().over || click.stamped_at >= moments.closes_at + CLOSED_FOR_SURE;
            return before.map_or(ClickAnswer::Refused(EntryError::Closed.into()), ClickAnswer::repeated);
        }
        let wish = match click.wish.unwrap_or_default().check(sale.limit) {
            Ok(wish) => wish,
            Err(refused) => return ClickAnswer::Refused(refused.into()),
        };
        let entered_at = click.stamped_at.max(self.state.last_at + MICROSECOND);
        let Some((state, taken, due)) = units.entering(wish, entered_at) else {
            return ClickAnswer::Refused(EntryError::Full.into());
        };
        let since_open = entered_at.since(moments.opens_at);
        let entry = Entry {
            quantity: wish.quantity,
            fewer: wish.fewer,
            again: before.is_some(),
            units: taken,
            due,
            ..Entry::of_one(self.state.total + 1, entered_at, since_open, state)
        };
        if let Some(units) = &mut self.units {
            units.give(click.member, entry, entered_at);
            self.state.sale = Some(units.state());
        }
        self.enter(click, entry, Some(Taken { fewer: wish.fewer, units: taken, due }), salt)
    }

    /// Says that it is `now`: what ends by itself does. When it does next, [`Sequencer::ends_at`] says.
    pub fn pass(&mut self, now: Time) {
        if self.state.total > 0 && self.ends_at().is_some_and(|ends_at| now >= ends_at) {
            self.with_units(|units| units.end(now));
        }
    }

    /// The last moment of a sale, when all who still wait get nothing; `None` for what is no sale, and once it is over.
    pub fn ends_at(&self) -> Option<Time> {
        self.units.as_ref().filter(|units| !units.state().over).map(|units| units.rules().ends_at)
    }

    /// Of a sale: when the last unit was given, as far as this decided it; see [`Units::full_at`]. Of what was before it the tally knows.
    pub(super) fn full_at(&self) -> Option<Time> {
        self.units.as_ref().and_then(Units::full_at)
    }

    /// Lets something happen to what is sold, and takes over what came of it.
    fn with_units(&mut self, happen: impl FnOnce(&mut Units)) {
        let Some(units) = &mut self.units else { return };
        happen(units);
        let (steps, state) = (units.take_steps(), units.state());
        self.state.sale = Some(state);
        // After its end nobody can enter.
        self.state.closed |= state.over && !self.state.cancelled;
        for Step { record, changed } in steps {
            self.record(record);
            for changed in changed {
                let rank = changed.after.rank;
                self.undecided.insert(changed.member, changed.after);
                self.batch.marks.push((rank, changed.after.state));
                let before = self.batch.changed.get(&rank).map_or(changed.before, |earlier| earlier.before);
                self.batch.changed.insert(rank, Changed { before, ..changed });
            }
        }
    }

    /// Applies a command at `now`; `false` when it has to wait and is to be given again.
    /// [`Command::Revise`] needs the new rules: see [`Sequencer::revise`].
    #[must_use]
    pub fn command(&mut self, command: &Command, now: Time) -> bool {
        self.pass(now);
        match command {
            Command::Cancel if self.state.cancelled => {}
            Command::Cancel => {
                self.state.cancelled = true;
                match self.units {
                    None => self.record(Record::Cancelled { at: now }),
                    Some(_) => self.with_units(|units| units.cancel(now)),
                }
            }
            Command::Paid { rank } => self.with_units(|units| units.paid(*rank, now)),
            Command::Left { rank } => self.with_units(|units| units.left(*rank, now)),
            Command::Expired { rank, due_at } => self.with_units(|units| units.expired(*rank, *due_at, now)),
            Command::Returned { rank, units: back } => self.with_units(|units| units.returned(*rank, *back, now)),
            Command::Disqualify { member, .. } if self.units.is_some() => {
                let entry = self.entry(*member).filter(|entry| entry.state != EntryState::Disqualified);
                if let Some(entry) = entry {
                    self.with_units(|units| units.disqualify(*member, entry, now));
                }
            }
            // Units of a sale are not passed on one by one.
            Command::Reassign(_) if self.units.is_some() => {}
            Command::Revise | Command::Stop => {}
            Command::Reassign(unit) => return self.reassign(*unit, now),
            Command::Lapse { member, held } => {
                if let Some(entry) = self.entry(*member).filter(|entry| entry.state == EntryState::Won) {
                    self.mark(*member, entry, EntryState::Expired);
                    self.record(Record::Lapsed { rank: entry.rank, at: now });
                }
                if let Some(unit) = held {
                    self.reassign_or_owe(*unit, now);
                }
            }
            Command::Disqualify { member, held } => {
                let entry = self.entry(*member).filter(|entry| entry.state != EntryState::Disqualified);
                if let Some(entry) = entry {
                    self.waitlist().remove(&entry.rank);
                    self.mark(*member, entry, EntryState::Disqualified);
                    self.record(Record::Disqualified { rank: entry.rank, at: now });
                    if let Some(unit) = held {
                        self.reassign_or_owe(*unit, now);
                    }
                }
            }
        }
        true
    }

    /// Goes by new rules from now on. Capacity that rises once somebody has entered is given to those who stand by, and
    /// makes room for more of them; what is left of it goes to the clicks to come.
    pub fn revise(&mut self, rules: EventRules, now: Time) {
        self.pass(now);
        let (from, to, kind) = (self.state.capacity, rules.capacity, rules.kind);
        // What the first entry was let in by holds for everybody; whether it is stopped may change.
        let moments = Moments { suspended_at: rules.moments.suspended_at, ..self.rules.moments };
        self.rules = match self.state.total {
            0 => rules,
            _ => EventRules { capacity: to, revisions: rules.revisions, moments, ..self.rules.clone() },
        };
        self.state.full = false;
        if self.state.total == 0 {
            self.state.capacity = to;
            let over = self.state.cancelled;
            self.units = self.rules.sale.map(|sale| Units::new(sale, to, over, []));
            self.state.sale = self.units.as_ref().map(Units::state);
        }
        if self.state.total == 0 || to <= from || self.state.cancelled {
            return;
        }
        self.state.capacity = to;
        if self.units.is_some() {
            return self.with_units(|units| units.raise(to, now));
        }
        self.record(Record::Raised { from, to, at: now });
        let stands_by = to.saturating_add(kind.standby(to));
        let mut more = self.entries(|entry| entry.state == EntryState::Lost && entry.rank <= stands_by);
        more.sort_by_key(|(_, entry)| entry.rank);
        for (member, entry) in more {
            self.waitlist().insert(entry.rank, member);
            self.mark(member, entry, EntryState::Standby);
        }
        for number in from + 1..=to.min(self.state.total) {
            self.reassign_or_owe(Unit { number, first_at: None }, now);
        }
    }

    fn reassign_or_owe(&mut self, unit: Unit, now: Time) {
        if !self.reassign(unit, now) {
            self.batch.owed.push(unit);
        }
    }

    /// Gives a unit to the first who stands by, as long as its kind lets it be given; `false` when somebody may yet come.
    fn reassign(&mut self, unit: Unit, now: Time) -> bool {
        // Units of an event that was called off are not given.
        if self.state.cancelled {
            return true;
        }
        let due_at = match self.outcome().deadline(unit, now) {
            UnitDeadline::Never => None,
            UnitDeadline::At(due_at) => Some(due_at),
            UnitDeadline::Over => {
                self.record(Record::Unclaimed { unit: unit.number, at: now });
                return true;
            }
        };
        let Some((rank, member)) = self.waitlist().pop_first() else {
            let over = now >= self.rules.moments.closes_at + CLOSED_FOR_SURE;
            if over {
                self.record(Record::Unclaimed { unit: unit.number, at: now });
            }
            return over;
        };
        if let Some(entry) = self.entry(member) {
            self.mark(member, entry, EntryState::Won);
        }
        let (number, first_at) = (unit.number, unit.first_at.unwrap_or(now));
        self.batch.reassigned.push(Reassigned { unit: number, first_at, member, rank, at: now, due_at });
        self.record(Record::Reassigned { unit: number, rank, at: now });
        true
    }

    /// The entry with everything decided so far.
    pub(super) fn entry(&self, member: MemberId) -> Option<Entry> {
        self.undecided.get(&member).copied().or_else(|| self.ledger.entry(member))
    }

    fn mark(&mut self, member: MemberId, entry: Entry, state: EntryState) {
        self.undecided.insert(member, Entry { state, ..entry });
        self.batch.marks.push((entry.rank, state));
    }

    /// Who stands by, in order of rank.
    fn waitlist(&mut self) -> &mut BTreeMap<u64, MemberId> {
        if self.waitlist.is_none() {
            let standing_by = self.entries(|entry| entry.state == EntryState::Standby);
            self.waitlist = Some(standing_by.into_iter().map(|(member, entry)| (entry.rank, member)).collect());
        }
        self.waitlist.get_or_insert_default()
    }

    /// Every entry that is `wanted`, with everything decided so far.
    fn entries(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<(MemberId, Entry)> {
        self.ledger.entries_with(&self.undecided, wanted)
    }

    fn record(&mut self, record: Record) {
        self.state.next_sequence += 1;
        self.batch.records.push(record);
    }

    /// What must be written before any answer leaves.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The batch is durable: everybody may see it. Gives it back to be shown.
    pub fn committed(&mut self) -> Batch {
        let batch = std::mem::take(&mut self.batch);
        self.ledger.publish(self.undecided.drain(), &batch, self.state);
        batch
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{early::PAUSE, ledger::Applied},
        *,
    };
    use crate::outcomes;
    use model::{DAY, MILLISECOND};
    use proptest::prelude::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    pub(super) const OPENS: Time = Time(1_000_000);
    pub(super) const CLOSES: Time = Time(2_000_000);

    fn rules(kind: Kind, capacity: u64) -> EventRules {
        EventRules {
            event: EventId(Uuid::from_u128(7)),
            creator: MemberId(Uuid::from_u128(0)),
            kind,
            sale: None,
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

    fn empty(capacity: u64) -> Arc<Ledger> {
        let state = LedgerState {
            total: 0,
            capacity,
            last_at: Time(0),
            next_sequence: 0,
            closed: false,
            cancelled: false,
            full: false,
            sale: None,
        };
        Arc::new(Ledger::new([], state))
    }

    fn click(member: u128, at: i64) -> Click {
        let member = MemberId(Uuid::from_u128(member));
        Click { member, nickname: "수달".into(), stamped_at: Time(at), wish: None, wrong_code: false }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Click { member: u128, at: i64 },
        Commit,
        Cancel,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            30 => (1u128..40, prop_oneof![8 => 900_000i64..2_100_000, 1 => Just(20_000_000)]).prop_map(|(member, at)| Step::Click { member, at }),
            5 => Just(Step::Commit),
            1 => Just(Step::Cancel),
        ];
        proptest::collection::vec(step, 0..200)
    }

    proptest! {
        #[test]
        fn ranks_have_no_gaps_and_times_rise(steps in steps(), capacity in 1u64..12) {
            let ledger = empty(capacity);
            let mut sequencer = Sequencer::new(rules(Kind::Giveaway, capacity), ledger.clone(), outcomes::of);
            let mut known: HashMap<MemberId, Entry> = HashMap::new();
            let mut pressed_early: HashMap<MemberId, Time> = HashMap::new();
            let (mut cancelled, mut latest) = (false, 0);
            for step in steps {
                match step {
                    Step::Commit => { sequencer.committed(); }
                    Step::Cancel => { prop_assert!(sequencer.command(&Command::Cancel, Time(1))); cancelled = true; }
                    Step::Click { member, at } => {
                        // A click cannot be on its way for so long.
                        if Span::from_micros(latest - at) >= CLOSED_FOR_SURE {
                            continue;
                        }
                        latest = latest.max(at);
                        let click = click(member, at);
                        let certain = ledger.certain(click.member);
                        let answer = sequencer.click(&click, [0; 16]);
                        // Early clicks are told how early.
                        if let (Some(certain), false, true) = (&certain, cancelled, at >= OPENS.0) {
                            let late = |a: &ClickAnswer| matches!(a, ClickAnswer::Refused(Error::Entry(EntryError::Closed | EntryError::Full)));
                            prop_assert!(certain == &answer || late(certain) && late(&answer), "{:?}, {:?}", certain, answer);
                        }
                        match answer {
                            ClickAnswer::Entered(entry) => {
                                prop_assert!(!cancelled && (OPENS.0..CLOSES.0).contains(&at));
                                prop_assert!(entry.entered_at >= click.stamped_at);
                                prop_assert!(known.insert(click.member, entry).is_none());
                                prop_assert_eq!(entry.rank as usize, known.len());
                            }
                            ClickAnswer::Again(entry) => prop_assert_eq!(known.get(&click.member), Some(&entry)),
                            ClickAnswer::Refused(Error::Entry(EntryError::TooEarly { early })) => {
                                prop_assert_eq!(early, OPENS - Time(at));
                                let last = pressed_early.insert(click.member, Time(at));
                                prop_assert!(last.is_none_or(|last| Time(at) >= last + PAUSE));
                            }
                            ClickAnswer::PutOff(next) => {
                                prop_assert_eq!(pressed_early.get(&click.member).map(|last| *last + PAUSE), Some(next));
                                prop_assert!(Time(at) < next);
                            }
                            ClickAnswer::Refused(Error::Entry(EntryError::Full)) => prop_assert_eq!(known.len() as u64, capacity * 3),
                            ClickAnswer::Refused(_) => prop_assert!(cancelled || at >= CLOSES.0),
                        }
                    }
                }
            }
            let mut entries: Vec<_> = known.values().collect();
            entries.sort_by_key(|entry| entry.rank);
            prop_assert!(entries.windows(2).all(|w| w[0].rank + 1 == w[1].rank && w[0].entered_at < w[1].entered_at));
            prop_assert!(entries.iter().filter(|e| e.state == EntryState::Won).count() as u64 <= capacity);
            let ranks: HashSet<_> = entries.iter().map(|e| e.rank).collect();
            prop_assert_eq!(ranks.len(), entries.len());
        }
    }

    #[test]
    fn a_place_goes_to_the_first_who_stands_by() {
        let ledger = empty(2);
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 2), ledger.clone(), outcomes::of);
        for member in 1..=6 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let now = OPENS + 3 * DAY;
        let unit = Unit { number: 2, first_at: Some(OPENS) };
        // Rank 3 stands by and is taken out; rank 2 lets the deadline pass.
        assert!(sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(3)), held: None }, now));
        let late = MemberId(Uuid::from_u128(2));
        assert!(sequencer.command(&Command::Lapse { member: late, held: Some(unit) }, now));
        let batch = sequencer.committed();
        assert_eq!(batch.marks, [(3, EntryState::Disqualified), (2, EntryState::Expired), (4, EntryState::Won)]);
        let records = [
            Record::Disqualified { rank: 3, at: now },
            Record::Lapsed { rank: 2, at: now },
            Record::Reassigned { unit: 2, rank: 4, at: now },
        ];
        assert_eq!(batch.records, records);
        assert_eq!(ledger.entry(late).map(|entry| entry.state), Some(EntryState::Expired));
        // Once: and whose prize went on before it was recorded only expires.
        assert!(sequencer.command(&Command::Lapse { member: late, held: None }, now));
        assert!(sequencer.batch().is_empty());
        assert_eq!((batch.reassigned[0].rank, batch.reassigned[0].due_at), (4, Some(now + DAY)));
        assert_eq!(ledger.entry(MemberId(Uuid::from_u128(4))).map(|entry| entry.state), Some(EntryState::Won));
        let again = sequencer.click(&click(3, OPENS.0 + 50), [0; 16]);
        assert_eq!(again, ClickAnswer::Refused(EntryError::Disqualified.into()));
        // No entry stands by: ranks 5 and 6 had lost.
        assert!(sequencer.command(&Command::Reassign(unit), now + DAY));
        assert_eq!(sequencer.committed().records, [Record::Unclaimed { unit: 2, at: now + DAY }]);
    }

    #[test]
    fn a_press_with_a_wrong_code_comes_too_early_as_any_other_and_is_never_let_in() {
        let wrong = |member, at| Click { wrong_code: true, ..click(member, at) };
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 1), empty(1), outcomes::of);
        let early = OPENS.0 - 1;
        for (member, press) in [(1, click(1, early)), (2, wrong(2, early))] {
            let refused = EntryError::TooEarly { early: Span::from_micros(1) };
            assert_eq!(sequencer.click(&press, [0; 16]), ClickAnswer::Refused(refused.into()));
            assert_eq!(sequencer.click(&click(member, OPENS.0), [0; 16]), ClickAnswer::PutOff(Time(early) + PAUSE));
        }
        // As where the opening was moved forward before it came here.
        let opened = (Time(early) + PAUSE).0;
        assert_eq!(sequencer.click(&wrong(2, opened), [0; 16]), ClickAnswer::Refused(EntryError::WrongCode.into()));
        assert!(sequencer.batch().is_empty());
    }

    #[test]
    fn the_outcome_says_whether_a_unit_goes_on() {
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 1), empty(1), outcomes::of);
        for member in 1..=3 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let late = OPENS + 30 * DAY;
        assert!(sequencer.command(&Command::Reassign(Unit { number: 1, first_at: Some(OPENS) }), late));
        // A prize that went from hand to hand for so long is left over.
        assert_eq!(sequencer.committed().records, [Record::Unclaimed { unit: 1, at: late }]);
    }

    #[test]
    fn a_place_waits_while_somebody_may_yet_come() {
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 1), empty(1), outcomes::of);
        sequencer.click(&click(1, OPENS.0), [0; 16]);
        let unit = Unit { number: 1, first_at: Some(OPENS) };
        let held = Some(unit);
        assert!(
            sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(1)), held }, OPENS + MICROSECOND)
        );
        let owed = sequencer.committed().owed;
        assert_eq!(owed, [unit]);
        assert!(!sequencer.command(&Command::Reassign(owed[0]), OPENS + 2 * MICROSECOND));
        sequencer.click(&click(2, OPENS.0 + 3), [0; 16]);
        assert!(sequencer.command(&Command::Reassign(owed[0]), OPENS + 4 * MICROSECOND));
        assert_eq!(sequencer.committed().reassigned[0].rank, 2);
    }

    #[test]
    fn capacity_that_rises_goes_to_those_who_stand_by_and_makes_room_for_more() {
        let ledger = empty(2);
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 2), ledger.clone(), outcomes::of);
        for member in 1..=7 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let now = OPENS + 100 * MICROSECOND;
        assert!(sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(4)), held: None }, now));
        sequencer.revise(rules(Kind::Giveaway, 8), now);
        let batch = sequencer.committed();
        // Places 3 to 7 for ranks 3, 5, 6, 7; the fifth of them waits. Unit 8 goes to rank 8.
        let reassigned: Vec<_> = batch.reassigned.iter().map(|reassigned| (reassigned.unit, reassigned.rank)).collect();
        assert_eq!(reassigned, [(3, 3), (4, 5), (5, 6), (6, 7)]);
        assert_eq!(batch.reassigned[0].due_at, Some(now + 3 * DAY), "as long as any first holder has");
        assert_eq!(batch.owed, [Unit { number: 7, first_at: None }]);
        let mut state = |member| match sequencer.click(&click(member, OPENS.0 + 200), [0; 16]) {
            ClickAnswer::Entered(entry) | ClickAnswer::Again(entry) => entry.state,
            answer => panic!("{answer:?}"),
        };
        assert_eq!([state(7), state(8), state(9)], [EntryState::Won, EntryState::Won, EntryState::Standby]);
        // It never falls, and rises once.
        sequencer.committed();
        sequencer.revise(rules(Kind::Giveaway, 3), now);
        sequencer.revise(rules(Kind::Giveaway, 8), now);
        assert!(sequencer.batch().is_empty());
    }

    #[test]
    fn what_is_stopped_lets_nobody_in_until_it_goes_on() {
        let revised = |revisions, suspended_at| {
            let rules = rules(Kind::Giveaway, 3);
            EventRules { moments: Moments { suspended_at, ..rules.moments }, revisions, ..rules }
        };
        let mut sequencer = Sequencer::new(revised(1, Some(Time(0))), empty(3), outcomes::of);
        let refused = ClickAnswer::Refused(EventError::Suspended.into());
        // Nor is anybody put off who pressed before the opening.
        for at in [OPENS.0 - 1, OPENS.0] {
            assert_eq!(sequencer.click(&click(1, at), [0; 16]), refused);
        }
        sequencer.revise(revised(2, None), OPENS + MICROSECOND);
        assert!(matches!(sequencer.click(&click(1, OPENS.0 + 2), [0; 16]), ClickAnswer::Entered(_)));
        sequencer.committed();
        // Who is in stays in, whatever else holds still since then.
        sequencer.revise(revised(3, Some(OPENS)), OPENS + 3 * MICROSECOND);
        assert!(matches!(sequencer.click(&click(1, OPENS.0 + 4), [0; 16]), ClickAnswer::Again(_)));
        assert_eq!(sequencer.click(&click(2, OPENS.0 + 4), [0; 16]), refused);
        assert!(sequencer.batch().is_empty());
        sequencer.revise(revised(4, None), OPENS + 5 * MICROSECOND);
        let ClickAnswer::Entered(entry) = sequencer.click(&click(2, OPENS.0 + 6), [0; 16]) else { panic!() };
        assert_eq!(entry.rank, 2);
    }

    #[test]
    fn what_has_no_record_is_applied_as_well() {
        let ledger = empty(3);
        let applied = |state| ledger.apply(ledger.state().next_sequence, &Batch::default(), state);
        let before = ledger.state();
        assert_eq!(applied(LedgerState { capacity: 5, closed: true, ..before }), Applied::Known);
        assert_eq!(ledger.state(), LedgerState { capacity: 5, closed: true, ..before });
        // What came too late says nothing.
        assert_eq!(ledger.apply(0, &Batch::default(), LedgerState { next_sequence: 4, ..before }), Applied::New);
        assert_eq!(applied(before), Applied::Known);
        assert_eq!(ledger.state().next_sequence, 4);
    }

    #[test]
    fn nobody_sees_a_batch_before_it_is_durable() {
        let ledger = empty(1);
        let mut sequencer = Sequencer::new(rules(Kind::Giveaway, 1), ledger.clone(), outcomes::of);
        let first = click(1, OPENS.0 + 84_000);
        assert!(matches!(sequencer.click(&first, [1; 16]), ClickAnswer::Entered(_)));
        assert_eq!((ledger.entry(first.member), ledger.state().total), (None, 0));
        assert_eq!(sequencer.batch().records.len(), 1);
        let batch = sequencer.committed();
        assert_eq!(batch.entries[0].entry.since_open, 84 * MILLISECOND);
        assert_eq!(ledger.entry(first.member).map(|entry| entry.rank), Some(1));
        assert!(sequencer.batch().is_empty());
    }
}
