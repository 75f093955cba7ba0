//! `POST /events/{id}/enter`: the button, as a form or for a program.

use crate::{
    AppState, cookies,
    pages::{self, Afterwards},
    reply::{self, Refusal},
};
use axum::{
    body::{Body, HttpBody},
    extract::Path,
    http::{HeaderMap, Request, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use engine::{accounts::Actor, entering::Pressed};
use hyper::body::Incoming;
use model::{Error, EventId};
use std::{convert::Infallible, time::Duration};

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
pub async fn enter(state: AppState, request: Request<Incoming>) -> Result<Response, Infallible> {
    let event = event_of(request.uri().path()).and_then(|id| id.parse::<EventId>().ok());
    let (Parts { headers, uri, .. }, body) = request.into_parts();
    let json = reply::wants_json(&headers) || !reply::wants_html(&headers);
    let Some(event) = event else {
        let nothing = Error::NotFound;
        return Ok(match json {
            true => Refusal(nothing).into_response(),
            false => Box::pin(pages::again(&state, &headers, uri, Some(&nothing), Afterwards::default())).await,
        });
    };
    let (answer, typed) = press(&state, event, &headers, body).await;
    Ok(match answer {
        Ok(Pressed::Entered(entry)) if json => reply::json(StatusCode::CREATED, &entry),
        Ok(Pressed::Again(entry)) if json => reply::json(StatusCode::OK, &entry),
        Ok(Pressed::Entered(_) | Pressed::Again(_)) => reply::see_other(&format!("/events/{event}"), &[]),
        Err(error) if json => Refusal(error).into_response(),
        Err(Error::SignedOut) => reply::see_other(&format!("/sign-in?next=/events/{event}"), &[]),
        Err(error) => {
            let typed = typed.map(|code| ("code".to_owned(), code)).into_iter().collect();
            // Boxed, so that no click carries the room that rendering a page would need.
            Box::pin(pages::refused_form(&state, &headers, &format!("/events/{event}/enter"), error, typed, None)).await
        }
    })
}

/// Whoever reloads the address of a press that was refused comes back to the room.
pub async fn back(Path(event): Path<EventId>) -> Response {
    reply::see_other(&format!("/events/{event}"), &[])
}

/// The answer, and the entry code that was typed.
async fn press(
    state: &AppState,
    event: EventId,
    headers: &HeaderMap,
    body: Incoming,
) -> (Result<Pressed, Error>, Option<String>) {
    let code = if body.is_end_stream() {
        None
    } else {
        let body = tokio::time::timeout(BODY_WITHIN, axum::body::to_bytes(Body::new(body), MAX_BODY)).await;
        let body = body.map_err(|_| Error::Malformed).and_then(|body| body.map_err(|_| Error::TooLarge));
        match body.and_then(|body| code(&body)) {
            Ok(code) => code,
            Err(error) => return (Err(error), None),
        }
    };
    let read_at = state.engine.clock.now();
    let answer = async {
        let actor = Actor::of(cookies::session(state, headers).await?);
        state.engine.entering.press(&actor, event, code.as_deref(), read_at).await.map_err(engine::Error::public)
    };
    (answer.await, code)
}

/// The entry code of a form body.
fn code(body: &[u8]) -> Result<Option<String>, Error> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| Error::Malformed)?;
    Ok(fields.into_iter().find(|(name, value)| name == "code" && !value.is_empty()).map(|(_, value)| value))
}
