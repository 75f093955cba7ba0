//! What pages show: read by the server, sent to the browser as it is.

use crate::{BoardRow, Category, Entry, EventId, EventState, Kind, Moments, Offer, RequestId, Time, live::ChatLine};
use serde::{Deserialize, Serialize};

/// An event in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventCard {
    /// Its id.
    pub id: EventId,
    /// Its title.
    pub title: String,
    /// Who runs it.
    pub creator: String,
    /// What it releases.
    pub kind: Kind,
    /// What it is about.
    pub category: Category,
    /// Address of the card picture.
    pub card: Option<String>,
    /// What decides its state.
    pub moments: Moments,
    /// Where it stood when this was read.
    pub state: EventState,
    /// Winners, seats or stock.
    pub capacity: u64,
    /// Accepted entries.
    pub total: u64,
    /// People in its room.
    pub present: u64,
}

/// Everything public about an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    /// What lists show.
    pub card: EventCard,
    /// One line about it.
    pub summary: String,
    /// HTML, sanitised.
    pub description: String,
    /// Plain text.
    pub rules: String,
    /// Address of the banner picture.
    pub banner: Option<String>,
    /// What is released.
    pub offer: Offer,
    /// Whether a code must be typed.
    pub has_code: bool,
    /// Why it was called off.
    pub cancel_reason: Option<String>,
    /// Whether the reader runs it.
    pub own: bool,
    /// The reader's entry.
    pub mine: Option<Entry>,
    /// The first ranks of the board, for its room.
    pub top: Vec<BoardRow>,
    /// The newest lines of chat, oldest first.
    pub chat: Vec<ChatLine>,
    /// For the chat form: a fresh id.
    pub request: RequestId,
    /// Server time when this was read.
    pub now: Time,
}

/// What the form for a new event starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    /// A fresh id, so that the form sent twice makes one event.
    pub request: RequestId,
    /// An opening to propose: the next eight in the evening.
    pub opens_at: Time,
}

/// The home page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Home {
    /// Opening next, soonest first.
    pub next: Vec<EventCard>,
    /// Taking clicks now, opened last first.
    pub open: Vec<EventCard>,
    /// Over, newest first.
    pub recent: Vec<EventCard>,
    /// Server time when this was read.
    pub now: Time,
}
