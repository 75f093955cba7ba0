//! The hours that a deal is open in, taken when it is published or moved.

use super::{
    Slots,
    booking::{New, end_overdue, insert, taken},
};
use crate::{
    Error,
    db::{Sql, Tx},
    ids,
};
use model::{
    EventId, FieldError, FormErrors, MemberId, RequestId, Time, Won,
    slots::{self, BookingId, Hour, hours_of, runs},
};
use std::collections::BTreeSet;

/// Hours that a seller has between two times.
const OWN: &str =
    "select h.booking_id, h.starts_at, h.event_id from booked_hours h join bookings b on b.id = h.booking_id
     where h.seller_id = $1 and h.starts_at >= $2 and h.starts_at < $3 and h.freed_at is null and b.state = 'booked'
     order by h.starts_at";

#[derive(sqlx::FromRow)]
struct Own {
    booking_id: BookingId,
    starts_at: Hour,
    event_id: Option<EventId>,
}

async fn own(sql: Sql<'_>, seller: MemberId, needed: &BTreeSet<Hour>) -> Result<Vec<Own>, sqlx::Error> {
    let (first, last) = (needed.first().map(|hour| hour.start()), needed.last().map(|hour| hour.end()));
    sql.bind(seller).bind(first).bind(last).all().await
}

/// What is wrong with hours, at the fields by which they were chosen.
fn wrong(hours: &BTreeSet<Hour>, error: fn(Time, Time) -> FieldError) -> Error {
    let (runs, mut fields) = (runs(hours), FormErrors::default());
    for (field, run) in
        ["opens_at", "closes_at"].into_iter().zip(runs.first().into_iter().chain(runs.iter().skip(1).next_back()))
    {
        fields.add(field, error(run.0, run.1));
    }
    model::Error::Invalid { fields }.into()
}

fn not_booked(from: Time, until: Time) -> FieldError {
    FieldError::NotBooked { from, until }
}

/// The hours that are lacking of those that a deal needs. Where they cost nothing a seller may have two deals at once: what another
/// one has is lacking then.
///
/// # Errors
/// [`FieldError::HourUsed`] of the form where another deal of the seller is, in hours that were paid for.
fn lacking(needed: &BTreeSet<Hour>, own: &[Own], event: Option<EventId>, free: bool) -> Result<BTreeSet<Hour>, Error> {
    let is_used = |row: &&Own| row.event_id.is_some() && row.event_id != event;
    let used: BTreeSet<Hour> = own.iter().filter(is_used).map(|row| row.starts_at).collect();
    if !used.is_empty() && !free {
        return Err(wrong(&used, |from, until| FieldError::HourUsed { from, until }));
    }
    let there: BTreeSet<Hour> = own.iter().filter(|row| !is_used(row)).map(|row| row.starts_at).collect();
    Ok(needed.difference(&there).copied().collect())
}

impl Slots {
    /// Whether a seller has the hours that a deal would be open in, as far as is known before it is written: `event` when it is there.
    ///
    /// # Errors
    /// As [`Slots::take`].
    pub(crate) async fn may_open(
        &self,
        seller: MemberId,
        event: Option<EventId>,
        opens_at: Time,
        closes_at: Time,
    ) -> Result<(), Error> {
        let needed: BTreeSet<Hour> = hours_of(opens_at, closes_at).collect();
        let free = self.terms.price == Won::ZERO;
        let lacks = lacking(&needed, &own(self.db.sql(OWN), seller, &needed).await?, event, free)?;
        if lacks.is_empty() || free { Ok(()) } else { Err(wrong(&lacks, not_booked)) }
    }

    /// Gives a deal the hours that it is open in, of its seller's, in the transaction in which it is published or moved; those that
    /// it does not need any more stay its seller's. Where hours cost nothing what is lacking is booked on the way: going to a calendar
    /// first would be a formality, and the limit of each hour holds all the same.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] with [`FieldError::NotBooked`], [`FieldError::HourUsed`] or [`FieldError::HourFull`] at the fields of
    /// its times; the database's.
    pub(crate) async fn take(
        &self,
        tx: &mut Tx,
        seller: MemberId,
        event: EventId,
        opens_at: Time,
        closes_at: Time,
        now: Time,
    ) -> Result<(), Error> {
        let needed: BTreeSet<Hour> = hours_of(opens_at, closes_at).collect();
        let own = own(tx.sql(OWN), seller, &needed).await?;
        let free = self.terms.price == Won::ZERO;
        let lacks = lacking(&needed, &own, Some(event), free)?;
        if !lacks.is_empty() {
            if !free {
                return Err(wrong(&lacks, not_booked));
            }
            self.book_for(tx, seller, event, lacks, now).await?;
        }
        tx.sql("update booked_hours set event_id = null where event_id = $1 and (starts_at < $2 or starts_at >= $3)")
            .bind(event)
            .bind(needed.first().map(|hour| hour.start()))
            .bind(closes_at)
            .run()
            .await?;
        let mut has: BTreeSet<Hour> =
            own.iter().filter(|own| own.event_id == Some(event)).map(|own| own.starts_at).collect();
        for Own { booking_id, starts_at, .. } in own.iter().filter(|own| own.event_id.is_none()) {
            if !has.insert(*starts_at) {
                continue;
            }
            // Of whoever gives it back or publishes another deal at this moment one is second.
            let given = tx
                .sql(
                    "update booked_hours set event_id = $3
                     where booking_id = $1 and starts_at = $2 and freed_at is null and event_id is null",
                )
                .bind(*booking_id)
                .bind(*starts_at)
                .bind(event)
                .run()
                .await?;
            if given == 0 {
                return Err(wrong(&[*starts_at].into(), not_booked));
            }
        }
        Ok(())
    }

    /// Books hours that cost nothing for a deal that lacks them.
    async fn book_for(
        &self,
        tx: &mut Tx,
        seller: MemberId,
        event: EventId,
        lacks: BTreeSet<Hour>,
        now: Time,
    ) -> Result<(), Error> {
        let held = tx.hold_hours(lacks).await?;
        end_overdue(tx, None, &held, now).await?;
        let taken = taken(tx, &held).await?;
        let is_full = |hour: &&Hour| !slots::has_room(**hour, &taken, self.terms.most);
        let full: BTreeSet<Hour> = held.hours().iter().filter(is_full).copied().collect();
        if !full.is_empty() {
            return Err(wrong(&full, |from, until| FieldError::HourFull { from, until }));
        }
        let request = RequestId(ids::new_id(now));
        let new = New { request, seller, price: Won::ZERO, most: self.terms.most, event: Some(event) };
        insert(tx, &new, &held, now).await?.ok_or(model::Error::Internal)?;
        Ok(())
    }
}
