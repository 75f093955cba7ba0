//! Who waits in a sale's line, by rank: places are exact, and cost the logarithm of how many ever entered.

use super::decisions::Changed;
use model::{Entry, EntryState, LineFlow, LinePlace};

/// How many wait, and how many units those ask for who have none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Waiting {
    entries: u32,
    units: u64,
}

impl Waiting {
    /// What an entry adds.
    fn of(entry: &Entry) -> Waiting {
        match entry.state {
            EntryState::Given => Waiting { entries: 1, units: 0 },
            EntryState::Standby => Waiting { entries: 1, units: entry.quantity.into() },
            _ => Waiting::default(),
        }
    }

    fn plus(self, other: Waiting) -> Waiting {
        Waiting { entries: self.entries + other.entries, units: self.units + other.units }
    }

    fn minus(self, other: Waiting) -> Waiting {
        Waiting { entries: self.entries - other.entries, units: self.units - other.units }
    }
}

/// The line of a sale, and what moved it lately.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// What each rank adds, from rank 1.
    waiting: Vec<Waiting>,
    /// A Fenwick tree: at index i, from 1, the sum of as many of the last ranks up to i as its lowest set bit says.
    /// P. M. Fenwick, "A new data structure for cumulative frequency tables" (1994).
    sums: Vec<Waiting>,
    flow: LineFlow,
}

/// How many ranks the sum at an index is of.
fn span(index: usize) -> usize {
    index & index.wrapping_neg()
}

impl Line {
    /// An entry as it is from now on.
    pub fn set(&mut self, entry: &Entry) {
        let index = entry.rank as usize;
        while self.waiting.len() < index {
            self.push();
        }
        let Some(slot) = index.checked_sub(1).and_then(|at| self.waiting.get_mut(at)) else { return };
        let now = Waiting::of(entry);
        let before = std::mem::replace(slot, now);
        if before == now {
            return;
        }
        let mut index = index;
        while let Some(sum) = self.sums.get_mut(index - 1) {
            *sum = sum.plus(now).minus(before);
            index += span(index);
        }
    }

    /// One more rank that does not wait.
    fn push(&mut self) {
        let index = self.waiting.len() + 1;
        let sum = self.up_to(index - 1).minus(self.up_to(index - span(index)));
        self.waiting.push(Waiting::default());
        self.sums.push(sum);
    }

    /// What all ranks up to this one add.
    fn up_to(&self, rank: usize) -> Waiting {
        let (mut index, mut sum) = (rank, Waiting::default());
        while index > 0 {
            sum = sum.plus(self.sums[index - 1]);
            index -= span(index);
        }
        sum
    }

    /// What became of an entry, from which it is also known how fast the line moves.
    pub fn change(&mut self, changed: &Changed) {
        let Changed { before, after, at, .. } = changed;
        self.set(after);
        if before.state == EntryState::Checkout && after.state != EntryState::Checkout {
            self.flow.ends.note(*at, 1);
        }
        self.flow.returns.note(*at, before.units.saturating_sub(after.units));
    }

    /// Where a rank stands; `None` when it does not wait.
    pub fn place(&self, rank: u64) -> Option<LinePlace> {
        let index = usize::try_from(rank).ok()?.checked_sub(1)?;
        if self.waiting.get(index)?.entries == 0 {
            return None;
        }
        let ahead = self.up_to(index);
        Some(LinePlace { number: u64::from(ahead.entries) + 1, ahead: ahead.entries.into(), ahead_units: ahead.units })
    }

    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.up_to(self.waiting.len()).entries.into()
    }

    /// What moved it lately, as far as this node knows.
    pub fn flow(&self) -> &LineFlow {
        &self.flow
    }

    /// About how many bytes of memory it takes.
    pub fn weight(&self) -> usize {
        (self.waiting.capacity() + self.sums.capacity()) * size_of::<Waiting>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Span, Time};
    use proptest::prelude::*;

    const STATES: [EntryState; 4] = [EntryState::Standby, EntryState::Given, EntryState::Checkout, EntryState::Left];

    proptest! {
        #[test]
        fn places_are_those_of_a_naive_count(
            steps in proptest::collection::vec((1u64..70, 0usize..4, 1u32..5), 0..60),
        ) {
            let mut line = Line::default();
            let mut naive: std::collections::BTreeMap<u64, Entry> = Default::default();
            for (rank, state, quantity) in steps {
                let entry = Entry { quantity, ..Entry::of_one(rank, Time(0), Span::ZERO, STATES[state]) };
                line.set(&entry);
                naive.insert(rank, entry);
                for rank in 0..75 {
                    let waits = |entry: &&Entry| matches!(entry.state, EntryState::Standby | EntryState::Given);
                    let ahead: Vec<&Entry> = naive.range(..rank).map(|(_, entry)| entry).filter(waits).collect();
                    let units = ahead.iter().filter(|entry| entry.state == EntryState::Standby);
                    let place = LinePlace {
                        number: ahead.len() as u64 + 1,
                        ahead: ahead.len() as u64,
                        ahead_units: units.map(|entry| u64::from(entry.quantity)).sum(),
                    };
                    let expected = naive.get(&rank).filter(waits).map(|_| place);
                    prop_assert_eq!(line.place(rank), expected, "rank {}", rank);
                }
            }
        }
    }
}
