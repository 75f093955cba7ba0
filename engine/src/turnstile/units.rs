//! The units of one sale: who has how many, who waits for some, and whose turn it is. Pure, as the sequencer is.
//!
//! Units are sold (paid for), held (in checkout, or given to an entry that waits to be let in) or free, and the three make the capacity after
//! every step. What is free is offered by rank to those who stand by; each is passed over only while fewer units are free than the least
//! they would take, and keeps their rank. Entries with units are let into checkout by rank, as far as the sale lets so many pay at once.

use super::{decisions::Changed, ledger::SaleState, record::Record};
use model::{Due, Entry, EntryState, MemberId, SaleRules, Time, Wish};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that happened: its record, and what it made of entries.
#[derive(Debug)]
pub(super) struct Step {
    pub record: Record,
    pub changed: Vec<Changed>,
}

/// Who has units of a sale, and who waits.
#[derive(Debug)]
pub(super) struct Units {
    rules: SaleRules,
    capacity: u64,
    state: SaleState,
    /// Entries with units, and those that stand by, by rank.
    live: BTreeMap<u64, (MemberId, Entry)>,
    /// Ranks that have units and wait to be let in.
    given: BTreeSet<u64>,
    /// Ranks that stand by, by the fewest units they would take: as many sorts as one person may take units.
    standby: BTreeMap<u32, BTreeSet<u64>>,
    /// When the last unit was given, since this was made or there were more of them.
    full_at: Option<Time>,
    steps: Vec<Step>,
}

impl Units {
    /// From what is decided so far.
    pub fn new(
        rules: SaleRules,
        capacity: u64,
        over: bool,
        entries: impl IntoIterator<Item = (MemberId, Entry)>,
    ) -> Units {
        let mut units = Units {
            rules,
            capacity,
            state: SaleState { over, ..SaleState::default() },
            live: BTreeMap::new(),
            given: BTreeSet::new(),
            standby: BTreeMap::new(),
            full_at: None,
            steps: Vec::new(),
        };
        entries.into_iter().for_each(|(member, entry)| units.put(member, entry));
        units
    }

    /// What it goes by.
    pub fn rules(&self) -> &SaleRules {
        &self.rules
    }

    /// The counts of it.
    pub fn state(&self) -> SaleState {
        self.state
    }

    /// When the last unit was given, for the first time: it may come back, and go once more. Where there are more of them than before,
    /// once those are given as well.
    pub fn full_at(&self) -> Option<Time> {
        self.full_at
    }

    /// Units that nobody has.
    fn free(&self) -> u64 {
        self.capacity.saturating_sub(self.state.sold + self.state.held)
    }

    /// Whether one more may be let into checkout.
    fn has_room(&self) -> bool {
        self.rules.at_once.is_none_or(|at_once| self.state.in_checkout < u64::from(at_once))
    }

    /// What a click becomes at `now` that wishes for so much: its state, its units and its deadline; `None` is full. Those who
    /// stand by refused what is free, so this click passes over none of them.
    pub fn entering(&self, wish: Wish, now: Time) -> Option<(EntryState, u32, Due)> {
        let units = match self.free() {
            free if u64::from(wish.quantity) <= free => wish.quantity,
            free if u64::from(wish.least()) <= free => free as u32,
            _ => {
                let stands_by = self.state.standing < self.rules.standby(self.capacity);
                return stands_by.then_some((EntryState::Standby, 0, Due::NONE));
            }
        };
        Some(if self.rules.price == 0 {
            (EntryState::Paid, units, Due::NONE)
        } else if self.has_room() {
            (EntryState::Checkout, units, Due::at(self.rules.due_at(now)))
        } else {
            (EntryState::Given, units, Due::NONE)
        })
    }

    /// An entry as it is from now on.
    fn put(&mut self, member: MemberId, entry: Entry) {
        if let Some((_, before)) = self.live.remove(&entry.rank) {
            self.forget(before);
        }
        self.state.count(&entry, true);
        match entry.state {
            EntryState::Given => drop(self.given.insert(entry.rank)),
            EntryState::Standby => {
                self.standby.entry(entry.wish().least()).or_default().insert(entry.rank);
            }
            EntryState::Checkout => {}
            EntryState::Paid | EntryState::Disqualified if entry.units > 0 => {}
            _ => return,
        }
        self.live.insert(entry.rank, (member, entry));
    }

    /// The same of one that may have been given units at that moment.
    pub fn give(&mut self, member: MemberId, entry: Entry, at: Time) {
        let free = self.free();
        self.put(member, entry);
        if free > 0 && self.free() == 0 {
            self.full_at.get_or_insert(at);
        }
    }

    fn forget(&mut self, before: Entry) {
        self.state.count(&before, false);
        self.given.remove(&before.rank);
        if let Some(ranks) = self.standby.get_mut(&before.wish().least()) {
            ranks.remove(&before.rank);
        }
    }

    fn live(&self, rank: u64) -> Option<Entry> {
        self.live.get(&rank).map(|(_, entry)| *entry)
    }

    /// Changes a live entry.
    fn change(&mut self, rank: u64, at: Time, change: impl FnOnce(&mut Entry)) -> Option<Changed> {
        let (member, before) = *self.live.get(&rank)?;
        let mut after = before;
        change(&mut after);
        self.give(member, after, at);
        Some(Changed { member, before, after, at })
    }

    /// The same as one step.
    fn step(&mut self, rank: u64, at: Time, record: Record, change: impl FnOnce(&mut Entry)) {
        let changed = self.change(rank, at, change);
        self.steps.push(Step { record, changed: changed.into_iter().collect() });
    }

    /// What happened since the last call, in order.
    pub fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    /// Who is in checkout has paid.
    pub fn paid(&mut self, rank: u64, now: Time) {
        if self.live(rank).is_some_and(|entry| entry.state == EntryState::Checkout) {
            self.pay(rank, now);
            self.serve(now);
        }
    }

    fn pay(&mut self, rank: u64, now: Time) {
        self.step(rank, now, Record::Paid { rank, at: now }, |entry| {
            entry.state = EntryState::Paid;
            entry.due = Due::NONE;
        });
    }

    /// Somebody gives back what is held for them, or their place in the line.
    pub fn left(&mut self, rank: u64, now: Time) {
        let leaves =
            |entry: Entry| matches!(entry.state, EntryState::Checkout | EntryState::Given | EntryState::Standby);
        if self.live(rank).is_some_and(leaves) {
            self.step(rank, now, Record::Left { rank, at: now }, |entry| end(entry, EntryState::Left));
            self.serve(now);
        }
    }

    /// A checkout's time ran out: that which ends at `due_at`, no other.
    pub fn expired(&mut self, rank: u64, due_at: Time, now: Time) {
        let meant = |entry: Entry| entry.state == EntryState::Checkout && entry.due_at() == Some(due_at);
        if self.live(rank).is_some_and(meant) {
            self.step(rank, now, Record::Expired { rank, at: now }, |entry| end(entry, EntryState::Expired));
            self.serve(now);
        }
    }

    /// Units that were paid for come back. More than an entry has are none.
    pub fn returned(&mut self, rank: u64, units: u32, now: Time) {
        let has = |entry: Entry| {
            matches!(entry.state, EntryState::Paid | EntryState::Disqualified) && (1..=entry.units).contains(&units)
        };
        if self.live(rank).is_some_and(has) {
            self.step(rank, now, Record::Returned { rank, units, at: now }, |entry| {
                entry.units -= units;
                if entry.units == 0 && entry.state == EntryState::Paid {
                    entry.state = EntryState::Refunded;
                }
            });
            self.serve(now);
        }
    }

    /// Takes an entry out. What it held goes on; what it paid for is its own until that is given back.
    pub fn disqualify(&mut self, member: MemberId, entry: Entry, now: Time) {
        let (before, mut after) = (entry, entry);
        match entry.state {
            EntryState::Paid => after.state = EntryState::Disqualified,
            _ => end(&mut after, EntryState::Disqualified),
        }
        self.put(member, after);
        let changed = vec![Changed { member, before, after, at: now }];
        self.steps.push(Step { record: Record::Disqualified { rank: entry.rank, at: now }, changed });
        self.serve(now);
    }

    /// There are more units than before.
    pub fn raise(&mut self, to: u64, now: Time) {
        let from = std::mem::replace(&mut self.capacity, to);
        self.full_at = None;
        self.steps.push(Step { record: Record::Raised { from, to, at: now }, changed: vec![] });
        self.serve(now);
    }

    /// The last moment: who still waits gets nothing, and who is in checkout has until their deadline.
    pub fn end(&mut self, now: Time) {
        if !self.state.over {
            self.state.over = true;
            self.stop(Record::Ended { at: now }, now, |state| matches!(state, EntryState::Given | EntryState::Standby));
        }
    }

    /// The event is called off: all leave the checkout as well.
    pub fn cancel(&mut self, now: Time) {
        self.state.over = true;
        self.stop(Record::Cancelled { at: now }, now, |state| {
            matches!(state, EntryState::Checkout | EntryState::Given | EntryState::Standby)
        });
    }

    fn stop(&mut self, record: Record, now: Time, stops: impl Fn(EntryState) -> bool) {
        let ranks: Vec<u64> =
            self.live.iter().filter(|(_, (_, entry))| stops(entry.state)).map(|(rank, _)| *rank).collect();
        let changed = ranks.into_iter().filter_map(|rank| self.change(rank, now, ended)).collect();
        self.steps.push(Step { record, changed });
    }

    /// Offers what is free, and lets in whom there is room for.
    fn serve(&mut self, now: Time) {
        if self.state.over {
            return;
        }
        while let Some(rank) = self.next_standing_by() {
            let free = self.free();
            let units = self.live(rank).map_or(0, |entry| free.min(entry.quantity.into()) as u32);
            self.step(rank, now, Record::Granted { rank, units, at: now }, |entry| {
                entry.state = EntryState::Given;
                entry.units = units;
            });
        }
        while let Some(rank) = self.given.first().copied() {
            if self.rules.price == 0 {
                self.pay(rank, now);
            } else if self.has_room() {
                let due_at = self.rules.due_at(now);
                self.step(rank, now, Record::Admitted { rank, at: now, due_at }, |entry| {
                    entry.state = EntryState::Checkout;
                    entry.due = Due::at(due_at);
                });
            } else {
                return;
            }
        }
    }

    /// The first who stands by and would take what is free.
    fn next_standing_by(&self) -> Option<u64> {
        let free = u32::try_from(self.free()).unwrap_or(u32::MAX);
        self.standby.range(..=free).filter_map(|(_, ranks)| ranks.first()).min().copied()
    }
}

/// Nothing is an entry's any more.
fn end(entry: &mut Entry, state: EntryState) {
    *entry = Entry { state, units: 0, due: Due::NONE, ..*entry };
}

/// What becomes of an entry when its sale stops: who had units let them go, who stood by had none.
pub(super) fn ended(entry: &mut Entry) {
    let state = if entry.state == EntryState::Standby { EntryState::Lost } else { EntryState::Expired };
    end(entry, state);
}
