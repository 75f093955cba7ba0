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
use std::sync::Arc;

/// Events kept in memory.
pub(super) const EVENTS: usize = 10_000;

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
    db: Db,
    refusals: Refusals,
    /// In a cluster.
    subscriptions: Option<Subscriptions>,
}

impl EventCache {
    pub fn new(db: Db, refusals: Refusals, subscriptions: Option<Subscriptions>) -> EventCache {
        EventCache { known: Arc::new(quick_cache::sync::Cache::new(EVENTS)), db, refusals, subscriptions }
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
        let load = self.known.get_or_insert_async(&event, async {
            let subscription = match &self.subscriptions {
                Some(subscriptions) => Some(subscriptions.subscribe(event).await),
                None => None,
            };
            let loaded = store::load(&self.db, event).await?.ok_or(Error::NotFound)?;
            let refused = self.refusals.begin(event);
            Ok(Arc::new(EventHandle { rules: loaded.rules, ledger: Arc::new(loaded.ledger), refused, subscription }))
        });
        let loaded: Result<Arc<EventHandle>, crate::Error> = Box::pin(load).await;
        let handle = loaded?;
        if let Some(subscription) = &handle.subscription {
            // What was published while it was being read.
            subscription.replay(&handle.ledger);
        }
        Ok(handle)
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
