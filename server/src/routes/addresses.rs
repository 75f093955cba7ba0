//! Road addresses while one is being typed.

use crate::{
    AppState, cookies,
    reply::{self, Refusal},
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
};
use engine::accounts::Actor;
use serde::Deserialize;

/// What was typed so far.
#[derive(Deserialize)]
pub struct Typed {
    #[serde(default)]
    q: String,
}

/// Road addresses that may be meant, for members; as often as one types a few of them.
pub async fn suggested(
    State(state): State<AppState>,
    Query(Typed { q }): Query<Typed>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = Actor::of(cookies::session(&state, &headers).await?);
    Ok(reply::read(&headers, &state.engine.addresses.find(&actor, &q).await?))
}
