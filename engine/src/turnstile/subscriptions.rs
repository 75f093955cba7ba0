//! Which events this node follows: as long as a [`Subscription`] is kept, what other nodes commit of its event is applied here.

use super::{ledger::Ledger, messages::Publication};
use crate::cluster::{BusSubscriber, Topic};
use model::EventId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// An event is read without its subscription when that takes longer to begin: Redis is away.
const PATIENCE: Duration = Duration::from_secs(1);
/// Batches that are kept for those who are reading, and entries of them.
const RECENT_BATCHES: usize = 256;
const RECENT_ENTRIES: usize = 20_000;
/// Reading an event takes no longer than this.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// An event that this node follows, as long as this value lives.
pub struct Subscription {
    live: watch::Sender<bool>,
    /// The newest batches, for callers that read the event from the database meanwhile. Locked while one is applied.
    recent: Mutex<VecDeque<Recent>>,
}

/// A batch that another node published.
pub(super) struct Recent {
    at: Instant,
    publication: Publication,
}

impl Subscription {
    fn new() -> Subscription {
        Subscription { live: watch::Sender::new(false), recent: Mutex::default() }
    }

    /// Locks the newest batches, so that they are not replayed before one more was applied and kept.
    pub(super) fn lock(&self) -> MutexGuard<'_, VecDeque<Recent>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the newest batches to a ledger that was just read.
    pub(super) fn replay(&self, ledger: &Ledger) {
        for Recent { publication, .. } in self.lock().iter() {
            ledger.apply(publication.first, &publication.batch, publication.state);
        }
    }

    /// What is published from now on arrives; whether it did before.
    pub(super) fn begin(&self) -> bool {
        self.live.send_replace(true)
    }
}

/// Keeps a batch among the newest.
pub(super) fn keep(recent: &mut VecDeque<Recent>, publication: Publication) {
    recent.push_back(Recent { at: Instant::now(), publication });
    let mut entries: usize = recent.iter().map(|kept| kept.publication.batch.entries.len()).sum();
    while recent.len() > RECENT_BATCHES || (recent.len() > 1 && entries > RECENT_ENTRIES) {
        entries -= recent.pop_front().map_or(0, |kept| kept.publication.batch.entries.len());
    }
}

/// The subscriptions of this node. Cheap to clone.
#[derive(Clone)]
pub(super) struct Subscriptions {
    known: Arc<Mutex<HashMap<EventId, Weak<Subscription>>>>,
    wanted: mpsc::UnboundedSender<EventId>,
}

impl Subscriptions {
    /// None so far, and the events whose topics are to be listened to from now on.
    pub fn new() -> (Subscriptions, mpsc::UnboundedReceiver<EventId>) {
        let (wanted, to_listen_to) = mpsc::unbounded_channel();
        (Subscriptions { known: Arc::default(), wanted }, to_listen_to)
    }

    fn known(&self) -> MutexGuard<'_, HashMap<EventId, Weak<Subscription>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Follows an event from now on: what is read of it afterwards lacks nothing that is not published to this node.
    pub async fn subscribe(&self, event: EventId) -> Arc<Subscription> {
        let subscription = {
            let mut known = self.known();
            match known.get(&event).and_then(Weak::upgrade) {
                Some(subscription) => subscription,
                None => {
                    let subscription = Arc::new(Subscription::new());
                    known.insert(event, Arc::downgrade(&subscription));
                    let _ = self.wanted.send(event);
                    subscription
                }
            }
        };
        let mut live = subscription.live.subscribe();
        if tokio::time::timeout(PATIENCE, live.wait_for(|live| *live)).await.is_err() {
            // What is read now lacks what is published until the topic is listened to: then the gap it begins with counts.
            subscription.begin();
        }
        subscription
    }

    /// The subscription of an event, when there is one.
    pub fn get(&self, event: EventId) -> Option<Arc<Subscription>> {
        self.known().get(&event).and_then(Weak::upgrade)
    }

    /// Stops listening to events whose subscriptions are gone, and drops batches that no reader can still need.
    pub fn tidy(&self, subscriber: &BusSubscriber) {
        self.known().retain(|event, subscription| {
            let needed = subscription.upgrade();
            match &needed {
                Some(subscription) => subscription.lock().retain(|kept| kept.at.elapsed() < READ_WITHIN),
                None => subscriber.unsubscribe(Topic::Event(*event)),
            }
            needed.is_some()
        });
    }
}
