//! How many rows are written in one transaction, by how long that takes.

use super::Dialect;
use std::{ops::RangeInclusive, time::Duration};

/// How long a transaction of many rows is to take, with whatever it waits for: the more others write, the smaller it is. A press that
/// comes meanwhile waits for its end, and where the rows are many pages for about as long again until those are written out.
const TAKES: Duration = Duration::from_millis(2);

/// How many rows are written in one transaction. Where there is one writer, batches of clicks wait for it: there as many as take about
/// [`TAKES`], within bounds, and the fewest at first; elsewhere the most.
#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    bounds: RangeInclusive<i64>,
    rows: i64,
    adapts: bool,
}

impl Chunk {
    /// Of a database, within bounds.
    pub fn new(dialect: Dialect, bounds: RangeInclusive<i64>) -> Chunk {
        let adapts = dialect == Dialect::Sqlite;
        let rows = if adapts { *bounds.start() } else { *bounds.end() };
        Chunk { bounds, rows, adapts }
    }

    /// How many the next one has.
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// One of so many took so long.
    pub fn took(&mut self, took: Duration) {
        if self.adapts {
            let fitting = self.rows as f64 * TAKES.as_secs_f64() / took.as_secs_f64().max(1e-6);
            let next = (fitting as i64).clamp(self.rows / 2, self.rows * 2);
            self.rows = next.clamp(*self.bounds.start(), *self.bounds.end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: RangeInclusive<i64> = 50..=500;

    /// Transactions that take `fixed` and `each` row, in microseconds: how many rows the last of many has, and how long it takes.
    fn settled(fixed: u64, each: u64) -> (i64, Duration) {
        let takes = |rows: i64| Duration::from_micros(fixed + each * rows as u64);
        let mut chunk = Chunk::new(Dialect::Sqlite, BOUNDS);
        for _ in 0..50 {
            chunk.took(takes(chunk.rows()));
        }
        (chunk.rows(), takes(chunk.rows()))
    }

    #[test]
    fn a_chunk_takes_as_long_as_it_may_and_never_stops() {
        let (rows, took) = settled(500, 10);
        assert!((100..=150).contains(&rows) && took <= TAKES, "{rows} in {took:?}");
        assert_eq!(settled(0, 0).0, *BOUNDS.end());
        // A slow disk or a crowd of writers: as few as worth a transaction, and on it goes.
        assert_eq!(settled(1_000_000, 0).0, *BOUNDS.start());
        // One hiccup does not undo what was learned.
        let mut chunk = Chunk { rows: 400, ..Chunk::new(Dialect::Sqlite, BOUNDS) };
        chunk.took(Duration::from_secs(60));
        assert_eq!(chunk.rows(), 200);
    }

    #[test]
    fn where_many_write_at_once_it_has_the_most() {
        let mut chunk = Chunk::new(Dialect::Postgres, BOUNDS);
        chunk.took(Duration::from_secs(60));
        assert_eq!(chunk.rows(), *BOUNDS.end());
    }
}
