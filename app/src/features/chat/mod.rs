//! Chat: older lines, and what was reported.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod reports;
mod texts;

pub use functions::{ModerateLine, Say, load_chat};
pub use reports::ReportsPage;
