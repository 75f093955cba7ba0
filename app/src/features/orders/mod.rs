//! Orders: the line and checkout of a sale, one's own orders and tickets.

mod parts;
pub mod checkout;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod list;
pub mod order;
pub mod receipt;
mod texts;
pub mod tickets;
