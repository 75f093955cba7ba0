//! The history checker: what acknowledgements promise, checked over what everybody was told.

use model::{Entry, MemberId, Span};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// Keeps when everybody first pressed and what they were told. Cheap to clone.
#[derive(Clone)]
pub struct History {
    begun: Instant,
    pressed: Arc<Mutex<HashMap<MemberId, u128>>>,
    told: Arc<Mutex<Vec<Acknowledged>>>,
}

impl Default for History {
    fn default() -> Self {
        History { begun: Instant::now(), pressed: Arc::default(), told: Arc::default() }
    }
}

impl History {
    /// Microseconds since it began.
    pub fn now(&self) -> u128 {
        self.begun.elapsed().as_micros()
    }

    /// A moment of its own clock.
    pub fn moment(&self, us: u128) -> Instant {
        self.begun + Duration::from_micros(us as u64)
    }

    /// `member` presses. The first time counts: whatever became of it, their entry may be of then.
    pub fn pressed(&self, member: MemberId) {
        let now = self.now();
        self.pressed.lock().unwrap().entry(member).or_insert(now);
    }

    /// `member` was told of their entry just now.
    pub fn told(&self, member: MemberId, entry: Entry) {
        let (sent, answered) = (self.pressed.lock().unwrap()[&member], self.now());
        self.told.lock().unwrap().push(Acknowledged { member, sent, answered, entry });
    }

    /// Everything told so far.
    pub fn so_far(&self) -> Vec<Acknowledged> {
        self.told.lock().unwrap().clone()
    }

    /// Panics when what was told breaks a promise.
    pub fn check(&self, stored: &HashMap<MemberId, Entry>) {
        check(&self.so_far(), stored);
    }
}

/// One acknowledged press. Times are microseconds on the test's own clock.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub member: MemberId,
    pub sent: u128,
    pub answered: u128,
    pub entry: Entry,
}

/// Panics when the history breaks a promise: `stored` is what the database holds afterwards, by member.
pub fn check(history: &[Acknowledged], stored: &HashMap<MemberId, Entry>) {
    let mut by_rank: Vec<&Entry> = stored.values().collect();
    by_rank.sort_by_key(|entry| entry.rank);
    for (i, entry) in by_rank.iter().enumerate() {
        assert_eq!(entry.rank, i as u64 + 1, "ranks are unique and have no gaps");
    }
    assert!(by_rank.windows(2).all(|w| w[0].entered_at < w[1].entered_at), "times rise with rank");
    for told in history {
        assert_eq!(stored.get(&told.member), Some(&told.entry), "what was acknowledged is there, as it was told");
    }
    // Acknowledged before another was first sent: a smaller rank. Sweep by time instead of comparing all pairs.
    let mut first_sent: HashMap<MemberId, u128> = HashMap::new();
    for told in history {
        let first = first_sent.entry(told.member).or_insert(told.sent);
        *first = (*first).min(told.sent);
    }
    let mut answers: Vec<(u128, u64)> = history.iter().map(|told| (told.answered, told.entry.rank)).collect();
    answers.sort_unstable();
    let mut sends: Vec<(u128, u64)> = history.iter().map(|told| (first_sent[&told.member], told.entry.rank)).collect();
    sends.sort_unstable();
    let (mut next, mut highest) = (0, 0);
    for (sent, rank) in sends {
        while next < answers.len() && answers[next].0 < sent {
            highest = highest.max(answers[next].1);
            next += 1;
        }
        assert!(rank > highest || highest == 0, "rank {rank} was sent after rank {highest} had its answer");
    }
}

/// After a press that came too early a member's next one counts so much later at the earliest, see
/// `engine/src/turnstile/early.rs`.
const PAUSE: Span = model::MILLISECOND.times(33);

/// [`check_early`] of a program's presses, beside what everybody's entries became: it is ranked behind whoever was read before its first
/// press that could count.
pub fn check_queued(early: &[Span], entry: &Entry, stored: &HashMap<MemberId, Entry>) {
    check_early(early, entry);
    let last = early.iter().map(|early| Span::ZERO - *early).max().expect("some came too early");
    for other in stored.values().filter(|other| other.since_open < last + PAUSE) {
        assert!(
            other.rank < entry.rank,
            "{other:?} was read before {entry:?} could count: {last:?} was the last early"
        );
    }
}

/// Panics when what a member's presses before the opening were told, and the entry of the one that was let in, says that presses
/// were read faster than a finger can be.
pub fn check_early(early: &[Span], entry: &Entry) {
    let mut read: Vec<Span> = early.iter().map(|early| Span::ZERO - *early).collect();
    read.sort();
    read.push(entry.since_open);
    for pair in read.windows(2) {
        assert!(pair[1] - pair[0] >= PAUSE, "read {:?} after one that came too early: {read:?}", pair[1] - pair[0]);
    }
}

#[test]
#[should_panic(expected = "had its answer")]
fn the_checker_notices_an_overtaking() {
    use model::{EntryState, Time};
    let told = |n: u128, sent, answered, rank| Acknowledged {
        member: MemberId(uuid::Uuid::from_u128(n)),
        sent,
        answered,
        entry: Entry::of_one(rank, Time(rank as i64), Span::ZERO, EntryState::Won),
    };
    let history = [told(1, 0, 10, 2), told(2, 20, 30, 1)];
    let stored = history.iter().map(|told| (told.member, told.entry)).collect();
    check(&history, &stored);
}

/// An entry of this rank, so many milliseconds after the opening.
fn entry_after(rank: u64, ms: i64) -> Entry {
    use model::{EntryState, MILLISECOND, Time};
    Entry::of_one(rank, Time(rank as i64), ms * MILLISECOND, EntryState::Won)
}

#[test]
#[should_panic(expected = "after one that came too early")]
fn the_checker_notices_presses_faster_than_a_finger() {
    let early = [40_i64, 8].map(|ms| ms * model::MILLISECOND);
    check_early(&early, &entry_after(1, 30));
}

#[test]
#[should_panic(expected = "was read before")]
fn the_checker_notices_a_program_that_is_ranked_too_early() {
    let early = [8 * model::MILLISECOND];
    let (program, other) = (entry_after(1, 60), entry_after(2, 10));
    let member = |n| MemberId(uuid::Uuid::from_u128(n));
    check_queued(&early, &program, &HashMap::from([(member(1), program), (member(2), other)]));
}
