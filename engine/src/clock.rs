//! Server time: the wall clock at start plus the monotonic clock, slewed gently.
//!
//! An event opens by this clock, so it never steps. A step of the wall clock (a hand, a virtual machine resumed) is
//! reported and not followed; small drift is worked off at no more than half a millisecond a second. Nodes of a cluster follow
//! one clock that they share instead of each its own.

use arc_swap::ArcSwap;
use model::{SECOND, Span, Time};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Drift is corrected at most this fast, in microseconds per second.
const MAX_SLEW: i64 = 500;
/// A difference to the wall clock above this is a step.
const STEP: Span = SECOND;
/// How often the wall clock is compared.
const COMPARE_EVERY: Duration = Duration::from_secs(1);

/// Where everything asks for the time.
#[derive(Clone)]
pub enum Clock {
    /// The machine's.
    System(Arc<SystemClock>),
    /// A test's: stands still until told.
    Manual(Arc<AtomicI64>),
}

/// Time runs from an anchor at a rate close to one.
struct Anchor {
    at: Instant,
    time: Time,
    /// Microseconds gained per second.
    slew: i64,
}

impl Anchor {
    fn at(&self, now: Instant) -> Time {
        let elapsed = Span::from(now.duration_since(self.at));
        self.time + elapsed + elapsed * self.slew / SECOND.micros()
    }

    fn now(&self) -> Time {
        self.at(Instant::now())
    }
}

/// The machine's clock without its steps.
pub struct SystemClock {
    anchor: ArcSwap<Anchor>,
    /// How far the clock to follow is ahead of the wall clock, in microseconds.
    followed: AtomicI64,
}

impl Clock {
    /// The machine's clock, from now on without steps.
    pub fn system() -> Clock {
        let anchor = Anchor { at: Instant::now(), time: wall(), slew: 0 };
        Clock::System(Arc::new(SystemClock { anchor: ArcSwap::from_pointee(anchor), followed: AtomicI64::new(0) }))
    }

    /// A clock that stands at `time`.
    pub fn manual(time: Time) -> Clock {
        Clock::Manual(Arc::new(AtomicI64::new(time.0)))
    }

    /// Server time.
    pub fn now(&self) -> Time {
        match self {
            Clock::System(clock) => clock.anchor.load().now(),
            Clock::Manual(time) => Time(time.load(Ordering::Relaxed)),
        }
    }

    /// Sets a test's clock; the machine's is never set.
    pub fn set(&self, time: Time) {
        if let Clock::Manual(now) = self {
            now.store(time.0, Ordering::Relaxed);
        }
    }

    /// Begins anew at `time`. To be called before anybody asks for the time: afterwards it never steps.
    pub fn begin_at(&self, time: Time) {
        match self {
            Clock::System(clock) => {
                clock.followed.store((time - wall()).micros(), Ordering::Relaxed);
                clock.anchor.store(Arc::new(Anchor { at: Instant::now(), time, slew: 0 }));
            }
            Clock::Manual(now) => now.store(time.0, Ordering::Relaxed),
        }
    }

    /// Another clock, which this one is to follow, is so far ahead of it.
    pub fn follow(&self, ahead: Span) {
        if let Clock::System(clock) = self {
            clock.followed.store((self.now() + ahead - wall()).micros(), Ordering::Relaxed);
        }
    }

    /// Keeps close to the wall clock, or to the one that is followed. Runs until the program ends.
    pub async fn keep(self) {
        let Clock::System(clock) = self else { return };
        let mut stepped = false;
        loop {
            tokio::time::sleep(COMPARE_EVERY).await;
            let followed = wall() + Span::from_micros(clock.followed.load(Ordering::Relaxed));
            let ahead = followed - clock.anchor.load().now();
            let step = ahead.abs() > STEP;
            if step != stepped {
                tracing::warn!(
                    difference_us = ahead.micros(),
                    step,
                    "the clock that is followed stepped or came back; server time goes on"
                );
                stepped = step;
            }
            metrics::gauge!("clock_wall_difference_seconds").set(ahead.micros() as f64 / SECOND.micros() as f64);
            let slew = if step { 0 } else { ahead.micros().clamp(-MAX_SLEW, MAX_SLEW) };
            let old = clock.anchor.load();
            // From where the old anchor has come to, so that time neither jumps nor turns back.
            let at = Instant::now();
            let time = old.at(at);
            clock.anchor.store(Arc::new(Anchor { at, time, slew }));
        }
    }
}

/// The machine's wall clock: read here and nowhere else.
#[allow(clippy::disallowed_methods)]
fn wall() -> Time {
    Time(0) + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slewing_never_steps() {
        let start = Instant::now();
        for slew in [-MAX_SLEW, 0, MAX_SLEW] {
            let anchor = Anchor { at: start, time: Time(1000), slew };
            let times: Vec<_> = (0..3000).map(|ms| anchor.at(start + Duration::from_millis(ms))).collect();
            assert!(
                times.windows(2).all(|w| (999..=1001).contains(&(w[1] - w[0]).micros())),
                "a millisecond stays one"
            );
            assert_eq!(times[2000] - times[0], 2 * (SECOND + Span::from_micros(slew)));
        }
    }

    #[test]
    fn time_runs_and_never_turns_back() {
        let clock = Clock::system();
        let mut last = clock.now();
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= last);
            last = now;
        }
        let (before, now, after) = (wall(), clock.now(), wall());
        assert!((before - STEP..=after + STEP).contains(&now));
    }
}
