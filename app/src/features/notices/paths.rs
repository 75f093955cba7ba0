//! Addresses of what the reader is told.

use crate::paths::{examples, with};
use model::Cursor;

/// What the reader is told.
pub const NOTICES: &str = "/notices";
/// What the reader is told of.
pub const NOTICE_SETTINGS: &str = "/notices/settings";
/// What is told as it happens.
pub const NOTICE_STREAM: &str = "/notices/stream";

/// The reader's notices from where a page goes on.
pub fn notices(before: &Cursor) -> String {
    with(NOTICES, &[("before", &before.to_string())])
}

examples! {
    pages: [NOTICES, notices(&Cursor::of(&7)), NOTICE_SETTINGS];
    files: [NOTICE_STREAM];
}
