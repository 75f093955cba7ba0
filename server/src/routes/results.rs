//! What comes after the click: the winner's form, sending and disqualifying, the creator's tables as files.

use crate::{
    AppState,
    cookies::{Anyone, SignedIn},
    pages,
    reply::{self, Refusal},
    sheets,
};
use axum::{
    Form,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::{accounts::Actor, giveaways::WinnerForm};
use model::{Delivery, Error, EventId};
use serde::Deserialize;

/// The winner's form.
#[derive(Deserialize)]
pub struct ClaimForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    postcode: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    detail: String,
    consent: Option<String>,
    save: Option<String>,
}

/// Takes in a winner's form.
pub async fn claim(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Anyone(session): Anyone,
    headers: HeaderMap,
    Form(form): Form<ClaimForm>,
) -> Response {
    let result = format!("/events/{id}/result");
    let Some(session) = session else {
        return reply::see_other(&format!("/sign-in?next={result}"), &[]);
    };
    let ClaimForm { name, phone, postcode, address, detail, consent, save } = form;
    let typed =
        [("name", &name), ("phone", &phone), ("postcode", &postcode), ("address", &address), ("detail", &detail)];
    let mut typed: Vec<_> = typed.map(|(name, value)| (name.to_owned(), value.clone())).into();
    let ticks = [("consent", &consent), ("save", &save)];
    typed.extend(ticks.iter().filter(|(_, on)| on.is_some()).map(|(name, _)| ((*name).to_owned(), "yes".to_owned())));
    let filled = async {
        let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
        let delivery = Delivery { name, phone, postcode, address, detail };
        let form = WinnerForm { delivery, consent: consent.is_some(), save: save.is_some() };
        state.engine.giveaways.fill(&Actor::Member(session), event, &form).await.map_err(engine::Error::public)
    };
    match filled.await {
        Ok(()) => reply::see_other(&result, &[]),
        Err(error) => pages::refused_form(&state, &headers, &result, error, typed).await,
    }
}

/// The form of a row in the creator's table.
#[derive(Deserialize)]
pub struct RowForm {
    #[serde(default)]
    reason: String,
}

/// Marks a prize as sent.
pub async fn sent(
    State(state): State<AppState>,
    Path((id, rank)): Path<(String, u64)>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
        state.engine.giveaways.send(&Actor::Member(session), event, rank).await.map_err(engine::Error::public)
    };
    back_to_table(&state, &headers, &id, done.await).await
}

/// Takes an entry out of the event.
pub async fn disqualify(
    State(state): State<AppState>,
    Path((id, rank)): Path<(String, u64)>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(form): Form<RowForm>,
) -> Response {
    let done = async {
        let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
        state
            .engine
            .giveaways
            .disqualify(&Actor::Member(session), event, rank, &form.reason)
            .await
            .map_err(engine::Error::public)
    };
    back_to_table(&state, &headers, &id, done.await).await
}

async fn back_to_table(state: &AppState, headers: &HeaderMap, id: &str, done: Result<(), Error>) -> Response {
    let table = format!("/creator/events/{id}");
    match done {
        Ok(()) => reply::see_other(&table, &[]),
        Err(error) => pages::refused_form(state, headers, &table, error, Vec::new()).await,
    }
}

/// Everybody who entered, as `entrants.csv` or `entrants.xlsx`.
pub async fn table(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lang = pages::language(&headers);
    let actor = Actor::Member(session);
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
