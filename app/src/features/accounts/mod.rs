//! Accounts: signing in and up, the reader's own page, the creator profile, and the documents that members accept.

pub mod account;
pub mod devices;
pub mod email;
pub mod forgot;
#[allow(missing_docs)] // The server macro makes public structs of the arguments.
pub mod functions;
pub mod kakao;
pub mod leave;
pub mod my;
pub mod new_password;
pub mod own_profile;
pub(super) mod paths;
pub mod profile;
pub mod sign_in;
pub mod sign_up;
pub mod terms;
mod texts;
mod texts_of_kakao;

pub use functions::{SetMode, SetPreferences};
