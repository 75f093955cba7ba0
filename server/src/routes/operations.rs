//! For whoever runs the server: is it alive, may it be sent people, how is it doing.

use crate::AppState;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{
    convert::Infallible,
    fmt::Display,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{net::TcpListener, time::timeout};

/// A database that takes longer to answer is away, and so is what writes to it: balancers ask every few seconds, and wait for
/// one or two.
const DATABASE_WITHIN: Duration = Duration::from_secs(1);
/// Whoever reads the metrics takes no longer.
const METRICS_WITHIN: Duration = Duration::from_secs(10);
/// A pause after the system refused a connection: the limit of open files was reached.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);

/// The process answers.
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether people may be sent here: nobody asked the process to stop, none of its essential tasks is dead, it knows the other
/// nodes' time, a demonstration has all that it begins with, the database answers and can be written to. Before it can answer at all it does not listen. Redis is not asked: while it is away nodes are as good as each other.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let not_ready = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    if state.leaving.load(Ordering::Relaxed) {
        return not_ready("stopping\n");
    }
    if state.engine.clock_offset.as_ref().is_some_and(|offset| offset.get().is_none()) {
        return not_ready("starting\n");
    }
    // It can be looked at meanwhile; whoever needs all of it waits for this.
    if state.demo.as_ref().is_some_and(|demo| !demo.is_complete()) {
        return not_ready("demonstration\n");
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

/// Answers `/metrics` in Prometheus' text format, and nothing else, until the program ends.
pub async fn show(listener: Arc<TcpListener>, metrics: PrometheusHandle) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(AFTER_REFUSAL).await;
            continue;
        };
        let metrics = metrics.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let answer = match request.uri().path() {
                "/metrics" => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render()).into_response(),
                _ => StatusCode::NOT_FOUND.into_response(),
            };
            std::future::ready(Ok::<_, Infallible>(answer))
        });
        let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(timeout(METRICS_WITHIN, connection));
    }
}
