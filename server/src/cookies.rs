//! Cookies: who is signed in, which visitor this is, language and theme.

use crate::AppState;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
};
use engine::{
    accounts::{Session, SessionToken},
    limits::Searcher,
};
use model::Error;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

/// A month, in seconds: as long as a session.
const MONTH: u32 = 30 * 24 * 3600;

/// The cookie that somebody waits by who came from Kakao, until they say who they are here.
pub const NEWCOMER: &str = "newcomer";

/// What is shown on the page that follows, and on no other one.
pub const ONCE: &str = "once";

/// The value of a cookie.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim_start().strip_prefix(name)?.strip_prefix('='))
}

/// `Set-Cookie` for a cookie that scripts cannot read.
pub fn write(state: &AppState, name: &str, value: &str) -> String {
    write_for(state, name, value, MONTH)
}

/// The same for so many seconds.
pub fn write_for(state: &AppState, name: &str, value: &str, seconds: u32) -> String {
    let secure = if state.config.secure() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// `Set-Cookie` that takes a cookie away.
pub fn erase(state: &AppState, name: &str) -> String {
    let secure = if state.config.secure() { "; Secure" } else { "" };
    format!("{name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}")
}

/// The session cookie's name: over https the browser itself guards it against other hosts and plain http.
pub fn session_name(state: &AppState) -> &'static str {
    if state.config.secure() { "__Host-session" } else { "session" }
}

/// The name of another cookie that is guarded in the same way.
pub fn guarded(state: &AppState, name: &str) -> String {
    if state.config.secure() { format!("__Host-{name}") } else { name.to_owned() }
}

/// What a sign-in by Kakao left in the browser of somebody who is nobody here yet.
pub fn newcomer<'h>(state: &AppState, headers: &'h HeaderMap) -> Option<&'h str> {
    read(headers, &guarded(state, NEWCOMER))
}

/// The name of the cookie that has the seal of a token that an older program gave out.
pub fn seal_name(state: &AppState) -> &'static str {
    if state.config.secure() { "__Host-session-seal" } else { "session-seal" }
}

/// The token a request carries.
pub fn token(state: &AppState, headers: &HeaderMap) -> Option<SessionToken> {
    let token: SessionToken = read(headers, session_name(state))?.parse().ok()?;
    Some(token.with_seal(read(headers, seal_name(state))))
}

/// Who sends a request, when anybody is signed in. A forged or expired cookie is nobody.
///
/// # Errors
/// As [`session_of`].
pub async fn session(state: &AppState, headers: &HeaderMap) -> Result<Option<Arc<Session>>, Error> {
    session_of(state, token(state, headers)).await
}

/// Who holds a token, when anybody does.
///
/// # Errors
/// [`Error::Busy`] or [`Error::Internal`] when the database fails.
pub async fn session_of(state: &AppState, token: Option<SessionToken>) -> Result<Option<Arc<Session>>, Error> {
    match token {
        Some(token) => state.engine.accounts.sessions.of(&token).await.map_err(engine::Error::public),
        None => Ok(None),
    }
}

/// Who does something that only some may: as the database says now.
///
/// # Errors
/// As [`session_of`].
pub async fn session_now(state: &AppState, token: Option<SessionToken>) -> Result<Option<Arc<Session>>, Error> {
    match token {
        Some(token) => state.engine.accounts.sessions.fresh(&token).await.map_err(engine::Error::public),
        None => Ok(None),
    }
}

/// The person behind a request for counting heads: the member, else the visitor's cookie, else whoever shares the address.
pub fn person(session: Option<&Session>, headers: &HeaderMap, address: IpAddr) -> model::live::Person {
    let anonymous = |parts: &[&[u8]]| u128::from_be_bytes(*engine::ids::hash(parts).first_chunk().unwrap_or(&[0; 16]));
    match (session, read(headers, "visitor")) {
        (Some(session), _) => session.member.0.as_u128(),
        (None, Some(visitor)) => anonymous(&[b"visitor", visitor.as_bytes()]),
        (None, None) => anonymous(&[b"address", engine::limits::network(address, 64).to_string().as_bytes()]),
    }
}

/// The address that limits count: of the client, as far as the trusted proxies tell.
pub struct Address(pub IpAddr);

impl FromRequestParts<AppState> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Address(address(state, &parts.headers, &parts.extensions)))
    }
}

/// The same of a request that was not taken apart.
pub fn address(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    address_past(state, headers, peer)
}

/// The same where it is known who is connected.
pub fn address_past(state: &AppState, headers: &HeaderMap, peer: Option<IpAddr>) -> IpAddr {
    let told = forwarded(headers, state.config.trusted_proxies);
    engine::limits::network(told.or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), 128)
}

/// What proxies say by it who spoke to them.
pub const FORWARDED_FOR: &str = "x-forwarded-for";

/// How many proxies say that they passed a request on.
pub fn forwarded_times(headers: &HeaderMap) -> usize {
    let lines = headers.get_all(FORWARDED_FOR).iter();
    lines.map(|line| line.as_bytes().split(|byte| *byte == b',').count()).sum()
}

/// Who spoke to the first of so many proxies. Each appends who spoke to it: the last ones are ours, and what stands before them
/// anybody can write, whatever bytes they like.
pub fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let lines: Vec<&[u8]> = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes).collect();
    let mut from_the_right = lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
    let told = from_the_right.nth(proxies.checked_sub(1)?)?;
    str::from_utf8(told.trim_ascii()).ok()?.parse().ok()
}

/// Who looks for something, as limits count them: the member, else whoever is at the address.
///
/// # Errors
/// As [`session_of`].
pub async fn searcher(state: &AppState, headers: &HeaderMap, address: IpAddr) -> Result<Searcher, Error> {
    let session = session(state, headers).await?;
    Ok(session.map_or(Searcher::Address(address), |session| Searcher::Member(session.member)))
}

/// The same as far as it is in memory: whoever is not known there is somebody at the address, and no database is asked.
pub fn known(state: &AppState, headers: &HeaderMap, address: IpAddr) -> Searcher {
    let member = token(state, headers).and_then(|token| state.engine.accounts.sessions.known(&token));
    member.map_or(Searcher::Address(address), Searcher::Member)
}

/// The signed-in member; handlers that take it answer 401 to everybody else.
pub struct SignedIn(pub Arc<Session>);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = crate::reply::Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let session = session(state, &parts.headers).await.map_err(crate::reply::Refusal)?;
        session.map(SignedIn).ok_or(crate::reply::Refusal(Error::SignedOut))
    }
}
