//! Older lines of chat.

use crate::{
    AppState,
    cookies::Address,
    pages,
    reply::{self, Refusal},
};
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use model::{Cursor, Error};
use serde::Deserialize;

/// Where to go on reading.
#[derive(Deserialize)]
pub struct Before {
    before: Option<Cursor>,
}

/// Lines of chat, oldest first: the newest, or from where a cursor goes on towards older ones.
///
/// # Errors
/// [`Error::NotFound`] for no event, and for a cursor of another list; [`Error::TooMany`] and [`Error::Busy`] as of pages; the database
/// may fail.
pub async fn chat(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<Before>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let event = id.parse().map_err(|_| Error::NotFound)?;
    let share = pages::share(&state, &headers, address).await?;
    let lines = state.engine.chat.lines(event, query.before.as_ref()).await?;
    // Nor is anything said where there is no event.
    if lines.is_empty() && state.engine.turnstile.event(event).await?.rules.moments.published_at.is_none() {
        return Err(Error::NotFound.into());
    }
    Ok(share.with(reply::read(&headers, &lines))?)
}
