//! Accounts: what a member may be and do.

pub mod devices;
pub mod nickname;
pub mod ways;

use crate::error::codes;
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// A member: an account.
    MemberId
}

codes! {
    /// Why somebody is not let in.
    pub enum AccountError {
        /// Email and password do not belong together.
        WrongPassword = "wrong_password", 422;
        /// What was begun by Kakao is over, or was begun in another browser.
        KakaoOver = "kakao_over", 410;
        /// The Kakao account is another member's, or the member has another one.
        KakaoTaken = "kakao_taken", 409;
        /// Without it nobody could sign in to the account.
        OnlyWayIn = "only_way_in", 409;
        /// A member's programs have no more tokens.
        TooManyTokens = "too_many_tokens", 409;
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
