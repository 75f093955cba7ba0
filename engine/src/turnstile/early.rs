//! Presses that came too early, and what follows from them: who queues presses across the opening gains nothing.

use model::{MILLISECOND, MemberId, Span, Time};
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;

/// After a press that came too early a member's next one is read so much later at the earliest: the repeat of a held key, faster
/// than any finger.
pub const PAUSE: Span = MILLISECOND.times(33);
/// Presses kept before those that no longer matter are looked for.
const KEPT: usize = 4096;

/// When members pressed too early last.
pub(super) struct EarlyPresses {
    last: HashMap<MemberId, Time, FxBuildHasher>,
    /// With so many, those that no longer matter are let go of.
    full: usize,
}

impl Default for EarlyPresses {
    fn default() -> Self {
        EarlyPresses { last: HashMap::default(), full: KEPT }
    }
}

impl EarlyPresses {
    /// Until when a press of `member` that was read `at` is put off; `None` when it counts as it is.
    pub fn put_off(&self, member: MemberId, at: Time) -> Option<Time> {
        let next = *self.last.get(&member)? + PAUSE;
        (at < next).then_some(next)
    }

    /// A press of `member` that was read `at` came too early.
    pub fn add(&mut self, member: MemberId, at: Time) {
        if self.last.len() >= self.full {
            self.last.retain(|_, last| *last + PAUSE > at);
            // However many there are, each is looked at a few times in all.
            self.full = KEPT.max(2 * self.last.len());
        }
        self.last.insert(member, at);
    }

    /// A press was read that long after the opening that none of before it can matter.
    pub fn are_over(&mut self) {
        if !self.last.is_empty() {
            *self = EarlyPresses::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(number: u128) -> MemberId {
        MemberId(Uuid::from_u128(number))
    }

    #[test]
    fn the_next_press_is_put_off_and_the_one_after_it_is_not() {
        let mut early = EarlyPresses::default();
        early.add(member(1), Time(0));
        assert_eq!(early.put_off(member(1), Time(0) + PAUSE - Span::from_micros(1)), Some(Time(0) + PAUSE));
        assert_eq!(early.put_off(member(1), Time(0) + PAUSE), None);
        assert_eq!(early.put_off(member(2), Time(0)), None, "nobody else's");
    }

    #[test]
    fn only_those_are_kept_that_matter() {
        let mut early = EarlyPresses::default();
        for number in 0..10 * KEPT {
            early.add(member(number as u128), Time(number as i64 * 100));
        }
        assert!(early.last.len() <= KEPT + 1, "{}", early.last.len());
        // A crowd in one instant is kept whole, and looked through a few times.
        for number in 0..4 * KEPT {
            early.add(member(number as u128), Time(0));
        }
        assert!(early.last.len() >= 4 * KEPT);
        early.are_over();
        assert_eq!(early.put_off(member(1), Time(0)), None);
    }
}
