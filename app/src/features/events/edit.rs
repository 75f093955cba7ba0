//! `/creator/events/{id}/edit`: the form for changing an event.

use super::{form::EventForm, own::Invitation};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::EventId;
use model::EventStart;

/// Reads what the form starts with; nothing for whoever is no creator.
///
/// # Errors
/// As [`engine::events::Events::editing`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Option<(EventStart, String)>> {
    let (id, reader): (EventId, _) = (asked.named("id")?, &asked.reader);
    if !reader.actor.signed_in().is_ok_and(|session| session.creator) {
        return Ok(None);
    }
    Ok(Some((reader.engine.events.editing(&reader.actor, id).await?, id.to_string())))
}

/// The form.
pub fn view(start: Option<(EventStart, String)>) -> impl IntoView {
    let t = lang();
    head::title(t.edit_event());
    match start {
        Some((start, event)) => view! { <EventForm start title=t.edit_event() event /> }.into_any(),
        None => view! { <Invitation /> }.into_any(),
    }
}
