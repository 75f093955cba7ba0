//! The outbox: what members are to be told, noted in the transaction of what causes it.
//!
//! A trigger names its audience instead of listing it, so that cancelling an event of a million entrants is one row.
//! Triggers are read in the order in which they were written, each as far as it has been delivered: a restart goes on where
//! the last run stopped. [`crate::notices`] expands them. One that a newer node wrote waits for such a node, and holds up
//! nothing that came after it.

pub(crate) mod webhooks;

use crate::{
    db::{Db, Lane, Tx},
    ids, versions,
};
use model::{
    DAY, EventId, ItemId, MarketId, MemberId, Notice, SECOND, Span, Time, notices::SaleNews, subscriptions::Described,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// The version of triggers. Raised with a new kind of trigger, and when one means something else.
const VERSION: i64 = 4;
/// Triggers read at once.
const PAGE: i64 = 100;
/// How long a trigger stays of which everybody was told, for whoever looks what was told and why.
const KEPT: Span = DAY.times(7);
/// Of older ones so many are deleted in one transaction.
const DELETED: i64 = 1_000;
/// So many triggers that were not understood are remembered, so that each is counted once; and as many that failed.
const REMEMBERED: usize = 10_000;
/// How long a trigger rests that failed, and how often that is doubled while it goes on failing: to about a minute. Longer than the
/// job does, so that what does not fail is looked through meanwhile.
const RESTS: Span = SECOND.times(4);
const DOUBLED: u32 = 4;

/// Why people are told something; names its audience. The column is still called `cause`, and so is the tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Trigger {
    /// Places were given: to all who hold a claim among these ranks.
    Won {
        /// Which event.
        event: EventId,
        /// First rank.
        from: u64,
        /// Last rank.
        to: u64,
    },
    /// The event was changed: to everybody who entered. As nodes of before wrote it: see [`Trigger::Edited`].
    Changed {
        /// Which event.
        event: EventId,
    },
    /// The event was called off: to everybody who entered. As nodes of before wrote it: see [`Trigger::CalledOff`].
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
    /// Something is new at a market: to members who favour it.
    FavouredMarket {
        /// Which market.
        market: MarketId,
        /// Whose doing it is: they know.
        by: MemberId,
        /// When: who came to favour it later is not told.
        at: Time,
        /// What.
        notice: Notice,
    },
    /// Something is new for an item: to members who favour it and live near the market, unless they favour that too.
    FavouredItem {
        /// Which item.
        item: ItemId,
        /// At which market.
        market: MarketId,
        /// Whose doing it is: they know.
        by: MemberId,
        /// When: who came to favour it later is not told.
        at: Time,
        /// What.
        notice: Notice,
    },
    /// The event was changed: to everybody who entered or wishes for it, each once.
    Edited {
        /// Which event.
        event: EventId,
    },
    /// The event was called off: to everybody who entered or wishes for it, each once.
    CalledOff {
        /// Which event.
        event: EventId,
        /// Why.
        reason: String,
        /// Whose doing it is, when it is a member's: they know.
        by: Option<MemberId>,
    },
    /// Something about an event: to members who wish for it, but not to its creator.
    Wishers {
        /// Which event.
        event: EventId,
        /// When: who came to wish for it later is not told.
        at: Time,
        /// What.
        notice: Notice,
    },
    /// An event was published, or changed before it opens: to subscribers of its category, and then to those of keywords that stand in
    /// it, each once.
    NewEvent {
        /// Which event.
        event: EventId,
        /// When: who came to subscribe later is not told.
        at: Time,
        /// Whose event it is: they know.
        by: MemberId,
        /// What it said of itself before: only what is new in it counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Described>,
    },
    /// A keyword stands in such an event: to its subscribers who were not told of the event yet.
    NewForKeyword {
        /// Which event.
        event: EventId,
        /// Which keyword, as it is compared.
        key: String,
        /// When: who came to subscribe later is not told.
        at: Time,
        /// Whose event it is: they know.
        by: MemberId,
    },
    /// Something happened at a sale: to its seller, who is told of all of it together.
    Seller {
        /// Which event.
        event: EventId,
        /// What.
        news: SaleNews,
    },
}

impl Trigger {
    /// The version of the program that knew this kind first, or as what it means now: older nodes leave only what they do not know.
    fn version(&self) -> i64 {
        match self {
            Trigger::Won { .. } | Trigger::Changed { .. } | Trigger::Cancelled { .. } | Trigger::Entrant { .. } => 1,
            Trigger::FavouredMarket { .. } | Trigger::FavouredItem { .. } | Trigger::Seller { .. } => 2,
            Trigger::Wishers { .. } | Trigger::NewEvent { .. } | Trigger::NewForKeyword { .. } => 3,
            // Nodes of before told them to who wishes for the event as well, but did not note who was told as an entrant: what one began
            // could not be gone on with by the other.
            Trigger::Edited { .. } | Trigger::CalledOff { .. } => 4,
        }
    }

    fn text(&self) -> Result<String, sqlx::Error> {
        serde_json::to_string(self).map_err(|error| sqlx::Error::Encode(error.into()))
    }
}

/// Writes a trigger beside what it tells of.
///
/// # Errors
/// When the database fails.
pub async fn write(tx: &mut Tx, trigger: &Trigger, now: Time) -> Result<(), sqlx::Error> {
    tx.sql("insert into outbox (id, cause, version, created_at) values ($1, $2, $3, $4)")
        .bind(ids::new_id(now))
        .bind(trigger.text()?)
        .bind(trigger.version())
        .bind(now)
        .run()
        .await?;
    tx.news().outbox = true;
    Ok(())
}

/// Writes a trigger beside what it tells of, unless the same one waits and its telling has not begun, nor can before this transaction
/// ends: that one tells of this as well then, and whoever it concerns by now.
///
/// # Errors
/// When the database fails.
pub async fn write_once(tx: &mut Tx, trigger: &Trigger, now: Time) -> Result<(), sqlx::Error> {
    // Takes the row, so that the task that tells of it waits for this transaction. Of whichever version: while older programs run beside
    // this one, what one of them wrote tells of the same. The clock of whoever wrote it may be ahead.
    let waiting = tx
        .sql(
            "update outbox set created_at = case when created_at < $2 then $2 else created_at end
             where cause = $1 and done_at is null and told = 0",
        )
        .bind(trigger.text()?)
        .bind(now);
    if waiting.run().await? == 0 {
        return write(tx, trigger, now).await;
    }
    tx.news().outbox = true;
    Ok(())
}

/// A trigger that is not delivered to all of its audience.
#[derive(Clone)]
pub(crate) struct Waiting {
    /// Which.
    pub id: Uuid,
    /// What it is.
    pub trigger: Trigger,
    /// The last rank that was told; 0 at first.
    pub told: i64,
    /// When it was written, or the last of those that it tells of.
    pub at: Time,
}

impl Waiting {
    /// Notes within a transaction how far it was delivered, and when all of it was. `false` when somebody else went on with it
    /// meanwhile, or it tells of more than it did ([`write_once`]), so that whom it concerns is to be read anew: then nothing more is to be
    /// done in this transaction.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn advance(&mut self, tx: &mut Tx, told: i64, done_at: Option<Time>) -> Result<bool, sqlx::Error> {
        let moved = tx
            .sql(
                "update outbox set told = $1, done_at = $2
                 where id = $3 and told = $4 and created_at = $5 and done_at is null",
            )
            .bind(told)
            .bind(done_at)
            .bind(self.id)
            .bind(self.told)
            .bind(self.at)
            .run()
            .await?;
        self.told = told;
        Ok(moved == 1)
    }
}

/// Takes this trigger, and up to `limit` that are the same and wait as well, so that all of them are told at once; how many. They
/// are done then, and told of no more.
///
/// # Errors
/// When the database fails.
pub(crate) async fn take_alike(tx: &mut Tx, trigger: &Trigger, limit: i64, now: Time) -> Result<u64, sqlx::Error> {
    tx.sql(
        "update outbox set done_at = $3 where done_at is null and id in
            (select id from outbox where done_at is null and cause = $1 and version = $2 order by created_at limit $4)",
    )
    .bind(trigger.text()?)
    .bind(trigger.version())
    .bind(now)
    .bind(limit)
    .run()
    .await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    cause: String,
    version: i64,
    told: i64,
    created_at: Time,
}

/// Reads what waits. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    db: Db,
    /// The newest version that this node knows.
    knows: i64,
    /// Triggers that were not understood.
    unknown: Arc<Mutex<HashSet<Uuid>>>,
    /// Triggers that failed: how often, and until when each rests.
    failed: Arc<Mutex<HashMap<Uuid, (u32, Time)>>>,
}

impl Outbox {
    pub fn new(db: Db) -> Outbox {
        Outbox { db, knows: VERSION, unknown: Arc::default(), failed: Arc::default() }
    }

    /// Of a node of the next version.
    #[cfg(test)]
    pub fn newer(db: Db) -> Outbox {
        Outbox { knows: VERSION + 1, ..Outbox::new(db) }
    }

    /// Looks through everything that waits and does not rest, once.
    pub fn pass(&self, now: Time) -> Pass<'_> {
        Pass { outbox: self, now, after: (Time(i64::MIN), Uuid::nil()), page: VecDeque::new() }
    }

    /// Has a trigger rest that failed: it holds up nothing behind it, and is tried again later.
    pub fn rest(&self, id: Uuid, now: Time) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.len() >= REMEMBERED {
            failed.clear();
        }
        let (times, until) = failed.entry(id).or_insert((0, now));
        *until = now + RESTS.times(1 << (*times).min(DOUBLED));
        *times += 1;
    }

    fn rests(&self, id: Uuid, now: Time) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(&id).is_some_and(|(_, until)| now < *until)
    }

    /// Deletes triggers of which everybody was told long enough ago: they say why, and by whom.
    ///
    /// # Errors
    /// When the database fails: the rest is deleted the next time.
    pub async fn forget(&self, now: Time) -> Result<(), sqlx::Error> {
        let until = now - KEPT;
        loop {
            let mut tx = self.db.begin(Lane::Other).await?;
            // In the order of ids, which is that of time: what is newer is not looked at.
            let delete = tx.sql(
                "delete from outbox where id in
                    (select id from outbox where id < $1 and done_at <= $2 order by id limit $3)",
            );
            let deleted = delete.bind(ids::least_id(until)).bind(until).bind(DELETED).run().await?;
            tx.commit().await?;
            if (deleted as i64) < DELETED {
                return Ok(());
            }
        }
    }

    fn read(&self, row: Row) -> Option<Waiting> {
        let Row { id, cause, version, told, created_at } = row;
        let trigger = if version <= self.knows { serde_json::from_str(&cause).ok() } else { None };
        if trigger.is_none() {
            let mut unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
            if unknown.len() >= REMEMBERED {
                unknown.clear();
            }
            if unknown.insert(id) {
                tracing::warn!(%id, version, "a trigger is not understood and waits for a newer node");
                versions::count_unknown("trigger");
            }
        }
        trigger.map(|trigger| Waiting { id, trigger, told, at: created_at })
    }
}

/// One look through the outbox, in the order in which triggers were written.
pub(crate) struct Pass<'o> {
    outbox: &'o Outbox,
    /// When it began.
    now: Time,
    /// When the last one was written, and its id.
    after: (Time, Uuid),
    page: VecDeque<Row>,
}

impl Pass<'_> {
    /// The next trigger that this node understands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> Result<Option<Waiting>, sqlx::Error> {
        loop {
            while let Some(row) = self.page.pop_front() {
                self.after = (row.created_at, row.id);
                if self.outbox.rests(row.id, self.now) {
                    continue;
                }
                if let Some(waiting) = self.outbox.read(row) {
                    return Ok(Some(waiting));
                }
            }
            let page: Vec<Row> = self
                .outbox
                .db
                .sql(
                    "select id, cause, version, told, created_at from outbox
                     where done_at is null and created_at >= $1 and (created_at > $1 or id > $2)
                     order by created_at, id limit $3",
                )
                .bind(self.after.0)
                .bind(self.after.1)
                .bind(PAGE)
                .all()
                .await?;
            if page.is_empty() {
                return Ok(None);
            }
            self.page = page.into();
        }
    }
}
