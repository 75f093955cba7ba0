//! The box: a form that leads to the search's page. With scripts it suggests while one types, and the keyboard goes through that.

use super::page::pieces;
use crate::{boot::lang, components::words, paths};
use leptos::{ev::KeyboardEvent, prelude::*};
use model::search::{Lead, SearchQuery, Suggestion};

/// How long nothing is typed before something is suggested, in milliseconds.
#[cfg(feature = "hydrate")]
const PAUSE: u64 = 120;

/// Where a suggestion leads.
fn address(suggestion: &Suggestion) -> String {
    match suggestion.lead {
        Lead::Search => {
            let text = suggestion.title.iter().map(|piece| piece.text.as_str()).collect();
            paths::search(&SearchQuery { text, ..SearchQuery::default() })
        }
        Lead::Event(event) => paths::room(event),
        Lead::Party(party) => paths::party(party),
        Lead::Creator(creator) => paths::creator(creator, None),
        Lead::Market(market) => paths::market(market, None),
        Lead::Item(item) => paths::parties_of(item),
    }
}

/// The box, which keeps what was chosen beside the words.
#[component]
pub fn SearchField(
    /// What it starts with.
    query: SearchQuery,
) -> impl IntoView {
    let t = lang();
    let found = RwSignal::new(Vec::<Suggestion>::new());
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
            "Escape" => {
                event.prevent_default();
                close();
            }
            // What is typed is what is meant by whoever goes on.
            "Tab" => close(),
            "Enter" => {
                let chosen = at.and_then(|at| found.with_untracked(|found| found.get(at).map(address)));
                if let Some(chosen) = chosen {
                    event.prevent_default();
                    let _ = window().location().assign(&chosen);
                }
            }
            _ => {}
        }
    };
    let rows = move || {
        let row = |(at, suggestion): (usize, Suggestion)| {
            let href = address(&suggestion);
            let kind = suggestion.kind.map_or(t.search_term(), |kind| t.found_kind(kind));
            let on = move || if active.get() == Some(at) { "true" } else { "false" };
            view! {
                <li role="option" id=format!("suggestion-{at}") aria-selected=on>
                    <a href=href tabindex="-1"><span>{pieces(suggestion.title)}</span><small>{kind}</small></a>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(row).collect_view()
    };
    let how_many = move || if open() { t.search_suggested(found.with(Vec::len) as u64) } else { String::new() };
    let kept = |name: &'static str, value: &'static str| {
        (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value /> })
    };
    let (kind, state) = (query.kind.map_or("", |kind| kind.name()), query.state.map_or("", |state| state.name()));
    view! {
        <form class="search combo" role="search" action=paths::SEARCH>
            <input id="q" name="q" value=query.text autocomplete="off" maxlength="80" role="combobox" enterkeyhint="search"
                aria-label=t.search() placeholder=t.search_hint() aria-autocomplete="list" aria-controls="suggestions"
                aria-expanded=move || if open() { "true" } else { "false" }
                aria-activedescendant=move || active.get().map(|at| format!("suggestion-{at}"))
                on:input=move |event| look(event_target_value(&event), typed, found, active)
                on:keydown=key />
            {kept("kind", kind)}
            {kept("state", state)}
            <button class="btn small">{t.search_do()}</button>
            <ul id="suggestions" role="listbox" aria-label=t.search_suggestions() class:hidden=move || !open()>{rows}</ul>
            <p class="visually-hidden" role="status" inner_html=words(how_many) />
        </form>
    }
}

/// Asks for suggestions once typing pauses. Answers to what was typed before are late.
#[cfg(feature = "hydrate")]
fn look(text: String, typed: StoredValue<u32>, found: RwSignal<Vec<Suggestion>>, active: RwSignal<Option<usize>>) {
    let Some(this) = typed.try_update_value(|typed| {
        *typed += 1;
        *typed
    }) else {
        return;
    };
    let is_newest = move || typed.try_get_value() == Some(this);
    let ask = async move {
        let suggestions = match text.trim().is_empty() {
            true => Ok(Vec::new()),
            false => crate::api::fetch::<Vec<Suggestion>>(&paths::suggestions(&text)).await,
        };
        if let (Ok(suggestions), true) = (suggestions, is_newest()) {
            active.set(None);
            found.set(suggestions);
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
fn look(_: String, _: StoredValue<u32>, _: RwSignal<Vec<Suggestion>>, _: RwSignal<Option<usize>>) {}
