//! Reviews: of an event, of everything that somebody sells, those that were reported, and what an event's page says of them.

#[cfg(feature = "ssr")]
pub mod block;
mod form;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod of_event;
pub mod of_seller;
mod parts;
pub(super) mod paths;
pub mod reported;
mod texts;

pub use parts::Brief;
