//! Pages that lead to where a payment is approved: away to a provider's own site, or to the window that its script opens here.
//!
//! They are no pages of the application: none of its code is on them. The window's page lets in whatever PortOne's script brings, which
//! no other page does.

use crate::{
    AppState, cookies, middleware, pages,
    reply::{self, Refusal},
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};
use engine::{accounts::Actor, payments::way_back};
use model::{Error, PaymentError, PaymentId};
use serde::Deserialize;

/// Nothing but our style sheet.
const PLAIN: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Opens the window, and leads back when it says at once what came of it: it leads back itself otherwise.
const OPEN: &str = r#"
const by = id => document.getElementById(id), request = JSON.parse(by("request").textContent);
async function open() {
    by("open").disabled = true;
    by("failed").hidden = true;
    try {
        const said = await PortOne.requestPayment(request);
        if (said && said.code === undefined) {
            const back = new URL(request.redirectUrl);
            for (const name of ["paymentId", "paymentToken"]) if (said[name]) back.searchParams.set(name, said[name]);
            location.replace(back);
            return;
        }
    } catch {}
    by("failed").hidden = false;
    by("open").disabled = false;
}
by("unscripted").hidden = true;
by("opening").hidden = false;
by("open").addEventListener("click", open);
open();
"#;

/// Text in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn page(headers: &HeaderMap, policy: &str, title: &str, head: &str, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\" data-theme=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title} · 59초</title><link rel=\"stylesheet\" href=\"/pkg/fiftynine.css\">{head}</head>\
         <body><main id=\"content\"><section class=\"empty\"><h1>{title}</h1>{body}</section></main></body></html>",
        pages::language(headers).code(),
        pages::theme(headers).name(),
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    middleware::protect(headers);
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

/// Leads to a provider's own site. Not by a redirect: that would be part of a form's way, which may not lead away from here.
///
/// # Errors
/// As [`engine::payments::Payments::leads_to`].
pub async fn go(
    State(state): State<AppState>,
    Path(id): Path<PaymentId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = Actor::of(cookies::session(&state, &headers).await?);
    let (here, phone) = state.engine.payments.leads_to(&actor, id).await?;
    let address = escaped(if is_phone(&headers) { &phone } else { &here });
    let t = pages::language(&headers);
    let head = format!("<meta http-equiv=\"refresh\" content=\"0; url={address}\">");
    let body = format!(
        "<p>{}</p><a class=\"btn go\" href=\"{address}\" rel=\"nofollow\">{}</a>",
        t.going_on_hint(),
        t.go_on()
    );
    Ok(page(&headers, PLAIN, t.going_on(), &head, &body))
}

/// Whether a browser says that it is a phone's: by the hint, else by the word that all of theirs have.
fn is_phone(headers: &HeaderMap) -> bool {
    let says = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    says("sec-ch-ua-mobile")
        .map_or_else(|| says("user-agent").is_some_and(|agent| agent.contains("Mobi")), |it| it == "?1")
}

/// Who comes to a window.
#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// The window that a provider's script opens.
///
/// # Errors
/// [`Error::NotFound`] for no such payment, another's token, and a provider without a window; the database may fail.
pub async fn window(
    State(state): State<AppState>,
    Path(id): Path<PaymentId>,
    Query(Token { token }): Query<Token>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let t = pages::language(&headers);
    let (window, title, amount) = match state.engine.payments.window(id, &token).await.map_err(engine::Error::public) {
        Ok(window) => window,
        // It was opened once more after it was over: by the way back it is seen what became of it.
        Err(Error::Payment(PaymentError::Over)) => {
            return Ok(reply::see_other(&way_back(id, &token), &[]));
        }
        Err(error) => return Err(error.into()),
    };
    let nonce = format!("{:032x}", u128::from_be_bytes(engine::ids::random()));
    // The companies behind PortOne are many, and none of them says which hosts it comes from: its script may bring others, and open
    // what is encrypted.
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; img-src 'self' https: data:; \
         font-src https: data:; connect-src https:; frame-src https:; form-action https:; base-uri 'none'; object-src 'none'; \
         frame-ancestors 'none'"
    );
    // Nothing in it ends the element that it stands in.
    let request = window.request.to_string().replace('<', "\\u003c");
    let head = format!("<script nonce=\"{nonce}\" src=\"{}\"></script>", escaped(&window.script));
    let body = format!(
        "<p>{}</p><p class=\"amount\"><b>{}</b></p><p id=\"opening\" role=\"status\" hidden>{}</p><p id=\"failed\" class=\"banner bad\" role=\"alert\" hidden>{}</p>\
         <button id=\"open\" class=\"btn go\" type=\"button\">{}</button><p id=\"unscripted\" class=\"banner bad\">{}</p>\
         <p><a href=\"{}\" rel=\"nofollow\">{}</a></p><script type=\"application/json\" id=\"request\" nonce=\"{nonce}\">{request}</script><script nonce=\"{nonce}\">{OPEN}</script>",
        escaped(&title),
        t.won_amount(amount.0 as u64),
        t.window_opening(),
        t.window_failed(),
        t.window_open(),
        t.window_needs_scripts(),
        escaped(&way_back(id, &token)),
        t.sandbox_back(),
    );
    let mut response = page(&headers, &policy, t.going_on(), &head, &body);
    // A window of its own finds its way back by the one that opened it.
    response.headers_mut().insert(middleware::OPENER, HeaderValue::from_static("same-origin-allow-popups"));
    Ok(response)
}

/// For whoever comes back on another device than the one they pay on.
pub fn over(headers: &HeaderMap, to: &str) -> Response {
    let lang = pages::language(headers);
    let body = format!(
        "<p>{}</p><a class=\"btn\" href=\"{}\">{}</a>",
        lang.sandbox_elsewhere(),
        escaped(reply::local_path(Some(to))),
        lang.sandbox_back()
    );
    page(headers, PLAIN, lang.paid_elsewhere(), "", &body)
}
