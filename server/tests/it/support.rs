//! A server of its own for every test, and people who use it.

use clap::Parser;
use engine::accounts::Actor;
use engine::{
    Engine,
    accounts::{Passwords, SessionToken},
    clock::Clock,
    db::Db,
    events::Pictures,
    tasks::Tasks,
};
use model::{Category, Entry, EventDraft, EventId, HOUR, MemberId, Offer, Prize, PrizeKind, RequestId, Time};
use reqwest::{Response, header};
use server::{
    AppState,
    config::{Config, Secret},
};
use std::{net::SocketAddr, path::Path, sync::Arc};
use testing::{On, Place};
use tokio::sync::oneshot;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

/// The most sockets from here.
pub const SOCKETS: u32 = 60;

/// Configuration for a place of a test's own.
pub fn config(place: &Place) -> Config {
    Config { database_url: place.url().map(|url| Secret(url.to_owned())), ..config_in(place.folder()) }
}

/// Configuration for a data folder.
pub fn config_in(folder: &Path) -> Config {
    let mut config = Arguments::parse_from(["fiftynine"]).config;
    config.database_url = None;
    config.pictures = None;
    config.data_dir = folder.to_owned();
    config.weak_passwords = true;
    config.sockets_per_address = SOCKETS;
    config
}

/// What nodes of one site share: a database of PostgreSQL's, and keys in Redis.
pub struct Cluster {
    place: Arc<Place>,
    prefix: String,
    pub redis_url: String,
}

impl Cluster {
    pub fn new() -> Cluster {
        let redis_url = std::env::var("FIFTYNINE_TEST_REDIS_URL").expect("run tests through scripts/with-services");
        Cluster::on_redis(redis_url)
    }

    pub fn on_redis(redis_url: String) -> Cluster {
        let prefix = format!("test-{:016x}", u64::from_be_bytes(engine::ids::random()));
        Cluster { place: Arc::new(Place::new(On::Postgres)), prefix, redis_url }
    }

    /// Of one node.
    pub fn config(&self) -> Config {
        let redis_url = Some(self.redis_url.parse().unwrap());
        Config { redis_url, redis_prefix: self.prefix.clone(), ..config(&self.place) }
    }
}

pub struct Site {
    pub engine: Engine,
    pub address: SocketAddr,
    place: Arc<Place>,
    stop: Option<oneshot::Sender<()>>,
}

impl Site {
    pub async fn start(on: On) -> Site {
        Site::with_clock(on, Clock::system()).await
    }

    pub async fn with_clock(on: On, clock: Clock) -> Site {
        let place = Place::new(on);
        let engine = engine_on(&config(&place), clock).await;
        Site::serve(engine, Arc::new(place)).await
    }

    /// One of several nodes.
    pub async fn node(cluster: &Cluster) -> Site {
        let db = cluster.config().database().await.unwrap();
        Site::node_on(cluster, db, Clock::system()).await
    }

    pub async fn node_on(cluster: &Cluster, db: Db, clock: Clock) -> Site {
        let engine = server::engine_on(&cluster.config(), db, clock, Tasks::surviving()).await.unwrap();
        Site::serve(engine, cluster.place.clone()).await
    }

    pub async fn serve(engine: Engine, place: Arc<Place>) -> Site {
        let config = config(&place);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::new(engine.clone(), None, config, None);
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(async move {
            server::serve_on(listener, state, async { drop(stopped.await) }).await.unwrap();
        });
        Site { engine, address, place, stop: Some(stop) }
    }

    /// Asks the server to stop as SIGTERM does.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Where it keeps what is not in its database.
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Signed-in people, made without the form.
    pub async fn people(&self, count: usize) -> Vec<Person> {
        make_people(&self.engine, self.address, count).await
    }

    /// A signed-in creator.
    pub async fn creator(&self) -> Person {
        let creator = self.people(1).await.remove(0);
        self.engine.accounts.set_profile(&Actor::host(creator.member), "수달상점", "", "").await.unwrap();
        creator
    }

    /// An event of a new creator that opens in `opens_in` microseconds.
    pub async fn event(&self, opens_in: i64, capacity: u64) -> EventId {
        let creator = self.creator().await;
        make_event(&self.engine, creator.member, opens_in, capacity).await
    }
}

/// The engine on what `config` names.
pub async fn engine_on(config: &Config, clock: Clock) -> Engine {
    let db = config.database().await.unwrap();
    Engine::start(db, &config.data_dir, clock, Passwords::weak().unwrap()).await.unwrap()
}

pub async fn make_people(engine: &Engine, address: SocketAddr, count: usize) -> Vec<Person> {
    let start = u64::from_be_bytes(engine::ids::random()) >> 24;
    let names = (0..count as u64).map(|n| (format!("p{}@test.example", start + n), format!("수달 {:x}", start + n)));
    let members = engine.accounts.insert_many(names.collect(), "no password").await.unwrap();
    let tokens = engine.accounts.sessions.start_many(&members, "test").await.unwrap();
    members.into_iter().zip(tokens).map(|(member, token)| Person { member, token, address }).collect()
}

pub async fn make_event(engine: &Engine, creator: MemberId, opens_in: i64, capacity: u64) -> EventId {
    let opens_at = engine.clock.now() + opens_in;
    engine
        .events
        .create(&Actor::host(creator), request(), draft(opens_at, capacity), Pictures::default())
        .await
        .unwrap()
}

pub fn request() -> RequestId {
    RequestId(uuid::Uuid::from_bytes(engine::ids::random()))
}

pub fn draft(opens_at: Time, capacity: u64) -> EventDraft {
    EventDraft {
        title: "따끈한 겨울 머그".into(),
        summary: "손으로 빚은 머그".into(),
        description: "**머그** <script>alert(1)</script>".into(),
        category: Category::Living,
        opens_at,
        closes_at: opens_at + HOUR,
        entry_code: None,
        rules: String::new(),
        offer: Offer::Giveaway {
            prizes: vec![Prize { name: "머그".into(), kind: PrizeKind::Goods, winners: capacity }],
        },
    }
}

/// A client that follows no redirects, keeps no cookies and never waits for ever.
pub fn client() -> reqwest::Client {
    engine::tls::prepare();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(20))
        .build()
        .unwrap()
}

#[derive(Clone)]
pub struct Person {
    pub member: MemberId,
    pub token: SessionToken,
    pub address: SocketAddr,
}

impl Person {
    pub fn cookie(&self) -> String {
        format!("session={}", self.token)
    }

    pub async fn get(&self, path: &str) -> Response {
        let request = client().get(format!("http://{}{path}", self.address));
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "text/html").send().await.unwrap()
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = client().post(format!("http://{}{path}", self.address)).form(form);
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "text/html").send().await.unwrap()
    }

    /// Presses the button as a program does.
    pub async fn press(&self, client: &reqwest::Client, event: EventId) -> reqwest::Result<Response> {
        let request = client.post(format!("http://{}/events/{event}/enter", self.address));
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "application/json").send().await
    }

    /// Presses and must be let in; status and entry.
    pub async fn enter(&self, event: EventId) -> (u16, Entry) {
        let response = self.press(&client(), event).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
