//! In front of the router: accepts connections, and takes clicks straight to their handler.
//!
//! The button is pressed by everybody in one second. Guessing the protocol, boxing bodies, matching against every route
//! and the boxes of every layer on the way cost as much as the rest of a click; here it is HTTP/1.1 and one comparison of
//! the path, behind the same CSRF check.

use crate::{AppState, routes};
use axum::{Router, body::Body, extract::ConnectInfo, http::Method, response::Response};
use futures::future::Either;
use hyper::{Request, body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io, net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::{Layer, Service as _, service_fn};
use tower_http::csrf::CsrfLayer;

/// The most bytes of a request kept while it is read: no head needs more.
const BUFFER: usize = 64 << 10;
/// A pause after the system refused a connection: the limit of open files was reached.
const AFTER_REFUSAL: Duration = Duration::from_millis(100);

/// Answers on every connection until `stop` resolves, and then whatever was already asked.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()>) {
    let others = routes::router(state.clone());
    // Its receivers are the connections: they hear of the end, and are gone at theirs.
    let (ending, _) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        // Answers are small and somebody waits for each.
        let _ = stream.set_nodelay(true);
        let mut ended = ending.subscribe();
        let service = service(state.clone(), others.clone(), peer);
        tokio::spawn(async move {
            // Head and body of an answer leave in one piece: cheaper, small as they are, than a list of two.
            let connection = http1::Builder::new()
                .max_buf_size(BUFFER)
                .writev(false)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            let mut connection = std::pin::pin!(connection);
            // A connection that breaks is its peer's affair.
            tokio::select! {
                biased;
                _ = connection.as_mut() => {}
                _ = ended.changed() => {
                    connection.as_mut().graceful_shutdown();
                    let _ = connection.await;
                }
            }
        });
    }
    drop(listener);
    ending.send_replace(());
    ending.closed().await;
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
) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> {
    let click = move |request| routes::enter::enter(state.clone(), request);
    let clicks = CsrfLayer::new().layer(service_fn(click));
    hyper::service::service_fn(move |mut request: Request<Incoming>| {
        if request.method() == Method::POST && routes::enter::is_click(request.uri().path()) {
            Either::Left(clicks.clone().call(request))
        } else {
            request.extensions_mut().insert(ConnectInfo(peer));
            Either::Right(others.clone().call(request.map(Body::new)))
        }
    })
}
