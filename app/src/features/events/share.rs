//! `/events/{id}/share`: an event to pass on.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{OpenOutside, Share, opens_text},
    head::{self, Preview},
    paths,
};
use leptos::prelude::*;
use model::EventView;

/// Reads an event.
///
/// # Errors
/// As [`engine::pages::Pages::event`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<EventView> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    Ok(reader.engine.pages.event(id, &reader.actor).await?)
}

/// The page for passing an event on.
pub fn view(view: EventView) -> impl IntoView {
    let t = lang();
    let EventView { card, summary, banner, now, .. } = view;
    let room = paths::room(card.id);
    head::title(format!("{} · {}", t.share(), card.title));
    head::preview(&Preview {
        title: &card.title,
        description: &summary,
        banner: banner.as_deref(),
        event: card.id,
        path: &room,
    });
    view! {
        <section class="narrow share-page">
            <p class="eyebrow">{opens_text(card.moments.opens_at, now)}" · "{card.creator}</p>
            <h1><a href=room.clone()>{card.title.clone()}</a></h1>
            <img class="qr" src=paths::qr(card.id, "svg") alt=t.qr_alt() width="320" height="320" />
            <Share path=room.clone() title=card.title />
            <OpenOutside />
            <p class="tools">
                <a class="btn small ghost" href=paths::qr(card.id, "svg") download="">"QR SVG"</a>
                <a class="btn small ghost" href=paths::qr(card.id, "png") download="">"QR PNG"</a>
            </p>
        </section>
    }
}
