//! Analytics: an event over time, for its creator.

mod dashboard;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;

pub use dashboard::Dashboard;
