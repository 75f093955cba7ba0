//! Where tests keep their data: a folder, or a PostgreSQL database, made for one test and removed with it; and how they wait.
//!
//! [`both!`] makes two tests of one body. [`S3`] is a store of files, [`KakaoPay`] and [`PortOne`] take payments, [`KakaoLogin`] says who somebody is, a [`PushService`] what is pushed and a [`MailServer`] mail. What is waited for is waited for by [`eventually`] and [`soon`].
//! The PostgreSQL server comes from `scripts/with-services`.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

mod juso;
mod kakao_login;
mod kakaopay;
mod mail_server;
mod portone;
mod push_service;
mod s3;
mod services;
mod shim;
mod stand_in;
mod waiting;
mod webhook_receiver;

pub use juso::Juso;
pub use kakao_login::{KakaoLogin, KakaoUser, Lie};
pub use kakaopay::KakaoPay;
pub use mail_server::{Mail, MailServer};
pub use portone::{PortOne, Webhook};
pub use push_service::{Browser, PushService, Pushed, Pushing};
pub use s3::{BUCKET, KEYS, S3, files};
pub use services::{Link, PostgresServer, RedisServer, State, free_address, give_to_postgres, postgres_program};
pub use shim::{Fault, Faults};
pub use stand_in::Wrong;
pub use waiting::{PATIENCE, Stalls, eventually, eventually_some, median, run_for, soon, usual_time};
pub use webhook_receiver::{Received, Receiving, WebhookReceiver};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection, SqliteConnection,
    migrate::Migrator,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The server that `scripts/with-services` started.
pub const SERVER: &str = "FIFTYNINE_TEST_DATABASE_URL";

/// The schema, which a test's database has from the start.
pub static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");
/// The same on SQLite.
static ON_SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");

/// How long a database waits for whoever is still connected before they are cut off.
const LEAVING: Duration = Duration::from_secs(2);

/// The schema of a newer program, which does `sql` besides.
pub async fn newer_schema(sql: &str) -> Migrator {
    let folder = tempfile::tempdir().unwrap();
    for migration in MIGRATIONS.iter() {
        let name = format!("{:04}_{}.sql", migration.version, migration.description.replace(' ', "_"));
        std::fs::write(folder.path().join(name), migration.sql.as_str()).unwrap();
    }
    std::fs::write(folder.path().join("9999_newer.sql"), sql).unwrap();
    Migrator::new(folder.path()).await.unwrap()
}

/// Makes two tests of an `async fn` that takes an [`On`]: `name::sqlite` and `name::postgres`. On one thread, or on several
/// with `"multi_thread"`.
#[macro_export]
macro_rules! both {
    ($name:ident $(, $flavor:tt)?) => {
        mod $name {
            #[tokio::test $((flavor = $flavor))?]
            async fn sqlite() {
                super::$name($crate::On::Sqlite).await;
            }

            #[tokio::test $((flavor = $flavor))?]
            async fn postgres() {
                super::$name($crate::On::Postgres).await;
            }
        }
    };
}

/// What a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// SQLite in a folder.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

/// Where one test keeps its data.
pub struct Place {
    database: Option<Database>,
    folder: TempDir,
}

impl Place {
    /// A folder, and a database with the schema: in it, or on PostgreSQL.
    pub fn new(on: On) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let database = match on {
            On::Sqlite => {
                std::fs::copy(sqlite_template(), folder.path().join("fiftynine.db")).unwrap();
                None
            }
            On::Postgres => Some(Database::migrated()),
        };
        Place { database, folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database of PostgreSQL's, unless it is in the folder.
    pub fn database(&self) -> Option<&Database> {
        self.database.as_ref()
    }

    /// Its address.
    pub fn url(&self) -> Option<&str> {
        self.database().map(Database::url)
    }
}

/// A database of PostgreSQL's; dropped with this.
pub struct Database {
    name: String,
    url: String,
}

impl Database {
    /// One with the schema: a copy of a template that the first test makes.
    pub fn migrated() -> Database {
        let database = Database::named();
        on_server(async |server| {
            let (template, how) = (template(server).await, copying(server).await);
            execute(server, format!("create database {} template {template} {how}", database.name)).await;
        });
        database
    }

    /// One without anything in it.
    pub fn empty() -> Database {
        let database = Database::named();
        on_server(async |server| execute(server, format!("create database {}", database.name)).await);
        database
    }

    fn named() -> Database {
        let name = format!("test_{:016x}", rand::random::<u64>());
        let server = server();
        let (path, query) = server.split_once('?').map_or((server.as_str(), ""), |(path, query)| (path, query));
        let (host, _) = path.rsplit_once('/').expect("an address with the name of a database");
        Database { url: format!("{host}/{name}?{query}").trim_end_matches('?').to_owned(), name }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements in it, beside the program.
    pub fn execute(&self, statements: &str) {
        on(&self.url, async |database| execute(database, statements.to_owned()).await);
    }

    /// Runs a statement about it, with its name for `{}`, from another.
    pub fn on_server(&self, statement: &str) {
        on_server(async |server| execute(server, statement.replace("{}", &self.name)).await);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        on_server(async |server| {
            let name = &self.name;
            // PostgreSQL itself looks whether they are gone ten times a second, and finds them at its first look.
            execute(server, format!("update pg_database set datallowconn = false where datname = '{name}'")).await;
            let connected = format!("from pg_stat_activity where datname = '{name}'");
            execute(server, format!("select pg_terminate_backend(pid) {connected}")).await;
            let until = Instant::now() + LEAVING;
            while Instant::now() < until {
                let left = sqlx::query(AssertSqlSafe(format!("select 1 {connected} limit 1")));
                if left.fetch_optional(&mut *server).await.unwrap().is_none() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            execute(server, format!("drop database if exists {name} with (force)")).await;
        });
    }
}

/// The address of the server.
pub fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run this test under scripts/with-services, as scripts/test does")
    })
}

/// Runs `work` on a connection to the server. On a thread of its own, so that it can be called from anywhere.
fn on_server<T: Send>(work: impl AsyncFnOnce(&mut PgConnection) -> T + Send) -> T {
    on(&server(), work)
}

fn on<T: Send>(url: &str, work: impl AsyncFnOnce(&mut PgConnection) -> T + Send) -> T {
    apart(async || {
        let options: PgConnectOptions = url.parse().unwrap();
        let mut connection = PgConnection::connect_with(&options).await.unwrap();
        let done = work(&mut connection).await;
        connection.close().await.unwrap();
        done
    })
}

/// Runs `work` on a thread and a runtime of its own.
fn apart<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    let on_its_own = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work());
    std::thread::scope(|scope| scope.spawn(on_its_own).join().unwrap())
}

async fn execute(connection: &mut PgConnection, statements: String) {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(connection).await.unwrap();
}

/// What a template is named by.
fn fingerprint(schema: &Migrator) -> String {
    let mut hasher = DefaultHasher::new();
    schema.iter().for_each(|migration| migration.checksum.hash(&mut hasher));
    format!("template_{:016x}", hasher.finish())
}

/// The file of a SQLite database with today's schema, which is copied: to make it takes longer than many a test. Made when it is
/// missing.
fn sqlite_template() -> PathBuf {
    let template = std::env::temp_dir().join(format!("fiftynine_{}.db", fingerprint(&ON_SQLITE)));
    if !template.exists() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made.db");
        apart(async || {
            let options = SqliteConnectOptions::new().filename(&made).create_if_missing(true);
            let options = options.journal_mode(SqliteJournalMode::Wal);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            ON_SQLITE.run(&mut connection).await.unwrap();
            // What is still in its log goes into the file.
            connection.close().await.unwrap();
        });
        // In the end and at once: others may make it meanwhile, and nobody copies half of it.
        std::fs::rename(&made, &template).unwrap();
    }
    template
}

/// How a template is copied. Where nothing has to reach the disk, and PostgreSQL can be asked to, file by file: otherwise each of its pages
/// goes through shared memory and the log, and every first connection finds out anew what its catalogs are like.
async fn copying(server: &mut PgConnection) -> &'static str {
    let by_file = "select 1 where current_setting('server_version_num')::int >= 150000
        and current_setting('fsync') = 'off'";
    match sqlx::query(by_file).fetch_optional(server).await.unwrap() {
        Some(_) => "strategy file_copy",
        None => "",
    }
}

/// A database with today's schema that nobody connects to; made when it is missing.
async fn template(server: &mut PgConnection) -> String {
    let name = fingerprint(&MIGRATIONS);
    let missing = async |server: &mut PgConnection| {
        let found = sqlx::query("select 1 from pg_database where datname = $1").bind(&name).fetch_optional(server);
        found.await.unwrap().is_none()
    };
    if missing(server).await {
        execute(server, "select pg_advisory_lock(59)".into()).await;
        if missing(server).await {
            // Named in the end, so that nobody copies half of it.
            let making = format!("{name}_{:016x}", rand::random::<u64>());
            execute(server, format!("create database {making}")).await;
            let options: PgConnectOptions = crate::server().parse().unwrap();
            let mut connection = PgConnection::connect_with(&options.database(&making)).await.unwrap();
            MIGRATIONS.run(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            execute(server, format!("alter database {making} rename to {name}")).await;
        }
        execute(server, "select pg_advisory_unlock(59)".into()).await;
    }
    name
}
