//! Carries the data of a folder over into an empty PostgreSQL database: all of it in one transaction, or nothing.

use super::postgres::{self, Unusable};
use futures::TryStreamExt;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, SqliteConnection,
    postgres::PgArguments,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqliteRow},
};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use uuid::Uuid;

/// Tables of what nodes do at the moment: of no use elsewhere. What the search follows is written there as the rows arrive.
pub(super) const OF_THE_MOMENT: [&str; 4] = ["nodes", "shards", "jobs", "search_changes"];
/// SQLite's codes for a file that somebody else has open.
const BUSY: [&str; 3] = ["5", "261", "517"];
/// Rows in one statement.
const ROWS: usize = 5_000;

/// Why nothing was carried over.
#[derive(Debug, thiserror::Error)]
pub enum NotCarried {
    /// There is nothing to carry.
    #[error("there is no database in {0}")]
    NoSource(PathBuf),
    /// Somebody writes to it.
    #[error("the data in {0} is in use: stop its server first")]
    InUse(PathBuf),
    /// There is something already.
    #[error("the PostgreSQL database is not empty (there are rows in \"{0}\"): use a new one")]
    NotEmpty(String),
    /// Somebody wrote to it meanwhile, or a fault of ours.
    #[error("of \"{table}\" there are {there} rows in the folder, and {here} arrived: nothing was kept")]
    Incomplete {
        /// Which table.
        table: String,
        /// In the folder.
        there: i64,
        /// In PostgreSQL.
        here: i64,
    },
    /// The target cannot be used.
    #[error(transparent)]
    Target(#[from] Unusable),
    /// The folder's schema cannot be brought up to date.
    #[error("the folder's schema: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// Either database failed.
    #[error("\"{table}\": {error}")]
    Failed {
        /// Which table.
        table: String,
        /// What it says.
        error: sqlx::Error,
    },
}

/// Carries everything from `folder` to `url`; each table with its rows. The folder stays as it is.
///
/// # Errors
/// [`NotCarried`] says what is in the way.
pub async fn transfer(folder: &Path, url: &str) -> Result<Vec<(String, i64)>, NotCarried> {
    let mut source = open(folder).await?;
    let (mut target, _) = postgres::first(url, &postgres::SCHEMA).await?;
    sqlx::migrate!("../migrations/sqlite").run(&mut source).await?;
    let failed = |table: &str| {
        let table = table.to_owned();
        move |error| NotCarried::Failed { table, error }
    };
    let tables = tables(&mut source).await.map_err(failed("sqlite_master"))?;
    let mut tx = target.begin().await.map_err(failed("begin"))?;
    for table in &tables {
        // Nothing else writes to it meanwhile.
        run(&mut tx, format!("lock table {table} in exclusive mode")).await.map_err(failed(table))?;
        if count(&mut tx, table).await.map_err(failed(table))? > 0 {
            return Err(NotCarried::NotEmpty(table.clone()));
        }
    }
    let mut carried = Vec::new();
    for table in tables {
        copy(&mut source, &mut tx, &table).await.map_err(failed(&table))?;
        let (there,): (i64,) = sqlx::query_as(AssertSqlSafe(format!("select count(*) from {table}")))
            .fetch_one(&mut source)
            .await
            .map_err(failed(&table))?;
        let here = count(&mut tx, &table).await.map_err(failed(&table))?;
        if there != here {
            return Err(NotCarried::Incomplete { table, there, here });
        }
        carried.push((table, here));
    }
    tx.commit().await.map_err(failed("commit"))?;
    // What was written is new to the planner.
    run(&mut target, "analyze".into()).await.map_err(failed("analyze"))?;
    let _ = (source.close().await, target.close().await);
    Ok(carried)
}

/// Opens the folder's database for us alone: SQLite says when another process has it open, and lets none open it meanwhile.
async fn open(folder: &Path) -> Result<SqliteConnection, NotCarried> {
    let file = folder.join("fiftynine.db");
    if !file.is_file() {
        return Err(NotCarried::NoSource(folder.to_owned()));
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .locking_mode(SqliteLockingMode::Exclusive)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_millis(500));
    let alone = async {
        let mut source = options.connect().await?;
        sqlx::raw_sql("begin exclusive; commit").execute(&mut source).await?;
        Ok(source)
    };
    alone.await.map_err(|error: sqlx::Error| {
        match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
            Some(code) if BUSY.contains(&code.as_ref()) => NotCarried::InUse(folder.to_owned()),
            _ => NotCarried::Failed { table: "fiftynine.db".to_owned(), error },
        }
    })
}

/// Every table that is carried over, each behind those it refers to: as they were made.
pub(super) async fn tables(source: &mut SqliteConnection) -> Result<Vec<String>, sqlx::Error> {
    let tables: Vec<(String,)> = sqlx::query_as(
        "select name from sqlite_master where type = 'table' and substr(name, 1, 6) <> 'sqlite' and substr(name, 1, 5) <> '_sqlx'
         order by rowid",
    )
    .fetch_all(source)
    .await?;
    Ok(tables.into_iter().map(|(table,)| table).filter(|table| !OF_THE_MOMENT.contains(&table.as_str())).collect())
}

async fn run(target: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(target).await.map(|_| ())
}

async fn count(target: &mut PgConnection, table: &str) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_as(AssertSqlSafe(format!("select count(*) from {table}")));
    let (count,): (i64,) = count.fetch_one(target).await?;
    Ok(count)
}

async fn copy(source: &mut SqliteConnection, target: &mut PgConnection, table: &str) -> Result<(), sqlx::Error> {
    // PostgreSQL names the types; SQLite keeps what they hold.
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select column_name::text, data_type::text from information_schema.columns
         where table_schema = current_schema() and table_name = $1 order by ordinal_position",
    )
    .bind(table)
    .fetch_all(&mut *target)
    .await?;
    let names = columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    let arrays = columns.iter().enumerate().map(|(i, (_, of))| format!("${}::{of}[]", i + 1));
    let arrays = arrays.collect::<Vec<_>>().join(", ");
    let insert = format!("insert into {table} ({names}) select * from unnest({arrays})");
    let mut rows = sqlx::query(AssertSqlSafe(format!("select {names} from {table}"))).fetch(source).try_chunks(ROWS);
    while let Some(chunk) = rows.try_next().await.map_err(|error| error.1)? {
        let mut values = PgArguments::default();
        for (i, (_, of)) in columns.iter().enumerate() {
            match of.as_str() {
                "uuid" => column::<Uuid>(&mut values, &chunk, i)?,
                "bytea" => column::<Vec<u8>>(&mut values, &chunk, i)?,
                "bigint" => column::<i64>(&mut values, &chunk, i)?,
                "boolean" => column::<bool>(&mut values, &chunk, i)?,
                "double precision" => column::<f64>(&mut values, &chunk, i)?,
                _ => column::<String>(&mut values, &chunk, i)?,
            }
        }
        sqlx::query_with(AssertSqlSafe(insert.clone()), values).execute(&mut *target).await?;
    }
    Ok(())
}

/// Reads one column of many rows and binds it.
fn column<T>(values: &mut PgArguments, rows: &[SqliteRow], i: usize) -> Result<(), sqlx::Error>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
    Vec<Option<T>>: for<'q> sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    let column: Vec<Option<T>> = rows.iter().map(|row| row.try_get(i)).collect::<Result<_, _>>()?;
    sqlx::Arguments::add(values, column).map_err(sqlx::Error::Encode)
}
