//! Events in memory: what clicks are decided by.

use super::{
    ledger::Ledger,
    outcome::Outcomes,
    refusals::{RefusalCounter, Refusals},
    sequencer::EventRules,
    store,
    subscriptions::{Subscription, Subscriptions},
};
use crate::db::Db;
use model::{EntryError, Error, EventId, MemberId, Wish};
use rustc_hash::FxBuildHasher;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Events kept in memory.
pub(super) const EVENTS: usize = 10_000;
/// Ids that belong to no event, kept in memory for a moment, so that repeated questions for the same one read the database once.
const NOWHERE: usize = 10_000;
const NOWHERE_FOR: Duration = Duration::from_secs(2);
/// How many bytes of memory the ledgers of events that are not in use may take: reading through all events that ever were does not
/// fill it.
const LEDGERS: usize = 128 << 20;
/// They are looked through when this part of it was read from the database.
const PART: usize = 16;

/// How many units members chose beforehand; read by clicks without a lock.
pub type Choices = papaya::HashMap<MemberId, Wish, FxBuildHasher>;

/// An event as the click's path sees it.
pub struct EventHandle {
    /// What the sequencer goes by.
    pub rules: EventRules,
    /// What is committed.
    pub ledger: Arc<Ledger>,
    /// Counts refused clicks.
    pub refused: Arc<RefusalCounter>,
    /// Where something is sold: what a press means that says nothing of it.
    pub choices: Arc<Choices>,
    /// In a cluster: what other nodes commit is applied, as long as somebody keeps this.
    pub subscription: Option<Arc<Subscription>>,
    /// When somebody asked for it last, in steps of [`EventCache`].
    used: AtomicU64,
}

impl EventHandle {
    /// The same event by new rules.
    pub(super) fn with(&self, rules: EventRules) -> EventHandle {
        let EventHandle { ledger, refused, choices, subscription, used, .. } = self;
        let used = AtomicU64::new(used.load(Ordering::Relaxed));
        EventHandle {
            rules,
            ledger: ledger.clone(),
            refused: refused.clone(),
            choices: choices.clone(),
            subscription: subscription.clone(),
            used,
        }
    }

    /// What a press of `member` means from now on that says nothing of it.
    pub(super) fn choose(&self, member: MemberId, wish: Option<Wish>) {
        let choices = self.choices.pin();
        let _before = match wish {
            Some(wish) => choices.insert(member, wish),
            None => choices.remove(&member),
        };
    }

    /// What a press of `member` wishes for that says `said` of it; `None` where nothing is sold.
    pub(super) fn wish(&self, member: MemberId, said: Option<Wish>) -> Result<Option<Wish>, EntryError> {
        let Some(sale) = &self.rules.sale else {
            // There is one for each.
            return said.map_or(Ok(None), |wish| wish.check(1).map(|_| None));
        };
        let chosen = || self.choices.pin().get(&member).copied().unwrap_or_default().at_most(sale.limit);
        let wish = said.unwrap_or_else(chosen);
        wish.check(sale.limit).map(Some)
    }

    /// Whether only the cache and the caller hold it, so that forgetting it frees its memory.
    fn is_idle(&self, holders: usize) -> bool {
        holders <= 2 && Arc::strong_count(&self.ledger) == 1
    }
}

/// Handles of events, read when they are first asked for. Cheap to clone.
#[derive(Clone)]
pub(super) struct EventCache {
    known: Arc<quick_cache::sync::Cache<EventId, Arc<EventHandle>>>,
    /// Ids that belong to no event, and when that was read.
    nowhere: Arc<quick_cache::sync::Cache<EventId, Instant>>,
    db: Db,
    refusals: Refusals,
    /// What is read beside an event's ledger, by kind.
    outcomes: Outcomes,
    /// In a cluster.
    subscriptions: Option<Subscriptions>,
    weight: Arc<Weight>,
}

/// What ledgers weigh, and which of them was used last.
struct Weight {
    /// The most that idle ones may.
    most: usize,
    /// Moves on with every event that is read: clicks on one event find its handle marked already.
    step: AtomicU64,
    /// Bytes that were read since they were looked through.
    read: AtomicUsize,
}

impl EventCache {
    pub fn new(db: Db, refusals: Refusals, outcomes: Outcomes, subscriptions: Option<Subscriptions>) -> EventCache {
        EventCache::weighing(db, refusals, outcomes, subscriptions, LEDGERS)
    }

    fn weighing(
        db: Db,
        refusals: Refusals,
        outcomes: Outcomes,
        subscriptions: Option<Subscriptions>,
        most: usize,
    ) -> EventCache {
        let weight = Arc::new(Weight { most, step: AtomicU64::new(0), read: AtomicUsize::new(0) });
        let (known, nowhere) = (quick_cache::sync::Cache::new(EVENTS), quick_cache::sync::Cache::new(NOWHERE));
        EventCache { known: Arc::new(known), nowhere: Arc::new(nowhere), db, refusals, outcomes, subscriptions, weight }
    }

    /// The event, from memory or else from the database.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such event; the database's when it cannot be read.
    pub async fn get(&self, event: EventId) -> Result<Arc<EventHandle>, crate::Error> {
        if let Some(handle) = self.known.get(&event) {
            let step = self.weight.step.load(Ordering::Relaxed);
            // Written only when it changed: everybody presses on the same one.
            if handle.used.load(Ordering::Relaxed) != step {
                handle.used.store(step, Ordering::Relaxed);
            }
            return Ok(handle);
        }
        // Boxed: the way of every click does not carry the room that reading an event needs.
        let loaded: Result<Arc<EventHandle>, crate::Error> =
            Box::pin(self.known.get_or_insert_async(&event, self.load(event))).await;
        let handle = loaded?;
        self.lighten();
        if let Some(subscription) = &handle.subscription {
            // What was published while it was being read.
            subscription.replay(&handle.ledger, |member, wish| handle.choose(member, wish));
        }
        Ok(handle)
    }

    async fn load(&self, event: EventId) -> Result<Arc<EventHandle>, crate::Error> {
        if self.nowhere.get(&event).is_some_and(|read_at| read_at.elapsed() < NOWHERE_FOR) {
            return Err(Error::NotFound.into());
        }
        let subscription = match &self.subscriptions {
            // Other nodes are only asked about what there is.
            Some(subscriptions) if store::exists(&self.db, event).await? => Some(subscriptions.subscribe(event).await),
            Some(_) => return Err(self.is_nowhere(event)),
            None => None,
        };
        let Some(loaded) = store::load(&self.db, event).await? else { return Err(self.is_nowhere(event)) };
        let choices = Choices::with_hasher(FxBuildHasher);
        if loaded.rules.sale.is_some() {
            let chosen = (self.outcomes)(loaded.rules.kind).choices(&self.db, event).await?;
            let choices = choices.pin();
            for (member, wish) in chosen {
                choices.insert(member, wish);
            }
        }
        let refused = self.refusals.begin(event);
        let used = AtomicU64::new(self.weight.step.fetch_add(1, Ordering::Relaxed) + 1);
        let ledger = Arc::new(loaded.ledger);
        self.weight.read.fetch_add(ledger.weight(), Ordering::Relaxed);
        let choices = Arc::new(choices);
        Ok(Arc::new(EventHandle { rules: loaded.rules, ledger, refused, choices, subscription, used }))
    }

    fn is_nowhere(&self, event: EventId) -> crate::Error {
        self.nowhere.insert(event, Instant::now());
        Error::NotFound.into()
    }

    /// Forgets the least recently used of the events that are not in use, when those take too much memory.
    fn lighten(&self) {
        let Weight { most, read, .. } = &*self.weight;
        if read.load(Ordering::Relaxed) < most / PART || read.swap(0, Ordering::Relaxed) < most / PART {
            return;
        }
        let mut idle: Vec<(u64, usize, EventId)> = self
            .known
            .iter()
            .filter(|(_, handle)| handle.is_idle(Arc::strong_count(handle)))
            .map(|(event, handle)| (handle.used.load(Ordering::Relaxed), handle.ledger.weight(), event))
            .collect();
        let mut weight: usize = idle.iter().map(|(_, weight, _)| weight).sum();
        idle.sort_unstable();
        for (_, of_it, event) in idle {
            if weight <= *most {
                break;
            }
            weight -= of_it;
            self.invalidate(event);
        }
        metrics::gauge!("ledgers_idle_bytes").set(weight as f64);
    }

    /// The event, when it is in memory.
    pub fn peek(&self, event: EventId) -> Option<Arc<EventHandle>> {
        self.known.peek(&event)
    }

    /// Events that are in memory.
    pub fn events(&self) -> Vec<EventId> {
        self.known.iter().map(|(event, _)| event).collect()
    }

    /// This handle from now on.
    pub fn put(&self, handle: &Arc<EventHandle>) {
        self.known.insert(handle.rules.event, handle.clone());
    }

    /// This handle, unless it is there.
    pub fn keep(&self, handle: &Arc<EventHandle>) {
        if self.peek(handle.rules.event).is_none_or(|known| !Arc::ptr_eq(&known, handle)) {
            self.put(handle);
        }
    }

    /// `new` instead of `old`, unless something else took its place.
    pub fn replace(&self, old: &Arc<EventHandle>, new: EventHandle) {
        match self.peek(old.rules.event) {
            Some(known) if Arc::ptr_eq(&known, old) => self.put(&Arc::new(new)),
            _ => self.invalidate(old.rules.event),
        }
    }

    /// Forgets an event: the next caller reads it anew.
    pub fn invalidate(&self, event: EventId) {
        self.known.remove(&event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Lane;
    use model::{MemberId, SECOND, Time};
    use testing::{On, Place, eventually};
    use uuid::Uuid;

    #[tokio::test]
    async fn what_is_not_there_is_read_once_in_a_while_and_listened_to_never() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let (subscriptions, mut wanted) = Subscriptions::new();
        let cache = EventCache::new(db.clone(), Refusals::default(), crate::outcomes::of, Some(subscriptions));
        let event = EventId(Uuid::from_u128(1));
        let missing = async || matches!(cache.get(event).await, Err(crate::Error::Refused(Error::NotFound)));
        assert!(missing().await);
        crate::turnstile::tests::open_as(&db, &crate::clock::Clock::system(), event).await;
        assert!(missing().await, "that there was nothing is remembered");
        assert!(wanted.try_recv().is_err(), "nobody is asked about what is not there");
        eventually("it is there in the end", async || cache.get(event).await.is_ok()).await;
        assert_eq!(wanted.try_recv(), Ok(event));
    }

    /// An event that is over, with so many entries.
    async fn past_event(db: &Db, number: u128, entries: usize) -> EventId {
        let event = EventId(Uuid::from_u128(number));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into events (id, request_id, creator_id, title, summary, description, category, kind, offer, capacity, rules,
                opens_at, closes_at, published_at, created_at)
             values ($1, $1, $2, '', '', '', 'living', 'giveaway', '', 1, '', 0, $3, 0, 0)",
        )
        .bind(event)
        .bind(MemberId(Uuid::from_u128(1)))
        .bind(Time(0) + SECOND)
        .run()
        .await
        .unwrap();
        for rank in 1..=entries {
            tx.sql("insert into entries (event_id, rank, member_id, entered_at, state, salt) values ($1, $2, $3, $2, 'lost', $4)")
                .bind(event)
                .bind(rank as i64)
                .bind(MemberId(Uuid::from_u128(rank as u128)))
                .bind(vec![0u8])
                .run()
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        event
    }

    #[tokio::test]
    async fn whoever_looks_at_all_events_that_ever_were_does_not_fill_the_memory() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
             values ($1, 'a@test.example', '수달', '수달', '', 'creator', 'member', false, 1, 0)",
        )
        .bind(MemberId(Uuid::from_u128(1)))
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        const ENTRIES: usize = 200;
        let mut events = Vec::new();
        for number in 1..=40 {
            events.push(past_event(&db, number, ENTRIES).await);
        }
        let one = EventCache::new(db.clone(), Refusals::default(), crate::outcomes::of, None)
            .get(events[0])
            .await
            .unwrap()
            .ledger
            .weight();
        assert!(one > ENTRIES * 40, "{one} bytes");
        let cache = EventCache::weighing(db, Refusals::default(), crate::outcomes::of, None, 10 * one);
        // Somebody is in the room of one, and somebody comes back to another again and again.
        let (held, popular) = (cache.get(events[0]).await.unwrap(), events[1]);
        for event in &events[2..] {
            cache.get(popular).await.unwrap();
            cache.get(*event).await.unwrap();
            let weight: usize = cache.known.iter().map(|(_, handle)| handle.ledger.weight()).sum();
            assert!(weight <= 12 * one, "{} ledgers", weight / one);
        }
        assert!(Arc::ptr_eq(&cache.peek(events[0]).unwrap(), &held), "what is used stays");
        assert!(cache.peek(popular).is_some(), "what is used often stays");
        assert!(cache.peek(events[39]).is_some() && cache.peek(events[2]).is_none(), "the oldest went first");
    }
}
