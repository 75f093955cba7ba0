//! `/`: what opens next, what waits for the reader, where many are, what closes soon, today's deals, what is open, what the reader
//! wishes for, parties around, tickets, and what was. Nothing is shown empty. It is long, and most of it only leads elsewhere: that is
//! not taken over, and the rest a card at a time.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{EventCards, NextEvent},
    features::{parties::Card, sales::SaleCards, search::Ranked},
    head,
    later::{later, still},
    live::Ticker,
    paths,
};
use leptos::prelude::*;
use model::{EventCard, ForMe, Home, Near, SaleCard, Time, Turn, parties::PartyCard};

/// Reads all of it.
///
/// # Errors
/// As [`engine::pages::Pages::home`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Home> {
    Ok(asked.reader.engine.pages.home(&asked.reader.actor).await?)
}

/// The home page.
pub fn view(home: Home) -> impl IntoView {
    let t = lang();
    head::title(t.site());
    let Home { mut next, open, recent, deals, tickets, popular, closing, near, mine, now } = home;
    let ForMe { turns, meeting, wishes, new } = mine;
    let ticker = Ticker::start(now);
    let afterwards = next.split_off(next.len().min(1));
    let first = match next.pop() {
        Some(event) => later(move || view! { <NextEvent event ticker /> }),
        None => still(move || {
            view! {
                <section class="next empty">
                    <h2>{t.nothing_next()}</h2>
                    <p>{t.nothing_next_hint()}</p>
                    <a class="btn small go" href=paths::CREATOR_EVENTS>{t.become_creator()}</a>
                </section>
            }
        }),
    };
    let search = still(move || {
        view! {
            <form class="search" role="search" action=paths::SEARCH>
                <input name="q" type="search" enterkeyhint="search" aria-label=t.search() placeholder=t.search_hint() />
                <button class="btn small">{t.search_do()}</button>
            </form>
        }
    });
    let any_crowds = !popular.is_empty() || !closing.is_empty();
    let crowds = move || {
        view! {
            <div class="crowds">
                <Ranked title=t.search_popular() cards=popular now closing=false />
                <Ranked title=t.search_closing() cards=closing now closing=true />
            </div>
        }
    };
    let crowds = any_crowds.then(|| still(crowds));
    view! {
        <h1 class="visually-hidden">{t.tagline()}</h1>
        {search}
        {first}
        <Mine turns meeting />
        {crowds}
        <Shelf title=t.deals_today() address=paths::DEALS cards=deals ticker />
        <Section title=t.open_now() events=open now />
        <Shelf title=t.wishes_to_come() address=paths::WISHES cards=wishes ticker />
        <Shelf title=t.new_for_you() address=paths::SUBSCRIPTIONS cards=new ticker />
        <Around near />
        <Section title=t.coming_up() events=afterwards now />
        <Shelf title=t.tickets_next() address=paths::TICKETS cards=tickets ticker />
        <Section title=t.recently() events=recent now empty=t.nothing_recent() />
    }
}

/// What waits for the reader: units that are held until they pay, and where they meet their neighbours next.
#[component]
fn Mine(turns: Vec<Turn>, meeting: Option<PartyCard>) -> impl IntoView {
    let t = lang();
    let any = !turns.is_empty() || meeting.is_some();
    let mine = move || {
        let turn = |turn: Turn| {
            let address = paths::checkout(turn.event);
            view! { <li><a href=address><span>{turn.title}</span><small class="chip live">{t.held_until(turn.due_at.clock())}</small></a></li> }
        };
        let turns =
            (!turns.is_empty()).then(|| view! { <ul class="turns">{turns.into_iter().map(turn).collect_view()}</ul> });
        let meeting = meeting.map(|card| view! { <ul class="around"><Card card /></ul> });
        view! { <section class="sec mine"><h2>{t.for_me()}</h2>{turns}{meeting}</section> }
    };
    any.then(|| still(mine))
}

/// Parties around, with the way to all of them; for whoever did not say from where they look, how to.
#[component]
fn Around(near: Near) -> impl IntoView {
    let t = lang();
    match near {
        Near::Nowhere => still(move || {
            view! {
                <section class="sec invite">
                    <h2>{t.near_me()}</h2>
                    <p>{t.near_me_hint()}</p>
                    <a class="btn small ghost" href=paths::PARTIES>{t.near_me_go()}</a>
                </section>
            }
        }),
        Near::Around { parties, .. } if parties.is_empty() => ().into_any(),
        Near::Around { km, parties } => still(move || {
            let cards = parties.into_iter().map(|card| view! { <Card card /> }).collect_view();
            view! {
                <section class="sec">
                    <div class="row"><h2>{t.near_me()}</h2><a href=paths::PARTIES>{format!("{km}km")}</a></div>
                    <ul class="around">{cards}</ul>
                </section>
            }
        }),
    }
}

/// What is sold, with the way to all of it; left out when there is nothing.
#[component]
fn Shelf(title: &'static str, address: &'static str, cards: Vec<SaleCard>, ticker: Ticker) -> impl IntoView {
    let t = lang();
    let any = !cards.is_empty();
    let shelf = move || {
        view! {
            <section class="sec">
                <div class="row"><h2>{title}</h2><a href=address>{t.see_all()}</a></div>
                <ul class="cards sales shelf-row"><SaleCards cards ticker /></ul>
            </section>
        }
    };
    any.then(|| later(shelf))
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
    still(move || {
        view! {
            <section class="sec">
                <h2>{title}</h2>
                <ul class="cards"><EventCards events now /></ul>
            </section>
        }
    })
}
