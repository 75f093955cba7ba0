//! The heart on a card.

use super::functions::SetWish;
use crate::{
    boot::lang,
    forms::{ChangeForm, FormState},
};
use leptos::prelude::*;
use model::EventId;

/// A heart that notes a wish: filled while that is still on its way, and empty again when it could not be noted.
#[component]
pub fn Heart(
    /// What for.
    event: EventId,
    /// What it is called.
    title: String,
    /// Whether the reader wishes for it, as it is shown.
    wished: RwSignal<bool>,
) -> impl IntoView {
    let t = lang();
    // The card says all that this changes.
    let form = FormState::keyed::<SetWish>(event).by_itself();
    let noted = RwSignal::new(wished.get_untracked());
    Effect::new(move |was_on_its_way: Option<bool>| {
        let on_its_way = form.sent.get().is_some();
        if was_on_its_way == Some(true) && !on_its_way && form.error.with_untracked(Option::is_none) {
            noted.update(|noted| *noted = !*noted);
        }
        wished.set(noted.get_untracked() != on_its_way);
        on_its_way
    });
    view! {
        <ChangeForm state=form class="like">
            <input type="hidden" name="event" value=event.to_string() />
            <button name="wished" value=move || if noted.get() { "no" } else { "yes" } aria-label=t.wish_for(title)
                aria-pressed=move || if wished.get() { "true" } else { "false" }>
                <svg viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M12 20.5C5 15.5 3 12 3 8.8A4.8 4.8 0 0 1 12 6.6a4.8 4.8 0 0 1 9 2.2c0 3.2-2 6.7-9 11.7z" />
                </svg>
            </button>
        </ChangeForm>
    }
}
