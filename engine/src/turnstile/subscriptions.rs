//! Which events this node follows: as long as a [`Subscription`] is kept, what other nodes commit of its event is applied here.

use super::{ledger::Ledger, messages::Publication};
use crate::cluster::{BusSubscriber, Topic};
use model::{EventId, MemberId, Wish};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// An event is read without its subscription when that takes longer to begin: Redis is away.
const PATIENCE: Duration = Duration::from_secs(1);
/// Batches that are kept for those who are reading, entries of them, and what members chose.
const RECENT_BATCHES: usize = 256;
const RECENT_ENTRIES: usize = 20_000;
const RECENT_CHOICES: usize = 20_000;
/// Reading an event takes no longer than this.
const READ_WITHIN: Duration = Duration::from_secs(30);

/// An event that this node follows, as long as this value lives.
pub struct Subscription {
    live: watch::Sender<bool>,
    /// The newest that came, for callers that read the event from the database meanwhile. Locked while more is applied.
    recent: Mutex<Recent>,
}

/// The newest of what other nodes published of an event, each with when it came.
#[derive(Default)]
pub(super) struct Recent {
    batches: VecDeque<(Instant, Publication)>,
    choices: VecDeque<(Instant, MemberId, Option<Wish>)>,
}

impl Subscription {
    fn new() -> Subscription {
        Subscription { live: watch::Sender::new(false), recent: Mutex::default() }
    }

    /// Locks the newest, so that it is not replayed before what just came is applied and kept.
    pub(super) fn lock(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the newest to an event that was just read: to its ledger, and to what members chose.
    pub(super) fn replay(&self, ledger: &Ledger, choose: impl Fn(MemberId, Option<Wish>)) {
        let recent = self.lock();
        for (_, publication) in &recent.batches {
            ledger.apply(publication.first, &publication.batch, publication.state);
        }
        for (_, member, wish) in &recent.choices {
            choose(*member, *wish);
        }
    }

    /// What is published from now on arrives; whether it did before.
    pub(super) fn begin(&self) -> bool {
        self.live.send_replace(true)
    }
}

impl Recent {
    /// Keeps a batch among the newest.
    pub fn keep(&mut self, publication: Publication) {
        let batches = &mut self.batches;
        batches.push_back((Instant::now(), publication));
        let mut entries: usize = batches.iter().map(|(_, kept)| kept.batch.entries.len()).sum();
        while batches.len() > RECENT_BATCHES || (batches.len() > 1 && entries > RECENT_ENTRIES) {
            entries -= batches.pop_front().map_or(0, |(_, kept)| kept.batch.entries.len());
        }
    }

    /// Keeps what a member chose among the newest.
    pub fn keep_choice(&mut self, member: MemberId, wish: Option<Wish>) {
        self.choices.push_back((Instant::now(), member, wish));
        if self.choices.len() > RECENT_CHOICES {
            self.choices.pop_front();
        }
    }

    /// Something is missing between these choices and what comes: whoever reads has the newest of before.
    pub fn forget_choices(&mut self) {
        self.choices.clear();
    }

    /// Drops what no reader can still need.
    fn tidy(&mut self) {
        self.batches.retain(|(at, _)| at.elapsed() < READ_WITHIN);
        self.choices.retain(|(at, ..)| at.elapsed() < READ_WITHIN);
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

    /// Stops listening to events whose subscriptions are gone, and drops what no reader can still need.
    pub fn tidy(&self, subscriber: &BusSubscriber) {
        self.known().retain(|event, subscription| {
            let needed = subscription.upgrade();
            match &needed {
                Some(subscription) => subscription.lock().tidy(),
                None => subscriber.unsubscribe(Topic::Event(*event)),
            }
            needed.is_some()
        });
    }
}
