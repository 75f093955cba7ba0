//! PostgreSQL: who gets which connection, what a session may take, and what an operator is told when it cannot be used.

use super::writer::Lane;
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool,
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::time::{Duration, Instant};

/// The oldest version that is tested.
const OLDEST: u32 = 14;
/// Connections of a node that read, that write, and that only the turnstile has: no flood of others keeps it waiting.
const READERS: u32 = 8;
const WRITERS: u32 = 8;
const TURNSTILE: u32 = 2;
/// The old one may still be closing when the next is opened.
const SESSIONS: u32 = 2;
/// A session that holds something for others to see is ended by the server when it was silent for this long.
pub(super) const SILENCE: &str = "1500ms";
/// How long a request waits for a connection before it is told that the site is busy.
const ACQUIRE: Duration = Duration::from_secs(3);
/// How long a first connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer is waited for: longer than the server itself lets a statement run, so only for one that is gone.
pub(super) const ANSWER: Duration = Duration::from_secs(15);
/// A connection that rested so long is tried before it is lent.
const RESTED: Duration = Duration::from_secs(5);

/// A migration that would have to wait for longer lets the nodes that are at work go first, and begins again: statements
/// on a table that is waited for wait as well, and after a second PostgreSQL would end either side of a deadlock.
const MIGRATION_WAITS: &str = "set lock_timeout = '500ms'";
/// Others wait for a table while something waits for all of it. To write it anew takes as long as it takes.
const WIPE_WAITS: &str = "set lock_timeout = '200ms'; set statement_timeout = 0";
/// How long a table that is written anew is waited for.
const WIPED_WITHIN: Duration = Duration::from_secs(10 * 60);
/// How often that is tried again, after which pause.
const WIPE_TRIES: u32 = 20;
const WIPE_AGAIN: Duration = Duration::from_millis(500);
/// Pause before it begins again.
const MIGRATION_PAUSE: Duration = Duration::from_millis(300);
/// How long all of this may take; the longest is another node's migration.
const MIGRATED_WITHIN: Duration = Duration::from_secs(10 * 60);

/// The schema of this program.
pub(super) static SCHEMA: Migrator = sqlx::migrate!("../migrations/postgres");

/// What every session goes by, whatever the server's own configuration.
const SESSION: [(&str, &str); 5] = [
    ("statement_timeout", "10s"),
    ("lock_timeout", "3s"),
    ("idle_in_transaction_session_timeout", "10s"),
    ("default_transaction_isolation", "read committed"),
    // No statement here runs for so long that to compile it would be worth a tenth of a second; tables of which PostgreSQL knows
    // little yet make it believe so.
    ("jit", "off"),
];

/// Awaits a statement on a pooled connection, but not for ever: no request waits long for a server that went silent, and
/// the connection to it is given up.
macro_rules! answer {
    ($connection:expr, |$on:ident| $asked:expr) => {{
        let pooled: &mut sqlx::pool::PoolConnection<sqlx::Postgres> = $connection;
        let $on: &mut sqlx::PgConnection = &mut *pooled;
        match tokio::time::timeout($crate::db::postgres::ANSWER, $asked).await {
            Ok(done) => done,
            Err(_) => {
                pooled.close_on_drop();
                Err($crate::db::postgres::gone())
            }
        }
    }};
}
pub(super) use answer;

/// A connected database. Cheap to clone.
#[derive(Clone)]
pub(super) struct Postgres {
    readers: PgPool,
    writers: PgPool,
    turnstile: PgPool,
    sessions: PgPool,
}

impl Postgres {
    pub(super) async fn connect(url: &str, schema: &Migrator) -> Result<Postgres, Unusable> {
        let (connection, options) = first(url, schema).await?;
        let _ = connection.close().await;
        let options = options.options(SESSION).statement_cache_capacity(256);
        let pool = |most: u32, options: PgConnectOptions| {
            PgPoolOptions::new()
                .max_connections(most)
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false)
                .before_acquire(|connection, rested| {
                    Box::pin(async move {
                        if rested.idle_for > RESTED {
                            let alive = tokio::time::timeout(ACQUIRE / 2, connection.ping());
                            alive.await.unwrap_or_else(|_| Err(gone()))?;
                        }
                        Ok(true)
                    })
                })
                .connect_lazy_with(options)
        };
        Ok(Postgres {
            readers: pool(READERS, options.clone().options([("default_transaction_read_only", "on")])),
            writers: pool(WRITERS, options.clone()),
            // A node that stopped in the middle of a batch does not keep its shards from the next owner.
            turnstile: pool(TURNSTILE, options.clone().options([("idle_in_transaction_session_timeout", SILENCE)])),
            sessions: pool(
                SESSIONS,
                options.options([
                    ("idle_session_timeout", SILENCE),
                    ("idle_in_transaction_session_timeout", SILENCE),
                    ("statement_timeout", SILENCE),
                ]),
            ),
        })
    }

    pub(super) async fn begin(&self, lane: Lane) -> Result<Lent, sqlx::Error> {
        let pool = match lane {
            Lane::Turnstile => &self.turnstile,
            Lane::Other => &self.writers,
        };
        let mut lent = Lent { connection: Some(pool.acquire().await?), in_transaction: true };
        answer!(lent.connection(), |connection| sqlx::raw_sql("begin").execute(connection))?;
        Ok(lent)
    }

    pub(super) async fn session(&self) -> Result<Lent, sqlx::Error> {
        let mut connection = self.sessions.acquire().await?;
        // What it holds ends with it.
        connection.close_on_drop();
        Ok(Lent { connection: Some(connection), in_transaction: false })
    }

    /// Writes tables anew: what deleted rows held stands in the file of a table that is merely vacuumed. Statements on
    /// a table wait meanwhile, so only small ones: those that have more than `most` bytes are left to PostgreSQL's own vacuum.
    ///
    /// # Errors
    /// The first, once each of the others was written anew.
    pub(super) async fn wipe(&self, tables: &[&'static str], most: Option<i64>) -> Result<(), sqlx::Error> {
        let mut connection = self.writers.acquire().await?;
        // Not to be lent with other limits than its own.
        connection.close_on_drop();
        answer!(&mut connection, |connection| sqlx::raw_sql(WIPE_WAITS).execute(connection))?;
        let mut failed = Ok(());
        for table in tables {
            match wipe_one(&mut connection, table, most).await {
                // The connection is as good as it was.
                Err(error @ sqlx::Error::Database(_)) => failed = failed.and(Err(error)),
                done => done?,
            }
        }
        failed
    }

    pub(super) fn readers(&self) -> &PgPool {
        &self.readers
    }
}

/// Writes one table anew, unless it has more than `most` bytes.
async fn wipe_one(
    connection: &mut PoolConnection<sqlx::Postgres>,
    table: &str,
    most: Option<i64>,
) -> Result<(), sqlx::Error> {
    let asked = AssertSqlSafe(format!("select pg_table_size('{table}')"));
    let size = answer!(connection, |connection| sqlx::query_as(asked).fetch_one(connection));
    let (size,): (i64,) = size?;
    if most.is_some_and(|most| size > most) {
        return Ok(());
    }
    let mut tries = 0;
    loop {
        let text = AssertSqlSafe(format!("vacuum (full, analyze) {table}"));
        let wiping = tokio::time::timeout(WIPED_WITHIN, sqlx::raw_sql(text).execute(&mut **connection));
        match wiping.await.unwrap_or_else(|_| Err(gone())) {
            Err(error) if is_blocked(&error) && tries < WIPE_TRIES => tries += 1,
            done => return done.map(drop),
        }
        tokio::time::sleep(WIPE_AGAIN).await;
    }
}

/// A first connection to a database that can be used, its schema up to date, and what others connect by. It goes by none of
/// [`SESSION`]'s limits.
pub(super) async fn first(url: &str, schema: &Migrator) -> Result<(PgConnection, PgConnectOptions), Unusable> {
    let options = parse(url)?;
    let connecting = tokio::time::timeout(CONNECT, PgConnection::connect_with(&options));
    let connected = connecting.await.unwrap_or_else(|_| Err(gone()));
    let mut connection = connected.map_err(|error| Unusable::because(error, &options))?;
    let durable = examine(&mut connection, &options).await?;
    migrate(&mut connection, &options, schema).await?;
    let options = if durable { options } else { options.options([("synchronous_commit", "on")]) };
    Ok((connection, options))
}

/// A connection, mostly with an open transaction; rolled back when dropped, unless committed.
pub(super) struct Lent {
    connection: Option<PoolConnection<sqlx::Postgres>>,
    in_transaction: bool,
}

impl Lent {
    #[allow(clippy::expect_used)]
    pub(super) fn connection(&mut self) -> &mut PoolConnection<sqlx::Postgres> {
        self.connection.as_mut().expect("the connection is only taken at the end")
    }

    pub(super) async fn commit(mut self) -> Result<(), sqlx::Error> {
        answer!(self.connection(), |connection| sqlx::raw_sql("commit").execute(connection))?;
        self.connection = None;
        Ok(())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        if !self.in_transaction {
            return;
        }
        tokio::spawn(async move {
            let rolled_back = answer!(&mut connection, |connection| sqlx::raw_sql("rollback").execute(connection));
            if rolled_back.is_err() {
                connection.close_on_drop();
            }
        });
    }
}

pub(super) fn gone() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer"))
}

/// Whether a SQLSTATE says that the same may work a moment later: out of time or room, shutting down, or given up in favour
/// of another transaction.
pub(super) fn is_passing(code: &str) -> bool {
    // 55000 also says that a database takes no connections for now.
    let given_up = ["40001", "40P01", "55000", "55P03", "57014", "25P03"];
    code.len() == 5 && (given_up.contains(&code) || ["08", "53", "57P"].iter().any(|class| code.starts_with(class)))
}

/// Whether somebody else had what was needed.
fn is_blocked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("55P03" | "40P01"))
}

/// Why a PostgreSQL database cannot be used: one line for the operator, without the password.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Not an address of PostgreSQL.
    #[error("DATABASE_URL must begin with postgres:// or postgresql://; without it the data is kept in a folder")]
    OtherEngine,
    /// The address cannot be read.
    #[error("DATABASE_URL cannot be read ({0}); it looks like postgres://user:password@host:5432/name?sslmode=require")]
    Malformed(String),
    /// Nobody answers.
    #[error("PostgreSQL does not answer at {place} ({cause}): is it running, and is the address right?")]
    Unreachable {
        /// Where.
        place: String,
        /// What the system says.
        cause: String,
    },
    /// Its certificate is not trusted, or it has none.
    #[error(
        "no secure connection to PostgreSQL at {place} ({cause}): check its certificate, and sslmode and sslrootcert in DATABASE_URL"
    )]
    Insecure {
        /// Where.
        place: String,
        /// What is wrong.
        cause: String,
    },
    /// User or password.
    #[error(
        "PostgreSQL at {place} refuses the user \"{user}\": check user and password in DATABASE_URL, and pg_hba.conf"
    )]
    Refused {
        /// Where.
        place: String,
        /// Who.
        user: String,
    },
    /// There is no such database.
    #[error("there is no database \"{name}\" at {place}: create it with `createdb --encoding UTF8 {name}`")]
    Missing {
        /// Where.
        place: String,
        /// Which.
        name: String,
    },
    /// It cannot be written to.
    #[error("PostgreSQL at {0} is read-only, as a standby is: use the address of the primary")]
    ReadOnly(String),
    /// The user may not make tables.
    #[error("the user \"{user}\" may not create tables at {place} ({cause}): make it the owner of the database")]
    NotAllowed {
        /// Where.
        place: String,
        /// Who.
        user: String,
        /// What was refused.
        cause: String,
    },
    /// It is too old.
    #[error("PostgreSQL at {place} is version {version}: {OLDEST} or newer is needed")]
    TooOld {
        /// Where.
        place: String,
        /// Its major version.
        version: u32,
    },
    /// It cannot hold every character.
    #[error(
        "the database at {place} is encoded in {encoding}: create it anew with `createdb --encoding UTF8 --template template0`"
    )]
    Encoding {
        /// Where.
        place: String,
        /// Which.
        encoding: String,
    },
    /// A newer program was here.
    #[error(
        "the schema at {place} is newer than this program, which does not know migration {version}: start the newer one"
    )]
    Newer {
        /// Where.
        place: String,
        /// The first that is unknown here.
        version: i64,
    },
    /// A migration is not what it was.
    #[error(
        "migration {version} at {place} is not this program's: the database belongs to another build; use that, or a new database"
    )]
    Altered {
        /// Where.
        place: String,
        /// Which.
        version: i64,
    },
    /// A migration was left half done.
    #[error(
        "migration {version} at {place} was left half done: restore the last backup, or mend it and correct its row in _sqlx_migrations"
    )]
    HalfDone {
        /// Where.
        place: String,
        /// Which.
        version: i64,
    },
    /// Anything else.
    #[error("PostgreSQL at {place}: {cause}")]
    Other {
        /// Where.
        place: String,
        /// What it says.
        cause: String,
    },
}

impl Unusable {
    fn because(error: sqlx::Error, options: &PgConnectOptions) -> Unusable {
        let place = place(options);
        let user = options.get_username().to_owned();
        let code =
            error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned();
        let cause = error.to_string();
        match (code.as_str(), error) {
            ("28P01" | "28000", _) => Unusable::Refused { place, user },
            ("3D000", _) => Unusable::Missing { place, name: options.get_database().unwrap_or(&user).to_owned() },
            ("25006", _) => Unusable::ReadOnly(place),
            ("42501", _) => Unusable::NotAllowed { place, user, cause },
            (_, sqlx::Error::Tls(error)) => Unusable::Insecure { place, cause: error.to_string() },
            // As which a certificate arrives that is not trusted.
            (_, sqlx::Error::Io(error)) if error.kind() == std::io::ErrorKind::InvalidData => {
                Unusable::Insecure { place, cause: error.to_string() }
            }
            (_, sqlx::Error::Io(error)) => Unusable::Unreachable { place, cause: error.to_string() },
            _ => Unusable::Other { place, cause },
        }
    }
}

/// Parameters that an address may carry: an unknown one is refused, since the driver would log it with its value.
const PARAMETERS: [&str; 18] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

fn parse(url: &str) -> Result<PgConnectOptions, Unusable> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(Unusable::OtherEngine);
    }
    let query = url.split_once('?').map_or("", |(_, query)| query);
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        if !PARAMETERS.contains(&name) {
            return Err(Unusable::Malformed("it has a parameter that is not known".into()));
        }
    }
    // The parser's own words may repeat a part of the address.
    let options: Result<PgConnectOptions, sqlx::Error> = url.parse();
    let options = options.map_err(|_| {
        Unusable::Malformed(
            "a part of it is not valid; special characters of a password are written as %40 and the like".into(),
        )
    })?;
    Ok(options.application_name("fiftynine"))
}

/// Where the database is, without who asks for it.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// Looks whether this is a database that can be used; whether its commits are durable by its own configuration.
async fn examine(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<bool, Unusable> {
    let version = connection.server_version_num().unwrap_or_default() / 10_000;
    if version < OLDEST {
        return Err(Unusable::TooOld { place: place(options), version });
    }
    let settings: Result<(String, String, String), sqlx::Error> = sqlx::query_as(
        "select current_setting('server_encoding'), current_setting('synchronous_commit'), current_setting('fsync')",
    )
    .fetch_one(connection)
    .await;
    let (encoding, commit, fsync) = settings.map_err(|error| Unusable::because(error, options))?;
    if encoding != "UTF8" {
        return Err(Unusable::Encoding { place: place(options), encoding });
    }
    if fsync == "off" {
        tracing::warn!("PostgreSQL runs with fsync=off: what it acknowledges may be lost");
    }
    Ok(commit != "off")
}

/// Brings the schema up to date. Nodes that start at once take turns, by the advisory lock that sqlx takes.
async fn migrate(connection: &mut PgConnection, options: &PgConnectOptions, schema: &Migrator) -> Result<(), Unusable> {
    let place = place(options);
    let asked = sqlx::raw_sql(MIGRATION_WAITS).execute(&mut *connection).await;
    asked.map_err(|error| Unusable::because(error, options))?;
    let until = Instant::now() + MIGRATED_WITHIN;
    let done = loop {
        match schema.run(&mut *connection).await {
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _))
                if is_blocked(&error) && Instant::now() < until =>
            {
                tracing::info!(%error, "the schema waits for those who are at work");
                tokio::time::sleep(MIGRATION_PAUSE).await;
            }
            done => break done,
        }
    };
    done.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Unusable::Newer { place, version },
        MigrateError::VersionMismatch(version) => Unusable::Altered { place, version },
        MigrateError::Dirty(version) => Unusable::HalfDone { place, version },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Unusable::because(error, options),
        error => Unusable::Other { place, cause: error.to_string() },
    })
}
