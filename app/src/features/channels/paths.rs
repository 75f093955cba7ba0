//! Addresses of how the reader is told outside the site.

use crate::paths::examples;
#[cfg(feature = "ssr")]
use model::channels::MailLink;

/// Where the reader is told outside the site.
pub const CHANNELS: &str = "/notices/delivery";

examples! {
    // The second is the engine's, for letters.
    pages: [CHANNELS, model::paths::mail_link(MailLink::Stop, "token")];
}
