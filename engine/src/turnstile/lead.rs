//! The part of a node's runner that a cluster adds: which shards it owns, how far it read their queues, and that nothing is
//! committed for a shard that somebody else owns by now.

use super::{
    courier::Courier,
    messages::{self, Publication, ShardNews, shard},
    runner::Job,
    store,
};
use crate::{
    cluster::{Bus, Clicks, Position, Shard, Stream, Topic},
    db::{Db, Tx},
    tasks::Tasks,
};
use bytes::Bytes;
use model::EventId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// The most clicks read of one queue at once.
const AT_ONCE: usize = 4096;
/// A pause when Redis cannot be read.
const PAUSE: Duration = Duration::from_millis(50);
/// How often what was committed is let go.
const TRIM_EVERY: Duration = Duration::from_millis(500);
/// Messages that may wait to be published, and that are in one go: a batch of many events is as many messages.
const PUBLICATIONS: usize = 1024;
const PUBLISHED_AT_ONCE: usize = 64;

/// A shard as its owner has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Held {
    pub stream: Stream,
    /// Raised by every new owner: the database takes nothing from an older one.
    pub epoch: i64,
    /// Of the newest click that was decided, or is being.
    pub reached: Position,
}

/// The shards of this node.
pub(super) struct Lead {
    pub courier: Arc<Courier>,
    held: BTreeMap<Shard, Held>,
    clicks: Clicks,
    /// What the reader reads, and from where on.
    reading: watch::Sender<Vec<(Stream, Position)>>,
    /// Committed positions.
    committed: watch::Sender<Vec<(Stream, Position)>>,
    publications: mpsc::Sender<(Topic, Bytes)>,
}

impl Lead {
    /// Starts what reads, trims and publishes for a runner that takes `jobs`.
    pub fn start(courier: Arc<Courier>, clicks: Clicks, bus: Bus, jobs: mpsc::WeakSender<Job>, tasks: &Tasks) -> Lead {
        let (reading, committed) = (watch::Sender::default(), watch::Sender::default());
        let (publications, waiting) = mpsc::channel(PUBLICATIONS);
        tasks.essential("turnstile reader", read(clicks.clone(), reading.subscribe(), jobs));
        tasks.essential("turnstile trimmer", trim(clicks.clone(), committed.subscribe()));
        tasks.essential("turnstile publisher", publish(bus, waiting));
        Lead { courier, held: BTreeMap::new(), clicks, reading, committed, publications }
    }

    /// Whether this node sequences an event.
    pub fn holds(&self, event: EventId) -> bool {
        self.held.contains_key(&shard(event))
    }

    /// This node owns a shard from now on. Its queue is made when it is not there.
    pub async fn take(&mut self, db: &Db, held: Held) {
        if held.stream.generation == 0 {
            self.held.insert(held.stream.shard, held);
            self.lost(db, held.stream).await;
            return;
        }
        self.held.insert(held.stream.shard, held);
        self.follow();
    }

    /// It no longer does.
    pub fn leave(&mut self, shard: Shard) {
        self.held.remove(&shard);
        self.follow();
    }

    pub fn leave_all(&mut self) {
        self.held.clear();
        self.follow();
    }

    /// A click stands at `position` of `stream`; whether it is this node's to decide.
    pub fn reach(&mut self, stream: Stream, position: Position) -> bool {
        match self.held.get_mut(&stream.shard) {
            Some(held) if held.stream == stream && position > held.reached => {
                held.reached = position;
                true
            }
            _ => false,
        }
    }

    /// A queue vanished or went back: the next generation takes its place. What was in it and not committed is sent again.
    /// `false` when the shard turned out to be another's.
    pub async fn lost(&mut self, db: &Db, stream: Stream) -> bool {
        let Some(held) = self.held.get(&stream.shard).filter(|held| held.stream == stream).copied() else {
            return true;
        };
        let next = Stream { generation: stream.generation + 1, ..stream };
        let followed = async {
            self.clicks.create(next).await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
            store::next_generation(db, next, held.epoch).await
        };
        match followed.await {
            Ok(true) => {
                tracing::info!(shard = stream.shard.0, generation = next.generation, "a queue of clicks begins anew");
                self.held.insert(next.shard, Held { stream: next, reached: Position::START, ..held });
                self.courier.generations.set(next.shard, next.generation);
                self.tell(Topic::Shard(next.shard), messages::encode(&ShardNews::Generation(next.generation))).await;
                let _ = self.clicks.delete(stream).await;
            }
            // Somebody else owns it.
            Ok(false) => {
                self.leave(stream.shard);
                return false;
            }
            // The reader finds it lost once more.
            Err(error) => tracing::warn!(%error, shard = stream.shard.0, "a queue of clicks cannot be begun"),
        }
        self.follow();
        true
    }

    fn follow(&self) {
        self.reading.send_replace(self.held.values().map(|held| (held.stream, held.reached)).collect());
    }

    /// Makes a transaction fail unless this node owns the shards of all `events`, and notes how far their queues were read.
    pub async fn fence(&self, tx: &mut Tx, events: impl Iterator<Item = EventId>) -> Result<(), Uncommitted> {
        let shards: BTreeSet<Shard> = events.map(shard).collect();
        let held: Option<Vec<Held>> = shards.iter().map(|shard| self.held.get(shard).copied()).collect();
        let Some(held) = held else { return Err(Uncommitted::Fenced) };
        if store::advance(tx, &held).await? { Ok(()) } else { Err(Uncommitted::Fenced) }
    }

    /// The same for a batch that writes nothing: only an owner may refuse.
    pub async fn confirm(&self, db: &Db, events: impl Iterator<Item = EventId>) -> Result<(), Uncommitted> {
        for shard in events.map(shard).collect::<BTreeSet<_>>() {
            let ours = match self.held.get(&shard) {
                Some(held) => store::owns(db, held).await?,
                None => false,
            };
            if !ours {
                return Err(Uncommitted::Fenced);
            }
        }
        Ok(())
    }

    /// Everything read so far is decided, and durable where it was written.
    pub fn committed(&self) {
        self.committed.send_replace(self.held.values().map(|held| (held.stream, held.reached)).collect());
    }

    /// Tells all nodes of a batch.
    pub async fn publish(&self, event: EventId, publication: &Publication) {
        self.tell(Topic::Event(event), publication.encode()).await;
    }

    async fn tell(&self, topic: Topic, message: Bytes) {
        let _ = self.publications.send((topic, message)).await;
    }
}

/// Why a batch was not committed, as far as is known.
#[derive(Debug, thiserror::Error)]
pub(super) enum Uncommitted {
    /// Nothing of it was.
    #[error("another node owns the shard")]
    Fenced,
    /// It may have been.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Reads the queues of the shards that this node owns.
async fn read(clicks: Clicks, mut wanted: watch::Receiver<Vec<(Stream, Position)>>, jobs: mpsc::WeakSender<Job>) {
    let mut reader = clicks.reader();
    let mut after: BTreeMap<Stream, Position> = BTreeMap::new();
    loop {
        {
            let wanted = wanted.borrow_and_update();
            // A queue that stays is read on from where the last read ended.
            after = wanted
                .iter()
                .map(|(stream, at)| (*stream, after.get(stream).map_or(*at, |read| *read.max(at))))
                .collect();
        }
        let streams: Vec<_> = after.iter().map(|(stream, at)| (*stream, *at)).collect();
        let found = tokio::select! {
            changed = wanted.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            found = reader.read(&streams, AT_ONCE), if !streams.is_empty() => found,
        };
        let Some(jobs) = jobs.upgrade() else { return };
        match found {
            Ok(found) => {
                for (stream, clicks) in found.clicks {
                    if let Some((last, _)) = clicks.last() {
                        after.insert(stream, *last);
                    }
                    if jobs.send(Job::Sent { stream, clicks }).await.is_err() {
                        return;
                    }
                }
                for stream in &found.lost {
                    if jobs.send(Job::Lost(*stream)).await.is_err() {
                        return;
                    }
                }
                if !found.lost.is_empty() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the queues of clicks cannot be read");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Lets go of what was committed.
async fn trim(clicks: Clicks, mut committed: watch::Receiver<Vec<(Stream, Position)>>) {
    let mut trimmed: BTreeMap<Stream, Position> = BTreeMap::new();
    while committed.changed().await.is_ok() {
        loop {
            let reached = committed.borrow_and_update().clone();
            trimmed.retain(|stream, _| reached.iter().any(|(held, _)| held == stream));
            let mut all = true;
            for (stream, position) in reached {
                if trimmed.get(&stream) != Some(&position) {
                    match clicks.trim(stream, position).await {
                        Ok(()) => drop(trimmed.insert(stream, position)),
                        // Tried again, also when nothing more is committed: a full queue takes no clicks.
                        Err(_) => all = false,
                    }
                }
            }
            tokio::time::sleep(TRIM_EVERY).await;
            if all || committed.has_changed().is_err() {
                break;
            }
        }
    }
}

/// Publishes in order. What Redis does not take is said again until it does: a node that heard nothing of it, and no gap
/// either, would never know.
async fn publish(bus: Bus, mut waiting: mpsc::Receiver<(Topic, Bytes)>) {
    let mut messages = Vec::with_capacity(PUBLISHED_AT_ONCE);
    while waiting.recv_many(&mut messages, PUBLISHED_AT_ONCE).await > 0 {
        // Whoever heard one before knows it by its number.
        while let Err(error) = bus.publish_all(&messages).await {
            tracing::debug!(%error, "nothing can be published");
            tokio::time::sleep(PAUSE).await;
        }
        messages.clear();
    }
}
