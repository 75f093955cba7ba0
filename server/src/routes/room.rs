//! What a room's page asks for beside the socket: older chat, chat as a form, pictures.

use crate::{
    AppState,
    cookies::SignedIn,
    pages,
    reply::{self, Refusal},
};
use axum::{
    Form, Json,
    body::Body,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::accounts::Actor;
use model::{Error, EventId, Moderation, PictureId, RequestId, live::ChatLine};
use serde::Deserialize;

/// Where to go on reading.
#[derive(Deserialize)]
pub struct Before {
    before: Option<u64>,
}

/// Lines of chat before a number, oldest first.
pub async fn chat(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<Before>,
) -> Result<Json<Vec<ChatLine>>, Refusal> {
    let event = id.parse().map_err(|_| Error::NotFound)?;
    Ok(Json(state.engine.chat.lines(event, query.before).await?))
}

/// The chat form.
#[derive(Deserialize)]
pub struct Say {
    request: String,
    text: String,
}

/// Says a line, for browsers without the live socket.
pub async fn say(
    State(state): State<AppState>,
    Path(id): Path<String>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(form): Form<Say>,
) -> Response {
    let said = async {
        let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
        let request: RequestId = form.request.parse().map_err(|_| Error::Malformed)?;
        state.engine.chat.say(&Actor::Member(session), event, request, &form.text).await.map_err(engine::Error::public)
    };
    match said.await {
        Ok(()) => reply::see_other(&format!("/events/{id}#chat"), &[]),
        Err(error) if reply::wants_html(&headers) => {
            let typed = vec![("text".to_owned(), form.text.clone())];
            pages::refused_form(&state, &headers, &format!("/events/{id}"), error, typed).await
        }
        Err(error) => Refusal(error).into_response(),
    }
}

/// What is done about a line.
#[derive(Deserialize)]
pub struct ModerationForm {
    what: Moderation,
    next: Option<String>,
}

/// Hides a line, mutes its author, reports it.
pub async fn moderate(
    State(state): State<AppState>,
    Path((id, number)): Path<(EventId, u64)>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(form): Form<ModerationForm>,
) -> Response {
    match state
        .engine
        .chat
        .moderate(&Actor::Member(session), id, number, form.what)
        .await
        .map_err(engine::Error::public)
    {
        Ok(()) if reply::wants_html(&headers) => {
            let room = format!("/events/{id}#chat");
            reply::see_other(form.next.as_deref().map_or(room.as_str(), |next| reply::local_path(Some(next))), &[])
        }
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) if reply::wants_html(&headers) => {
            pages::refused_form(&state, &headers, &format!("/events/{id}"), error, Vec::new()).await
        }
        Err(error) => Refusal(error).into_response(),
    }
}

/// Whoever reloads the address of a form that was refused comes back to the room.
pub async fn to_room(Path(id): Path<EventId>) -> Response {
    reply::see_other(&format!("/events/{id}"), &[])
}

/// The same for a line of chat.
pub async fn line_to_room(Path((id, _)): Path<(EventId, u64)>) -> Response {
    reply::see_other(&format!("/events/{id}#chat"), &[])
}

/// The same for the winner's form.
pub async fn to_result(Path(id): Path<EventId>) -> Response {
    reply::see_other(&format!("/events/{id}/result"), &[])
}

/// A picture; its address never shows another.
pub async fn picture(
    State(state): State<AppState>,
    Path((id, name)): Path<(PictureId, String)>,
) -> Result<Response, Refusal> {
    let picture = state.engine.pictures.read(id, &name).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let length = [(header::CONTENT_LENGTH, picture.size)];
    Ok((StatusCode::OK, headers, length, Body::from_stream(picture.bytes)).into_response())
}
