//! Analytics: an event over time, for its creator.

mod dashboard;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod texts;

pub use dashboard::Dashboard;
