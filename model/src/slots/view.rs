//! What pages show of hours.

use super::{BookingId, Hour, Terms};
use crate::{Cursor, DAY, Error, EventId, Page, PayWay, PaymentView, RequestId, Span, Time, Won, sellers::Month};
use serde::{Deserialize, Serialize};

/// What of the calendar, and of one's own hours, is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotsQuery {
    /// Midnight of a day of the week that is shown; today's when there is none.
    pub day: Option<Time>,
    /// Of one's own those that are over, instead of those to come.
    pub past: bool,
    /// From where the list of one's own goes on.
    pub after: Option<Cursor>,
}

impl SlotsQuery {
    /// From what stands in an address: a day as `2026-11-27`.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a day that there is not.
    pub fn of(day: Option<&str>, show: Option<&str>, after: Option<Cursor>) -> Result<SlotsQuery, Error> {
        let day = day.map(|day| Time::parse_local(&format!("{day}T00:00")).ok_or(Error::NotFound)).transpose()?;
        Ok(SlotsQuery { day, past: show == Some("past"), after })
    }
}

/// An hour of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cell {
    /// So many more deals have room.
    Free(u32),
    /// Every place is taken.
    Full,
    /// It is over, or too far ahead.
    Closed,
    /// Set aside for the reader, who has yet to pay.
    Held,
    /// The reader's, without a deal.
    Mine,
    /// The reader's, with a deal.
    Used,
}

/// Hours that wait for their creator to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpaid {
    /// Which booking.
    pub id: BookingId,
    /// In their order.
    pub hours: Vec<Hour>,
    /// What all of them cost.
    pub amount: Won,
    /// Until when they are set aside.
    pub until: Time,
    /// Whether a payment is being confirmed: meanwhile that time stands still.
    pub paying: bool,
    /// The newest payment.
    pub payment: Option<PaymentView>,
    /// Through whom it may be paid for, the one that the reader used last first.
    pub ways: Vec<PayWay>,
}

/// An hour that the reader has, or gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnHour {
    /// By which booking.
    pub booking: BookingId,
    /// Which hour.
    pub hour: Hour,
    /// What it cost.
    pub price: Won,
    /// When it was given back.
    pub given_back: Option<Time>,
    /// The deal that it is for, with its title.
    pub deal: Option<(EventId, String)>,
    /// Whether it may be given back at this moment.
    pub may_give_back: bool,
}

/// The page on which creators book hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotsPage {
    /// What was asked for.
    pub query: SlotsQuery,
    /// By what hours are sold.
    pub terms: Terms,
    /// When the Monday of the week begins.
    pub monday: Time,
    /// Every hour of the week, from that on.
    pub week: Vec<Cell>,
    /// What is to be paid for.
    pub unpaid: Option<Unpaid>,
    /// The reader's own hours: to come, the next first, or over, the last first.
    pub own: Page<OwnHour>,
    /// Whether the reader may sell, and so book.
    pub may_sell: bool,
    /// Whether what hours cost can be paid here.
    pub open: bool,
    /// Whether no money moves.
    pub sandbox: bool,
    /// For the form: a fresh id.
    pub request: RequestId,
    /// Server time when this was read.
    pub now: Time,
}

impl SlotsPage {
    /// The day that is shown where there is room for one.
    pub fn day(&self) -> Time {
        let today = self.now.midnight();
        let in_week = |day: &Time| (Span::ZERO..7 * DAY).contains(&day.since(self.monday));
        self.query.day.or(Some(today)).filter(in_week).unwrap_or(self.monday)
    }
}

/// What came of hours in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// Which.
    pub month: Month,
    /// Hours of it that are booked.
    pub hours: u64,
    /// What creators paid in it.
    pub paid: i64,
    /// What went back to them.
    pub refunds: i64,
}
