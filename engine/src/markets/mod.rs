//! Markets, where goods are sold in bulk, and the items of the catalogue.

mod favourites;
mod import;
mod map;
mod near;
#[cfg(test)]
mod tests;

pub(crate) use near::{CellRows, in_cells, within};

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
    limits::Limits,
};
use model::{
    Coordinates, Cursor, FormErrors, Item, ItemCategory, ItemDraft, ItemId, Market, MarketDraft, MarketId, MarketKind,
    Page, Time, markets::Cell, text,
};

/// Items that are suggested at once.
const SUGGESTED: i64 = 20;

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
}

impl Markets {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits) -> Markets {
        Markets { db, clock, limits }
    }

    /// Adds a market as a member typed it: name, kind, address, latitude and longitude. One that is there under the same name and
    /// address is that one.
    ///
    /// # Errors
    /// For visitors and suspended members, [`model::Error::TooMany`], [`model::Error::Invalid`] by field; the database may fail.
    pub async fn add(&self, actor: &Actor, typed: [&str; 5]) -> Result<MarketId, Error> {
        let member = actor.active()?.member;
        let mut errors = FormErrors::default();
        let draft = MarketDraft::typed(typed, &mut errors);
        errors.into_result()?;
        let draft = draft.ok_or(model::Error::Malformed)?;
        self.limits.creation(member).await?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let key = market_key(&draft);
        let known = tx.sql("select id from markets where key = $1").bind(key.clone()).optional::<(MarketId,)>().await?;
        if let Some((known,)) = known {
            return Ok(known);
        }
        write_market(&mut tx, &draft, false, self.clock.now()).await?;
        let (id,) = tx.sql("select id from markets where key = $1").bind(key).one().await?;
        tx.commit().await?;
        Ok(id)
    }

    /// A market.
    ///
    /// # Errors
    /// [`model::Error::NotFound`]; the database may fail.
    pub async fn market(&self, id: MarketId) -> Result<Market, Error> {
        let row = self.db.sql(concat!("select ", market_columns!(), " from markets m where m.id = $1")).bind(id);
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

    /// Items whose name begins as was typed, or with these initial consonants; those with the shortest way to go first by their
    /// letters. Nothing for nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn suggest(&self, typed: &str) -> Result<Vec<Item>, Error> {
        let initials = text::are_initials(typed);
        let from = if initials { text::initials(typed) } else { text::key(typed) };
        if from.is_empty() {
            return Ok(Vec::new());
        }
        // Behind everything that begins so: no character is greater.
        let to = format!("{from}\u{10FFFF}");
        let sql = if initials {
            "select id as item_id, category, name as item_name from items where initials >= $1 and initials < $2
             order by initials, key limit $3"
        } else {
            "select id as item_id, category, name as item_name from items where key >= $1 and key < $2
             order by key, category limit $3"
        };
        let rows: Vec<ItemRow> = self.db.sql(sql).bind(from).bind(to).bind(SUGGESTED).all().await?;
        Ok(rows.into_iter().map(ItemRow::item).collect())
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

    /// All markets for admins, those added last first, `before` where the list goes on.
    ///
    /// # Errors
    /// For others; [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn newest(&self, actor: &Actor, before: Option<&Cursor>) -> Result<Page<Market>, Error> {
        actor.admin()?;
        // Ids begin with the time.
        let (_, before): (u64, MarketId) = Cursor::before(before)?;
        let sql = concat!("select ", market_columns!(), " from markets m where m.id < $1 order by m.id desc limit $2");
        let rows: Vec<MarketRow> = self.db.sql(sql).bind(before).bind(LISTED as i64 + 1).all().await?;
        Ok(Page::of(rows, LISTED, |row| (0, row.market_id)).filter_map(|row| Some(row.market())))
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

/// Writes an item, unless it is there.
async fn write_item(tx: &mut Tx, draft: &ItemDraft, now: Time) -> Result<(), sqlx::Error> {
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
    .await?;
    Ok(())
}
