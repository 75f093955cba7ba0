//! The task that decides: gathers what came while the last batch was being written, lets the sequencers decide it, writes it
//! in one transaction, and answers.

use super::{
    Watcher,
    gates::{EVENTS, Gate, Gates},
    lead::{Held, Lead, Uncommitted},
    messages::{self, Publication, Sent, Ticket},
    sequencer::{Answer, Click, Command, Sequencer},
    store,
};
use crate::{
    clock::Clock,
    cluster::{Position, Shard, Stream},
    db::{Db, Lane},
};
use bytes::Bytes;
use model::{Error, EventId};
use rustc_hash::FxBuildHasher;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, mpsc, oneshot};
use uuid::Uuid;

/// The most clicks written in one transaction; one read of a queue brings no more.
const MAX_BATCH: usize = 4096;
/// How often the database is asked for commands that nobody told of.
const LOOK_FOR_COMMANDS: Duration = Duration::from_secs(2);
/// A pause before the next batch after one that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// What the runner is asked to do.
pub(super) enum Job {
    /// Decide this.
    Click { gate: Arc<Gate>, click: Click, reply: Reply },
    /// There are commands for an event.
    Wake(EventId),
    /// Decide these, which stand in a shard's queue.
    Sent { stream: Stream, clicks: Vec<(Position, Bytes)> },
    /// A shard is this node's.
    Take(Held),
    /// A shard is to be another's: tell when the last batch is done.
    Leave(Shard, oneshot::Sender<()>),
    /// No shard is this node's any more.
    LeaveAll,
    /// A shard's queue is not what it was.
    Lost(Stream),
}

impl Job {
    fn clicks(&self) -> usize {
        match self {
            Job::Click { .. } => 1,
            Job::Sent { clicks, .. } => clicks.len(),
            _ => 0,
        }
    }
}

/// How many of these are decided at once: no more clicks than fit into a batch, but at least one job.
fn fits(jobs: &[Job]) -> usize {
    let mut clicks = 0;
    let fit = jobs.iter().take_while(|job| {
        clicks += job.clicks();
        clicks <= MAX_BATCH
    });
    fit.count().max(1).min(jobs.len())
}

/// Where an answer goes.
pub(super) enum Reply {
    /// To somebody who waits in this process.
    Here(oneshot::Sender<Answer>),
    /// To the node where the click was read.
    There(Ticket),
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
    /// Shards were taken, and commands may wait for their events.
    look: bool,
    /// In a cluster: the shards of this node, and whom to tell that they are not.
    lead: Option<(Lead, Arc<Notify>)>,
}

/// A batch on its way: who waits for what, which events it touched, which commands it applied.
#[derive(Default)]
struct Deciding {
    answers: Vec<(EventId, Reply, Answer)>,
    touched: HashSet<EventId, FxBuildHasher>,
    commands: Vec<(EventId, Uuid)>,
    revised: Vec<EventId>,
    /// Shards to be left once this is done.
    left: Vec<(Shard, oneshot::Sender<()>)>,
}

impl Runner {
    pub fn new(
        db: Db,
        clock: Clock,
        gates: Gates,
        watcher: Arc<dyn Watcher>,
        lead: Option<(Lead, Arc<Notify>)>,
    ) -> Runner {
        Runner { db, clock, gates, watcher, events: HashMap::default(), woken: HashSet::default(), look: false, lead }
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
                    Ok(events) => self.woken.extend(events.into_iter().filter(|event| leads(&self.lead, *event))),
                    Err(error) => tracing::error!(%error, "waiting commands cannot be read"),
                }
                looked_at = Some(Instant::now());
            }
            let idle = self.woken.is_empty() && gathered.is_empty();
            let patience = if idle { LOOK_FOR_COMMANDS } else { Duration::ZERO };
            let room = MAX_BATCH - gathered.len();
            match tokio::time::timeout(patience, jobs.recv_many(&mut gathered, room)).await {
                Ok(0) if gathered.is_empty() => return,
                Err(_) if idle => continue,
                _ => {}
            }
            let mut deciding = Deciding::default();
            let fit = fits(&gathered);
            self.decide(gathered.drain(..fit), &mut deciding).await;
            match self.commit(&mut deciding).await {
                Ok(publications) => {
                    for (_, reply, answer) in deciding.answers {
                        match (reply, &self.lead) {
                            (Reply::Here(waiting), _) => drop(waiting.send(answer)),
                            (Reply::There(ticket), Some((lead, _))) => lead.courier.answered(ticket.number, answer),
                            (Reply::There(_), None) => {}
                        }
                    }
                    if let Some((lead, _)) = &self.lead {
                        for (event, publication) in &publications {
                            lead.publish(*event, publication).await;
                        }
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
                    // Its commands are found again by the next look: clicks go first.
                    if let (Uncommitted::Fenced, Some((_, fenced))) = (&error, &self.lead) {
                        fenced.notify_one();
                    }
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
            for (shard, done) in deciding.left {
                if let Some((lead, _)) = &mut self.lead {
                    lead.leave(shard);
                }
                self.leave(|event| messages::shard(event) == shard);
                let _ = done.send(());
            }
            if self.events.len() > EVENTS {
                self.events.retain(|event, _| deciding.touched.contains(event));
            }
        }
    }

    /// Lets the sequencers decide everything gathered.
    async fn decide(&mut self, jobs: impl ExactSizeIterator<Item = Job>, deciding: &mut Deciding) {
        let mut clicks = Vec::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Wake(event) if leads(&self.lead, event) => {
                    self.woken.insert(event);
                }
                Job::Click { gate, click, reply } => clicks.push((gate.terms.event, Some(gate), click, reply)),
                job => self.lead(job, &mut clicks, deciding).await,
            }
        }
        if self.look {
            match store::commanded(&self.db).await {
                Ok(events) => {
                    self.woken.extend(events.into_iter().filter(|event| leads(&self.lead, *event)));
                    self.look = false;
                }
                Err(error) => {
                    // Nothing is decided that a command may forbid: the clicks are sent again.
                    tracing::error!(%error, "waiting commands cannot be read");
                    clicks.clear();
                }
            }
        }
        self.command(deciding).await;
        // Clicks are stamped where they are read, on several threads: within a batch the earlier stamp goes first.
        clicks.sort_by_key(|(_, _, click, _)| click.stamped_at);
        let now = self.clock.now();
        for (event, gate, mut click, reply) in clicks {
            // Another node's clock may be ahead.
            click.stamped_at = click.stamped_at.min(now);
            match self.sequencer(event, gate.as_ref()).await {
                Ok(sequencer) => {
                    let decided = sequencer.click(&click, crate::ids::random());
                    deciding.touched.insert(event);
                    deciding.answers.push((event, reply, decided));
                }
                Err(error) => tracing::error!(%error, "an event cannot be read"),
            }
        }
    }

    /// What only a node of a cluster is asked.
    async fn lead(
        &mut self,
        job: Job,
        clicks: &mut Vec<(EventId, Option<Arc<Gate>>, Click, Reply)>,
        deciding: &mut Deciding,
    ) {
        let Some((lead, fenced)) = &mut self.lead else { return };
        match job {
            Job::Sent { stream, clicks: sent } => {
                let ours = sent.into_iter().filter(|(position, _)| lead.reach(stream, *position));
                clicks.extend(ours.filter_map(|(_, mut bytes)| {
                    let Sent { event, click, ticket } = Sent::decode(&mut bytes)?;
                    Some((event, None, click, Reply::There(ticket)))
                }));
            }
            Job::Take(held) => {
                lead.take(&self.db, held).await;
                // What waits for its events goes before any click.
                self.look = true;
                // What was asked before is over.
                deciding.left.retain(|(shard, _)| *shard != held.stream.shard);
                // Others committed until now: what is in memory may be from before.
                self.leave(|event| messages::shard(event) == held.stream.shard);
            }
            // Its clicks so far are decided with this batch; those to come stay in the queue.
            Job::Leave(shard, done) => deciding.left.push((shard, done)),
            Job::LeaveAll => {
                lead.leave_all();
                deciding.left.clear();
                clicks.retain(|(_, _, _, reply)| matches!(reply, Reply::Here(_)));
                self.leave(|_| true);
            }
            Job::Lost(stream) => {
                if !lead.lost(&self.db, stream).await {
                    fenced.notify_one();
                }
            }
            Job::Click { .. } | Job::Wake(_) => {}
        }
    }

    /// Forgets events that others sequence.
    fn leave(&mut self, theirs: impl Fn(EventId) -> bool) {
        self.events.retain(|event, _| !theirs(*event));
        self.woken.retain(|event| !theirs(*event));
        self.gates.events().into_iter().filter(|event| theirs(*event)).for_each(|event| self.gates.forget(event));
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

    /// Applies what waits for the events that were woken.
    async fn command(&mut self, deciding: &mut Deciding) {
        if self.woken.is_empty() {
            return;
        }
        let woken = std::mem::take(&mut self.woken);
        let mut waiting = match store::waiting(&self.db, &woken).await {
            Ok(waiting) => waiting,
            // The next look finds them again.
            Err(error) => return tracing::error!(%error, "waiting commands cannot be read"),
        };
        for event in woken {
            let commands = waiting.remove(&event).unwrap_or_default();
            if let Err(error) = self.apply(event, commands, deciding).await {
                tracing::error!(%error, %event, "commands cannot be applied");
            }
        }
    }

    async fn apply(
        &mut self,
        event: EventId,
        commands: Vec<(Uuid, Command)>,
        deciding: &mut Deciding,
    ) -> Result<(), crate::Error> {
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
            *gate = Arc::new(gate.with(terms));
            self.gates.put(gate);
        }
        deciding.revised.push(event);
        Ok(())
    }

    /// One transaction for everything decided; afterwards everybody may see it. What other nodes are to be told.
    async fn commit(&mut self, deciding: &mut Deciding) -> Result<Vec<(EventId, Publication)>, Uncommitted> {
        let touched = deciding.touched.iter().filter_map(|event| self.events.get(event));
        let mut wrote: Vec<&Sequencer> =
            touched.map(|event| &event.sequencer).filter(|sequencer| !sequencer.batch().is_empty()).collect();
        // In the order in which everybody holds events.
        wrote.sort_unstable_by_key(|sequencer| sequencer.event());
        let commanded = deciding.commands.iter().map(|(event, _)| *event);
        if !wrote.is_empty() || !deciding.commands.is_empty() {
            let mut tx = self.db.begin(Lane::Turnstile).await?;
            if let Some((lead, _)) = &self.lead {
                lead.fence(&mut tx, deciding.touched.iter().copied().chain(commanded)).await?;
            }
            store::write(&mut tx, &wrote, self.clock.now()).await?;
            store::done(&mut tx, deciding.commands.iter().map(|(_, command)| *command).collect(), self.clock.now())
                .await?;
            tx.commit().await?;
        } else if let Some((lead, _)) = &self.lead {
            lead.confirm(&self.db, deciding.touched.iter().copied()).await?;
        }
        let mut elsewhere = match &self.lead {
            Some((lead, _)) => elsewhere(&mut deciding.answers, lead.courier.node),
            None => HashMap::default(),
        };
        let (mut entries, mut publications) = (0, Vec::new());
        for event in &deciding.touched {
            if let Some(Sequenced { gate, sequencer }) = self.events.get_mut(event) {
                let first = sequencer.committed_sequence();
                let batch = sequencer.committed();
                entries += batch.entries.len() as u64;
                if !batch.is_empty() {
                    self.watcher.committed(*event, &batch, sequencer.standing());
                }
                if let Some((lead, _)) = &self.lead {
                    // It may have been forgotten over something that was not heard, and read once more beside this one.
                    self.gates.keep(gate);
                    let (node, standing) = (lead.courier.node, sequencer.standing());
                    let revised = deciding.revised.contains(event);
                    let answers = elsewhere.remove(event).unwrap_or_default();
                    if revised || !batch.is_empty() || !answers.is_empty() {
                        publications.push((*event, Publication { node, first, standing, batch, answers, revised }));
                    }
                }
            }
        }
        if let Some((lead, _)) = &self.lead {
            lead.committed();
        }
        for event in &deciding.revised {
            if let Some(Sequenced { gate, sequencer }) = self.events.get(event) {
                self.watcher.revised(&gate.terms, sequencer.standing());
            }
        }
        metrics::counter!("turnstile_entries_total").increment(entries);
        metrics::counter!("turnstile_batches_total").increment(1);
        Ok(publications)
    }
}

/// Whether this process sequences an event.
fn leads(lead: &Option<(Lead, Arc<Notify>)>, event: EventId) -> bool {
    lead.as_ref().is_none_or(|(lead, _)| lead.holds(event))
}

/// Takes out the answers to clicks of other nodes than `node`, by event.
fn elsewhere(
    answers: &mut Vec<(EventId, Reply, Answer)>,
    node: u64,
) -> HashMap<EventId, Vec<(Ticket, Answer)>, FxBuildHasher> {
    let theirs = answers.extract_if(.., |(_, reply, _)| matches!(reply, Reply::There(ticket) if ticket.node != node));
    let mut by_event: HashMap<_, Vec<_>, FxBuildHasher> = HashMap::default();
    for (event, reply, answer) in theirs {
        if let Reply::There(ticket) = reply {
            by_event.entry(event).or_default().push((ticket, answer));
        }
    }
    by_event
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(clicks: usize) -> Job {
        let stream = Stream { shard: Shard(0), generation: 1 };
        Job::Sent { stream, clicks: vec![(Position::START, Bytes::new()); clicks] }
    }

    #[test]
    fn a_batch_has_no_more_clicks_than_it_may() {
        let wake = || Job::Wake(EventId(Uuid::nil()));
        assert_eq!(fits(&[]), 0);
        assert_eq!(fits(&[wake(), sent(MAX_BATCH - 1), wake(), sent(1), wake(), sent(1)]), 5);
        assert_eq!(fits(&[sent(1), sent(MAX_BATCH)]), 1);
        assert_eq!(fits(&[sent(MAX_BATCH), sent(1)]), 1);
        // Never nothing.
        assert_eq!(fits(&[sent(MAX_BATCH + 1), sent(1)]), 1);
    }
}
