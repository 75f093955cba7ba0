//! The task that runs a node's jobs.

use super::{
    Jobs, Run,
    leases::{Ended, Leases},
};
use crate::{Error, versions};
use model::Job;
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::{
    task::{AbortHandle, Id, JoinError, JoinSet},
    time::{Instant, MissedTickBehavior, interval, sleep_until, timeout},
};

/// How often the table is read.
const LOOK: Duration = Duration::from_secs(1);
/// What is written while the outbox is looked through often is told together with what came beside it.
const BREATH: Duration = Duration::from_millis(150);
/// A run that takes longer is given up, and has failed.
const LONGEST: Duration = Duration::from_secs(3600);
/// How much of an error is kept, in characters.
const ERROR: usize = 300;
/// Giving back may take so long when the program ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// A job that this node holds.
struct HeldJob {
    /// Until when, by our own reckoning: from before the row was written, so never later than the row says.
    until: Instant,
    /// When it is to run next, unless it is running.
    next: Instant,
    running: Option<Running>,
    /// Whether it is to run again soon, asked for while it ran.
    hurried: bool,
    /// The last run, until the row says so.
    ended: Option<Ended>,
    /// Runs that failed since one succeeded.
    failures: i64,
}

struct Running {
    task: AbortHandle,
    since: Instant,
}

/// Runs a node's jobs.
pub(super) struct Keeper {
    node: Jobs,
    jobs: Vec<Job>,
    run: Run,
    held: HashMap<Job, HeldJob>,
    /// Names in the table that this node does not know.
    unknown: HashSet<String>,
    runs: JoinSet<Result<(), Error>>,
}

impl Keeper {
    pub fn new(node: Jobs, jobs: Vec<Job>, run: Run) -> Keeper {
        Keeper { node, jobs, run, held: HashMap::new(), unknown: HashSet::new(), runs: JoinSet::new() }
    }

    /// Runs what is due until the node leaves; then it says so.
    pub async fn keep(mut self) {
        let (mut leaving, asked) = (self.node.leaving.subscribe(), self.node.asked.clone());
        let hurried = self.node.hurried.clone();
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut prepared = false;
        while !*leaving.borrow_and_update() {
            let next = self.next();
            let look = tokio::select! {
                _ = leaving.changed() => continue,
                Some(done) = self.runs.join_next_with_id(), if !self.runs.is_empty() => {
                    self.ended(done).await;
                    false
                }
                () = until(next) => false,
                () = hurried.notified() => {
                    self.hurry();
                    false
                }
                _ = looks.tick() => true,
                () = asked.notified() => true,
            };
            if look {
                prepared = prepared || kept(self.leases().prepare(&self.jobs).await).is_some();
                kept(self.look().await);
            }
            self.begin();
        }
        self.runs.shutdown().await;
        match timeout(GOODBYE, self.leases().leave()).await {
            Ok(done) => drop(kept(done)),
            Err(_) => tracing::warn!("others wait for this node's jobs until its leases are over"),
        }
        self.node.left.send_replace(true);
    }

    fn leases(&self) -> &Leases {
        &self.node.leases
    }

    fn lasts(&self) -> Duration {
        self.leases().lasts
    }

    /// When the next of what is held is to run.
    fn next(&self) -> Option<Instant> {
        self.held.values().filter(|held| held.running.is_none()).map(|held| held.next).min()
    }

    /// Renews leases that are half over, and takes jobs that are due and free.
    async fn look(&mut self) -> Result<(), sqlx::Error> {
        let began = Instant::now();
        let over: Vec<Job> = self.held.iter().filter(|(_, held)| held.until <= began).map(|(job, _)| *job).collect();
        over.into_iter().for_each(|job| self.lose(job));
        let (now, rows) = self.leases().read().await?;
        let mut renewing = self.held.values().any(|held| held.until - began < self.lasts() / 2);
        let mut asked_for = Vec::new();
        for row in &rows {
            let Some(job) = Job::named(&row.name).filter(|job| self.jobs.contains(job)) else {
                // A newer node's: it runs it, or does once it is there.
                if self.unknown.insert(row.name.clone()) {
                    versions::count_unknown("job");
                }
                continue;
            };
            match self.held.get_mut(&job) {
                // While it is held it is due when the lease ends: somebody asked for it.
                Some(held) if row.due_at <= now => {
                    // Renewed, its row says no more that it is due: what runs by now may have looked past it.
                    held.next = if held.running.is_some() { began } else { held.next.min(began) };
                    renewing = true;
                    asked_for.push(job);
                }
                Some(_) => {}
                None if row.is_free(now) => {
                    let asked = Instant::now();
                    if self.leases().take(job).await? {
                        let until = asked + self.lasts();
                        let failures = row.failures;
                        let held = HeldJob { until, next: asked, running: None, hurried: false, ended: None, failures };
                        self.held.insert(job, held);
                        metrics::gauge!("job_held", "job" => job.name()).set(1.0);
                    }
                }
                None => {}
            }
        }
        if renewing { self.renew(&asked_for).await } else { Ok(()) }
    }

    /// Renews what is held; that somebody asked for `asked_for` is known by now.
    async fn renew(&mut self, asked_for: &[Job]) -> Result<(), sqlx::Error> {
        let asked = Instant::now();
        let held = self.held.iter().map(|(job, held)| (*job, held.ended.clone(), asked_for.contains(job)));
        let held: Vec<_> = held.collect();
        let lost = self.leases().renew(&held).await?;
        let until = asked + self.lasts();
        for held in self.held.values_mut() {
            held.until = until;
            held.ended = None;
        }
        lost.into_iter().for_each(|job| self.lose(job));
        Ok(())
    }

    /// It is another node's, or may be: what runs of it here ends half-way.
    fn lose(&mut self, job: Job) {
        metrics::gauge!("job_held", "job" => job.name()).set(0.0);
        if let Some(HeldJob { running: Some(running), .. }) = self.held.remove(&job) {
            tracing::warn!(job = job.name(), "the lease was lost while it ran");
            running.task.abort();
        }
    }

    /// Has the outbox looked through at once, or a breath after the last time.
    fn hurry(&mut self) {
        let Some(held) = self.held.get_mut(&Job::Deliver) else { return };
        if held.running.is_some() {
            held.hurried = true;
            return;
        }
        let now = Instant::now();
        let soon = held.next.checked_sub(Job::Deliver.every().saturating_sub(BREATH)).unwrap_or(now);
        held.next = held.next.min(soon.max(now));
    }

    /// Begins what is to run by now, as far as it is held.
    fn begin(&mut self) {
        let now = Instant::now();
        for (job, held) in &mut self.held {
            if held.running.is_none() && held.next <= now && now < held.until {
                let run = (self.run)(*job);
                let task = self.runs.spawn(async { timeout(LONGEST, run).await.unwrap_or_else(|_| Err(too_long())) });
                held.running = Some(Running { task, since: now });
            }
        }
    }

    /// Notes how a run ended. A job that runs often stays here unless it failed; any other is given back.
    async fn ended(&mut self, done: Result<(Id, Result<(), Error>), JoinError>) {
        let id = done.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let is_it = |held: &HeldJob| held.running.as_ref().is_some_and(|running| running.task.id() == id);
        // Of a lease that was lost nothing is noted.
        let Some((&job, held)) = self.held.iter_mut().find(|(_, held)| is_it(held)) else { return };
        let Some(Running { since: started, .. }) = held.running.take() else { return };
        let ended = Instant::now();
        let error = match done {
            Ok((_, Ok(()))) => None,
            Ok((_, Err(error))) => Some(error.to_string()),
            Err(_) => Some("panicked".to_owned()),
        };
        let outcome = if error.is_some() { "failed" } else { "done" };
        metrics::counter!("job_runs_total", "job" => job.name(), "outcome" => outcome).increment(1);
        metrics::histogram!("job_seconds", "job" => job.name()).record((ended - started).as_secs_f64());
        held.failures = if error.is_some() { held.failures + 1 } else { 0 };
        if let Some(error) = &error {
            tracing::warn!(job = job.name(), failures = held.failures, error, "a job will be tried again");
        }
        let error = error.map(|error| error.chars().take(ERROR).collect());
        let stays = error.is_none() && job.every() * 2 <= self.node.leases.lasts;
        let ended = Ended { started, ended, failures: held.failures, error };
        // Somebody asked for it while it ran.
        let asked = held.next > started;
        if stays {
            let hurried = std::mem::take(&mut held.hurried);
            let pause = if asked || hurried { BREATH } else { job.every() };
            held.next = started + pause;
            held.ended = Some(ended);
        } else {
            let every = if asked { Duration::ZERO } else { job.every() };
            self.lose(job);
            kept(self.leases().give_back(job, every, &ended).await);
        }
    }
}

async fn until(next: Option<Instant>) {
    match next {
        Some(next) => sleep_until(next).await,
        None => std::future::pending().await,
    }
}

fn too_long() -> Error {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}

/// What was done with the table; when that failed, the next look goes on.
fn kept<T>(done: Result<T, sqlx::Error>) -> Option<T> {
    done.inspect_err(|error| tracing::warn!(%error, "the table of jobs cannot be used")).ok()
}
