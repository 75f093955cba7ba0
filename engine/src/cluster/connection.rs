//! Connections to Redis: one that all short commands share, and others of their own for callers that wait.
//!
//! A task keeps the shared one. A caller that finds it broken reports that to the task and fails at once, instead of waiting for a
//! server that is away: every caller can do without Redis, or try again.

use super::{
    address::{RedisTarget, RedisUrl},
    keys::Keys,
    startup::{self, Unusable},
};
use crate::tasks::Tasks;
use futures::FutureExt;
use redis::{
    AsyncConnectionConfig, Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, RedisResult, ServerErrorKind, Value,
    aio::{ConnectionLike, MultiplexedConnection, PubSub},
};
use std::{
    io,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;

/// An answer that takes longer than this is none.
const ANSWER_WITHIN: Duration = Duration::from_millis(500);
/// Connecting takes no longer than this, sentinels included.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// Pauses between attempts to connect grow from the first to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Redis, as a node of the site uses it; runs commands itself, over the connection that all share. Cheap to clone.
///
/// A command fails at once while Redis is away. Connections are made until the last handle is dropped.
#[derive(Clone)]
pub struct Redis(Arc<Shared>);

struct Shared {
    target: RedisTarget,
    keys: Keys,
    current: watch::Sender<Option<Current>>,
    /// Connections made so far.
    made: AtomicU64,
}

#[derive(Clone)]
struct Current {
    connection: MultiplexedConnection,
    /// Which of the connections that followed each other.
    number: u64,
}

impl Redis {
    /// Connects, and makes sure that this Redis is one that the site can run on. Keys begin with `prefix`.
    ///
    /// # Errors
    /// When it cannot be reached or used: one line that says what to do.
    pub async fn connect(url: &RedisUrl, prefix: &str, tasks: &Tasks) -> Result<Redis, Unusable> {
        let target = url.target().map_err(|form| Unusable::new(url, format!("is not an address: {form}")))?;
        if target.is_encrypted(url) {
            crate::tls::prepare();
        }
        let connection = match connect(&target, Some(ANSWER_WITHIN)).await {
            Ok(mut connection) => {
                startup::check(url, &mut connection).await?;
                connection
            }
            Err(error) => return Err(startup::unreachable(url, &error)),
        };
        metrics::gauge!("redis_connected").set(1.0);
        let current = watch::Sender::new(Some(Current { connection, number: 0 }));
        let shared = Arc::new(Shared { target, keys: Keys::new(prefix), current, made: AtomicU64::new(1) });
        let (current, kept) = (shared.current.subscribe(), Arc::downgrade(&shared));
        tasks.restarting("redis", move || keep(current.clone(), kept.clone()));
        Ok(Redis(shared))
    }

    /// How keys are named.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// A connection of one's own whose answers may take any time: for commands that block.
    pub(super) async fn patient(&self) -> RedisResult<MultiplexedConnection> {
        connect(&self.0.target, None).await
    }

    /// A connection of one's own that hears what is published.
    pub(super) async fn listening(&self) -> RedisResult<PubSub> {
        in_time(async { self.0.target.client().await?.get_async_pubsub().await }).await
    }

    fn current(&self) -> RedisResult<Current> {
        self.0.current.borrow().clone().ok_or_else(|| io::Error::new(io::ErrorKind::NotConnected, "away").into())
    }

    /// Passes on how a command went; a connection that broke is not used again.
    fn looked_at<T>(&self, number: u64, done: RedisResult<T>) -> RedisResult<T> {
        if let Err(error) = &done
            && is_broken(error)
        {
            self.0.current.send_if_modified(|current| {
                let mine = current.as_ref().is_some_and(|current| current.number == number);
                if mine {
                    tracing::warn!(%error, "Redis is away");
                    metrics::gauge!("redis_connected").set(0.0);
                    *current = None;
                }
                mine
            });
        }
        done
    }
}

impl ConnectionLike for Redis {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let done = async move {
            let Current { mut connection, number } = self.current()?;
            let done = connection.req_packed_command(command).await.and_then(Value::extract_error);
            self.looked_at(number, done)
        };
        done.boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let done = async move {
            let Current { mut connection, number } = self.current()?;
            let done = connection.req_packed_commands(pipeline, offset, count).await;
            self.looked_at(number, done)
        };
        done.boxed()
    }

    fn get_db(&self) -> i64 {
        self.current().map_or(0, |current| current.connection.get_db())
    }
}

/// Whether nothing more is to be expected of a connection that failed so. An answer that did not come may never come, and
/// a server that may not be written to any more is no longer the master.
fn is_broken(error: &RedisError) -> bool {
    error.is_io_error()
        || error.is_unrecoverable_error()
        || error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Connects anew whenever the connection broke, until the last handle is dropped.
async fn keep(mut current: watch::Receiver<Option<Current>>, shared: Weak<Shared>) {
    while current.wait_for(Option::is_none).await.is_ok() {
        let mut pause = PAUSES.0;
        loop {
            let Some(shared) = shared.upgrade() else { return };
            match connect_to_master(&shared.target).await {
                Ok(connection) => {
                    let number = shared.made.fetch_add(1, Ordering::Relaxed);
                    metrics::gauge!("redis_connected").set(1.0);
                    shared.current.send_replace(Some(Current { connection, number }));
                    tracing::info!("Redis is back");
                    break;
                }
                Err(error) => tracing::debug!(%error, "Redis is still away"),
            }
            drop(shared);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }
}

/// Connects to a server that answers and may be written to.
async fn connect_to_master(target: &RedisTarget) -> RedisResult<MultiplexedConnection> {
    let mut connection = connect(target, Some(ANSWER_WITHIN)).await?;
    // Still loading what it had saved: no command would do anything.
    let () = redis::cmd("PING").query_async(&mut connection).await?;
    if startup::is_replica(&mut connection).await? {
        return Err(io::Error::new(io::ErrorKind::NotConnected, "this server is a replica now").into());
    }
    Ok(connection)
}

async fn connect(target: &RedisTarget, answer_within: Option<Duration>) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new().set_response_timeout(answer_within);
    in_time(async { target.client().await?.get_multiplexed_async_connection_with_config(&config).await }).await
}

async fn in_time<T>(connecting: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    match tokio::time::timeout(CONNECT_WITHIN, connecting).await {
        Ok(done) => done,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no answer").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{
        Bus, Received, Topic,
        testing::{self, Server},
    };
    use std::net::TcpListener;

    const SECRET: &str = "s3cret%2F";

    async fn refused(url: String) -> String {
        let error =
            Redis::connect(&url.parse().unwrap(), "test", &Tasks::surviving()).await.err().expect("it is refused");
        let (text, debug) = (error.to_string(), format!("{error:?}"));
        for told in [&text, &debug] {
            assert!(!told.contains("s3cret"), "{told}");
            assert!(!told.contains('\n'), "{told}");
        }
        text
    }

    #[tokio::test]
    async fn what_cannot_be_used_is_refused_in_one_line_without_secrets() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        for (url, expected) in [
            ("s3cret".to_owned(), "is not an address"),
            (format!("redis://:{SECRET}@127.0.0.1:{nobody}"), "cannot be reached"),
            (format!("redis+sentinel://:{SECRET}@127.0.0.1:{nobody}/main"), "cannot be reached"),
        ] {
            let told = refused(url).await;
            assert!(told.contains(expected), "{told}");
        }

        let locked = Server::start(&["--requirepass", "s3cret/"]);
        let at = format!("127.0.0.1:{}", locked.port());
        for (url, expected) in [
            (format!("redis://{at}"), "asks for a password: write it into REDIS_URL"),
            (format!("redis://:wrong-s3cret@{at}"), "refused the password: correct user and password in REDIS_URL"),
            (format!("redis://nobody:{SECRET}@{at}"), "refused the password"),
        ] {
            let told = refused(url).await;
            assert!(told.contains(expected) && told.contains(&at), "{told}");
        }
        Redis::connect(&format!("redis://:{SECRET}@{at}").parse().unwrap(), "test", &Tasks::surviving()).await.unwrap();

        let master = Server::start(&[]);
        let replica = Server::start(&["--replicaof", &format!("127.0.0.1 {}", master.port())]);
        assert!(
            refused(replica.url().to_string()).await.contains("is a read-only replica: give the address of its master")
        );
    }

    #[tokio::test]
    async fn questions_that_are_forbidden_are_no_fault() {
        let server = Server::start(&["--rename-command", "CONFIG", "", "--maxmemory-policy", "allkeys-lru"]);
        server.redis().await;
    }

    #[tokio::test]
    async fn it_connects_again_by_itself() {
        let mut server = Server::start(&[]);
        let redis = server.redis().await;
        let ping = async || redis::cmd("PING").exec_async(&mut redis.clone()).await.is_ok();
        assert!(ping().await);
        server.kill();
        assert!(!ping().await);
        server.start_again();
        testing::eventually("it is back", ping).await;

        // One that stands still is given up on, and nobody waits for it twice.
        server.signal("STOP");
        assert!(!ping().await);
        let took = testing::usual_time(async || assert!(!ping().await)).await;
        assert!(took < Duration::from_millis(100), "{took:?}");
        server.signal("CONT");
        testing::eventually("it is back", ping).await;
    }

    #[tokio::test]
    async fn a_server_that_became_a_replica_is_not_used() {
        let (server, other) = (Server::start(&[]), Server::start(&[]));
        let redis = server.redis().await;
        let mut direct = redis.patient().await.unwrap();
        let other_port = other.port().to_string();
        let write = async || redis::cmd("SET").arg("test:key").arg(1).exec_async(&mut redis.clone()).await.is_ok();
        let ping = async || redis::cmd("PING").exec_async(&mut redis.clone()).await.is_ok();
        assert!(write().await);
        redis::cmd("REPLICAOF").arg("127.0.0.1").arg(&other_port).exec_async(&mut direct).await.unwrap();
        assert!(!write().await);
        assert!(!ping().await, "it answers, but is not asked");
        redis::cmd("REPLICAOF").arg("NO").arg("ONE").exec_async(&mut direct).await.unwrap();
        testing::eventually("it is the master again", write).await;
    }

    #[tokio::test]
    async fn the_sentinels_lead_to_the_new_master() {
        let mut master = Server::start(&[]);
        let replica =
            Server::start(&["--replicaof", &format!("127.0.0.1 {}", master.port()), "--repl-diskless-sync-delay", "0"]);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sentinel.conf");
        let settings = format!(
            "sentinel monitor main 127.0.0.1 {} 1\nsentinel down-after-milliseconds main 500\n\
             sentinel failover-timeout main 5000\n",
            master.port()
        );
        std::fs::write(&file, settings).unwrap();
        let sentinel = Server::start(&[file.to_str().unwrap(), "--sentinel"]);
        let url = |service: &str| format!("redis+sentinel://127.0.0.1:{}/{service}", sentinel.port());
        assert!(refused(url("other")).await.contains("has no such master"));
        let redis = Redis::connect(&url("main").parse().unwrap(), "test", &Tasks::surviving()).await.unwrap();
        let port = async || {
            let mut get = redis::cmd("CONFIG");
            get.arg("GET")
                .arg("port")
                .query_async::<(String, u16)>(&mut redis.clone())
                .await
                .map_or(0, |(_, port)| port)
        };
        assert_eq!(port().await, master.port());
        // The sentinel must have found the replica, and the replica its master.
        let follows = redis::Client::open(replica.url().to_string()).unwrap();
        testing::eventually("the replica follows", async || {
            let mut sentinel = redis::Client::open(sentinel.url().to_string())
                .unwrap()
                .get_multiplexed_async_connection()
                .await
                .unwrap();
            let known: Vec<redis::Value> =
                redis::cmd("SENTINEL").arg("REPLICAS").arg("main").query_async(&mut sentinel).await.unwrap();
            let mut replica = follows.get_multiplexed_async_connection().await.unwrap();
            let info: String = redis::cmd("INFO").arg("replication").query_async(&mut replica).await.unwrap();
            !known.is_empty() && info.contains("master_link_status:up")
        })
        .await;
        let bus = Bus::redis(redis.clone(), &Tasks::surviving());
        let mut subscriber = bus.subscriber();
        subscriber.subscribe(Topic::Invalidation);
        assert_eq!(testing::soon("it comes", subscriber.next()).await, Received::Gap(Topic::Invalidation));
        master.kill();
        testing::eventually("the replica is the master", async || port().await == replica.port()).await;
        // Whoever listens follows too.
        assert_eq!(testing::soon("it comes", subscriber.next()).await, Received::Gap(Topic::Invalidation));
        bus.publish(Topic::Invalidation, "again".into()).await.unwrap();
        assert_eq!(
            testing::soon("it comes", subscriber.next()).await,
            Received::Message(Topic::Invalidation, "again".into())
        );
    }
}
