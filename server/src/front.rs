//! In front of the router: accepts connections, and takes clicks straight to their handler.
//!
//! The button is pressed by everybody in one second. Guessing the protocol, boxing bodies, matching against every route
//! and the boxes of every layer on the way cost as much as the rest of a click; here it is HTTP/1.1 and one comparison of
//! the path, behind the same CSRF check.

use crate::{
    AppState,
    connections::Connection,
    cookies, error_page, pages, renders,
    reply::{self, Refusal},
    routes,
};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use futures::{FutureExt, TryFutureExt, future::Either};
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use model::Error;
use std::{
    convert::Infallible,
    io::{self, Write},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
};
use tower::{Layer, Service as _, service_fn};
use tower_http::csrf::CsrfLayer;

/// The most bytes of a request kept while it is read: no head needs more.
const BUFFER: usize = 64 << 10;
/// Connections that may wait to be taken; the system may allow fewer. Whoever finds no room starts over a second later, or is cut off.
const WAITING: u32 = 16_384;
/// A pause after the system refused a connection: the limit of open files was reached.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);

/// At the end a proxy's connections are kept for so long after their last answer is announced as such: what it sends into one
/// that is just being closed is lost, and a form that may have arrived is not sent again.
const LINGER: Duration = Duration::from_secs(1);
/// What whoever comes when there are too many is told.
const NO_ROOM: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A browser that was here over https once comes by nothing else for a year.
const ONLY_HTTPS: &str = "max-age=31536000";

/// Whoever sends requests without waiting for answers has each of them begun so much after the one before: the repeat of a held key,
/// faster than any finger. No browser does that, and no balancer, but programs that queue presses across an opening: answered as fast as
/// they can be, those of a few members keep a processor busy just when everybody else presses. (One in each read is not told from one
/// that was waited for.)
const QUEUED_PAUSE: Duration = Duration::from_millis(33);

/// After so many looks nobody waits any more for a peer that takes nothing of its answer. Many: the system takes more from us only
/// when a good part of what it has left, which a slow network needs minutes for.
const STALLED: u32 = 20;

/// Listens with room for everybody who comes in one second.
///
/// # Errors
/// When the address is taken, or none of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Answers on every connection until `stop` resolves, and then what was already asked on them.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>, goodbye: Duration) {
    let others = routes::router(state.clone());
    // Its receivers are the connections: they hear when to look at themselves and of the end, and are gone at theirs.
    let (calls, _) = watch::channel(Call::Look);
    let mut stop = std::pin::pin!(stop);
    let mut looks = tokio::time::interval(state.config.look_every);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            _ = looks.tick() => {
                calls.send_replace(Call::Look);
                continue;
            }
            () = &mut stop => break,
        };
        take(stream, peer, &state, &others, &calls);
    }
    // Whoever the system let in already is answered as well: a reset would tell a proxy that a press may have been taken.
    // (Without the turn-taking of tasks, which would end this after a hundred or so.)
    while let Some(Ok((stream, peer))) = tokio::task::coop::unconstrained(listener.accept()).now_or_never() {
        take(stream, peer, &state, &others, &calls);
    }
    drop(listener);
    calls.send_replace(Call::End);
    if tokio::time::timeout(goodbye, calls.closed()).await.is_err() {
        tracing::warn!(connections = calls.receiver_count(), "connections were still open");
    }
}

/// Begins a connection, when there is room for it.
fn take(stream: TcpStream, peer: SocketAddr, state: &AppState, others: &Router, calls: &watch::Sender<Call>) {
    let Some(counted) = state.connections.open(peer.ip()) else {
        metrics::counter!("connections_refused_total").increment(1);
        // As far as the system takes it: nobody waits for whoever is refused.
        let _ = stream.into_std().and_then(|mut stream| stream.write(NO_ROOM));
        return;
    };
    // Answers are small and somebody waits for each.
    let _ = stream.set_nodelay(true);
    tokio::spawn(converse(stream, peer, Arc::new(counted), state.clone(), others.clone(), calls.subscribe()));
}

/// What every connection is told at once: cheaper than a timer for each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    /// End when nothing was asked since the last look.
    Look,
    /// Answer what was asked, then end.
    End,
}

/// One connection, until either side ends it.
async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    counted: Arc<Connection>,
    state: AppState,
    others: Router,
    mut calls: watch::Receiver<Call>,
) {
    let asked = Arc::new(Asked { only_https: state.config.secure(), ..Asked::default() });
    let linger = if state.config.trusted_proxies > 0 { LINGER } else { Duration::ZERO };
    // Head and body of an answer leave in one piece: cheaper, small as they are, than a list of two.
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .writev(false)
        .serve_connection(
            TokioIo::new(Watched { stream, asked: asked.clone() }),
            service(state, others, peer, counted, asked.clone()),
        )
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let (mut seen, mut stalled) = (None, 0);
    loop {
        tokio::select! {
            biased;
            // A connection that breaks is its peer's affair.
            _ = connection.as_mut() => return,
            called = calls.changed() => {
                if called.is_err() || *calls.borrow_and_update() == Call::End {
                    asked.over.store(true, Ordering::Relaxed);
                    if tokio::time::timeout(linger, connection.as_mut()).await.is_err() {
                        connection.as_mut().graceful_shutdown();
                        let _ = connection.await;
                    }
                    return;
                }
                let (begun, answered, taken) = asked.counts();
                if seen != Some((begun, taken)) {
                    (seen, stalled) = (Some((begun, taken)), 0);
                } else if begun == answered {
                    // Whoever is still taking what they were answered is waited for, however slowly they do.
                    stalled += 1;
                    if !asked.waiting.load(Ordering::Relaxed) || stalled >= STALLED {
                        return;
                    }
                }
            }
        }
    }
}

/// Requests of one connection.
#[derive(Default)]
struct Asked {
    begun: AtomicU64,
    answered: AtomicU64,
    /// Bytes of answers that the other side, or the system for it, has taken.
    taken: AtomicU64,
    /// Whether more of one waits until the other side takes it.
    waiting: AtomicBool,
    /// Whether the next answer is the last.
    over: AtomicBool,
    /// Whether anything was read since an answer was handed over, or at all before the first one is.
    read: AtomicBool,
    /// Pages that are written, and wait as well.
    pages: Arc<renders::SentPages>,
    /// Whether browsers are told to come by nothing but https.
    only_https: bool,
}

impl Asked {
    fn counts(&self) -> (u64, u64, u64) {
        let now = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (now(&self.begun), now(&self.answered), now(&self.taken))
    }

    /// Another request begins; whether it was queued behind the one before: nothing was read since that one was answered. Whoever waits for
    /// answers never is, since what they send comes after. Nor is one whose end takes another read, at most one of each.
    fn begin(&self) -> bool {
        self.begun.fetch_add(1, Ordering::Relaxed);
        !self.read.load(Ordering::Relaxed)
    }

    /// An answer, whichever it is, is handed over. It says so when it is the last, and has its room until it was taken when it is a page.
    fn announce(&self, mut answer: Response) -> Response {
        self.read.store(false, Ordering::Relaxed);
        if self.over.load(Ordering::Relaxed) {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.only_https {
            answer.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONLY_HTTPS));
        }
        self.pages.of(answer)
    }
}

/// A connection of which is known how much the other side takes.
pub struct Watched {
    stream: TcpStream,
    asked: Arc<Asked>,
}

impl Watched {
    /// The connection alone.
    pub fn into_inner(self) -> TcpStream {
        self.stream
    }
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, to);
        if read.is_ready() {
            self.asked.read.store(true, Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(taken)) = written {
            self.asked.taken.fetch_add(taken as u64, Ordering::Relaxed);
        }
        self.asked.waiting.store(written.is_pending(), Ordering::Relaxed);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Asked for when everything before it was written.
        self.asked.pages.all_taken();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "a connection cannot be accepted");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
}

/// What answers the requests of one connection.
fn service(
    state: AppState,
    others: Router,
    peer: SocketAddr,
    counted: Arc<Connection>,
    asked: Arc<Asked>,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    let clicking = state.clone();
    let click = move |request| routes::enter::enter(clicking.clone(), peer, request);
    let clicks = CsrfLayer::new().layer(service_fn(click));
    let answer = {
        let (state, counted, asked) = (state.clone(), counted.clone(), asked.clone());
        move |mut request: Request<Incoming>| {
            let token = counted.token(&state, request.headers());
            let (state, asked, of) = (state.clone(), asked.clone(), counted.clone());
            let whose = move || {
                if let Some(member) = token.and_then(|token| state.engine.accounts.sessions.known(&token)) {
                    of.is_of(member);
                }
            };
            if request.method() == Method::POST && routes::enter::is_click(request.uri().path()) {
                // Answered within seconds, however slow its sender: no need to follow it.
                asked.answered.fetch_add(1, Ordering::Relaxed);
                Either::Left(clicks.clone().call(request).map_ok(move |answer| {
                    whose();
                    asked.announce(answer)
                }))
            } else {
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(counted.clone());
                let answer = others.clone().call(request.map(Body::new));
                Either::Right(answer.map_ok(move |answer| {
                    whose();
                    asked.answered.fetch_add(1, Ordering::Relaxed);
                    asked.announce(answer)
                }))
            }
        }
    };
    hyper::service::service_fn(move |request: Request<Incoming>| {
        let queued = asked.begin();
        if !queued && !counted.has_to_show() {
            return Either::Left(answer(request));
        }
        let (state, counted, asked, answer) = (state.clone(), counted.clone(), asked.clone(), answer.clone());
        Either::Right(Box::pin(async move {
            if queued {
                tokio::time::sleep(QUEUED_PAUSE).await;
            }
            if !counted.has_to_show() {
                return answer(request).await;
            }
            if let Ok(Some(session)) = cookies::session(&state, request.headers()).await {
                counted.is_of(session.member);
            }
            if !counted.has_to_show() {
                return answer(request).await;
            }
            metrics::counter!("connections_refused_total").increment(1);
            asked.answered.fetch_add(1, Ordering::Relaxed);
            asked.over.store(true, Ordering::Relaxed);
            let (refused, headers) = (Refusal(Error::TooMany { retry_after: 10 }).into_response(), request.headers());
            let wants_page = reply::wants_html(headers);
            Ok(asked.announce(if wants_page {
                error_page::page(pages::language(headers), pages::theme(headers), refused)
            } else {
                refused
            }))
        }))
    })
}
