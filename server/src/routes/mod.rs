//! Which path leads where.

mod admin;
mod board;
mod creator;
mod demo;
pub mod enter;
mod forms;
mod notices;
mod operations;
mod qr;
mod results;
mod room;

use crate::{AppState, live, middleware::surround, pages};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    routing::{any, get, post},
};
use engine::pictures;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, csrf::CsrfLayer, services::ServeDir,
    set_header::SetResponseHeaderLayer,
};

/// The largest body of an ordinary form, in bytes.
const FORM_LIMIT: usize = 128 << 10;
/// The largest body of a form with a picture: the picture and the ordinary fields.
const UPLOAD_LIMIT: usize = pictures::MAX_BYTES + FORM_LIMIT;

/// Everything the server answers but clicks, which [`front`](crate::front) takes to [`enter`].
pub fn router(state: AppState) -> Router {
    let forms = Router::new()
        .route("/sign-up", get(pages::page).post(forms::sign_up))
        .route("/sign-in", get(pages::page).post(forms::sign_in))
        .route("/sign-out", post(forms::sign_out))
        .route("/mode", post(forms::mode))
        .route("/my/masked", post(forms::masked))
        .route("/preferences", post(forms::preferences))
        .route("/creator/profile", get(pages::page).post(creator::profile))
        .route("/events/{id}/cancel", get(room::to_room).post(creator::cancel))
        .route("/events/{id}/lines/{number}", get(room::line_to_room).post(room::moderate))
        .route("/events/{id}/say", get(room::to_room).post(room::say))
        .route("/events/{id}/claim", get(room::to_result).post(results::claim))
        .route("/events/{id}/entries/{rank}/sent", post(results::sent))
        .route("/events/{id}/entries/{rank}/disqualify", post(results::disqualify))
        .route("/notices/read", post(notices::read))
        .route("/notices/delete-read", post(notices::delete_read))
        .route("/admin/jobs/{job}/run", post(admin::run_job))
        .route("/demo/sign-in", post(demo::sign_in))
        .route("/demo/crowd", post(demo::send_crowd))
        .layer(DefaultBodyLimit::max(FORM_LIMIT));
    let uploads = Router::new()
        .route("/creator/new", get(pages::page).post(creator::create))
        .route("/creator/events/{id}/edit", get(pages::page).post(creator::edit))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT));

    let site = &state.config.site_dir;
    let hashed_by_build =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let files = ServeDir::new(site)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
        .fallback(any(pages::page).with_state(state.clone()));

    let pages = Router::new()
        .route("/", get(pages::page))
        .route("/events/{id}/board", get(board::board))
        .route("/events/{id}/enter", get(room::to_room))
        .route("/events/{id}/chat", get(room::chat))
        .route("/events/{id}/qr.svg", get(qr::svg))
        .route("/events/{id}/qr.png", get(qr::png))
        .route("/events/{id}/table/{file}", get(results::table))
        .route("/pictures/{id}/{name}", get(room::picture))
        .route("/demo/crowd", get(demo::progress))
        .route("/api/{*function}", any(pages::server_function))
        .fallback_service(files)
        .layer(ServiceBuilder::new().layer(hashed_by_build).layer(CompressionLayer::new()));

    let surrounded = Router::new().merge(forms).merge(uploads).merge(pages).layer(
        ServiceBuilder::new()
            .layer(axum::middleware::from_fn(surround))
            .layer(CatchPanicLayer::new())
            .layer(CsrfLayer::new()),
    );

    Router::new()
        .merge(surrounded)
        .route("/live", get(live::upgrade))
        .route("/healthz", get(operations::healthz))
        .route("/readyz", get(operations::readyz))
        .route("/metrics", get(operations::metrics))
        .with_state(state)
}
