//! What the reader entered, and what came of it: the list of `/my`.

use crate::{
    boot::boot,
    components::next_page,
    paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{Came, ClaimState, EntryState, EventState, Kind, MyEntries, MyEntry, Page, Time};

/// Whether it has won at `now`: in an event that takes place, and without having let a deadline pass.
fn has_won(mine: &MyEntry, now: Time) -> bool {
    let late = mine.claim.is_some_and(|(state, due_at)| state == ClaimState::Offered && due_at <= now);
    mine.entry.state == EntryState::Won && !late && mine.event.state != EventState::Cancelled
}

/// What the reader entered, and what came of it.
#[component]
pub fn Entries(
    /// Which of them.
    came: Came,
    /// A page of them.
    entries: MyEntries,
) -> impl IntoView {
    let (t, now) = (boot().lang, boot().now);
    let MyEntries { entries: Page { rows: entries, next }, all, won } = entries;
    let tab = |which: Came, text: String| {
        view! { <a class="tab" href=paths::my_entries(which, None) aria-current=(came == which).then_some("true")>{text}</a> }
    };
    let more = next_page(next.map(|next| paths::my_entries(came, Some(&next))));
    let empty = entries.is_empty().then(|| view! { <p class="none">{t.no_entries()}" "{t.no_entries_hint()}</p> });
    let rows = entries
        .into_iter()
        .map(|mine| {
            let won = has_won(&mine, now);
            let MyEntry { event, entry, claim, standby } = mine;
            let state = match (claim, standby) {
                _ if event.state == EventState::Cancelled => t.entry_in(entry.state, event.state).to_owned(),
                (Some((ClaimState::Offered, due_at)), _) if won => format!("{} ~{}", t.fill_in(), t.moment(due_at)),
                (Some((ClaimState::Offered | ClaimState::Expired, _)), _) => t.entry_expired().to_owned(),
                (Some((state, _)), _) => t.claim_state(state).to_owned(),
                (None, Some(number)) => t.standby_number(number),
                (None, None) => t.entry_state(entry.state).to_owned(),
            };
            let page = if event.kind == Kind::Giveaway { paths::result(event.id) } else { paths::checkout(event.id) };
            view! {
                <li class:won=won>
                    <a href=page>
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
