//! What others do: an empty handler, a Redis lock per click, a Redis script, a row lock per click in PostgreSQL; a page by a template
//! (see [`template`]).
//!
//! Those of clicks, all but the empty one, check a session and answer with an entry, as ours does. They are given their best settings.

use crate::{
    Failure, broadcast,
    databases::{Database, connect, postgres, redis_server},
    process::{Process, free_address, listening},
    template,
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    routing::post,
};
use redis::{Script, aio::ConnectionManager};
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::sync::Mutex;
use tokio_postgres::Client;

/// Which server to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Which {
    /// Answers 204 and does nothing.
    Empty,
    /// SET NX PX around read and write, spinning while another has it.
    RedisLockSpin,
    /// The same, waiting for the owner's message.
    RedisLockPubsub,
    /// Spinning, and nothing of it on the disk: shown beside, since it loses what it answered.
    RedisLockSpinVolatile,
    /// The same, waiting for the owner's message.
    RedisLockPubsubVolatile,
    /// One script a click, durable by AOF.
    RedisScript,
    /// SELECT … FOR UPDATE a click.
    RowLock,
    /// tokio-tungstenite, sending everybody what anybody gives.
    Broadcast,
    /// The same by axum as it comes.
    AxumBroadcast,
    /// An event's page by axum and maud.
    Template,
}

/// The cookie of session `n`.
pub fn token(n: usize) -> String {
    format!("{n:064x}")
}

/// Who is signed in, by token hash, as in ours but all in memory.
type Sessions = Arc<HashMap<[u8; 32], u64>>;

#[derive(Clone)]
struct App {
    sessions: Sessions,
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    None,
    Lock { locks: ConnectionManager, data: ConnectionManager, released: Option<Arc<tokio::sync::Notify>> },
    Script { redis: ConnectionManager, script: Arc<Script> },
    Rows(Arc<Pool>),
}

struct Pool {
    clients: Vec<Mutex<Client>>,
    next: std::sync::atomic::AtomicUsize,
}

/// Serves until killed.
pub async fn serve(which: Which, address: SocketAddr, database: &str, sessions: usize) -> Result<(), Failure> {
    let sessions = (0..sessions).map(|n| (engine::ids::hash(&[token(n).as_bytes()]), n as u64)).collect();
    let backend = match which {
        Which::Empty | Which::Broadcast | Which::AxumBroadcast | Which::Template => Backend::None,
        Which::RedisLockSpin
        | Which::RedisLockPubsub
        | Which::RedisLockSpinVolatile
        | Which::RedisLockPubsubVolatile => {
            // The lock in memory, what is counted where it is durable.
            let (locks, data) = database.split_once(' ').ok_or("two databases are needed")?;
            let locks = redis::Client::open(locks)?;
            let spins = matches!(which, Which::RedisLockSpin | Which::RedisLockSpinVolatile);
            let released = if spins { None } else { Some(listen(&locks).await?) };
            let data = redis::Client::open(data)?.get_connection_manager().await?;
            Backend::Lock { locks: locks.get_connection_manager().await?, data, released }
        }
        Which::RedisScript => {
            let redis = redis::Client::open(database)?.get_connection_manager().await?;
            Backend::Script { redis, script: Arc::new(Script::new(SCRIPT)) }
        }
        Which::RowLock => {
            let mut clients = Vec::new();
            for _ in 0..16 {
                clients.push(Mutex::new(connect(database).await?));
            }
            Backend::Rows(Arc::new(Pool { clients, next: 0.into() }))
        }
    };
    let app = App { sessions: Arc::new(sessions), backend };
    let router = match which {
        Which::Empty => Router::new().route("/events/{id}/enter", post(|| async { StatusCode::NO_CONTENT })),
        Which::AxumBroadcast => broadcast::axum(),
        Which::Template => template::router(database).await?,
        _ => Router::new().route("/events/{id}/enter", post(enter)).with_state(app),
    };
    let listener = tokio::net::TcpListener::bind(address).await?;
    if which == Which::Broadcast {
        return broadcast::plain(listener).await;
    }
    axum::serve(listener, router).await?;
    Ok(())
}

/// Hears when the lock is released.
async fn listen(client: &redis::Client) -> Result<Arc<tokio::sync::Notify>, Failure> {
    let released = Arc::new(tokio::sync::Notify::new());
    let heard = released.clone();
    let mut messages = client.get_async_pubsub().await?;
    messages.subscribe("released").await?;
    tokio::spawn(async move {
        use futures::StreamExt;
        let mut stream = messages.on_message();
        while stream.next().await.is_some() {
            heard.notify_one();
        }
    });
    Ok(released)
}

/// First click counts; rank and time in one place, under one command.
const SCRIPT: &str = "
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
local rank = redis.call('HLEN', KEYS[1]) + 1
local entry = rank .. ':' .. ARGV[2]
redis.call('HSET', KEYS[1], ARGV[1], entry)
return entry";

async fn enter(State(app): State<App>, headers: HeaderMap) -> Result<(StatusCode, String), StatusCode> {
    let cookie = headers.get(header::COOKIE).and_then(|c| c.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
    let token = cookie.strip_prefix("session=").ok_or(StatusCode::UNAUTHORIZED)?;
    let member = *app.sessions.get(&engine::ids::hash(&[token.as_bytes()])).ok_or(StatusCode::UNAUTHORIZED)?;
    let rank = match app.backend {
        Backend::None => 0,
        Backend::Lock { locks, data, released } => {
            locked(locks, data, released.as_deref(), member).await.map_err(failed)?
        }
        Backend::Script { mut redis, script } => {
            let entry: String =
                script.key("entries").arg(member).arg(now()).invoke_async(&mut redis).await.map_err(failed)?;
            entry.split(':').next().and_then(|rank| rank.parse().ok()).unwrap_or(0)
        }
        Backend::Rows(pool) => row_locked(&pool, member).await.map_err(failed)?,
    };
    let now = now();
    Ok((
        StatusCode::CREATED,
        format!("{{\"rank\":{rank},\"entered_at_us\":{now},\"since_open_us\":60000000,\"state\":\"won\"}}"),
    ))
}

/// What a request is told that came to nothing; why is said on the terminal.
pub fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("baseline: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

#[allow(clippy::disallowed_methods)]
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros() as u64
}

async fn locked(
    mut locks: ConnectionManager,
    mut data: ConnectionManager,
    released: Option<&tokio::sync::Notify>,
    member: u64,
) -> redis::RedisResult<u64> {
    let mine = now() ^ member << 20;
    loop {
        let got: Option<String> =
            redis::cmd("SET").arg("lock").arg(mine).arg("NX").arg("PX").arg(3000).query_async(&mut locks).await?;
        if got.is_some() {
            break;
        }
        match released {
            Some(released) => drop(tokio::time::timeout(Duration::from_millis(100), released.notified()).await),
            None => tokio::time::sleep(Duration::from_millis(1)).await,
        }
    }
    let rank: Option<u64> = redis::cmd("GET").arg("count").query_async(&mut data).await?;
    let rank = rank.unwrap_or(0) + 1;
    redis::pipe().set("count", rank).hset("entries", member, rank).ignore().exec_async(&mut data).await?;
    let unlock = Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) redis.call('PUBLISH', 'released', '1') end",
    );
    let () = unlock.key("lock").arg(mine).invoke_async(&mut locks).await?;
    Ok(rank)
}

async fn row_locked(pool: &Pool, member: u64) -> Result<u64, tokio_postgres::Error> {
    let index = pool.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % pool.clients.len();
    let mut client = pool.clients[index].lock().await;
    let tx = client.transaction().await?;
    let lock = tx.prepare("select total from events where id = 1 for update").await?;
    let total: i64 = tx.query_one(&lock, &[]).await?.get(0);
    let insert = tx.prepare("insert into entries (member_id, rank, entered_at) values ($1, $2, $3)").await?;
    tx.execute(&insert, &[&(member as i64), &(total + 1), &(now() as i64)]).await?;
    let update = tx.prepare("update events set total = $1 where id = 1").await?;
    tx.execute(&update, &[&(total + 1)]).await?;
    tx.commit().await?;
    Ok(total as u64 + 1)
}

/// A baseline with the databases behind it.
pub struct Baseline {
    pub address: SocketAddr,
    pub server: Process,
    databases: Vec<Database>,
}

impl Baseline {
    /// Starts one with empty data.
    pub async fn start(which: Which, sessions: usize) -> Result<Baseline, Failure> {
        let volatile = ["--appendonly", "no", "--save", ""];
        let durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
        let databases = match which {
            Which::Empty | Which::Broadcast | Which::AxumBroadcast | Which::Template => vec![],
            Which::RowLock => vec![with_rows(postgres().await?).await?],
            Which::RedisLockSpin | Which::RedisLockPubsub => {
                vec![redis_server(&volatile).await?, redis_server(&durable).await?]
            }
            Which::RedisLockSpinVolatile | Which::RedisLockPubsubVolatile => {
                vec![redis_server(&volatile).await?, redis_server(&volatile).await?]
            }
            Which::RedisScript => vec![redis_server(&durable).await?],
        };
        let url = databases.iter().map(|database| database.url.as_str()).collect::<Vec<_>>().join(" ");
        Baseline::start_on(which, &url, sessions, databases).await
    }

    /// Starts [`Which::Template`] on a data folder of the product's that nobody else serves.
    pub async fn template(folder: &Path) -> Result<Baseline, Failure> {
        Baseline::start_on(Which::Template, &folder.to_string_lossy(), 0, Vec::new()).await
    }

    async fn start_on(which: Which, url: &str, sessions: usize, databases: Vec<Database>) -> Result<Baseline, Failure> {
        let address = free_address()?;
        let name =
            clap::ValueEnum::to_possible_value(&which).map(|value| value.get_name().to_owned()).unwrap_or_default();
        let server = Process::start(
            &std::env::current_exe()?,
            &[
                "baseline",
                &name,
                "--addr",
                &address.to_string(),
                "--database",
                url,
                "--sessions",
                &sessions.to_string(),
            ],
        )?;
        listening(address).await?;
        Ok(Baseline { address, server, databases })
    }

    /// Processor time of server and databases, in seconds.
    pub fn cpu(&self) -> f64 {
        self.server.cpu() + self.databases.iter().map(|database| database.process.cpu()).sum::<f64>()
    }
}

/// With what [`row_locked`] writes to.
async fn with_rows(database: Database) -> Result<Database, Failure> {
    let client = connect(&database.url).await?;
    client
        .batch_execute(
            "create table events (id bigint primary key, total bigint not null);
             create table entries (member_id bigint primary key, rank bigint unique not null, entered_at bigint not null);
             insert into events values (1, 0)",
        )
        .await?;
    Ok(database)
}
