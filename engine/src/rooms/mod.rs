//! Rooms: what everybody in an event's live page sees, encoded once and shared as bytes.
//!
//! The turnstile and the chat push what became durable; a tick turns it into one numbered change for all, and in a room
//! that was quiet the first entry does not wait for it. An usher hands what is new to every reader who is up to date; whoever
//! does not take it at once fetches the changes he lacks later, or a snapshot. So a slow reader costs nothing and holds nobody up.

mod room;
mod seats;

pub(crate) use room::Found;
pub use room::{Person, Published, Room, Stay};
pub use seats::{Fetched, Reader, Seat};

use crate::{
    clock::Clock,
    cluster::{Nodes, Presence, REFRESH_EVERY, Topic},
    turnstile::{self, Batch, EventRules, LedgerState, News, Subscription, Watcher},
};
use bytes::Bytes;
use model::{
    EventId, EventState,
    live::{ChatLine, ToBrowser},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use tokio::sync::Notify;

/// How often changes go out.
pub const TICK: Duration = Duration::from_millis(50);
/// What other nodes cannot be told is told again after these many seconds.
const AGAIN_AFTER: [u64; 4] = [0, 1, 2, 4];
/// A room that nobody is in is forgotten after this many ticks.
const FORGET_AFTER: u32 = 1200;

/// Every room that somebody is in. Cheap to clone.
#[derive(Clone, Default)]
pub struct Rooms {
    rooms: Arc<RwLock<HashMap<EventId, Arc<Room>>>>,
    woken: Arc<Woken>,
    /// Rooms that show something old.
    stale: Arc<Mutex<HashSet<EventId>>>,
    to_read: Arc<Notify>,
    /// In a cluster, where an event's room is open on several nodes.
    nodes: Option<Nodes>,
}

/// Rooms that were quiet until now.
#[derive(Default)]
struct Woken {
    rooms: Mutex<Vec<Arc<Room>>>,
    news: Notify,
}

impl Rooms {
    /// Rooms of one of several nodes: what is said in one is heard in all, and people are counted over all.
    pub(crate) fn among(nodes: Nodes) -> Rooms {
        let rooms = Rooms { nodes: Some(nodes.clone()), ..Rooms::default() };
        tokio::spawn(rooms.clone().count(Presence::new(nodes.redis, nodes.node)));
        rooms
    }

    /// Counts people over all nodes, until the program ends.
    async fn count(self, presence: Presence) {
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

    /// Tells other nodes, behind the back of the caller. Whoever may have missed it reads the database.
    fn tell(&self, event: EventId, news: impl FnOnce(u64) -> News) {
        if let Some(Nodes { node, bus, .. }) = self.nodes.clone() {
            let message = turnstile::encode(&news(node));
            tokio::spawn(async move {
                for seconds in AGAIN_AFTER {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                    match bus.publish(Topic::Event(event), message.clone()).await {
                        Ok(()) => return,
                        Err(error) => tracing::debug!(%error, "other nodes cannot be told"),
                    }
                }
            });
        }
    }

    /// The room of an event, when it is open.
    pub fn get(&self, event: EventId) -> Option<Arc<Room>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner).get(&event).cloned()
    }

    /// The room of an event, opened when it is not; then it is still to be loaded.
    pub(crate) fn open(&self, terms: &EventRules, listening: Option<Arc<Subscription>>) -> Arc<Room> {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(terms.event).or_insert_with(|| Arc::new(Room::new(terms.clone(), listening))).clone()
    }

    /// People in the room of an event.
    pub fn present(&self, event: EventId) -> u64 {
        self.get(event).map_or(0, |room| room.present())
    }

    /// Rooms that are to be read from the database once more, as soon as there are any.
    pub(crate) async fn stale(&self) -> Vec<Arc<Room>> {
        loop {
            let stale = std::mem::take(&mut *self.stale.lock().unwrap_or_else(PoisonError::into_inner));
            let open: Vec<_> = stale.into_iter().filter_map(|event| self.get(event)).collect();
            if !open.is_empty() {
                return open;
            }
            self.to_read.notified().await;
        }
    }

    /// A line of chat was hidden.
    pub fn hide(&self, event: EventId, number: u64) {
        self.tell(event, |by| News::Hidden { by, number });
        self.hide_here(event, number);
    }

    fn hide_here(&self, event: EventId, number: u64) {
        if let Some(room) = self.get(event) {
            room.hide(number);
        }
    }

    /// A member is shown by another name from now on.
    pub(crate) fn rename(&self, event: EventId, rank: u64, nickname: &str) {
        if let Some(room) = self.get(event) {
            room.rename(rank, nickname);
        }
    }

    /// People in every open room.
    pub fn heads(&self) -> Vec<(EventId, u64)> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        rooms.iter().map(|(event, room)| (*event, room.present())).collect()
    }

    /// The same of those rooms that are this node's to write down: among nodes, each room is one node's.
    pub(crate) fn heads_to_write(&self) -> Vec<(EventId, u64)> {
        let rooms = self.rooms.read().unwrap_or_else(PoisonError::into_inner);
        let ours = rooms.iter().filter(|(_, room)| self.nodes.is_none() || room.is_scribe());
        ours.map(|(event, room)| (*event, room.present())).collect()
    }

    /// New lines of chat became durable.
    pub fn said(&self, event: EventId, lines: &[ChatLine]) {
        self.tell(event, |_| News::Said(lines.to_vec()));
        self.said_here(event, lines);
    }

    fn said_here(&self, event: EventId, lines: &[ChatLine]) {
        if let Some(room) = self.get(event) {
            room.said(lines);
        }
    }

    /// Sends out changes every [`TICK`], and those of quiet rooms at once; states that rooms enter are sent to `announce`. Runs until the program ends.
    pub async fn keep(self, clock: Clock, announce: tokio::sync::mpsc::Sender<(EventId, EventState)>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let tell = |room: &Room| {
            for state in room.tick(clock.now()) {
                let _ = announce.try_send((room.event, state));
            }
        };
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.woken.news.notified() => {
                    let woken = std::mem::take(&mut *self.woken.rooms.lock().unwrap_or_else(PoisonError::into_inner));
                    woken.iter().for_each(|room| tell(room));
                    continue;
                }
            }
            let open = self.all();
            let mut forgotten = false;
            for room in &open {
                tell(room);
                if room.waits_too_long() {
                    self.missed(room.event);
                }
                forgotten |= room.idle_ticks() > FORGET_AFTER;
            }
            metrics::gauge!("rooms_open").set(open.len() as f64);
            drop(open);
            if forgotten {
                let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
                // Nobody can come in meanwhile: a room is only handed out under this lock.
                rooms.retain(|_, room| Arc::strong_count(room) > 1 || room.idle_ticks() <= FORGET_AFTER);
            }
        }
    }
}

impl Watcher for Rooms {
    fn committed(&self, event: EventId, batch: &Batch, standing: LedgerState) {
        let Some(room) = self.get(event) else { return };
        if room.committed(batch, standing) {
            self.woken.rooms.lock().unwrap_or_else(PoisonError::into_inner).push(room);
            self.woken.news.notify_one();
        }
    }

    fn revised(&self, terms: &EventRules, standing: LedgerState) {
        if let Some(room) = self.get(terms.event) {
            room.revised(terms, standing);
        }
    }

    fn missed(&self, event: EventId) {
        if self.get(event).is_some() {
            self.stale.lock().unwrap_or_else(PoisonError::into_inner).insert(event);
            self.to_read.notify_one();
        }
    }

    fn said(&self, event: EventId, lines: &[ChatLine]) {
        self.said_here(event, lines);
    }

    fn hidden(&self, event: EventId, number: u64) {
        self.hide_here(event, number);
    }
}

/// One frame for everybody.
pub fn encode(message: &ToBrowser) -> Bytes {
    // These types have no map with other keys than text and no fallible serializer.
    serde_json::to_vec(message).unwrap_or_default().into()
}
