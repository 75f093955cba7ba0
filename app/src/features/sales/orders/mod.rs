//! Orders: the line and checkout of a sale, one's own orders and tickets.

pub mod checkout;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod list;
pub mod order;
mod parts;
pub(super) mod paths;
pub mod receipt;
mod texts;
pub mod tickets;

#[cfg(feature = "ssr")]
pub use parts::state_named;
pub use parts::{History, MoneyBack, state_name};
