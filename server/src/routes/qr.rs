//! Addresses as QR codes, to be printed or shown: an event's.

use crate::{AppState, pages, reply::Refusal};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use image::{GrayImage, ImageFormat, Luma};
use model::{Error, EventId};
use qrcode::{Color, EcLevel, QrCode, render::svg};
use std::io::Cursor;

/// Light modules around the code (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// Pixels of a module in the PNG.
const MODULE: u32 = 16;

/// A code, drawn.
pub fn as_svg(code: &QrCode) -> Response {
    let drawn = code.render::<svg::Color>().min_dimensions(320, 320).build();
    (kept("image/svg+xml"), drawn).into_response()
}

/// The code as SVG.
pub async fn svg(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    Ok(as_svg(&of_event(&state, event, &headers).await?))
}

/// The code as PNG.
pub async fn png(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let code = of_event(&state, event, &headers).await?;
    let side = (code.width() as u32 + 2 * QUIET) * MODULE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at / MODULE).checked_sub(QUIET).filter(|at| *at < code.width() as u32);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(|_| Error::Internal)?;
    Ok((kept("image/png"), bytes.into_inner()).into_response())
}

async fn of_event(state: &AppState, event: EventId, headers: &HeaderMap) -> Result<QrCode, Error> {
    // Public events alone.
    state.engine.events.view(event, &engine::accounts::Actor::Visitor).await.map_err(engine::Error::public)?;
    code(&format!("{}/events/{event}", pages::origin(state, headers)))
}

/// An address as a code.
pub fn code(address: &str) -> Result<QrCode, Error> {
    // More than fits into a code is no address of ours.
    QrCode::with_error_correction_level(address, EcLevel::M).map_err(|_| Error::Malformed)
}

fn kept(kind: &'static str) -> [(header::HeaderName, &'static str); 2] {
    [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "private, max-age=3600")]
}
