//! Server time: the wall clock at start plus the monotonic clock, slewed gently.
//!
//! An event opens by this clock, so it never steps. A step of the wall clock (a hand, a virtual machine resumed) is
//! reported and not followed, since a process alone cannot know which of the two is right: the next start begins with the wall
//! clock. Small drift is worked off at no more than half a millisecond a second. Nodes of a cluster follow
//! one clock that they share instead of each its own. One of them whose own clock came to be wrong by more than a second, as
//! when its machine stood still for a while, sequences nothing; it is brought back faster, once that clock and the database's
//! both say so.

use arc_swap::ArcSwap;
use model::{SECOND, Span, Time};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Drift is corrected at most this fast, in microseconds per second.
const MAX_SLEW: i64 = 500;
/// A node's clock that is known to be wrong is corrected at most this fast: two seconds in forty.
const MAX_REPAIR: i64 = 50_000;
/// What another clock said is known for so long.
const KNOWN_FOR: Duration = Duration::from_secs(30);
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
    /// What the clock that is followed among nodes told last, and what the database's did.
    told: Mutex<[Option<Told>; 2]>,
}

/// What another clock said.
#[derive(Debug, Clone, Copy)]
struct Told {
    at: Instant,
    time: Time,
}

impl Told {
    /// What it says now, unless that is not known any more.
    fn now(&self, now: Instant) -> Option<Time> {
        let elapsed = now.duration_since(self.at);
        (elapsed < KNOWN_FOR).then(|| self.time + elapsed)
    }
}

/// How fast a clock that is `behind` the one that it follows is corrected, in microseconds per second. `others` is how far it is
/// behind the nodes' common clock and the database's. A step of one of these alone is nothing to follow.
fn slew(behind: Span, others: [Option<Span>; 2]) -> i64 {
    if behind.abs() <= STEP {
        return behind.micros().clamp(-MAX_SLEW, MAX_SLEW);
    }
    match others {
        [Some(nodes), Some(database)]
            if (nodes - database).abs() <= STEP && nodes.micros().signum() == database.micros().signum() =>
        {
            nodes.micros().clamp(-MAX_REPAIR, MAX_REPAIR)
        }
        _ => 0,
    }
}

impl Clock {
    /// The machine's clock, from now on without steps.
    pub fn system() -> Clock {
        let anchor = Anchor { at: Instant::now(), time: wall(), slew: 0 };
        Clock::System(Arc::new(SystemClock {
            anchor: ArcSwap::from_pointee(anchor),
            followed: AtomicI64::new(0),
            told: Mutex::default(),
        }))
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
        self.tell(0, ahead);
    }

    /// The database's clock, which decides whether this one may sequence, is so far ahead of it.
    pub fn compare(&self, ahead: Span) {
        self.tell(1, ahead);
    }

    fn tell(&self, who: usize, ahead: Span) {
        if let Clock::System(clock) = self {
            let at = Instant::now();
            let told = Told { at, time: clock.anchor.load().at(at) + ahead };
            clock.told.lock().unwrap_or_else(PoisonError::into_inner)[who] = Some(told);
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
            let old = clock.anchor.load();
            // From where the old anchor has come to, so that time neither jumps nor turns back.
            let at = Instant::now();
            let time = old.at(at);
            let told = *clock.told.lock().unwrap_or_else(PoisonError::into_inner);
            let slew = slew(ahead, told.map(|told| Some(told?.now(at)? - time)));
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
        for slew in [-MAX_SLEW, 0, MAX_SLEW, -MAX_REPAIR, MAX_REPAIR] {
            let anchor = Anchor { at: start, time: Time(1000), slew };
            let times: Vec<_> = (0..3000).map(|ms| anchor.at(start + Duration::from_millis(ms))).collect();
            let off = slew.abs() / 1000 + 1;
            let about_one = |w: &[Time]| (1000 - off..=1000 + off).contains(&(w[1] - w[0]).micros());
            assert!(times.windows(2).all(about_one), "a millisecond stays about one");
            assert_eq!(times[2000] - times[0], 2 * (SECOND + Span::from_micros(slew)));
        }
    }

    #[test]
    fn a_step_is_followed_only_when_both_others_say_that_this_clock_is_wrong() {
        let far = 3 * SECOND;
        assert_eq!(slew(Span::from_micros(300), [None; 2]), 300);
        assert_eq!(slew(SECOND, [Some(SECOND); 2]), MAX_SLEW, "drift");
        assert_eq!(slew(-far, [Some(-far); 2]), -MAX_REPAIR);
        assert_eq!(slew(far, [Some(far), Some(far - SECOND / 2)]), MAX_REPAIR);
        // Alone, or the machine's wall clock stepped, or one of the two servers' did.
        for others in
            [[None, None], [Some(far), None], [None, Some(far)], [Some(Span::ZERO); 2], [Some(far), Some(Span::ZERO)]]
        {
            assert_eq!(slew(far, others), 0, "{others:?}");
        }
    }

    #[test]
    fn two_who_do_not_agree_are_not_followed_even_where_both_are_ahead() {
        let far = 3 * SECOND;
        // By a step they agree still.
        assert_eq!(slew(far, [Some(far), Some(far + STEP)]), MAX_REPAIR);
        let more = STEP + Span::from_micros(1);
        for others in [[Some(far), Some(far + more)], [Some(far + more), Some(far)], [Some(far), Some(100 * far)]] {
            assert_eq!(slew(far, others), 0, "{others:?}");
            let behind = others.map(|other| other.map(|other| -other));
            assert_eq!(slew(-far, behind), 0, "{behind:?}");
        }
    }

    #[tokio::test]
    async fn a_clock_that_fell_behind_comes_back_without_a_restart() {
        let clock = Clock::system();
        // Where it should be.
        let right = Clock::system();
        clock.begin_at(clock.now() - (SECOND + SECOND / 10));
        let behind = || right.now().since(clock.now());
        let others = async || loop {
            clock.follow(behind());
            clock.compare(behind());
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let comes_back = testing::eventually("it is less than a second behind", async || behind() < SECOND);
        tokio::select! {
            never = others() => never,
            () = clock.clone().keep() => panic!("it is kept until the program ends"),
            () = comes_back => {}
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
