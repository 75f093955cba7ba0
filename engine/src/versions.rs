//! What a node does not know, because a newer one wrote it.
//!
//! Triggers, jobs and messages between nodes carry a version. While nodes of two versions work beside each other, the older
//! takes only what it knows. The rest it leaves where it is for the newer one: not marked done, and holding up nothing else.

/// Counts something of a version that this node does not know: `kind` says what it was.
pub(crate) fn count_unknown(kind: &'static str) {
    metrics::counter!("unknown_versions_total", "kind" => kind).increment(1);
}
