//! What load balancers and operators ask a node.

use crate::support::{
    Cluster, Site, client,
    program::{Program, Scene},
    socket::Page,
};
use model::SECOND;
use testing::{On, both, eventually};

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
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(client().get(site.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
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
