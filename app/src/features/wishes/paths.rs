//! Addresses of what the reader wishes for.

use crate::paths::{examples, with};
use model::Cursor;

/// What the reader wishes for.
pub const WISHES: &str = "/my/wishes";

/// The reader's wishes from where a page goes on.
pub fn wishes(before: &Cursor) -> String {
    with(WISHES, &[("before", &before.to_string())])
}

examples! {
    pages: [WISHES, wishes(&Cursor::of(&7))];
}
