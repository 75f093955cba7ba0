//! What somebody looked for on this browser: kept there and nowhere else, until they clear it.

use crate::{boot::lang, paths};
use leptos::prelude::*;
use model::search::SearchQuery;

/// How many are kept.
#[cfg(feature = "hydrate")]
const KEPT: usize = 8;
#[cfg(feature = "hydrate")]
const KEY: &str = "searched";

#[cfg(feature = "hydrate")]
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok()?
}

#[cfg(feature = "hydrate")]
fn read() -> Vec<String> {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok()?).unwrap_or_default();
    kept.lines().filter(|line| !line.is_empty()).take(KEPT).map(str::to_owned).collect()
}

/// Keeps them; a browser that keeps nothing for the site shows them until the page is left.
#[cfg(feature = "hydrate")]
fn write(terms: &[String]) {
    let Some(storage) = storage() else { return };
    let _ = match terms.is_empty() {
        true => storage.remove_item(KEY),
        false => storage.set_item(KEY, &terms.join("\n")),
    };
}

/// What was looked for lately, with `found` noted as the newest. Only scripts know.
#[component]
pub(super) fn Recent(
    /// What was looked for and found on this page; empty for nothing.
    found: String,
) -> impl IntoView {
    let t = lang();
    let terms = RwSignal::new(Vec::<String>::new());
    // As it was rendered at first: the server does not know.
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let mut known = read();
        let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
        if !found.is_empty() {
            known.retain(|term| *term != found);
            known.insert(0, found);
            known.truncate(KEPT);
            write(&known);
        }
        terms.set(known);
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = found;
    let keep = move |kept: Vec<String>| {
        #[cfg(feature = "hydrate")]
        write(&kept);
        terms.set(kept);
    };
    let row = move |term: String| {
        let href = paths::search(&SearchQuery { text: term.clone(), ..SearchQuery::default() });
        let (name, gone) = (t.search_forget(&term), term.clone());
        let forget = move |_| keep(terms.get_untracked().into_iter().filter(|term| *term != gone).collect());
        view! { <li><a href=href>{term}</a><button type="button" aria-label=name on:click=forget>"✕"</button></li> }
    };
    let shown = move || {
        let known = terms.get();
        (!known.is_empty()).then(|| {
            let rows = known.into_iter().map(row).collect_view();
            view! {
                <section class="recent">
                    <div class="row">
                        <h2>{t.search_recent()}</h2>
                        <button type="button" on:click=move |_| keep(Vec::new())>{t.search_forget_all()}</button>
                    </div>
                    <ul class="tags">{rows}</ul>
                </section>
            }
        })
    };
    view! { <div>{shown}</div> }
}
