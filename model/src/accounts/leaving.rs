//! Leaving: what becomes of what is kept of a person, and what is to be done before.

use serde::{Deserialize, Serialize};

/// What becomes of something when its person leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is erased at once.
    Erased,
    /// It stays, and nobody reads any more whose it was.
    Anonymous,
    /// It is kept for a while.
    Kept,
}

/// Something that is kept of a person, as they read of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptView {
    /// What it is.
    pub name: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Why it stays, and for how long; empty for what is erased.
    pub why: String,
}

/// What is to be ended before somebody can leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blocker {
    /// Events of their own that are announced or open, or prizes of these that are still to be sent.
    OwnEvents,
    /// Orders that others placed with them and that did not arrive yet, or may be or are being sent back.
    Sales,
    /// Money that they are still to be paid.
    Payout,
    /// Hours for deals that they booked and that are to come.
    Hours,
    /// Orders, payments and returns of their own that are under way.
    Orders,
    /// Tickets for what is to come.
    Tickets,
    /// Parties that others count on them for.
    Parties,
    /// They are the only one who looks after the site.
    LastAdmin,
}

impl Blocker {
    /// In the order in which they are listed.
    pub const ALL: [Blocker; 8] = [
        Blocker::OwnEvents,
        Blocker::Sales,
        Blocker::Payout,
        Blocker::Hours,
        Blocker::Orders,
        Blocker::Tickets,
        Blocker::Parties,
        Blocker::LastAdmin,
    ];
}

/// By what somebody shows that it is they, before they leave: a browser that was left signed in is not enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// By their password.
    Password,
    /// They have none, and set one first, by a link to their email.
    Link,
    /// They have none, nor can they be sent a link, and sign in at Kakao once more.
    Kakao,
    /// They came back from there a moment ago.
    Shown,
    /// By nothing: it is an account of a demonstration, which whoever looks at that is signed in to.
    Shared,
    /// By nothing but a password that whoever runs the site lets them set: no link goes to them, and nobody signs in by Kakao here any more.
    None,
}

/// What somebody reads before they leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeavingView {
    /// What is to be ended before.
    pub blockers: Vec<Blocker>,
    /// What is kept of them, and what becomes of it.
    pub kept: Vec<KeptView>,
    /// By what they show that it is they.
    pub proof: Proof,
}
