//! What admins look after: what waits, members, events, orders, parties, and the log of what is done to others.

pub mod audit;
pub mod events;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod join;
pub mod member;
pub mod members;
pub mod order;
pub mod orders;
pub mod overview;
pub mod parties;
mod parts;
pub(super) mod paths;
mod tabs;
mod texts;

pub use functions::DecideReports;
pub use parts::DaysChoice;
pub use tabs::AdminTabs;
