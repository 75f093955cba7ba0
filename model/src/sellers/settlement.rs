//! What comes of sales by month: what was paid, what went back, and what the seller is paid of it.

use crate::{EventCard, Page, Time, error::Error};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Percent of sales that the site keeps. Slots are its one source of income.
const FEE: i64 = 0;

/// A month in Korea.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Month {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
}

impl Month {
    /// The month in which a moment lies.
    pub fn of(at: Time) -> Month {
        let day = at.civil();
        Month { year: day.year, month: day.month }
    }

    /// The one after.
    #[must_use]
    pub fn next(self) -> Month {
        match self.month {
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { month: month + 1, ..self },
        }
    }

    /// When it begins.
    pub fn start(self) -> Time {
        Time::from_civil(self.year, self.month, 1, 0, 0, 0).unwrap_or_default()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Month, Error> {
        let start = Time::parse_local(&format!("{text}-01T00:00")).ok_or(Error::NotFound)?;
        Some(Month::of(start)).filter(|month| month.to_string() == text).ok_or(Error::NotFound)
    }
}

/// What moved within a month: whole won and how many orders were paid for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moved {
    /// What buyers paid.
    pub sales: i64,
    /// What went back to them.
    pub refunds: i64,
    /// For how many orders they paid.
    pub orders: u64,
}

/// What comes of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Which.
    pub month: Month,
    /// For how many orders buyers paid.
    pub orders: u64,
    /// What they paid.
    pub sales: i64,
    /// What went back to them, of orders of this month or of those before.
    pub refunds: i64,
    /// What the site keeps.
    pub fee: i64,
    /// What was left to be set off from the months before: nothing, or less than nothing.
    pub carried: i64,
    /// What the seller is to be paid in all: never less than nothing.
    pub to_pay_out: i64,
    /// What of it they were paid.
    pub paid_out: i64,
    /// Whether the month is over, so that it does not change any more.
    pub closed: bool,
}

impl Statement {
    /// What is still to be paid.
    pub fn left(&self) -> i64 {
        self.to_pay_out - self.paid_out
    }
}

/// The statements of everything that moved, oldest first, without gaps: from the first month in which anything did to that of
/// `now`. Where more went back than came in, the rest is set off from the months that follow.
pub fn statements(moved: &BTreeMap<Month, Moved>, paid_out: &BTreeMap<Month, i64>, now: Month) -> Vec<Statement> {
    let Some((first, _)) = moved.first_key_value() else { return Vec::new() };
    let last = moved.last_key_value().map_or(now, |(last, _)| now.max(*last));
    let (mut month, mut carried, mut all) = (*first, 0, Vec::new());
    while month <= last {
        let Moved { sales, refunds, orders } = moved.get(&month).copied().unwrap_or_default();
        let fee = sales * FEE / 100;
        let balance = carried + sales - refunds - fee;
        let paid_out = paid_out.get(&month).copied().unwrap_or_default();
        let to_pay_out = balance.max(0);
        all.push(Statement { month, orders, sales, refunds, fee, carried, to_pay_out, paid_out, closed: month < now });
        carried = balance.min(0);
        month = month.next();
    }
    all
}

/// What one sale came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventSales {
    /// Which.
    pub event: EventCard,
    /// Orders that were paid for.
    pub orders: u64,
    /// Units of them that were not given back.
    pub units: u64,
    /// What was paid for them.
    pub sales: i64,
    /// What of it went back.
    pub refunds: i64,
    /// Orders that are to be sent.
    pub to_ship: u64,
    /// Wishes to send something back that wait for the seller.
    pub returns: u64,
}

/// The seller's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SalesPage {
    /// By month, newest first.
    pub statements: Vec<Statement>,
    /// By sale, newest first.
    pub events: Page<EventSales>,
    /// Whether no money moves.
    pub practice: bool,
    /// When it was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DAY, HOUR};
    use proptest::prelude::*;

    #[test]
    fn months_are_koreas() {
        // 2026-11-30 15:00 in UTC is the first of December in Korea.
        let start = Time::from_civil(2026, 12, 1, 0, 0, 0).unwrap();
        assert_eq!(
            (Month::of(start).to_string(), Month::of(start - HOUR).to_string()),
            ("2026-12".into(), "2026-11".into())
        );
        assert_eq!("2026-12".parse::<Month>().unwrap().next().to_string(), "2027-01");
        assert_eq!("2026-12".parse::<Month>().unwrap().start(), start);
        for wrong in ["2026-13", "2026-1", "26-11", "2026-11-01", "", "heute"] {
            assert_eq!(wrong.parse::<Month>(), Err(Error::NotFound), "{wrong}");
        }
    }

    /// What happened to an order: when it was paid, how much, and what of it went back after how long.
    type Sold = (i64, i64, Vec<(i64, u8)>);

    proptest! {
        /// Over any history the sums agree to the won: what buyers paid less what went back is what sellers are paid and what is
        /// carried on, and nobody is paid twice or less than nothing.
        #[test]
        fn the_sums_agree_to_the_won(
            sold in proptest::collection::vec(
                (0i64..500, 0i64..5_000_000, proptest::collection::vec((0i64..120, 0u8..=100), 0..4)), 0..60,
            ),
            paid_until in 0usize..24,
        ) {
            let begin = Time::from_civil(2025, 10, 17, 3, 0, 0).unwrap();
            let mut moved: BTreeMap<Month, Moved> = BTreeMap::new();
            let (mut taken, mut given) = (0, 0);
            let count = |sold: Sold, moved: &mut BTreeMap<Month, Moved>| {
                let (day, amount, returns) = sold;
                let at = begin + DAY.times(day);
                let month = moved.entry(Month::of(at)).or_default();
                (month.sales, month.orders) = (month.sales + amount, month.orders + 1);
                let mut left = amount;
                for (later, percent) in returns {
                    let back = left * i64::from(percent) / 100;
                    left -= back;
                    moved.entry(Month::of(at + DAY.times(later))).or_default().refunds += back;
                }
                (amount, amount - left)
            };
            for sold in sold {
                let (sale, back) = count(sold, &mut moved);
                (taken, given) = (taken + sale, given + back);
            }
            let now = Month::of(begin + DAY.times(700));
            let before = statements(&moved, &BTreeMap::new(), now);
            prop_assert_eq!(before.is_empty(), moved.is_empty());
            // The first so many of them are paid out.
            let paid: BTreeMap<Month, i64> =
                before.iter().take(paid_until).map(|statement| (statement.month, statement.to_pay_out)).collect();
            let all = statements(&moved, &paid, now);
            for (statement, after) in all.iter().zip(all.iter().skip(1)) {
                prop_assert_eq!(statement.month.next(), after.month, "no month is left out");
                prop_assert!(statement.to_pay_out >= 0 && statement.carried <= 0 && statement.left() >= 0);
                let balance = statement.carried + statement.sales - statement.refunds - statement.fee;
                prop_assert_eq!(balance, statement.to_pay_out + after.carried);
            }
            let sum = |of: fn(&Statement) -> i64| all.iter().map(of).sum::<i64>();
            prop_assert_eq!((sum(|one| one.sales), sum(|one| one.refunds), sum(|one| one.fee)), (taken, given, 0));
            let rest = all.last().map_or(0, |last| (last.carried + last.sales - last.refunds - last.fee).min(0));
            prop_assert_eq!(sum(|one| one.paid_out) + sum(Statement::left) + rest, taken - given);
            prop_assert_eq!(all.iter().map(|one| one.orders).sum::<u64>(), moved.values().map(|one| one.orders).sum::<u64>());
        }
    }
}
