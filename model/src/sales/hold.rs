//! When whoever has units in checkout is told that their time is about to end.

use crate::{HOUR, MINUTE, Span, Time};

/// Holds shorter than this end before a word of it would help.
pub const WARNED_FROM: Span = MINUTE.times(2);
/// Of long holds one is told so long before they end.
pub const WARNED_AT_MOST: Span = HOUR;

/// When somebody is told that what is held for them from one moment until another goes on: half of the time before it does, for the ten
/// minutes of a deal five, and an hour at most. `None` for holds that are too short for that.
pub fn warned_at(from: Time, until: Time) -> Option<Time> {
    let held = until.since(from);
    let before = (held / 2).min(WARNED_AT_MOST);
    (held >= WARNED_FROM).then(|| until - before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn of_ten_minutes_five_are_left_and_of_an_evening_an_hour() {
        let at = |minutes: i64| Time(0) + minutes * MINUTE;
        assert_eq!(warned_at(at(0), at(10)), Some(at(5)));
        assert_eq!(warned_at(at(0), at(60)), Some(at(30)));
        assert_eq!(warned_at(at(0), at(600)), Some(at(540)));
        assert_eq!(warned_at(at(0), at(1)), None);
    }

    proptest! {
        #[test]
        fn it_comes_while_it_helps(from in 0i64..1 << 50, held in -HOUR.micros()..30 * HOUR.micros()) {
            let (from, held) = (Time(from), Span::from_micros(held));
            let until = from + held;
            match warned_at(from, until) {
                None => prop_assert!(held < WARNED_FROM),
                Some(at) => {
                    let left = until.since(at);
                    prop_assert!(at > from && at < until && left <= WARNED_AT_MOST);
                    // Half of the time, or as much as there may be.
                    prop_assert!(left == WARNED_AT_MOST || (left + left - held).abs() <= Span::from_micros(1));
                    // How the database asks for the same.
                    prop_assert!(left <= WARNED_AT_MOST && left + left <= held);
                }
            }
        }
    }
}
