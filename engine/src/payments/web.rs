//! Calls to a provider over HTTP, within limits of time and size, and what came of them.

use reqwest::{Client, Method, StatusCode, Url, header::HeaderValue, redirect::Policy};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

const CONNECTS_WITHIN: Duration = Duration::from_secs(3);
/// Less than a call of ours may take, see [`super::CALL_WITHIN`].
const ANSWERS_WITHIN: Duration = Duration::from_secs(15);
/// More bytes are no answer about one payment.
const LONGEST: usize = 256 << 10;

/// A provider's address, with the key that opens it.
pub(super) struct Web {
    client: Client,
    base: Url,
    key: HeaderValue,
}

/// What a provider said.
pub(super) enum Reply<T> {
    /// What was asked for.
    Said(T),
    /// No, by its status and its code for why.
    Refused(StatusCode, String),
    /// Nothing that can be relied on: why, without anything that is secret.
    Unheard(String),
}

impl<T> Reply<T> {
    /// Whether the keys were refused: then the same call works once they are mended.
    pub fn is_about_keys(&self) -> bool {
        matches!(self, Reply::Refused(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _))
    }

    /// Why nothing is known, for the log.
    pub fn why(&self) -> String {
        match self {
            Reply::Said(_) => "it says something else than was asked".to_owned(),
            Reply::Refused(status, code) => format!("{status} {code}"),
            Reply::Unheard(why) => why.clone(),
        }
    }
}

impl Web {
    /// A provider at an address, opened by the value of the header `authorization`.
    ///
    /// # Errors
    /// For what is no address, or cannot be a key.
    pub fn new(base: &str, authorization: &str) -> Result<Web, String> {
        crate::tls::prepare();
        let base: Url = base.parse().map_err(|_| format!("{base} is no address"))?;
        if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
            return Err(format!("{base} is no address of a web server"));
        }
        let mut key = HeaderValue::from_str(authorization).map_err(|_| "its key has characters that no key has")?;
        key.set_sensitive(true);
        let client = Client::builder().connect_timeout(CONNECTS_WITHIN).timeout(ANSWERS_WITHIN);
        let client = client.redirect(Policy::none()).build().map_err(|error| error.to_string())?;
        Ok(Web { client, base, key })
    }

    /// Calls what is at a path, with parts of an address that are escaped, and a body.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Reply<T> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => {
                segments.pop_if_empty().extend(path);
            }
            Err(()) => return Reply::Unheard("no address".to_owned()),
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.request(method, url).header("authorization", self.key.clone());
        let request = body.into_iter().fold(request, reqwest::RequestBuilder::json);
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Reply::Unheard(error.without_url().to_string()),
        };
        let (status, mut bytes) = (answer.status(), Vec::new());
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > LONGEST => {
                    return Reply::Unheard("too long an answer".to_owned());
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Reply::Unheard(error.without_url().to_string()),
            }
        }
        if status.is_success() {
            return match serde_json::from_slice(&bytes) {
                Ok(said) => Reply::Said(said),
                Err(_) => Reply::Unheard("an answer that is none".to_owned()),
            };
        }
        let passes = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
        if status.is_client_error() && !passes {
            Reply::Refused(status, code(&bytes))
        } else {
            Reply::Unheard(format!("{status} {}", code(&bytes)))
        }
    }
}

/// The code in an error's body: `error_code` of the one, `type` of the other. Its words may name somebody and are left out.
fn code(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body.get("type").or_else(|| body.get("error_code"));
    let code = code.map(|code| code.as_str().map_or_else(|| code.to_string(), str::to_owned)).unwrap_or_default();
    code.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).take(60).collect()
}
