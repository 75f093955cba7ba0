//! What every request handler can reach.

use crate::{
    bodies::LargeBodies,
    code::{self, Code},
    config::Config,
    connections::Connections,
    counts::{AtAddress, Counted, Counts, Networks},
    exports::Exports,
    installing::Offline,
    renders::Renders,
    routes::{preview, sitemap::Sitemaps},
    streams::Streams,
    uploads::{self, Uploads},
};
use axum::extract::FromRef;
use engine::{Engine, demo::Demo, pictures::Drawings};
use leptos::config::{Env, LeptosOptions};
use model::MemberId;
use std::{
    net::IpAddr,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::sync::{Semaphore, watch};

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
    /// Those files.
    pub code: Code,
    /// What is shown while the network is away.
    pub offline: Offline,
    /// Whether the program was told to stop: nobody new is to be sent here.
    pub leaving: AtomicBool,
    /// Becomes true when sockets are to end.
    pub stopping: watch::Sender<bool>,
    /// Open live sockets.
    pub sockets: Sockets,
    /// Open streams of notices.
    pub streams: Streams,
    /// Open connections.
    pub connections: Connections,
    /// What bodies hold that are being read.
    pub bodies: LargeBodies,
    /// Pages that are being made, or not yet taken.
    pub renders: Renders,
    /// Pictures on their way here.
    pub uploads: Uploads,
    /// Tables that are being sent.
    pub exports: Exports,
    /// Pictures that are drawn for other sites.
    pub drawings: Drawings,
    /// At which addresses somebody waits for one of them.
    pub drawn_for: Networks,
    /// Places for those who wait until their address has less than its share of them.
    pub drawn_later: Semaphore,
    /// At which addresses they wait: one alone does not have all of those places.
    pub waits_at: Networks,
    /// Places among the site maps that are being sent.
    pub sitemaps: Sitemaps,
}

/// Counts live sockets: in all, and those of each member or else of each address.
#[derive(Clone)]
pub struct Sockets {
    all: Arc<AtomicUsize>,
    networks: Networks,
    members: Counts<MemberId>,
}

/// One counted socket.
pub struct SocketGuard {
    all: Arc<AtomicUsize>,
    _whose: (Option<Counted<MemberId>>, Option<AtAddress>),
}

impl Sockets {
    fn new(most: u32) -> Sockets {
        Sockets { all: Arc::default(), networks: Networks::new(most), members: Counts::new(most) }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }

    /// Counts one more until the guard is dropped, of a member or else of their address; `None` when there are too many.
    pub fn open(&self, member: Option<MemberId>, address: IpAddr) -> Option<SocketGuard> {
        let whose = match member {
            Some(member) => (Some(self.members.take(member)?), None),
            None => (None, Some(self.networks.take(address)?)),
        };
        self.all.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("live_sockets").increment(1);
        Some(SocketGuard { all: self.all.clone(), _whose: whose })
    }
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        self.all.fetch_sub(1, Ordering::Relaxed);
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
            .site_pkg_dir(code::FOLDER)
            .env(Env::PROD)
            .site_addr(config.addr)
            .build();
        let sockets = Sockets::new(config.sockets_per_address);
        let connections =
            Connections::new(config.connections, config.connections_per_address, config.trusted_proxies > 0);
        let (bodies, uploads) = (LargeBodies::default(), Uploads::new(uploads::PATIENCE));
        let renders = Renders::new(config.pages_memory);
        let (leaving, stopping) = (AtomicBool::new(false), watch::channel(false).0);
        let code = Code::read(&config.site_dir);
        let offline = Offline::new(&code.sheet());
        AppState(Arc::new(Shared {
            engine,
            demo,
            config,
            leptos,
            code,
            offline,
            leaving,
            stopping,
            sockets,
            streams: Streams::default(),
            connections,
            bodies,
            renders,
            uploads,
            exports: Exports::default(),
            drawings: Drawings::default(),
            drawn_for: Networks::new(preview::OF_ADDRESS),
            drawn_later: Semaphore::new(preview::WAITING),
            waits_at: Networks::new(preview::WAITING_OF_ADDRESS),
            sitemaps: Sitemaps::default(),
        }))
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> LeptosOptions {
        state.leptos.clone()
    }
}
