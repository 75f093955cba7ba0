//! What pages of reviews share. Nothing here asks for the page: the server also makes HTML of it by itself.

use crate::{components::face, paths, texts::Lang};
use leptos::prelude::*;
use model::{
    Time,
    reviews::{Ordering, Review, ReviewsBrief, ReviewsQuery, Stars},
};

/// "★ 4.6 · 후기 12개", or that there is none.
pub fn average(t: Lang, stars: Stars) -> impl IntoView + use<> {
    match stars.tenths() {
        Some(tenths) => {
            let value = format!("{}.{}", tenths / 10, tenths % 10);
            view! {
                <p class="average"><span aria-hidden="true">"★ "</span><b>{value.clone()}</b>
                    <span class="visually-hidden">{t.average_of_five(value)}</span>" · "{t.reviews_count(stars.count)}</p>
            }
            .into_any()
        }
        None => view! { <p class="none">{t.no_reviews()}</p> }.into_any(),
    }
}

/// A review, with what can be done about it behind it.
#[component]
pub fn ReviewItem(
    /// The page's language.
    t: Lang,
    /// When it is shown.
    now: Time,
    /// It.
    review: Review,
    /// Whether it is said what it is of.
    #[prop(optional)]
    titled: bool,
    /// Forms.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let stars = usize::from(review.stars.min(5));
    let drawn = format!("{}{}", "★".repeat(stars), "☆".repeat(5 - stars));
    let of = titled.then(|| {
        let to = paths::reviews(review.event, &ReviewsQuery::default());
        view! { <a class="of" href=to>{review.title.clone()}</a> }
    });
    let pictures = review
        .pictures
        .iter()
        .enumerate()
        .map(|(i, source)| view! { <a href=source.clone()><img src=source.clone() alt=t.review_picture(i + 1) width="96" height="96" loading="lazy" /></a> })
        .collect_view();
    let pictures = (!review.pictures.is_empty()).then(|| view! { <p class="thumbs">{pictures}</p> });
    let changed = |changed: bool| changed.then(|| format!(" · {}", t.review_changed()));
    let answer = review.answer.map(|answer| {
        view! {
            <blockquote class="answer">
                <small>{t.answer_of_seller()}" · "{t.moment_told(answer.at, now)}{changed(answer.changed)}</small>
                <p>{answer.text}</p>
            </blockquote>
        }
    });
    view! {
        <li class="review" id=review.id.to_string()>
            {of}
            <p class="head"><span class="stars" role="img" aria-label=t.stars_of_five(u64::from(review.stars))>{drawn}</span>" "
                {face(&review.nickname, review.picture)}<b>{review.nickname}</b>" "<small>{t.moment_told(review.at, now)}{changed(review.changed)}</small></p>
            <p class="words">{review.text}</p>
            {pictures}
            {answer}
            {children.map(|children| children())}
        </li>
    }
}

/// In which order a list is, with the way to the other.
pub fn orders(t: Lang, order: Ordering, to: impl Fn(Ordering) -> String) -> impl IntoView {
    let tab = |one: Ordering, name: &'static str| {
        view! { <a class="tab" href=to(one) aria-current=(one == order).then_some("true")>{name}</a> }
    };
    view! {
        <nav class="tabs" aria-label=t.review_order()>
            {tab(Ordering::Newest, t.newest_first())}
            {tab(Ordering::Best, t.best_first())}
        </nav>
    }
}

/// What the page of an event, or of a seller, says of reviews, and the way to all of them.
#[component]
pub fn Brief(
    /// The page's language.
    t: Lang,
    /// When it is shown.
    now: Time,
    /// What it says.
    brief: ReviewsBrief,
    /// Where all of them are.
    to: String,
    /// Whether it is said what each is of.
    #[prop(optional)]
    titled: bool,
    /// What is said of the way there.
    words: &'static str,
) -> impl IntoView {
    let items = brief.newest.into_iter().map(|review| view! { <ReviewItem t now review titled /> }).collect_view();
    view! {
        <section class="reviews" aria-label=t.reviews()>
            <h2>{t.reviews()}</h2>
            {average(t, brief.stars)}
            <ul>{items}</ul>
            <p><a class="btn small" href=to>{words}</a></p>
        </section>
    }
}
