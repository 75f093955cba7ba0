//! A seeded simulation of the turnstile: crashes between any two steps, commits whose outcome is unknown, lost answers
//! and a wall clock that jumps at restarts. `SEED=7 cargo test -p engine simulation` replays one; `SEEDS=20000` runs many.

use super::sequencer::{Answer, Click, Command, Ledger, Sequencer, Standing, Terms};
use crate::turnstile::record::Record;
use model::{Entry, Error, EventId, Kind, MemberId, Moments, Time};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{HashMap, VecDeque},
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
    commands: Vec<Command>,
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
            disk: Disk { entries: vec![], log: vec![], standing, commands: vec![] },
            sequencer: None,
            queue: VecDeque::new(),
            decided: vec![],
            requests: vec![],
        }
    }

    fn sequencer(&mut self) -> &mut Sequencer {
        let Disk { entries, standing, commands, .. } = &self.disk;
        let now = Time(self.now);
        self.sequencer.get_or_insert_with(|| {
            let ledger = Ledger::new(entries.iter().copied(), *standing);
            let mut sequencer = Sequencer::new(self.terms.clone(), Arc::new(ledger));
            commands.iter().for_each(|command| sequencer.command(command, now));
            sequencer
        })
    }

    fn crash(&mut self) {
        self.sequencer = None;
        self.queue.clear();
        self.decided.clear();
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
        let sequencer = self.sequencer();
        let batch = sequencer.batch();
        disk.entries.extend(batch.entries.iter().map(|decided| (decided.member, decided.entry)));
        disk.log.extend(batch.records.iter().cloned());
        // `closed` and `full` are found out anew.
        disk.standing = Standing { closed: false, full: false, ..sequencer.standing() };
        if fate == 1 {
            // The transaction was rolled back.
            self.sequencer = None;
            self.decided.clear();
            return;
        }
        self.disk = disk;
        if fate == 2 {
            // It was committed, and we were told that it failed.
            self.sequencer = None;
            self.decided.clear();
            return;
        }
        if fate == 3 {
            return self.crash(); // after the commit, before any answer
        }
        self.sequencer().committed();
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
                93 if self.random.random_bool(0.02) => {
                    self.disk.commands.push(Command::Cancel);
                    let now = Time(self.now);
                    self.sequencer().command(&Command::Cancel, now);
                }
                // The clock stands still for a while, or runs.
                _ => self.now += self.random.random_range(0..40_000),
            }
        }
        self.decide();
        while !self.queue.is_empty() || !self.decided.is_empty() {
            self.decide();
            self.commit();
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
                    assert_eq!(
                        by_member.get(&request.member),
                        Some(entry),
                        "an acknowledged entry is kept as it was told"
                    );
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
