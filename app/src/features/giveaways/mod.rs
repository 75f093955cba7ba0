//! Giveaways: one's own result and entries, the creator's table.

pub mod entrants;
mod entries;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub(super) mod paths;
pub mod result;
mod texts;

pub use entries::Entries;
