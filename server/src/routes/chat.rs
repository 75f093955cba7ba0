//! Older lines of chat, for programs.

use crate::{AppState, reply::Refusal};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use model::{Error, live::ChatLine};
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
