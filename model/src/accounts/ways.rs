//! Ways to sign in: a password, and Kakao.

use crate::{Error, Time};
use serde::{Deserialize, Serialize};

/// Why signing in by Kakao came to nothing: it stands in the address of the page that one is led back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KakaoFailure {
    /// Whoever set out did not agree there.
    Cancelled,
    /// It took too long, was done before, or was begun in another browser.
    Over,
    /// What Kakao said cannot be relied on.
    Refused,
    /// Kakao does not answer.
    Away,
    /// That Kakao account is another member's, or the member has another Kakao account.
    Taken,
    /// They did not say there who they are just now, but some time before.
    Earlier,
}

impl KakaoFailure {
    /// Every reason.
    pub const ALL: [KakaoFailure; 6] = [
        KakaoFailure::Cancelled,
        KakaoFailure::Over,
        KakaoFailure::Refused,
        KakaoFailure::Away,
        KakaoFailure::Taken,
        KakaoFailure::Earlier,
    ];

    /// The name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            KakaoFailure::Cancelled => "cancelled",
            KakaoFailure::Over => "over",
            KakaoFailure::Refused => "refused",
            KakaoFailure::Away => "away",
            KakaoFailure::Taken => "taken",
            KakaoFailure::Earlier => "earlier",
        }
    }

    /// The reason of a name.
    pub fn named(name: &str) -> Option<KakaoFailure> {
        KakaoFailure::ALL.into_iter().find(|failure| failure.name() == name)
    }
}

/// How a member may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaysIn {
    /// Their email; `None` for whoever signed up by Kakao without one.
    pub email: Option<String>,
    /// Whether they have a password.
    pub password: bool,
    /// By Kakao.
    pub kakao: KakaoWay,
}

impl WaysIn {
    /// Whether they sign in by email and password: the one without the other lets nobody in.
    pub fn by_password(&self) -> bool {
        self.password && self.email.is_some()
    }
}

/// Whether a member signs in by Kakao.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KakaoWay {
    /// Nobody does here: it is not configured.
    Off,
    /// They may connect it.
    Free,
    /// They came back from there, and are to confirm by their password that it is they.
    ToConfirm,
    /// They do, since then.
    Connected(Time),
}

/// Somebody whom Kakao knows, and the site not yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newcomer {
    /// Their email, where Kakao confirms one.
    pub email: Option<String>,
    /// Whether a member has that email: they are asked for the password before both are joined.
    pub known: bool,
    /// What they may be called.
    pub nickname: String,
}

/// How far somebody is who wishes for another email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EmailStep {
    /// They have no password to be asked for, and set one first.
    Prove,
    /// They type it.
    Ask,
    /// A letter is on its way there.
    Sent,
    /// It is theirs, unless somebody has it.
    Done,
    /// They came by the link in the letter.
    Confirm {
        /// What stands in it.
        token: String,
        /// Which email that is for.
        email: String,
    },
    /// They came by one that cannot be used.
    Wrong(Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_way_in_together_with_an_email() {
        let email = Some("otter@example.com".to_owned());
        for (email, password, lets_in) in
            [(None, false, false), (None, true, false), (email.clone(), false, false), (email, true, true)]
        {
            let ways = WaysIn { email, password, kakao: KakaoWay::Off };
            assert_eq!(ways.by_password(), lets_in, "{ways:?}");
        }
    }

    #[test]
    fn reasons_are_known_by_their_names() {
        for failure in KakaoFailure::ALL {
            assert_eq!(KakaoFailure::named(failure.name()), Some(failure));
        }
        assert_eq!(KakaoFailure::named(""), None);
    }
}
