//! Somebody's way to a provider and back: what of it stands in a cookie of the browser that sets out, and what follows from that.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{MINUTE, MemberId, Span, Time};
use ring::hmac;

/// How long somebody may be on their way.
const TAKES: Span = MINUTE.times(10);
/// The longest cookie that is one.
const LONGEST: usize = 1_000;

/// What somebody sets out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To sign in, or up.
    SignIn,
    /// To connect it with the account that they are signed in to.
    Connect(MemberId),
    /// To show that it is they, before they leave the account that they are signed in to.
    Leave(MemberId),
}

/// What stands in a cookie before whose account is left.
const LEAVES: &str = "leave-";

/// A way to a provider and back. Whoever has the cookie has set out here: state, nonce and verifier are HMACs by the secret in it,
/// and nobody who has not can make them fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trip {
    /// When they set out.
    pub began: Time,
    /// What for.
    pub purpose: Purpose,
    /// Where on the site they go on.
    pub next: String,
    secret: [u8; 32],
}

impl Trip {
    /// One that begins now.
    pub fn begin(purpose: Purpose, next: &str, now: Time) -> Trip {
        Trip { began: now, purpose, next: next.to_owned(), secret: crate::ids::random() }
    }

    /// The one that a cookie tells of, unless it is over.
    pub fn read(cookie: &str, now: Time) -> Option<Trip> {
        if cookie.len() > LONGEST {
            return None;
        }
        let mut parts = cookie.split('.');
        let (began, purpose, next, secret) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let began = Time(began.parse().ok()?);
        let purpose = match purpose {
            "in" => Purpose::SignIn,
            member => match member.strip_prefix(LEAVES) {
                Some(member) => Purpose::Leave(member.parse().ok()?),
                None => Purpose::Connect(member.parse().ok()?),
            },
        };
        let next = String::from_utf8(BASE64.decode(next).ok()?).ok()?;
        let secret = BASE64.decode(secret).ok()?.try_into().ok()?;
        let takes = now.since(began);
        (takes >= Span::ZERO && takes < TAKES).then_some(Trip { began, purpose, next, secret })
    }

    /// The cookie.
    pub fn cookie(&self) -> String {
        format!("{}.{}", self.plain(), BASE64.encode(self.secret))
    }

    /// All of it but the secret.
    fn plain(&self) -> String {
        let purpose = match self.purpose {
            Purpose::SignIn => "in".to_owned(),
            Purpose::Connect(member) => member.to_string(),
            Purpose::Leave(member) => format!("{LEAVES}{member}"),
        };
        format!("{}.{purpose}.{}", self.began.0, BASE64.encode(&self.next))
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &self.secret)
    }

    /// What is signed for a use.
    fn message(&self, of: &str) -> Vec<u8> {
        format!("{of} {}", self.plain()).into_bytes()
    }

    fn derived(&self, of: &str) -> String {
        BASE64.encode(hmac::sign(&self.key(), &self.message(of)))
    }

    /// What the provider brings back.
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// Whether that is what it brought.
    pub fn has_state(&self, state: &str) -> bool {
        let bytes = BASE64.decode(state);
        bytes.is_ok_and(|bytes| hmac::verify(&self.key(), &self.message("state"), &bytes).is_ok())
    }

    /// What stands in the token.
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// What the code is redeemed with (RFC 7636).
    pub fn verifier(&self) -> String {
        self.derived("verifier")
    }

    /// What the provider is told of the verifier beforehand.
    pub fn challenge(&self) -> String {
        BASE64.encode(crate::ids::hash(&[self.verifier().as_bytes()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SECOND;

    #[test]
    fn a_trip_is_known_by_its_cookie_while_it_lasts() {
        let now = Time(1_795_258_800_000_000);
        let member = MemberId(uuid::Uuid::from_u128(59));
        for purpose in [Purpose::SignIn, Purpose::Connect(member), Purpose::Leave(member)] {
            let trip = Trip::begin(purpose, "/my?came=won#x", now);
            let cookie = trip.cookie();
            assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{cookie}");
            assert_eq!(Trip::read(&cookie, now + TAKES - SECOND), Some(trip.clone()));
            assert_eq!(Trip::read(&cookie, now + TAKES), None, "it is over");
            assert_eq!(Trip::read(&cookie, now - SECOND), None, "it did not begin yet");
            assert!(trip.has_state(&trip.state()));
            for other in [trip.nonce(), trip.verifier(), Trip::begin(purpose, &trip.next, now).state(), String::new()] {
                assert!(!trip.has_state(&other), "{other}");
            }
            // 43 to 128 letters, as the standard wants them.
            assert_eq!((trip.verifier().len(), trip.challenge().len()), (43, 43));
        }
    }

    #[test]
    fn what_is_no_cookie_is_no_trip() {
        let now = Time(1_795_258_800_000_000);
        let cookie = Trip::begin(Purpose::SignIn, "/", now).cookie();
        let parts: Vec<_> = cookie.split('.').collect();
        let long = format!("{}.in.{}.{}", parts[0], "A".repeat(1_000), parts[3]);
        for wrong in [
            "",
            "...",
            "1.in.Lw",
            &format!("{cookie}.x"),
            &format!("{}.in.!.{}", parts[0], parts[3]),
            &format!("{}.in.Lw.AAAA", parts[0]),
            &format!("{}.nobody.Lw.{}", parts[0], parts[3]),
            &format!("{}.leave-in.Lw.{}", parts[0], parts[3]),
            &long,
        ] {
            assert_eq!(Trip::read(wrong, now), None, "{wrong}");
        }
        // Another way to go on is another trip: its state is another.
        let moved = format!("{}.in.{}.{}", parts[0], BASE64.encode("/my"), parts[3]);
        let (trip, moved) = (Trip::read(&cookie, now).unwrap(), Trip::read(&moved, now).unwrap());
        assert!(!moved.has_state(&trip.state()));
    }
}
