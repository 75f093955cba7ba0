//! The live room: its state as signals, the clock, and in the browser the socket that feeds them.

mod again;
mod clock;
#[cfg(feature = "hydrate")]
mod follow;
#[cfg(feature = "hydrate")]
mod socket;

#[cfg(feature = "hydrate")]
pub use again::once_past;
pub use again::{read_again_at, read_again_every, read_again_unless, read_again_when_told};
pub use clock::Ticker;
#[cfg(feature = "hydrate")]
pub use follow::follow;

#[cfg(feature = "hydrate")]
use crate::{api, paths};
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use model::Cursor;
use model::{
    Entry, EntryState, Error, EventId, EventState, EventView, Moderation, RequestId, Span, Time,
    live::{ChatLine, Said, Snapshot, ToBrowser, ToServer, has_room, lighten},
};

/// How the page is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not yet, or without scripts never.
    Connecting,
    /// The socket is open.
    Live,
    /// It was open and is being opened again.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    Lost,
    /// Nothing lets a socket through, so that the room is read as a page is, every few seconds.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    Reading,
    /// The page's code is too old for the server.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    Outdated,
}

/// A room as its page was read.
fn snapshot(view: &EventView) -> Snapshot {
    let card = &view.card;
    Snapshot {
        event: card.id,
        version: 0,
        state: card.state,
        total: card.total,
        present: card.present,
        capacity: card.capacity,
        opens_at: card.moments.opens_at,
        closes_at: card.moments.closes_at,
        top: view.top.clone(),
        recent: Vec::new(),
        pulse: view.pulse.clone(),
        hidden: Vec::new(),
        revised: view.revisions,
        waitlist: view.waitlist.clone(),
    }
}

/// What the room knows, for every part of its page.
#[derive(Clone, Copy)]
pub struct Room {
    /// Of which event.
    pub event: EventId,
    /// Board, counts and state.
    pub snapshot: RwSignal<Snapshot>,
    /// The reader's own entry.
    pub mine: RwSignal<Option<Entry>>,
    /// Which of the places that capacity counts it was given, when that is known: it decides the prize.
    pub place: RwSignal<Option<u64>>,
    /// A click that was refused.
    pub refused: RwSignal<Option<Error>>,
    /// A click is on its way.
    pub pressing: RwSignal<bool>,
    /// Lines of chat, oldest first.
    pub chat: RwSignal<Vec<ChatLine>>,
    /// A line of chat that was refused.
    pub chat_refused: RwSignal<Option<Error>>,
    /// How the page is connected.
    pub connection: RwSignal<Connection>,
    /// Server time.
    pub ticker: Ticker,
    outbox: StoredValue<Vec<ToServer>>,
    /// Raised to tell the socket that the outbox has something.
    posted: RwSignal<u64>,
    /// What was typed as entry code.
    pub code: RwSignal<String>,
}

impl Room {
    /// A room as the server described it.
    pub fn new(view: &EventView) -> Room {
        Room {
            event: view.card.id,
            snapshot: RwSignal::new(snapshot(view)),
            mine: RwSignal::new(view.mine),
            place: RwSignal::new(view.place),
            refused: RwSignal::new(None),
            pressing: RwSignal::new(false),
            chat: RwSignal::new(view.chat.clone()),
            chat_refused: RwSignal::new(None),
            connection: RwSignal::new(Connection::Connecting),
            ticker: Ticker::start(view.now),
            outbox: StoredValue::new(Vec::new()),
            posted: RwSignal::new(0),
            code: RwSignal::new(String::new()),
        }
    }

    /// Takes in the room as its page was read again.
    #[cfg(feature = "hydrate")]
    fn read_anew(self, view: EventView) {
        self.snapshot.set(snapshot(&view));
        if let Some(entry) = view.mine {
            self.pressing.set(false);
            self.take_in(entry);
            self.place.set(view.place);
        }
        let hidden = view.chat.iter().filter(|line| line.said == Said::Hidden).map(|line| line.number);
        self.hide_lines(&hidden.collect::<Vec<_>>());
        self.receive(ToBrowser::Chat { event: self.event, lines: view.chat });
    }

    /// Opens the socket, in the browser.
    pub fn connect(self) {
        #[cfg(feature = "hydrate")]
        socket::connect(self);
    }

    /// Where the event stands by the page's own clock: it turns without waiting for the server to say so.
    pub fn state(self) -> EventState {
        self.snapshot.with(|room| {
            let now = self.ticker.seconds.get();
            match room.state {
                EventState::Scheduled if now >= room.opens_at => EventState::Open,
                EventState::Scheduled | EventState::Open | EventState::Full if now >= room.closes_at => {
                    EventState::Closed
                }
                state => state,
            }
        })
    }

    /// From `now` to the opening; negative afterwards.
    pub fn remaining(self, now: Time) -> Span {
        self.snapshot.with(|room| room.opens_at.since(now))
    }

    /// Presses the button. Pressing again while an answer is on its way changes nothing.
    pub fn press(self) {
        if self.pressing.get_untracked() {
            return;
        }
        self.refused.set(None);
        self.pressing.set(true);
        self.send_press();
    }

    fn send_press(self) {
        let code = self.code.get_untracked();
        self.send(ToServer::Enter { event: self.event, code: (!code.is_empty()).then_some(code), wish: None });
    }

    /// Says a line.
    pub fn say(self, request: RequestId, text: String) {
        self.chat_refused.set(None);
        self.send(ToServer::Say { event: self.event, request, text });
    }

    /// Does something about a line.
    pub fn moderate(self, number: u64, what: Moderation) {
        self.chat_refused.set(None);
        self.send(ToServer::Moderate { event: self.event, number, what });
    }

    /// Takes in lines of chat, wherever they belong.
    pub fn add_lines(self, lines: Vec<ChatLine>) {
        self.chat.update(|chat| {
            chat.extend(lines);
            chat.sort_by_key(|line| line.number);
            chat.dedup_by_key(|line| line.number);
            lighten(chat);
        });
    }

    /// Whether there is room for lines before those that are shown. Where there is none they are read on pages of their own.
    pub fn has_room_for_older(self) -> bool {
        self.chat.with_untracked(|chat| has_room(chat))
    }

    /// Marks lines as hidden.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    fn hide_lines(self, numbers: &[u64]) {
        if !numbers.is_empty() {
            self.chat.update(|chat| {
                chat.iter_mut().filter(|line| numbers.contains(&line.number)).for_each(|line| line.said = Said::Hidden);
            });
        }
    }

    /// Reads lines of chat before a number; `reading_back` says to the list that it stays where it is.
    pub fn read_back(self, before: u64, reading_back: StoredValue<bool>) {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            if let Ok(lines) = api::fetch(&paths::chat_before(self.event, &Cursor::of(&before))).await
                && reading_back.try_set_value(true).is_none()
            {
                self.add_lines(lines);
            }
        });
        #[cfg(not(feature = "hydrate"))]
        let _ = (before, reading_back);
    }

    /// Reads the lines between `last` and `before`, which were said while the page was not connected.
    #[cfg(feature = "hydrate")]
    fn fill_gap(self, last: u64, mut before: u64) {
        leptos::task::spawn_local(async move {
            for _ in 0..10 {
                let address = paths::chat_before(self.event, &Cursor::of(&before));
                let lines: Result<Vec<ChatLine>, Error> = api::fetch(&address).await;
                let Ok(lines) = lines else { return };
                let first = lines.first().map_or(0, |line| line.number);
                if self.chat.try_with_untracked(|_| ()).is_none() {
                    return;
                }
                self.add_lines(lines.into_iter().filter(|line| line.number > last).collect());
                if first <= last + 1 {
                    return;
                }
                before = first;
            }
        });
    }

    #[cfg(not(feature = "hydrate"))]
    #[allow(clippy::unused_self)]
    fn fill_gap(self, _: u64, _: u64) {}

    fn send(self, message: ToServer) {
        self.outbox.update_value(|outbox| outbox.push(message));
        self.posted.update(|n| *n += 1);
    }

    /// The reader's own entry, new or with another state.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    fn take_in(self, entry: Entry) {
        match self.mine.get_untracked() {
            // Who wins by their click is given the place of their rank.
            None if entry.state == EntryState::Won => self.place.set(Some(entry.rank)),
            // Which one was passed on is on the page of the result.
            Some(before) if before.state != entry.state => self.place.set(None),
            _ => {}
        }
        if self.mine.get_untracked() != Some(entry) {
            self.mine.set(Some(entry));
        }
    }

    /// Takes in what the server sent; `false` when the room must be joined anew.
    #[cfg_attr(not(feature = "hydrate"), allow(dead_code))]
    fn receive(self, message: ToBrowser) -> bool {
        match message {
            ToBrowser::Snapshot(room) => {
                self.hide_lines(&room.hidden);
                self.snapshot.set(room);
            }
            ToBrowser::Change(change) => {
                self.hide_lines(&change.hidden);
                // A place was passed on to the reader, or they were taken out.
                let mine = self.mine.get_untracked();
                let marked = mine.and_then(|mine| change.marks.iter().find(|(rank, _)| *rank == mine.rank));
                if let (Some(mine), Some((_, state))) = (mine, marked) {
                    self.take_in(Entry { state: *state, ..mine });
                }
                let fits = self.snapshot.try_update(|room| room.apply(change)).unwrap_or(false);
                return fits;
            }
            ToBrowser::Entered { entry, .. } => {
                self.take_in(entry);
                self.pressing.set(false);
                self.refused.set(None);
            }
            ToBrowser::Refused { request: Some(_), error, .. } => self.chat_refused.set(Some(error)),
            // Nothing was decided: press again by itself, not all in the same instant.
            ToBrowser::Refused { request: None, error: Error::Busy, .. } if self.pressing.get_untracked() => {
                #[cfg(feature = "hydrate")]
                set_timeout(
                    move || {
                        if self.pressing.try_get_untracked() == Some(true) {
                            self.send_press();
                        }
                    },
                    std::time::Duration::from_millis(100 + (js_sys::Math::random() * 400.0) as u64),
                );
            }
            ToBrowser::Refused { request: None, error, .. } => {
                self.pressing.set(false);
                self.refused.set(Some(error));
            }
            ToBrowser::Chat { lines, .. } => {
                let last = self.chat.with_untracked(|chat| chat.last().map_or(0, |line| line.number));
                let gap = lines.first().filter(|line| last > 0 && line.number > last + 1).map(|line| line.number);
                self.add_lines(lines);
                if let Some(before) = gap {
                    self.fill_gap(last, before);
                }
            }
            // Of another page.
            ToBrowser::Pong { .. }
            | ToBrowser::PartyLines { .. }
            | ToBrowser::PartiesUnread { .. }
            | ToBrowser::PartyChanged { .. }
            | ToBrowser::Line { .. } => {}
        }
        true
    }
}
