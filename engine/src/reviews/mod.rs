//! Reviews: written by who received a deal or had a ticket for a day that is over ([`writing`]), answered by who sold it, read newest or
//! best first ([`reading`]), and looked at by admins when they were reported ([`moderation`]).
//!
//! What everybody sees is counted as it changes (`review_sums`), so that an average costs one row whatever there is.

mod check;
mod moderation;
pub(crate) mod personal;
mod reading;
mod sums;
mod writing;

pub(crate) use check::check;
pub use writing::NewReview;

use crate::{Error, clock::Clock, db::Db, limits::Limits};
use model::ReviewError;

/// Reviews. Cheap to clone.
#[derive(Clone)]
pub struct Reviews {
    db: Db,
    clock: Clock,
    limits: Limits,
}

impl Reviews {
    pub(crate) fn new(db: Db, clock: Clock, limits: Limits) -> Reviews {
        Reviews { db, clock, limits }
    }
}

fn refused(error: ReviewError) -> Error {
    model::Error::from(error).into()
}
