//! Items while their name is being typed.

use crate::{
    AppState,
    reply::{self, Refusal},
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;

/// What was typed so far.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    find: String,
}

/// Items whose name begins so, or with these initial consonants.
pub async fn suggested(
    State(state): State<AppState>,
    Query(Typed { find }): Query<Typed>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // No name is longer.
    let find: String = find.chars().take(60).collect();
    Ok(reply::read(&headers, &state.engine.markets.suggest(&find).await?))
}
