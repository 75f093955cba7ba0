//! `/`: what opens next, what is open, what was.

#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{EventCards, NextEvent},
    head, paths,
};
use leptos::prelude::*;
use model::{EventCard, Home, Time};

/// Reads what opens next, what is open, and what was.
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Home> {
    let engine = asked.reader.engine;
    let mut home = engine.events.home().await?;
    for card in home.next.iter_mut().chain(&mut home.open) {
        card.present = engine.rooms.present(card.id);
    }
    Ok(home)
}

/// The home page.
pub fn view(home: Home) -> impl IntoView {
    let t = lang();
    head::title(t.site());
    let Home { mut next, open, recent, now } = home;
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
        {first}
        <Section title=t.open_now() events=open now />
        <Section title=t.coming_up() events=later now />
        <Section title=t.recently() events=recent now empty=t.nothing_recent() />
    }
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
