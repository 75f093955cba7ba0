//! The database: one write connection with two lanes, a pool of read connections, and SQL that is written once.
//!
//! Statements are plain text with `$1` placeholders. Only this folder knows which engine runs them.

mod sql;
mod writer;

pub use sql::{Sql, Tx};
pub use writer::Lane;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::{path::Path, time::Duration};
use writer::Writer;

/// A value that can be bound and read on every engine.
pub trait Value: for<'q> sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send {}
impl<T> Value for T where T: for<'q> sqlx::Encode<'q, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send {}

/// A row that can be read on every engine.
pub trait Record: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin {}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: SqlitePool,
    writer: Writer,
}

impl Db {
    /// Opens the database in `folder`, creates it when it is missing and brings its schema up to date.
    pub async fn open(folder: &Path) -> Result<Db, sqlx::Error> {
        tokio::fs::create_dir_all(folder).await.map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join("fiftynine.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit returns after its fsync: what is acknowledged is durable.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-65536")
            .pragma("mmap_size", "268435456")
            // Checkpoints run apart, so that no commit waits for one.
            .pragma("wal_autocheckpoint", "0")
            .statement_cache_capacity(256);
        let mut connection = sqlx::ConnectOptions::connect(&options).await?;
        sqlx::migrate!("../migrations/sqlite").run(&mut connection).await?;
        // What a run before this one wrote may be in the system's memory only. It is told of from now on: make it durable.
        // A full disk can still be read from.
        if let Err(error) = writer::copy_log(&mut connection).await {
            tracing::warn!(%error, "checkpoint failed");
        }
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(options.clone().read_only(true)).await?;
        Ok(Db { readers, writer: Writer::start(connection, options) })
    }

    /// Begins a write transaction in its lane. Await nothing but its own statements until it is committed.
    pub async fn begin(&self, lane: Lane) -> Result<Tx, sqlx::Error> {
        self.writer.begin(lane).await
    }

    /// A statement that only reads.
    pub fn sql(&self, text: &'static str) -> Sql<'_> {
        Sql::on_pool(&self.readers, text)
    }
}

/// SQLite's code for a sync that failed.
const SYNC_FAILED: &str = "1034";

/// Passes on how a write to the disk went, except that a failed sync ends the process. The kernel may have dropped what it
/// could not write and report success the next time, so nothing that this process did or will do is known to be durable.
/// The next one begins with what is there.
fn trusted<T>(done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
    if let Err(error) = &done
        && error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == SYNC_FAILED)
    {
        tracing::error!(%error, "the disk did not keep what was written: stopping before anything is acknowledged");
        std::process::exit(1);
    }
    done
}
