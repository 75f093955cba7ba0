//! Answers: errors as JSON with their status, redirects after forms.

use app::page;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use model::{Error, wire};
use serde::Serialize;

/// An error as the answer of a request that wants no page.
#[derive(Debug)]
pub struct Refusal(pub Error);

impl From<engine::Error> for Refusal {
    fn from(error: engine::Error) -> Self {
        Refusal(error.public())
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Refusal(error)
    }
}

/// The HTTP status of an error.
pub fn status(error: &Error) -> StatusCode {
    StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Says when to try again, for errors that pass.
pub fn retry_after(error: &Error, response: &mut Response) {
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = json(status(&self.0), &self.0);
        retry_after(&self.0, &mut response);
        response
    }
}

/// An error as the answer to a change, in the form that was asked for: bytes where our own code sent it, else JSON.
pub fn refusal(ours: bool, error: Error) -> Response {
    let bytes = ours.then(|| wire::encode(&Err::<Option<&str>, &Error>(&error)));
    let answer = Refusal(error).into_response();
    match bytes {
        Some(bytes) => in_wire(answer, bytes),
        None => answer,
    }
}

/// The same answer to a change for our own code, in bytes: where to go on, or why not.
pub fn in_wire(answer: Response, bytes: Vec<u8>) -> Response {
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(wire::KIND));
    Response::from_parts(parts, Body::from(bytes))
}

/// A value as JSON. What is answered to every click: one buffer, no growing.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(192);
    if let Err(error) = serde_json::to_writer(&mut bytes, value) {
        tracing::error!(%error, "an answer cannot be written as JSON");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    json_bytes(status, bytes)
}

/// JSON that is written already.
pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Whoever asked is meant: their entry, or why they are refused.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// What was read, in the form that the sender asks for: our own code's, else JSON.
pub fn read(headers: &HeaderMap, value: &impl Serialize) -> Response {
    let mut response = match wants_wire(headers, page::KIND) {
        Some(true) => wired(StatusCode::OK, wire::encode(value)),
        Some(false) => StatusCode::NOT_ACCEPTABLE.into_response(),
        None => json(StatusCode::OK, value),
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// Bytes that our own code reads.
pub fn wired(status: StatusCode, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(page::KIND));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // As of JSON: it may say where somebody lives, and so does the address that it was read from.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// 303 to `to`, setting cookies on the way.
pub fn see_other(to: &str, cookies: &[String]) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    let location = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, location);
    // It may carry a session.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    for cookie in cookies {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    response
}

/// Whether the sender names JSON as what it wants; browsers' forms do not.
pub fn wants_json(headers: &HeaderMap) -> bool {
    accepts(headers, "application/json")
}

/// Whether the sender is our own code, which names the kind of bytes that it understands: `false` when it is of another version,
/// which would misread us.
pub fn wants_wire(headers: &HeaderMap, kind: &str) -> Option<bool> {
    /// What the names of all versions begin with.
    const ANY: &str = "application/x-fiftynine-";
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok())?;
    accept.starts_with(ANY).then_some(accept == kind)
}

/// Whether our own code sent a change, and reads bytes.
pub fn sent_by_ours(headers: &HeaderMap) -> bool {
    wants_wire(headers, wire::KIND) == Some(true)
}

/// Whether the sender accepts pages.
pub fn wants_html(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains(kind))
}

/// A path on this site to go on to after a form; anything else is `/`.
pub fn local_path(path: Option<&str>) -> &str {
    match path {
        Some(path)
            if path.starts_with('/')
                && !path.starts_with("//")
                && !path.contains('\\')
                && path.bytes().all(|byte| byte.is_ascii_graphic())
                && path.len() < 500 =>
        {
            path
        }
        _ => "/",
    }
}
