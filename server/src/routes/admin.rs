//! What admins do.

use crate::{
    AppState,
    cookies::SignedIn,
    pages,
    reply::{self, Refusal},
};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use engine::accounts::Actor;
use model::{Error, Job};

/// Runs a job now, whenever it was due.
pub async fn run_job(
    State(state): State<AppState>,
    Path(job): Path<String>,
    SignedIn(session): SignedIn,
    headers: HeaderMap,
) -> Response {
    let ran = async {
        let job = Job::named(&job).ok_or(Error::NotFound)?;
        state.engine.jobs.run_now(&Actor::Member(session), job).await.map_err(engine::Error::public)
    };
    match ran.await {
        Ok(()) if reply::wants_html(&headers) => reply::see_other("/admin/jobs", &[]),
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) if reply::wants_html(&headers) => {
            pages::refused_form(&state, &headers, "/admin/jobs", error, Vec::new()).await
        }
        Err(error) => Refusal(error).into_response(),
    }
}
