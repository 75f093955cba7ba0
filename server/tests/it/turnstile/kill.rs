//! The real program, killed without warning under load and started again.
//!
//! `KILLS=50` for `make faults`.

use crate::support::program::{Scene, command, with_engine};
use model::SECOND;
use std::time::Duration;
use testing::{On, both};

both!(killed_under_load_it_loses_nothing_it_acknowledged, "multi_thread");
async fn killed_under_load_it_loses_nothing_it_acknowledged(on: On) {
    let kills: u32 = std::env::var("KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    // A few kills to a life of data, so that every one meets work in progress.
    for round in 0..kills.div_ceil(4) {
        let scene = Scene::on(on, 600, -SECOND);
        let mut program = scene.start(None);
        let killing = async {
            for kill in 0..4u64.min(u64::from(kills)) {
                // At another moment each time.
                tokio::time::sleep(Duration::from_millis(400 + (u64::from(round) * 4 + kill) * 61 % 300)).await;
                program.kill();
                program = scene.start(None);
            }
        };
        tokio::join!(scene.press_all(&scene.people, Duration::from_millis(4)), killing);
        program.kill();
        assert_eq!(scene.check().len(), scene.people.len());
    }
}

both!(check_is_a_command_that_fails_when_something_is_wrong);
async fn check_is_a_command_that_fails_when_something_is_wrong(on: On) {
    let scene = Scene::on(on, 20, -SECOND);
    with_engine(&scene.config(), async |engine| {
        for person in &scene.people {
            engine.turnstile.enter(scene.event, person.member, "수달".into(), engine.clock.now(), None, None).await.unwrap();
        }
    });
    let check = || command("check", &scene.config()).output().unwrap();
    let good = check();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
    with_engine(&scene.config(), async |engine| {
        let mut tx = engine.db.begin(engine::db::Lane::Other).await.unwrap();
        tx.sql("delete from entries where rank = 7").run().await.unwrap();
        tx.commit().await.unwrap();
    });
    let bad = check();
    assert!(!bad.status.success());
    assert!(String::from_utf8_lossy(&bad.stdout).contains("rank 8 stands where rank 7 should"));
}
