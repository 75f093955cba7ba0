//! Follows an event's log, record by record, without what sequenced it: whoever checks compares with where this leads.

use super::{
    record::{Record, Taken},
    units,
};
use model::{Due, Entry, EntryState, Kind, Span, Time};
use std::collections::{BTreeMap, HashMap};

/// Where an event's log leads: who holds which unit, and what became of every entry.
#[derive(Debug, Default)]
pub struct Replayed {
    pub(super) capacity: u64,
    /// Of a giveaway: the rank that holds each unit. At first that is the unit's own number; `None` while it is to be given anew.
    pub(super) holders: HashMap<u64, Option<u64>>,
    /// Of a sale.
    pub(super) books: Books,
    pub(super) entries: Vec<ReplayedEntry>,
    pub(super) cancellations: usize,
}

/// What is counted along a sale's log.
#[derive(Debug, Default)]
pub(super) struct Books {
    pub sold: u64,
    pub held: u64,
    /// The fewest units that each who stands by would take.
    pub standby: BTreeMap<u64, u32>,
    /// Ranks with units that wait to be let into checkout.
    given: BTreeMap<u64, ()>,
    /// When the last unit was given, for the first time since there were more of them.
    pub full_at: Option<Time>,
    pub over: bool,
}

/// An entry as the log makes it.
#[derive(Debug)]
pub(super) struct ReplayedEntry {
    pub entry: Entry,
    pub commitment: [u8; 32],
}

impl Replayed {
    /// The beginning of a sale's log.
    #[cfg(test)]
    pub(super) fn of(capacity: u64) -> Replayed {
        Replayed { capacity, ..Replayed::default() }
    }

    /// How many entered.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64
    }

    /// An entry as the log makes it. Whether it is its member's second the log does not say.
    pub fn entry(&self, rank: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(rank).ok()?.checked_sub(1)?).map(|replayed| &replayed.entry)
    }

    /// What became of a rank.
    pub fn state(&self, rank: u64) -> Option<EntryState> {
        self.entry(rank).map(|entry| entry.state)
    }

    /// The rank that holds a unit; `None` while it is free, or when there is no such unit.
    pub fn holder(&self, unit: u64) -> Option<u64> {
        self.holders.get(&unit).copied().flatten()
    }

    fn entry_mut(&mut self, rank: u64) -> Option<&mut Entry> {
        self.entries.get_mut(usize::try_from(rank).ok()?.checked_sub(1)?).map(|replayed| &mut replayed.entry)
    }
}

/// Follows one record; what is wrong with it.
pub(super) fn follow(replayed: &mut Replayed, kind: Kind, record: &Record) -> Vec<String> {
    let mut wrong = Vec::new();
    match record {
        Record::Entered { rank, at, state, quantity, taken: None, commitment } => {
            let (state, quantity, commitment) = (*state, *quantity, *commitment);
            let entry = Entry { quantity, ..Entry::of_one(*rank, *at, Span::ZERO, state) };
            replayed.entries.push(ReplayedEntry { entry, commitment });
            if *rank != replayed.total() || kind.state_of(*rank, replayed.capacity) != Some(state) {
                wrong.push(format!(
                    "the log lets rank {rank} in as {state:?}, which its rank and the capacity do not give"
                ));
            }
            if quantity == 0 {
                wrong.push(format!("rank {rank} asks for nothing"));
            }
        }
        Record::Reassigned { unit, rank, .. } => {
            if replayed.holders.values().any(|holder| *holder == Some(*rank)) {
                wrong.push(format!("rank {rank} holds two places"));
            }
            if replayed.holders.insert(*unit, Some(*rank)).is_none() {
                wrong.push(format!("place {unit} was given although it was left over or never there"));
            }
            match replayed.entry_mut(*rank) {
                Some(entry) if entry.state == EntryState::Standby => entry.state = EntryState::Won,
                other => wrong.push(format!("rank {rank} was given a place without standing by: {other:?}")),
            }
        }
        Record::Unclaimed { unit, .. } => {
            if replayed.holders.remove(unit).is_none() {
                wrong.push(format!("place {unit} was left over twice"));
            }
        }
        Record::Lapsed { rank, .. } => match replayed.entry_mut(*rank) {
            Some(entry) if entry.state == EntryState::Won => entry.state = EntryState::Expired,
            other => wrong.push(format!("rank {rank} let a place pass without having one: {other:?}")),
        },
        Record::Disqualified { rank, .. } => match replayed.entry_mut(*rank) {
            Some(entry) if entry.state != EntryState::Disqualified => entry.state = EntryState::Disqualified,
            _ => wrong.push(format!("rank {rank} was taken out twice")),
        },
        Record::Raised { from, to, .. } => {
            if *from != replayed.capacity || to <= from {
                let capacity = replayed.capacity;
                wrong.push(format!("capacity was raised from {from} to {to} when it was {capacity}"));
            }
            replayed.capacity = *to;
            let entered = replayed.total();
            replayed.holders.extend((from + 1..=*to).map(|unit| (unit, (unit > entered).then_some(unit))));
            let stands_by = (to + kind.standby(*to)) as usize;
            let more = replayed.entries.iter_mut().take(stands_by).map(|replayed| &mut replayed.entry);
            more.filter(|entry| entry.state == EntryState::Lost).for_each(|entry| entry.state = EntryState::Standby);
        }
        Record::Cancelled { .. } => replayed.cancellations += 1,
        of_sale => wrong.push(format!("a giveaway's log says {of_sale:?}")),
    }
    wrong
}

/// The same for a sale: every unit is somebody's or free, and what is free goes to the first who would take it.
pub(super) fn follow_sale(replayed: &mut Replayed, record: &Record) -> Vec<String> {
    let mut wrong = Vec::new();
    let free = replayed.capacity.saturating_sub(replayed.books.sold + replayed.books.held);
    match record {
        Record::Entered { rank, at, state, quantity, taken: Some(Taken { fewer, units, due }), commitment } => {
            let entry = Entry {
                quantity: *quantity,
                fewer: *fewer,
                units: *units,
                due: *due,
                ..Entry::of_one(*rank, *at, Span::ZERO, *state)
            };
            let best = match u64::from(*quantity) {
                all if all <= free => *quantity,
                _ if *fewer => free as u32,
                _ => 0,
            };
            let has = matches!(state, EntryState::Checkout | EntryState::Given | EntryState::Paid);
            if *rank != replayed.total() + 1 || *quantity == 0 || *units != best {
                wrong.push(format!("the log lets rank {rank} have {units} of {quantity} units when {free} were free"));
            }
            if !(has && *units > 0 || *state == EntryState::Standby && *units == 0)
                || (*state == EntryState::Checkout) != due.time().is_some()
            {
                wrong.push(format!("the log lets rank {rank} in as {state:?} with {units} units until {due:?}"));
            }
            replayed.entries.push(ReplayedEntry { entry, commitment: *commitment });
            count_entry(&mut replayed.books, &entry, true);
            note_full(replayed, free, *at);
        }
        Record::Granted { rank, units, at } => {
            let first = replayed.books.standby.iter().find(|(_, least)| u64::from(**least) <= free);
            let quantity = replayed.entry(*rank).map_or(0, |entry| entry.quantity);
            if first.map(|(rank, _)| rank) != Some(rank) || u64::from(*units) != free.min(quantity.into()) {
                wrong.push(format!("rank {rank} was granted {units} of {free} units; {first:?} stood by first"));
            }
            change_entry(replayed, &mut wrong, *rank, &[EntryState::Standby], |entry| {
                (entry.state, entry.units) = (EntryState::Given, *units);
            });
            note_full(replayed, free, *at);
        }
        Record::Admitted { rank, due_at, .. } => {
            let first = replayed.books.given.keys().next().copied();
            if first != Some(*rank) {
                wrong.push(format!("rank {rank} was let into checkout before {first:?}"));
            }
            change_entry(replayed, &mut wrong, *rank, &[EntryState::Given], |entry| {
                (entry.state, entry.due) = (EntryState::Checkout, Due::at(*due_at));
            });
        }
        Record::Paid { rank, .. } => {
            change_entry(replayed, &mut wrong, *rank, &[EntryState::Checkout, EntryState::Given], |entry| {
                (entry.state, entry.due) = (EntryState::Paid, Due::NONE);
            });
        }
        Record::Left { rank, .. } => {
            let waiting = [EntryState::Checkout, EntryState::Given, EntryState::Standby];
            change_entry(replayed, &mut wrong, *rank, &waiting, |entry| {
                (entry.state, entry.units, entry.due) = (EntryState::Left, 0, Due::NONE);
            });
        }
        Record::Expired { rank, .. } => {
            change_entry(replayed, &mut wrong, *rank, &[EntryState::Checkout], |entry| {
                (entry.state, entry.units, entry.due) = (EntryState::Expired, 0, Due::NONE);
            });
        }
        Record::Returned { rank, units, .. } => {
            if replayed.entry(*rank).is_none_or(|entry| entry.units < *units) {
                wrong.push(format!("rank {rank} gave back {units} units, more than it had"));
                return wrong;
            }
            change_entry(replayed, &mut wrong, *rank, &[EntryState::Paid, EntryState::Disqualified], |entry| {
                entry.units -= units;
                if (entry.units, entry.state) == (0, EntryState::Paid) {
                    entry.state = EntryState::Refunded;
                }
            });
        }
        Record::Disqualified { rank, .. } => {
            if replayed.state(*rank) == Some(EntryState::Disqualified) {
                wrong.push(format!("rank {rank} was taken out twice"));
            }
            let state = replayed.state(*rank);
            change_entry(replayed, &mut wrong, *rank, state.as_slice(), |entry| {
                let units = if entry.state == EntryState::Paid { entry.units } else { 0 };
                (entry.state, entry.units, entry.due) = (EntryState::Disqualified, units, Due::NONE);
            });
        }
        Record::Raised { from, to, .. } => {
            if *from != replayed.capacity || to <= from {
                let capacity = replayed.capacity;
                wrong.push(format!("capacity was raised from {from} to {to} when it was {capacity}"));
            }
            replayed.capacity = *to;
            replayed.books.full_at = None;
        }
        Record::Ended { at } | Record::Cancelled { at } => {
            let cancelled = matches!(record, Record::Cancelled { .. });
            replayed.cancellations += usize::from(cancelled);
            if replayed.books.over && !cancelled {
                wrong.push(format!("the sale ended at {at:?} when it was over"));
            }
            replayed.books.over = true;
            let Replayed { entries, books, .. } = replayed;
            for ReplayedEntry { entry, .. } in entries {
                let waits = matches!(entry.state, EntryState::Given | EntryState::Standby);
                if waits || cancelled && entry.state == EntryState::Checkout {
                    count_entry(books, entry, false);
                    units::ended(entry);
                }
            }
        }
        other => wrong.push(format!("a sale's log says {other:?}")),
    }
    let Replayed { capacity, books: Books { sold, held, .. }, .. } = &*replayed;
    if sold + held > *capacity {
        wrong.push(format!("after {record:?} {sold} units are sold and {held} held of {capacity}"));
    }
    wrong
}

/// Notes when the last of so many that were free was given.
fn note_full(replayed: &mut Replayed, free: u64, at: Time) {
    let Books { sold, held, full_at, .. } = &mut replayed.books;
    if free > 0 && *sold + *held >= replayed.capacity {
        full_at.get_or_insert(at);
    }
}

/// Changes an entry that is in one of these states.
fn change_entry(
    replayed: &mut Replayed,
    wrong: &mut Vec<String>,
    rank: u64,
    from: &[EntryState],
    change: impl FnOnce(&mut Entry),
) {
    match replayed.entry(rank).copied() {
        Some(mut entry) if from.contains(&entry.state) => {
            count_entry(&mut replayed.books, &entry, false);
            change(&mut entry);
            count_entry(&mut replayed.books, &entry, true);
            replayed.entry_mut(rank).into_iter().for_each(|known| *known = entry);
        }
        other => wrong.push(format!("rank {rank} cannot change as the log says: it is {other:?}")),
    }
}

/// Counts an entry in, or out.
fn count_entry(books: &mut Books, entry: &Entry, counts: bool) {
    let units = u64::from(entry.units);
    let count = |sum: &mut u64| *sum = if counts { *sum + units } else { sum.saturating_sub(units) };
    match (entry.state, counts) {
        (EntryState::Standby, true) => drop(books.standby.insert(entry.rank, entry.wish().least())),
        (EntryState::Standby, false) => drop(books.standby.remove(&entry.rank)),
        (EntryState::Given, _) => {
            count(&mut books.held);
            if counts {
                books.given.insert(entry.rank, ())
            } else {
                books.given.remove(&entry.rank)
            };
        }
        (EntryState::Checkout, _) => count(&mut books.held),
        (EntryState::Paid | EntryState::Disqualified, _) => count(&mut books.sold),
        _ => {}
    }
}
