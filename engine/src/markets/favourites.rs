//! Markets and items that members have marked.

use super::{ItemRow, MarketRow, Markets, market_columns};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, retried},
};
use model::{Favourites, ItemId, MarketId, MemberId};

/// The most of each that are listed; more cannot be marked.
const MOST: i64 = 100;

/// The statements of one sort of favourites: whether something is there, marking, whether it is marked and unmarking.
macro_rules! favourites {
    ($table:literal, $column:literal, $there:literal) => {
        [
            $there,
            concat!(
                "insert into ",
                $table,
                " (member_id, ",
                $column,
                ", at) select $1, $2, $3
                 where (select count(*) from ",
                $table,
                " where member_id = $1) < $4 on conflict do nothing"
            ),
            concat!("select 1 from ", $table, " where member_id = $1 and ", $column, " = $2"),
            concat!("delete from ", $table, " where member_id = $1 and ", $column, " = $2"),
        ]
    };
}

impl Markets {
    /// Marks a market that is not hidden, or no longer does. Doing so again changes nothing.
    ///
    /// # Errors
    /// For visitors and suspended members; [`model::Error::NotFound`]; [`model::Error::TooMany`], also where a hundred are marked;
    /// the database may fail.
    pub async fn set_favourite_market(&self, actor: &Actor, id: MarketId, marked: bool) -> Result<(), Error> {
        self.set_favourite(
            actor,
            favourites!("favourite_markets", "market_id", "select 1 from markets where id = $1 and hidden_at is null"),
            id,
            marked,
        )
        .await
    }

    /// Marks an item, or no longer does.
    ///
    /// # Errors
    /// As [`Markets::set_favourite_market`].
    pub async fn set_favourite_item(&self, actor: &Actor, id: ItemId, marked: bool) -> Result<(), Error> {
        self.set_favourite(
            actor,
            favourites!("favourite_items", "item_id", "select 1 from items where id = $1"),
            id,
            marked,
        )
        .await
    }

    async fn set_favourite<I: crate::db::Value + Copy>(
        &self,
        actor: &Actor,
        statements: [&'static str; 4],
        id: I,
        marked: bool,
    ) -> Result<(), Error> {
        let member = actor.active()?.member;
        self.limits.wishes(member).await?;
        retried!(self.set_favourite_once(member, statements, id, marked))
    }

    async fn set_favourite_once<I: crate::db::Value + Copy>(
        &self,
        member: MemberId,
        [exists, mark, is_marked, unmark]: [&'static str; 4],
        id: I,
        marked: bool,
    ) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        if !marked {
            tx.sql(unmark).bind(member).bind(id).run().await?;
            return Ok(tx.commit().await?);
        }
        if !tx.sql(exists).bind(id).exists().await? {
            return Err(model::Error::NotFound.into());
        }
        let now = self.clock.now();
        let added = tx.sql(mark).bind(member).bind(id).bind(now).bind(MOST).run().await?;
        if added == 0 && !tx.sql(is_marked).bind(member).bind(id).exists().await? {
            return Err(model::Error::TooMany { retry_after: 60 }.into());
        }
        Ok(tx.commit().await?)
    }

    /// Whether the reader has marked a market, and an item; visitors have not.
    ///
    /// # Errors
    /// The database's.
    pub async fn are_favourites(
        &self,
        actor: &Actor,
        market: MarketId,
        item: Option<ItemId>,
    ) -> Result<(bool, bool), Error> {
        let Some(member) = actor.member() else { return Ok((false, false)) };
        let market = self
            .db
            .sql("select 1 from favourite_markets where member_id = $1 and market_id = $2")
            .bind(member)
            .bind(market);
        let market = market.exists().await?;
        let item = match item {
            Some(item) => {
                let item = self
                    .db
                    .sql("select 1 from favourite_items where member_id = $1 and item_id = $2")
                    .bind(member)
                    .bind(item);
                item.exists().await?
            }
            None => false,
        };
        Ok((market, item))
    }

    /// What the reader has marked.
    ///
    /// # Errors
    /// [`model::Error::SignedOut`] for visitors; the database may fail.
    pub async fn favourites(&self, actor: &Actor) -> Result<Favourites, Error> {
        let member = actor.signed_in()?.member;
        let markets: Vec<MarketRow> = self
            .db
            .sql(concat!(
                "select ",
                market_columns!(),
                " from favourite_markets f join markets m on m.id = f.market_id where f.member_id = $1
                    and m.hidden_at is null order by f.at desc, m.id limit $2"
            ))
            .bind(member)
            .bind(MOST)
            .all()
            .await?;
        let items: Vec<ItemRow> = self
            .db
            .sql(
                "select i.id as item_id, i.category, i.name as item_name from favourite_items f
                 join items i on i.id = f.item_id where f.member_id = $1 order by f.at desc, i.id limit $2",
            )
            .bind(member)
            .bind(MOST)
            .all()
            .await?;
        Ok(Favourites {
            markets: markets.into_iter().map(MarketRow::market).collect(),
            items: items.into_iter().map(ItemRow::item).collect(),
        })
    }
}
