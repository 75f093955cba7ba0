//! Limits counted in this process.

use super::{PAUSE_US, Rule, Subject, limiter};
use governor::DefaultKeyedRateLimiter;
use model::Time;

/// Failures remembered as pauses; the oldest of more are forgotten.
const PAUSES: usize = 10_000;

/// How far everybody is, by rule.
pub(super) struct Own {
    limiters: [DefaultKeyedRateLimiter<Subject>; Rule::ALL.len()],
    paused: quick_cache::sync::Cache<(Rule, Subject), Time>,
}

impl Default for Own {
    fn default() -> Own {
        let limiters = Rule::ALL.map(|rule| {
            let (burst, every_ms) = rule.rate();
            limiter(burst, every_ms)
        });
        Own { limiters, paused: quick_cache::sync::Cache::new(PAUSES) }
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

    /// Forgets who has recovered.
    pub(super) fn tidy(&self) {
        self.limiters.iter().for_each(DefaultKeyedRateLimiter::retain_recent);
    }
}
