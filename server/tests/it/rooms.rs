//! Rooms: the live socket, and what everybody sees.

use crate::rights::reads;
use crate::support::{
    SOCKETS, START, Site, client, draft, make_event, request,
    socket::{Page, live_address},
};
use engine::{accounts::Actor, clock::Clock, events::Pictures};
use futures::{SinkExt, StreamExt};
use model::{
    BoardRow, EntryError, EntryState, Error, EventDraft, EventId, EventState, MINUTE, SECOND,
    live::{OUTDATED, ToBrowser, ToServer},
    nickname,
    wire::{VERSION, encode},
};
use testing::{On, both, eventually, eventually_some, soon};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

reads! {
    "/events/{event}" => 200, 200;
    // By GET it leads back to the room.
    "/events/{event}/enter" => 303, 303;
    "/events/{event}/board" => 200, 200;
    // Nobody has entered.
    "/events/{event}/entries/1" => 404, 404;
}

both!(the_prompt_for_a_code_stays_until_it_is_typed);
async fn the_prompt_for_a_code_stays_until_it_is_typed(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let draft = EventDraft { entry_code: Some("MUG59".into()), ..draft(START + MINUTE, 3) };
    let event =
        site.engine.events.create(&Actor::host(creator.member), request(), draft, Pictures::default()).await.unwrap();
    let person = site.people(1).await.remove(0);
    for ahead in [50 * SECOND, 9 * SECOND, SECOND] {
        clock.set(START + MINUTE - ahead);
        let page = person.get(&format!("/events/{event}")).await.text().await.unwrap();
        let note = page.split("class=\"note\">").nth(1).unwrap().split('<').next().unwrap();
        assert_eq!(note, "크리에이터가 알려준 코드를 넣어 두세요.", "{ahead:?} before the opening");
        assert!(!page.contains("준비 완료"));
    }
}

both!(everybody_sees_who_is_there_and_who_entered, "multi_thread");
async fn everybody_sees_who_is_there_and_who_entered(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let event = site.event(SECOND, 1).await;
    let people = site.people(2).await;
    let mut first = Page::join(&site, Some(&people[0]), event).await;
    let mut second = Page::join(&site, Some(&people[1]), event).await;
    let mut visitor = Page::join(&site, None, event).await;
    let mut again = Page::join(&site, Some(&people[0]), event).await;
    visitor.until(|page, _| page.room().present == 3).await;
    assert_eq!(visitor.room().state, EventState::Scheduled);

    first.send(&ToServer::Enter { event, code: None, wish: None }).await;
    let early = first.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(
        matches!(early, ToBrowser::Refused { error: Error::Entry(EntryError::TooEarly { early: SECOND }), .. }),
        "{early:?}"
    );

    clock.set(START + SECOND);
    visitor.until(|page, _| page.room().state == EventState::Open).await;
    first.send(&ToServer::Enter { event, code: None, wish: None }).await;
    let ToBrowser::Entered { entry, .. } = first.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await else {
        panic!()
    };
    assert_eq!((entry.rank, entry.state), (1, EntryState::Won));
    again.send(&ToServer::Enter { event, code: None, wish: None }).await;
    let ToBrowser::Entered { entry: same, .. } = again.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await
    else {
        panic!()
    };
    assert_eq!(same, entry, "two tabs, one entry");
    clock.set(START + 2 * SECOND);
    second.send(&ToServer::Enter { event, code: None, wish: None }).await;
    visitor.until(|page, _| page.room().total == 2).await;
    assert_eq!(visitor.room().top.iter().map(|row| row.rank).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(visitor.room().state, EventState::Full);
    visitor.send(&ToServer::Enter { event, code: None, wish: None }).await;
    let refused = visitor.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(matches!(refused, ToBrowser::Refused { error: Error::SignedOut, .. }));

    // Whoever comes back is told their own entry at once.
    drop(first);
    let mut back = Page::open(&site, Some(&people[0])).await;
    back.send(&ToServer::Join { event, chat_seen: 0 }).await;
    let told = back.until(|_, m| matches!(m, ToBrowser::Entered { .. })).await;
    assert_eq!(told, ToBrowser::Entered { event, entry });
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
        // As a page of version 1 said it.
        Message::text(r#"{"ping":{"sent":1}}"#),
        Message::text(String::from_utf8(encode(&ToServer::Ping { sent: 1 })).unwrap()),
        Message::binary([encode(&ToServer::Ping { sent: 1 }), vec![0]].concat()),
        Message::text("[".repeat(3000)),
        Message::binary(vec![0xFF; 100]),
        Message::text("x".repeat(100_000)),
    ] {
        let mut page = Page::open(&site, None).await;
        let _ = page.socket.send(hostile.clone()).await;
        assert_eq!(page.next().await, None, "{hostile:?}");
    }
    // Of whoever has an account: others are read later.
    let person = site.people(1).await.remove(0);
    let mut flood = Page::open(&site, Some(&person)).await;
    for sent in 0..200 {
        let ping = encode(&ToServer::Ping { sent });
        if flood.socket.send(Message::binary(ping)).await.is_err() {
            break;
        }
    }
    while flood.next().await.is_some() {}
    // The protocol's own pings count too: each is answered.
    let mut pinging = Page::open(&site, Some(&person)).await;
    for _ in 0..200 {
        if pinging.socket.send(Message::Ping(Vec::new().into())).await.is_err() {
            break;
        }
    }
    while pinging.next().await.is_some() {}
    good.send(&ToServer::Join { event: EventId(uuid::Uuid::nil()), chat_seen: 0 }).await;
    let unknown = good.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
    assert!(matches!(unknown, ToBrowser::Refused { error: Error::NotFound, .. }));
}

both!(pages_of_another_version_are_told_so, "multi_thread");
async fn pages_of_another_version_are_told_so(on: On) {
    let site = Site::start(on).await;
    let (before, after) = (VERSION - 1, VERSION + 1);
    for query in [String::new(), "?v=".into(), format!("?v={before}"), format!("?v={after}"), "?v=x".into()] {
        let (mut socket, _) = connect_async(format!("ws://{}/live{query}", site.address)).await.unwrap();
        // What a page of version 1 says when it comes in.
        let join = r#"{"join":{"event":"00000000000000000000000000","version":1,"chat_seen":0}}"#;
        socket.send(Message::text(join)).await.unwrap();
        let frame = soon("it is told", socket.next()).await.unwrap().unwrap();
        assert_eq!(frame, Message::binary(OUTDATED), "{query}");
        let Message::Close(Some(close)) = soon("it is closed", socket.next()).await.unwrap().unwrap() else { panic!() };
        assert_eq!(u16::from(close.code), 4426, "{query}");
    }
}

both!(pages_of_other_sites_are_not_let_in, "multi_thread");
async fn pages_of_other_sites_are_not_let_in(on: On) {
    let site = Site::start(on).await;
    let mut request = live_address(site.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    assert!(connect_async(request).await.is_err());
    let mut request = live_address(site.address).into_client_request().unwrap();
    request.headers_mut().insert("origin", format!("http://{}", site.address).parse().unwrap());
    assert!(connect_async(request).await.is_ok());
}

both!(one_address_cannot_take_every_socket, "multi_thread");
async fn one_address_cannot_take_every_socket(on: On) {
    let site = Site::start(on).await;
    let connect = || connect_async(live_address(site.address));
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
    eventually("the place of one who left is given again", async || connect().await.is_ok()).await;
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

both!(a_masked_nickname_is_masked_everywhere_at_once, "multi_thread");
async fn a_masked_nickname_is_masked_everywhere_at_once(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    // The room is open while they enter.
    let room = site.engine.rooms.open(event).await.unwrap();
    assert_eq!(person.enter(event).await.0, 201);
    let shown = async || room.state().top.first().map(|row: &BoardRow| row.nickname.clone());
    let whole = eventually_some("somebody is shown", shown).await;
    assert_eq!(client().post(site.url("/api/set-masked")).send().await.unwrap().status(), 401);
    assert_eq!(person.change("/my", "set-masked", &[("masked", "yes")]).await.status(), 303);
    let board = site.engine.events.board(event, 1).await.unwrap();
    assert_eq!(board.entries[0].nickname, nickname::mask(&whole));
    eventually("the open room follows", async || shown().await == Some(nickname::mask(&whole))).await;
    assert_eq!(person.change("/my", "set-masked", &[]).await.status(), 303);
    assert_eq!(site.engine.events.board(event, 1).await.unwrap().entries[0].nickname, whole);
}
