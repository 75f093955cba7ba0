//! What is kept of somebody, as one file for them.

use crate::{AppState, Failure, cookies, files, pages, reply::Refusal};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::accounts::Actor;
use futures::{StreamExt, stream};
use model::text;

/// Everything, read while it is sent, as fast as its reader takes it; one at a time for each member. What fails in the middle breaks off:
/// what came is no document then.
pub async fn download(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    let lang = pages::language(&headers);
    let actor = Actor::of(cookies::session_now(&state, cookies::token(&state, &headers)).await?);
    let export = state.exports.begin(actor.signed_in()?.member)?;
    let mut download = state.engine.personal.download(&actor).await?;
    // Refused before anything is sent.
    let first = download.next().await?;
    let sending = (first.map(Bytes::from), download, export);
    let pieces = stream::try_unfold(sending, |(ready, mut download, export)| async move {
        let piece = match ready {
            Some(ready) => Some(ready),
            None => download.next().await.map_err(|error| Failure::from(error.public()))?.map(Bytes::from),
        };
        Ok::<_, Failure>(piece.map(|piece| (piece, (None, download, export))))
    });
    // Compression looks again after the end.
    let mut response = Response::new(Body::from_stream(pieces.fuse()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let name = text::file_name(state.engine.clock.now(), lang.site(), lang.data_file(), "json");
    headers.insert(header::CONTENT_DISPOSITION, files::named("attachment", &name));
    Ok(response)
}
