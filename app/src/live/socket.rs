//! The browser's end of the live channel: joins, measures the clock, and comes back by itself.

use super::{Connection, Room, clock::local};
use crate::{api, paths};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};
use js_sys::Uint8Array;
use leptos::{prelude::*, task::spawn_local};
use model::{
    EventView, MILLISECOND, SECOND, Span,
    live::{OUTDATED, ToBrowser, ToServer},
    wire::{VERSION, decode, encode},
};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{BinaryType, HtmlFormElement, MessageEvent, WebSocket};

/// Pings at the start of a connection, this many milliseconds apart: their best sets the clock.
const FIRST_PINGS: [i64; 6] = [0, 60, 120, 250, 500, 1000];
/// How far apart they are afterwards.
const PING_EVERY: Span = MILLISECOND.times(1500);
/// A connection on which nothing answered for so long, looked at with every ping, is dead although it was not closed.
const DEAD_AFTER: Span = MILLISECOND.times(2_900);
/// The same of a page that is shown again after it slept, when one ping more asks.
const AWAKE_WITHIN: Span = SECOND;
/// What a measurement loses in worth between two pings: 20 ppm of drift.
const AGEING: Span = Span::from_micros(30);
/// A socket that takes longer to open is given up for another.
const OPEN_WITHIN: Span = SECOND.times(4);
/// Waits between attempts to come back: doubled from the first to the last.
const RETRY: (Span, Span) = (MILLISECOND.times(150), SECOND.times(2));
/// After so many sockets in a row that were never open, the room is read as a page is, when that goes.
const REFUSALS: u32 = 2;
/// The same once one was open on this page: then no proxy refuses them, and a node that starts again is back within seconds.
const REFUSALS_AFTERWARDS: u32 = 10;
/// How far apart those readings are, and how many there are before a socket is tried again.
const READING: (Span, u32) = (SECOND.times(5), 6);
/// A click without an answer is sent again after this long.
const ANSWER_WITHIN: Span = MILLISECOND.times(2500);

/// What happens to a connection.
pub(super) enum Event {
    /// It is open.
    Opened,
    /// Too long ago for it not to be open yet.
    Overdue,
    /// A message came.
    Came(Vec<u8>),
    /// It is over.
    Closed,
    /// A ping is due.
    Ping,
    /// The answer to a click is due.
    Answer,
    /// The room wants something sent.
    Posted,
    /// The page is shown again.
    Woke,
    /// The answer to what was asked then is due.
    Awake,
    /// What was waited for is due.
    Waited,
}

/// Where events go, each with the number of its connection; 0 for whichever there is.
pub(super) type Tell = UnboundedSender<(u32, Event)>;

/// The socket of the present connection.
type Current = Rc<RefCell<Option<Socket>>>;

/// Opens the socket and keeps it open while the page is shown.
pub fn connect(room: Room) {
    let (tell, events) = unbounded();
    let posted = tell.clone();
    Effect::new(move |_| {
        room.posted.track();
        let _ = posted.unbounded_send((0, Event::Posted));
    });
    let woke = tell.clone();
    Effect::new(move |before: Option<()>| {
        room.ticker.woke.track();
        if before.is_some() {
            let _ = woke.unbounded_send((0, Event::Woke));
        }
    });
    let current = Current::default();
    let closing = current.clone();
    // A browser keeps a page to come back to only when nothing of it is open; then it is opened again.
    let hidden = Closure::<dyn FnMut()>::new(move || {
        if let Some(socket) = &*closing.borrow() {
            let _ = socket.0.close();
        }
    });
    let _ = window().add_event_listener_with_callback("pagehide", hidden.as_ref().unchecked_ref());
    hidden.forget();
    spawn_local(keep(room, tell, events, current));
}

/// `false` once the page is gone and its signals with it.
fn alive(room: Room) -> bool {
    room.connection.try_get_untracked().is_some()
}

async fn keep(room: Room, tell: Tell, mut events: UnboundedReceiver<(u32, Event)>, current: Current) {
    let mut wait = RETRY.0;
    let mut number = 0;
    let (mut refused, mut most) = (0, REFUSALS);
    while alive(room) {
        number += 1;
        *current.borrow_mut() = Socket::open(number, &tell);
        if run(room, number, &tell, &mut events, &current).await {
            wait = RETRY.0;
            (refused, most) = (0, REFUSALS_AFTERWARDS);
        } else {
            refused += 1;
        }
        current.borrow_mut().take();
        if !alive(room) || room.connection.get_untracked() == Connection::Outdated {
            return;
        }
        if refused >= most && read(room).await {
            room.connection.set(Connection::Reading);
            if room.pressing.get_untracked() {
                press_by_form();
            }
            for _ in 0..READING.1 {
                pause(READING.0, number, &tell, &mut events).await;
                // Nobody looks at a hidden page; shown again it is read at once.
                if !alive(room) || !document().hidden() && !read(room).await {
                    break;
                }
            }
            continue;
        }
        if !alive(room) {
            return;
        }
        room.connection.set(Connection::Lost);
        pause(wait, number, &tell, &mut events).await;
        wait = (wait * 2).min(RETRY.1);
    }
}

/// Waits for as long and up to as long again, so that a restarted server does not see everybody in one instant, but not while
/// somebody looks who did not before.
pub(super) async fn pause(wait: Span, number: u32, tell: &Tell, events: &mut UnboundedReceiver<(u32, Event)>) {
    let jitter = Span::from_micros((js_sys::Math::random() * wait.micros() as f64) as i64);
    later(wait + jitter, number, Event::Waited, tell);
    while let Some((of, event)) = events.next().await {
        if matches!(event, Event::Woke) || of == number && matches!(event, Event::Waited) {
            return;
        }
    }
}

/// Reads the room as a page is read, and the clock with it; `false` when that does not go either.
async fn read(room: Room) -> bool {
    let sent = local();
    let view = api::fetch::<EventView>(&paths::room(room.event)).await;
    match view {
        Ok(view) if alive(room) => {
            room.ticker.measured(sent, local(), view.now);
            room.read_anew(view);
            true
        }
        _ => false,
    }
}

/// A press that no socket carried goes by its form.
fn press_by_form() {
    let form = document().query_selector(".dock form").ok().flatten();
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        let _ = form.submit();
    }
}

/// One connection until it is over; whether it was ever open.
async fn run(
    room: Room,
    number: u32,
    tell: &Tell,
    events: &mut UnboundedReceiver<(u32, Event)>,
    current: &Current,
) -> bool {
    let send = |message: &ToServer| {
        if let Some(socket) = &*current.borrow() {
            socket.send(&encode(message));
        }
    };
    let chat_seen = room.chat.with_untracked(|chat| chat.last().map_or(0, |line| line.number));
    let join = ToServer::Join { event: room.event, chat_seen };
    later(OPEN_WITHIN, number, Event::Overdue, tell);
    let mut joined = false;
    // Whether the server has answered.
    let mut opened = false;
    let mut pings = FIRST_PINGS.into_iter().map(|ms| ms * MILLISECOND).chain(std::iter::repeat(PING_EVERY));
    // When the first ping since the last answer was sent.
    let mut asked_at = None;
    // When the page was shown again, until something has answered since.
    let mut woke_at: Option<Span> = None;
    let mut pressed_at = room.pressing.get_untracked().then(local);
    while let Some((of, event)) = events.next().await {
        if !alive(room) {
            return opened;
        }
        if of != 0 && of != number {
            continue;
        }
        match event {
            Event::Opened => {
                joined = true;
                send(&join);
                // Nothing measured on another connection, or before a sleep, tells about this one.
                room.ticker.forget();
                // A click whose answer was lost with the connection is sent again: the first one counts.
                if room.pressing.get_untracked() {
                    let code = room.code.get_untracked();
                    send(&ToServer::Enter { event: room.event, code: (!code.is_empty()).then_some(code), wish: None });
                }
                later(pings.next().unwrap_or(PING_EVERY), number, Event::Ping, tell);
                let _ = tell.unbounded_send((number, Event::Posted));
            }
            Event::Overdue if !joined => return opened,
            Event::Overdue => {}
            Event::Closed => return opened,
            Event::Came(bytes) => {
                let received = local();
                if !opened {
                    opened = true;
                    room.connection.set(Connection::Live);
                }
                if bytes == OUTDATED {
                    room.connection.set(Connection::Outdated);
                    // A press that was not answered goes along, and counts once.
                    if room.pressing.get_untracked() {
                        press_by_form();
                    } else {
                        crate::load_anew();
                    }
                    return opened;
                }
                match decode(&bytes) {
                    Some(ToBrowser::Pong { sent, at }) => {
                        let sent = Span::from_micros(sent);
                        // One that was on its way while the page slept has measured the sleep.
                        if woke_at.is_none_or(|woke_at| sent >= woke_at) {
                            (asked_at, woke_at) = (None, None);
                            room.ticker.measured(sent, received, at);
                        }
                    }
                    Some(message) => {
                        let fits = room.receive(message);
                        if !fits {
                            send(&join);
                        }
                    }
                    None => {}
                }
            }
            Event::Posted if joined => {
                for message in room.outbox.try_update_value(std::mem::take).unwrap_or_default() {
                    if matches!(message, ToServer::Enter { .. }) {
                        pressed_at = Some(local());
                        later(ANSWER_WITHIN + 10 * MILLISECOND, number, Event::Answer, tell);
                    }
                    send(&message);
                }
            }
            // It goes out when the socket is open.
            Event::Posted | Event::Woke if !joined => {}
            Event::Woke => {
                // Nothing measured before tells about now, and a socket may have died without a word.
                room.ticker.forget();
                woke_at = Some(local());
                send(&ToServer::Ping { sent: local().micros() });
                later(AWAKE_WITHIN + 10 * MILLISECOND, number, Event::Awake, tell);
            }
            Event::Awake if woke_at.is_some_and(|at| local() - at > AWAKE_WITHIN) => return opened,
            Event::Posted | Event::Awake | Event::Waited => {}
            Event::Ping | Event::Answer => {
                // A click without its answer is worth another connection.
                let late = pressed_at.is_some_and(|at| local() - at > ANSWER_WITHIN);
                if late && room.pressing.get_untracked() || asked_at.is_some_and(|at| local() - at > DEAD_AFTER) {
                    return opened;
                }
                if matches!(event, Event::Ping) {
                    room.ticker.age(AGEING);
                    asked_at.get_or_insert_with(local);
                    send(&ToServer::Ping { sent: local().micros() });
                    later(pings.next().unwrap_or(PING_EVERY), number, Event::Ping, tell);
                }
            }
        }
    }
    opened
}

/// The browser's socket, closed when it is dropped.
pub(super) struct Socket(WebSocket);

impl Socket {
    /// Begins to open it; what happens to it is sent to `tell`.
    pub(super) fn open(number: u32, tell: &Tell) -> Option<Socket> {
        let location = window().location();
        let scheme = if location.protocol().is_ok_and(|p| p == "https:") { "wss" } else { "ws" };
        let address = format!("{scheme}://{}{}?v={VERSION}", location.host().ok()?, paths::LIVE);
        let Ok(socket) = WebSocket::new(&address) else {
            let _ = tell.unbounded_send((number, Event::Closed));
            return None;
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let told = |event: fn() -> Event| {
            let tell = tell.clone();
            Closure::<dyn FnMut()>::new(move || drop(tell.unbounded_send((number, event())))).into_js_value()
        };
        socket.set_onopen(Some(told(|| Event::Opened).unchecked_ref()));
        // Whatever went wrong, this follows.
        socket.set_onclose(Some(told(|| Event::Closed).unchecked_ref()));
        let tell = tell.clone();
        let came = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let _ = tell.unbounded_send((number, Event::Came(bytes)));
        });
        socket.set_onmessage(Some(came.into_js_value().unchecked_ref()));
        Some(Socket(socket))
    }

    /// Lets go of it. One that is still being opened is closed as soon as it is open: browsers report one that is closed before, and
    /// nothing of it was in vain.
    pub(super) fn leave(self) {
        if self.0.ready_state() == WebSocket::CONNECTING {
            self.0.set_onclose(None);
            self.0.set_onmessage(None);
            let socket = self.0.clone();
            let close = Closure::<dyn FnMut()>::new(move || drop(socket.close())).into_js_value();
            self.0.set_onopen(Some(close.unchecked_ref()));
            // What is dropped is closed at once.
            let _left = std::mem::ManuallyDrop::new(self);
        }
    }

    /// Sends a frame; one that is not open sends nothing.
    pub(super) fn send(&self, frame: &[u8]) {
        let _ = self.0.send_with_u8_array(frame);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.set_onopen(None);
        self.0.set_onclose(None);
        self.0.set_onmessage(None);
        let _ = self.0.close();
    }
}

/// Sends an event after a while.
pub(super) fn later(after: Span, number: u32, event: Event, tell: &Tell) {
    let tell = tell.clone();
    set_timeout(move || drop(tell.unbounded_send((number, event))), after.into());
}
