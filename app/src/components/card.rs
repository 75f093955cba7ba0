//! Events in lists.

use super::{kind_name, opens_text, state_class, words};
use crate::{
    boot::lang,
    live::Ticker,
    paths,
    texts::{Lang, ratio},
};
use leptos::prelude::*;
use model::{DAY, EventCard, EventState, Kind, MILLISECOND, SECOND, Span, Time};

/// A countdown as `07:24.412`, with days and hours before it when there are any: whole part and milliseconds.
pub fn countdown(t: Lang, remaining: Span) -> (String, String) {
    let left = remaining.max(Span::ZERO);
    let seconds = left / SECOND;
    let ms = format!(".{:03}", left % SECOND / MILLISECOND);
    let (days, h, m, s) = (left / DAY, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let whole = match h {
        _ if days > 0 => t.days_clock(days, format!("{h:02}:{m:02}:{s:02}")),
        0 => format!("{m:02}:{s:02}"),
        _ => format!("{h}:{m:02}:{s:02}"),
    };
    (whole, ms)
}

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
        left if left > Span::ZERO => countdown(t, left),
        _ => (t.open_now().to_owned(), String::new()),
    });
    // Words, and days before the clock, are written smaller.
    let days = Memo::new(move |_| !(MILLISECOND..DAY).contains(&opens_at.since(ticker.seconds.get())));
    // For what opens after it: not everybody at once, while others press.
    #[cfg(feature = "hydrate")]
    crate::live::once_past(
        opens_at.max(now) + 4 * SECOND + Span::from_micros((js_sys::Math::random() * 8e6) as i64),
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

#[cfg(test)]
mod tests {
    use super::countdown;
    use crate::texts::Lang;
    use model::{DAY, MICROSECOND, SECOND, Span};

    #[test]
    fn countdowns() {
        let countdown = |span| countdown(Lang::Ko, span);
        assert_eq!(countdown(444 * SECOND + Span::from_micros(412_999)), ("07:24".into(), ".412".into()));
        assert_eq!(countdown(3661 * SECOND).0, "1:01:01");
        assert_eq!(countdown(Span::from_micros(-5)), ("00:00".into(), ".000".into()));
        // Days first, then the clock.
        assert_eq!(countdown((2587 * 3600 + 38 * 60 + 40) * SECOND).0, "107일 19:38:40");
        assert_eq!([countdown(DAY).0, countdown(DAY - MICROSECOND).0], ["1일 00:00:00", "23:59:59"]);
    }
}
