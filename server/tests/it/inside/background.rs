//! Threads that come after those of presses.

use crate::support::{Site, client, events::png};
use engine::{
    background,
    pictures::{Drawings, PictureStore, Words},
};
use model::{Crop, MINUTE, Time};
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use testing::On;

/// The threads of this process that compute for long: how nice each is, and for how many nanoseconds it ran.
fn threads() -> Vec<(i32, u64)> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    // One that ends meanwhile is none.
    let of = |task: PathBuf| {
        let name = fs::read_to_string(task.join("comm")).ok()?;
        let stat = fs::read_to_string(task.join("stat")).ok()?;
        // Behind the name, which may have anything in it, niceness is the 17th.
        let nice = stat.rsplit_once(") ")?.1.split(' ').nth(16)?.parse().ok()?;
        let ran = fs::read_to_string(task.join("schedstat")).ok()?;
        (name.trim() == background::NAME).then_some((nice, ran.split(' ').next()?.parse().ok()?))
    };
    tasks.filter_map(of).collect()
}

fn ran() -> Duration {
    Duration::from_nanos(threads().iter().map(|(_, ran)| ran).sum())
}

/// For how long they ran when they have had nothing to do for a while but to look: the search, too, has read what was written.
async fn quiet() -> Duration {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let before = ran();
        tokio::time::sleep(Duration::from_millis(600)).await;
        let now = ran();
        if now.abs_diff(before) < Duration::from_millis(1) {
            return now;
        }
        assert!(Instant::now() < until, "they never rest");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_rendered_by_threads_that_come_after_those_of_presses() {
    let site = Site::start(On::Sqlite).await;
    let event = site.event(-MINUTE, 2).await;
    let person = site.people(1).await.remove(0);
    person.enter(event).await;
    let page = || client().get(site.url(&format!("/events/{event}"))).header("accept", "text/html").send();
    page().await.unwrap().error_for_status().unwrap();
    assert!(
        !threads().is_empty() && threads().iter().all(|(nice, _)| *nice == background::NICENESS),
        "{:?}",
        threads()
    );
    let before = quiet().await;
    for _ in 0..5 {
        page().await.unwrap().error_for_status().unwrap();
    }
    let of_pages = ran().saturating_sub(before);
    assert!(of_pages > Duration::from_millis(5), "{of_pages:?}");
    // An entry writes, and what is written is looked for: a repeat is answered from memory.
    let before = quiet().await;
    for _ in 0..5 {
        person.enter(event).await;
    }
    let of_presses = ran().saturating_sub(before);
    assert!(of_presses < of_pages / 4, "{of_presses:?} of presses, {of_pages:?} of pages");
}

#[tokio::test]
async fn pictures_are_drawn_and_made_by_such_threads() {
    let words = Words {
        title: "찻잔".to_owned(),
        above: "2026년 11월 26일 (목)".to_owned(),
        clock: "20:00".to_owned(),
        under: "한국 시간".to_owned(),
        site: "59초".to_owned(),
    };
    let before = ran();
    Drawings::default().png(words).await.unwrap();
    let of_drawing = ran().saturating_sub(before);
    assert!(of_drawing > Duration::from_millis(1), "{of_drawing:?}");
    let folder = tempfile::tempdir().unwrap();
    let pictures = PictureStore::folder(folder.path()).await.unwrap();
    let before = ran();
    pictures.save(png(), Crop::default(), Time(1)).await.unwrap();
    let of_uploads = ran().saturating_sub(before);
    assert!(of_uploads > Duration::from_millis(1), "{of_uploads:?}");
}

#[tokio::test]
async fn what_panics_there_panics_here_and_what_nobody_waits_for_ends() {
    assert_eq!(background::run(async { 59 }).await, 59);
    let panics = tokio::spawn(background::run(async { panic!("on purpose") }));
    assert!(panics.await.unwrap_err().is_panic());
    let (kept, dropped) = tokio::sync::oneshot::channel::<()>();
    let waits = background::run(async move {
        let _kept = kept;
        std::future::pending::<()>().await;
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), waits).await.is_err());
    assert!(dropped.await.is_err());
}

#[test]
fn what_begins_there_starts_threads_that_are_as_nice() {
    let nice = || -> i32 {
        let stat = fs::read_to_string("/proc/thread-self/stat").unwrap();
        stat.rsplit_once(") ").unwrap().1.split(' ').nth(16).unwrap().parse().unwrap()
    };
    let started = background::begin(|| std::thread::spawn(nice)).unwrap();
    assert_eq!(started.join().unwrap(), background::NICENESS);
    assert_eq!(nice(), 0);
    let panicked: std::io::Result<()> = background::begin(|| panic!("on purpose"));
    assert!(panicked.is_err());
}
