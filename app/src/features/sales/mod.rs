//! What is sold: deals and tickets in lists, what an event's page says of them, and what buyers have of it.

#[cfg(feature = "ssr")]
pub mod block;
mod card;
pub mod deals;
pub mod orders;
pub(super) mod paths;
mod refunds;
mod texts;
pub mod tickets;

pub use card::{SaleCards, left, left_of, price_text};
