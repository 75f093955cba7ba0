//! The task that decides: gathers what came while the last batch was being written, lets the sequencers decide it, writes it
//! in one transaction, and answers.

use super::{
    cache::{EVENTS, EventCache, EventHandle},
    commands::{self, Command, Waiting},
    decisions::{Click, ClickAnswer},
    election::Election,
    messages::{Publication, Sent, Ticket},
    outcome::Outcomes,
    owned::{OwnedShards, Uncommitted},
    requests::{MAX_BATCH, Reply, Request, fits},
    sequencer::Sequencer,
    shards::shard,
    store,
    versions::Unreadable,
    watcher::Watcher,
};
use crate::{
    background,
    clock::Clock,
    cluster::Shard,
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

/// How often the database is asked for commands whose wake-up was lost.
const LOOK_FOR_COMMANDS: Duration = Duration::from_secs(2);
/// An event of which nothing was decided for so long is left to the cache, which keeps its ledger as long as it is in use.
const LEAVE_AFTER: Duration = Duration::from_secs(60);
/// A pause before the next batch after one that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(20);

/// An event being sequenced: its handle is the one that clicks must see.
struct Sequenced {
    handle: Arc<EventHandle>,
    sequencer: Sequencer,
    /// When anything was decided of it last.
    decided: Instant,
}

/// The one task that decides.
pub(super) struct Runner {
    db: Db,
    clock: Clock,
    cache: EventCache,
    watcher: Arc<dyn Watcher>,
    outcomes: Outcomes,
    /// The newest version of commands and clicks that is read.
    newest: u8,
    events: HashMap<EventId, Sequenced, FxBuildHasher>,
    /// Events with commands to apply; kept until they are committed.
    woken: HashSet<EventId, FxBuildHasher>,
    /// Shards were taken, and commands may wait for their events.
    look: bool,
    /// In a cluster.
    clustered: Option<Clustered>,
}

/// What a node of a cluster has beside: its shards, and the election it has them by.
pub(super) struct Clustered {
    pub shards: OwnedShards,
    pub election: Election,
}

/// A batch on its way: who waits for what, which events it touched, which commands it applied.
#[derive(Default)]
struct Deciding {
    answers: Vec<(EventId, Reply, ClickAnswer)>,
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
        cache: EventCache,
        watcher: Arc<dyn Watcher>,
        outcomes: Outcomes,
        newest: u8,
        clustered: Option<Clustered>,
    ) -> Runner {
        let (events, woken) = (HashMap::default(), HashSet::default());
        Runner { db, clock, cache, watcher, outcomes, newest, events, woken, look: false, clustered }
    }

    /// Decides until all senders of requests are gone.
    pub async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut gathered = Vec::with_capacity(MAX_BATCH);
        let mut looked_at = None;
        loop {
            // Tasks that are ready to send a click do so now, and share the commit.
            tokio::task::yield_now().await;
            if looked_at.is_none_or(|at: Instant| at.elapsed() >= LOOK_FOR_COMMANDS) {
                // A command may be there although the wake-up for it was lost with its sender.
                match self.events_waiting().await {
                    Ok(events) => self.woken.extend(events),
                    Err(error) => tracing::error!(%error, "waiting commands cannot be read"),
                }
                self.events.retain(|_, sequenced| sequenced.decided.elapsed() < LEAVE_AFTER);
                looked_at = Some(Instant::now());
            }
            let idle = self.woken.is_empty() && gathered.is_empty();
            let patience = if idle { LOOK_FOR_COMMANDS } else { Duration::ZERO };
            let room = MAX_BATCH - gathered.len();
            match tokio::time::timeout(patience, requests.recv_many(&mut gathered, room)).await {
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
                        match (reply, &self.clustered) {
                            (Reply::Local(waiting), _) => drop(waiting.send(answer)),
                            (Reply::Node(ticket), Some(Clustered { shards, .. })) => {
                                shards.dispatcher.answered(ticket.number, answer);
                            }
                            (Reply::Node(_), None) => {}
                        }
                    }
                    if let Some(Clustered { shards, .. }) = &self.clustered {
                        for (event, publication) in &publications {
                            shards.publish(*event, publication).await;
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
                        self.cache.invalidate(*event);
                    }
                    // Its commands are found again by the next look: clicks go first.
                    if let (Uncommitted::Fenced, Some(Clustered { election, .. })) = (&error, &self.clustered) {
                        election.fenced.notify_one();
                    }
                    tokio::time::sleep(AFTER_FAILURE).await;
                }
            }
            for (left, done) in deciding.left {
                if let Some(Clustered { shards, .. }) = &mut self.clustered {
                    shards.leave(left);
                }
                self.leave(|event| shard(event) == left);
                let _ = done.send(());
            }
            if self.events.len() > EVENTS {
                self.events.retain(|event, _| deciding.touched.contains(event));
            }
        }
    }

    /// Events that this process sequences, as far as commands wait for them or their sale has come to its end.
    async fn events_waiting(&self) -> Result<Vec<EventId>, sqlx::Error> {
        let mut events = commands::events_waiting(&self.db).await?;
        events.extend(store::ending(&self.db, self.clock.now()).await?);
        events.retain(|event| sequences(&self.clustered, *event));
        Ok(events)
    }

    /// Lets the sequencers decide everything gathered.
    async fn decide(&mut self, requests: impl ExactSizeIterator<Item = Request>, deciding: &mut Deciding) {
        let mut clicks = Vec::with_capacity(requests.len());
        for request in requests {
            match request {
                Request::Wake(event) if sequences(&self.clustered, event) => {
                    self.woken.insert(event);
                }
                Request::Click { handle, click, reply } => {
                    clicks.push((handle.rules.event, Some(handle), click, reply));
                }
                request => self.manage(request, &mut clicks, deciding).await,
            }
        }
        if self.look {
            match self.events_waiting().await {
                Ok(events) => {
                    self.woken.extend(events);
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
        for (event, handle, mut click, reply) in clicks {
            // Another node's clock may be ahead.
            click.stamped_at = click.stamped_at.min(now);
            match self.sequencer(event, handle.as_ref()).await {
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
    async fn manage(
        &mut self,
        request: Request,
        clicks: &mut Vec<(EventId, Option<Arc<EventHandle>>, Click, Reply)>,
        deciding: &mut Deciding,
    ) {
        let Some(Clustered { shards, election }) = &mut self.clustered else { return };
        match request {
            Request::Sent { stream, clicks: sent } => {
                for (position, bytes) in sent {
                    if !shards.is_next(stream, position) {
                        continue;
                    }
                    match Sent::decode(bytes, self.newest) {
                        Ok(Sent { event, click, ticket }) => clicks.push((event, None, click, Reply::Node(ticket))),
                        Err(unreadable @ Unreadable::Newer(version)) => {
                            // Nothing behind it is decided here: it would count as decided, too.
                            unreadable.count("click");
                            shards.stop_at(stream);
                            election.unreadable(version, Some(stream));
                            break;
                        }
                        Err(unreadable) => {
                            tracing::error!(%unreadable, %position, "a click cannot be read");
                            unreadable.count("click");
                        }
                    }
                    shards.reach(stream, position);
                }
            }
            Request::Take(taken) => {
                shards.take(&self.db, taken).await;
                // What waits for its events goes before any click.
                self.look = true;
                // What was asked before is over.
                deciding.left.retain(|(left, _)| *left != taken.stream.shard);
                // Others committed until now: what is in memory may be from before.
                self.leave(|event| shard(event) == taken.stream.shard);
            }
            // Its clicks so far are decided with this batch; those to come stay in the queue.
            Request::Leave(left, done) => deciding.left.push((left, done)),
            Request::LeaveAll => {
                shards.leave_all();
                deciding.left.clear();
                clicks.retain(|(_, _, _, reply)| matches!(reply, Reply::Local(_)));
                self.leave(|_| true);
            }
            Request::Lost(stream) => {
                if !shards.lost(&self.db, stream).await {
                    election.fenced.notify_one();
                }
            }
            Request::Click { .. } | Request::Wake(_) => {}
        }
    }

    /// Forgets events that others sequence.
    fn leave(&mut self, theirs: impl Fn(EventId) -> bool) {
        self.events.retain(|event, _| !theirs(*event));
        self.woken.retain(|event| !theirs(*event));
        self.cache.events().into_iter().filter(|event| theirs(*event)).for_each(|event| self.cache.invalidate(event));
    }

    /// The sequencer of an event. `seen` is the handle a click came through.
    async fn sequencer(
        &mut self,
        event: EventId,
        seen: Option<&Arc<EventHandle>>,
    ) -> Result<&mut Sequencer, crate::Error> {
        if !self.events.contains_key(&event) {
            // No other node commits for this event, so what is cached or read now is all there is. A click's own handle may be
            // from before a failure.
            let handle = self.cache.get(event).await?;
            let sequencer = Sequencer::new(handle.rules.clone(), handle.ledger.clone(), self.outcomes);
            self.events.insert(event, Sequenced { handle, sequencer, decided: Instant::now() });
        }
        let Some(sequenced) = self.events.get_mut(&event) else {
            return Err(Error::Busy.into());
        };
        sequenced.decided = Instant::now();
        if seen.is_some_and(|seen| !Arc::ptr_eq(seen, &sequenced.handle)) {
            // The cache had dropped our handle and read another, which would not be kept up to date.
            self.cache.put(&sequenced.handle);
        }
        Ok(&mut sequenced.sequencer)
    }

    /// Applies what waits for the events that were woken.
    async fn command(&mut self, deciding: &mut Deciding) {
        if self.woken.is_empty() {
            return;
        }
        let woken = std::mem::take(&mut self.woken);
        let mut waiting = match commands::waiting(&self.db, &woken, self.newest).await {
            Ok(waiting) => waiting,
            // The next look finds them again.
            Err(error) => return tracing::error!(%error, "waiting commands cannot be read"),
        };
        for event in woken {
            let Waiting { commands, stopped } = waiting.remove(&event).unwrap_or_default();
            if let (Some(Unreadable::Newer(version)), Some(Clustered { election, .. })) = (stopped, &self.clustered) {
                election.unreadable(version, None);
            }
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
        if commands.iter().any(|(_, command)| matches!(command, Command::Revise | Command::Stop)) {
            self.revise(event, deciding).await?;
        }
        let now = self.clock.now();
        let sequencer = self.sequencer(event, None).await?;
        sequencer.pass(now);
        for (id, command) in commands {
            // What has to wait is looked at again every now and then.
            if sequencer.command(&command, now) {
                deciding.commands.push((event, id));
            }
        }
        deciding.touched.insert(event);
        Ok(())
    }

    /// Reads an event's rules anew: the sequencer goes by them, and so does every click from now on.
    async fn revise(&mut self, event: EventId, deciding: &mut Deciding) -> Result<(), crate::Error> {
        let rules = store::rules(&self.db, event).await?.ok_or(Error::NotFound)?;
        let now = self.clock.now();
        self.sequencer(event, None).await?.revise(rules.clone(), now);
        if let Some(Sequenced { handle, .. }) = self.events.get_mut(&event) {
            *handle = Arc::new(handle.with(rules));
            self.cache.put(handle);
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
            background::pressed();
            let mut tx = self.db.begin(Lane::Turnstile).await?;
            if let Some(Clustered { shards, .. }) = &self.clustered {
                shards.fence(&mut tx, deciding.touched.iter().copied().chain(commanded)).await?;
            }
            store::write(&mut tx, &wrote, self.clock.now()).await?;
            commands::done(&mut tx, deciding.commands.iter().map(|(_, command)| *command).collect(), self.clock.now())
                .await?;
            tx.commit().await?;
        } else if let Some(Clustered { shards, .. }) = &self.clustered {
            shards.confirm(&self.db, deciding.touched.iter().copied()).await?;
        }
        let mut elsewhere = match &self.clustered {
            Some(Clustered { shards, .. }) => elsewhere(&mut deciding.answers, shards.dispatcher.node),
            None => HashMap::default(),
        };
        let (mut entries, mut publications) = (0, Vec::new());
        for event in &deciding.touched {
            if let Some(Sequenced { handle, sequencer, .. }) = self.events.get_mut(event) {
                let first = sequencer.committed_sequence();
                let batch = sequencer.committed();
                entries += batch.entries.len() as u64;
                if sequencer.state().sale.is_some() {
                    // It cannot be; should it ever, an operator must know before buyers do. Until then they read zero.
                    let oversold = sequencer.state().taken() > sequencer.state().capacity;
                    metrics::counter!("turnstile_oversold_batches_total").increment(u64::from(oversold));
                }
                if !batch.is_empty() {
                    self.watcher.committed(*event, &batch, sequencer.state());
                }
                if let Some(Clustered { shards, .. }) = &self.clustered {
                    // A gap on the bus may have invalidated it, and another handle been read beside this one.
                    self.cache.keep(handle);
                    let (node, state) = (shards.dispatcher.node, sequencer.state());
                    let revised = deciding.revised.contains(event);
                    let answers = elsewhere.remove(event).unwrap_or_default();
                    if revised || !batch.is_empty() || !answers.is_empty() {
                        publications.push((*event, Publication { node, first, state, batch, answers, revised }));
                    }
                }
            }
        }
        if let Some(Clustered { shards, .. }) = &self.clustered {
            shards.committed();
        }
        for event in &deciding.revised {
            if let Some(Sequenced { handle, sequencer, .. }) = self.events.get(event) {
                self.watcher.revised(&handle.rules, sequencer.state());
            }
        }
        metrics::counter!("turnstile_entries_total").increment(entries);
        metrics::counter!("turnstile_batches_total").increment(1);
        Ok(publications)
    }
}

/// Whether this process sequences an event.
fn sequences(clustered: &Option<Clustered>, event: EventId) -> bool {
    clustered.as_ref().is_none_or(|Clustered { shards, .. }| shards.owns(event))
}

/// Takes out the answers to clicks of other nodes than `node`, by event.
fn elsewhere(
    answers: &mut Vec<(EventId, Reply, ClickAnswer)>,
    node: u64,
) -> HashMap<EventId, Vec<(Ticket, ClickAnswer)>, FxBuildHasher> {
    let theirs = answers.extract_if(.., |(_, reply, _)| matches!(reply, Reply::Node(ticket) if ticket.node != node));
    let mut by_event: HashMap<_, Vec<_>, FxBuildHasher> = HashMap::default();
    for (event, reply, answer) in theirs {
        if let Reply::Node(ticket) = reply {
            by_event.entry(event).or_default().push((ticket, answer));
        }
    }
    by_event
}
