//! What is sold: deals and tickets in lists, and what an event's page says of them.

#[cfg(feature = "ssr")]
pub mod block;
mod card;
pub mod deals;
pub(super) mod paths;
mod texts;
pub mod tickets;

pub use card::{SaleCards, left, price_text};
