//! A page's socket for what is no room: it says what the page follows whenever it is connected, and comes back by itself.

use super::socket::{Event, Socket, Tell, later, pause};
use futures::{
    StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    SECOND, Span,
    live::{OUTDATED, ToBrowser, ToServer},
    wire::{decode, encode},
};

/// A connection on which nothing came from one ping to the next is dead although it was not closed.
const PING_EVERY: Span = SECOND.times(15);
/// The same of a page that is shown again.
const AWAKE_WITHIN: Span = SECOND.times(2);
/// Waits between attempts to come back: doubled from the first to the last.
const RETRY: (Span, Span) = (SECOND, SECOND.times(20));

/// Opens a socket until the component that calls this is gone, and notes in `connected` whether it is there. What the page
/// `says` goes out whenever it is connected, or shown again; what came may be answered.
pub fn follow(
    connected: RwSignal<bool>,
    says: impl Fn() -> Vec<ToServer> + 'static,
    came: impl Fn(ToBrowser) -> Option<ToServer> + 'static,
) {
    let (tell, events) = unbounded();
    let woke = tell.clone();
    let shown = window_event_listener_untyped("visibilitychange", move |_| {
        if !document().hidden() {
            let _ = woke.unbounded_send((0, Event::Woke));
        }
    });
    let over = tell.clone();
    on_cleanup(move || {
        shown.remove();
        let _ = over.unbounded_send((0, Event::Closed));
    });
    spawn_local(keep(connected, says, came, tell, events));
}

async fn keep(
    connected: RwSignal<bool>,
    says: impl Fn() -> Vec<ToServer>,
    came: impl Fn(ToBrowser) -> Option<ToServer>,
    tell: Tell,
    mut events: UnboundedReceiver<(u32, Event)>,
) {
    // The component is gone, and its signals with it.
    let gone = || connected.try_get_untracked().is_none();
    let mut wait = RETRY.0;
    for number in 1.. {
        let socket = Socket::open(number, &tell);
        let send = |message: &ToServer| {
            if let Some(socket) = &socket {
                socket.send(&encode(message));
            }
        };
        let mut heard = true;
        later(PING_EVERY, number, Event::Ping, &tell);
        while let Some((of, event)) = events.next().await {
            if gone() {
                // Another one may be on its way for the page that was read anew.
                if let Some(socket) = socket {
                    socket.leave();
                }
                return;
            }
            if of != 0 && of != number {
                continue;
            }
            match event {
                Event::Opened => {
                    says().iter().for_each(send);
                    send(&ToServer::Ping { sent: 0 });
                }
                Event::Came(bytes) if bytes == OUTDATED => return crate::load_anew(),
                Event::Came(bytes) => {
                    (heard, wait) = (true, RETRY.0);
                    connected.set(true);
                    if let Some(answer) = decode(&bytes).and_then(&came) {
                        send(&answer);
                    }
                }
                Event::Closed => break,
                Event::Ping | Event::Awake if !heard => break,
                Event::Ping | Event::Woke => {
                    heard = false;
                    let again = if matches!(event, Event::Woke) {
                        says().iter().for_each(send);
                        (AWAKE_WITHIN, Event::Awake)
                    } else {
                        (PING_EVERY, Event::Ping)
                    };
                    send(&ToServer::Ping { sent: 0 });
                    later(again.0, number, again.1, &tell);
                }
                Event::Overdue | Event::Answer | Event::Posted | Event::Awake | Event::Waited => {}
            }
        }
        drop(socket);
        connected.try_set(false);
        pause(wait, number, &tell, &mut events).await;
        if gone() {
            return;
        }
        wait = (wait * 2).min(RETRY.1);
    }
}
