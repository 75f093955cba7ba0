//! Older lines of chat.

use crate::{
    AppState,
    reply::{self, Refusal},
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use model::Error;
use serde::Deserialize;

/// Where to go on reading.
#[derive(Deserialize)]
pub struct Before {
    before: Option<u64>,
}

/// Lines of chat before a number, oldest first.
///
/// # Errors
/// [`Error::NotFound`] for no event; the database may fail.
pub async fn chat(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<Before>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let event = id.parse().map_err(|_| Error::NotFound)?;
    Ok(reply::read(&headers, &state.engine.chat.lines(event, query.before).await?))
}
