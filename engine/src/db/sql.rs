//! A statement with its values, run in a transaction or on a read connection.

use super::{Record, Value, trusted, writer::Lease};
use sqlx::{
    SqlStr, SqliteConnection, SqlitePool,
    sqlite::{SqliteArguments, SqliteQueryResult},
};

/// A write transaction. Rolled back unless committed, also when its future is dropped half-way.
pub struct Tx {
    lease: Lease,
}

impl Tx {
    pub(super) fn new(lease: Lease) -> Tx {
        Tx { lease }
    }

    /// A statement within this transaction.
    pub fn sql(&mut self, text: &'static str) -> Sql<'_> {
        Sql {
            on: On::Connection(self.lease.connection()),
            text: SqlStr::from_static(text),
            values: Ok(SqliteArguments::default()),
        }
    }

    /// Makes everything durable. After an error the outcome is unknown: read it anew.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        trusted(self.sql("commit").run().await)?;
        self.lease.finished();
        Ok(())
    }
}

enum On<'c> {
    Connection(&'c mut SqliteConnection),
    Pool(&'c SqlitePool),
}

/// A statement with its values so far.
#[must_use]
pub struct Sql<'c> {
    on: On<'c>,
    text: SqlStr,
    values: Result<SqliteArguments, sqlx::Error>,
}

impl<'c> Sql<'c> {
    pub(super) fn on_pool(pool: &'c SqlitePool, text: &'static str) -> Sql<'c> {
        Sql { on: On::Pool(pool), text: SqlStr::from_static(text), values: Ok(SqliteArguments::default()) }
    }

    /// The next placeholder's value.
    pub fn bind<T: Value>(mut self, value: T) -> Self {
        if let Ok(values) = &mut self.values
            && let Err(error) = sqlx::Arguments::add(values, value)
        {
            self.values = Err(sqlx::Error::Encode(error));
        }
        self
    }

    /// Runs it; how many rows it changed.
    pub async fn run(self) -> Result<u64, sqlx::Error> {
        let query = sqlx::query_with(self.text, self.values?);
        let done: SqliteQueryResult = match self.on {
            On::Connection(connection) => query.execute(connection).await?,
            On::Pool(pool) => query.execute(pool).await?,
        };
        Ok(done.rows_affected())
    }

    /// All rows.
    pub async fn all<T: Record>(self) -> Result<Vec<T>, sqlx::Error> {
        let query = sqlx::query_as_with(self.text, self.values?);
        match self.on {
            On::Connection(connection) => query.fetch_all(connection).await,
            On::Pool(pool) => query.fetch_all(pool).await,
        }
    }

    /// The first row, when there is one.
    pub async fn optional<T: Record>(self) -> Result<Option<T>, sqlx::Error> {
        let query = sqlx::query_as_with(self.text, self.values?);
        match self.on {
            On::Connection(connection) => query.fetch_optional(connection).await,
            On::Pool(pool) => query.fetch_optional(pool).await,
        }
    }

    /// The row that must be there.
    pub async fn one<T: Record>(self) -> Result<T, sqlx::Error> {
        self.optional().await?.ok_or(sqlx::Error::RowNotFound)
    }
}
