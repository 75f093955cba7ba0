//! `/tickets`: rights of entry, in the order in which what they are for begins.

use super::{card::SaleCards, deals::Categories};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, head, live::Ticker, paths};
use leptos::prelude::*;
use model::{Page, Tickets, TicketsQuery};

/// Reads the tickets that the address asks for.
///
/// # Errors
/// For a query that names no such category; as [`engine::events::Events::tickets`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Tickets> {
    let query = TicketsQuery::of(asked.query("show"), asked.query("category"))?;
    let query = TicketsQuery { after: asked.cursor("after"), ..query };
    Ok(asked.reader.engine.events.tickets(&asked.reader.actor, query).await?)
}

/// The page of tickets.
pub fn view(tickets: Tickets) -> impl IntoView {
    let t = lang();
    head::title(t.tickets());
    let Tickets { query, cards: Page { rows, next }, now } = tickets;
    let ticker = Ticker::start(now);
    let empty = rows.is_empty().then(|| {
        let text = if query.past { t.no_tickets_past() } else { t.no_tickets() };
        view! { <section class="empty"><p>{text}</p></section> }
    });
    let more = next_page(next.map(|next| paths::tickets(&TicketsQuery { after: Some(next), ..query.clone() })));
    let tab = |past: bool, name: &'static str| {
        let href = paths::tickets(&TicketsQuery { past, after: None, ..query.clone() });
        view! { <a class="tab" href=href aria-current=(query.past == past).then_some("true")>{name}</a> }
    };
    let of_category = {
        let query = query.clone();
        move |category| paths::tickets(&TicketsQuery { category, after: None, ..query.clone() })
    };
    view! {
        <div class="head shelf">
            <h1>{t.tickets()}</h1>
            <a class="tab beside" href=paths::DEALS>{t.deals()}</a>
            <Categories chosen=query.category address=of_category />
        </div>
        <nav class="tabs" aria-label=t.tickets()>{tab(false, t.tickets_upcoming())}{tab(true, t.tickets_past())}</nav>
        <ul class="cards sales held-list"><SaleCards cards=rows ticker /></ul>
        {empty}
        {more}
    }
}
