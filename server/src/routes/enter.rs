//! `POST /events/{id}/enter`: the button, as a form or for a program.

use crate::{
    AppState, cookies, error_page,
    pages::{self, Afterwards},
    reply::{self, Refusal},
};
use app::paths;
use axum::{
    body::{Body, HttpBody},
    extract::Path,
    http::{HeaderMap, Request, StatusCode, Uri, request::Parts},
    response::{IntoResponse, Response},
};
use engine::{accounts::Actor, entering::Pressed};
use hyper::body::Incoming;
use model::{EntryError, Error, EventId, Wish};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

/// The largest body of a click, in bytes: an entry code.
const MAX_BODY: usize = 4096;
/// How long it may take to arrive. A click counts from its last byte.
const BODY_WITHIN: Duration = Duration::from_secs(3);

/// Whether a path is `/events/{id}/enter`.
pub fn is_click(path: &str) -> bool {
    event_of(path).is_some()
}

/// The id in `/events/{id}/enter`.
fn event_of(path: &str) -> Option<&str> {
    path.strip_prefix("/events/")?.strip_suffix("/enter").filter(|id| !id.contains('/'))
}

/// Presses the button. Programs get 201 with the entry, on repeats 200 with the same; a form is led back to the room.
///
/// # Errors
/// Never: a refusal is an answer too.
pub async fn enter(state: AppState, peer: SocketAddr, request: Request<Incoming>) -> Result<Response, Infallible> {
    let event = event_of(request.uri().path()).and_then(|id| id.parse::<EventId>().ok());
    let (Parts { headers, uri, .. }, body) = request.into_parts();
    let json = reply::wants_json(&headers) || !reply::wants_html(&headers);
    let address = || cookies::address_past(&state, &headers, Some(peer.ip()));
    let Some(event) = event else {
        return Ok(Box::pin(nowhere(&state, &headers, address(), uri, json)).await);
    };
    let (answer, typed) = press(&state, event, &headers, body).await;
    Ok(match answer {
        Ok(Pressed::Entered(entry)) if json => reply::json(StatusCode::CREATED, &entry),
        Ok(Pressed::Again(entry)) if json => reply::json(StatusCode::OK, &entry),
        Ok(Pressed::Entered(_) | Pressed::Again(_)) => reply::see_other(&paths::room(event), &[]),
        Err(error) if json => Refusal(error).into_response(),
        Err(Error::SignedOut) => reply::see_other(&paths::sign_in(&paths::room(event)), &[]),
        Err(error) => {
            // Boxed, so that no click carries the room that rendering a page would need.
            Box::pin(pages::refused_form(&state, &headers, address(), &paths::enter(event), error, typed, None)).await
        }
    })
}

/// A press at what is no event: whoever tries many is refused, as at events that are not there.
async fn nowhere(state: &AppState, headers: &HeaderMap, address: IpAddr, uri: Uri, json: bool) -> Response {
    let searched = async {
        let searches = state.engine.limits.searches(cookies::searcher(state, headers, address).await?);
        let now = state.engine.clock.now();
        searches.allowed(now)?;
        searches.nothing(now);
        Err::<Infallible, Error>(Error::NotFound)
    };
    let Err(error) = searched.await;
    if !json && error == Error::NotFound {
        return pages::again(state, headers, address, uri, Some(&error), Afterwards::default()).await;
    }
    let refused = Refusal(error).into_response();
    match json {
        true => refused,
        false => error_page::page(pages::language(headers), pages::theme(headers), refused),
    }
}

/// Whoever reloads the address of a press that was refused comes back to the room.
pub async fn back(Path(event): Path<EventId>) -> Response {
    reply::see_other(&paths::room(event), &[])
}

/// The answer, and what was typed.
async fn press(
    state: &AppState,
    event: EventId,
    headers: &HeaderMap,
    body: Incoming,
) -> (Result<Pressed, Error>, Vec<(String, String)>) {
    let typed = if body.is_end_stream() {
        Vec::new()
    } else {
        let body = tokio::time::timeout(BODY_WITHIN, axum::body::to_bytes(Body::new(body), MAX_BODY)).await;
        let body = body.map_err(|_| Error::Malformed).and_then(|body| body.map_err(|_| Error::TooLarge));
        match body.and_then(|body| serde_urlencoded::from_bytes(&body).map_err(|_| Error::Malformed)) {
            Ok(fields) => known(fields),
            Err(error) => return (Err(error), Vec::new()),
        }
    };
    let read_at = state.engine.clock.now();
    let answer = async {
        let wish = wish(&typed)?;
        let actor = Actor::of(cookies::session(state, headers).await?);
        state
            .engine
            .entering
            .press(&actor, event, field(&typed, "code"), wish, read_at)
            .await
            .map_err(engine::Error::public)
    };
    (answer.await, typed)
}

/// The fields that a press may have; others are nobody's.
fn known(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.into_iter().filter(|(name, _)| matches!(name.as_str(), "code" | "quantity" | "fewer")).collect()
}

/// A field of the form that is not empty.
fn field<'f>(typed: &'f [(String, String)], name: &str) -> Option<&'f str> {
    typed.iter().find(|(of, value)| of == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

/// How many units are asked for; `None` when the form says nothing of it. `fewer` alone says nothing.
///
/// # Errors
/// [`EntryError::Quantity`] for what is no number.
pub fn wish(typed: &[(String, String)]) -> Result<Option<Wish>, Error> {
    let Some(quantity) = field(typed, "quantity") else { return Ok(None) };
    let quantity = quantity.trim().parse().map_err(|_| EntryError::Quantity)?;
    let fewer = field(typed, "fewer").is_some_and(|fewer| matches!(fewer, "true" | "on" | "1"));
    Ok(Some(Wish { quantity, fewer }))
}
