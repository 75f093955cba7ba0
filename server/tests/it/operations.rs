//! What load balancers and operators ask a node.

use crate::{
    sales,
    support::{
        Cluster, Site, client, config, engine_on,
        program::{Program, Scene, read_metrics},
        request,
        socket::Page,
    },
};
use engine::{
    accounts::Actor,
    clock::Clock,
    db::Lane,
    tasks::{TaskKind, Tasks},
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use model::{SECOND, live::Said};
use std::sync::{Arc, OnceLock};
use testing::{On, PATIENCE, Place, both, eventually};

/// What a node answers to the question whether people may be sent to it.
async fn asked(address: impl std::fmt::Display) -> (u16, String) {
    let answer = client().get(format!("http://{address}/readyz")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Resolves when that is the answer.
async fn until_it_says(address: impl std::fmt::Display, expected: (u16, &str)) {
    let expected = (expected.0, format!("{}\n", expected.1));
    eventually(&format!("it says {expected:?}"), async || asked(&address).await == expected).await;
}

both!(operations_answer);
async fn operations_answer(on: On) {
    let site = Site::start(on).await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(client().get(site.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_read_at_an_address_of_their_own() {
    let scene = Scene::new(1, -SECOND);
    let _program = scene.started(None).await;
    let status = async |address, path: &str| {
        client().get(format!("http://{address}{path}")).send().await.unwrap().status().as_u16()
    };
    let metrics = scene.config().metrics_addr.unwrap();
    assert_eq!(status(scene.address, "/metrics").await, 404, "they are not where people are");
    assert!(read_metrics(metrics).await.contains("http_requests_total"));
    assert_eq!(status(metrics, "/readyz").await, 404, "and nothing else is there");
}

both!(a_program_that_is_to_stop_says_so_first_and_still_serves, "multi_thread");
async fn a_program_that_is_to_stop_says_so_first_and_still_serves(on: On) {
    let scene = Scene::on(on, 1, -SECOND);
    let mut config = scene.config();
    // Longer than a machine stalls while somebody presses.
    config.drain_seconds = 60;
    let mut program = Program::start(&config, scene.address, None);
    scene.ready().await;
    until_it_says(scene.address, (200, "ready")).await;
    program.signal("TERM");
    until_it_says(scene.address, (503, "stopping")).await;
    assert_eq!(scene.press(&scene.people[0]).await, Some(201), "whoever was sent here before is served");
    program.kill();
    // And then it ends, by itself.
    config.drain_seconds = 1;
    let mut program = Program::start(&config, scene.address, None);
    scene.ready().await;
    program.signal("TERM");
    assert!(program.ended().await.success());
    scene.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_is_ready_again_when_its_database_is() {
    let scene = Scene::on(On::Postgres, 1, -SECOND);
    let mut program = scene.started(None).await;
    until_it_says(scene.address, (200, "ready")).await;
    let database = scene.database();
    database.on_server("alter database {} with allow_connections false");
    database.on_server("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'");
    until_it_says(scene.address, (503, "database")).await;
    database.on_server("alter database {} with allow_connections true");
    until_it_says(scene.address, (200, "ready")).await;
    program.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_several_becomes_ready_and_its_sockets_are_told_to_come_back() {
    let cluster = Cluster::new();
    let mut site = Site::node(&cluster).await;
    until_it_says(site.address, (200, "ready")).await;
    let event = site.event(-SECOND, 3).await;
    let mut page = Page::join(&site, None, event).await;
    site.stop();
    assert_eq!(page.closed().await, Some(1012));
}

/// What a metric of this process counted, from the first call on; `None` where nothing did.
fn counted(metric: &str) -> Option<u64> {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    let metrics = METRICS.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap()).render();
    let start = format!("{metric} ");
    metrics.lines().find_map(|line| line.strip_prefix(&start)).map(|count| count.parse().unwrap())
}

/// How often a task was begun anew in this process.
fn restarts(task: &str) -> u64 {
    counted(&format!("task_restarts_total{{task=\"{task}\"}}")).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_units_than_there_are_would_be_seen() {
    const OVERSOLD: &str = "turnstile_oversold_batches_total";
    restarts("");
    let scene = sales::Scene::new(On::Sqlite).await;
    let event = scene.sale(sales::deal(2, 1, None)).await;
    let people = scene.site.people(3).await;
    for person in &people[..2] {
        scene.press(person, event, 1, false).await.unwrap();
    }
    assert_eq!(counted(OVERSOLD), Some(0));
    // Nothing makes it so: somebody changed the database.
    assert!(scene.site.engine.tasks.stop(PATIENCE).await);
    scene.alter("update tallies set capacity = 1").await;
    let again = engine_on(&scene.site.config(), scene.clock.clone()).await;
    let (late, now) = (people[2].member, scene.clock.now());
    again.turnstile.enter(event, late, "늦은 수달".into(), now, None, None).await.unwrap();
    assert_eq!(counted(OVERSOLD), Some(1));
}

/// Lets every restarting task of a site panic, one after the other: each is begun anew, and afterwards everything works.
async fn every_restarting_task_survives_a_panic(site: &Site) {
    let event = site.event(-SECOND, 3).await;
    let _room = site.engine.rooms.open(event).await.unwrap();
    let tasks = &site.engine.tasks;
    let names: Vec<_> = tasks.names().into_iter().filter(|(_, kind)| *kind == TaskKind::Restarting).collect();
    for (name, _) in &names {
        let before = restarts(name);
        tasks.inject_panic(name);
        eventually(&format!("{name} is begun anew"), async || restarts(name) > before).await;
    }
    assert_eq!(tasks.names().into_iter().filter(|(_, kind)| *kind == TaskKind::Restarting).collect::<Vec<_>>(), names);
    until_it_says(site.address, (200, "ready")).await;
    let mut page = Page::join(site, None, event).await;
    let person = site.people(1).await.remove(0);
    assert_eq!(person.enter(event).await.0, 201);
    let actor = Actor::of(site.engine.accounts.sessions.of(&person.token).await.unwrap());
    site.engine.chat.say(&actor, event, request(), "다들 안녕하세요").await.unwrap();
    page.until(|page, _| {
        page.room().total == 1 && page.chat.iter().any(|line| matches!(line.said, Said::Member { .. }))
    })
    .await;
}

/// The essential tasks of a site: when one is dead, nobody new is to be sent there.
async fn an_essential_task_that_panics_takes_it_out_of_service(site: &Site, name: &str) {
    until_it_says(site.address, (200, "ready")).await;
    site.engine.tasks.inject_panic(name);
    until_it_says(site.address, (503, "tasks")).await;
    assert_eq!(site.engine.tasks.dead(), Some(name));
}

fn essential(site: &Site) -> Vec<&'static str> {
    let names = site.engine.tasks.names().into_iter();
    names.filter(|(_, kind)| *kind == TaskKind::Essential).map(|(name, _)| name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_any_task_is_survived_or_seen() {
    restarts("");
    let site = surviving().await;
    every_restarting_task_survives_a_panic(&site).await;
    for name in essential(&site) {
        an_essential_task_that_panics_takes_it_out_of_service(&surviving().await, name).await;
    }
}

/// A site that goes on without a dead essential task.
async fn surviving() -> Site {
    let place = Place::new(On::Sqlite);
    let site_config = config(&place);
    let db = site_config.database().await.unwrap();
    let engine = server::engine_on(&site_config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    Site::serve(engine, Arc::new(place)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_any_task_of_a_node_is_survived_or_seen() {
    restarts("");
    let cluster = Cluster::new();
    let site = Site::node(&cluster).await;
    every_restarting_task_survives_a_panic(&site).await;
    let names = essential(&site);
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        let node = Site::node(&cluster).await;
        an_essential_task_that_panics_takes_it_out_of_service(&node, name).await;
    }
}

both!(a_node_whose_writer_is_stuck_is_not_ready, "multi_thread");
async fn a_node_whose_writer_is_stuck_is_not_ready(on: On) {
    let site = Site::start(on).await;
    until_it_says(site.address, (200, "ready")).await;
    // All there are to write with, for as long as that runs: more than there are.
    let db = site.engine.db.clone();
    let holding = tokio::spawn(async move {
        let mut held = Vec::new();
        for _ in 0..100 {
            held.push(db.begin(Lane::Other).await);
        }
        std::future::pending::<()>().await;
    });
    until_it_says(site.address, (503, "writer")).await;
    holding.abort();
    until_it_says(site.address, (200, "ready")).await;
}
