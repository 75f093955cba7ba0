//! Who is in an event's room, on whichever node: each person once.
//!
//! A node says every few seconds who is there; whoever it no longer names, or a node that died, is gone when their time is
//! over. So nobody is ever taken out, and nothing is left behind.

use super::connection::Redis;
use crate::rooms::Person;
use model::EventId;
use redis::{RedisResult, Script};
use std::{sync::LazyLock, time::Duration};

/// How often a node should say who is there.
pub const REFRESH_EVERY: Duration = Duration::from_secs(3);
/// How long a person is believed to be there: two refreshes may be late.
const BELIEVED: Duration = Duration::from_secs(9);
/// People named in one command: clicks wait for it.
const CHUNK: usize = 500;

// Scores are until when people are believed there, in milliseconds of Redis's own clock.
static REFRESH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'GT', now + ARGV[1], ARGV[i]) end
         redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
         if #ARGV > 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
         return redis.call('ZCARD', KEYS[1])",
    )
});

/// People in rooms across nodes. Cheap to clone.
#[derive(Clone)]
pub struct Presence {
    redis: Redis,
    believed: Duration,
}

impl Presence {
    /// In this Redis.
    pub fn new(redis: Redis) -> Presence {
        Presence { redis, believed: BELIEVED }
    }

    /// Says that these are there on this node; how many people are there on all.
    pub async fn refresh(&self, event: EventId, people: &[Person]) -> RedisResult<u64> {
        let mut chunks = people.chunks(CHUNK);
        let mut present = self.refresh_chunk(event, chunks.next().unwrap_or_default()).await?;
        for chunk in chunks {
            present = self.refresh_chunk(event, chunk).await?;
        }
        Ok(present)
    }

    /// How many people are there.
    pub async fn count(&self, event: EventId) -> RedisResult<u64> {
        self.refresh_chunk(event, &[]).await
    }

    async fn refresh_chunk(&self, event: EventId, people: &[Person]) -> RedisResult<u64> {
        let mut refresh = REFRESH.key(self.redis.keys().present(event));
        refresh.arg(self.believed.as_millis() as u64);
        for person in people {
            refresh.arg(&person.to_be_bytes()[..]);
        }
        refresh.invoke_async(&mut self.redis.clone()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing;
    use uuid::Uuid;

    #[tokio::test]
    async fn people_are_counted_once_and_forgotten_with_their_node() {
        let redis = testing::shared().await;
        let node = || Presence { redis: redis.clone(), believed: Duration::from_millis(400) };
        let (here, there) = (node(), node());
        let (event, other) = (EventId(Uuid::from_u128(1)), EventId(Uuid::from_u128(2)));
        assert_eq!(here.count(event).await.unwrap(), 0);
        let many: Vec<Person> = (1..=1200).collect();
        assert_eq!(here.refresh(event, &many).await.unwrap(), 1200);
        assert_eq!(there.refresh(event, &[1, 2, Person::MAX]).await.unwrap(), 1201, "tabs on two nodes are one person");
        assert_eq!(here.count(other).await.unwrap(), 0);
        // One node dies; the other goes on, without its first.
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            there.refresh(event, &[2, Person::MAX]).await.unwrap();
        }
        assert_eq!(there.count(event).await.unwrap(), 2);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(here.count(event).await.unwrap(), 0);
        let left: Vec<String> =
            redis::cmd("KEYS").arg(redis.keys().present(event)).query_async(&mut redis.clone()).await.unwrap();
        assert!(left.is_empty(), "nothing is left behind");
    }
}
