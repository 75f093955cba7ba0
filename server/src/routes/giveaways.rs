//! The creator's tables as files: read and sent a page at a time, one at a time for each member.

use crate::{AppState, Failure, cookies, files, pages, reply::Refusal, sheets};
use app::texts::Lang;
use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::{Engine, accounts::Actor};
use futures::{StreamExt, stream};
use model::{Cursor, Entrant, EntrantsQuery, Error, EventId, MemberId, text};
use std::{
    collections::HashSet,
    fs::File,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::AsyncReadExt,
    sync::{Semaphore, mpsc},
};

/// Rows of one query.
const PAGE: u64 = 2000;
/// Pages, or pieces of a file, that wait to be written or sent.
const AHEAD: usize = 2;
/// Workbooks that are written at once.
const BOOKS: usize = 2;
/// Bytes of a workbook that are read at once.
const PIECE: usize = 64 << 10;

/// Who is being sent a table. Cheap to clone.
#[derive(Clone)]
pub struct Exports {
    members: Arc<Mutex<HashSet<MemberId>>>,
    books: Arc<Semaphore>,
}

impl Default for Exports {
    fn default() -> Exports {
        Exports { members: Arc::default(), books: Arc::new(Semaphore::new(BOOKS)) }
    }
}

/// One table on its way.
struct Export {
    exports: Exports,
    member: MemberId,
}

impl Exports {
    /// Until it is dropped the member is sent no other.
    fn begin(&self, member: MemberId) -> Result<Export, Error> {
        let mut members = self.members.lock().unwrap_or_else(PoisonError::into_inner);
        if members.insert(member) {
            Ok(Export { exports: self.clone(), member })
        } else {
            Err(Error::TooMany { retry_after: 5 })
        }
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.exports.members.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.member);
    }
}

/// Everybody who entered, as `entrants.csv` or `entrants.xlsx`.
pub async fn table(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let lang = pages::language(&headers);
    let actor = Actor::of(cookies::session_now(&state, cookies::token(&state, &headers)).await?);
    // Others' addresses are in it.
    let member = actor.creator()?.member;
    let event: EventId = id.parse().map_err(|_| Error::NotFound)?;
    let book = match file.as_str() {
        "entrants.csv" => false,
        "entrants.xlsx" => true,
        _ => return Err(Error::NotFound.into()),
    };
    let export = state.exports.begin(member)?;
    // Refused before anything is sent.
    let mut rows = Rows { engine: state.engine.clone(), actor, event, query: EntrantsQuery::default() };
    let first = rows.next().await?;
    let card = state.engine.events.view(event, &rows.actor).await?.card;
    let form = if book { "xlsx" } else { "csv" };
    let name = text::file_name(card.moments.opens_at, &card.title, lang.entrants_file(), form);
    let (kind, body, length) = if book {
        let total = state.engine.events.board(event, 1).await.map_or(0, |board| board.total);
        if total as usize > sheets::MAX_ROWS {
            return Err(Error::TooLarge.into());
        }
        let (body, length) = workbook(lang, first, rows, export).await?;
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body, Some(length))
    } else {
        ("text/csv; charset=utf-8", csv(lang, first, rows, export), None)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    headers.insert(header::CONTENT_DISPOSITION, files::named("attachment", &name));
    Ok(response)
}

/// All entrants, in pages so that no query takes long.
struct Rows {
    engine: Engine,
    actor: Actor,
    event: EventId,
    query: EntrantsQuery,
}

impl Rows {
    /// The next of them; none at the end.
    async fn next(&mut self) -> Result<Vec<Entrant>, Error> {
        let page = self.engine.giveaways.entrants(&self.actor, self.event, &self.query, PAGE).await;
        let page = page.map_err(engine::Error::public)?;
        if let Some(last) = page.last() {
            self.query.after = Some(Cursor::of(&last.rank));
        }
        Ok(page)
    }
}

/// Sent while it is read, as fast as its reader takes it. What fails in the middle breaks off.
fn csv(lang: Lang, first: Vec<Entrant>, mut rows: Rows, export: Export) -> Body {
    let (pieces, sent) = mpsc::channel::<Result<Bytes, Failure>>(AHEAD);
    tokio::spawn(async move {
        let mut page = Ok(first);
        let _ = pieces.send(Ok(sheets::csv_head(lang).into())).await;
        loop {
            let piece = match page {
                Ok(some) if some.is_empty() => break,
                Ok(some) => Ok(sheets::csv_rows(lang, &some).into()),
                Err(error) => Err(Failure::from(error)),
            };
            let failed = piece.is_err();
            if pieces.send(piece).await.is_err() || failed {
                break;
            }
            page = rows.next().await;
        }
    });
    let taken =
        |(mut sent, export): (mpsc::Receiver<_>, Export)| async move { Some((sent.recv().await?, (sent, export))) };
    // Compression looks again after the end.
    Body::from_stream(stream::unfold((sent, export), taken).fuse())
}

/// Written as a whole into a file that has no name, then sent from it; its length.
async fn workbook(lang: Lang, first: Vec<Entrant>, mut rows: Rows, export: Export) -> Result<(Body, u64), Error> {
    let turn = export.exports.books.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
    let (pages, written) = mpsc::channel(AHEAD);
    let reading = async move {
        let mut page = Ok(first);
        loop {
            let last = page.as_ref().map_or(true, Vec::is_empty);
            if page.as_ref().is_ok_and(Vec::is_empty) || pages.send(page).await.is_err() || last {
                break;
            }
            page = rows.next().await;
        }
    };
    // The turn ends with the work, also when whoever asked for it has gone.
    let writing = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        sheets::xlsx(lang, written)
    });
    let ((), file) = tokio::join!(reading, writing);
    let file: File = file.map_err(|_| Error::Internal)?.map_err(|error| {
        tracing::error!(%error, "a spreadsheet cannot be written");
        Error::Internal
    })?;
    let length = file.metadata().map_err(|_| Error::Internal)?.len();
    let file = tokio::fs::File::from_std(file);
    let body = stream::unfold((file, export), |(mut file, export)| async move {
        let mut piece = Vec::with_capacity(PIECE);
        match (&mut file).take(PIECE as u64).read_to_end(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Bytes::from(piece)), (file, export))),
            Err(error) => Some((Err(error), (file, export))),
        }
    });
    Ok((Body::from_stream(body.fuse()), length))
}
