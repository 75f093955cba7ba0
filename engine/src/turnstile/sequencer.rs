//! The sequencer: decides the order of one event's clicks.
//!
//! A pure state machine without I/O, clock or randomness: clicks and commands go in, answers and log records come out.
//! What a batch decided is kept apart until [`Sequencer::committed`] says that it is durable; before that, nobody else
//! sees it. After any doubt the sequencer is thrown away and rebuilt from the database.

use super::record::{Record, commitment};
use arc_swap::ArcSwap;
use model::{Entry, EntryError, EntryState, Error, EventError, EventId, Kind, MemberId, Moments, SECOND, Time, claim};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// No click stamped before the closing is still on its way this long after it.
const CLOSED_FOR_SURE: i64 = 10 * SECOND;

/// What the sequencer must know of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Which event.
    pub event: EventId,
    /// Who runs it, and so cannot enter it.
    pub creator: MemberId,
    /// How places are given.
    pub kind: Kind,
    /// How many win, as the creator has it; [`Standing::capacity`] is what places are given by.
    pub capacity: u64,
    /// When it opens and closes.
    pub moments: Moments,
    /// What everyone must type, in capitals.
    pub entry_code: Option<String>,
    /// How often it was changed since it was published.
    pub revisions: u64,
}

/// One press of the button.
#[derive(Debug, Clone)]
pub struct Click {
    /// Whose.
    pub member: MemberId,
    /// The name for the board.
    pub nickname: Arc<str>,
    /// Server time when it was read.
    pub stamped_at: Time,
}

/// Everything but a click that changes an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Call the event off.
    Cancel,
    /// The creator changed the event: its terms are to be read anew.
    Revise,
    /// A place whose holder let the deadline pass goes to the next in line.
    PassOn(Place),
    /// Take a member out of the event; what they held goes to the next in line.
    Disqualify {
        /// Whom.
        member: MemberId,
        /// The place they held.
        held: Option<Place>,
    },
}

/// One of the places that capacity counts, from 1: it decides the prize, whoever holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which.
    pub number: u64,
    /// When it was first given: everything ends [`model::claim::IN_ALL`] later. `None` while nobody ever had it.
    pub first_at: Option<Time>,
}

/// A place given to one entry by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Which place, from 1.
    pub place: u64,
    /// When it was first given.
    pub first_at: Time,
    /// Who has it now.
    pub member: MemberId,
    /// Their rank.
    pub rank: u64,
    /// When they were given it.
    pub at: Time,
    /// Until when they may claim it.
    pub due_at: Time,
}

/// The answer to a click.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// The first click: accepted.
    Entered(Entry),
    /// A further click: the same entry as before.
    Again(Entry),
    /// Nothing changed.
    Refused(Error),
}

/// Where an event stands, as decided by the last committed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Accepted entries; the next rank is one more.
    pub total: u64,
    /// How many win. It follows the terms until somebody enters; from then on it only rises, and the log has it.
    pub capacity: u64,
    /// Time of the newest entry.
    pub last_at: Time,
    /// Sequence number of the next log record.
    pub next_sequence: u64,
    /// It closed long enough ago that no earlier click can be on its way.
    pub closed: bool,
    /// The event was called off.
    pub cancelled: bool,
    /// The next click would be refused as full.
    pub full: bool,
}

/// What hearing of a batch meant for a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// It went on from what was known.
    New,
    /// It was known already.
    Known,
    /// There are others in between.
    Missed,
}

/// What is committed of one event, readable by everybody without a lock.
pub struct Ledger {
    entries: papaya::HashMap<MemberId, Entry, FxBuildHasher>,
    standing: ArcSwap<Standing>,
}

impl Ledger {
    /// From what the database holds.
    pub fn new(entries: impl IntoIterator<Item = (MemberId, Entry)>, standing: Standing) -> Ledger {
        let ledger =
            Ledger { entries: papaya::HashMap::with_hasher(FxBuildHasher), standing: ArcSwap::from_pointee(standing) };
        let pinned = ledger.entries.pin();
        for (member, entry) in entries {
            pinned.insert(member, entry);
        }
        drop(pinned);
        ledger
    }

    /// The committed entry of a member.
    pub fn entry(&self, member: MemberId) -> Option<Entry> {
        self.entries.pin().get(&member).copied()
    }

    /// Where the event stands.
    pub fn standing(&self) -> Standing {
        **self.standing.load()
    }

    /// Takes over a batch that another node committed, whose first record has sequence number `first`. One at a time.
    pub(super) fn hear(&self, first: u64, batch: &Batch, standing: Standing) -> Heard {
        let here = self.standing();
        let known = here.next_sequence;
        if known == standing.next_sequence && here != standing {
            // Not everything has a record: that it closed, or the places there are before anybody entered.
            self.standing.store(Arc::new(standing));
        }
        if known >= standing.next_sequence {
            return Heard::Known;
        }
        if known != first {
            return Heard::Missed;
        }
        let entries = self.entries.pin();
        for decided in &batch.entries {
            entries.insert(decided.member, decided.entry);
        }
        if !batch.marks.is_empty() {
            let marks: HashMap<u64, EntryState> = batch.marks.iter().copied().collect();
            let marked: Vec<(MemberId, Entry)> = entries
                .iter()
                .filter_map(|(member, entry)| Some((*member, Entry { state: *marks.get(&entry.rank)?, ..*entry })))
                .collect();
            for (member, entry) in marked {
                entries.insert(member, entry);
            }
        }
        self.standing.store(Arc::new(standing));
        Heard::New
    }

    /// What the committed state alone decides about a click, the same that the sequencer would decide: a repeat, or a
    /// refusal that no later click can turn. `None`: ask the sequencer.
    pub fn certain(&self, member: MemberId) -> Option<Answer> {
        let standing = self.standing.load();
        if standing.cancelled {
            return Some(Answer::Refused(EventError::Cancelled.into()));
        }
        if let Some(entry) = self.entry(member) {
            return Some(repeat(entry));
        }
        if standing.closed {
            return Some(Answer::Refused(EntryError::Closed.into()));
        }
        standing.full.then_some(Answer::Refused(EntryError::Full.into()))
    }
}

fn repeat(entry: Entry) -> Answer {
    match entry.state {
        EntryState::Disqualified => Answer::Refused(EntryError::Disqualified.into()),
        _ => Answer::Again(entry),
    }
}

/// An entry decided and not yet durable.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Whose.
    pub member: MemberId,
    /// The name for the board.
    pub nickname: Arc<str>,
    /// Rank, time, state.
    pub entry: Entry,
    /// Opens the log's commitment.
    pub salt: [u8; 16],
}

/// What a batch decided for one event: to be written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// New entries in rank order.
    pub entries: Vec<Decided>,
    /// New log records in order.
    pub records: Vec<Record>,
    /// Entries of before whose state changed: rank and new state.
    pub marks: Vec<(u64, EntryState)>,
    /// Places that went on.
    pub passed: Vec<Passed>,
    /// Places that nobody stood by for while more may come: they wait as commands of their own.
    pub owed: Vec<Place>,
}

impl Batch {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }
}

/// Decides the order of one event's clicks.
pub struct Sequencer {
    terms: Terms,
    ledger: Arc<Ledger>,
    standing: Standing,
    undecided: HashMap<MemberId, Entry, FxBuildHasher>,
    batch: Batch,
    /// Who stands by, by rank; known once a command has asked.
    line: Option<BTreeMap<u64, MemberId>>,
}

impl Sequencer {
    /// Continues from what is committed.
    pub fn new(terms: Terms, ledger: Arc<Ledger>) -> Sequencer {
        let standing = ledger.standing();
        Sequencer { terms, ledger, standing, undecided: HashMap::default(), batch: Batch::default(), line: None }
    }

    /// Which event.
    pub fn event(&self) -> EventId {
        self.terms.event
    }

    /// Where the event stands with everything decided so far.
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Sequence number of the first record that is not committed.
    pub(super) fn committed_sequence(&self) -> u64 {
        self.standing.next_sequence - self.batch.records.len() as u64
    }

    /// Decides one click. `salt` must be fresh randomness.
    pub fn click(&mut self, click: &Click, salt: [u8; 16]) -> Answer {
        if let Some(entry) = self.undecided.get(&click.member) {
            return repeat(*entry);
        }
        let Terms { moments, kind, .. } = self.terms;
        // Standing may say more than the ledger does, so the ledger is only asked for this member.
        if self.standing.cancelled {
            return Answer::Refused(EventError::Cancelled.into());
        }
        if let Some(entry) = self.ledger.entry(click.member) {
            return repeat(entry);
        }
        if moments.published_at.is_none() {
            return Answer::Refused(Error::NotFound);
        }
        if click.stamped_at < moments.opens_at {
            return Answer::Refused(EntryError::TooEarly { early_us: moments.opens_at.since(click.stamped_at) }.into());
        }
        if click.stamped_at >= moments.closes_at || self.standing.closed {
            self.standing.closed |= click.stamped_at >= moments.closes_at + CLOSED_FOR_SURE;
            return Answer::Refused(EntryError::Closed.into());
        }
        let rank = self.standing.total + 1;
        let Some(state) = kind.place(rank, self.standing.capacity) else {
            self.standing.full = true;
            return Answer::Refused(EntryError::Full.into());
        };
        let entered_at = click.stamped_at.max(self.standing.last_at + 1);
        let entry = Entry { rank, entered_at, since_open_us: entered_at.since(moments.opens_at), state };
        self.standing.total = rank;
        self.standing.last_at = entered_at;
        self.record(Record::Entered {
            rank,
            at: entered_at,
            state,
            commitment: commitment(&salt, self.terms.event, click.member),
        });
        self.undecided.insert(click.member, entry);
        if let (Some(line), EntryState::Standby) = (&mut self.line, state) {
            line.insert(rank, click.member);
        }
        self.batch.entries.push(Decided { member: click.member, nickname: click.nickname.clone(), entry, salt });
        Answer::Entered(entry)
    }

    /// Applies a command at `now`; `false` when it has to wait and is to be given again.
    /// [`Command::Revise`] needs the new terms: see [`Sequencer::revise`].
    #[must_use]
    pub fn command(&mut self, command: &Command, now: Time) -> bool {
        match command {
            Command::Cancel if !self.standing.cancelled => {
                self.standing.cancelled = true;
                self.record(Record::Cancelled { at: now });
            }
            Command::Cancel | Command::Revise => {}
            Command::PassOn(place) => return self.pass_on(*place, now),
            Command::Disqualify { member, held } => {
                let entry = self.entry(*member).filter(|entry| entry.state != EntryState::Disqualified);
                if let Some(entry) = entry {
                    self.line().remove(&entry.rank);
                    self.mark(*member, entry, EntryState::Disqualified);
                    self.record(Record::Disqualified { rank: entry.rank, at: now });
                    if let Some(place) = held {
                        self.pass_on_or_owe(*place, now);
                    }
                }
            }
        }
        true
    }

    /// Goes by new terms from now on. Capacity that rises once somebody has entered is given to those who stand by, and
    /// makes room for more of them; what is left of it goes to the clicks to come.
    pub fn revise(&mut self, terms: Terms, now: Time) {
        let (from, to, kind) = (self.standing.capacity, terms.capacity, terms.kind);
        // What the first entry was let in by holds for everybody.
        self.terms = match self.standing.total {
            0 => terms,
            _ => Terms { capacity: to, revisions: terms.revisions, ..self.terms.clone() },
        };
        self.standing.full = false;
        if self.standing.total == 0 {
            self.standing.capacity = to;
        }
        if self.standing.total == 0 || to <= from || self.standing.cancelled {
            return;
        }
        self.standing.capacity = to;
        self.record(Record::Raised { from, to, at: now });
        let stands_by = to.saturating_add(kind.standby(to));
        let mut more = self.all(|entry| entry.state == EntryState::Lost && entry.rank <= stands_by);
        more.sort_by_key(|(_, entry)| entry.rank);
        for (member, entry) in more {
            self.line().insert(entry.rank, member);
            self.mark(member, entry, EntryState::Standby);
        }
        for number in from + 1..=to.min(self.standing.total) {
            self.pass_on_or_owe(Place { number, first_at: None }, now);
        }
    }

    fn pass_on_or_owe(&mut self, place: Place, now: Time) {
        if !self.pass_on(place, now) {
            self.batch.owed.push(place);
        }
    }

    /// Gives a place to the first who stands by, as long as there is time to claim it; `false` when somebody may yet come.
    fn pass_on(&mut self, place: Place, now: Time) -> bool {
        // What is called off is not passed on.
        if self.standing.cancelled {
            return true;
        }
        let due_at = match place.first_at {
            Some(first_at) => claim::due_again(first_at, now),
            None => Some(claim::due_first(now)),
        };
        let next = due_at.and_then(|due_at| Some((due_at, self.line().pop_first()?)));
        let Some((due_at, (rank, member))) = next else {
            let over = now >= self.terms.moments.closes_at + CLOSED_FOR_SURE;
            if due_at.is_none() || over {
                self.record(Record::Unclaimed { place: place.number, at: now });
            }
            return due_at.is_none() || over;
        };
        if let Some(entry) = self.entry(member) {
            self.mark(member, entry, EntryState::Won);
        }
        let first_at = place.first_at.unwrap_or(now);
        self.batch.passed.push(Passed { place: place.number, first_at, member, rank, at: now, due_at });
        self.record(Record::PassedOn { place: place.number, rank, at: now });
        true
    }

    /// The entry with everything decided so far.
    fn entry(&self, member: MemberId) -> Option<Entry> {
        self.undecided.get(&member).copied().or_else(|| self.ledger.entry(member))
    }

    fn mark(&mut self, member: MemberId, entry: Entry, state: EntryState) {
        self.undecided.insert(member, Entry { state, ..entry });
        self.batch.marks.push((entry.rank, state));
    }

    /// Who stands by, in order of rank.
    fn line(&mut self) -> &mut BTreeMap<u64, MemberId> {
        if self.line.is_none() {
            let standing_by = self.all(|entry| entry.state == EntryState::Standby);
            self.line = Some(standing_by.into_iter().map(|(member, entry)| (entry.rank, member)).collect());
        }
        self.line.get_or_insert_default()
    }

    /// Every entry that is `wanted`, with everything decided so far.
    fn all(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<(MemberId, Entry)> {
        let committed = self.ledger.entries.pin();
        let older = committed.iter().filter(|(member, _)| !self.undecided.contains_key(member));
        older
            .chain(&self.undecided)
            .filter(|(_, entry)| wanted(entry))
            .map(|(member, entry)| (*member, *entry))
            .collect()
    }

    fn record(&mut self, record: Record) {
        self.standing.next_sequence += 1;
        self.batch.records.push(record);
    }

    /// What must be written before any answer leaves.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The batch is durable: everybody may see it. Gives it back to be shown.
    pub fn committed(&mut self) -> Batch {
        let entries = self.ledger.entries.pin();
        for (member, entry) in self.undecided.drain() {
            entries.insert(member, entry);
        }
        self.ledger.standing.store(Arc::new(self.standing));
        std::mem::take(&mut self.batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DAY;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    pub(super) const OPENS: Time = Time(1_000_000);
    pub(super) const CLOSES: Time = Time(2_000_000);

    fn terms(kind: Kind, capacity: u64) -> Terms {
        Terms {
            event: EventId(Uuid::from_u128(7)),
            creator: MemberId(Uuid::from_u128(0)),
            kind,
            capacity,
            moments: Moments {
                published_at: Some(Time(0)),
                opens_at: OPENS,
                closes_at: CLOSES,
                cancelled_at: None,
                settled_at: None,
            },
            entry_code: None,
            revisions: 0,
        }
    }

    fn empty(capacity: u64) -> Arc<Ledger> {
        let standing = Standing {
            total: 0,
            capacity,
            last_at: Time(0),
            next_sequence: 0,
            closed: false,
            cancelled: false,
            full: false,
        };
        Arc::new(Ledger::new([], standing))
    }

    fn click(member: u128, at: i64) -> Click {
        Click { member: MemberId(Uuid::from_u128(member)), nickname: "수달".into(), stamped_at: Time(at) }
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
        fn ranks_have_no_gaps_and_times_rise(
            steps in steps(),
            capacity in 1u64..12,
            kind in prop_oneof![Just(Kind::Giveaway), Just(Kind::Deal)],
        ) {
            let ledger = empty(capacity);
            let mut sequencer = Sequencer::new(terms(kind, capacity), ledger.clone());
            let mut known: HashMap<MemberId, Entry> = HashMap::new();
            let (mut cancelled, mut latest) = (false, 0);
            for step in steps {
                match step {
                    Step::Commit => { sequencer.committed(); }
                    Step::Cancel => { prop_assert!(sequencer.command(&Command::Cancel, Time(1))); cancelled = true; }
                    Step::Click { member, at } => {
                        // A click cannot be on its way for so long.
                        if latest - at >= CLOSED_FOR_SURE {
                            continue;
                        }
                        latest = latest.max(at);
                        let click = click(member, at);
                        let certain = ledger.certain(click.member);
                        let answer = sequencer.click(&click, [0; 16]);
                        // Early clicks are told how early.
                        if let (Some(certain), false, true) = (&certain, cancelled, at >= OPENS.0) {
                            let late = |a: &Answer| matches!(a, Answer::Refused(Error::Entry(EntryError::Closed | EntryError::Full)));
                            prop_assert!(certain == &answer || late(certain) && late(&answer), "{:?}, {:?}", certain, answer);
                        }
                        match answer {
                            Answer::Entered(entry) => {
                                prop_assert!(!cancelled && (OPENS.0..CLOSES.0).contains(&at));
                                prop_assert!(entry.entered_at >= click.stamped_at);
                                prop_assert!(known.insert(click.member, entry).is_none());
                                prop_assert_eq!(entry.rank as usize, known.len());
                            }
                            Answer::Again(entry) => prop_assert_eq!(known.get(&click.member), Some(&entry)),
                            Answer::Refused(Error::Entry(EntryError::TooEarly { early_us })) => prop_assert_eq!(early_us, OPENS.0 - at),
                            Answer::Refused(Error::Entry(EntryError::Full)) => prop_assert_eq!(known.len() as u64, capacity * 3),
                            Answer::Refused(_) => prop_assert!(cancelled || at >= CLOSES.0),
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
        let mut sequencer = Sequencer::new(terms(Kind::Giveaway, 2), ledger.clone());
        for member in 1..=6 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let now = OPENS + 3 * DAY;
        let place = Place { number: 2, first_at: Some(OPENS) };
        // Rank 3 stands by and is taken out; rank 2 lets the deadline pass.
        assert!(sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(3)), held: None }, now));
        assert!(sequencer.command(&Command::PassOn(place), now));
        let batch = sequencer.committed();
        assert_eq!(batch.marks, [(3, EntryState::Disqualified), (4, EntryState::Won)]);
        assert_eq!((batch.passed[0].rank, batch.passed[0].due_at), (4, now + DAY));
        assert_eq!(ledger.entry(MemberId(Uuid::from_u128(4))).map(|entry| entry.state), Some(EntryState::Won));
        assert_eq!(sequencer.click(&click(3, OPENS.0 + 50), [0; 16]), Answer::Refused(EntryError::Disqualified.into()));
        // Nobody stands by any more: rank 5 and 6 had lost.
        assert!(sequencer.command(&Command::PassOn(place), now + DAY));
        assert_eq!(sequencer.committed().records, [Record::Unclaimed { place: 2, at: now + DAY }]);
    }

    #[test]
    fn a_place_waits_while_somebody_may_yet_come() {
        let mut sequencer = Sequencer::new(terms(Kind::Giveaway, 1), empty(1));
        sequencer.click(&click(1, OPENS.0), [0; 16]);
        let place = Place { number: 1, first_at: Some(OPENS) };
        let held = Some(place);
        assert!(sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(1)), held }, OPENS + 1));
        let owed = sequencer.committed().owed;
        assert_eq!(owed, [place]);
        assert!(!sequencer.command(&Command::PassOn(owed[0]), OPENS + 2));
        sequencer.click(&click(2, OPENS.0 + 3), [0; 16]);
        assert!(sequencer.command(&Command::PassOn(owed[0]), OPENS + 4));
        assert_eq!(sequencer.committed().passed[0].rank, 2);
    }

    #[test]
    fn capacity_that_rises_goes_to_those_who_stand_by_and_makes_room_for_more() {
        let ledger = empty(2);
        let mut sequencer = Sequencer::new(terms(Kind::Giveaway, 2), ledger.clone());
        for member in 1..=7 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let now = OPENS + 100;
        assert!(sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(4)), held: None }, now));
        sequencer.revise(terms(Kind::Giveaway, 8), now);
        let batch = sequencer.committed();
        // Places 3 to 7 for ranks 3, 5, 6, 7; the fifth of them waits. Place 8 goes to rank 8.
        let passed: Vec<_> = batch.passed.iter().map(|passed| (passed.place, passed.rank)).collect();
        assert_eq!(passed, [(3, 3), (4, 5), (5, 6), (6, 7)]);
        assert_eq!(batch.passed[0].due_at, now + 3 * DAY, "as long as any first holder has");
        assert_eq!(batch.owed, [Place { number: 7, first_at: None }]);
        let mut state = |member| match sequencer.click(&click(member, OPENS.0 + 200), [0; 16]) {
            Answer::Entered(entry) | Answer::Again(entry) => entry.state,
            Answer::Refused(error) => panic!("{error}"),
        };
        assert_eq!([state(7), state(8), state(9)], [EntryState::Won, EntryState::Won, EntryState::Standby]);
        // It never falls, and rises once.
        sequencer.committed();
        sequencer.revise(terms(Kind::Giveaway, 3), now);
        sequencer.revise(terms(Kind::Giveaway, 8), now);
        assert!(sequencer.batch().is_empty());
    }

    #[test]
    fn what_has_no_record_is_heard_as_well() {
        let ledger = empty(3);
        let heard = |standing| ledger.hear(ledger.standing().next_sequence, &Batch::default(), standing);
        let before = ledger.standing();
        assert_eq!(heard(Standing { capacity: 5, closed: true, ..before }), Heard::Known);
        assert_eq!(ledger.standing(), Standing { capacity: 5, closed: true, ..before });
        // What came too late says nothing.
        assert_eq!(ledger.hear(0, &Batch::default(), Standing { next_sequence: 4, ..before }), Heard::New);
        assert_eq!(heard(before), Heard::Known);
        assert_eq!(ledger.standing().next_sequence, 4);
    }

    #[test]
    fn nobody_sees_a_batch_before_it_is_durable() {
        let ledger = empty(1);
        let mut sequencer = Sequencer::new(terms(Kind::Giveaway, 1), ledger.clone());
        let first = click(1, OPENS.0 + 84_000);
        assert!(matches!(sequencer.click(&first, [1; 16]), Answer::Entered(_)));
        assert_eq!((ledger.entry(first.member), ledger.standing().total), (None, 0));
        assert_eq!(sequencer.batch().records.len(), 1);
        let batch = sequencer.committed();
        assert_eq!(batch.entries[0].entry.since_open_us, 84_000);
        assert_eq!(ledger.entry(first.member).map(|entry| entry.rank), Some(1));
        assert!(sequencer.batch().is_empty());
    }
}
