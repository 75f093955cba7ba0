//! Notices: what members are told.
//!
//! What is to be told waits in the [`outbox`](crate::outbox). A job expands each trigger into notices in small transactions,
//! each noting how far it came: a restart goes on where it stopped, and no notice is written twice.

mod chats;
mod favourites;

pub(crate) use chats::tell_of_chat;

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
    outbox::{self, Outbox, Trigger, Waiting},
};
use model::{Cursor, EventId, MemberId, Notice, NoticeLine, Notices as List, Page, RequestId, Time, notices::SaleNews};

/// Accounts told in one transaction.
const CHUNK: i64 = 200;
/// Notices in a page of the list.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct Recipient {
    rank: i64,
    member_id: MemberId,
    due_at: Option<Time>,
}

/// Some of a trigger's audience.
struct Audience {
    people: Vec<Recipient>,
    /// Up to which rank they are all of them.
    told: i64,
    /// Whether nobody comes behind that.
    is_last: bool,
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
    outbox: Outbox,
}

impl Notices {
    pub(crate) fn new(db: Db, clock: Clock) -> Notices {
        let outbox = Outbox::new(db.clone());
        Notices { db, clock, outbox }
    }

    /// How many a member has not read.
    ///
    /// # Errors
    /// When the database fails.
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
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
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
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn delete_read(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from notices where member_id = $1 and read_at is not null").bind(member).run().await?;
        Ok(tx.commit().await?)
    }

    /// Expands everything that waits in the outbox and that this node understands.
    ///
    /// # Errors
    /// When the database fails: what was not expanded is found again.
    pub(crate) async fn deliver(&self) -> Result<(), Error> {
        let mut pass = self.outbox.pass();
        while let Some(waiting) = pass.next().await? {
            self.expand(waiting).await?;
        }
        Ok(())
    }

    /// Writes the notices of one trigger, unless another node does.
    async fn expand(&self, mut waiting: Waiting) -> Result<(), Error> {
        if let Trigger::Seller { event, news } = waiting.trigger {
            return self.tell_seller(event, news).await;
        }
        loop {
            let Audience { people, told, is_last } = self.audience(&waiting.trigger, waiting.told).await?;
            let now = self.clock.now();
            let mut tx = self.db.begin(Lane::Other).await?;
            if !waiting.advance(&mut tx, told, is_last.then_some(now)).await? {
                return Ok(());
            }
            for person in &people {
                let (event, notice) = match waiting.trigger.clone() {
                    Trigger::Won { event, .. } => (Some(event), Notice::Won { due_at: person.due_at.unwrap_or(now) }),
                    Trigger::Changed { event } => (Some(event), Notice::Changed),
                    Trigger::Cancelled { event, reason } => (Some(event), Notice::Cancelled { reason }),
                    Trigger::Entrant { event, notice, .. } => (Some(event), notice),
                    Trigger::FavouredMarket { notice, .. } | Trigger::FavouredItem { notice, .. } => (None, notice),
                    Trigger::Seller { event, news } => (Some(event), Notice::Sale { news }),
                };
                insert(&mut tx, person.member_id, &notice, event, now).await?;
            }
            tx.commit().await?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Tells whoever sells of what happened at a sale and of all that waits and is the same; with what they were told before and have
    /// not read, that is one notice.
    async fn tell_seller(&self, event: EventId, news: SaleNews) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let times = outbox::take_alike(&mut tx, &Trigger::Seller { event, news }, CHUNK, now).await?;
        let seller: Option<(MemberId,)> =
            tx.sql("select creator_id from events where id = $1").bind(event).optional().await?;
        let Some((seller,)) = seller.filter(|_| times > 0) else { return Ok(tx.commit().await?) };
        let news = news.times(times);
        let unread: Vec<(Time, RequestId, String)> = tx
            .sql("select at, id, notice from notices where member_id = $1 and event_id = $2 and read_at is null")
            .bind(seller)
            .bind(event)
            .all()
            .await?;
        let before = unread.into_iter().find_map(|(at, id, text)| match serde_json::from_str(&text) {
            Ok(Notice::Sale { news: before }) => Some((at, id, before.and(news)?)),
            _ => None,
        });
        let mut counted = 0;
        if let Some((at, id, news)) = before {
            let text = serde_json::to_string(&Notice::Sale { news }).map_err(|_| model::Error::Internal)?;
            // Read meanwhile, it says what it said.
            counted = tx
                .sql(
                    "update notices set notice = $4, at = $5
                     where member_id = $1 and at = $2 and id = $3 and read_at is null",
                )
                .bind(seller)
                .bind(at)
                .bind(id)
                .bind(text)
                .bind(now)
                .run()
                .await?;
        }
        if counted == 0 {
            write(&mut tx, seller, &Notice::Sale { news }, event, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The next of a trigger's audience behind rank `told`.
    async fn audience(&self, trigger: &Trigger, told: i64) -> Result<Audience, Error> {
        let among = |event: &EventId, from: u64, to: u64| {
            let first = told.max(from as i64 - 1);
            (*event, first, to as i64)
        };
        let rows = match trigger {
            Trigger::Won { event, from, to } => {
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
            Trigger::Changed { event } | Trigger::Cancelled { event, .. } => {
                let (event, first, to) = among(event, 1, i64::MAX as u64);
                self.entrants(event, first, to).await?
            }
            Trigger::Entrant { event, rank, .. } => {
                let (event, first, to) = among(event, *rank, *rank);
                self.entrants(event, first, to).await?
            }
            Trigger::FavouredMarket { market, by, at, .. } => return self.of_market(*market, *by, told, *at).await,
            Trigger::FavouredItem { item, market, by, at, .. } => {
                return self.of_item(*item, *market, *by, told, *at).await;
            }
            // Of one, who has no rank: see `tell_seller`.
            Trigger::Seller { .. } => Vec::new(),
        };
        let told = rows.last().map_or(told, |person| person.rank);
        Ok(Audience { is_last: (rows.len() as i64) < CHUNK, people: rows, told })
    }

    async fn entrants(&self, event: EventId, first: i64, to: i64) -> Result<Vec<Recipient>, Error> {
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

/// Writes a notice to one member, in the transaction of what it tells of.
///
/// # Errors
/// The database's.
pub(crate) async fn write(
    tx: &mut Tx,
    member: MemberId,
    notice: &Notice,
    event: EventId,
    now: Time,
) -> Result<(), Error> {
    insert(tx, member, notice, Some(event), now).await
}

/// Writes a notice about a party to one member, in the transaction of what it tells of.
///
/// # Errors
/// The database's.
pub(crate) async fn write_of_party(tx: &mut Tx, member: MemberId, notice: &Notice, now: Time) -> Result<(), Error> {
    insert(tx, member, notice, None, now).await
}

async fn insert(
    tx: &mut Tx,
    member: MemberId,
    notice: &Notice,
    event: Option<EventId>,
    now: Time,
) -> Result<(), Error> {
    let text = serde_json::to_string(notice).map_err(|_| model::Error::Internal)?;
    tx.sql("insert into notices (member_id, at, id, notice, event_id) values ($1, $2, $3, $4, $5)")
        .bind(member)
        .bind(now)
        .bind(ids::new_id(now))
        .bind(text)
        .bind(event)
        .run()
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::{On, Place, both};
    use uuid::Uuid;

    /// A member who entered an event of the same number.
    async fn entrant(db: &Db, number: u128) -> (EventId, MemberId) {
        let (event, member) = (EventId(Uuid::from_u128(100 + number)), MemberId(Uuid::from_u128(number)));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
             values ($1, $2, $2, $2, '', 'shopper', 'member', false, 1, 0)",
        )
        .bind(member)
        .bind(number.to_string())
        .run()
        .await
        .unwrap();
        tx.sql(
            "insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, 1, $2, 0, 'won', $3)",
        )
        .bind(event)
        .bind(member)
        .bind(vec![0u8])
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        (event, member)
    }

    async fn write(db: &Db, trigger: &Trigger, at: i64) {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        outbox::write(&mut tx, trigger, Time(at)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(db: &Db, text: &'static str) {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(text).run().await.unwrap();
        tx.commit().await.unwrap();
    }

    both!(a_seller_is_told_of_a_rush_once);
    async fn a_seller_is_told_of_a_rush_once(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
        let (event, seller) = entrant(&db, 7).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
                offer, capacity, created_at)
             values ($1, $1, $2, 'deal', '머그', '', '', 'living', 0, 1, '', '{}', 1, 0)",
        )
        .bind(event)
        .bind(seller)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let sold = |count| Trigger::Seller { event, news: SaleNews::Orders { count } };
        // More than are taken at once, of two kinds, among others.
        for at in 0..2 * CHUNK + 50 {
            write(&db, &sold(1), at).await;
        }
        write(&db, &sold(40), 7).await;
        write(&db, &Trigger::Seller { event, news: SaleNews::SoldOut }, 8).await;
        // Two nodes at once.
        let (one, two) = tokio::join!(notices.deliver(), notices.deliver());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        let told = async || {
            let rows = db.sql("select notice from notices where member_id = $1 order by notice").bind(seller);
            let rows: Vec<(String,)> = rows.all().await.unwrap();
            rows.into_iter().map(|(text,)| serde_json::from_str::<Notice>(&text).unwrap()).collect::<Vec<_>>()
        };
        let orders = |told: Vec<Notice>| {
            told.into_iter()
                .filter_map(|notice| match notice {
                    Notice::Sale { news: SaleNews::Orders { count } } => Some(count),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let all = 2 * CHUNK as u64 + 90;
        assert_eq!(orders(told().await).iter().sum::<u64>(), all);
        if on == On::Sqlite {
            assert_eq!(told().await.len(), 2, "one of the orders, and one that it is sold out");
        }
        // What was read stays as it was.
        change(&db, "update notices set read_at = 1").await;
        write(&db, &sold(1), 9).await;
        notices.deliver().await.unwrap();
        let mut counts = orders(told().await);
        counts.sort_unstable();
        assert_eq!((counts[0], counts.iter().sum::<u64>()), (1, all + 1));
        assert!(!db.sql("select 1 from outbox where done_at is null").exists().await.unwrap());
    }

    both!(what_a_newer_node_triggers_waits_for_it_and_holds_up_nothing);
    async fn what_a_newer_node_triggers_waits_for_it_and_holds_up_nothing(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let notices = Notices::new(db.clone(), Clock::manual(Time(1000)));
        let mut people = Vec::new();
        for number in 1..=4 {
            let (event, member) = entrant(&db, number).await;
            write(&db, &Trigger::Changed { event }, number as i64).await;
            people.push(member);
        }
        // A version to come, and a kind to come under a version that is known.
        change(&db, "update outbox set version = 3 where created_at = 2").await;
        change(&db, "update outbox set cause = replace(cause, 'changed', 'moved') where created_at = 3").await;
        let unread = async || {
            let mut counts = Vec::new();
            for member in &people {
                counts.push(notices.unread(*member).await.unwrap());
            }
            counts
        };
        let waiting = async || {
            let rows = db.sql("select created_at, told from outbox where done_at is null order by created_at");
            rows.all::<(i64, i64)>().await.unwrap()
        };
        for _ in 0..2 {
            notices.deliver().await.unwrap();
            assert_eq!(unread().await, [1, 0, 0, 1], "what came after them is delivered, once");
            assert_eq!(waiting().await, [(2, 0), (3, 0)], "they are left as they were");
        }
        let newer = Notices { outbox: Outbox::newer(db.clone()), ..notices.clone() };
        newer.deliver().await.unwrap();
        assert_eq!(unread().await, [1, 1, 0, 1], "the newer node takes what it knows");
        change(&db, "update outbox set cause = replace(cause, 'moved', 'changed')").await;
        newer.deliver().await.unwrap();
        assert_eq!((unread().await, waiting().await), (vec![1, 1, 1, 1], vec![]));
    }
}
