//! An event's address as a QR code, to be printed or shown.

use crate::{AppState, files, pages, reply::Refusal};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use image::{GrayImage, ImageFormat, Luma};
use model::{Error, EventId, text};
use qrcode::{Color, EcLevel, QrCode, render::svg};
use std::io::Cursor;

/// Light modules around the code (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// Pixels of a module in the PNG.
const MODULE: u32 = 16;

/// The code as SVG.
pub async fn svg(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (code, name) = code(&state, event, &headers, "svg").await?;
    let drawn = code.render::<svg::Color>().min_dimensions(320, 320).build();
    Ok((kept("image/svg+xml", name), drawn).into_response())
}

/// The code as PNG.
pub async fn png(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (code, name) = code(&state, event, &headers, "png").await?;
    let side = (code.width() as u32 + 2 * QUIET) * MODULE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at / MODULE).checked_sub(QUIET).filter(|at| *at < code.width() as u32);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(|_| Error::Internal)?;
    Ok((kept("image/png", name), bytes.into_inner()).into_response())
}

/// The code, and under which name it is kept by who wants it.
async fn code(
    state: &AppState,
    event: EventId,
    headers: &HeaderMap,
    form: &str,
) -> Result<(QrCode, HeaderValue), Error> {
    // Public events alone.
    let view = state.engine.events.view(event, &engine::accounts::Actor::Visitor).await;
    let card = view.map_err(engine::Error::public)?.card;
    let name = files::named("inline", &text::file_name(card.moments.opens_at, &card.title, "QR", form));
    let address = format!("{}/events/{event}", pages::origin(state, headers));
    // More than fits into a code is no address of ours.
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(|_| Error::Malformed)?;
    Ok((code, name))
}

fn kept(kind: &'static str, name: HeaderValue) -> [(header::HeaderName, HeaderValue); 3] {
    let cache = HeaderValue::from_static("private, max-age=3600");
    [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, cache),
        (header::CONTENT_DISPOSITION, name),
    ]
}
