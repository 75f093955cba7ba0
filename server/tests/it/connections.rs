//! Connections and what comes over them: how many there are, how slow they may be, and what is read of them.

use crate::support::{Site, client, request, socket::Page};
use app::forms::Declaration;
use futures::future::join_all;
use model::{
    Error, EventId,
    live::{ToBrowser, ToServer},
    wire,
};
use std::{
    cell::RefCell,
    net::SocketAddr,
    path::Path,
    process::{Child, Command},
    time::{Duration, Instant},
};
use testing::{On, Stalls, eventually, free_address, run_for, soon};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

const MS: Duration = Duration::from_millis(1);

/// One request on a connection; the status of its answer, or `None` when the connection ended without.
async fn ask(stream: &mut TcpStream, path: &str, headers: &str) -> Option<u16> {
    let head = format!("GET {path} HTTP/1.1\r\nhost: site\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    status(stream).await
}

/// The status of the next answer, whose body is read as far as it comes with it.
async fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut answer = Vec::new();
    loop {
        let mut piece = [0; 4096];
        match soon("an answer comes", stream.read(&mut piece)).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => answer.extend(&piece[..read]),
        }
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            return head.split(' ').nth(1)?.parse().ok();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_only_so_many_connections_and_members_do_not_count() {
    let site = Site::configured(On::Sqlite, |config| config.connections_per_address = 4).await;
    let person = site.people(1).await.remove(0);
    let cookie = format!("cookie: {}\r\n", person.cookie());
    let connect = || TcpStream::connect(site.address);
    let mut strangers = Vec::new();
    for _ in 0..4 {
        let mut stream = connect().await.unwrap();
        assert_eq!(ask(&mut stream, "/healthz", "").await, Some(200));
        strangers.push(stream);
    }
    let mut one_more = connect().await.unwrap();
    assert_eq!(ask(&mut one_more, "/healthz", "").await, Some(429));
    assert_eq!(ask(&mut one_more, "/healthz", "").await, None, "and that was it");
    let mut forged = connect().await.unwrap();
    assert_eq!(ask(&mut forged, "/healthz", &format!("cookie: session={}\r\n", "0".repeat(64))).await, Some(429));
    // A browser is told so by a page.
    let page = client().get(format!("http://{}/", site.address)).header("accept", "text/html").send().await.unwrap();
    assert_eq!(page.status(), 429);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    // Whoever is signed in finds room, and takes none of others'.
    let mut members = Vec::new();
    for _ in 0..3 {
        let mut stream = connect().await.unwrap();
        assert_eq!(ask(&mut stream, "/healthz", &cookie).await, Some(200));
        members.push(stream);
    }
    // A stranger who signs in stops counting, and so does one who goes.
    assert_eq!(ask(&mut strangers[0], "/creator/profile", &cookie).await, Some(200));
    eventually("there is room again", async || ask(&mut connect().await.unwrap(), "/healthz", "").await == Some(200))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_only_so_many_connections_and_sockets_are_among_them() {
    let site = Site::configured(On::Sqlite, |config| config.connections = 3).await;
    let connect = || TcpStream::connect(site.address);
    let page = Page::open(&site, None).await;
    let mut open = vec![connect().await.unwrap(), connect().await.unwrap()];
    for stream in &mut open {
        assert_eq!(ask(stream, "/healthz", "").await, Some(200));
    }
    let mut one_more = connect().await.unwrap();
    assert!(matches!(status(&mut one_more).await, Some(503) | None));
    drop(page);
    eventually("there is room again", async || ask(&mut connect().await.unwrap(), "/healthz", "").await == Some(200))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_download_is_not_cut_and_a_stalled_one_is() {
    const LENGTH: usize = 4 << 20;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("large.bin"), vec![7; LENGTH]).unwrap();
    let site = Site::configured(On::Sqlite, |config| {
        config.site_dir = folder.path().to_owned();
        config.look_every = 300 * MS;
    })
    .await;
    let download = async || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(16 << 10).unwrap();
        let mut stream = socket.connect(site.address).await.unwrap();
        stream.write_all(b"GET /large.bin HTTP/1.1\r\nhost: site\r\n\r\n").await.unwrap();
        stream
    };
    let mut slow = download().await;
    let (mut read, began) = (0, Instant::now());
    let mut piece = vec![0; 64 << 10];
    while read < LENGTH {
        match soon("more comes", slow.read(&mut piece)).await {
            Ok(0) | Err(_) => panic!("cut after {read} bytes and {:?}", began.elapsed()),
            Ok(more) => read += more,
        }
        // Slower than one looks, faster than one gives up.
        if began.elapsed() < 3000 * MS {
            run_for(100 * MS).await;
        }
    }
    // Who takes nothing at all is not waited for for ever.
    let mut stalled = download().await;
    run_for(9000 * MS).await;
    let mut read = 0;
    while let Ok(more @ 1..) = soon("it ends", stalled.read(&mut piece)).await {
        read += more;
    }
    assert!(read < LENGTH, "it was waited for");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_nobody_takes_leave_room_for_members_and_the_next_visitor_is_told_to_come_back() {
    // Room for a dozen pages, half of them of one address.
    let site = Site::configured(On::Sqlite, |config| config.pages_memory = 2 << 20).await;
    let (person, event) = (site.people(1).await.remove(0), site.event(model::HOUR, 5).await);
    let visit = async || {
        let page = client().get(format!("http://{}/", site.address)).header("accept", "text/html");
        page.send().await.unwrap()
    };
    assert_eq!(visit().await.status(), 200);
    let ask_in_vain = async |asked: &str| {
        let mut untaken = Vec::new();
        for _ in 0..8 {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            socket2::SockRef::from(&socket).set_tcp_mss(536).unwrap();
            let mut stream = socket.connect(site.address).await.unwrap();
            // More than the systems on both sides keep.
            stream.write_all(asked.repeat(60).as_bytes()).await.unwrap();
            untaken.push(stream);
        }
        untaken
    };
    let untaken = ask_in_vain("GET / HTTP/1.1\r\nhost: site\r\naccept: text/html\r\n\r\n").await;
    // That very answer: a place may be free again for the next.
    let refused = RefCell::new(None);
    eventually("there is no room", async || {
        let answer = visit().await;
        let is_refused = answer.status() == 429;
        refused.replace(Some(answer));
        is_refused
    })
    .await;
    let refused = refused.into_inner().unwrap();
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"5".parse().unwrap()));
    assert!(refused.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(refused.text().await.unwrap().contains("</html>"));
    assert_eq!(person.get("/").await.status(), 200, "who is signed in has room of their own");
    // Until the systems have taken all that they can, a place is free for a moment now and then.
    eventually("nor is there room for its data", async || {
        client().get(site.url("/")).header("accept", "application/json").send().await.unwrap().status() == 429
    })
    .await;
    let beside = ["board", "chat", "qr.svg", "qr.png", "preview.png"].map(|name| format!("/events/{event}/{name}"));
    eventually("nor for what else everybody may read of an event", async || {
        let asked = beside.iter().map(|path| client().get(site.url(path)).header("accept", "*/*").send());
        join_all(asked).await.into_iter().all(|answer| answer.unwrap().status() == 429)
    })
    .await;
    for path in &beside {
        assert_eq!(person.get(path).await.status(), 200, "{path}");
    }
    drop(untaken);
    eventually("there is room again", async || visit().await.status() == 200).await;
    // Forms that are refused are pages as well, and count for the address that sent them.
    let form =
        "accept: text/html\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 7\r\n\r\nemail=a";
    let _untaken = ask_in_vain(&format!("POST /sign-up HTTP/1.1\r\nhost: site\r\n{form}").repeat(2)).await;
    eventually("its share is used up", async || visit().await.status() == 429).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_upload_nothing_is_read_before_it_has_a_place() {
    let site = Site::start(On::Sqlite).await;
    let (creator, member) = (site.creator().await, site.people(1).await.remove(0));
    let begin = async |cookie: &str| {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let head = format!(
            "POST /api/create-event HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\ncontent-length: 10000000\r\n\
             content-type: multipart/form-data; boundary=x\r\n\r\n--x\r\n",
            site.address
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let mut reading = [begin(&creator.cookie()).await, begin(&creator.cookie()).await];
    // Half of a form that our own code sends.
    let mut typed = TcpStream::connect(site.address).await.unwrap();
    let head = format!(
        "POST /api/set-mode HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept: {}\r\ncontent-length: 12\r\n\
         content-type: application/x-www-form-urlencoded\r\n\r\nmode=s",
        site.address,
        member.cookie(),
        wire::KIND
    );
    typed.write_all(head.as_bytes()).await.unwrap();
    run_for(200 * MS).await;
    let (stalls, began) = (Stalls::watch(), Instant::now());
    assert_eq!(status(&mut begin(&creator.cookie()).await).await, Some(429), "a third of one member");
    assert_eq!(status(&mut begin(&member.cookie()).await).await, Some(403));
    assert_eq!(status(&mut begin("session=").await).await, Some(401));
    assert!(stalls.ran_since(began) < Duration::from_secs(5), "nobody waited for a body");
    // Of the first two the rest never comes.
    for stream in &mut reading {
        assert_eq!(status(stream).await, Some(408));
        assert_eq!(soon("it ends", stream.read(&mut [0; 64])).await.unwrap_or_default(), 0);
    }
    // It is told so in bytes that it reads.
    let mut answer = Vec::new();
    let _ = soon("it ends", typed.read_to_end(&mut answer)).await;
    let told = answer.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
    assert_eq!(wire::decode::<Result<Option<String>, Error>>(&answer[told..]), Some(Err(Error::TooSlow)));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_guesses_events_is_refused_and_a_visitor_who_sends_too_much_is_read_later() {
    let site = Site::start(On::Sqlite).await;
    let event = site.event(model::HOUR, 5).await;
    let refused = async |page: &mut Page| {
        let ToBrowser::Refused { error, .. } = page.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await else {
            panic!()
        };
        error
    };
    let made_up = || EventId(request().0);
    let mut pages = [Page::open(&site, None).await, Page::open(&site, None).await];
    let mut errors = Vec::new();
    for page in &mut pages {
        for _ in 0..50 {
            page.send(&ToServer::Join { event: made_up(), chat_seen: 0 }).await;
            errors.push(refused(page).await);
        }
    }
    assert!(errors[..60].iter().all(|error| *error == Error::NotFound), "{errors:?}");
    assert!(matches!(errors[99], Error::TooMany { .. }), "{errors:?}");
    // What is in memory everybody finds.
    site.engine.rooms.open(event).await.unwrap();
    pages[0].send(&ToServer::Join { event, chat_seen: 0 }).await;
    pages[0].until(|page, _| page.room.is_some()).await;
    // Who hammers without an account is read later.
    let mut page = Page::open(&site, None).await;
    for _ in 0..75 {
        page.send(&ToServer::Enter { event: made_up(), code: None, wish: None }).await;
    }
    let began = Instant::now();
    for _ in 0..75 {
        assert_eq!(refused(&mut page).await, Error::SignedOut);
    }
    assert!(began.elapsed() > Duration::from_secs(2), "they were read as they came");
    // Nor are pages, data and pictures looked for any more.
    for path in ["", "/board", "/chat", "/preview.png", "/qr.svg"] {
        let read = async |event: EventId| {
            let page = client().get(site.url(&format!("/events/{event}{path}"))).header("accept", "*/*");
            page.send().await.unwrap().status().as_u16()
        };
        assert_eq!((read(made_up()).await, read(event).await), (429, 200), "{path:?}");
    }
    let reader = site.people(1).await.remove(0);
    let read = async || {
        let request = client().get(site.url(&format!("/events/{}/chat", made_up())));
        request.header("cookie", reader.cookie()).send().await.unwrap().status().as_u16()
    };
    let mut looked_for = 0;
    while read().await == 404 {
        looked_for += 1;
        assert!(looked_for < 500, "nobody minds");
    }
    assert!(looked_for >= 60, "{looked_for}");
    assert_eq!(read().await, 429);
    // Nor other things that are found by an id, however that is written.
    let encoded = |id: &str| format!("%{:02X}{}", id.as_bytes()[0], &id[1..]);
    for (before, after) in [("/parties/", ""), ("/markets/", ""), ("/creators/", ""), ("/creators/", "/reviews")] {
        for is_encoded in [false, true] {
            let mut looked_for = 0;
            loop {
                let id = made_up().to_string();
                let id = if is_encoded { encoded(&id) } else { id };
                let page = client().get(site.url(&format!("{before}{id}{after}"))).header("accept", "text/html");
                let status = page.header("cookie", reader.cookie()).send().await.unwrap().status();
                if status == 429 {
                    break;
                }
                assert_eq!(status, 404, "{before}{id}{after}");
                looked_for += 1;
                assert!(looked_for < 100, "nobody minds at {before}{id}{after}");
            }
        }
    }
    // A member's presses at what is not there.
    let person = site.people(1).await.remove(0);
    let mut pressed = 0;
    while person.press(&client(), made_up()).await.unwrap().status() == 404 {
        pressed += 1;
        assert!(pressed < 500, "nobody minds");
    }
    assert!(pressed >= 60, "{pressed}");
    assert_eq!(person.press(&client(), made_up()).await.unwrap().status(), 429);
    assert_eq!(person.press(&client(), event).await.unwrap().status(), 425, "and at what is");
    // Nor at what cannot be one. Of this address too many were looked for, and another member was refused nothing so far.
    let at_nothing = site.url("/events/no-such-event/enter");
    let told = client().post(&at_nothing).header("accept", "text/html").send().await.unwrap();
    assert_eq!(told.status(), 429);
    let other = site.people(1).await.remove(0);
    assert_eq!(client().post(&at_nothing).header("cookie", other.cookie()).send().await.unwrap().status(), 404);
}

/// The balancer lets large bodies through only where functions take files.
#[test]
fn the_balancer_takes_pictures_where_they_are_taken() {
    let balancer = include_str!("../../../deploy/nginx.conf");
    let (before, _) = balancer.split_once("client_max_body_size 33m;").unwrap();
    let line = before.lines().rev().find(|line| line.contains("location")).unwrap();
    let pattern = line.trim().trim_start_matches("location ~ ^/(").trim_end_matches(")$ {");
    let mut taken: Vec<String> = Vec::new();
    for declaration in Declaration::all().filter(|declaration| declaration.files > 0) {
        taken.push(declaration.path.trim_start_matches('/').to_owned());
        taken.extend(declaration.pages.iter().map(|page| page.trim_start_matches('/').replace(":id", "[^/]+")));
    }
    let mut named: Vec<String> = pattern.split('|').map(str::to_owned).collect();
    let (mut taken, named) = {
        named.sort();
        taken.sort();
        (taken, named)
    };
    taken.dedup();
    assert_eq!(named, taken);
    assert!(balancer.matches("client_max_body_size").count() == 3, "small, a picture, a press");
    // Kept is only what may be sent twice.
    let (_, press) = balancer.split_once("/enter$ {").unwrap();
    let kept = "proxy_request_buffering on;";
    assert!(press.split_once('}').unwrap().0.contains(kept) && balancer.matches(kept).count() == 1);
    assert!(balancer.contains("proxy_request_buffering off;"));
    // What a page of another build needs is asked of every node: nothing else is, since a 404 is an answer.
    let (_, code) = balancer.split_once("location /build/ {").unwrap();
    let code = code.split_once('}').unwrap().0;
    assert!(code.contains("http_404;") && code.contains("_tries 0;") && balancer.matches("http_404").count() == 1);
}

/// A balancer that lets everybody ask once a minute; `None` where nginx is not installed.
fn strict_balancer(node: SocketAddr, at: SocketAddr, proxies: &str, folder: &Path) -> Option<Child> {
    let folder = folder.to_str().unwrap();
    let configuration = include_str!("../../../deploy/nginx.conf")
        .replace("${LISTEN}", &at.to_string())
        .replace("${NODES}", &format!("server {node};"))
        .replace("${PROXIES}", proxies)
        .replace("${SCRATCH}", folder)
        .replace("rate=1000r/s", "rate=1r/m")
        .replace("burst=10000 ", "");
    std::fs::write(format!("{folder}/nginx.conf"), configuration).unwrap();
    let how = format!("daemon off; master_process off; pid {folder}/nginx.pid;");
    let (file, log) = (format!("{folder}/nginx.conf"), format!("{folder}/nginx.log"));
    ["nginx", "/usr/sbin/nginx"]
        .iter()
        .find_map(|nginx| Command::new(nginx).args(["-p", folder, "-c", &file, "-e", &log, "-g", &how]).spawn().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_balancer_counts_people_and_not_what_ends_https_for_them() {
    let site = Site::start(On::Sqlite).await;
    for (proxies, second) in [("1", 429), ("2", 200)] {
        let (folder, at) = (tempfile::tempdir().unwrap(), free_address());
        let Some(mut balancer) = strict_balancer(site.address, at, proxies, folder.path()) else {
            return eprintln!("nginx is not installed");
        };
        eventually("it listens", async || TcpStream::connect(at).await.is_ok()).await;
        let told = async |person: &str| {
            let asked = client().get(format!("http://{at}/healthz"));
            asked.header("x-forwarded-for", format!("192.0.2.9, {person}")).send().await.unwrap().status().as_u16()
        };
        let told = [told("192.0.2.1").await, told("192.0.2.1").await, told("192.0.2.2").await];
        balancer.kill().unwrap();
        balancer.wait().unwrap();
        assert_eq!(told, [200, 429, second], "as one of {proxies}");
    }
}
