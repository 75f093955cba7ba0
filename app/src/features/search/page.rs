//! `/search`: the box, what was found, and without words what many look for and where many are.

use super::{field::SearchField, ranked::Ranked, recent::Recent};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{next_page, opens_text, pieces},
    features::{sales::left_of, subscriptions::AlertOfKeyword},
    head, paths,
};
use leptos::prelude::*;
use model::{
    EventState, HOUR, Kind, MINUTE, Page, SaleCard, Time,
    search::{Found, FoundKind, FoundState, SearchPage, SearchQuery, Thing},
};

/// Reads what was looked for.
///
/// # Errors
/// For a query that names no such kind or state; as [`engine::search::Search::page`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<SearchPage> {
    let query = SearchQuery::of(asked.query("q"), asked.query("kind"), asked.query("state"))?;
    let query = SearchQuery { after: asked.cursor("after"), ..query };
    let reader = &asked.reader;
    Ok(reader.engine.search.page(&reader.actor, reader.searcher(), query).await?)
}

/// The page of the search.
pub fn view(page: SearchPage) -> impl IntoView {
    let t = lang();
    let SearchPage { query, instead, found: Page { rows, next }, terms, popular, closing, making, now } = page;
    let text = query.text.trim().to_owned();
    let asked = !text.is_empty();
    head::title(if asked { t.search_results_of(&text) } else { t.search().to_owned() });
    let chosen = query.kind.is_some() || query.state.is_some();
    let nothing = (asked && rows.is_empty()).then(|| {
        let everything = paths::search(&SearchQuery { text: query.text.clone(), ..SearchQuery::default() });
        let way = match chosen {
            true => view! { <p>{t.search_nothing_chosen()}</p><a class="btn small" href=everything>{t.search_everything()}</a> }.into_any(),
            false => view! { <p>{t.search_nothing_hint()}</p> }.into_any(),
        };
        view! { <section class="empty"><h2>{t.search_nothing(&text)}</h2>{way}</section> }
    });
    let shown = if rows.is_empty() { String::new() } else { instead.clone().unwrap_or_else(|| text.clone()) };
    let instead = instead.map(|instead| view! { <p class="note" role="status">{t.search_instead(instead)}</p> });
    let heading = (!rows.is_empty()).then(|| view! { <h2 class="visually-hidden">{t.search_results_of(&text)}</h2> });
    let list = (!rows.is_empty()).then(|| {
        let rows = rows.into_iter().map(|found| view! { <Row found now /> }).collect_view();
        view! { <ul class="found-things">{rows}</ul> }
    });
    let more = next_page(next.map(|next| paths::search(&SearchQuery { after: Some(next), ..query.clone() })));
    let filters = asked.then(|| view! { <Filters query=query.clone() /> });
    let alert = asked.then(|| view! { <AlertOfKeyword typed=text.clone() /> });
    let making = making.then(|| view! { <p class="note">{t.search_making()}</p> });
    let often = (!asked && !terms.is_empty()).then(|| {
        let term = |text: String| {
            let href = paths::search(&SearchQuery { text: text.clone(), ..SearchQuery::default() });
            view! { <li><a href=href>{text}</a></li> }
        };
        let terms = terms.into_iter().map(term).collect_view();
        view! { <section><h2>{t.search_terms()}</h2><ol class="tags">{terms}</ol></section> }
    });
    view! {
        <section class="finding">
            <h1 class="visually-hidden">{t.search()}</h1>
            <SearchField query=query.clone() />
            {filters}
            {making}
            {instead}
            {heading}
            {list}
            {nothing}
            {more}
            {alert}
            <Recent found=shown />
            {often}
            <Ranked title=t.search_popular() cards=popular now closing=false />
            <Ranked title=t.search_closing() cards=closing now closing=true />
        </section>
    }
}

/// What may be chosen beside the words, each an address.
#[component]
fn Filters(query: SearchQuery) -> impl IntoView {
    let t = lang();
    let first = SearchQuery { after: None, ..query };
    let entry = |query: SearchQuery, name: &'static str, on: bool| {
        view! { <a href=paths::search(&query) aria-current=on.then_some("true")>{name}</a> }
    };
    let kinds = [None].into_iter().chain(FoundKind::ALL.map(Some)).map(|kind| {
        let name = kind.map_or(t.search_any_kind(), |kind| t.found_kind(kind));
        entry(SearchQuery { kind, ..first.clone() }, name, kind == first.kind)
    });
    let states = [None].into_iter().chain(FoundState::ALL.map(Some)).map(|state| {
        let name = state.map_or(t.search_any_state(), |state| t.found_state(state));
        entry(SearchQuery { state, ..first.clone() }, name, state == first.state)
    });
    view! {
        <nav class="seg" aria-label=t.search_kinds()>{kinds.collect_view()}</nav>
        <nav class="seg states" aria-label=t.search_states()>{states.collect_view()}</nav>
    }
}

/// Where an event stands, in few words.
fn standing(sale: &SaleCard, now: Time) -> String {
    let t = lang();
    let moments = &sale.event.moments;
    match sale.event.state {
        EventState::Scheduled | EventState::Draft if moments.opens_at - now < HOUR => {
            t.search_opens_in(t.about_minutes(((moments.opens_at - now) / MINUTE).max(1)))
        }
        EventState::Scheduled | EventState::Draft => opens_text(moments.opens_at, now),
        EventState::Open | EventState::Full => match sale.event.kind {
            Kind::Giveaway => t.entered_of(sale.event.total, sale.event.capacity),
            Kind::Deal | Kind::Ticket => left_of(t, sale),
        },
        EventState::Closed | EventState::Settled | EventState::Cancelled => t.is_over().to_owned(),
        EventState::Suspended => t.event_suspended().to_owned(),
    }
}

#[component]
fn Row(found: Found, now: Time) -> impl IntoView {
    let t = lang();
    let (href, kind, state) = match &found.thing {
        Thing::Event(sale) => (paths::room(sale.event.id), FoundKind::of(sale.event.kind), Some(standing(sale, now))),
        Thing::Party(card) => {
            let left = card.wanted.saturating_sub(card.taken);
            let state = if left > 0 { t.shares_left(u64::from(left)) } else { t.party_state(card.state).to_owned() };
            (paths::party(card.id), FoundKind::Party, Some(format!("{} · {state}", t.moment(card.meets.from))))
        }
        Thing::Creator(creator) => (paths::creator(*creator, None), FoundKind::Creator, None),
        Thing::Market(market) => {
            (paths::market(market.id, None), FoundKind::Market, Some(t.market_kind(market.kind).to_owned()))
        }
        Thing::Item(item) => {
            (paths::parties_of(item.id), FoundKind::Item, Some(t.item_category(item.category).to_owned()))
        }
    };
    let price = match &found.thing {
        Thing::Event(sale) if sale.event.kind != Kind::Giveaway => {
            Some(view! { <span class="price"><b>{t.price(sale.price)}</b></span> })
        }
        _ => None,
    };
    let state = state.map(|state| format!(" · {state}"));
    // An item's only line is its category, which stands beside it already.
    let text = match &found.thing {
        Thing::Item(_) => None,
        _ => (!found.text.is_empty()).then(|| view! { <span class="said">{pieces(found.text)}</span> }),
    };
    view! {
        <li>
            <a href=href>
                <strong>{pieces(found.title)}</strong>
                <small>{t.found_kind(kind)}{state}</small>
                {text}
                {price}
            </a>
        </li>
    }
}
