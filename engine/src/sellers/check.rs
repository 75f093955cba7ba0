//! Whoever knows businesses.

use futures::future::BoxFuture;
use model::sellers::{BusinessDraft, CheckKind};

/// What is known of a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is what was said, and goes on.
    Active,
    /// It rests, or was closed.
    Closed,
    /// There is none, or not by this representative and opening date.
    Unknown,
    /// Nobody answered, or nothing that is understood.
    Unanswered,
}

/// Whoever knows businesses. Asking changes nothing, so it may be done again.
pub trait BusinessCheck: Send + Sync {
    /// By whom what it knows was checked.
    fn kind(&self) -> CheckKind;

    /// Whether there is such a business, by its number, representative and opening date, and whether it goes on.
    fn validate<'a>(&'a self, business: &'a BusinessDraft) -> BoxFuture<'a, Verdict>;

    /// Whether the business of a number goes on.
    fn status<'a>(&'a self, number: &'a str) -> BoxFuture<'a, Verdict>;
}
