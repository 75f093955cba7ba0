//! What an event's page says of its reviews: made on the server alone, as HTML. So a room loads no code for it.

use super::Brief;
use crate::{paths, texts::Lang};
use leptos::prelude::*;
use model::{
    EventId, Time,
    reviews::{ReviewsBrief, ReviewsQuery},
};

/// The newest of them, with the way to all, where one is written too.
pub fn html(t: Lang, now: Time, event: EventId, brief: ReviewsBrief) -> String {
    let owner = Owner::new();
    let html = owner.with(|| {
        let to = paths::reviews(event, &ReviewsQuery::default());
        view! { <Brief t now brief to words=t.read_or_write_reviews() /> }.to_html()
    });
    owner.cleanup();
    html
}
