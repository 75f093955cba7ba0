//! Events: the home page, a creator's events, the form, what was changed, sharing.

mod changes;
mod creator;
mod form;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod home;
mod share;
mod texts;

pub use changes::ChangesPage;
pub use creator::{CreatorEvents, CreatorPage};
pub use form::{EditEventPage, NewEventPage};
pub use functions::CancelEvent;
pub use home::HomePage;
pub use share::SharePage;
