//! A field for an item, which suggests some while its name is typed: by how it begins, or by initial consonants.

use crate::{boot::lang, components::words};
use leptos::{ev::KeyboardEvent, prelude::*};
use model::Item;

/// How long nothing is typed before items are looked for, in milliseconds.
#[cfg(feature = "hydrate")]
const PAUSE: u64 = 120;

/// A field called `find`. Each suggestion leads to an address; without scripts it is sent with its form.
#[component]
pub(super) fn ItemField(
    /// What it starts with.
    value: String,
    /// Where an item leads.
    address: Callback<Item, String>,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let t = lang();
    let found = RwSignal::new(Vec::<Item>::new());
    // Which of them the arrow keys have come to.
    let active = RwSignal::new(None::<usize>);
    let typed = StoredValue::new(0u32);
    let open = move || found.with(|found| !found.is_empty());
    let close = move || {
        typed.update_value(|typed| *typed += 1);
        found.set(Vec::new());
        active.set(None);
    };
    let key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        // While a syllable is being composed, keys are its own.
        if count == 0 || event.is_composing() {
            return;
        }
        let go = |to: usize| {
            event.prevent_default();
            active.set(Some(to));
        };
        let at = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => go(at.map_or(0, |at| (at + 1) % count)),
            "ArrowUp" => go(at.map_or(count - 1, |at| (at + count - 1) % count)),
            "Escape" => close(),
            "Enter" => {
                let chosen = active.get_untracked().and_then(|at| found.with_untracked(|found| found.get(at).cloned()));
                if let Some(item) = chosen {
                    event.prevent_default();
                    let _ = window().location().assign(&address.run(item));
                }
            }
            _ => {}
        }
    };
    let rows = move || {
        let row = |(at, item): (usize, Item)| {
            let (name, category) = (item.name.clone(), t.item_category(item.category));
            let on = move || if active.get() == Some(at) { "true" } else { "false" };
            view! {
                <li role="option" id=format!("item-{at}") aria-selected=on>
                    <a href=address.run(item) tabindex="-1">{name}<small>{category}</small></a>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(row).collect_view()
    };
    let how_many = move || if open() { t.items_found(found.with(Vec::len) as u64) } else { String::new() };
    view! {
        <div class="field combo">
            <label for="find">{t.find_item()}</label>
            <input id="find" name="find" value=value autocomplete="off" required=required maxlength="60" role="combobox"
                aria-autocomplete="list" aria-controls="items" aria-describedby="find-note"
                aria-expanded=move || if open() { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(|at| format!("item-{at}"))
                on:input=move |event| look(event_target_value(&event), typed, found, active)
                on:keydown=key />
            <ul id="items" role="listbox" aria-label=t.items() class:hidden=move || !open()>{rows}</ul>
            <p class="visually-hidden" role="status" inner_html=words(how_many) />
            <p class="note" id="find-note">{t.find_item_hint()}</p>
        </div>
    }
}

/// Looks for items once typing pauses. Answers to what was typed before are late.
#[cfg(feature = "hydrate")]
fn look(text: String, typed: StoredValue<u32>, found: RwSignal<Vec<Item>>, active: RwSignal<Option<usize>>) {
    let Some(this) = typed.try_update_value(|typed| {
        *typed += 1;
        *typed
    }) else {
        return;
    };
    let is_newest = move || typed.try_get_value() == Some(this);
    let ask = async move {
        let items = match text.trim().is_empty() {
            true => Ok(Vec::new()),
            false => crate::api::fetch::<Vec<Item>>(&crate::paths::items(&text)).await,
        };
        if let (Ok(items), true) = (items, is_newest()) {
            active.set(None);
            found.set(items);
        }
    };
    let wait = std::time::Duration::from_millis(PAUSE);
    set_timeout(
        move || {
            if is_newest() {
                leptos::task::spawn_local(ask);
            }
        },
        wait,
    );
}

#[cfg(not(feature = "hydrate"))]
fn look(_: String, _: StoredValue<u32>, _: RwSignal<Vec<Item>>, _: RwSignal<Option<usize>>) {}
