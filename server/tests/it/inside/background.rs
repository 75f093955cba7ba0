//! Threads that come after those of presses.

use crate::support::{Site, client};
use engine::background;
use model::MINUTE;
use std::{fs, time::Duration};
use testing::On;

/// The threads of this process that make pages: how nice each is, and how long it ran, in nanoseconds.
fn threads() -> Vec<(i32, u64)> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let theirs =
        tasks.filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == background::NAME));
    let of = |task: std::path::PathBuf| {
        let stat = fs::read_to_string(task.join("stat")).unwrap();
        // Behind the name, which may have anything in it, niceness is the 17th.
        let nice = stat.rsplit_once(") ").unwrap().1.split(' ').nth(16).unwrap().parse().unwrap();
        let ran = fs::read_to_string(task.join("schedstat")).unwrap();
        (nice, ran.split(' ').next().unwrap().parse().unwrap())
    };
    theirs.map(of).collect()
}

fn ran() -> Duration {
    Duration::from_nanos(threads().iter().map(|(_, ran)| ran).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_made_by_threads_that_come_after_those_of_presses() {
    let site = Site::start(On::Sqlite).await;
    let event = site.event(-MINUTE, 2).await;
    let person = site.people(1).await.remove(0);
    let page = client().get(site.url(&format!("/events/{event}"))).header("accept", "text/html");
    page.send().await.unwrap().error_for_status().unwrap();
    let of_page = ran();
    assert!(of_page > Duration::from_micros(50), "{of_page:?}");
    assert!(threads().iter().all(|(nice, _)| *nice == background::NICENESS), "{:?}", threads());
    person.enter(event).await;
    // But what is left over of the page.
    let of_press = ran() - of_page;
    assert!(of_press < of_page / 4, "{of_press:?} of a press, {of_page:?} of a page");
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
