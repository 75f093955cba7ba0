//! A field that suggests while one types, and leads to what is chosen, or hands it to the page: the keyboard alone goes through it, and
//! without scripts it is sent with its form like any other.

use super::words;
use crate::{boot::lang, texts::Lang};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};
use model::search::Piece;
use std::pin::Pin;

/// How long nothing is typed before something is suggested, in milliseconds.
#[cfg(feature = "hydrate")]
const PAUSE: u64 = 120;

/// Something that is suggested.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Where it leads.
    pub href: String,
    /// What it is called, with what was typed marked.
    pub title: Vec<Piece>,
    /// What sort of thing it is.
    pub note: String,
}

/// What is suggested for what was typed; `None` when that cannot be said now.
pub type Asked = Pin<Box<dyn Future<Output = Option<Vec<Choice>>>>>;

/// A text with what was typed marked.
pub fn pieces(pieces: Vec<Piece>) -> impl IntoView {
    let piece = |Piece { text, hit }| match hit {
        true => view! { <mark>{text}</mark> }.into_any(),
        false => text.into_any(),
    };
    pieces.into_iter().map(piece).collect_view()
}

/// The field, the list under it, and what is said of that. Stands in an element of the class `combo`.
#[component]
pub fn Combobox(
    /// Its id, and its name in the form.
    name: &'static str,
    /// What it starts with.
    value: String,
    /// What the field is called where no label is seen.
    #[prop(optional)]
    label: Option<&'static str>,
    /// Shown while it is empty.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// The id of what describes it.
    #[prop(optional)]
    described: Option<&'static str>,
    /// What the key that sends it is called.
    #[prop(optional)]
    enterkeyhint: Option<&'static str>,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
    /// The list's id, and how the ids of what is in it begin.
    list: &'static str,
    /// What the list is called.
    list_label: &'static str,
    /// Says how many there are.
    how_many: fn(Lang, u64) -> String,
    /// Asks for what is suggested. The browser alone does.
    ask: Callback<String, Asked>,
    /// Takes what is chosen, in the place of going there.
    #[prop(optional)]
    choose: Option<Callback<Choice>>,
    /// Whether it belongs to no form, although it stands in one.
    #[prop(optional)]
    apart: bool,
    /// What stands between the field and the list.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let t = lang();
    let found = RwSignal::new(Vec::<Choice>::new());
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
                let chosen = at.and_then(|at| found.with_untracked(|found| found.get(at).cloned()));
                match (chosen, choose) {
                    (Some(chosen), Some(choose)) => {
                        event.prevent_default();
                        close();
                        choose.run(chosen);
                    }
                    (Some(chosen), None) => {
                        event.prevent_default();
                        let _ = window().location().assign(&chosen.href);
                    }
                    (None, _) => {}
                }
            }
            _ => {}
        }
    };
    let press = move |event: MouseEvent, at: usize| {
        let chosen = found.with_untracked(|found| found.get(at).cloned());
        if let (Some(chosen), Some(choose)) = (chosen, choose) {
            event.prevent_default();
            close();
            choose.run(chosen);
        }
    };
    let rows = move || {
        let row = |(at, Choice { href, title, note }): (usize, Choice)| {
            let on = move || if active.get() == Some(at) { "true" } else { "false" };
            view! {
                <li role="none">
                    <a role="option" id=format!("{list}-{at}") aria-selected=on href=href tabindex="-1" on:click=move |event| press(event, at)>
                        <span>{pieces(title)}</span><small>{note}</small>
                    </a>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(row).collect_view()
    };
    let said = move || if open() { how_many(t, found.with(Vec::len) as u64) } else { String::new() };
    let between = children.map(|children| children());
    view! {
        <input id=name name=name value=value form=apart.then_some("none") autocomplete="off" required=required role="combobox"
            enterkeyhint=enterkeyhint aria-label=label placeholder=placeholder aria-autocomplete="list" aria-controls=list
            aria-describedby=described
            aria-expanded=move || if open() { "true" } else { "false" }
            aria-activedescendant=move || active.get().map(|at| format!("{list}-{at}"))
            on:input=move |event| look(event_target_value(&event), ask, typed, found, active)
            on:keydown=key />
        {between}
        <ul id=list role="listbox" aria-label=list_label class:hidden=move || !open()>{rows}</ul>
        <p class="visually-hidden" role="status" inner_html=words(said) />
    }
}

/// Asks for suggestions once typing pauses. Answers to what was typed before are late.
#[cfg(feature = "hydrate")]
fn look(
    text: String,
    ask: Callback<String, Asked>,
    typed: StoredValue<u32>,
    found: RwSignal<Vec<Choice>>,
    active: RwSignal<Option<usize>>,
) {
    let Some(this) = typed.try_update_value(|typed| {
        *typed += 1;
        *typed
    }) else {
        return;
    };
    let is_newest = move || typed.try_get_value() == Some(this);
    let answer = async move {
        let choices = match text.trim().is_empty() {
            true => Some(Vec::new()),
            false => ask.run(text).await,
        };
        if let (Some(choices), true) = (choices, is_newest()) {
            active.set(None);
            found.set(choices);
        }
    };
    let wait = std::time::Duration::from_millis(PAUSE);
    set_timeout(
        move || {
            if is_newest() {
                leptos::task::spawn_local(answer);
            }
        },
        wait,
    );
}

#[cfg(not(feature = "hydrate"))]
fn look(
    _: String,
    _: Callback<String, Asked>,
    _: StoredValue<u32>,
    _: RwSignal<Vec<Choice>>,
    _: RwSignal<Option<usize>>,
) {
}
