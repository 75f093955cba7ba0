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
mod courier;
mod election;
mod gates;
mod lead;
mod messages;
mod peers;
mod record;
mod runner;
mod sequencer;
#[cfg(test)]
mod simulation;
mod store;

pub use check::{Violation, check};
pub use gates::Gate;
pub(crate) use peers::Listening;
pub use record::{Record, commitment};
pub use sequencer::{Answer, Batch, Click, Command, Decided, Ledger, Passed, Place, Sequencer, Standing, Terms};
pub use store::{command, withdraw};

use crate::{
    analytics::Refusals,
    clock::Clock,
    cluster::{Bus, Clicks, Nodes, Topic},
    db::Db,
    tasks::Tasks,
};
use courier::Courier;
use election::Election;
use gates::Gates;
use lead::Lead;
use messages::ShardNews;
use model::{Entry, Error, EventId, MemberId, Time};
use peers::{Ears, Peers};
use runner::{Job, Reply, Runner};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// Clicks that may wait; beyond, they are refused as busy.
const QUEUE: usize = 100_000;

/// Told what was committed, right after the commit and in order. Must not block.
pub trait Watcher: Send + Sync {
    /// A batch of `event` became durable.
    fn committed(&self, event: EventId, batch: &Batch, standing: Standing);

    /// An event goes by new terms.
    fn revised(&self, terms: &Terms, standing: Standing);

    /// Something was committed of an event that this node was not told: what it shows is to be read anew.
    fn missed(&self, event: EventId);

    /// Something of an event was published that is not the turnstile's; whether it was understood.
    fn published(&self, event: EventId, message: &[u8]) -> bool;
}

/// Orders clicks. Cheap to clone.
#[derive(Clone)]
pub struct Turnstile {
    gates: Gates,
    way: Way,
}

/// How clicks get to their sequencer.
#[derive(Clone)]
enum Way {
    /// It is in this process.
    Here(mpsc::Sender<Job>),
    /// It is on one of the nodes.
    There(Arc<There>),
}

/// A node's part in a cluster.
struct There {
    courier: Arc<Courier>,
    bus: Bus,
    election: Election,
    /// Kept for the runner, which ends with the last of them.
    _jobs: mpsc::Sender<Job>,
}

impl Turnstile {
    /// Starts the sequencers' task, which runs until every handle is dropped and what was accepted is answered.
    pub fn start(db: Db, clock: Clock, watcher: Arc<dyn Watcher>, refusals: Refusals, tasks: &Tasks) -> Turnstile {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let gates = Gates::new(db.clone(), refusals, None);
        tasks.essential("turnstile runner", Runner::new(db, clock, gates.clone(), watcher, None).run(jobs));
        Turnstile { gates, way: Way::Here(queue) }
    }

    /// The same as one of several nodes that share `db` and `redis`: each sequences the events of the shards it owns.
    pub fn join(
        db: Db,
        clock: Clock,
        watcher: Arc<dyn Watcher>,
        refusals: Refusals,
        nodes: &Nodes,
        tasks: &Tasks,
    ) -> Turnstile {
        let Nodes { node, redis, bus } = nodes.clone();
        let (queue, jobs) = mpsc::channel(QUEUE);
        let (ears, wishes) = Ears::new();
        let gates = Gates::new(db.clone(), refusals, Some(ears.clone()));
        let clicks = Clicks::new(redis, QUEUE);
        let courier = Courier::start(node, clicks.clone(), db.clone(), tasks);
        let lead = Lead::start(courier.clone(), clicks, bus.clone(), queue.downgrade(), tasks);
        let election = Election::start(db.clone(), clock.clone(), bus.clone(), node, queue.downgrade(), tasks);
        let peers = Peers {
            db: db.clone(),
            gates: gates.clone(),
            ears,
            courier: courier.clone(),
            watcher: watcher.clone(),
            election: election.clone(),
            jobs: queue.downgrade(),
        };
        tasks.essential("turnstile follower", peers.run(bus.clone(), wishes));
        let lead = Some((lead, election.fenced.clone()));
        tasks.essential("turnstile runner", Runner::new(db, clock, gates.clone(), watcher, lead).run(jobs));
        Turnstile { gates, way: Way::There(Arc::new(There { courier, bus, election, _jobs: queue })) }
    }

    /// Lets other nodes sequence what this one does. Clicks go on being answered.
    pub async fn hand_over(&self) {
        if let Way::There(there) = &self.way {
            there.election.leave().await;
        }
    }

    /// The event, from memory or else from the database.
    pub async fn gate(&self, event: EventId) -> Result<Arc<Gate>, crate::Error> {
        self.gates.get(event).await
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
        let click = Click { member, nickname, stamped_at };
        match &self.way {
            Way::Here(queue) => {
                let (answer, answered) = oneshot::channel();
                let reply = Reply::Here(answer);
                queue.try_send(Job::Click { gate: gate.clone(), click, reply }).map_err(|_| Error::Busy)?;
                Ok(answered.await.map_err(|_| Error::Busy)?)
            }
            // Boxed: on a single machine no click carries what this needs.
            Way::There(there) => Ok(Box::pin(there.courier.send(gate.terms.event, click)).await?),
        }
    }

    /// The committed entry of a member.
    pub async fn entry(&self, event: EventId, member: MemberId) -> Result<Option<Entry>, crate::Error> {
        Ok(self.gate(event).await?.ledger.entry(member))
    }

    /// The same, as far as this node has the event in memory.
    pub fn known_entry(&self, event: EventId, member: MemberId) -> Option<Entry> {
        self.gates.peek(event)?.ledger.entry(member)
    }

    /// Says that a command was committed for `event`.
    pub async fn wake(&self, event: EventId) {
        match &self.way {
            Way::Here(queue) => drop(queue.send(Job::Wake(event)).await),
            // Not heard, it is found by whoever looks for commands.
            Way::There(there) => {
                let wake = messages::encode(&ShardNews::Wake(event));
                drop(there.bus.publish(Topic::Shard(messages::shard(event)), wake).await);
            }
        }
    }
}
