//! Jobs: what happens by itself, for admins.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
pub(super) mod paths;
mod texts;
