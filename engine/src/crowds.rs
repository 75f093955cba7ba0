//! Where many people are right now, and what closes soon: for the home page and the page of the search.
//!
//! Head-counts are those of the rooms, over all nodes; entries are those that came since a moment some minutes ago, by tallies that
//! are remembered. Everybody is answered by the same few ids for a few seconds; what is shown of them is read anew.

use crate::{
    Error, accounts::Actor, analytics::AGAIN, clock::Clock, db::Db, events::Events, rooms::Registry,
    turnstile::Turnstile,
};
use model::{
    DAY, EventId, EventState, Kind, MINUTE, SaleCard, Span, Time,
    popular::{Crowd, busiest},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// How many are shown of each.
const SHOWN: usize = 6;
/// So many events that are open are looked at, those first that close first; beside them every one with an open room.
const OPEN: i64 = 300;
/// For how long it is remembered which those are.
const EVERY: Duration = Duration::from_secs(5);
/// Entries count that came within so long; at least, and at most twice that.
const LATELY: Span = MINUTE.times(5);
/// A head-count that was written longer ago is of a node that is gone: that of a room with people is written again before.
const HEADS: Span = AGAIN.times(2);

/// Where many people are right now. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Crowds {
    db: Db,
    clock: Clock,
    events: Events,
    registry: Registry,
    turnstile: Turnstile,
    kept: Arc<Mutex<Kept>>,
}

/// What is remembered.
#[derive(Default)]
struct Kept {
    shelves: Option<(Instant, Shelves)>,
    /// Tallies of two moments, [`LATELY`] apart: entries are counted since the first.
    before: Option<Tallies>,
    since: Option<Tallies>,
}

/// How many entries events had at a time.
type Tallies = (Time, HashMap<EventId, u64>);

/// Which events.
#[derive(Clone, Default)]
struct Shelves {
    popular: Vec<Shown>,
    closing: Vec<Shown>,
}

/// An event with how many people are at it, and how many of them wait in its line.
#[derive(Clone, Copy)]
struct Shown {
    event: EventId,
    people: u64,
    waiting: u64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: EventId,
    kind: Kind,
    opens_at: Time,
    closes_at: Time,
    total: i64,
    present: i64,
}

impl Kept {
    /// Entries of an event that came lately, when it has `total` by now.
    fn lately(&self, event: EventId, total: u64, opens_at: Time, now: Time) -> u64 {
        match self.before.as_ref().and_then(|(_, tallies)| tallies.get(&event)) {
            Some(before) => total.saturating_sub(*before),
            // Nobody looked then: all of them came lately, or nobody knows.
            None if now - opens_at < LATELY => total,
            None => 0,
        }
    }

    /// Remembers how many entries events have by now.
    fn note(&mut self, now: Time, tallies: HashMap<EventId, u64>) {
        let age = self.since.as_ref().map(|(at, _)| now - *at);
        if age.is_none_or(|age| age >= LATELY) {
            // Where nobody asked for long, they say nothing of the last minutes.
            self.before = self.since.take().filter(|_| age.is_some_and(|age| age <= LATELY * 2));
            self.since = Some((now, tallies));
        }
        if self.before.is_none() {
            self.before.clone_from(&self.since);
        }
    }
}

impl Crowds {
    pub fn new(db: Db, clock: Clock, events: Events, registry: Registry, turnstile: Turnstile) -> Crowds {
        Crowds { db, clock, events, registry, turnstile, kept: Arc::default() }
    }

    /// What many people are at right now, the most first, and what is open and closes within a day, the first to close first; each
    /// with how many are there.
    ///
    /// # Errors
    /// The database's.
    pub async fn shelves(&self, actor: &Actor) -> Result<(Vec<SaleCard>, Vec<SaleCard>), Error> {
        let Shelves { popular, closing } = {
            // One reads, and whoever comes meanwhile waits for that.
            let mut kept = self.kept.lock().await;
            match kept.shelves.as_ref().filter(|(read, _)| read.elapsed() < EVERY) {
                Some((_, shelves)) => shelves.clone(),
                None => {
                    let shelves = self.read(&mut kept).await?;
                    kept.shelves = Some((Instant::now(), shelves.clone()));
                    shelves
                }
            }
        };
        let ids: Vec<EventId> = popular.iter().chain(&closing).map(|shown| shown.event).collect();
        let mut cards = self.events.cards_of(actor, &ids).await?;
        // What closed within these seconds is no longer open.
        cards.retain(|sale| matches!(sale.event.state, EventState::Open | EventState::Full));
        let shelf = |of: &[Shown]| {
            let card = |shown: &Shown| {
                let mut sale = cards.iter().find(|sale| sale.event.id == shown.event)?.clone();
                sale.event.present = shown.people;
                sale.waiting = shown.waiting;
                Some(sale)
            };
            of.iter().filter_map(card).collect()
        };
        Ok((shelf(&popular), shelf(&closing)))
    }

    async fn read(&self, kept: &mut Kept) -> Result<Shelves, Error> {
        let now = self.clock.now();
        let rows: Vec<Row> = self
            .db
            .sql(
                "select e.id, e.kind, e.opens_at, e.closes_at, coalesce(t.total, 0) as total,
                        coalesce((select h.present from heads h where h.event_id = e.id and h.second > $2
                            order by h.second desc limit 1), 0) as present
                 from events e join members m on m.id = e.creator_id left join tallies t on t.event_id = e.id
                 where e.published_at is not null and e.cancelled_at is null and e.suspended_at is null and m.suspended_at is null
                    and e.closes_at > $1 and e.opens_at <= $1
                 order by e.closes_at, e.id limit $3",
            )
            .bind(now)
            .bind((now - HEADS).0.div_euclid(model::SECOND.micros()))
            .bind(OPEN)
            .all()
            .await?;
        let mut crowds = Vec::with_capacity(rows.len());
        let mut tallies = HashMap::with_capacity(rows.len());
        let mut closing = Vec::new();
        let mut giveaways = HashSet::new();
        for Row { id, kind, opens_at, closes_at, total, present } in rows {
            let room = self.registry.get(id).map_or(0, |room| room.present());
            let (total, present) = (total.max(0) as u64, room.max(present.max(0) as u64));
            if closes_at - now < DAY && closing.len() < SHOWN {
                closing.push(Shown { event: id, people: present, waiting: 0 });
            }
            if kind == Kind::Giveaway {
                giveaways.insert(id);
            }
            crowds.push(Crowd { event: id, present, lately: kept.lately(id, total, opens_at, now) });
            tallies.insert(id, total);
        }
        // Where somebody is that closes later than all of those.
        if tallies.len() as i64 == OPEN {
            for event in self.registry.events().into_iter().filter(|event| !tallies.contains_key(event)) {
                let Some(room) = self.registry.get(event) else { continue };
                if matches!(room.state().state, EventState::Open | EventState::Full) {
                    crowds.push(Crowd { event, present: room.present(), lately: 0 });
                }
            }
        }
        kept.note(now, tallies);
        let mut popular = Vec::with_capacity(SHOWN);
        for crowd in busiest(crowds, SHOWN) {
            let waiting = match giveaways.contains(&crowd.event) {
                true => 0,
                false => self.waiting(crowd.event).await,
            };
            popular.push(Shown { event: crowd.event, people: crowd.people(), waiting });
        }
        Ok(Shelves { popular, closing })
    }

    /// How many wait in the line of a sale: exact on every node, which has what many people are at in memory. One that cannot be read
    /// keeps nobody from the others.
    async fn waiting(&self, sale: EventId) -> u64 {
        match self.turnstile.event(sale).await {
            Ok(handle) => handle.ledger.waiting(),
            Err(error) => {
                tracing::warn!(%error, event = %sale, "the line of a sale cannot be read");
                0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn entries_count_for_some_minutes() {
        let (old, new) = (EventId(Uuid::from_u128(1)), EventId(Uuid::from_u128(2)));
        let start = Time(0) + DAY;
        let mut kept = Kept::default();
        let opened = start - MINUTE * 30;
        assert_eq!(kept.lately(old, 70, opened, start), 0, "nobody knows when those came");
        assert_eq!(kept.lately(new, 7, start - MINUTE, start), 7, "it has not been open for longer");
        kept.note(start, HashMap::from([(old, 70)]));
        assert_eq!(kept.lately(old, 75, opened, start + MINUTE), 5);
        for minute in 1..=12 {
            kept.note(start + MINUTE * minute, HashMap::from([(old, 70 + minute as u64)]));
        }
        let lately = kept.lately(old, 82, opened, start + MINUTE * 12);
        assert!((5..=10).contains(&lately), "{lately}");
        // Nobody asked for a day.
        kept.note(start + DAY, HashMap::from([(old, 500)]));
        assert_eq!(kept.lately(old, 503, opened, start + DAY), 3);
    }
}
