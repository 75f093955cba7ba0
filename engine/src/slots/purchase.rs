//! Bookings as payments see them.

use super::{
    booking::{StoredBooking, booking_rows, end},
    check,
};
use crate::{
    Error,
    db::{Db, Tx},
    payments::{Approval, Checked, PaymentDeadline, Purchase, Settled, deadline},
};
use futures::{FutureExt, future::BoxFuture};
use model::{PaymentId, Time, Won, slots::BookingId};
use uuid::Uuid;

/// The kind of subject that a booking is.
pub(crate) const BOOKING: &str = "booking";

/// Until when their hours are set aside.
const DEADLINE: PaymentDeadline = deadline!("bookings", "held_until", "held" => "booked");

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
            let stopped = DEADLINE.stop(tx, subject, payment, amount, now).await?;
            // What a booking costs never changes.
            Ok(if stopped { Approval::Go } else { Approval::Gone })
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
            let paid = DEADLINE.keep(tx, subject, payment).await?;
            Ok(if paid { Settled::Kept } else { Settled::TooLate })
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
            let goes_on = DEADLINE.go_on(tx, subject, payment).await?;
            // Within what is left of its time it may be tried again; what is over is found to be over like any other.
            if goes_on && !retry {
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
        async move { Ok(DEADLINE.refunded(tx, subject, payment, amount).await?) }.boxed()
    }

    fn describe<'a>(&'a self, db: &'a Db, subject: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>> {
        async move {
            let row: Option<StoredBooking> = db.sql(booking_rows!("where id = $1")).bind(subject).optional().await?;
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
