//! What search engines may read, and where it is: `robots.txt`, and site maps (sitemaps.org) of everything that is public.
//!
//! A page's language is its reader's and not part of its address: each is listed once, and nothing refers to another language.

use super::paying::escaped;
use crate::{
    AppState, cookies,
    counts::{AtAddress, Networks},
    pages,
    reply::Refusal,
};
use app::paths;
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use engine::pages::{Listed, Listing};
use futures::{Stream, StreamExt, stream};
use model::{Error, EventId, MarketId, MemberId, Time};
use std::{net::IpAddr, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Addresses in one file, as many as the protocol allows: of a month, of creators, of markets the others are found by links.
const MOST: usize = 50_000;
/// Rows of one query.
const PIECE: usize = 1000;
/// Files that are sent at the same time, and of them to one address; others may come again.
const AT_ONCE: usize = 8;
const OF_ADDRESS: u32 = 2;
/// Months that are listed, the newest: ten years.
pub const MONTHS: usize = 120;
/// Pages that are always there.
const ALWAYS: [&str; 4] = [paths::HOME, paths::DEALS, paths::TICKETS, paths::PARTIES];

const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=3600");
const XML: HeaderValue = HeaderValue::from_static("application/xml; charset=utf-8");
const BEGIN: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n";
const END: &str = "</urlset>\n";

/// What is no page, or one's own: nobody who reads pages for others is to come there. What is written here is no protection.
const NOT_FOR_ROBOTS: [&str; 13] = [
    "/api/",
    "/admin/",
    "/creator/",
    "/demo/",
    "/events/*/enter",
    "/events/*/orders/",
    "/events/*/table/",
    "/live",
    "/mail/",
    "/my/",
    "/notices",
    "/payments/",
    "/search/suggestions",
];

/// Room for files that are being sent.
pub struct Sitemaps {
    all: Arc<Semaphore>,
    of_networks: Networks,
}

impl Default for Sitemaps {
    fn default() -> Sitemaps {
        Sitemaps { all: Arc::new(Semaphore::new(AT_ONCE)), of_networks: Networks::new(OF_ADDRESS) }
    }
}

impl Sitemaps {
    /// A place for one more, until it is dropped: whoever reads slowly has some of them, and not all.
    ///
    /// # Errors
    /// [`Error::TooMany`] where the address has its share, [`Error::Busy`] where all are taken.
    pub fn take(&self, address: IpAddr) -> Result<(AtAddress, OwnedSemaphorePermit), Error> {
        let share = self.of_networks.take(address).ok_or(Error::TooMany { retry_after: 10 })?;
        Ok((share, self.all.clone().try_acquire_owned().map_err(|_| Error::Busy)?))
    }
}

fn kept(kind: HeaderValue) -> [(HeaderName, HeaderValue); 2] {
    [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT)]
}

/// `robots.txt`.
pub async fn robots(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let mut text = String::from("User-agent: *\n");
    for path in NOT_FOR_ROBOTS {
        text.push_str("Disallow: ");
        text.push_str(path);
        text.push('\n');
    }
    text.push_str("\nSitemap: ");
    text.push_str(&pages::origin(&state, &headers));
    text.push_str("/sitemap.xml\n");
    (kept(HeaderValue::from_static("text/plain; charset=utf-8")), text).into_response()
}

/// Which files there are.
pub async fn index(
    State(state): State<AppState>,
    cookies::Address(address): cookies::Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let share = pages::share(&state, &headers, address).await?;
    let origin = escaped(&pages::origin(&state, &headers));
    let mut files: Vec<String> = ["pages", "creators", "markets"].map(str::to_owned).to_vec();
    if let Some((first, last)) = state.engine.pages.openings().await? {
        files.extend(months(first, last).into_iter().map(|(year, month)| format!("events-{year:04}-{month:02}")));
    }
    let files: String =
        files.iter().map(|file| format!("<sitemap><loc>{origin}/sitemap/{file}.xml</loc></sitemap>\n")).collect();
    let index = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{files}</sitemapindex>\n"
    );
    Ok(share.with((kept(XML), index).into_response())?)
}

/// Year and month of all that two moments span, the newest first.
pub fn months(first: Time, last: Time) -> Vec<(i64, i64)> {
    let counted = |time: Time| {
        let c = time.civil();
        c.year * 12 + c.month - 1
    };
    (counted(first)..=counted(last)).rev().take(MONTHS).map(|month| (month / 12, month % 12 + 1)).collect()
}

/// What a file of that name lists; nothing but pages that are always there for `None`.
///
/// # Errors
/// [`Error::NotFound`] for a name that no file has.
pub fn named(file: &str) -> Result<Option<Listing>, Error> {
    let name = file.strip_suffix(".xml").ok_or(Error::NotFound)?;
    match name {
        "pages" => Ok(None),
        "creators" => Ok(Some(Listing::Creators)),
        "markets" => Ok(Some(Listing::Markets)),
        _ => {
            let (year, month) =
                name.strip_prefix("events-").and_then(|name| name.split_once('-')).ok_or(Error::NotFound)?;
            let (year, month) = (year.parse::<u16>().ok(), month.parse::<u16>().ok());
            let (year, month) =
                year.zip(month).map(|(year, month)| (i64::from(year), i64::from(month))).ok_or(Error::NotFound)?;
            let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            let begins = |year, month| Time::from_civil(year, month, 1, 0, 0, 0).ok_or(Error::NotFound);
            Ok(Some(Listing::Events { from: begins(year, month)?, until: begins(next_year, next_month)? }))
        }
    }
}

/// One file: sent while it is read, as fast as its reader takes it. What fails in the middle breaks off.
pub async fn file(
    State(state): State<AppState>,
    Path(file): Path<String>,
    cookies::Address(address): cookies::Address,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let origin = escaped(&pages::origin(&state, &headers));
    let Some(listing) = named(&file)? else {
        let urls: String = ALWAYS.into_iter().map(|path| url(&origin, path, None)).collect();
        return Ok((kept(XML), format!("{BEGIN}{urls}{END}")).into_response());
    };
    let place = state.sitemaps.take(address)?;
    let pieces = stream::once(async { Ok(BEGIN.to_owned()) })
        .chain(urls(state, listing, origin))
        .chain(stream::once(async { Ok(END.to_owned()) }))
        .map(move |piece: Result<String, Error>| {
            // Until the last of them is sent.
            let _place = &place;
            piece
        });
    // Compression looks again after the end.
    Ok((kept(XML), Body::from_stream(pieces.fuse())).into_response())
}

/// The addresses of a list, a piece at a time.
fn urls(
    state: AppState,
    listing: Listing,
    origin: String,
) -> impl Stream<Item = Result<String, Error>> + Send + 'static {
    stream::try_unfold((None::<Listed>, MOST), move |(last, left)| {
        let (state, origin) = (state.clone(), origin.clone());
        async move {
            let read = state.engine.pages.listed(listing, last.as_ref(), PIECE.min(left)).await;
            let listed = read.map_err(engine::Error::public)?;
            let Some(last) = listed.last().copied() else { return Ok(None) };
            let piece: String =
                listed.iter().map(|listed| url(&origin, &path(listing, listed), listed.changed_at)).collect();
            Ok::<_, Error>(Some((piece, (Some(last), left - listed.len()))))
        }
    })
}

fn path(listing: Listing, listed: &Listed) -> String {
    match listing {
        Listing::Events { .. } => paths::room(EventId(listed.id)),
        Listing::Creators => paths::creator(MemberId(listed.id), None),
        Listing::Markets => paths::market(MarketId(listed.id), None),
    }
}

fn url(origin: &str, path: &str, changed_at: Option<Time>) -> String {
    let changed = changed_at.map(|at| format!("<lastmod>{}</lastmod>", at.iso())).unwrap_or_default();
    format!("<url><loc>{origin}{path}</loc>{changed}</url>\n")
}
