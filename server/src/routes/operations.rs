//! For whoever runs the server: is it alive, may it be sent people, how is it doing.

use crate::AppState;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{fmt::Display, sync::atomic::Ordering, time::Duration};
use tokio::time::timeout;

/// A database that takes longer to answer is away, and so is what writes to it: balancers ask every few seconds, and wait for
/// one or two.
const DATABASE_WITHIN: Duration = Duration::from_secs(1);

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether people may be sent here: nobody asked the process to stop, none of its essential tasks is dead, it knows the other
/// nodes' time, the database answers and can be written to. Before it can answer at all it does not listen. Redis is not asked: while it is away nodes are as good as each other.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let not_ready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if state.leaving.load(Ordering::Relaxed) {
        return not_ready("stopping\n");
    }
    if state.engine.clock_offset.as_ref().is_some_and(|offset| offset.get().is_none()) {
        return not_ready("starting\n");
    }
    if let Some(task) = state.engine.tasks.dead() {
        tracing::error!(task, "not ready: a task is dead");
        return not_ready("tasks\n");
    }
    let db = &state.engine.db;
    let (reads, writes) = tokio::join!(answers(db.sql("select 1").exists()), answers(db.check_writer()));
    match (reads, writes) {
        (true, true) => "ready\n".into_response(),
        (false, _) => not_ready("database\n"),
        (true, false) => not_ready("writer\n"),
    }
}

/// Whether the database answers in time.
async fn answers<T, E: Display>(asked: impl Future<Output = Result<T, E>>) -> bool {
    match timeout(DATABASE_WITHIN, asked).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready");
            false
        }
        Err(_) => {
            tracing::error!("not ready: the database does not answer");
            false
        }
    }
}

/// Prometheus text format.
pub async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
