//! What is committed of one event: entries and counts, read by every click without a lock.

use super::{
    decisions::{Batch, Changed, ClickAnswer},
    line::Line,
};
use arc_swap::ArcSwap;
use model::{Entry, EntryError, EntryState, EventError, LinePlace, MemberId, Minutes, SaleRules, Time};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
};

/// The counts of a sale. Units that are sold, held and free are its capacity together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleState {
    /// Units that were paid for.
    pub sold: u64,
    /// Units in checkout, or given to those who wait to be let in.
    pub held: u64,
    /// Entries in checkout.
    pub in_checkout: u64,
    /// Entries that stand by for units.
    pub standing: u64,
    /// It ended or was called off: no entry waits for anything.
    pub over: bool,
}

impl SaleState {
    /// Counts an entry in, or out.
    pub(super) fn count(&mut self, entry: &Entry, counts: bool) {
        let add = |sum: &mut u64, of: u64| *sum = if counts { *sum + of } else { *sum - of };
        let units = u64::from(entry.units);
        match entry.state {
            EntryState::Checkout => {
                add(&mut self.held, units);
                add(&mut self.in_checkout, 1);
            }
            EntryState::Given => add(&mut self.held, units),
            EntryState::Standby => add(&mut self.standing, 1),
            EntryState::Paid | EntryState::Disqualified => add(&mut self.sold, units),
            _ => {}
        }
    }
}

/// Where an event stands, as decided by the last committed batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerState {
    /// Accepted entries; the next rank is one more.
    pub total: u64,
    /// How many win. It follows the rules until somebody enters; from then on it only rises, and the log has it.
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
    /// Where something is sold.
    pub sale: Option<SaleState>,
}

impl LedgerState {
    /// How much of the capacity is taken: entries, or units where they are sold.
    pub fn taken(&self) -> u64 {
        self.sale.map_or(self.total, |sale| sale.sold + sale.held)
    }
}

/// What a batch of another node meant for a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Applied {
    /// It went on from what was known.
    New,
    /// It was known already.
    Known,
    /// There are others in between.
    Missed,
}

/// What is committed of one event, readable by everybody without a lock.
pub struct Ledger {
    /// Of a member who entered a sale twice, the second.
    entries: papaya::HashMap<MemberId, Entry, FxBuildHasher>,
    state: ArcSwap<LedgerState>,
    /// Of a sale; no click asks it.
    line: RwLock<Line>,
}

impl Ledger {
    /// From what the database holds, in order of rank. What is counted of a sale is counted anew.
    pub fn new(entries: impl IntoIterator<Item = (MemberId, Entry)>, state: LedgerState) -> Ledger {
        let ledger = Ledger {
            entries: papaya::HashMap::with_hasher(FxBuildHasher),
            state: ArcSwap::from_pointee(state),
            line: RwLock::default(),
        };
        let (pinned, mut line) = (ledger.entries.pin(), Line::default());
        let mut sale = state.sale.map(|SaleState { over, .. }| SaleState { over, ..SaleState::default() });
        for (member, mut entry) in entries {
            if let Some(sale) = &mut sale {
                entry.again = pinned.contains_key(&member);
                line.set(&entry);
                sale.count(&entry, true);
            }
            pinned.insert(member, entry);
        }
        drop(pinned);
        Ledger { state: ArcSwap::from_pointee(LedgerState { sale, ..state }), line: RwLock::new(line), ..ledger }
    }

    /// The committed entry of a member.
    pub fn entry(&self, member: MemberId) -> Option<Entry> {
        self.entries.pin().get(&member).copied()
    }

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        /// Beside the entries.
        const EMPTY: usize = 1024;
        /// Of an entry: it, its place in the table, and what allocating it costs.
        const EACH: usize = size_of::<(MemberId, Entry)>() + 3 * size_of::<usize>();
        EMPTY + self.entries.len() * EACH + self.read_line().weight()
    }

    fn read_line(&self) -> RwLockReadGuard<'_, Line> {
        self.line.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of a sale: where a rank stands among those who wait for units or to be let into checkout; `None` when it does not wait.
    pub fn line(&self, rank: u64) -> Option<LinePlace> {
        self.read_line().place(rank)
    }

    /// Of a sale: how many wait for units or to be let into checkout.
    pub fn waiting(&self) -> u64 {
        self.read_line().waiting()
    }

    /// Of a sale: how long from `now` until the member with this entry may pay; `None` unless they wait, and while too little happened
    /// lately to say.
    pub fn minutes(&self, entry: &Entry, rules: &SaleRules, now: Time) -> Option<Minutes> {
        let line = self.read_line();
        let place = line.place(entry.rank)?;
        let units = if entry.state == EntryState::Standby { entry.wish().least() } else { 0 };
        line.flow().minutes(place, units, rules.at_once.is_some(), now)
    }

    /// Where the event stands.
    pub fn state(&self) -> LedgerState {
        **self.state.load()
    }

    /// Takes over a batch that another node committed, whose first record has sequence number `first`. One at a time.
    pub(super) fn apply(&self, first: u64, batch: &Batch, state: LedgerState) -> Applied {
        let here = self.state();
        let known = here.next_sequence;
        if known == state.next_sequence && here != state {
            // Not everything has a record: that it closed, or the places there are before anybody entered.
            self.state.store(Arc::new(state));
        }
        if known >= state.next_sequence {
            return Applied::Known;
        }
        if known != first {
            return Applied::Missed;
        }
        let entries = self.entries.pin();
        // What was before, this node knows itself.
        let before =
            |changed: &Changed| entries.get(&changed.member).filter(|entry| entry.rank == changed.after.rank).copied();
        let changed: Vec<Changed> = batch
            .changed
            .values()
            .map(|changed| Changed { before: before(changed).unwrap_or(changed.before), ..*changed })
            .collect();
        for decided in &batch.entries {
            entries.insert(decided.member, decided.entry);
        }
        if state.sale.is_some() {
            for changed in &changed {
                // A member who left may have joined again in the same batch.
                if entries.get(&changed.member).is_none_or(|entry| entry.rank <= changed.after.rank) {
                    entries.insert(changed.member, changed.after);
                }
            }
            self.move_line(batch, changed.iter());
        } else if !batch.marks.is_empty() {
            let marks: HashMap<u64, EntryState> = batch.marks.iter().copied().collect();
            let marked: Vec<(MemberId, Entry)> = entries
                .iter()
                .filter_map(|(member, entry)| Some((*member, Entry { state: *marks.get(&entry.rank)?, ..*entry })))
                .collect();
            for (member, entry) in marked {
                entries.insert(member, entry);
            }
        }
        drop(entries);
        self.state.store(Arc::new(state));
        Applied::New
    }

    /// Moves the line by a batch of a sale.
    fn move_line<'c>(&self, batch: &Batch, changed: impl Iterator<Item = &'c Changed>) {
        let mut line = self.line.write().unwrap_or_else(PoisonError::into_inner);
        batch.entries.iter().for_each(|decided| line.set(&decided.entry));
        changed.for_each(|changed| line.change(changed));
    }

    /// What the committed state alone decides about a click, the same that the sequencer would decide: a repeat, or a
    /// refusal that no later click can turn. `None`: ask the sequencer. Where something is sold it alone says "full", since
    /// everyone who leaves makes room again, and may come back.
    pub fn certain(&self, member: MemberId) -> Option<ClickAnswer> {
        let state = self.state.load();
        if state.cancelled {
            return Some(ClickAnswer::Refused(EventError::Cancelled.into()));
        }
        if let Some(entry) = self.entry(member) {
            let joins_again = state.sale.is_some() && !state.closed && entry.may_join_again();
            return (!joins_again).then(|| ClickAnswer::repeated(entry));
        }
        if state.closed {
            return Some(ClickAnswer::Refused(EntryError::Closed.into()));
        }
        (state.full && state.sale.is_none()).then_some(ClickAnswer::Refused(EntryError::Full.into()))
    }

    /// Everything committed, with `changed` instead of what it replaces, as far as it is `wanted`.
    pub(super) fn entries_with(
        &self,
        changed: &HashMap<MemberId, Entry, FxBuildHasher>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<(MemberId, Entry)> {
        let committed = self.entries.pin();
        let older = committed.iter().filter(|(member, _)| !changed.contains_key(member));
        older.chain(changed).filter(|(_, entry)| wanted(entry)).map(|(member, entry)| (*member, *entry)).collect()
    }

    /// Shows a batch that became durable: everything `decided` by it.
    pub(super) fn publish(&self, decided: impl Iterator<Item = (MemberId, Entry)>, batch: &Batch, state: LedgerState) {
        let entries = self.entries.pin();
        for (member, entry) in decided {
            entries.insert(member, entry);
        }
        if state.sale.is_some() {
            self.move_line(batch, batch.changed.values());
        }
        self.state.store(Arc::new(state));
    }
}
