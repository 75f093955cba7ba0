//! Giving hours back: their place is free and their money is owed back, in one transaction.

use super::{
    Slots,
    booking::{StoredBooking, hold},
    refused,
};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx, retried},
    ids, payments,
};
use model::{
    EventId, MemberId, RequestId, Time, Won,
    slots::{BookingId, BookingState, Hour, SlotError, may_give_back},
};

impl Slots {
    /// Gives an hour back that no deal is for: for its money until a day before it begins. Doing so again changes nothing.
    ///
    /// # Errors
    /// For whoever is no creator; [`model::Error::NotFound`] for another's booking or hour, or none; [`SlotError::Over`] for what
    /// was not paid for; [`SlotError::TooLate`]; [`SlotError::Used`] for one that a deal is in; the database's.
    pub async fn give_back(&self, actor: &Actor, booking: BookingId, hour: Hour) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        retried!(self.give_back_once(seller, booking, hour))
    }

    async fn give_back_once(&self, seller: MemberId, booking: BookingId, hour: Hour) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let row = hold(&mut tx, booking).await?.filter(|row| row.seller_id == seller).ok_or(model::Error::NotFound)?;
        // Only now: the line for writing may have been long.
        let now = self.clock.now();
        let there: Option<(Option<EventId>, Option<Time>)> = tx
            .sql("select event_id, freed_at from booked_hours where booking_id = $1 and starts_at = $2")
            .bind(booking)
            .bind(hour)
            .optional()
            .await?;
        let (event, freed_at) = there.ok_or(model::Error::NotFound)?;
        if row.state != BookingState::Booked {
            return Err(refused(SlotError::Over));
        }
        if freed_at.is_some() {
            return Ok(());
        }
        if !may_give_back(hour, row.price, now) {
            return Err(refused(SlotError::TooLate));
        }
        // Of a deal that is published at this moment one is second.
        if event.is_some() || !free(&mut tx, &row, hour, None, payments::By::Seller, now).await? {
            return Err(refused(SlotError::Used));
        }
        Ok(tx.commit().await?)
    }
}

/// The hours of a deal that was called off, in the transaction in which it was: those that may still be given back are, for their
/// money; the others stay their creator's, for another deal.
///
/// # Errors
/// The database's.
pub(crate) async fn deal_called_off(tx: &mut Tx, event: EventId, now: Time) -> Result<(), Error> {
    let hours: Vec<(BookingId, Hour)> = tx
        .sql("select booking_id, starts_at from booked_hours where event_id = $1 order by booking_id, starts_at")
        .bind(event)
        .all()
        .await?;
    for (booking, hour) in hours {
        let Some(row) = hold(tx, booking).await? else { continue };
        if may_give_back(hour, row.price, now) {
            free(tx, &row, hour, Some(event), payments::By::Program, now).await?;
        } else {
            tx.sql(
                "update booked_hours set event_id = null where booking_id = $1 and starts_at = $2 and event_id = $3",
            )
            .bind(booking)
            .bind(hour)
            .bind(event)
            .run()
            .await?;
        }
    }
    Ok(())
}

/// Frees an hour of a booking that was taken, and owes its money back, unless it was freed before or is for another deal than `of` by
/// now; whether it did.
async fn free(
    tx: &mut Tx,
    row: &StoredBooking,
    hour: Hour,
    of: Option<EventId>,
    by: payments::By,
    now: Time,
) -> Result<bool, Error> {
    let freed = tx
        .sql(
            "update booked_hours set freed_at = $3, event_id = null
             where booking_id = $1 and starts_at = $2 and freed_at is null
                and (event_id = $4 or (event_id is null and $4 is null))",
        )
        .bind(row.id)
        .bind(hour)
        .bind(now)
        .bind(of)
        .run()
        .await?;
    if freed == 0 {
        return Ok(false);
    }
    if let (Some(payment), true) = (row.paid_by, row.price > Won::ZERO) {
        tx.sql("update bookings set owed_back = owed_back + $2 where id = $1")
            .bind(row.id)
            .bind(row.price)
            .run()
            .await?;
        payments::owe(tx, payment, request(row.id, hour), row.price, by, now).await?;
    }
    Ok(true)
}

/// Of an hour of a booking alone: it goes back once.
fn request(booking: BookingId, hour: Hour) -> RequestId {
    RequestId(ids::id_of(&[b"59 hour", booking.0.as_bytes(), &hour.start().0.to_be_bytes()]))
}
