//! The site on a home screen, and while the network is away: its manifest, the one page that is shown then, and the service worker
//! that keeps that page (`worker.js`).
//!
//! The page is made once, at the start, of our own words and the style sheet: there is nothing of anybody in it. The worker names
//! what the page is made of, so that another build's page comes with another worker, which browsers take over by themselves.

use crate::AppState;
use app::{paths, texts::Lang};
use axum::{
    extract::{Query, State},
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

/// The worker, without what it is told from others by.
const WORKER: &str = include_str!("worker.js");
/// Where it stands in the worker by what one is told from others.
pub const VERSION: &str = "{version}";
/// Has the browser look again as soon as it can.
const AGAIN: &str = r#"addEventListener("online", () => location.reload())"#;
/// Asked for each time: who has an older one is given the newer.
const LOOK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
/// As `--paper` in `style/tokens.css`, light.
const PAPER: &str = "#faf8f4";

/// What is shown while the network is away.
pub struct Offline {
    page: Bytes,
    policy: HeaderValue,
    worker: Bytes,
}

impl Offline {
    /// With all rules of the style sheet.
    pub fn new(sheet: &str) -> Offline {
        let hash = engine::ids::hash(&[page(sheet, "").as_bytes()]);
        let version: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        // The same for everybody, and so is the page: nobody else's words are in it.
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{version}'; script-src 'nonce-{version}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        );
        Offline {
            page: page(sheet, &version).into(),
            policy: HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'")),
            worker: WORKER.replace(VERSION, &version).into(),
        }
    }

    /// The service worker that keeps the page.
    pub fn worker(&self) -> &[u8] {
        &self.worker
    }
}

/// The page in every language: the worker keeps one, whoever reads it.
fn page(sheet: &str, nonce: &str) -> String {
    let in_language = |(i, t): (usize, Lang)| {
        let heading = if i == 0 { "h1" } else { "h2" };
        format!(
            "<section class=\"empty\" lang=\"{}\"><{heading}>{}</{heading}><p>{}</p><a class=\"btn\" href=\"\">{}</a></section>",
            t.code(),
            t.offline(),
            t.offline_hint(),
            t.try_again(),
        )
    };
    let sections: String = Lang::ALL.into_iter().enumerate().map(in_language).collect();
    let t = Lang::default();
    format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{} · {}</title><style nonce=\"{nonce}\">{sheet}</style></head>\
         <body><main id=\"content\">{sections}</main><script nonce=\"{nonce}\">{AGAIN}</script></body></html>",
        t.code(),
        t.offline(),
        t.site(),
    )
}

/// The page for while the network is away.
pub async fn offline(State(state): State<AppState>) -> Response {
    let policy = (header::CONTENT_SECURITY_POLICY, state.offline.policy.clone());
    let unlisted = (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    ([(header::CACHE_CONTROL, LOOK_AGAIN), policy, unlisted], Html(state.offline.page.clone())).into_response()
}

/// The service worker.
pub async fn worker(State(state): State<AppState>) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    ([(header::CACHE_CONTROL, LOOK_AGAIN), kind], state.offline.worker.clone()).into_response()
}

/// How a manifest is asked for.
#[derive(Deserialize)]
pub struct ManifestQuery {
    /// The code of a language; Korean when it is none of ours.
    #[serde(default)]
    lang: String,
}

/// What a home screen has of the site (W3C Web Application Manifest).
pub async fn manifest(Query(asked): Query<ManifestQuery>) -> Response {
    let t = Lang::ALL.into_iter().find(|lang| lang.code() == asked.lang).unwrap_or_default();
    let icon = |src: &str, sizes: &str, kind: &str, purpose: &str| json!({ "src": src, "sizes": sizes, "type": kind, "purpose": purpose });
    let shortcut = |name: &str, url: &str| json!({ "name": name, "url": url });
    let manifest = json!({
        "id": paths::HOME,
        "start_url": paths::HOME,
        "scope": paths::HOME,
        "lang": t.code(),
        "name": t.installed_name(),
        "short_name": t.site(),
        "description": t.tagline(),
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": [
            icon("/favicon.svg", "any", "image/svg+xml", "any"),
            icon("/icons/192.png", "192x192", "image/png", "any"),
            icon("/icons/512.png", "512x512", "image/png", "any"),
            icon("/icons/maskable.svg", "any", "image/svg+xml", "maskable"),
            icon("/icons/maskable-512.png", "512x512", "image/png", "maskable"),
        ],
        "shortcuts": [
            shortcut(t.deals(), paths::DEALS),
            shortcut(t.tickets(), paths::TICKETS),
            shortcut(t.parties(), paths::PARTIES),
        ],
    });
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/manifest+json"));
    ([(header::CACHE_CONTROL, LOOK_AGAIN), kind], manifest.to_string()).into_response()
}
