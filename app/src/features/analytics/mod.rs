//! Analytics: an event over time, for its creator.

mod dashboard;
mod texts;

pub use dashboard::Dashboard;
