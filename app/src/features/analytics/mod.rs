//! Analytics: an event over time, for its creator.

mod dashboard;
pub(super) mod paths;
mod texts;

pub use dashboard::Dashboard;
