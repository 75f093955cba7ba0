//! Accounts: what a member may be and do.

pub mod devices;
pub mod leaving;
pub mod nickname;
pub mod profile;
pub mod terms;
pub mod ways;

use crate::error::codes;
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// A member: an account.
    MemberId
}

codes! {
    /// Why somebody is not let in, not called so, or their account not changed.
    pub enum AccountError {
        /// Email and password do not belong together.
        WrongPassword = "wrong_password", 422;
        /// The nickname was changed lately.
        NicknameKept {
            /// Seconds until it may be changed again.
            retry_after: u64,
        } = "nickname_kept", 429;
        /// Nobody would be left who looks after the site.
        LastAdmin = "last_admin", 409;
        /// A link that makes an admin was used, or is too old.
        AdminLinkOver = "admin_link_over", 409;
        /// A link to set another password did so already, or another one of the same member's did.
        LinkUsed = "link_used", 410;
        /// It is older than it may be.
        LinkOver = "link_over", 410;
        /// We never gave out such a link, or it is long over.
        LinkUnknown = "link_unknown", 404;
        /// Something is to be ended before somebody can leave.
        CannotLeave = "cannot_leave", 409;
        /// What was begun by Kakao is over, or was begun in another browser.
        KakaoOver = "kakao_over", 410;
        /// The Kakao account is another member's, or the member has another one.
        KakaoTaken = "kakao_taken", 409;
        /// Without it nobody could sign in to the account.
        OnlyWayIn = "only_way_in", 409;
        /// A member's programs have no more tokens.
        TooManyTokens = "too_many_tokens", 409;
        /// The picture that was to be taken away is no longer the member's.
        PictureChanged = "picture_changed", 409;
    }
}

/// How a member uses the site at the moment, toggled in the header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Mode {
    /// Enters events.
    #[default]
    Shopper,
    /// Runs events.
    Creator,
}

/// What a member may do to others' things.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Role {
    /// Nothing beyond their own.
    #[default]
    Member,
    /// Suspends members and events.
    Admin,
}

/// What somebody must be to do something: asked before anything else of it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Nobody in particular.
    Anyone,
    /// A member, also a suspended one.
    SignedIn,
    /// A member who is not suspended.
    Active,
    /// A member with a creator profile who is not suspended.
    Creator,
    /// Somebody who looks after the site.
    Admin,
}
