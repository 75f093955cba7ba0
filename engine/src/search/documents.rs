//! What is found, as it is read from the database: only what everybody may see. The index is made of these, and results are read again
//! before they are shown, so that one rule decides both.

use crate::{
    Error,
    db::{Db, Sql},
};
use model::{Category, EventId, ItemCategory, Kind, MarketKind, Offer, Time, search::FoundKind};
use std::sync::LazyLock;
use uuid::Uuid;

/// Things that are looked up in one statement.
const AT_ONCE: usize = 50;

/// Where things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    Event,
    Party,
    Creator,
    Market,
    Item,
}

impl Source {
    pub const ALL: [Source; 5] = [Source::Event, Source::Party, Source::Creator, Source::Market, Source::Item];

    /// Where a thing of a kind is kept.
    pub fn of(kind: FoundKind) -> Source {
        match kind {
            FoundKind::Giveaway | FoundKind::Deal | FoundKind::Ticket => Source::Event,
            FoundKind::Party => Source::Party,
            FoundKind::Creator => Source::Creator,
            FoundKind::Market => Source::Market,
            FoundKind::Item => Source::Item,
        }
    }

    /// The statement that reads what everybody may see, the column of its ids, and that of its titles.
    fn text(self) -> (&'static str, &'static str, &'static str) {
        match self {
            // Of a description its beginning, and of wishes as many as are counted.
            Source::Event => (
                "select e.id, e.title, e.summary, substr(e.description, 1, 2000) as description, e.kind, e.category, e.offer,
                        e.opens_at, e.closes_at, coalesce(c.name, m.nickname) as creator, coalesce(t.total, 0) as total,
                        e.capacity, coalesce(t.sold + t.held, t.total, 0) as taken, coalesce(t.held, 0) as paying,
                        (select count(*) from (select 1 from wishes w where w.event_id = e.id limit 1000) counted) as wishes
                 from events e join members m on m.id = e.creator_id
                 left join creators c on c.member_id = e.creator_id left join tallies t on t.event_id = e.id
                 where e.published_at is not null and e.cancelled_at is null and e.suspended_at is null and m.suspended_at is null",
                "e.id",
                "e.title",
            ),
            Source::Party => (
                "select p.id, i.name as title, i.category, m.name as market, m.address, p.note, p.meets_from
                 from parties p join items i on i.id = p.item_id join markets m on m.id = p.market_id
                 join members l on l.id = p.leader_id
                 where p.state in ('recruiting', 'full') and l.suspended_at is null",
                "p.id",
                "i.name",
            ),
            Source::Creator => (
                "select c.member_id as id, c.name as title, c.introduction
                 from creators c join members m on m.id = c.member_id where m.suspended_at is null and m.left_at is null",
                "c.member_id",
                "c.name",
            ),
            Source::Market => ("select k.id, k.name as title, k.kind, k.address from markets k where k.hidden_at is null", "k.id", "k.name"),
            Source::Item => ("select i.id, i.name as title, i.category from items i where true", "i.id", "i.name"),
        }
    }
}

/// Something that is found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    pub kind: FoundKind,
    pub id: Uuid,
    pub title: String,
    /// What else it is found by, what says most first.
    pub texts: Vec<String>,
    /// When it opens and when it is over; `None` for what is always there.
    pub times: Option<(Time, Time)>,
    /// How many bits the number of those has who entered it or wish for it.
    pub popularity: u8,
    /// How much an event releases, and what of it is taken.
    pub places: Option<Places>,
}

/// What an event releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub capacity: u64,
    /// By entries, or where something is sold by units, those of `paying` as well.
    pub taken: u64,
    /// Units that are set aside while they are paid for.
    pub paying: u64,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: Uuid,
    title: String,
    summary: String,
    description: String,
    kind: Kind,
    category: Category,
    offer: String,
    opens_at: Time,
    closes_at: Time,
    creator: String,
    total: i64,
    capacity: i64,
    taken: i64,
    paying: i64,
    wishes: i64,
}

#[derive(sqlx::FromRow)]
struct PartyRow {
    id: Uuid,
    title: String,
    category: ItemCategory,
    market: String,
    address: String,
    note: String,
    meets_from: Time,
}

#[derive(sqlx::FromRow)]
struct CreatorRow {
    id: Uuid,
    title: String,
    introduction: String,
}

#[derive(sqlx::FromRow)]
struct MarketRow {
    id: Uuid,
    title: String,
    kind: MarketKind,
    address: String,
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    id: Uuid,
    title: String,
    category: ItemCategory,
}

/// How many bits a count has.
pub(super) fn popularity(count: u64) -> u8 {
    (u64::BITS - count.leading_zeros()).min(31) as u8
}

impl From<EventRow> for Document {
    fn from(row: EventRow) -> Document {
        let offered: Vec<String> = match serde_json::from_str(&row.offer) {
            Ok(Offer::Giveaway { prizes }) => prizes.into_iter().map(|prize| prize.name).collect(),
            Ok(Offer::Ticket { place, address, .. }) => vec![place, address],
            Ok(Offer::Deal { .. }) => Vec::new(),
            Err(error) => {
                tracing::error!(%error, event = %EventId(row.id), "an offer cannot be read");
                Vec::new()
            }
        };
        let mut texts = vec![row.summary, row.creator];
        texts.extend(offered);
        // In both languages, whichever one reads the site in.
        texts.extend(row.category.korean().map(|korean| both(korean, row.category.name())));
        texts.push(row.description);
        Document {
            kind: FoundKind::of(row.kind),
            id: row.id,
            title: row.title,
            texts,
            times: Some((row.opens_at, row.closes_at)),
            popularity: popularity((row.total + row.wishes).max(0) as u64),
            places: Some(Places { capacity: row.capacity as u64, taken: row.taken as u64, paying: row.paying as u64 }),
        }
    }
}

impl From<PartyRow> for Document {
    fn from(row: PartyRow) -> Document {
        Document {
            kind: FoundKind::Party,
            id: row.id,
            title: row.title,
            texts: vec![row.note, row.market, row.address, both(row.category.korean(), row.category.name())],
            // Open to those who would join until it meets.
            times: Some((Time(0), row.meets_from)),
            popularity: 0,
            places: None,
        }
    }
}

impl From<CreatorRow> for Document {
    fn from(row: CreatorRow) -> Document {
        always(FoundKind::Creator, row.id, row.title, vec![row.introduction])
    }
}

impl From<MarketRow> for Document {
    fn from(row: MarketRow) -> Document {
        always(FoundKind::Market, row.id, row.title, vec![row.address, both(row.kind.korean(), row.kind.name())])
    }
}

impl From<ItemRow> for Document {
    fn from(row: ItemRow) -> Document {
        always(FoundKind::Item, row.id, row.title, vec![both(row.category.korean(), row.category.name())])
    }
}

/// A name in Korean and in English.
fn both(korean: &str, english: &str) -> String {
    format!("{korean} {}", english.replace('_', " "))
}

/// What has no times.
fn always(kind: FoundKind, id: Uuid, title: String, texts: Vec<String>) -> Document {
    Document { kind, id, title, texts, times: None, popularity: 0, places: None }
}

/// A statement of each source.
fn statements(make: impl Fn(&str, &str, &str) -> String) -> [String; 5] {
    Source::ALL.map(|source| {
        let (text, id, title) = source.text();
        make(text, id, title)
    })
}

/// The places of [`some_of`] in a statement.
fn places() -> String {
    (1..=AT_ONCE).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}

/// A statement with some ids, at most [`AT_ONCE`].
fn some_of<'s>(sql: Sql<'s>, ids: &[Uuid]) -> Sql<'s> {
    ids.iter().copied().chain(std::iter::repeat(Uuid::nil())).take(AT_ONCE).fold(sql, Sql::bind)
}

static BY_ID: LazyLock<[String; 5]> = LazyLock::new(|| {
    let places = places();
    statements(|text, id, _| format!("{text} and {id} in ({places})"))
});
static AT_MARKETS: LazyLock<String> = LazyLock::new(|| parties_by("market_id"));
static OF_ITEMS: LazyLock<String> = LazyLock::new(|| parties_by("item_id"));

fn parties_by(column: &str) -> String {
    format!("select id from parties where state in ('recruiting', 'full') and {column} in ({})", places())
}

static AFTER: LazyLock<[String; 5]> =
    LazyLock::new(|| statements(|text, id, _| format!("{text} and {id} > $1 order by {id} limit $2")));
static TITLED: LazyLock<[String; 5]> =
    LazyLock::new(|| statements(|text, _, title| format!("{text} and lower({title}) like $1 escape '!' limit $2")));
/// Events of one kind.
static EVENTS_TITLED: LazyLock<String> = LazyLock::new(|| {
    let (text, _, title) = Source::Event.text();
    format!("{text} and lower({title}) like $1 escape '!' and e.kind = $3 limit $2")
});

async fn rows(source: Source, sql: Sql<'_>) -> Result<Vec<Document>, Error> {
    macro_rules! read {
        ($row:ty) => {
            sql.all::<$row>().await?.into_iter().map(Document::from).collect()
        };
    }
    Ok(match source {
        Source::Event => read!(EventRow),
        Source::Party => read!(PartyRow),
        Source::Creator => read!(CreatorRow),
        Source::Market => read!(MarketRow),
        Source::Item => read!(ItemRow),
    })
}

/// Those of some ids that everybody may see, in any order.
pub(super) async fn by_id(db: &Db, source: Source, ids: &[Uuid]) -> Result<Vec<Document>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        found.extend(rows(source, some_of(db.sql(&BY_ID[source as usize]), ids)).await?);
    }
    Ok(found)
}

/// Parties that are called after some items, or are found by what some markets say of themselves.
pub(super) async fn parties_of(db: &Db, source: Source, ids: &[Uuid]) -> Result<Vec<Uuid>, Error> {
    let text = match source {
        Source::Market => &AT_MARKETS,
        Source::Item => &OF_ITEMS,
        Source::Event | Source::Party | Source::Creator => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let parties: Vec<(Uuid,)> = some_of(db.sql(text), ids).all().await?;
        found.extend(parties.into_iter().map(|(id,)| id));
    }
    Ok(found)
}

/// The next so many in the order of their ids.
pub(super) async fn after(db: &Db, source: Source, id: Uuid, limit: i64) -> Result<Vec<Document>, Error> {
    rows(source, db.sql(&AFTER[source as usize]).bind(id).bind(limit)).await
}

/// Some whose title has a text in it, of one kind or of all, while there is no index: the database looks through all of them.
pub(super) async fn titled(
    db: &Db,
    source: Source,
    kind: Option<FoundKind>,
    text: &str,
    limit: i64,
) -> Result<Vec<Document>, Error> {
    if kind.is_some_and(|kind| Source::of(kind) != source) {
        return Ok(Vec::new());
    }
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let like = format!("%{escaped}%");
    let of_kind = match kind {
        Some(FoundKind::Giveaway) => Some(Kind::Giveaway),
        Some(FoundKind::Deal) => Some(Kind::Deal),
        Some(FoundKind::Ticket) => Some(Kind::Ticket),
        _ => None,
    };
    match of_kind {
        Some(kind) => rows(source, db.sql(&EVENTS_TITLED).bind(like).bind(limit).bind(kind)).await,
        None => rows(source, db.sql(&TITLED[source as usize]).bind(like).bind(limit)).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{accounts, db::Lane};
    use testing::{On, Place, both};

    #[derive(sqlx::FromRow)]
    struct Step {
        detail: String,
    }

    /// A catalogue of thousands of items is followed however many parties there are.
    #[tokio::test]
    async fn parties_of_markets_and_items_are_found_by_indices() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        for (text, index) in [(&AT_MARKETS, "parties_by_market"), (&OF_ITEMS, "parties_by_item")] {
            let explain: &'static str = format!("explain query plan {}", **text).leak();
            let plan: Vec<Step> = some_of(db.sql(explain), &[]).all().await.unwrap();
            let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
            let searched = format!("SEARCH parties USING INDEX {index}");
            assert!(steps.iter().any(|step| step.starts_with(&searched)), "{steps:?}");
        }
    }

    both!(without_an_index_those_of_a_kind_are_found_behind_many_of_another);
    async fn without_an_index_those_of_a_kind_are_found_behind_many_of_another(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let creator = accounts::testing::member(&db, 1).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        for number in 0..6u128 {
            let kind = if number == 5 { Kind::Deal } else { Kind::Giveaway };
            tx.sql(
                "insert into events (id, request_id, creator_id, kind, title, summary, description, category, opens_at, closes_at, rules,
                    offer, capacity, created_at, published_at)
                 values ($1, $1, $2, $3, '겨울 머그', '', '', 'living', 1, 2, '', '{}', 1, 0, 0)",
            )
            .bind(Uuid::from_u128(number))
            .bind(creator)
            .bind(kind)
            .run()
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        let found = async |kind| titled(&db, Source::Event, kind, "머그", 5).await.unwrap();
        assert_eq!(found(None).await.len(), 5);
        let deals = found(Some(FoundKind::Deal)).await;
        assert_eq!(deals.iter().map(|deal| deal.id).collect::<Vec<_>>(), [Uuid::from_u128(5)]);
        assert!(found(Some(FoundKind::Market)).await.is_empty());
    }
}
