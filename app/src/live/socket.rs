//! The browser's end of the live channel: joins, measures the clock, and comes back by itself.

use super::{Connection, Room, clock::local};
use crate::paths;
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
    future::{Either, select},
};
use gloo_net::websocket::{Message, futures::WebSocket};
use leptos::{prelude::*, task::spawn_local};
use model::{
    live::{OUTDATED, ToBrowser, ToServer},
    wire::{VERSION, decode, encode},
};

/// Pings at the start of a connection, this many milliseconds apart: their best sets the clock.
const FIRST_PINGS: [u32; 6] = [0, 60, 120, 250, 500, 1000];
/// Afterwards one ping each so many milliseconds.
const PING_EVERY: u32 = 1500;
/// A connection on which nothing answered for so many microseconds, looked at with every ping, is dead although nobody
/// said so.
const DEAD_AFTER: i64 = 2_900_000;
/// What a measurement loses in worth between two pings, in microseconds: 20 ppm of drift.
const AGEING: i64 = 30;
/// A socket that takes longer to open, in milliseconds, is given up for another.
const OPEN_WITHIN: u32 = 4000;
/// Waits between attempts to come back: doubled from the first to the last, in milliseconds.
const RETRY: (u32, u32) = (150, 2000);
/// A click without an answer is sent again after this many milliseconds.
const ANSWER_WITHIN: u32 = 2500;

/// Opens the socket and keeps it open while the page is shown.
pub fn connect(room: Room) {
    let (notify, posted) = unbounded::<()>();
    Effect::new(move |_| {
        room.posted.track();
        let _ = notify.unbounded_send(());
    });
    spawn_local(keep(room, posted));
}

/// `false` once the page is gone and its signals with it.
fn alive(room: Room) -> bool {
    room.connection.try_get_untracked().is_some()
}

async fn keep(room: Room, mut posted: UnboundedReceiver<()>) {
    let mut wait = RETRY.0;
    while alive(room) {
        if run(room, &mut posted).await {
            wait = RETRY.0;
        }
        if !alive(room) || room.connection.get_untracked() == Connection::Outdated {
            return;
        }
        room.connection.set(Connection::Lost);
        // Jitter, so that a restarted server does not see everybody in one instant.
        sleep(wait + (js_sys::Math::random() * f64::from(wait)) as u32).await;
        wait = (wait * 2).min(RETRY.1);
    }
}

/// One connection; whether it was ever open.
async fn run(room: Room, posted: &mut UnboundedReceiver<()>) -> bool {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return false;
    };
    let scheme = if location.protocol().is_ok_and(|p| p == "https:") { "wss" } else { "ws" };
    let Ok(host) = location.host() else { return false };
    let Ok(socket) = WebSocket::open(&format!("{scheme}://{host}{}?v={VERSION}", paths::LIVE)) else {
        return false;
    };
    let (mut sink, mut stream) = socket.split();
    let chat_seen = room.chat.with_untracked(|chat| chat.last().map_or(0, |line| line.number));
    let join = ToServer::Join { event: room.event, chat_seen };
    // A socket that fails before it opens tells nobody: neither do we wait for ever.
    let joined = {
        let sent = sink.send(frame(&join)).boxed_local();
        matches!(select(sent, sleep(OPEN_WITHIN).boxed_local()).await, Either::Left((Ok(()), _)))
    };
    if !joined || !alive(room) {
        return false;
    }
    // Nothing measured on another connection, or before a sleep, tells about this one.
    room.ticker.forget();
    // A click whose answer was lost with the connection is sent again: the first one counts.
    if room.pressing.get_untracked() {
        let code = room.code.get_untracked();
        let enter = ToServer::Enter { event: room.event, code: (!code.is_empty()).then_some(code) };
        let _ = sink.send(frame(&enter)).await;
    }
    let (pings, mut due) = unbounded::<()>();
    spawn_local(ping_times(pings.clone()));
    let mut opened = false;
    // When the first ping since the last answer was sent.
    let mut asked_at = None;
    let mut pressed_at = room.pressing.get_untracked().then(local);
    loop {
        let wake = select(posted.next().boxed_local(), due.next().boxed_local());
        match select(stream.next().boxed_local(), wake).await {
            Either::Left((message, _)) => {
                let bytes = match message {
                    Some(Ok(Message::Bytes(bytes))) => bytes,
                    Some(Ok(Message::Text(_))) => continue,
                    Some(Err(_)) | None => return opened,
                };
                let received = local();
                if !alive(room) {
                    return opened;
                }
                if !opened {
                    opened = true;
                    room.connection.set(Connection::Live);
                }
                if bytes == OUTDATED {
                    room.connection.set(Connection::Outdated);
                    return opened;
                }
                match decode(&bytes) {
                    Some(ToBrowser::Pong { sent, at }) => {
                        asked_at = None;
                        room.ticker.measured(sent, received, at);
                    }
                    Some(message) => {
                        if !room.receive(message) && sink.send(frame(&join)).await.is_err() {
                            return opened;
                        }
                    }
                    None => {}
                }
            }
            Either::Right((Either::Left((None, _)) | Either::Right((None, _)), _)) => return opened,
            Either::Right((Either::Left((Some(()), _)), _)) => {
                let messages = room.outbox.try_update_value(std::mem::take).unwrap_or_default();
                for message in messages {
                    if matches!(message, ToServer::Enter { .. }) {
                        pressed_at = Some(local());
                        // Looked at again when its answer is due.
                        let due = pings.clone();
                        set_timeout(
                            move || drop(due.unbounded_send(())),
                            std::time::Duration::from_millis((ANSWER_WITHIN + 10).into()),
                        );
                    }
                    if sink.send(frame(&message)).await.is_err() {
                        return opened;
                    }
                }
            }
            Either::Right((Either::Right((Some(()), _)), _)) => {
                if !alive(room) {
                    return opened;
                }
                room.ticker.age(AGEING);
                if asked_at.is_some_and(|at| local() - at > DEAD_AFTER) {
                    return opened;
                }
                asked_at.get_or_insert_with(local);
                let ping = ToServer::Ping { sent: local() };
                if sink.send(frame(&ping)).await.is_err() {
                    return opened;
                }
                // A click without its answer is worth another connection.
                let late = pressed_at.is_some_and(|at| local() - at > i64::from(ANSWER_WITHIN) * 1000);
                if late && room.pressing.get_untracked() {
                    return opened;
                }
            }
        }
    }
}

async fn ping_times(pings: UnboundedSender<()>) {
    for wait in FIRST_PINGS.into_iter().chain(std::iter::repeat(PING_EVERY)) {
        sleep(wait).await;
        if pings.unbounded_send(()).is_err() {
            return;
        }
    }
}

async fn sleep(milliseconds: u32) {
    let (wake, woken) = futures::channel::oneshot::channel::<()>();
    set_timeout(move || drop(wake), std::time::Duration::from_millis(milliseconds.into()));
    let _ = woken.map(|_| ()).await;
}

fn frame(message: &ToServer) -> Message {
    Message::Bytes(encode(message))
}
