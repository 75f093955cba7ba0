//! What may be meant by what is being typed into the search.

use crate::{
    AppState, cookies,
    reply::{self, Refusal},
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use model::search::MAX_QUERY;
use serde::Deserialize;

/// What was typed so far.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

/// Suggestions for it.
///
/// # Errors
/// [`model::Error::TooMany`]; the database may fail.
pub async fn suggestions(
    State(state): State<AppState>,
    cookies::Address(address): cookies::Address,
    Query(Typed { q }): Query<Typed>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let typed: String = q.chars().take(MAX_QUERY).collect();
    let who = cookies::searcher(&state, &headers, address).await?;
    Ok(reply::read(&headers, &state.engine.search.suggest(who, &typed).await?))
}
