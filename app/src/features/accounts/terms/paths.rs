//! Addresses of the documents.

use crate::paths::{examples, with};

/// The terms of use.
pub const TERMS: &str = "/terms";
/// What is kept of people, and why.
pub const PRIVACY: &str = "/privacy";

/// A version of a document at an address.
pub fn document(path: &str, version: u32) -> String {
    with(path, &[("version", &version.to_string())])
}

examples! {
    pages: [TERMS, PRIVACY, document(PRIVACY, 1)];
}
