//! Verifies every invariant of the turnstile on live data by rebuilding its projections from the log.

use super::record::{Record, commitment};
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
    /// What the creator has it be; the turnstile follows as soon as it hears of it.
    wanted: i64,
    /// Whether it has yet to hear of something.
    waiting: bool,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
    salt: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    rank: i64,
    place: i64,
    live: bool,
}

#[derive(sqlx::FromRow)]
struct LogRow {
    first: i64,
    count: i64,
    records: Vec<u8>,
}

/// Checks every event; how many were checked, and everything that is wrong.
pub async fn check(db: &Db) -> Result<(usize, Vec<Violation>), sqlx::Error> {
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
            .sql("select rank, member_id, entered_at, state, salt from entries where event_id = $1 and rank <= $2 order by rank")
            .bind(event.id)
            .bind(event.total)
            .all()
            .await?;
        let claims: Vec<ClaimRow> = db
            .sql(
                "select rank, place, state in ('offered', 'filled', 'sent') as live from claims
                 where event_id = $1 and rank <= $2",
            )
            .bind(event.id)
            .bind(event.total)
            .all()
            .await?;
        let found = check_event(event, &log, &entries, &claims);
        violations.extend(found.into_iter().map(|what| Violation { event: event.id, what }));
    }
    Ok((events.len(), violations))
}

/// An entry as the log has it: when, what became of it, whose.
type Logged = (Time, EntryState, [u8; 32]);

/// The entry of a rank.
fn entered(logged: &mut [Logged], rank: u64) -> Option<&mut Logged> {
    logged.get_mut(usize::try_from(rank).ok()?.checked_sub(1)?)
}

fn check_event(event: &EventRow, log: &[LogRow], entries: &[EntryRow], claims: &[ClaimRow]) -> Vec<String> {
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
    let mut capacity = raised.unwrap_or(event.capacity as u64);
    // Who holds which place: at first the rank of its number, and nobody once it is given anew.
    let mut holders: HashMap<u64, Option<u64>> = (1..=capacity).map(|place| (place, Some(place))).collect();
    let mut logged: Vec<Logged> = Vec::new();
    for record in &records {
        match record {
            Record::Entered { rank, at, state, commitment } => {
                logged.push((*at, *state, *commitment));
                if *rank != logged.len() as u64 || event.kind.place(*rank, capacity) != Some(*state) {
                    wrong.push(format!(
                        "the log lets rank {rank} in as {state:?}, which its rank and the capacity do not give"
                    ));
                }
            }
            Record::PassedOn { place, rank, .. } => {
                if holders.values().any(|holder| *holder == Some(*rank)) {
                    wrong.push(format!("rank {rank} holds two places"));
                }
                if holders.insert(*place, Some(*rank)).is_none() {
                    wrong.push(format!("place {place} was given although it was left over or never there"));
                }
                match entered(&mut logged, *rank) {
                    Some((_, state @ EntryState::Standby, _)) => *state = EntryState::Won,
                    other => wrong.push(format!("rank {rank} was given a place without standing by: {other:?}")),
                }
            }
            Record::Unclaimed { place, .. } => {
                if holders.remove(place).is_none() {
                    wrong.push(format!("place {place} was left over twice"));
                }
            }
            Record::Disqualified { rank, .. } => match entered(&mut logged, *rank) {
                Some((_, EntryState::Disqualified, _)) | None => wrong.push(format!("rank {rank} was taken out twice")),
                Some((_, state, _)) => *state = EntryState::Disqualified,
            },
            Record::Raised { from, to, .. } => {
                if *from != capacity || to <= from {
                    wrong.push(format!("capacity was raised from {from} to {to} when it was {capacity}"));
                }
                capacity = *to;
                let entered = logged.len() as u64;
                holders.extend((from + 1..=*to).map(|place| (place, (place > entered).then_some(place))));
                let stands_by = (to + event.kind.standby(*to)) as usize;
                for (_, state, _) in
                    logged.iter_mut().take(stands_by).filter(|(_, state, _)| *state == EntryState::Lost)
                {
                    *state = EntryState::Standby;
                }
            }
            Record::Cancelled { .. } => {}
        }
    }
    if event.total > 0 && !event.waiting && !event.cancelled && event.wanted != event.capacity {
        wrong.push(format!("places are given for a capacity of {}, the event says {}", event.capacity, event.wanted));
    }
    if capacity != event.capacity as u64 {
        wrong.push(format!("the log leads to a capacity of {capacity}, the tally says {}", event.capacity));
    }
    for claim in claims {
        let holder = holders.get(&(claim.place as u64)).copied().flatten();
        let state = (claim.rank as usize).checked_sub(1).and_then(|i| logged.get(i)).map(|(_, state, _)| *state);
        if claim.live && state != Some(EntryState::Won) {
            wrong.push(format!("rank {} claims a place and is {state:?}", claim.rank));
        }
        if claim.live && holder != Some(claim.rank as u64) {
            wrong.push(format!("rank {} claims place {}, which the log gives to {holder:?}", claim.rank, claim.place));
        }
    }
    if logged.len() != entries.len() || entries.len() as i64 != event.total {
        wrong.push(format!(
            "{} entries in the log, {} in the table, {} in the tally",
            logged.len(),
            entries.len(),
            event.total
        ));
    }
    let calls_off = records.iter().filter(|record| matches!(record, Record::Cancelled { .. })).count();
    if calls_off != usize::from(event.cancelled) {
        wrong.push(format!("{calls_off} records call it off, the tally says {}", event.cancelled));
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
        if let Some((at, state, committed)) = logged.get(i) {
            let salt: Option<[u8; 16]> = entry.salt.as_slice().try_into().ok();
            let opened = salt.map(|salt| commitment(&salt, event.id, entry.member_id));
            if (*at, opened) != (entry.entered_at, Some(*committed)) {
                wrong.push(format!("rank {rank} differs from its log record"));
            }
            if *state != entry.state {
                wrong.push(format!("rank {rank} is {:?}, the log makes it {state:?}", entry.state));
            }
        }
        last = entry.entered_at;
    }
    if !entries.is_empty() && last != event.last_at {
        wrong.push("the tally's last time is not the last entry's".into());
    }
    wrong
}
