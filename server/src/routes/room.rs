//! What a room's page asks for beside the socket: older chat, chat as a form, pictures.

use crate::{
    AppState,
    cookies::SignedIn,
    pages,
    reply::{self, Refusal},
};
use axum::{
    Form, Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{Error, EventId, PictureId, RequestId, live::ChatLine};
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
        state.engine.say(&session, event, request, &form.text).await.map_err(engine::Error::public)
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

/// Whoever reloads the address of a form that was refused comes back to the room.
pub async fn to_room(Path(id): Path<EventId>) -> Response {
    reply::see_other(&format!("/events/{id}"), &[])
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
    let bytes = state.engine.pictures.read(id, &name).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((StatusCode::OK, headers, bytes).into_response())
}
