//! Events in memory: what clicks are measured by.

use super::{
    peers::{Ears, Listening},
    sequencer::{Ledger, Terms},
    store,
};
use crate::{
    analytics::{Refusals, Refused},
    db::Db,
};
use model::{Error, EventId};
use std::sync::Arc;

/// Events kept in memory.
pub(super) const EVENTS: usize = 10_000;

/// An event as the click's path sees it.
pub struct Gate {
    /// What the sequencer goes by.
    pub terms: Terms,
    /// What is committed.
    pub ledger: Arc<Ledger>,
    /// Counts refused clicks.
    pub refused: Arc<Refused>,
    /// In a cluster: what other nodes commit is heard, as long as somebody keeps this.
    pub listening: Option<Arc<Listening>>,
}

impl Gate {
    /// The same event by new terms.
    pub(super) fn with(&self, terms: Terms) -> Gate {
        let Gate { ledger, refused, listening, .. } = self;
        Gate { terms, ledger: ledger.clone(), refused: refused.clone(), listening: listening.clone() }
    }
}

/// The gates of events, read when they are first asked for. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gates {
    known: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    db: Db,
    refusals: Refusals,
    /// In a cluster.
    ears: Option<Ears>,
}

impl Gates {
    pub fn new(db: Db, refusals: Refusals, ears: Option<Ears>) -> Gates {
        Gates { known: Arc::new(quick_cache::sync::Cache::new(EVENTS)), db, refusals, ears }
    }

    /// The event, from memory or else from the database.
    pub async fn get(&self, event: EventId) -> Result<Arc<Gate>, crate::Error> {
        if let Some(gate) = self.known.get(&event) {
            return Ok(gate);
        }
        // Boxed: the way of every click does not carry the room that reading an event needs.
        let load = self.known.get_or_insert_async(&event, async {
            let listening = match &self.ears {
                Some(ears) => Some(ears.listen(event).await),
                None => None,
            };
            let loaded = store::load(&self.db, event).await?.ok_or(Error::NotFound)?;
            let refused = self.refusals.begin(event);
            Ok(Arc::new(Gate { terms: loaded.terms, ledger: Arc::new(loaded.ledger), refused, listening }))
        });
        let loaded: Result<Arc<Gate>, crate::Error> = Box::pin(load).await;
        let gate = loaded?;
        if let Some(listening) = &gate.listening {
            // What was heard while it was being read.
            listening.replay(&gate.ledger);
        }
        Ok(gate)
    }

    /// The event, when it is in memory.
    pub fn peek(&self, event: EventId) -> Option<Arc<Gate>> {
        self.known.peek(&event)
    }

    /// Events that are in memory.
    pub fn events(&self) -> Vec<EventId> {
        self.known.iter().map(|(event, _)| event).collect()
    }

    /// This one from now on.
    pub fn put(&self, gate: &Arc<Gate>) {
        self.known.insert(gate.terms.event, gate.clone());
    }

    /// This one, unless it is there.
    pub fn keep(&self, gate: &Arc<Gate>) {
        if self.peek(gate.terms.event).is_none_or(|known| !Arc::ptr_eq(&known, gate)) {
            self.put(gate);
        }
    }

    /// `new` instead of `old`, unless something else took its place.
    pub fn replace(&self, old: &Arc<Gate>, new: Gate) {
        match self.peek(old.terms.event) {
            Some(known) if Arc::ptr_eq(&known, old) => self.put(&Arc::new(new)),
            _ => self.forget(old.terms.event),
        }
    }

    /// To be read anew by whoever asks next.
    pub fn forget(&self, event: EventId) {
        self.known.remove(&event);
    }
}
