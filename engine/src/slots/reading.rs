//! The calendar, one's own hours, and what came of all of them.

use super::{
    BOOKING, Slots,
    booking::{StoredBooking, booking_rows},
};
use crate::{Error, accounts::Actor, ids, payments::Subject};
use model::{
    Cursor, DAY, EventId, HOUR, MemberId, Page, PaymentView, RequestId, Time, Won,
    sellers::Month,
    slots::{
        BookingId, BookingState, Cell, HORIZON, Hour, Income, OwnHour, SlotsPage, SlotsQuery, Unpaid, is_overdue,
        may_give_back, runs,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Hours in a page of one's own.
const PAGE: usize = 30;
/// Hours of a week.
const WEEK: i64 = 7 * 24;
/// Runs of hours that a form proposes.
const PROPOSED: i64 = 200;

/// An hour that somebody has a place in.
#[derive(sqlx::FromRow)]
struct Taken {
    starts_at: Hour,
    seller_id: MemberId,
    used: bool,
    state: BookingState,
    held_until: Option<Time>,
    paying: bool,
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    booking_id: BookingId,
    starts_at: Hour,
    event_id: Option<EventId>,
    freed_at: Option<Time>,
    price: Won,
    title: Option<String>,
}

/// A seller's own hours `h` that were paid for.
macro_rules! own_rows {
    ($rest:literal) => {
        concat!(
            "select h.booking_id, h.starts_at, h.event_id, h.freed_at, b.price, e.title
             from booked_hours h join bookings b on b.id = h.booking_id left join events e on e.id = h.event_id
             where h.seller_id = $1 and b.state = 'booked' and ",
            $rest
        )
    };
}

impl Slots {
    /// The calendar of a week with the reader's own hours.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn page(&self, actor: &Actor, query: SlotsQuery) -> Result<SlotsPage, Error> {
        let session = actor.signed_in()?;
        if !session.creator {
            return Err(model::Error::Forbidden.into());
        }
        let (seller, now) = (session.member, self.clock.now());
        let day = query.day.unwrap_or(now).midnight();
        let monday = day - (day.civil().weekday + 6) % 7 * DAY;
        Ok(SlotsPage {
            week: self.week(seller, monday, now).await?,
            unpaid: self.unpaid(seller, now).await?,
            own: self.own(seller, &query, now).await?,
            may_sell: self.sellers.may_sell(seller).await?,
            open: self.terms.price == Won::ZERO || self.payments.is_open(),
            sandbox: self.payments.is_sandbox(),
            request: RequestId(ids::new_id(now)),
            terms: self.terms,
            monday,
            query,
            now,
        })
    }

    /// What every hour of a week looks like to a seller.
    async fn week(&self, seller: MemberId, monday: Time, now: Time) -> Result<Vec<Cell>, Error> {
        let rows: Vec<Taken> = self
            .db
            .sql(
                "select h.starts_at, h.seller_id, h.event_id is not null as used, b.state, b.held_until,
                    b.paying is not null as paying
                 from booked_hours h join bookings b on b.id = h.booking_id
                 where h.freed_at is null and h.starts_at >= $1 and h.starts_at < $2",
            )
            .bind(monday)
            .bind(monday + 7 * DAY)
            .all()
            .await?;
        let mut taken: BTreeMap<Hour, Vec<Taken>> = BTreeMap::new();
        // Whose time is over have nothing any more, whether or not somebody noted it.
        for row in
            rows.into_iter().filter(|row| !row.held_until.is_some_and(|until| is_overdue(until, row.paying, now)))
        {
            taken.entry(row.starts_at).or_default().push(row);
        }
        let cell = |hour: Hour| {
            let rows = taken.get(&hour).map_or(&[][..], Vec::as_slice);
            let mine = rows.iter().find(|row| row.seller_id == seller);
            let left = self.terms.most.saturating_sub(rows.len() as u32);
            match mine {
                Some(row) if row.state == BookingState::Held => Cell::Held,
                Some(row) if row.used => Cell::Used,
                Some(_) => Cell::Mine,
                None if hour.end() <= now || hour.start() > now + HORIZON => Cell::Closed,
                None if left == 0 => Cell::Full,
                None => Cell::Free(left),
            }
        };
        Ok((0..WEEK).map(|hour| cell(Hour::of(monday + hour * HOUR))).collect())
    }

    /// What a seller has yet to pay for.
    async fn unpaid(&self, seller: MemberId, now: Time) -> Result<Option<Unpaid>, Error> {
        let row: Option<StoredBooking> =
            self.db.sql(booking_rows!("where seller_id = $1 and state = 'held'")).bind(seller).optional().await?;
        let row = row.and_then(|row| row.held_until.map(|until| (until, row)));
        let Some((until, row)) = row.filter(|(until, row)| !is_overdue(*until, row.paying.is_some(), now)) else {
            return Ok(None);
        };
        let hours: Vec<(Hour,)> = self
            .db
            .sql("select starts_at from booked_hours where booking_id = $1 order by starts_at")
            .bind(row.id)
            .all()
            .await?;
        let payment: Option<PaymentView> =
            self.payments.of(Subject { kind: BOOKING, id: row.id.0 }).await?.into_iter().next();
        Ok(Some(Unpaid {
            id: row.id,
            hours: hours.into_iter().map(|(hour,)| hour).collect(),
            amount: row.amount,
            until,
            paying: row.paying.is_some(),
            payment,
            ways: self.payments.ways(seller).await?,
        }))
    }

    /// A page of a seller's own hours: to come, the next first, or over, the last first.
    async fn own(&self, seller: MemberId, query: &SlotsQuery, now: Time) -> Result<Page<OwnHour>, Error> {
        let this = Hour::of(now).start();
        // Before any of this hour's, or behind all of those before it.
        let start = (this, BookingId(uuid::Uuid::nil()));
        let (at, booking) = query.after.as_ref().map_or(Ok(start), Cursor::key)?;
        let text = if query.past {
            own_rows!("(h.starts_at, h.booking_id) < ($2, $3) order by h.starts_at desc, h.booking_id desc limit $4")
        } else {
            own_rows!("(h.starts_at, h.booking_id) > ($2, $3) order by h.starts_at, h.booking_id limit $4")
        };
        let rows = self.db.sql(text).bind(seller).bind(at).bind(booking).bind(PAGE as i64 + 1);
        let rows: Vec<OwnRow> = rows.all().await?;
        Ok(Page::of(rows, PAGE, |row| (row.starts_at.start(), row.booking_id)).filter_map(|row| {
            Some(OwnHour {
                booking: row.booking_id,
                hour: row.starts_at,
                price: row.price,
                given_back: row.freed_at,
                may_give_back: row.freed_at.is_none()
                    && row.event_id.is_none()
                    && may_give_back(row.starts_at, row.price, now),
                deal: row.event_id.zip(row.title),
            })
        }))
    }

    /// When a seller has hours that a deal may be open in: those without one, and those of `event`.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn ready(&self, seller: MemberId, event: Option<EventId>) -> Result<Vec<(Time, Time)>, Error> {
        let hours: Vec<(Hour,)> = self
            .db
            .sql(
                "select h.starts_at from booked_hours h join bookings b on b.id = h.booking_id
                 where h.seller_id = $1 and h.starts_at > $2 and h.freed_at is null and b.state = 'booked'
                    and (h.event_id is null or h.event_id = $3) order by h.starts_at limit $4",
            )
            .bind(seller)
            .bind(self.clock.now() - HOUR)
            .bind(event)
            .bind(PROPOSED)
            .all()
            .await?;
        Ok(runs(&hours.into_iter().map(|(hour,)| hour).collect::<BTreeSet<_>>()))
    }

    /// What came of hours by month, those in which anything did, newest first.
    ///
    /// # Errors
    /// [`model::Error::Forbidden`] for others than admins; the database's.
    pub async fn income(&self, actor: &Actor) -> Result<Vec<Income>, Error> {
        actor.admin()?;
        let now = Month::of(self.clock.now());
        // A year back, and as far ahead as hours are sold.
        let months = std::iter::successors(Some(Month { year: now.year - 1, ..now }), |month| Some(month.next()));
        let mut income = Vec::new();
        for month in months.take(16) {
            let (hours, paid, refunds): (i64, i64, i64) = self
                .db
                .sql(
                    "select (select count(*) from booked_hours h join bookings b on b.id = h.booking_id
                            where b.state = 'booked' and h.freed_at is null and h.starts_at >= $1 and h.starts_at < $2),
                        (select coalesce(cast(sum(p.amount) as bigint), 0) from payments p
                            where p.subject_kind = $3 and p.state = 'paid' and p.ended_at >= $1 and p.ended_at < $2),
                        (select coalesce(cast(sum(r.amount) as bigint), 0) from refunds r join payments p on p.id = r.payment_id
                            where p.subject_kind = $3 and not r.closes and r.owed_at >= $1 and r.owed_at < $2)",
                )
                .bind(month.start())
                .bind(month.next().start())
                .bind(BOOKING)
                .one()
                .await?;
            if (hours, paid, refunds) != (0, 0, 0) {
                income.push(Income { month, hours: hours as u64, paid, refunds });
            }
        }
        income.reverse();
        Ok(income)
    }
}
