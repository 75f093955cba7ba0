//! What pages of reviews change.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    forms::{FormField, form_fields},
};
#[cfg(feature = "ssr")]
use engine::reviews::NewReview;
use leptos::prelude::*;

/// The pictures of a review, all together, in bytes.
const PICTURES: usize = 30 << 20;

/// The fields of a review.
#[cfg(feature = "ssr")]
const REVIEW: &[FormField] = form_fields!["stars", "text", "kept"*, "pictures"* file];

#[cfg(feature = "ssr")]
fn typed(form: &mut Form) -> NewReview {
    NewReview {
        stars: form.text("stars").to_owned(),
        text: form.text("text").to_owned(),
        kept: form.texts("kept").map(str::to_owned).collect(),
        pictures: form.files("pictures"),
    }
}

change! { WriteReview: Active, pages: ["/events/:id/reviews"], fields: ["event", "request"] + REVIEW, said: review_written, files: PICTURES }

/// Writes a review of what the member received or attended. Sending it twice writes one.
#[server(endpoint = "write-review", protocol = Change, input_derive = ())]
pub async fn write_review(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let request: model::RequestId = form.named("request").map_err(|_| model::Error::Malformed)?;
    let (event, new) = (form.named("event")?, typed(&mut form));
    engine.reviews.write(&actor, &engine.pictures, event, model::ReviewId(request.0), new).await?;
    Ok(Done::here())
}

change! { ChangeReview: Active, pages: ["/events/:id/reviews"], fields: ["review"] + REVIEW, said: review_is_changed, files: PICTURES }

/// Changes the member's own review.
#[server(endpoint = "change-review", protocol = Change, input_derive = ())]
pub async fn change_review(form: Form) -> Result<Done, PageError> {
    let mut form = form;
    let Reader { engine, actor, .. } = reader();
    let (review, new) = (form.named("review")?, typed(&mut form));
    engine.reviews.change(&actor, &engine.pictures, review, new).await?;
    Ok(Done::here())
}

change! { DeleteReview: Active, pages: ["/events/:id/reviews"], fields: ["review"], said: review_deleted }

/// Deletes the member's own review.
#[server(endpoint = "delete-review", protocol = Change, input_derive = ())]
pub async fn delete_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.delete(&actor, &engine.pictures, form.named("review")?).await?;
    Ok(Done::here())
}

change! { ReportReview: Active, pages: ["/events/:id/reviews"], fields: ["review"], said: review_reported }

/// Reports a review to the admins.
#[server(endpoint = "report-review", protocol = Change, input_derive = ())]
pub async fn report_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.report(&actor, form.named("review")?).await?;
    Ok(Done::here())
}

change! { AnswerReview: Creator, pages: ["/events/:id/reviews"], fields: ["review", "answer"], said: review_answered }

/// Answers a review of the creator's own sale, once.
#[server(endpoint = "answer-review", protocol = Change, input_derive = ())]
pub async fn answer_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.answer(&actor, form.named("review")?, form.text("answer"), false).await?;
    Ok(Done::here())
}

change! { ChangeAnswer: Creator, pages: ["/events/:id/reviews"], fields: ["review", "answer"], said: answer_is_changed }

/// Changes the answer that the creator gave.
#[server(endpoint = "change-answer", protocol = Change, input_derive = ())]
pub async fn change_answer(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.answer(&actor, form.named("review")?, form.text("answer"), true).await?;
    Ok(Done::here())
}

change! { HideReview: Admin, pages: ["/admin/reviews"], fields: ["review", "reason"], said: review_is_hidden }

/// Hides a review from everybody but its writer, with a `reason`.
#[server(endpoint = "hide-review", protocol = Change, input_derive = ())]
pub async fn hide_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.hide(&actor, form.named("review")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { RestoreReview: Admin, pages: ["/admin/reviews"], fields: ["review", "reason"], said: review_is_restored }

/// Shows a hidden review to everybody again, with a `reason`.
#[server(endpoint = "restore-review", protocol = Change, input_derive = ())]
pub async fn restore_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.restore(&actor, form.named("review")?, form.text("reason")).await?;
    Ok(Done::here())
}

change! { DismissReview: Admin, pages: ["/admin/reviews"], fields: ["review"], said: line_looked_at }

/// Finds what was reported of a review harmless.
#[server(endpoint = "dismiss-review", protocol = Change, input_derive = ())]
pub async fn dismiss_review(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.reviews.dismiss(&actor, form.named("review")?).await?;
    Ok(Done::here())
}
