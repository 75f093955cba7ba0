//! Reminding sellers of hours that they paid for and that no deal is in, while these may still be given back for their money.

use super::{Slots, booking::tell};
use crate::{
    Error,
    db::{Lane, retried},
};
use model::{
    DAY, MemberId, Span, Time,
    notices::HoursNews,
    slots::{BookingId, Hour, REFUND_UNTIL},
};

/// How long before it can no longer be given back a seller is reminded of an hour.
const BEFORE: Span = DAY;
/// Hours that begin so soon behind it are told of with it: one word for an evening, not one for each hour.
const TOGETHER: Span = DAY;
/// Whoever booked so lately knows.
const LATELY: Span = DAY;

impl Slots {
    /// Reminds every seller of hours that need it, each hour once.
    pub(super) async fn remind(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let sellers: Vec<(MemberId,)> = self
            .db
            .sql(
                "select distinct h.seller_id from booked_hours h join bookings b on b.id = h.booking_id
                 where h.freed_at is null and h.starts_at > $1 and h.starts_at <= $2 and h.event_id is null
                    and h.told_at is null and b.state = 'booked' and b.price > 0 and b.booked_at <= $3",
            )
            .bind(now + REFUND_UNTIL)
            .bind(now + REFUND_UNTIL + BEFORE)
            .bind(now - LATELY)
            .all()
            .await?;
        for (seller,) in sellers {
            retried!(self.remind_once(seller, now))?;
        }
        Ok(())
    }

    async fn remind_once(&self, seller: MemberId, now: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        let hours: Vec<(BookingId, Hour)> = tx
            .sql(
                "select h.booking_id, h.starts_at from booked_hours h join bookings b on b.id = h.booking_id
                 where h.seller_id = $1 and h.freed_at is null and h.starts_at > $2 and h.starts_at <= $3
                    and h.event_id is null and h.told_at is null and b.state = 'booked' and b.price > 0
                    and b.booked_at <= $4
                 order by h.starts_at, h.booking_id",
            )
            .bind(seller)
            .bind(now + REFUND_UNTIL)
            .bind(now + REFUND_UNTIL + BEFORE + TOGETHER)
            .bind(now - LATELY)
            .all()
            .await?;
        let (mut first, mut count) = (None, 0);
        for (booking, hour) in hours {
            // A deal that was published, or another node that reminds, at this moment was first.
            let marked = tx
                .sql(
                    "update booked_hours set told_at = $3
                     where booking_id = $1 and starts_at = $2 and told_at is null and freed_at is null and event_id is null",
                )
                .bind(booking)
                .bind(hour)
                .bind(now)
                .run()
                .await?;
            if marked == 1 {
                first.get_or_insert(hour.start());
                count += 1;
            }
        }
        if let Some(first) = first {
            tell(&mut tx, seller, HoursNews::Unused { first, count, until: first - REFUND_UNTIL }, now).await?;
        }
        Ok(tx.commit().await?)
    }
}
