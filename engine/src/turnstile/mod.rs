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
mod gates;
mod record;
mod runner;
mod sequencer;
#[cfg(test)]
mod simulation;
mod store;

pub use check::{Violation, check};
pub use gates::Gate;
pub use record::{Record, commitment};
pub use sequencer::{Answer, Batch, Click, Command, Decided, Ledger, Passed, Place, Sequencer, Standing, Terms};
pub use store::{command, withdraw};

use crate::{clock::Clock, curves::Refusals, db::Db};
use gates::Gates;
use model::{Entry, Error, EventId, MemberId, Time};
use runner::{Job, Runner};
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
}

/// Orders clicks. Cheap to clone.
#[derive(Clone)]
pub struct Turnstile {
    gates: Gates,
    queue: mpsc::Sender<Job>,
}

impl Turnstile {
    /// Starts the sequencers' task, which runs until every handle is dropped and what was accepted is answered.
    pub fn start(db: Db, clock: Clock, watcher: Arc<dyn Watcher>, refusals: Refusals) -> Turnstile {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let gates = Gates::new(db.clone(), refusals);
        tokio::spawn(Runner::new(db, clock, gates.clone(), watcher).run(jobs));
        Turnstile { gates, queue }
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
        let (answer, answered) = oneshot::channel();
        let click = Click { member, nickname, stamped_at };
        self.queue.try_send(Job::Click { gate: gate.clone(), click, answer }).map_err(|_| Error::Busy)?;
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
}
