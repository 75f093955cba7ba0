//! Bookings as payments see them.

use super::{
    booking::{Row, booking_rows, end},
    check,
};
use crate::{
    Error,
    db::{Db, Tx},
    payments::{Approval, Checked, Purchase, Settled},
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    PaymentId, Time, Won,
    slots::{BookingId, BookingState},
};
use uuid::Uuid;

/// The kind of subject that a booking is.
pub(crate) const BOOKING: &str = "booking";

/// The purchase of bookings.
pub(crate) struct Bookings;

impl Purchase for Bookings {
    fn approve<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<Approval, Error>> {
        async move {
            // The other side of this condition is where bookings are ended.
            let stopped = tx
                .sql(
                    "update bookings set paying = $2
                     where id = $1 and state = $3 and paying is null and held_until > $4 and amount = $5",
                )
                .bind(subject)
                .bind(payment)
                .bind(BookingState::Held)
                .bind(now)
                .bind(amount)
                .run()
                .await?;
            // What a booking costs never changes.
            Ok(if stopped == 1 { Approval::Go } else { Approval::Gone })
        }
        .boxed()
    }

    fn paid<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        _now: Time,
    ) -> BoxFuture<'a, Result<Settled, Error>> {
        async move {
            let paid = tx
                .sql(
                    "update bookings set state = $3, paying = null, paid_by = $2, held_until = null
                     where id = $1 and state = $4 and paying = $2",
                )
                .bind(subject)
                .bind(payment)
                .bind(BookingState::Booked)
                .bind(BookingState::Held)
                .run()
                .await?;
            Ok(if paid == 1 { Settled::Kept } else { Settled::TooLate })
        }
        .boxed()
    }

    fn failed<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        retry: bool,
        now: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let goes_on = tx
                .sql("update bookings set paying = null where id = $1 and state = $2 and paying = $3")
                .bind(subject)
                .bind(BookingState::Held)
                .bind(payment)
                .run()
                .await?;
            // Within what is left of its time it may be tried again; what is over is found to be over like any other.
            if goes_on == 1 && !retry {
                end(tx, BookingId(subject), Time(i64::MAX), now).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn refunded<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        _now: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            // What was paid too late is no part of the booking's money.
            tx.sql("update bookings set refunded = refunded + $2 where id = $1 and paid_by = $3")
                .bind(subject)
                .bind(amount)
                .bind(payment)
                .run()
                .await?;
            Ok(())
        }
        .boxed()
    }

    fn describe<'a>(&'a self, db: &'a Db, subject: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>> {
        async move {
            let row: Option<Row> = db.sql(booking_rows!("where id = $1")).bind(subject).optional().await?;
            Ok(row.and_then(|row| row.held_until))
        }
        .boxed()
    }

    fn check<'a>(
        &'a self,
        db: &'a Db,
        subject: Uuid,
        payments: &'a [Checked],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        check::payments(db, subject, payments).boxed()
    }
}
