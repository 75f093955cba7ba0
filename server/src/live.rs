//! `GET /live`: the socket that carries rooms, clicks and chat. The messages are in [`model::live`].
//!
//! One task a socket. It looks first for answers to its own clicks, then at what its owner sends, then for the board and for
//! chat; what it cannot send in time it never queues, because rooms are read from, not pushed to.

use crate::{
    AppState,
    cookies::{self, Address},
    reply::Refusal,
};
use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::{
    members::{Session, SessionToken},
    rooms::{Person, Published, Room, Stay, encode},
    turnstile::Answer,
};
use futures::FutureExt;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use model::{
    Error, EventId, RequestId, Time,
    live::{MAX_FRAME, ToBrowser, ToServer, VERSION},
};
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

/// Rooms that one page may be in.
const MAX_ROOMS: usize = 4;
/// Answers that may wait for one socket.
const ANSWERS: usize = 32;
/// Read at once: cleared before every look at a socket, and longer than what browsers send but for chat.
const READ_BUFFER: usize = 256;
/// Bytes that may wait to be taken by a reader: more than the largest snapshot, with the lines said since.
const MAX_WAITING: usize = 1 << 20;
/// Frames a socket may send at once, and per second afterwards.
const BURST: u32 = 60;
const PER_SECOND: u32 = 20;
/// How often a quiet socket is probed and its session looked at.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A frame that takes longer to leave closes its socket.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
/// Close code: come back at once, the server restarts (RFC 6455 registry, "service restart").
const RESTART: u16 = 1012;
/// Close code: try again later.
const TRY_AGAIN: u16 = 1013;
/// Close code: you broke the rules of this channel.
const POLICY: u16 = 1008;
/// Close code: your session ended.
const SIGNED_OUT: u16 = 4401;

/// Upgrades after checking that the page is ours: the CSRF layer lets GET requests pass.
pub async fn upgrade(
    State(state): State<AppState>,
    Address(address): Address,
    uri: Uri,
    headers: HeaderMap,
    socket: WebSocketUpgrade,
) -> Response {
    if !same_origin(&uri, &headers) {
        return Refusal(Error::Forbidden).into_response();
    }
    let Some(guard) = state.sockets.open(address) else {
        return Refusal(Error::TooMany { retry_after: 10 }).into_response();
    };
    let session = match cookies::session(&state, &headers).await {
        Ok(session) => session,
        Err(error) => return Refusal(error).into_response(),
    };
    let token = cookies::token(&state, &headers);
    let person = cookies::person(session.as_deref(), &headers, address);
    socket
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(MAX_WAITING)
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(move |socket| async move {
            let (answers, answered) = mpsc::channel(ANSWERS);
            let who = Who { token, session, person };
            let live = Live { state, socket, who, rooms: Vec::new(), answers, heard: true };
            live.run(answered).await;
            drop(guard);
        })
}

/// Browsers always send Origin with a socket; programs need not.
fn same_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let host =
        uri.authority().map(axum::http::uri::Authority::as_str).or_else(|| headers.get(header::HOST)?.to_str().ok());
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((origin, host), (Some((_, origin)), Some(host)) if origin == host)
}

struct Who {
    token: Option<SessionToken>,
    session: Option<Arc<Session>>,
    person: Person,
}

struct Joined {
    room: Arc<Room>,
    watch: watch::Receiver<Published>,
    _stay: Stay,
    seen: Option<u64>,
    chat_seen: u64,
}

/// Why a socket ends.
enum End {
    /// The other side is gone.
    Gone,
    /// We close it, and say why.
    Close(u16, &'static str),
}

struct Live {
    state: AppState,
    socket: WebSocket,
    who: Who,
    rooms: Vec<Joined>,
    answers: mpsc::Sender<Bytes>,
    /// Whether anything came since the last probe.
    heard: bool,
}

impl Live {
    async fn run(mut self, mut answered: mpsc::Receiver<Bytes>) {
        let per_second = Quota::per_second(NonZeroU32::new(PER_SECOND).unwrap_or(NonZeroU32::MIN));
        let frames = RateLimiter::direct(per_second.allow_burst(NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN)));
        let mut stopping = self.state.stopping.subscribe();
        let mut stopped = std::pin::pin!(stopped(&mut stopping));
        let mut pings = tokio::time::interval(PING_EVERY);
        pings.reset();
        let end = loop {
            let step = tokio::select! {
                biased;
                Some(answer) = answered.recv() => self.send(answer).await,
                // Before what is new in the room: on a busy machine there is always something new.
                frame = self.socket.recv() => self.received(frame, &frames).await,
                changed = any_changed(&mut self.rooms) => self.show(changed).await,
                () = &mut stopped => Err(End::Close(RESTART, "restart")),
                _ = pings.tick() => self.probe().await,
            };
            if let Err(end) = step {
                break end;
            }
        };
        if let End::Close(code, reason) = end {
            let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
            let _ = tokio::time::timeout(SEND_TIMEOUT, self.socket.send(close)).await;
        }
    }

    async fn send(&mut self, frame: Bytes) -> Result<(), End> {
        match tokio::time::timeout(SEND_TIMEOUT, self.socket.send(Message::Binary(frame))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Pings, and looks whether the session still stands.
    async fn probe(&mut self) -> Result<(), End> {
        // A browser answers pings by itself: silence means that nobody is there.
        if !std::mem::take(&mut self.heard) {
            return Err(End::Gone);
        }
        if let (Some(token), Some(_)) = (&self.who.token, &self.who.session) {
            match self.state.engine.members.sessions.of(token).await {
                Ok(Some(session)) => self.who.session = Some(session),
                Ok(None) => return Err(End::Close(SIGNED_OUT, "signed out")),
                Err(_) => {}
            }
        }
        match tokio::time::timeout(SEND_TIMEOUT, self.socket.send(Message::Ping(Bytes::new()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }

    async fn received(
        &mut self,
        frame: Option<Result<Message, axum::Error>>,
        frames: &DefaultDirectRateLimiter,
    ) -> Result<(), End> {
        // Stamped before anything else is looked at.
        let read_at = self.state.engine.clock.now();
        self.heard = true;
        let bytes = match frame {
            Some(Ok(Message::Text(text))) => Bytes::from(text),
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if frames.check().is_ok() => return Ok(()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Err(End::Close(POLICY, "too many frames")),
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(End::Gone),
        };
        let Ok(message) = serde_json::from_slice::<ToServer>(&bytes) else {
            return Err(End::Close(POLICY, "malformed frame"));
        };
        if frames.check().is_err() {
            return self.too_many(message, read_at).await;
        }
        match message {
            ToServer::Ping { sent } => self.send(encode(&ToBrowser::Pong { sent, at: read_at })).await,
            ToServer::Join { version, .. } if version != VERSION => self.send(encode(&ToBrowser::Outdated)).await,
            ToServer::Join { event, chat_seen, .. } => self.join(event, chat_seen).await,
            ToServer::Leave { event } => {
                self.rooms.retain(|joined| joined.room.event != event);
                Ok(())
            }
            ToServer::Enter { event, code } => {
                self.press(event, code, read_at);
                Ok(())
            }
            ToServer::Say { event, request, text } => {
                let (state, session, answers) = (self.state.clone(), self.who.session.clone(), self.answers.clone());
                tokio::spawn(async move {
                    if let Err(error) = say(&state, session, event, request, &text).await {
                        let request = Some(request);
                        let _ = answers.send(encode(&ToBrowser::Refused { event, request, error })).await;
                    }
                });
                Ok(())
            }
            ToServer::Moderate { event, number, what } => {
                let (state, session, answers) = (self.state.clone(), self.who.session.clone(), self.answers.clone());
                tokio::spawn(async move {
                    let done = async {
                        let session = session.ok_or(Error::SignedOut)?;
                        let chat = &state.engine.chat;
                        chat.moderate(event, &session, number, what).await.map_err(engine::Error::public)
                    };
                    if let Err(error) = done.await {
                        // Shown where lines that were refused are.
                        let request = Some(RequestId(uuid::Uuid::nil()));
                        let _ = answers.send(encode(&ToBrowser::Refused { event, request, error })).await;
                    }
                });
                Ok(())
            }
        }
    }

    /// A socket that sends too fast is closed, but never because of its owner's thumb: whoever hammers is told to wait, and
    /// from the opening on every press counts.
    async fn too_many(&mut self, message: ToServer, read_at: Time) -> Result<(), End> {
        let ToServer::Enter { event, code } = message else {
            return Err(End::Close(POLICY, "too many frames"));
        };
        let gate = self.state.engine.turnstile.gate(event).await;
        if gate.is_ok_and(|gate| read_at >= gate.terms.moments.opens_at) {
            self.press(event, code, read_at);
            return Ok(());
        }
        let error = Error::TooMany { retry_after: 1 };
        self.send(encode(&ToBrowser::Refused { event, request: None, error })).await
    }

    /// Presses without keeping the socket from anything else.
    fn press(&self, event: EventId, code: Option<String>, read_at: Time) {
        let (state, session, answers) = (self.state.clone(), self.who.session.clone(), self.answers.clone());
        tokio::spawn(async move {
            let frame = match press(&state, session, event, code.as_deref(), read_at).await {
                Ok(Answer::Entered(entry) | Answer::Again(entry)) => ToBrowser::Entered { event, entry },
                Ok(Answer::Refused(error)) | Err(error) => ToBrowser::Refused { event, request: None, error },
            };
            let _ = answers.send(encode(&frame)).await;
        });
    }

    async fn join(&mut self, event: EventId, chat_seen: u64) -> Result<(), End> {
        self.rooms.retain(|joined| joined.room.event != event);
        if self.rooms.len() >= MAX_ROOMS {
            return Err(End::Close(POLICY, "too many rooms"));
        }
        let room = match self.state.engine.room(event).await {
            Ok(room) => room,
            Err(error) => {
                let error = error.public();
                if error.status() >= 500 {
                    return Err(End::Close(TRY_AGAIN, "busy"));
                }
                return self.send(encode(&ToBrowser::Refused { event, request: None, error })).await;
            }
        };
        let stay = room.enter(self.who.person);
        let watch = room.watch();
        self.rooms.push(Joined { room, watch, _stay: stay, seen: None, chat_seen });
        let index = self.rooms.len() - 1;
        self.catch_up_chat(index).await?;
        self.show(index).await
    }

    /// Lines said since the page was made, from the database when the room no longer holds them.
    async fn catch_up_chat(&mut self, index: usize) -> Result<(), End> {
        let joined = &mut self.rooms[index];
        let event = joined.room.event;
        let (last, kept) = {
            let published = joined.watch.borrow();
            (published.chat_last, published.chat_since(joined.chat_seen).len() as u64)
        };
        if last > joined.chat_seen + kept
            && let Ok(lines) = self.state.engine.chat.lines(event, None).await
        {
            let lines: Vec<_> = lines.into_iter().filter(|line| line.number > joined.chat_seen).collect();
            joined.chat_seen = lines.last().map_or(last, |line| line.number);
            return self.send(encode(&ToBrowser::Chat { event, lines })).await;
        }
        Ok(())
    }

    /// Sends what the reader of a room has not seen.
    async fn show(&mut self, index: usize) -> Result<(), End> {
        let joined = &mut self.rooms[index];
        let event = joined.room.event;
        let (mut frames, whole, chat, version, chat_last) = {
            let published = joined.watch.borrow_and_update();
            let (frames, whole) = match joined.seen {
                Some(seen) if seen == published.version => (Vec::new(), false),
                seen => (published.since(seen), !published.leads_from(seen)),
            };
            (frames, whole, published.chat_since(joined.chat_seen), published.version, published.chat_last)
        };
        (joined.seen, joined.chat_seen) = (Some(version), chat_last.max(joined.chat_seen));
        frames.extend(chat);
        // Who is given the whole room has missed changes, perhaps of their own entry.
        if whole
            && let Some(session) = &self.who.session
            && let Ok(Some(entry)) = self.state.engine.turnstile.entry(event, session.member).await
        {
            self.send(encode(&ToBrowser::Entered { event, entry })).await?;
        }
        for frame in frames {
            self.send(frame).await?;
        }
        Ok(())
    }
}

/// The index of a room with news; pending when there is none.
async fn any_changed(rooms: &mut [Joined]) -> usize {
    match rooms {
        [] => std::future::pending().await,
        // A room's sender outlives its stays.
        [joined] => {
            let _ = joined.watch.changed().await;
            0
        }
        several => {
            let changes = several.iter_mut().map(|joined| joined.watch.changed().boxed());
            futures::future::select_all(changes).await.1
        }
    }
}

async fn press(
    state: &AppState,
    session: Option<Arc<Session>>,
    event: EventId,
    code: Option<&str>,
    read_at: Time,
) -> Result<Answer, Error> {
    let session = session.ok_or(Error::SignedOut)?;
    state.engine.press(&session, event, code, read_at).await.map_err(engine::Error::public)
}

async fn say(
    state: &AppState,
    session: Option<Arc<Session>>,
    event: EventId,
    request: RequestId,
    text: &str,
) -> Result<(), Error> {
    let session = session.ok_or(Error::SignedOut)?;
    state.engine.say(&session, event, request, text).await.map_err(engine::Error::public)
}

/// Resolves when the program is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
