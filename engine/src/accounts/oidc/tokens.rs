//! Tokens that say who somebody is (RFC 7519, OpenID Connect Core 3.1.3.7): signed by RS256 and nothing else, by whom and for whom is
//! expected, in answer to this very question, and not over.

use super::keys::Key;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{MINUTE, SECOND, Span, Time};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// How far the provider's clock may be from ours.
pub const LEEWAY: Span = MINUTE;
/// The longest token.
const LONGEST: usize = 16 << 10;
/// The longest name of a key, or of somebody.
const NAME: usize = 255;

/// What a token must say.
pub struct Expected<'a> {
    /// Who signs it.
    pub issuer: &'a str,
    /// Whom it is for.
    pub client: &'a str,
    /// Which question it answers.
    pub nonce: &'a str,
    /// When it is looked at.
    pub now: Time,
}

/// What a token says, once it is known to be one.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    #[serde(default, deserialize_with = "seconds")]
    auth_time: Option<i64>,
    nonce: Option<String>,
    /// Who it is about.
    pub sub: String,
    /// Their email.
    pub email: Option<String>,
    /// Whether it is theirs.
    pub email_verified: Option<bool>,
    /// What they call themselves.
    pub nickname: Option<String>,
}

impl Claims {
    /// When they said there who they are, where the provider says so.
    pub fn signed_in_at(&self) -> Option<Time> {
        self.auth_time.map(at)
    }
}

/// A number of seconds, and none where it is written in another way: nobody's sign-in fails by what most of them do not ask for.
fn seconds<'de, D: Deserializer<'de>>(said: D) -> Result<Option<i64>, D::Error> {
    Ok(Value::deserialize(said)?.as_i64())
}

/// A moment as tokens say it, in seconds since 1970.
fn at(seconds: i64) -> Time {
    Time(seconds.saturating_mul(SECOND.micros()))
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// What must be understood of it: we understand nothing of the kind.
    crit: Option<Value>,
}

/// The parts of a token: what is signed, and header, claims and signature.
fn parts(token: &str) -> Result<(&str, [&str; 3]), &'static str> {
    if token.len() > LONGEST {
        return Err("too long a token");
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => {
            Ok((&token[..header.len() + 1 + claims.len()], [header, claims, signature]))
        }
        _ => Err("no token"),
    }
}

fn decoded<T: DeserializeOwned>(part: &str) -> Result<T, &'static str> {
    let bytes = BASE64.decode(part).map_err(|_| "no token")?;
    serde_json::from_slice(&bytes).map_err(|_| "a token that lacks something")
}

/// By which key a token says that it is signed.
///
/// # Errors
/// Why it is none.
pub fn key_of(token: &str) -> Result<String, &'static str> {
    let (_, [header, ..]) = parts(token)?;
    let header: Header = decoded(header)?;
    if header.alg != "RS256" {
        return Err("another algorithm");
    }
    if header.crit.is_some() {
        return Err("a token that asks for more");
    }
    header.kid.filter(|kid| !kid.is_empty() && kid.len() <= NAME).ok_or("a token without a key")
}

/// What a token says, when it is signed by a key and says what is expected.
///
/// # Errors
/// What is wrong with it.
pub fn verify(token: &str, key: &Key, expected: &Expected<'_>) -> Result<Claims, &'static str> {
    // Which algorithm it is was asked there.
    key_of(token)?;
    let (signed, [_, claims, signature]) = parts(token)?;
    let signature = BASE64.decode(signature).map_err(|_| "no token")?;
    let public = RsaPublicKeyComponents { n: &key.n, e: &key.e };
    public
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature)
        .map_err(|_| "a signature that is wrong")?;
    let claims: Claims = decoded(claims)?;
    if claims.iss.trim_end_matches('/') != expected.issuer {
        return Err("another issuer");
    }
    let for_us = match &claims.aud {
        Audience::One(client) => client == expected.client,
        Audience::Many(clients) => clients.iter().any(|client| client == expected.client),
    };
    // Among several it is said for whom it was made.
    let many = matches!(&claims.aud, Audience::Many(clients) if clients.len() > 1);
    let made_for_us = claims.azp.as_deref().map_or(!many, |client| client == expected.client);
    if !for_us || !made_for_us {
        return Err("for another site");
    }
    if expected.now >= at(claims.exp) + LEEWAY {
        return Err("a token that is over");
    }
    if at(claims.iat) > expected.now + LEEWAY {
        return Err("a token of the future");
    }
    if claims.nonce.as_deref() != Some(expected.nonce) {
        return Err("an answer to another question");
    }
    if claims.sub.is_empty() || claims.sub.len() > NAME {
        return Err("a token about nobody");
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_somebody_signed_in_may_be_said_in_any_way_and_counts_in_one() {
        for (said, at) in [
            (r#","auth_time":1795258800"#, Some(Time(1_795_258_800_000_000))),
            (r#","auth_time":null"#, None),
            (r#","auth_time":"1795258800""#, None),
            (r#","auth_time":1795258800.5"#, None),
            (r#","auth_time":["now"]"#, None),
            ("", None),
        ] {
            let token = format!(r#"{{"iss":"kakao","aud":"us","exp":2,"iat":1,"sub":"59"{said}}}"#);
            let claims: Claims = decoded(&BASE64.encode(token)).unwrap();
            assert_eq!(claims.signed_in_at(), at, "{said}");
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        let header = |json: &str| format!("{}.e30.AAAA", BASE64.encode(json));
        assert_eq!(key_of(&header(r#"{"alg":"RS256","kid":"one"}"#)), Ok("one".to_owned()));
        for wrong in [
            r#"{"alg":"none","kid":"one"}"#,
            r#"{"alg":"HS256","kid":"one"}"#,
            r#"{"alg":"rs256","kid":"one"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"RS256","kid":""}"#,
            r#"{"alg":"RS256","kid":"one","crit":["b64"]}"#,
            r#"{"alg":"RS256","alg":"none","kid":"one"}"#,
            r#"{"kid":"one"}"#,
            "[]",
            "",
        ] {
            assert!(key_of(&header(wrong)).is_err(), "{wrong}");
        }
        for wrong in ["", ".", "..", "a.b", "a.b.c.d", "?.e30.AAAA", &"a".repeat(LONGEST + 1)] {
            assert!(key_of(wrong).is_err(), "{wrong}");
        }
    }
}
