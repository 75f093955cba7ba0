//! Web Push: what is sent is encrypted to the browser (RFC 8291, in the coding of RFC 8188) and signed as this site's (VAPID,
//! RFC 8292), so that the service between reads nothing, and takes from nobody else what is for this site's subscribers.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use model::{Span, Time};
use reqwest::Url;
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{self, ECDH_P256, EphemeralPrivateKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

/// Bytes of a public key: a point of the curve P-256, uncompressed.
pub const PUBLIC_KEY: usize = 65;
/// Bytes of what a browser and its senders share.
pub const SECRET: usize = 16;
const SALT: usize = 16;
/// The size of a record as its header says it: everything that is sent fits into the one.
const RECORD: u32 = 4096;
/// How long a signature is good for: at most a day, by the RFC.
const SIGNED_FOR: Span = model::HOUR.times(12);

/// A browser's keys, as it gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Its public key.
    pub public: [u8; PUBLIC_KEY],
    /// What it shares with whoever may send to it.
    pub secret: [u8; SECRET],
}

impl Keys {
    /// Of the bytes that are kept of them; `None` when they are none.
    pub fn of(public: &[u8], secret: &[u8]) -> Option<Keys> {
        let keys = Keys { public: public.try_into().ok()?, secret: secret.try_into().ok()? };
        // Also whether it is a point of the curve.
        keys.encrypt(b"").ok().map(|_| keys)
    }

    /// Of the texts in which browsers give them: base64 for addresses, with or without padding.
    pub fn read(public: &str, secret: &str) -> Option<Keys> {
        let bytes = |text: &str| BASE64.decode(text.trim_end_matches('=')).ok();
        Keys::of(&bytes(public)?, &bytes(secret)?)
    }

    /// Encrypts a text that this browser alone can read, each time with keys of its own.
    ///
    /// # Errors
    /// When the public key is no point of the curve.
    pub fn encrypt(&self, text: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())?;
        let sender = private.compute_public_key()?;
        let receiver = agreement::UnparsedPublicKey::new(&ECDH_P256, &self.public);
        agreement::agree_ephemeral(private, &receiver, |shared| {
            self.seal(shared, sender.as_ref(), crate::ids::random(), text)
        })?
    }

    /// The same by what both sides agreed on.
    fn seal(&self, shared: &[u8], sender: &[u8], salt: [u8; SALT], text: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let agreed = Salt::new(HKDF_SHA256, &self.secret).extract(shared);
        let input: [u8; 32] = expand(&agreed, &[b"WebPush: info\0", &self.public, sender])?;
        let key = Salt::new(HKDF_SHA256, &salt).extract(&input);
        let content: [u8; 16] = expand(&key, &[b"Content-Encoding: aes128gcm\0"])?;
        let nonce: [u8; NONCE_LEN] = expand(&key, &[b"Content-Encoding: nonce\0"])?;
        // 2 ends the last record.
        let mut sealed = [text, &[2]].concat();
        let content = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content)?);
        content.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)?;
        let length = u8::try_from(sender.len()).map_err(|_| Unspecified)?;
        Ok([&salt[..], &RECORD.to_be_bytes(), &[length], sender, &sealed[..]].concat())
    }
}

/// So many bytes of a key.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand<const N: usize>(key: &Prk, info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    key.expand(info, Bytes(N))?.fill(&mut bytes)?;
    Ok(bytes)
}

/// By which push services know that it is this site that sends.
pub struct Signer {
    key: EcdsaKeyPair,
    random: SystemRandom,
}

impl Signer {
    /// A new key, as it is kept.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn generate() -> Result<Vec<u8>, Unspecified> {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
        Ok(key.as_ref().to_vec())
    }

    /// The key that was kept; `None` when it is none.
    pub fn of(kept: &[u8]) -> Option<Signer> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, kept, &random).ok()?;
        Some(Signer { key, random })
    }

    /// What browsers are told to let in, in base64 for addresses.
    pub fn public_key(&self) -> String {
        BASE64.encode(self.key.public_key().as_ref())
    }

    /// The header `authorization` for a service, with whom it may ask about what is sent (`https:` or `mailto:`).
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn authorization(&self, service: &Url, contact: &str, now: Time) -> Result<String, Unspecified> {
        let claims = serde_json::json!({
            "aud": service.origin().ascii_serialization(),
            "exp": (now + SIGNED_FOR).0.div_euclid(1_000_000),
            "sub": contact,
        });
        let signed =
            format!("{}.{}", BASE64.encode(r#"{"typ":"JWT","alg":"ES256"}"#), BASE64.encode(claims.to_string()));
        let signature = self.key.sign(&self.random, signed.as_bytes())?;
        Ok(format!("vapid t={signed}.{}, k={}", BASE64.encode(signature), self.public_key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        BASE64.decode(text).unwrap()
    }

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_is_encrypted_as_there() {
        let keys = Keys::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg==",
        );
        let keys = keys.unwrap();
        let shared = bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let sender = bytes("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let sent = keys.seal(&shared, &sender, salt, b"When I grow up, I want to be a watermelon").unwrap();
        assert_eq!(
            BASE64.encode(sent),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr\
             u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn what_are_no_keys_is_refused() {
        let public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let secret = "BTBZMqHH6r4Tts7J_aSIgg";
        assert!(Keys::read(public, secret).is_some());
        // No point of the curve, too short, no base64.
        let off = public.replace("iw4", "iw5").replace("BCVx", "BCVy");
        for (public, secret) in [(off.as_str(), secret), (&public[4..], secret), (public, "AAAA"), ("", ""), ("?", "!")]
        {
            assert!(Keys::read(public, secret).is_none(), "{public} {secret}");
        }
    }

    #[test]
    fn nothing_is_encrypted_alike_twice() {
        let keys = Keys::read(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        );
        let keys = keys.unwrap();
        assert_ne!(keys.encrypt(b"one").unwrap(), keys.encrypt(b"one").unwrap());
    }
}
