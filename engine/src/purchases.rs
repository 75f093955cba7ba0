//! What is paid for, by kind: where payments and the features that they know nothing of meet.

use crate::{
    Error,
    db::Db,
    payments::{self, Purchase},
};

/// The purchase of a kind.
pub(crate) fn of(_kind: &str) -> Option<&'static dyn Purchase> {
    None
}

/// Checks every payment with what was paid for; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub async fn check(db: &Db) -> Result<(usize, Vec<String>), Error> {
    payments::check(db, of).await
}
