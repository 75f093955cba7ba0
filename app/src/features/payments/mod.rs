//! Payments: words for what became of them, the choice of whoever pays, and the sandbox's approval page.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub(super) mod paths;
pub mod sandbox;
mod texts;
mod ways;

pub use ways::Ways;
#[cfg(feature = "ssr")]
pub(crate) use ways::{WAY, way};
