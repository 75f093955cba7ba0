//! An event as it goes, for its creator.

use crate::{
    AppState,
    cookies::SignedIn,
    reply::{self, Refusal},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::accounts::Actor;
use model::{Error, EventId};

/// The event's card, and the same over time.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] for others than the event's creator; the database may fail.
pub async fn pulse(
    State(state): State<AppState>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (engine, actor) = (&state.engine, Actor::Member(session));
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let curves = engine.analytics.of(&actor, event).await?;
    let mut card = engine.events.view(event, &actor).await?.card;
    card.present = engine.rooms.present(event);
    let mut response = reply::read(&headers, &(card, curves));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}
