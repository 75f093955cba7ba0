//! A server of its own for every test, alone or as one of several nodes.

use super::{Person, make_event, make_people};
use clap::Parser;
use engine::{
    Engine,
    accounts::{Actor, Passwords},
    clock::Clock,
    db::{Db, Dialect, Lane},
    tasks::Tasks,
};
use model::{EventId, Span};
use server::{
    AppState,
    config::{Config, Secret},
};
use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, LazyLock},
};
use testing::{On, Place, eventually};
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

/// What a program goes by that is given no options. Read once, and on a thread of its own: unoptimised code that describes all of
/// them takes half a megabyte of its stack.
static WITHOUT_OPTIONS: LazyLock<Config> = LazyLock::new(|| {
    let read = || Arguments::parse_from(["fiftynine"]).config;
    std::thread::Builder::new().stack_size(8 << 20).spawn(read).unwrap().join().unwrap()
});

/// Configuration for a data folder.
pub fn config_in(folder: &Path) -> Config {
    let mut config = WITHOUT_OPTIONS.clone();
    config.database_url = None;
    config.pictures = None;
    config.metrics_addr = None;
    config.payments = None;
    config.sms = None;
    config.catalogue_url = None;
    config.kakao_key = None;
    config.kakao_client_id = None;
    config.kakao_client_secret = None;
    config.tax_service_key = None;
    config.slot_price = None;
    config.deals_per_hour = None;
    config.smtp_url = None;
    config.mail_from = None;
    config.public_url = None;
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
        Site::serve_as(engine, place, config).await
    }

    /// Alone, with what `change` makes of the usual configuration.
    pub async fn configured(on: On, change: impl FnOnce(&mut Config)) -> Site {
        let place = Place::new(on);
        let mut config = config(&place);
        change(&mut config);
        let engine = engine_on(&config, Clock::system()).await;
        Site::serve_as(engine, Arc::new(place), config).await
    }

    /// The same with a configuration.
    pub async fn serve_as(engine: Engine, place: Arc<Place>, config: Config) -> Site {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = AppState::new(engine.clone(), None, config);
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

    /// What a command of the program that runs beside it is started with.
    pub fn config(&self) -> Config {
        config(&self.place)
    }

    /// Where it keeps what is not in its database.
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// Whether a text stands in any file of its database.
    pub async fn stands(&self, text: &str) -> bool {
        if self.engine.db.dialect() == Dialect::Sqlite {
            let files = testing::files(self.folder());
            assert!(files.iter().any(|file| file == "fiftynine.db"), "{files:?}");
            let holds = |file: &String| {
                let bytes = std::fs::read(self.folder().join(file)).unwrap();
                bytes.windows(text.len()).any(|part| part == text.as_bytes())
            };
            return files.iter().any(holds);
        }
        // What is in memory alone goes into the files.
        let mut tx = self.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql("checkpoint").run().await.unwrap();
        tx.commit().await.unwrap();
        let tables = "select 1 from pg_class
             where relkind in ('r', 'i', 't') and relnamespace = 'public'::regnamespace
                and position(convert_to($1, 'UTF8') in pg_read_binary_file(pg_relation_filepath(oid))) > 0";
        self.engine.db.sql(tables).bind(text.to_owned()).exists().await.unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Signed-in people, made without the form.
    pub async fn people(&self, count: usize) -> Vec<Person> {
        make_people(&self.engine, self.address, count).await
    }

    /// Signed-in people who have confirmed a phone.
    pub async fn neighbours(&self, count: usize) -> Vec<Person> {
        let people = self.people(count).await;
        let mut tx = self.engine.db.begin(Lane::Other).await.unwrap();
        for person in &people {
            tx.sql("insert into phones (member_id, hash, ending, since) values ($1, $2, '0000', 0)")
                .bind(person.member)
                .bind(person.member.0.as_bytes().to_vec())
                .run()
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        people
    }

    /// A signed-in creator.
    pub async fn creator(&self) -> Person {
        let creator = self.people(1).await.remove(0);
        // No creator is called as another.
        let name = format!("수달상점 {}", creator.member);
        self.engine.accounts.set_profile(&Actor::host(creator.member), &name, "", "", None).await.unwrap();
        creator
    }

    /// Resolves when the turnstile has done every command, as its own task does: passing on, say.
    pub async fn decided(&self) {
        eventually("commands are done", async || {
            let waiting = self.engine.db.sql("select count(*) from commands where done_at is null");
            waiting.one::<(i64,)>().await.unwrap().0 == 0
        })
        .await;
    }

    /// How many rows of an event a statement counts.
    pub async fn count(&self, text: &'static str, event: EventId) -> i64 {
        self.engine.db.sql(text).bind(event).one::<(i64,)>().await.unwrap().0
    }

    /// An event of a new creator that opens after `opens_in`.
    pub async fn event(&self, opens_in: Span, capacity: u64) -> EventId {
        let creator = self.creator().await;
        make_event(&self.engine, creator.member, opens_in, capacity).await
    }
}

/// The engine on what `config` names.
pub async fn engine_on(config: &Config, clock: Clock) -> Engine {
    let db = config.database().await.unwrap();
    Engine::start(db, &config.data_dir, clock, Passwords::weak().unwrap()).await.unwrap()
}
