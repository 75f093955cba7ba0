//! Who is in an event's room, on whichever node: each person once.
//!
//! A node says every few seconds who is there. A person whom it no longer names, and everyone on a node that died, count until
//! their time is over: so nothing need be removed, and nothing is left behind. One of these nodes is the sampler, until it says
//! nothing any more: it alone writes down how many people there are.

use super::connection::Redis;
use model::{EventId, live::Person};
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
         for i = 3, #ARGV do redis.call('ZADD', KEYS[1], 'GT', now + ARGV[1], ARGV[i]) end
         redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
         if #ARGV > 2 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
         redis.call('SET', KEYS[2], ARGV[2], 'NX')
         local sampler = redis.call('GET', KEYS[2]) == ARGV[2]
         if sampler then redis.call('PEXPIRE', KEYS[2], ARGV[1]) end
         return {redis.call('ZCARD', KEYS[1]), sampler and 1 or 0}",
    )
});

/// People in rooms across nodes, as one node says and asks. Cheap to clone.
#[derive(Clone)]
pub struct Presence {
    redis: Redis,
    node: u64,
    believed: Duration,
}

/// An event's room over all nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Everywhere {
    /// People in it.
    pub people: u64,
    /// Whether it is this node that samples that.
    pub sampler: bool,
}

impl Presence {
    /// Of node `node`, in this Redis.
    pub fn new(redis: Redis, node: u64) -> Presence {
        Presence { redis, node, believed: BELIEVED }
    }

    /// Says that these are there on this node; how it is on all.
    ///
    /// # Errors
    /// When Redis is away or does not answer.
    pub async fn refresh(&self, event: EventId, people: &[Person]) -> RedisResult<Everywhere> {
        let mut chunks = people.chunks(CHUNK);
        let mut everywhere = self.refresh_chunk(event, chunks.next().unwrap_or_default()).await?;
        for chunk in chunks {
            everywhere = self.refresh_chunk(event, chunk).await?;
        }
        Ok(everywhere)
    }

    async fn refresh_chunk(&self, event: EventId, people: &[Person]) -> RedisResult<Everywhere> {
        let keys = self.redis.keys();
        let mut refresh = REFRESH.key(keys.present(event));
        refresh.key(keys.sampler(event)).arg(self.believed.as_millis() as u64).arg(self.node);
        for person in people {
            refresh.arg(&person.to_be_bytes()[..]);
        }
        let (people, sampler) = refresh.invoke_async(&mut self.redis.clone()).await?;
        Ok(Everywhere { people, sampler })
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
        let node = |node, believed| Presence { redis: redis.clone(), node, believed: Duration::from_millis(believed) };
        // For longer than a machine stalls.
        let (here, there) = (node(1, 60_000), node(2, 60_000));
        let (event, other) = (EventId(Uuid::from_u128(1)), EventId(Uuid::from_u128(2)));
        let counted = |people, sampler| Everywhere { people, sampler };
        let many: Vec<Person> = (1..=1200).collect();
        assert_eq!(here.refresh(event, &many).await.unwrap(), counted(1200, true));
        let both = there.refresh(event, &[1, 2, Person::MAX]).await.unwrap();
        assert_eq!(both, counted(1201, false), "tabs on two nodes are one person, and one node writes");
        assert_eq!(here.refresh(other, &[]).await.unwrap(), counted(0, true));
        // One node dies; the other goes on, without its first, and writes.
        let (here, there) = (node(3, 400), node(4, 400));
        let event = EventId(Uuid::from_u128(3));
        here.refresh(event, &many).await.unwrap();
        there.refresh(event, &[1, 2, Person::MAX]).await.unwrap();
        testing::eventually("only those are there who still say so", async || {
            there.refresh(event, &[2, Person::MAX]).await.unwrap() == counted(2, true)
        })
        .await;
        testing::eventually("nothing is left behind", async || {
            let mut left = redis::cmd("EXISTS");
            left.arg(redis.keys().present(event)).arg(redis.keys().sampler(event));
            left.query_async::<u64>(&mut redis.clone()).await.unwrap() == 0
        })
        .await;
    }
}
