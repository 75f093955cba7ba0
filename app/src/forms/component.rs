//! The form of a function that changes something, and what is said when it is done.

use super::{FormError, FormState, Toasts};
use crate::{boot::here, components::words};
use leptos::{ev::SubmitEvent, prelude::*};
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
    let name = state.declaration.map(super::Declaration::name).unwrap_or_default();
    // Which of a page's forms of this function it is.
    let key = state.key.get_value();
    let key = if key.is_empty() { key } else { format!("&form={key}") };
    let page = here();
    let and = if page.contains('?') { '&' } else { '?' };
    let action = format!("{page}{and}do={name}{key}");
    let submit = move |event: SubmitEvent| {
        if let Some(instead) = instead {
            instead.run(event.clone());
        }
        send(event, state);
    };
    view! {
        <form class=class method="post" action=action enctype=upload.then_some("multipart/form-data") aria-label=label
            aria-busy=move || state.sent.get().map(|_| "true") on:submit=submit>
            <FormError form=state />
            {children()}
        </form>
    }
}

#[cfg(feature = "hydrate")]
fn send(event: SubmitEvent, state: FormState) {
    super::submit::submit(&event, state);
}

#[cfg(not(feature = "hydrate"))]
fn send(_: SubmitEvent, _: FormState) {}

/// How long that is shown.
const READ_WITHIN: Duration = Duration::from_secs(6);

/// Shows what was done, for as long as it takes to read it.
#[component]
pub fn Toast() -> impl IntoView {
    let Toasts(said) = expect_context();
    let shown = StoredValue::new(0u32);
    Effect::new(move |_| {
        if said.with(Option::is_none) {
            return;
        }
        let Some(this) = shown.try_update_value(|shown| {
            *shown += 1;
            *shown
        }) else {
            return;
        };
        let over = move || {
            // What was said since stays as long as anything.
            if shown.try_get_value() == Some(this) {
                said.try_set(None);
            }
        };
        set_timeout(over, READ_WITHIN);
    });
    view! { <p class="toast" role="status" inner_html=words(move || said.get().unwrap_or_default()) /> }
}
