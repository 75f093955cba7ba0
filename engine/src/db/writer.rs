//! One write connection, lent to one transaction at a time, in two lanes.
//!
//! SQLite allows one writer. A task owns the connection and lends it: the turnstile's lane is always served first, so a
//! batch of clicks waits for at most one other write, however many are queued.

use super::{Tx, sqlite::trusted};
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Which queue a write waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Batches of clicks.
    Turnstile,
    /// Everything else.
    Other,
}

/// Transactions that may wait in each lane before the next asker waits in line for a place.
const WAITING: usize = 256;
/// How often the write-ahead log is copied into the database file.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(2);

/// Pages of 4 KiB in the log from which on it is begun anew: 256 MiB.
const LONG_LOG: i64 = 65_536;

type Request = oneshot::Sender<Result<Tx, sqlx::Error>>;

/// Hands out the write connection.
#[derive(Clone)]
pub(super) struct Writer {
    turnstile: mpsc::Sender<Request>,
    other: mpsc::Sender<Request>,
}

/// The connection on loan; it goes back when dropped, and is rolled back unless committed.
pub(super) struct Lease {
    connection: Option<SqliteConnection>,
    back: Option<oneshot::Sender<(SqliteConnection, bool)>>,
    clean: bool,
}

impl Lease {
    #[allow(clippy::expect_used)]
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("the connection is only taken in drop")
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        trusted(sqlx::query("commit").execute(self.connection()).await)?;
        self.clean = true;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(connection), Some(back)) = (self.connection.take(), self.back.take()) {
            let _ = back.send((connection, self.clean));
        }
    }
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions) -> Writer {
        let (turnstile, turnstile_requests) = mpsc::channel(WAITING);
        let (other, other_requests) = mpsc::channel(WAITING);
        let long = Arc::new(AtomicBool::new(false));
        tokio::spawn(lend(connection, options.clone(), turnstile_requests, other_requests, long.clone()));
        tokio::spawn(checkpoint(options, turnstile.downgrade(), long));
        Writer { turnstile, other }
    }

    pub(super) async fn begin(&self, lane: Lane) -> Result<Tx, sqlx::Error> {
        let (request, answer) = oneshot::channel();
        let queue = match lane {
            Lane::Turnstile => &self.turnstile,
            Lane::Other => &self.other,
        };
        queue.send(request).await.map_err(|_| sqlx::Error::WorkerCrashed)?;
        answer.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }
}

async fn lend(
    mut connection: SqliteConnection,
    options: SqliteConnectOptions,
    mut turnstile: mpsc::Receiver<Request>,
    mut other: mpsc::Receiver<Request>,
    long: Arc<AtomicBool>,
) {
    loop {
        if long.swap(false, Ordering::Relaxed)
            && let Err(error) = begin_log_anew(&mut connection).await
        {
            tracing::warn!(%error, "the write-ahead log could not be begun anew");
        }
        let request = tokio::select! {
            biased;
            Some(request) = turnstile.recv() => request,
            Some(request) = other.recv() => request,
            else => return,
        };
        if request.is_closed() {
            continue;
        }
        if let Err(error) = sqlx::query("begin immediate").execute(&mut connection).await {
            let _ = request.send(Err(error));
            reopen(&mut connection, &options).await;
            continue;
        }
        let (back, returned) = oneshot::channel();
        let lease = Lease { connection: Some(connection), back: Some(back), clean: false };
        // When the asker is gone the lease drops at once and comes back to be rolled back.
        let _ = request.send(Ok(Tx::sqlite(lease)));
        let Ok((came_back, clean)) = returned.await else { return };
        connection = came_back;
        if !clean && sqlx::query("rollback").execute(&mut connection).await.is_err() {
            // No transaction was left to roll back, or the connection is broken: a new one is certain.
            reopen(&mut connection, &options).await;
        }
    }
}

async fn reopen(connection: &mut SqliteConnection, options: &SqliteConnectOptions) {
    loop {
        match options.connect().await {
            Ok(fresh) => {
                let old = std::mem::replace(connection, fresh);
                let _ = old.close().await;
                return;
            }
            Err(error) => {
                tracing::error!(%error, "the database cannot be opened; trying again");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// Copies the log into the database file beside the writers, on a connection of its own.
async fn checkpoint(options: SqliteConnectOptions, writer: mpsc::WeakSender<Request>, long: Arc<AtomicBool>) {
    let mut connection = None;
    while writer.upgrade().is_some() {
        tokio::time::sleep(CHECKPOINT_EVERY).await;
        if connection.is_none() {
            connection = options.connect().await.ok();
        }
        let Some(open) = &mut connection else { continue };
        match copy_log(open).await {
            Ok(pages) => long.store(pages > LONG_LOG, Ordering::Relaxed),
            Err(error) => {
                tracing::warn!(%error, "checkpoint failed");
                connection = None;
            }
        }
    }
}

/// Without a writer noticing; how many pages the log has.
pub(super) async fn copy_log(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let passive = sqlx::query_as("pragma wal_checkpoint(passive)");
    let (_busy, pages, _copied): (i64, i64, i64) = trusted(passive.fetch_one(connection).await)?;
    metrics::gauge!("database_log_pages").set(pages as f64);
    Ok(pages)
}

/// A log that keeps growing, because writes never pause, is begun anew between two of them. They wait for what was copied
/// to reach the disk; a reader who still needs the log is not waited for, and the next look tries again.
async fn begin_log_anew(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("pragma busy_timeout = 1").execute(&mut *connection).await?;
    let anew = sqlx::query_as("pragma wal_checkpoint(restart)").fetch_one(&mut *connection).await;
    sqlx::query("pragma busy_timeout = 5000").execute(&mut *connection).await?;
    let (busy, pages, copied): (i64, i64, i64) = trusted(anew)?;
    tracing::info!(busy, pages, copied, "the write-ahead log had grown long");
    Ok(())
}
