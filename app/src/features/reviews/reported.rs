//! `/admin/reviews`: reviews that members reported, and those that are hidden.

use super::{
    functions::{DismissReview, HideReview, RestoreReview},
    parts::ReviewItem,
};
use crate::features::administration::AdminTabs;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::next_page,
    forms::{ChangeForm, Field, FormState},
    head, paths,
};
use leptos::prelude::*;
use model::{
    Page,
    reviews::{HiddenReviews, ReportedReview},
};

/// Reads what was reported, or what is hidden.
///
/// # Errors
/// As [`engine::reviews::Reviews::reported`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<HiddenReviews> {
    let hidden = asked.query("show") == Some("hidden");
    Ok(asked.reader.engine.reviews.reported(&asked.reader.actor, hidden, asked.cursor("after").as_ref()).await?)
}

/// The admin's list.
pub fn view(HiddenReviews { hidden, rows: Page { rows, next } }: HiddenReviews) -> impl IntoView {
    let t = lang();
    head::title(t.reported_reviews());
    let tab = |one: bool, name: &'static str| {
        let on = (one == hidden).then_some("true");
        view! { <a class="tab" href=paths::reported_reviews(one, None) aria-current=on>{name}</a> }
    };
    let empty = rows.is_empty().then(|| view! { <p class="none">{t.no_reports()}</p> });
    let items = rows.into_iter().map(|row| view! { <Line row hidden /> }).collect_view();
    let more = next_page(next.map(|next| paths::reported_reviews(hidden, Some(&next))));
    view! {
        <section class="notices reviews">
            <AdminTabs page=paths::REPORTED_REVIEWS />
            <h1>{t.reported_reviews()}</h1>
            <nav class="tabs" aria-label=t.reported_reviews()>{tab(false, t.waiting_reviews())}{tab(true, t.hidden_reviews())}</nav>
            {empty}
            <ul>{items}</ul>
            {more}
        </section>
    }
}

#[component]
fn Line(row: ReportedReview, hidden: bool) -> impl IntoView {
    let t = lang();
    let ReportedReview { review, writer, reports, at } = row;
    let id = review.id;
    let which = move || view! { <input type="hidden" name="review" value=id.to_string() /> };
    let form = if hidden { FormState::keyed::<RestoreReview>(id) } else { FormState::keyed::<HideReview>(id) };
    let words = if hidden { t.restore_review() } else { t.hide_review() };
    let dismiss = (!hidden).then(|| {
        view! {
            <ChangeForm state={FormState::keyed::<DismissReview>(id)}>
                {which()}
                <button class="btn small ghost">{t.dismiss_report()}</button>
            </ChangeForm>
        }
    });
    view! {
        <ReviewItem t now=crate::boot::boot().now review titled=true>
            <small>{t.reported(reports)}" · "{t.moment(at)}" · "<a class="link" href=paths::admin_member(writer)>{t.role_member()}</a></small>
            <ChangeForm state=form class="tools">
                {which()}
                <Field form name="reason" label=t.admin_reason() required=true maxlength=200 />
                <button class="btn small">{words}</button>
            </ChangeForm>
            {dismiss}
        </ReviewItem>
    }
}
