//! The button that marks a market or an item, and takes a wish back where those are listed together.

use super::functions::SetFavourite;
use crate::{
    boot::{boot, here, lang},
    features::wishes::functions::SetWish,
    forms::{ChangeForm, FormState},
    paths,
};
use leptos::prelude::*;
use model::{EventId, ItemId, MarketId};

/// What can be marked.
#[derive(Debug, Clone, Copy)]
pub enum Marked {
    /// A market.
    Market(MarketId),
    /// An item.
    Item(ItemId),
    /// An event, that is wished for.
    Event(EventId),
}

/// Marks something, or no longer does; visitors sign in first.
#[component]
pub fn Favourite(
    /// What.
    of: Marked,
    /// What it is called.
    name: String,
    /// Whether it is marked.
    marked: bool,
) -> impl IntoView {
    let t = lang();
    let favourite = |field, id: String| (FormState::keyed::<SetFavourite>(id.clone()), field, id, "marked");
    let (form, field, id, button) = match of {
        Marked::Market(id) => favourite("market", id.to_string()),
        Marked::Item(id) => favourite("item", id.to_string()),
        Marked::Event(id) => (FormState::keyed::<SetWish>(id), "event", id.to_string(), "wished"),
    };
    let heart = || {
        view! {
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M12 20.5C5 15.5 3 12 3 8.8A4.8 4.8 0 0 1 12 6.6a4.8 4.8 0 0 1 9 2.2c0 3.2-2 6.7-9 11.7z" />
            </svg>
        }
    };
    if boot().viewer.is_none() {
        return view! { <a class="btn small ghost favourite" href=paths::sign_in(&here())>{heart()}{name}</a> }
            .into_any();
    }
    let label = match of {
        Marked::Event(_) => t.wish_for(name.clone()),
        Marked::Market(_) | Marked::Item(_) => t.favourite_of(name.clone()),
    };
    let (turned, pressed) = if marked { ("no", "true") } else { ("yes", "false") };
    view! {
        <ChangeForm state=form>
            <input type="hidden" name=field value=id />
            <button class="btn small ghost favourite" name=button value=turned aria-label=label aria-pressed=pressed>{heart()}{name}</button>
        </ChangeForm>
    }
    .into_any()
}
