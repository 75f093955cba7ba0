//! Cookies: who is signed in, which visitor this is, language and theme.

use crate::AppState;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use engine::accounts::{Session, SessionToken};
use model::Error;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

/// A month, in seconds: as long as a session.
const MONTH: u32 = 30 * 24 * 3600;

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

/// The token a request carries.
pub fn token(state: &AppState, headers: &HeaderMap) -> Option<SessionToken> {
    read(headers, session_name(state))?.parse().ok()
}

/// Who sends a request, when anybody is signed in. A forged or expired cookie is nobody.
pub async fn session(state: &AppState, headers: &HeaderMap) -> Result<Option<Arc<Session>>, Error> {
    session_of(state, token(state, headers)).await
}

/// Who holds a token, when anybody does.
pub async fn session_of(state: &AppState, token: Option<SessionToken>) -> Result<Option<Arc<Session>>, Error> {
    match token {
        Some(token) => state.engine.accounts.sessions.of(&token).await.map_err(engine::Error::public),
        None => Ok(None),
    }
}

/// Who does something that only some may: as the database says now.
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
        (None, None) => anonymous(&[b"address", address.to_string().as_bytes()]),
    }
}

/// The address that limits count: of the client, as far as the trusted proxies tell; of IPv6 the network of one customer.
pub struct Address(pub IpAddr);

impl FromRequestParts<AppState> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded: Vec<&str> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        // Each proxy appends who spoke to it: the last ones are ours, what stands before them anybody can write.
        let proxies = state.config.trusted_proxies;
        let told = (proxies > 0)
            .then(|| forwarded.len().checked_sub(proxies).map(|at| forwarded[at].trim().parse()))
            .flatten();
        let address = told.and_then(Result::ok).or(peer).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        Ok(Address(match address.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 => v4,
        }))
    }
}
