//! `/events/{id}`: the event and its room.

use super::{board::Board, chat::Chat, dock::Dock, sound::Sound};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{
    boot::lang,
    components::{Dial, kind_name, opens_text, prizes_text, state_class, words},
    features::events::CancelEvent,
    forms::{ChangeForm, FormError, FormState},
    head::{self, Preview},
    live::Room,
    paths,
    texts::{number, ratio, seconds_ms},
};
#[cfg(feature = "ssr")]
use engine::pages::EventPage;
use leptos::prelude::*;
use model::{DAY, Entry, EntryState, EventState, EventView, Kind, MINUTE, Offer, SECOND, Span};

/// Reads an event with its room.
///
/// # Errors
/// As [`engine::pages::Pages::event_page`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<EventView> {
    let (id, reader) = (asked.named("id")?, &asked.reader);
    let page = reader.engine.pages.event_page(id, &reader.actor).await?;
    let EventPage { mut view, wishes, ready, business, reviews } = page;
    crate::features::sales::block::write(asked.lang, &mut view, wishes, ready, business);
    if let Some(brief) = reviews {
        view.terms.push_str(&crate::features::reviews::block::html(asked.lang, reader.engine.clock.now(), id, brief));
    }
    Ok(view)
}

/// The room's page.
pub fn view(view: EventView) -> impl IntoView {
    let room = Room::new(&view);
    Effect::new(move |_| room.connect());
    if let Some(span) = refresh_in(&view) {
        head::refresh(span);
    }
    let card = view.card.clone();
    let click = FormState::plain(&paths::enter(card.id));
    let title = card.title.clone();
    head::title(title.clone());
    head::preview(&Preview {
        title: &title,
        description: &view.summary,
        banner: view.banner.as_deref(),
        event: card.id,
        path: &paths::room(card.id),
    });
    #[cfg(feature = "ssr")]
    crate::features::events::structured::tell(&view);
    view! {
        <div class="room">
            <article class="stage">
                <p class="eyebrow">
                    <StateChip room kind=kind_name(card.kind) />
                    <Standing room opens=opens_text(card.moments.opens_at, view.now) />
                    " · "<a translate="no" href=paths::creator(view.host, None)>{card.creator.clone()}</a>
                </p>
                <h1>{title}</h1>
                <p class="sub">{prizes_text(&view.offer)}</p>
                <div class="offered" inner_html=view.offered.clone()></div>
                <FormError form=click />
                <Changed room known=view.revisions />
                <Stopped room called_off=view.cancel_reason.clone() suspended=view.suspension.clone() />
                <Result room offer=view.offer.clone() />
                <Countdown room />
                <Sound room />
                <Facts room />
            </article>
            <Dock room view=view.clone() form=click />
            <div class="side">
                <Board room />
                <Chat room request=view.request own=view.own />
            </div>
            <About view />
            <Announcer room />
        </div>
    }
}

/// Without scripts the page renews itself at the opening and now and then while it is open.
fn refresh_in(view: &EventView) -> Option<Span> {
    let moments = &view.card.moments;
    let left = moments.opens_at.since(view.now);
    match view.card.state {
        EventState::Scheduled if left < 60 * MINUTE => Some(left + SECOND),
        EventState::Open | EventState::Full => Some(15 * SECOND),
        _ => None,
    }
}

#[component]
fn StateChip(room: Room, kind: &'static str) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    let text = move || match state.get() {
        EventState::Scheduled => kind,
        EventState::Open => t.live(),
        other => t.event_state(other),
    };
    view! { <span class=move || state_class(state.get()) inner_html=words(text) /> }
}

/// One line on where the event stands.
#[component]
fn Standing(room: Room, opens: String) -> impl IntoView {
    let t = lang();
    let last = Memo::new(move |_| room.remaining(room.ticker.seconds.get()) <= 59 * SECOND);
    let text = move || match room.state() {
        EventState::Scheduled | EventState::Draft if last.get() => t.last_59().to_owned(),
        EventState::Scheduled | EventState::Draft | EventState::Cancelled | EventState::Suspended => opens.clone(),
        EventState::Open | EventState::Full => t.open_until(room.snapshot.with(|room| room.closes_at.clock())),
        EventState::Closed | EventState::Settled => room.snapshot.with(|room| match room.total {
            0 => t.nobody_entered().to_owned(),
            total => t.closed_with(total, room.capacity.min(total)),
        }),
    };
    view! { <span inner_html=words(text) /> }
}

/// The event was changed while the page was open: what is written on it may be old.
#[component]
fn Changed(room: Room, known: u64) -> impl IntoView {
    let t = lang();
    let changed = Memo::new(move |_| room.snapshot.with(|room| room.revised > known));
    move || {
        changed.get().then(|| {
            view! { <p class="banner" role="status">{t.changed_now()}" "<a href="">{t.reload()}</a></p> }
        })
    }
}

/// That it was called off, or stopped for a while, and why, as far as that was known when the page was read.
#[component]
fn Stopped(room: Room, called_off: Option<String>, suspended: Option<String>) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    move || {
        let (what, why) = match state.get() {
            EventState::Cancelled => {
                (t.event_cancelled().to_owned(), called_off.clone().map(|reason| t.cancel_why(reason)))
            }
            EventState::Suspended => {
                let said = |reason: String| t.event_suspended_why(reason);
                (suspended.clone().map_or_else(|| t.event_suspended().to_owned(), said), None)
            }
            _ => return None,
        };
        Some(view! { <p class="banner" role="status"><b>{what}</b>" "{why}</p> })
    }
}

/// What an entry came to, in words; `number` is which one it is of those who stand by.
fn outcome(entry: &Entry, place: Option<u64>, offer: &Offer, number: u64) -> String {
    let t = lang();
    match entry.state {
        EntryState::Won => match place.and_then(|place| offer.prize(place)) {
            Some((place, prize)) => t.won_prize(place, &prize.name),
            None => t.won().to_owned(),
        },
        // Of a sale its line says it.
        EntryState::Standby if offer.kind() == Kind::Giveaway => t.standby(number),
        EntryState::Lost => t.lost().to_owned(),
        EntryState::Disqualified => t.disqualified().to_owned(),
        state => t.entry_state(state).to_owned(),
    }
}

/// How a result of this state looks in an event of that one.
pub(crate) fn result_class(state: EntryState, event: EventState) -> &'static str {
    match state {
        _ if event == EventState::Cancelled => "result lost",
        EntryState::Won | EntryState::Checkout | EntryState::Paid => "result won",
        EntryState::Standby | EntryState::Given => "result standby",
        _ => "result lost",
    }
}

/// The reader's own rank and time.
#[component]
fn Result(room: Room, offer: Offer) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    let cancelled = Memo::new(move |_| state.get() == EventState::Cancelled);
    let view = move || {
        room.mine.get().map(|entry| {
            let class = move || result_class(entry.state, state.get());
            let standing =
                Memo::new(move |_| room.snapshot.with(|room| room.waitlist.number(entry.rank, room.capacity)));
            let offer = offer.clone();
            let said = move || match cancelled.get() {
                true => t.called_off_with_result().to_owned(),
                false => outcome(&entry, room.place.get(), &offer, standing.get()),
            };
            let total = move || room.snapshot.with(|room| t.you_are(entry.rank, room.total.max(entry.rank)));
            view! {
                <section class=class>
                    <p class="rank">{number(entry.rank)}<small>{t.rank_suffix()}</small></p>
                    <p class="time">
                        <b>{t.after(seconds_ms(entry.since_open))}</b>
                        <i>{t.received_at(entry.entered_at.clock_ms())}</i>
                    </p>
                    <p class="words">
                        <b inner_html=words(said) />" "
                        {move || if entry.state == EntryState::Won && !cancelled.get() {
                            view! { <a href=paths::result(room.event)>{t.fill_in()}</a> }.into_any()
                        } else {
                            view! { <span inner_html=words(total) /> }.into_any()
                        }}
                    </p>
                </section>
            }
        })
    };
    view! { <div aria-live="off">{view}</div> }
}

#[component]
fn Countdown(room: Room) -> impl IntoView {
    let t = lang();
    let ticker = room.ticker;
    let remaining = Memo::new(move |_| room.remaining(ticker.seconds.get()));
    let exact = Memo::new(move |_| room.remaining(ticker.now.get()));
    let waiting = Memo::new(move |_| matches!(room.state(), EventState::Scheduled | EventState::Draft));
    let open = Memo::new(move |_| matches!(room.state(), EventState::Open | EventState::Full));
    // Once the reader has their result, the board takes the dial's place.
    let shown = Memo::new(move |_| waiting.get() || open.get() && room.mine.with(Option::is_none));
    let last = Memo::new(move |_| waiting.get() && remaining.get() < MINUTE);
    let big = move || {
        let left = exact.get();
        if last.get() {
            // 59 … 1: the second that is running.
            left.begun_seconds().clamp(0, 59).to_string()
        } else if waiting.get() {
            t.countdown(left).0
        } else {
            t.countdown(-left).0
        }
    };
    let days = Memo::new(move |_| waiting.get() && remaining.get() >= DAY);
    let caption = move || {
        if waiting.get() { t.until_opening() } else { t.since_opening() }
    };
    let error = move || match ticker.error.get() {
        Some(error) => t.clock_error((error.micros() + 999) / 1000),
        None if cfg!(feature = "hydrate") => t.clock_syncing().to_owned(),
        None => t.clock_no_script().to_owned(),
    };
    view! {
        <div class="dial" class:hot=last class:hidden=move || !shown.get()>
            <Dial remaining />
            <div class="num">
                <div class="big" class:last=last class:days=days role="timer" aria-label=caption translate="no" inner_html=words(big) />
                <div class="cap">
                    {t.server_clock()}" "<b translate="no" inner_html=words(move || ticker.now.get().clock_ms()) /><br />
                    <span class="error" inner_html=words(error) />
                </div>
            </div>
        </div>
    }
}

#[component]
fn Facts(room: Room) -> impl IntoView {
    let t = lang();
    let present = Memo::new(move |_| room.snapshot.with(|room| room.present));
    let total = Memo::new(move |_| room.snapshot.with(|room| room.total));
    let capacity = Memo::new(move |_| room.snapshot.with(|room| room.capacity));
    let before = Memo::new(move |_| matches!(room.state(), EventState::Scheduled | EventState::Draft));
    let competing = move || {
        let people = if before.get() { present.get() } else { total.get() };
        t.rate(ratio(people, capacity.get()))
    };
    view! {
        <dl class="facts">
            <div><dt inner_html=words(move || if before.get() { t.in_room() } else { t.ranked() }) />
                <dd translate="no" inner_html=words(move || number(if before.get() { present.get() } else { total.get() })) /></div>
            <div><dt>{t.competition()}</dt><dd translate="no" inner_html=words(competing) /></div>
            <div><dt>{t.capacity()}</dt><dd translate="no" inner_html=words(move || number(capacity.get())) /></div>
        </dl>
    }
}

#[component]
fn About(view: EventView) -> impl IntoView {
    let t = lang();
    let id = view.card.id;
    let banner =
        view.banner.map(|source| view! { <img class="banner-picture" src=source alt="" width="1280" height="720" /> });
    let summary = (!view.summary.is_empty()).then(|| view! { <p class="lead">{view.summary}</p> });
    let rules = (!view.rules.is_empty()).then(|| view! { <h3>{t.rules()}</h3><p class="rules">{view.rules}</p> });
    let changes = (view.revisions > 0).then(|| {
        view! { <p><a href=paths::changes(id)>{t.changes_count(view.revisions)}</a></p> }
    });
    let live = !matches!(view.card.state, EventState::Cancelled | EventState::Settled);
    let cancel = (view.own && live).then(|| {
        let form = FormState::of::<CancelEvent>();
        view! {
            <details class="danger">
                <summary>{t.cancel_event()}</summary>
                <ChangeForm state=form>
                    <input type="hidden" name="event" value=id.to_string() />
                    <label for="reason">{t.cancel_reason()}</label>
                    <input id="reason" name="reason" required
                        value=form.value("reason").unwrap_or_default() aria-invalid=move || form.field("reason").map(|_| "true") aria-describedby=move || form.field("reason").map(|_| "reason-note") />
                    {move || form.field("reason").map(|error| view! { <p class="note bad" id="reason-note">{t.field_error(&error)}</p> })}
                    <button class="btn small">{t.cancel_event()}</button>
                </ChangeForm>
            </details>
        }
    });
    view! {
        <section class="about" aria-labelledby="about-title">
            <h2 id="about-title">{t.about()}</h2>
            {banner}
            {summary}
            <div class="terms" inner_html=view.terms></div>
            <div class="markdown" inner_html=view.description></div>
            {rules}
            {(view.card.state != EventState::Draft).then(|| view! { <p><a href=paths::share(id)>{t.share()}</a></p> })}
            {changes}
            {cancel}
        </section>
    }
}

/// How long before the opening screen readers say how much is left.
const MARKS: [Span; 4] = [SECOND.times(10), MINUTE, MINUTE.times(5), MINUTE.times(10)];

/// Says out loud, for screen readers, how long is left, that it opened and what the reader's click came to.
#[component]
fn Announcer(room: Room) -> impl IntoView {
    let t = lang();
    let state = Memo::new(move |_| room.state());
    let said = move || match room.mine.get() {
        Some(_) if state.get() == EventState::Cancelled => t.called_off_with_result().to_owned(),
        Some(entry) => {
            let word = match entry.state {
                EntryState::Won => t.won(),
                EntryState::Standby => t.entry_standby(),
                EntryState::Lost => t.lost(),
                EntryState::Disqualified => t.disqualified(),
                state => t.entry_state(state),
            };
            t.announce_result(entry.rank, seconds_ms(entry.since_open), word)
        }
        None if state.get() == EventState::Open => t.announce_open().to_owned(),
        None => String::new(),
    };
    // Said when a mark is passed, and not again each second.
    let mark = move || {
        let left = room.remaining(room.ticker.seconds.get());
        match state.get() {
            EventState::Scheduled => MARKS.into_iter().find(|mark| left <= *mark),
            _ => None,
        }
    };
    // How the page was found says nothing: the mark may lie far back.
    let found = untrack(mark);
    let left = Memo::new(move |_| mark().filter(|mark| Some(*mark) != found));
    let soon = move || left.get().map(|left| t.announce_left(t.duration(left))).unwrap_or_default();
    view! {
        <p class="visually-hidden" role="status" inner_html=words(soon) />
        <p class="visually-hidden" role="alert" aria-live="assertive" inner_html=words(said) />
    }
}
