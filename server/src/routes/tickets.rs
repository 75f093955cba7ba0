//! A member's ticket as files: its code to show at the gate, and an entry for their calendar.

use super::qr;
use crate::{AppState, cookies, files, pages, reply::Refusal};
use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use engine::accounts::Actor;
use model::{
    HOUR, TicketId, Time,
    sales::{TicketState, TicketView},
    text,
};

/// How long what has no end is taken to last, in a calendar.
const LASTS: model::Span = HOUR.times(2);
/// The longest line of a calendar file, in bytes (RFC 5545, 3.1).
pub const LINE: usize = 75;

async fn own(state: &AppState, id: TicketId, headers: &HeaderMap) -> Result<TicketView, Refusal> {
    let actor = Actor::of(cookies::session(state, headers).await?);
    Ok(state.engine.sales.ticket(&actor, id).await?)
}

/// The code as SVG; of one that was given back there is none.
///
/// # Errors
/// [`model::Error::SignedOut`]; [`model::Error::NotFound`] for another's ticket and for one that is not valid; the database may fail.
pub async fn code(
    State(state): State<AppState>,
    Path(id): Path<TicketId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let ticket = own(&state, id, &headers).await?;
    if ticket.state != TicketState::Valid {
        return Err(model::Error::NotFound.into());
    }
    let mut code = qr::as_svg(&ticket.code)?;
    code.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(code)
}

/// The same as an entry of a calendar (RFC 5545).
///
/// # Errors
/// [`model::Error::SignedOut`]; [`model::Error::NotFound`] for another's ticket; the database may fail.
pub async fn calendar(
    State(state): State<AppState>,
    Path(id): Path<TicketId>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let ticket = own(&state, id, &headers).await?;
    let room = format!("{}/events/{}", pages::origin(&state, &headers), ticket.event);
    let name = text::file_name(ticket.starts_at, &ticket.title, pages::language(&headers).ticket(), "ics");
    let kept = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, files::named("attachment", &name)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((kept, file(&ticket, &room, state.engine.clock.now())).into_response())
}

/// The calendar file of a ticket.
pub fn file(ticket: &TicketView, room: &str, now: Time) -> String {
    let (place, address) = &ticket.place;
    let lines = [
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//59cho//tickets//KO".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@59cho", ticket.id),
        format!("DTSTAMP:{}", moment(now)),
        format!("DTSTART:{}", moment(ticket.starts_at)),
        format!("DTEND:{}", moment(ticket.starts_at + LASTS)),
        format!("SUMMARY:{}", escaped(&ticket.title)),
        format!("LOCATION:{}", escaped(&format!("{place} {address}"))),
        format!("URL:{room}"),
        "END:VEVENT".to_owned(),
        "END:VCALENDAR".to_owned(),
    ];
    lines.iter().map(|line| folded(line) + "\r\n").collect()
}

/// An instant in UTC: `20261128T100000Z`.
fn moment(at: Time) -> String {
    // On a calendar that is nine hours ahead.
    let utc = (at - 9 * HOUR).civil();
    format!("{:04}{:02}{:02}T{:02}{:02}{:02}Z", utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second)
}

/// Text whose signs mean nothing to a calendar.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A line in pieces that are short enough, none of which ends within a character.
fn folded(line: &str) -> String {
    let (mut folded, mut length) = (String::new(), 0);
    for c in line.chars() {
        if length + c.len_utf8() > LINE {
            folded.push_str("\r\n ");
            length = 1;
        }
        folded.push(c);
        length += c.len_utf8();
    }
    folded
}
