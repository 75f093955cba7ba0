//! Limits counted in Redis, by its clock: what a member does on one node counts on all.
//!
//! The same algorithm as in a process (GCRA, <https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm>): a key holds when
//! its next would be due if they came at their rate, and lives until then.

use super::{Rule, Subject};
use crate::cluster::Redis;
use model::{MILLISECOND, Span};
use redis::{RedisResult, Script};
use std::sync::LazyLock;

/// Microseconds of Redis's clock.
const NOW: &str = "local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]";

const GCRA: &str = "
local function take(key, burst, every_us)
  local due = math.max(tonumber(redis.call('GET', key) or 0), now)
  if due - now > (burst - 1) * every_us then return 0 end
  due = due + every_us
  redis.call('SET', key, due, 'PX', math.ceil((due - now) / 1000))
  return 1
end
";

static TAKE: LazyLock<Script> =
    LazyLock::new(|| Script::new(&format!("{NOW}{GCRA} return take(KEYS[1], ARGV[1], ARGV[2])")));

static STRIKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{NOW}{GCRA}
         if take(KEYS[1], ARGV[1], ARGV[2]) == 0 then redis.call('SET', KEYS[2], 1, 'PX', ARGV[3]) end
         return redis.call('PTTL', KEYS[2])"
    ))
});

static ATTEMPT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{NOW}{GCRA}
         local left = redis.call('PTTL', KEYS[2])
         if left > 0 then return left end
         if take(KEYS[1], ARGV[1], ARGV[2]) == 1 then return 0 end
         redis.call('SET', KEYS[2], 1, 'PX', ARGV[3])
         return redis.call('PTTL', KEYS[2])"
    ))
});

static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(&format!(
        "{NOW}
         local due = tonumber(redis.call('GET', KEYS[1]) or 0) - ARGV[1]
         if due > now then return redis.call('SET', KEYS[1], due, 'PX', math.ceil((due - now) / 1000)) end
         return redis.call('DEL', KEYS[1])"
    ))
});

/// How far everybody is on all nodes together. Cheap to clone.
#[derive(Clone)]
pub(super) struct Shared {
    redis: Redis,
}

impl Shared {
    pub(super) fn new(redis: Redis) -> Shared {
        Shared { redis }
    }

    /// Whether one more is within the limit; then it counts.
    pub(super) async fn take(&self, rule: Rule, subject: Subject) -> RedisResult<bool> {
        let (burst, every) = rule.rate();
        let mut take = TAKE.key(self.redis.keys().limit(rule.name(), subject));
        take.arg(burst).arg(every.micros());
        take.invoke_async(&mut self.redis.clone()).await
    }

    /// How long they still have to wait.
    pub(super) async fn paused(&self, rule: Rule, subject: Subject) -> RedisResult<Span> {
        let key = self.redis.keys().pause(rule.name(), subject);
        let left_ms: i64 = redis::cmd("PTTL").arg(key).query_async(&mut self.redis.clone()).await?;
        Ok(left_ms.max(0) * MILLISECOND)
    }

    /// They failed; how long they have to wait.
    pub(super) async fn strike(&self, rule: Rule, subject: Subject) -> RedisResult<Span> {
        let (burst, every) = rule.rate();
        let keys = self.redis.keys();
        let mut strike = STRIKE.key(keys.limit(rule.name(), subject));
        strike.key(keys.pause(rule.name(), subject));
        strike.arg(burst).arg(every.micros()).arg(rule.pause() / MILLISECOND);
        let left_ms: i64 = strike.invoke_async(&mut self.redis.clone()).await?;
        Ok(left_ms.max(0) * MILLISECOND)
    }
}

impl Shared {
    /// Takes one attempt; how long they have to wait first.
    pub(super) async fn attempt(&self, rule: Rule, subject: Subject) -> RedisResult<Span> {
        let (burst, every) = rule.rate();
        let keys = self.redis.keys();
        let mut attempt = ATTEMPT.key(keys.limit(rule.name(), subject));
        attempt.key(keys.pause(rule.name(), subject));
        attempt.arg(burst).arg(every.micros()).arg(rule.pause() / MILLISECOND);
        let left_ms: i64 = attempt.invoke_async(&mut self.redis.clone()).await?;
        Ok(left_ms.max(0) * MILLISECOND)
    }

    /// Gives one attempt back.
    pub(super) async fn give_back(&self, rule: Rule, subject: Subject) -> RedisResult<()> {
        let mut give_back = GIVE_BACK.key(self.redis.keys().limit(rule.name(), subject));
        give_back.arg(rule.rate().1.micros());
        give_back.invoke_async::<redis::Value>(&mut self.redis.clone()).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::quota, *};
    use crate::cluster::testing;
    use governor::{
        RateLimiter, clock::FakeRelativeClock, middleware::NoOpMiddleware, nanos::Nanos,
        state::keyed::DefaultKeyedStateStore,
    };
    use proptest::{prelude::*, test_runner::TestRunner};
    use std::time::Duration;

    /// The algorithm, in one line: whether one more at `now` is within the limit.
    fn gcra(due: &mut i64, now: i64, burst: i64, every: i64) -> bool {
        let within = (*due).max(now) - now <= (burst - 1) * every;
        if within {
            *due = (*due).max(now) + every;
        }
        within
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn redis_the_process_and_the_algorithm_agree() {
        let redis = testing::shared().await;
        // The script as it is, but for its clock.
        let script =
            Script::new(&format!("local now = tonumber(ARGV[3]){GCRA} return take(KEYS[1], ARGV[1], ARGV[2])"));
        let steps = prop::collection::vec((0..3u128, prop_oneof![Just(0), 0..100_000_000i64]), 1..60);
        // Keys live by Redis's own clock: a rate so slow that none ends during the test.
        let cases = (1..6u32, 20_000..40_000u32, steps);
        let handle = tokio::runtime::Handle::current();
        tokio::task::spawn_blocking(move || {
            TestRunner::new(ProptestConfig::with_cases(64)).run(&cases, |(burst, every_ms, steps)| {
                let fresh = u128::from_be_bytes(crate::ids::random());
                let (clock, start) = (FakeRelativeClock::default(), 1_700_000_000_123_457i64);
                let every = i64::from(every_ms) * MILLISECOND;
                let (states, quota) = (DefaultKeyedStateStore::<u128>::default(), quota(burst, every));
                let own = RateLimiter::<_, _, _, NoOpMiddleware<Nanos>>::new(quota, states, clock.clone());
                let mut due = [0; 3];
                let mut now = start;
                for (who, later_us) in steps {
                    now += later_us;
                    clock.advance(Duration::from_micros(later_us as u64));
                    let expected = gcra(&mut due[who as usize], now, burst.into(), every.micros());
                    prop_assert_eq!(own.check_key(&who).is_ok(), expected, "in the process");
                    let mut take = script.key(redis.keys().limit("test", fresh ^ who));
                    take.arg(burst).arg(every.micros()).arg(now);
                    let taken: bool = handle.block_on(take.invoke_async(&mut redis.clone())).unwrap();
                    prop_assert_eq!(taken, expected, "in Redis");
                }
                Ok(())
            })
        })
        .await
        .unwrap()
        .unwrap();
    }
}
