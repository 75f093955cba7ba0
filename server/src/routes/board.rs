//! `GET /events/{id}/board`: a page for people, JSON for programs, under one address.

use crate::{
    AppState,
    cookies::Address,
    pages,
    reply::{self, Refusal},
};
use app::page;
use axum::{
    Json,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{BOARD_PAGE, Error};
use serde::Deserialize;

/// Which part of the board.
#[derive(Deserialize)]
pub struct From {
    from: Option<u64>,
}

/// The page of the board on which rank `from` stands.
///
/// # Errors
/// [`Error::NotFound`] unless the event is published; [`Error::TooMany`] and [`Error::Busy`] as of pages; the database may fail.
pub async fn board(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<From>,
    Address(address): Address,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Refusal> {
    if reply::wants_html(&headers) || reply::wants_wire(&headers, page::KIND).is_some() {
        return Ok(pages::page(State(state), request).await);
    }
    let event = id.parse().map_err(|_| Error::NotFound)?;
    let share = pages::share(&state, &headers, address).await?;
    let page = state.engine.events.board(event, query.from.unwrap_or(1)).await?;
    // Ranks and times never change: a page differs only by how many entries there are, and marks on its own.
    let full = page.entries.len() as u64 == BOARD_PAGE;
    let marks: String = page.entries.iter().map(|row| format!("{:?}{}", row.state, row.nickname)).collect();
    let hash = engine::ids::hash(&[marks.as_bytes(), &page.total.to_be_bytes()]);
    let etag = format!(
        "\"{}{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}\"",
        u8::from(full),
        hash[0],
        hash[1],
        hash[2],
        hash[3],
        hash[4],
        hash[5]
    );
    let unchanged = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
    let mut response = if unchanged { StatusCode::NOT_MODIFIED.into_response() } else { Json(page).into_response() };
    let answer = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(header::ETAG, etag);
    }
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(share.with(response)?)
}
