//! Rooms: what everybody in an event's live page sees, encoded once and shared as bytes.
//!
//! The [`feed`](crate::feed) tells the [`Registry`] what became durable; a tick turns it into one numbered change for all,
//! and in a room that was quiet the first entry does not wait for it. A fan-out task hands what is new to every subscriber who
//! is up to date; one that does not take it at once fetches the changes it lacks later, or a snapshot. So a slow reader costs
//! nothing and holds nobody up. [`Rooms`] opens rooms, and reads them from the database.

mod loading;
mod people;
mod registry;
mod room;
mod subscribers;

pub use loading::Rooms;
pub(crate) use registry::Registry;
pub use registry::TICK;
pub use room::{Published, Room, Stay};
pub use subscribers::{Fetched, Reader, RoomSubscriber};

use bytes::Bytes;
use model::{live::ToBrowser, wire};

/// One frame for everybody.
pub fn encode(message: &ToBrowser) -> Bytes {
    wire::encode(message).into()
}
