//! Addresses of creators' own servers.

use crate::paths::examples;

/// A creator's own servers that are told of their events.
pub const WEBHOOKS: &str = "/creator/webhooks";

examples! {
    pages: [WEBHOOKS];
}
