//! Accounts: signing in and up, the reader's own page, the creator profile.

pub mod account;
pub mod devices;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod kakao;
pub mod my;
pub mod profile;
pub mod sign_in;
pub mod sign_up;
mod texts;
mod texts_of_kakao;

pub use functions::{SetMode, SetPreferences};
