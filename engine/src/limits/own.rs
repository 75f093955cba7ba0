//! Limits counted in this process.

use super::{Rule, Subject, limiter};
use governor::DefaultKeyedRateLimiter;
use model::{Span, Time};
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
            let (burst, every) = rule.rate();
            limiter(burst, every)
        });
        Own { limiters, paused: quick_cache::sync::Cache::new(PAUSES), attempts: Mutex::new(Due::new(ATTEMPTS)) }
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
            self.paused.insert((rule, subject), now + rule.pause());
        }
        self.paused(rule, subject, now)
    }

    /// Takes one attempt; how long they have to wait first.
    pub(super) fn attempt(&self, rule: Rule, subject: Subject, now: Time) -> Span {
        let paused = self.paused(rule, subject, now);
        if paused > Span::ZERO {
            return paused;
        }
        let (burst, every) = rule.rate();
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let due = attempts.get(&(rule, subject)).map_or(now, |due| (*due).max(now));
        if due.since(now) > i64::from(burst - 1) * every {
            drop(attempts);
            self.paused.insert((rule, subject), now + rule.pause());
            return rule.pause();
        }
        attempts.insert((rule, subject), due + every);
        Span::ZERO
    }

    /// Gives one attempt back.
    pub(super) fn give_back(&self, rule: Rule, subject: Subject, now: Time) {
        let (_, every) = rule.rate();
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(due) = attempts.get(&(rule, subject)).copied() {
            attempts.insert((rule, subject), (due - every).max(now));
        }
    }

    /// How many are remembered of a rule.
    #[cfg(test)]
    pub(super) fn remembered(&self, rule: Rule) -> usize {
        self.limiters[rule as usize].len()
    }

    /// Forgets who has recovered.
    pub(super) fn tidy(&self) {
        self.limiters.iter().for_each(DefaultKeyedRateLimiter::retain_recent);
    }
}
