//! `POST /events/{id}/enter`: the button, as a form or for a program.

use crate::{
    AppState, cookies, pages,
    reply::{self, Refusal},
};
use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use engine::turnstile::Answer;
use model::{Error, EventId};

/// Presses the button. Programs get 201 with the entry, on repeats 200 with the same; a form is led back to the room.
pub async fn enter(State(state): State<AppState>, Path(id): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let read_at = state.engine.clock.now();
    let json = reply::wants_json(&headers) || !reply::wants_html(&headers);
    let answer = press(&state, &id, &headers, &body, read_at).await;
    match answer {
        Ok(Answer::Entered(entry)) if json => (StatusCode::CREATED, Json(entry)).into_response(),
        Ok(Answer::Again(entry)) if json => Json(entry).into_response(),
        Ok(Answer::Entered(_) | Answer::Again(_)) => reply::see_other(&format!("/events/{id}"), &[]),
        Ok(Answer::Refused(error)) | Err(error) if json => Refusal(error).into_response(),
        Err(Error::SignedOut) => reply::see_other(&format!("/sign-in?next=/events/{id}"), &[]),
        Ok(Answer::Refused(error)) | Err(error) => {
            pages::refused_form(&state, &headers, &format!("/events/{id}"), error, vec![]).await
        }
    }
}

async fn press(
    state: &AppState,
    id: &str,
    headers: &HeaderMap,
    body: &[u8],
    read_at: model::Time,
) -> Result<Answer, Error> {
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let session = cookies::session(state, headers).await?.ok_or(Error::SignedOut)?;
    let code = if body.is_empty() { None } else { code(body)? };
    state
        .engine
        .press(&session, event, code.as_deref(), read_at)
        .await
        .map_err(engine::Error::public)
}

/// The entry code of a form body.
fn code(body: &[u8]) -> Result<Option<String>, Error> {
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(|_| Error::Malformed)?;
    Ok(fields
        .into_iter()
        .find(|(name, value)| name == "code" && !value.is_empty())
        .map(|(_, value)| value))
}
