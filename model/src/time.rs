//! Instants and their display in Korea time.

use serde::{Deserialize, Serialize};
use std::{
    ops::{Add, Sub},
    time::Duration,
};

/// One millisecond in microseconds.
pub const MILLISECOND: i64 = 1_000;
/// One second in microseconds.
pub const SECOND: i64 = 1_000_000;
/// One minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// One day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// Korea time is nine hours ahead of UTC, all year.
const KOREA: i64 = 9 * HOUR;

/// An instant: microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
pub struct Time(pub i64);

/// A date and a time of day in Korea.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// Gregorian year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 (Sunday) to 6.
    pub weekday: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 to 999.
    pub millisecond: i64,
}

impl Time {
    /// Microseconds from `earlier` to this instant; negative when it lies ahead.
    pub fn since(self, earlier: Time) -> i64 {
        self.0 - earlier.0
    }

    /// This instant on a Korean calendar and clock.
    /// Days to dates after H. Hinnant, "chrono-compatible low-level date algorithms".
    pub fn civil(self) -> Civil {
        let local = self.0 + KOREA;
        let days = local.div_euclid(DAY);
        let of_day = local.rem_euclid(DAY);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z.rem_euclid(146_097);
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let mp = (5 * doy + 2) / 153;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        Civil {
            year: yoe + era * 400 + i64::from(month <= 2),
            month,
            day: doy - (153 * mp + 2) / 5 + 1,
            weekday: (days + 4).rem_euclid(7),
            hour: of_day / HOUR,
            minute: of_day / MINUTE % 60,
            second: of_day / SECOND % 60,
            millisecond: of_day / MILLISECOND % 1000,
        }
    }

    /// The instant of a Korean date and time of day; `None` when there is no such date.
    pub fn from_civil(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> Option<Time> {
        let valid = (1970..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (0..24).contains(&hour)
            && (0..60).contains(&minute)
            && (0..60).contains(&second);
        if !valid {
            return None;
        }
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y.rem_euclid(400);
        let mp = (month + 9) % 12;
        let doy = (153 * mp + 2) / 5 + day - 1;
        let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
        let days = era * 146_097 + doe - 719_468;
        let time = Time(days * DAY + hour * HOUR + minute * MINUTE + second * SECOND - KOREA);
        let back = time.civil();
        (back.month == month && back.day == day).then_some(time)
    }

    /// Reads what `<input type="datetime-local">` sends, as Korea time: `2026-11-21T20:00` or with `:59` seconds.
    pub fn parse_local(text: &str) -> Option<Time> {
        let (date, clock) = text.trim().split_once(['T', ' '])?;
        let mut date = date.splitn(3, '-').map(|part| part.parse().ok());
        let mut clock = clock.splitn(3, ':').map(|part| part.parse().ok());
        Time::from_civil(
            date.next()??,
            date.next()??,
            date.next()??,
            clock.next()??,
            clock.next()??,
            clock.next().unwrap_or(Some(0))?,
        )
    }

    /// Writes what `<input type="datetime-local">` shows.
    pub fn to_local(self) -> String {
        let c = self.civil();
        format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.year, c.month, c.day, c.hour, c.minute, c.second)
    }

    /// Time of day in Korea: `20:00:00`.
    pub fn clock(self) -> String {
        let c = self.civil();
        format!("{:02}:{:02}:{:02}", c.hour, c.minute, c.second)
    }

    /// Time of day in Korea to the millisecond: `20:00:00.084`.
    pub fn clock_ms(self) -> String {
        format!("{}.{:03}", self.clock(), self.civil().millisecond)
    }
}

impl Add<i64> for Time {
    type Output = Time;
    fn add(self, microseconds: i64) -> Time {
        Time(self.0.saturating_add(microseconds))
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, duration: Duration) -> Time {
        self + i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, duration: Duration) -> Time {
        self - i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
    }
}

impl Sub<i64> for Time {
    type Output = Time;
    fn sub(self, microseconds: i64) -> Time {
        Time(self.0.saturating_sub(microseconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_dates() {
        assert_eq!(Time::parse_local("2026-11-21T20:00"), Some(Time(1_795_258_800 * SECOND)));
        assert_eq!(Time(1_795_258_800 * SECOND + 84_000).clock_ms(), "20:00:00.084");
        assert_eq!(Time(1_795_258_800 * SECOND).civil().weekday, 6, "a Saturday");
        assert_eq!(Time::parse_local("2024-02-29T00:00:01").map(Time::to_local), Some("2024-02-29T00:00:01".into()));
        for bad in ["2023-02-29T00:00", "2026-13-01T00:00", "2026-01-01", "x", "2026-01-01T24:00", "99999-01-01T00:00"]
        {
            assert_eq!(Time::parse_local(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn dates_survive_a_round_trip(seconds in 0i64..200_000_000_000) {
            let time = Time(seconds * SECOND);
            prop_assert_eq!(Time::parse_local(&time.to_local()), Some(time));
        }
    }
}
