//! How far this node's clock is from Redis's, by which the clicks of all nodes are compared, and which they all follow.

use super::connection::Redis;
use crate::{clock::Clock, tasks::Tasks};
use arc_swap::ArcSwapOption;
use model::{MICROSECOND, SECOND, Span, Time};
use std::{
    sync::{Arc, Weak},
    time::Duration,
};

/// How often the offset is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(5);
/// Questions each time: the quickest answer is the most exact.
const QUESTIONS: usize = 8;

/// What to add to this node's time to get Redis's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offset {
    /// Negative when that one is behind.
    pub offset: Span,
    /// The truth is at most this far away: half of the round trip.
    pub error: Span,
    /// When it was measured, in this node's time.
    pub measured_at: Time,
}

/// One question and its answer.
#[derive(Debug, Clone, Copy)]
struct RoundTrip {
    asked_at: Time,
    theirs: Time,
    answered_at: Time,
}

/// The offset by the quickest of several round trips: Redis looked at its clock some time between question and answer
/// (Cristian's algorithm). `None` without any.
fn offset(round_trips: &[RoundTrip]) -> Option<Offset> {
    let quickest = round_trips.iter().min_by_key(|trip| trip.answered_at.since(trip.asked_at))?;
    let half = quickest.answered_at.since(quickest.asked_at) / 2;
    let offset = quickest.theirs.since(quickest.asked_at + half);
    // A microsecond for what halving and the clocks' own steps cut off.
    Some(Offset { offset, error: half + MICROSECOND, measured_at: quickest.answered_at })
}

/// The offset as last measured. Cheap to clone.
#[derive(Clone, Default)]
pub struct ClockOffset(Arc<ArcSwapOption<Offset>>);

impl ClockOffset {
    /// Sets `clock` by `redis` and lets it follow from now on, while Redis can be asked. To be called before the first
    /// use of `clock`: later it never steps.
    pub async fn start(redis: Redis, clock: Clock, tasks: &Tasks) -> ClockOffset {
        let measured = ClockOffset::default();
        if let Some(offset) = measured.measure(&redis, &clock).await {
            if offset.offset.abs() > offset.error {
                tracing::info!(
                    offset_us = offset.offset.micros(),
                    "this node's clock is not Redis's: it begins with that"
                );
            }
            clock.begin_at(clock.now() + offset.offset);
            measured.measure(&redis, &clock).await;
        }
        let kept = Arc::downgrade(&measured.0);
        tasks.restarting("clock offset", move || keep(kept.clone(), redis.clone(), clock.clone()));
        measured
    }

    /// The offset; `None` until it was measured. Old ones are kept while Redis is away.
    pub fn get(&self) -> Option<Offset> {
        self.0.load().as_deref().copied()
    }

    async fn measure(&self, redis: &Redis, clock: &Clock) -> Option<Offset> {
        let mut round_trips = Vec::with_capacity(QUESTIONS);
        for _ in 0..QUESTIONS {
            match ask(redis, clock).await {
                Ok(round_trip) => round_trips.push(round_trip),
                Err(error) => {
                    tracing::debug!(%error, "Redis does not tell its time");
                    break;
                }
            }
        }
        let offset = offset(&round_trips)?;
        metrics::gauge!("clock_offset_us").set(offset.offset.micros() as f64);
        metrics::gauge!("clock_offset_error_us").set(offset.error.micros() as f64);
        self.0.store(Some(Arc::new(offset)));
        Some(offset)
    }
}

/// Measures again and again, until the last handle is dropped.
async fn keep(measured: Weak<ArcSwapOption<Offset>>, redis: Redis, clock: Clock) {
    loop {
        tokio::time::sleep(MEASURE_EVERY).await;
        let Some(measured) = measured.upgrade().map(ClockOffset) else { return };
        if let Some(offset) = measured.measure(&redis, &clock).await {
            clock.follow(offset.offset);
        }
    }
}

async fn ask(redis: &Redis, clock: &Clock) -> redis::RedisResult<RoundTrip> {
    let asked_at = clock.now();
    let (seconds, microseconds): (i64, i64) = redis::cmd("TIME").query_async(&mut redis.clone()).await?;
    Ok(RoundTrip { asked_at, theirs: Time(microseconds) + seconds * SECOND, answered_at: clock.now() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_truth_is_within_the_error(
            truth in -10_000_000..10_000_000i64,
            delays in prop::collection::vec((0..200_000i64, 0..200_000i64), 1..9),
        ) {
            let (mut now, truth) = (Time(0), Span::from_micros(truth));
            let delays: Vec<_> =
                delays.into_iter().map(|(there, back)| (Span::from_micros(there), Span::from_micros(back))).collect();
            let round_trips: Vec<_> = delays.iter().map(|(there, back)| {
                let asked_at = now;
                now = now + *there + *back;
                RoundTrip { asked_at, theirs: asked_at + *there + truth, answered_at: now }
            }).collect();
            let offset = offset(&round_trips).unwrap();
            prop_assert!((offset.offset - truth).abs() <= offset.error);
            let quickest = delays.iter().map(|(there, back)| *there + *back).min().unwrap();
            prop_assert_eq!(offset.error, quickest / 2 + MICROSECOND);
        }
    }

    #[test]
    fn nothing_asked_nothing_known() {
        assert_eq!(offset(&[]), None);
    }

    #[tokio::test]
    async fn it_is_measured() {
        let (clock, redis) = (Clock::system(), testing::shared().await);
        // A machine whose clock is wrong by hours.
        clock.begin_at(clock.now() + 7 * model::HOUR);
        let offset = ClockOffset::start(redis, clock.clone(), &Tasks::surviving()).await;
        let measured = offset.get().unwrap();
        assert!(measured.offset.abs() <= measured.error + SECOND / 20, "{measured:?}");
        // The server runs on this machine.
        let (system, about) = (Clock::system(), measured.error + SECOND / 20);
        let (before, now, after) = (system.now(), clock.now(), system.now());
        assert!(before - about <= now && now <= after + about);
    }
}
