//! Waiting and measuring on a machine that may stand still for seconds: whatever is waited for fails in the end, and what is
//! measured is not the machine.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What comes at all comes within this: several times as long as a machine stalls.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How often [`eventually`] asks.
const ASK_EVERY: Duration = Duration::from_millis(10);
/// How often [`usual_time`] measures.
const ROUNDS: usize = 9;
/// How long [`Stalls`] and [`run_for`] sleep at a time.
const SLICE: Duration = Duration::from_millis(20);
/// Whoever wakes up later than this by so much was not run by the machine.
const STALLED: Duration = Duration::from_millis(100);

/// Resolves when something holds, which is asked again and again; fails with `what` when it does not within [`PATIENCE`].
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    eventually_some(what, async || holds().await.then_some(())).await;
}

/// The same for a value that is there in the end.
pub async fn eventually_some<T>(what: &str, find: impl AsyncFnMut() -> Option<T>) -> T {
    found_within(PATIENCE, find).await.unwrap_or_else(|| panic!("not within {PATIENCE:?}: {what}"))
}

async fn found_within<T>(patience: Duration, mut find: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let began = Instant::now();
    loop {
        // Asked once more after a stall that took all of the time.
        let over = began.elapsed() > patience;
        let found = find().await;
        if found.is_some() || over {
            return found;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// What comes within [`PATIENCE`]; fails with `what` when it does not.
pub async fn soon<T>(what: &str, coming: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, coming).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"))
}

/// Sleeps until the machine has run for so long: others get to do what they do in that time, although it stalls meanwhile.
pub async fn run_for(time: Duration) {
    for _ in 0..time.as_micros().div_ceil(SLICE.as_micros()) {
        tokio::time::sleep(SLICE).await;
    }
}

/// How long something takes that is done several times, and usually: a stall makes a few of them late, not most.
pub async fn usual_time(mut done: impl AsyncFnMut()) -> Duration {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        done().await;
        times.push(began.elapsed());
    }
    median(times)
}

/// The one in the middle of an odd number of times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Notes when the machine does not run this process, from when it is made until it is dropped.
pub struct Stalls {
    /// When each began and ended.
    noted: Arc<Mutex<Vec<(Instant, Instant)>>>,
    over: Arc<AtomicBool>,
}

impl Stalls {
    /// Begins to watch.
    pub fn watch() -> Stalls {
        let stalls = Stalls { noted: Arc::default(), over: Arc::default() };
        let (noted, over) = (stalls.noted.clone(), stalls.over.clone());
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let due = Instant::now() + SLICE;
                std::thread::sleep(SLICE);
                let now = Instant::now();
                if now > due + STALLED {
                    noted.lock().unwrap().push((due, now));
                }
            }
        });
        stalls
    }

    /// How long the machine did not run this process between two moments of the past.
    pub fn between(&self, from: Instant, to: Instant) -> Duration {
        let noted = self.noted.lock().unwrap();
        noted.iter().map(|(began, ended)| (*ended).min(to).saturating_duration_since((*began).max(from))).sum()
    }

    /// How long the machine ran this process since a moment of the past.
    pub fn ran_since(&self, from: Instant) -> Duration {
        let now = Instant::now();
        now.duration_since(from).saturating_sub(self.between(from, now))
    }
}

impl Drop for Stalls {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_never_comes_is_asked_for_until_patience_ends() {
        let mut asked = 0;
        let never = found_within(5 * ASK_EVERY, async || {
            asked += 1;
            None::<()>
        });
        assert_eq!(never.await, None);
        assert!(asked >= 2, "{asked}");
        let mut asked = 0;
        let third = found_within(PATIENCE, async || {
            asked += 1;
            (asked == 3).then_some(asked)
        });
        assert_eq!(third.await, Some(3));
    }

    #[test]
    fn a_stall_is_left_out_as_far_as_it_lies_between() {
        let at = |base: Instant, ms: u64| base + Duration::from_millis(ms);
        let base = Instant::now();
        let noted = vec![(at(base, 1000), at(base, 3000)), (at(base, 5000), at(base, 6000))];
        let stalls = Stalls { noted: Arc::new(Mutex::new(noted)), over: Arc::default() };
        let between = |from, to| stalls.between(at(base, from), at(base, to)).as_millis();
        assert_eq!(between(0, 10_000), 3000);
        assert_eq!(between(2000, 5500), 1500);
        assert_eq!(between(3000, 5000), 0);
        assert_eq!(between(1500, 2000), 500);
    }
}
