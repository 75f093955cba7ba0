//! Deals, tickets and wishes as lists show them.

use crate::{Category, Cursor, Error, EventCard, Page, Span, Time};
use serde::{Deserialize, Serialize};

/// Wishes are counted up to here; what more there are is not told apart.
pub const WISHES_COUNTED: u64 = 1000;

/// What is sold, or given away, in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaleCard {
    /// What every list shows.
    pub event: EventCard,
    /// Whole won each; 0 is free.
    pub price: i64,
    /// Whole won before the discount.
    pub list_price: i64,
    /// Percent taken off.
    pub discount: i64,
    /// Of a ticket: the name of the place, and when it begins.
    pub held: Option<(String, Time)>,
    /// How many are left.
    pub left: u64,
    /// How many are set aside while they are paid for: what is not paid in time is left again.
    pub paying: u64,
    /// How long after the opening the last one was given, for the first time; `None` while it was not, and where that is not known.
    pub gone_in: Option<Span>,
    /// How many members wish for it, at most [`WISHES_COUNTED`].
    pub wishes: u64,
    /// Whether the reader does.
    pub wished: bool,
    /// How many wait in its line, where that was looked at: of what many people are at.
    pub waiting: u64,
}

impl SaleCard {
    /// Whether every unit is somebody's for good.
    pub fn is_sold_out(&self) -> bool {
        self.left == 0 && self.paying == 0
    }
}

/// Which deals are asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DealsQuery {
    /// Those of the day that begins then; `None` is today.
    pub day: Option<Time>,
    /// Those that are over instead, of whichever day.
    pub ended: bool,
    /// Of one category.
    pub category: Option<Category>,
    /// From where the list goes on.
    pub after: Option<Cursor>,
}

/// Which tickets are asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TicketsQuery {
    /// For what has begun already, instead of what is to come.
    pub past: bool,
    /// Of one category.
    pub category: Option<Category>,
    /// From where the list goes on.
    pub after: Option<Cursor>,
}

/// A category of an address; none for an empty one.
///
/// # Errors
/// [`Error::NotFound`] when there is no such category.
fn category(name: Option<&str>) -> Result<Option<Category>, Error> {
    name.filter(|name| !name.is_empty()).map(|name| Category::named(name).ok_or(Error::NotFound)).transpose()
}

impl DealsQuery {
    /// From what stands in an address: a day as `2026-11-26`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a day or a category that there is not.
    pub fn of(day: Option<&str>, show: Option<&str>, name: Option<&str>) -> Result<DealsQuery, Error> {
        let day = day.map(|day| Time::parse_local(&format!("{day}T00:00")).ok_or(Error::NotFound)).transpose()?;
        Ok(DealsQuery { day, ended: show == Some("ended"), category: category(name)?, after: None })
    }
}

impl TicketsQuery {
    /// From what stands in an address.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a category that there is not.
    pub fn of(show: Option<&str>, name: Option<&str>) -> Result<TicketsQuery, Error> {
        Ok(TicketsQuery { past: show == Some("past"), category: category(name)?, after: None })
    }
}

/// The page of deals.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deals {
    /// What was asked for.
    pub query: DealsQuery,
    /// In the order in which they open; those that are over, newest first.
    pub cards: Page<SaleCard>,
    /// Of today's page: what was over today, newest first.
    pub over: Vec<SaleCard>,
    /// Server time when this was read.
    pub now: Time,
}

/// The page of tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tickets {
    /// What was asked for.
    pub query: TicketsQuery,
    /// In the order in which they begin; what has begun, newest first.
    pub cards: Page<SaleCard>,
    /// Server time when this was read.
    pub now: Time,
}

/// What the reader wishes for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Wishes {
    /// Wished for last, first.
    pub cards: Page<SaleCard>,
    /// Server time when this was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DAY, HOUR};

    #[test]
    fn a_day_begins_at_midnight_in_korea() {
        let evening = Time::from_civil(2026, 11, 26, 23, 59, 59).unwrap();
        assert_eq!(Some(evening.midnight()), Time::from_civil(2026, 11, 26, 0, 0, 0));
        let midnight = evening.midnight() + DAY;
        assert_eq!((midnight.midnight(), (midnight - HOUR).midnight()), (midnight, midnight - DAY));
        assert_eq!(Time(0).midnight(), Time(0) - 9 * HOUR, "before 1970 in Korea");
    }

    #[test]
    fn addresses_say_what_is_asked_for() {
        let day = DealsQuery::of(Some("2026-11-26"), None, Some("food")).unwrap();
        assert_eq!((day.day, day.category), (Time::from_civil(2026, 11, 26, 0, 0, 0), Some(Category::Food)));
        for wrong in ["2026-13-01", "heute", "2026-11-26T12:00"] {
            assert_eq!(DealsQuery::of(Some(wrong), None, None), Err(Error::NotFound), "{wrong}");
        }
        assert_eq!(DealsQuery::of(None, None, Some("weapons")), Err(Error::NotFound));
        assert_eq!(
            TicketsQuery::of(Some("past"), Some("")).map(|query| (query.past, query.category)),
            Ok((true, None))
        );
    }
}
