//! Events in lists.

use super::{kind_name, opens_text, state_class, words};
use crate::{boot::lang, live::Ticker, paths, texts::ratio};
use leptos::prelude::*;
use model::{DAY, EventCard, EventState, Kind, MILLISECOND, Span, Time};

/// The event that opens next, large.
#[component]
pub fn NextEvent(
    /// The event.
    event: EventCard,
    /// The page's clock.
    ticker: Ticker,
) -> impl IntoView {
    let t = lang();
    let now = ticker.at;
    let opens_at = event.moments.opens_at;
    let left = Memo::new(move |_| match opens_at.since(ticker.now.get()) {
        left if left > Span::ZERO => t.countdown(left),
        _ => (t.open_now().to_owned(), String::new()),
    });
    // Words, and days before the clock, are written smaller.
    let days = Memo::new(move |_| !(MILLISECOND..DAY).contains(&opens_at.since(ticker.seconds.get())));
    // For what opens after it: not everybody at once, while others press.
    #[cfg(feature = "hydrate")]
    crate::live::once_past(
        opens_at.max(now) + 4 * model::SECOND + Span::from_micros((js_sys::Math::random() * 8e6) as i64),
        ticker,
    );
    let address = paths::room(event.id);
    let people = if event.present > 0 {
        format!("{} · {}", t.waiting(event.present), t.rate(ratio(event.present, event.capacity)))
    } else {
        t.places(event.capacity)
    };
    view! {
        <section class="next">
            <p class="eyebrow">{t.opens_next()}" · "{event.creator}</p>
            <h2><a href=address.clone()>{event.title}</a></h2>
            <p class="count" class:days=days role="timer" translate="no">
                <span inner_html=words(move || left.get().0) /><i inner_html=words(move || left.get().1) />
            </p>
            <p class="when">{opens_text(opens_at, now)}</p>
            <div class="go"><span>{people}</span><a class="btn small go" href=address>{t.to_room()}</a></div>
        </section>
    }
}

/// How many cards a phone shows at once: their pictures are not waited for.
const FIRST: usize = 2;

/// Events as cards.
#[component]
pub fn EventCards(
    /// In order.
    events: Vec<EventCard>,
    /// Server time when they were read.
    now: Time,
    /// Whether the reader runs them.
    #[prop(optional)]
    own: bool,
) -> impl IntoView {
    let tile = |(i, event)| view! { <li><EventTile event now own later={i >= FIRST} /></li> };
    events.into_iter().enumerate().map(tile).collect_view()
}

#[component]
fn EventTile(event: EventCard, now: Time, own: bool, later: bool) -> impl IntoView {
    let t = lang();
    let id = event.id;
    let address = match event.state {
        EventState::Draft => paths::edit_event(id),
        _ => paths::room(id),
    };
    let tools = own.then(|| {
        let table =
            (event.state != EventState::Draft).then(|| view! { <a href=paths::creator_event(id)>{t.dashboard()}</a> });
        let edit = !matches!(event.state, EventState::Cancelled | EventState::Settled);
        let edit = edit.then(|| view! { <a href=paths::edit_event(id)>{t.edit()}</a> });
        view! { <p class="tools">{table}{edit}<a href=paths::event_like(id)>{t.duplicate()}</a></p> }
    });
    let line = match event.state {
        EventState::Scheduled | EventState::Draft => opens_text(event.moments.opens_at, now),
        EventState::Cancelled => t.event_cancelled().to_owned(),
        EventState::Suspended => t.event_suspended().to_owned(),
        _ => match event.kind {
            Kind::Giveaway => t.entered_of(event.total, event.capacity),
            Kind::Ticket => t.entered_units(event.total, t.units_ticket(event.capacity)),
            Kind::Deal => t.entered_units(event.total, t.units_deal(event.capacity)),
        },
    };
    let filled = (event.total.min(event.capacity) * 100 / event.capacity.max(1)).to_string();
    let started = !matches!(event.state, EventState::Scheduled | EventState::Draft);
    let picture = match event.card {
        Some(source) => {
            view! { <img src=source alt="" loading=later.then_some("lazy") width="320" height="320" /> }.into_any()
        }
        None => view! { <span class="nopic" aria-hidden="true">{kind_name(event.kind)}</span> }.into_any(),
    };
    view! {
        <a class="card" href=address>
            <span class="pic">{picture}<em class=state_class(event.state)>{t.event_state(event.state)}</em></span>
            <strong>{event.title}</strong>
            <small>{event.creator}" · "{line}</small>
            {started
                .then(|| {
                    view! {
                        <svg class="stock" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                            <rect width="100" height="4" rx="2" />
                            <rect class="full" width=filled height="4" rx="2" />
                        </svg>
                    }
                })}
        </a>
        {tools}
    }
}
