//! `GET /live?v=…`: the socket that carries rooms, clicks and chat. The messages are in [`model::live`].
//!
//! One task a socket reads it, and answers. What is new in a room is written into the socket where it comes up, without the
//! task, as long as the other side takes it; when it does not, the task fetches what was missed once everything before has
//! left, and queues nothing. A press is read whatever else waits to leave.

mod following;
pub(crate) mod wire;

use crate::{
    AppState,
    connections::Connection,
    cookies::{self, Address},
    front::Watched,
    reply::Refusal,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use engine::{
    accounts::{Actor, Session, SessionToken},
    entering::Pressed,
    limits::Searcher,
    rooms::{Fetched, Reader, RoomSubscriber, Stay, encode},
};
use following::Following;
use futures::{SinkExt, StreamExt};
use governor::{Quota, RateLimiter};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use model::{
    Error, EventId, RequestId, Time, Wish,
    live::{MAX_FRAME, OUTDATED, Person, ToBrowser, ToServer},
    wire::{VERSION, decode},
};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        handshake::server::create_response_with_body,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};
use wire::{MAX_WAITING, Stream, Wire};

/// Rooms that one page may be in.
const MAX_ROOMS: usize = 4;
/// What one socket may have under way, and answers that may wait for it.
const UNDER_WAY: usize = 32;
/// Read at once: cleared before every look at a socket, and longer than what browsers send but for chat.
const READ_BUFFER: usize = 256;
/// Frames a socket may send at once, and per second afterwards.
const BURST: u32 = 60;
const PER_SECOND: u32 = 20;
/// The same of a socket without an account, which can only come and go and ask for the time. Beyond that it is not read rather
/// than closed: what waits with its sender costs nothing, and whoever is closed opens the next.
const PER_SECOND_ANONYMOUS: u32 = 5;
/// How often a quiet socket is probed and its session looked at.
const PING_EVERY: Duration = Duration::from_secs(20);
/// What takes longer to leave closes its socket, at the next probe.
const SEND_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the other side may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);
/// Close code: come back at once, the server restarts (RFC 6455 registry, "service restart").
const RESTART: u16 = 1012;
/// Close code: try again later.
const TRY_AGAIN: u16 = 1013;
/// Close code: you broke the rules of this channel.
const POLICY: u16 = 1008;
/// Close code: your session ended.
const SIGNED_OUT: u16 = 4401;
/// Close code: your code is too old.
const TOO_OLD: u16 = 4426;

/// Upgrades after checking that the page is ours: the CSRF layer lets GET requests pass.
pub async fn upgrade(
    State(state): State<AppState>,
    Address(address): Address,
    uri: Uri,
    headers: HeaderMap,
    mut request: Request,
) -> Response {
    if !same_origin(&uri, &headers) {
        return Refusal(Error::Forbidden).into_response();
    }
    let Ok(answer) = create_response_with_body(&request, Body::empty) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return StatusCode::UPGRADE_REQUIRED.into_response();
    };
    let session = match cookies::session(&state, &headers).await {
        Ok(session) => session,
        Err(error) => return Refusal(error).into_response(),
    };
    let current = is_current(&uri);
    let member = session.as_ref().map(|session| session.member);
    let Some(guard) = state.sockets.open(member, address) else {
        return Refusal(Error::TooMany { retry_after: 10 }).into_response();
    };
    // It goes on being one of the connections.
    let connection = request.extensions_mut().remove::<Arc<Connection>>();
    let token = cookies::token(&state, &headers).filter(|_| session.is_some());
    let person = cookies::person(session.as_deref(), &headers, address);
    let searcher = member.map_or(Searcher::Address(address), Searcher::Member);
    let who = Who { token, session, person, searcher };
    tokio::spawn(async move {
        // Whoever is gone before the answer needs nothing.
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<Watched>>() else {
            tracing::error!("a live socket is not on a plain connection");
            return;
        };
        let wire = Arc::new(Wire::new(parts.io.into_inner().into_inner()));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_WAITING)
            .max_message_size(Some(MAX_FRAME))
            .max_frame_size(Some(MAX_FRAME));
        let (stream, read) = (Stream(wire.clone()), parts.read_buf.to_vec());
        let mut socket = WebSocketStream::from_partially_read(stream, read, Role::Server, Some(config)).await;
        if !current {
            let _ = tokio::time::timeout(SEND_TIMEOUT, socket.send(Message::Binary(OUTDATED.into()))).await;
            return say_goodbye(&mut socket, TOO_OLD, "outdated").await;
        }
        let (late, late_answers) = mpsc::channel(UNDER_WAY);
        let live = Live {
            state,
            socket,
            who,
            rooms: Vec::new(),
            following: None,
            answers: Answers { wire, late },
            turns: Arc::new(Semaphore::new(UNDER_WAY)),
            heard: true,
            behind: None,
        };
        live.run(late_answers).await;
        drop((guard, connection));
    });
    answer
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

/// Whether the page was built with the messages of this server: it says so in the address.
fn is_current(uri: &Uri) -> bool {
    let version = |pair: &str| pair.strip_prefix("v=")?.parse().ok();
    uri.query().is_some_and(|query| query.split('&').find_map(version) == Some(VERSION))
}

/// Closes a socket, and waits until the other side has said goodbye too: a connection that ends with something unread is reset,
/// and what was said last may be lost with it.
async fn say_goodbye(socket: &mut WebSocketStream<Stream>, code: u16, reason: &'static str) {
    let close = Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }));
    let _ = tokio::time::timeout(SEND_TIMEOUT, socket.send(close)).await;
    let _ = tokio::time::timeout(FAREWELL, async { while let Some(Ok(_)) = socket.next().await {} }).await;
}

struct Who {
    /// Of a session that there was when the socket was opened. Whoever signs in later opens another.
    token: Option<SessionToken>,
    session: Option<Arc<Session>>,
    person: Person,
    searcher: Searcher,
}

struct Joined {
    subscriber: RoomSubscriber,
    _stay: Stay,
}

impl Joined {
    fn event(&self) -> EventId {
        self.subscriber.room().event
    }
}

/// How those who work for a socket answer it.
#[derive(Clone)]
struct Answers {
    wire: Arc<Wire>,
    /// For the task to send, when the wire does not take them at once.
    late: mpsc::Sender<Bytes>,
}

impl Answers {
    async fn send(&self, message: &ToBrowser) {
        let frame = encode(message);
        if !self.wire.give(std::slice::from_ref(&frame)) {
            let _ = self.late.send(frame).await;
        }
    }
}

/// Why a socket ends.
enum End {
    /// The other side is gone.
    Gone,
    /// We close it, and say why.
    Close(u16, &'static str),
}

/// How many bytes the task of a socket has while it rests.
pub fn size_at_rest() -> usize {
    fn of<A, B, F>(_: impl FnOnce(A, B) -> F) -> usize {
        size_of::<F>()
    }
    of(|live: Live, late| live.run(late))
}

struct Live {
    state: AppState,
    socket: WebSocketStream<Stream>,
    who: Who,
    rooms: Vec<Joined>,
    /// What it follows besides rooms.
    following: Option<Following>,
    answers: Answers,
    /// For what is done for it beside reading it.
    turns: Arc<Semaphore>,
    /// Whether anything came since the last probe.
    heard: bool,
    /// Since when there is something that the other side has not taken yet, or that is to be fetched.
    behind: Option<Instant>,
}

impl Live {
    async fn run(mut self, mut late: mpsc::Receiver<Bytes>) {
        let wire = self.answers.wire.clone();
        let anonymous = self.who.token.is_none();
        let per_second = if anonymous { PER_SECOND_ANONYMOUS } else { PER_SECOND };
        let per_second = Quota::per_second(NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN));
        // Whether the next frame of a socket without an account may be read already: what comes faster waits with its sender.
        let mut allowed = true;
        let frames = RateLimiter::direct(per_second.allow_burst(NonZeroU32::new(BURST).unwrap_or(NonZeroU32::MIN)));
        let mut stopping = self.state.stopping.subscribe();
        let mut stopped = std::pin::pin!(stopped(&mut stopping));
        let mut pings = tokio::time::interval(PING_EVERY);
        pings.reset();
        let end = loop {
            let step = tokio::select! {
                biased;
                Some(answer) = late.recv() => self.send(answer).await,
                // Before what is new in the room: on a busy machine there is always something new. Whoever asks for more
                // than they take is not heard until they do.
                frame = self.socket.next(), if allowed && !wire.is_clogged() => {
                    let within = frames.check().is_ok();
                    allowed = within || !anonymous;
                    self.received(frame, within || anonymous).await
                }
                () = frames.until_ready(), if !allowed => {
                    allowed = true;
                    Ok(())
                }
                () = wire.called() => {
                    self.fall_behind();
                    Ok(())
                }
                flushed = wire.flushed(), if self.behind.is_some() => match flushed {
                    Ok(()) => Box::pin(self.catch_up()).await,
                    Err(_) => Err(End::Gone),
                },
                () = following::woken(&mut self.following), if self.behind.is_none() => {
                    Box::pin(self.tell_of_followed()).await
                }
                () = &mut stopped => Err(End::Close(RESTART, "restart")),
                _ = pings.tick() => Box::pin(self.probe()).await,
            };
            if let Err(end) = step {
                break end;
            }
        };
        wire.close();
        if let End::Close(code, reason) = end {
            say_goodbye(&mut self.socket, code, reason).await;
        }
    }

    async fn send(&mut self, frame: Bytes) -> Result<(), End> {
        self.push(Message::Binary(frame)).await
    }

    /// Sends a message, as far as the other side takes it: the rest leaves when it does.
    async fn push(&mut self, message: Message) -> Result<(), End> {
        self.socket.feed(message).await.map_err(|_| End::Gone)?;
        if self.answers.wire.is_waiting() {
            self.fall_behind();
        }
        Ok(())
    }

    fn fall_behind(&mut self) {
        self.behind.get_or_insert_with(Instant::now);
    }

    /// Everything has left: fetches what rooms could not hand over meanwhile.
    async fn catch_up(&mut self) -> Result<(), End> {
        self.behind = None;
        for _ in 0..self.rooms.len() {
            // Whoever's turn it was comes last.
            self.rooms.rotate_left(1);
            self.show_last().await?;
            if self.answers.wire.is_waiting() {
                break;
            }
        }
        Ok(())
    }

    /// Pings, and looks whether the session still stands.
    async fn probe(&mut self) -> Result<(), End> {
        // A browser answers pings by itself: silence means that nobody is there.
        if !std::mem::take(&mut self.heard) {
            return Err(End::Gone);
        }
        if let (Some(token), Some(_)) = (&self.who.token, &self.who.session) {
            match self.state.engine.accounts.sessions.of(token).await {
                Ok(Some(session)) => self.who.session = Some(session),
                Ok(None) => return Err(End::Close(SIGNED_OUT, "signed out")),
                Err(_) => {}
            }
        }
        if self.behind.is_some_and(|since| since.elapsed() > SEND_TIMEOUT) {
            return Err(End::Gone);
        }
        self.push(Message::Ping(Bytes::new())).await?;
        // For what was not heard of, and whoever was signed out.
        if self.behind.is_none() { self.tell_of_followed().await } else { Ok(()) }
    }

    async fn received(&mut self, frame: Option<tungstenite::Result<Message>>, within: bool) -> Result<(), End> {
        // Stamped before anything else is looked at.
        let read_at = self.state.engine.clock.now();
        self.heard = true;
        let message = match frame {
            Some(Ok(Message::Binary(bytes))) => decode(&bytes),
            // Of no page of ours.
            Some(Ok(Message::Text(_))) => None,
            Some(Ok(Message::Ping(_) | Message::Pong(_))) if within => return Ok(()),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Err(End::Close(POLICY, "too many frames")),
            Some(Ok(Message::Close(_) | Message::Frame(_)) | Err(_)) | None => return Err(End::Gone),
        };
        let Some(message) = message else {
            return Err(End::Close(POLICY, "malformed frame"));
        };
        if !within {
            return Box::pin(self.too_many(message, read_at)).await;
        }
        match message {
            ToServer::Ping { sent } => self.send(encode(&ToBrowser::Pong { sent, at: read_at })).await,
            // Boxed: a socket that is in its room does not carry what coming in needs.
            ToServer::Join { event, chat_seen } => Box::pin(self.join(event, chat_seen)).await,
            ToServer::Leave { event } => {
                self.rooms.retain(|joined| joined.event() != event);
                Ok(())
            }
            ToServer::FollowParty { party, seen, changes } => Box::pin(self.follow_party(party, seen, changes)).await,
            ToServer::FollowUnread => Box::pin(self.follow_unread()).await,
            ToServer::FollowLine { event, given } => Box::pin(self.follow_line(event, given)).await,
            message => self.begin(message, read_at).await,
        }
    }

    /// Does what may take a while without keeping the socket from anything else. Whoever has too much under way is told so.
    async fn begin(&mut self, message: ToServer, read_at: Time) -> Result<(), End> {
        if self.who.token.is_none() {
            return self.send(encode(&signed_out(&message))).await;
        }
        match self.spawn(message, read_at) {
            Ok(()) => Ok(()),
            Err(refused) => self.send(refused).await,
        }
    }

    // Not async, as these would be part of every socket's task, which rests most of the time.
    fn spawn(&self, message: ToServer, read_at: Time) -> Result<(), Bytes> {
        let (state, token) = (self.state.clone(), self.who.token);
        match message {
            ToServer::Enter { event, code, wish } => self.beside(event, None, async move {
                let pressed = press(&state, token, event, code.as_deref(), wish, read_at).await?;
                let (Pressed::Entered(entry) | Pressed::Again(entry)) = pressed;
                Ok(Some(ToBrowser::Entered { event, entry }))
            }),
            ToServer::Say { event, request, text } => self.beside(event, Some(request), async move {
                say(&state, token, event, request, &text).await.map(|()| None)
            }),
            ToServer::Moderate { event, number, what } => {
                // Shown where lines that were refused are.
                self.beside(event, Some(RequestId(uuid::Uuid::nil())), async move {
                    let actor = Actor::of(cookies::session_now(&state, token).await?);
                    let chat = &state.engine.chat;
                    chat.moderate(&actor, event, number, what).await.map_err(engine::Error::public)?;
                    Ok(None)
                })
            }
            ToServer::ReadParty { party, number } => self.beside(EventId(uuid::Uuid::nil()), None, async move {
                let actor = acting(&state, token).await?;
                state.engine.parties.read(&actor, party, number).await.map_err(engine::Error::public)?;
                Ok(None)
            }),
            ToServer::Ping { .. }
            | ToServer::Join { .. }
            | ToServer::Leave { .. }
            | ToServer::FollowParty { .. }
            | ToServer::FollowUnread
            | ToServer::FollowLine { .. } => Ok(()),
        }
    }

    fn beside(
        &self,
        event: EventId,
        request: Option<RequestId>,
        work: impl Future<Output = Result<Option<ToBrowser>, Error>> + Send + 'static,
    ) -> Result<(), Bytes> {
        let refused = move |error| ToBrowser::Refused { event, request, error };
        let turn = self.turns.clone().try_acquire_owned();
        let turn = turn.map_err(|_| encode(&refused(Error::TooMany { retry_after: 1 })))?;
        let answers = self.answers.clone();
        tokio::spawn(async move {
            if let Some(answer) = work.await.unwrap_or_else(|error| Some(refused(error))) {
                answers.send(&answer).await;
            }
            drop(turn);
        });
        Ok(())
    }

    /// A socket that sends too fast is closed, but never because of its owner's thumb: whoever hammers is told to wait, and
    /// from the opening on every press counts.
    async fn too_many(&mut self, message: ToServer, read_at: Time) -> Result<(), End> {
        let ToServer::Enter { event, .. } = message else {
            return Err(End::Close(POLICY, "too many frames"));
        };
        // Whatever is not in memory is looked for by presses within the limit.
        if self.state.engine.turnstile.is_known_open(event, read_at) {
            return self.begin(message, read_at).await;
        }
        let error = Error::TooMany { retry_after: 1 };
        self.send(encode(&ToBrowser::Refused { event, request: None, error })).await
    }

    /// Has an event in memory. Whoever looks for many that are not there is refused.
    async fn find(&mut self, event: EventId) -> Result<(), engine::Error> {
        let engine = &self.state.engine;
        match engine.turnstile.knows(event) {
            true => Ok(()),
            false => engine.entering.find(event, self.who.searcher, engine.clock.now()).await,
        }
    }

    async fn join(&mut self, event: EventId, chat_seen: u64) -> Result<(), End> {
        self.rooms.retain(|joined| joined.event() != event);
        if self.rooms.len() >= MAX_ROOMS {
            return Err(End::Close(POLICY, "too many rooms"));
        }
        let opened = match self.find(event).await {
            Ok(()) => self.state.engine.rooms.open(event).await,
            Err(error) => Err(error),
        };
        let room = match opened {
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
        let subscriber = room.subscribe(self.answers.wire.clone(), chat_seen);
        self.rooms.push(Joined { subscriber, _stay: stay });
        self.catch_up_chat().await?;
        self.show_last().await
    }

    /// Lines said since the page was made, from the database when the room no longer holds them.
    async fn catch_up_chat(&mut self) -> Result<(), End> {
        let Some(joined) = self.rooms.last() else { return Ok(()) };
        let event = joined.event();
        if let Some(seen) = joined.subscriber.lacks_chat()
            && let Ok(lines) = self.state.engine.chat.lines(event, None).await
        {
            let lines: Vec<_> = lines.into_iter().filter(|line| line.number > seen).collect();
            if let Some(last) = lines.last() {
                joined.subscriber.saw_chat(last.number);
                return self.send(encode(&ToBrowser::Chat { event, lines })).await;
            }
        }
        Ok(())
    }

    /// Sends what the reader of the last room has not seen. Until that is nothing there is more to fetch: from then on the
    /// room hands it over.
    async fn show_last(&mut self) -> Result<(), End> {
        let Some(joined) = self.rooms.last() else { return Ok(()) };
        let event = joined.event();
        let Fetched { frames, whole } = joined.subscriber.fetch();
        if frames.is_empty() {
            return Ok(());
        }
        self.fall_behind();
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

/// What a visitor is answered who tries what only members do.
fn signed_out(message: &ToServer) -> ToBrowser {
    let (event, request) = match message {
        ToServer::Say { event, request, .. } => (*event, Some(*request)),
        ToServer::Moderate { event, .. } => (*event, Some(RequestId(uuid::Uuid::nil()))),
        ToServer::Enter { event, .. } | ToServer::Join { event, .. } | ToServer::Leave { event } => (*event, None),
        ToServer::Ping { .. }
        | ToServer::FollowParty { .. }
        | ToServer::ReadParty { .. }
        | ToServer::FollowUnread
        | ToServer::FollowLine { .. } => (EventId(uuid::Uuid::nil()), None),
    };
    ToBrowser::Refused { event, request, error: Error::SignedOut }
}

/// Who does something now, whoever it was when the socket was opened: they may have been suspended, or signed out.
async fn acting(state: &AppState, token: Option<SessionToken>) -> Result<Actor, Error> {
    let Some(token) = token else { return Ok(Actor::Visitor) };
    let session = state.engine.accounts.sessions.of(&token).await.map_err(engine::Error::public)?;
    Ok(Actor::of(session))
}

async fn press(
    state: &AppState,
    token: Option<SessionToken>,
    event: EventId,
    code: Option<&str>,
    wish: Option<Wish>,
    read_at: Time,
) -> Result<Pressed, Error> {
    let actor = acting(state, token).await?;
    state.engine.entering.press(&actor, event, code, wish, read_at).await.map_err(engine::Error::public)
}

async fn say(
    state: &AppState,
    token: Option<SessionToken>,
    event: EventId,
    request: RequestId,
    text: &str,
) -> Result<(), Error> {
    let actor = acting(state, token).await?;
    state.engine.chat.say(&actor, event, request, text).await.map_err(engine::Error::public)
}

/// Resolves when the program is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}
