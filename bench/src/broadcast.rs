//! Baselines of the live channel: everybody is sent what anybody gives, in binary; text is echoed.

use crate::Failure;
use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{broadcast, mpsc},
};
use tokio_tungstenite::tungstenite;

/// Frames kept for whoever is late: more than are ever on their way, so that none is lost.
const KEPT: usize = 256;

/// tokio-tungstenite alone. The best setting found: one task to read, which sleeps, and one to write, which looks at nothing
/// else.
pub async fn plain(listener: TcpListener) -> Result<(), Failure> {
    let (everybody, _) = broadcast::channel(KEPT);
    loop {
        let (stream, _) = listener.accept().await?;
        let _ = stream.set_nodelay(true);
        tokio::spawn(converse(stream, everybody.clone()));
    }
}

async fn converse(stream: TcpStream, everybody: broadcast::Sender<Bytes>) -> Result<(), Failure> {
    let config = tungstenite::protocol::WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
    let (mut sink, mut stream) = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?.split();
    let mut given = everybody.subscribe();
    let (echo, mut echoes) = mpsc::channel(1);
    tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                biased;
                given = given.recv() => given.ok().map(tungstenite::Message::Binary),
                echo = echoes.recv() => echo,
            };
            let Some(message) = message else { return };
            if sink.send(message).await.is_err() {
                return;
            }
        }
    });
    while let Some(message) = stream.next().await {
        match message? {
            tungstenite::Message::Binary(bytes) => drop(everybody.send(bytes)),
            message @ tungstenite::Message::Text(_) => echo.send(message).await?,
            _ => {}
        }
    }
    Ok(())
}

/// axum's WebSocket as it comes.
pub fn axum() -> Router {
    let (everybody, _) = broadcast::channel::<Bytes>(KEPT);
    let upgrade = |State(everybody): State<broadcast::Sender<Bytes>>, socket: WebSocketUpgrade| async move {
        let answer: Response = socket.on_upgrade(move |socket| hold(socket, everybody));
        answer
    };
    Router::new().route("/live", get(upgrade)).with_state(everybody)
}

async fn hold(mut socket: WebSocket, everybody: broadcast::Sender<Bytes>) {
    let mut given = everybody.subscribe();
    loop {
        let answer = tokio::select! {
            given = given.recv() => given.ok().map(Message::Binary),
            message = socket.recv() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    let _ = everybody.send(bytes);
                    continue;
                }
                Some(Ok(Message::Text(text))) => Some(Message::Text(text)),
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => None,
            },
        };
        let Some(answer) = answer else { return };
        if socket.send(answer).await.is_err() {
            return;
        }
    }
}
