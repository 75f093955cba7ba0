//! Reviews: what those say who received a deal or attended what a ticket was for, and what its seller answers.

mod draft;
mod view;

pub use draft::{LONGEST, MAX_PICTURES, ReviewDraft, answer, reviewable_from};
pub use view::{
    HiddenReviews, Ordering, OwnReview, ReportedReview, Review, ReviewAnswer, Reviewed, ReviewedSeller, Reviews,
    ReviewsBrief, ReviewsQuery, Stars,
};

use crate::{error::codes, id::ids};

ids! {
    /// A review.
    ReviewId
}

codes! {
    /// Why a review, or an answer to one, is not taken.
    pub enum ReviewError {
        /// Nothing of it has arrived, or its day is not over.
        NotReceived = "not_received", 403;
        /// Nobody reviews what they sell.
        OwnSale = "own_sale", 403;
        /// One review of each event.
        Reviewed = "reviewed", 409;
        /// It was answered, or was not when an answer was to be changed.
        Answered = "answered", 409;
        /// An admin hid it.
        Hidden = "review_hidden", 409;
    }
}
