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
pub use sequencer::{Answer, Batch, Click, Command, Decided, Ledger, Passed, Place, Sequencer, Standing, Terms};
pub use store::command;

use crate::{
    clock::Clock,
    curves::{Refusals, Refused},
    db::{Db, Lane},
};
use model::{Entry, Error, EventId, MemberId, Time};
use rustc_hash::FxBuildHasher;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Clicks that may wait; beyond, they are refused as busy.
const QUEUE: usize = 100_000;
/// The most clicks written in one transaction.
const MAX_BATCH: usize = 4096;
/// Events kept in memory.
const EVENTS: usize = 10_000;
/// How often the database is asked for commands that nobody told of.
const LOOK_FOR_COMMANDS: Duration = Duration::from_secs(2);
/// A pause before the next batch after one that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// An event as the click's path sees it.
pub struct Gate {
    /// What the sequencer goes by.
    pub terms: Terms,
    /// What is committed.
    pub ledger: Arc<Ledger>,
    /// Counts refused clicks.
    pub refused: Arc<Refused>,
}

/// Told what was committed, right after the commit and in order. Must not block.
pub trait Watcher: Send + Sync {
    /// A batch of `event` became durable.
    fn committed(&self, event: EventId, batch: &Batch, standing: Standing);

    /// An event goes by new terms.
    fn revised(&self, terms: &Terms, standing: Standing);
}

enum Job {
    Click { gate: Arc<Gate>, click: Click, answer: oneshot::Sender<Answer> },
    Wake(EventId),
}

/// Orders clicks. Cheap to clone.
#[derive(Clone)]
pub struct Turnstile {
    db: Db,
    refusals: Refusals,
    gates: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    queue: mpsc::Sender<Job>,
}

impl Turnstile {
    /// Starts the sequencers' task, which runs until every handle is dropped and what was accepted is answered.
    pub fn start(db: Db, clock: Clock, watcher: Arc<dyn Watcher>, refusals: Refusals) -> Turnstile {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let gates = Arc::new(quick_cache::sync::Cache::new(EVENTS));
        let runner = Runner {
            db: db.clone(),
            clock,
            refusals: refusals.clone(),
            gates: gates.clone(),
            watcher,
            events: HashMap::default(),
            woken: HashSet::default(),
        };
        tokio::spawn(runner.run(jobs));
        Turnstile { db, refusals, gates, queue }
    }

    /// The event, from memory or else from the database.
    pub async fn gate(&self, event: EventId) -> Result<Arc<Gate>, crate::Error> {
        gate(&self.gates, &self.db, &self.refusals, event).await
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
        let answer = self.press(&gate, member, nickname, stamped_at, code).await;
        if let Ok(Answer::Refused(error)) | Err(crate::Error::Refused(error)) = &answer {
            gate.refused.count(error);
        }
        answer
    }

    async fn press(
        &self,
        gate: &Arc<Gate>,
        member: MemberId,
        nickname: Arc<str>,
        stamped_at: Time,
        code: Option<&str>,
    ) -> Result<Answer, crate::Error> {
        if gate.terms.creator == member {
            return Ok(Answer::Refused(Error::OwnEvent));
        }
        if let Some(answer) = gate.ledger.certain(member) {
            return Ok(answer);
        }
        if gate.terms.moments.published_at.is_none() {
            return Ok(Answer::Refused(Error::NotFound));
        }
        if let Some(expected) = &gate.terms.entry_code
            && code.is_none_or(|code| code.trim().to_uppercase() != *expected)
        {
            return Ok(Answer::Refused(Error::WrongCode));
        }
        let (answer, answered) = oneshot::channel();
        let click = Click { member, nickname, stamped_at };
        self.queue.try_send(Job::Click { gate: gate.clone(), click, answer }).map_err(|_| Error::Busy)?;
        Ok(answered.await.map_err(|_| Error::Busy)?)
    }

    /// The committed entry of a member.
    pub async fn entry(&self, event: EventId, member: MemberId) -> Result<Option<Entry>, crate::Error> {
        Ok(self.gate(event).await?.ledger.entry(member))
    }

    /// What an event goes by was changed elsewhere: whoever presses next reads it anew. Where the event is sequenced nothing
    /// changes, since its gate is the sequencer's own.
    pub(crate) fn forget(&self, event: EventId) {
        self.gates.remove(&event);
    }

    /// Says that a command was committed for `event`.
    pub async fn wake(&self, event: EventId) {
        let _ = self.queue.send(Job::Wake(event)).await;
    }
}

async fn gate(
    gates: &quick_cache::sync::Cache<EventId, Arc<Gate>>,
    db: &Db,
    refusals: &Refusals,
    event: EventId,
) -> Result<Arc<Gate>, crate::Error> {
    if let Some(gate) = gates.get(&event) {
        return Ok(gate);
    }
    // Boxed: the way of every click does not carry the room that reading an event needs.
    let load = gates.get_or_insert_async(&event, async {
        let loaded = store::load(db, event).await?.ok_or(Error::NotFound)?;
        let refused = refusals.begin(event);
        Ok(Arc::new(Gate { terms: loaded.terms, ledger: Arc::new(loaded.ledger), refused }))
    });
    Box::pin(load).await
}

/// An event being sequenced: its gate is the one that clicks must see.
struct Sequenced {
    gate: Arc<Gate>,
    sequencer: Sequencer,
}

/// The one task that decides.
struct Runner {
    db: Db,
    clock: Clock,
    refusals: Refusals,
    gates: Arc<quick_cache::sync::Cache<EventId, Arc<Gate>>>,
    watcher: Arc<dyn Watcher>,
    events: HashMap<EventId, Sequenced, FxBuildHasher>,
    /// Events with commands to apply; kept until they are committed.
    woken: HashSet<EventId, FxBuildHasher>,
}

/// A batch on its way: who waits for what, which events it touched, which commands it applied.
#[derive(Default)]
struct Deciding {
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
    touched: HashSet<EventId, FxBuildHasher>,
    commands: Vec<(EventId, Uuid)>,
    revised: Vec<EventId>,
}

impl Runner {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut gathered = Vec::with_capacity(MAX_BATCH);
        let mut looked_at = None;
        loop {
            // Whoever is ready to press does so now, and shares the commit.
            tokio::task::yield_now().await;
            if looked_at.is_none_or(|at: Instant| at.elapsed() >= LOOK_FOR_COMMANDS) {
                // Commands survive whoever should have woken us.
                match store::commanded(&self.db).await {
                    Ok(events) => self.woken.extend(events),
                    Err(error) => tracing::error!(%error, "waiting commands cannot be read"),
                }
                looked_at = Some(Instant::now());
            }
            let patience = if self.woken.is_empty() { LOOK_FOR_COMMANDS } else { Duration::ZERO };
            match tokio::time::timeout(patience, jobs.recv_many(&mut gathered, MAX_BATCH)).await {
                Ok(0) => return,
                Err(_) if self.woken.is_empty() => continue,
                _ => {}
            }
            let mut deciding = Deciding::default();
            self.decide(&mut gathered, &mut deciding).await;
            match self.commit(&deciding).await {
                Ok(()) => {
                    for (answer, decided) in deciding.answers {
                        let _ = answer.send(decided);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, clicks = deciding.answers.len(), "a batch could not be committed");
                    metrics::counter!("turnstile_failed_batches_total").increment(1);
                    // Whether the commit took place is unknown: forget everything and read it anew. Answers are dropped,
                    // which tells their clicks "busy": nothing was acknowledged, the next click finds out.
                    for event in &deciding.touched {
                        self.events.remove(event);
                        self.gates.remove(event);
                    }
                    self.woken.extend(deciding.commands.iter().map(|(event, _)| *event));
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
            if self.events.len() > EVENTS {
                self.events.retain(|event, _| deciding.touched.contains(event));
            }
        }
    }

    /// Lets the sequencers decide everything gathered.
    async fn decide(&mut self, gathered: &mut Vec<Job>, deciding: &mut Deciding) {
        let mut clicks = Vec::with_capacity(gathered.len());
        for job in gathered.drain(..) {
            match job {
                Job::Wake(event) => {
                    self.woken.insert(event);
                }
                Job::Click { gate, click, answer } => clicks.push((gate, click, answer)),
            }
        }
        for event in std::mem::take(&mut self.woken) {
            if let Err(error) = self.apply_commands(event, deciding).await {
                // The next look finds them again.
                tracing::error!(%error, %event, "commands cannot be applied");
            }
        }
        // Clicks are stamped where they are read, on several threads: within a batch the earlier stamp goes first.
        clicks.sort_by_key(|(_, click, _)| click.stamped_at);
        for (gate, click, answer) in clicks {
            match self.sequencer(gate.terms.event, Some(&gate)).await {
                Ok(sequencer) => {
                    let decided = sequencer.click(&click, crate::ids::random());
                    deciding.touched.insert(gate.terms.event);
                    deciding.answers.push((answer, decided));
                }
                Err(error) => tracing::error!(%error, "an event cannot be read"),
            }
        }
    }

    /// The sequencer of an event. `seen` is the gate a click came through.
    async fn sequencer(&mut self, event: EventId, seen: Option<&Arc<Gate>>) -> Result<&mut Sequencer, crate::Error> {
        if !self.events.contains_key(&event) {
            // Nobody else commits for this event, so what is cached or read now is all there is. A click's own gate may be
            // from before a failure.
            let gate = gate(&self.gates, &self.db, &self.refusals, event).await?;
            let sequencer = Sequencer::new(gate.terms.clone(), gate.ledger.clone());
            self.events.insert(event, Sequenced { gate, sequencer });
        }
        let Some(sequenced) = self.events.get_mut(&event) else {
            return Err(Error::Busy.into());
        };
        if seen.is_some_and(|seen| !Arc::ptr_eq(seen, &sequenced.gate)) {
            // The cache had dropped our gate and read another, which nobody would keep up to date.
            self.gates.insert(event, sequenced.gate.clone());
        }
        Ok(&mut sequenced.sequencer)
    }

    async fn apply_commands(&mut self, event: EventId, deciding: &mut Deciding) -> Result<(), crate::Error> {
        let commands = store::waiting(&self.db, event).await?;
        if commands.iter().any(|(_, command)| *command == Command::Revise) {
            self.revise(event, deciding).await?;
        }
        let now = self.clock.now();
        let sequencer = self.sequencer(event, None).await?;
        for (id, command) in commands {
            // What has to wait is looked at again every now and then.
            if sequencer.command(&command, now) {
                deciding.commands.push((event, id));
            }
        }
        deciding.touched.insert(event);
        Ok(())
    }

    /// Reads an event's terms anew: the sequencer goes by them, and so does every click from now on.
    async fn revise(&mut self, event: EventId, deciding: &mut Deciding) -> Result<(), crate::Error> {
        let terms = store::terms(&self.db, event).await?.ok_or(Error::NotFound)?;
        let now = self.clock.now();
        self.sequencer(event, None).await?.revise(terms.clone(), now);
        if let Some(Sequenced { gate, .. }) = self.events.get_mut(&event) {
            let (ledger, refused) = (gate.ledger.clone(), gate.refused.clone());
            *gate = Arc::new(Gate { terms, ledger, refused });
            self.gates.insert(event, gate.clone());
        }
        deciding.revised.push(event);
        Ok(())
    }

    /// One transaction for everything decided; afterwards everybody may see it.
    async fn commit(&mut self, deciding: &Deciding) -> Result<(), sqlx::Error> {
        let touched = deciding.touched.iter().filter_map(|event| self.events.get(event));
        let wrote: Vec<&Sequencer> =
            touched.map(|event| &event.sequencer).filter(|sequencer| !sequencer.batch().is_empty()).collect();
        if !wrote.is_empty() || !deciding.commands.is_empty() {
            let mut tx = self.db.begin(Lane::Turnstile).await?;
            for sequencer in wrote {
                store::write(&mut tx, sequencer, self.clock.now()).await?;
            }
            for (_, command) in &deciding.commands {
                store::done(&mut tx, *command, self.clock.now()).await?;
            }
            tx.commit().await?;
        }
        let mut entries = 0;
        for event in &deciding.touched {
            if let Some(Sequenced { sequencer, .. }) = self.events.get_mut(event) {
                let batch = sequencer.committed();
                entries += batch.entries.len() as u64;
                if !batch.is_empty() {
                    self.watcher.committed(*event, &batch, sequencer.standing());
                }
            }
        }
        for event in &deciding.revised {
            if let Some(Sequenced { gate, sequencer }) = self.events.get(event) {
                self.watcher.revised(&gate.terms, sequencer.standing());
            }
        }
        metrics::counter!("turnstile_entries_total").increment(entries);
        metrics::counter!("turnstile_batches_total").increment(1);
        Ok(())
    }
}
