//! Where many people are right now.

use crate::EventId;
use std::cmp::Reverse;

/// How many people are at an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crowd {
    /// Which.
    pub event: EventId,
    /// People in its room, on whichever node.
    pub present: u64,
    /// Entries of the last minutes.
    pub lately: u64,
}

impl Crowd {
    /// How many people are said to be there: who entered may still be in the room, and is counted once.
    pub fn people(self) -> u64 {
        self.present.max(self.lately)
    }

    /// What it is ordered by: whoever is there and does something counts for more than who only looks on.
    fn key(self) -> (Reverse<u64>, Reverse<u64>, EventId) {
        (Reverse(self.present.saturating_add(self.lately)), Reverse(self.present), self.event)
    }
}

/// At most `most` of those at which there is anybody, the most people first; of equal ones always the same first.
pub fn busiest(mut crowds: Vec<Crowd>, most: usize) -> Vec<Crowd> {
    crowds.retain(|crowd| crowd.people() > 0);
    crowds.sort_unstable_by_key(|crowd| crowd.key());
    crowds.truncate(most);
    crowds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn crowds() -> impl Strategy<Value = Vec<Crowd>> {
        prop::collection::vec((0..4_u64, 0..4_u64), 0..12).prop_map(|counts| {
            let crowd =
                |(number, (present, lately))| Crowd { event: EventId(Uuid::from_u128(number)), present, lately };
            (1..).zip(counts).map(crowd).collect()
        })
    }

    proptest! {
        #[test]
        fn the_order_is_one_whatever_order_they_came_in(crowds in crowds(), most in 0..8_usize) {
            let mut backwards = crowds.clone();
            backwards.reverse();
            let found = busiest(crowds, most);
            prop_assert_eq!(&found, &busiest(backwards, most));
            prop_assert!(found.len() <= most && found.iter().all(|crowd| crowd.people() > 0));
        }

        #[test]
        fn more_people_never_bring_an_event_down(crowds in crowds(), which in any::<prop::sample::Index>(), more in 1..5_u64) {
            prop_assume!(!crowds.is_empty());
            let event = crowds[which.index(crowds.len())].event;
            let place = |crowds| busiest(crowds, usize::MAX).iter().position(|crowd| crowd.event == event);
            let before = place(crowds.clone());
            for (present, lately) in [(more, 0), (0, more)] {
                let mut grown = crowds.clone();
                for crowd in grown.iter_mut().filter(|crowd| crowd.event == event) {
                    crowd.present += present;
                    crowd.lately += lately;
                }
                let after = place(grown).unwrap();
                prop_assert!(before.is_none_or(|before| after <= before));
            }
        }
    }
}
