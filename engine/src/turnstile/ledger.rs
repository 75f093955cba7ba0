//! What is committed of one event: entries and counts, read by every click without a lock.

use super::decisions::{Answer, Batch};
use arc_swap::ArcSwap;
use model::{Entry, EntryError, EntryState, EventError, MemberId, Time};
use rustc_hash::FxBuildHasher;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};

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
    entries: papaya::HashMap<MemberId, Entry, FxBuildHasher>,
    state: ArcSwap<LedgerState>,
}

impl Ledger {
    /// From what the database holds.
    pub fn new(entries: impl IntoIterator<Item = (MemberId, Entry)>, state: LedgerState) -> Ledger {
        let ledger =
            Ledger { entries: papaya::HashMap::with_hasher(FxBuildHasher), state: ArcSwap::from_pointee(state) };
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

    /// About how many bytes of memory it takes.
    pub(super) fn weight(&self) -> usize {
        /// Beside the entries.
        const EMPTY: usize = 1024;
        /// Of an entry: it, its place in the table, and what allocating it costs.
        const EACH: usize = size_of::<(MemberId, Entry)>() + 3 * size_of::<usize>();
        EMPTY + self.entries.len() * EACH
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
        self.state.store(Arc::new(state));
        Applied::New
    }

    /// What the committed state alone decides about a click, the same that the sequencer would decide: a repeat, or a
    /// refusal that no later click can turn. `None`: ask the sequencer.
    pub fn certain(&self, member: MemberId) -> Option<Answer> {
        let state = self.state.load();
        if state.cancelled {
            return Some(Answer::Refused(EventError::Cancelled.into()));
        }
        if let Some(entry) = self.entry(member) {
            return Some(Answer::repeated(entry));
        }
        if state.closed {
            return Some(Answer::Refused(EntryError::Closed.into()));
        }
        state.full.then_some(Answer::Refused(EntryError::Full.into()))
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

    /// Shows what became durable.
    pub(super) fn publish(&self, decided: impl Iterator<Item = (MemberId, Entry)>, state: LedgerState) {
        let entries = self.entries.pin();
        for (member, entry) in decided {
            entries.insert(member, entry);
        }
        self.state.store(Arc::new(state));
    }
}
