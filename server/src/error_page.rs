//! What a browser is shown when something went wrong before any page could be made: never a program's answer.

use crate::{pages, reply};
use app::{boot::Theme, texts::Lang};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use model::Error;

/// Puts a page in the place of an error that has none, where a page was asked for.
pub async fn instead_of_json(request: Request, next: Next) -> Response {
    let wants_page = reply::wants_html(request.headers());
    let (lang, theme) = (pages::language(request.headers()), pages::theme(request.headers()));
    let answer = next.run(request).await;
    if wants_page { page(lang, theme, answer) } else { answer }
}

/// The same answer, as a page when it is an error that has none.
pub fn page(lang: Lang, theme: Theme, answer: Response) -> Response {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let failed = answer.status().is_client_error() || answer.status().is_server_error();
    if !failed || kind.starts_with("text/html") {
        return answer;
    }
    let (mut parts, _) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let policy = HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'");
    parts.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let again = parts.headers.get(header::RETRY_AFTER).and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    let (title, hint) = words(lang, parts.status.as_u16(), again);
    let page = format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · 59초</title><link rel=\"stylesheet\" href=\"/pkg/fiftynine.css\"></head>\
         <body><main id=\"content\"><section class=\"empty\" role=\"alert\"><h1>{title}</h1><p>{hint}</p>\
         <a class=\"btn\" href=\"/\">{}</a></section></main></body></html>",
        lang.code(),
        theme.name(),
        lang.go_home(),
    );
    Response::from_parts(parts, Body::from(page))
}

/// What happened and what to do, in our own words alone: nothing that was sent is repeated.
fn words(lang: Lang, status: u16, again: Option<u64>) -> (&'static str, String) {
    match status {
        404 | 405 => (lang.not_found(), lang.not_found_hint().to_owned()),
        401 => (lang.went_wrong(), lang.error(&Error::SignedOut)),
        403 => (lang.went_wrong(), lang.error(&Error::Forbidden)),
        408 => (lang.went_wrong(), lang.error(&Error::TooSlow)),
        413 => (lang.went_wrong(), lang.error(&Error::TooLarge)),
        400 | 415 | 422 => (lang.went_wrong(), lang.error(&Error::Malformed)),
        503 => (lang.too_busy(), lang.too_busy_hint().to_owned()),
        _ => match again.filter(|_| status == 429) {
            Some(retry_after) => (lang.went_wrong(), lang.error(&Error::TooMany { retry_after })),
            None => (lang.went_wrong(), lang.went_wrong_hint().to_owned()),
        },
    }
}
