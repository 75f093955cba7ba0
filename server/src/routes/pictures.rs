//! Uploaded pictures.

use crate::{AppState, reply::Refusal};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use model::PictureId;

/// A picture; its address never shows another.
pub async fn picture(
    State(state): State<AppState>,
    Path((id, name)): Path<(PictureId, String)>,
) -> Result<Response, Refusal> {
    let picture = state.engine.pictures.read(id, &name).await?;
    let headers =
        [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    let length = [(header::CONTENT_LENGTH, picture.size)];
    Ok((StatusCode::OK, headers, length, Body::from_stream(picture.bytes)).into_response())
}
