//! Verifies every invariant of the turnstile on live data by rebuilding its projections from the log.

use super::{
    outcome::Outcomes,
    record::{Record, commitment},
};
use crate::db::Db;
use model::{EntryState, EventId, Kind, MemberId, Time};
use std::{
    collections::{HashMap, HashSet},
    fmt,
};

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
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
    quantity: i64,
    salt: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct LogRow {
    first: i64,
    count: i64,
    records: Vec<u8>,
}

/// Where an event's log leads: who holds which unit, and what became of every entry.
#[derive(Debug, Default)]
pub struct Replayed {
    capacity: u64,
    /// At first the rank of its number, and nobody once it is to be given anew.
    holders: HashMap<u64, Option<u64>>,
    entries: Vec<ReplayedEntry>,
    cancellations: usize,
}

#[derive(Debug)]
struct ReplayedEntry {
    at: Time,
    state: EntryState,
    quantity: u32,
    commitment: [u8; 32],
}

impl Replayed {
    /// How many entered.
    pub fn total(&self) -> u64 {
        self.entries.len() as u64
    }

    /// What became of a rank.
    pub fn state(&self, rank: u64) -> Option<EntryState> {
        self.entries.get(usize::try_from(rank).ok()?.checked_sub(1)?).map(|entry| entry.state)
    }

    /// Who holds a unit; `None` while nobody does, or when there is no such unit.
    pub fn holder(&self, unit: u64) -> Option<u64> {
        self.holders.get(&unit).copied().flatten()
    }

    fn entry(&mut self, rank: u64) -> Option<&mut ReplayedEntry> {
        self.entries.get_mut(usize::try_from(rank).ok()?.checked_sub(1)?)
    }
}

/// Checks every event, with what each kind's outcome wrote of it; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub(crate) async fn check(db: &Db, outcomes: Outcomes) -> Result<(usize, Vec<Violation>), sqlx::Error> {
    let events: Vec<EventRow> = db
        .sql(
            "select id, kind, coalesce(t.capacity, events.capacity) as capacity, opens_at, closes_at, coalesce(total, 0) as total, coalesce(last_at, 0) as last_at,
                    coalesce(next_sequence, 0) as next_sequence,
                    coalesce(cancelled, false) as cancelled, events.capacity as wanted,
                    exists (select 1 from commands m where m.event_id = events.id and m.done_at is null) as waiting
             from events left join tallies t on event_id = id",
        )
        .all()
        .await?;
    let mut violations = Vec::new();
    // Both tables only grow: up to what the tally said, they hold still while the event goes on.
    for event in &events {
        let log: Vec<LogRow> = db
            .sql("select first, count, records from event_log where event_id = $1 and first < $2 order by first")
            .bind(event.id)
            .bind(event.next_sequence)
            .all()
            .await?;
        let entries: Vec<EntryRow> = db
            .sql("select rank, member_id, entered_at, state, quantity, salt from entries where event_id = $1 and rank <= $2 order by rank")
            .bind(event.id)
            .bind(event.total)
            .all()
            .await?;
        let (replayed, mut wrong) = replay(event, &log);
        wrong.extend(check_event(event, &replayed, &entries));
        wrong.extend(outcomes(event.kind).check(db, event.id, &replayed).await?);
        violations.extend(wrong.into_iter().map(|what| Violation { event: event.id, what }));
    }
    Ok((events.len(), violations))
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
        wrong.extend(follow(&mut replayed, event.kind, record));
    }
    (replayed, wrong)
}

/// Follows one record; what is wrong with it.
fn follow(replayed: &mut Replayed, kind: Kind, record: &Record) -> Vec<String> {
    let mut wrong = Vec::new();
    match record {
        Record::Entered { rank, at, state, quantity, commitment } => {
            let (at, state, quantity, commitment) = (*at, *state, *quantity, *commitment);
            replayed.entries.push(ReplayedEntry { at, state, quantity, commitment });
            if *rank != replayed.total() || kind.state_of(*rank, replayed.capacity) != Some(state) {
                wrong.push(format!(
                    "the log lets rank {rank} in as {state:?}, which its rank and the capacity do not give"
                ));
            }
            if quantity == 0 {
                wrong.push(format!("rank {rank} asks for nothing"));
            }
        }
        Record::Reassigned { unit, rank, .. } => {
            if replayed.holders.values().any(|holder| *holder == Some(*rank)) {
                wrong.push(format!("rank {rank} holds two places"));
            }
            if replayed.holders.insert(*unit, Some(*rank)).is_none() {
                wrong.push(format!("place {unit} was given although it was left over or never there"));
            }
            match replayed.entry(*rank) {
                Some(entry) if entry.state == EntryState::Standby => entry.state = EntryState::Won,
                other => wrong.push(format!("rank {rank} was given a place without standing by: {other:?}")),
            }
        }
        Record::Unclaimed { unit, .. } => {
            if replayed.holders.remove(unit).is_none() {
                wrong.push(format!("place {unit} was left over twice"));
            }
        }
        Record::Lapsed { rank, .. } => match replayed.entry(*rank) {
            Some(entry) if entry.state == EntryState::Won => entry.state = EntryState::Expired,
            other => wrong.push(format!("rank {rank} let a place pass without having one: {other:?}")),
        },
        Record::Disqualified { rank, .. } => match replayed.entry(*rank) {
            Some(entry) if entry.state != EntryState::Disqualified => entry.state = EntryState::Disqualified,
            _ => wrong.push(format!("rank {rank} was taken out twice")),
        },
        Record::Raised { from, to, .. } => {
            if *from != replayed.capacity || to <= from {
                let capacity = replayed.capacity;
                wrong.push(format!("capacity was raised from {from} to {to} when it was {capacity}"));
            }
            replayed.capacity = *to;
            let entered = replayed.total();
            replayed.holders.extend((from + 1..=*to).map(|unit| (unit, (unit > entered).then_some(unit))));
            let stands_by = (to + kind.standby(*to)) as usize;
            for entry in replayed.entries.iter_mut().take(stands_by).filter(|entry| entry.state == EntryState::Lost) {
                entry.state = EntryState::Standby;
            }
        }
        Record::Cancelled { .. } => replayed.cancellations += 1,
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
    // Who let a place pass holds it no more: it went on, is left over, or waits to be given.
    if !event.waiting && !event.cancelled {
        for (unit, rank) in replayed.holders.iter().filter_map(|(unit, holder)| Some((unit, (*holder)?))) {
            if replayed.state(rank) == Some(EntryState::Expired) {
                wrong.push(format!("rank {rank} let place {unit} pass and holds it still"));
            }
        }
    }
    let mut members = HashSet::new();
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
        if !members.insert(entry.member_id) {
            wrong.push(format!("rank {rank} is a second entry of its member"));
        }
        if let Some(logged) = replayed.entries.get(i) {
            let salt: Option<[u8; 16]> = entry.salt.as_slice().try_into().ok();
            let opened = salt.map(|salt| commitment(&salt, event.id, entry.member_id));
            if (logged.at, opened) != (entry.entered_at, Some(logged.commitment)) {
                wrong.push(format!("rank {rank} differs from its log record"));
            }
            if logged.state != entry.state {
                wrong.push(format!("rank {rank} is {:?}, the log makes it {:?}", entry.state, logged.state));
            }
            if i64::from(logged.quantity) != entry.quantity {
                wrong.push(format!("rank {rank} asks for {}, the log has {}", entry.quantity, logged.quantity));
            }
        }
        last = entry.entered_at;
    }
    if !entries.is_empty() && last != event.last_at {
        wrong.push("the tally's last time is not the last entry's".into());
    }
    wrong
}
