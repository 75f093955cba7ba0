//! Events, parties and refunds as admins list them.

use super::{Administration, waiting::REFUNDS_TAKE};
use crate::{Error, accounts::Actor};
use model::{
    Cursor, EventId, Kind, MemberId, Page, PartyId, PartyState, PaymentId, RefundId, Time, Won,
    administration::{EventRow, EventTimes, Listed, PartyRow, RefundRow},
};
use uuid::Uuid;

/// Rows in a page.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
pub(super) struct EventListed {
    id: EventId,
    title: String,
    kind: Kind,
    creator_id: MemberId,
    creator_name: String,
    opens_at: Time,
    closes_at: Time,
    published_at: Option<Time>,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
    cancel_reason: Option<String>,
    suspension: Option<String>,
    total: i64,
    created_at: Time,
}

/// Events for which something holds.
macro_rules! events {
    ($rest:literal) => {
        concat!(
            "select e.id, e.title, e.kind, e.creator_id, m.nickname as creator_name, e.opens_at, e.closes_at, e.published_at,
                e.cancelled_at, e.settled_at, e.cancel_reason, e.suspension, coalesce(t.total, 0) as total, e.created_at
             from events e join members m on m.id = e.creator_id left join tallies t on t.event_id = e.id where ",
            $rest
        )
    };
}

/// The newest events of the member `$1`, at most `$2`.
pub(super) const EVENTS_OF: &str = events!("e.creator_id = $1 order by e.created_at desc, e.id desc limit $2");

impl EventListed {
    pub(super) fn row(self, now: Time) -> EventRow {
        let times = EventTimes {
            published_at: self.published_at,
            cancelled_at: self.cancelled_at,
            settled_at: self.settled_at,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
        };
        EventRow {
            id: self.id,
            title: self.title,
            kind: self.kind,
            creator: self.creator_id,
            creator_name: self.creator_name,
            opens_at: self.opens_at,
            total: self.total as u64,
            stage: times.stage(now),
            reason: self.cancel_reason,
            suspension: self.suspension,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct PartyListed {
    id: PartyId,
    item: String,
    market: String,
    leader_id: MemberId,
    leader_name: String,
    meets_from: Time,
    meets_to: Time,
    state: PartyState,
    taken: i64,
    wanted: i64,
    reason: String,
    ended_at: Option<Time>,
    created_at: Time,
}

/// Parties for which something holds.
macro_rules! parties {
    ($from:literal, $rest:literal) => {
        concat!(
            "select p.id, i.name as item, k.name as market, p.leader_id, m.nickname as leader_name, p.meets_from, p.meets_to, p.state,
                p.taken, p.wanted, p.reason, p.ended_at, p.created_at
             from ",
            $from,
            " join items i on i.id = p.item_id join markets k on k.id = p.market_id join members m on m.id = p.leader_id ",
            $rest
        )
    };
}

/// The parties that the member `$1` had to do with last, at most `$2`.
pub(super) const PARTIES_OF: &str = parties!(
    "party_members x join parties p on p.id = x.party_id",
    "where x.member_id = $1 order by x.since desc, x.party_id desc limit $2"
);

impl PartyListed {
    pub(super) fn row(self, now: Time) -> PartyRow {
        PartyRow {
            id: self.id,
            item: self.item,
            market: self.market,
            leader: self.leader_id,
            leader_name: self.leader_name,
            meets_from: self.meets_from,
            state: self.state,
            to_come: self.state.is_to_come(self.meets_from, now),
            shares: (self.taken as u64, self.wanted as u64),
            reason: self.reason,
        }
    }
}

#[derive(sqlx::FromRow)]
struct RefundListed {
    id: RefundId,
    payment_id: PaymentId,
    number: Option<String>,
    title: String,
    provider: String,
    amount: Won,
    owed_at: Time,
}

impl Administration {
    /// Everybody's events, drafts as well; or the one that was looked for.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for a cursor of another list; the database's.
    pub async fn events(
        &self,
        actor: &Actor,
        listed: Listed,
        find: Option<EventId>,
        cursor: Option<&Cursor>,
    ) -> Result<Page<EventRow>, Error> {
        actor.admin()?;
        let now = self.clock.now();
        if let Some(event) = find {
            let rows: Vec<EventListed> = self.db.sql(events!("e.id = $1")).bind(event).all().await?;
            return Ok(Page { rows: rows.into_iter().map(|event| event.row(now)).collect(), next: None });
        }
        let (text, (at, id)): (_, (Time, EventId)) = match listed {
            Listed::All => (
                events!("(e.created_at, e.id) < ($1, $2) order by e.created_at desc, e.id desc limit $3"),
                Cursor::before(cursor)?,
            ),
            Listed::Live => (
                events!(
                    "e.published_at is not null and e.cancelled_at is null and (e.closes_at, e.id) > ($1, $2)
                     order by e.closes_at, e.id limit $3"
                ),
                cursor.map_or(Ok((now, EventId(Uuid::nil()))), Cursor::key)?,
            ),
            Listed::Cancelled => (
                events!(
                    "e.cancelled_at is not null and (e.cancelled_at, e.id) < ($1, $2)
                     order by e.cancelled_at desc, e.id desc limit $3"
                ),
                Cursor::before(cursor)?,
            ),
        };
        let rows: Vec<EventListed> = self.db.sql(text).bind(at).bind(id).bind(PAGE as i64 + 1).all().await?;
        let page = Page::of(rows, PAGE, |row| {
            let at = match listed {
                Listed::All => row.created_at,
                Listed::Live => row.closes_at,
                Listed::Cancelled => row.cancelled_at.unwrap_or_default(),
            };
            (at, row.id)
        });
        Ok(page.filter_map(|event| Some(event.row(now))))
    }

    /// Everybody's parties.
    ///
    /// # Errors
    /// As [`Administration::events`].
    pub async fn parties(
        &self,
        actor: &Actor,
        listed: Listed,
        cursor: Option<&Cursor>,
    ) -> Result<Page<PartyRow>, Error> {
        actor.admin()?;
        let (text, (at, id)): (_, (Time, PartyId)) = match listed {
            Listed::All => (
                parties!(
                    "parties p",
                    "where (p.created_at, p.id) < ($1, $2) order by p.created_at desc, p.id desc limit $3"
                ),
                Cursor::before(cursor)?,
            ),
            Listed::Live => (
                parties!(
                    "parties p",
                    "where p.state in ('recruiting', 'full') and (p.meets_to, p.id) > ($1, $2) order by p.meets_to, p.id limit $3"
                ),
                cursor.map_or(Ok((Time(i64::MIN), PartyId(Uuid::nil()))), Cursor::key)?,
            ),
            Listed::Cancelled => (
                parties!(
                    "parties p",
                    "where p.state = 'cancelled' and (p.ended_at, p.id) < ($1, $2) order by p.ended_at desc, p.id desc limit $3"
                ),
                Cursor::before(cursor)?,
            ),
        };
        let rows: Vec<PartyListed> = self.db.sql(text).bind(at).bind(id).bind(PAGE as i64 + 1).all().await?;
        let page = Page::of(rows, PAGE, |row| {
            let at = match listed {
                Listed::All => row.created_at,
                Listed::Live => row.meets_to,
                Listed::Cancelled => row.ended_at.unwrap_or_default(),
            };
            (at, row.id)
        });
        let now = self.clock.now();
        Ok(page.filter_map(|party| Some(party.row(now))))
    }

    /// Money that is owed back and did not arrive for long, what waits longest first: somebody has to look at the provider's.
    ///
    /// # Errors
    /// As [`Administration::events`].
    pub async fn refunds(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<Page<RefundRow>, Error> {
        actor.admin()?;
        let start = (Time(i64::MIN), RefundId(Uuid::nil()));
        let (at, id) = cursor.map_or(Ok(start), Cursor::key)?;
        let rows: Vec<RefundListed> = self
            .db
            .sql(
                "select r.id, r.payment_id, o.number, p.title, p.provider, r.amount, r.owed_at
                 from refunds r join payments p on p.id = r.payment_id
                 left join orders o on o.id = p.subject_id and p.subject_kind = 'order'
                 where r.look_at is not null and r.owed_at < $1 and (r.owed_at, r.id) > ($2, $3)
                 order by r.owed_at, r.id limit $4",
            )
            .bind(self.clock.now() - REFUNDS_TAKE)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let page = Page::of(rows, PAGE, |row| (row.owed_at, row.id));
        Ok(page.filter_map(|row| {
            Some(RefundRow {
                payment: row.payment_id,
                order: row.number.and_then(|number| number.parse().ok()),
                title: row.title,
                provider: row.provider,
                amount: row.amount.0,
                owed_at: row.owed_at,
            })
        }))
    }
}
