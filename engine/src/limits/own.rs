//! Limits counted in this process.

use super::{PAUSE, Rule, Subject, limiter};
use governor::DefaultKeyedRateLimiter;
use model::{Span, Time};

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
            let (burst, every) = rule.rate();
            limiter(burst, every)
        });
        Own { limiters, paused: quick_cache::sync::Cache::new(PAUSES) }
    }
}

impl Own {
    /// Whether one more is within the limit; then it counts.
    pub(super) fn take(&self, rule: Rule, subject: Subject) -> bool {
        self.limiters[rule as usize].check_key(&subject).is_ok()
    }

    /// How long they still have to wait.
    pub(super) fn paused(&self, rule: Rule, subject: Subject, now: Time) -> Span {
        self.paused.get(&(rule, subject)).map_or(Span::ZERO, |until| until.since(now).max(Span::ZERO))
    }

    /// They failed; how long they have to wait.
    pub(super) fn strike(&self, rule: Rule, subject: Subject, now: Time) -> Span {
        if !self.take(rule, subject) {
            self.paused.insert((rule, subject), now + PAUSE);
        }
        self.paused(rule, subject, now)
    }

    /// Forgets who has recovered.
    pub(super) fn tidy(&self) {
        self.limiters.iter().for_each(DefaultKeyedRateLimiter::retain_recent);
    }
}
