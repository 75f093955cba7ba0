//! Parties: neighbours who buy one item together at one market, share by share.

mod draft;
mod party;
mod penalty;
mod phone;
mod shares;
mod view;

pub use draft::{PartyDraft, PartyForm};
pub use party::{Action, Member, MemberState, Party, PartyNews, PartyState, Told};
pub use penalty::{Appeal, AppealState, Badge, PENALTY_LASTS, Penalty, PenaltyKind, Standing, counts};
pub use phone::{AskedCode, CODE_LASTS, CODE_TRIES, PHONE_KEPT, PhoneError, PhoneView};
pub use shares::Split;
pub use view::{
    Dot, MemberLine, MyParties, MyParty, NearbyParties, NearbyQuery, PartyCard, PartyLine, PartyView, QuestionLine,
    RADII,
};

use crate::{DAY, HOUR, MINUTE, Span, Time, error::codes};
use serde::{Deserialize, Serialize};

/// The most shares that an item is cut into, and the most members.
pub const MOST_SHARES: u32 = 20;
/// The highest price, in whole won.
pub const PRICE_UP_TO: i64 = 100_000_000;
/// A meeting lies at most so far ahead.
pub const MEETS_WITHIN: Span = DAY.times(30);
/// It lasts at most so long.
pub const MEETS_FOR: Span = HOUR.times(12);
/// The leader may confirm it at most so long before.
pub const CONFIRMED_WITHIN: Span = DAY;
/// Unconfirmed, leaving is free until so long before.
pub const LATE_WITHIN: Span = HOUR.times(3);
/// After somebody left near the meeting, the others may leave freely for so long, and so may whoever was taken; later than so long
/// before the meeting nobody is taken who asked.
pub const FREE_FOR: Span = MINUTE.times(30);
/// A leader may be so late before the others say that they did not come.
pub const LEADER_LATE: Span = MINUTE.times(30);
/// By itself a party is over so long after its meeting.
pub const EXPIRES_AFTER: Span = DAY;
/// Who did not come can be marked for so long.
pub const MARKED_WITHIN: Span = DAY.times(7);

crate::id::ids! {
    /// A party of neighbours.
    PartyId
    /// A question to its leader.
    QuestionId
}

codes! {
    /// Why nothing can be done about a party.
    pub enum PartyError {
        /// It is one's own.
        OwnParty = "own_party", 409;
        /// There are not so many shares left.
        PartyFull = "party_full", 409;
        /// It was called off, is over, or its meeting has begun.
        PartyOver = "party_over", 409;
        /// They have joined, or asked to.
        AlreadyJoined = "already_joined", 409;
        /// They were not taken, or left when it was too late, or left and the meeting is near: nobody comes back then.
        NotAgain = "not_again", 409;
        /// They are suspended, or have no phone any more, or one of a suspended account.
        CannotJoin = "cannot_join", 409;
        /// They do not ask to join.
        NotRequested = "not_requested", 409;
        /// They have not joined.
        NotJoined = "not_joined", 409;
        /// Others have joined or ask to: its terms stay.
        NotAlone = "not_alone", 409;
        /// Its meeting is too far ahead to be confirmed.
        ConfirmTooEarly = "confirm_too_early", 409;
        /// Fewer shares are taken than that needs.
        TooFewShares = "too_few_shares", 409;
        /// Whoever has joined is counted on by now, or would be before they had time to leave.
        TooLate = "party_too_late", 409;
        /// Its meeting has not begun.
        NotBegun = "meeting_not_begun", 409;
        /// It has begun a moment ago: the leader may still come.
        LeaderMayCome = "leader_may_come", 409;
        /// Somebody left near the meeting: it is not over before the others had their time to leave freely.
        MembersMayLeave = "members_may_leave", 409;
        /// No other time was proposed.
        NothingProposed = "nothing_proposed", 409;
        /// It is not done.
        NotDone = "party_not_done", 409;
        /// They were marked before.
        AlreadyMarked = "already_marked", 409;
        /// The time in which that could be said is over.
        MarkingOver = "marking_over", 409;
        /// Too many penalties.
        Blocked = "penalty_blocked", 403;
        /// It was appealed against before, or does not count any more.
        NotAppealable = "not_appealable", 409;
    }
}

/// When neighbours meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// From.
    pub from: Time,
    /// Until.
    pub to: Time,
}
