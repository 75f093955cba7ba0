//! Follows what other nodes commit: their batches are applied to this node's ledgers and rooms, their answers go to those who
//! wait here.

use super::{
    cache::{EventCache, EventHandle},
    dispatcher::Dispatcher,
    election::Election,
    ledger::Applied,
    messages::{self, CHOSEN_VERSION, Publication, ShardNews},
    requests::Request,
    shards::SHARDS,
    store,
    subscriptions::{Subscription, Subscriptions},
    watcher::Watcher,
};
use crate::{
    cluster::{Bus, Envelope, MessageKind, Received, Shard, Topic},
    db::Db,
};
use bytes::Bytes;
use model::{EventId, MemberId, Wish};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// How often subscriptions to events that are no longer needed are ended.
const TIDY_EVERY: Duration = Duration::from_secs(10);

/// Applies what other nodes publish.
pub(super) struct Follower {
    pub db: Db,
    pub cache: EventCache,
    pub subscriptions: Subscriptions,
    pub dispatcher: Arc<Dispatcher>,
    pub watcher: Arc<dyn Watcher>,
    pub election: Election,
    pub requests: mpsc::WeakSender<Request>,
    /// The newest version that is read.
    pub newest: u8,
}

impl Follower {
    /// Follows until the turnstile is dropped. Events that come over `wanted` are listened to from then on.
    pub async fn run(self, bus: Bus, mut wanted: mpsc::UnboundedReceiver<EventId>) {
        let mut subscriber = bus.subscriber();
        (0..SHARDS).for_each(|shard| subscriber.subscribe(Topic::Shard(Shard(shard))));
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        loop {
            let received = tokio::select! {
                received = subscriber.next() => received,
                wanted = wanted.recv() => match wanted {
                    // Somebody may have wanted it again meanwhile: listening twice is listening.
                    Some(event) => {
                        subscriber.subscribe(Topic::Event(event));
                        continue;
                    }
                    None => return,
                },
                _ = tidy.tick() => {
                    self.subscriptions.tidy(&subscriber);
                    continue;
                }
            };
            if self.requests.strong_count() == 0 {
                return;
            }
            match received {
                Received::Message(Topic::Event(event), message) => self.of_event(event, &message),
                Received::Gap(Topic::Event(event)) => {
                    // The first is the beginning.
                    let begun = |subscription: Arc<Subscription>| {
                        subscription.lock().forget_choices();
                        subscription.begin()
                    };
                    if self.subscriptions.get(event).is_some_and(begun) {
                        self.missed(event);
                    }
                }
                Received::Message(Topic::Shard(shard), message) => {
                    match messages::decode(&message, self.newest) {
                        Ok(news) => self.of_shard(shard, news).await,
                        // Whatever it was, commands are looked for every now and then, and shards at every beat.
                        Err(unreadable) => unreadable.count("shard"),
                    }
                }
                // Commands are looked for every now and then, and shards at every beat.
                Received::Gap(Topic::Shard(_)) => self.election.look.notify_one(),
                Received::Message(Topic::Invalidation | Topic::Party(_) | Topic::Notices(_), _)
                | Received::Gap(Topic::Invalidation | Topic::Party(_) | Topic::Notices(_)) => {}
            }
        }
    }

    async fn of_shard(&self, shard: Shard, news: ShardNews) {
        match news {
            ShardNews::Wake(event) => {
                if let Some(requests) = self.requests.upgrade() {
                    let _ = requests.send(Request::Wake(event)).await;
                }
            }
            ShardNews::Generation(generation) => self.dispatcher.generations.set(shard, generation),
            ShardNews::Free => self.election.look.notify_one(),
        }
    }

    fn of_event(&self, event: EventId, message: &Bytes) {
        // What this node published it knows.
        if Publication::publisher(message) == Some(self.dispatcher.node) {
            return;
        }
        let unreadable = match Publication::decode(message.clone(), self.newest) {
            Some(Ok(publication)) => return self.committed(event, publication),
            Some(Err(unreadable)) => unreadable,
            None if self.chosen(event, message) || self.watcher.published(event, message) => return,
            None => return self.missed(event),
        };
        // Whatever became of the event, the database has it.
        tracing::warn!(%event, %unreadable, "what another node published cannot be read");
        unreadable.count("event");
        self.missed(event);
    }

    /// Whether a member of another node chose how many units they want: then this node knows it, too.
    fn chosen(&self, event: EventId, message: &[u8]) -> bool {
        let Some((Envelope { kind: MessageKind::CHOSEN, version: CHOSEN_VERSION, .. }, chosen)) =
            Envelope::open(message)
        else {
            return false;
        };
        let Ok((member, wish)) = serde_json::from_slice::<(MemberId, Option<Wish>)>(chosen) else { return false };
        let subscription = self.subscriptions.get(event);
        let mut recent = subscription.as_ref().map(|subscription| subscription.lock());
        if let Some(handle) = self.cache.peek(event) {
            handle.choose(member, wish);
        }
        // Whoever reads the event at this moment may have read what was chosen before.
        if let Some(recent) = &mut recent {
            recent.keep_choice(member, wish);
        }
        true
    }

    /// Another node committed a batch.
    fn committed(&self, event: EventId, mut publication: Publication) {
        let answers = std::mem::take(&mut publication.answers);
        let subscription = self.subscriptions.get(event);
        let mut recent = subscription.as_ref().map(|subscription| subscription.lock());
        let Publication { first, state, ref batch, revised, .. } = publication;
        match self.cache.peek(event) {
            Some(handle) => {
                let applied = handle.ledger.apply(first, batch, state);
                match applied {
                    Applied::New => self.watcher.committed(event, batch, state),
                    Applied::Known => {}
                    Applied::Missed => self.missed(event),
                }
                // What the log does not have, such as other texts, is all known.
                if revised && applied != Applied::Missed {
                    self.revise(handle);
                }
            }
            None => self.watcher.missed(event),
        }
        // What has no record is in the database already.
        if let Some(recent) = recent.as_mut().filter(|_| first < state.next_sequence) {
            recent.keep(publication);
        }
        let mine = answers.into_iter().filter(|(ticket, _)| ticket.node == self.dispatcher.node);
        mine.for_each(|(ticket, answer)| self.dispatcher.answered(ticket.number, answer));
    }

    /// Something of an event did not arrive: all of it is read anew.
    fn missed(&self, event: EventId) {
        self.cache.invalidate(event);
        self.watcher.missed(event);
    }

    /// Reads an event's rules anew, beside what is committed.
    fn revise(&self, handle: Arc<EventHandle>) {
        let (db, cache, watcher) = (self.db.clone(), self.cache.clone(), self.watcher.clone());
        tokio::spawn(async move {
            let event = handle.rules.event;
            match store::rules(&db, event).await {
                Ok(Some(rules)) => {
                    if rules.revisions >= handle.rules.revisions {
                        cache.replace(&handle, handle.with(rules.clone()));
                        watcher.revised(&rules, handle.ledger.state());
                    }
                }
                Ok(None) => cache.invalidate(event),
                Err(error) => {
                    tracing::warn!(%error, "an event's new rules cannot be read");
                    cache.invalidate(event);
                }
            }
        });
    }
}
