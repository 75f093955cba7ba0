//! Two nodes, Redis and PostgreSQL, and what may befall each of them while people press at both.

use super::short_or_long;
use crate::support::{
    Person, client, config_in,
    history::History,
    make_event, make_people,
    program::{HONEST, Program, press, read_metrics, stored, with_engine},
};
use engine::accounts::Actor;
use model::{EventId, SECOND};
use server::config::{Config, Secret};
use std::{net::SocketAddr, time::Duration};
use tempfile::TempDir;
use testing::{Fault, Faults, Link, PostgresServer, RedisServer, Stalls, State, eventually, free_address};
use tokio::{
    sync::oneshot,
    task::JoinSet,
    time::{sleep, timeout},
};

const MS: Duration = Duration::from_millis(1);
/// Somebody presses every so often.
const APART: Duration = Duration::from_millis(8);
/// Clicks are acknowledged again within this, whatever befell whom.
const SOON: Duration = Duration::from_secs(10);
/// Whoever pressed at a node that does not answer for so long presses at the other.
const OTHER_AFTER: Duration = Duration::from_secs(4);
/// Whoever pressed has an answer within this.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// One of the two, with its ways to what they share.
struct Node {
    address: SocketAddr,
    config: Config,
    to_redis: Link,
    to_postgres: Link,
    faults: Option<Faults>,
    program: Option<Program>,
}

impl Node {
    async fn new(folder: &TempDir, redis: &RedisServer, postgres: &PostgresServer) -> Node {
        let (to_redis, to_postgres) = (Link::to(redis.port()).await, Link::to(postgres.port()).await);
        let config = Config {
            metrics_addr: Some(free_address()),
            redis_url: Some(format!("redis://127.0.0.1:{}", to_redis.port()).parse().unwrap()),
            ..config_at(folder, to_postgres.port())
        };
        let address = free_address();
        Node { address, config, to_redis, to_postgres, faults: None, program: None }
    }

    async fn start(&mut self) {
        self.program = Some(Program::start(&self.config, self.address, self.faults.as_ref()));
        let connects = async || tokio::net::TcpStream::connect(self.address).await.is_ok();
        eventually("the node takes connections", connects).await;
    }

    fn kill(&mut self) {
        self.program.as_mut().unwrap().kill();
    }

    fn signal(&self, name: &str) {
        self.program.as_ref().unwrap().signal(name);
    }

    /// What it says of itself under a name.
    async fn metric(&self, name: &str) -> f64 {
        let metrics = read_metrics(self.config.metrics_addr.unwrap()).await;
        let value = metrics.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        value.unwrap_or(0.0)
    }
}

fn config_at(folder: &TempDir, postgres: u16) -> Config {
    let url = format!("postgres://postgres@127.0.0.1:{postgres}/postgres");
    Config { database_url: Some(Secret(url)), ..config_in(folder.path()) }
}

/// A site of two nodes with an event that is open, and people who press at both.
struct Scene {
    folder: TempDir,
    redis: RedisServer,
    postgres: PostgresServer,
    nodes: [Node; 2],
    event: EventId,
    people: Vec<Person>,
    history: History,
    stalls: Stalls,
}

impl Scene {
    async fn new(people: usize) -> Scene {
        let mut scene = Scene::prepared(people).await;
        for node in &mut scene.nodes {
            node.start().await;
        }
        scene.shared().await;
        scene
    }

    async fn prepared(people: usize) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let (redis, postgres) = (RedisServer::start(&[]), PostgresServer::start());
        let nodes = [Node::new(&folder, &redis, &postgres).await, Node::new(&folder, &redis, &postgres).await];
        let address = nodes[0].address;
        let (event, people) = with_engine(&config_at(&folder, postgres.port()), async |engine| {
            let mut people = make_people(&engine, address, people + 1).await;
            let creator = people.remove(0);
            engine.accounts.set_profile(&Actor::host(creator.member), "수달상점", "", "", None).await.unwrap();
            (make_event(&engine, creator.member, -SECOND, 100).await, people)
        });
        Scene { folder, redis, postgres, nodes, event, people, history: History::default(), stalls: Stalls::watch() }
    }

    /// Resolves when both own their half of the shards.
    async fn shared(&self) {
        eventually("shards are shared", async || {
            let [one, other] = &self.nodes;
            one.metric("shards_owned").await == 32.0 && other.metric("shards_owned").await == 32.0
        })
        .await;
    }

    /// Lets something happen while people press. Afterwards everybody has their entry, as they were told; says how long
    /// nobody was acknowledged at most, besides when the machine stood still.
    async fn survives(mut self, what: &str, happens: impl AsyncFnOnce(&mut Scene)) -> (Duration, Scene) {
        let (over, end) = oneshot::channel();
        let pressing = {
            let Scene { event, people, history, .. } = &self;
            let at = self.nodes.each_ref().map(|node| node.address);
            tokio::spawn(press_until(at, *event, people.clone(), history.clone(), end))
        };
        sleep(500 * MS).await;
        happens(&mut self).await;
        sleep(500 * MS).await;
        over.send(()).unwrap();
        let pressed = timeout(ANSWERED_WITHIN, pressing).await.expect("everybody has an answer").unwrap();
        for node in &mut self.nodes {
            node.kill();
        }
        // Of those who pressed, who are the first; nobody else has an entry.
        let config = config_at(&self.folder, self.postgres.port());
        let stored = stored(&config, self.event, &self.people[..pressed]);
        assert_eq!(stored.len(), pressed);
        self.history.check(&stored);
        let mut answered: Vec<u128> = self.history.so_far().iter().map(|told| told.answered).collect();
        answered.sort_unstable();
        let gaps = answered.windows(2).map(|pair| self.running(pair[0], pair[1]));
        let longest = gaps.max().unwrap_or_default();
        println!("{what}: {} entries, nobody was acknowledged for {longest:.2?} at most", stored.len());
        (longest, self)
    }

    /// How long the machine ran between two moments of the history.
    fn running(&self, from: u128, to: u128) -> Duration {
        let (from, to) = (self.history.moment(from), self.history.moment(to));
        (to - from).saturating_sub(self.stalls.between(from, to))
    }
}

/// People press, one every [`APART`], at either node and then at the other, each until they have an answer. How many did,
/// until it was `over`.
async fn press_until(
    nodes: [SocketAddr; 2],
    event: EventId,
    people: Vec<Person>,
    history: History,
    mut over: oneshot::Receiver<()>,
) -> usize {
    let client = client();
    let mut pressing = JoinSet::new();
    for (i, person) in people.into_iter().enumerate() {
        if timeout(APART, &mut over).await.is_ok() {
            let pressed = pressing.len();
            pressing.join_all().await;
            return pressed;
        }
        let (client, history) = (client.clone(), history.clone());
        pressing.spawn(async move {
            for node in nodes.into_iter().cycle().skip(i) {
                let person = Person { address: node, ..person.clone() };
                // Who has waited this long for one node tries the other.
                match timeout(OTHER_AFTER, press(&client, &person, event, &history)).await {
                    Ok(Some(200 | 201)) => return,
                    Ok(Some(status)) => assert!(HONEST.contains(&status), "{status}"),
                    Ok(None) | Err(_) => {}
                }
                sleep(20 * MS).await;
            }
        });
    }
    panic!("there were too few people");
}

/// More than can press while anything happens here.
fn people() -> usize {
    short_or_long(5_000, 20_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_killed_and_then_the_other() {
    let scene = Scene::new(people()).await;
    let (longest, _) = scene
        .survives("kill -9 of each node", async |scene| {
            for node in 0..2 {
                scene.nodes[node].kill();
                sleep(1500 * MS).await;
                scene.nodes[node].start().await;
                scene.shared().await;
            }
        })
        .await;
    assert!(longest < Duration::from_secs(4), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_stands_still_and_comes_back() {
    let scene = Scene::new(people()).await;
    let (longest, _) = scene
        .survives("SIGSTOP of each node", async |scene| {
            for node in 0..2 {
                scene.nodes[node].signal("STOP");
                sleep(short_or_long(5_000 * MS, 30_000 * MS)).await;
                scene.nodes[node].signal("CONT");
                scene.shared().await;
            }
        })
        .await;
    // Besides those who wait for the one that stands still.
    assert!(longest < Duration::from_secs(5), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_emptied_and_then_killed() {
    let scene = Scene::new(people()).await;
    let (longest, _) = scene
        .survives("FLUSHALL and kill -9 of Redis", async |scene| {
            for _ in 0..3 {
                scene.redis.flush();
                sleep(300 * MS).await;
            }
            scene.redis.kill();
            sleep(700 * MS).await;
            scene.redis.start_again();
        })
        .await;
    assert!(longest < SOON, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_killed() {
    let scene = Scene::new(people()).await;
    let (longest, _) = scene
        .survives("kill -9 of PostgreSQL", async |scene| {
            scene.postgres.kill();
            sleep(700 * MS).await;
            scene.postgres.start_again();
        })
        .await;
    assert!(longest < SOON, "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_cut_off() {
    for state in [State::Cut, State::Stalled] {
        let scene = Scene::new(people()).await;
        let what = format!("{state:?} between a node and Redis, then PostgreSQL");
        let (longest, _) = scene
            .survives(&what, async |scene| {
                for node in &scene.nodes {
                    for link in [&node.to_redis, &node.to_postgres] {
                        link.set(state);
                        sleep(short_or_long(2_500 * MS, 6_000 * MS)).await;
                        link.set(State::Open);
                        sleep(500 * MS).await;
                    }
                }
            })
            .await;
        assert!(longest < SOON, "{longest:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nodes_clock_is_wrong() {
    let mut scene = Scene::prepared(people()).await;
    for (node, ahead) in [(0, 7 * SECOND), (1, -7 * SECOND)] {
        let faults = Faults::new();
        faults.set(Fault::ClockAheadUs, ahead.micros());
        scene.nodes[node].faults = Some(faults);
        scene.nodes[node].start().await;
    }
    scene.shared().await;
    let (_, scene) = scene
        .survives("clocks 14 s apart", async |scene| {
            // Further apart while they run.
            for (node, ahead) in [(0, 60 * SECOND), (1, -60 * SECOND)] {
                scene.nodes[node].faults.as_ref().unwrap().set(Fault::ClockAheadUs, ahead.micros());
            }
            sleep(2_000 * MS).await;
        })
        .await;
    let ranked: Vec<_> = scene.history.so_far().into_iter().map(|told| (told.entry.rank, told.sent)).collect();
    let entered: std::collections::BTreeMap<_, _> = ranked.into_iter().collect();
    // Pressed one after the other, at either node: nobody overtook by a clock.
    let sent: Vec<u128> = entered.into_values().collect();
    let second = Duration::from_secs(1);
    let overtaken =
        sent.windows(2).filter(|pair| pair[0] > pair[1] && scene.running(pair[1], pair[0]) > second).count();
    assert_eq!(overtaken, 0, "somebody was ranked before who pressed a second later");
}
