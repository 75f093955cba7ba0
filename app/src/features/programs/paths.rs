//! Addresses of what programs use.

use crate::paths::examples;

/// The tokens of the reader's own programs.
pub const TOKENS: &str = "/my/tokens";
/// What programs can ask for, to be read by people.
pub const API: &str = "/api";

examples! {
    pages: [TOKENS];
    files: [API];
}
