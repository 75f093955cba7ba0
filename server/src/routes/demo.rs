//! Demonstration instances only: sign in with one click, send a crowd.

use crate::{
    AppState,
    cookies::SignedIn,
    reply::{self, Refusal},
};
use axum::{
    Form, Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use engine::demo::{CROWD_LIMIT, CrowdProgress, Demo, Persona};
use model::{Error, Role};
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
pub async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Refusal> {
    let token = demo(&state)?.sign_in(form.persona).await?;
    Ok(super::forms::signed_in(&state, &headers, token, form.next.as_deref()).await)
}

/// How many people to send.
#[derive(Deserialize)]
pub struct CrowdForm {
    people: Option<usize>,
}

/// Sends a crowd into the next event; only the demonstration creator (or an admin) may.
pub async fn send_crowd(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
    Form(form): Form<CrowdForm>,
) -> Result<Response, Refusal> {
    let demo = demo(&state)?;
    if !session.creator && session.role != Role::Admin {
        return Err(Error::Forbidden.into());
    }
    let people = form.people.unwrap_or(300).clamp(1, CROWD_LIMIT);
    let progress = demo.send_crowd(people).await?;
    if reply::wants_html(&headers) {
        return Ok(reply::see_other(&format!("/events/{}", progress.event), &[]));
    }
    Ok(Json(progress).into_response())
}

/// How far the crowd is.
pub async fn progress(State(state): State<AppState>) -> Result<Json<Option<CrowdProgress>>, Refusal> {
    Ok(Json(demo(&state)?.crowd_progress()))
}
