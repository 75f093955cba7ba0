//! What is paid for, by kind: where payments and the features that they know nothing of meet.

use crate::{
    Error,
    db::Db,
    notices,
    payments::{self, Purchase},
    reviews,
    sales::{self, ORDER, Orders},
    slots::{self, BOOKING, Bookings},
};

/// The purchase of a kind.
pub(crate) fn of(kind: &str) -> Option<&'static dyn Purchase> {
    match kind {
        ORDER => Some(&Orders),
        BOOKING => Some(&Bookings),
        _ => None,
    }
}

/// Checks every payment with what was paid for, what is counted of payments, of reviews and of notices, and hours with their limit and deals; how
/// many payments were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub async fn check(db: &Db) -> Result<(usize, Vec<String>), Error> {
    let (count, mut wrong) = payments::check(db, of).await?;
    wrong.extend(slots::check(db).await?);
    wrong.extend(sales::check_months(db).await?);
    wrong.extend(reviews::check(db).await?);
    wrong.extend(notices::check(db).await?);
    Ok((count, wrong))
}
