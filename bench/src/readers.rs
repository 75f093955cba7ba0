//! Everybody in a room, and what they received: every change in order, and the same bytes for all. And who makes the changes.

use crate::{
    Failure,
    load::{self, post},
    sockets::Socket,
};
use model::{
    EventId,
    live::{Snapshot, ToBrowser, ToServer},
    wire,
};
use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    ops::Range,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    sync::{Notify, Semaphore},
    task::JoinSet,
};

/// Waiting longer than this for anything is a failure.
const PATIENCE: Duration = Duration::from_secs(60);
/// A reader that could not come in tries again after this.
const AGAIN: Duration = Duration::from_millis(50);

/// What frames from the server begin with, by the order of [`ToBrowser`].
const SNAPSHOT: u8 = 1;
const CHANGE: u8 = 2;
pub const REFUSED: u8 = 4;
const CHAT: u8 = 5;

/// Where readers go, and as whom.
pub struct Place {
    pub server: SocketAddr,
    pub event: EventId,
    /// Whether it is a baseline: those have no rooms, and echo text.
    pub echoes: bool,
    /// Sessions; reader `n` takes the `n`th.
    pub tokens: Rc<Vec<String>>,
}

impl Place {
    /// What a reader sends to come in.
    pub fn hello(&self) -> Vec<u8> {
        wire::encode(&ToServer::Join { event: self.event, chat_seen: 0 })
    }
}

/// A change as it was received first, and when by each.
#[derive(Default, Clone)]
pub struct Shown {
    pub frame: Vec<u8>,
    pub total: u64,
    pub arrivals: Vec<Instant>,
}

/// What all readers of a room together have received.
#[derive(Default)]
pub struct Room {
    readers: usize,
    joined: Cell<usize>,
    /// By version.
    shown: RefCell<Vec<Shown>>,
    /// The room as whoever came first sees it.
    view: RefCell<Option<Snapshot>>,
    /// Changes that readers did not get because a snapshot took their place.
    dropped: Cell<u64>,
    /// Lines of chat by the number of their frame's first, with that of its last.
    chat: RefCell<std::collections::HashMap<u64, (Vec<u8>, u64)>>,
    said: Cell<u64>,
    heard: Cell<u64>,
    failure: RefCell<Option<String>>,
    news: Notify,
}

/// Readers of one room, gone when dropped.
pub struct Crowd {
    pub room: Rc<Room>,
    _tasks: JoinSet<()>,
}

impl Crowd {
    /// Brings in the readers numbered `readers`, so many `at_once`; returns when each has the room before its eyes.
    pub async fn join(place: Rc<Place>, readers: Range<usize>, at_once: usize) -> Result<Crowd, Failure> {
        let room = Rc::new(Room { readers: readers.len(), ..Room::default() });
        let doors = Rc::new(Semaphore::new(at_once));
        let mut tasks = JoinSet::new();
        for nth in readers {
            let (room, place, doors) = (room.clone(), place.clone(), doors.clone());
            tasks.spawn_local(async move {
                let Err(failure) = read(&room, &place, nth, &doors).await;
                room.failure.borrow_mut().get_or_insert(format!("reader {nth}: {failure}"));
                room.news.notify_one();
            });
        }
        room.until(|room| room.joined.get() == room.readers).await?;
        Ok(Crowd { room, _tasks: tasks })
    }
}

/// Comes in and reads on.
async fn read(room: &Room, place: &Place, nth: usize, doors: &Semaphore) -> Result<std::convert::Infallible, Failure> {
    let (mut socket, mut seen) = {
        let _door = doors.acquire().await?;
        let since = Instant::now();
        loop {
            match come_in(room, place, nth).await {
                Ok(joined) => break joined,
                Err(failure) if since.elapsed() > PATIENCE / 2 => return Err(failure),
                Err(_) => tokio::time::sleep(AGAIN).await,
            }
        }
    };
    room.joined.set(room.joined.get() + 1);
    if room.joined.get() == room.readers {
        room.news.notify_one();
    }
    let mut line = None;
    loop {
        room.received(socket.next().await?, &mut seen, &mut line)?;
    }
}

async fn come_in(room: &Room, place: &Place, nth: usize) -> Result<(Socket, Option<u64>), Failure> {
    let mut socket = Socket::open(place.server, nth, &place.tokens[nth]).await?;
    let mut hello = place.hello();
    if place.echoes {
        // Text, of as many bytes.
        hello.fill(b'.');
        socket.say(&hello).await?;
    } else {
        socket.give(&hello).await?;
    }
    let mut seen = None;
    loop {
        let frame = socket.next().await?;
        if place.echoes && frame == hello {
            break;
        }
        room.received(frame, &mut seen, &mut None)?;
        if seen.is_some() {
            break;
        }
    }
    Ok((socket, seen))
}

impl Room {
    /// A reader that has `seen` a version, and the chat up to a `line`, receives a frame.
    pub fn received(&self, frame: &[u8], seen: &mut Option<u64>, line: &mut Option<u64>) -> Result<(), Failure> {
        let arrived = Instant::now();
        if let Some(version) = version(frame, CHANGE) {
            if seen.is_some_and(|seen| seen + 1 != version) {
                return Err(format!("change {version} came after {seen:?}").into());
            }
            *seen = Some(version);
            self.change(version, frame, arrived)
        } else if let Some(version) = version(frame, SNAPSHOT) {
            if let Some(seen) = seen.replace(version) {
                self.dropped.set(self.dropped.get() + version.saturating_sub(seen));
                self.arrived(version, arrived);
            }
            let mut view = self.view.borrow_mut();
            if view.is_none()
                && let Some(ToBrowser::Snapshot(room)) = wire::decode(frame)
            {
                *view = Some(room);
            }
            Ok(())
        } else if frame.first() == Some(&CHAT) {
            self.lines(frame, line)
        } else {
            Ok(())
        }
    }

    fn arrived(&self, version: u64, at: Instant) {
        let (mut shown, version) = (self.shown.borrow_mut(), version as usize);
        if shown.len() <= version {
            shown.resize(version + 1, Shown::default());
        }
        shown[version].arrivals.push(at);
        if shown[version].arrivals.len() == self.readers {
            self.news.notify_one();
        }
    }

    fn change(&self, version: u64, frame: &[u8], at: Instant) -> Result<(), Failure> {
        self.arrived(version, at);
        let mut all = self.shown.borrow_mut();
        let shown = &mut all[version as usize];
        if shown.frame == frame {
            return Ok(());
        }
        if !shown.frame.is_empty() {
            return Err(format!("change {version} is not the same for all").into());
        }
        // Whoever gets it first reads it for all.
        let Some(ToBrowser::Change(change)) = wire::decode(frame) else { return Err("not a change".into()) };
        (shown.frame, shown.total) = (frame.to_vec(), change.total);
        drop(all);
        self.follow()
    }

    /// Applies the changes that follow on what is seen. Who came in last may have the newest before anybody was asked for the
    /// one that leads to it.
    fn follow(&self) -> Result<(), Failure> {
        let (shown, mut view) = (self.shown.borrow(), self.view.borrow_mut());
        let Some(view) = view.as_mut() else { return Ok(()) };
        while let Some(next) = shown.get(view.version as usize + 1).filter(|next| !next.frame.is_empty()) {
            let Some(ToBrowser::Change(change)) = wire::decode(&next.frame) else {
                return Err("not a change".into());
            };
            if !view.apply(change) {
                return Err(format!("change {} does not fit", view.version + 1).into());
            }
        }
        Ok(())
    }

    fn lines(&self, frame: &[u8], line: &mut Option<u64>) -> Result<(), Failure> {
        let first = numbers(frame).nth(1).ok_or("lines without a number")?;
        let mut chat = self.chat.borrow_mut();
        let last = match chat.get(&first) {
            Some((known, last)) if known == frame => *last,
            Some(_) => return Err(format!("line {first} is not the same for all").into()),
            None => {
                let Some(ToBrowser::Chat { lines, .. }) = wire::decode(frame) else {
                    return Err("not chat".into());
                };
                let numbers = lines.iter().map(|line| line.number);
                if !numbers.clone().eq(first..first + lines.len() as u64) {
                    return Err("lines are not in order".into());
                }
                let members = lines.iter().filter(|line| matches!(line.said, model::live::Said::Member { .. }));
                self.said.set(self.said.get() + members.count() as u64);
                let last = first + lines.len() as u64 - 1;
                chat.insert(first, (frame.to_vec(), last));
                last
            }
        };
        if line.is_some_and(|line| line + 1 != first) {
            return Err(format!("line {first} came after {line:?}").into());
        }
        *line = Some(last);
        self.heard.set(self.heard.get() + last + 1 - first);
        if self.heard.get().is_multiple_of(self.readers as u64) {
            self.news.notify_one();
        }
        Ok(())
    }

    /// Waits until everybody has the change that made `total` entries; its version.
    pub async fn everyone(&self, total: u64) -> Result<u64, Failure> {
        let version = Cell::new(0);
        self.until(|room| {
            let shown = room.shown.borrow();
            // The newest come last, and one is being waited for.
            let found = shown.iter().rposition(|shown| shown.total == total && shown.arrivals.len() == room.readers);
            version.set(found.unwrap_or(0) as u64);
            found.is_some()
        })
        .await?;
        Ok(version.get())
    }

    /// A change, and when it arrived where.
    pub fn shown(&self, version: u64) -> Shown {
        self.shown.borrow().get(version as usize).cloned().unwrap_or_default()
    }

    /// Changes that readers did not get because a snapshot took their place.
    pub fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// Lines that members said, and that readers heard in all.
    pub fn chat(&self) -> (u64, u64) {
        (self.said.get(), self.heard.get())
    }

    /// Waits until so many lines of members were heard as often as it takes for everybody.
    pub async fn heard_by_all(&self, lines: u64) -> Result<(), Failure> {
        self.until(|room| room.said.get() >= lines && room.heard.get() >= lines * room.readers as u64).await
    }

    /// Fails unless all changes, one after the other, led to a board of exactly `total` entries.
    pub fn exact_board(&self, total: u64) -> Result<(), Failure> {
        let view = self.view.borrow();
        let view = view.as_ref().ok_or("nobody saw the room")?;
        let ranks = |rows: &[model::BoardRow]| rows.iter().map(|row| row.rank).collect::<Vec<_>>();
        let top = ranks(&view.top) == (1..=total.min(model::live::TOP)).collect::<Vec<_>>();
        let newest = view.recent.last().or(view.top.last()).map_or(0, |row| row.rank);
        if top && view.total == total && newest == total { Ok(()) } else { Err("the board is not exact".into()) }
    }

    /// Waits for something that readers bring about.
    async fn until(&self, done: impl Fn(&Room) -> bool) -> Result<(), Failure> {
        let waiting = async {
            loop {
                if let Some(failure) = self.failure.borrow().as_ref() {
                    return Err(failure.clone().into());
                }
                if done(self) {
                    return Ok(());
                }
                self.news.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| "not everybody was reached")?
    }
}

/// Seconds until the last reader had each change.
pub fn to_last_reader(crowd: &Crowd, seen: &[(u64, Instant)]) -> Vec<f64> {
    let last = |version| crowd.room.shown(version).arrivals.into_iter().max();
    seen.iter().filter_map(|(version, at)| Some(last(*version)?.saturating_duration_since(*at).as_secs_f64())).collect()
}

/// Clicks one after the other, over a connection that stays.
pub struct Clicker {
    stream: TcpStream,
    buffer: Vec<u8>,
    path: String,
    pub entered: u64,
}

impl Clicker {
    /// On an event with so many `entered` already.
    pub async fn new(server: SocketAddr, event: EventId, entered: u64) -> Result<Clicker, Failure> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Clicker { stream, buffer: Vec::new(), path: format!("/events/{event}/enter"), entered })
    }

    /// One entry, of the rank that follows. When it was acknowledged: the answer leaves right after the commit and the
    /// room is told just before it, so this is the commit as far as anybody outside can know.
    pub async fn click(&mut self, token: &str) -> Result<Instant, Failure> {
        let answer = load::one(&mut self.stream, &mut self.buffer, &post(&self.path, Some(token))).await?;
        let acknowledged = Instant::now();
        self.entered += 1;
        match answer {
            (201, Some(rank)) if rank == self.entered => Ok(acknowledged),
            other => Err(format!("expected entry {}, got {other:?}", self.entered).into()),
        }
    }
}

/// The version in a frame that begins with `kind`; it stands behind the event's id.
fn version(frame: &[u8], kind: u8) -> Option<u64> {
    numbers(frame).next().filter(|_| frame[0] == kind)
}

/// The numbers that follow on a frame's kind and its event: the version; or how many lines there are, and the first one's number.
/// Few of the frames are read whole, which readers have no time for.
fn numbers(frame: &[u8]) -> impl Iterator<Item = u64> {
    let mut bytes = frame.iter().skip(1 + size_of::<EventId>());
    std::iter::from_fn(move || {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = bytes.next()?;
            number |= u64::from(byte & 0x7F).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Error, EventState, Time,
        live::{Change, ChatLine, Said},
    };
    use std::str::FromStr;

    #[test]
    fn what_is_not_read_whole_is_read_right() {
        let event = EventId::from_str("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").unwrap();
        let change = Change {
            event,
            version: 300,
            state: EventState::Open,
            total: 7,
            present: 8,
            top: vec![],
            recent: vec![],
            pulse: vec![],
            hidden: vec![],
            marks: vec![],
        };
        assert_eq!(version(&wire::encode(&ToBrowser::Change(change)), CHANGE), Some(300));
        let refused = wire::encode(&ToBrowser::Refused { event, request: None, error: Error::Busy });
        assert_eq!((refused[0], version(&refused, SNAPSHOT)), (REFUSED, None));
        let lines = vec![ChatLine { number: 1_000, at: Time(5), said: Said::Hidden }];
        let chat = wire::encode(&ToBrowser::Chat { event, lines });
        assert_eq!((chat[0], numbers(&chat).nth(1)), (CHAT, Some(1_000)));
    }
}
