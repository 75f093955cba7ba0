//! Who favours a market or an item, in the order in which they came to favour it: that is their rank in an audience.

use super::{Audience, CHUNK, Notices, Recipient};
use crate::Error;
use model::{Coordinates, ItemId, MarketId, MemberId, Time, markets::distance};

/// Who favours an item is told of it where it is so near their home, in metres.
const NEAR: f64 = 10_000.0;

#[derive(sqlx::FromRow)]
struct Row {
    at: i64,
    member_id: MemberId,
    latitude: f64,
    longitude: f64,
}

impl Notices {
    /// Of those who favour a market, behind rank `told`, whoever did so until a moment.
    pub(super) async fn of_market(
        &self,
        market: MarketId,
        by: MemberId,
        told: i64,
        until: Time,
    ) -> Result<Audience, Error> {
        let edge = self.db.sql(
            "select at from favourite_markets where market_id = $1 and at > $2 and at <= $3 order by at limit 1 offset $4",
        );
        let edge: Option<(i64,)> = edge.bind(market).bind(told).bind(until).bind(CHUNK - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from favourite_markets
             where market_id = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(market).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// Of those who favour an item the same, as far as they live near the market and do not favour that: then they are told already.
    pub(super) async fn of_item(
        &self,
        item: ItemId,
        market: MarketId,
        by: MemberId,
        told: i64,
        until: Time,
    ) -> Result<Audience, Error> {
        let edge = self.db.sql(
            "select at from favourite_items where item_id = $1 and at > $2 and at <= $3 order by at limit 1 offset $4",
        );
        let edge: Option<(i64,)> = edge.bind(item).bind(told).bind(until).bind(CHUNK - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let place = self.db.sql("select latitude, longitude from markets where id = $1").bind(market);
        let place: Option<(f64, f64)> = place.optional().await?;
        let rows: Vec<Row> = self
            .db
            .sql(
                "select f.at, f.member_id, h.latitude, h.longitude from favourite_items f join homes h on h.member_id = f.member_id
                 where f.item_id = $1 and f.at > $2 and f.at <= $3 and f.member_id <> $4 and not exists
                    (select 1 from favourite_markets m where m.member_id = f.member_id and m.market_id = $5 and m.at <= $6)
                 order by f.at, f.member_id",
            )
            .bind(item)
            .bind(told)
            .bind(to)
            .bind(by)
            .bind(market)
            .bind(until)
            .all()
            .await?;
        let is_near = |row: &Row| {
            let home = Coordinates { latitude: row.latitude, longitude: row.longitude };
            place.is_some_and(|(latitude, longitude)| distance(home, Coordinates { latitude, longitude }) <= NEAR)
        };
        let near = rows.into_iter().filter(is_near);
        let people = near.map(|row| Recipient { rank: row.at, member_id: row.member_id, due_at: None }).collect();
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }
}
