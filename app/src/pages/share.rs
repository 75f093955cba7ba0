//! `/events/{id}/share`: an event to pass on. `/events/{id}/entries/{rank}`: one entry, for everybody.

use crate::{
    api,
    boot::lang,
    components::{Preview, Share, opens_text, shown},
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::{BoardRow, EntryState, EventView};

/// The page for passing an event on.
#[component]
pub fn SharePage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let event = api::read(id, api::load_event);
    shown(event, |view| view! { <ShareView view /> }.into_any())
}

#[component]
fn ShareView(view: EventView) -> impl IntoView {
    let t = lang();
    let EventView { card, summary, now, .. } = view;
    let room = format!("/events/{}", card.id);
    view! {
        <Title text=format!("{} · {}", t.share(), card.title) />
        <Preview title=card.title.clone() description=summary picture=card.card path=room.clone() />
        <section class="narrow share-page">
            <p class="eyebrow">{opens_text(card.moments.opens_at, now)}" · "{card.creator}</p>
            <h1><a href=room.clone()>{card.title.clone()}</a></h1>
            <img class="qr" src=format!("{room}/qr.svg") alt=t.qr_alt() width="320" height="320" />
            <Share path=room.clone() title=card.title />
            <p class="tools">
                <a class="btn small ghost" href=format!("{room}/qr.svg") download="59.svg" rel="external">"QR SVG"</a>
                <a class="btn small ghost" href=format!("{room}/qr.png") download="59.png" rel="external">"QR PNG"</a>
            </p>
        </section>
    }
}

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
    let entry = api::read(which, |(id, rank)| api::load_entry(id, rank));
    shown(entry, |(view, row)| view! { <EntryView view row /> }.into_any())
}

#[component]
fn EntryView(view: EventView, row: BoardRow) -> impl IntoView {
    let t = lang();
    let card = view.card;
    let room = format!("/events/{}", card.id);
    let class = match row.state {
        EntryState::Won => "result won",
        EntryState::Standby => "result standby",
        EntryState::Lost | EntryState::Disqualified => "result lost",
    };
    let rank = number(row.rank);
    let after = t.after(seconds_ms(row.since_open_us));
    let title = t.shared_title(&row.nickname, &rank, &after);
    let path = format!("{room}/entries/{}", row.rank);
    view! {
        <Title text=format!("{title} · {}", card.title) />
        <Preview title=title.clone() description=card.title.clone() picture=card.card path=path.clone() />
        <section class="narrow result-page">
            <p class="eyebrow">{card.creator}</p>
            <h1><a href=room.clone()>{card.title}</a></h1>
            <section class=class>
                <p class="rank">{rank}<small>{t.rank_suffix()}</small></p>
                <p class="time"><b>{after}</b><i>{row.nickname}</i></p>
                <p class="words"><b>{t.entry_state(row.state)}</b>" "{t.entered_of(number(card.total), number(card.capacity))}</p>
            </section>
            <Share path title />
            <p class="aside"><a href=format!("{room}/board?from={}", row.rank)>{t.see_board()}</a>" · "<a href=room>{t.see_room()}</a></p>
        </section>
    }
}
