//! What admins do to members and events.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
mod tabs;
mod texts;

pub use tabs::AdminTabs;
