//! What every request handler can reach.

use crate::config::Config;
use axum::extract::FromRef;
use engine::{Engine, demo::Demo};
use leptos::config::{Env, LeptosOptions};
use metrics_exporter_prometheus::PrometheusHandle;
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::watch;

/// Shared by all requests: one pointer, since every request clones it.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What [`AppState`] points to.
pub struct Shared {
    /// Everything the server does.
    pub engine: Engine,
    /// The demonstration, on a demonstration instance.
    pub demo: Option<Demo>,
    /// As started.
    pub config: Config,
    /// How pages find the browser's files.
    pub leptos: LeptosOptions,
    /// Becomes true when the program is to stop.
    pub stopping: watch::Sender<bool>,
    /// Open live sockets.
    pub sockets: Sockets,
    /// Renders `/metrics`.
    pub metrics: Option<PrometheusHandle>,
}

/// Counts live sockets.
#[derive(Clone, Default)]
pub struct Sockets(Arc<AtomicUsize>);

/// One counted socket.
pub struct SocketGuard(Sockets);

impl Sockets {
    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one until the guard is dropped.
    pub fn open(&self) -> SocketGuard {
        self.0.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("live_sockets").increment(1);
        SocketGuard(self.clone())
    }
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("live_sockets").decrement(1);
    }
}

impl AppState {
    /// State around a started engine.
    pub fn new(engine: Engine, demo: Option<Demo>, config: Config, metrics: Option<PrometheusHandle>) -> AppState {
        // Pages spawn on this runtime; a second start (in tests) keeps the first.
        let _ = any_spawner::Executor::init_tokio();
        let leptos = LeptosOptions::builder()
            .output_name("fiftynine")
            .site_root(config.site_dir.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .env(Env::PROD)
            .site_addr(config.addr)
            .build();
        AppState(Arc::new(Shared {
            engine,
            demo,
            config,
            leptos,
            stopping: watch::channel(false).0,
            sockets: Sockets::default(),
            metrics,
        }))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.leptos.clone()
    }
}
