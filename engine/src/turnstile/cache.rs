//! Events in memory: what clicks are decided by.

use super::{
    ledger::Ledger,
    refusals::{RefusalCounter, Refusals},
    sequencer::EventRules,
    store,
    subscriptions::{Subscription, Subscriptions},
};
use crate::db::Db;
use model::{Error, EventId};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Events kept in memory.
pub(super) const EVENTS: usize = 10_000;
/// Ids that belong to no event, kept in memory for a moment: whoever asks for one again and again has it read once.
const NOWHERE: usize = 10_000;
const NOWHERE_FOR: Duration = Duration::from_secs(2);

/// An event as the click's path sees it.
pub struct EventHandle {
    /// What the sequencer goes by.
    pub rules: EventRules,
    /// What is committed.
    pub ledger: Arc<Ledger>,
    /// Counts refused clicks.
    pub refused: Arc<RefusalCounter>,
    /// In a cluster: what other nodes commit is applied, as long as somebody keeps this.
    pub subscription: Option<Arc<Subscription>>,
}

impl EventHandle {
    /// The same event by new rules.
    pub(super) fn with(&self, rules: EventRules) -> EventHandle {
        let EventHandle { ledger, refused, subscription, .. } = self;
        EventHandle { rules, ledger: ledger.clone(), refused: refused.clone(), subscription: subscription.clone() }
    }
}

/// Handles of events, read when they are first asked for. Cheap to clone.
#[derive(Clone)]
pub(super) struct EventCache {
    known: Arc<quick_cache::sync::Cache<EventId, Arc<EventHandle>>>,
    /// Ids that belong to no event, and when that was read.
    nowhere: Arc<quick_cache::sync::Cache<EventId, Instant>>,
    db: Db,
    refusals: Refusals,
    /// In a cluster.
    subscriptions: Option<Subscriptions>,
}

impl EventCache {
    pub fn new(db: Db, refusals: Refusals, subscriptions: Option<Subscriptions>) -> EventCache {
        let (known, nowhere) = (quick_cache::sync::Cache::new(EVENTS), quick_cache::sync::Cache::new(NOWHERE));
        EventCache { known: Arc::new(known), nowhere: Arc::new(nowhere), db, refusals, subscriptions }
    }

    /// The event, from memory or else from the database.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such event; the database's when it cannot be read.
    pub async fn get(&self, event: EventId) -> Result<Arc<EventHandle>, crate::Error> {
        if let Some(handle) = self.known.get(&event) {
            return Ok(handle);
        }
        // Boxed: the way of every click does not carry the room that reading an event needs.
        let loaded: Result<Arc<EventHandle>, crate::Error> =
            Box::pin(self.known.get_or_insert_async(&event, self.load(event))).await;
        let handle = loaded?;
        if let Some(subscription) = &handle.subscription {
            // What was published while it was being read.
            subscription.replay(&handle.ledger);
        }
        Ok(handle)
    }

    async fn load(&self, event: EventId) -> Result<Arc<EventHandle>, crate::Error> {
        if self.nowhere.get(&event).is_some_and(|read_at| read_at.elapsed() < NOWHERE_FOR) {
            return Err(Error::NotFound.into());
        }
        let subscription = match &self.subscriptions {
            // Other nodes are only asked about what there is.
            Some(subscriptions) if store::exists(&self.db, event).await? => Some(subscriptions.subscribe(event).await),
            Some(_) => return Err(self.is_nowhere(event)),
            None => None,
        };
        let Some(loaded) = store::load(&self.db, event).await? else { return Err(self.is_nowhere(event)) };
        let refused = self.refusals.begin(event);
        Ok(Arc::new(EventHandle { rules: loaded.rules, ledger: Arc::new(loaded.ledger), refused, subscription }))
    }

    fn is_nowhere(&self, event: EventId) -> crate::Error {
        self.nowhere.insert(event, Instant::now());
        Error::NotFound.into()
    }

    /// The event, when it is in memory.
    pub fn peek(&self, event: EventId) -> Option<Arc<EventHandle>> {
        self.known.peek(&event)
    }

    /// Events that are in memory.
    pub fn events(&self) -> Vec<EventId> {
        self.known.iter().map(|(event, _)| event).collect()
    }

    /// This handle from now on.
    pub fn put(&self, handle: &Arc<EventHandle>) {
        self.known.insert(handle.rules.event, handle.clone());
    }

    /// This handle, unless it is there.
    pub fn keep(&self, handle: &Arc<EventHandle>) {
        if self.peek(handle.rules.event).is_none_or(|known| !Arc::ptr_eq(&known, handle)) {
            self.put(handle);
        }
    }

    /// `new` instead of `old`, unless something else took its place.
    pub fn replace(&self, old: &Arc<EventHandle>, new: EventHandle) {
        match self.peek(old.rules.event) {
            Some(known) if Arc::ptr_eq(&known, old) => self.put(&Arc::new(new)),
            _ => self.invalidate(old.rules.event),
        }
    }

    /// To be read anew by whoever asks next.
    pub fn invalidate(&self, event: EventId) {
        self.known.remove(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use testing::{On, Place, eventually};
    use uuid::Uuid;

    #[tokio::test]
    async fn what_is_not_there_is_read_once_in_a_while_and_listened_to_never() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let (subscriptions, mut wanted) = Subscriptions::new();
        let cache = EventCache::new(db.clone(), Refusals::default(), Some(subscriptions));
        let event = EventId(Uuid::from_u128(1));
        let missing = async || matches!(cache.get(event).await, Err(crate::Error::Refused(Error::NotFound)));
        assert!(missing().await);
        crate::turnstile::tests::open_as(&db, &crate::clock::Clock::system(), event).await;
        assert!(missing().await, "that there was nothing is remembered");
        assert!(wanted.try_recv().is_err(), "nobody is asked about what is not there");
        eventually("it is there in the end", async || cache.get(event).await.is_ok()).await;
        assert_eq!(wanted.try_recv(), Ok(event));
    }
}
