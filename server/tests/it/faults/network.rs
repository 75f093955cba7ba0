//! Crowds, peers that are hostile or gone, and answers that never arrive.

use super::short_or_long;
use crate::support::{
    Person, draft,
    history::{self, History},
    program::{HONEST, Scene, press},
    queueing::{queue_on, queue_presses, told},
    socket::live_address,
};
use futures::{SinkExt, StreamExt, future::join_all};
use model::{
    Checkout, EventDraft, EventId, Offer, SECOND, Span,
    live::{ToBrowser, ToServer},
    wire,
};
use std::{collections::HashMap, net::SocketAddr, time::Duration};
use testing::{On, Stalls, eventually, eventually_some, median, run_for, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

const MS: Duration = Duration::from_millis(1);
/// What the program may need beyond what it had, whoever is at the other end.
const MEMORY: u64 = 256 << 20;
/// What it may need for those who only send half of something, or nonsense.
const HALF_SENT: u64 = 128 << 20;
/// One peer in so many has a reader that asks for more than can be sent to it.
const GREEDY: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_and_stalled_peers_hold_nobody_up() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let scene = Scene::new(short_or_long(300, 3000), SECOND);
    // So that whoever joins is sent some sixty kilobytes.
    scene.talk(50, &"🦦".repeat(300));
    let mut program = scene.started(None).await;
    let (address, event) = (scene.address, scene.event);
    let before = program.memory();
    let (mut staying, mut turned_away) = (JoinSet::new(), JoinSet::new());
    let peers = short_or_long(40, 120);
    for peer in 0..peers {
        // More readers than anything else: they are the ones that something is sent to.
        for reader in 0..5 {
            let greedy = reader == 0 && peer % GREEDY == 0;
            staying.spawn(stalled_reader(address, event, greedy));
        }
        staying.spawn(half_a_click(address, event));
        staying.spawn(slow_head(address));
        turned_away.spawn(garbage(address));
        turned_away.spawn(endless_head(address));
        turned_away.spawn(oversized_frame(address));
        turned_away.spawn(foreign_page(address));
    }
    // Nobody takes what they are sent. Of the greedy nothing more is taken either, since nothing more can be sent to them.
    eventually("readers are stalled", async || {
        let before = waiting(address);
        sleep(500 * MS).await;
        let now = waiting(address);
        let unread = now.values().filter(|(sent, _)| *sent > 0).count();
        let as_before = |peer, sent| before.get(peer).is_some_and(|(before, _)| *before == sent);
        let full = now.iter().filter(|(peer, (sent, received))| *received > 500 && as_before(*peer, *sent)).count();
        unread >= peers * 5 && full >= peers / GREEDY
    })
    .await;
    let mut most = before;
    let watching = async {
        loop {
            most = most.max(program.memory());
            sleep(50 * MS).await;
        }
    };
    let pressing = async {
        let everybody = scene.people.len() as u64;
        tokio::join!(scene.press_all(&scene.people, 5 * MS), healthy_reader(address, event, everybody));
    };
    let pressing = async {
        tokio::select! {
            () = pressing => {}
            () = watching => {}
        }
    };
    scene.reading_pages(pressing).await;
    assert!(most < before + MEMORY, "{} MiB became {}", before >> 20, most >> 20);
    assert!(staying.try_join_next().is_none(), "whoever stays has not failed");
    soon("whoever breaks the rules is turned away", turned_away.join_all()).await;
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

/// People who send half of what they have, pictures among it, and wait. They are let go of soon, hold little, and
/// nobody else waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn half_sent_forms_and_pictures_are_let_go_of() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let scene = Scene::new(short_or_long(20, 200), -SECOND);
    let creator = scene.people[0].clone();
    scene.make_creator(&creator);
    let mut program = scene.started(None).await;
    let address = scene.address;
    let quiet = scene.home_page(20).await;
    let before = program.memory();
    let mut sending = JoinSet::new();
    let typed = "content-type: application/x-www-form-urlencoded\r\ncontent-length: 400000";
    for n in 0..short_or_long(150, 300) {
        let large = if n % 2 == 0 { 300_000 } else { 10 };
        sending.spawn(half_sent(address, "/sign-in", typed.to_owned(), large));
    }
    let picture = "content-type: multipart/form-data; boundary=x\r\ncontent-length: 10000000";
    for _ in 0..60 {
        let head = format!("cookie: {}\r\n{picture}", creator.cookie());
        sending.spawn(half_sent(address, "/api/create-event", head, 4_000_000));
    }
    let (mut most, mut meanwhile) = (before, quiet);
    let watching = async {
        // Until the last of them is gone.
        while !sending.is_empty() {
            while sending.try_join_next().is_some() {}
            most = most.max(program.memory());
            meanwhile = meanwhile.max(scene.home_page(5).await);
            sleep(100 * MS).await;
        }
    };
    timeout(Duration::from_secs(60), watching).await.expect("they are let go of");
    println!("half sent: {} MiB became {}, the home page {quiet:?} {meanwhile:?}", before >> 20, most >> 20);
    assert!(most < before + HALF_SENT, "{} MiB became {}", before >> 20, most >> 20);
    assert!(meanwhile < quiet * 20 + 500 * MS, "{quiet:?} became {meanwhile:?}");
    scene.press_all(&scene.people[1..], MS).await;
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len() - 1);
}

/// A head and so much of a body, as far as it is taken; returns when the other side ends it.
async fn half_sent(address: SocketAddr, path: &'static str, head: String, bytes: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\n{head}\r\n\r\n");
    let start = "--x\r\ncontent-disposition: form-data; name=\"picture\"; filename=\"a.png\"\r\n\r\n";
    let body = [start.as_bytes(), &vec![b'a'; bytes]].concat();
    let (mut reading, mut writing) = stream.split();
    let sending = async {
        let _ = writing.write_all(head.as_bytes()).await;
        let _ = writing.write_all(&body).await;
        std::future::pending::<()>().await;
    };
    let mut rest = Vec::new();
    tokio::select! {
        () = sending => {}
        _ = reading.read_to_end(&mut rest) => {}
    }
}

/// Connections that ask for pages and take none of them. They hold little, and members read theirs meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn pages_that_nobody_takes_hold_little_and_keep_no_member_waiting() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let scene = Scene::new(short_or_long(20, 200), -SECOND);
    let mut program = scene.started(None).await;
    let (address, stalls, began) = (scene.address, Stalls::watch(), std::time::Instant::now());
    let quiet = member_page(&scene.people[0], 20).await;
    let before = program.memory();
    let mut untaken = JoinSet::new();
    for _ in 0..short_or_long(100, 1500) {
        untaken.spawn(takes_no_page(address));
    }
    let mut most = before;
    // As long as most of them have what they are sent waiting.
    for _ in 0..short_or_long(50, 200) {
        most = most.max(program.memory());
        sleep(100 * MS).await;
    }
    let meanwhile = member_page(&scene.people[0], 20).await;
    most = most.max(program.memory());
    let visitor = scene.client.get(format!("http://{address}/")).header("accept", "text/html").send().await.unwrap();
    let (visitor, stalled) = (visitor.status(), stalls.between(began, std::time::Instant::now()));
    println!(
        "pages that nobody takes: {} MiB became {}, a member's page {quiet:?} {meanwhile:?}, a visitor is told {visitor}",
        before >> 20,
        most >> 20
    );
    assert!(most < before + MEMORY, "{} MiB became {}", before >> 20, most >> 20);
    assert!(meanwhile < quiet * 20 + 500 * MS + stalled, "{quiet:?} became {meanwhile:?}");
    assert!([200, 429, 503].contains(&visitor.as_u16()), "{visitor}");
    assert!(untaken.try_join_next().is_none(), "whoever takes nothing is waited for");
    scene.press_all(&scene.people, MS).await;
    untaken.abort_all();
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

/// How long a member usually waits for the home page, of so many times.
async fn member_page(person: &Person, times: usize) -> Duration {
    let mut took = Vec::new();
    for _ in 0..times {
        let began = std::time::Instant::now();
        let page = person.get("/").await;
        assert_eq!(page.status(), 200);
        assert!(page.text().await.unwrap().contains("</html>"));
        took.push(began.elapsed());
    }
    median(took)
}

/// Asks for the home page again and again, and takes none.
async fn takes_no_page(address: SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket2::SockRef::from(&socket).set_tcp_mss(536).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let page = format!("GET / HTTP/1.1\r\nhost: {address}\r\naccept: text/html\r\n\r\n");
    let _ = stream.write_all(page.repeat(60).as_bytes()).await;
    std::future::pending::<()>().await;
}

/// Sockets without an account send all they can, with ids that nobody has. Others hardly notice.
#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_flood_keeps_nobody_waiting() {
    let scene = Scene::new(short_or_long(20, 200), -SECOND);
    let mut program = scene.started(None).await;
    let quiet = scene.home_page(40).await;
    let before = program.memory();
    let mut flooding = JoinSet::new();
    for _ in 0..64 {
        flooding.spawn(flood(scene.address));
    }
    sleep(3000 * MS).await;
    let mut flooded = Vec::new();
    for _ in 0..short_or_long(4, 20) {
        flooded.push(scene.home_page(20).await);
        sleep(100 * MS).await;
    }
    // What else a machine does makes some of a few rounds slow, a flood that is felt would make all of them.
    let usual = short_or_long(flooded.iter().min().copied().unwrap(), median(flooded));
    let after = program.memory();
    println!("anonymous flood: {} MiB became {}, the home page {quiet:?} {usual:?}", before >> 20, after >> 20);
    assert!(usual < quiet * 3 + 20 * MS, "{quiet:?} became {usual:?}");
    assert!(after < before + HALF_SENT, "{} MiB became {}", before >> 20, after >> 20);
    scene.press_all(&scene.people, MS).await;
    flooding.abort_all();
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

/// As many frames as are taken, each of another event that is not there, and the next socket whenever this one is closed. Answers
/// are thrown away.
async fn flood(address: SocketAddr) {
    loop {
        let (mut writing, mut reading) = socket(address).await.split();
        let sending = async {
            loop {
                let event = EventId(engine::ids::new_id(model::Time(0)));
                let enter = ToServer::Enter { event, code: None, wish: None };
                let enter = Message::binary(model::wire::encode(&enter));
                if writing.feed(join(event)).await.is_err() || writing.send(enter).await.is_err() {
                    return;
                }
            }
        };
        let reading = async { while let Some(Ok(_)) = reading.next().await {} };
        tokio::select! {
            () = sending => {}
            () = reading => {}
        }
    }
}

/// What waits in each connection of a server by its peer, as the system counts it: bytes that the peer does not take, and
/// bytes that the server does not.
fn waiting(server: SocketAddr) -> HashMap<String, (u64, u64)> {
    let local = format!(":{:04X}", server.port());
    let of_connection = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (sent, received) = fields.get(4)?.split_once(':')?;
        let bytes = |hex| u64::from_str_radix(hex, 16).ok();
        let waiting = (fields[2].to_owned(), (bytes(sent)?, bytes(received)?));
        fields[1].ends_with(&local).then_some(waiting)
    };
    std::fs::read_to_string("/proc/net/tcp").unwrap().lines().filter_map(of_connection).collect()
}

/// Somebody whose network takes nothing more presses: that is read and counts, and they learn of it when it does.
#[tokio::test(flavor = "multi_thread")]
async fn a_press_is_read_although_nothing_more_is_taken() {
    let scene = Scene::new(50, -SECOND);
    scene.talk(50, &"🦦".repeat(300));
    let _program = scene.started(None).await;
    let (address, event) = (scene.address, scene.event);
    let stream = TcpSocket::new_v4().unwrap();
    stream.set_recv_buffer_size(4096).unwrap();
    socket2::SockRef::from(&stream).set_tcp_mss(536).unwrap();
    let stream = stream.connect(address).await.unwrap();
    let mut request = live_address(address).into_client_request().unwrap();
    request.headers_mut().insert("cookie", scene.people[0].cookie().parse().unwrap());
    let mut socket = client_async(request, stream).await.unwrap().0;
    let waits = || waiting(address).values().map(|(sent, _)| *sent).max().unwrap_or_default();
    let mut sent = Vec::new();
    // More than the systems on both sides keep for them.
    for _ in 0..3 {
        socket.send(join(event)).await.unwrap();
        let settled = eventually_some("nothing moves any more", async || {
            let before = waits();
            run_for(500 * MS).await;
            (before > 0 && waits() == before).then_some(before)
        });
        sent.push(settled.await);
    }
    assert_eq!(sent[1], sent[2], "the system takes no more of what is sent");
    let enter = ToServer::Enter { event, code: None, wish: None };
    socket.send(Message::binary(wire::encode(&enter))).await.unwrap();
    soon("everybody else sees it", healthy_reader(address, event, 1)).await;
    // The page that nothing reached says what it was sent, in the end.
    let told = async {
        loop {
            let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() else { continue };
            if let ToBrowser::Entered { entry, .. } = wire::decode(&bytes).unwrap() {
                return entry.rank;
            }
        }
    };
    assert_eq!(soon("it is told", told).await, 1);
}

async fn socket(address: SocketAddr) -> WebSocketStream<TcpStream> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    // So that the system here soon takes no more of what is not read there.
    socket.set_send_buffer_size(16 << 10).unwrap();
    let stream = socket.connect(address).await.unwrap();
    client_async(live_address(address), stream).await.unwrap().0
}

fn join(event: EventId) -> Message {
    let join = ToServer::Join { event, chat_seen: 0 };
    Message::binary(wire::encode(&join))
}

/// Reads along until the event has so many entries.
async fn healthy_reader(address: SocketAddr, event: EventId, total: u64) {
    let mut socket = socket(address).await;
    socket.send(join(event)).await.unwrap();
    let mut seen = 0;
    while seen < total {
        let frame = soon("the room goes on", socket.next()).await.unwrap().unwrap();
        let Message::Binary(bytes) = frame else { continue };
        match wire::decode(&bytes).unwrap() {
            ToBrowser::Snapshot(room) => seen = room.total,
            ToBrowser::Change(change) => seen = change.total,
            _ => {}
        }
    }
}

/// Joins and reads nothing. Who is greedy joins again and again, as often as one may.
async fn stalled_reader(address: SocketAddr, event: EventId, greedy: bool) {
    let mut socket = socket(address).await;
    let at_once = if greedy { 50 } else { 1 };
    for _ in 0..at_once {
        socket.send(join(event)).await.unwrap();
    }
    let mut pause = tokio::time::interval(60 * MS);
    while greedy && socket.send(join(event)).await.is_ok() {
        pause.tick().await;
    }
    std::future::pending::<()>().await;
}

/// The head of a click whose body never comes, on a connection that is never closed.
async fn half_a_click(address: SocketAddr, event: EventId) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /events/{event}/enter HTTP/1.1\r\nhost: {address}\r\ncontent-length: 9\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    std::future::pending::<()>().await;
}

/// One letter at a time.
async fn slow_head(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx-slow: ").await.unwrap();
    while stream.write_all(b"a").await.is_ok() {
        sleep(100 * MS).await;
    }
}

/// Not HTTP: turned away.
async fn garbage(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(&[0xFF; 5000]).await;
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// A head of 200 KB: turned away.
async fn endless_head(address: SocketAddr) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nx-endless: ").await;
    let _ = stream.write_all(&[b'a'; 200_000]).await;
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// The head of a frame that promises a gigabyte: nobody waits for it.
async fn oversized_frame(address: SocketAddr) {
    let mut stream = socket(address).await.into_inner();
    let mut head = vec![0x81, 0xFF];
    head.extend((1_u64 << 30).to_be_bytes());
    head.extend([0; 4]);
    stream.write_all(&head).await.unwrap();
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// A page of another site: no socket.
async fn foreign_page(address: SocketAddr) {
    let mut request = live_address(address).into_client_request().unwrap();
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    let stream = TcpStream::connect(address).await.unwrap();
    match client_async(request, stream).await {
        Err(tungstenite::Error::Http(response)) => assert_eq!(response.status(), 403),
        other => panic!("it was let in: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_presses_of_everybody_at_the_opening_are_all_answered() {
    let scene = Scene::new(short_or_long(20, 200), 2 * SECOND);
    let opening = tokio::time::Instant::now() + 2000 * MS;
    let mut program = scene.started(None).await;
    let mut pressing = JoinSet::new();
    // Ten fingers each: some are early, and all press ten times once it is open.
    for person in scene.people.iter().flat_map(|person| std::iter::repeat_n(person, 10)) {
        let (client, person, event, history) =
            (scene.client.clone(), person.clone(), scene.event, scene.history.clone());
        pressing.spawn(async move {
            tokio::time::sleep_until(opening - 200 * MS).await;
            let mut entered = 0;
            while entered < 10 {
                match press(&client, &person, event, &history).await {
                    Some(200 | 201) => entered += 1,
                    status => assert!(status.is_some_and(|status| HONEST.contains(&status)), "{status:?}"),
                }
            }
        });
    }
    scene.reading_pages(pressing.join_all()).await;
    program.kill();
    assert_eq!(scene.history.so_far().len(), scene.people.len() * 100);
    assert_eq!(scene.check().len(), scene.people.len());
}

/// Who presses once, at the opening second.
const AT_THE_OPENING: usize = 200;
/// A program queues so many presses on each of so many connections, from so long before the opening on.
const QUEUED: (usize, usize, Duration) = (60, 8, Duration::from_millis(200));

/// A program that queues presses across the opening has nothing of it, and nobody else waits for it: where prizes are given and
/// where something is sold.
#[tokio::test(flavor = "multi_thread")]
async fn presses_queued_across_the_opening_gain_nothing_and_keep_nobody_waiting() {
    rlimit::increase_nofile_limit(4096).unwrap();
    for sells in [false, true] {
        let (stalls, began) = (Stalls::watch(), std::time::Instant::now());
        let without = opening_second(sells, false).await;
        let with = opening_second(sells, true).await;
        let stalled = stalls.between(began, std::time::Instant::now());
        let what = if sells { "a deal" } else { "a giveaway" };
        println!("presses queued across the opening of {what}: others' answers took {without:?}, beside them {with:?}");
        // Everyday, other tests run beside it.
        let allowed = short_or_long(without * 10 + 300 * MS, without * 2 + 50 * MS);
        assert!(with < allowed + stalled, "{what}: {without:?} became {with:?}");
    }
}

/// How long people usually wait for their answers who press once, when an event has just opened, with or without the program.
async fn opening_second(sells: bool, with_program: bool) -> Duration {
    for _ in 0..4 {
        if let Some(took) = try_opening_second(sells, with_program).await {
            return took;
        }
    }
    panic!("the machine stood still whenever something opened");
}

/// The same; `None` when the machine stood still before the opening.
async fn try_opening_second(sells: bool, with_program: bool) -> Option<Duration> {
    let clock = engine::clock::Clock::system();
    let opens_at = clock.now() + short_or_long(4_i64, 6) * SECOND;
    let scene = Scene::with(On::Sqlite, AT_THE_OPENING + 1, |_| {
        let giveaway = draft(opens_at, 100);
        let deal = Offer::Deal {
            list_price: 10_000,
            discount: 10,
            stock: 100,
            limit: 1,
            delivery: "2일 안에".into(),
            checkout: Checkout::default(),
            details: vec![],
        };
        if sells { EventDraft { offer: deal, ..giveaway } } else { giveaway }
    });
    let mut program = scene.started(None).await;
    let left = opens_at.since(clock.now());
    if left < SECOND {
        return None;
    }
    let opening = tokio::time::Instant::now() + Duration::from(left);
    let (queueing, honest) = scene.people.split_first().unwrap();
    let mut pressing = JoinSet::new();
    for (i, person) in honest.iter().cloned().enumerate() {
        let (history, event, at) = (scene.history.clone(), scene.event, opening + MS * (5 + i as u32));
        pressing.spawn(async move {
            match i % 2 {
                0 => press_on_a_connection(&person, event, &history, at).await,
                _ => press_on_a_socket(&person, event, &history, at).await,
            }
        });
    }
    let queueing_presses = async {
        if !with_program {
            return None;
        }
        let (presses, connections, ahead) = QUEUED;
        tokio::time::sleep_until(opening - ahead).await;
        scene.history.pressed(queueing.member);
        let cookie = queueing.cookie();
        let queues = (0..connections).map(|_| queue_presses(scene.address, &cookie, scene.event, presses));
        let answers: Vec<(u16, Vec<u8>)> = join_all(queues).await.into_iter().flatten().collect();
        let (early, entries) = told(&answers);
        assert_eq!(answers.len(), presses * connections);
        assert!(!entries.is_empty() && entries.iter().all(|entry| entry == &entries[0]), "{entries:?}");
        scene.history.told(queueing.member, entries[0]);
        Some((early, entries[0]))
    };
    let (queued, took) = tokio::join!(queueing_presses, pressing.join_all());
    program.kill();
    let stored = scene.check();
    assert_eq!(stored.len(), AT_THE_OPENING + usize::from(with_program));
    if let Some((early, entry)) = queued {
        if early.is_empty() {
            return None;
        }
        history::check_queued(&early, &entry, &stored);
        let first = early.iter().max().copied().unwrap_or(Span::ZERO);
        println!("queued from {first:?} before it: rank {} after {:?}", entry.rank, entry.since_open);
    }
    Some(median(took))
}

/// Presses at a moment, on a connection that was open, until it counts; how long the answer took.
async fn press_on_a_connection(
    person: &Person,
    event: EventId,
    history: &History,
    at: tokio::time::Instant,
) -> Duration {
    let (cookie, mut stream) = (person.cookie(), TcpStream::connect(person.address).await.unwrap());
    tokio::time::sleep_until(at).await;
    loop {
        history.pressed(person.member);
        let began = std::time::Instant::now();
        let answers = queue_on(&mut stream, &cookie, event, 1).await;
        let took = began.elapsed();
        if let Some(entry) = told(&answers).1.first() {
            history.told(person.member, *entry);
            return took;
        }
        assert!(HONEST.contains(&answers[0].0), "{}", answers[0].0);
        sleep(40 * MS).await;
    }
}

/// The same by the socket of a page that is in the room.
async fn press_on_a_socket(person: &Person, event: EventId, history: &History, at: tokio::time::Instant) -> Duration {
    let mut request = live_address(person.address).into_client_request().unwrap();
    request.headers_mut().insert("cookie", person.cookie().parse().unwrap());
    let stream = TcpStream::connect(person.address).await.unwrap();
    let mut socket = client_async(request, stream).await.unwrap().0;
    socket.send(join(event)).await.unwrap();
    tokio::time::sleep_until(at).await;
    let enter = ToServer::Enter { event, code: None, wish: None };
    loop {
        history.pressed(person.member);
        let began = std::time::Instant::now();
        socket.send(Message::binary(wire::encode(&enter))).await.unwrap();
        loop {
            let frame = soon("an answer comes", socket.next()).await.unwrap().unwrap();
            let Message::Binary(bytes) = frame else { continue };
            match wire::decode(&bytes).unwrap() {
                ToBrowser::Entered { entry, .. } => {
                    history.told(person.member, entry);
                    return began.elapsed();
                }
                ToBrowser::Refused { .. } => break,
                _ => {}
            }
        }
        sleep(40 * MS).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_who_come_at_once_find_room() {
    rlimit::increase_nofile_limit(4096).unwrap();
    let scene = Scene::new(1000, -SECOND);
    let mut program = scene.started(None).await;
    // They come faster than anybody could take them.
    program.signal("STOP");
    let mut connections = Vec::new();
    for person in &scene.people {
        let sent = soon("there is room", send_only(&scene, person)).await;
        connections.push((person, sent));
    }
    program.signal("CONT");
    for (person, mut connection) in connections {
        let mut start = [0; 12];
        soon("an answer comes", connection.read_exact(&mut start)).await.unwrap();
        assert_eq!(&start, b"HTTP/1.1 201");
        drop(connection);
        assert_eq!(scene.press(person).await, Some(200));
    }
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_missed_the_answer_is_told_the_same_when_they_press_again() {
    let scene = Scene::new(short_or_long(200, 2000), -SECOND);
    let mut program = scene.started(None).await;
    // Gone when the entry is there and the answer is on its way.
    let (one_by_one, all_at_once) = scene.people.split_at(20);
    for (i, person) in one_by_one.iter().enumerate() {
        let unread = send_only(&scene, person).await;
        scene.grown_to(i as u64 + 1).await;
        drop(unread);
        assert_eq!(scene.press(person).await, Some(200), "they had entered");
        let told = scene.history.so_far().pop().unwrap();
        assert_eq!((told.member, told.entry.rank), (person.member, i as u64 + 1));
    }
    // Gone at any moment: before it was read, written, or answered.
    let mut sending = JoinSet::new();
    for (i, person) in all_at_once.iter().cloned().enumerate() {
        let sent = send_only(&scene, &person).await;
        sending.spawn(async move {
            sleep(Duration::from_micros(i as u64 % 50 * 100)).await;
            drop(sent);
        });
    }
    sending.join_all().await;
    scene.press_all(all_at_once, Duration::ZERO).await;
    program.kill();
    assert_eq!(scene.check().len(), scene.people.len());
}

/// Presses on a connection of its own, and leaves the answer unread.
async fn send_only(scene: &Scene, person: &Person) -> TcpStream {
    scene.history.pressed(person.member);
    let mut stream = TcpStream::connect(scene.address).await.unwrap();
    let head = format!(
        "POST /events/{}/enter HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept: application/json\r\ncontent-length: 0\r\n\r\n",
        scene.event,
        scene.address,
        person.cookie()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}
