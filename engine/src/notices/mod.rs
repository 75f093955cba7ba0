//! Notices: what members are told, written through an outbox in the transaction of its cause.
//!
//! A cause names its audience instead of listing it, so that cancelling an event of a million entrants is one row. A task
//! expands causes into notices in small transactions, each noting how far it came: a restart goes on where it stopped, and
//! nobody is told twice.

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
};
use model::{Cursor, EventId, MemberId, Notice, NoticeLine, Notices as List, Page, RequestId, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Accounts told in one transaction.
const CHUNK: i64 = 200;
/// Notices in a page of the list.
const PAGE: usize = 50;

/// Why people are told something; names its audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// Places were given: to whoever holds a claim among these ranks.
    Won {
        /// Which event.
        event: EventId,
        /// First rank.
        from: u64,
        /// Last rank.
        to: u64,
    },
    /// The event was changed: to everybody who entered.
    Changed {
        /// Which event.
        event: EventId,
    },
    /// The event was called off: to everybody who entered.
    Cancelled {
        /// Which event.
        event: EventId,
        /// Why.
        reason: String,
    },
    /// One entrant is told something.
    Entrant {
        /// Which event.
        event: EventId,
        /// Their rank.
        rank: u64,
        /// What.
        notice: Notice,
    },
}

/// Writes a cause beside what it tells of.
pub async fn post(tx: &mut Tx, cause: &Cause, now: Time) -> Result<(), sqlx::Error> {
    let text = serde_json::to_string(cause).map_err(|error| sqlx::Error::Encode(error.into()))?;
    tx.sql("insert into outbox (id, cause, created_at) values ($1, $2, $3)")
        .bind(ids::new_id(now))
        .bind(text)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// Whether the same cause was written and nobody has been told of it yet, nor is before this transaction ends.
pub async fn waits(tx: &mut Tx, cause: &Cause) -> Result<bool, sqlx::Error> {
    let text = serde_json::to_string(cause).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let waiting = tx.sql("update outbox set told = 0 where cause = $1 and done_at is null and told = 0").bind(text);
    Ok(waiting.run().await? > 0)
}

#[derive(sqlx::FromRow)]
struct Waiting {
    id: Uuid,
    cause: String,
    told: i64,
}

#[derive(sqlx::FromRow)]
struct Told {
    rank: i64,
    member_id: MemberId,
    due_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: RequestId,
    at: Time,
    notice: String,
    event_id: Option<EventId>,
    title: Option<String>,
    read: bool,
}

/// Accounts' notices. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    db: Db,
    clock: Clock,
}

impl Notices {
    pub(crate) fn new(db: Db, clock: Clock) -> Notices {
        Notices { db, clock }
    }

    /// How many a member has not read.
    pub async fn unread(&self, member: MemberId) -> Result<u64, Error> {
        let count: (i64,) = self
            .db
            .sql("select count(*) from notices where member_id = $1 and read_at is null")
            .bind(member)
            .one()
            .await?;
        Ok(count.0 as u64)
    }

    /// A member's notices, newest first.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn of(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<List, Error> {
        let member = actor.signed_in()?.member;
        let (at, id): (Time, RequestId) = Cursor::before(cursor)?;
        let rows: Vec<LineRow> = self
            .db
            .sql(
                "select n.id, n.at, n.notice, n.event_id, e.title, n.read_at is not null as read
                 from notices n left join events e on e.id = n.event_id
                 where n.member_id = $1 and (n.at, n.id) < ($2, $3) order by n.at desc, n.id desc limit $4",
            )
            .bind(member)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let line = |row: LineRow| match serde_json::from_str(&row.notice) {
            Ok(notice) => {
                Some(NoticeLine { id: row.id, at: row.at, notice, event: row.event_id.zip(row.title), read: row.read })
            }
            Err(error) => {
                tracing::error!(%error, "a notice cannot be read");
                None
            }
        };
        let lines = Page::of(rows, PAGE, |row| (row.at, row.id)).filter_map(line);
        Ok(List { lines, unread: self.unread(member).await? })
    }

    /// Marks as read what was written until now.
    pub async fn read_all(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update notices set read_at = $1 where member_id = $2 and read_at is null")
            .bind(self.clock.now())
            .bind(member)
            .run()
            .await?;
        Ok(tx.commit().await?)
    }

    /// Deletes what a member has read.
    pub async fn delete_read(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from notices where member_id = $1 and read_at is not null").bind(member).run().await?;
        Ok(tx.commit().await?)
    }

    /// Tells the next of those who are to be told; whether anybody is left.
    pub(crate) async fn tell(&self) -> Result<bool, Error> {
        let waiting: Option<Waiting> = self
            .db
            .sql("select id, cause, told from outbox where done_at is null order by created_at, id limit 1")
            .optional()
            .await?;
        let Some(Waiting { id, cause, told }) = waiting else {
            return Ok(false);
        };
        let now = self.clock.now();
        let cause: Option<Cause> = serde_json::from_str(&cause)
            .inspect_err(|error| tracing::error!(%id, %error, "a cause cannot be read; nobody is told"))
            .ok();
        let audience = match &cause {
            Some(cause) => self.audience(cause, told).await?,
            None => Vec::new(),
        };
        let mut tx = self.db.begin(Lane::Other).await?;
        let last = (audience.len() as i64) < CHUNK;
        // Only whoever found it where we found it goes on: nobody is told twice.
        let moved = tx
            .sql("update outbox set told = $1, done_at = $2 where id = $3 and told = $4 and done_at is null")
            .bind(audience.last().map_or(told, |person| person.rank))
            .bind(last.then_some(now))
            .bind(id)
            .bind(told)
            .run()
            .await?;
        if moved == 0 {
            return Ok(true);
        }
        for person in &audience {
            let (event, notice) = match cause.clone() {
                Some(Cause::Won { event, .. }) => (event, Notice::Won { due_at: person.due_at.unwrap_or(now) }),
                Some(Cause::Changed { event }) => (event, Notice::Changed),
                Some(Cause::Cancelled { event, reason }) => (event, Notice::Cancelled { reason }),
                Some(Cause::Entrant { event, notice, .. }) => (event, notice),
                None => continue,
            };
            let text = serde_json::to_string(&notice).map_err(|_| model::Error::Internal)?;
            tx.sql("insert into notices (member_id, at, id, notice, event_id) values ($1, $2, $3, $4, $5)")
                .bind(person.member_id)
                .bind(now)
                .bind(ids::new_id(now))
                .bind(text)
                .bind(event)
                .run()
                .await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The next of a cause's audience behind rank `told`.
    async fn audience(&self, cause: &Cause, told: i64) -> Result<Vec<Told>, Error> {
        let among = |event: &EventId, from: u64, to: u64| {
            let first = told.max(from as i64 - 1);
            (*event, first, to as i64)
        };
        let rows = match cause {
            Cause::Won { event, from, to } => {
                let (event, first, to) = among(event, *from, *to);
                self.db
                    .sql(
                        "select rank, member_id, due_at from claims
                         where event_id = $1 and rank > $2 and rank <= $3 order by rank limit $4",
                    )
                    .bind(event)
                    .bind(first)
                    .bind(to)
                    .bind(CHUNK)
                    .all()
                    .await?
            }
            Cause::Changed { event } | Cause::Cancelled { event, .. } => {
                let (event, first, to) = among(event, 1, i64::MAX as u64);
                self.entrants(event, first, to).await?
            }
            Cause::Entrant { event, rank, .. } => {
                let (event, first, to) = among(event, *rank, *rank);
                self.entrants(event, first, to).await?
            }
        };
        Ok(rows)
    }

    async fn entrants(&self, event: EventId, first: i64, to: i64) -> Result<Vec<Told>, Error> {
        Ok(self
            .db
            .sql(
                "select rank, member_id, cast(null as bigint) as due_at from entries
                 where event_id = $1 and rank > $2 and rank <= $3 order by rank limit $4",
            )
            .bind(event)
            .bind(first)
            .bind(to)
            .bind(CHUNK)
            .all()
            .await?)
    }
}
