//! The bus: what one node publishes on a topic reaches every subscriber of it, on this node and on the others.
//!
//! It promises nothing by itself: a message may be lost when a connection is, or when a subscriber is slow. But a subscriber
//! that may have missed something is told so, and reads the database instead. Each topic therefore begins with a gap: what was
//! published before is only there.

use super::{
    connection::Redis,
    keys::{Keys, Topic},
};
use crate::tasks::Tasks;
use bytes::Bytes;
use futures::StreamExt;
use redis::{RedisResult, Value, aio::PubSub};
use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque, hash_map::Entry},
    io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// Messages, and bytes of them, that wait for a slow subscriber; beyond, they are forgotten and become a gap.
const WAITING: (usize, usize) = (4096, 8 << 20);
/// How often Redis is asked whether it is still there, and how long it may take to answer anything.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// Pauses between attempts to listen again grow from the first to the second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Publishes and subscribes. Cheap to clone.
#[derive(Clone)]
pub enum Bus {
    /// Within this process.
    Local(Arc<Hub>),
    /// Among all nodes: one connection listens for all subscribers of this one.
    Redis {
        /// Where messages go.
        redis: Redis,
        /// Where they arrive.
        hub: Arc<Hub>,
    },
}

/// What a subscriber receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// This was published. Right after a gap it may be something that the database already had.
    Message(Topic, Bytes),
    /// What was published of a topic until now may have been missed: the database has it.
    Gap(Topic),
}

impl Bus {
    /// A bus within this process.
    pub fn local() -> Bus {
        Bus::Local(Arc::new(Hub::new(true)))
    }

    /// A bus among the nodes that share a Redis and a prefix. Listens until every handle and subscriber is dropped.
    pub fn redis(redis: Redis, tasks: &Tasks) -> Bus {
        let hub = Arc::new(Hub::new(false));
        let (from, to) = (redis.clone(), Arc::downgrade(&hub));
        tasks.restarting("bus", move || listen(from.clone(), to.clone()));
        Bus::Redis { redis, hub }
    }

    /// Publishes a message, encoded once for all: every subscriber receives it, those of the publisher included. When this
    /// fails, it may have reached none of them: what has to arrive is published again.
    ///
    /// # Errors
    /// When Redis is away or does not answer.
    pub async fn publish(&self, topic: Topic, message: Bytes) -> RedisResult<()> {
        self.publish_all(&[(topic, message)]).await
    }

    /// The same of several messages, in order and in one go. When it fails, some of them may have arrived.
    ///
    /// # Errors
    /// As [`Bus::publish`].
    pub async fn publish_all(&self, messages: &[(Topic, Bytes)]) -> RedisResult<()> {
        match self {
            Bus::Local(hub) => {
                messages.iter().for_each(|(topic, message)| hub.deliver(*topic, message));
                Ok(())
            }
            Bus::Redis { redis, .. } => {
                let mut pipe = redis::Pipeline::with_capacity(messages.len());
                for (topic, message) in messages {
                    pipe.cmd("PUBLISH").arg(redis.keys().channel(*topic)).arg(&message[..]).ignore();
                }
                pipe.exec_async(&mut redis.clone()).await
            }
        }
    }

    /// A subscriber, so far of no topic.
    pub fn subscriber(&self) -> BusSubscriber {
        let (Bus::Local(hub) | Bus::Redis { hub, .. }) = self;
        BusSubscriber { hub: hub.clone(), inbox: Arc::default() }
    }
}

/// Receives what is published on topics; which ones may change at any time.
pub struct BusSubscriber {
    hub: Arc<Hub>,
    inbox: Arc<Inbox>,
}

impl BusSubscriber {
    /// Receives a topic from now on. A gap tells when that has begun: what is read from the database after it lacks nothing
    /// that will not be received.
    pub fn subscribe(&self, topic: Topic) {
        self.hub.add(topic, &self.inbox);
    }

    /// Receives a topic no longer, except what is already waiting.
    pub fn unsubscribe(&self, topic: Topic) {
        self.hub.remove(topic, &self.inbox);
    }

    /// What comes next. May be dropped at any time without losing anything.
    pub async fn next(&mut self) -> Received {
        loop {
            if let Some(received) = self.inbox.take() {
                return received;
            }
            self.inbox.news.notified().await;
        }
    }
}

impl Drop for BusSubscriber {
    fn drop(&mut self) {
        self.hub.remove_everywhere(&self.inbox);
    }
}

/// What waits for one subscriber.
#[derive(Default)]
struct Inbox {
    waiting: Mutex<Waiting>,
    news: Notify,
    /// Of how many topics it receives.
    topics: AtomicUsize,
}

#[derive(Default)]
struct Waiting {
    messages: VecDeque<(Topic, Bytes)>,
    bytes: usize,
    gaps: BTreeSet<Topic>,
}

impl Inbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, topic: Topic, message: Bytes) {
        let mut waiting = self.waiting();
        waiting.bytes += message.len();
        waiting.messages.push_back((topic, message));
        if waiting.messages.len() > WAITING.0 || waiting.bytes > WAITING.1 {
            // One this slow reads everything anew sooner than one by one.
            let forgotten = std::mem::take(&mut waiting.messages);
            waiting.gaps.extend(forgotten.into_iter().map(|(topic, _)| topic));
            waiting.bytes = 0;
            metrics::counter!("bus_overflows_total").increment(1);
        }
        drop(waiting);
        self.news.notify_one();
    }

    fn gap(&self, topic: Topic) {
        self.waiting().gaps.insert(topic);
        self.news.notify_one();
    }

    /// Gaps first: what waits behind them need not be asked of the database twice.
    fn take(&self) -> Option<Received> {
        let mut waiting = self.waiting();
        if let Some(topic) = waiting.gaps.pop_first() {
            return Some(Received::Gap(topic));
        }
        let (topic, message) = waiting.messages.pop_front()?;
        waiting.bytes -= message.len();
        Some(Received::Message(topic, message))
    }
}

/// Who on this node subscribes to what.
pub struct Hub {
    topics: Mutex<HashMap<Topic, Listened>>,
    /// Whether topics arrive as soon as there is a subscriber.
    local: bool,
    /// Topics came or went.
    changed: Arc<Notify>,
}

struct Listened {
    inboxes: Vec<Arc<Inbox>>,
    /// Whether what is published arrives here.
    live: bool,
}

impl Hub {
    fn new(local: bool) -> Hub {
        Hub { topics: Mutex::default(), local, changed: Arc::default() }
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<Topic, Listened>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, topic: Topic, inbox: &Arc<Inbox>) {
        let mut topics = self.topics();
        let listened = topics.entry(topic).or_insert_with(|| Listened { inboxes: Vec::new(), live: self.local });
        if !listened.inboxes.iter().any(|other| Arc::ptr_eq(other, inbox)) {
            listened.inboxes.push(inbox.clone());
            inbox.topics.fetch_add(1, Ordering::Relaxed);
        }
        if listened.live {
            inbox.gap(topic);
        }
        drop(topics);
        self.changed.notify_one();
    }

    fn remove(&self, topic: Topic, inbox: &Arc<Inbox>) {
        if let Entry::Occupied(mut listened) = self.topics().entry(topic) {
            let inboxes = &mut listened.get_mut().inboxes;
            let before = inboxes.len();
            inboxes.retain(|other| !Arc::ptr_eq(other, inbox));
            inbox.topics.fetch_sub(before - inboxes.len(), Ordering::Relaxed);
            if listened.get().inboxes.is_empty() {
                listened.remove();
            }
        }
        self.changed.notify_one();
    }

    fn remove_everywhere(&self, inbox: &Arc<Inbox>) {
        // One that was taken from its only topic need not be looked for in all of them.
        if inbox.topics.load(Ordering::Relaxed) == 0 {
            return;
        }
        self.topics().retain(|_, listened| {
            listened.inboxes.retain(|other| !Arc::ptr_eq(other, inbox));
            !listened.inboxes.is_empty()
        });
        self.changed.notify_one();
    }

    fn deliver(&self, topic: Topic, message: &Bytes) {
        if let Some(listened) = self.topics().get(&topic) {
            listened.inboxes.iter().for_each(|inbox| inbox.put(topic, message.clone()));
        }
    }

    /// What is published of these topics arrives from now on.
    fn begins(&self, begun: &[Topic]) {
        let mut topics = self.topics();
        for topic in begun {
            if let Some(listened) = topics.get_mut(topic) {
                listened.live = true;
                listened.inboxes.iter().for_each(|inbox| inbox.gap(*topic));
            }
        }
    }

    /// Nothing arrives any more.
    fn ends(&self) {
        self.topics().values_mut().for_each(|listened| listened.live = false);
    }
}

/// Listens to Redis for all subscribers, again whenever the connection broke, until the hub is dropped.
async fn listen(redis: Redis, hub: Weak<Hub>) {
    // Begun anew after a panic, nothing is subscribed to any more.
    if let Some(hub) = hub.upgrade() {
        hub.ends();
    }
    let mut pause = PAUSES.0;
    loop {
        let done = match redis.listening().await {
            Ok(pubsub) => receive(pubsub, redis.keys(), &hub, &mut pause).await,
            Err(error) => Err(error),
        };
        let Some(hub) = hub.upgrade() else { return };
        if let Err(error) = done {
            tracing::debug!(%error, "nothing is received from other nodes");
        }
        hub.ends();
        drop(hub);
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Delivers what arrives, until the connection breaks or the hub is dropped.
async fn receive(pubsub: PubSub, keys: &Keys, hub: &Weak<Hub>, pause: &mut Duration) -> RedisResult<()> {
    let (mut sink, mut messages) = pubsub.split();
    let Some(changed) = hub.upgrade().map(|hub| hub.changed.clone()) else { return Ok(()) };
    let mut subscribed: HashSet<Topic> = HashSet::new();
    let mut ask = tokio::time::interval(ASK_EVERY);
    let channels = |topics: &[Topic]| topics.iter().map(|topic| keys.channel(*topic)).collect::<Vec<_>>();
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, "no answer");
    let mut stale = true;
    loop {
        if std::mem::take(&mut stale) {
            let Some(hub) = hub.upgrade() else { return Ok(()) };
            let (missing, gone) = {
                let topics = hub.topics();
                let missing: Vec<_> =
                    topics.iter().filter(|(_, listened)| !listened.live).map(|(topic, _)| *topic).collect();
                let gone: Vec<_> = subscribed.iter().filter(|topic| !topics.contains_key(topic)).copied().collect();
                (missing, gone)
            };
            if !missing.is_empty() {
                timeout(ASK_EVERY, sink.subscribe(channels(&missing))).await.map_err(late)??;
                hub.begins(&missing);
                subscribed.extend(missing);
            }
            if !gone.is_empty() {
                timeout(ASK_EVERY, sink.unsubscribe(channels(&gone))).await.map_err(late)??;
                subscribed.retain(|topic| !gone.contains(topic));
            }
            *pause = PAUSES.0;
        }
        tokio::select! {
            message = messages.next() => {
                let Some(message) = message else {
                    return Err(io::Error::from(io::ErrorKind::ConnectionReset).into());
                };
                if let (Some(topic), Some(hub)) = (keys.topic(message.get_channel_name()), hub.upgrade()) {
                    hub.deliver(topic, &Bytes::copy_from_slice(message.get_payload_bytes()));
                }
            }
            () = changed.notified() => stale = true,
            _ = ask.tick() => {
                let _: Value = timeout(ASK_EVERY, sink.ping()).await.map_err(late)??;
                stale = hub.strong_count() == 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{
        Shard,
        testing::{self, Server},
    };

    const ONE: Topic = Topic::Shard(Shard(1));
    const TWO: Topic = Topic::Shard(Shard(2));

    async fn next(subscriber: &mut BusSubscriber) -> Received {
        testing::soon("it comes", subscriber.next()).await
    }

    fn message(topic: Topic, text: &str) -> Received {
        Received::Message(topic, Bytes::copy_from_slice(text.as_bytes()))
    }

    async fn say(bus: &Bus, topic: Topic, text: &str) {
        bus.publish(topic, Bytes::copy_from_slice(text.as_bytes())).await.unwrap();
    }

    /// What every bus promises, between two nodes on it.
    async fn contract(here: Bus, there: Bus) {
        let (mut one, mut both) = (here.subscriber(), there.subscriber());
        one.subscribe(ONE);
        both.subscribe(ONE);
        both.subscribe(TWO);
        assert_eq!(next(&mut one).await, Received::Gap(ONE), "a topic begins with a gap");
        assert_eq!([next(&mut both).await, next(&mut both).await], [Received::Gap(ONE), Received::Gap(TWO)]);

        // Received by everybody who wants it, in order, and by the publisher.
        for (topic, text) in [(TWO, "a"), (ONE, "b"), (ONE, "c"), (TWO, "d")] {
            say(&here, topic, text).await;
        }
        assert_eq!([next(&mut one).await, next(&mut one).await], [message(ONE, "b"), message(ONE, "c")]);
        for (topic, text) in [(TWO, "a"), (ONE, "b"), (ONE, "c"), (TWO, "d")] {
            assert_eq!(next(&mut both).await, message(topic, text));
        }

        // Ignored and wanted again: the gap says that something is missing.
        both.unsubscribe(TWO);
        testing::eventually("a topic is ignored", async || {
            say(&here, TWO, "unheard").await;
            say(&here, ONE, "heard").await;
            while next(&mut one).await != message(ONE, "heard") {}
            let quiet = next(&mut both).await == message(ONE, "heard");
            if !quiet {
                while next(&mut both).await != message(ONE, "heard") {}
            }
            quiet
        })
        .await;
        both.subscribe(TWO);
        assert_eq!(next(&mut both).await, Received::Gap(TWO));
        say(&here, TWO, "again").await;
        assert_eq!(next(&mut both).await, message(TWO, "again"));
        // Whoever comes later learns that they missed something, at once.
        let mut late = there.subscriber();
        late.subscribe(TWO);
        assert_eq!(next(&mut late).await, Received::Gap(TWO));

        // One who does not listen holds up nobody, and learns that there is a gap; what comes then is heard.
        let mut heard = 0;
        for n in 0..WAITING.0 * 2 {
            say(&here, ONE, &n.to_string()).await;
            assert_eq!(next(&mut one).await, message(ONE, &n.to_string()));
            heard += 1;
        }
        assert_eq!(heard, WAITING.0 * 2);
        say(&here, TWO, "end").await;
        let mut seen = Vec::new();
        while seen.last() != Some(&message(TWO, "end")) {
            seen.push(next(&mut both).await);
        }
        assert_eq!(seen[0], Received::Gap(ONE));
        assert!(seen.len() <= WAITING.0 + 2);
        assert_eq!(seen[seen.len() - 2], message(ONE, &(WAITING.0 * 2 - 1).to_string()));
    }

    #[tokio::test]
    async fn within_a_process() {
        let bus = Bus::local();
        contract(bus.clone(), bus).await;
    }

    #[tokio::test]
    async fn over_redis() {
        let (redis, tasks) = (testing::shared().await, Tasks::surviving());
        contract(Bus::redis(redis.clone(), &tasks), Bus::redis(redis, &tasks)).await;
    }

    /// Breaks the connection; afterwards a gap is told and messages are heard.
    async fn survives(break_and_mend: impl AsyncFnOnce(&mut Server, &Bus)) {
        let mut server = Server::start(&[]);
        let bus = Bus::redis(server.redis().await, &Tasks::surviving());
        let mut subscriber = bus.subscriber();
        subscriber.subscribe(ONE);
        assert_eq!(next(&mut subscriber).await, Received::Gap(ONE));
        break_and_mend(&mut server, &bus).await;
        assert_eq!(next(&mut subscriber).await, Received::Gap(ONE));
        testing::eventually("it is published again", async || {
            bus.publish(ONE, Bytes::from_static(b"back")).await.is_ok()
        })
        .await;
        // Not before: the connection that listens is another.
        assert_eq!(next(&mut subscriber).await, message(ONE, "back"));
    }

    #[tokio::test]
    async fn a_panic_of_what_listens_leaves_a_gap() {
        let (server, tasks) = (Server::start(&[]), Tasks::surviving());
        let bus = Bus::redis(server.redis().await, &tasks);
        let mut subscriber = bus.subscriber();
        subscriber.subscribe(ONE);
        assert_eq!(next(&mut subscriber).await, Received::Gap(ONE));
        tasks.inject_panic("bus");
        assert_eq!(next(&mut subscriber).await, Received::Gap(ONE));
        bus.publish(ONE, Bytes::from_static(b"back")).await.unwrap();
        assert_eq!(next(&mut subscriber).await, message(ONE, "back"));
    }

    #[tokio::test]
    async fn a_killed_redis_leaves_a_gap_and_nobody_waits_for_it() {
        survives(async |server, bus| {
            server.kill();
            let took = testing::usual_time(async || assert!(bus.publish(ONE, Bytes::new()).await.is_err())).await;
            assert!(took < Duration::from_millis(100), "{took:?}");
            server.start_again();
        })
        .await;
    }

    #[tokio::test]
    async fn a_redis_that_stands_still_leaves_a_gap() {
        survives(async |server, bus| {
            server.signal("STOP");
            assert!(bus.publish(ONE, Bytes::new()).await.is_err());
            ::testing::run_for(2 * ASK_EVERY + Duration::from_millis(200)).await;
            server.signal("CONT");
        })
        .await;
    }
}
