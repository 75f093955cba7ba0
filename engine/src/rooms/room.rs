//! A room: what readers take from, and what a tick builds it of.

use super::{
    encode,
    people::People,
    subscribers::{FanOut, Reader, RoomSubscriber, Subscribers},
};
use crate::{
    cluster::Everywhere,
    turnstile::{Batch, EventRules, LedgerState, Subscription},
};
use bytes::Bytes;
use model::{
    BoardRow, EntryState, EventId, EventState, PictureId, SECOND, Span, Time, Waitlist,
    live::{Change, ChatLine, PULSE, Person, RECENT, Said, Snapshot, TOP, ToBrowser},
    wire,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use tokio::sync::watch;

/// Changes kept for readers that fell behind; beyond, they get a snapshot.
const RING: usize = 32;
/// Ticks that a line waits for the one before it.
const LINES_WAIT: u32 = 20;
/// Ticks from one change that only says how many people there are to the next.
const PRESENCE_EVERY: u32 = 10;
/// Chat lines kept for readers that fell behind; beyond, they read over HTTP.
const CHAT_RING: usize = 200;

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

/// How far a room has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// It is read from the database for the first time: nothing is shown yet, and what becomes durable waits.
    Opening,
    /// It shows what becomes durable.
    Live(Pace),
    /// Something may have been missed, so it is read once more: subscribers keep what they have, and what becomes durable
    /// waits.
    Rereading,
}

/// When what happens in a live room is sent to its subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// With the next tick.
    Busy,
    /// At once: nothing happened in the last tick.
    Quiet,
}

/// How subscribers are brought to the next version; the later of these includes the earlier.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Telling {
    /// By a change of what they have.
    #[default]
    Change,
    /// By a snapshot, since what they lack is not known.
    Snapshot,
    /// By a snapshot with the new rules, which no change carries.
    NewRules,
}

/// What the next version is built from, beside what stays true.
#[derive(Default)]
struct Pending {
    rows: Vec<BoardRow>,
    marks: Vec<(u64, EntryState)>,
    /// Seconds of the pulse that rose.
    beats: Vec<u8>,
    /// Ranks whose member is to be shown by another name.
    renamed: Vec<(u64, String)>,
    hidden: Vec<u64>,
    telling: Telling,
}

/// What a tick compares and builds from.
struct Working {
    phase: Phase,
    rules: EventRules,
    /// Where the event stands.
    total: u64,
    /// How much of the capacity is taken.
    taken: u64,
    capacity: u64,
    cancelled: bool,
    /// Entries of each of the first seconds.
    pulse: [u32; PULSE],
    people: People,
    pending: Pending,
    /// Lines that came before one that they follow.
    lines: BTreeMap<u64, ChatLine>,
    /// Ticks that they have waited for it.
    lines_waited: u32,
    /// Ticks since somebody was here.
    idle_ticks: u32,
    /// Ticks since it was told how many people there are.
    presence_ticks: u32,
}

impl Working {
    fn beat(&mut self, since_open: Span) {
        let second = usize::try_from(since_open / SECOND).unwrap_or(PULSE);
        if let Some(count) = self.pulse.get_mut(second) {
            *count += 1;
            if self.pending.beats.last() != Some(&(second as u8)) {
                self.pending.beats.push(second as u8);
            }
        }
    }

    fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live(_))
    }
}

/// What the database holds for a room.
pub(super) struct Contents {
    /// The first ranks.
    pub top: Vec<BoardRow>,
    /// The newest behind them.
    pub recent: Vec<BoardRow>,
    /// Entries in each of the first seconds.
    pub pulse: Vec<u32>,
    /// Who stands by.
    pub waitlist: Waitlist,
    /// Number of the newest chat line.
    pub chat_last: u64,
    /// The newest lines, of a room that is read for the first time: whoever comes in later is given them from memory.
    pub chat: Vec<ChatLine>,
}

/// An event's live page.
pub struct Room {
    /// Of which event.
    pub event: EventId,
    /// It is read from the database once, however many come in at the same moment.
    loading: tokio::sync::Mutex<()>,
    working: Mutex<Working>,
    published: watch::Sender<Published>,
    pub(super) subscribers: Arc<Subscribers>,
    /// In a cluster: what other nodes commit is followed as long as this is kept.
    _subscription: Option<Arc<Subscription>>,
}

/// Someone's stay in a room; ends when dropped.
pub struct Stay {
    room: Arc<Room>,
    person: Person,
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.room.working().people.leave(self.person);
    }
}

/// The right to read a room from the database, which one has at a time.
pub(super) struct Loading<'r> {
    room: &'r Room,
    _turn: tokio::sync::MutexGuard<'r, ()>,
}

impl Loading<'_> {
    /// Which room.
    pub fn room(&self) -> &Room {
        self.room
    }

    /// The room is to be read once more: until [`Loading::load`], what becomes durable waits.
    pub fn begin_anew(&self) {
        let mut working = self.room.working();
        if working.is_live() {
            working.phase = Phase::Rereading;
        }
    }

    /// What the database holds; what was committed meanwhile is already waiting. Whether the room is live for the first time.
    pub fn load(&self, ledger: LedgerState, contents: Contents) -> bool {
        self.room.load(ledger, contents)
    }
}

impl Room {
    pub(super) fn new(rules: EventRules, subscription: Option<Arc<Subscription>>, among_nodes: bool) -> Room {
        let state = Snapshot {
            event: rules.event,
            version: 0,
            state: EventState::Scheduled,
            total: 0,
            present: 0,
            capacity: rules.capacity,
            opens_at: rules.moments.opens_at,
            closes_at: rules.moments.closes_at,
            top: Vec::new(),
            recent: Vec::new(),
            pulse: Vec::new(),
            hidden: Vec::new(),
            revised: rules.revisions,
            waitlist: Waitlist { after: rules.capacity, left: Vec::new() },
        };
        let published = Published {
            version: 0,
            changes: VecDeque::new(),
            snapshot: Arc::default(),
            state: Arc::new(state),
            chat_last: 0,
            chat: VecDeque::new(),
        };
        let event = rules.event;
        let working = Working {
            phase: Phase::Opening,
            total: 0,
            taken: 0,
            capacity: rules.capacity,
            cancelled: rules.moments.cancelled_at.is_some(),
            pulse: [0; PULSE],
            people: People::new(among_nodes),
            pending: Pending::default(),
            lines: BTreeMap::new(),
            lines_waited: 0,
            idle_ticks: 0,
            presence_ticks: PRESENCE_EVERY,
            rules,
        };
        Room {
            event,
            loading: tokio::sync::Mutex::default(),
            working: Mutex::new(working),
            published: watch::channel(published).0,
            subscribers: Arc::default(),
            _subscription: subscription,
        }
    }

    fn working(&self) -> MutexGuard<'_, Working> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn to read it from the database.
    pub(super) async fn begin_loading(&self) -> Loading<'_> {
        Loading { room: self, _turn: self.loading.lock().await }
    }

    fn load(&self, ledger: LedgerState, contents: Contents) -> bool {
        let Contents { top, recent, pulse, waitlist, chat_last, chat } = contents;
        let total = ledger.total;
        let mut working = self.working();
        working.cancelled |= ledger.cancelled;
        let first = working.phase == Phase::Opening;
        match working.phase {
            Phase::Live(_) => return false,
            Phase::Opening => {}
            Phase::Rereading => working.pending.telling = working.pending.telling.max(Telling::Snapshot),
        }
        working.phase = Phase::Live(Pace::Busy);
        // Rules that came meanwhile are newer than what was read.
        if working.pending.telling != Telling::NewRules {
            working.capacity = ledger.capacity;
        }
        let capacity = working.capacity;
        working.pending.rows.retain(|row| row.rank > total);
        if total >= working.total {
            (working.total, working.taken) = (total, ledger.taken());
        }
        working.pulse = [0; PULSE];
        working.pulse[..pulse.len().min(PULSE)].copy_from_slice(&pulse[..pulse.len().min(PULSE)]);
        let waiting: Vec<Span> = working.pending.rows.iter().map(|row| row.since_open).collect();
        working.pending.beats.clear();
        waiting.into_iter().for_each(|since_open| working.beat(since_open));
        self.published.send_modify(|published| {
            let mut state = Snapshot::clone(&published.state);
            (state.total, state.capacity, state.top, state.recent) = (total, capacity, top, recent);
            (state.pulse, state.waitlist) = (pulse, waitlist);
            published.state = Arc::new(state);
            published.snapshot = Arc::default();
            published.chat_last = published.chat_last.max(chat_last);
            let event = self.event;
            published.chat.extend(
                chat.into_iter().map(|line| (line.number, encode(&ToBrowser::Chat { event, lines: vec![line] }))),
            );
        });
        self.show_lines(&mut working);
        first
    }

    /// Whether it was read, and shows what becomes durable.
    pub(super) fn is_live(&self) -> bool {
        self.working().is_live()
    }

    /// Number of the newest line that was shown, in a room that was read before.
    pub(super) fn chat_shown(&self) -> Option<u64> {
        (self.working().phase != Phase::Opening).then(|| self.published.borrow().chat_last)
    }

    /// Someone comes in.
    pub fn enter(self: &Arc<Self>, person: Person) -> Stay {
        self.working().people.enter(person);
        Stay { room: self.clone(), person }
    }

    /// A subscriber who read no version yet, and chat up to line `chat_seen`. Nothing is handed out before the first fetch.
    pub fn subscribe(self: &Arc<Self>, reader: Arc<dyn Reader>, chat_seen: u64) -> RoomSubscriber {
        RoomSubscriber::new(self.clone(), reader, chat_seen)
    }

    /// What serves the subscribers, until the room is gone.
    pub(super) fn fan_out(&self) -> FanOut {
        FanOut::new(self.subscribers.clone(), self.published.subscribe())
    }

    /// What readers take from.
    pub(super) fn published(&self) -> watch::Ref<'_, Published> {
        self.published.borrow()
    }

    /// People in the room, each once.
    pub fn present(&self) -> u64 {
        self.working().people.count()
    }

    /// People in the room on this node.
    pub(super) fn people(&self) -> Vec<Person> {
        self.working().people.here()
    }

    /// With `here` people on this node, this is how it is on all.
    pub(super) fn counted(&self, here: u64, everywhere: Everywhere) {
        self.working().people.counted(here, everywhere);
    }

    /// Whether this node samples how many people there are.
    pub(super) fn is_sampled_here(&self) -> bool {
        self.working().people.is_sampled_here()
    }

    /// Whether lines have long been waiting for one that they follow: it was missed.
    pub(super) fn waits_too_long(&self) -> bool {
        let mut working = self.working();
        working.lines_waited = if working.lines.is_empty() { 0 } else { working.lines_waited + 1 };
        working.is_live() && working.lines_waited > 0 && working.lines_waited.is_multiple_of(LINES_WAIT)
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
    pub(super) fn hide(&self, number: u64) {
        self.working().pending.hidden.push(number);
    }

    /// Lines of these numbers, which a member said, are kept with this picture from now on.
    pub(super) fn repicture(&self, numbers: &[u64], picture: Option<PictureId>) {
        let show = |line: &mut ChatLine| match &mut line.said {
            Said::Member { picture: shown, .. } if *shown != picture && numbers.contains(&line.number) => {
                *shown = picture;
                true
            }
            _ => false,
        };
        let mut working = self.working();
        for line in working.lines.values_mut() {
            show(line);
        }
        self.published.send_if_modified(|published| {
            for (_, frame) in &mut published.chat {
                let Some(ToBrowser::Chat { event, mut lines }) = wire::decode(frame) else { continue };
                let mut changed = false;
                for line in &mut lines {
                    changed |= show(line);
                }
                if changed {
                    *frame = encode(&ToBrowser::Chat { event, lines });
                }
            }
            // Who has them is told nothing.
            false
        });
    }

    /// A member is shown by another name from now on.
    pub(super) fn rename(&self, rank: u64, nickname: &str) {
        self.working().pending.renamed.push((rank, nickname.to_owned()));
    }

    /// A batch became durable; whether nothing had happened here for a while, and what did is to be told at once.
    pub(super) fn committed(&self, batch: &Batch, ledger: LedgerState) -> bool {
        let mut working = self.working();
        (working.total, working.taken) = (ledger.total, ledger.taken());
        working.capacity = ledger.capacity;
        working.cancelled |= ledger.cancelled;
        // Until the database was read it is not known how many there were before.
        if working.is_live() {
            batch.entries.iter().for_each(|decided| working.beat(decided.entry.since_open));
        }
        working.pending.rows.extend(batch.entries.iter().map(|decided| BoardRow {
            rank: decided.entry.rank,
            nickname: decided.nickname.to_string(),
            since_open: decided.entry.since_open,
            state: decided.entry.state,
            reason: None,
        }));
        working.pending.marks.extend(&batch.marks);
        // Only the top and the newest are ever shown: so a room without subscribers does not grow.
        if working.pending.rows.len() > 4096 {
            let keep_from = working.pending.rows.len() - RECENT;
            let mut index = 0;
            working.pending.rows.retain(|row| {
                index += 1;
                row.rank <= TOP || index > keep_from
            });
        }
        let quiet = working.phase == Phase::Live(Pace::Quiet);
        if quiet {
            working.phase = Phase::Live(Pace::Busy);
        }
        quiet
    }

    /// How often the event was changed, as far as the room knows.
    pub(super) fn revisions(&self) -> u64 {
        self.working().rules.revisions
    }

    /// The event goes by new rules.
    pub(super) fn revised(&self, rules: &EventRules, ledger: LedgerState) {
        let mut working = self.working();
        (working.rules, working.capacity) = (rules.clone(), ledger.capacity);
        working.pending.telling = Telling::NewRules;
    }

    /// New lines of chat became durable.
    pub(super) fn said(&self, lines: &[ChatLine]) {
        let mut working = self.working();
        working.lines.extend(lines.iter().map(|line| (line.number, line.clone())));
        if working.is_live() {
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
    pub(super) fn skip_lines(&self, number: u64) {
        let mut working = self.working();
        self.published.send_if_modified(|published| {
            if number > published.chat_last {
                published.chat_last = number;
                // What is kept no longer leads there.
                published.chat.clear();
            }
            false
        });
        self.show_lines(&mut working);
    }

    /// Builds the next change when something differs; the states it went through, when there are new ones.
    pub(super) fn tick(&self, now: Time) -> Vec<EventState> {
        let mut working = self.working();
        working.people.look();
        let present = working.people.count();
        working.presence_ticks = working.presence_ticks.saturating_add(1);
        working.idle_ticks = if working.people.is_empty() { working.idle_ticks.saturating_add(1) } else { 0 };
        if !working.is_live() {
            return Vec::new();
        }
        let old = self.published.borrow().state.clone();
        let moments = working.rules.moments;
        let (total, capacity, revisions) = (working.total, working.capacity, working.rules.revisions);
        let taken = working.taken;
        let state = if working.cancelled { EventState::Cancelled } else { moments.state(now, taken, capacity) };
        let Pending { rows, marks, beats, mut renamed, hidden, mut telling } = std::mem::take(&mut working.pending);
        // Of those whom the room shows: the others are only on the board's pages.
        let shown = |rank: u64| old.top.iter().chain(&old.recent).chain(&rows).any(|row| row.rank == rank);
        renamed.retain(|(rank, _)| shown(*rank));
        if !renamed.is_empty() {
            telling = telling.max(Telling::Snapshot);
        }
        let same = (state, total) == (old.state, old.total);
        let same = same && (present == old.present || working.presence_ticks < PRESENCE_EVERY);
        if old.version > 0 && same && telling == Telling::Change && marks.is_empty() && hidden.is_empty() {
            working.phase = Phase::Live(Pace::Quiet);
            // None is new where the total is the same.
            working.pending.rows = rows;
            working.pending.beats = beats;
            return Vec::new();
        }
        working.phase = Phase::Live(Pace::Busy);
        if present != old.present {
            working.presence_ticks = 0;
        }
        let (top, behind): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.rank <= TOP);
        let recent = behind[behind.len().saturating_sub(RECENT)..].to_vec();
        let pulse = beats.into_iter().map(|second| (second, working.pulse[usize::from(second)])).collect();
        drop(working);
        let change = Change {
            event: self.event,
            version: old.version + 1,
            state,
            total,
            present,
            top,
            recent,
            marks,
            pulse,
            hidden,
        };
        let frame = encode(&ToBrowser::Change(change.clone()));
        self.published.send_modify(|published| {
            let mut state = Snapshot::clone(&published.state);
            let fits = state.apply(change);
            debug_assert!(fits);
            if telling == Telling::NewRules {
                (state.opens_at, state.closes_at, state.capacity) = (moments.opens_at, moments.closes_at, capacity);
                state.revised = revisions;
            }
            for (rank, nickname) in &renamed {
                let Snapshot { top, recent, .. } = &mut state;
                for row in top.iter_mut().chain(recent).filter(|row| row.rank == *rank) {
                    row.nickname.clone_from(nickname);
                }
            }
            if telling == Telling::Change {
                published.changes.push_back(frame);
            } else {
                // No change leads here: all subscribers get the whole room.
                published.changes.clear();
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
            // That it is stopped, the page says for as long as it is.
            (_, EventState::Suspended) | (EventState::Suspended, EventState::Scheduled) => Vec::new(),
            // Filled within one tick, or while it was stopped.
            (EventState::Scheduled | EventState::Suspended, EventState::Full) => {
                vec![EventState::Open, EventState::Full]
            }
            (_, after) => vec![after],
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
