//! Limits counted in this process.

use super::{PAUSE_US, Rule, Subject, limiter};
use governor::DefaultKeyedRateLimiter;
use model::Time;
use std::sync::{Mutex, PoisonError};

/// Failures remembered as pauses; the oldest of more are forgotten.
const PAUSES: usize = 10_000;
/// Whose attempts are remembered; the oldest of more are forgotten.
const ATTEMPTS: usize = 100_000;

/// When the next of each would be due if they came at their rate: what is taken may be given back, which a limiter has no way for.
type Due = quick_cache::unsync::Cache<(Rule, Subject), Time>;

/// How far everybody is, by rule.
pub(super) struct Own {
    limiters: [DefaultKeyedRateLimiter<Subject>; Rule::ALL.len()],
    paused: quick_cache::sync::Cache<(Rule, Subject), Time>,
    attempts: Mutex<Due>,
}

impl Default for Own {
    fn default() -> Own {
        let limiters = Rule::ALL.map(|rule| {
            let (burst, every_ms) = rule.rate();
            limiter(burst, every_ms)
        });
        Own { limiters, paused: quick_cache::sync::Cache::new(PAUSES), attempts: Mutex::new(Due::new(ATTEMPTS)) }
    }
}

impl Own {
    /// Whether one more is within the limit; then it counts.
    pub(super) fn take(&self, rule: Rule, subject: Subject) -> bool {
        self.limiters[rule as usize].check_key(&subject).is_ok()
    }

    /// How long they still have to wait, in microseconds.
    pub(super) fn paused_us(&self, rule: Rule, subject: Subject, now: Time) -> i64 {
        self.paused.get(&(rule, subject)).map_or(0, |until| until.since(now).max(0))
    }

    /// They failed; how long they have to wait, in microseconds.
    pub(super) fn strike(&self, rule: Rule, subject: Subject, now: Time) -> i64 {
        if !self.take(rule, subject) {
            self.paused.insert((rule, subject), now + PAUSE_US);
        }
        self.paused_us(rule, subject, now)
    }

    /// Takes one attempt; how long they have to wait first, in microseconds.
    pub(super) fn attempt(&self, rule: Rule, subject: Subject, now: Time) -> i64 {
        let paused = self.paused_us(rule, subject, now);
        if paused > 0 {
            return paused;
        }
        let (burst, every_ms) = rule.rate();
        let every_us = i64::from(every_ms) * 1000;
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let due = attempts.get(&(rule, subject)).map_or(now, |due| (*due).max(now));
        if due.since(now) > i64::from(burst - 1) * every_us {
            drop(attempts);
            self.paused.insert((rule, subject), now + PAUSE_US);
            return PAUSE_US;
        }
        attempts.insert((rule, subject), due + every_us);
        0
    }

    /// Gives one attempt back.
    pub(super) fn give_back(&self, rule: Rule, subject: Subject, now: Time) {
        let every_us = i64::from(rule.rate().1) * 1000;
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(due) = attempts.get(&(rule, subject)).copied() {
            attempts.insert((rule, subject), (due - every_us).max(now));
        }
    }

    /// Forgets who has recovered.
    pub(super) fn tidy(&self) {
        self.limiters.iter().for_each(DefaultKeyedRateLimiter::retain_recent);
    }
}
