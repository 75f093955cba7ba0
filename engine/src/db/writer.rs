//! One write connection, lent to one transaction at a time, in two lanes.
//!
//! SQLite allows one writer. A task owns the connection and lends it: the turnstile's lane is always served first, so a
//! batch of clicks waits for at most one other write, however many are queued, and not for the disk to keep that: while
//! batches are coming, what others write is committed together with the next one.

use super::{
    Tx,
    sqlite::{not_durable, trusted},
};
use crate::background;
use futures::FutureExt;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    fs::File,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{Instant, sleep_until},
};

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

/// Other writes wait at most this long for a batch to be committed with.
const GROUP_WAITS: Duration = Duration::from_millis(5);
/// Batches are coming when the last one is no longer ago.
const COMING: Duration = Duration::from_millis(50);
/// The most other writes that are committed together.
const GROUP: usize = 16;

/// Pages of 4 KiB in the log from which on it is begun anew: 256 MiB.
const LONG_LOG: i64 = 65_536;

type Request = oneshot::Sender<Result<Tx, sqlx::Error>>;

/// Hands out the write connection.
#[derive(Clone)]
pub(super) struct Writer {
    turnstile: mpsc::Sender<Request>,
    other: mpsc::Sender<Request>,
    /// Told when the task panicked that lends the connection.
    gone: Arc<Notify>,
}

/// The connection on loan; it goes back when dropped, and is rolled back unless committed.
pub(super) struct Lease {
    connection: Option<SqliteConnection>,
    back: Option<oneshot::Sender<(SqliteConnection, End)>>,
    lane: Lane,
    end: End,
}

/// How a transaction ended.
enum End {
    /// Without a commit.
    Abandoned,
    /// Durable, and with it the group that waited for a commit.
    Committed,
    /// To be committed with the next, and told when that is done.
    Grouped(Waiting),
}

/// Told whether the group that a transaction is committed with was committed.
type Waiting = oneshot::Sender<Result<(), sqlx::Error>>;

impl Lease {
    #[allow(clippy::expect_used)]
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("the connection is only taken in drop")
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        match self.lane {
            Lane::Turnstile => {
                trusted(sqlx::query("commit").execute(self.connection()).await)?;
                self.end = End::Committed;
                Ok(())
            }
            Lane::Other => {
                let (waiting, committed) = oneshot::channel();
                self.end = End::Grouped(waiting);
                drop(self);
                committed.await.map_err(|_| sqlx::Error::WorkerCrashed)?
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(connection), Some(back)) = (self.connection.take(), self.back.take()) {
            let _ = back.send((connection, std::mem::replace(&mut self.end, End::Abandoned)));
        }
    }
}

impl Writer {
    /// Of the database in `file`, which is open for as long as this is: where a process closes a file, the system forgets what others
    /// of its connections have locked in there.
    pub(super) fn start(connection: SqliteConnection, options: SqliteConnectOptions, file: Arc<File>) -> Writer {
        let (turnstile, turnstile_requests) = mpsc::channel(WAITING);
        let (other, other_requests) = mpsc::channel(WAITING);
        let long = Arc::new(AtomicBool::new(false));
        let lender =
            Lender { options: options.clone(), long: long.clone(), group: Vec::new(), began: None, batch: None };
        let gone = Arc::new(Notify::new());
        let panicked = gone.clone();
        tokio::spawn(async move {
            let lending = lender.run(connection, turnstile_requests, other_requests);
            if AssertUnwindSafe(lending).catch_unwind().await.is_err() {
                panicked.notify_one();
            }
        });
        let weak = turnstile.downgrade();
        tokio::spawn(async move {
            // Without them the log would grow for ever.
            let begin = || {
                let copying = checkpoint(options.clone(), file.clone(), weak.clone(), long.clone());
                AssertUnwindSafe(copying).catch_unwind()
            };
            while begin().await.is_err() {
                tracing::error!("checkpoints panicked, and begin anew");
            }
        });
        Writer { turnstile, other, gone }
    }

    /// Resolves when the task panicked that lends the connection.
    pub(super) async fn is_gone(&self) {
        self.gone.notified().await;
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

/// Lends the connection. While a group waits for its commit, a transaction is open.
struct Lender {
    options: SqliteConnectOptions,
    long: Arc<AtomicBool>,
    group: Vec<Waiting>,
    /// Since when the first of them waits.
    began: Option<Instant>,
    /// When the last batch was committed.
    batch: Option<Instant>,
}

impl Lender {
    async fn run(
        mut self,
        mut connection: SqliteConnection,
        mut turnstile: mpsc::Receiver<Request>,
        mut other: mpsc::Receiver<Request>,
    ) {
        loop {
            if self.group.is_empty()
                && self.long.swap(false, Ordering::Relaxed)
                && let Err(error) = begin_log_anew(&mut connection).await
            {
                tracing::warn!(%error, "the write-ahead log could not be begun anew");
            }
            let asked = tokio::select! {
                biased;
                Some(request) = turnstile.recv() => Some((Lane::Turnstile, request)),
                Some(request) = other.recv(), if self.group.len() < GROUP => Some((Lane::Other, request)),
                () = sleep_until(self.commits_at()), if !self.group.is_empty() => None,
                else => return,
            };
            let lent = match asked {
                Some((_, request)) if request.is_closed() => Some(connection),
                Some((lane, request)) => self.lend(connection, lane, request).await,
                None => Some(self.commit_group(connection).await),
            };
            match lent {
                Some(back) => connection = back,
                None => return,
            }
        }
    }

    /// When a group waits no longer for a batch.
    fn commits_at(&self) -> Instant {
        let now = Instant::now();
        let coming = self.batch.is_some_and(|batch| now.duration_since(batch) < COMING);
        if coming { self.began.map_or(now, |began| began + GROUP_WAITS) } else { now }
    }

    /// Commits for a group that no batch came for.
    async fn commit_group(&mut self, mut connection: SqliteConnection) -> SqliteConnection {
        match trusted(sqlx::query("commit").execute(&mut connection).await) {
            Ok(_) => self.committed(),
            Err(error) => self.lose(&mut connection, error).await,
        }
        connection
    }

    /// The group is durable.
    fn committed(&mut self) {
        for waiting in self.group.drain(..) {
            let _ = waiting.send(Ok(()));
        }
    }

    /// The group is not: the first of it is told why.
    async fn lose(&mut self, connection: &mut SqliteConnection, why: sqlx::Error) {
        if sqlx::query("rollback").execute(&mut *connection).await.is_err() {
            // No transaction was left to roll back, or the connection is broken: a new one is certain.
            reopen(connection, &self.options).await;
        }
        let mut why = Some(why);
        for waiting in self.group.drain(..) {
            let _ = waiting.send(Err(why.take().unwrap_or(sqlx::Error::WorkerCrashed)));
        }
    }

    /// One transaction; `None` when its connection does not come back.
    async fn lend(
        &mut self,
        mut connection: SqliteConnection,
        lane: Lane,
        request: Request,
    ) -> Option<SqliteConnection> {
        // Beside others it can be undone alone. The newest of this name is meant, and a commit ends all of them.
        let begin = if self.group.is_empty() { "begin immediate" } else { "savepoint grouped" };
        if let Err(error) = sqlx::query(begin).execute(&mut connection).await {
            let _ = request.send(Err(error));
            self.lose(&mut connection, sqlx::Error::WorkerCrashed).await;
            return Some(connection);
        }
        let (back, returned) = oneshot::channel();
        let lease = Lease { connection: Some(connection), back: Some(back), lane, end: End::Abandoned };
        // When the asker is gone the lease drops at once and comes back to be rolled back.
        let _ = request.send(Ok(Tx::sqlite(lease)));
        let (mut connection, end) = returned.await.ok()?;
        match end {
            End::Committed => {
                self.batch = Some(Instant::now());
                self.committed();
            }
            End::Grouped(waiting) => {
                if self.group.is_empty() {
                    self.began = Some(Instant::now());
                }
                self.group.push(waiting);
            }
            End::Abandoned if self.group.is_empty() => self.lose(&mut connection, sqlx::Error::WorkerCrashed).await,
            // A full disk may have undone everybody's.
            End::Abandoned => {
                if let Err(error) = sqlx::raw_sql("rollback to grouped; release grouped").execute(&mut connection).await
                {
                    self.lose(&mut connection, error).await;
                }
            }
        }
        Some(connection)
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

/// Copies the log into the database file beside the writers, on a connection of its own, and has it reach the disk.
async fn checkpoint(
    options: SqliteConnectOptions,
    file: Arc<File>,
    writer: mpsc::WeakSender<Request>,
    long: Arc<AtomicBool>,
) {
    let (mut connection, mut before) = (None, 0);
    while writer.upgrade().is_some() {
        tokio::time::sleep(CHECKPOINT_EVERY).await;
        if connection.is_none() {
            connection = options.connect().await.ok();
        }
        let Some(open) = &mut connection else { continue };
        match copy_log(open).await {
            Ok(pages) => {
                if pages != before {
                    sync(&file).await;
                }
                before = pages;
                long.store(pages > LONG_LOG, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%error, "checkpoint failed");
                connection = None;
            }
        }
    }
}

/// SQLite waits for what it copied to reach the disk only once it copied all there is, and while writes never pause that is when the log
/// is begun anew, and writers wait: for what was copied in seconds. So it is there before.
async fn sync(file: &Arc<File>) {
    let file = file.clone();
    // Otherwise the program ends just now.
    if let Ok(synced) = background::block(move || file.sync_data()).await
        && let Err(error) = synced
    {
        not_durable(&error);
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
