//! The turnstile: orders the clicks of every event. One sequence and one clock an event, acknowledged when durable.
//!
//! ```text
//! enter() ─ certain? ─ yes ─► answer                  (committed state, read without a lock)
//!            └ no ─► queue ─► gather ─► Sequencer ─► one transaction ─► commit ─► answers, board
//! ```
//!
//! While one batch is being written the next one gathers, so the batch grows with the load and the cost of an fsync is
//! shared by all clicks that came meanwhile.

mod cache;
mod check;
mod commands;
mod decisions;
mod dispatcher;
mod early;
mod election;
mod follower;
mod ledger;
mod line;
mod messages;
mod outcome;
mod owned;
mod publisher;
mod queue;
mod record;
mod refusals;
mod replay;
mod requests;
mod runner;
#[cfg(test)]
mod sale_simulation;
#[cfg(test)]
mod sale_tests;
mod sequencer;
mod shards;
#[cfg(test)]
mod simulation;
mod store;
mod subscriptions;
#[cfg(test)]
mod tests;
mod units;
mod versions;
mod watcher;

pub use cache::{Choices, EventHandle};
pub use check::Violation;
pub(crate) use check::check;
pub use commands::{Command, write as write_command};
pub use decisions::{Batch, Changed, Click, ClickAnswer, Decided, Reassigned, Unit};
pub(crate) use early::PAUSE as EARLY_PAUSE;
pub use ledger::{Ledger, LedgerState, SaleState};
pub use outcome::{Outcome, Outcomes, UnitDeadline};
pub use record::{Record, Taken, commitment};
pub use refusals::{RefusalCounter, Refusals};
pub use replay::Replayed;
pub use sequencer::{EventRules, Sequencer};
pub(crate) use store::{log_from, log_goes_on};
pub(crate) use subscriptions::Subscription;
pub use watcher::Watcher;

use crate::{
    clock::Clock,
    cluster::{Bus, Clicks, Envelope, MessageKind, Nodes, Topic},
    db::Db,
    tasks::Tasks,
};
use cache::EventCache;
use dispatcher::Dispatcher;
use election::Election;
use follower::Follower;
use messages::{CHOSEN_VERSION, ShardNews};
use model::{Entry, EntryError, Error, EventId, MemberId, Time, Wish};
use owned::OwnedShards;
use requests::{Reply, Request};
use runner::{Clustered, Runner};
use shards::shard;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use subscriptions::Subscriptions;
use tokio::sync::{mpsc, oneshot};

/// How long what was asked for is waited for until it is decided, and how often it is looked at.
const DECIDED_WITHIN: Duration = Duration::from_millis(500);
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Clicks that may wait; beyond, they are refused as busy.
const QUEUE: usize = 100_000;

/// Orders clicks. Cheap to clone.
#[derive(Clone)]
pub struct Turnstile {
    cache: EventCache,
    way: Way,
}

/// How clicks get to their sequencer.
#[derive(Clone)]
enum Way {
    /// It is in this process.
    Local(mpsc::Sender<Request>),
    /// It is on one of the nodes.
    Clustered(Arc<Node>),
}

/// This process as a node of a cluster.
struct Node {
    dispatcher: Arc<Dispatcher>,
    bus: Bus,
    election: Election,
    /// Kept for the runner, which ends with the last of them.
    _requests: mpsc::Sender<Request>,
}

impl Turnstile {
    /// Starts the sequencers' task, which runs until every handle is dropped and what was accepted is answered.
    pub fn start(
        db: Db,
        clock: Clock,
        watcher: Arc<dyn Watcher>,
        outcomes: Outcomes,
        refusals: Refusals,
        tasks: &Tasks,
    ) -> Turnstile {
        let (queue, requests) = mpsc::channel(QUEUE);
        let cache = EventCache::new(db.clone(), refusals, outcomes, None);
        let runner = Runner::new(db, clock, cache.clone(), watcher, outcomes, versions::NEWEST, None);
        tasks.essential("turnstile runner", runner.run(requests));
        Turnstile { cache, way: Way::Local(queue) }
    }

    /// The same as one of several nodes that share `db` and `redis`: each sequences the events of the shards it owns.
    pub fn join(
        db: Db,
        clock: Clock,
        watcher: Arc<dyn Watcher>,
        outcomes: Outcomes,
        refusals: Refusals,
        nodes: &Nodes,
        tasks: &Tasks,
    ) -> Turnstile {
        Turnstile::join_reading(db, clock, watcher, outcomes, refusals, nodes, versions::NEWEST, tasks)
    }

    /// The same for a program that reads what was written in any version up to `newest`.
    #[expect(clippy::too_many_arguments, reason = "what a turnstile stands on, named once more than in `join`")]
    fn join_reading(
        db: Db,
        clock: Clock,
        watcher: Arc<dyn Watcher>,
        outcomes: Outcomes,
        refusals: Refusals,
        nodes: &Nodes,
        newest: u8,
        tasks: &Tasks,
    ) -> Turnstile {
        let Nodes { node, redis, bus } = nodes.clone();
        let (queue, requests) = mpsc::channel(QUEUE);
        let (subscriptions, wanted) = Subscriptions::new();
        let cache = EventCache::new(db.clone(), refusals, outcomes, Some(subscriptions.clone()));
        let clicks = Clicks::new(redis, QUEUE);
        let dispatcher = Dispatcher::start(node, clicks.clone(), db.clone(), cache.clone(), tasks);
        let shards = OwnedShards::start(dispatcher.clone(), clicks, bus.clone(), queue.downgrade(), tasks);
        let election = Election::start(db.clone(), clock.clone(), bus.clone(), node, newest, queue.downgrade(), tasks);
        let follower = Follower {
            db: db.clone(),
            cache: cache.clone(),
            subscriptions,
            dispatcher: dispatcher.clone(),
            watcher: watcher.clone(),
            election: election.clone(),
            requests: queue.downgrade(),
            newest,
        };
        tasks.essential("turnstile follower", follower.run(bus.clone(), wanted));
        let clustered = Some(Clustered { shards, election: election.clone() });
        let runner = Runner::new(db, clock, cache.clone(), watcher, outcomes, newest, clustered);
        tasks.essential("turnstile runner", runner.run(requests));
        Turnstile { cache, way: Way::Clustered(Arc::new(Node { dispatcher, bus, election, _requests: queue })) }
    }

    /// Lets other nodes sequence what this one does. Clicks go on being answered.
    pub async fn hand_over(&self) {
        if let Way::Clustered(node) = &self.way {
            node.election.leave().await;
        }
    }

    /// The event, from memory or else from the database.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such event; the database's when it cannot be read.
    pub async fn event(&self, event: EventId) -> Result<Arc<EventHandle>, crate::Error> {
        self.cache.get(event).await
    }

    /// Whether this node has the event in memory: then neither the database nor another node is asked about it.
    pub fn knows(&self, event: EventId) -> bool {
        self.cache.peek(event).is_some()
    }

    /// Whether the event has opened by `at`, as far as this node has it in memory.
    pub fn is_known_open(&self, event: EventId, at: Time) -> bool {
        self.cache.peek(event).is_some_and(|handle| at >= handle.rules.moments.opens_at)
    }

    /// A member chose how many units their press means that says nothing of it; `None` is no choice any more. Called after that was
    /// committed; every node that has the event in memory is told.
    ///
    /// # Errors
    /// As [`Turnstile::event`]; [`Error::Busy`] when other nodes could not be told: it is to be chosen again.
    pub async fn chose(&self, event: EventId, member: MemberId, wish: Option<Wish>) -> Result<(), crate::Error> {
        self.event(event).await?.choose(member, wish);
        if let Way::Clustered(node) = &self.way {
            let told = Envelope { kind: MessageKind::CHOSEN, version: CHOSEN_VERSION, node: node.dispatcher.node };
            let message = told.seal(&(member, wish));
            node.bus.publish(Topic::Event(event), message).await.map_err(|_| Error::Busy)?;
        }
        Ok(())
    }

    /// Waits a moment until an entry is `decided` as was just asked for, so that the member who asked sees it. Decided later, it is seen
    /// later.
    pub async fn settle_briefly(&self, event: EventId, member: MemberId, decided: impl Fn(&Entry) -> bool) {
        let settled = async {
            while self.entry(event, member).await.is_ok_and(|entry| entry.is_some_and(|entry| !decided(&entry))) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let _ = tokio::time::timeout(DECIDED_WITHIN, settled).await;
    }

    /// One press of the button by `member`, read at `stamped_at`, for what they wish or else chose beforehand. The answer is durable.
    ///
    /// # Errors
    /// [`Error::Busy`] when the click could not be decided, or its outcome is unknown: it may be sent again. Otherwise as
    /// [`Turnstile::event`].
    pub async fn enter(
        &self,
        event: EventId,
        member: MemberId,
        nickname: Arc<str>,
        stamped_at: Time,
        code: Option<&str>,
        wish: Option<Wish>,
    ) -> Result<ClickAnswer, crate::Error> {
        let handle = self.event(event).await?;
        let answer = self.press(&handle, member, nickname, stamped_at, code, wish).await;
        if let Ok(ClickAnswer::Refused(error)) | Err(crate::Error::Refused(error)) = &answer {
            handle.refused.count(error);
        }
        answer
    }

    async fn press(
        &self,
        handle: &Arc<EventHandle>,
        member: MemberId,
        nickname: Arc<str>,
        stamped_at: Time,
        code: Option<&str>,
        wish: Option<Wish>,
    ) -> Result<ClickAnswer, crate::Error> {
        if handle.rules.creator == member {
            return Ok(ClickAnswer::Refused(EntryError::OwnEvent.into()));
        }
        if let Some(answer) = handle.ledger.certain(member) {
            return Ok(answer);
        }
        if handle.rules.moments.published_at.is_none() {
            return Ok(ClickAnswer::Refused(Error::NotFound));
        }
        // Before the opening no code is judged: whatever it brings, a press goes the same way then, so that neither answers nor their
        // times tell which code is right.
        let wrong_code = !handle.rules.lets_in(code);
        if wrong_code && stamped_at >= handle.rules.moments.opens_at {
            return Ok(ClickAnswer::Refused(EntryError::WrongCode.into()));
        }
        let wish = match handle.wish(member, wish) {
            Ok(wish) => wish,
            Err(refused) => return Ok(ClickAnswer::Refused(refused.into())),
        };
        let click = Click { member, nickname, stamped_at, wish, wrong_code };
        match &self.way {
            Way::Local(queue) => {
                let (answer, answered) = oneshot::channel();
                let reply = Reply::Local(answer);
                queue.try_send(Request::Click { handle: handle.clone(), click, reply }).map_err(|_| Error::Busy)?;
                Ok(answered.await.map_err(|_| Error::Busy)?)
            }
            // Boxed: on a single machine no click carries what this needs.
            Way::Clustered(node) => Ok(Box::pin(node.dispatcher.send(handle.rules.event, click)).await?),
        }
    }

    /// The committed entry of a member.
    ///
    /// # Errors
    /// As [`Turnstile::event`].
    pub async fn entry(&self, event: EventId, member: MemberId) -> Result<Option<Entry>, crate::Error> {
        Ok(self.event(event).await?.ledger.entry(member))
    }

    /// The same for a member whom another node told that they are in: what this one has not heard yet is waited for a moment.
    ///
    /// # Errors
    /// As [`Turnstile::event`].
    pub async fn entry_soon(&self, event: EventId, member: MemberId) -> Result<Option<Entry>, crate::Error> {
        let entry = self.entry(event, member).await?;
        if entry.is_some() || matches!(self.way, Way::Local(_)) {
            return Ok(entry);
        }
        let heard = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                match self.entry(event, member).await {
                    Ok(None) => {}
                    heard => return heard,
                }
            }
        };
        tokio::time::timeout(DECIDED_WITHIN, heard).await.unwrap_or(Ok(None))
    }

    /// The same, as far as this node has the event in memory.
    pub fn known_entry(&self, event: EventId, member: MemberId) -> Option<Entry> {
        self.cache.peek(event)?.ledger.entry(member)
    }

    /// Says that a command was committed for `event` by another program on the same data; commits of this one say so themselves.
    pub async fn wake(&self, event: EventId) {
        match &self.way {
            Way::Local(queue) => drop(queue.send(Request::Wake(event)).await),
            // When it is lost, the owner of the shard finds the command when it next looks for commands.
            Way::Clustered(node) => {
                let wake = messages::encode(&ShardNews::Wake(event));
                drop(node.bus.publish(Topic::Shard(shard(event)), wake).await);
            }
        }
    }

    /// By what it is woken after commits.
    pub(crate) fn waker(&self) -> Waker {
        Waker(match &self.way {
            Way::Local(queue) => Wakes::Local(queue.downgrade()),
            Way::Clustered(node) => Wakes::Clustered(node.bus.clone()),
        })
    }
}

/// Wakes the turnstile after commits. It keeps neither the turnstile nor anything of the database, which keeps it.
pub(crate) struct Waker(Wakes);

enum Wakes {
    Local(mpsc::WeakSender<Request>),
    Clustered(Bus),
}

impl Waker {
    /// Says that commands were committed, and waits for nothing. What is lost of it is found by the next look for commands.
    pub(crate) fn wake(&self, events: &BTreeSet<EventId>) {
        if events.is_empty() {
            return;
        }
        match &self.0 {
            Wakes::Local(queue) => {
                let Some(queue) = queue.upgrade() else { return };
                for event in events {
                    drop(queue.try_send(Request::Wake(*event)));
                }
            }
            Wakes::Clustered(bus) => {
                let wake = |event: &EventId| (Topic::Shard(shard(*event)), messages::encode(&ShardNews::Wake(*event)));
                let (bus, wakes) = (bus.clone(), events.iter().map(wake).collect::<Vec<_>>());
                tokio::spawn(async move { drop(bus.publish_all(&wakes).await) });
            }
        }
    }
}
