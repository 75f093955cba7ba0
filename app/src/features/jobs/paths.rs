//! Addresses of what happens by itself.

use crate::paths::examples;

/// For admins: what happens by itself.
pub const JOBS: &str = "/admin/jobs";

examples! {
    pages: [JOBS];
}
