//! Rooms: the live page of an event, its board, one entry of it.

mod board;
mod board_page;
mod chat;
mod dock;
mod entry;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod page;
mod sound;
mod texts;

pub use board_page::BoardPage;
pub use entry::EntryPage;
pub use functions::load_event;
pub use page::RoomPage;
