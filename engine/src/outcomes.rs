//! What follows from entries, by kind of event: where the turnstile and the features that it knows nothing of meet.

use crate::{
    db::{Db, HeldEvent, Tx},
    giveaways::Prizes,
    turnstile::{self, Batch, Deadline, Outcome, Replayed, Unit, Violation},
};
use futures::{FutureExt, future::BoxFuture};
use model::{EventId, Kind, Time};

/// What follows from the units of an event of this kind.
pub(crate) fn of(kind: Kind) -> &'static dyn Outcome {
    match kind {
        Kind::Giveaway => &Prizes,
        Kind::Ticket | Kind::Deal => &Nothing,
    }
}

/// Checks every event by its log, with what followed from its entries; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub async fn check(db: &Db) -> Result<(usize, Vec<Violation>), sqlx::Error> {
    turnstile::check(db, of).await
}

/// Units pass from hand to hand without a deadline, and nothing is written of it.
struct Nothing;

impl Outcome for Nothing {
    fn deadline(&self, _: Unit, _: Time) -> Deadline {
        Deadline::Never
    }

    fn write<'a>(
        &'a self,
        _: &'a mut Tx,
        _: HeldEvent,
        _: &'a Batch,
        _: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        async { Ok(()) }.boxed()
    }

    fn check<'a>(&'a self, _: &'a Db, _: EventId, _: &'a Replayed) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        async { Ok(Vec::new()) }.boxed()
    }
}
