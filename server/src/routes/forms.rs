//! Plain forms of accounts: they work before the browser's code has loaded, and without it.

use crate::{
    AppState, cookies,
    cookies::{Address, Anyone, SignedIn},
    pages,
    reply::{self, Refusal},
};
use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use engine::accounts::{Actor, SessionToken, SignUp};
use model::Mode;
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
        Ok(token) => signed_in(&state, &headers, token, form.next.as_deref()).await,
        Err(error) => {
            let mut typed = vec![("email".to_owned(), form.email), ("nickname".to_owned(), form.nickname)];
            for (name, ticked) in [("terms", form.terms), ("adult", form.adult), ("marketing", form.marketing)] {
                typed.extend(ticked.map(|value| (name.to_owned(), value)));
            }
            typed.extend(form.next.map(|next| ("next".to_owned(), next)));
            pages::refused_form(&state, &headers, "/sign-up", error.public(), typed).await
        }
    }
}

/// The sign-in form.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    next: Option<String>,
}

/// Signs in.
pub async fn sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Response {
    match state.engine.accounts.sign_in(&form.email, &form.password, device(&headers), address).await {
        Ok(token) => signed_in(&state, &headers, token, form.next.as_deref()).await,
        Err(error) => {
            let mut typed = vec![("email".to_owned(), form.email)];
            typed.extend(form.next.map(|next| ("next".to_owned(), next)));
            pages::refused_form(&state, &headers, "/sign-in", error.public(), typed).await
        }
    }
}

/// Goes on, signed in.
pub async fn signed_in(state: &AppState, headers: &HeaderMap, token: SessionToken, next: Option<&str>) -> Response {
    let members = &state.engine.accounts;
    if let Some(visitor) = cookies::read(headers, "visitor")
        && let Ok(Some(session)) = members.sessions.of(&token).await
        && let Err(error) = members.seen_on(session.member, visitor).await
    {
        tracing::warn!(%error, "a device could not be noted");
    }
    let cookie = cookies::write(state, cookies::session_name(state), &token.to_string());
    reply::see_other(reply::local_path(next), &[cookie])
}

/// Signs this device out.
pub async fn sign_out(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(token) = cookies::token(&state, &headers) {
        state.engine.accounts.sessions.end(&token).await?;
    }
    Ok(reply::see_other("/", &[cookies::erase(&state, cookies::session_name(&state))]))
}

/// The toggle in the header.
#[derive(Deserialize)]
pub struct ModeForm {
    mode: Mode,
    next: Option<String>,
}

/// Toggles shopper and creator; the first switch leads to the creator profile.
pub async fn mode(
    State(state): State<AppState>,
    Anyone(session): Anyone,
    Form(form): Form<ModeForm>,
) -> Result<Response, Refusal> {
    let Some(session) = session else {
        return Ok(reply::see_other("/sign-in?next=/creator", &[]));
    };
    if form.mode == Mode::Creator && !session.creator {
        return Ok(reply::see_other("/creator/profile", &[]));
    }
    state.engine.accounts.set_mode(&Actor::Member(session), form.mode).await?;
    Ok(match form.mode {
        Mode::Creator => reply::see_other("/creator", &[]),
        Mode::Shopper => reply::see_other(reply::local_path(form.next.as_deref()), &[]),
    })
}

/// Whether boards show the nickname masked: a box that is ticked or not.
#[derive(Deserialize)]
pub struct MaskedForm {
    masked: Option<String>,
}

/// Masks the member's nickname on boards, or shows it whole again.
pub async fn masked(
    State(state): State<AppState>,
    SignedIn(session): SignedIn,
    Form(form): Form<MaskedForm>,
) -> Result<Response, Refusal> {
    state.engine.naming.set_masked(&Actor::Member(session), form.masked.is_some()).await?;
    Ok(reply::see_other("/my", &[]))
}

/// Language and theme.
#[derive(Deserialize)]
pub struct PreferencesForm {
    language: Option<String>,
    theme: Option<String>,
    next: Option<String>,
}

/// Remembers language and theme in cookies.
pub async fn preferences(State(state): State<AppState>, Form(form): Form<PreferencesForm>) -> Response {
    let mut set = Vec::new();
    if let Some(language) = form.language.filter(|l| ["ko", "en"].contains(&l.as_str())) {
        set.push(cookies::write(&state, "language", &language));
    }
    if let Some(theme) = form.theme.filter(|t| ["system", "light", "dark"].contains(&t.as_str())) {
        set.push(cookies::write(&state, "theme", &theme));
    }
    reply::see_other(reply::local_path(form.next.as_deref()), &set)
}

/// What the browser calls itself, for the list of signed-in devices.
fn device(headers: &HeaderMap) -> &str {
    headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("?")
}
