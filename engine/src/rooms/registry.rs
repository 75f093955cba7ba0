//! The rooms that are open on this node, and the tick that tells what happened in them.

use super::Room;
use crate::{
    clock::Clock,
    cluster::{Presence, REFRESH_EVERY},
    feed::{Observer, Update},
    turnstile::{EventRules, Subscription},
};
use model::{EventId, EventState};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::{Notify, mpsc};

/// How often changes go out.
pub const TICK: Duration = Duration::from_millis(50);
/// A room that nobody is in is closed after this many ticks.
const CLOSE_AFTER: u32 = 1200;
/// Of more rooms that nobody is in those are closed at once that have been empty for longest: whoever looks at the pages of all events
/// that ever were opens a room of each.
const EMPTY: usize = 512;

/// Every room that somebody is in. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    rooms: Arc<RwLock<HashMap<EventId, Arc<Room>>>>,
    woken: Arc<Woken>,
    /// Rooms that show something old.
    stale: Arc<Mutex<HashSet<EventId>>>,
    to_read: Arc<Notify>,
    /// Whether an event's room may be open on other nodes, too.
    among_nodes: bool,
}

/// Rooms that were quiet until now.
#[derive(Default)]
struct Woken {
    rooms: Mutex<Vec<Arc<Room>>>,
    wake: Notify,
}

impl Registry {
    /// Rooms of one of several nodes: people are counted over all.
    pub fn among_nodes() -> Registry {
        Registry { among_nodes: true, ..Registry::default() }
    }

    /// Counts people over all nodes, until the program ends.
    pub async fn count(self, presence: Presence) {
        loop {
            for room in self.all() {
                let people = room.people();
                match presence.refresh(room.event, &people).await {
                    Ok(everywhere) => room.counted(people.len() as u64, everywhere),
                    Err(error) => tracing::debug!(%error, "people elsewhere cannot be counted"),
                }
            }
            tokio::time::sleep(REFRESH_EVERY).await;
        }
    }

    fn all(&self) -> Vec<Arc<Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The room of an event, when it is open.
    pub fn get(&self, event: EventId) -> Option<Arc<Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).get(&event).cloned()
    }

    /// The room of an event, opened when it is not; then it is still to be loaded.
    pub fn open(&self, rules: &EventRules, subscription: Option<Arc<Subscription>>) -> Arc<Room> {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Room::new(rules.clone(), subscription, self.among_nodes));
        rooms.entry(rules.event).or_insert_with(new).clone()
    }

    /// Events whose rooms are open.
    pub fn events(&self) -> Vec<EventId> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// How many people are in those rooms that this node samples: among nodes, each room is one node's.
    pub fn presence_samples(&self) -> Vec<(EventId, u64)> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        let ours = rooms.iter().filter(|(_, room)| room.is_sampled_here());
        ours.map(|(event, room)| (*event, room.present())).collect()
    }

    /// Rooms that are to be read from the database once more, as soon as there are any.
    pub async fn stale(&self) -> Vec<Arc<Room>> {
        loop {
            let stale = std::mem::take(&mut *self.stale.lock().unwrap_or_else(PoisonError::into_inner));
            let open: Vec<_> = stale.into_iter().filter_map(|event| self.get(event)).collect();
            if !open.is_empty() {
                return open;
            }
            self.to_read.notified().await;
        }
    }

    /// What an event's room shows is to be read anew.
    pub fn missed(&self, event: EventId) {
        if self.get(event).is_some() {
            self.stale.lock().unwrap_or_else(PoisonError::into_inner).insert(event);
            self.to_read.notify_one();
        }
    }

    /// Sends out changes every [`TICK`], and those of quiet rooms at once; states that rooms enter are sent to `announce`.
    /// Runs until the program ends.
    pub async fn keep(self, clock: Clock, announce: mpsc::Sender<(EventId, EventState)>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let tick = |room: &Room| {
            for state in room.tick(clock.now()) {
                let _ = announce.try_send((room.event, state));
            }
        };
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.woken.wake.notified() => {
                    let woken = std::mem::take(&mut *self.woken.rooms.lock().unwrap_or_else(PoisonError::into_inner));
                    woken.iter().for_each(|room| tick(room));
                    continue;
                }
            }
            let open = self.all();
            let mut empty = Vec::new();
            for room in &open {
                tick(room);
                if room.waits_too_long() {
                    self.missed(room.event);
                }
                empty.extend(Some(room.idle_ticks()).filter(|ticks| *ticks > 0));
            }
            metrics::gauge!("rooms_open").set(open.len() as f64);
            drop(open);
            let close_after = close_after(&mut empty);
            if empty.iter().any(|ticks| *ticks > close_after) {
                let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
                // Nobody can come in meanwhile: a room is only handed out under this lock.
                rooms.retain(|_, room| Arc::strong_count(room) > 1 || room.idle_ticks() <= close_after);
            }
        }
    }
}

/// After how many ticks rooms are closed, of which some have been `empty` for so many.
fn close_after(empty: &mut [u32]) -> u32 {
    match empty.len() > EMPTY {
        true => CLOSE_AFTER.min(*empty.select_nth_unstable(EMPTY).1 - 1),
        false => CLOSE_AFTER,
    }
}

impl Observer for Registry {
    fn update(&self, event: EventId, update: Update<'_>) {
        let Some(room) = self.get(event) else { return };
        match update {
            Update::Committed(batch, state) => {
                if room.committed(batch, state) {
                    self.woken.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
                    self.woken.wake.notify_one();
                }
            }
            Update::Revised(rules, state) => room.revised(rules, state),
            Update::Missed => self.missed(event),
            Update::Said(lines) => room.said(lines),
            Update::Hidden(number) => room.hide(number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::room::tests::rules;
    use model::Time;
    use testing::eventually;

    #[test]
    fn those_are_closed_that_have_been_empty_for_longest() {
        let all: Vec<u32> = (1..=EMPTY as u32 + 8).rev().collect();
        // As many as may be stay.
        assert_eq!(close_after(&mut all.clone()), EMPTY as u32);
        assert_eq!(close_after(&mut all[8..].to_vec()), CLOSE_AFTER);
        assert_eq!(close_after(&mut [CLOSE_AFTER + 1; EMPTY + 1]), CLOSE_AFTER);
    }

    #[tokio::test]
    async fn only_so_many_rooms_are_open_that_nobody_is_in() {
        let registry = Registry::default();
        let most = EMPTY as u128;
        let _stay = registry.open(&rules(0), None).enter(1);
        (1..=most).for_each(|event| drop(registry.open(&rules(event), None)));
        let (announce, _announced) = mpsc::channel(1);
        let open = || registry.events().len();
        let later = async {
            let first = registry.get(rules(1).event).unwrap();
            eventually("time passes", async || first.idle_ticks() > 0).await;
            drop(first);
            (most + 1..=2 * most).for_each(|event| drop(registry.open(&rules(event), None)));
            assert_eq!(open(), 2 * EMPTY + 1);
            eventually("the first are closed", async || open() <= EMPTY + 1).await;
        };
        tokio::select! {
            () = registry.clone().keep(Clock::manual(Time(0)), announce) => panic!("it is kept until the program ends"),
            () = later => {}
        }
        assert!(registry.get(rules(0).event).is_some(), "somebody is in it");
        assert!(registry.get(rules(2 * most).event).is_some(), "it was looked at last");
        assert!(registry.get(rules(1).event).is_none());
    }
}
