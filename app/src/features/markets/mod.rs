//! Markets and items: one that a member adds, and lists that admins bring.

mod add;

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod lists;
mod texts;

pub use add::AddAMarket;
