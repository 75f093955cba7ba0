//! Which pages everybody may read, for search engines: in pieces, by keys that indices hold.

use super::Pages;
use crate::Error;
use model::Time;
use uuid::Uuid;

/// What a list of pages holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// What opens from one moment on and before another, what opens last first.
    Events {
        /// From when on.
        from: Time,
        /// Before when.
        until: Time,
    },
    /// Everybody who publishes something.
    Creators,
    /// Where neighbours buy.
    Markets,
}

/// A page in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Of what.
    pub id: Uuid,
    /// When what is on it became another by itself, or was published.
    pub changed_at: Option<Time>,
    opens_at: Time,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: Uuid,
    opens_at: Time,
    closes_at: Time,
    published_at: Time,
}

impl Pages {
    /// The pages of a list that come after one of it, at most so many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn listed(&self, listing: Listing, after: Option<&Listed>, most: usize) -> Result<Vec<Listed>, Error> {
        let after_id = after.map_or(Uuid::nil(), |listed| listed.id);
        let ids = match listing {
            Listing::Events { from, until } => {
                let (opens_at, id) = after.map_or((until, Uuid::nil()), |listed| (listed.opens_at, listed.id));
                return self.listed_events(from, (opens_at, id), most).await;
            }
            Listing::Creators => {
                "select c.member_id from creators c join members m on m.id = c.member_id
                 where m.suspended_at is null and m.left_at is null and c.member_id > $1 order by c.member_id limit $2"
            }
            Listing::Markets => {
                "select k.id from markets k where k.id > $1 and k.hidden_at is null order by k.id limit $2"
            }
        };
        let ids: Vec<(Uuid,)> = self.db.sql(ids).bind(after_id).bind(most as i64).all().await?;
        Ok(ids.into_iter().map(|(id,)| Listed { id, changed_at: None, opens_at: Time(0) }).collect())
    }

    async fn listed_events(&self, from: Time, before: (Time, Uuid), most: usize) -> Result<Vec<Listed>, Error> {
        let now = self.clock.now();
        let rows: Vec<EventRow> = self
            .db
            .sql(
                "select e.id, e.opens_at, e.closes_at, e.published_at from events e join members m on m.id = e.creator_id
                 where e.opens_at >= $1 and (e.opens_at, e.id) < ($2, $3)
                    and e.published_at is not null and e.cancelled_at is null and e.suspended_at is null and m.suspended_at is null
                 order by e.opens_at desc, e.id desc limit $4",
            )
            .bind(from)
            .bind(before.0)
            .bind(before.1)
            .bind(most as i64)
            .all()
            .await?;
        let listed = |EventRow { id, opens_at, closes_at, published_at }| {
            let changed_at = [published_at, opens_at, closes_at].into_iter().filter(|at| *at <= now).max();
            Listed { id, changed_at, opens_at }
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// When the first and the last event opens of those that everybody may read; nothing where there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn openings(&self) -> Result<Option<(Time, Time)>, Error> {
        let first: Option<(Time,)> = self
            .db
            .sql("select opens_at from events where published_at is not null and cancelled_at is null order by opens_at limit 1")
            .optional()
            .await?;
        let last: Option<(Time,)> = self
            .db
            .sql("select opens_at from events where published_at is not null and cancelled_at is null order by opens_at desc limit 1")
            .optional()
            .await?;
        Ok(first.zip(last).map(|((first,), (last,))| (first, last)))
    }
}
