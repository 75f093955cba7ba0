//! Stands in for a push service with browsers behind it (RFC 8030): checks whose a message is (RFC 8292), opens it as the browser would
//! (RFC 8291), and goes wrong as it is told.

use crate::stand_in::{Serving, Shared, serve};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use p256::{PublicKey, SecretKey, ecdh::diffie_hellman, elliptic_curve::sec1::ToEncodedPoint};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey},
};
use serde_json::Value;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// How the service answers what is pushed.
#[derive(Debug, Clone)]
pub enum Pushing {
    /// By a status; nothing reaches the browser.
    Answers(u16),
    /// The same, and says after how many seconds to come again.
    After(u16, u32),
    /// It reaches the browser, and the answer says that it did not.
    Unheard,
    /// Never.
    Hangs,
    /// So late; it reaches the browser.
    Slow(Duration),
    /// By a redirect to an address.
    Redirects(String),
    /// With an answer of 64 MB; it reaches the browser.
    Long,
}

/// A browser that subscribed.
#[derive(Debug, Clone)]
pub struct Browser {
    /// Where it is reached.
    pub endpoint: String,
    /// Its public key, in base64 for addresses.
    pub p256dh: String,
    /// The secret that it shares with senders, likewise.
    pub auth: String,
    number: usize,
}

/// What reached a browser.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// What it says, opened.
    pub text: Value,
    /// The name under which a later one takes its place.
    pub topic: String,
    /// For how many seconds it was to be kept.
    pub ttl: u32,
    /// How urgent it was said to be.
    pub urgency: String,
    /// The public key of its sender.
    pub key: String,
}

struct Behind {
    secret: SecretKey,
    auth: [u8; 16],
    pushed: Vec<Pushed>,
    wrong: Vec<(usize, Pushing)>,
    asked: usize,
}

struct Books {
    shared: Shared,
    url: String,
    now: AtomicI64,
    browsers: Mutex<Vec<Behind>>,
}

/// A stand-in for a push service.
pub struct PushService {
    /// Where it is.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

impl PushService {
    /// Starts one; `now` is what its clock says, in seconds since 1970.
    pub async fn start(now: i64) -> PushService {
        let mut made = None;
        let (url, serving) = serve(|url| {
            let books = Arc::new(Books {
                shared: Shared::default(),
                url: url.to_owned(),
                now: AtomicI64::new(now),
                browsers: Mutex::default(),
            });
            made = Some(books.clone());
            Router::new().route("/send/{number}", post(push)).with_state(books)
        })
        .await;
        PushService { url, books: made.unwrap(), _serving: serving }
    }

    /// What its clock says from now on.
    pub fn set_time(&self, now: i64) {
        self.books.now.store(now, Ordering::Relaxed);
    }

    /// A browser that subscribes.
    pub fn browser(&self) -> Browser {
        let secret = SecretKey::from_slice(&rand::random::<[u8; 32]>()).unwrap();
        let auth: [u8; 16] = rand::random();
        let p256dh = BASE64.encode(secret.public_key().to_encoded_point(false).as_bytes());
        let mut browsers = self.books.browsers.lock().unwrap();
        let number = browsers.len();
        browsers.push(Behind { secret, auth, pushed: Vec::new(), wrong: Vec::new(), asked: 0 });
        Browser { endpoint: format!("{}/send/{number}", self.url), p256dh, auth: BASE64.encode(auth), number }
    }

    /// So many of the next messages to a browser go wrong.
    pub fn wrong(&self, browser: &Browser, times: usize, how: Pushing) {
        self.books.browsers.lock().unwrap()[browser.number].wrong.push((times, how));
    }

    /// What reached a browser.
    pub fn pushed(&self, browser: &Browser) -> Vec<Pushed> {
        self.books.browsers.lock().unwrap()[browser.number].pushed.clone()
    }

    /// How often something was sent to it, whatever became of it.
    pub fn asked(&self, browser: &Browser) -> usize {
        self.books.browsers.lock().unwrap()[browser.number].asked
    }

    /// What was sent that should not have been.
    pub fn complaints(&self) -> Vec<String> {
        self.books.shared.complaints()
    }
}

async fn push(State(books): State<Arc<Books>>, Path(number): Path<usize>, headers: HeaderMap, body: Bytes) -> Response {
    let how = {
        let mut browsers = books.browsers.lock().unwrap();
        let Some(browser) = browsers.get_mut(number) else { return StatusCode::NOT_FOUND.into_response() };
        browser.asked += 1;
        let wrong = browser.wrong.iter_mut().find(|(left, _)| *left > 0);
        wrong.map(|(left, how)| {
            *left -= 1;
            how.clone()
        })
    };
    let status = |status: u16| StatusCode::from_u16(status).unwrap();
    match &how {
        Some(Pushing::Answers(code)) => return status(*code).into_response(),
        Some(Pushing::After(code, seconds)) => {
            return (status(*code), [("retry-after", seconds.to_string())]).into_response();
        }
        Some(Pushing::Redirects(to)) => {
            return (StatusCode::TEMPORARY_REDIRECT, [("location", to.clone())]).into_response();
        }
        Some(Pushing::Hangs) => std::future::pending().await,
        _ => {}
    }
    let Some(pushed) = books.open(number, &headers, &body) else { return StatusCode::BAD_REQUEST.into_response() };
    books.browsers.lock().unwrap()[number].pushed.push(pushed);
    match how {
        Some(Pushing::Unheard) => StatusCode::BAD_GATEWAY.into_response(),
        Some(Pushing::Slow(long)) => {
            tokio::time::sleep(long).await;
            StatusCode::CREATED.into_response()
        }
        Some(Pushing::Long) => (StatusCode::CREATED, vec![b'.'; 64 << 20]).into_response(),
        _ => StatusCode::CREATED.into_response(),
    }
}

impl Books {
    /// Opens what was sent, when all of it is as it should be.
    fn open(&self, number: usize, headers: &HeaderMap, body: &[u8]) -> Option<Pushed> {
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let expect = |holds: bool, what: &str| self.shared.expect(holds, what).then_some(());
        expect(header("content-encoding") == "aes128gcm", "another coding")?;
        let (ttl, topic) = (header("ttl").parse().ok(), header("topic"));
        expect(ttl.is_some(), "no TTL")?;
        let letters = topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        expect(!topic.is_empty() && topic.len() <= 32 && letters, "a topic that is none")?;
        let key = self.sender(&header("authorization"))?;
        let (secret, auth) = {
            let browsers = self.browsers.lock().unwrap();
            (browsers[number].secret.clone(), browsers[number].auth)
        };
        let text = open(&secret, &auth, body);
        expect(text.is_some(), "what the browser cannot open")?;
        expect(body.len() <= 4096, "more than browsers take")?;
        let text = serde_json::from_slice(&text?).ok();
        expect(text.is_some(), "no JSON")?;
        Some(Pushed { text: text?, topic, ttl: ttl?, urgency: header("urgency"), key })
    }

    /// Whose it is, by a signature for this service that is good now.
    fn sender(&self, authorization: &str) -> Option<String> {
        let expect = |holds: bool, what: &str| self.shared.expect(holds, what).then_some(());
        let parts = authorization.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k="));
        expect(parts.is_some(), "no VAPID")?;
        let (token, key) = parts?;
        let (signed, signature) = token.rsplit_once('.')?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, BASE64.decode(key).ok()?);
        let good = BASE64.decode(signature).is_ok_and(|signature| public.verify(signed.as_bytes(), &signature).is_ok());
        expect(good, "a signature that is wrong")?;
        let (head, claims) = signed.split_once('.')?;
        let read = |part: &str| serde_json::from_slice::<Value>(&BASE64.decode(part).ok()?).ok();
        let (head, claims) = (read(head)?, read(claims)?);
        expect(head["alg"] == "ES256", "another algorithm")?;
        expect(claims["aud"] == self.url.as_str(), "signed for another service")?;
        let left = claims["exp"].as_i64()? - self.now.load(Ordering::Relaxed);
        expect((1..=24 * 60 * 60).contains(&left), "a signature that is over, or good for too long")?;
        let contact = claims["sub"].as_str()?;
        expect(contact.starts_with("mailto:") || contact.starts_with("https://"), "nobody to ask")?;
        Some(key.to_owned())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expanded<const N: usize>(key: &Prk, info: &[&[u8]]) -> [u8; N] {
    let mut bytes = [0; N];
    key.expand(info, Length(N)).unwrap().fill(&mut bytes).unwrap();
    bytes
}

/// Opens a message of one record, as its browser does.
fn open(secret: &SecretKey, auth: &[u8], body: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = body.split_at_checked(16)?;
    let (_size, rest) = rest.split_at_checked(4)?;
    let (length, rest) = rest.split_first()?;
    let (sender, sealed) = rest.split_at_checked(usize::from(*length))?;
    let public = PublicKey::from_sec1_bytes(sender).ok()?;
    let shared = diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
    let own = secret.public_key().to_encoded_point(false);
    let agreed = Salt::new(HKDF_SHA256, auth).extract(shared.raw_secret_bytes());
    let input: [u8; 32] = expanded(&agreed, &[b"WebPush: info\0", own.as_bytes(), sender]);
    let key = Salt::new(HKDF_SHA256, salt).extract(&input);
    let content: [u8; 16] = expanded(&key, &[b"Content-Encoding: aes128gcm\0"]);
    let nonce: [u8; 12] = expanded(&key, &[b"Content-Encoding: nonce\0"]);
    let content = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content).ok()?);
    let mut text = sealed.to_vec();
    let opened = content.open_in_place(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut text).ok()?;
    // Behind the text stand 2, which ends the last record, and as many zeros as anybody likes.
    let end = opened.iter().rposition(|byte| *byte != 0)?;
    (opened[end] == 2).then(|| opened[..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8291, section 5 and appendix A.
    #[test]
    fn the_example_of_the_standard_is_opened() {
        let secret = BASE64.decode("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94").unwrap();
        let auth = BASE64.decode("BTBZMqHH6r4Tts7J_aSIgg").unwrap();
        let sent = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBr\
            u3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        let text = open(&SecretKey::from_slice(&secret).unwrap(), &auth, &BASE64.decode(sent).unwrap());
        assert_eq!(text.unwrap(), b"When I grow up, I want to be a watermelon");
    }
}
