//! Versions of what nodes leave to each other: commands, clicks in queues, and messages.
//!
//! Each carries the version of the program that was the first to know it. A node takes only what it knows. What a newer one
//! wrote it leaves where it is, counts it, and goes on with everything else; the newer one picks it up.

/// The newest version that this program reads. 1 is how everything began; since 2 entries carry a quantity; since 3 they expire and
/// presses may be put off; since 4 there are sales; since 5 presses that came too early say that their code is wrong;
/// since 6 events are stopped for a while.
pub(super) const NEWEST: u8 = 6;

/// Why something was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// A newer program wrote it.
    #[error("version {0} wrote it")]
    Newer(u8),
    /// No program can have written it so.
    #[error("it is malformed")]
    Malformed,
}

impl Unreadable {
    /// Counts it among what this node could not read.
    pub fn count(self, what: &'static str) {
        crate::versions::count_unknown(what);
    }
}
