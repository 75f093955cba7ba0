//! Demonstration instances only: sign in with one click, see how far a crowd is.

use crate::{AppState, reply::Refusal};
use app::paths;
use axum::{Form, Json, extract::State, http::HeaderMap, response::Response};
use engine::demo::{CrowdProgress, Demo, Persona};
use model::Error;
use serde::Deserialize;

/// Whom to be.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(rename = "as")]
    persona: Persona,
    next: Option<String>,
}

fn demo(state: &AppState) -> Result<&Demo, Error> {
    state.demo.as_ref().ok_or(Error::NotFound)
}

/// Signs in as a demonstration member.
///
/// # Errors
/// [`Error::NotFound`] where there is no demonstration, or nobody can be its admin; the database may fail.
pub async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Refusal> {
    let token = demo(&state)?.sign_in(form.persona).await?;
    let next = form.next.as_deref();
    let next = match form.persona {
        // What waits for them is on no page that others read.
        Persona::Admin => next.filter(|next| next.starts_with(paths::ADMIN)).or(Some(paths::ADMIN)),
        Persona::Shopper | Persona::Creator | Persona::Neighbour | Persona::Seller => next,
    };
    Ok(super::accounts::signed_in(&state, &headers, token, next).await)
}

/// How far the crowd is.
///
/// # Errors
/// [`Error::NotFound`] where there is no demonstration.
pub async fn progress(State(state): State<AppState>) -> Result<Json<Option<CrowdProgress>>, Refusal> {
    Ok(Json(demo(&state)?.crowd_progress()))
}
