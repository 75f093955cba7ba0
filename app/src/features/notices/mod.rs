//! Notices: what the reader is told.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod page;
pub(super) mod paths;
pub mod settings;
mod texts;

/// The script that has every page of who is signed in told of notices as they are written: one connection for all tabs of a browser.
/// No part of our own code for the browser, which it neither waits for nor makes larger.
#[cfg(feature = "ssr")]
pub const SCRIPT: &str = include_str!("live.js");
