//! The shards that a node owns: how far their queues were decided, and that nothing is committed for a shard that another
//! node owns by now.

use super::{
    dispatcher::Dispatcher,
    messages::{self, Publication, ShardNews},
    publisher, queue,
    requests::Request,
    shards::{OwnedShard, shard},
};
use crate::{
    cluster::{Bus, Clicks, Position, Shard, Stream, Topic},
    db::{Db, Lane, Tx},
    tasks::Tasks,
};
use bytes::Bytes;
use model::EventId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::sync::{mpsc, watch};

/// The shards of this node.
pub(super) struct OwnedShards {
    pub dispatcher: Arc<Dispatcher>,
    owned: BTreeMap<Shard, OwnedShard>,
    clicks: Clicks,
    /// What the reader reads, and from where on.
    reading: watch::Sender<Vec<(Stream, Position)>>,
    /// Committed positions.
    committed: watch::Sender<Vec<(Stream, Position)>>,
    publications: mpsc::Sender<(Topic, Bytes)>,
}

impl OwnedShards {
    /// Starts what reads, trims and publishes for a runner that takes `requests`.
    pub fn start(
        dispatcher: Arc<Dispatcher>,
        clicks: Clicks,
        bus: Bus,
        requests: mpsc::WeakSender<Request>,
        tasks: &Tasks,
    ) -> OwnedShards {
        let (reading, committed) = (watch::Sender::default(), watch::Sender::default());
        let (publications, waiting) = mpsc::channel(publisher::WAITING);
        tasks.essential("turnstile reader", queue::read(clicks.clone(), reading.subscribe(), requests));
        tasks.essential("turnstile trimmer", queue::trim(clicks.clone(), committed.subscribe()));
        tasks.essential("turnstile publisher", publisher::publish(bus, waiting));
        OwnedShards { dispatcher, owned: BTreeMap::new(), clicks, reading, committed, publications }
    }

    /// Whether this node sequences an event.
    pub fn owns(&self, event: EventId) -> bool {
        self.owned.contains_key(&shard(event))
    }

    /// This node owns a shard from now on. Its queue is made when it is not there.
    pub async fn take(&mut self, db: &Db, owned: OwnedShard) {
        if owned.stream.generation == 0 {
            self.owned.insert(owned.stream.shard, owned);
            self.lost(db, owned.stream).await;
            return;
        }
        self.owned.insert(owned.stream.shard, owned);
        self.read_on();
    }

    /// It no longer does.
    pub fn leave(&mut self, shard: Shard) {
        self.owned.remove(&shard);
        self.read_on();
    }

    pub fn leave_all(&mut self) {
        self.owned.clear();
        self.read_on();
    }

    /// Whether a click at `position` of `stream` is this node's to decide now.
    pub fn is_next(&self, stream: Stream, position: Position) -> bool {
        self.owned
            .get(&stream.shard)
            .is_some_and(|owned| owned.stream == stream && position > owned.reached && !owned.stopped)
    }

    /// The click at `position` of `stream` is being decided.
    pub fn reach(&mut self, stream: Stream, position: Position) {
        if let Some(owned) = self.owned.get_mut(&stream.shard).filter(|owned| owned.stream == stream) {
            owned.reached = position;
        }
    }

    /// Nothing more of `stream` is decided here: what comes next cannot be read. It stays in the queue, as nothing is trimmed
    /// that was not reached.
    pub fn stop_at(&mut self, stream: Stream) {
        if let Some(owned) = self.owned.get_mut(&stream.shard).filter(|owned| owned.stream == stream) {
            owned.stopped = true;
        }
    }

    /// A queue vanished or went back: the next generation takes its place. What was in it and not committed is sent again.
    /// `false` when the shard turned out to be another's.
    pub async fn lost(&mut self, db: &Db, stream: Stream) -> bool {
        let Some(owned) = self.owned.get(&stream.shard).filter(|owned| owned.stream == stream).copied() else {
            return true;
        };
        let next = Stream { generation: stream.generation + 1, ..stream };
        let followed = async {
            self.clicks.create(next).await.map_err(|error| sqlx::Error::Io(std::io::Error::other(error)))?;
            next_generation(db, next, owned.epoch).await
        };
        match followed.await {
            Ok(true) => {
                tracing::info!(shard = stream.shard.0, generation = next.generation, "a queue of clicks begins anew");
                self.owned
                    .insert(next.shard, OwnedShard { stream: next, reached: Position::START, stopped: false, ..owned });
                self.dispatcher.generations.set(next.shard, next.generation);
                self.publish_to(Topic::Shard(next.shard), messages::encode(&ShardNews::Generation(next.generation)))
                    .await;
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
        self.read_on();
        true
    }

    fn read_on(&self) {
        self.reading.send_replace(self.owned.values().map(|owned| (owned.stream, owned.reached)).collect());
    }

    /// Makes a transaction fail unless this node owns the shards of all `events`, and notes how far their queues were read.
    ///
    /// # Errors
    /// [`Uncommitted::Fenced`] when another node owns one of them; the database's.
    pub async fn fence(&self, tx: &mut Tx, events: impl Iterator<Item = EventId>) -> Result<(), Uncommitted> {
        let shards: BTreeSet<Shard> = events.map(shard).collect();
        let owned: Option<Vec<OwnedShard>> = shards.iter().map(|shard| self.owned.get(shard).copied()).collect();
        let Some(owned) = owned else { return Err(Uncommitted::Fenced) };
        if advance(tx, &owned).await? { Ok(()) } else { Err(Uncommitted::Fenced) }
    }

    /// The same for a batch that writes nothing: only an owner may refuse.
    ///
    /// # Errors
    /// As [`OwnedShards::fence`].
    pub async fn confirm(&self, db: &Db, events: impl Iterator<Item = EventId>) -> Result<(), Uncommitted> {
        for shard in events.map(shard).collect::<BTreeSet<_>>() {
            let ours = match self.owned.get(&shard) {
                Some(owned) => is_owner(db, owned).await?,
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
        self.committed.send_replace(self.owned.values().map(|owned| (owned.stream, owned.reached)).collect());
    }

    /// Tells all nodes of a batch.
    pub async fn publish(&self, event: EventId, publication: &Publication) {
        self.publish_to(Topic::Event(event), publication.encode()).await;
    }

    async fn publish_to(&self, topic: Topic, message: Bytes) {
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

/// A shard's queue is followed by `next`; `false` when another node owns it.
async fn next_generation(db: &Db, next: Stream, epoch: i64) -> Result<bool, sqlx::Error> {
    let mut tx = db.begin(Lane::Turnstile).await?;
    let changed = tx
        .sql(
            "update shards set generation = $1, position_ms = 0, position_seq = 0
             where id = $2 and epoch = $3 and generation <= $1",
        )
        .bind(next.generation as i64)
        .bind(i64::from(next.shard.0))
        .bind(epoch)
        .run()
        .await?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// Notes how far shards' queues were read, together with what came of it; `false` when another node owns any of them.
async fn advance(tx: &mut Tx, owned: &[OwnedShard]) -> Result<bool, sqlx::Error> {
    let column = |of: fn(&OwnedShard) -> i64| owned.iter().map(of).collect::<Vec<i64>>();
    let advanced = tx
        .sql(
            "update shards set position_ms = to_ms, position_seq = to_seq
             from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
                 as reached (shard, own_epoch, own_generation, to_ms, to_seq)
             where id = shard and epoch = own_epoch and generation = own_generation",
        )
        .bind_column(column(|owned| owned.stream.shard.0.into()))
        .bind_column(column(|owned| owned.epoch))
        .bind_column(column(|owned| owned.stream.generation as i64))
        .bind_column(column(|owned| owned.reached.milliseconds as i64))
        .bind_column(column(|owned| owned.reached.sequence as i64));
    Ok(advanced.run().await? == owned.len() as u64)
}

/// Whether a shard is still this node's.
async fn is_owner(db: &Db, owned: &OwnedShard) -> Result<bool, sqlx::Error> {
    db.sql("select 1 from shards where id = $1 and epoch = $2")
        .bind(i64::from(owned.stream.shard.0))
        .bind(owned.epoch)
        .exists()
        .await
}
