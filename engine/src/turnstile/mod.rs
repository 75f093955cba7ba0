//! The turnstile: orders the clicks of every event. One sequence and one clock an event, acknowledged when durable.
//!
//! ```text
//! enter() ─ certain? ─ yes ─► answer                  (committed state, read without a lock)
//!            └ no ─► queue ─► gather ─► Sequencer ─► one transaction ─► commit ─► answers, board
//! ```
//!
//! While one batch is being written the next one gathers, so the batch grows with the load and the cost of an fsync is
//! shared by whoever came in its time.

mod check;
mod record;
mod sequencer;
#[cfg(test)]
mod simulation;
mod store;

pub use check::{Violation, check};
pub use record::{Record, commitment};
pub use sequencer::{Answer, Batch, Click, Command, Decided, Ledger, Sequencer, Standing, Terms};
pub use store::command;

use crate::{
    clock::Clock,
    db::{Db, Lane},
};
use model::{Entry, Error, EventId, MemberId, Time};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Clicks that may wait; beyond, they are refused as busy.
const QUEUE: usize = 100_000;
/// The most clicks written in one transaction.
const MAX_BATCH: usize = 4096;
/// Events kept in memory.
const EVENTS: usize = 10_000;
/// How soon commands are tried again that could not be applied.
const COMMAND_RETRY: Duration = Duration::from_millis(200);
/// A pause before the next batch after one that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// An event as the click's path sees it.
pub struct Gate {
    /// What the sequencer goes by.
    pub terms: Terms,
    /// What is committed.
    pub ledger: Arc<Ledger>,
}

/// Told what was committed, right after the commit and in order. Must not block.
pub trait Watcher: Send + Sync {
    /// A batch of `event` became durable.
    fn committed(&self, event: EventId, batch: &Batch, standing: Standing);
}

enum Job {
    Click {
        gate: Arc<Gate>,
        click: Click,
        answer: oneshot::Sender<Answer>,
    },
    Wake(EventId),
}

/// Orders clicks. Cheap to clone.
#[derive(Clone)]
pub struct Turnstile {
    db: Db,
    clock: Clock,
    gates: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    queue: mpsc::Sender<Job>,
}

impl Turnstile {
    /// Starts the sequencers' task, which runs until every handle is dropped and what was accepted is answered.
    pub fn start(db: Db, clock: Clock, watcher: Arc<dyn Watcher>) -> Turnstile {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let gates = Arc::new(quick_cache::sync::Cache::new(EVENTS));
        let runner = Runner {
            db: db.clone(),
            clock: clock.clone(),
            gates: gates.clone(),
            watcher,
            sequencers: HashMap::new(),
            woken: HashSet::new(),
        };
        tokio::spawn(runner.run(jobs));
        Turnstile {
            db,
            clock,
            gates,
            queue,
        }
    }

    /// The event, from memory or else from the database.
    pub async fn gate(&self, event: EventId) -> Result<Arc<Gate>, crate::Error> {
        gate(&self.gates, &self.db, event).await
    }

    /// One press of the button by `member`, read at `stamped_at`. The answer is durable.
    pub async fn enter(
        &self,
        event: EventId,
        member: MemberId,
        nickname: Arc<str>,
        stamped_at: Time,
        code: Option<&str>,
    ) -> Result<Answer, crate::Error> {
        let gate = self.gate(event).await?;
        if gate.terms.creator == member {
            return Ok(Answer::Refused(Error::OwnEvent));
        }
        if let Some(answer) = gate.ledger.certain(member) {
            return Ok(answer);
        }
        if let Some(expected) = &gate.terms.entry_code
            && code.is_none_or(|code| code.trim().to_uppercase() != *expected)
        {
            return Ok(Answer::Refused(Error::WrongCode));
        }
        let (answer, answered) = oneshot::channel();
        let click = Click {
            member,
            nickname,
            stamped_at,
        };
        self.queue
            .try_send(Job::Click { gate, click, answer })
            .map_err(|_| Error::Busy)?;
        Ok(answered.await.map_err(|_| Error::Busy)?)
    }

    /// The committed entry of a member.
    pub async fn entry(&self, event: EventId, member: MemberId) -> Result<Option<Entry>, crate::Error> {
        Ok(self.gate(event).await?.ledger.entry(member))
    }

    /// Says that a command was committed for `event`.
    pub async fn wake(&self, event: EventId) {
        let _ = self.queue.send(Job::Wake(event)).await;
    }

    /// Server time for stamping clicks.
    pub fn now(&self) -> Time {
        self.clock.now()
    }
}

async fn gate(
    gates: &quick_cache::sync::Cache<EventId, Arc<Gate>>,
    db: &Db,
    event: EventId,
) -> Result<Arc<Gate>, crate::Error> {
    if let Some(gate) = gates.get(&event) {
        return Ok(gate);
    }
    gates
        .get_or_insert_async(&event, async {
            let loaded = store::load(db, event).await?.ok_or(Error::NotFound)?;
            Ok(Arc::new(Gate {
                terms: loaded.terms,
                ledger: Arc::new(loaded.ledger),
            }))
        })
        .await
}

/// The one task that decides.
struct Runner {
    db: Db,
    clock: Clock,
    gates: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    watcher: Arc<dyn Watcher>,
    sequencers: HashMap<EventId, Sequencer>,
    /// Events with commands to apply; kept until they are committed.
    woken: HashSet<EventId>,
}

impl Runner {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        // What was commanded before the last stop.
        match store::commanded(&self.db).await {
            Ok(events) => self.woken.extend(events),
            Err(error) => tracing::error!(%error, "waiting commands cannot be read"),
        }
        let mut gathered = Vec::with_capacity(MAX_BATCH);
        let mut answers: Vec<(oneshot::Sender<Answer>, Answer)> = Vec::with_capacity(MAX_BATCH);
        loop {
            if self.woken.is_empty() {
                if jobs.recv_many(&mut gathered, MAX_BATCH).await == 0 {
                    return;
                }
            } else {
                let more = jobs.recv_many(&mut gathered, MAX_BATCH);
                if let Ok(0) = tokio::time::timeout(COMMAND_RETRY, more).await {
                    return;
                }
            }
            let (touched, applied) = self.decide(&mut gathered, &mut answers).await;
            match self.commit(&touched, &applied).await {
                Ok(()) => {
                    self.woken.clear();
                    for (answer, decided) in answers.drain(..) {
                        let _ = answer.send(decided);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, clicks = answers.len(), "a batch could not be committed");
                    metrics::counter!("turnstile_failed_batches_total").increment(1);
                    // Whether the commit took place is unknown: forget everything and read it anew.
                    for event in &touched {
                        self.sequencers.remove(event);
                        self.gates.remove(event);
                    }
                    // A dropped sender tells its click "busy": nothing was acknowledged, the next click finds out.
                    answers.clear();
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
            if self.sequencers.len() > EVENTS {
                self.sequencers.retain(|event, _| touched.contains(event));
            }
        }
    }

    /// Lets the sequencers decide everything gathered; which events that touched and which commands it applied.
    async fn decide(
        &mut self,
        gathered: &mut Vec<Job>,
        answers: &mut Vec<(oneshot::Sender<Answer>, Answer)>,
    ) -> (HashSet<EventId>, Vec<Uuid>) {
        let mut touched = HashSet::new();
        let mut clicks = Vec::with_capacity(gathered.len());
        for job in gathered.drain(..) {
            match job {
                Job::Wake(event) => {
                    self.woken.insert(event);
                }
                Job::Click { gate, click, answer } => clicks.push((gate, click, answer)),
            }
        }
        let mut applied = Vec::new();
        for event in self.woken.clone() {
            match self.apply_commands(event).await {
                Ok(commands) => applied.extend(commands),
                Err(error) => tracing::error!(%error, %event, "commands cannot be applied"),
            }
            if self.sequencers.contains_key(&event) {
                touched.insert(event);
            }
        }
        // Clicks are stamped where they are read, on several threads: within a batch the earlier stamp goes first.
        clicks.sort_by_key(|(_, click, _)| click.stamped_at);
        for (gate, click, answer) in clicks {
            let sequencer = self.sequencer(&gate);
            let decided = sequencer.click(&click, crate::ids::random());
            touched.insert(gate.terms.event);
            answers.push((answer, decided));
        }
        (touched, applied)
    }

    fn sequencer(&mut self, gate: &Arc<Gate>) -> &mut Sequencer {
        let fresh = || Sequencer::new(gate.terms.clone(), gate.ledger.clone());
        let sequencer = self.sequencers.entry(gate.terms.event).or_insert_with(fresh);
        // The gate was evicted and read anew. Should it have been read before our last commit, its next rank is taken:
        // the primary key refuses the batch and everything is read again.
        if !sequencer.shares(&gate.ledger) && sequencer.batch().is_empty() {
            *sequencer = fresh();
        }
        sequencer
    }

    async fn apply_commands(&mut self, event: EventId) -> Result<Vec<Uuid>, crate::Error> {
        let commands = store::waiting(&self.db, event).await?;
        let gate = gate(&self.gates, &self.db, event).await?;
        let now = self.clock.now();
        let sequencer = self.sequencer(&gate);
        for (_, command) in &commands {
            sequencer.command(command, now);
        }
        Ok(commands.into_iter().map(|(id, _)| id).collect())
    }

    /// One transaction for everything decided; afterwards everybody may see it.
    async fn commit(&mut self, touched: &HashSet<EventId>, commands: &[Uuid]) -> Result<(), sqlx::Error> {
        let wrote: Vec<&Sequencer> = touched
            .iter()
            .map(|event| &self.sequencers[event])
            .filter(|s| !s.batch().is_empty())
            .collect();
        if !wrote.is_empty() || !commands.is_empty() {
            let mut tx = self.db.begin(Lane::Turnstile).await?;
            for sequencer in wrote {
                store::write(&mut tx, sequencer).await?;
            }
            for command in commands {
                store::done(&mut tx, *command, self.clock.now()).await?;
            }
            tx.commit().await?;
        }
        let mut entries = 0;
        for event in touched {
            if let Some(sequencer) = self.sequencers.get_mut(event) {
                let batch = sequencer.committed();
                entries += batch.entries.len() as u64;
                if !batch.is_empty() {
                    self.watcher.committed(*event, &batch, sequencer.standing());
                }
            }
        }
        metrics::counter!("turnstile_entries_total").increment(entries);
        metrics::counter!("turnstile_batches_total").increment(1);
        Ok(())
    }
}
