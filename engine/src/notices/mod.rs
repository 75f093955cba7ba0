//! Notices: what members are told.
//!
//! What is to be told waits in the [`outbox`](crate::outbox). A job expands triggers into notices in small transactions, each noting
//! how far it came: a restart goes on where it stopped, and no notice is written twice. Triggers advance side by side, a piece of
//! each in turn, so that one with a large audience holds up none of those behind it. [`writing`] writes notices, [`live`] tells
//! those who follow theirs.

mod chats;
mod check;
mod favourites;
mod handed;
mod keywords;
mod live;
pub(crate) mod personal;
mod settings;
mod subscribers;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_wishes;
mod wishers;
mod writing;

/// The notices that a condition is true of, with what is shown of them; the condition may be about something they are joined to.
macro_rules! lines {
    ($condition:literal) => {
        lines!("", $condition)
    };
    ($joined:literal, $condition:literal) => {
        concat!(
            "select n.member_id, n.id, n.number, n.at, n.notice, n.event_id, e.title, n.read_at is not null as read from ",
            $joined,
            "notices n left join events e on e.id = n.event_id where ",
            $condition
        )
    };
}

// Behind the macro that it uses.
mod reading;

pub use handed::Saying;
pub use live::{After, Following, News, REPLAYED, Told};

pub(crate) use check::check;
#[cfg(test)]
pub(crate) use keywords::keys_in;
pub(crate) use live::teller;
pub(crate) use writing::{write, write_of_member, write_of_party};

pub(crate) use chats::tell_of_chat;

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    cluster::Bus,
    db::{Chunk, Db, Dialect, Lane, is_passing, retried},
    outbox::{self, Outbox, Trigger, Waiting, webhooks},
};
use futures::future::join_all;
use model::{
    Cursor, EventId, MemberId, Notice, NoticeLine, Notices as List, Page, RequestId, Time,
    notices::{Kind, SaleNews},
    webhooks::WebhookKind,
};
use reading::Reader;
use serde_json::json;
use std::{ops::RangeInclusive, sync::Arc, time::Instant};
use writing::{Said, different, insert_all, replace, unread};

/// Accounts told in one transaction: see [`Chunk`].
const CHUNK: RangeInclusive<i64> = 200..=500;
/// Accounts told with one commit on SQLite, at most, in transactions of their own: to write out what they changed takes as long as one of
/// these, and little longer for several; but a press that comes just then waits for it.
const TOGETHER: i64 = 2_000;
/// Triggers of one sale that are told in one.
const ALIKE: i64 = 200;
/// Notices in a page of the list.
const PAGE: usize = 50;

// Bounds of numbers stand before `number > 0`, which is the condition of PostgreSQL's index: of two SQLite begins at the first.

/// Marks as read, at `$1`, what the member `$2` has not read. It looks at no notice twice: what it read lies before `read_up_to` then.
const READ_ALL: &str = "update notices set read_at = $1 where member_id = $2
    and number > (select read_up_to from notice_counts where member_id = $2 and unread > 0)
    and read_at is null and number > 0";
/// A page of the notices of the member `$1`, newest first, before the number `$2`, `$3` at most.
const LISTED: &str = lines!("n.member_id = $1 and n.number < $2 and n.number > 0 order by n.number desc limit $3");
/// The notice `$2` of the member `$1`.
const FOUND: &str = lines!("n.member_id = $1 and n.id = $2 and n.number > 0 order by n.number desc limit 1");

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
    member_id: MemberId,
    id: RequestId,
    number: i64,
    at: Time,
    notice: String,
    event_id: Option<EventId>,
    title: Option<String>,
    read: bool,
}

impl LineRow {
    /// `None` for what only a newer node can read.
    fn line(self) -> Option<NoticeLine> {
        let LineRow { id, number, at, notice, event_id, title, read, .. } = self;
        match serde_json::from_str(&notice) {
            Ok(notice) => Some(NoticeLine { id, number: number as u64, at, notice, event: event_id.zip(title), read }),
            Err(error) => {
                tracing::error!(%error, "a notice cannot be read");
                None
            }
        }
    }
}

/// Accounts' notices. Cheap to clone.
#[derive(Clone)]
pub struct Notices {
    db: Db,
    clock: Clock,
    outbox: Outbox,
    bus: Bus,
    /// Reads for whoever follows.
    reader: Arc<Reader>,
}

impl Notices {
    /// Those who follow notices hear of them by `bus`.
    pub(crate) fn on(db: Db, clock: Clock, bus: Bus) -> Notices {
        let (outbox, reader) = (Outbox::new(db.clone()), Arc::new(Reader::new(db.clone())));
        Notices { db, clock, outbox, bus, reader }
    }

    /// Of a process of its own.
    #[cfg(test)]
    pub(crate) fn new(db: Db, clock: Clock) -> Notices {
        let bus = Bus::local();
        db.tell(teller(bus.clone(), Arc::default()));
        Notices::on(db, clock, bus)
    }

    /// How many a member has not read.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unread(&self, member: MemberId) -> Result<u64, Error> {
        let count = self.db.sql("select unread from notice_counts where member_id = $1").bind(member);
        let count: Option<(i64,)> = count.optional().await?;
        Ok(count.map_or(0, |(unread,)| unread.max(0) as u64))
    }

    /// A member's notices, newest first.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn of(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<List, Error> {
        let member = actor.signed_in()?.member;
        // Before its number a cursor had a time, which is above all numbers: a link of before leads to the first page.
        let (number, _): (u64, RequestId) = Cursor::before(cursor)?;
        let rows = self.db.sql(LISTED).bind(member).bind(number as i64).bind(PAGE as i64 + 1);
        let lines = Page::of(rows.all().await?, PAGE, |row: &LineRow| (row.number as u64, row.id));
        let lines = lines.filter_map(LineRow::line);
        Ok(List { lines, unread: self.unread(member).await? })
    }

    /// Marks one as read, whose reader goes on to what it tells of; what it says.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor, [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn open(&self, actor: &Actor, id: RequestId) -> Result<NoticeLine, Error> {
        let member = actor.signed_in()?.member;
        retried!(self.open_once(member, id))
    }

    async fn open_once(&self, member: MemberId, id: RequestId) -> Result<NoticeLine, Error> {
        let row = self.found(member, id).await?;
        if !row.read {
            let mut tx = self.db.begin(Lane::Other).await?;
            // What is news again meanwhile has another number, and is not read.
            let read = tx.sql(
                "update notices set read_at = $3
                 where member_id = $1 and number = $2 and read_at is null and number > 0",
            );
            read.bind(member).bind(row.number).bind(self.clock.now()).run().await?;
            tx.news().members.insert(member);
            tx.commit().await?;
        }
        row.line().ok_or_else(|| model::Error::NotFound.into())
    }

    /// A member's notice by its id. It is looked for beside whoever writes, from the newest on: people act on what they see first.
    async fn found(&self, member: MemberId, id: RequestId) -> Result<LineRow, Error> {
        let row: Option<LineRow> = self.db.sql(FOUND).bind(member).bind(id).optional().await?;
        row.ok_or_else(|| model::Error::NotFound.into())
    }

    /// Marks as read what was written until now.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn read_all(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.read_all_once(member))
    }

    async fn read_all_once(&self, member: MemberId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(READ_ALL).bind(self.clock.now()).bind(member).run().await?;
        tx.news().members.insert(member);
        Ok(tx.commit().await?)
    }

    /// Deletes one, read or not.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor, [`model::Error::NotFound`] for what is none of theirs; the database may fail.
    pub async fn delete(&self, actor: &Actor, id: RequestId) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.delete_once(member, id))
    }

    async fn delete_once(&self, member: MemberId, id: RequestId) -> Result<(), Error> {
        let LineRow { number, .. } = self.found(member, id).await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let delete = tx.sql("delete from notices where member_id = $1 and number = $2 and number > 0");
        let mut gone = delete.bind(member).bind(number).run().await?;
        if gone == 0 {
            // It may have been news again meanwhile, by a later number.
            let delete = tx.sql("delete from notices where member_id = $1 and id = $2 and number > $3 and number > 0");
            gone = delete.bind(member).bind(id).bind(number).run().await?;
        }
        if gone == 0 {
            return Err(model::Error::NotFound.into());
        }
        tx.news().members.insert(member);
        Ok(tx.commit().await?)
    }

    /// Deletes what a member has read.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for a visitor; the database may fail.
    pub async fn delete_read(&self, actor: &Actor) -> Result<(), Error> {
        let member = actor.signed_in()?.member;
        retried!(self.delete_read_once(member))
    }

    async fn delete_read_once(&self, member: MemberId) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from notices where member_id = $1 and read_at is not null").bind(member).run().await?;
        Ok(tx.commit().await?)
    }

    /// Expands everything that waits in the outbox and that this node understands: a piece of each trigger in turn, until nothing is
    /// left. What comes meanwhile has its turn beside what is there. A trigger that fails rests for a while.
    ///
    /// # Errors
    /// When the database fails, or one of the triggers: what was not expanded is found again.
    pub(crate) async fn deliver(&self) -> Result<(), Error> {
        let (mut failed, mut chunk) = (None, self.chunk());
        while self.deliver_some(&mut failed, &mut chunk).await? {}
        failed.map_or(Ok(()), Err)
    }

    /// How many are told at once at first.
    fn chunk(&self) -> Chunk {
        Chunk::new(self.db.dialect(), CHUNK)
    }

    /// Expands the next of every trigger that waits, in their order: a piece, or a few that are kept together; whether more is left of any.
    /// What one fails with is noted, unless another was before.
    async fn deliver_some(&self, failed: &mut Option<Error>, chunk: &mut Chunk) -> Result<bool, Error> {
        let (mut pass, mut left) = (self.outbox.pass(self.clock.now()), false);
        while let Some(waiting) = pass.next().await? {
            let error = match retried!(self.expand(waiting.clone(), chunk)) {
                Ok(done) => {
                    left |= !done;
                    continue;
                }
                Err(error) => error,
            };
            // Where the database does not answer, all of them fail, each after a while.
            if matches!(&error, Error::Database(error) if error.as_database_error().is_none() && is_passing(error)) {
                return Err(error);
            }
            tracing::warn!(%error, id = %waiting.id, "a trigger of the outbox failed and rests");
            self.outbox.rest(waiting.id, self.clock.now());
            failed.get_or_insert(error);
        }
        Ok(left)
    }

    /// Forgets the triggers of what was told long enough ago.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn forget_told(&self) -> Result<(), Error> {
        Ok(self.outbox.forget(self.clock.now()).await?)
    }

    /// Writes the notices of a trigger to the next of its audience; whether nobody is left of it, or another node goes on with it.
    async fn expand(&self, mut waiting: Waiting, chunk: &mut Chunk) -> Result<bool, Error> {
        if let Trigger::Seller { event, news } = waiting.trigger {
            self.tell_seller(event, news).await?;
            return Ok(true);
        }
        if let Trigger::NewEvent { .. } | Trigger::NewForKeyword { .. } = waiting.trigger {
            return self.tell_some_subscribers(&mut waiting, chunk).await;
        }
        let (event, notice) = match waiting.trigger.clone() {
            // Each until a time of their own.
            Trigger::Won { event, .. } => (Some(event), None),
            Trigger::Changed { event } | Trigger::Edited { event } => (Some(event), Some(Notice::Changed)),
            Trigger::Cancelled { event, reason } | Trigger::CalledOff { event, reason, .. } => {
                (Some(event), Some(Notice::Cancelled { reason }))
            }
            Trigger::Entrant { event, notice, .. } | Trigger::Wishers { event, notice, .. } => {
                (Some(event), Some(notice))
            }
            // Told by `tell_some_subscribers`.
            Trigger::NewEvent { event, at, .. } | Trigger::NewForKeyword { event, at, .. } => {
                (Some(event), Some(Notice::NewEvent { opens_at: at }))
            }
            Trigger::FavouredMarket { notice, .. } | Trigger::FavouredItem { notice, .. } => (None, Some(notice)),
            Trigger::Seller { event, news } => (Some(event), Some(Notice::Sale { news })),
        };
        let pieces = self.pieces(waiting, chunk.rows()).await?;
        let is_full = pieces.iter().all(|(_, audience)| audience.people.len() as i64 >= chunk.rows());
        // What one alone is told they may as well read.
        let title = match event.filter(|_| pieces.iter().any(|(_, audience)| audience.people.len() > 1)) {
            Some(event) => self.title(event).await?,
            None => None,
        };
        let (began, many) = (Instant::now(), pieces.len() as u32);
        // All of them ask for the writer before the first has it, and are lent it one after the other: batches of clicks come in between.
        let told = pieces.into_iter().map(|piece| self.tell_piece(piece, event, notice.as_ref(), title.as_deref()));
        let told = join_all(told).await;
        if is_full {
            chunk.took(began.elapsed() / many);
        }
        let mut is_over = true;
        // What the last of those fails with says why: one before it may only have lost its commit by that.
        for told in told.into_iter().rev() {
            is_over &= told?;
        }
        Ok(is_over)
    }

    /// The next of a trigger's audience in pieces, each with how far it is told before, of as many as are told in one transaction. The
    /// first comes alone, so that somebody is told soon; and where each transaction has a commit of its own, every one does.
    async fn pieces(&self, mut waiting: Waiting, many: i64) -> Result<Vec<(Waiting, Audience)>, Error> {
        let together = match self.db.dialect() {
            Dialect::Sqlite if waiting.told > 0 => (TOGETHER / many).max(1) as usize,
            Dialect::Sqlite | Dialect::Postgres => 1,
        };
        let mut pieces = Vec::with_capacity(together);
        loop {
            let audience = self.audience(&waiting, many).await?;
            let next = Waiting { told: audience.told, ..waiting.clone() };
            // Those who wish for an event are read once it is noted who of them entered it.
            let are_alike = wishers::among_entrants(&waiting) == wishers::among_entrants(&next);
            let is_last = audience.is_last || !are_alike || pieces.len() + 1 == together;
            pieces.push((waiting, audience));
            if is_last {
                return Ok(pieces);
            }
            waiting = next;
        }
    }

    /// Writes what a piece of a trigger's audience is told; whether nobody is left behind it, or another node goes on.
    async fn tell_piece(
        &self,
        (mut waiting, audience): (Waiting, Audience),
        event: Option<EventId>,
        notice: Option<&Notice>,
        title: Option<&str>,
    ) -> Result<bool, Error> {
        let Audience { mut people, told, is_last } = audience;
        let (now, entered) = (self.clock.now(), wishers::among_entrants(&waiting));
        let mut tx = self.db.begin(Lane::Other).await?;
        if !waiting.advance(&mut tx, told, is_last.then_some(now)).await? {
            // Once whoever went on with it has committed: what they wrote is there then.
            tx.commit().await?;
            return Ok(true);
        }
        if let Some(event) = entered {
            wishers::note_entered(&mut tx, event, &people).await?;
        }
        let nearer = wishers::nearer(&waiting.trigger);
        if !nearer.is_empty() {
            let members: Vec<MemberId> = people.iter().map(|person| person.member_id).collect();
            let different = different(&mut tx, &members).await?;
            let is_on = |member, kind: &Kind| different.contains(&(member, *kind)) != kind.on_at_first();
            people.retain(|person| !nearer.iter().any(|kind| is_on(person.member_id, kind)));
        }
        let said = |notice: &Notice| Said::new(notice, event, title, now);
        match notice {
            Some(notice) => {
                insert_all(&mut tx, people.iter().map(|person| person.member_id), said(notice)?);
            }
            None => {
                for Recipient { member_id, due_at, .. } in &people {
                    insert_all(&mut tx, [*member_id], said(&Notice::Won { due_at: due_at.unwrap_or(now) })?);
                }
            }
        }
        tx.commit().await?;
        Ok(is_last)
    }

    /// What an event is called.
    async fn title(&self, event: EventId) -> Result<Option<String>, Error> {
        let title = self.db.sql("select title from events where id = $1").bind(event);
        Ok(title.optional::<(String,)>().await?.map(|(title,)| title))
    }

    /// Tells whoever sells of what happened at a sale and of all that waits and is the same; with what they were told before and have
    /// not read, that is one notice.
    async fn tell_seller(&self, event: EventId, news: SaleNews) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let times = outbox::take_alike(&mut tx, &Trigger::Seller { event, news }, ALIKE, now).await?;
        let seller: Option<(MemberId,)> =
            tx.sql("select creator_id from events where id = $1").bind(event).optional().await?;
        let Some((seller,)) = seller.filter(|_| times > 0) else { return Ok(tx.commit().await?) };
        let news = news.times(times);
        let sent = match news {
            SaleNews::Orders { count } => Some((WebhookKind::OrderPaid, count)),
            SaleNews::GivenBack { count } => Some((WebhookKind::OrderCancelled, count)),
            SaleNews::SoldOut => None,
        };
        if let Some((kind, count)) = sent {
            webhooks::note(&mut tx, event, kind, &json!({ "event": event, "count": count }), now).await?;
        }
        let unread = unread(&mut tx, seller, Some(event)).await?;
        let before = unread.into_iter().find_map(|(number, text)| match serde_json::from_str(&text) {
            Ok(Notice::Sale { news: before }) => Some((number, before.and(news)?)),
            _ => None,
        });
        let counted = match before {
            // Read meanwhile, or counted on by another node, it says what it says.
            Some((before, news)) => replace(&mut tx, seller, before, &Notice::Sale { news }, now).await?,
            None => false,
        };
        if !counted {
            write(&mut tx, seller, &Notice::Sale { news }, event, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The next of a trigger's audience, as many as are told at once.
    async fn audience(&self, waiting: &Waiting, many: i64) -> Result<Audience, Error> {
        let Waiting { trigger, told, at: written, .. } = waiting;
        let (told, written) = (*told, *written);
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
                    .bind(many)
                    .all()
                    .await?
            }
            Trigger::Changed { event } | Trigger::Cancelled { event, .. } => {
                let (event, first, to) = among(event, 1, i64::MAX as u64);
                self.entrants(event, first, to, many).await?
            }
            Trigger::Entrant { event, rank, .. } => {
                let (event, first, to) = among(event, *rank, *rank);
                self.entrants(event, first, to, many).await?
            }
            Trigger::FavouredMarket { market, by, at, .. } => {
                return self.of_market(*market, *by, told, *at, many).await;
            }
            Trigger::FavouredItem { item, market, by, at, .. } => {
                return self.of_item(*item, *market, *by, told, *at, many).await;
            }
            Trigger::Edited { event } => return self.concerned(*event, None, told, written, many).await,
            Trigger::CalledOff { event, by, .. } => return self.concerned(*event, *by, told, written, many).await,
            Trigger::Wishers { event, at, notice } => return self.of_wish(*event, notice, told, *at, many).await,
            // Of one, who has no rank: see `tell_seller`; and of those who are told once: see `tell_some_subscribers`.
            Trigger::Seller { .. } | Trigger::NewEvent { .. } | Trigger::NewForKeyword { .. } => Vec::new(),
        };
        let told = rows.last().map_or(told, |person| person.rank);
        Ok(Audience { is_last: (rows.len() as i64) < many, people: rows, told })
    }

    async fn entrants(&self, event: EventId, first: i64, to: i64, many: i64) -> Result<Vec<Recipient>, Error> {
        Ok(self
            .db
            .sql(
                "select rank, member_id, cast(null as bigint) as due_at from entries
                 where event_id = $1 and rank > $2 and rank <= $3 order by rank limit $4",
            )
            .bind(event)
            .bind(first)
            .bind(to)
            .bind(many)
            .all()
            .await?)
    }
}
