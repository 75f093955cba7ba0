//! Hours for deals: the calendar, one's own hours, and for admins what came of them.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod income;
pub mod page;
pub(super) mod paths;
mod texts;
