//! Addresses as QR codes, to be printed or shown: an event's.

use crate::{AppState, cookies::Address, files, pages, reply::Refusal};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use engine::background;
use image::{GrayImage, ImageFormat, Luma};
use model::{Error, EventId, text};
use qrcode::{Color, EcLevel, QrCode, render::svg};
use std::io::Cursor;

/// Light modules around the code (ISO/IEC 18004 asks for four).
const QUIET: u32 = 4;
/// Pixels of a module in the PNG.
const MODULE: u32 = 16;

/// An address, or what else is read by a camera, as a code that is drawn.
///
/// # Errors
/// [`Error::Malformed`] for more than fits into a code.
pub fn drawn(address: &str) -> Result<String, Error> {
    Ok(code(address)?.render::<svg::Color>().min_dimensions(320, 320).build())
}

/// The same as an answer.
///
/// # Errors
/// As [`drawn`].
pub fn as_svg(address: &str) -> Result<Response, Error> {
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], drawn(address)?).into_response())
}

/// The code as SVG.
///
/// # Errors
/// [`Error::NotFound`] unless the event is published; [`Error::TooMany`] and [`Error::Busy`] as of pages; the database may fail.
pub async fn svg(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let share = pages::share(&state, &headers, address).await?;
    let (room, name) = of_event(&state, event, &headers, "svg").await?;
    Ok(share.with((kept(name), as_svg(&room)?).into_response())?)
}

/// The code as PNG.
///
/// # Errors
/// As [`svg()`]; [`Error::Internal`] when it cannot be written.
pub async fn png(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let share = pages::share(&state, &headers, address).await?;
    let (room, name) = of_event(&state, event, &headers, "png").await?;
    let png = background::run(async move { as_png(&code(&room)?) }).await?;
    Ok(share.with((kept(name), [(header::CONTENT_TYPE, "image/png")], png).into_response())?)
}

fn as_png(code: &QrCode) -> Result<Vec<u8>, Error> {
    let side = (code.width() as u32 + 2 * QUIET) * MODULE;
    let picture = GrayImage::from_fn(side, side, |x, y| {
        let module = |at: u32| (at / MODULE).checked_sub(QUIET).filter(|at| *at < code.width() as u32);
        let dark = module(x).zip(module(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == Color::Dark);
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(|_| Error::Internal)?;
    Ok(bytes.into_inner())
}

/// The address that is to be a code, and under which name that is kept by who wants it.
async fn of_event(
    state: &AppState,
    event: EventId,
    headers: &HeaderMap,
    form: &str,
) -> Result<(String, HeaderValue), Error> {
    // Public events alone.
    let view = state.engine.events.view(event, &engine::accounts::Actor::Visitor).await;
    let card = view.map_err(engine::Error::public)?.card;
    let name = files::named("inline", &text::file_name(card.moments.opens_at, &card.title, "QR", form));
    Ok((format!("{}/events/{event}", pages::origin(state, headers)), name))
}

fn code(address: &str) -> Result<QrCode, Error> {
    // More than fits into a code is no address of ours.
    QrCode::with_error_correction_level(address, EcLevel::M).map_err(|_| Error::Malformed)
}

fn kept(name: HeaderValue) -> [(header::HeaderName, HeaderValue); 2] {
    let cache = HeaderValue::from_static("private, max-age=3600");
    [(header::CACHE_CONTROL, cache), (header::CONTENT_DISPOSITION, name)]
}
