//! SQLite in a folder: one write connection with two lanes, a pool of read connections.

use super::{
    Tx,
    writer::{self, Lane, Writer},
};
use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};
use std::{error::Error, path::Path, sync::Arc, time::Duration};

/// How long emptying the log waits for readers, while writers wait for it; how often it is tried, after which pause.
const WIPE_WAITS: &str = "pragma busy_timeout = 50";
const WIPE_TRIES: u32 = 20;
const WIPE_AGAIN: Duration = Duration::from_millis(500);

/// An open database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
    options: Arc<SqliteConnectOptions>,
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
            // What is deleted is overwritten: an address that was erased stands nowhere in the file.
            .pragma("secure_delete", "on")
            .statement_cache_capacity(256);
        let mut connection = sqlx::ConnectOptions::connect(&options).await?;
        sqlx::migrate!("../migrations/sqlite").run(&mut connection).await?;
        if let Err(error) = wipe_older(&mut connection).await {
            tracing::warn!(%error, "what was deleted by an older version of the program is still in the file");
        }
        // What a run before this one wrote may be in the system's memory only. It is told of from now on: make it durable.
        // A full disk can still be read from.
        if let Err(error) = writer::copy_log(&mut connection).await {
            tracing::warn!(%error, "checkpoint failed");
        }
        // A reader forgets its pages with every commit, and takes the longer for it the more it has room for. It would unmap the file
        // as well, and fault each page in again, which was a third of what the database cost beside presses.
        let reading = options
            .clone()
            .read_only(true)
            .pragma("cache_size", "-4096")
            .pragma("mmap_size", "0")
            .pragma("temp_store", "default");
        // Whether a connection of this process still answers is asked by nobody: it would be two switches of threads for each statement.
        let readers =
            SqlitePoolOptions::new().max_connections(4).test_before_acquire(false).connect_with(reading).await?;
        let file = tokio::fs::File::open(options.get_filename()).await.map_err(sqlx::Error::Io)?.into_std().await;
        let writer = Writer::start(connection, options.clone(), Arc::new(file));
        Ok(Sqlite { readers, writer, options: Arc::new(options) })
    }

    /// Copies the log into the file and empties it: what was deleted is overwritten in the file, but the log still has it.
    pub(super) async fn wipe(&self) -> Result<(), sqlx::Error> {
        let mut connection = self.options.connect().await?;
        // Most of it beside the writers, who wait for the rest.
        writer::copy_log(&mut connection).await?;
        sqlx::query(WIPE_WAITS).execute(&mut connection).await?;
        for _ in 0..WIPE_TRIES {
            let emptied = sqlx::query_as("pragma wal_checkpoint(truncate)").fetch_one(&mut connection).await;
            let (busy, ..): (i64, i64, i64) = trusted(emptied)?;
            if busy == 0 {
                let _ = connection.close().await;
                return Ok(());
            }
            tokio::time::sleep(WIPE_AGAIN).await;
        }
        Err(sqlx::Error::PoolTimedOut)
    }

    pub(super) async fn begin(&self, lane: Lane) -> Result<Tx, sqlx::Error> {
        self.writer.begin(lane).await
    }

    /// Resolves when the task panicked that writes.
    pub(super) async fn writer_is_gone(&self) {
        self.writer.is_gone().await;
    }

    pub(super) fn readers(&self) -> &SqlitePool {
        &self.readers
    }
}

/// Until this version of the file deleted rows were not overwritten. SQLite keeps it for its user.
const OVERWRITES: i64 = 1;

/// Writes a file anew that older versions of the program deleted from without overwriting. Once.
async fn wipe_older(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let (version,): (i64,) = sqlx::query_as("pragma user_version").fetch_one(&mut *connection).await?;
    if version >= OVERWRITES {
        return Ok(());
    }
    if sqlx::query("select 1 from members limit 1").fetch_optional(&mut *connection).await?.is_some() {
        tracing::info!("writing the database file anew, once: what was deleted from it goes");
        trusted(sqlx::query("vacuum").execute(&mut *connection).await)?;
    }
    trusted(sqlx::query("pragma user_version = 1").execute(&mut *connection).await)?;
    sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *connection).await?;
    Ok(())
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
        not_durable(error);
    }
    done
}

/// Ends the process: see [`trusted`].
pub(super) fn not_durable(error: &dyn Error) -> ! {
    tracing::error!(%error, "the disk did not keep what was written: stopping before anything is acknowledged");
    std::process::exit(1);
}
