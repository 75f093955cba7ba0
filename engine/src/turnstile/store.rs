//! The turnstile's tables: the log, and the entries and tallies projected from it.

use super::{
    commands::{self, Command},
    decisions::{Batch, Changed, Decided},
    ledger::{Ledger, LedgerState, SaleState},
    record::Record,
    sequencer::{EventRules, Sequencer},
};
use crate::db::{Db, Dialect, HeldEvent, Tx};
use model::{Due, Entry, EntryState, EventId, Kind, MemberId, Moments, Offer, SaleRules, Time};
use std::sync::LazyLock;
use uuid::Uuid;

/// What is read to start sequencing an event.
pub(super) struct Loaded {
    pub rules: EventRules,
    pub ledger: Ledger,
}

#[derive(sqlx::FromRow)]
struct RulesRow {
    creator_id: MemberId,
    kind: Kind,
    capacity: i64,
    /// Where something is sold.
    offer: Option<String>,
    entry_code: Option<String>,
    opens_at: Time,
    closes_at: Time,
    published_at: Option<Time>,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
    suspended_at: Option<Time>,
    revisions: i64,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    total: i64,
    capacity: Option<i64>,
    last_at: Time,
    next_sequence: i64,
    cancelled: bool,
    ends_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
    quantity: i64,
    // Of a sale.
    #[sqlx(default)]
    units: Option<i64>,
    #[sqlx(default)]
    due_at: Option<Time>,
    #[sqlx(default)]
    fewer: Option<bool>,
}

/// Whether there is such an event.
pub(super) async fn exists(db: &Db, event: EventId) -> Result<bool, sqlx::Error> {
    db.sql("select 1 from events where id = $1").bind(event).exists().await
}

/// Reads what an event's creator has it be; `None` when there is no such event.
pub(super) async fn rules(db: &Db, event: EventId) -> Result<Option<EventRules>, sqlx::Error> {
    let row: Option<RulesRow> = db
        .sql(
            "select creator_id, kind, capacity, case when kind = 'giveaway' then null else offer end as offer, entry_code, opens_at, closes_at, published_at, cancelled_at, settled_at, suspended_at,
                (select count(*) from revisions where event_id = id) as revisions
             from events where id = $1",
        )
        .bind(event)
        .optional()
        .await?;
    let Some(row) = row else { return Ok(None) };
    let offer: Option<Offer> = row.offer.as_deref().map(serde_json::from_str).transpose().map_err(unreadable)?;
    Ok(Some(EventRules {
        event,
        creator: row.creator_id,
        kind: row.kind,
        sale: offer.and_then(|offer| SaleRules::of(&offer, row.closes_at)),
        capacity: row.capacity as u64,
        moments: Moments {
            published_at: row.published_at,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            cancelled_at: row.cancelled_at,
            settled_at: row.settled_at,
            suspended_at: row.suspended_at,
        },
        entry_code: row.entry_code,
        revisions: row.revisions as u64,
    }))
}

fn unreadable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}

/// Events whose sale has come to its last moment, and that wait to be told.
pub(super) async fn ending(db: &Db, now: Time) -> Result<Vec<EventId>, sqlx::Error> {
    let rows: Vec<(EventId,)> = db.sql("select event_id from tallies where ends_at <= $1").bind(now).all().await?;
    Ok(rows.into_iter().map(|(event,)| event).collect())
}

/// Reads an event with everything committed; `None` when there is no such event.
pub(super) async fn load(db: &Db, event: EventId) -> Result<Option<Loaded>, sqlx::Error> {
    let Some(rules) = rules(db, event).await? else { return Ok(None) };
    let tally: Option<TallyRow> = db
        .sql("select total, capacity, last_at, next_sequence, cancelled, ends_at from tallies where event_id = $1")
        .bind(event)
        .optional()
        .await?;
    let entries = match rules.sale {
        None => "select rank, member_id, entered_at, state, quantity from entries where event_id = $1 order by rank",
        Some(_) => {
            "select rank, member_id, entered_at, state, quantity, units, due_at, fewer
             from entries where event_id = $1 order by rank"
        }
    };
    let entries: Vec<EntryRow> = db.sql(entries).bind(event).all().await?;
    // EventRules may already say more than was decided.
    let decided = tally.as_ref().filter(|tally| tally.total > 0).and_then(|tally| tally.capacity);
    let over = rules.sale.is_some() && tally.as_ref().is_some_and(|tally| tally.ends_at.is_none());
    let state = LedgerState {
        total: tally.as_ref().map_or(0, |tally| tally.total as u64),
        capacity: decided.map_or(rules.capacity, |capacity| capacity as u64),
        last_at: tally.as_ref().map_or(Time(0), |tally| tally.last_at),
        next_sequence: tally.as_ref().map_or(0, |tally| tally.next_sequence as u64),
        closed: over,
        cancelled: tally.as_ref().is_some_and(|tally| tally.cancelled),
        full: false,
        sale: rules.sale.map(|_| SaleState { over, ..SaleState::default() }),
    };
    let entries = entries.into_iter().map(|row| {
        let since_open = row.entered_at.since(rules.moments.opens_at);
        let entry = Entry {
            quantity: row.quantity as u32,
            fewer: row.fewer.unwrap_or_default(),
            units: row.units.unwrap_or_default() as u32,
            due: Due::from(row.due_at),
            ..Entry::of_one(row.rank as u64, row.entered_at, since_open, row.state)
        };
        (row.member_id, entry)
    });
    let ledger = Ledger::new(entries, state);
    Ok(Some(Loaded { rules, ledger }))
}

/// Rows an insert statement of SQLite has room for: few statements for any batch, each prepared once.
const ROOMS: [usize; 6] = [1, 4, 16, 64, 256, 1024];

// Placeholders without numbers: SQLite looks numbered ones up by name, one after the other. Event and state are bound once.
// Rows that nothing is bound to are null, and left out.
macro_rules! inserts {
    ($values:literal, $columns:literal, $selected:literal) => {
        LazyLock::new(|| {
            ROOMS.map(|rows| {
                let rows = vec![$values; rows].join(",");
                format!(
                    "insert into entries (event_id, state, rank, member_id, entered_at, salt{}) \
                     select ?, ?, column1, column2, column3, column4{} from (values {rows}) where column1 is not null",
                    $columns, $selected
                )
            })
        })
    };
}

static INSERTS: LazyLock<[String; 6]> = inserts!("(?,?,?,?)", "", "");
// The same where any asks for more than one: a column's default needs no value to be bound.
static INSERTS_WITH_QUANTITY: LazyLock<[String; 6]> = inserts!("(?,?,?,?,?)", ", quantity", ", column5");
static INSERTS_OF_SALE: LazyLock<[String; 6]> =
    inserts!("(?,?,?,?,?,?,?,?)", ", quantity, units, due_at, fewer", ", column5, column6, column7, column8");

/// Which columns entries that are written together need.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Columns {
    Plain,
    Quantity,
    Sale,
}

impl Columns {
    fn of(sequencer: &Sequencer, decided: &[Decided]) -> Columns {
        if sequencer.state().sale.is_some() {
            Columns::Sale
        } else if decided.iter().any(|decided| decided.entry.quantity != 1) {
            Columns::Quantity
        } else {
            Columns::Plain
        }
    }
}

/// The smallest of statements with room for as many of `rows` as possible, and how many those are.
fn insert_for(columns: Columns, rows: usize) -> (&'static str, usize) {
    let inserts: &'static [String; 6] = match columns {
        Columns::Plain => &INSERTS,
        Columns::Quantity => &INSERTS_WITH_QUANTITY,
        Columns::Sale => &INSERTS_OF_SALE,
    };
    let fits = ROOMS.iter().position(|room| *room >= rows).unwrap_or(ROOMS.len() - 1);
    (&inserts[fits], rows.min(ROOMS[fits]))
}

/// Rows of a log that are read at once: each may have as many records as a batch.
const LOG_ROWS: i64 = 16;

/// The records of an event's log from a sequence number on, as many as are read at once, and where it goes on; `None` at its end.
pub(crate) async fn log_from(db: &Db, event: EventId, first: i64) -> Result<Option<(Vec<Record>, i64)>, sqlx::Error> {
    let rows: Vec<(i64, i64, Vec<u8>)> = db
        .sql("select first, count, records from event_log where event_id = $1 and first >= $2 order by first limit $3")
        .bind(event)
        .bind(first)
        .bind(LOG_ROWS)
        .all()
        .await?;
    let Some((last, count, _)) = rows.last() else { return Ok(None) };
    let next = last + count;
    let mut records = Vec::new();
    for (_, _, bytes) in &rows {
        let mut bytes = bytes.as_slice();
        records.extend(std::iter::from_fn(|| Record::take(&mut bytes)));
    }
    Ok(Some((records, next)))
}

/// Whether an event's log has anything from a sequence number on.
pub(crate) async fn log_goes_on(db: &Db, event: EventId, first: i64) -> Result<bool, sqlx::Error> {
    let rows = db.sql("select 1 from event_log where event_id = $1 and first >= $2 limit 1");
    rows.bind(event).bind(first).exists().await
}

/// Writes what was decided, with the projections. `sequencers` are in the order of their events, in which all transactions
/// hold events.
pub(super) async fn write(tx: &mut Tx, sequencers: &[&Sequencer], now: Time) -> Result<(), sqlx::Error> {
    // Before any of its rows: transactions that call an event off or change what follows from its entries wait, or are over.
    let mut changed = Vec::new();
    for sequencer in sequencers {
        let Batch { marks, changed: of_sale, reassigned, entries, .. } = sequencer.batch();
        let sells = sequencer.state().sale.is_some();
        let took = sells && entries.iter().any(|decided| decided.entry.units > 0);
        if took || !marks.is_empty() || !of_sale.is_empty() || !reassigned.is_empty() {
            changed.push((tx.hold_event(sequencer.event()).await?, sequencer));
        }
    }
    match tx.dialect() {
        Dialect::Sqlite => {
            for sequencer in sequencers {
                insert_rows(tx, sequencer).await?;
            }
        }
        Dialect::Postgres => insert_columns(tx, sequencers).await?,
    }
    for (held, sequencer) in changed {
        write_changes(tx, held, sequencer, now).await?;
    }
    for sequencer in sequencers {
        for unit in &sequencer.batch().owed {
            commands::write(tx, sequencer.event(), &Command::Reassign(*unit), now).await?;
        }
    }
    Ok(())
}

/// Writes what commands changed of an event's entries, and what follows from that and from units that clicks took.
async fn write_changes(tx: &mut Tx, held: HeldEvent, sequencer: &Sequencer, now: Time) -> Result<(), sqlx::Error> {
    let batch = sequencer.batch();
    if sequencer.state().sale.is_some() {
        write_changes_of_sale(tx, held, batch).await?;
        return sequencer.outcome().write(tx, held, batch, now).await;
    }
    // In one statement for each run of ranks that became the same; of one that changed twice the later stays behind.
    let mut marks = batch.marks.clone();
    marks.sort_by_key(|(rank, _)| *rank);
    for run in marks.chunk_by(|(a, was), (b, is)| *b == a + 1 && was == is) {
        let ((first, state), (last, _)) = (run[0], run[run.len() - 1]);
        tx.sql("update entries set state = $1 where event_id = $2 and rank >= $3 and rank <= $4")
            .bind(state)
            .bind(held.event())
            .bind(first as i64)
            .bind(last as i64)
            .run()
            .await?;
    }
    sequencer.outcome().write(tx, held, batch, now).await
}

/// The same of a sale: what became of its entries, with their units and deadlines.
async fn write_changes_of_sale(tx: &mut Tx, held: HeldEvent, batch: &Batch) -> Result<(), sqlx::Error> {
    let changed: Vec<&Entry> = batch.changed.values().map(|Changed { after, .. }| after).collect();
    match tx.dialect() {
        Dialect::Sqlite => {
            let is_same = |a: &Entry, b: &Entry| (a.state, a.units, a.due) == (b.state, b.units, b.due);
            for run in changed.chunk_by(|a, b| b.rank == a.rank + 1 && is_same(a, b)) {
                let (first, last) = (run[0], run[run.len() - 1]);
                tx.sql(
                    "update entries set state = $1, units = $2, due_at = $3
                     where event_id = $4 and rank >= $5 and rank <= $6",
                )
                .bind(first.state)
                .bind(i64::from(first.units))
                .bind(first.due_at())
                .bind(held.event())
                .bind(first.rank as i64)
                .bind(last.rank as i64)
                .run()
                .await?;
            }
        }
        Dialect::Postgres if changed.is_empty() => {}
        Dialect::Postgres => {
            tx.sql(
                "update entries set state = after.state, units = after.units, due_at = after.due_at
                 from unnest($2::bigint[], $3::text[], $4::bigint[], $5::bigint[])
                     as after (rank, state, units, due_at)
                 where entries.event_id = $1 and entries.rank = after.rank",
            )
            .bind(held.event())
            .bind_column(changed.iter().map(|entry| entry.rank as i64).collect())
            .bind_column(changed.iter().map(|entry| entry.state).collect())
            .bind_column(changed.iter().map(|entry| i64::from(entry.units)).collect())
            .bind_column(changed.iter().map(|entry| entry.due_at().map(|at| at.0)).collect::<Vec<Option<i64>>>())
            .run()
            .await?;
        }
    }
    Ok(())
}

/// The row of the log that a batch is.
fn log_row(sequencer: &Sequencer) -> (i64, i64, Vec<u8>) {
    let records = &sequencer.batch().records;
    let mut bytes = Vec::with_capacity(records.len() * 60);
    records.iter().for_each(|record| record.append(&mut bytes));
    (sequencer.committed_sequence() as i64, records.len() as i64, bytes)
}

/// When all units were given: each batch brings what its sequencer saw, and the row keeps the first, so that nobody has to read it. Where
/// there are more units than before, it begins anew. Until then null stays null: an older program began that sale, and may have given all of it.
macro_rules! full_at {
    () => {
        "full_at = case when tallies.full_at = 0 or tallies.capacity <> excluded.capacity then excluded.full_at
             else tallies.full_at end"
    };
}

/// As the row has it: 0 while not all are given.
fn full_at(sequencer: &Sequencer) -> Time {
    sequencer.full_at().unwrap_or_default()
}

/// Writes log, entries and tally of one event: entries that are in the same state, as many as fit in each statement.
async fn insert_rows(tx: &mut Tx, sequencer: &Sequencer) -> Result<(), sqlx::Error> {
    let (event, state) = (sequencer.event(), sequencer.state());
    let (first, count, records) = log_row(sequencer);
    tx.sql("insert into event_log (event_id, first, count, records) values ($1, $2, $3, $4)")
        .bind(event)
        .bind(first)
        .bind(count)
        .bind(records)
        .run()
        .await?;
    for mut alike in sequencer.batch().entries.chunk_by(|a, b| a.entry.state == b.entry.state) {
        let columns = Columns::of(sequencer, alike);
        while !alike.is_empty() {
            let (text, count) = insert_for(columns, alike.len());
            let (chunk, others) = alike.split_at(count);
            let insert = tx.sql(text).bind(event).bind(chunk[0].entry.state);
            let insert = chunk.iter().fold(insert, |insert, decided| {
                let Decided { member, entry, salt, .. } = decided;
                let insert = insert.bind(entry.rank as i64).bind(*member).bind(entry.entered_at).bind(salt.to_vec());
                match columns {
                    Columns::Plain => insert,
                    Columns::Quantity => insert.bind(i64::from(entry.quantity)),
                    Columns::Sale => insert
                        .bind(i64::from(entry.quantity))
                        .bind(i64::from(entry.units))
                        .bind(entry.due_at())
                        .bind(entry.fewer),
                }
            });
            insert.run().await?;
            alike = others;
        }
    }
    let tally = match state.sale {
        None => tx.sql(
            "insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled) values ($1, $2, $3, $4, $5, $6)
             on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
                 last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled",
        ),
        Some(_) => tx.sql(concat!(
            "insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled, sold, held, ends_at, full_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
                 last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled,
                 sold = excluded.sold, held = excluded.held, ends_at = excluded.ends_at, ",
            full_at!()
        )),
    };
    let tally = tally
        .bind(event)
        .bind(state.total as i64)
        .bind(state.capacity as i64)
        .bind(state.last_at)
        .bind(state.next_sequence as i64)
        .bind(state.cancelled);
    let tally = match state.sale {
        None => tally,
        Some(sale) => {
            let tally = tally.bind(sale.sold as i64).bind(sale.held as i64);
            tally.bind(sequencer.ends_at()).bind(full_at(sequencer))
        }
    };
    tally.run().await?;
    Ok(())
}

/// The same on PostgreSQL: one statement, and one answer to wait for, for any number of events and entries.
async fn insert_columns(tx: &mut Tx, sequencers: &[&Sequencer]) -> Result<(), sqlx::Error> {
    if sequencers.is_empty() {
        return Ok(());
    }
    let events: Vec<Uuid> = sequencers.iter().map(|sequencer| sequencer.event().0).collect();
    let (mut firsts, mut counts, mut records) = (Vec::new(), Vec::new(), Vec::new());
    for (first, count, bytes) in sequencers.iter().map(|sequencer| log_row(sequencer)) {
        firsts.push(first);
        counts.push(count);
        records.push(bytes);
    }
    let states: Vec<LedgerState> = sequencers.iter().map(|sequencer| sequencer.state()).collect();
    let entries: Vec<(Uuid, &Decided)> = sequencers
        .iter()
        .flat_map(|sequencer| sequencer.batch().entries.iter().map(|decided| (sequencer.event().0, decided)))
        .collect();
    let sells = sequencers.iter().any(|sequencer| sequencer.state().sale.is_some());
    // An empty column is padded with nulls, which stand for one.
    let quantities: Vec<i64> = match sells || entries.iter().any(|(_, decided)| decided.entry.quantity != 1) {
        true => entries.iter().map(|(_, decided)| i64::from(decided.entry.quantity)).collect(),
        false => Vec::new(),
    };
    let insert = match sells {
        false => tx.sql(
            "with logged as (
                 insert into event_log (event_id, first, count, records)
                 select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])
             ), tallied as (
                 insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled)
                 select * from unnest($1::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[])
                 on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
                     last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled
             )
             insert into entries (event_id, rank, member_id, entered_at, state, salt, quantity)
             select event_id, rank, member_id, entered_at, state, salt, coalesce(quantity, 1)
             from unnest($10::uuid[], $11::bigint[], $12::uuid[], $13::bigint[], $14::text[], $15::bytea[], $16::bigint[])
                 as decided (event_id, rank, member_id, entered_at, state, salt, quantity)",
        ),
        true => tx.sql(concat!(
            "with logged as (
                 insert into event_log (event_id, first, count, records)
                 select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])
             ), tallied as (
                 insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled, sold, held, ends_at, full_at)
                 select * from unnest($1::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[],
                     $17::bigint[], $18::bigint[], $19::bigint[], $23::bigint[])
                 on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
                     last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled,
                     sold = excluded.sold, held = excluded.held, ends_at = excluded.ends_at, ",
            full_at!(),
            "
             )
             insert into entries (event_id, rank, member_id, entered_at, state, salt, quantity, units, due_at, fewer)
             select * from unnest($10::uuid[], $11::bigint[], $12::uuid[], $13::bigint[], $14::text[], $15::bytea[],
                 $16::bigint[], $20::bigint[], $21::bigint[], $22::boolean[])"
        )),
    };
    let insert = insert
        .bind_column(events)
        .bind_column(firsts)
        .bind_column(counts)
        .bind_column(records)
        .bind_column(states.iter().map(|state| state.total as i64).collect())
        .bind_column(states.iter().map(|state| state.capacity as i64).collect())
        .bind_column(states.iter().map(|state| state.last_at.0).collect())
        .bind_column(states.iter().map(|state| state.next_sequence as i64).collect())
        .bind_column(states.iter().map(|state| state.cancelled).collect())
        .bind_column(entries.iter().map(|(event, _)| *event).collect())
        .bind_column(entries.iter().map(|(_, decided)| decided.entry.rank as i64).collect())
        .bind_column(entries.iter().map(|(_, decided)| decided.member.0).collect())
        .bind_column(entries.iter().map(|(_, decided)| decided.entry.entered_at.0).collect())
        .bind_column(entries.iter().map(|(_, decided)| decided.entry.state).collect())
        .bind_column(entries.iter().map(|(_, decided)| decided.salt.to_vec()).collect())
        .bind_column(quantities);
    let insert = match sells {
        false => insert,
        true => {
            // Giveaways in the same batch have none of it.
            let sale = |of: fn(&SaleState) -> u64| -> Vec<Option<i64>> {
                states.iter().map(|state| state.sale.as_ref().map(|sale| of(sale) as i64)).collect()
            };
            let of_sale = sequencers.iter().flat_map(|sequencer| {
                let sells = sequencer.state().sale.is_some();
                sequencer.batch().entries.iter().map(move |decided| sells.then_some(decided.entry))
            });
            let of_sale: Vec<Option<Entry>> = of_sale.collect();
            let ends_at: Vec<Option<i64>> =
                sequencers.iter().map(|sequencer| sequencer.ends_at().map(|at| at.0)).collect();
            let full_at: Vec<Option<i64>> = sequencers
                .iter()
                .map(|sequencer| sequencer.state().sale.is_some().then(|| full_at(sequencer).0))
                .collect();
            insert
                .bind_column(sale(|sale| sale.sold))
                .bind_column(sale(|sale| sale.held))
                .bind_column(ends_at)
                .bind_column(of_sale.iter().map(|entry| entry.map(|entry| i64::from(entry.units))).collect::<Vec<_>>())
                .bind_column(of_sale.iter().map(|entry| (*entry)?.due_at().map(|at| at.0)).collect::<Vec<_>>())
                .bind_column(of_sale.iter().map(|entry| entry.map(|entry| entry.fewer)).collect::<Vec<_>>())
                .bind_column(full_at)
        }
    };
    insert.run().await?;
    Ok(())
}
