//! The live socket.

use crate::support::{Person, SOCKETS, Site, client, make_event, request};
use futures::{SinkExt, StreamExt};
use model::{
    EntryError, EntryState, Error, EventId, EventState, MINUTE, SECOND,
    live::{ChatLine, Said, Snapshot, ToBrowser, ToServer, VERSION},
};
use std::time::Duration;
use testing::{On, both};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub room: Option<Snapshot>,
    pub chat: Vec<ChatLine>,
}

impl Page {
    pub async fn open(site: &Site, person: Option<&Person>) -> Page {
        let mut request = format!("ws://{}/live", site.address).into_client_request().unwrap();
        if let Some(person) = person {
            request.headers_mut().insert("cookie", person.cookie().parse().unwrap());
        }
        Page { socket: connect_async(request).await.unwrap().0, room: None, chat: Vec::new() }
    }

    pub async fn join(site: &Site, person: Option<&Person>, event: EventId) -> Page {
        let mut page = Page::open(site, person).await;
        page.send(&ToServer::Join { event, version: VERSION, chat_seen: 0 }).await;
        page.until(|page, _| page.room.is_some()).await;
        page
    }

    pub async fn send(&mut self, message: &ToServer) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).await.unwrap();
    }

    pub async fn next(&mut self) -> Option<ToBrowser> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(10), self.socket.next()).await.expect("nothing came");
            match frame {
                Some(Ok(Message::Binary(bytes))) => return Some(serde_json::from_slice(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                _ => return None,
            }
        }
    }

    /// Reads on until the server closes the socket; the code it gives.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(10), self.socket.next()).await.expect("nothing came");
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

both!(everybody_sees_who_is_there_and_who_entered, "multi_thread");
async fn everybody_sees_who_is_there_and_who_entered(on: On) {
    let site = Site::start(on).await;
    let event = site.event(SECOND, 1).await;
    let people = site.people(2).await;
    let mut first = Page::join(&site, Some(&people[0]), event).await;
    let mut second = Page::join(&site, Some(&people[1]), event).await;
    let mut visitor = Page::join(&site, None, event).await;
    let mut again = Page::join(&site, Some(&people[0]), event).await;
    visitor.until(|page, _| page.room().present == 3).await;
    assert_eq!(visitor.room().state, EventState::Scheduled);

    first.send(&ToServer::Enter { event, code: None }).await;
    let early = first.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(
        matches!(early, ToBrowser::Refused { error: Error::Entry(EntryError::TooEarly { early_us: 1.. }), .. }),
        "{early:?}"
    );

    visitor.until(|page, _| page.room().state == EventState::Open).await;
    first.send(&ToServer::Enter { event, code: None }).await;
    let ToBrowser::Entered { entry, .. } = first.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await else {
        panic!()
    };
    assert_eq!((entry.rank, entry.state), (1, EntryState::Won));
    again.send(&ToServer::Enter { event, code: None }).await;
    let ToBrowser::Entered { entry: same, .. } = again.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await
    else {
        panic!()
    };
    assert_eq!(same, entry, "two tabs, one entry");
    second.send(&ToServer::Enter { event, code: None }).await;
    visitor.until(|page, _| page.room().total == 2).await;
    assert_eq!(visitor.room().top.iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(visitor.room().state, EventState::Full);
    visitor.send(&ToServer::Enter { event, code: None }).await;
    let refused = visitor.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(matches!(refused, ToBrowser::Refused { error: Error::SignedOut, .. }));

    // Whoever comes back is told their own entry at once.
    drop(first);
    let mut back = Page::open(&site, Some(&people[0])).await;
    back.send(&ToServer::Join { event, version: VERSION, chat_seen: 0 }).await;
    let told = back.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await;
    assert_eq!(told, ToBrowser::Entered { event, entry });
}

both!(chat_is_numbered_durable_and_said_once, "multi_thread");
async fn chat_is_numbered_durable_and_said_once(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 1).await;
    let person = site.people(1).await.remove(0);
    let mut page = Page::join(&site, Some(&person), event).await;
    let id = request();
    for _ in 0..2 {
        page.send(&ToServer::Say { event, request: id, text: "  안녕하세요  ".into() }).await;
    }
    // Each line goes its own way: only what was heard comes before.
    page.until(|page, _| page.chat.len() == 1).await;
    page.send(&ToServer::Say { event, request: request(), text: "<b>반가워요</b>".into() }).await;
    page.until(|page, _| page.chat.len() == 2).await;
    assert_eq!(page.chat.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(&page.chat[0].said, Said::Member { text, .. } if text == "안녕하세요"));
    let stored: Vec<ChatLine> =
        client().get(site.url(&format!("/events/{event}/chat"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(stored, page.chat);
    let before: Vec<ChatLine> =
        client().get(site.url(&format!("/events/{event}/chat?before=2"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(before.len(), 1);

    for bad in ["", "   ", &"가".repeat(301), "제어\u{7}문자", "뒤집\u{202E}기"] {
        page.send(&ToServer::Say { event, request: request(), text: bad.into() }).await;
        let refused = page.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
        assert!(matches!(refused, ToBrowser::Refused { error: Error::Invalid { .. }, .. }), "{refused:?}");
    }
    // A flood is slowed; a late joiner reads what was said before.
    for n in 0..12 {
        page.send(&ToServer::Say { event, request: request(), text: format!("{n}") }).await;
    }
    page.until(|_, m| matches!(m, ToBrowser::Refused { error: Error::TooMany { .. }, .. })).await;
    let mut late = Page::join(&site, None, event).await;
    late.until(|page, _| page.chat.len() >= 3).await;
    assert_eq!(late.chat[0].number, 1);
}

both!(a_pong_tells_server_time, "multi_thread");
async fn a_pong_tells_server_time(on: On) {
    let site = Site::start(on).await;
    let mut page = Page::open(&site, None).await;
    let before = site.engine.clock.now();
    page.send(&ToServer::Ping { sent: 42 }).await;
    let Some(ToBrowser::Pong { sent: 42, at }) = page.next().await else { panic!() };
    assert!(at >= before && at <= site.engine.clock.now());
}

both!(hostile_frames_end_their_own_socket_and_nothing_else, "multi_thread");
async fn hostile_frames_end_their_own_socket_and_nothing_else(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 1).await;
    let mut good = Page::join(&site, None, event).await;
    for hostile in [
        Message::text("{"),
        Message::text(r#"{"type":"conquer"}"#),
        Message::text("[".repeat(3000)),
        Message::binary(vec![0xFF; 100]),
        Message::text("x".repeat(100_000)),
    ] {
        let mut page = Page::open(&site, None).await;
        let _ = page.socket.send(hostile).await;
        while page.next().await.is_some() {}
    }
    let mut flood = Page::open(&site, None).await;
    for sent in 0..200 {
        let ping = serde_json::to_string(&ToServer::Ping { sent }).unwrap();
        if flood.socket.send(Message::text(ping)).await.is_err() {
            break;
        }
    }
    while flood.next().await.is_some() {}
    // The protocol's own pings count too: each is answered.
    let mut pinging = Page::open(&site, None).await;
    for _ in 0..200 {
        if pinging.socket.send(Message::Ping(Vec::new().into())).await.is_err() {
            break;
        }
    }
    while pinging.next().await.is_some() {}
    good.send(&ToServer::Join { event, version: VERSION + 1, chat_seen: 0 }).await;
    good.until(|_, m| *m == ToBrowser::Outdated).await;
    good.send(&ToServer::Join { event: EventId(uuid::Uuid::nil()), version: VERSION, chat_seen: 0 }).await;
    let unknown = good.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(matches!(unknown, ToBrowser::Refused { error: Error::NotFound, .. }));
}

both!(pages_of_other_sites_are_not_let_in, "multi_thread");
async fn pages_of_other_sites_are_not_let_in(on: On) {
    let site = Site::start(on).await;
    let mut request = format!("ws://{}/live", site.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    assert!(connect_async(request).await.is_err());
    let mut request = format!("ws://{}/live", site.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{}", site.address).parse().unwrap());
    assert!(connect_async(request).await.is_ok());
}

both!(one_address_cannot_take_every_socket, "multi_thread");
async fn one_address_cannot_take_every_socket(on: On) {
    let site = Site::start(on).await;
    let connect = || connect_async(format!("ws://{}/live", site.address));
    let mut open = Vec::new();
    for _ in 0..SOCKETS {
        open.push(connect().await.unwrap());
    }
    match connect().await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 429),
        other => panic!("one more was let in: {other:?}"),
    }
    // One leaves, and there is a place again.
    drop(open.pop());
    let mut again = connect().await;
    for _ in 0..100 {
        if again.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = connect().await;
    }
    panic!("the place of one who left was not given again");
}

both!(stopping_says_goodbye_after_answering, "multi_thread");
async fn stopping_says_goodbye_after_answering(on: On) {
    let mut site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -SECOND, 100).await;
    let people = site.people(50).await;
    let mut page = Page::join(&site, None, event).await;
    let client = client();
    let mut presses = tokio::task::JoinSet::new();
    for person in people {
        let client = client.clone();
        presses.spawn(async move { (person.member, person.press(&client, event).await) });
    }
    site.stop();
    let mut answered = 0;
    while let Some(pressed) = presses.join_next().await {
        let (member, response) = pressed.unwrap();
        if let Ok(response) = response
            && response.status().is_success()
        {
            answered += 1;
            assert!(site.engine.turnstile.entry(event, member).await.unwrap().is_some());
        }
    }
    while page.next().await.is_some() {}
    assert_eq!(site.engine.events.board(event, 1).await.unwrap().total, answered, "whoever was accepted was answered");
}
