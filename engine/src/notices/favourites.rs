//! Who favours a market or an item, in the order in which they came to favour it: that is their rank in an audience.

use super::{Audience, Notices, Recipient};
use crate::{Error, db::Sql};
use model::{
    Coordinates, ItemId, MarketId, MemberId, Time,
    markets::{REGIONS_AT_ONCE, distance, regions_within},
};
use std::sync::LazyLock;

/// Who favours an item is told of it where it is so near their home, in metres.
const NEAR: f64 = 10_000.0;
/// No home is in it.
const NOWHERE: i64 = -1;

/// What stands behind the regions `$1` to `$12` in a statement: so many places on.
fn place(nth: usize) -> String {
    format!("${}", REGIONS_AT_ONCE + nth)
}

// When the next came to favour an item, of each region as many as are told at once: the index has them in this order, so that no more
// is looked at however many come behind.
static TIMES: LazyLock<String> = LazyLock::new(|| {
    let [item, told, until, limit] = [1, 2, 3, 4].map(place);
    let of_a_region = (1..=REGIONS_AT_ONCE).map(|region| {
        format!(
            "select * from (select at from favourite_items
             where item_id = {item} and region = ${region} and at > {told} and at <= {until} order by at limit {limit}) region_{region}"
        )
    });
    of_a_region.collect::<Vec<_>>().join(" union all ")
});

// Who they are, and where they live.
static FAVOURERS: LazyLock<String> = LazyLock::new(|| {
    let [item, told, to, by, market, until] = [1, 2, 3, 4, 5, 6].map(place);
    let regions: Vec<_> = (1..=REGIONS_AT_ONCE).map(|region| format!("${region}")).collect();
    format!(
        "select f.at, f.member_id, h.latitude, h.longitude from favourite_items f join homes h on h.member_id = f.member_id
         where f.item_id = {item} and f.region in ({}) and f.at > {told} and f.at <= {to} and f.member_id <> {by} and not exists
            (select 1 from favourite_markets m where m.member_id = f.member_id and m.market_id = {market} and m.at <= {until})",
        regions.join(", ")
    )
});

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
        many: i64,
    ) -> Result<Audience, Error> {
        let edge = self.db.sql(
            "select at from favourite_markets where market_id = $1 and at > $2 and at <= $3 order by at limit 1 offset $4",
        );
        let edge: Option<(i64,)> = edge.bind(market).bind(told).bind(until).bind(many - 1).optional().await?;
        let to = edge.map_or(until.0, |(at,)| at);
        let rows = self.db.sql(
            "select at as rank, member_id, cast(null as bigint) as due_at from favourite_markets
             where market_id = $1 and at > $2 and at <= $3 and member_id <> $4 order by at, member_id",
        );
        let people = rows.bind(market).bind(told).bind(to).bind(by).all().await?;
        Ok(Audience { people, told: to, is_last: edge.is_none() })
    }

    /// Of those who favour an item the same, as far as they live near the market and do not favour that: then they are told already. Who
    /// lives elsewhere is not looked at.
    pub(super) async fn of_item(
        &self,
        item: ItemId,
        market: MarketId,
        by: MemberId,
        told: i64,
        until: Time,
        many: i64,
    ) -> Result<Audience, Error> {
        let place = self.db.sql("select latitude, longitude from markets where id = $1").bind(market);
        let place: Option<(f64, f64)> = place.optional().await?;
        let Some((latitude, longitude)) = place else {
            return Ok(Audience { people: Vec::new(), told, is_last: true });
        };
        let market_at = Coordinates { latitude, longitude };
        let regions = regions_within(market_at, NEAR);
        let in_regions = |text: &'static str, regions: &[i64]| {
            let regions = regions.iter().copied().chain(std::iter::repeat(NOWHERE)).take(REGIONS_AT_ONCE);
            regions.fold(self.db.sql(text), Sql::bind).bind(item).bind(told)
        };
        let mut times: Vec<(i64,)> = Vec::new();
        for regions in regions.chunks(REGIONS_AT_ONCE) {
            times.extend(in_regions(&TIMES, regions).bind(until).bind(many).all::<(i64,)>().await?);
        }
        times.sort_unstable();
        let edge = times.get(many as usize - 1).copied();
        let to = edge.map_or(until.0, |(at,)| at);
        let mut near: Vec<Row> = Vec::new();
        for regions in regions.chunks(REGIONS_AT_ONCE) {
            near.extend(in_regions(&FAVOURERS, regions).bind(to).bind(by).bind(market).bind(until).all::<Row>().await?);
        }
        near.retain(|row| {
            distance(Coordinates { latitude: row.latitude, longitude: row.longitude }, market_at) <= NEAR
        });
        near.sort_unstable_by_key(|row| (row.at, row.member_id));
        let people = near.into_iter().map(|row| Recipient { rank: row.at, member_id: row.member_id, due_at: None });
        Ok(Audience { people: people.collect(), told: to, is_last: edge.is_none() })
    }
}
