//! A room: what readers take from, and what a tick builds it of.

use super::{
    encode,
    seats::{self, Reader, Seat, Seats},
};
use crate::{
    cluster::Everywhere,
    turnstile::{Batch, EventRules, LedgerState, Subscription},
};
use bytes::Bytes;
use model::{
    BoardRow, EntryState, EventId, EventState, SECOND, Time,
    live::{Change, ChatLine, PULSE, RECENT, Snapshot, TOP, ToBrowser},
};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio::sync::watch;

/// Changes kept for readers that fell behind; beyond, they get a snapshot.
const RING: usize = 32;
/// Ticks that a line waits for the one before it.
const LINES_WAIT: u32 = 20;
/// Chat lines kept for readers that fell behind; beyond, they read over HTTP.
const CHAT_RING: usize = 200;

/// A person in a room: a member or a visitor, however many tabs they have open.
pub type Person = u128;

/// What readers of a room take from.
#[derive(Clone)]
pub struct Published {
    /// The room's version.
    pub version: u64,
    changes: VecDeque<Bytes>,
    snapshot: Arc<OnceLock<Bytes>>,
    state: Arc<Snapshot>,
    /// Number of the newest chat line.
    pub chat_last: u64,
    chat: VecDeque<(u64, Bytes)>,
}

impl Published {
    /// Whether changes are kept that lead from `seen` to the current version.
    pub fn leads_from(&self, seen: Option<u64>) -> bool {
        seen.is_some_and(|seen| self.version.saturating_sub(seen) <= self.changes.len() as u64)
    }

    /// Frames that lead a reader from `seen` to the current version: the changes it lacks, else one snapshot.
    pub fn since(&self, seen: Option<u64>) -> Vec<Bytes> {
        match seen {
            Some(seen) if self.leads_from(Some(seen)) => {
                let behind = self.version.saturating_sub(seen) as usize;
                self.changes.iter().skip(self.changes.len() - behind).cloned().collect()
            }
            _ => vec![self.snapshot()],
        }
    }

    /// The whole room, encoded once per version.
    pub fn snapshot(&self) -> Bytes {
        self.snapshot.get_or_init(|| encode(&ToBrowser::Snapshot(Snapshot::clone(&self.state)))).clone()
    }

    /// Chat frames after line `seen`, as far as they are kept.
    pub fn chat_since(&self, seen: u64) -> Vec<Bytes> {
        let from = self.chat.partition_point(|(number, _)| *number <= seen);
        self.chat.range(from..).map(|(_, frame)| frame.clone()).collect()
    }
}

/// What a tick compares and builds from.
struct Working {
    terms: EventRules,
    /// `false` while the database is being read.
    loaded: bool,
    /// The terms changed: everybody gets a snapshot.
    revised: bool,
    /// An usher serves the seats.
    served: bool,
    /// It was read once more: everybody gets a snapshot.
    anew: bool,
    total: u64,
    capacity: u64,
    new_rows: Vec<BoardRow>,
    marks: Vec<(u64, EntryState)>,
    pulse: [u32; PULSE],
    /// Seconds of the pulse that rose.
    beats: Vec<u8>,
    /// Ranks whose member is to be shown by another name.
    renamed: Vec<(u64, String)>,
    hidden: Vec<u64>,
    present: HashMap<Person, u32>,
    /// People on other nodes alone, as last counted.
    elsewhere: u64,
    /// Among nodes, whether this one writes down how many they are.
    scribe: bool,
    /// Lines that came before one that they follow.
    lines: BTreeMap<u64, ChatLine>,
    /// Ticks that they have waited for it.
    lines_waited: u32,
    cancelled: bool,
    /// Nothing happened in the last tick: what does now is told at once.
    quiet: bool,
    idle_ticks: u32,
}

impl Working {
    fn beat(&mut self, since_open_us: i64) {
        let second = usize::try_from(since_open_us / SECOND).unwrap_or(PULSE);
        if let Some(count) = self.pulse.get_mut(second) {
            *count += 1;
            if self.beats.last() != Some(&(second as u8)) {
                self.beats.push(second as u8);
            }
        }
    }
}

/// What the database holds for a room that is opened.
pub(crate) struct Found {
    /// The first ranks.
    pub top: Vec<BoardRow>,
    /// The newest behind them.
    pub recent: Vec<BoardRow>,
    /// Entries in each of the first seconds.
    pub pulse: Vec<u32>,
    /// Number of the newest chat line.
    pub chat_last: u64,
}

/// An event's live page.
pub struct Room {
    /// Of which event.
    pub event: EventId,
    /// Held by whoever reads it from the database: once, however many come in at the same moment.
    pub(crate) loading: tokio::sync::Mutex<()>,
    working: Mutex<Working>,
    published: watch::Sender<Published>,
    pub(super) seats: Arc<Seats>,
    /// In a cluster: what other nodes commit is heard.
    _listening: Option<Arc<Subscription>>,
}

/// Someone's stay in a room; ends when dropped.
pub struct Stay {
    room: Arc<Room>,
    person: Person,
}

impl Drop for Stay {
    fn drop(&mut self) {
        let mut working = self.room.working();
        if let Some(tabs) = working.present.get_mut(&self.person) {
            *tabs -= 1;
            if *tabs == 0 {
                working.present.remove(&self.person);
            }
        }
    }
}

impl Room {
    pub(super) fn new(terms: EventRules, listening: Option<Arc<Subscription>>) -> Room {
        let state = Snapshot {
            event: terms.event,
            version: 0,
            state: EventState::Scheduled,
            total: 0,
            present: 0,
            capacity: terms.capacity,
            opens_at: terms.moments.opens_at,
            closes_at: terms.moments.closes_at,
            top: Vec::new(),
            recent: Vec::new(),
            pulse: Vec::new(),
            hidden: Vec::new(),
            revised: terms.revisions,
        };
        let published = Published {
            version: 0,
            changes: VecDeque::new(),
            snapshot: Arc::default(),
            state: Arc::new(state),
            chat_last: 0,
            chat: VecDeque::new(),
        };
        let event = terms.event;
        let working = Working {
            loaded: false,
            revised: false,
            served: false,
            anew: false,
            total: 0,
            capacity: terms.capacity,
            new_rows: Vec::new(),
            marks: Vec::new(),
            pulse: [0; PULSE],
            beats: Vec::new(),
            renamed: Vec::new(),
            hidden: Vec::new(),
            present: HashMap::new(),
            elsewhere: 0,
            scribe: false,
            lines: BTreeMap::new(),
            lines_waited: 0,
            cancelled: terms.moments.cancelled_at.is_some(),
            quiet: false,
            idle_ticks: 0,
            terms,
        };
        Room {
            event,
            loading: tokio::sync::Mutex::default(),
            working: Mutex::new(working),
            published: watch::channel(published).0,
            seats: Arc::default(),
            _listening: listening,
        }
    }

    fn working(&self) -> MutexGuard<'_, Working> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// To be read from the database once more: until [`Room::load`], what becomes durable waits.
    pub(crate) fn begin_anew(&self) {
        let mut working = self.working();
        working.loaded = false;
        working.anew = true;
    }

    /// What the database held when the room was opened. Entries committed meanwhile are already waiting.
    pub(crate) fn load(&self, standing: LedgerState, found: Found) {
        let Found { top, recent, pulse, chat_last } = found;
        let total = standing.total;
        let mut working = self.working();
        working.cancelled |= standing.cancelled;
        if working.loaded {
            return;
        }
        working.loaded = true;
        if !working.revised {
            working.capacity = standing.capacity;
        }
        let capacity = working.capacity;
        working.new_rows.retain(|row| row.rank > total);
        working.total = working.total.max(total);
        working.pulse = [0; PULSE];
        working.pulse[..pulse.len().min(PULSE)].copy_from_slice(&pulse[..pulse.len().min(PULSE)]);
        let waiting: Vec<i64> = working.new_rows.iter().map(|row| row.since_open_us).collect();
        working.beats.clear();
        waiting.into_iter().for_each(|since_open_us| working.beat(since_open_us));
        self.published.send_modify(|published| {
            let mut state = Snapshot::clone(&published.state);
            (state.total, state.capacity, state.top, state.recent) = (total, capacity, top, recent);
            state.pulse = pulse;
            published.state = Arc::new(state);
            published.snapshot = Arc::default();
            published.chat_last = published.chat_last.max(chat_last);
        });
        self.show_lines(&mut working);
    }

    /// Whether [`Room::load`] was called.
    pub(crate) fn is_loaded(&self) -> bool {
        self.working().loaded
    }

    /// Number of the newest line that was shown, in a room that was read before.
    pub(crate) fn chat_shown(&self) -> Option<u64> {
        self.working().served.then(|| self.published.borrow().chat_last)
    }

    /// Whether nobody serves the seats yet; asked once.
    pub(crate) fn begin_serving(&self) -> bool {
        !std::mem::replace(&mut self.working().served, true)
    }

    /// Someone comes in.
    pub fn enter(self: &Arc<Self>, person: Person) -> Stay {
        *self.working().present.entry(person).or_default() += 1;
        Stay { room: self.clone(), person }
    }

    /// A seat for somebody who read no version yet, and chat up to line `chat_seen`. Nothing is handed out before the first fetch.
    pub fn seat(self: &Arc<Self>, reader: Arc<dyn Reader>, chat_seen: u64) -> Seat {
        Seat::take(self.clone(), reader, chat_seen)
    }

    /// Serves the seats, until the room is gone.
    pub(crate) fn usher(&self) -> impl Future<Output = ()> + use<> {
        seats::usher(self.seats.clone(), self.published.subscribe())
    }

    /// What readers take from.
    pub(super) fn published(&self) -> watch::Ref<'_, Published> {
        self.published.borrow()
    }

    /// People in the room, each once.
    pub fn present(&self) -> u64 {
        let working = self.working();
        working.present.len() as u64 + working.elsewhere
    }

    /// People in the room on this node.
    pub(super) fn people(&self) -> Vec<Person> {
        self.working().present.keys().copied().collect()
    }

    /// With `here` people on this node, this is how it is on all.
    pub(super) fn counted(&self, here: u64, Everywhere { people, scribe }: Everywhere) {
        let mut working = self.working();
        (working.elsewhere, working.scribe) = (people.saturating_sub(here), scribe);
    }

    /// Among nodes, whether this one writes down how many they are.
    pub(super) fn is_scribe(&self) -> bool {
        self.working().scribe
    }

    /// Whether lines have long been waiting for one that they follow: it was missed.
    pub(super) fn waits_too_long(&self) -> bool {
        let mut working = self.working();
        working.lines_waited = if working.lines.is_empty() { 0 } else { working.lines_waited + 1 };
        working.loaded && working.lines_waited > 0 && working.lines_waited.is_multiple_of(LINES_WAIT)
    }

    /// The room as it is.
    pub fn state(&self) -> Arc<Snapshot> {
        self.published.borrow().state.clone()
    }

    /// Ticks since somebody was here.
    pub(super) fn idle_ticks(&self) -> u32 {
        self.working().idle_ticks
    }

    /// A line of chat was hidden.
    pub(crate) fn hide(&self, number: u64) {
        self.working().hidden.push(number);
    }

    /// A member is shown by another name from now on.
    pub(super) fn rename(&self, rank: u64, nickname: &str) {
        self.working().renamed.push((rank, nickname.to_owned()));
    }

    /// A batch became durable; whether nothing had happened here for a while, and what did is to be told at once.
    pub(super) fn committed(&self, batch: &Batch, standing: LedgerState) -> bool {
        let mut working = self.working();
        working.total = standing.total;
        working.capacity = standing.capacity;
        working.cancelled |= standing.cancelled;
        // Until the database was read it is not known how many there were before.
        if working.loaded {
            batch.entries.iter().for_each(|decided| working.beat(decided.entry.since_open_us));
        }
        working.new_rows.extend(batch.entries.iter().map(|decided| BoardRow {
            rank: decided.entry.rank,
            nickname: decided.nickname.to_string(),
            since_open_us: decided.entry.since_open_us,
            state: decided.entry.state,
            reason: None,
        }));
        working.marks.extend(&batch.marks);
        // Only the top and the newest are ever shown: a room whose rows nobody takes does not grow.
        if working.new_rows.len() > 4096 {
            let keep_from = working.new_rows.len() - RECENT;
            let mut index = 0;
            working.new_rows.retain(|row| {
                index += 1;
                row.rank <= TOP || index > keep_from
            });
        }
        std::mem::take(&mut working.quiet)
    }

    /// How often the event was changed, as far as the room knows.
    pub(crate) fn revisions(&self) -> u64 {
        self.working().terms.revisions
    }

    /// The event goes by new terms.
    pub(crate) fn revised(&self, terms: &EventRules, standing: LedgerState) {
        let mut working = self.working();
        (working.terms, working.capacity, working.revised) = (terms.clone(), standing.capacity, true);
    }

    /// New lines of chat became durable.
    pub(crate) fn said(&self, lines: &[ChatLine]) {
        let mut working = self.working();
        working.lines.extend(lines.iter().map(|line| (line.number, line.clone())));
        if working.loaded {
            self.show_lines(&mut working);
        }
    }

    /// Publishes the lines that follow each other from the newest on. Nodes say what they wrote in no order.
    fn show_lines(&self, working: &mut Working) {
        let last = self.published.borrow().chat_last;
        // What is known already waits for nothing.
        working.lines = working.lines.split_off(&(last + 1));
        let mut lines = Vec::new();
        while let Some(line) = working.lines.remove(&(last + 1 + lines.len() as u64)) {
            lines.push(line);
        }
        let Some(last) = lines.last().map(|line| line.number) else { return };
        let frame = encode(&ToBrowser::Chat { event: self.event, lines });
        self.published.send_modify(|published| {
            published.chat_last = last;
            published.chat.push_back((last, frame));
            if published.chat.len() > CHAT_RING {
                published.chat.pop_front();
            }
        });
    }

    /// Lines up to `number` are not to be waited for: they are too many to be shown one after the other.
    pub(crate) fn skip_lines(&self, number: u64) {
        let mut working = self.working();
        self.published.send_if_modified(|published| {
            published.chat_last = published.chat_last.max(number);
            false
        });
        self.show_lines(&mut working);
    }

    /// Builds the next change when something differs; the states it went through, when there are new ones.
    pub(super) fn tick(&self, now: Time) -> Vec<EventState> {
        let mut working = self.working();
        let present = working.present.len() as u64 + working.elsewhere;
        working.idle_ticks = if working.present.is_empty() { working.idle_ticks.saturating_add(1) } else { 0 };
        if !working.loaded {
            return Vec::new();
        }
        let old = self.published.borrow().state.clone();
        let moments = working.terms.moments;
        let state =
            if working.cancelled { EventState::Cancelled } else { moments.state(now, working.total, working.capacity) };
        let same = (state, working.total, present) == (old.state, old.total, old.present);
        let revisions = working.terms.revisions;
        let revised = std::mem::take(&mut working.revised).then_some((moments, working.capacity));
        // Of those whom the room shows: the others are only on the board's pages.
        let mut renamed = std::mem::take(&mut working.renamed);
        let shown = |rank: u64| {
            let rows = old.top.iter().chain(&old.recent).chain(&working.new_rows);
            rows.into_iter().any(|row| row.rank == rank)
        };
        renamed.retain(|(rank, _)| shown(*rank));
        let anew = std::mem::take(&mut working.anew);
        let still =
            !anew && revised.is_none() && renamed.is_empty() && working.marks.is_empty() && working.hidden.is_empty();
        working.quiet = old.version > 0 && same && still;
        if working.quiet {
            return Vec::new();
        }
        let (top, behind): (Vec<_>, Vec<_>) =
            std::mem::take(&mut working.new_rows).into_iter().partition(|row| row.rank <= TOP);
        let recent = behind[behind.len().saturating_sub(RECENT)..].to_vec();
        let change = Change {
            event: self.event,
            version: old.version + 1,
            state,
            total: working.total,
            present,
            top,
            recent,
            marks: std::mem::take(&mut working.marks),
            pulse: std::mem::take(&mut working.beats)
                .into_iter()
                .map(|second| (second, working.pulse[usize::from(second)]))
                .collect(),
            hidden: std::mem::take(&mut working.hidden),
        };
        drop(working);
        let frame = encode(&ToBrowser::Change(change.clone()));
        self.published.send_modify(|published| {
            let mut state = Snapshot::clone(&published.state);
            let fits = state.apply(change);
            debug_assert!(fits);
            if let Some((moments, capacity)) = revised {
                (state.opens_at, state.closes_at, state.capacity) = (moments.opens_at, moments.closes_at, capacity);
                state.revised = revisions;
            }
            for (rank, nickname) in &renamed {
                let Snapshot { top, recent, .. } = &mut state;
                for row in top.iter_mut().chain(recent).filter(|row| row.rank == *rank) {
                    row.nickname.clone_from(nickname);
                }
            }
            if anew || revised.is_some() || !renamed.is_empty() {
                // No change leads here: everybody is given the whole room.
                published.changes.clear();
            } else {
                published.changes.push_back(frame);
            }
            published.version = state.version;
            published.state = Arc::new(state);
            published.snapshot = Arc::default();
            if published.changes.len() > RING {
                published.changes.pop_front();
            }
        });
        match (old.state, state) {
            // How a room is found is no news.
            _ if old.version == 0 => Vec::new(),
            (before, after) if before == after => Vec::new(),
            // Filled within one tick.
            (EventState::Scheduled, EventState::Full) => vec![EventState::Open, EventState::Full],
            (_, after) => vec![after],
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{super::Rooms, *};
    use crate::turnstile::{Decided, Watcher};
    use model::{Entry, Kind, MemberId, Moments};

    pub fn room() -> (Rooms, Arc<Room>) {
        let moments = Moments {
            published_at: Some(Time(0)),
            opens_at: Time(1000),
            closes_at: Time(2000),
            cancelled_at: None,
            settled_at: None,
        };
        let terms = EventRules {
            event: EventId(uuid::Uuid::nil()),
            creator: MemberId(uuid::Uuid::nil()),
            kind: Kind::Giveaway,
            capacity: 2,
            moments,
            entry_code: None,
            revisions: 0,
        };
        let rooms = Rooms::default();
        let room = rooms.open(&terms, None);
        (rooms, room)
    }

    pub fn standing(total: u64) -> LedgerState {
        LedgerState {
            total,
            capacity: 2,
            last_at: Time(0),
            next_sequence: total,
            closed: false,
            cancelled: false,
            full: false,
        }
    }

    pub fn nothing() -> Found {
        Found { top: vec![], recent: vec![], pulse: vec![], chat_last: 0 }
    }

    pub fn commit(rooms: &Rooms, ranks: std::ops::RangeInclusive<u64>) {
        let entries = ranks.clone().map(|rank| Decided {
            member: MemberId(uuid::Uuid::from_u128(rank.into())),
            nickname: "수달".into(),
            entry: Entry {
                rank,
                entered_at: Time(1000 + rank as i64),
                since_open_us: rank as i64,
                state: EntryState::Won,
                quantity: 1,
            },
            salt: [0; 16],
        });
        let batch = Batch { entries: entries.collect(), ..Batch::default() };
        let total = *ranks.end();
        rooms.committed(EventId(uuid::Uuid::nil()), &batch, standing(total));
    }

    fn read(view: &mut Option<Snapshot>, published: &Published) {
        for frame in published.since(view.as_ref().map(|room| room.version)) {
            match serde_json::from_slice(&frame).unwrap() {
                ToBrowser::Snapshot(room) => *view = Some(room),
                ToBrowser::Change(change) => assert!(view.as_mut().unwrap().apply(change)),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn fast_and_slow_readers_see_the_same() {
        let (rooms, room) = room();
        commit(&rooms, 1..=3);
        room.load(standing(2), nothing());
        let (mut fast, mut slow) = (None, None);
        room.tick(Time(0));
        read(&mut slow, &room.published());
        for step in 0..100u64 {
            commit(&rooms, 4 + step * 3..=6 + step * 3);
            room.tick(Time(1000));
            read(&mut fast, &room.published());
            if step % 40 == 39 {
                read(&mut slow, &room.published());
            }
        }
        read(&mut slow, &room.published());
        assert_eq!(fast, slow);
        let seen = fast.unwrap();
        assert_eq!((seen.total, seen.state), (303, EventState::Full));
        assert_eq!(seen.top.iter().map(|row| row.rank).collect::<Vec<_>>(), (3..=TOP).collect::<Vec<_>>());
        assert_eq!(seen.recent.last().unwrap().rank, 303);
    }

    #[test]
    fn people_are_counted_not_tabs() {
        let (_, room) = room();
        room.load(standing(0), nothing());
        let first = room.enter(7);
        let second = room.enter(7);
        let other = room.enter(8);
        assert_eq!(room.present(), 2);
        drop(second);
        assert_eq!(room.present(), 2);
        drop(first);
        drop(other);
        assert_eq!(room.present(), 0);
    }

    #[test]
    fn a_room_that_is_opened_again_knows_that_its_event_was_cancelled() {
        let (_, room) = room();
        room.load(LedgerState { cancelled: true, ..standing(0) }, nothing());
        room.tick(Time(0));
        assert_eq!(room.published().state.state, EventState::Cancelled);
    }

    #[test]
    fn states_are_announced_once() {
        let (rooms, room) = room();
        room.load(standing(0), nothing());
        let _stay = room.enter(1);
        assert_eq!(room.tick(Time(0)), [], "how a room is found is no news");
        assert_eq!(room.tick(Time(1000)), [EventState::Open]);
        assert_eq!(room.tick(Time(1001)), []);
        commit(&rooms, 1..=2);
        assert_eq!(room.tick(Time(1002)), [EventState::Full]);
        assert_eq!(room.tick(Time(2000)), [EventState::Closed]);
    }
}
