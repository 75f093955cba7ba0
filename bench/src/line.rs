//! Figure 18: what whoever waits in a sale's line is told, against what really happens. In this process: the sequencer and the
//! ledger as they are, time and people simulated.

use crate::{Failure, figures::ratio};
use engine::{
    outcomes,
    turnstile::{Batch, Click, ClickAnswer, Command, EventRules, Ledger, LedgerState, SaleState, Sequencer},
};
use model::{DAY, Entry, EntryState, EventId, Kind, MINUTE, MemberId, Minutes, Moments, SaleRules, Span, Time, Wish};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::Arc,
};
use uuid::Uuid;

/// How long units are held for whoever pays, in minutes.
const HOLD: i64 = 5;
/// Who waits looks what they are told when they joined, and then so often, in seconds.
const LOOKS_EVERY: f64 = 180.0;

/// Numbers as by chance, the same for the same seed: SplitMix64 (G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number
/// generators", 2014).
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + self.part() * (to - from)
    }

    /// About 0, with a deviation of 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.part()).sum::<f64>() - 6.0
    }

    /// How long until something that takes `mean` on average and may happen at any moment.
    fn until(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.part()).ln()
    }
}

/// What is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Happening {
    /// Somebody presses.
    Comes,
    /// Whoever is in checkout has paid.
    Pays { rank: u64 },
    /// Whoever waits or is in checkout gives up.
    Leaves { rank: u64, waits: bool },
    /// A checkout's time runs out.
    RunsOut { rank: u64, due_at: Time },
    /// Whoever still waits looks what they are told.
    Looks { rank: u64 },
}

/// What somebody was told, in seconds from then.
struct Told {
    rank: u64,
    at: Time,
    from: f64,
    to: f64,
    /// What whoever multiplies their place by the checkout's limit would have said.
    by_limit: f64,
    /// What whoever divides by the rate since the opening would have said.
    by_rate: f64,
}

/// How far off something was in all.
#[derive(Default)]
struct Errors {
    told: u64,
    /// How often nothing was said, because too little had happened.
    silent: u64,
    /// How often the wait was within the range.
    within: u64,
    place: u64,
    ours: f64,
    by_limit: f64,
    by_rate: f64,
}

/// Where a sale opens.
const OPENS: Time = Time(1_000_000_000);

/// A sale that runs.
struct Sale {
    chance: Chance,
    sale: SaleRules,
    sequencer: Sequencer,
    ledger: Arc<Ledger>,
    /// What is to happen, the next first; ties as they were put in.
    to_come: BinaryHeap<Reverse<(Time, u64, Happening)>>,
    put_in: u64,
    members: u128,
    /// Every entry as it is, by what was answered and committed: places are counted from these.
    entries: BTreeMap<u64, Entry>,
    admitted: BTreeMap<u64, Time>,
    ended: u64,
    returned: u64,
    said: Vec<Told>,
    errors: Errors,
    /// How long paying takes, the same for most people of a while; and when it becomes otherwise.
    typical: f64,
    changes_at: f64,
    unpaid_at_first: f64,
    gone_within: f64,
    patience: f64,
}

fn seconds(since: Span) -> f64 {
    since.micros() as f64 / 1e6
}

fn later(at: Time, seconds: f64) -> Time {
    at + Span::from_micros((seconds * 1e6) as i64)
}

impl Sale {
    /// Of several hundred units, of which some tens may be paid for at the same time, with twice as many people who come at once
    /// and others who come afterwards.
    fn opens(seed: u64) -> Sale {
        let mut chance = Chance(seed);
        let capacity = chance.between(300.0, 700.0) as u64;
        let moments = Moments {
            published_at: Some(Time(0)),
            opens_at: OPENS,
            closes_at: OPENS + DAY,
            cancelled_at: None,
            settled_at: None,
            suspended_at: None,
        };
        let sale = SaleRules {
            kind: Kind::Deal,
            price: 29_000,
            limit: 2,
            hold: Some(HOLD * MINUTE),
            at_once: Some(chance.between(15.0, 60.0) as u32),
            ends_at: OPENS + DAY,
        };
        let rules = EventRules {
            event: EventId(Uuid::from_u128(1)),
            creator: MemberId(Uuid::from_u128(0)),
            kind: sale.kind,
            sale: Some(sale),
            capacity,
            moments,
            entry_code: None,
            revisions: 0,
        };
        let state = LedgerState {
            total: 0,
            capacity,
            last_at: Time(0),
            next_sequence: 0,
            closed: false,
            cancelled: false,
            full: false,
            sale: Some(SaleState::default()),
        };
        let ledger = Arc::new(Ledger::new([], state));
        let sequencer = Sequencer::new(rules, ledger.clone(), outcomes::of);
        let mut sale = Sale {
            typical: chance.between(40.0, 120.0),
            changes_at: chance.between(120.0, 600.0),
            unpaid_at_first: chance.between(0.05, 0.2),
            gone_within: chance.between(600.0, 2_400.0),
            patience: chance.between(1_800.0, 5_400.0),
            chance,
            sale,
            sequencer,
            ledger,
            to_come: BinaryHeap::new(),
            put_in: 0,
            members: 0,
            entries: BTreeMap::new(),
            admitted: BTreeMap::new(),
            ended: 0,
            returned: 0,
            said: Vec::new(),
            errors: Errors::default(),
        };
        for _ in 0..capacity * 3 / 2 {
            let soon = sale.chance.until(3.0);
            sale.put(later(OPENS, soon), Happening::Comes);
        }
        let mut comes = 10.0;
        while comes < 1_800.0 {
            comes += sale.chance.until(10.0);
            sale.put(later(OPENS, comes), Happening::Comes);
        }
        sale
    }

    fn put(&mut self, at: Time, what: Happening) {
        self.put_in += 1;
        self.to_come.push(Reverse((at, self.put_in, what)));
    }

    /// Until nobody does anything any more.
    fn run(mut self) -> Errors {
        while let Some(Reverse((now, _, what))) = self.to_come.pop() {
            self.happens(what, now);
        }
        for told in &self.said {
            let Some(admitted) = self.admitted.get(&told.rank) else { continue };
            let really = seconds(admitted.since(told.at));
            self.errors.told += 1;
            self.errors.within += u64::from((told.from..=told.to).contains(&really));
            self.errors.ours += (f64::midpoint(told.from, told.to) - really).abs();
            self.errors.by_limit += (told.by_limit - really).abs();
            self.errors.by_rate += (told.by_rate - really).abs();
        }
        self.errors
    }

    fn happens(&mut self, what: Happening, now: Time) {
        let state = |rank: u64| self.entries.get(&rank).map(|entry| entry.state);
        match what {
            Happening::Comes => self.comes(now),
            Happening::Looks { rank } => self.looks(rank, now),
            Happening::Pays { rank } => self.command(&Command::Paid { rank }, now),
            Happening::RunsOut { rank, due_at } => self.command(&Command::Expired { rank, due_at }, now),
            Happening::Leaves { rank, waits } => {
                let still = match state(rank) {
                    Some(EntryState::Given | EntryState::Standby) => waits,
                    Some(EntryState::Checkout) => !waits,
                    _ => false,
                };
                if still {
                    self.command(&Command::Left { rank }, now);
                }
            }
        }
    }

    fn comes(&mut self, now: Time) {
        self.members += 1;
        let two = self.chance.part() < 0.3;
        let wish = Wish { quantity: if two { 2 } else { 1 }, fewer: two && self.chance.part() < 0.5 };
        let member = MemberId(Uuid::from_u128(self.members));
        let click = Click { member, nickname: "수달".into(), stamped_at: now, wish: Some(wish), wrong_code: false };
        let ClickAnswer::Entered(entry) = self.sequencer.click(&click, [0; 16]) else { return };
        self.commit(now);
        let rank = entry.rank;
        self.entries.insert(rank, entry);
        match entry.state {
            EntryState::Checkout => self.in_checkout(&entry, now),
            EntryState::Given | EntryState::Standby => {
                let patience = self.chance.until(self.patience);
                self.put(later(now, patience), Happening::Leaves { rank, waits: true });
                self.looks(rank, now);
            }
            _ => {}
        }
    }

    fn command(&mut self, command: &Command, now: Time) {
        let _done = self.sequencer.command(command, now);
        self.commit(now);
    }

    /// Everybody may see what was decided, and does what follows.
    fn commit(&mut self, now: Time) {
        let Batch { changed, .. } = self.sequencer.committed();
        for changed in changed.into_values() {
            self.entries.insert(changed.after.rank, changed.after);
            if changed.before.state == EntryState::Checkout {
                self.ended += 1;
                self.returned += u64::from(changed.before.units - changed.after.units);
            }
            if changed.after.state == EntryState::Checkout {
                self.in_checkout(&changed.after, now);
            }
        }
    }

    /// Whoever was let in pays, says that they do not, or lets it run out: the longer people waited, the more are gone.
    fn in_checkout(&mut self, entry: &Entry, now: Time) {
        let rank = entry.rank;
        self.admitted.insert(rank, now);
        let gone = seconds(now.since(OPENS));
        if gone > self.changes_at {
            let factor = self.chance.between(-1.5_f64.ln(), 1.5_f64.ln()).exp();
            self.typical = (self.typical * factor).clamp(25.0, 200.0);
            self.changes_at = gone + self.chance.between(300.0, 900.0);
        }
        let due_at = entry.due_at().unwrap_or(now);
        // The job that looks for deadlines comes a moment later.
        let found = later(due_at, self.chance.between(0.0, 1.0));
        self.put(found, Happening::RunsOut { rank, due_at });
        let unpaid = self.unpaid_at_first + (0.6 - self.unpaid_at_first) * (1.0 - (-gone / self.gone_within).exp());
        let (pays, takes) = (self.chance.part() >= unpaid, self.typical * (0.5 * self.chance.normal()).exp());
        let (says_so, leaves) = (self.chance.part() < 0.2, self.chance.between(5.0, 200.0));
        if pays && later(now, takes) < due_at {
            self.put(later(now, takes), Happening::Pays { rank });
        } else if says_so {
            self.put(later(now, leaves), Happening::Leaves { rank, waits: false });
        }
    }

    /// Somebody who waits asks where they stand and how long it takes.
    fn looks(&mut self, rank: u64, now: Time) {
        let Some(entry) = self.entries.get(&rank).copied() else { return };
        let waits = |entry: &Entry| matches!(entry.state, EntryState::Given | EntryState::Standby);
        let ahead: Vec<&Entry> =
            self.entries.range(..rank).map(|(_, entry)| entry).filter(|entry| waits(entry)).collect();
        let place = self.ledger.line(rank);
        if !waits(&entry) {
            self.errors.place += u64::from(place.is_some());
            return;
        }
        let stands_by = ahead.iter().filter(|entry| entry.state == EntryState::Standby);
        let units: u64 = stands_by.map(|entry| u64::from(entry.quantity)).sum();
        let ahead = ahead.len() as u64;
        self.errors.place += place.map_or(ahead + 1, |place| {
            place.number.abs_diff(ahead + 1) + place.ahead.abs_diff(ahead) + place.ahead_units.abs_diff(units)
        });
        let next = self.chance.until(LOOKS_EVERY);
        self.put(later(now, next), Happening::Looks { rank });
        let Some(Minutes { from, to }) = self.ledger.minutes(&entry, &self.sale, now) else {
            self.errors.silent += 1;
            return;
        };
        let (open, at_once) = (seconds(now.since(OPENS)), f64::from(self.sale.at_once.unwrap_or(1)));
        let at_rate = |count: f64, happened: u64| count * open / happened.max(1) as f64;
        let turn = at_rate((ahead + 1) as f64, self.ended);
        let by_rate = match entry.state {
            EntryState::Standby => turn.max(at_rate((units + u64::from(entry.wish().least())) as f64, self.returned)),
            _ => turn,
        };
        self.said.push(Told {
            rank,
            at: now,
            from: f64::from(from) * 60.0,
            to: f64::from(to) * 60.0,
            by_limit: (ahead + 1) as f64 * seconds(HOLD * MINUTE) / at_once,
            by_rate,
        });
    }
}

/// Runs the figure over so many sales. Both baselines are given what they lack by themselves: that so many pay at once, and how many
/// checkouts ended and units came back; the ratio is to the better of them.
pub fn run(sales: u64) -> Result<(), Failure> {
    println!("\nwhat {sales} simulated lines are told, and what happens");
    let mut all = Errors::default();
    for seed in 1..=sales {
        let of_sale = Sale::opens(seed).run();
        all.told += of_sale.told;
        all.silent += of_sale.silent;
        all.within += of_sale.within;
        all.place += of_sale.place;
        all.ours += of_sale.ours;
        all.by_limit += of_sale.by_limit;
        all.by_rate += of_sale.by_rate;
    }
    let each = |error: f64| error / all.told as f64 / 60.0;
    println!(
        "{} times somebody who was let in later looked: {:.1} min off on average, within the range {:.0} % of the time; place × limit ÷ so many at once {:.1} min off, by the rate since the opening {:.1}; {} times nothing was said, since too little had happened",
        all.told,
        each(all.ours),
        100.0 * all.within as f64 / all.told as f64,
        each(all.by_limit),
        each(all.by_rate),
        all.silent,
    );
    println!("places were off by {} in all", all.place);
    if all.place > 0 {
        return Err("a place in the line was not exact".into());
    }
    ratio("line_position_error", all.ours / all.by_limit.min(all.by_rate));
    Ok(())
}
