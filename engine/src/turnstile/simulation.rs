//! A seeded simulation of the turnstile: crashes between any two steps, commits whose outcome is unknown, lost answers
//! and a wall clock that jumps at restarts. `SEED=7 cargo test -p engine simulation` replays one; `SEEDS=20000` runs many.

use super::{Click, ClickAnswer, Command, EventRules, Ledger, LedgerState, Record, Sequencer, Unit};
use model::{DAY, Entry, EntryError, EntryState, Error, EventId, Kind, MemberId, Moments, Time, claim};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
};
use uuid::Uuid;

const OPENS: i64 = 1_000_000;
const CLOSES: i64 = 3_000_000;

/// What survives a crash.
#[derive(Clone)]
struct Disk {
    entries: Vec<(MemberId, Entry)>,
    log: Vec<Record>,
    state: LedgerState,
    /// Written with their causes, and not yet applied, by number.
    commands: BTreeMap<u64, Command>,
    /// What the creator has it be; the sequencer follows.
    capacity: u64,
    /// Live claims by rank.
    claims: BTreeMap<u64, Unit>,
    /// Ranks whose claim ended or who were taken out.
    over: BTreeSet<u64>,
}

/// One request as its sender saw it. Times are simulation steps.
struct Request {
    member: MemberId,
    sent: u64,
    answered: Option<(u64, ClickAnswer)>,
}

struct World {
    random: StdRng,
    rules: EventRules,
    step: u64,
    now: i64,
    disk: Disk,
    sequencer: Option<Sequencer>,
    queue: VecDeque<(usize, Click)>,
    decided: Vec<(usize, ClickAnswer)>,
    /// Which of the waiting commands the batch has applied.
    applied: BTreeSet<u64>,
    commanded: u64,
    /// When each place was first given.
    given: BTreeMap<u64, Time>,
    requests: Vec<Request>,
}

impl World {
    fn new(seed: u64) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        let moments = Moments {
            published_at: Some(Time(0)),
            opens_at: Time(OPENS),
            closes_at: Time(CLOSES),
            cancelled_at: None,
            settled_at: None,
            suspended_at: None,
        };
        let rules = EventRules {
            event: EventId(Uuid::from_u128(9)),
            creator: MemberId(Uuid::from_u128(0)),
            kind: Kind::Giveaway,
            sale: None,
            capacity: random.random_range(1..20),
            moments,
            entry_code: None,
            revisions: 0,
        };
        let state = LedgerState {
            total: 0,
            capacity: rules.capacity,
            last_at: Time(0),
            next_sequence: 0,
            closed: false,
            cancelled: false,
            full: false,
            sale: None,
        };
        let capacity = rules.capacity;
        World {
            random,
            rules,
            step: 0,
            now: OPENS - 100_000,
            disk: Disk {
                entries: vec![],
                log: vec![],
                state,
                commands: BTreeMap::new(),
                capacity,
                claims: BTreeMap::new(),
                over: BTreeSet::new(),
            },
            sequencer: None,
            queue: VecDeque::new(),
            decided: vec![],
            applied: BTreeSet::new(),
            commanded: 0,
            given: BTreeMap::new(),
            requests: vec![],
        }
    }

    fn sequencer(&mut self) -> &mut Sequencer {
        let Disk { entries, state, capacity, .. } = &self.disk;
        self.sequencer.get_or_insert_with(|| {
            let decided = if state.total > 0 { state.capacity } else { *capacity };
            let ledger = Ledger::new(entries.iter().copied(), LedgerState { capacity: decided, ..*state });
            Sequencer::new(
                EventRules { capacity: *capacity, ..self.rules.clone() },
                Arc::new(ledger),
                crate::outcomes::of,
            )
        })
    }

    fn give(&mut self, command: Command) {
        self.commanded += 1;
        self.disk.commands.insert(self.commanded, command);
    }

    /// Forgets everything that is not on the disk.
    fn forget(&mut self) {
        self.sequencer = None;
        self.decided.clear();
        self.applied.clear();
    }

    fn crash(&mut self) {
        self.forget();
        self.queue.clear();
        // After a restart the wall clock may say anything.
        self.now += self.random.random_range(-300_000..300_000);
    }

    fn press(&mut self) {
        let member = MemberId(Uuid::from_u128(self.random.random_range(1..60)));
        let click =
            Click { member, nickname: "수달".into(), stamped_at: Time(self.now), wish: None, wrong_code: false };
        self.queue.push_back((self.requests.len(), click));
        self.requests.push(Request { member, sent: self.step, answered: None });
    }

    fn decide(&mut self) {
        let count = self.random.random_range(0..=self.queue.len());
        let mut clicks: Vec<_> = self.queue.drain(..count).collect();
        clicks.sort_by_key(|(_, click)| click.stamped_at);
        for (number, command) in self.disk.commands.clone() {
            let now = Time(self.now);
            if self.applied.contains(&number) {
                continue;
            }
            if command == Command::Revise {
                let rules = EventRules { capacity: self.disk.capacity, ..self.rules.clone() };
                self.sequencer().revise(rules, now);
            }
            if self.sequencer().command(&command, now) {
                self.applied.insert(number);
            }
        }
        for (request, click) in clicks {
            let salt = self.random.random();
            let answer = self.sequencer().click(&click, salt);
            self.decided.push((request, answer));
        }
    }

    /// Writes and commits; crashes or fails at any point of it.
    fn commit(&mut self) {
        let fate = self.random.random_range(0..20);
        if fate == 0 {
            return self.crash(); // before the write
        }
        let mut disk = self.disk.clone();
        disk.commands.retain(|number, _| !self.applied.contains(number));
        let mut commanded = self.commanded;
        let sequencer = self.sequencer();
        let batch = sequencer.batch();
        disk.entries.extend(batch.entries.iter().map(|decided| (decided.member, decided.entry)));
        disk.log.extend(batch.records.iter().cloned());
        for (rank, state) in &batch.marks {
            disk.entries[*rank as usize - 1].1.state = *state;
        }
        for reassigned in &batch.reassigned {
            let unit = Unit { number: reassigned.unit, first_at: Some(reassigned.first_at) };
            assert!(disk.claims.insert(reassigned.rank, unit).is_none(), "a rank holds one place");
        }
        for place in &batch.owed {
            commanded += 1;
            disk.commands.insert(commanded, Command::Reassign(*place));
        }
        for (rank, _) in batch.marks.iter().filter(|(_, state)| *state == EntryState::Disqualified) {
            disk.over.insert(*rank);
            if let Some(place) = disk.claims.remove(rank) {
                commanded += 1;
                disk.commands.insert(commanded, Command::Reassign(place));
            }
        }
        // `closed` and `full` are found out anew.
        disk.state = LedgerState { closed: false, full: false, ..sequencer.state() };
        if fate == 1 {
            // The transaction was rolled back.
            return self.forget();
        }
        self.disk = disk;
        self.commanded = commanded;
        for place in self.disk.claims.values() {
            self.given.entry(place.number).or_insert(place.first_at.unwrap_or(Time(i64::MAX)));
        }
        if fate == 2 {
            // It was committed, and we were told that it failed.
            return self.forget();
        }
        if fate == 3 {
            return self.crash(); // after the commit, before any answer
        }
        self.sequencer().committed();
        self.applied.clear();
        for (request, answer) in std::mem::take(&mut self.decided) {
            // One answer in ten is lost on its way.
            if self.random.random_range(0..10) > 0 {
                self.requests[request].answered = Some((self.step, answer));
            }
        }
    }

    fn run(&mut self) {
        for _ in 0..600 {
            self.step += 1;
            match self.random.random_range(0..100) {
                0..55 => self.press(),
                55..75 => self.decide(),
                75..92 => self.commit(),
                92 => self.crash(),
                93 if self.random.random_bool(0.02) => self.give(Command::Cancel),
                94 => self.expire(),
                95 => self.disqualify(),
                96 if self.random.random_bool(0.3) => {
                    self.disk.capacity += self.random.random_range(1..10);
                    self.give(Command::Revise);
                }
                // The clock stands still for a while, or runs.
                _ => self.now += self.random.random_range(0..40_000),
            }
        }
        // The event is over, and nobody can come any more.
        self.now = self.now.max(CLOSES + 60_000_000);
        self.decide();
        while !self.queue.is_empty() || !self.decided.is_empty() || !self.disk.commands.is_empty() {
            self.decide();
            self.commit();
        }
    }

    /// The live claims, those who won by their click included.
    fn live(&mut self) -> Vec<(u64, Unit)> {
        for (_, entry) in &self.disk.entries {
            let by_click = entry.state == EntryState::Won && !self.disk.claims.contains_key(&entry.rank);
            if by_click && !self.disk.over.contains(&entry.rank) {
                // Won some days ago, so that some places run out of time.
                let days = self.random.random_range(0..8);
                let first_at = *self.given.entry(entry.rank).or_insert(Time(self.now) - days * DAY);
                self.disk.claims.insert(entry.rank, Unit { number: entry.rank, first_at: Some(first_at) });
            }
        }
        self.disk.claims.iter().map(|(rank, place)| (*rank, *place)).collect()
    }

    /// A holder lets the deadline pass: the claim ends and the place goes on, in one transaction.
    fn expire(&mut self) {
        let live = self.live();
        if !live.is_empty() {
            let (rank, place) = live[self.random.random_range(0..live.len())];
            self.disk.claims.remove(&rank);
            self.disk.over.insert(rank);
            let (member, _) = self.disk.entries[rank as usize - 1];
            self.give(Command::Lapse { member, held: Some(place) });
        }
    }

    /// The creator takes somebody out.
    fn disqualify(&mut self) {
        self.live();
        let Some(last) = self.disk.entries.len().checked_sub(1) else { return };
        let (member, entry) = self.disk.entries[self.random.random_range(0..=last)];
        let waiting = self
            .disk
            .commands
            .values()
            .any(|command| matches!(command, Command::Disqualify { member: m, .. } if *m == member));
        if entry.state != EntryState::Disqualified && !waiting {
            let held = self.disk.claims.remove(&entry.rank);
            self.disk.over.insert(entry.rank);
            self.give(Command::Disqualify { member, held });
        }
    }

    /// Each place is in one pair of hands at most, goes to the first who stands by, and is left over only when nobody does
    /// or time is up.
    fn check_places(&self) {
        let (mut line, mut lost) = (BTreeSet::new(), BTreeSet::new());
        let raised = self.disk.log.iter().find_map(|record| match record {
            Record::Raised { from, .. } => Some(*from),
            _ => None,
        });
        let mut capacity = raised.unwrap_or(self.disk.state.capacity);
        let mut total = 0;
        // Nobody holds a place that was added behind those who had entered, until it is given to one who stood by.
        let mut holders: BTreeMap<u64, Option<u64>> = (1..=capacity).map(|place| (place, Some(place))).collect();
        for record in &self.disk.log {
            match record {
                Record::Entered { rank, state, .. } => {
                    total = *rank;
                    match state {
                        EntryState::Standby => assert!(line.insert(*rank)),
                        EntryState::Lost => assert!(lost.insert(*rank)),
                        _ => assert!(*rank <= capacity, "only so many win by their click"),
                    }
                }
                Record::Cancelled { .. } => {}
                of_sale @ (Record::Granted { .. }
                | Record::Admitted { .. }
                | Record::Paid { .. }
                | Record::Left { .. }
                | Record::Expired { .. }
                | Record::Returned { .. }
                | Record::Ended { .. }) => panic!("nothing is sold: {of_sale:?}"),
                Record::Reassigned { unit, rank, .. } => {
                    assert_eq!(line.pop_first(), Some(*rank), "nobody who stands by is skipped");
                    assert!(holders.values().all(|holder| *holder != Some(*rank)), "one place each");
                    assert!(holders.insert(*unit, Some(*rank)).is_some(), "what is left over is not given");
                }
                Record::Unclaimed { unit, at } => {
                    let time_up = self.given.get(unit).is_some_and(|first| *at >= *first + claim::IN_ALL);
                    let over = *at >= Time(CLOSES) && line.is_empty();
                    assert!(over || time_up, "left over only when nobody can stand by any more or time is up");
                    assert!(holders.remove(unit).is_some(), "left over once");
                }
                Record::Lapsed { rank, .. } => {
                    assert!(holders.values().any(|holder| *holder == Some(*rank)), "who has a place lets it pass");
                }
                Record::Disqualified { rank, .. } => {
                    line.remove(rank);
                    lost.remove(rank);
                }
                Record::Raised { from, to, .. } => {
                    assert_eq!((*from, from < to), (capacity, true), "capacity only rises");
                    capacity = *to;
                    holders.extend((from + 1..=*to).map(|place| (place, (place > total).then_some(place))));
                    let still = lost.split_off(&(to + self.rules.kind.standby(*to) + 1));
                    line.extend(std::mem::replace(&mut lost, still));
                }
            }
        }
        assert_eq!(capacity, self.disk.state.capacity);
        assert!(holders.len() as u64 <= capacity, "capacity is never exceeded");
        let won = self.disk.entries.iter().filter(|(_, entry)| entry.state == EntryState::Won).count();
        assert!(won as u64 <= capacity, "never more winners than places: {won} of {capacity}");
        let waits = holders.values().any(Option::is_none);
        assert!(!waits || self.disk.state.cancelled, "every place was given or left over");
        for (rank, place) in &self.disk.claims {
            assert_eq!(holders.get(&place.number), Some(&Some(*rank)), "a claim is the log's");
            assert_eq!(
                self.disk.entries[*rank as usize - 1].1.state,
                EntryState::Won,
                "who is taken out claims nothing"
            );
        }
    }

    /// The promises of performance.md, on the history of all requests.
    fn check(&self) {
        let mut by_member: HashMap<MemberId, Entry> = HashMap::new();
        for (i, (member, entry)) in self.disk.entries.iter().enumerate() {
            assert_eq!(entry.rank, i as u64 + 1, "ranks have no gaps");
            assert!(i == 0 || self.disk.entries[i - 1].1.entered_at < entry.entered_at, "times rise");
            assert!(by_member.insert(*member, *entry).is_none(), "one entry a member");
            assert!(entry.entered_at >= Time(OPENS), "nobody is let in before the opening");
        }
        let entered: Vec<_> = self.disk.log.iter().filter(|record| matches!(record, Record::Entered { .. })).collect();
        assert_eq!(entered.len(), self.disk.entries.len(), "the log holds every entry once");
        assert_eq!(self.disk.log.len() as u64, self.disk.state.next_sequence);
        let mut acknowledged = Vec::new();
        for request in &self.requests {
            match &request.answered {
                Some((step, ClickAnswer::Entered(entry) | ClickAnswer::Again(entry))) => {
                    let kept = by_member.get(&request.member).map(|kept| (kept.rank, kept.entered_at));
                    assert_eq!(kept, Some((entry.rank, entry.entered_at)), "an acknowledged entry is kept as told");
                    acknowledged.push((request.sent, *step, entry.rank, request.member));
                }
                Some((_, ClickAnswer::Refused(Error::Entry(EntryError::Full)))) => {
                    let taken = by_member.values().filter(|entry| entry.rank <= self.rules.capacity * 3).count();
                    assert_eq!(taken as u64, self.rules.capacity * 3, "full only when it is");
                }
                _ => {}
            }
        }
        for (_, answered, rank, member) in &acknowledged {
            for (sent, _, later, other) in &acknowledged {
                let first_of_other = by_member[other].rank == *later && member != other;
                // Whoever first pressed after someone had their answer stands behind them.
                let pressed_before = self.requests.iter().any(|r| r.member == *other && r.sent <= *answered);
                if sent > answered && first_of_other && !pressed_before {
                    assert!(later > rank, "acknowledged before it was sent, and still behind");
                }
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let variable = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let replay = variable("SEED");
    let seeds = replay.map_or(0..variable("SEEDS").unwrap_or(400), |seed| seed..seed + 1);
    let mut entries = 0;
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            world.run();
            world.check();
            world.check_places();
            world.disk.entries.len()
        });
        match outcome {
            Ok(count) => entries += count,
            Err(failure) => {
                eprintln!("SEED={seed} replays this");
                std::panic::resume_unwind(failure);
            }
        }
    }
    assert!(replay.is_some() || entries > 5_000, "the simulation did too little: {entries} entries");
}
