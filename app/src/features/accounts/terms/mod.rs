//! The terms of use and the privacy policy, with their versions. Their texts are sent with the page: no browser loads them otherwise.

mod document;
pub mod of_use;
pub(super) mod paths;
pub mod privacy;
mod texts;
#[cfg(feature = "ssr")]
pub mod words;
