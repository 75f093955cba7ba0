//! Rooms: the live page of an event, its board, one entry of it.

mod board;
pub mod board_page;
mod chat;
mod dock;
pub mod entry;
pub mod page;
pub(super) mod paths;
mod sound;
mod texts;

pub(super) use chat::fresh_request;
