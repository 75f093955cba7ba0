//! What the reader wishes for: a heart on every card, and a page of all of them.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod heart;
pub mod page;
pub(super) mod paths;
mod texts;

pub use heart::Heart;
