//! How members are told outside the site: in their browsers and by mail.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod link;
pub mod page;
pub(super) mod paths;
mod texts;
#[cfg(feature = "ssr")]
pub mod wording;

pub use page::Places;
