//! The form of a function that changes something, and what is said when it is done.

use super::{FormError, FormState};
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_location;
use std::time::Duration;

/// A form that calls a function: in the background with scripts, by the page's own address without.
#[component]
pub fn ChangeForm(
    /// Its state.
    state: FormState,
    /// Its class.
    #[prop(optional)]
    class: &'static str,
    /// Its name for those who cannot see what it is.
    #[prop(optional, into)]
    label: Option<String>,
    /// Whether files go with it.
    #[prop(optional)]
    upload: bool,
    /// Another way to send it, which goes first: where it prevents the default, the form is not sent.
    #[prop(optional, into)]
    instead: Option<Callback<SubmitEvent>>,
    /// The fields and buttons.
    children: Children,
) -> impl IntoView {
    let location = use_location();
    let name = state.declaration.map(super::Declaration::name).unwrap_or_default();
    let action = move || {
        let search = without_do(&location.search.get());
        let and = if search.is_empty() { "?" } else { "&" };
        format!("{}{search}{and}do={name}", location.pathname.get())
    };
    let key = Some(state.key.get_value()).filter(|key| !key.is_empty());
    let key = key.map(|key| view! { <input type="hidden" name="_form" value=key /> });
    let submit = move |event: SubmitEvent| {
        if let Some(instead) = instead {
            instead.run(event.clone());
        }
        send(event, state);
    };
    let group = label.is_some().then_some("group");
    view! {
        <form class=class method="post" action=action enctype=upload.then_some("multipart/form-data") role=group aria-label=label
            aria-busy=move || state.sent.get().map(|_| "true") on:submit=submit>
            {key}
            <FormError form=state />
            {children()}
        </form>
    }
}

/// The query of an address without the form that was sent there: `?a=b`, or nothing.
pub(super) fn without_do(search: &str) -> String {
    let parts = search.trim_start_matches('?').split('&').filter(|part| !part.is_empty() && !part.starts_with("do="));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

#[cfg(feature = "hydrate")]
fn send(event: SubmitEvent, state: FormState) {
    super::submit::submit(&event, state);
}

#[cfg(not(feature = "hydrate"))]
fn send(_: SubmitEvent, _: FormState) {}

/// How long that is shown.
const READ_WITHIN: Duration = Duration::from_secs(6);

/// What is said when something is done.
#[derive(Clone, Copy)]
pub struct Toasts(pub RwSignal<Option<String>>);

/// Shows what was done, for as long as it takes to read it.
#[component]
pub fn Toast() -> impl IntoView {
    let Toasts(said) = expect_context();
    Effect::new(move |_| {
        if said.with(Option::is_some) {
            set_timeout(move || drop(said.try_set(None)), READ_WITHIN);
        }
    });
    view! { <p class="toast" role="status">{move || said.get()}</p> }
}
