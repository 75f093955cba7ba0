//! Addresses of rooms: an event, its button, its board.

use crate::paths::examples;
use model::EventId;

/// The event with its room.
pub fn room(event: EventId) -> String {
    format!("/events/{event}")
}

/// The board of an event from its first rank.
pub fn board(event: EventId) -> String {
    format!("/events/{event}/board")
}

/// The page of the board on which a rank stands.
pub fn board_at(event: EventId, rank: u64) -> String {
    format!("/events/{event}/board?from={rank}")
}

/// One entry, for everybody.
pub fn entry(event: EventId, rank: u64) -> String {
    format!("/events/{event}/entries/{rank}")
}

/// Where the button is pressed.
pub fn enter(event: EventId) -> String {
    format!("/events/{event}/enter")
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    pages: [room(event), enter(event), board(event), board_at(event, 101), entry(event, 7)];
}
