//! Creators' tables as files: read and sent a page at a time, one at a time for each member.

use crate::{
    AppState, Failure, cookies, files, pages,
    reply::Refusal,
    sheets::{self, MAX_ROWS, SheetRow},
};
use app::texts::Lang;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use engine::{accounts::Actor, background};
use futures::{Stream, StreamExt, stream};
use model::{Error, MemberId, Time, text};
use std::{
    collections::HashSet,
    fs::File,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::{
    io::AsyncReadExt,
    sync::{Semaphore, mpsc},
};

/// Rows of one query. Few: they are made and written in one go, and whoever presses meanwhile waits for that.
pub const PAGE: u64 = 250;
/// Pages, or pieces of a file, that wait to be written or sent.
const AHEAD: usize = 2;
/// Workbooks that are written at once.
const BOOKS: usize = 2;
/// Bytes of a workbook that are read at once.
const PIECE: usize = 64 << 10;

/// A table in pages so that no query takes long: those that are not empty, in their order.
pub type Pages<R> = Pin<Box<dyn Stream<Item = Result<Vec<R>, Error>> + Send>>;

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
pub struct Export {
    exports: Exports,
    member: MemberId,
}

impl Exports {
    /// Until it is dropped the member is sent no other.
    ///
    /// # Errors
    /// [`Error::TooMany`] while they are.
    pub fn begin(&self, member: MemberId) -> Result<Export, Error> {
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

/// A table that its creator asks for.
pub struct AskedTable {
    /// Who asks.
    pub actor: Actor,
    /// In which language.
    pub lang: Lang,
    /// Whether as a workbook, or as text.
    book: bool,
    export: Export,
}

/// What is asked for as `file`: the table called `name`, as `name.csv` or `name.xlsx`. Until it is dropped its creator is sent no other.
///
/// # Errors
/// For visitors, and for whoever is no creator; [`Error::NotFound`] for any other file; [`Error::TooMany`] while they are sent another;
/// the database may fail.
pub async fn asked(state: &AppState, headers: &HeaderMap, file: &str, name: &str) -> Result<AskedTable, Refusal> {
    let lang = pages::language(headers);
    let actor = Actor::of(cookies::session_now(state, cookies::token(state, headers)).await?);
    // Others' addresses may be in it.
    let member = actor.creator()?.member;
    let book = match file.strip_prefix(name) {
        Some(".csv") => false,
        Some(".xlsx") => true,
        _ => return Err(Error::NotFound.into()),
    };
    Ok(AskedTable { lang, book, export: state.exports.begin(member)?, actor })
}

impl AskedTable {
    /// Whether so many rows can be sent.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than a workbook holds.
    pub fn fits(&self, rows: u64) -> Result<(), Error> {
        if self.book && rows as usize > MAX_ROWS { Err(Error::TooLarge) } else { Ok(()) }
    }

    /// The table as a file, named by when and what an event is, and what of it the file holds. What fails before the first page is
    /// refused.
    ///
    /// # Errors
    /// What reading the first page does; when the workbook cannot be written.
    pub async fn send<R: SheetRow>(
        self,
        at: Time,
        title: &str,
        what: &str,
        mut pages: Pages<R>,
    ) -> Result<Response, Error> {
        let AskedTable { lang, book, export, .. } = self;
        let name = text::file_name(at, title, what, if book { "xlsx" } else { "csv" });
        // Refused before anything is sent.
        let first = pages.next().await.unwrap_or_else(|| Ok(Vec::new()))?;
        let pages: Pages<R> = Box::pin(stream::once(async move { Ok(first) }).chain(pages));
        let (kind, body, length) = if book {
            let (body, length) = workbook(lang, pages, export).await?;
            ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body, Some(length))
        } else {
            ("text/csv; charset=utf-8", csv(lang, pages, export), None)
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
}

/// The next page of a table, and a rest.
async fn next<R>(rows: &mut Pages<R>) -> Option<Result<Vec<R>, Error>> {
    let began = Instant::now();
    let page = rows.next().await;
    background::rest(began).await;
    page
}

/// Sent while it is read, as fast as its reader takes it. What fails in the middle breaks off.
fn csv<R: SheetRow>(lang: Lang, mut rows: Pages<R>, export: Export) -> Body {
    let (pieces, sent) = mpsc::channel::<Result<Bytes, Failure>>(AHEAD);
    tokio::spawn(async move {
        let _ = pieces.send(Ok(sheets::csv_head::<R>(lang).into())).await;
        while let Some(page) = next(&mut rows).await {
            let piece = match page {
                Ok(some) => Ok(background::run(async move { sheets::csv_rows(lang, &some) }).await.into()),
                Err(error) => Err(error.into()),
            };
            let failed = piece.is_err();
            if pieces.send(piece).await.is_err() || failed {
                break;
            }
        }
    });
    let taken =
        |(mut sent, export): (mpsc::Receiver<_>, Export)| async move { Some((sent.recv().await?, (sent, export))) };
    // Compression looks again after the end.
    Body::from_stream(stream::unfold((sent, export), taken).fuse())
}

/// Written as a whole into a file that has no name, then sent from it; its length.
async fn workbook<R: SheetRow>(lang: Lang, mut rows: Pages<R>, export: Export) -> Result<(Body, u64), Error> {
    let turn = export.exports.books.clone().acquire_owned().await.map_err(|_| Error::Busy)?;
    let (pages, written) = mpsc::channel(AHEAD);
    let reading = async move {
        while let Some(page) = next(&mut rows).await {
            let failed = page.is_err();
            if pages.send(page).await.is_err() || failed {
                break;
            }
        }
    };
    // The turn ends with the work, also when whoever asked for it has gone.
    let writing = background::block(move || {
        let _turn = turn;
        sheets::xlsx::<R>(lang, written)
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
