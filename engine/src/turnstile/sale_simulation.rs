//! A seeded simulation of sales among two nodes: crashes between any two steps, commits whose outcome is unknown, lost answers, clicks
//! that are sent again, and an owner that goes on after another took over. `SEED=7 cargo test -p engine sales_survive` replays one.

use super::{
    replay::{Replayed, follow_sale},
    sale_tests::{CLOSES, OPENS, empty, rules},
    *,
};
use model::{Entry, EntryState, MINUTE, Span, Wish};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// What survives a crash.
#[derive(Clone)]
struct Disk {
    /// Raised by every new owner.
    epoch: u64,
    /// Up to where the queue of clicks was decided.
    reached: usize,
    entries: Vec<(MemberId, Entry)>,
    log: Vec<Record>,
    state: LedgerState,
    /// When all units were given, as the tally keeps it.
    full_at: Option<Time>,
    /// Written with their causes, and not yet applied, by number.
    commands: BTreeMap<u64, Command>,
    /// What the creator has it be; the sequencer follows.
    capacity: u64,
}

/// A node that sequences, or believes so.
#[derive(Default)]
struct Owner {
    epoch: u64,
    reached: usize,
    sequencer: Option<Sequencer>,
    decided: Vec<(usize, ClickAnswer)>,
    /// Which of the waiting commands the batch has applied.
    applied: BTreeSet<u64>,
}

/// One request as its sender saw it.
struct Request {
    member: MemberId,
    answered: Option<ClickAnswer>,
}

struct World {
    random: StdRng,
    rules: EventRules,
    now: Time,
    disk: Disk,
    owners: [Owner; 2],
    /// The queue of clicks: what is not decided is read again by whoever owns the event next.
    queue: Vec<(usize, Click)>,
    requests: Vec<Request>,
    commanded: u64,
    /// Checkouts that were paid or whose end was decided, by rank: each by the other side's condition once.
    resolved: BTreeMap<u64, EntryState>,
    fenced: u64,
}

impl World {
    fn new(seed: u64) -> World {
        let mut random = StdRng::seed_from_u64(seed);
        let capacity = random.random_range(1..20);
        let at_once = random.random_bool(0.5).then(|| random.random_range(1..6));
        let price = if random.random_bool(0.1) { 0 } else { 9_900 };
        let rules = rules(capacity, price, at_once);
        let disk = Disk {
            epoch: 1,
            reached: 0,
            entries: vec![],
            log: vec![],
            state: empty(capacity),
            full_at: None,
            commands: BTreeMap::new(),
            capacity,
        };
        World {
            random,
            rules,
            now: OPENS,
            disk,
            owners: [Owner { epoch: 1, ..Owner::default() }, Owner::default()],
            queue: vec![],
            requests: vec![],
            commanded: 0,
            resolved: BTreeMap::new(),
            fenced: 0,
        }
    }

    fn give(&mut self, command: Command) {
        self.commanded += 1;
        self.disk.commands.insert(self.commanded, command);
    }

    fn press(&mut self) {
        let member = MemberId(Uuid::from_u128(self.random.random_range(1..70)));
        let wish = Wish { quantity: self.random.random_range(1..4), fewer: self.random.random_bool(0.4) };
        let click =
            Click { member, nickname: "수달".into(), stamped_at: self.now, wish: Some(wish), wrong_code: false };
        // Sent again when no answer came in time: the same press stands in the queue twice.
        for _ in 0..if self.random.random_bool(0.1) { 2 } else { 1 } {
            self.queue.push((self.requests.len(), click.clone()));
        }
        self.requests.push(Request { member, answered: None });
    }

    /// An owner loads what it lacks, applies what waits, and decides some of the clicks behind those it decided.
    fn decide(&mut self, at: usize) {
        let World { random, rules, now, disk, owners, queue, .. } = self;
        let owner = &mut owners[at];
        if owner.epoch == 0 {
            return;
        }
        let sequencer = owner.sequencer.get_or_insert_with(|| {
            let capacity = if disk.state.total > 0 { disk.state.capacity } else { disk.capacity };
            let ledger = Ledger::new(disk.entries.iter().copied(), LedgerState { capacity, ..disk.state });
            let rules = EventRules { capacity: disk.capacity, ..rules.clone() };
            Sequencer::new(rules, Arc::new(ledger), crate::outcomes::of)
        });
        sequencer.pass(*now);
        for (number, command) in &disk.commands {
            if owner.applied.insert(*number) {
                if *command == Command::Revise {
                    sequencer.revise(EventRules { capacity: disk.capacity, ..rules.clone() }, *now);
                }
                assert!(sequencer.command(command, *now), "no command of a sale waits");
            }
        }
        let count = random.random_range(0..=queue.len() - owner.reached);
        for (request, click) in &queue[owner.reached..owner.reached + count] {
            owner.decided.push((*request, sequencer.click(click, random.random())));
        }
        owner.reached += count;
    }

    /// Whatever an owner did not commit is lost, with what it knew.
    fn forget(&mut self, at: usize) {
        let owner = &mut self.owners[at];
        // It reads the queue again from where its last commit got to, unless it is no owner any more.
        let (epoch, reached) =
            (owner.epoch, if owner.epoch == self.disk.epoch { self.disk.reached } else { owner.reached });
        self.owners[at] = Owner { epoch, reached, ..Owner::default() };
    }

    /// Writes and commits; crashes or fails at any point of it.
    fn commit(&mut self, at: usize) {
        let fate = self.random.random_range(0..20);
        let owner = &self.owners[at];
        let Some(sequencer) = &owner.sequencer else { return };
        if fate == 0 {
            return self.forget(at); // before the write
        }
        if owner.epoch != self.disk.epoch {
            // The shard's row is another's: nothing is written, and it steps down.
            self.fenced += u64::from(!sequencer.batch().is_empty());
            self.owners[at] = Owner::default();
            return;
        }
        let mut disk = self.disk.clone();
        disk.commands.retain(|number, _| !owner.applied.contains(number));
        disk.reached = owner.reached;
        let batch = sequencer.batch();
        disk.entries.extend(batch.entries.iter().map(|decided| (decided.member, decided.entry)));
        disk.log.extend(batch.records.iter().cloned());
        for (rank, changed) in &batch.changed {
            disk.entries[*rank as usize - 1] = (changed.member, changed.after);
        }
        // By the same rule as the tally's row.
        if disk.full_at.is_none() || disk.state.capacity != sequencer.state().capacity {
            disk.full_at = sequencer.full_at();
        }
        // Of a sale's counts, only whether it is over is read again.
        let over = sequencer.ends_at().is_none();
        let sale = Some(SaleState { over, ..SaleState::default() });
        disk.state = LedgerState { closed: over, sale, ..sequencer.state() };
        if fate == 1 {
            return self.forget(at); // rolled back
        }
        self.disk = disk;
        if fate <= 3 {
            return self.forget(at); // committed, and told that it failed; or killed before any answer
        }
        let owner = &mut self.owners[at];
        owner.sequencer.as_mut().unwrap().committed();
        owner.applied.clear();
        for (request, answer) in std::mem::take(&mut owner.decided) {
            // One answer in ten is lost on its way; the first counts.
            if self.random.random_range(0..10) > 0 {
                self.requests[request].answered.get_or_insert(answer);
            }
        }
    }

    /// The other node takes over, whether this one knows it or not.
    fn take_over(&mut self) {
        self.disk.epoch += 1;
        let at = self.random.random_range(0..2);
        self.owners[at] = Owner { epoch: self.disk.epoch, reached: self.disk.reached, ..Owner::default() };
    }

    fn any(&mut self, wanted: impl Fn(&Entry) -> bool) -> Option<(MemberId, Entry)> {
        let all: Vec<_> = self.disk.entries.iter().filter(|(_, entry)| wanted(entry)).copied().collect();
        (!all.is_empty()).then(|| all[self.random.random_range(0..all.len())])
    }

    /// What buyers do and jobs find, each by the condition of its row: a checkout is paid, left or expired, and only one of them.
    fn shop(&mut self) {
        match self.random.random_range(0..12) {
            0..5 => {
                let Some((_, entry)) = self.any(|entry| entry.state == EntryState::Checkout) else { return };
                // Whoever left while they waited does not pay.
                let leaves = |command: &Command| *command == Command::Left { rank: entry.rank };
                if self.resolved.contains_key(&entry.rank) || self.disk.commands.values().any(leaves) {
                    return;
                }
                let due_at = entry.due_at().unwrap();
                let (state, command) = match self.random.random_range(0..3) {
                    0 => (EntryState::Left, Command::Left { rank: entry.rank }),
                    1 if self.now < due_at => (EntryState::Paid, Command::Paid { rank: entry.rank }),
                    _ => {
                        self.now = self.now.max(due_at);
                        (EntryState::Expired, Command::Expired { rank: entry.rank, due_at })
                    }
                };
                self.resolved.insert(entry.rank, state);
                self.give(command);
            }
            // Whoever waits may leave at any time, also twice, and when they are just being let in.
            5..8 => {
                let waits = |entry: &Entry| matches!(entry.state, EntryState::Given | EntryState::Standby);
                if let Some((_, entry)) = self.any(waits) {
                    self.give(Command::Left { rank: entry.rank });
                }
            }
            8 => {
                if let Some((_, entry)) = self.any(|entry| entry.state == EntryState::Paid) {
                    self.give(Command::Returned { rank: entry.rank, units: 1 });
                }
            }
            // Late, and of another deadline.
            9 => {
                if let Some((_, entry)) = self.any(|_| true) {
                    self.give(Command::Expired { rank: entry.rank, due_at: OPENS });
                }
            }
            10 if self.random.random_bool(0.3) => {
                if let Some((member, _)) = self.any(|_| true) {
                    self.give(Command::Disqualify { member, held: None });
                }
            }
            11 if self.random.random_bool(0.2) => {
                self.disk.capacity += self.random.random_range(1..6);
                self.give(Command::Revise);
            }
            _ => {}
        }
    }

    fn run(&mut self) {
        for _ in 0..500 {
            let at = self.random.random_range(0..2);
            match self.random.random_range(0..100) {
                0..30 => self.press(),
                30..50 => self.decide(at),
                50..70 => self.commit(at),
                70..88 => self.shop(),
                88 => self.forget(at),
                89..91 => self.take_over(),
                91 if self.random.random_bool(0.02) => self.give(Command::Cancel),
                // The clock stands still for a while, or runs; sometimes backwards, as another node's may.
                _ => self.now = self.now + Span::from_micros(self.random.random_range(-20_000..400_000)),
            }
            self.now = self.now.max(OPENS);
        }
        if self.random.random_bool(0.5) {
            // It runs on until its last moment.
            self.now = CLOSES + 6 * MINUTE;
        }
        self.take_over();
        let at = self.owners.iter().position(|owner| owner.epoch == self.disk.epoch).unwrap();
        for _ in 0..10_000 {
            self.decide(at);
            self.commit(at);
            let done = self.disk.commands.is_empty() && self.disk.reached == self.queue.len();
            let ended = self.now < CLOSES || self.disk.state.sale.unwrap().over || self.disk.state.total == 0;
            if done && ended && self.owners[at].decided.is_empty() {
                return;
            }
        }
        panic!("it never came to an end");
    }

    /// What every sale promises, on the log and on what everybody was told.
    fn check(&self) {
        let first = self.disk.log.iter().find_map(|record| match record {
            Record::Raised { from, .. } => Some(*from),
            _ => None,
        });
        let mut replayed = Replayed::of(first.unwrap_or(self.disk.state.capacity));
        for record in &self.disk.log {
            assert_eq!(follow_sale(&mut replayed, record), Vec::<String>::new());
        }
        assert_eq!(self.disk.log.len() as u64, self.disk.state.next_sequence);
        assert_eq!(self.disk.full_at, replayed.books.full_at, "the first time that all was given, whoever decided it");
        assert_eq!(replayed.total(), self.disk.entries.len() as u64, "the log holds every entry once");
        let mut of_member: HashMap<MemberId, Vec<Entry>> = HashMap::new();
        for (i, (member, entry)) in self.disk.entries.iter().enumerate() {
            assert_eq!(entry.rank, i as u64 + 1, "ranks have no gaps");
            assert!(i == 0 || self.disk.entries[i - 1].1.entered_at < entry.entered_at, "times rise");
            let logged = replayed.entry(entry.rank).unwrap();
            assert_eq!(Entry { since_open: entry.since_open, again: entry.again, ..*logged }, *entry);
            of_member.entry(*member).or_default().push(*entry);
        }
        for entries in of_member.values() {
            assert!(entries.len() <= 2, "nobody joins a third time");
            let gone = |entry: &Entry| matches!(entry.state, EntryState::Left | EntryState::Expired);
            assert!(entries.len() < 2 || gone(&entries[0]) && entries[1].again, "{entries:?}");
        }
        // One press is one entry: each was stamped at another moment than the one before it of the same member.
        for (request, answer) in self.requests.iter().filter_map(|request| Some((request, request.answered.as_ref()?)))
        {
            if let ClickAnswer::Entered(entry) | ClickAnswer::Again(entry) = answer {
                let kept = of_member[&request.member].iter().find(|kept| kept.rank == entry.rank);
                let kept = kept.map(|kept| (kept.entered_at, kept.quantity));
                assert_eq!(kept, Some((entry.entered_at, entry.quantity)), "an acknowledged entry is kept as told");
            }
        }
        // What was paid for is theirs until it is given back, whoever decided it when.
        if !self.disk.state.cancelled {
            for (rank, resolved) in &self.resolved {
                let state = self.disk.entries[*rank as usize - 1].1.state;
                let after = match resolved {
                    EntryState::Paid => vec![EntryState::Paid, EntryState::Refunded, EntryState::Disqualified],
                    // Both are decided, and the first counts.
                    _ => vec![EntryState::Left, EntryState::Expired, EntryState::Disqualified],
                };
                assert!(after.contains(&state), "rank {rank} was {resolved:?} and is {state:?}");
            }
        }
    }
}

#[test]
fn sales_survive_crashes_and_two_owners() {
    let variable = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let replay = variable("SEED");
    let seeds = replay.map_or(0..variable("SEEDS").unwrap_or(300), |seed| seed..seed + 1);
    let (mut entries, mut fenced, mut paid) = (0, 0, 0);
    for seed in seeds {
        let outcome = std::panic::catch_unwind(|| {
            let mut world = World::new(seed);
            world.run();
            world.check();
            let paid = world.disk.entries.iter().filter(|(_, entry)| entry.state == EntryState::Paid).count();
            (world.disk.entries.len(), world.fenced, paid)
        });
        match outcome {
            Ok((all, away, bought)) => {
                entries += all;
                fenced += away;
                paid += bought;
            }
            Err(failure) => {
                eprintln!("SEED={seed} replays this");
                std::panic::resume_unwind(failure);
            }
        }
    }
    let enough = entries > 5_000 && fenced > 100 && paid > 500;
    assert!(
        replay.is_some() || enough,
        "the simulation did too little: {entries} entries, {fenced} fenced, {paid} paid"
    );
}
