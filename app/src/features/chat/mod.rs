//! Chat: older lines, who may not speak, and what was reported.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod messages;
pub mod muted;
pub(super) mod paths;
pub mod reports;
mod texts;

pub use functions::{ModerateLine, Say};
