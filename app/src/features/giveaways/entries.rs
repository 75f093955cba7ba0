//! What the reader entered, and what came of it: the list of `/my`.

use crate::{
    boot::lang,
    paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{Came, ClaimState, EntryState, MyEntries, MyEntry, Page};

/// What the reader entered, and what came of it.
#[component]
pub fn Entries(
    /// Which of them.
    came: Came,
    /// A page of them.
    entries: MyEntries,
) -> impl IntoView {
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
                        <span class="t">{t.after(seconds_ms(entry.since_open))}</span>
                        <span class="s">{state}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <h2>{t.my_entries()}</h2>
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
