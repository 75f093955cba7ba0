//! Logs for people or, as JSON lines, for a log pipeline.

use tracing_subscriber::{EnvFilter, fmt};

/// Starts logging; `RUST_LOG` filters.
pub fn start(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let logs = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (in tests) keeps the first.
    let _ = if json { logs.json().try_init() } else { logs.with_target(false).compact().try_init() };
}
