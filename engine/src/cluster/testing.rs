//! Redis servers for tests: the one that the test run provides, and others that a test may kill.

pub(crate) use ::testing::{eventually, eventually_some, soon, usual_time};

use super::{Redis, RedisUrl};
use crate::tasks::Tasks;
use std::ops::{Deref, DerefMut};

/// The server that tests share, under a prefix of the caller's own.
pub(crate) async fn shared() -> Redis {
    let url = std::env::var("FIFTYNINE_TEST_REDIS_URL").unwrap_or_else(|_| {
        panic!(
            "tests need a Redis server: run them through scripts/with-services, or start `redis-server --port 6399 --save ''` \
             and set FIFTYNINE_TEST_REDIS_URL=redis://127.0.0.1:6399"
        )
    });
    let prefix = format!("test-{:016x}", u64::from_be_bytes(crate::ids::random()));
    Redis::connect(&url.parse().unwrap(), &prefix, &Tasks::surviving()).await.unwrap()
}

/// A server of the test's own, and the site's way to it.
pub(crate) struct Server(::testing::RedisServer);

impl Server {
    /// Starts one that keeps nothing on its disk.
    pub(crate) fn start(options: &[&str]) -> Server {
        Server(::testing::RedisServer::start(options))
    }

    /// Where it is.
    pub(crate) fn url(&self) -> RedisUrl {
        format!("redis://127.0.0.1:{}", self.port()).parse().unwrap()
    }

    /// A connection of the site's to it.
    pub(crate) async fn redis(&self) -> Redis {
        Redis::connect(&self.url(), "test", &Tasks::surviving()).await.unwrap()
    }
}

impl Deref for Server {
    type Target = ::testing::RedisServer;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
