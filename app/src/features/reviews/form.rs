//! The form for a review: stars, words, pictures.

use crate::{
    boot::lang,
    features::pictures::kept_pictures,
    forms::{Area, ChangeForm, FormState},
};
use leptos::prelude::*;
use model::{EventId, RequestId, reviews::Review};

/// Writes a review, or changes the one that there is.
#[component]
pub fn ReviewForm(
    /// Its state.
    form: FormState,
    /// Of what.
    event: EventId,
    /// A fresh id.
    request: RequestId,
    /// The one that there is.
    before: Option<Review>,
) -> impl IntoView {
    let t = lang();
    let (stars, text, pictures) = match &before {
        Some(review) => (Some(review.stars.to_string()), review.text.clone(), review.pictures.clone()),
        None => (None, String::new(), Vec::new()),
    };
    let chosen = form.value("stars").or(stars);
    let options = (1..=5u8)
        .rev()
        .map(|n| {
            let value = n.to_string();
            let checked = chosen.as_ref() == Some(&value);
            view! {
                <label><input type="radio" name="stars" value=value checked=checked required=true />" "
                    <span aria-hidden="true">{"★".repeat(n.into())}</span>
                    <span class="visually-hidden">{t.stars_of_five(n.into())}</span></label>
            }
        })
        .collect_view();
    let kept = kept_pictures(form, "kept", pictures);
    let (which, id) = match &before {
        Some(review) => ("review", review.id.to_string()),
        None => ("event", event.to_string()),
    };
    let words = if before.is_some() { t.change_review() } else { t.write_review() };
    view! {
        <ChangeForm state=form class="review-form" upload=true>
            <input type="hidden" name=which value=id />
            <input type="hidden" name="request" value=request.to_string() />
            <fieldset class="stars">
                <legend>{t.how_many_stars()}</legend>
                {options}
                {move || form.field("stars").map(|error| view! { <p class="note bad">{t.field_error(&error)}</p> })}
            </fieldset>
            <Area form name="text" label=t.review_text() hint=t.review_hint() value=text />
            <div class="field detail-fields">
                <label for="pictures">{t.review_pictures()}</label>
                <div class="thumbs">{kept}</div>
                <input id="pictures" type="file" name="pictures" multiple accept="image/jpeg,image/png,image/webp"
                    aria-describedby=move || form.field("pictures").map(|_| "pictures-error")
                    aria-invalid=move || form.field("pictures").map(|_| "true") />
                {move || form.field("pictures").map(|error| view! { <p class="note bad" id="pictures-error">{t.field_error(&error)}</p> })}
            </div>
            <button class="btn small go">{words}</button>
        </ChangeForm>
    }
}
