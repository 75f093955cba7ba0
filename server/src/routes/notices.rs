//! The forms of the notices' page.

use crate::{
    AppState,
    cookies::SignedIn,
    reply::{self, Refusal},
};
use axum::{extract::State, response::Response};
use engine::accounts::Actor;

/// Marks everything as read.
pub async fn read(State(state): State<AppState>, SignedIn(session): SignedIn) -> Result<Response, Refusal> {
    state.engine.notices.read_all(&Actor::Member(session)).await?;
    Ok(reply::see_other("/notices", &[]))
}

/// Deletes what was read.
pub async fn delete_read(State(state): State<AppState>, SignedIn(session): SignedIn) -> Result<Response, Refusal> {
    state.engine.notices.delete_read(&Actor::Member(session)).await?;
    Ok(reply::see_other("/notices", &[]))
}
