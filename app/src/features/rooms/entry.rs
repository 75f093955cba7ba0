//! `/events/{id}/entries/{rank}`: one entry, as everybody may see it.

use super::functions;
use crate::{
    api,
    boot::lang,
    components::{Preview, Share, shown},
    paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{BoardRow, EntryState, EventView};

/// The page of one entry.
#[component]
pub fn EntryPage() -> impl IntoView {
    let params = use_params_map();
    let which = move || {
        params.with(|params| {
            let rank = params.get("rank").and_then(|rank| rank.parse().ok()).unwrap_or_default();
            (params.get("id").unwrap_or_default(), rank)
        })
    };
    let entry = api::read(which, |(id, rank)| functions::load_entry(id, rank));
    shown(entry, |(view, row)| view! { <EntryView view row /> }.into_any())
}

#[component]
fn EntryView(view: EventView, row: BoardRow) -> impl IntoView {
    let t = lang();
    let card = view.card;
    let room = paths::room(card.id);
    let class = match row.state {
        EntryState::Won => "result won",
        EntryState::Standby => "result standby",
        EntryState::Lost | EntryState::Disqualified => "result lost",
    };
    let rank = number(row.rank);
    let after = t.after(seconds_ms(row.since_open_us));
    let title = t.shared_title(&row.nickname, row.rank, &after);
    let path = paths::entry(card.id, row.rank);
    view! {
        <Title text=format!("{title} · {}", card.title) />
        <Preview title=title.clone() description=card.title.clone() picture=card.card path=path.clone() />
        <section class="narrow result-page">
            <p class="eyebrow">{card.creator}</p>
            <h1><a href=room.clone()>{card.title}</a></h1>
            <section class=class>
                <p class="rank">{rank}<small>{t.rank_suffix()}</small></p>
                <p class="time"><b>{after}</b><i>{row.nickname}</i></p>
                <p class="words"><b>{t.entry_state(row.state)}</b>" "{t.entered_of(card.total, card.capacity)}</p>
            </section>
            <Share path title />
            <p class="aside"><a href=paths::board_at(card.id, row.rank)>{t.see_board()}</a>" · "<a href=room>{t.see_room()}</a></p>
        </section>
    }
}
