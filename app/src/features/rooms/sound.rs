//! Sound, off until somebody turns it on: the last five seconds, the opening, a win.

use crate::{boot::lang, live::Room};
use leptos::prelude::*;
use model::{EntryState, EventState};

/// The switch for it.
#[component]
pub fn Sound(room: Room) -> impl IntoView {
    let t = lang();
    let on = RwSignal::new(false);
    let state = Memo::new(move |_| room.state());
    let left = Memo::new(move |_| match state.get() {
        EventState::Scheduled => room.remaining(room.ticker.seconds.get()).begun_seconds(),
        _ => 0,
    });
    let won = Memo::new(move |_| room.mine.with(|mine| mine.is_some_and(|entry| entry.state == EntryState::Won)));
    // Each tells of a change, never of what was so when the page was made.
    Effect::new(move |before: Option<(EventState, i64, bool)>| {
        let now = (state.get(), left.get(), won.get());
        if let Some((state, left, won)) = before
            && on.get_untracked()
        {
            if now.2 && !won {
                play("won");
            } else if now.0 == EventState::Open && state == EventState::Scheduled {
                play("open");
            } else if now.1 != left && (1..=5).contains(&now.1) {
                play("tick");
            }
        }
        now
    });
    let turn = move |_| {
        on.update(|on| *on = !*on);
        if on.get_untracked() {
            // Played at once: browsers allow a page sound once its reader has asked for it.
            play("tick");
        }
    };
    // Its name stays: whether it is on is said by its being pressed, and shown by the mark in front of it.
    view! {
        <button type="button" class="sound" aria-pressed=move || on.get().to_string() on:click=turn>{t.sound()}</button>
    }
}

fn play(name: &str) {
    #[cfg(feature = "hydrate")]
    if let Ok(sound) = web_sys::HtmlAudioElement::new_with_src(&format!("/sound/{name}.wav")) {
        // A browser that refuses to play it is left silent: sound is an extra.
        let _ = sound.play();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = name;
}
