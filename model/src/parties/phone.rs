//! The phone that a member confirms before their first party.

use crate::{DAY, MINUTE, Span, Time, error::codes};
use serde::{Deserialize, Serialize};

/// How long a code can be typed in.
pub const CODE_LASTS: Span = MINUTE.times(5);
/// How often a code may be tried.
pub const CODE_TRIES: u32 = 5;
/// How long suspensions follow a number that its member no longer has; penalties do as long as they count.
pub const PHONE_KEPT: Span = DAY.times(90);

codes! {
    /// Why a phone is not confirmed, or nothing can be done without one.
    pub enum PhoneError {
        /// They have confirmed none.
        Needed = "phone_needed", 403;
        /// Another account has it.
        Taken = "phone_taken", 409;
        /// An account that had it is suspended.
        Suspended = "phone_suspended", 403;
        /// There is no code that can still be tried.
        CodeOver = "code_over", 409;
        /// Nothing sends codes here.
        Unavailable = "sms_unavailable", 503;
    }
}

/// A member's phone as they see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneView {
    /// The last four digits of the number that they confirmed.
    pub confirmed: Option<String>,
    /// The code that they were sent, while it can be typed in.
    pub asked: Option<AskedCode>,
    /// Whether codes can be sent.
    pub available: bool,
}

/// A code that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedCode {
    /// The last four digits of the number that it was sent to.
    pub ending: String,
    /// Until when it can be typed in.
    pub until: Time,
    /// How often it may still be tried.
    pub tries_left: u32,
    /// The code itself, where nothing is sent: on a demonstration.
    pub shown: Option<String>,
}
