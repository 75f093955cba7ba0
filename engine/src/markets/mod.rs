//! Markets, where goods are sold in bulk, and the items of the catalogue.

mod catalogue;
mod correcting;
mod favourites;
mod import;
mod items;
mod map;
mod near;
pub(crate) mod personal;
mod places;
mod suggestions;
#[cfg(test)]
mod tests;

pub use catalogue::{AT_ONCE, Catalogue, Imported, import_included, import_items};
pub(crate) use near::{CellRows, within};
pub use places::{Geocoder, Kakao};

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Tx, retried},
    ids,
    limits::{Limits, Searcher},
};
use model::{
    Coordinates, Cursor, DAY, FormErrors, Item, ItemCategory, ItemDraft, ItemId, Market, MarketDraft, MarketError,
    MarketId, MarketKind, MemberId, Page, Time,
    markets::{Cell, Place, distance},
    text,
};
use near::MARKETS;
use suggestions::Suggestions;

/// Two markets called alike are one when they are so near, in metres.
const SAME_WITHIN: f64 = 300.0;
/// How many markets a member may add in a day.
const A_DAY: i64 = 5;

/// Markets in a page of the admins' list.
const LISTED: usize = 30;

#[derive(sqlx::FromRow)]
pub(crate) struct MarketRow {
    pub market_id: MarketId,
    pub market_name: String,
    pub market_kind: MarketKind,
    pub address: String,
    pub latitude: f64,
    pub longitude: f64,
    pub demonstration: bool,
}

/// The columns of [`MarketRow`] from a table `m`.
macro_rules! market_columns {
    () => {
        "m.id as market_id, m.name as market_name, m.kind as market_kind, m.address, m.latitude, m.longitude, m.demonstration"
    };
}
pub(crate) use market_columns;

impl MarketRow {
    pub(crate) fn market(self) -> Market {
        Market {
            id: self.market_id,
            name: self.market_name,
            kind: self.market_kind,
            address: self.address,
            at: Coordinates { latitude: self.latitude, longitude: self.longitude },
            demonstration: self.demonstration,
        }
    }
}

/// A market as admins list it.
#[derive(sqlx::FromRow)]
struct AdminsRow {
    #[sqlx(flatten)]
    market: MarketRow,
    hidden: bool,
}

#[derive(sqlx::FromRow)]
pub(crate) struct ItemRow {
    pub item_id: ItemId,
    pub category: ItemCategory,
    pub item_name: String,
}

impl ItemRow {
    pub(crate) fn item(self) -> Item {
        Item { id: self.item_id, category: self.category, name: self.item_name }
    }
}

/// Markets and items. Cheap to clone.
#[derive(Clone)]
pub struct Markets {
    db: Db,
    clock: Clock,
    limits: Limits,
    /// Where items are imported from.
    catalogue: Option<Catalogue>,
    /// Who knows where addresses are.
    geocoder: Geocoder,
    suggestions: Suggestions,
}

impl Markets {
    pub(crate) fn new(
        db: Db,
        clock: Clock,
        limits: Limits,
        catalogue: Option<Catalogue>,
        geocoder: Geocoder,
    ) -> Markets {
        Markets { db, clock, limits, catalogue, geocoder, suggestions: Suggestions::default() }
    }

    /// Adds a market as a member typed it: name, kind, address, latitude and longitude; without the last two it is where its address
    /// says. One that is there under the same name and address is that one.
    ///
    /// # Errors
    /// For visitors and suspended members, [`model::Error::TooMany`], [`model::Error::Invalid`] by field; [`MarketError::Unclear`] for
    /// an address that does not say where; [`MarketError::Near`] when one that is called so is around; [`MarketError::Hidden`]; [`MarketError::EnoughToday`];
    /// who knows where addresses are, or the database, may fail.
    pub async fn add(&self, actor: &Actor, typed: [&str; 5]) -> Result<MarketId, Error> {
        let member = actor.active()?.member;
        let [name, kind, address, latitude, longitude] = typed;
        let by_address = latitude.trim().is_empty() && longitude.trim().is_empty();
        let mut errors = FormErrors::default();
        let typed = if by_address { [name, kind, address, "0", "0"] } else { typed };
        let draft = MarketDraft::typed(typed, &mut errors);
        errors.into_result()?;
        let mut draft = draft.ok_or(model::Error::Malformed)?;
        self.limits.creation(member).await?;
        if by_address {
            let place = self.geocoder.find(&draft.address).await?.filter(|place| place.exact);
            draft.at = place.ok_or(model::Error::from(MarketError::Unclear))?.at;
        }
        let around: Vec<MarketRow> = within(&self.db, &MARKETS, draft.at, SAME_WITHIN, |sql| sql).await?;
        let key = text::key(&draft.name);
        let same = |name: &str| name.contains(&key) || key.contains(name);
        let same = around
            .into_iter()
            .map(MarketRow::market)
            .find(|market| distance(draft.at, market.at) <= SAME_WITHIN && same(&text::key(&market.name)));
        retried!(self.add_once(member, &draft, same.as_ref()))
    }

    async fn add_once(&self, member: MemberId, draft: &MarketDraft, same: Option<&Market>) -> Result<MarketId, Error> {
        let now = self.clock.now();
        let key = market_key(draft);
        let mut tx = self.db.begin(Lane::Other).await?;
        let known = tx.sql("select id, hidden_at is not null from markets where key = $1").bind(key.clone());
        match known.optional::<(MarketId, bool)>().await? {
            Some((_, true)) => return Err(model::Error::from(MarketError::Hidden).into()),
            Some((known, false)) => return Ok(known),
            None => {}
        }
        if same.is_some() {
            return Err(model::Error::from(MarketError::Near).into());
        }
        // Changes nothing but takes the row: what a member adds is counted by one at a time.
        tx.sql("update members set mode = mode where id = $1").bind(member).run().await?;
        let added = tx.sql("select count(*) from markets where added_by = $1 and created_at > $2");
        let (added,): (i64,) = added.bind(member).bind(now - DAY).one().await?;
        if added >= A_DAY {
            return Err(model::Error::from(MarketError::EnoughToday).into());
        }
        write_market(&mut tx, draft, false, now).await?;
        tx.sql("update markets set added_by = $2 where key = $1").bind(key.clone()).bind(member).run().await?;
        let (id,) = tx.sql("select id from markets where key = $1").bind(key).one().await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Where an address is that a member typed, or the middle of its district.
    ///
    /// # Errors
    /// For visitors and suspended members; [`MarketError::Unclear`]; [`model::Error::TooMany`]; who knows it may fail.
    pub async fn locate(&self, actor: &Actor, address: &str) -> Result<Place, Error> {
        self.limits.creation(actor.active()?.member).await?;
        Ok(self.geocoder.find(address).await?.ok_or(model::Error::from(MarketError::Unclear))?)
    }

    /// Places that may be meant by what somebody typed, the likeliest first: an address, or districts. Nobody has to say who they are
    /// for that, so how often somebody else is asked is limited by `who` asks; where nobody is, or they do not answer, it is what
    /// comes with the program.
    ///
    /// # Errors
    /// [`model::Error::TooMany`].
    pub async fn find_places(&self, who: Option<Searcher>, typed: &str) -> Result<Vec<Place>, Error> {
        let mut known = places::known(typed);
        let (Some(who), true) = (who, self.geocoder.is_asked_about(typed, &known)) else { return Ok(known) };
        self.limits.look_up(who)?;
        match self.geocoder.find(typed).await {
            Ok(Some(place)) if known.iter().all(|known| known.at != place.at) => known.insert(0, place),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an address was looked for without its provider"),
        }
        Ok(known)
    }

    /// A market that is not hidden.
    ///
    /// # Errors
    /// [`model::Error::NotFound`]; the database may fail.
    pub async fn market(&self, id: MarketId) -> Result<Market, Error> {
        let row = self.db.sql(concat!(
            "select ",
            market_columns!(),
            " from markets m where m.id = $1 and m.hidden_at is null"
        ));
        let row = row.bind(id);
        Ok(row.optional::<MarketRow>().await?.ok_or(model::Error::NotFound)?.market())
    }

    /// An item.
    ///
    /// # Errors
    /// [`model::Error::NotFound`]; the database may fail.
    pub async fn item(&self, id: ItemId) -> Result<Item, Error> {
        let row = self.db.sql("select id as item_id, category, name as item_name from items where id = $1").bind(id);
        Ok(row.optional::<ItemRow>().await?.ok_or(model::Error::NotFound)?.item())
    }

    /// Every market of a demonstration, in the same order each time.
    pub(crate) async fn demonstrated(&self) -> Result<Vec<Market>, Error> {
        let rows: Vec<MarketRow> = self
            .db
            .sql(concat!("select ", market_columns!(), " from markets m where m.demonstration order by m.key"))
            .all()
            .await?;
        Ok(rows.into_iter().map(MarketRow::market).collect())
    }

    /// How many markets and items there are, for admins.
    ///
    /// # Errors
    /// For others; the database may fail.
    pub async fn counts(&self, actor: &Actor) -> Result<(u64, u64), Error> {
        actor.admin()?;
        let counts = self.db.sql("select (select count(*) from markets), (select count(*) from items)");
        let (markets, items): (i64, i64) = counts.one().await?;
        Ok((markets as u64, items as u64))
    }

    /// All markets for admins, those added last first, `before` where the list goes on; each with whether it is hidden.
    ///
    /// # Errors
    /// For others; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn newest(&self, actor: &Actor, before: Option<&Cursor>) -> Result<Page<(Market, bool)>, Error> {
        actor.admin()?;
        // Ids begin with the time.
        let (_, before): (u64, MarketId) = Cursor::before(before)?;
        let sql = concat!(
            "select ",
            market_columns!(),
            ", m.hidden_at is not null as hidden from markets m where m.id < $1 order by m.id desc limit $2"
        );
        let rows: Vec<AdminsRow> = self.db.sql(sql).bind(before).bind(LISTED as i64 + 1).all().await?;
        let page = Page::of(rows, LISTED, |row| (0, row.market.market_id));
        Ok(page.filter_map(|row| Some((row.market.market(), row.hidden))))
    }

    /// Whether there is any market.
    pub(crate) async fn any(&self) -> Result<bool, Error> {
        Ok(self.db.sql("select 1 from markets limit 1").exists().await?)
    }
}

fn market_key(draft: &MarketDraft) -> String {
    format!("{}\n{}", text::key(&draft.name), text::key(&draft.address))
}

/// Writes a market; of one that is there its kind and place are what this one says, and its parties are there too.
async fn write_market(tx: &mut Tx, draft: &MarketDraft, demonstration: bool, now: Time) -> Result<(), sqlx::Error> {
    let (key, cell) = (market_key(draft), Cell::of(draft.at));
    tx.sql(
        "insert into markets (id, name, key, kind, address, latitude, longitude, cell, demonstration, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (key) do update set kind = excluded.kind, latitude = excluded.latitude, longitude = excluded.longitude,
            cell = excluded.cell",
    )
    .bind(ids::new_id(now))
    .bind(draft.name.clone())
    .bind(key.clone())
    .bind(draft.kind)
    .bind(draft.address.clone())
    .bind(draft.at.latitude)
    .bind(draft.at.longitude)
    .bind(cell)
    .bind(demonstration)
    .bind(now)
    .run()
    .await?;
    tx.sql("update parties set cell = $1 where market_id = (select id from markets where key = $2) and cell <> $1")
        .bind(cell)
        .bind(key)
        .run()
        .await?;
    Ok(())
}

/// Writes an item, unless it is there; how many were written.
async fn write_item(tx: &mut Tx, draft: &ItemDraft, now: Time) -> Result<u64, sqlx::Error> {
    tx.sql(
        "insert into items (id, category, name, key, initials, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict (key, category) do nothing",
    )
    .bind(ids::new_id(now))
    .bind(draft.category)
    .bind(draft.name.clone())
    .bind(text::key(&draft.name))
    .bind(text::initials(&draft.name))
    .bind(now)
    .run()
    .await
}
