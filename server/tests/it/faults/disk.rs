//! A disk that is full, fails, is slow, or has kept only the beginning of what was written last.

use super::short_or_long;
use crate::support::{
    Person, config_in,
    program::{Scene, stored, with_engine},
    session_of,
};
use engine::turnstile::ClickAnswer;
use model::{Entry, MemberId, SECOND};
use std::{collections::HashMap, fs, time::Duration};
use testing::{Fault, Faults, eventually};
use tokio::time::sleep;

const MS: Duration = Duration::from_millis(1);

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_clicks_are_refused_and_pages_are_read() {
    let faults = Faults::new();
    let scene = Scene::new(short_or_long(400, 2000), -SECOND);
    let (unlucky, others) = scene.people.split_at(10);
    let mut program = scene.started(Some(&faults)).await;
    let full = async {
        eventually("somebody has entered", async || scene.history.so_far().len() > 100).await;
        faults.set(Fault::NoSpace, 1);
        // What was being written meanwhile is through.
        sleep(200 * MS).await;
        for person in unlucky {
            assert_eq!(scene.press(person).await, Some(503));
        }
        let entered = scene.history.so_far();
        let entered = scene.people.iter().find(|person| person.member == entered[0].member).unwrap();
        assert_eq!(scene.press(entered).await, Some(200), "whoever has entered is told so");
        sleep(short_or_long(500 * MS, 5000 * MS)).await;
        assert_eq!(scene.press(&unlucky[0]).await, Some(503), "still full");
        faults.set(Fault::NoSpace, 0);
    };
    let pressing = async { tokio::join!(scene.press_all(others, 3 * MS), full) };
    scene.reading_pages(pressing).await;
    scene.press_all(unlucky, Duration::ZERO).await;
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_index_of_the_search_cannot_be_written_it_answers_as_it_is_and_goes_on_afterwards() {
    let faults = Faults::new();
    let scene = Scene::new(2, 3600 * SECOND);
    let [before, meanwhile] = &scene.people[..] else { unreachable!() };
    let mut program = scene.started(Some(&faults)).await;
    let call = async |person: &Person, name: &str| {
        let named = person.change("/creator/profile", "save-profile", &[("name", name)]).await;
        assert_eq!(named.status(), 303);
        // Who becomes a creator goes on in another session.
        Person { token: session_of(&named).unwrap_or(person.token), ..person.clone() }
    };
    let finds = async |name: &str, person: &Person| {
        let address = format!("http://{}/search?q={name}", scene.address);
        let found = scene.client.get(address).header("accept", "text/html").send().await.unwrap();
        found.text().await.unwrap().contains(&format!("/creators/{}", person.member))
    };
    // Not so often that somebody is refused who looks for what is not there.
    let found = async |name: &str, person: &Person| {
        for _ in 0..60 {
            if finds(name, person).await {
                return;
            }
            sleep(500 * MS).await;
        }
        panic!("{name} is not found");
    };
    let before = &call(before, "해달상점").await;
    // By what the index alone can find: until there is one, the database answers by names.
    found("ㅎㄷㅅㅈ", before).await;
    faults.set(Fault::NoSpace, 2);
    call(meanwhile, "물범공방").await;
    for _ in 0..4 {
        sleep(500 * MS).await;
        assert!(finds("해달상점", before).await, "what it has is found");
    }
    assert!(!finds("물범공방", meanwhile).await, "the index is not made anew elsewhere");
    faults.set(Fault::NoSpace, 0);
    found("물범공방", meanwhile).await;
    assert!(finds("해달상점", before).await);
    // Killed right behind a change, it goes on from what its index has.
    call(before, "점박이상점").await;
    program.kill();
    let mut program = scene.started(None).await;
    found("ㅈㅂㅇㅅㅈ", before).await;
    assert!(finds("물범공방", meanwhile).await && !finds("해달상점", before).await);
    program.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failed_sync_it_stops_and_acknowledges_nothing_more() {
    for round in 0..short_or_long(1, 10) {
        let faults = Faults::new();
        let scene = Scene::new(400, -SECOND);
        let (last, people) = scene.people.split_last().unwrap();
        let program = scene.started(Some(&faults)).await;
        let failing = async {
            let mut program = program;
            sleep((500 + round * 37) * MS).await;
            faults.set(Fault::FailingSyncs, 1);
            // So that there is something to sync.
            let (_, ended) = tokio::join!(scene.press(last), program.ended());
            assert_eq!(ended.code(), Some(1));
            scene.started(Some(&faults)).await
        };
        let (_, mut program) = tokio::join!(scene.press_all(people, 3 * MS), failing);
        scene.press_all(std::slice::from_ref(last), Duration::ZERO).await;
        program.kill();

        // What it finds may be in the system's memory only: as long as that cannot be made durable, no answer speaks of it.
        faults.set(Fault::FailingSyncs, i64::MAX);
        let mut program = scene.start(Some(&faults));
        let status = tokio::select! {
            status = program.ended() => status,
            () = scene.ready() => panic!("it tells of what may not be on the disk"),
        };
        assert_eq!(status.code(), Some(1));
        assert_eq!(scene.check().len(), scene.people.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_disk_is_waited_for_once_by_everybody_who_came_meanwhile() {
    let faults = Faults::new();
    let scene = Scene::new(short_or_long(600, 3000), -SECOND);
    let mut program = scene.started(Some(&faults)).await;
    let mut entered = 0;
    for (people, wait) in scene.people.chunks(scene.people.len().div_ceil(3)).zip([5 * MS, 20 * MS, 50 * MS]) {
        faults.set(Fault::SyncTakesUs, wait.as_micros() as i64);
        scene.press_all(people, Duration::ZERO).await;
        entered += people.len();
    }
    program.kill();
    assert_eq!(scene.check().len(), entered);
    let (syncs, batches) = (faults.get(Fault::Syncs), scene.batches());
    assert!(batches < entered as i64 / 2, "{batches} batches for {entered} entries");
    assert!(syncs >= batches, "{syncs} syncs for {batches} batches");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_write_cut_short_loses_only_the_end() {
    let scene = Scene::new(300, -SECOND);
    // Starting brings everything of before into the database file; from here on the log grows beside it.
    let mut program = scene.started(None).await;
    let database = fs::read(scene.folder().join("fiftynine.db")).unwrap();
    let (late, people) = scene.people.split_last().unwrap();
    let load = eventually("there is load", async || scene.history.so_far().len() > 200);
    tokio::select! {
        () = scene.press_all(people, 3 * MS) => {}
        () = load => {}
    }
    program.kill();
    let log = fs::read(scene.folder().join("fiftynine.db-wal")).unwrap();
    let whole = by_rank(scene.check());
    assert!(whole.len() > 200, "there was load: {}", whole.len());

    // Within a header, within a frame, at its end: anywhere.
    let mut cuts = vec![0, log.len()];
    let mut seed = 59_u64;
    for _ in 0..short_or_long(20, 400) {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        cuts.push((seed >> 33) as usize % log.len());
    }
    cuts.sort_unstable();
    let mut left = Vec::new();
    for cut in cuts {
        let torn = tempfile::tempdir().unwrap();
        fs::write(torn.path().join("fiftynine.db"), &database).unwrap();
        fs::write(torn.path().join("fiftynine.db-wal"), &log[..cut]).unwrap();
        let entries = by_rank(stored(&config_in(torn.path()), scene.event, &scene.people));
        assert_eq!(entries, whole[..entries.len()], "of {cut} bytes the first entries are left");
        let next = with_engine(&config_in(torn.path()), async |engine| {
            engine
                .turnstile
                .enter(scene.event, late.member, "수달".into(), engine.clock.now(), None, None)
                .await
                .unwrap()
        });
        assert!(
            matches!(next, ClickAnswer::Entered(entry) if entry.rank == entries.len() as u64 + 1),
            "it goes on: {next:?}"
        );
        stored(&config_in(torn.path()), scene.event, &scene.people);
        left.push(entries.len());
    }
    assert!(left.is_sorted(), "a longer log holds more: {left:?}");
    assert_eq!((left[0], left[left.len() - 1]), (0, whole.len()));
}

fn by_rank(stored: HashMap<MemberId, Entry>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = stored.into_values().collect();
    entries.sort_by_key(|entry| entry.rank);
    entries
}
