//! What a page shows instead of itself: nothing there, a fault, not yet.

use crate::{
    api::{Json, PageError},
    boot::lang,
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use model::Error;

/// Tells the browser the status of the page while it is being made on the server.
fn set_status(code: u16) {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>()
        && let Ok(status) = axum::http::StatusCode::from_u16(code)
    {
        response.set_status(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = code;
}

/// There is nothing at this address.
#[component]
pub fn NotFound() -> impl IntoView {
    let t = lang();
    set_status(404);
    view! {
        <Title text=t.not_found() />
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
    set_status(error.status());
    let hint = match error {
        Error::Internal | Error::Busy => t.went_wrong_hint().to_owned(),
        ref other => t.error(other),
    };
    view! {
        <Title text=t.went_wrong() />
        <section class="empty" role="alert">
            <h1>{t.went_wrong()}</h1>
            <p>{hint}</p>
            <a class="btn" href="" rel="external">{t.try_again()}</a>
        </section>
    }
    .into_any()
}

/// For pages that are about the reader: they come back here.
#[component]
fn SignInFirst() -> impl IntoView {
    let t = lang();
    let here = use_location().pathname.get_untracked();
    view! {
        <section class="empty">
            <h1>{t.error_signed_out()}</h1>
            <a class="btn go" href=paths::sign_in(&here) rel="external">{t.sign_in()}</a>
        </section>
    }
}

/// What a page read, once it is there: until then its shape, and a fault in its place.
pub fn shown<T>(
    read: Resource<Result<T, PageError>, Json>,
    view: impl Fn(T) -> AnyView + Copy + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <Skeleton /> }>
            {move || Suspend::new(async move {
                match read.await {
                    Ok(read) => view(read),
                    Err(error) => view! { <Failed error=error.0 /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The shape of a page that is on its way.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true" aria-label=lang().loading()>
            <i></i><i></i><i></i>
        </div>
    }
}
