//! Accounts: signing in and up, the reader's own page, the creator profile.

#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
mod my;
mod profile;
mod sign_in;
mod texts;

pub use functions::{SetMode, SetPreferences};
pub use my::My;
pub use profile::CreatorProfile;
pub use sign_in::{SignIn, SignUp};
