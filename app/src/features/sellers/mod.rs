//! Sellers: the business that one sells as, sending what was sold, and what comes of it.

pub mod business;
pub mod curves;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod orders;
pub(super) mod paths;
pub mod sales;
mod texts;

pub use business::Imprint;
