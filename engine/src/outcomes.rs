//! What follows from entries, by kind of event: where the turnstile and the features that it knows nothing of meet.

use crate::{
    db::Db,
    giveaways::Prizes,
    sales::Sale,
    turnstile::{self, Outcome, Violation},
};
use model::Kind;

/// What follows from the units of an event of this kind.
pub fn of(kind: Kind) -> &'static dyn Outcome {
    match kind {
        Kind::Giveaway => &Prizes,
        Kind::Ticket | Kind::Deal => &Sale,
    }
}

/// Checks every event by its log, with what followed from its entries; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub async fn check(db: &Db) -> Result<(usize, Vec<Violation>), sqlx::Error> {
    turnstile::check(db, of).await
}
