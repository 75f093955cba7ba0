//! Events in memory: what clicks are measured by.

use super::{
    sequencer::{Ledger, Terms},
    store,
};
use crate::{
    curves::{Refusals, Refused},
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
}

/// The gates of events, read when they are first asked for. Cheap to clone.
#[derive(Clone)]
pub(super) struct Gates {
    known: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    db: Db,
    refusals: Refusals,
}

impl Gates {
    pub fn new(db: Db, refusals: Refusals) -> Gates {
        Gates { known: Arc::new(quick_cache::sync::Cache::new(EVENTS)), db, refusals }
    }

    /// The event, from memory or else from the database.
    pub async fn get(&self, event: EventId) -> Result<Arc<Gate>, crate::Error> {
        if let Some(gate) = self.known.get(&event) {
            return Ok(gate);
        }
        // Boxed: the way of every click does not carry the room that reading an event needs.
        let load = self.known.get_or_insert_async(&event, async {
            let loaded = store::load(&self.db, event).await?.ok_or(Error::NotFound)?;
            let refused = self.refusals.begin(event);
            Ok(Arc::new(Gate { terms: loaded.terms, ledger: Arc::new(loaded.ledger), refused }))
        });
        Box::pin(load).await
    }

    /// This one from now on.
    pub fn put(&self, gate: &Arc<Gate>) {
        self.known.insert(gate.terms.event, gate.clone());
    }

    /// To be read anew by whoever asks next.
    pub fn forget(&self, event: EventId) {
        self.known.remove(&event);
    }
}
