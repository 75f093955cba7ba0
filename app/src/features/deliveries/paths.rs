//! Addresses of how the reader is told outside the site.

use crate::paths::examples;

/// Where the reader is told outside the site.
pub const DELIVERY: &str = "/notices/delivery";

examples! {
    // The second is made by the engine, for letters.
    pages: [DELIVERY, "/mail/stop/token"];
}
