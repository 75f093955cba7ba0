//! What members wish for: noted, counted, and taken back.

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, retried},
    limits::Limits,
};
use model::{EventError, EventId, MemberId, Time, sales::WISHES_COUNTED};

/// What members wish for. Cheap to clone.
#[derive(Clone)]
pub struct Wishes {
    db: Db,
    clock: Clock,
    limits: Limits,
}

impl Wishes {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits) -> Wishes {
        Wishes { db, clock, limits }
    }

    /// Notes that a member wishes for an event, or no longer does. Doing so again changes nothing.
    ///
    /// # Errors
    /// For visitors and suspended members, [`model::Error::NotFound`] for what is not public, [`EventError::Cancelled`] for a wish
    /// that cannot come true, [`model::Error::TooMany`]; the database may fail.
    pub async fn set(&self, actor: &Actor, event: EventId, wished: bool) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.set_once(member, event, wished))
    }

    async fn set_once(&self, member: MemberId, event: EventId, wished: bool) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        if !wished {
            tx.sql("delete from wishes where member_id = $1 and event_id = $2").bind(member).bind(event).run().await?;
            tx.commit().await?;
            return Ok(());
        }
        let row: Option<(Option<Time>,)> = tx
            .sql("select cancelled_at from events where id = $1 and published_at is not null")
            .bind(event)
            .optional()
            .await?;
        let (cancelled_at,) = row.ok_or(model::Error::NotFound)?;
        if cancelled_at.is_some() {
            return Err(Error::Refused(EventError::Cancelled.into()));
        }
        tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, $3) on conflict (member_id, event_id) do nothing")
            .bind(member)
            .bind(event)
            .bind(self.clock.now())
            .run()
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// How many wish for an event, at most [`WISHES_COUNTED`], and whether the reader does.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_event(&self, actor: &Actor, event: EventId) -> Result<(u64, bool), Error> {
        let (count, wished): (i64, bool) = self
            .db
            .sql(
                "select (select count(*) from (select 1 from wishes where event_id = $1 limit $2) counted),
                    exists (select 1 from wishes where event_id = $1 and member_id = $3)",
            )
            .bind(event)
            .bind(WISHES_COUNTED as i64)
            .bind(actor.member())
            .one()
            .await?;
        Ok((count as u64, wished))
    }
}
