//! The creator's tables as files.

use crate::{AppState, cookies, pages, reply::Refusal, sheets};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::accounts::Actor;
use model::{Error, EventId};

/// Everybody who entered, as `entrants.csv` or `entrants.xlsx`.
pub async fn table(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lang = pages::language(&headers);
    let actor = Actor::of(cookies::session_now(&state, cookies::token(&state, &headers)).await?);
    // Others' addresses are in it.
    actor.creator()?;
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let (kind, body) = match file.as_str() {
        "entrants.csv" => ("text/csv; charset=utf-8", sheets::csv(lang, rows(&state, &actor, event).await?)),
        "entrants.xlsx" => {
            let rows = rows(&state, &actor, event).await?;
            let sheet = tokio::task::spawn_blocking(move || sheets::xlsx(lang, &rows)).await;
            let sheet = sheet.map_err(|_| Error::Internal)?.map_err(|error| {
                tracing::error!(%error, "a spreadsheet cannot be written");
                Error::Internal
            })?;
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", sheet)
        }
        _ => return Err(Error::NotFound.into()),
    };
    let mut response = Response::new(body.into());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{file}\"")).map_err(|_| Error::Internal)?;
    headers.insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// All entrants, read in pages so that no query takes long.
async fn rows(state: &AppState, actor: &Actor, event: EventId) -> Result<Vec<model::Entrant>, Refusal> {
    let mut query = model::EntrantsQuery::default();
    let mut rows = Vec::new();
    loop {
        let page = state.engine.giveaways.entrants(actor, event, &query, 2000).await?;
        query.after = page.last().map(|row| model::Cursor::of(&row.rank));
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
        if rows.len() > sheets::MAX_ROWS {
            return Err(Error::TooLarge.into());
        }
    }
}
