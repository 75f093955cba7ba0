//! A seeded simulation of the turnstile: crashes between any two steps, commits whose outcome is unknown, lost answers
//! and a wall clock that jumps at restarts. `SEED=7 cargo test -p engine simulation` replays one; `SEEDS=20000` runs many.

use super::sequencer::{Answer, Click, Command, Ledger, Place, Sequencer, Standing, Terms};
use crate::turnstile::record::Record;
use model::{DAY, Entry, EntryState, Error, EventId, Kind, MemberId, Moments, Time, claim};
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
    standing: Standing,
    /// Written with their causes, and not yet applied.
    commands: Vec<Command>,
    /// Live claims by rank.
    claims: BTreeMap<u64, Place>,
    /// Ranks whose claim ended or who were taken out.
    over: BTreeSet<u64>,
}

/// One request as its sender saw it. Times are simulation steps.
struct Request {
    member: MemberId,
    sent: u64,
    answered: Option<(u64, Answer)>,
}

struct World {
    random: StdRng,
    terms: Terms,
    step: u64,
    now: i64,
    disk: Disk,
    sequencer: Option<Sequencer>,
    queue: VecDeque<(usize, Click)>,
    decided: Vec<(usize, Answer)>,
    /// How many of the waiting commands the batch has applied.
    applied: usize,
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
        };
        let kind = if random.random_bool(0.5) { Kind::Giveaway } else { Kind::Deal };
        let terms = Terms {
            event: EventId(Uuid::from_u128(9)),
            creator: MemberId(Uuid::from_u128(0)),
            kind,
            capacity: random.random_range(1..20),
            moments,
            entry_code: None,
        };
        let standing =
            Standing { total: 0, last_at: Time(0), next_sequence: 0, closed: false, cancelled: false, full: false };
        World {
            random,
            terms,
            step: 0,
            now: OPENS - 100_000,
            disk: Disk {
                entries: vec![],
                log: vec![],
                standing,
                commands: vec![],
                claims: BTreeMap::new(),
                over: BTreeSet::new(),
            },
            sequencer: None,
            queue: VecDeque::new(),
            decided: vec![],
            applied: 0,
            given: BTreeMap::new(),
            requests: vec![],
        }
    }

    fn sequencer(&mut self) -> &mut Sequencer {
        let Disk { entries, standing, .. } = &self.disk;
        self.sequencer.get_or_insert_with(|| {
            let ledger = Ledger::new(entries.iter().copied(), *standing);
            Sequencer::new(self.terms.clone(), Arc::new(ledger))
        })
    }

    /// Forgets everything that is not on the disk.
    fn forget(&mut self) {
        self.sequencer = None;
        self.decided.clear();
        self.applied = 0;
    }

    fn crash(&mut self) {
        self.forget();
        self.queue.clear();
        // After a restart the wall clock may say anything.
        self.now += self.random.random_range(-300_000..300_000);
    }

    fn press(&mut self) {
        let member = MemberId(Uuid::from_u128(self.random.random_range(1..60)));
        let click = Click { member, nickname: "수달".into(), stamped_at: Time(self.now) };
        self.queue.push_back((self.requests.len(), click));
        self.requests.push(Request { member, sent: self.step, answered: None });
    }

    fn decide(&mut self) {
        let count = self.random.random_range(0..=self.queue.len());
        let mut clicks: Vec<_> = self.queue.drain(..count).collect();
        clicks.sort_by_key(|(_, click)| click.stamped_at);
        for command in self.disk.commands.clone().into_iter().skip(self.applied) {
            let now = Time(self.now);
            self.sequencer().command(&command, now);
            self.applied += 1;
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
        disk.commands.drain(..self.applied);
        let sequencer = self.sequencer();
        let batch = sequencer.batch();
        disk.entries.extend(batch.entries.iter().map(|decided| (decided.member, decided.entry)));
        disk.log.extend(batch.records.iter().cloned());
        for (rank, state) in &batch.marks {
            disk.entries[*rank as usize - 1].1.state = *state;
        }
        for passed in &batch.passed {
            assert!(disk.claims.insert(passed.rank, passed.place).is_none(), "a rank holds one place");
        }
        // `closed` and `full` are found out anew.
        disk.standing = Standing { closed: false, full: false, ..sequencer.standing() };
        if fate == 1 {
            // The transaction was rolled back.
            return self.forget();
        }
        self.disk = disk;
        if fate == 2 {
            // It was committed, and we were told that it failed.
            return self.forget();
        }
        if fate == 3 {
            return self.crash(); // after the commit, before any answer
        }
        self.sequencer().committed();
        self.applied = 0;
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
                93 if self.random.random_bool(0.02) => self.disk.commands.push(Command::Cancel),
                94 => self.expire(),
                95 => self.disqualify(),
                // The clock stands still for a while, or runs.
                _ => self.now += self.random.random_range(0..40_000),
            }
        }
        self.decide();
        while !self.queue.is_empty() || !self.decided.is_empty() || !self.disk.commands.is_empty() {
            self.decide();
            self.commit();
        }
    }

    /// The live claims, those who won by their click included.
    fn live(&mut self) -> Vec<(u64, Place)> {
        for (_, entry) in &self.disk.entries {
            let by_click = entry.rank <= self.terms.capacity && entry.state == EntryState::Won;
            if by_click && !self.disk.over.contains(&entry.rank) {
                // Won some days ago, so that some places run out of time.
                let days = self.random.random_range(0..8);
                let first_at = *self.given.entry(entry.rank).or_insert(Time(self.now - days * DAY));
                self.disk.claims.entry(entry.rank).or_insert(Place { number: entry.rank, first_at });
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
            self.disk.commands.push(Command::PassOn(place));
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
            .iter()
            .any(|command| matches!(command, Command::Disqualify { member: m, .. } if *m == member));
        if entry.state != EntryState::Disqualified && !waiting {
            let held = self.disk.claims.remove(&entry.rank);
            self.disk.over.insert(entry.rank);
            self.disk.commands.push(Command::Disqualify { member, held });
        }
    }

    /// Each place is in one pair of hands at most, goes to the first who stands by, and is left over only when nobody does
    /// or time is up.
    fn check_places(&self) {
        let mut line = BTreeSet::new();
        let mut holders: BTreeMap<u64, u64> = (1..=self.terms.capacity).map(|place| (place, place)).collect();
        for record in &self.disk.log {
            match record {
                Record::Entered { rank, state: EntryState::Standby, .. } => assert!(line.insert(*rank)),
                Record::Entered { .. } | Record::Cancelled { .. } => {}
                Record::PassedOn { place, rank, .. } => {
                    assert_eq!(line.pop_first(), Some(*rank), "nobody who stands by is skipped");
                    assert!(holders.values().all(|holder| holder != rank), "one place each");
                    assert!(holders.insert(*place, *rank).is_some(), "what is left over is not given");
                }
                Record::Unclaimed { place, at } => {
                    let time_up = self.given.get(place).is_some_and(|first| *at >= *first + claim::IN_ALL);
                    assert!(line.is_empty() || time_up, "left over only when nobody stands by or time is up");
                    assert!(holders.remove(place).is_some(), "left over once");
                }
                Record::Disqualified { rank, .. } => drop(line.remove(rank)),
            }
        }
        assert!(holders.len() as u64 <= self.terms.capacity, "capacity is never exceeded");
        for (rank, place) in &self.disk.claims {
            assert_eq!(holders.get(&place.number), Some(rank), "a claim is the log's");
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
        assert_eq!(self.disk.log.len() as u64, self.disk.standing.next_sequence);
        let mut acknowledged = Vec::new();
        for request in &self.requests {
            match &request.answered {
                Some((step, Answer::Entered(entry) | Answer::Again(entry))) => {
                    let kept = by_member.get(&request.member).map(|kept| (kept.rank, kept.entered_at));
                    assert_eq!(kept, Some((entry.rank, entry.entered_at)), "an acknowledged entry is kept as told");
                    acknowledged.push((request.sent, *step, entry.rank, request.member));
                }
                Some((_, Answer::Refused(Error::Full))) => {
                    assert_eq!(by_member.len() as u64, self.terms.capacity * 3, "full only when it is");
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
