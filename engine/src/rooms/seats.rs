//! Seats: where readers of a room sit. Whoever is up to date is handed what is new at once; whoever is not fetches it.

use super::room::{Published, Room};
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Seats served before others get a turn: a fraction of a millisecond.
const ROW: usize = 64;

/// Somebody who can be handed frames without being waited for.
pub trait Reader: Send + Sync {
    /// Takes all of `frames`, or none of them.
    fn give(&self, frames: &[Bytes]) -> bool;

    /// It took none: from now on it has to [`Seat::fetch`], until nothing is left to fetch.
    fn call(&self);
}

/// A reader's seat in a room; free again when dropped.
pub struct Seat {
    room: Arc<Room>,
    number: usize,
    place: Arc<Place>,
}

/// What a reader lacks.
pub struct Fetched {
    /// In order; empty when the reader is up to date, and served from now on.
    pub frames: Vec<Bytes>,
    /// They begin with the whole room, because not all of the changes are kept.
    pub whole: bool,
}

impl Seat {
    pub(super) fn take(room: Arc<Room>, reader: Arc<dyn Reader>, chat_seen: u64) -> Seat {
        let seen = Seen { version: None, chat: chat_seen };
        let place = Arc::new(Place { reader, progress: Mutex::new(Progress { seen, served: false }) });
        let number = room.seats.add(place.clone());
        Seat { room, number, place }
    }

    /// In which room.
    pub fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// What came since the last fetch. To be called until there is nothing.
    pub fn fetch(&self) -> Fetched {
        let mut progress = self.place.progress();
        let published = self.room.published();
        let News { frames, to, whole, .. } = News::since(progress.seen, &published);
        // Whatever is published from here on, the usher sees this.
        *progress = Progress { seen: to, served: frames.is_empty() };
        Fetched { frames, whole }
    }

    /// The newest line of chat seen, when lines after it are no longer kept.
    pub fn lacks_chat(&self) -> Option<u64> {
        let seen = self.place.progress().seen.chat;
        let published = self.room.published();
        (published.chat_last > seen + published.chat_since(seen).len() as u64).then_some(seen)
    }

    /// Lines of chat up to `number` were seen by other ways.
    pub fn saw_chat(&self, number: u64) {
        let mut progress = self.place.progress();
        progress.seen.chat = progress.seen.chat.max(number);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.seats.free(self.number);
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
    /// By the usher. Else its reader is fetching, or was called to.
    served: bool,
}

struct Place {
    reader: Arc<dyn Reader>,
    progress: Mutex<Progress>,
}

impl Place {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What leads from one state of reading to another: the same for nearly everybody.
struct News {
    from: Seen,
    to: Seen,
    frames: Vec<Bytes>,
    whole: bool,
}

impl News {
    fn since(from: Seen, published: &Published) -> News {
        let to = Seen { version: Some(published.version), chat: published.chat_last.max(from.chat) };
        let (mut frames, whole) = match from.version {
            Some(version) if version == published.version => (Vec::new(), false),
            version => (published.since(version), !published.leads_from(version)),
        };
        frames.extend(published.chat_since(from.chat));
        News { from, to, frames, whole }
    }
}

/// All seats of a room. A reader keeps his number.
#[derive(Default)]
pub(super) struct Seats(Mutex<Numbered>);

#[derive(Default)]
struct Numbered {
    places: Vec<Option<Arc<Place>>>,
    free: Vec<usize>,
}

impl Seats {
    fn numbered(&self) -> MutexGuard<'_, Numbered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, place: Arc<Place>) -> usize {
        let Numbered { places, free } = &mut *self.numbered();
        let number = free.pop().unwrap_or(places.len());
        if number == places.len() {
            places.push(None);
        }
        places[number] = Some(place);
        number
    }

    fn free(&self, number: usize) {
        let mut numbered = self.numbered();
        numbered.places[number] = None;
        numbered.free.push(number);
    }

    /// Those who sit in the row that begins at `first`; `false` when there is none.
    fn row(&self, first: usize, row: &mut Vec<Arc<Place>>) -> bool {
        let numbered = self.numbered();
        let Some(behind) = numbered.places.get(first..).filter(|behind| !behind.is_empty()) else { return false };
        row.extend(behind.iter().take(ROW).flatten().cloned());
        true
    }
}

/// Hands everybody who is up to date what is new, row by row, until the room is gone. A round that takes longer than a tick
/// hands out several at once in the next.
pub(super) async fn usher(seats: Arc<Seats>, mut published: watch::Receiver<Published>) {
    let mut row = Vec::with_capacity(ROW);
    while published.changed().await.is_ok() {
        let mut news: Option<News> = None;
        let mut first = 0;
        while seats.row(first, &mut row) {
            for place in row.drain(..) {
                let mut progress = place.progress();
                if !progress.served {
                    continue;
                }
                let news = match &mut news {
                    Some(news) if news.from == progress.seen => news,
                    other => other.insert(News::since(progress.seen, &published.borrow())),
                };
                if news.frames.is_empty() {
                    continue;
                }
                if !news.whole && place.reader.give(&news.frames) {
                    progress.seen = news.to;
                } else {
                    progress.served = false;
                    place.reader.call();
                }
            }
            first += ROW;
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::room::tests as rooms, *};
    use model::{
        Time,
        live::{Snapshot, ToBrowser},
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
                match serde_json::from_slice(frame).unwrap() {
                    ToBrowser::Snapshot(room) => view = Some(room),
                    ToBrowser::Change(change) => assert!(view.as_mut().unwrap().apply(change), "a change is missing"),
                    other => panic!("{other:?}"),
                }
            }
            view.unwrap()
        }
    }

    fn fetch_all(seat: &Seat, pile: &Pile) {
        loop {
            let fetched = seat.fetch();
            if fetched.frames.is_empty() {
                return;
            }
            pile.frames.lock().unwrap().extend(fetched.frames);
        }
    }

    #[tokio::test]
    async fn every_reader_sees_every_change_once_and_in_order_whether_served_or_fetching() {
        let (rooms, room) = rooms::room();
        room.load(rooms::standing(0), rooms::nothing());
        let piles: Vec<Arc<Pile>> = (0..3 * ROW + 1).map(|_| Arc::default()).collect();
        let mut seats: Vec<Seat> = piles.iter().map(|pile| room.seat(pile.clone(), 0)).collect();
        room.tick(Time(0));
        seats.iter().zip(&piles).for_each(|(seat, pile)| fetch_all(seat, pile));
        // Somebody left: the numbers of all others stay.
        drop(seats.remove(5));
        tokio::spawn(room.usher());
        for step in 0..100u64 {
            // One who often has no room, one who misses more than is kept.
            piles[0].close(step % 3 == 0);
            piles[ROW].close((20..60).contains(&step));
            rooms::commit(&rooms, step + 1..=step + 1);
            room.tick(Time(2000));
            tokio::time::sleep(Duration::from_millis(1)).await;
            if step % 3 == 1 {
                testing::soon("it is called", piles[0].called.notified()).await;
                fetch_all(&seats[0], &piles[0]);
            }
        }
        testing::soon("it is called", piles[ROW].called.notified()).await;
        fetch_all(&seats[ROW - 1], &piles[ROW]);
        fetch_all(&seats[0], &piles[0]);
        for (nth, pile) in piles.iter().enumerate().filter(|(nth, _)| *nth != 5) {
            assert_eq!(pile.view(), *room.state(), "reader {nth}");
        }
        assert_eq!(piles[5].view().total, 0, "who left is handed nothing");
        assert_eq!(piles[1].frames.lock().unwrap().len(), 101, "who was served got no frame twice");
    }
}
