//! Addresses: the reader's own book, and the fields in which one of it is chosen or another is typed.

mod fields;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
pub(super) mod paths;
mod texts;

pub use fields::WhereTo;
