//! The database: SQLite in a folder or PostgreSQL, and SQL that is written once.
//!
//! Statements are plain text with `$1` placeholders that both engines understand. Only this folder knows which of them runs
//! them, except where a bulk insert is written in two ways (see [`Dialect`]).
//!
//! On PostgreSQL many write at once, each statement on what was committed when it began (READ COMMITTED). So rows are
//! changed by a conditional update with its count, and what spans several rows is done while it is held ([`Tx::hold_event`]).

mod chunk;
mod leftovers;
mod postgres;
mod sql;
mod sqlite;
#[cfg(test)]
mod tests;
mod transfer;
mod writer;

pub(crate) use chunk::Chunk;
pub(crate) use leftovers::Leftovers;
pub use postgres::Unusable;
pub(crate) use sql::AtEnd;
pub use sql::{Alone, Committed, Dialect, HeldAdmins, HeldChat, HeldEvent, HeldHours, HeldParty, Session, Sql, Tx};
pub use transfer::{NotCarried, transfer};
pub use writer::Lane;

use crate::clock::Clock;
use model::Time;
use postgres::Postgres;
use sql::Held;
use sqlite::Sqlite;
use sqlx::migrate::Migrator;
use std::{
    path::Path,
    sync::{Arc, PoisonError, RwLock},
};

/// What PostgreSQL's clock says, in microseconds: not as of the beginning of the transaction.
const POSTGRES_TIME: &str = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// A value that can be bound and read on every engine.
pub trait Value:
    for<'q> sqlx::Encode<'q, sqlx::Sqlite>
    + sqlx::Type<sqlx::Sqlite>
    + for<'q> sqlx::Encode<'q, sqlx::Postgres>
    + sqlx::Type<sqlx::Postgres>
    + Send
{
}
impl<T> Value for T where
    T: for<'q> sqlx::Encode<'q, sqlx::Sqlite>
        + sqlx::Type<sqlx::Sqlite>
        + for<'q> sqlx::Encode<'q, sqlx::Postgres>
        + sqlx::Type<sqlx::Postgres>
        + Send
{
}

/// A row that can be read on every engine.
pub trait Record:
    for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin
{
}
impl<T> Record for T where
    T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
        + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
        + Send
        + Unpin
{
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    on: On,
    hook: Arc<Hook>,
}

/// What is called with the news of a commit.
type Told = Arc<dyn Fn(Committed) + Send + Sync>;

/// The function that is called after commits, when one is set.
#[derive(Default)]
struct Hook(RwLock<Option<Told>>);

impl Hook {
    fn call(&self, news: Committed) {
        let told = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(told) = told {
            told(news);
        }
    }
}

#[derive(Clone)]
enum On {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Db {
    /// Opens the SQLite database in `folder`, creates it when it is missing and brings its schema up to date.
    ///
    /// # Errors
    /// When it cannot be made or opened, or its schema not be brought up to date.
    pub async fn open(folder: &Path) -> Result<Db, sqlx::Error> {
        Ok(Db { on: On::Sqlite(Sqlite::open(folder).await?), hook: Arc::default() })
    }

    /// Connects to the PostgreSQL database at `url` (`postgres://user:password@host/name`) and brings its schema up to date.
    ///
    /// # Errors
    /// [`Unusable`] says what to do.
    pub async fn connect(url: &str) -> Result<Db, Unusable> {
        Db::connect_by(url, &postgres::SCHEMA).await
    }

    /// The same with another schema: as a newer program does, beside this one.
    ///
    /// # Errors
    /// As [`Db::connect`].
    pub async fn connect_by(url: &str, schema: &Migrator) -> Result<Db, Unusable> {
        Ok(Db { on: On::Postgres(Postgres::connect(url, schema).await?), hook: Arc::default() })
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        match &self.on {
            On::Sqlite(_) => Dialect::Sqlite,
            On::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Begins a write transaction in its lane. Await nothing but its own statements until it is committed.
    ///
    /// # Errors
    /// The database's, also when none of its connections is free in time.
    pub async fn begin(&self, lane: Lane) -> Result<Tx, sqlx::Error> {
        let tx = match &self.on {
            On::Sqlite(sqlite) => sqlite.begin(lane).await?,
            On::Postgres(postgres) => Tx::postgres(postgres.begin(lane).await?),
        };
        Ok(tx.of(&self.hook))
    }

    /// Has `told` called after every commit that left news, instead of what was called before. What it does is not waited for, and
    /// nothing may depend on it: a process that ends in between does not call it.
    pub(crate) fn tell(&self, told: impl Fn(Committed) + Send + Sync + 'static) {
        *self.hook.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(told));
    }

    /// Whether anything can be written: begins a transaction and undoes it. In SQLite before whatever waits, so that a long
    /// queue of other writes is not taken for a writer that is dead; in PostgreSQL on one of the connections that write.
    ///
    /// # Errors
    /// When it cannot be written. It waits for as long as the one before has the connection.
    pub async fn check_writer(&self) -> Result<(), sqlx::Error> {
        let lane = match &self.on {
            On::Sqlite(_) => Lane::Turnstile,
            On::Postgres(_) => Lane::Other,
        };
        self.begin(lane).await.map(drop)
    }

    /// Resolves when nothing can be written any more because the task that writes panicked: SQLite's one.
    pub(crate) async fn writer_is_gone(&self) {
        match &self.on {
            On::Sqlite(sqlite) => sqlite.writer_is_gone().await,
            On::Postgres(_) => std::future::pending().await,
        }
    }

    /// Opens a session of its own, which PostgreSQL alone has.
    ///
    /// # Errors
    /// On SQLite always; when PostgreSQL cannot be reached.
    pub async fn session(&self) -> Result<Session, sqlx::Error> {
        match &self.on {
            On::Sqlite(_) => Err(sqlx::Error::Configuration("SQLite has one process".into())),
            On::Postgres(postgres) => Ok(Session::new(postgres.session().await?)),
        }
    }

    /// The right to make what a demonstration instance makes by itself, which one node has at a time and for a minute at most;
    /// `None` while another has it.
    ///
    /// # Errors
    /// The database's.
    pub async fn demonstrating(&self) -> Result<Option<Alone>, sqlx::Error> {
        match &self.on {
            On::Sqlite(_) => Ok(Some(Alone::always())),
            On::Postgres(postgres) => {
                Alone::first(Tx::postgres(postgres.begin(Lane::Other).await?), Held::Demonstration).await
            }
        }
    }

    /// The time by which rows that several nodes share are compared: PostgreSQL's own. A folder has one process, and its
    /// `clock`.
    ///
    /// # Errors
    /// The database's.
    pub async fn time(&self, clock: &Clock) -> Result<Time, sqlx::Error> {
        match &self.on {
            On::Sqlite(_) => Ok(clock.now()),
            On::Postgres(_) => Ok(self.sql(POSTGRES_TIME).one::<(Time,)>().await?.0),
        }
    }

    /// Removes what was deleted from the files of the database, as far as it is of these tables: what deleted rows held stands
    /// there until something else is written in their place. In PostgreSQL tables of more than `most` bytes are left to its own
    /// vacuum: to write one anew keeps waiting whoever needs it.
    ///
    /// # Errors
    /// When it cannot be done now, such as beside a long read: then it is to be done later.
    pub async fn wipe(&self, tables: &[&'static str], most: Option<i64>) -> Result<(), sqlx::Error> {
        match &self.on {
            On::Sqlite(sqlite) => sqlite.wipe().await,
            On::Postgres(postgres) => postgres.wipe(tables, most).await,
        }
    }

    /// A statement that only reads.
    pub fn sql(&self, text: &'static str) -> Sql<'_> {
        match &self.on {
            On::Sqlite(sqlite) => Sql::on_sqlite(sqlite.readers(), text),
            On::Postgres(postgres) => Sql::on_postgres(postgres.readers(), text),
        }
    }
}

#[cfg(test)]
impl Db {
    /// Where a test keeps its data.
    pub(crate) async fn at(place: &testing::Place) -> Db {
        match place.url() {
            Some(url) => Db::connect(url).await.unwrap(),
            None => Db::open(place.folder()).await.unwrap(),
        }
    }
}

/// How often what was undone in favour of another transaction is done again.
pub(crate) const AGAIN: u32 = 3;

/// Does something again, a few times at most, whose transaction PostgreSQL undid in favour of another (a deadlock, or writes
/// that could not be put in an order): nothing of it was kept. Only for what does nothing beside its one transaction.
macro_rules! retried {
    ($work:expr) => {{
        let mut left = $crate::db::AGAIN;
        loop {
            match $work.await {
                Err(error) if left > 0 && $crate::db::was_undone(&error) => {
                    left -= 1;
                    metrics::counter!("database_retries_total").increment(1);
                    // Not both of them at once again.
                    let pause = u64::from($crate::ids::random::<1>()[0]) / 8;
                    tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                }
                done => break done,
            }
        }
    }};
}
pub(crate) use retried;

/// Whether a transaction was undone in favour of another.
pub(crate) fn was_undone(error: &crate::Error) -> bool {
    let crate::Error::Database(sqlx::Error::Database(error)) = error else { return false };
    matches!(error.code().as_deref(), Some("40001" | "40P01"))
}

/// Whether the database could not be reached or had no room for now: the same may work a moment later.
pub fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::Io(_) => true,
        // What a server says that ends in the middle of a sentence.
        sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| postgres::is_passing(&code)),
        _ => false,
    }
}
