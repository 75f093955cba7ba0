//! HTTP around the engine: middleware, plain forms, pages, the live socket.

#![recursion_limit = "512"]
#![warn(clippy::missing_errors_doc)]

pub mod administration;
mod bodies;
mod changes;
mod code;
pub mod config;
mod connections;
mod cookies;
mod counts;
pub mod demo;
mod error_page;
mod exports;
mod files;
mod front;
mod installing;
pub mod live;
pub mod logs;
mod middleware;
mod outside;
mod pages;
mod progress;
mod providers;
mod renders;
mod reply;
pub mod routes;
mod sheets;
mod state;
mod streams;
mod uploads;

pub use state::AppState;

/// What its own tests look at (`tests/it/inside`): they stand beside the library, so that it is built once.
#[doc(hidden)]
pub mod inside {
    pub use crate::{
        bodies::deadline,
        cookies::forwarded,
        counts::Networks,
        files::named as disposition,
        installing::{Offline, VERSION as WORKER_VERSION},
        live::{
            size_at_rest as socket_at_rest,
            wire::{MAX_HEAD, MAX_WAITING, Stream, Wire, put},
        },
        middleware::logged,
        renders::{LOOK_AGAIN, Renders, SentPages, USUAL},
        reply::local_path,
        routes::{
            demo::is_local,
            enter::wish,
            notices::{after, comes_back, size_at_rest as stream_at_rest},
            qr::drawn as qr_code,
            sitemap::{MONTHS, Sitemaps, months, named as listing},
            tickets::{LINE as CALENDAR_LINE, file as calendar},
        },
        sheets::{moment, quoted, seconds, serial},
        streams::{MOST as STREAMS, Streams},
        uploads::Uploads,
    };
}

use config::{Config, DemoAdmin};
use engine::{
    Engine,
    accounts::Passwords,
    clock::Clock,
    cluster::Redis,
    db::Db,
    demo::Demo,
    markets::{self, Imported},
    payments::ProviderAnswer,
    tasks::Tasks,
};
use metrics_exporter_prometheus::PrometheusHandle;
use progress::Progress;
use routes::operations;
use std::{
    future::Future,
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// How long connections, and then sockets, may take to say goodbye at shutdown.
const GOODBYE: Duration = Duration::from_secs(5);

/// Open files that are no connections: databases, pictures, pages.
const FILES: usize = 512;

/// How often histograms are drained.
const DRAIN_EVERY: Duration = Duration::from_secs(5);

/// Anything that ends a command.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Starts the engine that `config` describes, by the machine's clock.
///
/// # Errors
/// When the database, Redis or the place of pictures cannot be used: one line that says what to do.
pub async fn engine(config: &Config) -> Result<Engine, Failure> {
    engine_on(config, config.database().await?, Clock::system(), Tasks::new()).await
}

/// The same on any database, by any clock.
///
/// # Errors
/// As [`engine`].
pub async fn engine_on(config: &Config, db: Db, clock: Clock, tasks: Tasks) -> Result<Engine, Failure> {
    let passwords = if config.weak_passwords { Passwords::weak()? } else { Passwords::new()? };
    // Empty is what a file of settings says that leaves it out.
    let redis = match config.redis_url.as_ref().filter(|url| !url.is_empty()) {
        Some(url) => Some(Redis::connect(url, &config.redis_prefix, &tasks).await?),
        None => None,
    };
    if redis.is_some() && config.database_url.is_none() {
        return Err("REDIS_URL is for several nodes, which share a database: set DATABASE_URL as well".into());
    }
    let pictures = config.pictures().await?;
    let engine = Engine::start_with(db, pictures, clock, passwords, redis, config.services()?, tasks).await;
    config.check_businesses(&engine.sellers).await?;
    check_keys(&engine).await?;
    check_mail(&engine).await;
    check_kakao(&engine).await;
    Ok(engine)
}

/// Asks those who take payments whether they take our keys, and says who is there.
///
/// # Errors
/// When one of them refuses its keys. One that does not answer is not waited for.
async fn check_keys(engine: &Engine) -> Result<(), Failure> {
    for (name, answer) in engine.payments.check_keys().await {
        match answer {
            ProviderAnswer::Ok(()) => tracing::info!("payments are taken by {name}"),
            ProviderAnswer::Unknown(why) => {
                tracing::warn!(why, "payments are taken by {name}, which does not answer now");
            }
            ProviderAnswer::Declined(_) => {
                return Err(format!("{name} refuses the keys that are configured for it").into());
            }
        }
    }
    for (name, payments, refunds) in engine.payments.left_behind().await? {
        tracing::warn!(
            payments,
            refunds,
            "payments and refunds wait for {name}, which is not configured: nobody is asked"
        );
    }
    Ok(())
}

/// Says whether the mail server that is configured takes us; it is not waited for, and may be there later.
async fn check_mail(engine: &Engine) {
    match engine.channels.check_mail().await {
        None => {}
        Some(Ok(())) => tracing::info!("notices can be mailed"),
        Some(Err(why)) => tracing::warn!(why, "the mail server (FIFTYNINE_SMTP_URL) does not take us now"),
    }
}

/// Says whether Kakao answers where members sign in by it; it may be there later.
async fn check_kakao(engine: &Engine) {
    match engine.accounts.check_kakao().await {
        None => {}
        Some(Ok(())) => tracing::info!("members can sign in by Kakao"),
        Some(Err(why)) => {
            tracing::warn!(why, "Kakao (FIFTYNINE_KAKAO_ISSUER), by which members sign in, does not answer now");
        }
    }
}

/// Serves until SIGTERM or Ctrl-C, then answers what was accepted.
///
/// # Errors
/// When it cannot start: see [`engine`]; or when its address is taken.
pub async fn serve(mut config: Config) -> Result<(), Failure> {
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    // A socket is an open file: as many as the system allows.
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) => {
            tracing::debug!(files, "open files");
            config.connections =
                config.connections.min(usize::try_from(files).unwrap_or(usize::MAX).saturating_sub(FILES));
        }
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
    let engine = engine(&config).await?;
    let demo = if config.demo {
        Some(Demo::start(&engine, config.demo_admin != DemoAdmin::Nobody).await?)
    } else {
        Demo::ended(&engine).await?;
        None
    };
    let stop = stop_signal()?;
    let listener = front::listen(config.addr)?;
    let address = listener.local_addr()?;
    tracing::info!("59초 is open at http://{address}");
    if let Some(address) = config.metrics_addr {
        let listener = Arc::new(front::listen(address)?);
        tracing::info!("metrics are at http://{}/metrics", listener.local_addr()?);
        let shown = metrics.clone();
        engine.tasks.restarting("metrics address", move || operations::show(listener.clone(), shown.clone()));
    }
    engine.tasks.restarting("metrics", move || drain(metrics.clone()));
    let state = AppState::new(engine, demo, config);
    serve_on(listener, state, stop).await
}

/// Drains histograms, which grow until then.
async fn drain(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(DRAIN_EVERY).await;
        metrics.run_upkeep();
    }
}

/// Serves on a listener until `stop` resolves.
///
/// # Errors
/// None: what goes wrong meanwhile is answered or logged.
pub async fn serve_on(
    listener: TcpListener,
    state: AppState,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failure> {
    let leaving = state.clone();
    let stopped = async move {
        stop.await;
        tracing::info!("stopping: answering what was accepted");
        leaving.leaving.store(true, Ordering::Relaxed);
        // Before nobody can press here any more: clicks are sequenced elsewhere from now on.
        let handing_over = async {
            tokio::join!(leaving.engine.turnstile.hand_over(), leaving.engine.jobs.leave());
        };
        let handing_over = tokio::time::timeout(GOODBYE, handing_over);
        let draining = tokio::time::sleep(Duration::from_secs(leaving.config.drain_seconds));
        if let (Err(_), ()) = tokio::join!(handing_over, draining) {
            tracing::warn!("another node takes over by itself");
        }
        leaving.stopping.send_replace(true);
    };
    front::serve(listener, state.clone(), stopped, GOODBYE).await;
    // Upgraded connections are no longer the front's.
    let waiting = async {
        while state.sockets.count() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(GOODBYE, waiting).await.is_err() {
        tracing::warn!(sockets = state.sockets.count(), "sockets were still open");
    }
    // Nobody waits for an answer any more.
    state.engine.tasks.stop(GOODBYE).await;
    Ok(())
}

/// Resolves when the program is to stop. Listens from this call on, not from when it is first waited for: whoever saw the address
/// open may send the signal.
///
/// # Errors
/// When the system gives no handler.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// `fiftynine check`: prints what is wrong and fails when anything is.
///
/// # Errors
/// When the database cannot be opened or read, and when the data breaks its promises.
pub async fn check(config: &Config) -> Result<(), Failure> {
    report(&config.database().await?).await
}

/// `fiftynine import-items`: takes the catalogue's items, and says how far it is.
///
/// # Errors
/// When the catalogue that is configured cannot be read; the database may fail. What was written stays.
pub async fn import_items(config: &Config) -> Result<(), Failure> {
    let (db, clock) = (config.database().await?, Clock::system());
    let done = match config.catalogue()? {
        Some(catalogue) => {
            let progress = Progress::new();
            let tell = |done: Imported| progress.say(done.read, done.total, &format!("rows, {} new items", done.added));
            let done = markets::import_items(&db, &clock, &catalogue, markets::AT_ONCE, tell).await;
            progress.end();
            done.map_err(|error| {
                format!("{error}\nWhat was written stays: run it again, and it goes on with what is missing.")
            })?
        }
        None => {
            println!(
                "No catalogue is configured (FIFTYNINE_CATALOGUE_URL): these are the items that come with the program."
            );
            markets::import_included(&db, &clock).await?
        }
    };
    println!("{} rows, {} new items, {} rows without a name to use", done.total, done.added, done.left_out);
    Ok(())
}

/// `fiftynine migrate-data`: from the data folder into PostgreSQL, and whether it is all in order there.
///
/// # Errors
/// Without DATABASE_URL; when pictures or data cannot be carried over; when what arrived breaks its promises.
pub async fn migrate_data(config: &Config) -> Result<(), Failure> {
    let url =
        &config.database_url.as_ref().ok_or("DATABASE_URL says where to: set it to an empty PostgreSQL database")?.0;
    // Before the data: what fails here leaves nothing carried over, and may be repeated.
    let folder = config.data_dir.join("pictures");
    let copied = match config.bucket()? {
        Some(bucket) => Some((config.pictures().await?.take_over(&folder).await?, bucket)),
        None => None,
    };
    for (table, rows) in engine::db::transfer(&config.data_dir, url).await? {
        println!("{rows:>10} {table}");
    }
    report(&Db::connect(url).await?).await?;
    match copied {
        Some((count, bucket)) => println!("{count} uploaded pictures were copied to {bucket}."),
        None => println!(
            "Uploaded pictures stay in {}: serve with it, or set FIFTYNINE_PICTURES to have them copied to a bucket.",
            folder.display()
        ),
    }
    Ok(())
}

async fn report(db: &Db) -> Result<(), Failure> {
    let (events, violations) = engine::check(db).await?;
    for violation in &violations {
        println!("{violation}");
    }
    println!("{events} events checked, {} violations", violations.len());
    let (payments, wrong) = engine::check_payments(db).await?;
    for wrong in &wrong {
        println!("{wrong}");
    }
    println!("{payments} payments checked, {} violations", wrong.len());
    if violations.is_empty() && wrong.is_empty() { Ok(()) } else { Err("the data breaks its promises".into()) }
}
