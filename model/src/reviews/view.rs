//! Reviews as pages show them.

use super::ReviewId;
use crate::{Cursor, EventId, MemberId, Page, PictureId, RequestId, Time};
use serde::{Deserialize, Serialize};

/// How many reviews there are, and all their stars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stars {
    /// How many.
    pub count: u64,
    /// The sum of their stars.
    pub sum: u64,
}

impl Stars {
    /// The average in tenths of a star, rounded: 46 for 4.6. `None` where there is no review.
    pub fn tenths(self) -> Option<u64> {
        (self.count > 0).then(|| (self.sum * 10 + self.count / 2) / self.count)
    }
}

/// In which order a list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ordering {
    /// Written last first.
    #[default]
    Newest,
    /// Most stars first, of as many those written last.
    Best,
}

impl Ordering {
    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Ordering::Newest => "newest",
            Ordering::Best => "best",
        }
    }

    /// The order of that name; else the newest first.
    pub fn named(name: &str) -> Ordering {
        if name == Ordering::Best.name() { Ordering::Best } else { Ordering::Newest }
    }
}

/// Which reviews a page shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewsQuery {
    /// In which order.
    pub order: Ordering,
    /// From where the list goes on.
    pub after: Option<Cursor>,
}

/// What a seller answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewAnswer {
    /// Plain text.
    pub text: String,
    /// When it was written.
    pub at: Time,
    /// Whether it was changed since.
    pub changed: bool,
}

/// A review as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Which.
    pub id: ReviewId,
    /// Of what.
    pub event: EventId,
    /// What that is called.
    pub title: String,
    /// Who wrote it, as boards show them.
    pub nickname: String,
    /// Their picture, unless they are shown masked.
    pub picture: Option<PictureId>,
    /// 1 to 5.
    pub stars: u8,
    /// Plain text.
    pub text: String,
    /// Addresses of its pictures.
    pub pictures: Vec<String>,
    /// When it was written.
    pub at: Time,
    /// Whether it was changed since.
    pub changed: bool,
    /// What the seller answered.
    pub answer: Option<ReviewAnswer>,
    /// Whether the reader wrote it.
    pub mine: bool,
}

/// The reader's own review, also while an admin hides it from others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnReview {
    /// It.
    pub review: Review,
    /// Whether others do not see it.
    pub hidden: bool,
}

/// A page of reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviews {
    /// What was asked for.
    pub query: ReviewsQuery,
    /// How many there are in all, and their stars.
    pub stars: Stars,
    /// In the order that was asked for.
    pub rows: Page<Review>,
}

/// The reviews of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewed {
    /// Which event.
    pub event: EventId,
    /// What it is called.
    pub title: String,
    /// Who sells it.
    pub seller: MemberId,
    /// What they are called.
    pub seller_name: String,
    /// A page of them.
    pub reviews: Reviews,
    /// The reader's own.
    pub own: Option<OwnReview>,
    /// Whether the reader may write one.
    pub may_write: bool,
    /// Whether the reader may answer: it is their sale.
    pub may_answer: bool,
    /// Whether the reader is signed in, and may report.
    pub may_report: bool,
    /// For the form: a fresh id.
    pub request: RequestId,
}

/// The reviews of everything that somebody sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedSeller {
    /// Who sells.
    pub seller: MemberId,
    /// What they are called.
    pub name: String,
    /// A page of them.
    pub reviews: Reviews,
}

/// What the page of an event, or of a seller, says of reviews.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewsBrief {
    /// How many there are, and their stars.
    pub stars: Stars,
    /// The newest of them.
    pub newest: Vec<Review>,
}

/// A review that members reported, or that was hidden.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedReview {
    /// It.
    pub review: Review,
    /// Who wrote it.
    pub writer: MemberId,
    /// How many members reported it, whom nobody answered.
    pub reports: u64,
    /// When the first of them did; of a hidden one, when it was hidden.
    pub at: Time,
}

/// What admins look at: those that were reported, or those that were hidden.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HiddenReviews {
    /// Whether these are the hidden ones.
    pub hidden: bool,
    /// In the order in which they are to be looked at.
    pub rows: Page<ReportedReview>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// An average lies between the fewest and the most stars, and is off by half a tenth at most.
        #[test]
        fn averages_are_rounded(stars in proptest::collection::vec(1u64..=5, 1..40)) {
            let all = Stars { count: stars.len() as u64, sum: stars.iter().sum() };
            let tenths = all.tenths().unwrap();
            let (least, most) = (stars.iter().min().unwrap() * 10, stars.iter().max().unwrap() * 10);
            prop_assert!((least..=most).contains(&tenths));
            let exact = all.sum as f64 * 10.0 / all.count as f64;
            prop_assert!((exact - tenths as f64).abs() <= 0.5);
        }
    }

    #[test]
    fn nothing_has_no_average() {
        assert_eq!(Stars::default().tenths(), None);
        assert_eq!(Ordering::named("best"), Ordering::Best);
        assert_eq!(Ordering::named("x"), Ordering::Newest);
    }
}
