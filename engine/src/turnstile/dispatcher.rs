//! Sends clicks to the node that sequences their event, and waits for the answers.

use super::{
    cache::EventCache,
    decisions::{Click, ClickAnswer},
    messages::{Sent, Ticket},
    shards::{self, SHARDS, shard},
};
use crate::{
    cluster::{AppendError, Clicks, Shard, Stream},
    db::Db,
    tasks::Tasks,
};
use bytes::Bytes;
use futures::{future::join_all, task::AtomicWaker};
use model::{Error, EventId};
use rustc_hash::FxBuildHasher;
use std::{
    collections::HashMap,
    future::poll_fn,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// Clicks of this node that may wait to be sent; beyond, they are refused as busy.
const QUEUE: usize = 100_000;
/// The most that are sent at once: Redis does nothing else meanwhile.
const AT_ONCE: usize = 1024;
/// A click without an answer is sent again after this long: its sequencer knows whether it was decided. Doubles each time.
const AGAIN_AFTER: Duration = Duration::from_millis(300);
/// A click without an answer for this long is refused as busy.
const PATIENCE: Duration = Duration::from_secs(8);

/// Which generation of each shard's queue takes clicks; 0 when it is not known.
pub(super) struct Generations([AtomicU64; SHARDS as usize]);

impl Generations {
    pub fn new() -> Generations {
        Generations(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    /// Never back to an older one: news may come late.
    pub fn set(&self, shard: Shard, generation: u64) {
        self.0[usize::from(shard.0)].fetch_max(generation, Ordering::Relaxed);
    }

    fn get(&self, shard: Shard) -> Stream {
        Stream { shard, generation: self.0[usize::from(shard.0)].load(Ordering::Relaxed) }
    }
}

/// Sends this node's clicks.
pub(super) struct Dispatcher {
    /// This node's number.
    pub node: u64,
    pub generations: Generations,
    cache: EventCache,
    next: AtomicU64,
    /// Without a lock: every click is here twice.
    waiting: papaya::HashMap<u64, Arc<Slot>, FxBuildHasher>,
    queue: mpsc::Sender<Outgoing>,
}

struct Outgoing {
    shard: Shard,
    number: u64,
    bytes: Bytes,
}

impl Dispatcher {
    pub fn start(node: u64, clicks: Clicks, db: Db, cache: EventCache, tasks: &Tasks) -> Arc<Dispatcher> {
        let (queue, outgoing) = mpsc::channel(QUEUE);
        let (next, waiting) = (AtomicU64::new(0), papaya::HashMap::with_hasher(FxBuildHasher));
        let dispatcher = Arc::new(Dispatcher { node, generations: Generations::new(), cache, next, waiting, queue });
        tasks.essential("turnstile dispatcher", dispatch(Arc::downgrade(&dispatcher), clicks, db, outgoing));
        dispatcher
    }

    /// Sends a click until it is answered.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many clicks wait, and when no answer came in time.
    pub async fn send(&self, event: EventId, click: Click) -> Result<ClickAnswer, Error> {
        let (member, stamped_at) = (click.member, click.stamped_at);
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let slot = Arc::new(Slot::default());
        self.waiting.pin().insert(number, slot.clone());
        let _waiting = Waiting { dispatcher: self, number };
        let bytes = Sent { event, click, ticket: Ticket { node: self.node, number } }.encode();
        let shard = shard(event);
        let (began, mut patience, mut late) = (Instant::now(), AGAIN_AFTER, false);
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(Error::Busy);
            }
            self.queue.try_send(Outgoing { shard, number, bytes: bytes.clone() }).map_err(|_| Error::Busy)?;
            match tokio::time::timeout(patience.min(left), slot.answer()).await {
                Ok(answer) if late => return Ok(answer.of_sent_again(stamped_at)),
                Ok(answer) => return Ok(answer),
                Err(_) => (patience, late) = (patience * 2, true),
            }
            // The answer may have been lost, or be one that this node cannot read: the entry is not.
            if let Ok(handle) = self.cache.get(event).await
                && let Some(answer) = handle.ledger.certain(member)
            {
                return Ok(answer.of_sent_again(stamped_at));
            }
        }
    }

    /// A click of this node was answered.
    pub fn answered(&self, number: u64, answer: ClickAnswer) {
        if let Some(slot) = self.waiting.pin().get(&number) {
            // The first answer counts.
            let _ = slot.answer.set(answer);
            slot.asker.wake();
        }
    }
}

/// Where the answer to a click is put.
#[derive(Default)]
struct Slot {
    answer: OnceLock<ClickAnswer>,
    asker: AtomicWaker,
}

impl Slot {
    async fn answer(&self) -> ClickAnswer {
        poll_fn(|context| {
            self.asker.register(context.waker());
            self.answer.get().map_or(Poll::Pending, |answer| Poll::Ready(answer.clone()))
        })
        .await
    }
}

/// Somebody's wait for an answer; ends when dropped.
struct Waiting<'c> {
    dispatcher: &'c Dispatcher,
    number: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.dispatcher.waiting.pin().remove(&self.number);
    }
}

/// Sends what gathered while the last was being sent.
async fn dispatch(
    dispatcher: std::sync::Weak<Dispatcher>,
    clicks: Clicks,
    db: Db,
    mut outgoing: mpsc::Receiver<Outgoing>,
) {
    let mut gathered = Vec::with_capacity(AT_ONCE);
    while outgoing.recv_many(&mut gathered, AT_ONCE).await > 0 {
        let Some(dispatcher) = dispatcher.upgrade() else { return };
        let mut shards: HashMap<Shard, (Vec<u64>, Vec<Bytes>), FxBuildHasher> = HashMap::default();
        for Outgoing { shard, number, bytes } in gathered.drain(..) {
            let (numbers, all) = shards.entry(shard).or_default();
            numbers.push(number);
            all.push(bytes);
        }
        let sending = shards.into_iter().map(async |(shard, (numbers, bytes))| {
            let mut sent = clicks.append(dispatcher.generations.get(shard), &bytes).await;
            if matches!(sent, Err(AppendError::Lost)) {
                // It has another queue by now, or soon: then the click is sent again.
                match shards::generations(&db).await {
                    Ok(known) => known.into_iter().for_each(|(shard, of)| dispatcher.generations.set(shard, of)),
                    Err(error) => tracing::warn!(%error, "the queues of clicks are not known"),
                }
                sent = clicks.append(dispatcher.generations.get(shard), &bytes).await;
            }
            match sent {
                Ok(()) | Err(AppendError::Lost) => {}
                Err(AppendError::Busy { taken }) => {
                    for number in &numbers[taken.min(numbers.len())..] {
                        dispatcher.answered(*number, ClickAnswer::Refused(Error::Busy));
                    }
                }
                // Sent again by those who wait.
                Err(AppendError::Away(error)) => {
                    tracing::warn!(%error, clicks = numbers.len(), "clicks could not be sent");
                }
            }
        });
        join_all(sending).await;
    }
}
