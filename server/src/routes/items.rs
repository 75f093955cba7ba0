//! Items while their name is being typed.

use crate::{
    AppState, cookies,
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

/// Items whose name begins so, or with these initial consonants; no faster than people type.
///
/// # Errors
/// [`model::Error::TooMany`]; the database may fail.
pub async fn suggested(
    State(state): State<AppState>,
    Query(Typed { find }): Query<Typed>,
    cookies::Address(address): cookies::Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let who = cookies::searcher(&state, &headers, address).await?;
    state.engine.limits.looking(who)?;
    // No name is longer.
    let find: String = find.chars().take(60).collect();
    Ok(reply::read(&headers, &state.engine.markets.suggest(&find).await?))
}
