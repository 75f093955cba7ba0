//! Which path leads where, as far as it is no page and no change: pages are the application's, changes are server
//! functions (see [`crate::changes`]).

mod accounts;
mod addresses;
mod analytics;
pub mod api;
mod board;
mod chat;
pub mod demo;
pub mod enter;
mod giveaways;
mod items;
mod kakao;
mod mail;
pub(crate) mod notices;
pub(crate) mod operations;
mod paying;
mod payments;
mod personal;
mod pictures;
pub(crate) mod preview;
pub(crate) mod qr;
mod search;
mod sellers;
pub(crate) mod sitemap;
pub(crate) mod tickets;

use crate::{
    AppState, bodies, changes, code, error_page, installing, live,
    middleware::{find, surround},
    pages,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, any, get, post},
};
use model::Right;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

/// The largest body of a plain form, in bytes: a sign-in carries the text of another form, encoded.
const FORM_LIMIT: usize = 4 * app::forms::TEXT_LIMIT;

/// A path with what answers there.
pub struct Plain {
    /// As the router writes it.
    pub path: &'static str,
    /// Who may ask.
    pub right: Right,
    answers: MethodRouter<AppState>,
}

fn plain(path: &'static str, right: Right, answers: MethodRouter<AppState>) -> Plain {
    Plain { path, right, answers }
}

/// Every path that is no page and no change, behind the checks of the site.
pub fn table() -> Vec<Plain> {
    vec![
        plain("/sign-up", Right::Anyone, get(pages::page).post(accounts::sign_up)),
        plain("/sign-in", Right::Anyone, get(accounts::sign_in_page).post(accounts::sign_in)),
        plain("/sign-in/kakao", Right::Anyone, get(kakao::set_out)),
        plain("/sign-in/kakao/return", Right::Anyone, get(kakao::back)),
        plain("/sign-in/kakao/join", Right::Anyone, get(pages::page).post(kakao::join)),
        plain("/sign-in/kakao/new", Right::Anyone, get(pages::page).post(kakao::sign_up)),
        plain("/my/account/kakao", Right::SignedIn, get(kakao::set_out_to_connect)),
        plain("/my/leave/kakao", Right::SignedIn, get(kakao::set_out_to_leave)),
        plain("/api", Right::Anyone, get(api::page)),
        plain("/api/openapi.json", Right::Anyone, get(api::openapi)),
        plain("/api/suggest", Right::Anyone, get(search::suggestions)),
        // As pages of the build before ask.
        plain("/search/suggestions", Right::Anyone, get(search::suggestions)),
        plain("/demo/sign-in", Right::Anyone, post(demo::sign_in)),
        plain("/demo/crowd", Right::Anyone, get(demo::progress)),
        plain("/events/{id}/board", Right::Anyone, get(board::board)),
        plain("/events/{id}/chat", Right::Anyone, get(chat::chat)),
        plain("/events/{id}/enter", Right::Anyone, get(enter::back)),
        plain("/events/{id}/pulse", Right::SignedIn, get(analytics::pulse)),
        plain("/events/{id}/qr.svg", Right::Anyone, get(qr::svg)),
        plain("/events/{id}/qr.png", Right::Anyone, get(qr::png)),
        plain("/events/{id}/preview.png", Right::Anyone, get(preview::event)),
        plain("/items", Right::Anyone, get(items::suggested)),
        plain("/my/addresses/suggestions", Right::Active, get(addresses::suggested)),
        plain("/notices/stream", Right::Active, get(notices::stream)),
        plain("/build/{version}", Right::Anyone, get(code::known)),
        plain("/build/{version}/notices.js", Right::Anyone, get(code::notices)),
        plain("/build/{version}/pkg/{name}", Right::Anyone, get(code::file)),
        plain("/manifest.webmanifest", Right::Anyone, get(installing::manifest)),
        plain("/robots.txt", Right::Anyone, get(sitemap::robots)),
        plain("/sitemap.xml", Right::Anyone, get(sitemap::index)),
        plain("/sitemap/{file}", Right::Anyone, get(sitemap::file)),
        plain("/offline", Right::Anyone, get(installing::offline)),
        plain("/sw.js", Right::Anyone, get(installing::worker)),
        plain("/preview.png", Right::Anyone, get(preview::site)),
        plain("/events/{id}/table/{file}", Right::SignedIn, get(giveaways::table)),
        plain("/events/{id}/orders/{file}", Right::SignedIn, get(sellers::orders)),
        plain("/creator/sales/{file}", Right::SignedIn, get(sellers::statements)),
        plain("/my/data.json", Right::SignedIn, get(personal::download)),
        plain("/mail/{link}/{token}", Right::Anyone, get(pages::page).post(mail::follow)),
        plain("/payments/{id}/return", Right::Anyone, get(payments::back)),
        plain("/payments/{id}/notify", Right::Anyone, post(payments::notify)),
        plain("/payments/{id}/go", Right::SignedIn, get(paying::go)),
        plain("/payments/{id}/window", Right::Anyone, get(paying::window)),
        plain("/payments/call-back/{provider}", Right::Anyone, post(payments::called_back)),
        plain("/payments/{id}/qr.svg", Right::SignedIn, get(payments::code)),
        plain("/tickets/{id}/qr.svg", Right::SignedIn, get(tickets::code)),
        plain("/tickets/{id}/calendar.ics", Right::SignedIn, get(tickets::calendar)),
        plain("/parties/{id}/receipt.jpg", Right::SignedIn, get(pictures::receipt)),
        plain("/pictures/{id}/{name}", Right::Anyone, get(pictures::picture)),
    ]
}

/// Paths that operators and browsers' sockets use, past those checks.
pub const OPERATIONS: [&str; 3] = ["/live", "/healthz", "/readyz"];

/// Everything the server answers but clicks, which [`front`](crate::front) takes to [`enter`].
pub fn router(state: AppState) -> Router {
    let site = &state.config.site_dir;
    let asked_again =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let files = ServeDir::new(site)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(any(pages::page).with_state(state.clone()));
    let plain = table().into_iter().fold(Router::new(), |router, plain| router.route(plain.path, plain.answers));
    let plain = api::all().into_iter().fold(plain, |router, operation| router.route(operation.path, operation.route));
    let surrounded =
        plain.layer(DefaultBodyLimit::max(FORM_LIMIT)).route("/", get(pages::page)).fallback_service(files).layer(
            ServiceBuilder::new()
                .layer(from_fn(surround))
                .layer(from_fn(error_page::instead_of_json))
                .layer(from_fn_with_state(state.clone(), find))
                .layer(from_fn_with_state(state.clone(), bodies::in_time))
                .layer(CatchPanicLayer::new())
                .layer(CsrfLayer::new())
                .layer(asked_again)
                .layer(CompressionLayer::new())
                .layer(from_fn_with_state(state.clone(), changes::dispatch)),
        );
    Router::new()
        .merge(surrounded)
        .route("/live", get(live::upgrade))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .with_state(state)
}
