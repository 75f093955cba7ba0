//! In front of the router: accepts connections, and takes clicks straight to their handler.
//!
//! The button is pressed by everybody in one second. Guessing the protocol, boxing bodies, matching against every route
//! and the boxes of every layer on the way cost as much as the rest of a click; here it is HTTP/1.1 and one comparison of
//! the path, behind the same CSRF check.

use crate::{AppState, routes};
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderValue, Method, header},
    response::Response,
};
use futures::{FutureExt, TryFutureExt, future::Either};
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
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
/// How often a connection is looked at: one that asked for nothing since the last look, or never finished asking, ends.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Listens with room for everybody who comes in one second.
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
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            _ = looks.tick() => {
                calls.send_replace(Call::Look);
                continue;
            }
            () = &mut stop => break,
        };
        // Answers are small and somebody waits for each.
        let _ = stream.set_nodelay(true);
        tokio::spawn(converse(stream, peer, state.clone(), others.clone(), calls.subscribe()));
    }
    // Whoever the system let in already is answered as well: a reset would tell a proxy that a press may have been taken.
    // (Without the turn-taking of tasks, which would end this after a hundred or so.)
    while let Some(Ok((stream, peer))) = tokio::task::coop::unconstrained(listener.accept()).now_or_never() {
        let _ = stream.set_nodelay(true);
        tokio::spawn(converse(stream, peer, state.clone(), others.clone(), calls.subscribe()));
    }
    drop(listener);
    calls.send_replace(Call::End);
    if tokio::time::timeout(goodbye, calls.closed()).await.is_err() {
        tracing::warn!(connections = calls.receiver_count(), "connections were still open");
    }
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
    state: AppState,
    others: Router,
    mut calls: watch::Receiver<Call>,
) {
    let asked = Arc::new(Asked::default());
    let linger = if state.config.trusted_proxies > 0 { LINGER } else { Duration::ZERO };
    // Head and body of an answer leave in one piece: cheaper, small as they are, than a list of two.
    let connection = http1::Builder::new()
        .max_buf_size(BUFFER)
        .writev(false)
        .serve_connection(TokioIo::new(stream), service(state, others, peer, asked.clone()))
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let mut seen = None;
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
                let (begun, answered) = asked.counts();
                if seen == Some(begun) && begun == answered {
                    return;
                }
                seen = Some(begun);
            }
        }
    }
}

/// Requests of one connection.
#[derive(Default)]
struct Asked {
    begun: AtomicU64,
    answered: AtomicU64,
    /// Whether the next answer is the last.
    over: AtomicBool,
}

impl Asked {
    fn counts(&self) -> (u64, u64) {
        (self.begun.load(Ordering::Relaxed), self.answered.load(Ordering::Relaxed))
    }

    /// An answer, which says so when it is the last.
    fn announce(&self, mut answer: Response) -> Response {
        if self.over.load(Ordering::Relaxed) {
            answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        answer
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
    asked: Arc<Asked>,
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    let click = move |request| routes::enter::enter(state.clone(), request);
    let clicks = CsrfLayer::new().layer(service_fn(click));
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        asked.begun.fetch_add(1, Ordering::Relaxed);
        if request.method() == Method::POST && routes::enter::is_click(request.uri().path()) {
            // Answered within seconds, however slow its sender: no need to follow it.
            asked.answered.fetch_add(1, Ordering::Relaxed);
            let asked = asked.clone();
            Either::Left(clicks.clone().call(request).map_ok(move |answer| asked.announce(answer)))
        } else {
            let asked = asked.clone();
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = others.clone().call(request.map(Body::new));
            Either::Right(answer.map_ok(move |answer| {
                asked.answered.fetch_add(1, Ordering::Relaxed);
                asked.announce(answer)
            }))
        }
    })
}
