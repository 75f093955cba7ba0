//! What is near a place: looked up by the cells that a circle touches, decided by the exact distance.

use super::{MarketRow, Markets, market_columns};
use crate::{
    Error,
    db::{Db, Record, Sql},
};
use model::{
    Coordinates, Market,
    markets::{CELLS_AT_ONCE, Cell, cells_within, distance},
};
use std::sync::LazyLock;

/// `$1` to `$40`: the cells that are asked for in one statement.
fn in_cells() -> String {
    let places: Vec<_> = (1..=CELLS_AT_ONCE).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// A text that asks for rows of the cells `$1` to `$40`, and nothing else.
pub(crate) type CellRows = LazyLock<String>;

/// Rows of all cells that have a place within so many metres: the statement is run as often as there are more than it holds,
/// with what `bind` adds behind them.
pub(crate) async fn within<R: Record>(
    db: &Db,
    text: &'static CellRows,
    centre: Coordinates,
    metres: f64,
    bind: impl Fn(Sql<'_>) -> Sql<'_>,
) -> Result<Vec<R>, sqlx::Error> {
    let mut rows = Vec::new();
    for cells in cells_within(centre, metres).chunks(CELLS_AT_ONCE) {
        let cells = cells.iter().copied().chain(std::iter::repeat(Cell::NOWHERE)).take(CELLS_AT_ONCE);
        rows.extend(bind(cells.fold(db.sql(text), Sql::bind)).all::<R>().await?);
    }
    Ok(rows)
}

pub(super) static MARKETS: CellRows = LazyLock::new(|| {
    format!(
        concat!("select ", market_columns!(), " from markets m where m.cell in ({}) and m.hidden_at is null"),
        in_cells()
    )
});

impl Markets {
    /// The nearest markets within so many kilometres of a place, each with its distance in metres.
    ///
    /// # Errors
    /// The database's.
    pub async fn near(&self, centre: Coordinates, km: u32, most: usize) -> Result<Vec<(Market, u32)>, Error> {
        let metres = f64::from(km) * 1_000.0;
        let rows: Vec<MarketRow> = within(&self.db, &MARKETS, centre, metres, |sql| sql).await?;
        let mut near: Vec<(f64, Market)> =
            rows.into_iter().map(MarketRow::market).map(|market| (distance(centre, market.at), market)).collect();
        near.retain(|(away, _)| *away <= metres);
        near.sort_by(|(one, a), (other, b)| one.total_cmp(other).then(a.id.cmp(&b.id)));
        near.truncate(most);
        Ok(near.into_iter().map(|(away, market)| (market, away as u32)).collect())
    }
}
