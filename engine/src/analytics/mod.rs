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
use model::{Curves, EventId, MINUTE, MemberId, Points, Reason, SECOND, Span, Time};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

/// How often counts are written.
const EVERY: Duration = Duration::from_secs(1);
/// How long people stay as many in a room until that is written again: what was written long before says nothing of now.
pub(crate) const AGAIN: Span = MINUTE.times(5);
/// Points of a curve of entries, at most.
const POINTS: i64 = 120;
/// The most rows read for a curve.
const MAX_ROWS: i64 = 5_000;

/// How many people were in each room when it was looked at last, and in which second that was written.
type Written = HashMap<EventId, (u64, i64)>;

/// Whether a sample is to be written in a second, when this was the last that was.
fn is_due((_, present): &(EventId, u64), last: Option<&(u64, i64)>, second: i64) -> bool {
    match last {
        Some((before, at)) => before != present || *present > 0 && second - at >= AGAIN / SECOND,
        None => *present > 0,
    }
}

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
        let mut written = Written::new();
        loop {
            tokio::time::sleep(EVERY).await;
            if let Err(error) = self.write(&present(), &mut written).await {
                tracing::warn!(%error, "counts of a second were lost");
            }
        }
    }

    /// Writes what was counted since the last call; presence samples where they changed, and of rooms with people now and then.
    ///
    /// # Errors
    /// When the database fails: what was counted since the last call is lost.
    async fn write(&self, present: &[(EventId, u64)], written: &mut Written) -> Result<(), sqlx::Error> {
        let second = self.clock.now().0.div_euclid(SECOND.micros());
        let mut refused = self.refusals.take();
        // Of rooms that another node samples by now nothing is known.
        written.retain(|event, _| present.iter().any(|(sampled, _)| sampled == event));
        let mut changed: Vec<_> =
            present.iter().copied().filter(|sample| is_due(sample, written.get(&sample.0), second)).collect();
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
        let before = std::mem::take(written);
        let of = |sample: &(EventId, u64)| {
            let last = before.get(&sample.0);
            let at = last.filter(|_| !is_due(sample, last, second)).map_or(second, |(_, at)| *at);
            (sample.0, (sample.1, at))
        };
        written.extend(present.iter().map(of));
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

    both!(how_many_are_in_a_room_is_written_again_while_they_stay_as_many);
    async fn how_many_are_in_a_room_is_written_again_while_they_stay_as_many(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(Time(0));
        let store = Analytics::new(db.clone(), clock.clone(), Refusals::default());
        let (quiet, empty) = (EventId(Uuid::from_u128(7)), EventId(Uuid::from_u128(8)));
        let mut written = Written::new();
        let mut samples = async |minutes: std::ops::RangeInclusive<i64>, rooms: &[(EventId, u64)]| {
            for minute in minutes {
                clock.set(Time(0) + MINUTE * minute);
                store.write(rooms, &mut written).await.unwrap();
            }
            let rows = db.sql("select second, present from heads where event_id = $1 order by second").bind(quiet);
            rows.all::<(i64, i64)>().await.unwrap()
        };
        assert_eq!(samples(0..=11, &[(quiet, 3), (empty, 0)]).await, [(0, 3), (300, 3), (600, 3)]);
        // That nobody is there any more is said once.
        let left = [(0, 3), (300, 3), (600, 3), (720, 0)];
        assert_eq!(samples(12..=30, &[(quiet, 0), (empty, 0)]).await, left);
        assert!(!db.sql("select 1 from heads where event_id = $1").bind(empty).exists().await.unwrap());
        // Another node had it meanwhile.
        assert_eq!(samples(31..=31, &[(quiet, 2)]).await[4..], [(1860, 2)]);
        assert_eq!(samples(32..=32, &[]).await.len(), 5);
        assert_eq!(samples(33..=33, &[(quiet, 2)]).await[5..], [(1980, 2)]);
    }
}
