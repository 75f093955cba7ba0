//! `/events/{id}/entries/{rank}`: one entry, as everybody may see it.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::Share,
    features::rooms::page::result_class,
    head::{self, Preview},
    paths,
    texts::{number, seconds_ms},
};
#[cfg(feature = "ssr")]
use engine::accounts::Actor;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Error;
use model::{BoardRow, EventView};

/// Reads one entry of an event.
///
/// # Errors
/// [`Error::NotFound`] for no such event or rank; the database may fail.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventView, BoardRow)> {
    let (id, rank) = (asked.named("id")?, asked.named("rank")?);
    let engine = &asked.reader.engine;
    // As everybody sees it.
    let view = engine.events.view(id, &Actor::Visitor).await?;
    let page = engine.events.board(id, rank).await?;
    let row = page.entries.into_iter().find(|row| row.rank == rank).ok_or(Error::NotFound)?;
    Ok((view, row))
}

/// The page of one entry.
pub fn view((view, row): (EventView, BoardRow)) -> impl IntoView {
    let t = lang();
    let card = view.card;
    let room = paths::room(card.id);
    let class = result_class(row.state, card.state);
    let rank = number(row.rank);
    let after = t.after(seconds_ms(row.since_open));
    let title = t.shared_title(&row.nickname, row.rank, &after);
    let path = paths::entry(card.id, row.rank);
    head::title(format!("{title} · {}", card.title));
    head::preview(&Preview {
        title: &title,
        description: &card.title,
        banner: view.banner.as_deref(),
        event: card.id,
        path: &path,
    });
    view! {
        <section class="narrow result-page">
            <p class="eyebrow">{card.creator}</p>
            <h1><a href=room.clone()>{card.title}</a></h1>
            <section class=class>
                <p class="rank">{rank}<small>{t.rank_suffix()}</small></p>
                <p class="time"><b>{after}</b><i>{row.nickname}</i></p>
                <p class="words"><b>{t.entry_in(row.state, card.state)}</b>" "{t.entered_of(card.total, card.capacity)}</p>
            </section>
            <Share path title />
            <p class="aside"><a href=paths::board_at(card.id, row.rank)>{t.see_board()}</a>" · "<a href=room>{t.see_room()}</a></p>
        </section>
    }
}
