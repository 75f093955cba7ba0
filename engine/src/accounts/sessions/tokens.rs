//! Tokens of sessions, and the seal by which one that was made up is told from one that we gave out, without the database.
//!
//! A token is 32 random bytes and a seal of 8 behind them. Those that older programs gave out are 32 bytes in all, and are read for as
//! long as somebody has one: 24 random ones and their seal, or random ones alone, whose seal is given to their browser afterwards and
//! comes beside them. What members' own programs call with is 24 random bytes and a seal as well. And what a browser keeps for us that
//! it is not to change has a seal behind it.

use crate::{clock::Clock, db::Db, ids, site_keys::site_key};
use ring::hmac;
use std::{fmt, str::FromStr, sync::Arc};
use tokio::sync::OnceCell;

/// Bytes of a token without the seal behind it: all of them are random.
const LENGTH: usize = 32;
/// The random ones among as many bytes that end with their seal: of a program's token, and of a session's that an older program gave out.
const RANDOM: usize = 24;
/// What is sealed begins with: a token's own seal, or that of an older one, which comes beside it; that of a program's token, and of a
/// cookie.
const SEALED: &[u8] = b"session ";
const BESIDE: &[u8] = b"older session ";
const PROGRAMS: &[u8] = b"program ";
const COOKIES: &[u8] = b"cookie ";
/// What a program's token begins with: whoever finds one lying about knows what it is.
const PREFIX: &str = "59t_";

/// What the browser holds: written in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionToken {
    token: [u8; LENGTH],
    /// The seal behind it; none where an older program gave it out.
    seal: Option<u64>,
    /// The seal that came beside it.
    beside: Option<u64>,
}

impl SessionToken {
    /// One that has no seal behind it, as older programs gave them out.
    pub(super) fn unsealed(token: [u8; LENGTH]) -> SessionToken {
        SessionToken { token, seal: None, beside: None }
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        match self.seal {
            Some(seal) => ids::hash(&[&self.token, &seal.to_be_bytes()]),
            None => ids::hash(&[&self.token]),
        }
    }

    /// Whether a seal is behind it: such a token is ours by that, or nobody's.
    pub(super) fn has_seal(&self) -> bool {
        self.seal.is_some()
    }

    /// The same with the seal that its browser sends beside it, when it does.
    #[must_use]
    pub fn with_seal(self, seal: Option<&str>) -> SessionToken {
        let beside = seal.filter(|seal| seal.len() == 16).and_then(|seal| u64::from_str_radix(seal, 16).ok());
        SessionToken { beside, ..self }
    }
}

impl fmt::Display for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.token.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        self.seal.map_or(Ok(()), |seal| write!(f, "{seal:016x}"))
    }
}

impl FromStr for SessionToken {
    type Err = model::Error;

    fn from_str(text: &str) -> Result<Self, model::Error> {
        let (token, seal) = text.split_at_checked(2 * LENGTH).ok_or(model::Error::SignedOut)?;
        let token = SessionToken::unsealed(bytes(token)?);
        match seal {
            "" => Ok(token),
            seal => Ok(SessionToken { seal: Some(u64::from_be_bytes(bytes(seal)?)), ..token }),
        }
    }
}

/// What a member's own program calls with: written in hexadecimal, behind what says that it is one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProgramToken([u8; LENGTH]);

impl ProgramToken {
    /// What is kept of it.
    pub(crate) fn hash(&self) -> [u8; 32] {
        ids::hash(&[b"59 token", self.to_string().as_bytes()])
    }
}

impl fmt::Display for ProgramToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ProgramToken {
    type Err = model::Error;

    fn from_str(text: &str) -> Result<Self, model::Error> {
        bytes(text.strip_prefix(PREFIX).ok_or(model::Error::SignedOut)?).map(ProgramToken)
    }
}

/// The bytes that are written in hexadecimal.
fn bytes<const MANY: usize>(text: &str) -> Result<[u8; MANY], model::Error> {
    let digits = text.as_bytes();
    if digits.len() != 2 * MANY {
        return Err(model::Error::SignedOut);
    }
    let mut bytes = [0; MANY];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| (d as char).to_digit(16).ok_or(model::Error::SignedOut);
        *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
    }
    Ok(bytes)
}

/// Seals tokens by a key of the site's own. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Sealer(Arc<OnceCell<Seal>>);

impl Sealer {
    /// The key, read once.
    pub async fn seal(&self, db: &Db, clock: &Clock) -> Result<&Seal, sqlx::Error> {
        self.0
            .get_or_try_init(|| async {
                let seed = site_key(db, clock, "sessions", ids::random::<32>().to_vec()).await?;
                Ok(Seal(hmac::Key::new(hmac::HMAC_SHA256, &seed)))
            })
            .await
    }
}

/// The key of seals.
pub(super) struct Seal(hmac::Key);

impl Seal {
    /// A new token of a session.
    pub fn token(&self) -> SessionToken {
        let token: [u8; LENGTH] = ids::random();
        SessionToken { seal: Some(self.of(SEALED, &token)), ..SessionToken::unsealed(token) }
    }

    /// One as the programs before gave them out.
    #[cfg(test)]
    pub fn older_token(&self) -> SessionToken {
        SessionToken::unsealed(self.sealed(SEALED))
    }

    /// A new token of a program.
    pub fn program(&self) -> ProgramToken {
        ProgramToken(self.sealed(PROGRAMS))
    }

    fn sealed(&self, begins: &[u8]) -> [u8; LENGTH] {
        let random: [u8; RANDOM] = ids::random();
        let mut token = [0; LENGTH];
        token[..RANDOM].copy_from_slice(&random);
        token[RANDOM..].copy_from_slice(&self.of(begins, &random).to_be_bytes());
        token
    }

    /// Whether we gave a token out. Seals are compared as one number each: it takes as long however much of them is right.
    pub fn is_on(&self, token: &SessionToken) -> bool {
        let SessionToken { token, seal, beside } = token;
        match seal {
            Some(seal) => *seal == self.of(SEALED, token),
            None => self.is_in(SEALED, token) || beside.is_some_and(|beside| beside == self.of(BESIDE, token)),
        }
    }

    /// Whether we gave a program's token out.
    pub fn is_on_program(&self, token: &ProgramToken) -> bool {
        self.is_in(PROGRAMS, &token.0)
    }

    /// Whether a token has its seal in itself.
    fn is_in(&self, begins: &[u8], token: &[u8; LENGTH]) -> bool {
        let (random, seal) = token.split_at(RANDOM);
        let seal: Result<[u8; 8], _> = seal.try_into();
        seal.is_ok_and(|seal| u64::from_be_bytes(seal) == self.of(begins, random))
    }

    /// What a browser sends from now on beside a token that an older program gave out.
    pub fn beside(&self, token: &SessionToken) -> Option<String> {
        let has_its_own = token.seal.is_some() || self.is_in(SEALED, &token.token);
        (!has_its_own).then(|| format!("{:016x}", self.of(BESIDE, &token.token)))
    }

    /// A cookie with its seal behind it.
    pub fn on_cookie(&self, cookie: &str) -> String {
        format!("{cookie}.{:016x}", self.of(COOKIES, cookie.as_bytes()))
    }

    /// The cookie before its seal, when that is on it.
    pub fn cookie<'a>(&self, sealed: &'a str) -> Option<&'a str> {
        let (cookie, seal) = sealed.rsplit_once('.')?;
        let seal = Some(seal).filter(|seal| seal.len() == 16).and_then(|seal| u64::from_str_radix(seal, 16).ok())?;
        (seal == self.of(COOKIES, cookie.as_bytes())).then_some(cookie)
    }

    fn of(&self, begins: &[u8], what: &[u8]) -> u64 {
        let mut sealing = hmac::Context::with_key(&self.0);
        sealing.update(begins);
        sealing.update(what);
        let seal = sealing.sign();
        u64::from_be_bytes(*seal.as_ref().first_chunk().unwrap_or(&[0; 8]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        Seal(hmac::Key::new(hmac::HMAC_SHA256, &ids::random::<32>()))
    }

    #[test]
    fn tokens_of_either_length_survive_text_and_forgeries_do_not() {
        for (token, length) in [(seal().token(), 80), (seal().older_token(), 64)] {
            let text = token.to_string();
            assert!(text.len() == length && text.parse::<SessionToken>().is_ok_and(|same| same == token), "{text}");
            for forged in [&text[1..], &format!("{text}0"), &format!("{}g", &text[1..]), &format!("{text}{text}")] {
                assert!(forged.parse::<SessionToken>().is_err(), "{forged}");
            }
        }
        for forged in ["", "zz", &"g".repeat(64), &"0".repeat(63), &"가".repeat(22), &"0".repeat(72), &"g".repeat(80)]
        {
            assert!(forged.parse::<SessionToken>().is_err(), "{forged}");
        }
    }

    #[test]
    fn a_program_s_token_says_what_it_is_and_is_no_session() {
        let (ours, others) = (seal(), seal());
        let token = ours.program();
        let text = token.to_string();
        assert!(text.len() == 68 && text.starts_with("59t_"), "{text}");
        assert!(text.parse::<ProgramToken>().is_ok_and(|same| same == token));
        assert_eq!(token.hash(), ids::hash(&[b"59 token", text.as_bytes()]), "as nodes of before keep it");
        assert!(ours.is_on_program(&token) && !others.is_on_program(&token));
        // The one opens nothing that the other does, whatever is written before it.
        let as_session = SessionToken::unsealed(token.0);
        assert!(!ours.is_on(&as_session) && as_session.hash() != token.hash());
        assert!(!ours.is_on_program(&ProgramToken(ours.older_token().token)));
        for forged in ["", "59t_", &text[4..], &text[..67], &format!("59t_{}", "g".repeat(64)), &"가".repeat(22)] {
            assert!(forged.parse::<ProgramToken>().is_err(), "{forged}");
        }
    }

    #[test]
    fn a_cookie_that_is_sealed_is_not_changed() {
        let (ours, others) = (seal(), seal());
        let sealed = ours.on_cookie("59.leave.x");
        assert_eq!((ours.cookie(&sealed), others.cookie(&sealed)), (Some("59.leave.x"), None));
        let (_, alone) = sealed.rsplit_once('.').unwrap();
        for forged in [
            "",
            "59.leave.x",
            "59.leave.x.",
            "59.leave.x.가나다라마",
            alone,
            &format!("58.leave.x.{alone}"),
            &format!("59.leave.x.0{alone}"),
            &format!("59.leave.x..{alone}"),
        ] {
            assert_eq!(ours.cookie(forged), None, "{forged}");
        }
    }

    #[test]
    fn what_is_kept_of_a_token_is_the_hash_of_all_that_its_browser_sends() {
        for token in [seal().token(), seal().older_token()] {
            let text = token.to_string();
            let byte = |n: usize| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap();
            let bytes: Vec<u8> = (0..text.len() / 2).map(byte).collect();
            assert_eq!(token.hash(), ids::hash(&[&bytes]), "as nodes of before keep the shorter ones");
        }
    }

    #[test]
    fn only_what_we_gave_out_is_sealed() {
        let (ours, others) = (seal(), seal());
        for token in [ours.token(), ours.older_token()] {
            assert!(ours.is_on(&token) && !others.is_on(&token));
            assert_eq!(ours.beside(&token), None, "it needs no other");
            for bit in 0..8 * LENGTH {
                let mut forged = token;
                forged.token[bit / 8] ^= 1 << (bit % 8);
                assert!(!ours.is_on(&forged), "bit {bit}");
            }
        }
        let token = ours.token();
        for bit in 0..64 {
            let forged = SessionToken { seal: token.seal.map(|seal| seal ^ (1 << bit)), ..token };
            assert!(!ours.is_on(&forged), "bit {bit} of its seal");
        }
        // The one is not the other, longer or shorter.
        assert!(!ours.is_on(&SessionToken { seal: None, ..token }));
        assert!(!ours.is_on(&SessionToken { seal: token.seal, ..ours.older_token() }));
        // Of an older program's, as it comes and with the seal that its browser was given.
        let older = SessionToken::unsealed(ids::random());
        let seal = ours.beside(&older);
        assert!(!ours.is_on(&older) && ours.is_on(&older.with_seal(seal.as_deref())));
        assert!(!others.is_on(&older.with_seal(seal.as_deref())));
        assert!(!ours.is_on(&SessionToken::unsealed(ids::random()).with_seal(seal.as_deref())), "another's");
        for forged in [None, Some(""), Some("0000000000000000"), Some("+000000000000000"), Some("가나다라마")] {
            assert!(!ours.is_on(&older.with_seal(forged)), "{forged:?}");
        }
    }
}
