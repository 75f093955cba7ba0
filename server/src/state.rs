//! What every request handler can reach.

use crate::{config::Config, routes::giveaways::Exports};
use axum::extract::FromRef;
use engine::{Engine, demo::Demo};
use leptos::config::{Env, LeptosOptions};
use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    ops::Deref,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
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
    /// Whether the program was told to stop: nobody new is to be sent here.
    pub leaving: AtomicBool,
    /// Becomes true when sockets are to end.
    pub stopping: watch::Sender<bool>,
    /// Open live sockets.
    pub sockets: Sockets,
    /// Tables that are being sent.
    pub exports: Exports,
}

/// Counts live sockets, in all and by address.
#[derive(Clone)]
pub struct Sockets(Arc<Counts>);

struct Counts {
    all: AtomicUsize,
    by_address: Mutex<HashMap<IpAddr, u32>>,
    per_address: u32,
}

/// One counted socket.
pub struct SocketGuard {
    sockets: Sockets,
    address: IpAddr,
}

impl Sockets {
    fn new(per_address: u32) -> Sockets {
        Sockets(Arc::new(Counts { all: AtomicUsize::new(0), by_address: Mutex::default(), per_address }))
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.all.load(Ordering::Relaxed)
    }

    /// Counts one more of `address` until the guard is dropped; `None` when it has too many.
    pub fn open(&self, address: IpAddr) -> Option<SocketGuard> {
        {
            let mut by_address = self.0.by_address.lock().unwrap_or_else(PoisonError::into_inner);
            let open = by_address.entry(address).or_default();
            if *open >= self.0.per_address {
                return None;
            }
            *open += 1;
        }
        self.0.all.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("live_sockets").increment(1);
        Some(SocketGuard { sockets: self.clone(), address })
    }
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        let counts = &self.sockets.0;
        let mut by_address = counts.by_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut open) = by_address.entry(self.address) {
            *open.get_mut() -= 1;
            if *open.get() == 0 {
                open.remove();
            }
        }
        drop(by_address);
        counts.all.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("live_sockets").decrement(1);
    }
}

impl AppState {
    /// State around a started engine.
    pub fn new(engine: Engine, demo: Option<Demo>, config: Config) -> AppState {
        // Pages spawn on this runtime; a second start (in tests) keeps the first.
        let _ = any_spawner::Executor::init_tokio();
        let leptos = LeptosOptions::builder()
            .output_name("fiftynine")
            .site_root(config.site_dir.to_string_lossy().into_owned())
            .site_pkg_dir("pkg")
            .env(Env::PROD)
            .site_addr(config.addr)
            .build();
        let sockets = Sockets::new(config.sockets_per_address);
        let (leaving, stopping) = (AtomicBool::new(false), watch::channel(false).0);
        AppState(Arc::new(Shared {
            engine,
            demo,
            config,
            leptos,
            leaving,
            stopping,
            sockets,
            exports: Exports::default(),
        }))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.leptos.clone()
    }
}
