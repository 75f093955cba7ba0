//! What happened at an event over time: counted in memory, written once a second, read for its creator.
//!
//! Refused clicks are counted by the turnstile ([`Refusals`]). A crash loses the counts of its last second; nothing is decided
//! by them.

use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Dialect, Lane},
    turnstile::Refusals,
};
use model::{Curves, EventId, MemberId, Points, Reason, SECOND, Span, Time};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// How often counts are written.
const EVERY: Duration = Duration::from_secs(1);
/// Points of a curve of entries, at most.
const POINTS: i64 = 120;
/// The most rows read for a curve.
const MAX_ROWS: i64 = 5_000;

/// Writes and reads the curves. Cheap to clone.
#[derive(Clone)]
pub struct Analytics {
    db: Db,
    clock: Clock,
    refusals: Refusals,
}

impl Analytics {
    pub(crate) fn new(db: Db, clock: Clock, refusals: Refusals) -> Analytics {
        Analytics { db, clock, refusals }
    }

    /// Writes counts once a second until the program ends; `present` says how many people are in the rooms that this node
    /// samples.
    pub(crate) async fn keep(self, present: impl Fn() -> Vec<(EventId, u64)>) {
        let mut written = HashMap::new();
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write(&present(), &mut written).await {
                tracing::warn!(%error, "counts of a second were lost");
            }
        }
    }

    /// Writes what was counted since the last call; presence samples where they changed.
    ///
    /// # Errors
    /// When the database fails: what was counted since the last call is lost.
    pub async fn write(
        &self,
        present: &[(EventId, u64)],
        written: &mut HashMap<EventId, u64>,
    ) -> Result<(), sqlx::Error> {
        let second = self.clock.now().0.div_euclid(SECOND.micros());
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

    /// Entries of an event in up to `points` stretches of `width` from its opening on, as far as there are any.
    /// Ranks rise with time, so the ends of all stretches are searched for at once: as many questions as a rank has digits in
    /// binary, each for no more rows than there are points.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn counts(
        &self,
        event: EventId,
        total: u64,
        opens_at: Time,
        width: Span,
        points: usize,
    ) -> Result<Vec<u64>, Error> {
        let end = |point: usize| opens_at + width * (point as i64 + 1);
        // The first rank at or after the end of each stretch lies in `low..=high`.
        let mut within = vec![(1, total + 1); points];
        loop {
            let open = within.iter().filter(|(low, high)| low < high);
            let ranks: BTreeSet<i64> = open.map(|(low, high)| low.midpoint(*high) as i64).collect();
            if ranks.is_empty() {
                break;
            }
            let times = self.times(event, ranks.into_iter().collect()).await?;
            for (point, (low, high)) in within.iter_mut().enumerate().filter(|(_, (low, high))| low < high) {
                let rank = low.midpoint(*high);
                match times.get(&(rank as i64)) {
                    Some(at) if *at < end(point) => *low = rank + 1,
                    _ => *high = rank,
                }
            }
        }
        let (mut counts, mut before) = (Vec::new(), 0);
        for (first, _) in within {
            if before == total {
                break;
            }
            counts.push(first - 1 - before);
            before = first - 1;
        }
        Ok(counts)
    }

    /// When ranks entered, as far as there are such.
    async fn times(&self, event: EventId, ranks: Vec<i64>) -> Result<HashMap<i64, Time>, Error> {
        let times = match self.db.dialect() {
            Dialect::Sqlite => {
                let ranks = ranks.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
                self.db
                    .sql(
                        "select rank, entered_at from entries
                         where event_id = $1 and rank in (select value from json_each($2))",
                    )
                    .bind(event)
                    .bind(format!("[{ranks}]"))
            }
            Dialect::Postgres => self
                .db
                .sql("select rank, entered_at from entries where event_id = $1 and rank = any($2::bigint[])")
                .bind(event)
                .bind_column(ranks),
        };
        Ok(times.all::<(i64, Time)>().await?.into_iter().collect())
    }

    /// An event over time, for its creator.
    ///
    /// # Errors
    /// [`model::Error::NotFound`] and, for others than its creator, [`model::Error::Forbidden`]; the database may fail.
    pub async fn of(&self, actor: &Actor, event: EventId) -> Result<Curves, Error> {
        let creator = actor.signed_in()?.member;
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
        let lasted = last_at.map_or(0, |at| at.since(opens_at).max(Span::ZERO) / SECOND) + 1;
        let width = lasted.div_euclid(POINTS) + 1;
        let entries = self.counts(event, total as u64, opens_at, width * SECOND, POINTS as usize).await?;
        let opened = opens_at.0.div_euclid(SECOND.micros());
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

#[cfg(test)]
mod tests {
    use super::*;
    use testing::{On, Place, both};
    use uuid::Uuid;

    both!(counts_are_those_of_the_entries);
    async fn counts_are_those_of_the_entries(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let (event, opens_at) = (EventId(Uuid::from_u128(7)), Time(1_000_000));
        // In bursts, with pauses of several stretches, and one on the very end of a stretch.
        let times: Vec<i64> = (0..300).map(|n: i64| n / 50 * 7_000 + n % 50 * (n / 50 + 1)).chain([60_000]).collect();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        for (rank, at) in (1..).zip(&times) {
            tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, $2, $1, $3, 'won', $4)")
                .bind(event)
                .bind(rank)
                .bind(opens_at + Span::from_micros(*at))
                .bind(vec![0u8])
                .run()
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let store = Analytics::new(db, Clock::manual(Time(0)), Refusals::default());
        for (width, points) in [(1_000, 60), (1_000, 5), (60_000, 3), (60_001, 3), (7, 60), (1, 1)] {
            for total in [0, 1, 250, 301] {
                let counts = store.counts(event, total, opens_at, Span::from_micros(width), points).await.unwrap();
                let mut there: Vec<u64> = (0..points as i64)
                    .map(|point| {
                        let within = point * width..(point + 1) * width;
                        times[..total as usize].iter().filter(|at| within.contains(at)).count() as u64
                    })
                    .collect();
                // Nothing is said after the last of them.
                if there.iter().sum::<u64>() == total {
                    there.truncate(there.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1));
                }
                assert_eq!(counts, there, "{total} in {points} of {width}");
            }
        }
    }
}
