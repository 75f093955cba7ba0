//! The sequencer: decides the order of one event's clicks.
//!
//! A pure state machine without I/O, clock or randomness: clicks and commands go in, answers and log records come out.
//! What a batch decided is kept apart until [`Sequencer::committed`] says that it is durable; before that, nobody else
//! sees it. After any doubt the sequencer is thrown away and rebuilt from the database.

use super::record::{Record, commitment};
use arc_swap::ArcSwap;
use model::{Entry, EntryState, Error, EventId, Kind, MemberId, Moments, SECOND, Time, claim};
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
    /// How many win.
    pub capacity: u64,
    /// When it opens and closes.
    pub moments: Moments,
    /// What everyone must type, in capitals.
    pub entry_code: Option<String>,
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
    /// When it was first given: everything ends [`model::claim::IN_ALL`] later.
    pub first_at: Time,
}

/// A place given to one entry by a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Which place.
    pub place: Place,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The first click: accepted.
    Entered(Entry),
    /// A further click: the same entry as before.
    Again(Entry),
    /// Nothing changed.
    Refused(Error),
}

/// Where an event stands, as decided by the last committed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Accepted entries; the next rank is one more.
    pub total: u64,
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

    /// What the committed state alone decides about a click, the same that the sequencer would decide: a repeat, or a
    /// refusal that no later click can turn. `None`: ask the sequencer.
    pub fn certain(&self, member: MemberId) -> Option<Answer> {
        let standing = self.standing.load();
        if standing.cancelled {
            return Some(Answer::Refused(Error::Cancelled));
        }
        if let Some(entry) = self.entry(member) {
            return Some(repeat(entry));
        }
        if standing.closed {
            return Some(Answer::Refused(Error::Closed));
        }
        standing.full.then_some(Answer::Refused(Error::Full))
    }
}

fn repeat(entry: Entry) -> Answer {
    match entry.state {
        EntryState::Disqualified => Answer::Refused(Error::Disqualified),
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

    /// Decides one click. `salt` must be fresh randomness.
    pub fn click(&mut self, click: &Click, salt: [u8; 16]) -> Answer {
        if let Some(entry) = self.undecided.get(&click.member) {
            return repeat(*entry);
        }
        let Terms { moments, kind, capacity, .. } = self.terms;
        // Standing may say more than the ledger does, so the ledger is only asked for this member.
        if self.standing.cancelled {
            return Answer::Refused(Error::Cancelled);
        }
        if let Some(entry) = self.ledger.entry(click.member) {
            return repeat(entry);
        }
        if moments.published_at.is_none() {
            return Answer::Refused(Error::NotFound);
        }
        if click.stamped_at < moments.opens_at {
            return Answer::Refused(Error::TooEarly { early_us: moments.opens_at.since(click.stamped_at) });
        }
        if click.stamped_at >= moments.closes_at || self.standing.closed {
            self.standing.closed |= click.stamped_at >= moments.closes_at + CLOSED_FOR_SURE;
            return Answer::Refused(Error::Closed);
        }
        let rank = self.standing.total + 1;
        let Some(state) = kind.place(rank, capacity) else {
            self.standing.full = true;
            return Answer::Refused(Error::Full);
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

    /// Applies a command at `now`.
    pub fn command(&mut self, command: &Command, now: Time) {
        match command {
            Command::Cancel if !self.standing.cancelled => {
                self.standing.cancelled = true;
                self.record(Record::Cancelled { at: now });
            }
            Command::Cancel => {}
            Command::PassOn(place) => self.pass_on(*place, now),
            Command::Disqualify { member, held } => {
                let Some(entry) = self.entry(*member).filter(|entry| entry.state != EntryState::Disqualified) else {
                    return;
                };
                self.line().remove(&entry.rank);
                self.mark(*member, entry, EntryState::Disqualified);
                self.record(Record::Disqualified { rank: entry.rank, at: now });
                if let Some(place) = held {
                    self.pass_on(*place, now);
                }
            }
        }
    }

    /// Gives a place to the first who stands by, as long as there is time to claim it.
    fn pass_on(&mut self, place: Place, now: Time) {
        // What is called off is not passed on.
        if self.standing.cancelled {
            return;
        }
        let next = claim::due_again(place.first_at, now).and_then(|due_at| Some((due_at, self.line().pop_first()?)));
        let Some((due_at, (rank, member))) = next else {
            return self.record(Record::Unclaimed { place: place.number, at: now });
        };
        if let Some(entry) = self.entry(member) {
            self.mark(member, entry, EntryState::Won);
        }
        self.batch.passed.push(Passed { place, member, rank, at: now, due_at });
        self.record(Record::PassedOn { place: place.number, rank, at: now });
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
        let (ledger, undecided) = (&self.ledger, &self.undecided);
        self.line.get_or_insert_with(|| {
            let committed = ledger.entries.pin();
            let mut line: BTreeMap<u64, MemberId> = committed
                .iter()
                .filter(|(member, entry)| entry.state == EntryState::Standby && !undecided.contains_key(member))
                .map(|(member, entry)| (entry.rank, *member))
                .collect();
            let newer = undecided.iter().filter(|(_, entry)| entry.state == EntryState::Standby);
            line.extend(newer.map(|(member, entry)| (entry.rank, *member)));
            line
        })
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
        }
    }

    fn empty() -> Arc<Ledger> {
        let standing =
            Standing { total: 0, last_at: Time(0), next_sequence: 0, closed: false, cancelled: false, full: false };
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
            let ledger = empty();
            let mut sequencer = Sequencer::new(terms(kind, capacity), ledger.clone());
            let mut known: HashMap<MemberId, Entry> = HashMap::new();
            let (mut cancelled, mut latest) = (false, 0);
            for step in steps {
                match step {
                    Step::Commit => { sequencer.committed(); }
                    Step::Cancel => { sequencer.command(&Command::Cancel, Time(1)); cancelled = true; }
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
                            let late = |a: &Answer| matches!(a, Answer::Refused(Error::Closed | Error::Full));
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
                            Answer::Refused(Error::TooEarly { early_us }) => prop_assert_eq!(early_us, OPENS.0 - at),
                            Answer::Refused(Error::Full) => prop_assert_eq!(known.len() as u64, capacity * 3),
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
        let ledger = empty();
        let mut sequencer = Sequencer::new(terms(Kind::Giveaway, 2), ledger.clone());
        for member in 1..=6 {
            sequencer.click(&click(member, OPENS.0 + member as i64), [0; 16]);
        }
        sequencer.committed();
        let now = OPENS + 3 * DAY;
        let place = Place { number: 2, first_at: OPENS };
        // Rank 3 stands by and is taken out; rank 2 lets the deadline pass.
        sequencer.command(&Command::Disqualify { member: MemberId(Uuid::from_u128(3)), held: None }, now);
        sequencer.command(&Command::PassOn(place), now);
        let batch = sequencer.committed();
        assert_eq!(batch.marks, [(3, EntryState::Disqualified), (4, EntryState::Won)]);
        assert_eq!((batch.passed[0].rank, batch.passed[0].due_at), (4, now + DAY));
        assert_eq!(ledger.entry(MemberId(Uuid::from_u128(4))).map(|entry| entry.state), Some(EntryState::Won));
        assert_eq!(sequencer.click(&click(3, OPENS.0 + 50), [0; 16]), Answer::Refused(Error::Disqualified));
        // Nobody stands by any more: rank 5 and 6 had lost.
        sequencer.command(&Command::PassOn(place), now + DAY);
        assert_eq!(sequencer.committed().records, [Record::Unclaimed { place: 2, at: now + DAY }]);
    }

    #[test]
    fn nobody_sees_a_batch_before_it_is_durable() {
        let ledger = empty();
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
