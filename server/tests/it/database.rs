//! The program and the database it is told to use.

use crate::support::{
    config_in,
    program::{Scene, command, with_engine},
};
use model::SECOND;
use server::config::{Config, Secret};
use std::process::Output;
use testing::{Database, On, Place};

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_database_that_cannot_be_used_ends_the_program_with_a_line_and_without_the_password() {
    let place = Place::new(On::Sqlite);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for url in [
        format!("postgres://me:wr0ng-secret@{nobody}/x"),
        "mysql://me:wr0ng-secret@localhost/x".into(),
        "postgres://me:wr0ng-secret@localhost:x/x".into(),
        "postgres://me@localhost/x?pasword=wr0ng-secret".into(),
        String::new(),
    ] {
        let config = Config { database_url: Some(Secret(url.clone())), ..config_in(place.folder()) };
        assert!(!format!("{config:?}").contains("wr0ng-secret"));
        for name in ["serve", "check", "migrate-data"] {
            // Whatever is logged, and on the command line as in the environment.
            let run = command(name, &config).env("RUST_LOG", "trace").output().unwrap();
            assert_eq!(run.status.code(), Some(1), "{url}");
            // There it is not taken at all.
            let typed = command(name, &config_in(place.folder())).args(["--database-url", &url]).output().unwrap();
            assert_eq!(typed.status.code(), Some(1), "{url}");
            assert!(told(&typed).contains("a secret stands on the command line"), "{}", told(&typed));
            for output in [run, typed] {
                assert!(!told(&output).contains("wr0ng-secret"), "{}", told(&output));
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert_eq!(said.lines().filter(|line| line.starts_with("fiftynine: ")).count(), 1, "{said}");
            }
        }
        let help = command("serve", &config).arg("--help").output().unwrap();
        assert!(help.status.success() && told(&help).contains("DATABASE_URL"));
        assert!(!told(&help).contains("wr0ng-secret"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_carried_over_to_postgresql_and_served_from_there() {
    let scene = Scene::new(30, -SECOND);
    let target = Database::empty();
    let there = Config { database_url: Some(Secret(target.url().to_owned())), ..scene.config() };
    let carry = || command("migrate-data", &there).output().unwrap();

    let mut program = scene.started(None).await;
    for person in &scene.people[..20] {
        assert_eq!(scene.press(person).await, Some(201));
    }
    let running = carry();
    assert_eq!(running.status.code(), Some(1));
    assert!(told(&running).contains("is in use"), "{}", told(&running));
    program.kill();

    let carried = carry();
    assert!(carried.status.success(), "{}", told(&carried));
    let said = told(&carried);
    assert!(said.contains("20 entries") && said.contains("1 events checked, 0 violations"), "{said}");
    assert!(said.contains("pictures stay"), "{said}");
    let again = carry();
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("is not empty"), "{}", told(&again));

    // Everybody is still signed in, keeps their entry, and the rest come after them.
    let before = scene.check();
    with_engine(&there, async |engine| {
        for person in &scene.people {
            assert!(engine.accounts.sessions.of(&person.token).await.unwrap().is_some());
            let entry = engine.turnstile.entry(scene.event, person.member).await.unwrap();
            assert_eq!(entry, before.get(&person.member).copied());
            let now = engine.clock.now();
            engine.turnstile.enter(scene.event, person.member, "수달".into(), now, None, None).await.unwrap();
        }
        assert_eq!(engine::check(&engine.db).await.unwrap(), (1, vec![]));
    });
}

/// Data that was written before entries had a quantity: see testing/fixtures/README.md.
#[test]
fn data_of_version_1_is_checked_and_carried_over() {
    let (place, target) = (Place::new(On::Sqlite), Database::empty());
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/fixtures/version-1.db.gz");
    let unpacked = std::process::Command::new("gzip").args(["-dc", fixture]).output().unwrap();
    assert!(unpacked.status.success(), "{}", told(&unpacked));
    std::fs::write(place.folder().join("fiftynine.db"), unpacked.stdout).unwrap();
    let here = config_in(place.folder());
    let there = Config { database_url: Some(Secret(target.url().to_owned())), ..config_in(place.folder()) };
    for (name, config) in [("check", &here), ("migrate-data", &there), ("check", &there)] {
        let output = command(name, config).output().unwrap();
        let said = told(&output);
        assert!(output.status.success() && said.contains("13 events checked, 0 violations"), "{name}: {said}");
        assert!(name == "check" || said.contains("1573 entries"), "{said}");
    }
    for config in [&here, &there] {
        with_engine(config, async |engine| {
            let quantities: Vec<(i64, i64)> =
                engine.db.sql("select quantity, count(*) from entries group by quantity").all().await.unwrap();
            assert_eq!(quantities, [(1, 1573)]);
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_away_clicks_are_refused_and_afterwards_taken() {
    let scene = Scene::on(On::Postgres, 3, -SECOND);
    let mut program = scene.started(None).await;
    assert_eq!(scene.press(&scene.people[0]).await, Some(201));
    let database = scene.database();
    // Nobody may connect, and whoever is connected is not any more.
    database.on_server("alter database {} with allow_connections false");
    database.on_server("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}'");
    assert_eq!(scene.press(&scene.people[1]).await, Some(503));
    assert_eq!(scene.press(&scene.people[0]).await, Some(200), "what is known is told");
    database.on_server("alter database {} with allow_connections true");
    scene.press_all(&scene.people, std::time::Duration::ZERO).await;
    program.kill();
    assert_eq!(scene.check().len(), 3);
}
