//! Verifies every invariant of the turnstile on live data by rebuilding its projections from the log.

use super::{
    outcome::Outcomes,
    record::{Record, commitment},
    replay::{Books, Replayed, follow, follow_sale},
};
use crate::db::Db;
use model::{EntryState, EventId, Kind, MemberId, Time};
use std::{collections::HashMap, fmt};

/// How often an event is looked at again that goes on while it is checked.
const AGAIN: usize = 5;

/// A promise that the data breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Of which event.
    pub event: EventId,
    /// What is wrong, for an operator.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.event, self.what)
    }
}

#[derive(sqlx::FromRow)]
struct EventRow {
    id: EventId,
    kind: Kind,
    capacity: i64,
    opens_at: Time,
    closes_at: Time,
    total: i64,
    last_at: Time,
    next_sequence: i64,
    cancelled: bool,
    /// The capacity of its row; the turnstile follows once it has applied the command.
    wanted: i64,
    /// Whether commands wait.
    waiting: bool,
    sold: Option<i64>,
    held: Option<i64>,
    /// 0 while not all were given; null where an older program began the sale.
    full_at: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
    quantity: i64,
    units: Option<i64>,
    due_at: Option<Time>,
    fewer: Option<bool>,
    salt: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct LogRow {
    first: i64,
    count: i64,
    records: Vec<u8>,
}

/// Checks every event, with what each kind's outcome wrote of it; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub(crate) async fn check(db: &Db, outcomes: Outcomes) -> Result<(usize, Vec<Violation>), sqlx::Error> {
    let events = events_of(db, None).await?;
    let (count, mut violations) = (events.len(), Vec::new());
    for mut event in events {
        let mut wrong = check_one(db, outcomes, &event).await?;
        // What commands change of entries changes while they are read: what looks wrong is looked at once more, until it held still.
        for _ in 0..AGAIN {
            if wrong.is_empty() {
                break;
            }
            let Some(now) = events_of(db, Some(event.id)).await?.pop() else { break };
            if now.next_sequence == event.next_sequence {
                break;
            }
            event = now;
            wrong = check_one(db, outcomes, &event).await?;
        }
        violations.extend(wrong.into_iter().map(|what| Violation { event: event.id, what }));
    }
    Ok((count, violations))
}

/// Every event with its tally, or one.
async fn events_of(db: &Db, only: Option<EventId>) -> Result<Vec<EventRow>, sqlx::Error> {
    db.sql(
        "select id, kind, coalesce(t.capacity, events.capacity) as capacity, opens_at, closes_at, coalesce(total, 0) as total, coalesce(last_at, 0) as last_at,
                coalesce(next_sequence, 0) as next_sequence,
                coalesce(cancelled, false) as cancelled, events.capacity as wanted,
                exists (select 1 from commands m where m.event_id = events.id and m.done_at is null) as waiting, sold, held, full_at
         from events left join tallies t on event_id = id where id = coalesce($1, id)",
    )
    .bind(only)
    .all()
    .await
}

/// Checks an event; everything that is wrong.
async fn check_one(db: &Db, outcomes: Outcomes, event: &EventRow) -> Result<Vec<String>, sqlx::Error> {
    // Both tables only grow, up to what the tally said.
    let log: Vec<LogRow> = db
        .sql("select first, count, records from event_log where event_id = $1 and first < $2 order by first")
        .bind(event.id)
        .bind(event.next_sequence)
        .all()
        .await?;
    let entries: Vec<EntryRow> = db
        .sql(
            "select rank, member_id, entered_at, state, quantity, units, due_at, fewer, salt
             from entries where event_id = $1 and rank <= $2 order by rank",
        )
        .bind(event.id)
        .bind(event.total)
        .all()
        .await?;
    let (replayed, mut wrong) = replay(event, &log);
    wrong.extend(check_event(event, &replayed, &entries));
    wrong.extend(outcomes(event.kind).check(db, event.id, &replayed).await?);
    Ok(wrong)
}

/// Follows the log of an event, and says what is wrong with the log itself.
fn replay(event: &EventRow, log: &[LogRow]) -> (Replayed, Vec<String>) {
    let mut wrong = Vec::new();
    let mut records = Vec::new();
    let mut sequence = 0;
    for row in log {
        if row.first != sequence {
            wrong.push(format!("the log jumps from sequence {sequence} to {}", row.first));
        }
        let mut bytes = row.records.as_slice();
        let before = records.len();
        while let Some(record) = Record::take(&mut bytes) {
            records.push(record);
        }
        if !bytes.is_empty() || (records.len() - before) as i64 != row.count {
            wrong.push(format!("the log row at {} does not hold {} whole records", row.first, row.count));
        }
        sequence = row.first + row.count;
    }
    if sequence != event.next_sequence {
        wrong.push(format!("the log ends at {sequence}, the tally says {}", event.next_sequence));
    }
    let raised = records.iter().find_map(|record| match record {
        Record::Raised { from, .. } => Some(*from),
        _ => None,
    });
    let capacity = raised.unwrap_or(event.capacity as u64);
    let holders = (1..=capacity).map(|unit| (unit, Some(unit))).collect();
    let mut replayed = Replayed { capacity, holders, ..Replayed::default() };
    for record in &records {
        match event.kind {
            Kind::Giveaway => wrong.extend(follow(&mut replayed, event.kind, record)),
            Kind::Deal | Kind::Ticket => wrong.extend(follow_sale(&mut replayed, record)),
        }
    }
    (replayed, wrong)
}

/// Compares the sums of a sale with its log: sold, held and free are the capacity, and nobody stands by for what is free.
fn check_sale(event: &EventRow, replayed: &Replayed) -> Vec<String> {
    let mut wrong = Vec::new();
    let Books { sold, held, standby, full_at, over, .. } = &replayed.books;
    let sums = (event.sold.unwrap_or_default() as u64, event.held.unwrap_or_default() as u64);
    if sums != (*sold, *held) {
        wrong.push(format!("the log leads to {sold} units sold and {held} held, the tally says {sums:?}"));
    }
    // 0 is not taken for wrong: a program of before may have given the last, beside those that note it. Where such a one also raised the
    // sale, or a unit came back afterwards, it is another moment than the first: nothing but a card reads it, and null is right then.
    if let Some(at) = event.full_at.filter(|at| *at != Time::default())
        && Some(at) != *full_at
    {
        wrong.push(format!("the log has all units given at {full_at:?}, the tally says {at:?}"));
    }
    let free = replayed.capacity.saturating_sub(sold + held);
    let waits = standby.iter().find(|(_, least)| u64::from(**least) <= free);
    if let (Some((rank, least)), false) = (waits, *over) {
        wrong.push(format!("{free} units are free, and rank {rank} stands by for {least}"));
    }
    wrong
}

/// Compares the projections of an event with where its log leads.
fn check_event(event: &EventRow, replayed: &Replayed, entries: &[EntryRow]) -> Vec<String> {
    let mut wrong = Vec::new();
    if event.total > 0 && !event.waiting && !event.cancelled && event.wanted != event.capacity {
        wrong.push(format!("places are given for a capacity of {}, the event says {}", event.capacity, event.wanted));
    }
    if replayed.capacity != event.capacity as u64 {
        let capacity = replayed.capacity;
        wrong.push(format!("the log leads to a capacity of {capacity}, the tally says {}", event.capacity));
    }
    if replayed.entries.len() != entries.len() || entries.len() as i64 != event.total {
        wrong.push(format!(
            "{} entries in the log, {} in the table, {} in the tally",
            replayed.entries.len(),
            entries.len(),
            event.total
        ));
    }
    if replayed.cancellations != usize::from(event.cancelled) {
        let calls_off = replayed.cancellations;
        wrong.push(format!("{calls_off} records call it off, the tally says {}", event.cancelled));
    }
    if event.kind != Kind::Giveaway {
        wrong.extend(check_sale(event, replayed));
    } else if !event.waiting && !event.cancelled {
        // Who let a place pass holds it no more: it went on, is left over, or waits to be given.
        for (unit, rank) in replayed.holders.iter().filter_map(|(unit, holder)| Some((unit, (*holder)?))) {
            if replayed.state(rank) == Some(EntryState::Expired) {
                wrong.push(format!("rank {rank} let place {unit} pass and holds it still"));
            }
        }
    }
    let mut members: HashMap<MemberId, Vec<&EntryRow>> = HashMap::new();
    let mut last = Time(i64::MIN);
    for (i, entry) in entries.iter().enumerate() {
        let rank = i as u64 + 1;
        if entry.rank as u64 != rank {
            wrong.push(format!("rank {} stands where rank {rank} should", entry.rank));
        }
        if entry.entered_at <= last {
            wrong.push(format!("the time of rank {rank} is not after the one before"));
        }
        if entry.entered_at < event.opens_at || entry.entered_at >= event.closes_at + model::SECOND {
            wrong.push(format!("rank {rank} entered while the event was not open"));
        }
        let earlier = members.entry(entry.member_id).or_default();
        let may_join_again = event.kind != Kind::Giveaway
            && earlier.len() == 1
            && matches!(earlier[0].state, EntryState::Left | EntryState::Expired);
        if !earlier.is_empty() && !may_join_again {
            wrong.push(format!("rank {rank} is a second entry of its member"));
        }
        earlier.push(entry);
        if let Some(logged) = replayed.entries.get(i) {
            let salt: Option<[u8; 16]> = entry.salt.as_slice().try_into().ok();
            let opened = salt.map(|salt| commitment(&salt, event.id, entry.member_id));
            // Whose it was nobody can tell any more once its salt was erased with its member.
            let erased = entry.salt.is_empty();
            let logged = (logged.entry, logged.commitment);
            if logged.0.entered_at != entry.entered_at || (!erased && opened != Some(logged.1)) {
                wrong.push(format!("rank {rank} differs from its log record"));
            }
            let logged = logged.0;
            if logged.state != entry.state {
                wrong.push(format!("rank {rank} is {:?}, the log makes it {:?}", entry.state, logged.state));
            }
            if i64::from(logged.quantity) != entry.quantity {
                wrong.push(format!("rank {rank} asks for {}, the log has {}", entry.quantity, logged.quantity));
            }
            let had = (entry.units.unwrap_or_default(), entry.due_at, entry.fewer.unwrap_or_default());
            if had != (i64::from(logged.units), logged.due_at(), logged.fewer) {
                wrong.push(format!(
                    "rank {rank} has {} units until {:?} (fewer would do: {}), the log makes that {}, {:?}, {}",
                    had.0,
                    had.1,
                    had.2,
                    logged.units,
                    logged.due_at(),
                    logged.fewer
                ));
            }
        }
        last = entry.entered_at;
    }
    if !entries.is_empty() && last != event.last_at {
        wrong.push("the tally's last time is not the last entry's".into());
    }
    wrong
}
