//! A page's end of the live socket.

use super::{Person, Site};
use futures::{SinkExt, StreamExt};
use model::{
    EventId,
    live::{ChatLine, Snapshot, ToBrowser, ToServer},
    wire::{self, VERSION},
};
use std::net::SocketAddr;
use testing::soon;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};

/// Where a page of this version opens its socket.
pub fn live_address(server: SocketAddr) -> String {
    format!("ws://{server}/live?v={VERSION}")
}

pub struct Page {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub room: Option<Snapshot>,
    pub chat: Vec<ChatLine>,
}

impl Page {
    pub async fn open(site: &Site, person: Option<&Person>) -> Page {
        let mut request = live_address(site.address).into_client_request().unwrap();
        if let Some(person) = person {
            request.headers_mut().insert("cookie", person.cookie().parse().unwrap());
        }
        Page { socket: connect_async(request).await.unwrap().0, room: None, chat: Vec::new() }
    }

    pub async fn join(site: &Site, person: Option<&Person>, event: EventId) -> Page {
        let mut page = Page::open(site, person).await;
        page.send(&ToServer::Join { event, chat_seen: 0 }).await;
        page.until(|page, _| page.room.is_some()).await;
        page
    }

    pub async fn send(&mut self, message: &ToServer) {
        self.socket.send(Message::binary(wire::encode(message))).await.unwrap();
    }

    pub async fn next(&mut self) -> Option<ToBrowser> {
        loop {
            let frame = soon("a frame comes", self.socket.next()).await;
            match frame {
                Some(Ok(Message::Binary(bytes))) => return Some(wire::decode(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// Reads on until the server closes the socket; the code it gives.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            let frame = soon("a frame comes", self.socket.next()).await;
            match frame {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                _ => return None,
            }
        }
    }

    /// Reads on, keeping the room as a browser does, until `done`; the message that did it.
    pub async fn until(&mut self, done: impl Fn(&Page, &ToBrowser) -> bool) -> ToBrowser {
        loop {
            let message = self.next().await.expect("the socket was closed");
            match &message {
                ToBrowser::Snapshot(room) => self.room = Some(room.clone()),
                ToBrowser::Change(change) => assert!(self.room.as_mut().unwrap().apply(change.clone())),
                ToBrowser::Chat { lines, .. } => self.chat.extend(lines.clone()),
                _ => {}
            }
            if done(self, &message) {
                return message;
            }
        }
    }

    pub fn room(&self) -> &Snapshot {
        self.room.as_ref().unwrap()
    }
}
