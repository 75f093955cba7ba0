//! Uploaded pictures.

use crate::{
    AppState,
    cookies::{self, Address},
    reply::Refusal,
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::accounts::Actor;
use model::{PartyId, PictureId};

/// A picture; its address never shows another. Who asks is looked for in memory alone: pictures are shown while the database is away.
///
/// # Errors
/// [`model::Error::NotFound`] when there is none; [`model::Error::TooMany`] of a flood; the store may fail.
pub async fn picture(
    State(state): State<AppState>,
    Path((id, name)): Path<(PictureId, String)>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    state.engine.limits.pictures(cookies::known(&state, &headers, address))?;
    let picture = state.engine.pictures.read(id, &name).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let length = [(header::CONTENT_LENGTH, picture.size)];
    Ok((StatusCode::OK, headers, length, Body::from_stream(picture.bytes)).into_response())
}

/// The receipt of a party, for its members.
///
/// # Errors
/// As [`engine::parties::Parties::receipt`].
pub async fn receipt(
    State(state): State<AppState>,
    Path(id): Path<PartyId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = Actor::of(cookies::session(&state, &headers).await?);
    let picture = state.engine.parties.receipt(&actor, &state.engine.pictures, id).await?;
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")];
    let length = [(header::CONTENT_LENGTH, picture.size)];
    Ok((StatusCode::OK, headers, length, Body::from_stream(picture.bytes)).into_response())
}
