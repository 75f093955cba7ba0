//! What the reader entered, and what came of it: the list of `/my`.

use super::functions;
use crate::{
    api,
    boot::lang,
    components::shown,
    paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use model::{Came, ClaimState, Cursor, EntryState, MyEntries, MyEntry, Page};

/// What the reader entered, and what came of it.
#[component]
pub fn Entries() -> impl IntoView {
    let t = lang();
    let query = use_query_map();
    let which = move || {
        query.with(|query| {
            let came = query.get("came").as_deref().map(Came::named).unwrap_or_default();
            (came, query.get("before").map(Cursor::from))
        })
    };
    let entries = api::read(which, |(came, before)| async move {
        functions::load_my_entries(came, before).await.map(|entries| (came, entries))
    });
    view! {
        <h2>{t.my_entries()}</h2>
        {shown(entries, |(came, entries)| view! { <EntryList came entries /> }.into_any())}
    }
}

#[component]
fn EntryList(came: Came, entries: MyEntries) -> impl IntoView {
    let t = lang();
    let MyEntries { entries: Page { rows: entries, next }, all, won } = entries;
    let tab = |which: Came, text: String| {
        view! { <a class="tab" href=paths::my_entries(which, None) aria-current=(came == which).then_some("true")>{text}</a> }
    };
    let more = next.map(|next| {
        view! { <nav class="pages"><a class="btn small" href=paths::my_entries(came, Some(&next))>{t.more()}</a></nav> }
    });
    let empty = entries.is_empty().then(|| view! { <p class="none">{t.no_entries()}" "{t.no_entries_hint()}</p> });
    let rows = entries
        .into_iter()
        .map(|MyEntry { event, entry, claim }| {
            let state = match claim {
                Some((ClaimState::Offered, due_at)) => format!("{} ~{}", t.fill_in(), t.moment(due_at)),
                Some((state, _)) => t.claim_state(state).to_owned(),
                None => t.entry_state(entry.state).to_owned(),
            };
            view! {
                <li class:won=entry.state == EntryState::Won>
                    <a href=paths::result(event.id)>
                        <strong>{event.title}</strong>
                        <small>{t.moment(entry.entered_at)}" · "{event.creator}</small>
                        <span class="r">{number(entry.rank)}{t.rank_suffix()}</span>
                        <span class="t">{t.after(seconds_ms(entry.since_open_us))}</span>
                        <span class="s">{state}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav class="tabs">
            {tab(Came::All, t.came_all(all))}
            {tab(Came::Won, t.came_won(won))}
            {tab(Came::Lost, t.came_lost(all - won))}
        </nav>
        {empty}
        <ul class="my-entries">{rows}</ul>
        {more}
    }
}
