//! Subscriptions: the page of all that the reader hears of, and buttons that add to it from elsewhere.

mod alert;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
pub(super) mod paths;
mod texts;

pub use alert::{AlertOfCategory, AlertOfKeyword};
