//! What surrounds every request but the click: request ids in answers and logs, security headers, and how often somebody may look
//! for what is not there.

use crate::{AppState, cookies, reply::Refusal};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use model::EventId;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Which windows may know each other.
pub const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");
/// What the one page may that asks where somebody is.
const LOCATED: &str = "camera=(), microphone=(), geolocation=(self), payment=()";

/// What stands behind this in letters is for whom they were written to.
const LINKS: &str = "/mail/";
/// Here browsers come back from paying, and providers call.
const PAYMENTS: &str = "/payments/";
/// They call here: all from a few addresses, and nothing is looked for unless they signed it.
const CALL_BACKS: &str = "/payments/call-back/";

/// A path as logs have it.
pub fn logged(path: &str) -> &str {
    if path.starts_with(LINKS) { LINKS } else { path }
}

/// Gives the request an id that is in its answer and in everything logged meanwhile; sets headers that protect pages.
pub async fn surround(request: Request, next: Next) -> Response {
    let id = format!("{:032x}", u128::from_be_bytes(engine::ids::random()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", %id, %method, path = %logged(&path));
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let elapsed = started.elapsed();
    span.in_scope(|| {
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), elapsed_us = elapsed.as_micros() as u64, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), elapsed_us = elapsed.as_micros() as u64, "answered");
        }
    });
    metrics::counter!("http_requests_total", "status" => status.as_u16().to_string()).increment(1);
    metrics::histogram!("http_request_seconds").record(elapsed.as_secs_f64());
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    protect(headers);
    if path == app::paths::WHERE {
        headers.insert(PERMISSIONS, HeaderValue::from_static(LOCATED));
    }
    if [app::paths::NEW_PASSWORD, app::paths::EMAIL, app::paths::ADMIN_JOIN].contains(&path.as_str()) {
        // Its address lets whoever has it in: it is passed on to nothing that the page loads or leads to, and kept nowhere. What a form
        // says of where it comes from stays, unlike with `no-referrer`: forms of other sites are told by that.
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    }
    response
}

/// Whoever asks for many things that are not there is refused for a while: for events, whether for pages, data or pictures, for parties,
/// markets and creators, and for payments and what links in mails are for, whatever is done there. An event in memory everybody finds, and
/// whoever comes to a payment with what may be its token is counted apart, whatever others there look for: it lapses while they wait. Those
/// are told from strangers at their address by what is in memory: to come back must not wait for more.
pub async fn find(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let of_payments = path.starts_with(PAYMENTS) && !path.starts_with(CALL_BACKS);
    let by_link = of_payments || path.starts_with(LINKS);
    let asks_token = of_payments && (path.ends_with("/return") || path.ends_with("/window"));
    let has_token = asks_token && request.uri().query().is_some_and(engine::payments::has_token);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if !(by_link || reads && is_looked_for(&state, path)) {
        return next.run(request).await;
    }
    let address = cookies::address(&state, request.headers(), request.extensions());
    let (limits, clock) = (&state.engine.limits, &state.engine.clock);
    let searches = if has_token {
        limits.returns(cookies::known(&state, request.headers(), address))
    } else {
        match cookies::searcher(&state, request.headers(), address).await {
            Ok(who) if by_link => limits.links(who),
            Ok(who) => limits.searches(who),
            Err(error) => return Refusal(error).into_response(),
        }
    };
    if let Err(error) = searches.allowed(clock.now()) {
        return Refusal(error).into_response();
    }
    let answer = next.run(request).await;
    if answer.status() == StatusCode::NOT_FOUND {
        searches.nothing(clock.now());
    }
    answer
}

/// Whether a path leads to what is looked for by an id, in the database. Ids are all written alike; one that is written otherwise, with
/// letters that are encoded, is none that a page leads to, and may be one for all that.
fn is_looked_for(state: &AppState, path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let (Some(kind), Some(id)) = (parts.next(), parts.next()) else { return false };
    let is_encoded = id.contains('%');
    match (kind, id.parse::<EventId>()) {
        ("events", Ok(event)) => !state.engine.turnstile.knows(event),
        ("events", Err(_)) => is_encoded,
        ("parties" | "markets" | "creators", read) => is_encoded || read.is_ok(),
        _ => false,
    }
}

/// Headers that keep a page from being read as another type, framed, or named to other sites.
pub fn protect(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(PERMISSIONS, HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=()"));
    // A page may say of itself that windows which it opens know it.
    headers.entry(OPENER).or_insert(HeaderValue::from_static("same-origin"));
}
