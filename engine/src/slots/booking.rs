//! Booking hours, paying for them, and giving them up before that.

use super::{BOOKING, Slots, refused};
use crate::{
    Error,
    accounts::Actor,
    db::{HeldHours, Lane, Tx, retried},
    ids, notices,
    payments::Subject,
};
use model::{
    EventId, MemberId, Notice, PayWay, PaymentError, PaymentId, PaymentView, RequestId, Time, Won,
    notices::HoursNews,
    paths::SLOTS,
    slots::{self, BookingId, BookingState, HELD_FOR, Hour, SlotError},
};
use std::collections::BTreeSet;

/// Bookings that are ended in one transaction.
const AT_ONCE: i64 = 200;

/// A booking's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct StoredBooking {
    pub id: BookingId,
    pub seller_id: MemberId,
    pub price: Won,
    pub amount: Won,
    pub state: BookingState,
    pub held_until: Option<Time>,
    pub paying: Option<PaymentId>,
    pub paid_by: Option<PaymentId>,
    pub owed_back: Won,
}

/// The columns of [`StoredBooking`].
macro_rules! booking_rows {
    ($rest:literal) => {
        concat!(
            "select id, seller_id, price, amount, state, held_until, paying, paid_by, owed_back from bookings ",
            $rest
        )
    };
}
pub(super) use booking_rows;

/// What is written of a booking.
pub(super) struct New {
    pub request: RequestId,
    pub seller: MemberId,
    /// Of each hour.
    pub price: Won,
    /// Deals of any one hour.
    pub most: u32,
    /// The deal that the hours are for.
    pub event: Option<EventId>,
}

impl Slots {
    /// Books hours, as they stand in a form, and sets them aside until they are paid for; where they cost nothing they are the
    /// creator's at once. The same `request` twice is one booking.
    ///
    /// # Errors
    /// For whoever is no creator; those of [`SlotError`]; [`PaymentError::NoProvider`]; [`model::SellerError`] for whoever has no
    /// business that was checked; too often; the database's. Nothing was changed then.
    pub async fn book(&self, actor: &Actor, request: RequestId, typed: &[String]) -> Result<BookingId, Error> {
        let seller = actor.creator()?.member;
        let hours: Result<Vec<Hour>, SlotError> = typed.iter().map(|hour| hour.parse()).collect();
        let hours = hours.map_err(refused)?;
        slots::wished(hours.iter().copied(), self.clock.now()).map_err(refused)?;
        if self.terms.price > Won::ZERO && !self.payments.is_open() {
            return Err(model::Error::from(PaymentError::NoProvider).into());
        }
        self.sellers.sells(seller).await?;
        self.limits.creation(seller).await?;
        retried!(self.book_once(seller, request, &hours))
    }

    async fn book_once(&self, seller: MemberId, request: RequestId, hours: &[Hour]) -> Result<BookingId, Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_hours(hours.iter().copied().collect()).await?;
        // Only now: the line for writing may have been long.
        let now = self.clock.now();
        if let Some(first) = of_request(&mut tx, seller, request).await? {
            return Ok(first);
        }
        slots::wished(hours.iter().copied(), now).map_err(refused)?;
        end_overdue(&mut tx, Some(seller), &held, now).await?;
        slots::fits(seller, held.hours(), &taken(&mut tx, &held).await?, self.terms.most).map_err(refused)?;
        let new = New { request, seller, price: self.terms.price, most: self.terms.most, event: None };
        let Some(id) = insert(&mut tx, &new, &held, now).await? else {
            // The same request a moment ago, or another that is still to be paid for.
            return of_request(&mut tx, seller, request).await?.ok_or_else(|| refused(SlotError::Unpaid));
        };
        tx.commit().await?;
        Ok(id)
    }

    /// Begins to pay for a booking, in a `way` that its seller chose among several: where that is approved. In which language the payment is
    /// called, by its code.
    ///
    /// # Errors
    /// For whoever is no creator; [`model::Error::NotFound`] for another's booking, or none; [`SlotError::Over`],
    /// [`SlotError::BeingPaid`]; those of [`crate::payments::Payments::begin`].
    pub async fn pay(
        &self,
        actor: &Actor,
        booking: BookingId,
        way: Option<PayWay>,
        lang: &str,
    ) -> Result<PaymentView, Error> {
        let seller = actor.creator()?.member;
        let row: Option<StoredBooking> = self.db.sql(booking_rows!("where id = $1")).bind(booking).optional().await?;
        let row = row.filter(|row| row.seller_id == seller).ok_or(model::Error::NotFound)?;
        if row.paying.is_some() {
            return Err(refused(SlotError::BeingPaid));
        }
        if row.held_until.is_none_or(|until| until <= self.clock.now()) {
            return Err(refused(SlotError::Over));
        }
        let (first, count): (Hour, i64) = self
            .db
            .sql("select min(starts_at), count(*) from booked_hours where booking_id = $1")
            .bind(booking)
            .one()
            .await?;
        let long = match (lang, count) {
            ("en", 1) => "1 hour".to_owned(),
            ("en", _) => format!("{count} hours"),
            _ => format!("{count}시간"),
        };
        let title = format!("59초 · {} · {long}", first.to_string().replace('T', " "));
        self.payments.begin_by(actor, way, Subject { kind: BOOKING, id: booking.0 }, row.amount, &title, SLOTS).await
    }

    /// Gives up a booking that is still to be paid for. Doing so again changes nothing.
    ///
    /// # Errors
    /// For whoever is no creator; [`model::Error::NotFound`] for another's booking, or none; [`SlotError::BeingPaid`];
    /// [`SlotError::Over`] for one that was paid for; the database's.
    pub async fn give_up(&self, actor: &Actor, booking: BookingId) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        retried!(self.give_up_once(seller, booking))
    }

    async fn give_up_once(&self, seller: MemberId, booking: BookingId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let row = hold(&mut tx, booking).await?.filter(|row| row.seller_id == seller).ok_or(model::Error::NotFound)?;
        match row.state {
            BookingState::Ended => return Ok(()),
            BookingState::Booked => return Err(refused(SlotError::Over)),
            BookingState::Held => {}
        }
        if !end(&mut tx, booking, Time(i64::MAX), now).await? {
            return Err(refused(SlotError::BeingPaid));
        }
        Ok(tx.commit().await?)
    }

    /// Ends bookings that were not paid for in time, and reminds whoever has hours without a deal. Whoever wants such hours ends
    /// their booking as well: this is for what nobody wants.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn tidy(&self) -> Result<(), Error> {
        self.remind().await?;
        loop {
            let ended = retried!(self.tidy_once())?;
            if ended < AT_ONCE as usize {
                return Ok(());
            }
        }
    }

    async fn tidy_once(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let mut overdue: Vec<(BookingId,)> = tx
            .sql("select id from bookings where state = 'held' and paying is null and held_until <= $1 order by held_until limit $2")
            .bind(now)
            .bind(AT_ONCE)
            .all()
            .await?;
        overdue.sort_unstable();
        for (booking,) in &overdue {
            lapse(&mut tx, *booking, now).await?;
        }
        tx.commit().await?;
        Ok(overdue.len())
    }
}

/// The booking that a request made.
async fn of_request(tx: &mut Tx, seller: MemberId, request: RequestId) -> Result<Option<BookingId>, Error> {
    let row: Option<(BookingId, MemberId)> =
        tx.sql("select id, seller_id from bookings where request_id = $1").bind(request).optional().await?;
    match row {
        Some((_, whose)) if whose != seller => Err(model::Error::Forbidden.into()),
        row => Ok(row.map(|(id, _)| id)),
    }
}

/// A booking, taken: of two who change it at once one is second.
pub(super) async fn hold(tx: &mut Tx, booking: BookingId) -> Result<Option<StoredBooking>, sqlx::Error> {
    // Changes nothing but takes the row.
    tx.sql("update bookings set owed_back = owed_back where id = $1").bind(booking).run().await?;
    tx.sql(booking_rows!("where id = $1")).bind(booking).optional().await
}

/// Ends a booking whose time is over by `overdue_at`, unless it was paid for or is being paid for; whether it did. Its hours are free.
pub(super) async fn end(tx: &mut Tx, booking: BookingId, overdue_at: Time, now: Time) -> Result<bool, sqlx::Error> {
    let ended = tx
        .sql(
            "update bookings set state = $3, held_until = null
             where id = $1 and state = $4 and paying is null and held_until <= $2",
        )
        .bind(booking)
        .bind(overdue_at)
        .bind(BookingState::Ended)
        .bind(BookingState::Held)
        .run()
        .await?;
    if ended == 1 {
        tx.sql("update booked_hours set freed_at = $2 where booking_id = $1 and freed_at is null")
            .bind(booking)
            .bind(now)
            .run()
            .await?;
    }
    Ok(ended == 1)
}

/// Ends a booking whose time is over, as [`end`] does, and tells its seller: they did not end it.
async fn lapse(tx: &mut Tx, booking: BookingId, now: Time) -> Result<(), Error> {
    if !end(tx, booking, now, now).await? {
        return Ok(());
    }
    let (seller, first, count): (MemberId, Hour, i64) = tx
        .sql(
            "select b.seller_id, min(h.starts_at), count(*) from bookings b join booked_hours h on h.booking_id = b.id
             where b.id = $1 group by b.seller_id",
        )
        .bind(booking)
        .one()
        .await?;
    tell(tx, seller, HoursNews::Lapsed { first: first.start(), count: count as u64 }, now).await
}

/// Tells a seller something about hours, in the transaction of what it tells of.
pub(super) async fn tell(tx: &mut Tx, seller: MemberId, news: HoursNews, now: Time) -> Result<(), Error> {
    notices::write_of_party(tx, seller, &Notice::Hours { news }, now).await
}

/// From the first of the hours that are held to before the end of the last.
fn range(held: &HeldHours) -> (Time, Time) {
    let (first, last) = (held.hours().first(), held.hours().last());
    (first.map_or(Time(0), |hour| hour.start()), last.map_or(Time(0), |hour| hour.end()))
}

/// Ends what is overdue of a seller, and of whoever has one of the hours: their places are free.
pub(super) async fn end_overdue(
    tx: &mut Tx,
    seller: Option<MemberId>,
    held: &HeldHours,
    now: Time,
) -> Result<(), Error> {
    let (from, until) = range(held);
    // In the order of their ids: who does the same at once waits, and not both.
    let overdue: Vec<(BookingId,)> = tx
        .sql(
            "select id from bookings where state = 'held' and paying is null and held_until <= $1
                and (seller_id = $2 or id in
                    (select booking_id from booked_hours where freed_at is null and starts_at >= $3 and starts_at < $4))
             order by id",
        )
        .bind(now)
        .bind(seller)
        .bind(from)
        .bind(until)
        .all()
        .await?;
    for (booking,) in overdue {
        lapse(tx, booking, now).await?;
    }
    Ok(())
}

/// Who has a place in the hours that are held.
pub(super) async fn taken(tx: &mut Tx, held: &HeldHours) -> Result<Vec<(Hour, MemberId)>, sqlx::Error> {
    let (from, until) = range(held);
    tx.sql(
        "select starts_at, seller_id from booked_hours where freed_at is null and starts_at >= $1 and starts_at < $2",
    )
    .bind(from)
    .bind(until)
    .all()
    .await
}

/// Writes a booking of the hours that are held; `None` when its request made one before, or another of its seller is to be paid for.
pub(super) async fn insert(tx: &mut Tx, new: &New, held: &HeldHours, now: Time) -> Result<Option<BookingId>, Error> {
    let id = BookingId(ids::new_id(now));
    let hours: &BTreeSet<Hour> = held.hours();
    let amount = new.price.times(hours.len() as u32).ok_or(model::Error::Internal)?;
    let free = amount == Won::ZERO;
    let written = tx
        .sql(
            "insert into bookings (id, request_id, seller_id, price, amount, state, held_until, booked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
        )
        .bind(id)
        .bind(new.request)
        .bind(new.seller)
        .bind(new.price)
        .bind(amount)
        .bind(if free { BookingState::Booked } else { BookingState::Held })
        .bind((!free).then_some(now + HELD_FOR))
        .bind(now)
        .run()
        .await?;
    if written == 0 {
        return Ok(None);
    }
    for hour in hours {
        tx.sql(
            "insert into booked_hours (booking_id, starts_at, seller_id, most, event_id) values ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(*hour)
        .bind(new.seller)
        .bind(i64::from(new.most))
        .bind(new.event)
        .run()
        .await?;
    }
    Ok(Some(id))
}
