//! The task that decides: gathers what came while the last batch was being written, lets the sequencers decide it, writes it
//! in one transaction, and answers.

use super::{
    Watcher,
    gates::{EVENTS, Gate, Gates},
    sequencer::{Answer, Click, Command, Sequencer},
    store,
};
use crate::{
    clock::Clock,
    db::{Db, Lane},
};
use model::{Error, EventId};
use rustc_hash::FxBuildHasher;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// The most clicks written in one transaction.
const MAX_BATCH: usize = 4096;
/// How often the database is asked for commands that nobody told of.
const LOOK_FOR_COMMANDS: Duration = Duration::from_secs(2);
/// A pause before the next batch after one that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// What the runner is asked to do.
pub(super) enum Job {
    /// Decide this.
    Click { gate: Arc<Gate>, click: Click, answer: oneshot::Sender<Answer> },
    /// There are commands for an event.
    Wake(EventId),
}

/// An event being sequenced: its gate is the one that clicks must see.
struct Sequenced {
    gate: Arc<Gate>,
    sequencer: Sequencer,
}

/// The one task that decides.
pub(super) struct Runner {
    db: Db,
    clock: Clock,
    gates: Gates,
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
    pub fn new(db: Db, clock: Clock, gates: Gates, watcher: Arc<dyn Watcher>) -> Runner {
        Runner { db, clock, gates, watcher, events: HashMap::default(), woken: HashSet::default() }
    }

    /// Decides until nobody can ask for anything any more.
    pub async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
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
                        self.gates.forget(*event);
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
            let gate = self.gates.get(event).await?;
            let sequencer = Sequencer::new(gate.terms.clone(), gate.ledger.clone());
            self.events.insert(event, Sequenced { gate, sequencer });
        }
        let Some(sequenced) = self.events.get_mut(&event) else {
            return Err(Error::Busy.into());
        };
        if seen.is_some_and(|seen| !Arc::ptr_eq(seen, &sequenced.gate)) {
            // The cache had dropped our gate and read another, which nobody would keep up to date.
            self.gates.put(&sequenced.gate);
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
            self.gates.put(gate);
        }
        deciding.revised.push(event);
        Ok(())
    }

    /// One transaction for everything decided; afterwards everybody may see it.
    async fn commit(&mut self, deciding: &Deciding) -> Result<(), sqlx::Error> {
        let touched = deciding.touched.iter().filter_map(|event| self.events.get(event));
        let mut wrote: Vec<&Sequencer> =
            touched.map(|event| &event.sequencer).filter(|sequencer| !sequencer.batch().is_empty()).collect();
        // In the order in which everybody holds events.
        wrote.sort_unstable_by_key(|sequencer| sequencer.event());
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
