//! Bodies of requests arrive in time, or not at all: whoever sends half of one holds nothing for long. A click has its own,
//! shorter time (see [`crate::routes::enter`]).

use crate::{AppState, reply};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use model::Error;
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A body is given up when nothing of it came for so long.
const IDLE: Duration = Duration::from_secs(10);
/// A body may take so long, and longer only as far as it comes at least at this rate: that of a bad mobile network.
const GRACE: Duration = Duration::from_secs(30);
const BYTES_PER_SECOND: u64 = 8 << 10;
/// Whatever it does, after this it is given up.
const AT_MOST: Duration = Duration::from_secs(600);
/// What each body may hold without being asked: any form that was typed.
const SMALL: usize = 16 << 10;
/// What all of them together may hold beyond that. Uploads have less among them, see [`crate::uploads`].
const ALL_TOGETHER: usize = 192 << 20;

/// What larger bodies hold at the moment, in bytes.
#[derive(Default)]
pub struct LargeBodies(AtomicUsize);

/// One body, for whoever reads it and whoever answers.
struct Reading {
    state: AppState,
    bytes: AtomicUsize,
    /// One of these: all is well, it came too slowly, there was no room for it.
    ended: AtomicU8,
}

const WELL: u8 = 0;
const TOO_SLOW: u8 = 1;
const NO_ROOM: u8 = 2;

impl Reading {
    fn held(&self) -> usize {
        self.bytes.load(Ordering::Relaxed).saturating_sub(SMALL)
    }

    /// So many more bytes came; whether there is room for them.
    fn more(&self, bytes: usize) -> bool {
        let before = self.held();
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let more = self.held() - before;
        self.state.bodies.0.fetch_add(more, Ordering::Relaxed) + more <= ALL_TOGETHER
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.state.bodies.0.fetch_sub(self.held(), Ordering::Relaxed);
    }
}

/// Answers a request whose body comes in time.
pub async fn in_time(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let ours = reply::sent_by_ours(request.headers());
    let reading = Arc::new(Reading { state, bytes: AtomicUsize::new(0), ended: AtomicU8::new(WELL) });
    let read = reading.clone();
    let answer = next.run(request.map(|body| Body::new(InTime { body, read, clock: None }))).await;
    let error = match reading.ended.load(Ordering::Relaxed) {
        TOO_SLOW => Error::TooSlow,
        NO_ROOM => Error::Busy,
        _ => return answer,
    };
    // Whatever its reader made of what it got.
    let mut answer = reply::refusal(ours, error);
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// A body that ends with an error when it does not come in time.
struct InTime {
    body: Body,
    read: Arc<Reading>,
    /// From when somebody first asks for it: until then it may wait for its turn.
    clock: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl InTime {
    fn fail(&self, why: u8) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.read.ended.store(why, Ordering::Relaxed);
        Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))))
    }
}

/// Until when the next piece has to come of a body that began at `began`.
pub fn deadline(began: Instant, now: Instant, bytes: usize) -> Instant {
    let by_rate = GRACE + Duration::from_secs(bytes as u64 / BYTES_PER_SECOND);
    (now + IDLE).min(began + by_rate.min(AT_MOST))
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let now = Instant::now();
        let read = &this.read;
        let (began, alarm) =
            this.clock.get_or_insert_with(|| (now, Box::pin(tokio::time::sleep_until(deadline(now, now, 0)))));
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                if !read.more(frame.data_ref().map_or(0, Bytes::len)) {
                    return this.fail(NO_ROOM);
                }
                let until = deadline(*began, now, read.bytes.load(Ordering::Relaxed));
                alarm.as_mut().reset(until);
                if until <= now { this.fail(TOO_SLOW) } else { Poll::Ready(Some(Ok(frame))) }
            }
            Poll::Pending => match alarm.as_mut().poll(context) {
                Poll::Ready(()) => this.fail(TOO_SLOW),
                Poll::Pending => Poll::Pending,
            },
            ended => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
