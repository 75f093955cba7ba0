//! The real program in a process of its own, an event on it, people who press, and what they were told.

use super::{Person, client, config, draft, engine_on, history::History, make_people, request};
use engine::{Engine, accounts::Actor, clock::Clock, events::Pictures};
use model::{BoardPage, Entry, EventDraft, EventId, MemberId, Span, Time};
use reqwest::Client;
use server::config::{Config, PaymentProvider};
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use testing::{Database, Faults, On, Place, eventually, eventually_some, free_address, median};
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

/// What a click may be answered besides an entry: not yet open, too often before that, or not now.
pub const HONEST: [u16; 3] = [425, 429, 503];
/// A page is answered within this, whatever happens meanwhile: what a machine that stalls takes for it.
const PAGE_WITHIN: Duration = Duration::from_secs(12);

/// The program with a command, on what `config` names.
pub fn command(name: &str, config: &Config) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fiftynine"));
    command.args([name, "--data-dir"]).arg(&config.data_dir).env_remove("DATABASE_URL").env_remove("REDIS_URL");
    command.args(["--drain-seconds", &config.drain_seconds.to_string()]);
    if let Some(url) = &config.database_url {
        command.env("DATABASE_URL", &url.0);
    }
    if let Some(url) = &config.redis_url {
        command.env("REDIS_URL", url.to_string()).env("FIFTYNINE_REDIS_PREFIX", &config.redis_prefix);
    }
    if let Some(PaymentProvider::Sandbox) = config.payments {
        command.args(["--payments", "sandbox"]);
    }
    command
}

/// What a program says of itself at the address of its metrics.
pub async fn read_metrics(address: SocketAddr) -> String {
    client().get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap()
}

/// A running program; killed when dropped.
pub struct Program(Child);

impl Program {
    /// Starts it, and does not wait for it.
    pub fn start(config: &Config, address: SocketAddr, faults: Option<&Faults>) -> Program {
        let mut command = command("serve", config);
        command.args(["--weak-passwords", "--addr", &address.to_string()]);
        if let Some(metrics) = config.metrics_addr {
            command.args(["--metrics-addr", &metrics.to_string()]);
        }
        command.env("RUST_LOG", "error").stdout(Stdio::null());
        if let Some(faults) = faults {
            command.envs(faults.environment());
        }
        Program(command.spawn().unwrap())
    }

    /// SIGKILL: nothing is flushed, nobody is asked.
    pub fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.0.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Resolves when it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        eventually_some("the program ends", async || self.0.try_wait().unwrap()).await
    }

    /// Resident memory in bytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// An event of the real program, people who may press, and what they are told.
pub struct Scene {
    place: Place,
    pub address: SocketAddr,
    metrics: SocketAddr,
    pub event: EventId,
    pub people: Vec<Person>,
    /// What they press with.
    pub client: Client,
    pub history: History,
}

impl Scene {
    /// Prepares an event in a folder that opens after `opens_in`.
    pub fn new(people: usize, opens_in: Span) -> Scene {
        Scene::on(On::Sqlite, people, opens_in)
    }

    /// The same on either engine.
    pub fn on(on: On, people: usize, opens_in: Span) -> Scene {
        Scene::with(on, people, |now| draft(now + opens_in, 100))
    }

    /// The same with any event, as it is now.
    pub fn with(on: On, people: usize, event: impl FnOnce(Time) -> EventDraft + Send) -> Scene {
        let place = Place::new(on);
        let [address, metrics] = [(); 2].map(|()| free_address());
        let (event, people) = with_engine(&config(&place), async |engine| {
            let mut people = make_people(&engine, address, people + 1).await;
            let creator = people.remove(0);
            let host = Actor::host(creator.member);
            engine.accounts.set_profile(&host, "수달상점", "", "", None).await.unwrap();
            let event = event(engine.clock.now());
            let event = engine.events.create(&host, request(), event, Pictures::default()).await.unwrap();
            (event, people)
        });
        Scene { place, address, metrics, event, people, client: client(), history: History::default() }
    }

    /// So many people say `text` in its room, before the program is started.
    pub fn talk(&self, people: usize, text: &str) {
        with_engine(&self.config(), async |engine| {
            for person in &self.people[..people] {
                let session = engine.accounts.sessions.of(&person.token).await.unwrap().unwrap();
                engine.chat.say(&Actor::Member(session.clone()), self.event, request(), text).await.unwrap();
            }
        });
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// Its database, which is PostgreSQL's.
    pub fn database(&self) -> &Database {
        self.place.database().unwrap()
    }

    /// What the program is started with.
    pub fn config(&self) -> Config {
        Config { metrics_addr: Some(self.metrics), ..config(&self.place) }
    }

    /// Starts the program on this data, and does not wait for it.
    pub fn start(&self, faults: Option<&Faults>) -> Program {
        Program::start(&self.config(), self.address, faults)
    }

    /// Starts the program on this data; it takes connections.
    pub async fn started(&self, faults: Option<&Faults>) -> Program {
        let program = self.start(faults);
        self.ready().await;
        program
    }

    /// Resolves when connections are taken.
    pub async fn ready(&self) {
        eventually("the program takes connections", async || TcpStream::connect(self.address).await.is_ok()).await;
    }

    /// One press of `person`; what they are told is kept. The status, or `None` when no answer came.
    pub async fn press(&self, person: &Person) -> Option<u16> {
        press(&self.client, person, self.event, &self.history).await
    }

    /// Everybody presses, one every `apart`, until they have an answer, whatever happens to the server meanwhile.
    pub async fn press_all(&self, people: &[Person], apart: Duration) {
        let mut pressing = tokio::task::JoinSet::new();
        for (i, person) in people.iter().cloned().enumerate() {
            let (client, history, event) = (self.client.clone(), self.history.clone(), self.event);
            pressing.spawn(async move {
                sleep(apart * i as u32).await;
                let deadline = Instant::now() + Duration::from_secs(60);
                while Instant::now() < deadline {
                    match press(&client, &person, event, &history).await {
                        Some(200 | 201) => return,
                        Some(status) => assert!(HONEST.contains(&status), "{status}"),
                        None => {}
                    }
                    sleep(Duration::from_millis(20)).await;
                }
                panic!("no answer within a minute");
            });
        }
        pressing.join_all().await;
    }

    /// Makes one of them a creator, before the program is started.
    pub fn make_creator(&self, person: &Person) {
        with_engine(&self.config(), async |engine| {
            engine.accounts.set_profile(&Actor::host(person.member), "해달상점", "", "", None).await.unwrap();
        });
    }

    /// How long the home page usually takes, of so many times.
    pub async fn home_page(&self, times: usize) -> Duration {
        let (mut took, client) = (Vec::new(), client());
        for _ in 0..times {
            let began = Instant::now();
            let page = client.get(format!("http://{}/", self.address)).header("accept", "text/html").send().await;
            assert!(page.unwrap().text().await.unwrap().contains("</html>"));
            took.push(began.elapsed());
        }
        median(took)
    }

    /// While something goes on, somebody reads the front page and the event's; every answer is a page, soon.
    pub async fn reading_pages<T>(&self, meanwhile: impl Future<Output = T>) -> T {
        let (client, event) = (client(), self.event);
        let read = async {
            loop {
                for path in ["/", &format!("/events/{event}")] {
                    let page = client.get(format!("http://{}{path}", self.address)).header("accept", "text/html");
                    let page = timeout(PAGE_WITHIN, async { page.send().await?.error_for_status()?.text().await });
                    let page = page.await.expect("a page comes soon").unwrap();
                    assert!(page.contains("</html>"), "{path} is whole");
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            never = read => never,
            done = meanwhile => done,
        }
    }

    /// Resolves when the event has so many entries.
    pub async fn grown_to(&self, total: u64) {
        let address = format!("http://{}/events/{}/board?from=1", self.address, self.event);
        eventually(&format!("the event has {total} entries"), async || {
            client().get(&address).send().await.unwrap().json::<BoardPage>().await.unwrap().total >= total
        })
        .await;
    }

    /// How many seconds the wall clock is ahead of the program's, as it reports once it has compared them.
    pub async fn clock_difference(&self) -> Option<f64> {
        let metrics = read_metrics(self.metrics).await;
        metrics.lines().find_map(|line| line.strip_prefix("clock_wall_difference_seconds ")?.parse().ok())
    }

    /// How many batches of clicks were written, once the program has ended.
    pub fn batches(&self) -> i64 {
        with_engine(&self.config(), async |engine| {
            let batches = engine.db.sql("select count(*) from event_log where event_id = $1").bind(self.event);
            batches.one::<(i64,)>().await.unwrap().0
        })
    }

    /// The promises, once the program has ended: `check` is clean, and what was told is what is stored, which is returned.
    pub fn check(&self) -> HashMap<MemberId, Entry> {
        let stored = stored(&self.config(), self.event, &self.people);
        self.history.check(&stored);
        stored
    }
}

/// One press of `person`; what they are told is kept. The status, or `None` when no answer came.
pub async fn press(client: &Client, person: &Person, event: EventId, history: &History) -> Option<u16> {
    history.pressed(person.member);
    let response = person.press(client, event).await.ok()?;
    let status = response.status();
    if status.is_success() {
        history.told(person.member, response.json().await.ok()?);
    }
    Some(status.as_u16())
}

/// What the data that `config` names says of an event that these people alone entered, once `check` is clean.
pub fn stored(config: &Config, event: EventId, people: &[Person]) -> HashMap<MemberId, Entry> {
    with_engine(config, async |engine| {
        let (_, violations) = engine::check(&engine.db).await.unwrap();
        assert_eq!(violations, [], "fiftynine check is clean");
        let mut stored = HashMap::new();
        for person in people {
            if let Some(entry) = engine.turnstile.entry(event, person.member).await.unwrap() {
                stored.insert(person.member, entry);
            }
        }
        let all = engine.db.sql("select count(distinct member_id) from entries where event_id = $1").bind(event);
        assert_eq!(all.one::<(i64,)>().await.unwrap().0, stored.len() as i64, "nobody else has an entry");
        stored
    })
}

/// Opens the data that `config` names, on a runtime of its own, so that it is closed again when this returns.
pub fn with_engine<T: Send>(config: &Config, work: impl AsyncFnOnce(Engine) -> T + Send) -> T {
    let on_its_own = || {
        tokio::runtime::Runtime::new().unwrap().block_on(async { work(engine_on(config, Clock::system()).await).await })
    };
    std::thread::scope(|scope| scope.spawn(on_its_own).join().unwrap())
}
