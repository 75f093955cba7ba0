//! `/creator/new`: the form for a new event, or for one like another.

use super::{form::EventForm, own::Invitation};
#[cfg(feature = "ssr")]
use crate::page::{Asked, Read};
use crate::{boot::lang, head};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Error;
use model::{EventStart, Kind};

/// Reads what the form starts with, and which event it is to be like; nothing for whoever is no creator.
///
/// # Errors
/// [`Error::NotFound`] for no such kind or event; as [`engine::events::Events::start`].
#[cfg(feature = "ssr")]
pub async fn read(asked: Asked) -> Read<Option<(EventStart, Option<String>)>> {
    let reader = &asked.reader;
    if !reader.actor.signed_in().is_ok_and(|session| session.creator) {
        return Ok(None);
    }
    let like = asked.query("like");
    let event = like.map(str::parse).transpose().map_err(|_| Error::NotFound)?;
    let kind = asked.query("kind").map_or(Some(Kind::Giveaway), Kind::named).ok_or(Error::NotFound)?;
    let start = reader.engine.events.start(&reader.actor, kind, event).await?;
    Ok(Some((start, like.map(str::to_owned))))
}

/// The form.
pub fn view(start: Option<(EventStart, Option<String>)>) -> impl IntoView {
    let t = lang();
    let title = match start.as_ref().map(|(start, _)| start.kind) {
        Some(Kind::Deal) => t.new_deal(),
        Some(Kind::Ticket) => t.new_ticket(),
        _ => t.new_event(),
    };
    head::title(title);
    match start {
        Some((start, like)) => view! { <EventForm start title like /> }.into_any(),
        None => view! { <Invitation /> }.into_any(),
    }
}
