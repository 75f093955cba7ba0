//! Pictures of events and of the site, drawn for other sites to show (`og:image`).

use crate::{AppState, cookies::Address, counts::AtAddress, pages, renders, reply::Refusal};
use app::texts::Lang;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::{accounts::Actor, pictures::Words};
use model::{EventId, EventState};
use serde::Deserialize;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
};

/// Pictures that may be drawn, or wait to be, for one address: whoever asks for those of all events leaves other sites their turns.
pub const OF_ADDRESS: u32 = 8;
/// How many may wait for a place among those of their address, at all of them together: each looks for it again and again.
pub const WAITING: usize = 64;
/// And how many of them at one address.
pub const WAITING_OF_ADDRESS: u32 = 16;

/// How a picture is asked for.
#[derive(Deserialize)]
pub struct PreviewQuery {
    /// The code of a language; Korean when it is none of ours.
    #[serde(default)]
    lang: String,
}

impl PreviewQuery {
    fn lang(&self) -> Lang {
        if self.lang == Lang::En.code() { Lang::En } else { Lang::Ko }
    }
}

/// An event's title and when it opens.
///
/// # Errors
/// [`model::Error::NotFound`] unless the event is published; [`model::Error::TooMany`] and [`model::Error::Busy`] as of pages; when it
/// cannot be drawn; the database may fail.
pub async fn event(
    State(state): State<AppState>,
    Path(event): Path<EventId>,
    Query(asked): Query<PreviewQuery>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let share = pages::share(&state, &headers, address).await?;
    // Public events alone.
    let card = state.engine.events.view(event, &Actor::Visitor).await?.card;
    // Pictures wait for a turn of their own, and keep no page from its.
    drop(share);
    let t = asked.lang();
    let opens = card.moments.opens_at.civil();
    let seconds = if opens.second == 0 { String::new() } else { format!(":{:02}", opens.second) };
    let words = Words {
        title: card.title,
        above: match card.state {
            EventState::Cancelled => t.event_cancelled().to_owned(),
            EventState::Suspended => t.event_suspended().to_owned(),
            _ => t.preview_opens(opens.year, opens.month, opens.day),
        },
        clock: format!("{:02}:{:02}{seconds}", opens.hour, opens.minute),
        under: t.preview_zone().to_owned(),
        site: t.site().to_owned(),
    };
    drawn(&state, words, address, &headers).await
}

/// What the site is.
///
/// # Errors
/// [`model::Error::TooMany`] and [`model::Error::Busy`] when many are drawn; when it cannot be.
pub async fn site(
    State(state): State<AppState>,
    Query(asked): Query<PreviewQuery>,
    Address(address): Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let t = asked.lang();
    let words = Words {
        title: t.tagline().to_owned(),
        above: String::new(),
        clock: "59".to_owned(),
        under: String::new(),
        site: t.site().to_owned(),
    };
    drawn(&state, words, address, &headers).await
}

/// The picture, unless whoever asks has it.
async fn drawn(state: &AppState, words: Words, address: IpAddr, headers: &HeaderMap) -> Result<Response, Refusal> {
    // The same words are always drawn alike by one version of the program.
    let mut hash = DefaultHasher::new();
    (env!("CARGO_PKG_VERSION"), &words).hash(&mut hash);
    let tag = format!("\"{:016x}\"", hash.finish());
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let kept = [(header::ETAG, tag), (header::CACHE_CONTROL, "public, max-age=600".to_owned())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let begin = || match state.drawings.drawn(&words) {
        Some(png) => Some(Begun::Drawn(png)),
        None => state.drawn_for.take(address).map(Begun::Place),
    };
    let begun = match begin() {
        Some(begun) => begun,
        None => {
            // Whoever fetches pictures for a messenger does so for many people, and remembers for long that there was none.
            let _at_address = state.waits_at.take(address).ok_or(renders::SHARE_USED_UP)?;
            let _waits = state.drawn_later.try_acquire().map_err(|_| renders::SHARE_USED_UP)?;
            renders::share(begin).await?
        }
    };
    let png = match begun {
        Begun::Drawn(png) => png,
        Begun::Place(_place) => state.drawings.png(words).await?,
    };
    Ok((kept, [(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// How a picture is come by.
enum Begun {
    /// It was drawn, maybe while somebody waited for a place.
    Drawn(Bytes),
    /// There is a place for whoever waits until it is.
    Place(AtAddress),
}
