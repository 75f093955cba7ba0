//! `/creators/{id}/reviews`: what is said of everything that somebody sells.

#[cfg(feature = "ssr")]
use super::of_event::asked_for;
use super::parts::{ReviewItem, average, orders};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, head, paths};
use leptos::prelude::*;
use model::{
    Page,
    reviews::{ReviewedSeller, Reviews, ReviewsQuery},
};

/// Reads a page of a seller's reviews.
///
/// # Errors
/// As [`engine::reviews::Reviews::of_seller`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<ReviewedSeller> {
    let (seller, query) = (asked.named("id")?, asked_for(&asked));
    Ok(asked.reader.engine.reviews.of_seller(&asked.reader.actor, seller, query).await?)
}

/// The page of a seller's reviews.
pub fn view(ReviewedSeller { seller, name, reviews }: ReviewedSeller) -> impl IntoView {
    let t = lang();
    let Reviews { query, stars, rows: Page { rows, next } } = reviews;
    head::title(format!("{} · {name}", t.reviews()));
    let order = query.order;
    let items = rows
        .into_iter()
        .map(|review| view! { <ReviewItem t now=crate::boot::boot().now review titled=true /> })
        .collect_view();
    let more = next_page(next.map(|next| paths::seller_reviews(seller, &ReviewsQuery { order, after: Some(next) })));
    view! {
        <section class="narrow reviews">
            <p class="eyebrow">{t.reviews()}</p>
            <h1><a href=paths::creator(seller, None)>{name}</a></h1>
            {average(t, stars)}
            {orders(t, order, move |order| paths::seller_reviews(seller, &ReviewsQuery { order, after: None }))}
            <ul>{items}</ul>
            {more}
        </section>
    }
}
