//! Coming back from a payment provider, its call-backs, and the code that leads a phone to it. Pages that lead to one are in
//! [`super::paying`].

use super::{paying, qr};
use crate::{
    AppState,
    cookies::{self, Address},
    pages,
    reply::{self, Refusal},
};
use axum::{
    body::Bytes,
    extract::{Path, Query, RawQuery, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::{accounts::Actor, payments::Call};
use model::{Error, PaymentId};
use serde::Deserialize;

/// Who comes back.
#[derive(Deserialize)]
pub struct Token {
    #[serde(default)]
    token: String,
}

/// The customer comes back, by which the payment goes on, once: few pages change anything by being looked at. The payment's token is asked for, and
/// nobody needs to be signed in: the browser of a phone may be another than the one that paid.
///
/// # Errors
/// [`Error::NotFound`] for no such payment, or another's token; the database may fail.
pub async fn back(
    State(state): State<AppState>,
    Path(id): Path<PaymentId>,
    Query(Token { token }): Query<Token>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // Whoever only asks about a page changes nothing.
    if method != Method::GET {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let to = state.engine.payments.returned(id, &token, query.as_deref().unwrap_or_default()).await?;
    // A phone that read the code of another screen is not signed in: there is nothing for it to go on to. (The sandbox has pages
    // of its own for that.)
    if cookies::session(&state, &headers).await?.is_none() && state.engine.payments.is_beside(id).await? {
        return Ok(paying::over(&headers, &to));
    }
    Ok(reply::see_other(reply::local_path(Some(&to)), &[]))
}

/// A provider says that something became of a payment, in a call-back that it signed.
///
/// # Errors
/// [`Error::NotFound`] where that provider takes nothing; [`Error::Forbidden`] for what it did not send, or not lately; the
/// database may fail.
pub async fn called_back(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Error::Forbidden);
    let (id, timestamp, signature) =
        (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
    let call = Call { id, timestamp, signature, body: &body };
    state.engine.payments.called_back(&provider, &call).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody says that something became of a payment. Nothing of it is read or believed, and nothing is told of it.
///
/// # Errors
/// When the database fails.
pub async fn notify(
    State(state): State<AppState>,
    Path(id): Path<PaymentId>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    match state.engine.payments.notified(id).await.map_err(engine::Error::public) {
        // Nor is it told that there is none: it counts, as what is not found does (`middleware::find`).
        Err(Error::NotFound) => {
            let who = cookies::searcher(&state, &headers, address).await?;
            state.engine.limits.links(who).nothing(state.engine.clock.now());
        }
        noted => noted?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Where a payment is approved, as a QR code for the phone of whoever pays.
///
/// # Errors
/// As [`engine::payments::Payments::elsewhere`].
pub async fn code(
    State(state): State<AppState>,
    Path(id): Path<PaymentId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = Actor::of(cookies::session(&state, &headers).await?);
    let address = state.engine.payments.elsewhere(&actor, id).await?;
    let address = if address.starts_with('/') { pages::origin(&state, &headers) + &address } else { address };
    let mut code = qr::as_svg(&address)?;
    code.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(code)
}
