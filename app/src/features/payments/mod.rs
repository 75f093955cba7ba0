//! Payments: words for what became of them, and the sandbox's approval page.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub(super) mod paths;
pub mod sandbox;
mod texts;
