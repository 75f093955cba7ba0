//! Refused clicks, counted.
//!
//! A refused click adds one to a counter that its event's handle already holds: no lock, no query, no allocation. A crash
//! loses what was not taken yet; nothing is decided by these counts.

use model::{Error, EventId, Reason};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// Refused clicks of one event since it came into memory.
pub struct RefusalCounter {
    event: EventId,
    by_reason: [AtomicU64; Reason::ALL.len()],
}

impl RefusalCounter {
    /// One click was refused.
    pub fn count(&self, error: &Error) {
        if let Some(reason) = Reason::of(error) {
            self.by_reason[reason as usize].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Every event's refused clicks. Cheap to clone.
#[derive(Clone, Default)]
pub struct Refusals(Arc<Mutex<Vec<Arc<RefusalCounter>>>>);

impl Refusals {
    /// A counter for an event that came into memory.
    pub(crate) fn begin(&self, event: EventId) -> Arc<RefusalCounter> {
        let counter = Arc::new(RefusalCounter { event, by_reason: Default::default() });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(counter.clone());
        counter
    }

    /// What was counted since the last call; counters of events that left memory are dropped.
    pub(crate) fn take(&self) -> Vec<(EventId, Reason, u64)> {
        let mut counted = Vec::new();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|counter| {
            let left_memory = Arc::strong_count(counter) == 1;
            for (reason, count) in Reason::ALL.into_iter().zip(&counter.by_reason) {
                match count.swap(0, Ordering::Relaxed) {
                    0 => {}
                    count => counted.push((counter.event, reason, count)),
                }
            }
            !left_memory
        });
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EntryError;
    use uuid::Uuid;

    #[test]
    fn counts_are_taken_once_and_those_of_events_that_left_memory_are_the_last() {
        let (refusals, event) = (Refusals::default(), EventId(Uuid::from_u128(7)));
        let counter = refusals.begin(event);
        counter.count(&EntryError::Closed.into());
        counter.count(&EntryError::Closed.into());
        assert_eq!(refusals.take(), [(event, Reason::of(&EntryError::Closed.into()).unwrap(), 2)]);
        assert_eq!(refusals.take(), []);
        counter.count(&EntryError::Full.into());
        drop(counter);
        assert_eq!(refusals.take(), [(event, Reason::of(&EntryError::Full.into()).unwrap(), 1)]);
        assert!(refusals.0.lock().unwrap().is_empty());
    }
}
