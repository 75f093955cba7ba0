//! Instants and spans of time, and the display of instants in Korea time.

use serde::{Deserialize, Serialize};
use std::{
    ops::{Add, Div, Mul, Neg, Rem, Sub},
    time::Duration,
};

/// A span of time in microseconds; negative when it leads backwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(i64);

/// One microsecond: no two times differ by less.
pub const MICROSECOND: Span = Span(1);
/// One millisecond.
pub const MILLISECOND: Span = MICROSECOND.times(1_000);
/// One second.
pub const SECOND: Span = MILLISECOND.times(1_000);
/// One minute.
pub const MINUTE: Span = SECOND.times(60);
/// One hour.
pub const HOUR: Span = MINUTE.times(60);
/// One day.
pub const DAY: Span = HOUR.times(24);

/// Korea time is nine hours ahead of UTC, all year.
const KOREA: Span = HOUR.times(9);

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
    /// From `earlier` to this instant; negative when that lies ahead.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// This instant on a Korean calendar and clock.
    /// Days to dates after H. Hinnant, "chrono-compatible low-level date algorithms".
    pub fn civil(self) -> Civil {
        let local = self.0 + KOREA.0;
        let days = local.div_euclid(DAY.0);
        let of_day = Span(local.rem_euclid(DAY.0));
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

    /// Which day it is in Korea, counted from 1970-01-01.
    pub fn day(self) -> i64 {
        (self.0 + KOREA.0).div_euclid(DAY.0)
    }

    /// When that day began.
    pub fn midnight(self) -> Time {
        Time(0) + (self.day() * DAY - KOREA)
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
        let time = Time(0) + (days * DAY + hour * HOUR + minute * MINUTE + second * SECOND - KOREA);
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

    /// The same with Korea's distance from UTC, as programs read it (RFC 3339): `2026-11-21T20:00:00+09:00`.
    pub fn iso(self) -> String {
        format!("{}+09:00", self.to_local())
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

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, earlier: Time) -> Span {
        self.since(earlier)
    }
}

impl Add<Duration> for Time {
    type Output = Time;
    fn add(self, duration: Duration) -> Time {
        self + Span::from(duration)
    }
}

impl Sub<Duration> for Time {
    type Output = Time;
    fn sub(self, duration: Duration) -> Time {
        self - Span::from(duration)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);

    /// So many microseconds.
    pub const fn from_micros(microseconds: i64) -> Span {
        Span(microseconds)
    }

    /// How many microseconds it is.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// So many of it, for constants, where operators cannot be used.
    pub const fn times(self, n: i64) -> Span {
        Span(self.0 * n)
    }

    /// How many seconds it is, with the one that has begun.
    pub fn begun_seconds(self) -> i64 {
        (self.0 + SECOND.0 - 1) / SECOND.0
    }

    /// The same forwards.
    pub fn abs(self) -> Span {
        Span(self.0.saturating_abs())
    }
}

impl From<Duration> for Span {
    fn from(duration: Duration) -> Span {
        Span(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl From<Span> for Duration {
    /// Nothing for a span that leads backwards: what would wait for it does not wait.
    fn from(span: Span) -> Duration {
        Duration::from_micros(span.0.max(0).unsigned_abs())
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Neg for Span {
    type Output = Span;
    fn neg(self) -> Span {
        Span(self.0.saturating_neg())
    }
}

impl Mul<i64> for Span {
    type Output = Span;
    fn mul(self, n: i64) -> Span {
        self.times(n)
    }
}

impl Mul<Span> for i64 {
    type Output = Span;
    fn mul(self, span: Span) -> Span {
        span.times(self)
    }
}

impl Div<i64> for Span {
    type Output = Span;
    fn div(self, n: i64) -> Span {
        Span(self.0 / n)
    }
}

impl Div for Span {
    type Output = i64;
    /// How often the other one fits, cut towards zero.
    fn div(self, other: Span) -> i64 {
        self.0 / other.0
    }
}

impl Rem for Span {
    type Output = Span;
    /// What [`Div`] leaves over.
    fn rem(self, other: Span) -> Span {
        Span(self.0 % other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_dates() {
        assert_eq!(Time::parse_local("2026-11-21T20:00"), Some(Time(0) + 1_795_258_800 * SECOND));
        assert_eq!((Time(0) + 1_795_258_800 * SECOND + 84 * MILLISECOND).clock_ms(), "20:00:00.084");
        assert_eq!((Time(0) + 1_795_258_800 * SECOND).civil().weekday, 6, "a Saturday");
        assert_eq!(Time::parse_local("2024-02-29T00:00:01").map(Time::to_local), Some("2024-02-29T00:00:01".into()));
        for bad in ["2023-02-29T00:00", "2026-13-01T00:00", "2026-01-01", "x", "2026-01-01T24:00", "99999-01-01T00:00"]
        {
            assert_eq!(Time::parse_local(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn dates_survive_a_round_trip(seconds in 0i64..200_000_000_000) {
            let time = Time(0) + seconds * SECOND;
            prop_assert_eq!(Time::parse_local(&time.to_local()), Some(time));
        }

        #[test]
        fn spans_lead_from_one_time_to_another(from: i64, to: i64, n in 1i64..1_000_000, step in -1_000_000_000i64..1_000_000_000) {
            // Within what can be told apart: the extremes are met, never passed.
            let (from, to) = (Time(from / 2), Time(to / 2));
            prop_assert_eq!(from + (to - from), to);
            prop_assert_eq!(to - (to - from), from);
            prop_assert_eq!(to - from, -(from - to));
            prop_assert_eq!((to - from).micros(), to.since(from).micros());
            prop_assert_eq!(to > from, to - from > Span::ZERO);
            let step = Span::from_micros(step);
            prop_assert_eq!(n * step, step * n);
            prop_assert_eq!(n * step / n, step);
            prop_assert_eq!(step / SECOND * SECOND + step % SECOND, step);
            prop_assert_eq!(step + -step, Span::ZERO);
            prop_assert_eq!(step.abs(), step.max(-step));
        }

        #[test]
        fn spans_never_wrap_around(time: i64, span: i64) {
            let (time, span) = (Time(time), Span::from_micros(span));
            prop_assert_eq!(time.max(time + span) == time + span, span >= Span::ZERO || time == Time(i64::MIN));
            prop_assert!(span.abs() >= Span::ZERO && time - Time(i64::MIN) >= Span::ZERO);
        }

        #[test]
        fn a_span_is_a_duration_unless_it_leads_backwards(microseconds: i64) {
            let span = Span::from_micros(microseconds);
            prop_assert_eq!(Span::from(Duration::from(span)), span.max(Span::ZERO));
            prop_assert_eq!(Time(0) + Duration::from(span), Time(0) + span.max(Span::ZERO));
        }

        #[test]
        fn a_span_is_written_as_its_microseconds(microseconds: i64) {
            let span = Span::from_micros(microseconds);
            prop_assert_eq!(serde_json::to_string(&span).unwrap(), microseconds.to_string());
            prop_assert_eq!(serde_json::from_str::<Span>(&microseconds.to_string()).unwrap(), span);
            prop_assert_eq!(crate::wire::encode(&span), crate::wire::encode(&microseconds));
        }
    }

    #[test]
    fn the_extremes_hold() {
        assert_eq!(Time(i64::MAX) + SECOND, Time(i64::MAX));
        assert_eq!(Time(i64::MIN) - SECOND, Time(i64::MIN));
        assert_eq!(Time(i64::MAX) - Time(i64::MIN), Span::from_micros(i64::MAX));
        assert_eq!(Span::from(Duration::MAX), Span::from_micros(i64::MAX));
        assert_eq!(Duration::from(-SECOND), Duration::ZERO);
        assert_eq!([Span::ZERO, MICROSECOND, SECOND, SECOND + MICROSECOND].map(Span::begun_seconds), [0, 1, 1, 2]);
        assert_eq!([DAY / HOUR, HOUR / MINUTE, MINUTE / SECOND, SECOND / MILLISECOND], [24, 60, 60, 1000]);
    }
}
