//! Slots: hours that creators book for their deals, and pay for as buyers pay for orders.
//!
//! ```text
//! a creator chooses hours ─► booking, held: its hours are taken ([`booking`]), until its deadline
//!      pays ─► Purchase::approve: the deadline stands still ─► paid ─► booked; where hours cost nothing, at once
//!      gives it up, is declined ─► ended; once its time is over, by whoever wants one of its hours, or the job
//! a deal is published or moved ─► takes hours of its creator ([`taking`]), in the same transaction
//!      is in none of them yet, two days before ─► their seller is reminded ([`reminding`])
//!      is called off ─► its hours go back, with their money until a day before ([`giving_back`])
//! ```
//!
//! An hour has a place taken for as long as a row says so (`booked_hours.freed_at`), whatever the time is: who wants a place whose time
//! is over ends its booking first, by the other side of the condition by which a payment is approved. So of the deadline and the
//! payment exactly one wins, and no hour is given twice, however late a job is. What spans several rows is decided while the hours
//! are held ([`crate::db::Tx::hold_hours`]).

mod booking;
mod check;
mod giving_back;
pub(crate) mod personal;
mod purchase;
mod reading;
mod reminding;
mod taking;
#[cfg(test)]
mod tests;

pub(crate) use check::check;
pub(crate) use giving_back::deal_called_off;
pub(crate) use purchase::{BOOKING, Bookings};

use crate::{Error, clock::Clock, db::Db, limits::Limits, payments::Payments, sellers::Sellers};
use model::slots::{SlotError, Terms};

/// Hours for deals. Cheap to clone.
#[derive(Clone)]
pub struct Slots {
    db: Db,
    clock: Clock,
    limits: Limits,
    sellers: Sellers,
    payments: Payments,
    terms: Terms,
}

impl Slots {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        sellers: Sellers,
        payments: Payments,
        terms: Terms,
    ) -> Slots {
        Slots { db, clock, limits, sellers, payments, terms }
    }

    /// By what hours are sold.
    pub fn terms(&self) -> Terms {
        self.terms
    }
}

fn refused(error: SlotError) -> Error {
    model::Error::from(error).into()
}
