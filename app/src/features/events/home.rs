//! `/`: what opens next, what is open, what was; today's deals, and tickets.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{EventCards, NextEvent},
    features::sales::SaleCards,
    head,
    live::Ticker,
    paths,
};
use leptos::prelude::*;
use model::{EventCard, Home, SaleCard, Time};

/// Reads what opens next, what is open, and what was.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Home> {
    Ok(asked.reader.engine.pages.home(&asked.reader.actor).await?)
}

/// The home page.
pub fn view(home: Home) -> impl IntoView {
    let t = lang();
    head::title(t.site());
    let Home { mut next, open, recent, deals, tickets, now } = home;
    let later = next.split_off(next.len().min(1));
    let first = match next.pop() {
        Some(event) => view! { <NextEvent event now /> }.into_any(),
        None => view! {
            <section class="next empty">
                <h2>{t.nothing_next()}</h2>
                <p>{t.nothing_next_hint()}</p>
                <a class="btn small go" href=paths::CREATOR_EVENTS>{t.become_creator()}</a>
            </section>
        }
        .into_any(),
    };
    view! {
        <h1 class="visually-hidden">{t.tagline()}</h1>
        <form class="search" role="search" action=paths::SEARCH>
            <input name="q" type="search" maxlength="80" enterkeyhint="search" aria-label=t.search() placeholder=t.search_hint() />
            <button class="btn small">{t.search_do()}</button>
        </form>
        {first}
        <Shelf title=t.deals_today() address=paths::DEALS cards=deals now />
        <Section title=t.open_now() events=open now />
        <Section title=t.coming_up() events=later now />
        <Shelf title=t.tickets_next() address=paths::TICKETS cards=tickets now />
        <Section title=t.recently() events=recent now empty=t.nothing_recent() />
    }
}

/// What is sold, with the way to all of it; left out when there is nothing.
#[component]
fn Shelf(title: &'static str, address: &'static str, cards: Vec<SaleCard>, now: Time) -> impl IntoView {
    let t = lang();
    (!cards.is_empty()).then(|| {
        let ticker = Ticker::start(now);
        view! {
            <section class="sec">
                <div class="row"><h2>{title}</h2><a href=address>{t.see_all()}</a></div>
                <ul class="cards sales shelf-row"><SaleCards cards ticker /></ul>
            </section>
        }
    })
}

/// A list with its heading; without events it says so, or is left out.
#[component]
fn Section(
    title: &'static str,
    events: Vec<EventCard>,
    now: Time,
    #[prop(optional)] empty: Option<&'static str>,
) -> impl IntoView {
    if events.is_empty() {
        return empty
            .map(|empty| view! { <section class="sec"><h2>{title}</h2><p class="none">{empty}</p></section> })
            .into_any();
    }
    view! {
        <section class="sec">
            <h2>{title}</h2>
            <ul class="cards"><EventCards events now /></ul>
        </section>
    }
    .into_any()
}
