//! Events: the home page, a creator's events, the form, what was changed, sharing.

pub mod changes;
pub mod creator;
pub mod edit;
mod form;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod home;
pub mod new;
pub mod own;
pub(super) mod paths;
mod sale;
pub mod share;
#[cfg(feature = "ssr")]
pub mod structured;
mod texts;

pub use functions::CancelEvent;
