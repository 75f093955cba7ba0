//! `/events/{id}/reviews`: what those say who received it or were there; writing one, and answering.

use super::{
    form::ReviewForm,
    functions::{AnswerReview, ChangeAnswer, ChangeReview, DeleteReview, ReportReview, WriteReview},
    parts::{ReviewItem, average, orders},
};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    forms::{Area, ChangeForm, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Page,
    reviews::{OwnReview, Review, Reviewed, Reviews, ReviewsQuery},
};

/// Which reviews an address asks for.
#[cfg(feature = "ssr")]
pub(super) fn asked_for(asked: &Asked) -> ReviewsQuery {
    let order = asked.query("order").map(model::reviews::Ordering::named).unwrap_or_default();
    ReviewsQuery { order, after: asked.cursor("after") }
}

/// Reads a page of an event's reviews.
///
/// # Errors
/// As [`engine::reviews::Reviews::of_event`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Reviewed> {
    let (event, query) = (asked.named("id")?, asked_for(&asked));
    Ok(asked.reader.engine.reviews.of_event(&asked.reader.actor, event, query).await?)
}

/// The page of an event's reviews.
pub fn view(reviewed: Reviewed) -> impl IntoView {
    let t = lang();
    let Reviewed { event, title, seller, seller_name, reviews, own, may_write, may_answer, may_report, request } =
        reviewed;
    let Reviews { query, stars, rows: Page { rows, next } } = reviews;
    head::title(format!("{} · {title}", t.reviews()));
    let order = query.order;
    let write = may_write.then(|| {
        view! {
            <section id="write">
                <h2>{t.write_review()}</h2>
                <ReviewForm form={FormState::of::<WriteReview>()} event request before=None />
            </section>
        }
    });
    let own = own.filter(|own| !own.review.text.is_empty()).map(|OwnReview { review, hidden }| {
        let id = review.id.to_string();
        let note = hidden.then(|| view! { <p class="banner" role="status">{t.review_hidden_note()}</p> });
        let form = FormState::of::<ChangeReview>();
        let change = (!hidden).then(|| {
            view! {
                <details open=form.error.get_untracked().is_some()>
                    <summary>{t.change_review()}</summary>
                    <ReviewForm form event request before=Some(review.clone()) />
                </details>
            }
        });
        view! {
            <section class="own-review">
                <h2>{t.own_review()}</h2>
                {note}
                <ul><ReviewItem t now=crate::boot::boot().now review=review.clone() /></ul>
                {change}
                <ChangeForm state={FormState::of::<DeleteReview>()}>
                    <input type="hidden" name="review" value=id />
                    <button class="btn small ghost">{t.delete_review()}</button>
                </ChangeForm>
            </section>
        }
    });
    let items = rows
        .into_iter()
        .map(|review| {
            let answer = may_answer.then(|| view! { <AnswerForm review=review.clone() /> });
            let report = (may_report && !review.mine).then(|| {
                let form = FormState::keyed::<ReportReview>(review.id);
                view! {
                    <ChangeForm state=form>
                        <input type="hidden" name="review" value=review.id.to_string() />
                        <button class="link">{t.report_review()}</button>
                    </ChangeForm>
                }
            });
            view! { <ReviewItem t now=crate::boot::boot().now review>{answer}{report}</ReviewItem> }
        })
        .collect_view();
    let more = next_page(next.map(|next| paths::reviews(event, &ReviewsQuery { order, after: Some(next) })));
    view! {
        <section class="narrow reviews">
            <p class="eyebrow"><a href=paths::creator(seller, None)>{seller_name}</a></p>
            <h1><a href=paths::room(event)>{title}</a></h1>
            {average(t, stars)}
            {write}
            {own}
            {orders(t, order, move |order| paths::reviews(event, &ReviewsQuery { order, after: None }))}
            <ul>{items}</ul>
            {more}
        </section>
    }
}

/// What the seller says to it, once; afterwards, other words.
#[component]
fn AnswerForm(review: Review) -> impl IntoView {
    let t = lang();
    let (before, words) = match &review.answer {
        Some(answer) => (answer.text.clone(), t.change_answer()),
        None => (String::new(), t.answer_review()),
    };
    let form = if review.answer.is_some() {
        FormState::keyed::<ChangeAnswer>(review.id)
    } else {
        FormState::keyed::<AnswerReview>(review.id)
    };
    view! {
        <details open=form.error.get_untracked().is_some()>
            <summary>{words}</summary>
            <ChangeForm state=form>
                <input type="hidden" name="review" value=review.id.to_string() />
                <Area form name="answer" label=t.answer_of_seller() value=before rows=3 />
                <button class="btn small">{words}</button>
            </ChangeForm>
        </details>
    }
}
