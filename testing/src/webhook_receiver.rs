//! Stands in for a creator's own server: verifies what it is sent as Standard Webhooks, and goes wrong as it is told.

use crate::stand_in::{Serving, Shared, serve};
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::hmac;
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// How the server answers.
#[derive(Debug, Clone)]
pub enum Receiving {
    /// By a status.
    Answers(u16),
    /// By a redirect to an address.
    Redirects(String),
    /// Never.
    Hangs,
    /// Bit by bit, without an end.
    ForEver,
}

/// What arrived, and was signed as it should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The same when it comes again.
    pub id: String,
    /// When it was signed, in seconds since 1970.
    pub at: i64,
    /// What it says.
    pub body: Value,
}

#[derive(Default)]
struct Books {
    shared: Shared,
    secret: Mutex<String>,
    how: Mutex<Option<Receiving>>,
    asked: Mutex<usize>,
    received: Mutex<Vec<Received>>,
}

/// A stand-in for a creator's server.
pub struct WebhookReceiver {
    /// Where it is told.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

impl WebhookReceiver {
    /// Starts one.
    pub async fn start() -> WebhookReceiver {
        let books = Arc::<Books>::default();
        let state = books.clone();
        let (url, serving) = serve(|_| Router::new().route("/hook", post(receive)).with_state(state)).await;
        WebhookReceiver { url: format!("{url}/hook"), books, _serving: serving }
    }

    /// Verifies by a secret, `whsec_…`, from now on.
    pub fn knows(&self, secret: &str) {
        secret.clone_into(&mut self.books.secret.lock().unwrap());
    }

    /// Goes wrong from now on; or not.
    pub fn set(&self, how: Option<Receiving>) {
        *self.books.how.lock().unwrap() = how;
    }

    /// What arrived.
    pub fn received(&self) -> Vec<Received> {
        self.books.received.lock().unwrap().clone()
    }

    /// How often something was sent, whatever became of it.
    pub fn asked(&self) -> usize {
        *self.books.asked.lock().unwrap()
    }

    /// What was sent that should not have been.
    pub fn complaints(&self) -> Vec<String> {
        self.books.shared.complaints()
    }
}

async fn receive(State(books): State<Arc<Books>>, headers: HeaderMap, body: Bytes) -> Response {
    *books.asked.lock().unwrap() += 1;
    let received = books.verified(&headers, &body);
    let how = books.how.lock().unwrap().clone();
    match how {
        Some(Receiving::Answers(status)) => return StatusCode::from_u16(status).unwrap().into_response(),
        Some(Receiving::Redirects(to)) => {
            return (StatusCode::TEMPORARY_REDIRECT, [("location", to)]).into_response();
        }
        Some(Receiving::Hangs) => std::future::pending().await,
        Some(Receiving::ForEver) => {
            let bits = futures_of_bits();
            return axum::body::Body::from_stream(bits).into_response();
        }
        None => {}
    }
    let Some(received) = received else { return StatusCode::BAD_REQUEST.into_response() };
    books.received.lock().unwrap().push(received);
    StatusCode::NO_CONTENT.into_response()
}

/// A bit every few milliseconds.
fn futures_of_bits() -> impl futures::Stream<Item = Result<Bytes, std::io::Error>> {
    futures::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Some((Ok(Bytes::from_static(b".")), ()))
    })
}

impl Books {
    /// What was sent, when it is signed as it should be.
    fn verified(&self, headers: &HeaderMap, body: &[u8]) -> Option<Received> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
        let secret = self.secret.lock().unwrap().clone();
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let message = [format!("{id}.{at}.").as_bytes(), body].concat();
        let signed = header("webhook-signature")
            .split(' ')
            .filter_map(|one| one.strip_prefix("v1,"))
            .any(|one| BASE64_STANDARD.decode(one).is_ok_and(|one| hmac::verify(&key, &message, &one).is_ok()));
        let body = serde_json::from_slice(body).ok();
        let good = self.shared.expect(signed, "a signature that is wrong")
            & self.shared.expect(id.starts_with("msg_"), "no id")
            & self.shared.expect(body.is_some(), "no JSON");
        let (body, at) = (body?, at.parse().ok()?);
        good.then(|| Received { id: id.to_owned(), at, body })
    }
}
