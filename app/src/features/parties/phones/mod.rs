//! The phone that a member confirms before their first party.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
pub(super) mod paths;
mod texts;

pub use page::PhoneFirst;
