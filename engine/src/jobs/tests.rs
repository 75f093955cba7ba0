use super::{
    Jobs, Run,
    keeper::Keeper,
    leases::{Ended, Leases, pause},
};
use crate::{
    Error,
    clock::Clock,
    db::{Db, Lane},
    tasks::Tasks,
};
use futures::FutureExt;
use model::{DAY, Job, JobLine, MINUTE, SECOND, Time};
use proptest::prelude::*;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use testing::{On, Place, both, eventually, eventually_some};
use tokio::{
    runtime,
    sync::watch,
    time::{Instant, sleep},
};

/// Half of this is longer than the period of the quickest jobs: they stay with their node.
const LONG: Duration = Duration::from_secs(3);
/// Every job is given back after each run.
const SHORT: Duration = Duration::from_millis(700);

/// Which node began a run, and when.
type Seen = Arc<Mutex<Vec<(i64, Instant)>>>;

fn leases(db: &Db, node: i64, lasts: Duration) -> Leases {
    Leases { db: db.clone(), clock: Clock::system(), node, lasts }
}

/// Notes every run, and fails the first so many of them.
fn noting(node: i64, seen: &Seen, failing: usize) -> Run {
    let seen = seen.clone();
    Arc::new(move |_| {
        let seen = seen.clone();
        async move {
            let mut seen = seen.lock().unwrap();
            seen.push((node, Instant::now()));
            if seen.len() <= failing { Err(Error::File(std::io::Error::other("out of ink"))) } else { Ok(()) }
        }
        .boxed()
    })
}

async fn line(leases: &Leases, job: Job) -> JobLine {
    let (now, rows) = leases.read().await.unwrap();
    rows.iter().find(|row| row.name == job.name()).unwrap().line(job, now)
}

async fn row_written(leases: &Leases) -> (Option<Time>, Option<Time>) {
    leases.db.sql("select last_started_at, last_ended_at from jobs where name = 'tell'").one().await.unwrap()
}

/// Two nodes for a while: each period has one run.
async fn one_run_a_period(on: On, lasts: Duration) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let (seen, began) = (Seen::default(), Instant::now());
    let nodes = [1, 2].map(|node| {
        Jobs::run(leases(&db, node, lasts), vec![Job::Deliver], noting(node, &seen, 0), &Tasks::surviving())
    });
    runs(&seen, 9).await;
    let (runs, periods) = (seen.lock().unwrap().len(), began.elapsed().div_duration_f64(Job::Deliver.every()) as i64);
    for node in nodes {
        node.leave().await;
    }
    // The first at once. One that began late on a busy machine is followed in time, so nothing is said of each pause.
    assert!(runs as i64 <= periods + 2, "{runs} runs in {periods} periods");
}

/// Resolves when there were so many runs.
async fn runs(seen: &Seen, runs: usize) {
    eventually(&format!("there are {runs} runs"), async || seen.lock().unwrap().len() >= runs).await;
}

both!(two_nodes_run_a_job_once_a_period, "multi_thread");
async fn two_nodes_run_a_job_once_a_period(on: On) {
    tokio::join!(one_run_a_period(on, LONG), one_run_a_period(on, SHORT));
}

both!(a_killed_node_is_followed_when_its_lease_is_over, "multi_thread");
async fn a_killed_node_is_followed_when_its_lease_is_over(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let seen = Seen::default();
    let (leaving, left) = (watch::Sender::new(false), watch::Sender::new(false));
    let first = Jobs { leases: leases(&db, 1, LONG), asked: Arc::default(), hurried: Arc::default(), leaving, left };
    let killed = tokio::spawn(Keeper::new(first, vec![Job::Deliver], noting(1, &seen, 0)).keep());
    runs(&seen, 2).await;
    // Longer than anybody waits here.
    let second = Jobs::run(
        leases(&db, 2, Duration::from_secs(600)),
        vec![Job::Deliver],
        noting(2, &seen, 0),
        &Tasks::surviving(),
    );
    sleep(Duration::from_millis(600)).await;
    killed.abort();
    let _ = killed.await;
    let died = Instant::now();
    let first_of = async |node: i64| seen.lock().unwrap().iter().any(|(by, _)| *by == node);
    eventually("the second follows", async || first_of(2).await).await;
    let after: Vec<i64> = seen.lock().unwrap().iter().filter(|(_, at)| *at > died).map(|(node, _)| *node).collect();
    assert!(after.iter().all(|node| *node == 2), "{after:?}");
    // One that leaves is followed at once, long before its lease would be over.
    let third = Jobs::run(leases(&db, 3, LONG), vec![Job::Deliver], noting(3, &seen, 0), &Tasks::surviving());
    second.leave().await;
    eventually("the third follows", async || first_of(3).await).await;
    third.leave().await;
}

both!(what_fails_is_tried_again_after_growing_pauses_and_shown, "multi_thread");
async fn what_fails_is_tried_again_after_growing_pauses_and_shown(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let (seen, leases) = (Seen::default(), leases(&db, 1, LONG));
    let node = Jobs::run(leases.clone(), vec![Job::Deliver], noting(1, &seen, 2), &Tasks::surviving());
    runs(&seen, 4).await;
    let at: Vec<Instant> = seen.lock().unwrap().iter().map(|(_, at)| *at).collect();
    assert!((at[1] - at[0]).as_secs_f64() > 1.9 && (at[2] - at[1]).as_secs_f64() > 3.9, "two seconds, then four");
    assert!((at[3] - at[2]).as_secs_f64() < 8.0, "in order again: no third pause, of eight seconds");
    let now = line(&leases, Job::Deliver).await;
    assert!(now.held);
    assert_eq!(now.failed.map(|(_, error)| error).as_deref(), Some("file: out of ink"));
    // How it goes is written when the lease is renewed.
    eventually("its failures are over", async || line(&leases, Job::Deliver).await.failures == 0).await;
    node.leave().await;
    assert!(!line(&leases, Job::Deliver).await.held);
}

both!(a_job_of_a_newer_node_waits_for_it_and_holds_up_nothing, "multi_thread");
async fn a_job_of_a_newer_node_waits_for_it_and_holds_up_nothing(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    // Two jobs that the older node does not know, due first: one by a name that only a newer program has.
    let newer = leases(&db, 2, LONG);
    newer.prepare(&[Job::Settle]).await.unwrap();
    let mut tx = db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into jobs (name, due_at, failures) values ('erase.2', 0, 0)").run().await.unwrap();
    tx.commit().await.unwrap();
    let untouched = async |name: &'static str| {
        let row = db.sql("select due_at, leased_by, last_started_at from jobs where name = $1").bind(name);
        row.one::<(i64, Option<i64>, Option<i64>)>().await.unwrap() == (0, None, None)
    };
    let (seen, later) = (Seen::default(), Seen::default());
    let older = Jobs::run(leases(&db, 1, LONG), vec![Job::Deliver], noting(1, &seen, 0), &Tasks::surviving());
    runs(&seen, 3).await;
    assert!(
        untouched("settle").await && untouched("erase.2").await,
        "neither run nor marked, and nothing waits for them"
    );
    let newer = Jobs::run(newer, vec![Job::Deliver, Job::Settle], noting(2, &later, 0), &Tasks::surviving());
    runs(&later, 1).await;
    assert!(!untouched("settle").await && untouched("erase.2").await);
    older.leave().await;
    newer.leave().await;
}

#[test]
fn pauses_grow_up_to_a_minute() {
    assert_eq!((1..9).map(|failures| pause(failures).as_secs()).collect::<Vec<_>>(), [2, 4, 8, 16, 32, 60, 60, 60]);
    assert!((0..100).all(|failures| pause(failures).as_secs() <= 60) && pause(i64::MAX).as_secs() == 60);
}

both!(a_job_that_is_asked_for_runs_at_once, "multi_thread");
async fn a_job_that_is_asked_for_runs_at_once(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let (seen, here) = (Seen::default(), leases(&db, 1, LONG));
    let node = Jobs::run(here.clone(), vec![Job::Erase], noting(1, &seen, 0), &Tasks::surviving());
    for times in 1..4 {
        runs(&seen, times).await;
        let line = eventually_some("it is given back", async || {
            let line = line(&here, Job::Erase).await;
            (!line.held).then_some(line)
        })
        .await;
        assert!(line.took.is_some() && line.due_at > line.started_at.unwrap() + 9 * MINUTE);
        sleep(Duration::from_millis(200)).await;
        assert_eq!(seen.lock().unwrap().len(), times, "once in ten minutes, and when it is asked for");
        // On another node.
        leases(&db, 2, LONG).ask(&crate::accounts::Actor::System, Job::Erase).await.unwrap();
    }
    node.leave().await;
}

both!(a_job_that_is_asked_for_while_it_runs_runs_again, "multi_thread");
async fn a_job_that_is_asked_for_while_it_runs_runs_again(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    let (seen, here) = (Seen::default(), leases(&db, 1, LONG));
    let going_on = Arc::new(tokio::sync::Semaphore::new(0));
    let (noted, goes_on) = (seen.clone(), going_on.clone());
    let run: Run = Arc::new(move |_| {
        let (noted, goes_on) = (noted.clone(), goes_on.clone());
        async move {
            noted.lock().unwrap().push((1, Instant::now()));
            goes_on.acquire().await.unwrap().forget();
            Ok(())
        }
        .boxed()
    });
    let node = Jobs::run(here.clone(), vec![Job::Erase], run, &Tasks::surviving());
    runs(&seen, 1).await;
    // What it has looked at by now it does not look at again.
    here.ask(&crate::accounts::Actor::System, Job::Erase).await.unwrap();
    going_on.add_permits(1);
    runs(&seen, 2).await;
    // And where the node hears of it meanwhile, and renews its lease.
    node.run_now(&crate::accounts::Actor::System, Job::Erase).await.unwrap();
    eventually("it is held on", async || line(&here, Job::Erase).await.due_at > db.time(&here.clock).await.unwrap())
        .await;
    going_on.add_permits(2);
    runs(&seen, 3).await;
    node.leave().await;
}

both!(an_idle_site_writes_a_row_when_a_lease_is_half_over, "multi_thread");
async fn an_idle_site_writes_a_row_when_a_lease_is_half_over(on: On) {
    let place = Place::new(on);
    let db = Db::at(&place).await;
    // Half of it is longer than the machine stalls.
    let (seen, leases) = (Seen::default(), leases(&db, 1, Duration::from_secs(60)));
    let node = Jobs::run(leases.clone(), vec![Job::Deliver], noting(1, &seen, 0), &Tasks::surviving());
    runs(&seen, 1).await;
    let written = row_written(&leases).await;
    eventually("it runs six times", async || {
        assert_eq!(row_written(&leases).await, written, "without a write");
        seen.lock().unwrap().len() >= 6
    })
    .await;
    node.leave().await;
}

/// What may happen to nodes that share the table.
#[derive(Debug, Clone)]
enum Step {
    /// Time passes, in seconds.
    Wait(i64),
    /// A node looks for work.
    Take(i64),
    /// One renews, and stops what it lost.
    Renew(i64),
    /// One ends its run; well or not.
    End(i64, bool),
    /// One is killed and started anew.
    Kill(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let node = 0..3i64;
    let step = prop_oneof![
        (1..40i64).prop_map(Step::Wait),
        node.clone().prop_map(Step::Take),
        node.clone().prop_map(Step::Renew),
        (node.clone(), any::<bool>()).prop_map(|(node, well)| Step::End(node, well)),
        node.prop_map(Step::Kill),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever happens, whoever may believe to hold the job is alone, and it is never forgotten.
    #[test]
    fn never_two_hold_one_job(steps in steps()) {
        runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let place = Place::new(On::Sqlite);
            let clock = Clock::manual(Time(400 * DAY.micros()));
            let db = Db::at(&place).await;
            let node = |node| Leases { db: db.clone(), clock: clock.clone(), node, lasts: Duration::from_secs(30) };
            node(0).prepare(&[Job::Erase]).await.unwrap();
            // By each node's own reckoning, until when it holds it.
            let mut held = HashMap::<i64, Time>::new();
            for step in steps {
                let now = clock.now();
                held.retain(|_, until| now < *until);
                match step {
                    Step::Wait(seconds) => clock.set(now + seconds * SECOND),
                    Step::Take(who) => {
                        if !held.contains_key(&who) && node(who).take(Job::Erase).await.unwrap() {
                            held.insert(who, now + 30 * SECOND);
                        }
                    }
                    Step::Renew(who) if held.contains_key(&who) => {
                        let lost = node(who).renew(&[(Job::Erase, None, false)]).await.unwrap();
                        prop_assert_eq!(lost, vec![]);
                        held.insert(who, now + 30 * SECOND);
                    }
                    Step::End(who, well) if held.contains_key(&who) => {
                        let (at, error) = (Instant::now(), (!well).then(|| "out of ink".to_owned()));
                        let ended = Ended { started: at, ended: at, failures: i64::from(!well), error };
                        node(who).give_back(Job::Erase, Job::Erase.every(), &ended).await.unwrap();
                        held.remove(&who);
                        let rest = line(&node(who), Job::Erase).await.due_at.since(now);
                        prop_assert!(if well { rest > 9 * MINUTE } else { rest == 2 * SECOND }, "{:?}", rest);
                    }
                    Step::Kill(who) => {
                        held.remove(&who);
                        node(who).prepare(&[Job::Erase]).await.unwrap();
                    }
                    Step::Renew(_) | Step::End(..) => {}
                }
                prop_assert!(held.len() <= 1, "{:?}", held);
            }
            // Once nobody is left, anybody can.
            clock.set(clock.now() + DAY);
            prop_assert!(node(9).take(Job::Erase).await.unwrap());
            Ok(())
        })?;
    }
}
