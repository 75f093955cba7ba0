//! Demonstration instances only: sign in with one click, see how far a crowd is.

use crate::{
    AppState,
    config::DemoAdmin,
    cookies::{self, Address},
    reply::Refusal,
};
use app::paths;
use axum::{
    Form, Json,
    extract::State,
    http::{HeaderMap, header, uri::Authority},
    response::Response,
};
use engine::demo::{CrowdProgress, Demo, Persona};
use model::Error;
use serde::Deserialize;
use std::net::IpAddr;

/// Whom to be.
#[derive(Deserialize)]
pub struct SignInForm {
    #[serde(rename = "as")]
    persona: Persona,
    next: Option<String>,
}

fn demo(state: &AppState) -> Result<&Demo, Error> {
    state.demo.as_ref().ok_or(Error::NotFound)
}

/// Whether whoever asks, from an address as far as that is known, can be the demonstration's admin.
pub fn offers_admin(state: &AppState, headers: &HeaderMap, address: Option<IpAddr>) -> bool {
    let offered = match state.config.demo_admin {
        DemoAdmin::Nobody => false,
        DemoAdmin::Local => address.is_some_and(|address| is_local(headers, address, state.config.trusted_proxies)),
        DemoAdmin::Everybody => true,
    };
    offered && state.demo.as_ref().is_some_and(Demo::has_admin)
}

/// Whether somebody asks from this machine, past as many proxies as are ours. Others lead here as well: a tunnel or a balancer of this
/// machine, which says for whom it asks, or a name of another site that was made to mean this machine, which stands in `Host`.
pub fn is_local(headers: &HeaderMap, address: IpAddr, proxies: usize) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let named_here = host.is_some_and(|host| {
        let name = host.host();
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        // By the address itself: a name may begin like one.
        name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    });
    let passed_on = headers.keys().any(|name| {
        let name = name.as_str();
        matches!(name, "forwarded" | "via" | "x-real-ip")
            || name.starts_with("x-forwarded-") && name != cookies::FORWARDED_FOR
    });
    named_here && !passed_on && address.is_loopback() && cookies::forwarded_times(headers) == proxies
}

/// Signs in as a demonstration member.
///
/// # Errors
/// [`Error::NotFound`] where there is no demonstration, or whoever asks cannot be its admin; the database may fail.
pub async fn sign_in(
    State(state): State<AppState>,
    Address(address): Address,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Refusal> {
    if form.persona == Persona::Admin && !offers_admin(&state, &headers, Some(address)) {
        return Err(Error::NotFound.into());
    }
    let token = demo(&state)?.sign_in(form.persona).await?;
    let next = form.next.as_deref();
    let next = match form.persona {
        // What waits for them is on no page that others read.
        Persona::Admin => next.filter(|next| next.starts_with(paths::ADMIN)).or(Some(paths::ADMIN)),
        Persona::Shopper | Persona::Creator | Persona::Neighbour | Persona::Seller => next,
    };
    Ok(super::accounts::signed_in(&state, &headers, token, next).await)
}

/// How far the crowd is.
///
/// # Errors
/// [`Error::NotFound`] where there is no demonstration.
pub async fn progress(State(state): State<AppState>) -> Result<Json<Option<CrowdProgress>>, Refusal> {
    Ok(Json(demo(&state)?.crowd_progress()))
}
