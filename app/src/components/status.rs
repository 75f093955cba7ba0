//! What a page shows instead of itself: nothing there, or a fault.

use crate::{
    boot::{here, lang},
    head, paths,
};
use leptos::prelude::*;
use model::Error;

/// There is nothing at this address.
#[component]
pub fn NotFound() -> impl IntoView {
    let t = lang();
    head::title(t.not_found());
    view! {
        <section class="empty">
            <h1>{t.not_found()}</h1>
            <p>{t.not_found_hint()}</p>
            <a class="btn" href=paths::HOME>{t.go_home()}</a>
        </section>
    }
}

/// A page that could not be read.
#[component]
pub fn Failed(
    /// Why.
    error: Error,
) -> impl IntoView {
    let t = lang();
    match error {
        Error::NotFound => return view! { <NotFound /> }.into_any(),
        Error::SignedOut => return view! { <SignInFirst /> }.into_any(),
        _ => {}
    }
    head::title(t.went_wrong());
    let hint = match error {
        Error::Internal | Error::Busy => t.went_wrong_hint().to_owned(),
        ref other => t.error(other),
    };
    view! {
        <section class="empty" role="alert">
            <h1>{t.went_wrong()}</h1>
            <p>{hint}</p>
            <a class="btn" href="">{t.try_again()}</a>
        </section>
    }
    .into_any()
}

/// For pages that are about the reader: they come back here.
#[component]
fn SignInFirst() -> impl IntoView {
    let t = lang();
    view! {
        <section class="empty">
            <h1>{t.error_signed_out()}</h1>
            <a class="btn go" href=paths::sign_in(&here())>{t.sign_in()}</a>
        </section>
    }
}
