//! Several nodes on one PostgreSQL and one Redis: figure 5, and a table of what one to three of them do.
//!
//! Nodes, PostgreSQL and Redis share the one core that the embedded server has to itself. That shows what a cluster costs an
//! entry, by process; it cannot show that nodes add speed, since there is no core for them to add.

use crate::{
    Failure,
    databases::{self, Database},
    figures::{CONNECTIONS, median, quantile, ratio, requests, warm},
    live::{AT_ONCE, READERS},
    load::{self, Outcome, post},
    process::{Process, free_address, listening, quiet},
    readers::{Clicker, Crowd, Place, to_last_reader},
    site::{self, Prepared},
};
use futures::future::try_join_all;
use model::EventId;
use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

/// The number of the table, which is no figure of its own.
const TABLE: u32 = 500;
/// Accounts of figure 5.
const PEOPLE: usize = 50_000;
/// Accounts of the table's rows.
const FEWER: usize = 30_000;
/// Events of the row that has many.
const EVENTS: usize = 100;
/// Rate and length of the open loop that latencies come from.
const A_SECOND: usize = 3_000;
const SECONDS: usize = 4;
/// Clicks that everybody in the room waits for.
const CHANGES: usize = 30;
/// What there is to share among nodes.
const SHARDS: i64 = 64;
/// Nodes of the table at most.
const NODES: usize = 3;

/// Runs figure 5 and the table.
pub async fn run(rounds: usize, wanted: &impl Fn(u32) -> bool) -> Result<(), Failure> {
    if wanted(5) {
        against_embedded(rounds).await?;
    }
    if wanted(TABLE) {
        LocalSet::new().run_until(table()).await?;
    }
    Ok(())
}

/// Nodes with what they share. They end before it does.
struct Cluster {
    nodes: Vec<Process>,
    addresses: Vec<SocketAddr>,
    redis: Database,
    postgres: Database,
    environment: [(&'static str, PathBuf); 2],
}

impl Cluster {
    /// None yet, on a copy of what was prepared. Redis keeps nothing: it is not where the truth is.
    async fn on(prepared: &Prepared) -> Result<Cluster, Failure> {
        let redis = databases::redis_server(&["--appendonly", "no", "--save", ""]).await?;
        let postgres = databases::postgres().await?;
        let environment = [("DATABASE_URL", PathBuf::from(&postgres.url)), ("REDIS_URL", PathBuf::from(&redis.url))];
        let mut carry = Command::new(site::program());
        carry.arg("migrate-data").arg("--data-dir").arg(prepared.folder.path()).env("DATABASE_URL", &postgres.url);
        if !carry.stdout(std::process::Stdio::null()).status()?.success() {
            return Err("the data could not be carried over".into());
        }
        let client = databases::connect(&postgres.url).await?;
        client.batch_execute("vacuum analyze").await?;
        Ok(Cluster { nodes: Vec::new(), addresses: Vec::new(), redis, postgres, environment })
    }

    /// One node more, when all of them have shared what there is to sequence.
    async fn add(&mut self, prepared: &Prepared) -> Result<(), Failure> {
        let address = free_address()?;
        self.nodes.push(site::start_with(prepared.folder.path(), address, &self.environment)?);
        self.addresses.push(address);
        listening(address).await?;
        let client = databases::connect(&self.postgres.url).await?;
        let until = Instant::now() + Duration::from_secs(30);
        let shared = "select count(*), coalesce(max(owned), 0), coalesce(sum(owned), 0)::bigint,
                          (select count(*) from commands where done_at is null)
                      from (select count(*) as owned from shards where node is not null group by node) owners";
        loop {
            let row = client.query_one(shared, &[]).await?;
            let [owners, most, owned, waiting]: [i64; 4] = [0, 1, 2, 3].map(|column| row.get(column));
            // Everything is owned, by everybody, and by nobody more than their share; and what was called off is off.
            if waiting == 0 && owned == SHARDS && owners == self.nodes.len() as i64 && (most - 1) * owners < SHARDS {
                // Those who followed the shards have heard of it.
                tokio::time::sleep(Duration::from_secs(1)).await;
                return Ok(());
            }
            if Instant::now() > until {
                return Err("the nodes do not share the shards".into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Shares `tokens` out among the nodes, the same for each whatever is asked: sessions stay warm.
    fn requests(&self, tokens: &[String], render: impl Fn(usize, &String) -> Vec<u8>) -> Vec<(SocketAddr, Requests)> {
        let nth = |node: usize| tokens.iter().enumerate().skip(node).step_by(self.addresses.len());
        let rendered = |node| -> Requests { Rc::new(nth(node).map(|(i, token)| render(i, token)).collect()) };
        self.addresses.iter().enumerate().map(|(node, address)| (*address, rendered(node))).collect()
    }

    /// Sends one click on `event` for each of `tokens`.
    async fn click(&self, event: EventId, tokens: &[String], interval: Option<Duration>) -> Result<Outcome, Failure> {
        self.click_on(&[event], tokens, interval).await
    }

    /// The same, with the `tokens` spread over `events`.
    async fn click_on(
        &self,
        events: &[EventId],
        tokens: &[String],
        interval: Option<Duration>,
    ) -> Result<Outcome, Failure> {
        let paths: Vec<String> = events.iter().map(|event| format!("/events/{event}/enter")).collect();
        let nodes = self.addresses.len();
        let requests = self.requests(tokens, |i, token| post(&paths[i / nodes % paths.len()], Some(token)));
        load::among(requests, CONNECTIONS, interval).await
    }

    /// Every session asks its node once for an event that was called off.
    async fn warm(&self, prepared: &Prepared) -> Result<(), Failure> {
        self.click(prepared.cancelled, &prepared.tokens, None).await?.per_second(409)?;
        Ok(())
    }

    /// Processor time of everything so far.
    fn cpu(&self) -> Cpu {
        let nodes = self.nodes.iter().map(Process::cpu).collect();
        Cpu { nodes, postgres: self.postgres.process.cpu(), redis: self.redis.process.cpu() }
    }
}

type Requests = Rc<Vec<Vec<u8>>>;

/// Processor time by process, in seconds.
struct Cpu {
    nodes: Vec<f64>,
    postgres: f64,
    redis: f64,
}

impl Cpu {
    fn total(&self) -> f64 {
        self.nodes.iter().sum::<f64>() + self.postgres + self.redis
    }

    /// What so many entries took of it since `before`, each: "81.0 µs CPU an entry: nodes 22.0 + 18.0, PostgreSQL 30.0,
    /// Redis 11.0".
    fn an_entry(&self, before: &Cpu, entries: usize) -> String {
        let each = |now: f64, before: f64| (now - before) * 1e6 / entries as f64;
        let nodes = self.nodes.iter().zip(&before.nodes).map(|(now, before)| format!("{:.1}", each(*now, *before)));
        format!(
            "{:.1} µs CPU an entry: nodes {}, PostgreSQL {:.1}, Redis {:.1}",
            each(self.total(), before.total()),
            nodes.collect::<Vec<_>>().join(" + "),
            each(self.postgres, before.postgres),
            each(self.redis, before.redis)
        )
    }
}

/// Figure 5: two nodes with all that they share, against the embedded server, in turns on the same core.
async fn against_embedded(rounds: usize) -> Result<(), Failure> {
    println!("\nentries on one event, {CONNECTIONS} connections, one core for all servers");
    let prepared = site::prepare(PEOPLE, rounds).await?;
    let mut cluster = Cluster::on(&prepared).await?;
    let (embedded, address) = site::serve(prepared.folder.path()).await?;
    cluster.add(&prepared).await?;
    cluster.add(&prepared).await?;
    println!("{:<8} {:>14} {:>14} {:>10}", "round", "embedded/s", "cluster/s", "ratio");
    let mut ratios = Vec::new();
    for (round, event) in prepared.events.iter().enumerate() {
        let all = || embedded.cpu() + cluster.cpu().total();
        quiet(all).await?;
        warm(address, &prepared).await?;
        let before = embedded.cpu();
        let alone = load::closed(address, CONNECTIONS, requests(event, &prepared.tokens)).await?;
        let alone_cpu = embedded.cpu() - before;
        alone.exact_ranks(PEOPLE as u64)?;
        let alone_rate = alone.per_second(201)?;

        quiet(all).await?;
        cluster.warm(&prepared).await?;
        let before = cluster.cpu();
        let together = cluster.click(*event, &prepared.tokens, None).await?;
        let cpu = cluster.cpu().an_entry(&before, PEOPLE);
        together.exact_ranks(PEOPLE as u64)?;
        let rate = together.per_second(201)?;
        println!("{round:<8} {alone_rate:>14.0} {rate:>14.0} {:>10.3}", rate / alone_rate);
        println!("         embedded: {:.1} µs CPU an entry, {}", alone_cpu * 1e6 / PEOPLE as f64, alone.latencies());
        println!("         cluster: {cpu}, {}", together.latencies());
        ratios.push(rate / alone_rate);
    }
    ratio("cluster_vs_embedded", median(ratios));
    Ok(())
}

/// One hot event, many events, latencies and the way to everybody, on one to three nodes.
async fn table() -> Result<(), Failure> {
    println!(
        "\none to {NODES} nodes, PostgreSQL and Redis, all on one core: what an entry costs and how long it takes."
    );
    println!("Nodes add no speed here, where no core comes with them; what each process takes is what to reckon with.");
    let prepared = site::prepare(FEWER.max(READERS + CHANGES), NODES * (EVENTS + 3)).await?;
    let mut events = prepared.events.iter().copied();
    let mut next = |count: usize| events.by_ref().take(count).collect::<Vec<_>>();
    let people = &prepared.tokens[..FEWER];
    let mut cluster = Cluster::on(&prepared).await?;
    for count in 1..=NODES {
        cluster.add(&prepared).await?;
        println!("{count} nodes");

        // A session is believed for half a minute: each row begins with all of them just read.
        let at_rest = async || {
            cluster.warm(&prepared).await?;
            quiet(|| cluster.cpu().total()).await?;
            Ok::<_, Failure>(())
        };
        at_rest().await?;
        let before = cluster.cpu();
        let run = cluster.click(next(1)[0], people, None).await?;
        run.exact_ranks(FEWER as u64)?;
        let cpu = cluster.cpu().an_entry(&before, FEWER);
        println!("   one event: {:.0} entries/s, {cpu}", run.per_second(201)?);

        at_rest().await?;
        let before = cluster.cpu();
        let run = cluster.click_on(&next(EVENTS), people, None).await?;
        run.exact_ranks_on(EVENTS as u64, (FEWER / EVENTS) as u64)?;
        let cpu = cluster.cpu().an_entry(&before, FEWER);
        println!("   {EVENTS} events: {:.0} entries/s, {cpu}", run.per_second(201)?);

        let interval = Duration::from_micros(1_000_000 / A_SECOND as u64);
        let steady = &people[..A_SECOND * SECONDS];
        at_rest().await?;
        let before = cluster.cpu();
        let run = cluster.click(next(1)[0], steady, Some(interval)).await?;
        run.per_second(201)?;
        run.exact_ranks(steady.len() as u64)?;
        let cpu = cluster.cpu().an_entry(&before, steady.len());
        println!("   one event at {A_SECOND} entries/s: {}, {cpu}", run.latencies());

        at_rest().await?;
        let latencies = to_everybody(&cluster, next(1)[0], &prepared).await?;
        println!(
            "   from a click's answer to the last of {READERS} readers on all nodes: median {:.0} ms, p99 {:.0} ms",
            median(latencies.clone()) * 1e3,
            quantile(latencies, 0.99) * 1e3
        );
    }
    Ok(())
}

/// Readers spread over the nodes, clicks at the first of them: seconds until the last reader had each.
async fn to_everybody(cluster: &Cluster, event: EventId, prepared: &Prepared) -> Result<Vec<f64>, Failure> {
    let tokens = Rc::new(prepared.tokens.clone());
    let share = READERS / cluster.addresses.len();
    let crowds = cluster.addresses.iter().enumerate().map(|(node, server)| {
        let place = Rc::new(Place { server: *server, event, echoes: false, tokens: tokens.clone() });
        Crowd::join(place, node * share..(node + 1) * share, AT_ONCE / cluster.addresses.len())
    });
    let crowds = try_join_all(crowds).await?;
    let mut clicker = Clicker::new(cluster.addresses[0], event, 0).await?;
    let mut latencies = Vec::new();
    for (i, token) in prepared.tokens[READERS..][..CHANGES].iter().enumerate() {
        let acknowledged = clicker.click(token).await?;
        let mut slowest = 0.0_f64;
        for crowd in &crowds {
            let version = crowd.room.everyone(clicker.entered).await?;
            slowest = to_last_reader(crowd, &[(version, acknowledged)]).into_iter().fold(slowest, f64::max);
        }
        latencies.push(slowest);
        // At another moment of the tick.
        tokio::time::sleep(Duration::from_millis(7 * i as u64 % 50)).await;
    }
    for crowd in &crowds {
        crowd.room.exact_board(CHANGES as u64)?;
    }
    Ok(latencies)
}
