//! Hears what other nodes decided: their committed batches go into this node's ledgers and rooms, their answers to those who
//! wait here.

use super::{
    Watcher,
    courier::Courier,
    election::Election,
    gates::{Gate, Gates},
    messages::{Publication, SHARDS, ShardNews},
    runner::Job,
    sequencer::{Heard as Applied, Ledger},
    store,
};
use crate::{
    cluster::{Bus, Received, Shard, Subscriber, Topic},
    db::Db,
};
use bytes::Bytes;
use model::EventId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};

/// An event is read although nobody says what is new of it when that takes longer to arrange: Redis is away.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often events that nobody needs any more are no longer listened to.
const TIDY_EVERY: Duration = Duration::from_secs(10);

/// That this node hears of an event, as long as anybody keeps this.
pub struct Listening {
    live: watch::Sender<bool>,
    /// The newest batches, for whoever reads the event from the database meanwhile. Held while one is applied.
    heard: Mutex<VecDeque<Kept>>,
}

/// A batch that was heard.
struct Kept {
    at: Instant,
    publication: Publication,
}

/// Batches that are kept for those who are reading, and entries of them.
const KEPT: (usize, usize) = (256, 20_000);
/// Nobody reads an event for longer.
const READ_WITHIN: Duration = Duration::from_secs(30);

impl Listening {
    fn new() -> Listening {
        Listening { live: watch::Sender::new(false), heard: Mutex::default() }
    }

    fn heard(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies what was heard lately to a ledger that was just read.
    pub(super) fn replay(&self, ledger: &Ledger) {
        for Kept { publication, .. } in self.heard().iter() {
            ledger.hear(publication.first, &publication.batch, publication.standing);
        }
    }
}

fn keep(heard: &mut VecDeque<Kept>, publication: Publication) {
    heard.push_back(Kept { at: Instant::now(), publication });
    let mut entries: usize = heard.iter().map(|kept| kept.publication.batch.entries.len()).sum();
    while heard.len() > KEPT.0 || (heard.len() > 1 && entries > KEPT.1) {
        entries -= heard.pop_front().map_or(0, |kept| kept.publication.batch.entries.len());
    }
}

/// Arranges to hear of events. Cheap to clone.
#[derive(Clone)]
pub(super) struct Ears {
    known: Arc<Mutex<HashMap<EventId, Weak<Listening>>>>,
    wanted: mpsc::UnboundedSender<EventId>,
}

impl Ears {
    pub fn new() -> (Ears, mpsc::UnboundedReceiver<EventId>) {
        let (wanted, wishes) = mpsc::unbounded_channel();
        (Ears { known: Arc::default(), wanted }, wishes)
    }

    /// Hears of an event from now on: what is read of it afterwards lacks nothing that is not heard.
    pub async fn listen(&self, event: EventId) -> Arc<Listening> {
        let listening = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(&event).and_then(Weak::upgrade) {
                Some(listening) => listening,
                None => {
                    let listening = Arc::new(Listening::new());
                    known.insert(event, Arc::downgrade(&listening));
                    let _ = self.wanted.send(event);
                    listening
                }
            }
        };
        let mut live = listening.live.subscribe();
        if tokio::time::timeout(PATIENCE, live.wait_for(|live| *live)).await.is_err() {
            // What is read now lacks what is not heard until then: the gap to come is none at the beginning.
            listening.live.send_replace(true);
        }
        listening
    }

    fn get(&self, event: EventId) -> Option<Arc<Listening>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&event).and_then(Weak::upgrade)
    }

    fn tidy(&self, subscriber: &Subscriber) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|event, listening| {
            let needed = listening.upgrade();
            match &needed {
                Some(listening) => listening.heard().retain(|kept| kept.at.elapsed() < READ_WITHIN),
                None => subscriber.unsubscribe(Topic::Event(*event)),
            }
            needed.is_some()
        });
    }
}

/// What hears.
pub(super) struct Peers {
    pub db: Db,
    pub gates: Gates,
    pub ears: Ears,
    pub courier: Arc<Courier>,
    pub watcher: Arc<dyn Watcher>,
    pub election: Election,
    pub jobs: mpsc::WeakSender<Job>,
}

impl Peers {
    /// Hears until nobody needs the turnstile any more.
    pub async fn run(self, bus: Bus, mut wishes: mpsc::UnboundedReceiver<EventId>) {
        let mut subscriber = bus.subscriber();
        (0..SHARDS).for_each(|shard| subscriber.subscribe(Topic::Shard(Shard(shard))));
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        loop {
            let heard = tokio::select! {
                heard = subscriber.next() => heard,
                wish = wishes.recv() => match wish {
                    // Somebody may have wanted it again meanwhile: listening twice is listening.
                    Some(event) => {
                        subscriber.subscribe(Topic::Event(event));
                        continue;
                    }
                    None => return,
                },
                _ = tidy.tick() => {
                    self.ears.tidy(&subscriber);
                    continue;
                }
            };
            if self.jobs.strong_count() == 0 {
                return;
            }
            match heard {
                Received::Message(Topic::Event(event), message) => self.heard(event, &message),
                Received::Gap(Topic::Event(event)) => {
                    // The first is the beginning.
                    if let Some(listening) = self.ears.get(event)
                        && listening.live.send_replace(true)
                    {
                        self.missed(event);
                    }
                }
                Received::Message(Topic::Shard(shard), message) => {
                    if let Ok(news) = serde_json::from_slice(&message) {
                        self.news(shard, news).await;
                    }
                }
                // Commands are looked for every now and then, and shards at every beat.
                Received::Gap(Topic::Shard(_)) => self.election.look.notify_one(),
                Received::Message(Topic::Invalidation, _) | Received::Gap(Topic::Invalidation) => {}
            }
        }
    }

    async fn news(&self, shard: Shard, news: ShardNews) {
        match news {
            ShardNews::Wake(event) => {
                if let Some(jobs) = self.jobs.upgrade() {
                    let _ = jobs.send(Job::Wake(event)).await;
                }
            }
            ShardNews::Generation(generation) => self.courier.generations.set(shard, generation),
            ShardNews::Free => self.election.look.notify_one(),
        }
    }

    fn heard(&self, event: EventId, message: &Bytes) {
        // What this node published it knows.
        if Publication::publisher(message) == Some(self.courier.node) {
            return;
        }
        if let Some(publication) = Publication::decode(message.clone()) {
            return self.committed(event, publication);
        }
        // A node of another version published it: whatever it was, the database has it.
        if !self.watcher.published(event, message) {
            self.missed(event);
        }
    }

    /// Another node decided.
    fn committed(&self, event: EventId, mut publication: Publication) {
        let answers = std::mem::take(&mut publication.answers);
        let listening = self.ears.get(event);
        let mut heard = listening.as_ref().map(|listening| listening.heard());
        let Publication { first, standing, ref batch, revised, .. } = publication;
        match self.gates.peek(event) {
            Some(gate) => {
                let applied = gate.ledger.hear(first, batch, standing);
                match applied {
                    Applied::New => self.watcher.committed(event, batch, standing),
                    Applied::Known => {}
                    Applied::Missed => self.missed(event),
                }
                // What the log does not have, such as other texts, is all known.
                if revised && applied != Applied::Missed {
                    self.revise(gate);
                }
            }
            None => self.watcher.missed(event),
        }
        // What has no record is in the database already.
        if let Some(heard) = heard.as_mut().filter(|_| first < standing.next_sequence) {
            keep(heard, publication);
        }
        let mine = answers.into_iter().filter(|(ticket, _)| ticket.node == self.courier.node);
        mine.for_each(|(ticket, answer)| self.courier.answered(ticket.number, answer));
    }

    /// Something of an event was not heard: all of it is read anew.
    fn missed(&self, event: EventId) {
        self.gates.forget(event);
        self.watcher.missed(event);
    }

    /// Reads an event's terms anew, beside what is committed.
    fn revise(&self, gate: Arc<Gate>) {
        let (db, gates, watcher) = (self.db.clone(), self.gates.clone(), self.watcher.clone());
        tokio::spawn(async move {
            let event = gate.terms.event;
            match store::terms(&db, event).await {
                Ok(Some(terms)) => {
                    if terms.revisions >= gate.terms.revisions {
                        gates.replace(&gate, gate.with(terms.clone()));
                        watcher.revised(&terms, gate.ledger.standing());
                    }
                }
                Ok(None) => gates.forget(event),
                Err(error) => {
                    tracing::warn!(%error, "an event's new terms cannot be read");
                    gates.forget(event);
                }
            }
        });
    }
}
