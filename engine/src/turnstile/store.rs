//! The turnstile's tables: the log, the entries and tallies projected from it, and the commands that wait.

use super::lead::Held as Owned;
use super::sequencer::{Batch, Command, Decided, Ledger, Passed, Place, Sequencer, Standing, Terms};
use crate::{
    cluster::{Shard, Stream},
    db::{Db, Engine, Held, Lane, Tx},
    outbox::{self, Trigger},
};
use model::{ClaimState, Entry, EntryState, EventId, Kind, MemberId, Moments, Time, claim};
use rustc_hash::FxBuildHasher;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};
use uuid::Uuid;

/// What is read to start sequencing an event.
pub(super) struct Loaded {
    pub terms: Terms,
    pub ledger: Ledger,
}

#[derive(sqlx::FromRow)]
struct TermsRow {
    creator_id: MemberId,
    kind: Kind,
    capacity: i64,
    entry_code: Option<String>,
    opens_at: Time,
    closes_at: Time,
    published_at: Option<Time>,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
    revisions: i64,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    total: i64,
    capacity: Option<i64>,
    last_at: Time,
    next_sequence: i64,
    cancelled: bool,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
}

/// Reads what an event's creator has it be; `None` when there is no such event.
pub(super) async fn terms(db: &Db, event: EventId) -> Result<Option<Terms>, sqlx::Error> {
    let row: Option<TermsRow> = db
        .sql(
            "select creator_id, kind, capacity, entry_code, opens_at, closes_at, published_at, cancelled_at, settled_at,
                (select count(*) from revisions where event_id = id) as revisions
             from events where id = $1",
        )
        .bind(event)
        .optional()
        .await?;
    Ok(row.map(|row| Terms {
        event,
        creator: row.creator_id,
        kind: row.kind,
        capacity: row.capacity as u64,
        moments: Moments {
            published_at: row.published_at,
            opens_at: row.opens_at,
            closes_at: row.closes_at,
            cancelled_at: row.cancelled_at,
            settled_at: row.settled_at,
        },
        entry_code: row.entry_code,
        revisions: row.revisions as u64,
    }))
}

/// Reads an event with everything committed; `None` when there is no such event.
pub(super) async fn load(db: &Db, event: EventId) -> Result<Option<Loaded>, sqlx::Error> {
    let Some(terms) = terms(db, event).await? else { return Ok(None) };
    let tally: Option<TallyRow> = db
        .sql("select total, capacity, last_at, next_sequence, cancelled from tallies where event_id = $1")
        .bind(event)
        .optional()
        .await?;
    let entries: Vec<EntryRow> = db
        .sql("select rank, member_id, entered_at, state from entries where event_id = $1 order by rank")
        .bind(event)
        .all()
        .await?;
    // Terms may already say more than was decided.
    let decided = tally.as_ref().filter(|tally| tally.total > 0).and_then(|tally| tally.capacity);
    let standing = Standing {
        total: tally.as_ref().map_or(0, |tally| tally.total as u64),
        capacity: decided.map_or(terms.capacity, |capacity| capacity as u64),
        last_at: tally.as_ref().map_or(Time(0), |tally| tally.last_at),
        next_sequence: tally.as_ref().map_or(0, |tally| tally.next_sequence as u64),
        closed: false,
        cancelled: tally.as_ref().is_some_and(|tally| tally.cancelled),
        full: false,
    };
    let entries = entries.into_iter().map(|entry| {
        let since_open_us = entry.entered_at.since(terms.moments.opens_at);
        let rank = entry.rank as u64;
        (entry.member_id, Entry { rank, entered_at: entry.entered_at, since_open_us, state: entry.state })
    });
    let ledger = Ledger::new(entries, standing);
    Ok(Some(Loaded { terms, ledger }))
}

/// Commands of `events` that were written and not yet applied, oldest first. All that wait are read: there are few, and one
/// index has them.
pub(super) async fn waiting(
    db: &Db,
    events: &HashSet<EventId, FxBuildHasher>,
) -> Result<HashMap<EventId, Vec<(Uuid, Command)>>, sqlx::Error> {
    let rows: Vec<(EventId, Uuid, String)> = db
        .sql("select event_id, id, command from commands where done_at is null order by created_at, id")
        .all()
        .await?;
    let mut waiting: HashMap<EventId, Vec<_>> = HashMap::new();
    for (event, id, text) in rows.into_iter().filter(|(event, ..)| events.contains(event)) {
        match serde_json::from_str(&text) {
            Ok(command) => waiting.entry(event).or_default().push((id, command)),
            Err(error) => tracing::error!(%id, %error, "a command cannot be read"),
        }
    }
    Ok(waiting)
}

/// Events with commands that wait.
pub(super) async fn commanded(db: &Db) -> Result<Vec<EventId>, sqlx::Error> {
    let rows: Vec<(EventId,)> = db.sql("select distinct event_id from commands where done_at is null").all().await?;
    Ok(rows.into_iter().map(|(event,)| event).collect())
}

/// Rows an insert statement of SQLite has room for: few statements for any batch, each prepared once.
const ROOMS: [usize; 6] = [1, 4, 16, 64, 256, 1024];

// Placeholders without numbers: SQLite looks numbered ones up by name, one after the other. Event and state are bound once.
// Rows that nothing is bound to are null, and left out.
static INSERTS: LazyLock<[String; 6]> = LazyLock::new(|| {
    ROOMS.map(|rows| {
        let rows = vec!["(?,?,?,?)"; rows].join(",");
        format!(
            "insert into entries (event_id, state, rank, member_id, entered_at, salt)
             select ?, ?, column1, column2, column3, column4 from (values {rows}) where column1 is not null"
        )
    })
});

/// The smallest statement with room for as many of `rows` as possible, and how many those are.
fn insert_for(rows: usize) -> (&'static str, usize) {
    let fits = ROOMS.iter().position(|room| *room >= rows).unwrap_or(ROOMS.len() - 1);
    (&INSERTS[fits], rows.min(ROOMS[fits]))
}

/// Writes what was decided, with the projections. `sequencers` are in the order in which everybody holds events.
pub(super) async fn write(tx: &mut Tx, sequencers: &[&Sequencer], now: Time) -> Result<(), sqlx::Error> {
    // Before any claim: whoever calls an event off or changes its claims waits, or has done so.
    for sequencer in sequencers {
        let Batch { marks, passed, .. } = sequencer.batch();
        if !marks.is_empty() || !passed.is_empty() {
            tx.hold(Held::Event(sequencer.event().0)).await?;
        }
    }
    match tx.engine() {
        Engine::Sqlite => {
            for sequencer in sequencers {
                insert_rows(tx, sequencer).await?;
            }
        }
        Engine::Postgres => insert_columns(tx, sequencers).await?,
    }
    for sequencer in sequencers {
        write_changes(tx, sequencer, now).await?;
    }
    Ok(())
}

/// Writes what commands changed of an event.
async fn write_changes(tx: &mut Tx, sequencer: &Sequencer, now: Time) -> Result<(), sqlx::Error> {
    let Batch { marks, passed, owed, .. } = sequencer.batch();
    let event = sequencer.event();
    // In one statement for each run of ranks that became the same.
    for run in marks.chunk_by(|(a, was), (b, is)| *b == a + 1 && was == is) {
        let ((first, state), (last, _)) = (run[0], run[run.len() - 1]);
        tx.sql("update entries set state = $1 where event_id = $2 and rank >= $3 and rank <= $4")
            .bind(state)
            .bind(event)
            .bind(first as i64)
            .bind(last as i64)
            .run()
            .await?;
    }
    pass(tx, event, passed).await?;
    for run in passed.chunk_by(|a, b| b.rank == a.rank + 1) {
        let trigger = Trigger::Won { event, from: run[0].rank, to: run[run.len() - 1].rank };
        outbox::write(tx, &trigger, now).await?;
    }
    // Who was taken out may have been given a place since the creator decided so.
    for (rank, _) in marks.iter().filter(|(_, state)| *state == EntryState::Disqualified) {
        if let Some(place) = withdraw(tx, event, *rank).await? {
            command(tx, event, &Command::PassOn(place), now).await?;
        }
    }
    for place in owed {
        command(tx, event, &Command::PassOn(*place), now).await?;
    }
    Ok(())
}

/// Offers places to those they went on to. Nothing is offered of an event that was called off while this batch waited.
async fn pass(tx: &mut Tx, event: EventId, passed: &[Passed]) -> Result<(), sqlx::Error> {
    match tx.engine() {
        Engine::Sqlite => {
            for Passed { place, first_at, member, rank, at, due_at } in passed {
                tx.sql(
                    "insert into claims (event_id, rank, place, member_id, state, first_at, given_at, due_at, remind_at)
                     select $1, $2, $3, $4, $5, $6, $7, $8, $9 from events where id = $1 and cancelled_at is null",
                )
                .bind(event)
                .bind(*rank as i64)
                .bind(*place as i64)
                .bind(*member)
                .bind(ClaimState::Offered)
                .bind(*first_at)
                .bind(*at)
                .bind(*due_at)
                .bind(claim::remind_at(*at, *due_at))
                .run()
                .await?;
            }
        }
        Engine::Postgres if passed.is_empty() => {}
        Engine::Postgres => {
            tx.sql(
                "insert into claims (event_id, state, rank, place, member_id, first_at, given_at, due_at, remind_at)
                 select $1, $2, passed.* from events,
                     unnest($3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]) passed
                 where id = $1 and cancelled_at is null",
            )
            .bind(event)
            .bind(ClaimState::Offered)
            .bind_column(passed.iter().map(|passed| passed.rank as i64).collect())
            .bind_column(passed.iter().map(|passed| passed.place as i64).collect())
            .bind_column(passed.iter().map(|passed| passed.member.0).collect())
            .bind_column(passed.iter().map(|passed| passed.first_at.0).collect())
            .bind_column(passed.iter().map(|passed| passed.at.0).collect())
            .bind_column(passed.iter().map(|passed| passed.due_at.0).collect())
            .bind_column(passed.iter().map(|passed| claim::remind_at(passed.at, passed.due_at).0).collect())
            .run()
            .await?;
        }
    }
    Ok(())
}

/// The row of the log that a batch is.
fn log_row(sequencer: &Sequencer) -> (i64, i64, Vec<u8>) {
    let records = &sequencer.batch().records;
    let mut bytes = Vec::with_capacity(records.len() * 56);
    records.iter().for_each(|record| record.append(&mut bytes));
    (sequencer.committed_sequence() as i64, records.len() as i64, bytes)
}

/// Writes log, entries and tally of one event: entries that are in the same state, as many as fit in each statement.
async fn insert_rows(tx: &mut Tx, sequencer: &Sequencer) -> Result<(), sqlx::Error> {
    let (event, standing) = (sequencer.event(), sequencer.standing());
    let (first, count, records) = log_row(sequencer);
    tx.sql("insert into event_log (event_id, first, count, records) values ($1, $2, $3, $4)")
        .bind(event)
        .bind(first)
        .bind(count)
        .bind(records)
        .run()
        .await?;
    for mut alike in sequencer.batch().entries.chunk_by(|a, b| a.entry.state == b.entry.state) {
        while !alike.is_empty() {
            let (text, count) = insert_for(alike.len());
            let (chunk, others) = alike.split_at(count);
            let insert = tx.sql(text).bind(event).bind(chunk[0].entry.state);
            let insert = chunk.iter().fold(insert, |insert, decided| {
                let Decided { member, entry, salt, .. } = decided;
                insert.bind(entry.rank as i64).bind(*member).bind(entry.entered_at).bind(salt.to_vec())
            });
            insert.run().await?;
            alike = others;
        }
    }
    tx.sql(
        "insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled) values ($1, $2, $3, $4, $5, $6)
         on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
             last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled",
    )
    .bind(event)
    .bind(standing.total as i64)
    .bind(standing.capacity as i64)
    .bind(standing.last_at)
    .bind(standing.next_sequence as i64)
    .bind(standing.cancelled)
    .run()
    .await?;
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
    let standings: Vec<Standing> = sequencers.iter().map(|sequencer| sequencer.standing()).collect();
    let entries: Vec<(Uuid, &Decided)> = sequencers
        .iter()
        .flat_map(|sequencer| sequencer.batch().entries.iter().map(|decided| (sequencer.event().0, decided)))
        .collect();
    tx.sql(
        "with logged as (
             insert into event_log (event_id, first, count, records)
             select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bytea[])
         ), tallied as (
             insert into tallies (event_id, total, capacity, last_at, next_sequence, cancelled)
             select * from unnest($1::uuid[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::boolean[])
             on conflict (event_id) do update set total = excluded.total, capacity = excluded.capacity,
                 last_at = excluded.last_at, next_sequence = excluded.next_sequence, cancelled = excluded.cancelled
         )
         insert into entries (event_id, rank, member_id, entered_at, state, salt)
         select * from unnest($10::uuid[], $11::bigint[], $12::uuid[], $13::bigint[], $14::text[], $15::bytea[])",
    )
    .bind_column(events)
    .bind_column(firsts)
    .bind_column(counts)
    .bind_column(records)
    .bind_column(standings.iter().map(|standing| standing.total as i64).collect())
    .bind_column(standings.iter().map(|standing| standing.capacity as i64).collect())
    .bind_column(standings.iter().map(|standing| standing.last_at.0).collect())
    .bind_column(standings.iter().map(|standing| standing.next_sequence as i64).collect())
    .bind_column(standings.iter().map(|standing| standing.cancelled).collect())
    .bind_column(entries.iter().map(|(event, _)| *event).collect())
    .bind_column(entries.iter().map(|(_, decided)| decided.entry.rank as i64).collect())
    .bind_column(entries.iter().map(|(_, decided)| decided.member.0).collect())
    .bind_column(entries.iter().map(|(_, decided)| decided.entry.entered_at.0).collect())
    .bind_column(entries.iter().map(|(_, decided)| decided.entry.state).collect())
    .bind_column(entries.iter().map(|(_, decided)| decided.salt.to_vec()).collect())
    .run()
    .await?;
    Ok(())
}

/// Takes back the place that a rank holds, when it holds one, with what was written for it. Hold the event.
pub async fn withdraw(tx: &mut Tx, event: EventId, rank: u64) -> Result<Option<Place>, sqlx::Error> {
    let held: Option<(i64, Time)> = tx
        .sql(
            "update claims set state = $1, remind_at = null
             where event_id = $2 and rank = $3 and state in ('offered', 'filled') returning place, first_at",
        )
        .bind(ClaimState::Withdrawn)
        .bind(event)
        .bind(rank as i64)
        .optional()
        .await?;
    if held.is_some() {
        tx.sql("delete from deliveries where event_id = $1 and rank = $2").bind(event).bind(rank as i64).run().await?;
    }
    Ok(held.map(|(place, first_at)| Place { number: place as u64, first_at: Some(first_at) }))
}

/// Marks commands as applied.
pub(super) async fn done(tx: &mut Tx, commands: Vec<Uuid>, now: Time) -> Result<(), sqlx::Error> {
    match tx.engine() {
        Engine::Sqlite => {
            for command in commands {
                tx.sql("update commands set done_at = $1 where id = $2 and done_at is null")
                    .bind(now)
                    .bind(command)
                    .run()
                    .await?;
            }
        }
        Engine::Postgres if commands.is_empty() => {}
        Engine::Postgres => {
            tx.sql("update commands set done_at = $1 where id = any($2::uuid[]) and done_at is null")
                .bind(now)
                .bind_column(commands)
                .run()
                .await?;
        }
    }
    Ok(())
}

/// Writes a command beside its cause. Wake the turnstile after the commit.
pub async fn command(tx: &mut Tx, event: EventId, command: &Command, now: Time) -> Result<(), sqlx::Error> {
    let text = serde_json::to_string(command).map_err(|error| sqlx::Error::Encode(error.into()))?;
    tx.sql("insert into commands (id, event_id, command, created_at) values ($1, $2, $3, $4)")
        .bind(crate::ids::new_id(now))
        .bind(event)
        .bind(text)
        .bind(now)
        .run()
        .await?;
    Ok(())
}

/// Which generation of its queue every shard is at.
pub(super) async fn generations(db: &Db) -> Result<Vec<(Shard, u64)>, sqlx::Error> {
    let rows: Vec<(i64, i64)> = db.sql("select id, generation from shards").all().await?;
    Ok(rows.into_iter().map(|(id, generation)| (Shard(id as u16), generation as u64)).collect())
}

/// A shard's queue is followed by `next`; `false` when another node owns it.
pub(super) async fn next_generation(db: &Db, next: Stream, epoch: i64) -> Result<bool, sqlx::Error> {
    let mut tx = db.begin(Lane::Turnstile).await?;
    let changed = tx
        .sql(
            "update shards set generation = $1, position_ms = 0, position_seq = 0
             where id = $2 and epoch = $3 and generation <= $1",
        )
        .bind(next.generation as i64)
        .bind(i64::from(next.shard.0))
        .bind(epoch)
        .run()
        .await?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// Notes how far shards' queues were read, together with what came of it; `false` when another node owns any of them.
pub(super) async fn advance(tx: &mut Tx, held: &[Owned]) -> Result<bool, sqlx::Error> {
    let column = |of: fn(&Owned) -> i64| held.iter().map(of).collect::<Vec<i64>>();
    let advanced = tx
        .sql(
            "update shards set position_ms = to_ms, position_seq = to_seq
             from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
                 as reached (shard, own_epoch, own_generation, to_ms, to_seq)
             where id = shard and epoch = own_epoch and generation = own_generation",
        )
        .bind_column(column(|held| held.stream.shard.0.into()))
        .bind_column(column(|held| held.epoch))
        .bind_column(column(|held| held.stream.generation as i64))
        .bind_column(column(|held| held.reached.milliseconds as i64))
        .bind_column(column(|held| held.reached.sequence as i64));
    Ok(advanced.run().await? == held.len() as u64)
}

/// Whether a shard is still this node's.
pub(super) async fn owns(db: &Db, held: &Owned) -> Result<bool, sqlx::Error> {
    db.sql("select 1 from shards where id = $1 and epoch = $2")
        .bind(i64::from(held.stream.shard.0))
        .bind(held.epoch)
        .exists()
        .await
}
