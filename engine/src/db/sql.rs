//! A statement with its values, run in a transaction or on a read connection.

use super::{
    Hook, Record, Value,
    postgres::{Lent, SILENCE, answer},
    writer::Lease,
};
use crate::clock::Clock;
use bytes::Bytes;
use futures::future::BoxFuture;
use model::{EventId, HOUR, MemberId, PartyId, Time, slots::Hour};
use serde::Serialize;
use sqlx::{
    Arguments, PgPool, SqliteConnection, SqlitePool,
    error::BoxDynError,
    postgres::{PgArguments, PgQueryResult},
    sqlite::{SqliteArguments, SqliteQueryResult},
};
use std::{any::Any, collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// Which SQL a database speaks: to be asked only where the two truly differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// In a folder.
    Sqlite,
    /// A server.
    Postgres,
}

/// What a transaction can keep for itself, see [`Tx::hold`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// An event's row and claims. Events are held in the order of their ids, and before any of their rows is changed.
    Event(Uuid),
    /// The numbers of an event's chat.
    Chat(Uuid),
    /// A party of neighbours with its members.
    Party(Uuid),
    /// The places of an hour. Hours are held in their order, and after events.
    Hour(Hour),
    /// What a demonstration instance makes by itself.
    Demonstration,
    /// Who looks after the site.
    Admins,
    /// Names that look alike.
    Name(Uuid),
}

impl Held {
    /// The number of the lock: the random half of the id, apart for each kind.
    fn key(self) -> i64 {
        let (id, kind) = match self {
            Held::Event(id) => (id, 0),
            Held::Chat(id) => (id, 1),
            Held::Demonstration => (Uuid::nil(), 2),
            Held::Party(id) => (id, 3),
            Held::Admins => (Uuid::nil(), 5),
            Held::Name(look) => (look, 6),
            // Counted from 1970, beside what random halves are.
            Held::Hour(hour) => (Uuid::from_u64_pair(0, ((hour.start().0 / HOUR.micros()) << 8) as u64), 4),
        };
        (id.as_u64_pair().1 ^ kind) as i64
    }
}

/// An event that the present transaction holds: until it ends, no other one changes the event's row or claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldEvent(EventId);

impl HeldEvent {
    /// Which event.
    pub fn event(self) -> EventId {
        self.0
    }
}

/// The numbers of an event's chat, which the present transaction holds until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldChat(EventId);

impl HeldChat {
    /// Of which event.
    pub fn event(self) -> EventId {
        self.0
    }
}

/// A party that the present transaction holds: until it ends, no other one changes the party, its members or its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldParty(PartyId);

impl HeldParty {
    /// Which party.
    pub fn party(self) -> PartyId {
        self.0
    }
}

/// Who looks after the site, which the present transaction holds: until it ends, no other one makes or takes away an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldAdmins(());

/// Hours that the present transaction holds: until it ends, no other one gives a place in any of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldHours(BTreeSet<Hour>);

impl HeldHours {
    /// Which hours.
    pub fn hours(&self) -> &BTreeSet<Hour> {
        &self.0
    }
}

/// A write transaction. Rolled back unless committed, also when its future is dropped half-way.
pub struct Tx {
    on: On,
    /// Whether a statement failed: PostgreSQL would answer "commit" by rolling back, as if all were well.
    failed: bool,
    /// What is still to be written.
    last: Vec<Box<dyn AtEnd>>,
    news: Committed,
    hook: Option<Arc<Hook>>,
}

/// What is gathered in a transaction and written as its last, right before the commit: all of it at once, and in an order in which
/// no transaction waits for one that waits for it.
pub(crate) trait AtEnd: Any + Send + Sync {
    /// Writes it.
    ///
    /// # Errors
    /// The database's: nothing of the transaction is kept then.
    fn write<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), sqlx::Error>>;
}

/// What a committed transaction leaves for those that wait for it: no more than the database has.
#[derive(Debug, Default)]
pub struct Committed {
    /// Members with other notices than before, which are to be read.
    pub members: BTreeSet<MemberId>,
    /// Members who are told something new, each with what is handed to those who follow them instead.
    pub handed: Vec<(MemberId, Bytes)>,
    /// Whether something waits in the outbox.
    pub outbox: bool,
    /// Events with commands that wait.
    pub commands: BTreeSet<EventId>,
}

impl Committed {
    fn is_empty(&self) -> bool {
        !self.outbox && self.members.is_empty() && self.handed.is_empty() && self.commands.is_empty()
    }
}

enum On {
    Sqlite(Lease),
    Postgres(Lent),
}

impl Tx {
    pub(super) fn sqlite(lease: Lease) -> Tx {
        Tx::on(On::Sqlite(lease))
    }

    pub(super) fn postgres(lent: Lent) -> Tx {
        Tx::on(On::Postgres(lent))
    }

    fn on(on: On) -> Tx {
        Tx { on, failed: false, last: Vec::new(), news: Committed::default(), hook: None }
    }

    /// The same, with what is called with the news of its commit.
    pub(super) fn of(self, hook: &Arc<Hook>) -> Tx {
        Tx { hook: Some(hook.clone()), ..self }
    }

    /// What is told once this is committed, to be added to.
    pub(crate) fn news(&mut self) -> &mut Committed {
        &mut self.news
    }

    /// What is written at the end, to be added to; nothing at first. Statements until then do not see it.
    #[allow(clippy::expect_used)]
    pub(crate) fn at_end<T: AtEnd + Default>(&mut self) -> &mut T {
        let at = self.last.iter().position(|last| {
            let last: &dyn Any = &**last;
            last.is::<T>()
        });
        let at = at.unwrap_or_else(|| {
            self.last.push(Box::new(T::default()));
            self.last.len() - 1
        });
        let last: &mut dyn Any = &mut *self.last[at];
        last.downcast_mut().expect("it was looked for by its type")
    }

    /// Which SQL it speaks.
    pub fn dialect(&self) -> Dialect {
        match self.on {
            On::Sqlite(_) => Dialect::Sqlite,
            On::Postgres(_) => Dialect::Postgres,
        }
    }

    /// A statement within this transaction. After one that failed none is run: it may have ended the transaction.
    pub fn sql(&mut self, text: &'static str) -> Sql<'_> {
        let failed = &mut self.failed;
        match &mut self.on {
            On::Sqlite(lease) => {
                let values = if *failed { Err(over()) } else { Ok(SqliteArguments::default()) };
                Sql { text, to: To::Sqlite(values, By::Transaction(lease.connection(), failed)) }
            }
            On::Postgres(lent) => Sql { text, to: To::Postgres(Ok(Box::default()), By::Transaction(lent, failed)) },
        }
    }

    /// The time that [`super::Db::time`] says.
    ///
    /// # Errors
    /// The database's.
    pub async fn time(&mut self, clock: &Clock) -> Result<Time, sqlx::Error> {
        match self.dialect() {
            Dialect::Sqlite => Ok(clock.now()),
            Dialect::Postgres => Ok(self.sql(super::POSTGRES_TIME).one::<(Time,)>().await?.0),
        }
    }

    /// Waits until no other transaction holds the same, and keeps it until this one ends: what is read of it afterwards
    /// stays true. SQLite's one writer holds everything. A node that stopped meanwhile keeps others, and the turnstile, from it
    /// no longer than from its shards. Other folders hold what has a type of its own: [`Tx::hold_event`], [`Tx::hold_chat`].
    pub(super) async fn hold(&mut self, what: Held) -> Result<(), sqlx::Error> {
        if self.dialect() == Dialect::Postgres {
            self.sql("select pg_advisory_xact_lock($1), set_config('idle_in_transaction_session_timeout', $2, true)")
                .bind(what.key())
                .bind(SILENCE)
                .run()
                .await?;
        }
        Ok(())
    }

    /// Waits until no other transaction holds the event, and holds it until this one ends. The value that is returned is asked
    /// for by every function that may only run while the event is held. Several events are held in the order of their ids.
    ///
    /// # Errors
    /// When the database fails, or the transaction that holds it does not end in time.
    pub async fn hold_event(&mut self, event: EventId) -> Result<HeldEvent, sqlx::Error> {
        self.hold(Held::Event(event.0)).await?;
        Ok(HeldEvent(event))
    }

    /// Holds the numbers of an event's chat in the same way.
    ///
    /// # Errors
    /// As [`Tx::hold_event`].
    pub async fn hold_chat(&mut self, event: EventId) -> Result<HeldChat, sqlx::Error> {
        self.hold(Held::Chat(event.0)).await?;
        Ok(HeldChat(event))
    }

    /// Holds a party in the same way. Nothing else is held besides.
    ///
    /// # Errors
    /// As [`Tx::hold_event`].
    pub async fn hold_party(&mut self, party: PartyId) -> Result<HeldParty, sqlx::Error> {
        self.hold(Held::Party(party.0)).await?;
        Ok(HeldParty(party))
    }

    /// Holds who looks after the site in the same way, before any of their rows is changed.
    ///
    /// # Errors
    /// As [`Tx::hold_event`].
    pub async fn hold_admins(&mut self) -> Result<HeldAdmins, sqlx::Error> {
        self.hold(Held::Admins).await?;
        Ok(HeldAdmins(()))
    }

    /// Holds names that look so in the same way: nobody else takes one meanwhile.
    ///
    /// # Errors
    /// As [`Tx::hold_event`].
    pub async fn hold_name(&mut self, look: &str) -> Result<(), sqlx::Error> {
        let hash = crate::ids::hash(&[look.as_bytes()]);
        self.hold(Held::Name(Uuid::from_bytes(*hash.first_chunk().unwrap_or(&[0; 16])))).await
    }

    /// Holds the places of hours in the same way.
    ///
    /// # Errors
    /// As [`Tx::hold_event`].
    pub async fn hold_hours(&mut self, hours: BTreeSet<Hour>) -> Result<HeldHours, sqlx::Error> {
        for hour in &hours {
            self.hold(Held::Hour(*hour)).await?;
        }
        Ok(HeldHours(hours))
    }

    /// Makes everything durable. After an error the outcome is unknown: read it anew.
    ///
    /// # Errors
    /// The database's; when one of its statements had failed, in which case nothing is kept.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        for last in std::mem::take(&mut self.last) {
            last.write(&mut self).await?;
        }
        if self.failed {
            return Err(over());
        }
        let Tx { on, news, hook, .. } = self;
        match on {
            On::Sqlite(lease) => lease.commit().await?,
            On::Postgres(lent) => lent.commit().await?,
        }
        if let Some(hook) = hook.filter(|_| !news.is_empty()) {
            hook.call(news);
        }
        Ok(())
    }
}

fn over() -> sqlx::Error {
    sqlx::Error::Protocol("a statement of this transaction had failed".into())
}

/// That no other node does the same, until this is dropped.
#[must_use]
pub struct Alone(#[expect(dead_code, reason = "kept for what it holds")] Option<Tx>);

impl Alone {
    /// SQLite has one process.
    pub(super) fn always() -> Alone {
        Alone(None)
    }

    /// The first of those who ask at once; `None` for the others.
    pub(super) async fn first(mut tx: Tx, what: Held) -> Result<Option<Alone>, sqlx::Error> {
        // The transaction does nothing but hold, so it may rest for as long as the work may take.
        tx.sql("set local idle_in_transaction_session_timeout = '60s'").run().await?;
        let (held,): (bool,) = tx.sql("select pg_try_advisory_xact_lock($1)").bind(what.key()).one().await?;
        Ok(held.then_some(Alone(Some(tx))))
    }
}

/// A connection to PostgreSQL with one user: what it holds, such as advisory locks, is held until it is dropped, or until
/// it was silent for 1.5 s.
pub struct Session {
    lent: Lent,
    failed: bool,
}

impl Session {
    pub(super) fn new(lent: Lent) -> Session {
        Session { lent, failed: false }
    }

    /// A statement that commits by itself.
    pub fn sql(&mut self, text: &'static str) -> Sql<'_> {
        Sql { text, to: To::Postgres(Ok(Box::default()), By::Transaction(&mut self.lent, &mut self.failed)) }
    }
}

/// A statement with its values so far.
#[must_use]
pub struct Sql<'c> {
    text: &'static str,
    to: To<'c>,
}

/// Where a statement goes, with the values it takes along.
enum To<'c> {
    Sqlite(Result<SqliteArguments, sqlx::Error>, By<'c, SqliteConnection, SqlitePool>),
    /// Boxed, so that binding moves no more of it than of SQLite's.
    Postgres(Result<Box<PgArguments>, sqlx::Error>, By<'c, Lent, PgPool>),
}

enum By<'c, Connection, Pool> {
    /// Noting whether it failed.
    Transaction(&'c mut Connection, &'c mut bool),
    Reader(&'c Pool),
}

/// Runs a statement on whichever engine it goes to.
macro_rules! run {
    ($sql:ident, $query:ident, $method:ident) => {
        match $sql.to {
            To::Sqlite(values, by) => {
                let query = sqlx::$query($sql.text, values?);
                match by {
                    By::Transaction(connection, failed) => noted(query.$method(connection).await, failed),
                    By::Reader(pool) => query.$method(pool).await,
                }
                .map(Into::into)
            }
            To::Postgres(values, by) => {
                let query = sqlx::$query($sql.text, *values?);
                match by {
                    By::Transaction(lent, failed) => {
                        let done = answer!(lent.connection(), |connection| query.$method(connection));
                        noted(done, failed)
                    }
                    By::Reader(pool) => {
                        let mut connection = pool.acquire().await?;
                        answer!(&mut connection, |connection| query.$method(connection))
                    }
                }
                .map(Into::into)
            }
        }
    };
}

fn noted<T>(done: Result<T, sqlx::Error>, failed: &mut bool) -> Result<T, sqlx::Error> {
    *failed |= done.is_err();
    done
}

/// How many rows a statement changed.
struct Changed(u64);

impl From<SqliteQueryResult> for Changed {
    fn from(done: SqliteQueryResult) -> Changed {
        Changed(done.rows_affected())
    }
}

impl From<PgQueryResult> for Changed {
    fn from(done: PgQueryResult) -> Changed {
        Changed(done.rows_affected())
    }
}

/// Whether there was a row.
struct Exists(bool);

impl<R> From<Option<R>> for Exists {
    fn from(row: Option<R>) -> Exists {
        Exists(row.is_some())
    }
}

impl<'c> Sql<'c> {
    pub(super) fn on_sqlite(pool: &'c SqlitePool, text: &'static str) -> Sql<'c> {
        Sql { text, to: To::Sqlite(Ok(SqliteArguments::default()), By::Reader(pool)) }
    }

    pub(super) fn on_postgres(pool: &'c PgPool, text: &'static str) -> Sql<'c> {
        Sql { text, to: To::Postgres(Ok(Box::default()), By::Reader(pool)) }
    }

    /// The next placeholder's value.
    pub fn bind<T: Value>(mut self, value: T) -> Self {
        match &mut self.to {
            To::Sqlite(values, _) => add(values, |values| values.add(value)),
            To::Postgres(values, _) => add(values, |values| values.add(value)),
        }
        self
    }

    /// The next placeholder's values: a whole column for `unnest`, which PostgreSQL alone has.
    pub fn bind_column<T>(mut self, column: Vec<T>) -> Self
    where
        Vec<T>: for<'q> sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        match &mut self.to {
            To::Sqlite(values, _) => *values = Err(sqlx::Error::Encode("SQLite has no arrays".into())),
            To::Postgres(values, _) => add(values, |values| values.add(column)),
        }
        self
    }

    /// The next placeholder's values: a list for `json_each`, from which SQLite takes many rows in one statement. Ids and hashes are
    /// in it by their digits, for `unhex`.
    pub fn bind_json<T: Serialize + ?Sized>(mut self, list: &T) -> Self {
        match serde_json::to_string(list) {
            Ok(text) => self.bind(text),
            Err(error) => {
                let error = sqlx::Error::Encode(error.into());
                match &mut self.to {
                    To::Sqlite(values, _) => *values = Err(error),
                    To::Postgres(values, _) => *values = Err(error),
                }
                self
            }
        }
    }

    /// Runs it; how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn run(self) -> Result<u64, sqlx::Error> {
        let done: Result<Changed, sqlx::Error> = run!(self, query_with, execute);
        Ok(done?.0)
    }

    /// All rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn all<T: Record>(self) -> Result<Vec<T>, sqlx::Error> {
        run!(self, query_as_with, fetch_all)
    }

    /// The first row, when there is one.
    ///
    /// # Errors
    /// The database's.
    pub async fn optional<T: Record>(self) -> Result<Option<T>, sqlx::Error> {
        run!(self, query_as_with, fetch_optional)
    }

    /// The row that must be there.
    ///
    /// # Errors
    /// The database's; [`sqlx::Error::RowNotFound`] when there is none.
    pub async fn one<T: Record>(self) -> Result<T, sqlx::Error> {
        self.optional().await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Whether there is a row.
    ///
    /// # Errors
    /// The database's.
    pub async fn exists(self) -> Result<bool, sqlx::Error> {
        let found: Result<Exists, sqlx::Error> = run!(self, query_with, fetch_optional);
        Ok(found?.0)
    }
}

fn add<A>(values: &mut Result<A, sqlx::Error>, add: impl FnOnce(&mut A) -> Result<(), BoxDynError>) {
    if let Ok(all) = values
        && let Err(error) = add(all)
    {
        *values = Err(sqlx::Error::Encode(error));
    }
}
