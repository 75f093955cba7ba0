//! `/deals`: time deals of a day, week by week, and those that are over.

use super::card::SaleCards;
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, components::next_page, features::subscriptions::AlertOfCategory, head, live::Ticker, paths};
use leptos::prelude::*;
use model::{Category, DAY, Deals, DealsQuery, Page, Time};

/// Reads the deals that the address asks for.
///
/// # Errors
/// For a query that names no such day or category; as [`engine::events::Events::deals`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Deals> {
    let query = DealsQuery::of(asked.query("day"), asked.query("show"), asked.query("category"))?;
    let query = DealsQuery { after: asked.cursor("after"), ..query };
    Ok(asked.reader.engine.events.deals(&asked.reader.actor, query).await?)
}

/// The page of deals.
pub fn view(deals: Deals) -> impl IntoView {
    let t = lang();
    head::title(t.deals());
    let Deals { query, cards: Page { rows, next }, over, now } = deals;
    let ticker = Ticker::start(now);
    let ended = query.ended;
    let empty = (rows.is_empty() && (over.is_empty() || ended)).then(|| {
        let text = if ended { t.no_deals_ended() } else { t.no_deals() };
        view! { <section class="empty"><p>{text}</p><a class="btn small" href=paths::DEALS>{t.see_today()}</a></section> }
    });
    let none_left = (rows.is_empty() && !over.is_empty()).then(|| view! { <p class="none">{t.no_deals()}</p> });
    let more = next_page(next.map(|next| paths::deals(&DealsQuery { after: Some(next), ..query.clone() })));
    let all_over = paths::deals(&DealsQuery { ended: true, day: None, after: None, ..query.clone() });
    let was = (!over.is_empty()).then(|| {
        let all_over = all_over.clone();
        view! {
            <section class="sec">
                <div class="row"><h2>{t.deals_over_today()}</h2><a href=all_over>{t.see_all()}</a></div>
                <ul class="cards sales"><SaleCards cards=over ticker /></ul>
            </section>
        }
    });
    let alert = query.category.map(|category| view! { <AlertOfCategory category /> });
    let of_category = {
        let query = query.clone();
        move |category| paths::deals(&DealsQuery { category, after: None, ..query.clone() })
    };
    view! {
        <div class="head shelf">
            <h1>{t.deals()}</h1>
            <a class="tab beside" href=paths::TICKETS>{t.tickets()}</a>
            <a class="tab" href=all_over aria-current=ended.then_some("true")>{t.deals_ended()}</a>
            <Categories chosen=query.category address=of_category />
        </div>
        <Days query now />
        {alert}
        {none_left}
        <ul class="cards sales"><SaleCards cards=rows ticker /></ul>
        {empty}
        {more}
        {was}
    }
}

/// A week from today, or with the day that was asked for before it.
#[component]
fn Days(query: DealsQuery, now: Time) -> impl IntoView {
    let t = lang();
    let today = now.midnight();
    let chosen = query.day.unwrap_or(today);
    let day = |day: Time| {
        let c = day.civil();
        let on = (day == chosen && !query.ended).then_some("date");
        let asked = DealsQuery { day: (day != today).then_some(day), ended: false, after: None, ..query.clone() };
        let name = if day == today { t.today() } else { t.weekday(c.weekday) };
        view! { <a href=paths::deals(&asked) aria-current=on>{name}<b>{c.day}</b></a> }
    };
    let days = (0..7).map(|ahead| day(today + ahead * DAY)).collect_view();
    view! { <nav class="days" aria-label=t.days_label()>{days}</nav> }
}

/// A menu of categories, each an address.
#[component]
pub fn Categories(
    /// The one that is shown.
    chosen: Option<Category>,
    /// Where each is.
    address: impl Fn(Option<Category>) -> String + 'static,
) -> impl IntoView {
    let t = lang();
    let entry = |category: Option<Category>| {
        let name = category.map_or(t.all_categories(), |category| t.category(category));
        let on = (category == chosen).then_some("true");
        view! { <a href=address(category) aria-current=on>{name}</a> }
    };
    let entries = [None].into_iter().chain(Category::ALL.map(Some)).map(entry).collect_view();
    view! {
        <details class="menu">
            <summary>{chosen.map_or(t.all_categories(), |category| t.category(category))}</summary>
            <nav aria-label=t.field_category()>{entries}</nav>
        </details>
    }
}
