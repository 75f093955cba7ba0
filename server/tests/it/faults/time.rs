//! A wall clock that is set while the program runs and between two runs, and a program that does not run for a while.

use super::short_or_long;
use crate::support::{history::History, program::Scene};
use model::{Entry, MILLISECOND, MINUTE, SECOND, Span, Time};
use std::time::Duration;
use testing::{Fault, Faults, Stalls, eventually, eventually_some};
use tokio::time::{Instant, sleep, sleep_until};

const MS: Duration = Duration::from_millis(1);
/// How exactly two clocks of one machine are compared here: the machine is busy.
const ABOUT: Span = MILLISECOND.times(250);

/// The wall clock, that the program's is compared with.
fn now() -> Time {
    engine::clock::Clock::system().now()
}

/// What the wall clock said when a history began: asked until nothing came between the two.
async fn zero(history: &History) -> Time {
    eventually_some("two clocks are read at once", async || {
        let (before, time, after) = (history.now(), now(), history.now());
        (after - before < 10_000).then(|| time - Span::from_micros(before as i64))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_is_set_changes_neither_the_opening_nor_the_order() {
    let faults = Faults::new();
    let people = short_or_long(60, 600);
    let scene = Scene::new(people, 3 * SECOND);
    let begun = Instant::now();
    let (stalls, zero) = (Stalls::watch(), zero(&scene.history).await);
    let mut program = scene.started(Some(&faults)).await;
    let after = |ms: u32| sleep_until(begun + ms * MS);
    let setting = async {
        // Ahead for long enough to be noticed, behind, standing still over the opening, then ahead again.
        faults.set(Fault::ClockAheadUs, (60 * MINUTE).micros());
        let stepped = async || scene.clock_difference().await.is_some_and(|ahead| ahead > 3000.0);
        eventually("a step is reported", stepped).await;
        faults.set(Fault::ClockAheadUs, (-60 * MINUTE).micros());
        after(2600).await;
        faults.set(Fault::ClockStandsAt, now().0);
        after(3400).await;
        faults.set(Fault::ClockStandsAt, 0);
        faults.set(Fault::ClockAheadUs, (10 * MINUTE).micros());
        after(4000).await;
        faults.set(Fault::ClockAheadUs, (-10 * MINUTE).micros());
        after(4300).await;
        faults.set(Fault::ClockAheadUs, 0);
    };
    // Half of them cannot wait, the others come one after the other once it is open.
    let (eager, patient) = scene.people.split_at(people / 2);
    let patiently = async {
        after(3100).await;
        scene.press_all(patient, 1000 * MS / patient.len() as u32).await;
    };
    tokio::join!(setting, scene.press_all(eager, MS), patiently);
    program.kill();
    let stored = scene.check();
    assert_eq!(stored.len(), people);
    for told in scene.history.so_far() {
        let Entry { entered_at, since_open, .. } = told.entry;
        assert!(since_open >= Span::ZERO, "nobody is let in early");
        // What this test's own clock says of the moment it was answered.
        let answered_at = zero + Span::from_micros(told.answered as i64);
        let (sent, answered) = (scene.history.moment(told.sent), scene.history.moment(told.answered));
        let stalled = Span::from(stalls.between(sent, answered));
        let late = answered_at.since(entered_at);
        assert!(
            (-ABOUT..3 * SECOND + stalled).contains(&late),
            "an entry of {entered_at:?} was answered {late:?} later"
        );
        let opens_at = entered_at - since_open;
        assert!(answered_at >= opens_at - ABOUT, "answered {:?} before the opening", opens_at.since(answered_at));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_clock_that_is_set_between_two_runs_turns_no_order_around() {
    let faults = Faults::new();
    let scene = Scene::new(short_or_long(80, 800), -SECOND);
    let mut groups = scene.people.chunks(scene.people.len() / 4);
    for (ahead, stands) in
        [(Span::ZERO, false), (10 * MINUTE, false), (-10 * MINUTE, false), (Span::ZERO, true), (MINUTE, false)]
    {
        faults.set(Fault::ClockAheadUs, ahead.micros());
        faults.set(Fault::ClockStandsAt, if stands { now().0 } else { 0 });
        let mut program = scene.started(Some(&faults)).await;
        if ahead < Span::ZERO {
            // By this clock it has not opened: nobody new is let in, whoever is in stays in.
            assert_eq!(scene.press(&scene.people[scene.people.len() - 1]).await, Some(425));
            assert_eq!(scene.press(&scene.people[0]).await, Some(200));
        } else {
            scene.press_all(groups.next().unwrap(), MS).await;
        }
        program.kill();
    }
    assert_eq!(scene.check().len(), scene.people.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_for_a_while_it_goes_on_by_itself() {
    let mut scene = Scene::new(short_or_long(400, 1000), -SECOND);
    // A client that waits for too long asks again, and must not get two entries.
    engine::tls::prepare();
    scene.client = reqwest::Client::builder().timeout(1000 * MS).build().unwrap();
    let mut program = scene.started(None).await;
    // Some while it runs, some around the moment when it is stopped, some while it stands still.
    let (first, people) = scene.people.split_at(50);
    let (people, last) = people.split_at(people.len() - 50);
    scene.press_all(first, 3 * MS).await;
    let stopping = async {
        sleep(300 * MS).await;
        program.signal("STOP");
        sleep(100 * MS).await;
        let before = scene.history.so_far().len();
        let standing_still = async {
            sleep(short_or_long(3000 * MS, 30_000 * MS)).await;
            assert_eq!(scene.history.so_far().len(), before, "it stood still");
            program.signal("CONT");
        };
        tokio::join!(scene.press_all(last, 3 * MS), standing_still);
        before
    };
    let ((), before) = tokio::join!(scene.press_all(people, 3 * MS), stopping);
    assert!(0 < before && before < scene.people.len());
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}
