//! The button, and all that is said around it.

use crate::{
    boot::{boot, lang},
    components::words,
    forms::FormState,
    live::{Connection, Room},
    paths,
};
use leptos::{html, prelude::*};
use model::{EntryError, EntryState, Error, EventState, EventView, Kind, SECOND};

/// The button at the bottom edge. It never moves when it changes.
#[component]
pub fn Dock(room: Room, view: EventView, form: FormState) -> impl IntoView {
    let t = lang();
    let signed_in = boot().viewer.is_some();
    let id = view.card.id;
    let (own, prepared) = (view.own, view.prepared);
    let sells = view.card.kind != Kind::Giveaway;
    let needs_code = view.has_code;
    let action = paths::enter(id);
    let sign_in = paths::sign_in(&paths::room(id));
    let state = Memo::new(move |_| room.state());
    let entered = Memo::new(move |_| room.mine.with(Option::is_some));
    let last = Memo::new(move |_| room.remaining(room.ticker.seconds.get()) <= 10 * SECOND);
    let over = move || {
        use EventState::{Cancelled, Closed, Settled, Suspended};
        matches!(state.get(), Closed | Settled | Cancelled | Suspended)
    };
    let opens_at = room.snapshot.with_untracked(|room| room.opens_at);
    let typed_code = form.value("code").unwrap_or_default();
    room.code.set(typed_code.clone());

    let label = move || {
        if room.pressing.get() {
            return t.pressing().to_owned();
        }
        match state.get() {
            EventState::Scheduled | EventState::Draft if last.get() => t.ready().to_owned(),
            EventState::Scheduled | EventState::Draft => {
                t.opens_in(t.duration(room.remaining(room.ticker.seconds.get()).begun_seconds() * SECOND))
            }
            _ => t.press().to_owned(),
        }
    };
    let class = move || match state.get() {
        _ if room.pressing.get() => "btn sending",
        EventState::Scheduled | EventState::Draft if last.get() => "btn ready",
        EventState::Scheduled | EventState::Draft => "btn wait",
        _ => "btn go",
    };
    let needs_typing = move || needs_code && room.code.with(|code| code.trim().is_empty());
    let note = move || {
        let early = matches!(room.refused.get(), Some(Error::Entry(EntryError::TooEarly { .. })));
        if let Some(error) = room.refused.get()
            && !(early && state.get() == EventState::Open)
        {
            return view! { <p class="note bad" role="alert">{t.error(&error)}</p> }.into_any();
        }
        let text = match state.get() {
            // Until it is typed, nothing else is worth saying.
            EventState::Scheduled | EventState::Draft if needs_typing() => t.entry_code_hint().to_owned(),
            EventState::Scheduled | EventState::Draft if last.get() => t.turns_on_at(opens_at.clock_ms()),
            // It is judged after the opening.
            EventState::Scheduled | EventState::Draft if needs_code => t.code_typed().to_owned(),
            // Signed in, and nothing is left to do but press.
            EventState::Scheduled | EventState::Draft if prepared => t.prepared(t.early_no_harm()),
            EventState::Scheduled | EventState::Draft => t.early_no_harm().to_owned(),
            _ => t.first_click_counts().to_owned(),
        };
        view! { <p class="note">{text}</p> }.into_any()
    };
    let press = move |event: leptos::ev::SubmitEvent| {
        // Without the live socket the form goes its plain way.
        if room.connection.get_untracked() == Connection::Live {
            event.prevent_default();
            room.press();
        }
    };
    let body = move || {
        if entered.get() {
            let won = room.mine.get().is_some_and(|entry| entry.state == EntryState::Won);
            let won = won && state.get() != EventState::Cancelled;
            let (next, what) = match won {
                _ if sells => (paths::checkout(id), t.checkout()),
                true => (paths::result(id), t.fill_in()),
                false => (paths::board(id), t.see_board()),
            };
            return view! {
                <a class="btn done" href=next>{t.entered_already()}" · "{what}</a>
                <p class="note">{t.first_click_counts()}</p>
            }
            .into_any();
        }
        if over() {
            let (what, hint) = match state.get() {
                EventState::Cancelled => (t.event_cancelled(), t.event_closed_hint()),
                EventState::Suspended
                    if room.snapshot.with(|snapshot| room.ticker.seconds.get() >= snapshot.closes_at) =>
                {
                    (t.event_suspended(), t.event_closed_hint())
                }
                EventState::Suspended => (t.event_suspended(), t.event_suspended_hint()),
                _ => (t.event_closed(), t.event_closed_hint()),
            };
            return view! { <span class="btn over">{what}</span><p class="note">{hint}</p> }.into_any();
        }
        if own {
            let table = paths::creator_event(id);
            return view! { <a class="btn done" href=table>{t.own_event()}" · "{t.entrants()}</a><p class="note">{t.own_event_hint()}</p> }
                .into_any();
        }
        if !signed_in {
            return view! {
                <a class="btn done" href=sign_in.clone()>{t.sign_in_to_enter()}</a>
                <p class="note">{t.sign_in_hint()}</p>
            }
            .into_any();
        }
        let code = needs_code.then(|| {
            let input = NodeRef::<html::Input>::new();
            // What was typed before the browser's code had loaded.
            Effect::new(move |_| {
                if let Some(input) = input.get() {
                    room.code.set(input.value());
                }
            });
            let typed_code = typed_code.clone();
            view! {
                <label class="code">
                    <span class="visually-hidden">{t.entry_code()}</span>
                    <input
                        node_ref=input
                        name="code"
                        placeholder=t.entry_code_hint()
                        autocomplete="off"
                        // What one frame holds; no code is so long.
                        maxlength="500"
                        value=typed_code
                        on:input=move |event| room.code.set(event_target_value(&event))
                    />
                </label>
            }
        });
        view! {
            <form method="post" action=action.clone() on:submit=press>
                {code}
                <button class=class aria-busy=move || room.pressing.get().then_some("true") inner_html=words(label) />
            </form>
            {note}
        }
        .into_any()
    };
    let connection = move || match room.connection.get() {
        Connection::Lost => Some(view! { <p class="connection" role="status">{t.reconnecting()}</p> }),
        Connection::Reading => Some(view! { <p class="connection quiet" role="status">{t.reading()}</p> }),
        // That the page is outdated is said as on every page (`anew.js`).
        Connection::Connecting | Connection::Live | Connection::Outdated => None,
    };
    view! { <div class="dock">{connection}{body}</div> }
}
