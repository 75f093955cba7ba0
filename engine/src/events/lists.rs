//! Deals and tickets in lists, and what a member wishes for: by keys that indices hold, at most a page at a time.

use super::{CardRow, Events, offer};
use crate::{Error, accounts::Actor, db::Sql};
use model::{
    Cursor, DAY, Deals, DealsQuery, EventId, MemberId, Offer, Page, SaleCard, Tickets, TicketsQuery, Time, Wishes,
    sales::{WISHES_COUNTED, price_each},
};
use std::{collections::HashSet, sync::LazyLock};
use uuid::Uuid;

/// How many a page holds.
const PAGE: usize = 30;
/// How many of those that were over today stand below today's.
const OVER: i64 = 12;
/// How many the home page shows.
const HOME: usize = 6;

/// The columns of [`SaleRow`], as the reader `$1` sees them.
macro_rules! sales {
    ($($rest:tt)*) => {
        concat!(
            "select e.id, e.title, coalesce(c.name, m.nickname) as creator, e.kind, e.category, e.card, e.capacity,
                    e.opens_at, e.closes_at, e.published_at, e.cancelled_at, e.settled_at, e.suspended_at, e.created_at,
                    coalesce(t.total, 0) as total, coalesce(t.sold + t.held, t.total, 0) as taken, coalesce(t.held, 0) as paying,
                    t.full_at, e.offer, e.starts_at,
                    (select count(*) from (select 1 from wishes w where w.event_id = e.id limit $2) counted) as wishes,
                    (select count(*) from wishes w where w.event_id = e.id and w.member_id = $1) as wished
             from events e join members m on m.id = e.creator_id
             left join creators c on c.member_id = e.creator_id left join tallies t on t.event_id = e.id ",
            $($rest)*
        )
    };
}

/// What everybody is shown in lists, and finds: nothing that is stopped or of who is suspended. Its own page, which those who entered
/// it need, stays.
macro_rules! public {
    () => {
        "e.published_at is not null and e.cancelled_at is null and e.suspended_at is null and m.suspended_at is null"
    };
}

/// How many are looked up at once by their ids.
const LOOKED_UP: usize = 20;
/// Of how many wishes it is looked at for the home page what comes.
const WISHED_LAST: i64 = 200;

static WISHED: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (2..2 + LOOKED_UP).map(|place| format!("${place}")).collect();
    format!("select event_id from wishes where member_id = $1 and event_id in ({})", places.join(", "))
});

static BY_ID: LazyLock<String> = LazyLock::new(|| {
    let places: Vec<_> = (3..3 + LOOKED_UP).map(|place| format!("${place}")).collect();
    format!(concat!(sales!("where e.id in ({}) and "), public!()), places.join(", "))
});

#[derive(sqlx::FromRow)]
struct SaleRow {
    #[sqlx(flatten)]
    card: CardRow,
    paying: i64,
    /// When all were given; 0 while not all were.
    full_at: Option<Time>,
    offer: String,
    starts_at: Option<Time>,
    wishes: i64,
    wished: i64,
}

impl SaleRow {
    fn card(self, now: Time) -> Result<SaleCard, Error> {
        let offer = offer(&self.offer)?;
        let price = price_each(&offer);
        let (list_price, discount, held) = match offer {
            Offer::Deal { list_price, discount, .. } => (list_price, discount, None),
            Offer::Ticket { place, starts_at, .. } => (price, 0, Some((place, starts_at))),
            Offer::Giveaway { .. } => (price, 0, None),
        };
        let left = (self.card.capacity - self.card.taken).max(0) as u64;
        let paying = self.paying as u64;
        let gone_in = self.full_at.filter(|at| *at > Time(0)).map(|at| at.since(self.card.opens_at));
        let (event, wishes, wished) = (self.card.card(now), self.wishes as u64, self.wished > 0);
        Ok(SaleCard { event, price, list_price, discount, held, left, paying, gone_in, wishes, wished, waiting: 0 })
    }

    fn opening(&self) -> (Time, EventId) {
        (self.card.opens_at, self.card.id)
    }

    fn closing(&self) -> (Time, EventId) {
        (self.card.closes_at, self.card.id)
    }

    fn start(&self) -> (Time, EventId) {
        (self.starts_at.unwrap_or_default(), self.card.id)
    }
}

/// Before the key of every row, for a list that is read forwards.
fn after(cursor: Option<&Cursor>) -> Result<(Time, EventId), model::Error> {
    cursor.map_or(Ok((Time(i64::MIN), EventId(Uuid::nil()))), Cursor::key)
}

/// Whose wishes are marked: nobody's for a visitor.
fn reader(actor: &Actor) -> MemberId {
    actor.member().unwrap_or(MemberId(Uuid::nil()))
}

impl Events {
    /// The deals that were asked for: of a day those that are open on it and not over yet, in the order in which they open.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn deals(&self, actor: &Actor, query: DealsQuery) -> Result<Deals, Error> {
        let now = self.clock.now();
        let today = now.midnight();
        let day = query.day.unwrap_or(today);
        let cards = if query.ended {
            self.ended_deals(actor, &query, now).await?
        } else {
            // Of today what is over by now stands apart.
            let from = if day == today { now } else { day };
            self.deals_of(actor, &query, day, from, now).await?
        };
        let shows_over = !query.ended && query.after.is_none() && day == today;
        let over = if shows_over { self.over_since(actor, &query, today, now).await? } else { Vec::new() };
        Ok(Deals { query, cards, over, now })
    }

    /// Those that are open at some time of a day, from a moment of it on.
    async fn deals_of(
        &self,
        actor: &Actor,
        query: &DealsQuery,
        day: Time,
        from: Time,
        now: Time,
    ) -> Result<Page<SaleCard>, Error> {
        let (at, id) = after(query.after.as_ref())?;
        let rows: Vec<SaleRow> = self
            .db
            .sql(sales!(
                // Nothing that opened earlier is still open: deals have a longest time.
                "where e.kind = 'deal' and e.opens_at >= $3 and e.opens_at < $4 and e.closes_at > $5 and ($6 = '' or e.category = $6)
                    and (e.opens_at, e.id) > ($7, $8) and ",
                public!(),
                " order by e.opens_at, e.id limit $9"
            ))
            .bind(reader(actor))
            .bind(WISHES_COUNTED as i64)
            .bind(from - super::sale::DEAL_LASTS)
            .bind(day + DAY)
            .bind(from)
            .bind(query.category.map_or("", |category| category.name()))
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        page(rows, SaleRow::opening, now)
    }

    /// Those that are over, newest first.
    async fn ended_deals(&self, actor: &Actor, query: &DealsQuery, now: Time) -> Result<Page<SaleCard>, Error> {
        let (at, id): (Time, EventId) = Cursor::before(query.after.as_ref())?;
        macro_rules! ended {
            ($category:literal) => {
                sales!(
                    "where e.kind = 'deal' and e.closes_at <= $3 and (e.closes_at, e.id) < ($4, $5)",
                    $category,
                    " and ",
                    public!(),
                    " order by e.closes_at desc, e.id desc limit $6"
                )
            };
        }
        // Two texts, so that each has its index.
        let sql = if query.category.is_some() { ended!(" and e.category = $7") } else { ended!("") };
        let mut sql = self.db.sql(sql).bind(reader(actor)).bind(WISHES_COUNTED as i64);
        sql = sql.bind(now).bind(at).bind(id).bind(PAGE as i64 + 1);
        if let Some(category) = query.category {
            sql = sql.bind(category);
        }
        page(sql.all().await?, SaleRow::closing, now)
    }

    /// Those that were over since a moment, newest first, as many as stand below today's.
    async fn over_since(
        &self,
        actor: &Actor,
        query: &DealsQuery,
        since: Time,
        now: Time,
    ) -> Result<Vec<SaleCard>, Error> {
        let rows: Vec<SaleRow> = self
            .db
            .sql(sales!(
                "where e.kind = 'deal' and e.closes_at >= $3 and e.closes_at <= $4 and ($5 = '' or e.category = $5) and ",
                public!(),
                " order by e.closes_at desc, e.id desc limit $6"
            ))
            .bind(reader(actor))
            .bind(WISHES_COUNTED as i64)
            .bind(since)
            .bind(now)
            .bind(query.category.map_or("", |category| category.name()))
            .bind(OVER)
            .all()
            .await?;
        rows.into_iter().map(|row| row.card(now)).collect()
    }

    /// The tickets that were asked for: for what is to come in the order in which it begins; for what has begun, newest first.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn tickets(&self, actor: &Actor, query: TicketsQuery) -> Result<Tickets, Error> {
        let now = self.clock.now();
        let (at, id) = match query.past {
            true => Cursor::before(query.after.as_ref())?,
            false => after(query.after.as_ref())?,
        };
        macro_rules! tickets {
            (past $category:literal) => {
                tickets!(
                    "e.starts_at <= $3 and (e.starts_at, e.id) < ($4, $5)",
                    $category,
                    "e.starts_at desc, e.id desc"
                )
            };
            (next $category:literal) => {
                tickets!("e.starts_at > $3 and (e.starts_at, e.id) > ($4, $5)", $category, "e.starts_at, e.id")
            };
            ($when:literal, $category:literal, $order:literal) => {
                sales!("where ", $when, $category, " and ", public!(), " order by ", $order, " limit $6")
            };
        }
        // A text for each, so that each has its index.
        let sql = match (query.past, query.category) {
            (false, None) => tickets!(next ""),
            (false, Some(_)) => tickets!(next " and e.category = $7"),
            (true, None) => tickets!(past ""),
            (true, Some(_)) => tickets!(past " and e.category = $7"),
        };
        let mut sql = self.db.sql(sql).bind(reader(actor)).bind(WISHES_COUNTED as i64);
        sql = sql.bind(now).bind(at).bind(id).bind(PAGE as i64 + 1);
        if let Some(category) = query.category {
            sql = sql.bind(category);
        }
        let rows: Vec<SaleRow> = sql.all().await?;
        Ok(Tickets { query, cards: page(rows, SaleRow::start, now)?, now })
    }

    /// Events by their ids, as many as everybody may see, in the order of the ids.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn cards_of(&self, actor: &Actor, ids: &[EventId]) -> Result<Vec<SaleCard>, Error> {
        let now = self.clock.now();
        let mut cards = Vec::with_capacity(ids.len());
        for ids in ids.chunks(LOOKED_UP) {
            let padded = ids.iter().copied().chain(std::iter::repeat(EventId(Uuid::nil()))).take(LOOKED_UP);
            let sql = self.db.sql(&BY_ID).bind(reader(actor)).bind(WISHES_COUNTED as i64);
            let rows: Vec<SaleRow> = padded.fold(sql, Sql::bind).all().await?;
            for row in rows {
                cards.push(row.card(now)?);
            }
        }
        cards.sort_by_key(|card| ids.iter().position(|id| *id == card.event.id));
        Ok(cards)
    }

    /// What of these the reader wishes for; at most [`LOOKED_UP`] are looked at.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn wished_among(&self, actor: &Actor, ids: &[EventId]) -> Result<HashSet<EventId>, Error> {
        let Some(member) = actor.member().filter(|_| !ids.is_empty()) else { return Ok(HashSet::new()) };
        let padded = ids.iter().copied().chain(std::iter::repeat(EventId(Uuid::nil()))).take(LOOKED_UP);
        let sql = self.db.sql(&WISHED).bind(member);
        let rows: Vec<(EventId,)> = padded.fold(sql, Sql::bind).all().await?;
        Ok(rows.into_iter().map(|(event,)| event).collect())
    }

    /// Of what the reader wished for last, what is open or to come, in the order in which it opens.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn wishes_to_come(&self, actor: &Actor) -> Result<Vec<SaleCard>, Error> {
        let now = self.clock.now();
        let rows: Vec<SaleRow> = self
            .db
            .sql(sales!(
                "join (select event_id from wishes where member_id = $1 order by at desc, event_id desc limit $3) mine
                    on mine.event_id = e.id
                 where e.closes_at > $4 and ",
                public!(),
                " order by e.opens_at, e.id limit $5"
            ))
            .bind(reader(actor))
            .bind(WISHES_COUNTED as i64)
            .bind(WISHED_LAST)
            .bind(now)
            .bind(HOME as i64)
            .all()
            .await?;
        rows.into_iter().map(|row| row.card(now)).collect()
    }

    /// What a member was told of by their subscriptions and has not opened yet, the first to open first: as many as the home page shows.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn new_for(&self, actor: &Actor) -> Result<Vec<SaleCard>, Error> {
        let now = self.clock.now();
        let rows: Vec<SaleRow> = self
            .db
            .sql(sales!(
                "join event_alerts told on told.event_id = e.id and told.member_id = $1
                 where e.opens_at > $3 and ",
                public!(),
                " order by e.opens_at, e.id limit $4"
            ))
            .bind(reader(actor))
            .bind(WISHES_COUNTED as i64)
            .bind(now)
            .bind(HOME as i64)
            .all()
            .await?;
        rows.into_iter().map(|row| row.card(now)).collect()
    }

    /// What the home page shows of both.
    ///
    /// # Errors
    /// The database's.
    pub async fn shelves(&self, actor: &Actor) -> Result<(Vec<SaleCard>, Vec<SaleCard>), Error> {
        let deals = self.deals(actor, DealsQuery::default()).await?;
        let tickets = self.tickets(actor, TicketsQuery::default()).await?;
        let first = |page: Page<SaleCard>| page.rows.into_iter().take(HOME).collect();
        Ok((first(deals.cards), first(tickets.cards)))
    }

    /// What a member wishes for, wished for last first.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors, [`model::Error::NotFound`] for a cursor of another list.
    pub async fn wishes_of(&self, actor: &Actor, cursor: Option<&Cursor>) -> Result<Wishes, Error> {
        #[derive(sqlx::FromRow)]
        struct Wished {
            #[sqlx(flatten)]
            sale: SaleRow,
            at: Time,
        }
        let member = actor.signed_in()?.member;
        let (at, id): (Time, EventId) = Cursor::before(cursor)?;
        let now = self.clock.now();
        let rows: Vec<Wished> = self
            .db
            .sql(
                "select e.id, e.title, coalesce(c.name, m.nickname) as creator, e.kind, e.category, e.card, e.capacity,
                    e.opens_at, e.closes_at, e.published_at, e.cancelled_at, e.settled_at, e.suspended_at, e.created_at,
                    coalesce(t.total, 0) as total, coalesce(t.sold + t.held, t.total, 0) as taken, coalesce(t.held, 0) as paying,
                    t.full_at, e.offer, e.starts_at, mine.at, cast(1 as bigint) as wished,
                    (select count(*) from (select 1 from wishes w where w.event_id = e.id limit $2) counted) as wishes
                 from wishes mine join events e on e.id = mine.event_id join members m on m.id = e.creator_id
                 left join creators c on c.member_id = e.creator_id left join tallies t on t.event_id = e.id
                 where mine.member_id = $1 and (mine.at, mine.event_id) < ($3, $4)
                 order by mine.at desc, mine.event_id desc limit $5",
            )
            .bind(member)
            .bind(WISHES_COUNTED as i64)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let Page { rows, next } = Page::of(rows, PAGE, |row| (row.at, row.sale.card.id));
        let rows = rows.into_iter().map(|row| row.sale.card(now)).collect::<Result<_, _>>()?;
        Ok(Wishes { cards: Page { rows, next }, now })
    }
}

/// A page of cards.
fn page(rows: Vec<SaleRow>, key: fn(&SaleRow) -> (Time, EventId), now: Time) -> Result<Page<SaleCard>, Error> {
    let Page { rows, next } = Page::of(rows, PAGE, key);
    Ok(Page { rows: rows.into_iter().map(|row| row.card(now)).collect::<Result<_, _>>()?, next })
}
