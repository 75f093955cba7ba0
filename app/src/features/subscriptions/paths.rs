//! Addresses of what the reader hears of.

use crate::paths::examples;

/// What the reader hears of.
pub const SUBSCRIPTIONS: &str = "/my/subscriptions";

examples! {
    pages: [SUBSCRIPTIONS];
}
