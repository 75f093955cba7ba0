//! What follows from an event's units, by kind: the part that the turnstile leaves to features.

use super::{
    decisions::{Batch, Unit},
    replay::Replayed,
};
use crate::db::{Db, HeldEvent, Tx};
use futures::{FutureExt, future::BoxFuture};
use model::{EventId, Kind, MemberId, Time, Wish};

/// How long a unit belongs to the member who is given it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitDeadline {
    /// For good.
    Never,
    /// Until then, unless they do what their kind asks of them.
    At(Time),
    /// Not at all: the unit is no longer given.
    Over,
}

/// What follows from the units of one kind of event. The turnstile knows order, time, quantity and units; an outcome says what
/// it means that a unit is given, withdrawn or given to the next, and which deadline follows.
///
/// [`Outcome::deadline`] is pure: sequencers call it. [`Outcome::write`] runs in the transaction of a batch.
///
/// Where something is sold, the turnstile itself knows until when units are held, and its outcome is told in [`Batch::changed`]
/// what became of each entry.
pub trait Outcome: Send + Sync {
    /// Until when a unit is theirs who are given it at `now` because they stood by.
    fn deadline(&self, unit: Unit, now: Time) -> UnitDeadline;

    /// Writes what follows from `batch` of the event that is held, in its transaction. It is called only when commands gave units
    /// to the next ([`Batch::reassigned`]) or changed entries ([`Batch::marks`], of a sale [`Batch::changed`]), and of a sale when
    /// clicks took units: what else follows from clicks is projected after the rush.
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

    /// Writes what follows from entries with ranks after `first` up to `last`, once the rush is over, unless it was written.
    ///
    /// # Errors
    /// The database's.
    fn project<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        first: i64,
        last: i64,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;

    /// How many units members chose beforehand, for those who press and say nothing of it. Read once when an event comes into memory;
    /// what is chosen later, [`super::Turnstile::chose`] is told.
    ///
    /// # Errors
    /// The database's.
    fn choices<'a>(&'a self, db: &'a Db, event: EventId) -> BoxFuture<'a, Result<Vec<(MemberId, Wish)>, sqlx::Error>> {
        let _ = (db, event);
        async { Ok(Vec::new()) }.boxed()
    }

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
