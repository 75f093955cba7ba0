//! Events: made by creators, read by everybody, with the board of each.

mod form;
mod markdown;
pub(crate) mod personal;
mod sale;

pub use crate::pictures::Pictures;
pub(crate) use calling_off::call_off;
pub use form::EventForm;
pub use sale::SaleForm;
pub(crate) use suspending::{readmit, suspend};
pub use write::{ChangedEvent, NewEvent};

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane},
    limits::Limits,
    payments::Payments,
    sellers::Sellers,
    slots::Slots,
    turnstile::Turnstile,
};
use markdown::Rendered;
use model::{
    BOARD_PAGE, BoardPage, BoardRow, Category, Cursor, EntryState, EventCard, EventId, EventView, Home, Kind, MemberId,
    Moments, MyEvents, Offer, Page, RequestId, Stage, Time, Waitlist, nickname,
};
use std::time::Duration;

/// How many events a list of the home page holds.
const HOME_LIST: i64 = 12;
/// Descriptions that older programs wrote are rendered so many at once, with pauses.
const RENDERED_AT_ONCE: i64 = 20;
const RENDER_PAUSE: Duration = Duration::from_millis(50);
const RENDER_EVERY: Duration = Duration::from_secs(24 * 3600);
const RENDER_AGAIN: Duration = Duration::from_secs(10);
/// How many events a page of a list holds.
const PAGE: usize = 30;

/// The columns of [`CardRow`], from `events e` with its creator and tally; `with` these more.
macro_rules! cards {
    (with $more:literal, $($rest:tt)*) => {
        concat!(
            "select e.id, e.title, coalesce(c.name, m.nickname) as creator, e.kind, e.category, e.card, e.capacity,
                    e.opens_at, e.closes_at, e.published_at, e.cancelled_at, e.settled_at, e.suspended_at, e.created_at,
                    coalesce(t.total, 0) as total, coalesce(t.sold + t.held, t.total, 0) as taken",
            $more,
            " from events e join members m on m.id = e.creator_id
             left join creators c on c.member_id = e.creator_id left join tallies t on t.event_id = e.id ",
            $($rest)*
        )
    };
    ($($rest:tt)*) => {
        cards!(with "", $($rest)*)
    };
}

/// The [`Stage`] of an event at `$2`.
macro_rules! stage {
    () => {
        "case when cancelled_at is not null or settled_at is not null then 'over'
            when published_at is null then 'drafts' when opens_at > $2 then 'upcoming'
            when closes_at > $2 then 'live' else 'closed' end"
    };
}

mod calling_off;
mod edit;
mod exports;
mod lists;
mod mine;
mod revisions;
mod suspending;
mod write;

#[derive(sqlx::FromRow)]
struct CardRow {
    id: EventId,
    title: String,
    creator: String,
    kind: Kind,
    category: Category,
    card: Option<String>,
    capacity: i64,
    opens_at: Time,
    closes_at: Time,
    published_at: Option<Time>,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
    suspended_at: Option<Time>,
    created_at: Time,
    total: i64,
    /// How much of the capacity: entries, or units where they are sold.
    taken: i64,
}

impl CardRow {
    fn card(self, now: Time) -> EventCard {
        let moments = Moments {
            published_at: self.published_at,
            opens_at: self.opens_at,
            closes_at: self.closes_at,
            cancelled_at: self.cancelled_at,
            settled_at: self.settled_at,
            suspended_at: self.suspended_at,
        };
        let (total, capacity) = (self.total as u64, self.capacity as u64);
        EventCard {
            id: self.id,
            title: self.title,
            creator: self.creator,
            kind: self.kind,
            category: self.category,
            card: self.card,
            moments,
            state: moments.state(now, self.taken as u64, capacity),
            capacity,
            total,
            present: 0,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    #[sqlx(flatten)]
    listed: CardRow,
    #[sqlx(flatten)]
    detail: DetailRow,
}

#[derive(sqlx::FromRow)]
struct DetailRow {
    creator_id: MemberId,
    summary: String,
    description: String,
    description_html: Option<String>,
    description_rendered: Option<Vec<u8>>,
    rules: String,
    banner: Option<String>,
    offer: String,
    entry_code: Option<String>,
    cancel_reason: Option<String>,
    suspension: Option<String>,
    revisions: i64,
}

impl DetailRow {
    /// The description as it is shown: as it was rendered when it was written, unless it is another by now.
    fn shown(&mut self) -> String {
        match self.description_html.take() {
            Some(html) if self.description_rendered.as_ref() == Some(&markdown::key(&self.description)) => html,
            _ => Rendered::new(&self.description).html,
        }
    }
}

#[derive(sqlx::FromRow)]
struct BoardEntryRow {
    rank: i64,
    nickname: Option<String>,
    masked: Option<bool>,
    entered_at: Time,
    state: EntryState,
    reason: Option<String>,
}

/// Everything about events. Cheap to clone.
#[derive(Clone)]
pub struct Events {
    db: Db,
    clock: Clock,
    limits: Limits,
    turnstile: Turnstile,
    sellers: Sellers,
    payments: Payments,
    slots: Slots,
}

impl Events {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        turnstile: Turnstile,
        sellers: Sellers,
        payments: Payments,
        slots: Slots,
    ) -> Events {
        Events { db, clock, limits, turnstile, sellers, payments, slots }
    }

    /// Which giveaways open next, which are open and which were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn home(&self) -> Result<Home, Error> {
        let now = self.clock.now();
        macro_rules! giveaways {
            ($rest:literal) => {
                cards!(
                    "where e.kind = 'giveaway' and e.published_at is not null and e.cancelled_at is null and e.suspended_at is null
                        and m.suspended_at is null and ",
                    $rest,
                    " limit $2"
                )
            };
        }
        let read = |text: &'static str| self.db.sql(text).bind(now).bind(HOME_LIST).all::<CardRow>();
        let next = read(giveaways!("e.opens_at > $1 order by e.opens_at")).await?;
        let open = read(giveaways!("e.closes_at > $1 and e.opens_at <= $1 order by e.closes_at")).await?;
        let recent = read(giveaways!("e.closes_at <= $1 order by e.closes_at desc")).await?;
        let cards = |rows: Vec<CardRow>| rows.into_iter().map(|row| row.card(now)).collect();
        Ok(Home { next: cards(next), open: cards(open), recent: cards(recent), now, ..Home::default() })
    }

    /// Published events of a creator, newest first; none that is stopped.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list.
    pub async fn published_by(&self, creator: MemberId, cursor: Option<&Cursor>) -> Result<Page<EventCard>, Error> {
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
        let rows: Vec<CardRow> = self
            .db
            .sql(cards!(
                "where e.creator_id = $1 and (e.created_at, e.id) < ($2, $3) and e.published_at is not null
                    and e.suspended_at is null
                 order by e.created_at desc, e.id desc limit $4"
            ))
            .bind(creator)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        Ok(self.page(rows))
    }

    /// What a creator sells or sold, newest first; what has not opened sold nothing.
    ///
    /// # Errors
    /// For visitors, and for whoever is no creator; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn sold_by(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<Page<EventCard>, Error> {
        let session = actor.signed_in()?;
        if !session.creator {
            return Err(model::Error::Forbidden.into());
        }
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
        let rows: Vec<CardRow> = self
            .db
            .sql(cards!(
                "where e.creator_id = $1 and (e.created_at, e.id) < ($2, $3) and e.published_at is not null
                    and e.kind <> 'giveaway' and e.opens_at <= $5 order by e.created_at desc, e.id desc limit $4"
            ))
            .bind(session.member)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .bind(self.clock.now())
            .all()
            .await?;
        Ok(self.page(rows))
    }

    /// A page of cards.
    fn page(&self, rows: Vec<CardRow>) -> Page<EventCard> {
        let now = self.clock.now();
        Page::of(rows, PAGE, |row| (row.created_at, row.id)).filter_map(|row| Some(row.card(now)))
    }

    /// A creator's own events of a stage, newest first, with how many there are of each.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn of_creator(&self, actor: &Actor, stage: Stage, cursor: Option<&Cursor>) -> Result<MyEvents, Error> {
        let creator = actor.signed_in()?.member;
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
        let now = self.clock.now();
        let counted: Vec<(Stage, i64)> = self
            .db
            .sql(concat!("select ", stage!(), " as stage, count(*) from events where creator_id = $1 group by stage"))
            .bind(creator)
            .bind(now)
            .all()
            .await?;
        let rows: Vec<CardRow> = self
            .db
            .sql(cards!(
                "where e.creator_id = $1 and ($3 = 'all' or $3 = ",
                stage!(),
                ") and (e.created_at, e.id) < ($4, $5) order by e.created_at desc, e.id desc limit $6"
            ))
            .bind(creator)
            .bind(now)
            .bind(stage)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let count =
            |stage| counted.iter().filter(|(of, _)| stage == Stage::All || *of == stage).map(|(_, n)| *n as u64).sum();
        Ok(MyEvents { events: self.page(rows), counts: Stage::ALL.map(count).to_vec(), now })
    }

    /// One event as `reader` may see it; drafts only by their creator.
    ///
    /// # Errors
    /// [`model::Error::NotFound`], also for another's draft; the database may fail.
    pub async fn view(&self, event: EventId, reader: &Actor) -> Result<EventView, Error> {
        let now = self.clock.now();
        let row: Option<ViewRow> = self
            .db
            .sql(cards!(
                with
                ", e.creator_id, e.summary, e.description, e.description_html, e.description_rendered, e.rules, e.banner, e.offer,
                    e.entry_code, e.cancel_reason, e.suspension, (select count(*) from revisions r where r.event_id = e.id) as revisions",
                "where e.id = $1"
            ))
            .bind(event)
            .optional()
            .await?;
        let ViewRow { listed, mut detail } = row.ok_or(model::Error::NotFound)?;
        let card = listed.card(now);
        let description = detail.shown();
        let own = reader.member() == Some(detail.creator_id);
        if card.moments.published_at.is_none() && !own {
            return Err(model::Error::NotFound.into());
        }
        let mine = match reader.member() {
            Some(member) => self.turnstile.entry(event, member).await?,
            None => None,
        };
        Ok(EventView {
            card,
            summary: detail.summary,
            description,
            offered: String::new(),
            terms: String::new(),
            rules: detail.rules,
            banner: detail.banner,
            offer: offer(&detail.offer)?,
            has_code: detail.entry_code.is_some(),
            cancel_reason: detail.cancel_reason,
            suspension: detail.suspension,
            host: detail.creator_id,
            revisions: detail.revisions as u64,
            own,
            prepared: false,
            mine,
            place: None,
            waitlist: Waitlist::default(),
            top: Vec::new(),
            pulse: Vec::new(),
            chat: Vec::new(),
            request: RequestId(crate::ids::new_id(now)),
            now,
        })
    }

    /// The page of the board on which rank `from` stands.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] unless the event is published; the database may fail.
    pub async fn board(&self, event: EventId, from: u64) -> Result<BoardPage, Error> {
        let row: Option<(Time, i64)> = self
            .db
            .sql(
                "select opens_at, coalesce(total, 0) from events left join tallies on event_id = id
                 where id = $1 and published_at is not null",
            )
            .bind(event)
            .optional()
            .await?;
        let (opens_at, total) = row.ok_or(model::Error::NotFound)?;
        let first = BoardPage::first_of(from.clamp(1, i64::MAX as u64 - BOARD_PAGE)) as i64;
        let entries = self.rows(event, opens_at, first, first + BOARD_PAGE as i64).await?;
        Ok(BoardPage { total: total as u64, entries })
    }

    /// Board rows of ranks `from` to before `to`.
    async fn rows(&self, event: EventId, opens_at: Time, from: i64, to: i64) -> Result<Vec<BoardRow>, Error> {
        let rows: Vec<BoardEntryRow> = self
            .db
            .sql(
                "select e.rank, m.nickname, m.masked, e.entered_at, e.state, d.reason
                 from entries e left join members m on m.id = e.member_id
                 left join disqualifications d on d.event_id = e.event_id and d.rank = e.rank
                 where e.event_id = $1 and e.rank >= $2 and e.rank < $3 order by e.rank",
            )
            .bind(event)
            .bind(from)
            .bind(to)
            .all()
            .await?;
        let shown = |row: &BoardEntryRow| match &row.nickname {
            Some(name) if row.masked == Some(true) => nickname::mask(name),
            Some(name) => name.clone(),
            // Their member is erased.
            None => "***".into(),
        };
        Ok(rows
            .into_iter()
            .map(|row| BoardRow {
                rank: row.rank as u64,
                nickname: shown(&row),
                since_open: row.entered_at.since(opens_at),
                state: row.state,
                reason: row.reason,
            })
            .collect())
    }

    /// The first `count` ranks, and the newest `recent` ones behind them, of an event that opened at `opens_at`.
    pub(crate) async fn ends(
        &self,
        event: EventId,
        opens_at: Time,
        total: u64,
        count: u64,
        recent: u64,
    ) -> Result<(Vec<BoardRow>, Vec<BoardRow>), Error> {
        let top = self.rows(event, opens_at, 1, count as i64 + 1).await?;
        let behind = (total + 1).saturating_sub(recent).max(count + 1);
        let last = self.rows(event, opens_at, behind as i64, total as i64 + 1).await?;
        Ok((top, last))
    }

    /// Renders descriptions that were written by a program that did not, or did it otherwise; until then each page does so.
    /// Runs until the program ends.
    pub(crate) async fn render_older(self) {
        let mut after = EventId(uuid::Uuid::nil());
        loop {
            match self.render_some(after).await {
                Ok(Some(last)) => after = last,
                Ok(None) => {
                    after = EventId(uuid::Uuid::nil());
                    tokio::time::sleep(RENDER_EVERY).await;
                }
                Err(error) => {
                    tracing::warn!(%error, "descriptions cannot be rendered yet");
                    tokio::time::sleep(RENDER_AGAIN).await;
                }
            }
            // They are in no hurry.
            tokio::time::sleep(RENDER_PAUSE).await;
        }
    }

    /// The next of them behind an id; the last of these, unless there are no more.
    async fn render_some(&self, after: EventId) -> Result<Option<EventId>, Error> {
        let rows: Vec<(EventId, String)> = self
            .db
            .sql(
                "select id, description from events where id > $1
                    and (description_rendered is null or substr(description_rendered, 1, 1) <> $2)
                 order by id limit $3",
            )
            .bind(after)
            .bind(vec![markdown::VERSION])
            .bind(RENDERED_AT_ONCE)
            .all()
            .await?;
        let last = rows.last().map(|(id, _)| *id);
        for (event, text) in rows {
            let Rendered { html, of } = Rendered::new(&text);
            let mut tx = self.db.begin(Lane::Other).await?;
            let update =
                "update events set description_html = $1, description_rendered = $2 where id = $3 and description = $4";
            tx.sql(update).bind(html).bind(of).bind(event).bind(text).run().await?;
            tx.commit().await?;
        }
        Ok(last)
    }

    /// Whether anything was ever made here.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn any(&self) -> Result<bool, Error> {
        Ok(self.db.sql("select 1 from events limit 1").exists().await?)
    }
}

fn offer(json: &str) -> Result<Offer, Error> {
    serde_json::from_str(json).map_err(|error| {
        tracing::error!(%error, "an offer cannot be read");
        model::Error::Internal.into()
    })
}
