//! The tasks that run for as long as the program does, and what happens when one of them panics.
//!
//! Every such task is started here under a name, as one of two kinds: an *essential* one ends the program with itself, and
//! whoever watches over the program starts it again; a *restarting* one is begun anew after a pause. Readiness asks here
//! whether an essential one is dead, and at the end all of them are told to stop and waited for. Work that belongs to one
//! request or one connection is not kept here.

use futures::FutureExt;
use std::{
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a task rests after a panic before it is begun anew.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 50 } else { 1000 });

/// What a panic of a task means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// The program cannot go on without it.
    Essential,
    /// It is begun anew.
    Restarting,
}

/// Keeps the tasks of one node. Cheap to clone.
#[derive(Clone)]
pub struct Tasks(Arc<Shared>);

struct Shared {
    tracker: TaskTracker,
    stop: CancellationToken,
    running: Mutex<BTreeMap<u64, Arc<Task>>>,
    next: AtomicU64,
    /// Whether the program ends when an essential task panics.
    ends_program: bool,
}

struct Task {
    name: &'static str,
    kind: TaskKind,
    /// Cancelled when the task is to stop, or to panic.
    token: Mutex<CancellationToken>,
    /// A panic was asked for.
    injected: AtomicBool,
    /// It panicked, and nobody begins it anew.
    dead: AtomicBool,
}

impl Default for Tasks {
    fn default() -> Tasks {
        Tasks::new()
    }
}

impl Tasks {
    /// Of a program that ends when an essential task panics.
    pub fn new() -> Tasks {
        Tasks::with(true)
    }

    /// Of a program that goes on without a dead essential task, and is not ready any more: for tests.
    pub fn surviving() -> Tasks {
        Tasks::with(false)
    }

    fn with(ends_program: bool) -> Tasks {
        Tasks(Arc::new(Shared {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            running: Mutex::default(),
            next: AtomicU64::new(0),
            ends_program,
        }))
    }

    /// Runs a task without which nothing works. When it panics the program ends: what it acknowledged is safe, and whoever
    /// watches over it starts it again.
    pub fn essential(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let (tasks, number, kept) = self.register(name, TaskKind::Essential);
        self.0.tracker.spawn(async move {
            if AssertUnwindSafe(kept.run(task)).catch_unwind().await.is_ok() {
                tasks.running().remove(&number);
                return;
            }
            kept.dead.store(true, Ordering::Relaxed);
            if tasks.0.ends_program {
                tracing::error!(task = name, "an essential task panicked: the program ends");
                std::process::exit(1);
            }
            tracing::error!(task = name, "an essential task panicked");
        });
    }

    /// Runs a task that is begun anew, by calling `begin` once more, whenever it panicked. What it has to keep over a panic
    /// must be outside of what `begin` returns. It ends when that returns.
    pub fn restarting<F>(&self, name: &'static str, mut begin: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (tasks, number, kept) = self.register(name, TaskKind::Restarting);
        self.0.tracker.spawn(async move {
            // `begin` may panic as well.
            while AssertUnwindSafe(async { kept.run(begin()).await }).catch_unwind().await.is_err() {
                tracing::error!(task = name, "a task panicked and is begun anew after a pause");
                metrics::counter!("task_restarts_total", "task" => name).increment(1);
                if tasks.0.stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                    break;
                }
                kept.injected.store(false, Ordering::Relaxed);
                *kept.token() = tasks.0.stop.child_token();
            }
            tasks.running().remove(&number);
        });
    }

    fn register(&self, name: &'static str, kind: TaskKind) -> (Tasks, u64, Arc<Task>) {
        let token = Mutex::new(self.0.stop.child_token());
        let task = Task { name, kind, token, injected: AtomicBool::new(false), dead: AtomicBool::new(false) };
        let (number, task) = (self.0.next.fetch_add(1, Ordering::Relaxed), Arc::new(task));
        self.running().insert(number, task.clone());
        (self.clone(), number, task)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Task>>> {
        self.0.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of an essential task that panicked.
    pub fn dead(&self) -> Option<&'static str> {
        self.running().values().find(|task| task.dead.load(Ordering::Relaxed)).map(|task| task.name)
    }

    /// The tasks that run, or are about to be begun anew, each name once.
    pub fn names(&self) -> BTreeMap<&'static str, TaskKind> {
        self.running().values().map(|task| (task.name, task.kind)).collect()
    }

    /// Makes the tasks of a name panic where they wait next: for tests.
    pub fn inject_panic(&self, name: &str) {
        for task in self.running().values().filter(|task| task.name == name) {
            task.injected.store(true, Ordering::Relaxed);
            task.token().cancel();
        }
    }

    /// Tells all tasks to stop where they wait next, and waits for that as long as `patience`; whether all did.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.0.stop.cancel();
        self.0.tracker.close();
        let stopped = tokio::time::timeout(patience, self.0.tracker.wait()).await.is_ok();
        if !stopped {
            let names = self.names();
            tracing::warn!(tasks = ?names.keys(), "tasks did not stop");
        }
        stopped
    }
}

impl Task {
    fn token(&self) -> MutexGuard<'_, CancellationToken> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until it is done or told to stop.
    async fn run(&self, task: impl Future<Output = ()>) {
        let token = self.token().clone();
        let done = token.run_until_cancelled(task).await;
        assert!(done.is_some() || !self.injected.swap(false, Ordering::Relaxed), "a panic was injected");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use testing::eventually;
    use tokio::sync::Notify;

    #[test]
    fn an_essential_task_that_panics_ends_the_program() {
        let mut program = std::process::Command::new(std::env::current_exe().unwrap());
        program.args(["--ignored", "--exact", "tasks::tests::a_program_whose_essential_task_panics"]);
        let done = program.output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stdout));
    }

    #[tokio::test]
    #[ignore = "run by the test above"]
    async fn a_program_whose_essential_task_panics() {
        Tasks::new().essential("part", async { panic!("as it should") });
        tokio::time::sleep(Duration::from_secs(20)).await;
    }

    #[tokio::test]
    async fn a_restarting_task_is_begun_anew_after_each_panic_until_it_is_done() {
        let (tasks, begun) = (Tasks::surviving(), Arc::new(AtomicUsize::new(0)));
        let (counted, done) = (begun.clone(), Arc::new(Notify::new()));
        let finished = done.clone();
        tasks.restarting("part", move || {
            let (nth, finished) = (counted.fetch_add(1, Ordering::Relaxed), finished.clone());
            // Before it is a future, and as one.
            assert!(nth != 0, "as it should");
            async move {
                assert!(nth != 1, "as it should");
                finished.notified().await;
            }
        });
        let reaches =
            async |times| eventually("it is begun anew", async || begun.load(Ordering::Relaxed) == times).await;
        reaches(3).await;
        assert_eq!((tasks.dead(), tasks.names()["part"]), (None, TaskKind::Restarting));
        tasks.inject_panic("part");
        reaches(4).await;
        done.notify_one();
        eventually("it is done", async || tasks.names().is_empty()).await;
        tokio::time::sleep(PAUSE * 2).await;
        assert_eq!(begun.load(Ordering::Relaxed), 4, "what is done is not begun anew");
    }

    #[tokio::test]
    async fn a_dead_essential_task_is_known_and_one_that_is_done_is_forgotten() {
        let tasks = Tasks::surviving();
        tasks.essential("done", async {});
        tasks.essential("waits", std::future::pending());
        eventually("one is done", async || tasks.names().len() == 1).await;
        assert_eq!(tasks.dead(), None);
        tasks.inject_panic("waits");
        eventually("the other is dead", async || tasks.dead() == Some("waits")).await;
    }

    #[tokio::test]
    async fn all_tasks_stop_where_they_wait() {
        let tasks = Tasks::surviving();
        tasks.essential("one", std::future::pending());
        tasks.restarting("two", std::future::pending);
        assert!(tasks.stop(Duration::from_secs(10)).await);
        assert_eq!((tasks.dead(), tasks.names().len()), (None, 0));
    }
}
