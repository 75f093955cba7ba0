//! `/events/{id}/board`: every rank, a hundred at a time.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::state_class,
    head, paths,
    texts::{number, seconds_ms},
};
use leptos::prelude::*;
use model::{BOARD_PAGE, BoardPage as Page, EntryState, EventState, EventView};

/// Reads a page of an event's board.
///
/// # Errors
/// As [`engine::events::Events::board`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<(EventView, Page, u64)> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    let from = asked.query("from").and_then(|from| from.parse().ok()).unwrap_or(1);
    let view = reader.engine.events.view(id, &reader.actor).await?;
    Ok((view, reader.engine.events.board(id, from).await?, from))
}

/// The board's page.
pub fn view((view, page, from): (EventView, Page, u64)) -> impl IntoView {
    let t = lang();
    let card = view.card;
    let room = paths::room(card.id);
    head::title(format!("{} · {}", t.board(), card.title));
    let first = Page::first_of(from.min(1 << 40));
    let last = first + BOARD_PAGE - 1;
    let mine = view.mine.map(|entry| entry.rank);
    let address = |from: u64| paths::board_at(card.id, from);
    let before =
        (first > 1).then(|| view! { <a class="btn small" href=address(first - BOARD_PAGE)>{t.page_before()}</a> });
    let after = (page.total > last).then(|| view! { <a class="btn small" href=address(last + 1)>{t.page_after()}</a> });
    let to_mine = mine.filter(|rank| Page::first_of(*rank) != first).map(
        |rank| view! { <a class="btn small go" href=address(rank)>{t.me()}" · "{number(rank)}{t.rank_suffix()}</a> },
    );
    let rows = page
        .entries
        .into_iter()
        .map(|row| {
            let me = mine == Some(row.rank);
            view! {
                <tr class:me=me class:won=row.state == EntryState::Won && card.state != EventState::Cancelled>
                    <td class="r">{number(row.rank)}</td>
                    <td class="n" translate="no">{row.nickname}{me.then(|| view! { <em>" ("{t.me()}")"</em> })}</td>
                    <td class="t">{t.after(seconds_ms(row.since_open))}</td>
                    <td class="s">{t.entry_in(row.state, card.state)}{row.reason.map(|reason| view! { <small>{reason}</small> })}</td>
                </tr>
            }
        })
        .collect_view();
    let empty = (page.total == 0).then(|| view! { <p class="none">{t.board_empty()}</p> });
    view! {
        <section class="board-page">
            <p class="eyebrow">
                <span class=state_class(card.state)>{t.event_state(card.state)}</span>
                {t.entered_of(card.total, card.capacity)}
            </p>
            <h1><a href=room>{card.title}</a></h1>
            <p class="sub">{t.board_page(first, last.min(page.total.max(first)))}</p>
            {empty}
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t.rank_column()}</th><th scope="col">{t.name_column()}</th>
                        <th scope="col">{t.time_column()}</th><th scope="col">{t.result_column()}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <nav class="pages">{before}{to_mine}{after}</nav>
        </section>
    }
}
