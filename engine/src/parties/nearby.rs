//! Parties around a place: by the grid and the exact distance, nearest first. What it costs follows how many there are around,
//! whatever there is elsewhere.

use super::{Parties, reading};
use crate::{
    Error,
    markets::{CellRows, within},
};
use model::{
    Coordinates, Cursor, MarketId, Page, PartyId, Time,
    markets::{CELLS_AT_ONCE, distance, offset},
    parties::{Dot, NearbyParties, NearbyQuery, PartyCard},
};
use std::sync::LazyLock;

/// Parties in a page of the list.
pub(super) const PAGE: usize = 30;
/// The most that are drawn.
const DOTS: usize = 200;

#[derive(sqlx::FromRow)]
struct Row {
    id: PartyId,
    latitude: f64,
    longitude: f64,
    shares_left: i64,
}

/// The most parties of a cell that are looked at, those first that meet first: whoever asks, and however many there are, it ends.
const OF_A_CELL: usize = 250;

// Those to come that nobody called off. The states are written out: the index is of these alone, and gives the first of each cell
// without looking at its others.
static PARTIES: CellRows = LazyLock::new(|| {
    let [after, item, market, open, category] = std::array::from_fn(|n| format!("${}", CELLS_AT_ONCE + 1 + n));
    let of_a_cell = (1..=CELLS_AT_ONCE).map(|cell| {
        format!(
            "select * from (select id, item_id, market_id, state, wanted - taken as shares_left from parties
             where cell = ${cell} and meets_from > {after} and state in ('recruiting', 'full')
                and ({item} is null or item_id = {item}) and ({market} is null or market_id = {market})
                and (not {open} or state = 'recruiting')
                and ({category} is null or exists (select 1 from items where id = item_id and category = {category}))
             order by meets_from limit {OF_A_CELL}) cell_{cell}"
        )
    });
    format!(
        "select p.id, m.latitude, m.longitude, p.shares_left
         from ({}) p join markets m on m.id = p.market_id",
        of_a_cell.collect::<Vec<_>>().join(" union all ")
    )
});

impl Row {
    fn at(&self) -> Coordinates {
        Coordinates { latitude: self.latitude, longitude: self.longitude }
    }

    /// What a list is ordered by: how far it is in millimetres, and which.
    fn key(&self, around: Coordinates) -> (u64, PartyId) {
        ((distance(around, self.at()) * 1_000.0).round() as u64, self.id)
    }
}

impl Parties {
    /// Parties around a place that are to come: shares left or full, nearest first. Where a cell of some 25 km² has more than 250,
    /// those that meet last are left out.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a cursor of another list; the database may fail.
    pub async fn nearby(&self, query: NearbyQuery) -> Result<NearbyParties, Error> {
        let (around, now) = (query.around, self.clock.now());
        let metres = f64::from(query.km) * 1_000.0;
        let rows: Vec<Row> = within(&self.db, &PARTIES, around, metres, |sql| {
            sql.bind(now).bind(query.item).bind(query.market).bind(query.open).bind(query.category)
        })
        .await?;
        let mut near: Vec<_> = rows.into_iter().map(|row| (row.key(around), row)).collect();
        near.retain(|((away, _), _)| *away <= u64::from(query.km) * 1_000_000);
        near.sort_unstable_by_key(|(key, _)| *key);
        let total = near.len() as u64;
        let dot = |(_, row): &(_, Row)| {
            let (east, north) = offset(around, row.at());
            let left = row.shares_left.max(0) as u32;
            Dot { party: row.id, east: east.round() as i32, north: north.round() as i32, left }
        };
        let dots = near.iter().take(DOTS).map(dot).collect();
        let keys = near.into_iter().map(|(key, _)| key);
        let keys: Vec<(u64, PartyId)> = match &query.after {
            None => keys.take(PAGE + 1).collect(),
            Some(cursor) => {
                let after = cursor.key()?;
                keys.skip_while(|key| *key <= after).take(PAGE + 1).collect()
            }
        };
        let Page { rows: keys, next } = Page::of(keys, PAGE, |key| *key);
        let mut cards = self.cards(&keys.iter().map(|(_, id)| *id).collect::<Vec<_>>(), now).await?;
        for card in &mut cards {
            card.metres = keys.iter().find(|(_, id)| *id == card.id).map(|(away, _)| (away / 1_000) as u32);
        }
        reading::in_order(&mut cards, |card| keys.iter().position(|(_, id)| *id == card.id));
        Ok(NearbyParties { query, total, cards: Page { rows: cards, next }, dots, now })
    }

    /// Parties at a market that are to come, the soonest first, `after` where the list goes on.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] for a market that is not there, or a cursor of another list; the database may fail.
    pub async fn at_market(&self, market: MarketId, after: Option<&Cursor>) -> Result<Page<PartyCard>, Error> {
        let now = self.clock.now();
        let (from, id) = after.map_or(Ok((now, PartyId(uuid::Uuid::nil()))), Cursor::key)?;
        // Whoever goes on much later goes on with those to come.
        let (from, id) = if from < now { (now, PartyId(uuid::Uuid::nil())) } else { (from, id) };
        let rows: Vec<(PartyId, Time)> = self
            .db
            .sql(
                "select id, meets_from from parties where market_id = $1 and (meets_from, id) > ($2, $3)
                    and state in ('recruiting', 'full') order by meets_from, id limit $4",
            )
            .bind(market)
            .bind(from)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        let Page { rows, next } = Page::of(rows, PAGE, |(id, from)| (*from, *id));
        let ids: Vec<_> = rows.into_iter().map(|(id, _)| id).collect();
        let mut cards = self.cards(&ids, now).await?;
        reading::in_order(&mut cards, |card| ids.iter().position(|id| *id == card.id));
        Ok(Page { rows: cards, next })
    }
}
