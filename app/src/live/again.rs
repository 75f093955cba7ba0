//! Pages that read themselves again.

use super::Ticker;
#[cfg(feature = "hydrate")]
use crate::api::Changed;
use leptos::prelude::*;
use model::{SECOND, Span, Time};

/// Has an open page read itself again every so often, while it is looked at: what it waits for comes from elsewhere.
pub fn read_again_every(span: Span) {
    read_again_unless(RwSignal::new(false), span);
}

/// The same while the page is not `told` what becomes of it.
pub fn read_again_unless(told: RwSignal<bool>, span: Span) {
    #[cfg(not(feature = "hydrate"))]
    let _ = told;
    #[cfg(feature = "hydrate")]
    {
        let Changed(changed) = expect_context();
        let again = move || {
            if !document().hidden() && told.try_get_untracked() == Some(false) {
                changed.try_update(|count| *count += 1);
            }
        };
        if let Ok(handle) = set_interval_with_handle(again, span.into()) {
            on_cleanup(move || handle.clear());
        }
    }
    crate::head::refresh(span.max(5 * SECOND));
}

/// Has an open page read itself again whenever its reader is told something (see `live.js` of notices).
pub fn read_again_when_told() {
    #[cfg(feature = "hydrate")]
    {
        let Changed(changed) = expect_context();
        let told = window_event_listener_untyped("notices", move |_| {
            changed.try_update(|count| *count += 1);
        });
        on_cleanup(move || told.remove());
    }
}

/// Has an open page read itself again once a moment has passed by its clock: what is shown holds until then.
pub fn read_again_at(at: Time, ticker: Ticker) {
    #[cfg(feature = "hydrate")]
    once_past(at, ticker);
    crate::head::refresh((at - ticker.now.get_untracked()).max(5 * SECOND));
}

/// The same where a browser without scripts goes on showing what it has.
#[cfg(feature = "hydrate")]
pub fn once_past(at: Time, ticker: Ticker) {
    let Changed(changed) = expect_context();
    let over = Memo::new(move |_| ticker.seconds.get() > at);
    Effect::new(move |_| {
        if over.get() {
            changed.try_update(|count| *count += 1);
        }
    });
}
