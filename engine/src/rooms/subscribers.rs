//! Subscribers of a room: one that is up to date is handed what is new at once, one that is not fetches it.

use super::room::{Published, Room};
use bytes::Bytes;
use model::live::CHAT_ON_ARRIVAL;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Subscribers served before other tasks get a turn: a fraction of a millisecond.
const GROUP: usize = 64;

/// What can be handed frames without being waited for.
pub trait Reader: Send + Sync {
    /// Takes all of `frames`, or none of them.
    fn give(&self, frames: &[Bytes]) -> bool;

    /// It took none: from now on it has to [`RoomSubscriber::fetch`], until nothing is left to fetch.
    fn call(&self);
}

/// A reader who follows a room, until this is dropped.
pub struct RoomSubscriber {
    room: Arc<Room>,
    number: usize,
    entry: Arc<Entry>,
}

/// What a reader lacks.
pub struct Fetched {
    /// In order; empty when the reader is up to date, and served from now on.
    pub frames: Vec<Bytes>,
    /// They begin with the whole room, because not all of the changes are kept.
    pub whole: bool,
}

impl RoomSubscriber {
    pub(super) fn new(room: Arc<Room>, reader: Arc<dyn Reader>, chat_seen: u64) -> RoomSubscriber {
        let seen = Seen { version: None, chat: chat_seen };
        let entry = Arc::new(Entry { reader, progress: Mutex::new(Progress { seen, served: false }) });
        let number = room.subscribers.add(entry.clone());
        RoomSubscriber { room, number, entry }
    }

    /// In which room.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// What came since the last fetch. To be called until there is nothing.
    pub fn fetch(&self) -> Fetched {
        let mut progress = self.entry.progress();
        let published = self.room.published();
        let Step { frames, to, whole, .. } = Step::between(progress.seen, &published);
        // Whatever is published from here on, the fan-out task sees this.
        *progress = Progress { seen: to, served: frames.is_empty() };
        Fetched { frames, whole }
    }

    /// The newest line of chat seen, when lines after it are no longer kept that are to be had elsewhere: those on arrival.
    pub fn lacks_chat(&self) -> Option<u64> {
        let seen = self.entry.progress().seen.chat;
        let published = self.room.published();
        let kept = published.chat_since(seen).len();
        (kept < CHAT_ON_ARRIVAL && published.chat_last > seen + kept as u64).then_some(seen)
    }

    /// Lines of chat up to `number` were seen by other ways.
    pub fn saw_chat(&self, number: u64) {
        let mut progress = self.entry.progress();
        progress.seen.chat = progress.seen.chat.max(number);
    }
}

impl Drop for RoomSubscriber {
    fn drop(&mut self) {
        self.room.subscribers.remove(self.number);
    }
}

/// How far a reader has read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    /// `None` before the first snapshot.
    version: Option<u64>,
    chat: u64,
}

struct Progress {
    seen: Seen,
    /// By the fan-out task. Else its reader is fetching, or was called to.
    served: bool,
}

struct Entry {
    reader: Arc<dyn Reader>,
    progress: Mutex<Progress>,
}

impl Entry {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What leads from one state of reading to another: the same for nearly everybody.
struct Step {
    from: Seen,
    to: Seen,
    frames: Vec<Bytes>,
    whole: bool,
}

impl Step {
    fn between(from: Seen, published: &Published) -> Step {
        let to = Seen { version: Some(published.version), chat: published.chat_last.max(from.chat) };
        let (mut frames, whole) = match from.version {
            Some(version) if version == published.version => (Vec::new(), false),
            version => (published.since(version), !published.leads_from(version)),
        };
        frames.extend(published.chat_since(from.chat));
        Step { from, to, frames, whole }
    }
}

/// All subscribers of a room. Each keeps its number.
#[derive(Default)]
pub(super) struct Subscribers(Mutex<Numbered>);

#[derive(Default)]
struct Numbered {
    entries: Vec<Option<Arc<Entry>>>,
    free: Vec<usize>,
}

impl Subscribers {
    fn numbered(&self) -> MutexGuard<'_, Numbered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, entry: Arc<Entry>) -> usize {
        let Numbered { entries, free } = &mut *self.numbered();
        let number = free.pop().unwrap_or(entries.len());
        if number == entries.len() {
            entries.push(None);
        }
        entries[number] = Some(entry);
        number
    }

    fn remove(&self, number: usize) {
        let mut numbered = self.numbered();
        numbered.entries[number] = None;
        numbered.free.push(number);
    }

    /// Those in the group that begins at `first`; `false` when there is none.
    fn group(&self, first: usize, group: &mut Vec<Arc<Entry>>) -> bool {
        let numbered = self.numbered();
        let Some(behind) = numbered.entries.get(first..).filter(|behind| !behind.is_empty()) else { return false };
        group.extend(behind.iter().take(GROUP).flatten().cloned());
        true
    }
}

/// Hands every subscriber who is up to date what is new, group by group, until the room is gone. A round that takes longer
/// than a tick hands out several versions at once in the next.
#[derive(Clone)]
pub(super) struct FanOut {
    subscribers: Arc<Subscribers>,
    published: watch::Receiver<Published>,
}

impl FanOut {
    pub fn new(subscribers: Arc<Subscribers>, published: watch::Receiver<Published>) -> FanOut {
        FanOut { subscribers, published }
    }

    pub async fn run(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.published.changed().await.is_ok() {
            let mut step: Option<Step> = None;
            let mut first = 0;
            while self.subscribers.group(first, &mut group) {
                for entry in group.drain(..) {
                    self.serve(&entry, &mut step);
                }
                first += GROUP;
                tokio::task::yield_now().await;
            }
        }
    }

    /// `last` is what the one before was handed.
    fn serve(&self, entry: &Entry, last: &mut Option<Step>) {
        let mut progress = entry.progress();
        if !progress.served {
            return;
        }
        let step = match last {
            Some(step) if step.from == progress.seen => step,
            other => other.insert(Step::between(progress.seen, &self.published.borrow())),
        };
        if step.frames.is_empty() {
            return;
        }
        if !step.whole && entry.reader.give(&step.frames) {
            progress.seen = step.to;
        } else {
            progress.served = false;
            entry.reader.call();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::room::tests as rooms, *};
    use model::{
        Time,
        live::{Snapshot, ToBrowser},
        wire,
    };
    use std::time::Duration;

    /// Takes frames as long as it has room for them.
    #[derive(Default)]
    struct Pile {
        frames: Mutex<Vec<Bytes>>,
        closed: std::sync::atomic::AtomicBool,
        called: tokio::sync::Notify,
    }

    impl Reader for Pile {
        fn give(&self, frames: &[Bytes]) -> bool {
            let open = !self.closed.load(std::sync::atomic::Ordering::Relaxed);
            if open {
                self.frames.lock().unwrap().extend_from_slice(frames);
            }
            open
        }

        fn call(&self) {
            self.called.notify_one();
        }
    }

    impl Pile {
        fn close(&self, closed: bool) {
            self.closed.store(closed, std::sync::atomic::Ordering::Relaxed);
        }

        fn view(&self) -> Snapshot {
            let mut view: Option<Snapshot> = None;
            for frame in self.frames.lock().unwrap().iter() {
                match wire::decode(frame).unwrap() {
                    ToBrowser::Snapshot(room) => view = Some(room),
                    ToBrowser::Change(change) => assert!(view.as_mut().unwrap().apply(change), "a change is missing"),
                    other => panic!("{other:?}"),
                }
            }
            view.unwrap()
        }
    }

    fn fetch_all(subscriber: &RoomSubscriber, pile: &Pile) {
        loop {
            let fetched = subscriber.fetch();
            if fetched.frames.is_empty() {
                return;
            }
            pile.frames.lock().unwrap().extend(fetched.frames);
        }
    }

    #[tokio::test]
    async fn every_reader_sees_every_change_once_and_in_order_whether_served_or_fetching() {
        let (rooms, room) = rooms::room();
        rooms::load(&room, rooms::standing(0), rooms::nothing());
        let piles: Vec<Arc<Pile>> = (0..3 * GROUP + 1).map(|_| Arc::default()).collect();
        let mut subscribers: Vec<RoomSubscriber> = piles.iter().map(|pile| room.subscribe(pile.clone(), 0)).collect();
        room.tick(Time(0));
        subscribers.iter().zip(&piles).for_each(|(subscriber, pile)| fetch_all(subscriber, pile));
        // Somebody left: the numbers of all others stay.
        drop(subscribers.remove(5));
        tokio::spawn(room.fan_out().run());
        for step in 0..100u64 {
            // One who often has no room, one who misses more than is kept.
            piles[0].close(step % 3 == 0);
            piles[GROUP].close((20..60).contains(&step));
            rooms::commit(&rooms, step + 1..=step + 1);
            room.tick(Time(2000));
            tokio::time::sleep(Duration::from_millis(1)).await;
            if step % 3 == 1 {
                testing::soon("it is called", piles[0].called.notified()).await;
                fetch_all(&subscribers[0], &piles[0]);
            }
        }
        testing::soon("it is called", piles[GROUP].called.notified()).await;
        fetch_all(&subscribers[GROUP - 1], &piles[GROUP]);
        fetch_all(&subscribers[0], &piles[0]);
        for (nth, pile) in piles.iter().enumerate().filter(|(nth, _)| *nth != 5) {
            assert_eq!(pile.view(), *room.state(), "reader {nth}");
        }
        assert_eq!(piles[5].view().total, 0, "who left is handed nothing");
        assert_eq!(piles[1].frames.lock().unwrap().len(), 101, "who was served got no frame twice");
    }
}
