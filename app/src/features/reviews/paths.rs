//! Addresses of reviews.

use crate::paths::{examples, text, with};
use model::{Cursor, EventId, MemberId, reviews::ReviewsQuery};

/// For admins: reviews that were reported.
pub const REPORTED_REVIEWS: &str = "/admin/reviews";

/// The reviews of an event that a query asks for.
pub fn reviews(event: EventId, query: &ReviewsQuery) -> String {
    let (order, after) = (query.order.name(), text(query.after.as_ref()));
    with(&format!("/events/{event}/reviews"), &[("order", order), ("after", &after)])
}

/// The reviews of everything that somebody sells, as a query asks for.
pub fn seller_reviews(seller: MemberId, query: &ReviewsQuery) -> String {
    let (order, after) = (query.order.name(), text(query.after.as_ref()));
    with(&format!("/creators/{seller}/reviews"), &[("order", order), ("after", &after)])
}

/// For admins: reviews that were reported, or those that are hidden, from where a page goes on.
pub fn reported_reviews(hidden: bool, after: Option<&Cursor>) -> String {
    let show = if hidden { "hidden" } else { "" };
    with(REPORTED_REVIEWS, &[("show", show), ("after", &text(after))])
}

examples! {
    let page = Cursor::of(&7);
    pages: [
        reviews(EventId(uuid::Uuid::nil()), &ReviewsQuery { after: Some(page.clone()), ..ReviewsQuery::default() }),
        seller_reviews(MemberId(uuid::Uuid::nil()), &ReviewsQuery::default()),
        REPORTED_REVIEWS,
        reported_reviews(true, Some(&page)),
    ];
}
