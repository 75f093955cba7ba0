//! What happened at an event over time: counted in memory, written once a second, read for its creator.
//!
//! A refused click adds one to a counter that its gate already holds: no lock, no query, no allocation. A crash loses the
//! counts of its last second; nothing is decided by them.

use crate::{
    Error,
    clock::Clock,
    db::{Db, Lane},
    rooms::Rooms,
};
use model::{Curves, EventId, MemberId, Points, Reason, SECOND, Time};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How often counts are written.
const EVERY: Duration = Duration::from_secs(1);
/// Points of a curve of entries, at most.
const POINTS: i64 = 120;
/// The most rows read for a curve.
const MAX_ROWS: i64 = 5_000;

/// Refusals of one event since it came into memory.
pub struct Refused {
    event: EventId,
    by_reason: [AtomicU64; Reason::ALL.len()],
}

impl Refused {
    /// One click was refused.
    pub fn count(&self, error: &model::Error) {
        if let Some(reason) = Reason::of(error) {
            self.by_reason[reason as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Every event's refusals. Cheap to clone.
#[derive(Clone, Default)]
pub struct Refusals(Arc<Mutex<Vec<Arc<Refused>>>>);

impl Refusals {
    /// A counter for an event that came into memory.
    pub fn begin(&self, event: EventId) -> Arc<Refused> {
        let refused = Arc::new(Refused { event, by_reason: Default::default() });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(refused.clone());
        refused
    }

    /// What was counted since the last call, and forgets events that left memory.
    fn take(&self) -> Vec<(EventId, Reason, u64)> {
        let mut counted = Vec::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|refused| {
            let left_memory = Arc::strong_count(refused) == 1;
            for (reason, count) in Reason::ALL.into_iter().zip(&refused.by_reason) {
                match count.swap(0, Ordering::Relaxed) {
                    0 => {}
                    count => counted.push((refused.event, reason, count)),
                }
            }
            !left_memory
        });
        counted
    }
}

/// Writes and reads the curves. Cheap to clone.
#[derive(Clone)]
pub struct CurveStore {
    db: Db,
    clock: Clock,
    refusals: Refusals,
}

impl CurveStore {
    pub(crate) fn new(db: Db, clock: Clock, refusals: Refusals) -> CurveStore {
        CurveStore { db, clock, refusals }
    }

    /// Writes counts once a second until the program ends.
    pub(crate) async fn keep(self, rooms: Rooms) {
        let mut heads = HashMap::new();
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write(&rooms.heads_to_write(), &mut heads).await {
                tracing::warn!(%error, "counts of a second were lost");
            }
        }
    }

    /// Writes what was counted since the last call; head-counts where they changed.
    pub async fn write(
        &self,
        present: &[(EventId, u64)],
        written: &mut HashMap<EventId, u64>,
    ) -> Result<(), sqlx::Error> {
        let second = self.clock.now().0.div_euclid(SECOND);
        let mut refused = self.refusals.take();
        let mut changed: Vec<_> = present
            .iter()
            .filter(|(event, present)| written.get(event).copied().unwrap_or(0) != *present)
            .copied()
            .collect();
        if refused.is_empty() && changed.is_empty() {
            return Ok(());
        }
        // Other nodes count too: all in the same order, so that no two wait for each other.
        refused.sort_unstable_by_key(|(event, reason, _)| (*event, *reason as usize));
        changed.sort_unstable();
        let mut tx = self.db.begin(Lane::Other).await?;
        for (event, reason, count) in refused {
            tx.sql(
                "insert into refusals (event_id, second, reason, count) values ($1, $2, $3, $4)
                 on conflict (event_id, second, reason) do update set count = refusals.count + excluded.count",
            )
            .bind(event)
            .bind(second)
            .bind(reason)
            .bind(count as i64)
            .run()
            .await?;
        }
        for (event, present) in &changed {
            tx.sql(
                "insert into heads (event_id, second, present) values ($1, $2, $3)
                 on conflict (event_id, second) do update set present = excluded.present",
            )
            .bind(*event)
            .bind(second)
            .bind(*present as i64)
            .run()
            .await?;
        }
        tx.commit().await?;
        written.clear();
        written.extend(present.iter().copied());
        Ok(())
    }

    /// Entries of an event in up to `points` stretches of `width` microseconds from its opening on, as far as there are any.
    /// Ranks rise with time, so each end of a stretch is searched for: the cost follows the points, not the entries.
    pub async fn counts(
        &self,
        event: EventId,
        total: u64,
        opens_at: Time,
        width: i64,
        points: usize,
    ) -> Result<Vec<u64>, Error> {
        let mut counts = Vec::new();
        let mut before = 0;
        while before < total && counts.len() < points {
            let end = opens_at + width * (counts.len() as i64 + 1);
            // The first rank at or after `end` lies in `low..=high`.
            let (mut low, mut high) = (before + 1, total + 1);
            while low < high {
                let rank = low.midpoint(high);
                let at: Option<(Time,)> = self
                    .db
                    .sql("select entered_at from entries where event_id = $1 and rank = $2")
                    .bind(event)
                    .bind(rank as i64)
                    .optional()
                    .await?;
                match at {
                    Some((at,)) if at < end => low = rank + 1,
                    _ => high = rank,
                }
            }
            counts.push(low - 1 - before);
            before = low - 1;
        }
        Ok(counts)
    }

    /// An event over time, for its creator.
    pub async fn of(&self, creator: MemberId, event: EventId) -> Result<Curves, Error> {
        let row: Option<(MemberId, Time, i64, Option<Time>)> = self
            .db
            .sql(
                "select creator_id, opens_at, coalesce(total, 0), last_at
                 from events left join tallies on event_id = id where id = $1",
            )
            .bind(event)
            .optional()
            .await?;
        let (owner, opens_at, total, last_at) = row.ok_or(model::Error::NotFound)?;
        if owner != creator {
            return Err(model::Error::Forbidden.into());
        }
        let lasted = last_at.map_or(0, |at| at.since(opens_at).max(0) / SECOND) + 1;
        let width = lasted.div_euclid(POINTS) + 1;
        let entries = self.counts(event, total as u64, opens_at, width * SECOND, POINTS as usize).await?;
        let opened = opens_at.0.div_euclid(SECOND);
        let present: Vec<(i64, i64)> = self
            .db
            .sql("select second, present from heads where event_id = $1 order by second desc limit $2")
            .bind(event)
            .bind(MAX_ROWS)
            .all()
            .await?;
        let refused: Vec<(i64, Reason, i64)> = self
            .db
            .sql("select second, reason, count from refusals where event_id = $1 order by second desc limit $2")
            .bind(event)
            .bind(MAX_ROWS)
            .all()
            .await?;
        let of = |reason: Reason| -> Points {
            let rows = refused.iter().rev().filter(|(_, of, _)| *of == reason);
            rows.map(|(second, _, count)| (second - opened, *count as u64)).collect()
        };
        Ok(Curves {
            width,
            entries: (0..).zip(entries).filter(|(_, n)| *n > 0).map(|(point, n)| (point * width, n)).collect(),
            present: present.into_iter().rev().map(|(second, count)| (second - opened, count as u64)).collect(),
            refused: Reason::ALL
                .map(|reason| (reason, of(reason)))
                .into_iter()
                .filter(|(_, p)| !p.is_empty())
                .collect(),
        })
    }
}
