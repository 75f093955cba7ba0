//! Signing in by Kakao: setting out, coming back, and the two forms of whoever is nobody here yet. By redirects alone, which every
//! messenger's built-in browser follows.

use super::accounts::{device, signed_in};
use crate::{
    AppState, cookies,
    cookies::Address,
    pages,
    reply::{self, Refusal},
};
use app::paths;
use axum::{
    Form,
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::accounts::{Actor, Arrival, Browser, CameBack, KakaoSignUp, SessionToken};
use model::{Error, ways::KakaoFailure};
use serde::Deserialize;

/// The cookie of whoever is on their way.
const TRIP: &str = "kakao";
/// For how many seconds browsers keep it, and that of newcomers; what it says is over after that as well.
const TRIP_KEPT: u32 = 10 * 60;
const NEWCOMER_KEPT: u32 = 15 * 60;

/// Where to go on.
#[derive(Deserialize)]
pub struct Next {
    next: Option<String>,
}

/// Leads to Kakao, to sign in.
pub async fn set_out(State(state): State<AppState>, Query(Next { next }): Query<Next>) -> Result<Response, Refusal> {
    let next = reply::local_path(next.as_deref());
    let out = state.engine.accounts.set_out(next).await?;
    Ok(led(&state, out, &paths::kakao_failed(next, KakaoFailure::Away)))
}

/// Leads to Kakao, to connect it with the account of whoever asks.
pub async fn set_out_to_connect(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    let actor = member(&state, &headers).await?;
    let out = state.engine.accounts.set_out_to_connect(&actor, paths::ACCOUNT).await?;
    Ok(led(&state, out, &paths::kakao_failed_for(paths::ACCOUNT, KakaoFailure::Away)))
}

/// Leads to Kakao, to show there that it is they who leave.
pub async fn set_out_to_leave(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, Refusal> {
    let actor = member(&state, &headers).await?;
    let out = state.engine.accounts.set_out_to_leave(&actor, paths::LEAVE).await?;
    Ok(led(&state, out, &paths::kakao_failed_for(paths::LEAVE, KakaoFailure::Away)))
}

/// Whoever sets out for their account, and from here: another site leads nobody to connect or leave anything.
async fn member(state: &AppState, headers: &HeaderMap) -> Result<Actor, Error> {
    let actor = Actor::of(cookies::session(state, headers).await?);
    actor.signed_in()?;
    let from = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if !matches!(from, None | Some(b"same-origin" | b"none")) {
        return Err(Error::Forbidden);
    }
    Ok(actor)
}

/// Away to the provider, or back to where it is said that it does not answer.
fn led(state: &AppState, out: Result<(String, String), KakaoFailure>, otherwise: &str) -> Response {
    match out {
        Ok((trip, address)) => {
            let cookie = cookies::write_for(state, &cookies::guarded(state, TRIP), &trip, TRIP_KEPT);
            reply::see_other(&address, &[cookie])
        }
        Err(_) => reply::see_other(otherwise, &[]),
    }
}

/// What Kakao leads back with.
#[derive(Deserialize)]
pub struct Returned {
    code: Option<String>,
    state: Option<String>,
}

/// Somebody comes back from Kakao. What the address says is worth nothing without the cookie that its browser set out with, and that
/// only once.
pub async fn back(
    State(state): State<AppState>,
    Address(address): Address,
    Query(returned): Query<Returned>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    // Whoever only asks about a page changes nothing.
    if method != Method::GET {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let actor = Actor::of(cookies::session(&state, &headers).await?);
    let trip = cookies::guarded(&state, TRIP);
    let came = CameBack {
        trip: cookies::read(&headers, &trip),
        code: returned.code.as_deref(),
        state: returned.state.as_deref(),
        device: device(&headers),
        address,
    };
    let arrived = state.engine.accounts.came_back(&actor, &came).await?;
    let over = cookies::erase(&state, &trip);
    let next = reply::local_path(Some(&arrived.next));
    Ok(match arrived.came_to {
        Ok(Arrival::SignedIn(token)) => with_cookie(signed_in(&state, &headers, token, Some(next)).await, &over),
        Ok(Arrival::Connected) => reply::see_other(next, &[over]),
        Ok(Arrival::Newcomer(token)) => reply::see_other(paths::KAKAO_JOIN, &[over, waits(&state, &token)]),
        Ok(Arrival::Waits(token)) => reply::see_other(next, &[over, waits(&state, &token)]),
        Err(why) if arrived.own => reply::see_other(&paths::kakao_failed_for(next, why), &[over]),
        Err(why) => reply::see_other(&paths::kakao_failed(next, why), &[over]),
    })
}

/// The cookie of whoever came back and is to say something first.
fn waits(state: &AppState, token: &str) -> String {
    cookies::write_for(state, &cookies::guarded(state, cookies::NEWCOMER), token, NEWCOMER_KEPT)
}

fn with_cookie(mut answer: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// Signs in whoever said who they are here.
async fn known(state: &AppState, headers: &HeaderMap, (token, next): (SessionToken, String)) -> Response {
    let over = cookies::erase(state, &cookies::guarded(state, cookies::NEWCOMER));
    with_cookie(signed_in(state, headers, token, Some(&next)).await, &over)
}

/// The account that a newcomer says is theirs.
#[derive(Deserialize)]
pub struct JoinForm {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// Connects Kakao with the account of a newcomer who has one, and signs them in.
pub async fn join(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<JoinForm>,
) -> Response {
    let newcomer = cookies::newcomer(&state, &headers);
    let browser = Browser { device: device(&headers), visitor: cookies::read(&headers, "visitor"), address };
    match state.engine.accounts.join_kakao(newcomer, &form.email, &form.password, browser).await {
        Ok(joined) => known(&state, &headers, joined).await,
        Err(error) => {
            let typed = vec![("email".to_owned(), form.email)];
            pages::refused_form(&state, &headers, address, paths::KAKAO_JOIN, error.public(), typed, None).await
        }
    }
}

/// What a newcomer signs up with.
#[derive(Deserialize)]
pub struct NewForm {
    #[serde(default)]
    nickname: String,
    terms: Option<String>,
    adult: Option<String>,
    marketing: Option<String>,
}

/// Makes an account of a newcomer, and signs it in.
pub async fn sign_up(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<NewForm>,
) -> Response {
    let newcomer = cookies::newcomer(&state, &headers);
    let wanted = KakaoSignUp {
        nickname: form.nickname.clone(),
        terms: form.terms.is_some(),
        adult: form.adult.is_some(),
        marketing: form.marketing.is_some(),
    };
    match state.engine.accounts.sign_up_by_kakao(newcomer, &wanted, device(&headers), address).await {
        Ok(made) => known(&state, &headers, made).await,
        Err(error) => {
            let mut typed = vec![("nickname".to_owned(), form.nickname)];
            for (name, ticked) in [("terms", form.terms), ("adult", form.adult), ("marketing", form.marketing)] {
                typed.extend(ticked.map(|value| (name.to_owned(), value)));
            }
            pages::refused_form(&state, &headers, address, paths::KAKAO_NEW, error.public(), typed, None).await
        }
    }
}
