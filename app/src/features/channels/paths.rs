//! Addresses of how the reader is told outside the site.

use crate::paths::examples;

/// Where the reader is told outside the site.
pub const CHANNELS: &str = "/notices/delivery";

examples! {
    // The second is made by the engine, for letters.
    pages: [CHANNELS, "/mail/stop/token"];
}
