//! The keys that a provider signs by: read once and kept for an hour, and read again when a token names one that is not among them,
//! as after a change of keys.

use super::{Failed, read};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{HOUR, SECOND, Span, Time};
use reqwest::{Client, Url};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

/// For how long keys are believed to be all there are.
const KNOWN_FOR: Span = HOUR;
/// How soon they are read again: providers shut out whoever asks too often.
const AGAIN: Span = SECOND.times(5);
/// More keys than any provider has at once.
const MOST: usize = 32;
/// Bytes of a modulus: 2048 to 8192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;

/// A public key (RSA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    id: String,
    /// The modulus.
    pub n: Vec<u8>,
    /// The exponent.
    pub e: Vec<u8>,
}

/// A provider's keys, as far as they are known.
#[derive(Default)]
pub struct Keys(Mutex<Known>);

#[derive(Default)]
struct Known {
    keys: Vec<Key>,
    read_at: Option<Time>,
    asked_at: Option<Time>,
}

impl Known {
    fn find(&self, id: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.id == id).cloned()
    }
}

/// A key as providers publish it (RFC 7517).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

impl Jwk {
    /// The key, when it is one that tokens are signed by.
    fn key(self) -> Option<Key> {
        let signs = self.used_for.is_none_or(|used_for| used_for == "sig");
        let fits = self.kty == "RSA" && signs && self.alg.is_none_or(|alg| alg == "RS256");
        let number = |text: Option<String>| {
            let bytes = BASE64.decode(text?).ok()?;
            let first = bytes.iter().position(|byte| *byte != 0)?;
            Some(bytes[first..].to_vec())
        };
        let (n, e) = (number(self.n)?, number(self.e)?);
        (fits && MODULUS.contains(&n.len())).then_some(Key { id: self.kid?, n, e })
    }
}

/// The keys in what a provider publishes. What is none that we use is left out.
fn keys_in(said: Value) -> Option<Vec<Key>> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_value(said).ok()?;
    let keys = set.keys.into_iter().take(MOST).filter_map(|key| serde_json::from_value::<Jwk>(key).ok()?.key());
    Some(keys.collect())
}

impl Keys {
    /// The key of an id. Whoever asks while they are being read waits for that.
    pub async fn find(&self, client: &Client, place: Url, id: &str, now: Time) -> Result<Key, Failed> {
        let mut known = self.0.lock().await;
        let fresh = known.read_at.is_some_and(|at| now.since(at) < KNOWN_FOR);
        if fresh && let Some(key) = known.find(id) {
            return Ok(key);
        }
        if known.asked_at.is_none_or(|at| now.since(at) >= AGAIN) {
            known.asked_at = Some(now);
            let said = read(client.get(place)).await;
            match said.map(keys_in) {
                Ok(Some(keys)) => {
                    known.keys = keys;
                    known.read_at = Some(now);
                }
                // By those of an hour ago, rather than by none.
                Ok(None) => tracing::warn!("a provider's keys cannot be read"),
                Err(why) => tracing::warn!(?why, "a provider does not say its keys"),
            }
        }
        match known.read_at {
            None => Err(Failed::Away("its keys are not known".into())),
            Some(_) => known.find(id).ok_or_else(|| Failed::Refused("signed by a key that is none of its".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_keys_that_tokens_are_signed_by_count() {
        let n = BASE64.encode([vec![0], vec![7; 256]].concat());
        let short = BASE64.encode([7; 128]);
        let key = |id: &str| json!({ "kty": "RSA", "kid": id, "use": "sig", "alg": "RS256", "n": n, "e": "AQAB" });
        let with = |name: &str, value: Value| {
            let mut key = key("other");
            key[name] = value;
            key
        };
        let mut bare = key("bare");
        for name in ["use", "alg"] {
            bare.as_object_mut().unwrap().remove(name);
        }
        let said = json!({ "keys": [
            key("one"),
            bare,
            with("kty", json!("EC")),
            with("use", json!("enc")),
            with("alg", json!("HS256")),
            with("n", json!(short)),
            with("n", json!("?")),
            with("e", json!("")),
            with("kid", Value::Null),
            "no key",
        ] });
        let keys = keys_in(said).unwrap();
        assert_eq!(keys.iter().map(|key| key.id.as_str()).collect::<Vec<_>>(), ["one", "bare"]);
        assert_eq!((keys[0].n.len(), keys[0].e.as_slice()), (256, &[1, 0, 1][..]), "without zeros before it");
        for wrong in [json!({}), json!([]), json!({ "keys": 1 })] {
            assert_eq!(keys_in(wrong), None);
        }
    }
}
