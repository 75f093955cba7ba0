//! Signing up and in: plain forms at addresses that programs know as well.

use crate::{
    AppState, changes, cookies,
    cookies::Address,
    pages::{self, Afterwards},
    reply,
};
use axum::{
    Form,
    extract::{Request, State},
    http::{HeaderMap, Uri, header},
    response::Response,
};
use engine::accounts::{Browser, SessionToken, SignUp};
use serde::Deserialize;

/// The sign-up form.
#[derive(Deserialize)]
pub struct SignUpForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    nickname: String,
    terms: Option<String>,
    adult: Option<String>,
    marketing: Option<String>,
    next: Option<String>,
}

/// Makes an account and signs it in.
pub async fn sign_up(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<SignUpForm>,
) -> Response {
    let wanted = SignUp {
        email: form.email.clone(),
        password: form.password,
        nickname: form.nickname.clone(),
        terms: form.terms.is_some(),
        adult: form.adult.is_some(),
        marketing: form.marketing.is_some(),
    };
    match state.engine.accounts.sign_up(wanted, device(&headers), address).await {
        // By way of the sign-in, which leads on whoever is signed in: an email that had an account is answered alike.
        Ok(token) => {
            let next = reply::local_path(form.next.as_deref());
            let to = format!("{}&{}=yes", app::paths::sign_in(next), app::paths::JOINED);
            signed_in(&state, &headers, token, Some(&to)).await
        }
        Err(error) => {
            let mut typed = vec![("email".to_owned(), form.email), ("nickname".to_owned(), form.nickname)];
            for (name, ticked) in [("terms", form.terms), ("adult", form.adult), ("marketing", form.marketing)] {
                typed.extend(ticked.map(|value| (name.to_owned(), value)));
            }
            typed.extend(form.next.map(|next| ("next".to_owned(), next)));
            pages::refused_form(&state, &headers, address, app::paths::SIGN_UP, error.public(), typed, None).await
        }
    }
}

/// Shows the sign-in; whoever comes from the sign-up and is signed in goes on.
pub async fn sign_in_page(State(state): State<AppState>, request: Request) -> Response {
    let joined = changes::query(request.uri(), app::paths::JOINED).is_some();
    let next = changes::query(request.uri(), "next");
    if joined && let Ok(Some(_)) = cookies::session(&state, request.headers()).await {
        return reply::see_other(reply::local_path(next.as_deref()), &[]);
    }
    pages::page(State(state), request).await
}

/// The sign-in form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
    /// Where a form goes on to that was sent before its sender was signed in.
    to: Option<String>,
    /// What was typed into it.
    carried: Option<String>,
}

/// Signs in.
pub async fn sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    let carried = form.to.zip(form.carried).map(|(to, typed)| {
        let typed = serde_json::from_str(&typed).unwrap_or_default();
        changes::carried(reply::local_path(Some(&to)).to_owned(), typed)
    });
    let browser = Browser { device: device(&headers), visitor: cookies::read(&headers, "visitor"), address };
    match state.engine.accounts.sign_in(&form.email, &form.password, browser).await {
        Ok(token) if carried.is_some() => {
            let mut answer = signed_in(&state, &headers, token, None).await;
            let uri = Uri::from_static(app::paths::SIGN_IN);
            let afterwards = Afterwards { carried, token: Some(token), refused: None };
            let mut page = pages::again(&state, &headers, address, uri, None, afterwards).await;
            for cookie in answer.headers_mut().get_all(header::SET_COOKIE) {
                page.headers_mut().append(header::SET_COOKIE, cookie.clone());
            }
            page
        }
        Ok(token) => signed_in(&state, &headers, token, form.next.as_deref()).await,
        Err(error) => {
            let mut typed = vec![("email".to_owned(), form.email)];
            typed.extend(form.next.map(|next| ("next".to_owned(), next)));
            pages::refused_form(&state, &headers, address, app::paths::SIGN_IN, error.public(), typed, carried).await
        }
    }
}

/// Goes on, signed in: by another session than the one that the browser had, which ends.
pub async fn signed_in(state: &AppState, headers: &HeaderMap, token: SessionToken, next: Option<&str>) -> Response {
    let accounts = &state.engine.accounts;
    if let Some(visitor) = cookies::read(headers, "visitor")
        && let Ok(Some(session)) = accounts.sessions.of(&token).await
        && let Err(error) = accounts.seen_on(session.member, visitor).await
    {
        tracing::warn!(%error, "a device could not be noted");
    }
    if let Some(before) = cookies::token(state, headers)
        && before.to_string() != token.to_string()
        && let Err(error) = accounts.sessions.end(&before).await
    {
        tracing::warn!(%error, "the session before could not be ended");
    }
    let cookie = cookies::write(state, cookies::session_name(state), &token.to_string());
    reply::see_other(reply::local_path(next), &[cookie])
}

/// What the browser calls itself, for the list of signed-in devices.
pub(super) fn device(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("?")
}
