//! Whether hours agree with their limit, with deals, and with what was paid.

use super::booking::{StoredBooking, booking_rows};
use crate::{Error, db::Db, payments::Checked};
use model::{
    EventId, MemberId, PaymentState, Time, Won,
    slots::{BookingId, BookingState, Hour, hours_of},
};
use uuid::Uuid;

/// Everything that is wrong with hours, in words for an operator. Each is found by one statement, so of one moment.
pub(crate) async fn check(db: &Db) -> Result<Vec<String>, Error> {
    let mut wrong = Vec::new();
    // Limits may have been others when it was booked.
    let over: Vec<(Hour, i64, i64)> = db
        .sql(
            "select starts_at, count(*), max(most) from booked_hours where freed_at is null
             group by starts_at having count(*) > max(most) order by starts_at",
        )
        .all()
        .await?;
    wrong.extend(
        over.iter().map(|(hour, count, most)| format!("the hour {hour} has {count} deals, and room for {most}")),
    );
    let kept: Vec<(BookingId,)> = db
        .sql(
            "select distinct b.id from bookings b join booked_hours h on h.booking_id = b.id
             where (b.state = 'ended' and h.freed_at is null) or (h.freed_at is not null and h.event_id is not null)
                or (b.state <> 'booked' and h.event_id is not null)",
        )
        .all()
        .await?;
    wrong.extend(kept.iter().map(|(booking,)| format!("booking {booking} has hours that it must not have")));
    let money: Vec<(BookingId, Won, Won, Won)> = db
        .sql(
            "select b.id, b.amount, b.owed_back, b.refunded from bookings b
             where b.amount <> b.price * (select count(*) from booked_hours where booking_id = b.id)
                or b.owed_back <> case when b.state = 'booked' then b.price *
                    (select count(*) from booked_hours where booking_id = b.id and freed_at is not null) else 0 end
                or b.refunded > b.owed_back
                or (b.state = 'booked' and b.amount > 0) <> (b.paid_by is not null)
                or (b.state = 'held') <> (b.held_until is not null)",
        )
        .all()
        .await?;
    wrong.extend(money.iter().map(|(booking, Won(amount), Won(owed), Won(refunded))| {
        format!("booking {booking} is of {amount} won, owes {owed} back and gave {refunded}, which are not those of its hours")
    }));
    wrong.extend(deals(db).await?);
    Ok(wrong)
}

/// Deals that have hours lie within them, and have no others.
async fn deals(db: &Db) -> Result<Vec<String>, Error> {
    type Deal = (EventId, Time, Time, bool, MemberId, Hour, Hour, i64, MemberId);
    let deals: Vec<Deal> = db
        .sql(
            "select e.id, e.opens_at, e.closes_at, e.published_at is not null and e.cancelled_at is null, e.creator_id,
                min(h.starts_at), max(h.starts_at), count(*), h.seller_id
             from booked_hours h join events e on e.id = h.event_id
             group by e.id, e.opens_at, e.closes_at, e.published_at, e.cancelled_at, e.creator_id, h.seller_id",
        )
        .all()
        .await?;
    let fits = |deal: &Deal| {
        let (_, opens_at, closes_at, public, creator, first, last, count, seller) = *deal;
        let needed: Vec<Hour> = hours_of(opens_at, closes_at).collect();
        let is_same = (needed.first(), needed.last(), needed.len() as i64) == (Some(&first), Some(&last), count);
        public && creator == seller && is_same
    };
    Ok(deals
        .iter()
        .filter(|deal| !fits(deal))
        .map(|deal| format!("deal {} is not open within its hours", deal.0))
        .collect())
}

/// Everything in which a booking contradicts its payments.
pub(super) async fn payments(db: &Db, subject: Uuid, payments: &[Checked]) -> Result<Vec<String>, Error> {
    let row: Option<StoredBooking> = db.sql(booking_rows!("where id = $1")).bind(subject).optional().await?;
    let Some(row) = row else { return Ok(vec![format!("payments of a booking {subject} that is not there")]) };
    let mut wrong = Vec::new();
    let (kept, others): (Vec<&Checked>, Vec<&Checked>) = payments
        .iter()
        .filter(|paid| paid.state == PaymentState::Paid)
        .partition(|paid| Some(paid.payment) == row.paid_by);
    if row.state == BookingState::Booked && row.amount > Won::ZERO && kept.len() != 1 {
        wrong.push(format!("{} payments paid for it", kept.len()));
    }
    for paid in &kept {
        if (paid.amount, paid.refunded) != (row.amount, row.owed_back) {
            wrong.push("it differs from its payment in what was paid or given back".to_owned());
        }
    }
    // Whatever else was taken went back whole.
    for paid in others.iter().filter(|paid| paid.refunded != paid.amount) {
        wrong.push(format!("payment {} was kept though it did not pay for it", paid.payment));
    }
    Ok(wrong)
}
