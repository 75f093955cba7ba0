//! `/events/{id}/share`: an event to pass on. `/events/{id}/entries/{rank}`: one entry, for everybody.

use crate::{
    api,
    boot::lang,
    components::{Preview, Share, opens_text, shown},
    features::rooms::load_event,
    paths,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use model::EventView;

/// The page for passing an event on.
#[component]
pub fn SharePage() -> impl IntoView {
    let params = use_params_map();
    let id = move || params.with(|params| params.get("id").unwrap_or_default());
    let event = api::read(id, load_event);
    shown(event, |view| view! { <ShareView view /> }.into_any())
}

#[component]
fn ShareView(view: EventView) -> impl IntoView {
    let t = lang();
    let EventView { card, summary, now, .. } = view;
    let room = paths::room(card.id);
    view! {
        <Title text=format!("{} · {}", t.share(), card.title) />
        <Preview title=card.title.clone() description=summary picture=card.card path=room.clone() />
        <section class="narrow share-page">
            <p class="eyebrow">{opens_text(card.moments.opens_at, now)}" · "{card.creator}</p>
            <h1><a href=room.clone()>{card.title.clone()}</a></h1>
            <img class="qr" src=paths::qr(card.id, "svg") alt=t.qr_alt() width="320" height="320" />
            <Share path=room.clone() title=card.title />
            <p class="tools">
                <a class="btn small ghost" href=paths::qr(card.id, "svg") download="59.svg" rel="external">"QR SVG"</a>
                <a class="btn small ghost" href=paths::qr(card.id, "png") download="59.png" rel="external">"QR PNG"</a>
            </p>
        </section>
    }
}
