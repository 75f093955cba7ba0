//! Notices: what the reader is told.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod page;
mod texts;

pub use page::NoticesPage;
