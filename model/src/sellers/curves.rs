//! A sale over time, for its seller.

use crate::{EventCard, Points, Time};
use serde::{Deserialize, Serialize};

/// What became of everybody's first chance to pay: each hold once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holds {
    /// How many were in checkout, ever.
    pub begun: u64,
    /// How many of them paid.
    pub paid: u64,
    /// How many left, or were taken out.
    pub left: u64,
    /// How many let their time run out.
    pub expired: u64,
}

impl Holds {
    /// How many are in checkout.
    pub fn open(&self) -> u64 {
        self.begun.saturating_sub(self.paid + self.left + self.expired)
    }

    /// Percent of those that ended that paid, rounded; `None` before one ended.
    pub fn conversion(&self) -> Option<u64> {
        let ended = self.paid + self.left + self.expired;
        (ended > 0).then(|| (self.paid * 100 + ended / 2) / ended)
    }
}

/// A sale over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaleCurves {
    /// Which sale.
    pub event: EventCard,
    /// How many seconds a point stands for.
    pub width: i64,
    /// Units that were paid for, or taken for nothing, in each stretch.
    pub units: Points,
    /// Whole won that were paid until the end of each stretch, less what went back for units that came back.
    pub revenue: Points,
    /// How many stood in the line at the end of each stretch.
    pub line: Points,
    /// What became of checkouts.
    pub holds: Holds,
    /// When it was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_that_go_on_are_no_failures() {
        let holds = Holds { begun: 10, paid: 5, left: 1, expired: 2 };
        assert_eq!((holds.open(), holds.conversion()), (2, Some(63)));
        assert_eq!(Holds { begun: 3, ..Holds::default() }.conversion(), None);
    }
}
