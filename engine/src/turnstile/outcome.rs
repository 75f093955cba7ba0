//! What follows from an event's units, by kind: the part that the turnstile leaves to features.

use super::{check::Replayed, decisions::Batch, decisions::Unit};
use crate::db::{Db, HeldEvent, Tx};
use futures::future::BoxFuture;
use model::{EventId, Kind, Time};

/// How long a unit belongs to the member who is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// For good.
    Never,
    /// Until then, unless they do what their kind asks of them.
    At(Time),
    /// Not at all: the unit is not given to anybody any more.
    Over,
}

/// What follows from the units of one kind of event. The turnstile knows order, time, quantity and units; an outcome says what
/// it means that a unit is given, withdrawn or given to the next, and which deadline follows.
///
/// [`Outcome::deadline`] is pure: sequencers call it. [`Outcome::write`] runs in the transaction of a batch.
pub trait Outcome: Send + Sync {
    /// Until when a unit is theirs who are given it at `now` because they stood by.
    fn deadline(&self, unit: Unit, now: Time) -> Deadline;

    /// Writes what follows from `batch` of the event that is held, in its transaction. It is called only when commands gave units
    /// to the next ([`Batch::reassigned`]) or changed entries ([`Batch::marks`]): what follows from clicks alone is projected
    /// after the rush.
    ///
    /// # Errors
    /// The database's, with which the whole batch fails.
    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        batch: &'a Batch,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;

    /// Everything that contradicts the log in what was written of an event, in words for an operator.
    ///
    /// # Errors
    /// The database's.
    fn check<'a>(
        &'a self,
        db: &'a Db,
        event: EventId,
        replayed: &'a Replayed,
    ) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>>;
}

/// The outcome of each kind of event.
pub type Outcomes = fn(Kind) -> &'static dyn Outcome;
