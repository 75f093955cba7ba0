//! Pages that are being made, or wait for readers who take them slowly: bounded by what they weigh.
//!
//! A page is one text, in memory until the system has taken all of it for its reader. Whoever asks for many and takes none finds
//! room for so many, and is told that they are too many; others wait a moment for theirs, and are told that it is the site that cannot
//! take them: pages of others fill it, or hang with a database that does not answer. Whoever is signed in has room of their own beside,
//! and each of them a share of it.

use crate::counts::{AtAddress, Counted, Counts, Networks};
use axum::{
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use model::{Error, MemberId};
use std::{
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

/// What all pages may weigh together, in bytes.
pub const ALL_TOGETHER: usize = 256 << 20;
/// Of that so much is kept for whoever is signed in; of it one member has so much, and one address of the rest.
const OF_MEMBERS: usize = 4;
const SHARE: usize = 2;
/// What is counted at a time.
const PIECE: usize = 16 << 10;
/// What a page counts as until it is made.
pub const USUAL: usize = 256 << 10;
/// A page that waits is there twice: as it was made, and as it is being sent.
const COPIES: usize = 2;
/// So many are made at once of whoever is signed in, and of others: one that is being made weighs several times what it comes to.
const AT_ONCE: usize = 32;
/// How long is waited for room.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often is looked for it at an address, or for a member.
pub const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// What is told at an address that has its share, and to a member who has theirs.
pub const SHARE_USED_UP: Error = Error::TooMany { retry_after: 5 };

fn pieces(bytes: usize) -> usize {
    bytes.div_ceil(PIECE)
}

/// Room for pages, and for what else everybody may read.
pub struct Renders {
    everybody: Arc<Semaphore>,
    members: Arc<Semaphore>,
    /// Turns to be made, of members and of others.
    turns: [Arc<Semaphore>; 2],
    of_networks: Networks,
    of_members: Counts<MemberId>,
}

/// Room that a page has, until this is dropped.
pub struct Render {
    room: OwnedSemaphorePermit,
    /// While it is being made.
    turn: Option<OwnedSemaphorePermit>,
    _whose: (Option<Counted<MemberId>>, Option<AtAddress>),
}

impl Renders {
    /// Room for so many bytes.
    pub fn new(bytes: usize) -> Renders {
        let members = bytes / OF_MEMBERS;
        let everybody = bytes - members;
        let of_networks = Networks::new(u32::try_from(everybody / SHARE / USUAL).unwrap_or(u32::MAX));
        // Nor can one member have every turn.
        let of_members = Counts::new((members / USUAL).min(AT_ONCE).div_ceil(SHARE) as u32);
        let [everybody, members] = [everybody, members].map(|bytes| Arc::new(Semaphore::new(pieces(bytes))));
        let turns = [(); 2].map(|()| Arc::new(Semaphore::new(AT_ONCE)));
        Renders { everybody, members, turns, of_networks, of_members }
    }

    /// Room for one page more, of a member or else of whoever is at an address.
    ///
    /// # Errors
    /// When there is none soon: [`Error::TooMany`] where the member or the address has its share, else [`Error::Busy`].
    pub async fn begin(&self, member: Option<MemberId>, address: IpAddr) -> Result<Render, Error> {
        let whose = match member {
            Some(member) => (Some(share(|| self.of_members.take(member)).await.map_err(refused)?), None),
            None => (None, Some(share(|| self.of_networks.take(address)).await.map_err(refused)?)),
        };
        let usual = pieces(USUAL) as u32;
        let making = async {
            // First the turn: whoever waits for it has no room that others could use. Who has room waits for no turn.
            let turn = self.turns[usize::from(member.is_some())].clone().acquire_owned().await.ok()?;
            let room = match self.everybody.clone().try_acquire_many_owned(usual) {
                Ok(room) => room,
                Err(_) => {
                    let waited_for = if member.is_some() { &self.members } else { &self.everybody };
                    waited_for.clone().acquire_many_owned(usual).await.ok()?
                }
            };
            Some(Render { room, turn: Some(turn), _whose: whose })
        };
        tokio::time::timeout(PATIENCE, making).await.ok().flatten().ok_or_else(|| refused(Error::Busy))
    }

    /// How much room there is for everybody, in pieces.
    pub fn room(&self) -> usize {
        self.everybody.available_permits()
    }
}

/// Takes a place of a share, which may be free soon.
///
/// # Errors
/// [`Error::TooMany`] when none is.
pub async fn share<T>(take: impl Fn() -> Option<T>) -> Result<T, Error> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(place) = take() {
            return Ok(place);
        }
        if Instant::now() > until {
            return Err(SHARE_USED_UP);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn refused(error: Error) -> Error {
    metrics::counter!("pages_refused_total", "code" => error.code()).increment(1);
    error
}

impl Render {
    /// The page is made, and has so many bytes.
    ///
    /// # Errors
    /// [`Error::Busy`] when that is more than there is room for.
    pub fn weighs(&mut self, bytes: usize) -> Result<(), Error> {
        self.turn = None;
        let (has, needs) = (self.room.num_permits(), pieces(COPIES * bytes));
        if needs <= has {
            drop(self.room.split(has - needs));
            return Ok(());
        }
        let no_room = || refused(Error::Busy);
        let more = u32::try_from(needs - has).map_err(|_| no_room())?;
        let more = self.room.semaphore().clone().try_acquire_many_owned(more).map_err(|_| no_room())?;
        self.room.merge(more);
        Ok(())
    }

    /// The same of something else than a page, which is as long as this answer.
    ///
    /// # Errors
    /// As [`Render::weighs`].
    pub fn with(mut self, mut answer: Response) -> Result<Response, Error> {
        let bytes = answer.body().size_hint().lower();
        self.weighs(usize::try_from(bytes).unwrap_or(usize::MAX / COPIES))?;
        self.go_with(&mut answer);
        Ok(answer)
    }

    /// It keeps its room until whoever sends this answer knows that it was taken, see [`SentPages::of`].
    pub fn go_with(self, answer: &mut Response) {
        answer.extensions_mut().insert(Arc::new(self));
    }
}

/// Pages of one connection that are written, and that the system has not taken yet.
#[derive(Default)]
pub struct SentPages {
    pages: Mutex<Vec<Arc<Render>>>,
    any: AtomicBool,
}

impl SentPages {
    /// An answer whose page, if it is one, keeps its room until the system has taken it: until [`SentPages::all_taken`] after its last
    /// byte was written.
    pub fn of(self: &Arc<Self>, mut answer: Response) -> Response {
        match answer.extensions_mut().remove::<Arc<Render>>() {
            Some(page) => answer.map(|body| Body::new(Taken { body, page: Some(page), sent: self.clone() })),
            None => answer,
        }
    }

    /// The system has taken everything that was written.
    pub fn all_taken(&self) {
        if self.any.load(Ordering::Relaxed) {
            self.any.store(false, Ordering::Relaxed);
            self.pages.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    fn add(&self, page: Arc<Render>) {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).push(page);
        self.any.store(true, Ordering::Relaxed);
    }
}

/// The body of a page.
struct Taken {
    body: Body,
    page: Option<Arc<Render>>,
    sent: Arc<SentPages>,
}

impl HttpBody for Taken {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(page) = self.page.take() {
            self.sent.add(page);
        }
    }
}
