//! SQLite in a folder: one write connection with two lanes, a pool of read connections.

use super::{
    Tx,
    writer::{self, Lane, Writer},
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::{path::Path, time::Duration};

/// An open database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
}

impl Sqlite {
    pub(super) async fn open(folder: &Path) -> Result<Sqlite, sqlx::Error> {
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
            // What one of several writes that are committed together may have to undo is kept in memory, not in a file each.
            .pragma("temp_store", "memory")
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
        // A reader forgets its pages with every commit, and takes the longer for it the more it has room for.
        let reading = options.clone().read_only(true).pragma("cache_size", "-4096").pragma("temp_store", "default");
        let readers = SqlitePoolOptions::new().max_connections(4).connect_with(reading).await?;
        Ok(Sqlite { readers, writer: Writer::start(connection, options) })
    }

    pub(super) async fn begin(&self, lane: Lane) -> Result<Tx, sqlx::Error> {
        self.writer.begin(lane).await
    }

    pub(super) fn readers(&self) -> &SqlitePool {
        &self.readers
    }
}

/// SQLite's code for a sync that failed.
const SYNC_FAILED: &str = "1034";

/// Passes on how a write to the disk went, except that a failed sync ends the process. The kernel may have dropped what it
/// could not write and report success the next time, so nothing that this process did or will do is known to be durable.
/// The next one begins with what is there.
pub(super) fn trusted<T>(done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
    if let Err(error) = &done
        && error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == SYNC_FAILED)
    {
        tracing::error!(%error, "the disk did not keep what was written: stopping before anything is acknowledged");
        std::process::exit(1);
    }
    done
}
