//! For whoever runs the server: is it alive, may it be sent people, how is it doing.

use crate::AppState;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::atomic::Ordering, time::Duration};
use tokio::time::timeout;

/// A database that takes longer to answer is away: balancers ask every few seconds, and wait for one or two.
const DATABASE_WITHIN: Duration = Duration::from_secs(1);

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether people may be sent here: nobody asked the process to stop, it knows the other nodes' time, the database answers.
/// Before it can answer at all it does not listen. Redis is not asked: while it is away nodes are as good as each other.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let not_ready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if state.leaving.load(Ordering::Relaxed) {
        return not_ready("stopping\n");
    }
    if state.engine.clock_offset.as_ref().is_some_and(|offset| offset.get().is_none()) {
        return not_ready("starting\n");
    }
    match timeout(DATABASE_WITHIN, state.engine.db.sql("select 1").exists()).await {
        Ok(Ok(_)) => "ready\n".into_response(),
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready");
            not_ready("database\n")
        }
        Err(_) => {
            tracing::error!("not ready: the database does not answer");
            not_ready("database\n")
        }
    }
}

/// Prometheus text format.
pub async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
