//! The real program, killed without warning under load and started again.
//!
//! `KILLS=50` for `make faults`.

use crate::{
    history::{self, Acknowledged},
    support::{Person, client, make_event, make_people},
};
use engine::{Engine, clock::Clock, members::Passwords};
use model::{Entry, EventId, MemberId, SECOND};
use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const PEOPLE: usize = 600;

struct Program(Child);

impl Program {
    fn start(folder: &Path, address: SocketAddr) -> Program {
        let child = Command::new(env!("CARGO_BIN_EXE_fiftynine"))
            .args(["serve", "--weak-passwords", "--addr", &address.to_string(), "--data-dir"])
            .arg(folder)
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Program(child)
    }

    /// SIGKILL: nothing is flushed, nobody is asked.
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// On a runtime of its own, so that the database is closed again when it returns.
fn prepare(folder: &Path, address: SocketAddr) -> (EventId, Vec<Person>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = Engine::start(folder, Clock::system(), Passwords::weak().unwrap()).await.unwrap();
        let mut people = make_people(&engine, address, PEOPLE + 1).await;
        let creator = people.remove(0);
        engine.members.set_profile(creator.member, "수달상점", "", "").await.unwrap();
        let event = make_event(&engine, creator.member, -SECOND, 100).await;
        (event, people)
    })
}

fn stored(folder: &Path, event: EventId, people: &[Person]) -> HashMap<MemberId, Entry> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = Engine::start(folder, Clock::system(), Passwords::weak().unwrap()).await.unwrap();
        let (_, violations) = engine::turnstile::check(&engine.db).await.unwrap();
        assert_eq!(violations, [], "fiftynine check is clean");
        let mut stored = HashMap::new();
        for person in people {
            if let Some(entry) = engine.turnstile.entry(event, person.member).await.unwrap() {
                stored.insert(person.member, entry);
            }
        }
        stored
    })
}

/// Everybody presses until they have an answer, whatever happens to the server meanwhile.
async fn press_all(people: &[Person], event: EventId, begun: Instant, history: &Arc<Mutex<Vec<Acknowledged>>>) {
    let client = client();
    let mut pressing = tokio::task::JoinSet::new();
    for (i, person) in people.iter().cloned().enumerate() {
        let (client, history) = (client.clone(), history.clone());
        pressing.spawn(async move {
            tokio::time::sleep(Duration::from_millis(i as u64 * 4)).await;
            let deadline = Instant::now() + Duration::from_secs(60);
            let first_sent = begun.elapsed().as_micros();
            while Instant::now() < deadline {
                if let Ok(response) = person.press(&client, event).await
                    && response.status().is_success()
                    && let Ok(entry) = response.json().await
                {
                    let answered = begun.elapsed().as_micros();
                    history.lock().unwrap().push(Acknowledged {
                        member: person.member,
                        sent: first_sent,
                        answered,
                        entry,
                    });
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            panic!("no answer within a minute");
        });
    }
    pressing.join_all().await;
}

#[test]
fn killed_under_load_it_loses_nothing_it_acknowledged() {
    let kills: u32 = std::env::var("KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    // A few kills to a life of data, so that every one meets work in progress.
    for round in 0..kills.div_ceil(4) {
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (event, people) = prepare(folder.path(), address);
        let history = Arc::new(Mutex::new(Vec::new()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let begun = Instant::now();
        runtime.block_on(async {
            let mut program = Program::start(folder.path(), address);
            let pressing = press_all(&people, event, begun, &history);
            let killing = async {
                for kill in 0..4u64.min(u64::from(kills)) {
                    // At another moment each time.
                    tokio::time::sleep(Duration::from_millis(400 + (u64::from(round) * 4 + kill) * 61 % 300)).await;
                    program.kill();
                    program = Program::start(folder.path(), address);
                }
                program
            };
            let ((), _program) = tokio::join!(pressing, killing);
        });
        drop(runtime);
        let history = history.lock().unwrap();
        assert_eq!(history.len(), PEOPLE);
        history::check(&history, &stored(folder.path(), event, &people));
    }
}

#[test]
fn check_is_a_command_that_fails_when_something_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let address: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let (event, people) = prepare(folder.path(), address);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = Engine::start(folder.path(), Clock::system(), Passwords::weak().unwrap()).await.unwrap();
        for person in &people[..20] {
            engine.turnstile.enter(event, person.member, "수달".into(), engine.clock.now(), None).await.unwrap();
        }
    });
    drop(runtime);
    let check = || {
        Command::new(env!("CARGO_BIN_EXE_fiftynine")).args(["check", "--data-dir"]).arg(folder.path()).output().unwrap()
    };
    let good = check();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stdout));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = engine::db::Db::open(folder.path()).await.unwrap();
        let mut tx = db.begin(engine::db::Lane::Other).await.unwrap();
        tx.sql("delete from entries where rank = 7").run().await.unwrap();
        tx.commit().await.unwrap();
    });
    drop(runtime);
    let bad = check();
    assert!(!bad.status.success());
    assert!(String::from_utf8_lossy(&bad.stdout).contains("rank 8 stands where rank 7 should"));
}
