//! Who is told of every event what was committed.

use super::{decisions::Batch, ledger::LedgerState, sequencer::EventRules};
use model::EventId;

/// Told what was committed, right after the commit and in order. Must not block.
pub trait Watcher: Send + Sync {
    /// A batch of `event` became durable.
    fn committed(&self, event: EventId, batch: &Batch, state: LedgerState);

    /// An event goes by new rules.
    fn revised(&self, rules: &EventRules, state: LedgerState);

    /// Something was committed of an event that this node was not told: what it shows is to be read anew.
    fn missed(&self, event: EventId);

    /// Something of an event was published that is not the turnstile's; whether it was understood.
    fn published(&self, event: EventId, message: &[u8]) -> bool;
}
