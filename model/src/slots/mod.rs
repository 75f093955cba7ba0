//! Whole hours that creators book for their deals: the site's one source of income.
//!
//! Each hour has room for so many deals, one of each seller. An hour is set aside while its seller pays for it, for a bounded time;
//! whoever paid has it, and may give it back until a day before. A deal opens and closes within hours that are its own.

mod hour;
#[cfg(test)]
mod tests;
mod view;

pub use hour::Hour;
pub use view::{Cell, Income, OwnHour, SlotsPage, SlotsQuery, Unpaid};

use crate::{DAY, MINUTE, MemberId, Span, Time, Won, error::codes, id::ids};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long hours are set aside for whoever is to pay for them.
pub const HELD_FOR: Span = MINUTE.times(10);
/// How long before it begins an hour may be given back for its money.
pub const REFUND_UNTIL: Span = DAY;
/// The most hours of one booking.
pub const MOST_HOURS: usize = 24;
/// How far ahead hours are sold: as far as a deal may open, with the week that it may be open, so that the form of a deal never asks
/// for hours that are not sold yet.
pub const HORIZON: Span = DAY.times(365 + 7);

ids! {
    /// Hours that a creator booked at once.
    BookingId
}

codes! {
    /// Why hours cannot be booked, paid for or given back.
    pub enum SlotError {
        /// None was chosen.
        NoHours = "no_hours", 422;
        /// Only whole hours are booked.
        NotWhole = "not_whole_hours", 422;
        /// More than may be booked at once.
        TooMany = "too_many_hours", 422;
        /// One of them is over.
        Past = "hour_past", 409;
        /// One of them lies too far ahead.
        TooFar = "hour_too_far", 409;
        /// Of one of them every place is taken.
        Full = "hour_full", 409;
        /// One of them is the creator's already.
        Own = "hour_own", 409;
        /// Hours that were booked before are to be paid for first, or given up.
        Unpaid = "booking_unpaid", 409;
        /// The booking is not to be paid for any more.
        Over = "booking_over", 409;
        /// The booking is being paid for at this moment.
        BeingPaid = "booking_being_paid", 409;
        /// It begins too soon to be given back.
        TooLate = "hour_too_late", 409;
        /// A deal of the creator's is to be open then.
        Used = "hour_used", 409;
    }
}

/// By what hours are sold: as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// For each hour. Where it is nothing hours are booked at once, without a payment, and a deal that is published takes those
    /// that it lacks by itself.
    pub price: Won,
    /// Deals of any one hour.
    pub most: u32,
}

impl Default for Terms {
    /// Without configuration: for nothing, ten deals an hour.
    fn default() -> Terms {
        Terms { price: Won::ZERO, most: 10 }
    }
}

/// Where a booking stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum BookingState {
    /// Its hours are set aside until it is paid for.
    Held,
    /// Its hours are the creator's, but for those that were given back.
    Booked,
    /// It was not paid for in time, or was given up before: its hours are free.
    Ended,
}

/// What may happen to a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookingStep {
    /// It was paid for.
    Paid,
    /// Its time to be paid for is over, it was given up, or cannot be paid for.
    Ended,
}

impl BookingState {
    /// Where a step leads from here; `None` where it cannot happen.
    pub fn after(self, step: BookingStep) -> Option<BookingState> {
        match (self, step) {
            (BookingState::Held, BookingStep::Paid) => Some(BookingState::Booked),
            (BookingState::Held, BookingStep::Ended) => Some(BookingState::Ended),
            (BookingState::Booked | BookingState::Ended, _) => None,
        }
    }
}

/// Whether the time of hours that are set aside is over. That of a booking that is being paid for stands still.
pub fn is_overdue(held_until: Time, paying: bool, now: Time) -> bool {
    !paying && held_until <= now
}

/// The hours that somebody wishes to book at `now`, in their order, each once.
///
/// # Errors
/// [`SlotError::NoHours`], [`SlotError::TooMany`], [`SlotError::Past`] for one that is over, [`SlotError::TooFar`].
pub fn wished(hours: impl IntoIterator<Item = Hour>, now: Time) -> Result<BTreeSet<Hour>, SlotError> {
    let hours: BTreeSet<Hour> = hours.into_iter().collect();
    let (Some(first), Some(last)) = (hours.first(), hours.last()) else { return Err(SlotError::NoHours) };
    if hours.len() > MOST_HOURS {
        return Err(SlotError::TooMany);
    }
    // The rest of one that has begun may still be booked.
    if first.end() <= now {
        return Err(SlotError::Past);
    }
    if last.start() > now + HORIZON {
        return Err(SlotError::TooFar);
    }
    Ok(hours)
}

/// Whether a seller may have these hours, beside whoever has a place in them: `taken`, each with its seller, those not counted whose
/// time is over.
///
/// # Errors
/// [`SlotError::Own`], [`SlotError::Full`].
pub fn fits(seller: MemberId, hours: &BTreeSet<Hour>, taken: &[(Hour, MemberId)], most: u32) -> Result<(), SlotError> {
    if taken.iter().any(|(hour, whose)| *whose == seller && hours.contains(hour)) {
        return Err(SlotError::Own);
    }
    if hours.iter().all(|hour| has_room(*hour, taken, most)) { Ok(()) } else { Err(SlotError::Full) }
}

/// Whether an hour has room for one more deal.
pub fn has_room(hour: Hour, taken: &[(Hour, MemberId)], most: u32) -> bool {
    taken.iter().filter(|(taken, _)| *taken == hour).count() < most as usize
}

/// Whether an hour that was booked for a price may be given back: for its money until a day before, one that cost nothing until it begins.
pub fn may_give_back(hour: Hour, price: Won, now: Time) -> bool {
    if price == Won::ZERO { now < hour.start() } else { now + REFUND_UNTIL <= hour.start() }
}

/// The hours in which something lies that opens and closes at these times.
pub fn hours_of(opens_at: Time, closes_at: Time) -> impl Iterator<Item = Hour> {
    std::iter::successors(Some(Hour::of(opens_at)), |hour| Some(hour.next()))
        .take_while(move |hour| hour.start() < closes_at)
}

/// From when until when hours follow each other without a gap, in the order of hours.
pub fn runs(hours: &BTreeSet<Hour>) -> Vec<(Time, Time)> {
    let mut runs: Vec<(Time, Time)> = Vec::new();
    for hour in hours {
        match runs.last_mut() {
            Some((_, until)) if *until == hour.start() => *until = hour.end(),
            _ => runs.push((hour.start(), hour.end())),
        }
    }
    runs
}
