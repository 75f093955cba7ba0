//! Fuzz targets: frames of the socket, forms and cookies, made of good ones by changing bytes at random. None of them is a panic or an
//! error of the server's own, and whoever comes next is served. A failure is tried again by the seed that is printed: `SEED=…`.
//!
//! A second of each with every test run, half a minute for `make faults`.

use super::short_or_long;
use crate::{
    administration::admin,
    rights,
    support::{Site, client, request, socket::Page},
};
use app::forms::{Declaration, FormField};
use engine::accounts::Actor;
use futures::{SinkExt, StreamExt};
use model::{
    EventId, HOUR, Moderation, PartyId, RequestId,
    live::{ToBrowser, ToServer},
    programs::Scope,
    wire,
};
use reqwest::{Method, header::HeaderValue};
use std::{
    panic,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use testing::{On, both, soon};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// The longest that is sent.
const LONGEST: usize = 6_000;
/// Bytes at which programs go wrong: ends of lines and of texts, signs of encodings, numbers that go on.
const ODD: [u8; 16] = [0, 1, 9, 10, 13, 34, 37, 38, 43, 59, 61, 92, 0x7F, 0x80, 0xC3, 0xFF];

/// SplitMix64 (<https://prng.di.unimi.it/splitmix64.c>).
struct Random(u64);

impl Random {
    fn new() -> Random {
        let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(engine::ids::random()));
        println!("SEED={seed}");
        Random(seed)
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A part of something.
    fn part<'a>(&mut self, of: &'a [u8]) -> &'a [u8] {
        let from = self.below(of.len());
        let length = self.below((of.len() - from).min(64) + 1);
        &of[from..from + length]
    }

    /// A good one with something wrong about it.
    fn changed(&mut self, good: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.pick(good).clone();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(7) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = *self.pick(&ODD),
                2 => bytes.insert(at, *self.pick(&ODD)),
                3 => bytes.truncate(at),
                4 => {
                    let end = at + self.below(bytes.len() - at + 1);
                    drop(bytes.drain(at..end));
                }
                5 => {
                    let again = self.part(&bytes).to_vec();
                    drop(bytes.splice(at..at, again));
                }
                _ => {
                    let other = self.pick(good).clone();
                    drop(bytes.splice(at..at, self.part(&other).iter().copied()));
                }
            }
        }
        bytes.truncate(LONGEST);
        bytes
    }
}

/// Counts panics, wherever they are.
fn panics() -> Arc<AtomicUsize> {
    let count = Arc::<AtomicUsize>::default();
    let (counting, before) = (count.clone(), panic::take_hook());
    panic::set_hook(Box::new(move |info| {
        counting.fetch_add(1, Ordering::SeqCst);
        before(info);
    }));
    count
}

/// Until when a target is tried.
fn until() -> Instant {
    Instant::now() + Duration::from_secs(short_or_long(1, 30))
}

fn good_frames(event: EventId) -> Vec<Vec<u8>> {
    let party = PartyId(Uuid::from_u128(1));
    let frames = [
        ToServer::Ping { sent: 1 },
        ToServer::Enter { event, code: Some("수달".into()), wish: None },
        ToServer::Say { event, request: RequestId(Uuid::from_u128(2)), text: "안녕하세요 🦦".into() },
        ToServer::Moderate { event, number: 1, what: Moderation::Hide },
        ToServer::Join { event, chat_seen: 0 },
        ToServer::Leave { event },
        ToServer::FollowParty { party, seen: 0, changes: 0 },
        ToServer::ReadParty { party, number: 1 },
        ToServer::FollowUnread,
        ToServer::FollowLine { event, given: false },
    ];
    frames.iter().map(wire::encode).collect()
}

/// Whether a socket still answers; else it was closed.
async fn answers(page: &mut Page) -> bool {
    const SENT: i64 = 0x0059_0059_0059;
    let ping = Message::binary(wire::encode(&ToServer::Ping { sent: SENT }));
    if page.socket.send(ping).await.is_err() {
        return false;
    }
    while let Some(Ok(frame)) = soon("it answers or is closed", page.socket.next()).await {
        let Message::Binary(bytes) = frame else { continue };
        if matches!(wire::decode(&bytes), Some(ToBrowser::Pong { sent: SENT, .. })) {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_frames_come_a_socket_answers_or_ends_and_others_go_on() {
    let (panics, mut random) = (panics(), Random::new());
    let site = Site::start(On::Sqlite).await;
    let event = site.event(HOUR, 3).await;
    let (person, other) = (site.people(1).await.remove(0), site.people(1).await.remove(0));
    let (good, until, mut sent) = (good_frames(event), until(), 0);
    while Instant::now() < until {
        for _ in 0..1_000 {
            let bytes = random.changed(&good);
            let _ = (wire::decode::<ToServer>(&bytes), wire::decode::<ToBrowser>(&bytes));
        }
        let mut page = Page::open(&site, Some(&person)).await;
        for _ in 0..12 {
            let bytes = random.changed(&good);
            let frame = match random.below(8) {
                0 => Message::text(String::from_utf8_lossy(&bytes).into_owned()),
                _ => Message::binary(bytes),
            };
            sent += 1;
            if page.socket.send(frame).await.is_err() {
                break;
            }
        }
        answers(&mut page).await;
        let _ = page.socket.close(None).await;
        assert_eq!(panics.load(Ordering::SeqCst), 0);
    }
    let mut page = Page::join(&site, Some(&other), event).await;
    assert!(answers(&mut page).await);
    println!("{sent} frames");
}

/// What is put into the fields that a function declares: what the test of rights sends it, else what many fields take. What is no function
/// is sent the form of any.
fn filled(random: &mut Random, path: &str, event: EventId) -> Vec<(&'static FormField, String)> {
    let all: Vec<_> = Declaration::all().collect();
    let any: &'static Declaration = all[random.below(all.len())];
    let by_its_page = || Declaration::named(path.split_once("do=")?.1);
    let function = Declaration::at(path).or_else(by_its_page).unwrap_or(any);
    let mut cases = leptos::server_fn::inventory::iter::<rights::Case>.into_iter();
    let case = cases.find(|case| case.name == function.name()).map(|case| case.form).unwrap_or_default();
    let mut filled = Vec::new();
    for field in function.fields() {
        let given = case.iter().filter(|(name, _)| *name == field.name);
        let mut values: Vec<_> = given.map(|(_, value)| rights::filled(value, |_| event.to_string())).collect();
        if values.is_empty() {
            values.push(match field.name {
                "event" | "request" => event.to_string(),
                _ => (*random.pick(&["수 달", "2", "yes", "a@b.kr"])).to_owned(),
            });
        }
        filled.extend(values.into_iter().map(|value| (field, value)));
    }
    filled
}

/// Fields in each way in which a form may be sent.
fn good_bodies(fields: &[(&'static FormField, String)]) -> Vec<(&'static str, Vec<u8>)> {
    let typed: Vec<_> = fields.iter().filter(|(field, _)| !field.file).collect();
    let pairs: Vec<_> = typed.iter().map(|(field, value)| (field.name, value)).collect();
    let mut json = serde_json::Map::new();
    for (field, value) in &typed {
        let value = serde_json::Value::from(value.as_str());
        match json.entry(field.name).or_insert_with(|| serde_json::json!([])) {
            serde_json::Value::Array(values) if field.many => values.push(value),
            one => *one = value,
        }
    }
    json.insert("n".into(), serde_json::json!([1, "2", true, null]));
    let mut parts = String::new();
    for (name, value) in &pairs {
        parts.push_str(&format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    // A file as well where none is wanted.
    let files = fields.iter().filter(|(field, _)| field.file).map(|(field, _)| field.name);
    for name in files.chain(["unwanted"]) {
        parts.push_str(&format!(
            "--x\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a.png\"\r\n\
             content-type: image/png\r\n\r\n\u{89}PNG\r\n"
        ));
    }
    parts.push_str("--x--\r\n");
    vec![
        ("application/x-www-form-urlencoded", serde_urlencoded::to_string(pairs).unwrap().into_bytes()),
        ("application/json", serde_json::Value::Object(json).to_string().into_bytes()),
        ("multipart/form-data; boundary=x", parts.into_bytes()),
    ]
}

/// What is asked for by its address alone, with something behind it.
const ASKED_FOR: [&str; 4] =
    ["/api/v1/events/{event}/board", "/api/v1/my/entries", "/api/v1/creator/events", "/payments/{event}/return"];

/// Addresses to which something is sent that is no function's.
const SENT_TO: [&str; 8] = [
    "/sign-in",
    "/sign-up",
    "/events/{event}/enter",
    "/?do=set-preferences",
    "/events/{event}/result?do=fill-claim",
    "/api/v1/events/{event}/enter",
    "/payments/{event}/notify",
    "/payments/call-back/portone",
];

both!(whatever_forms_come_they_are_taken_or_refused, "multi_thread");
async fn whatever_forms_come_they_are_taken_or_refused(on: On) {
    let (panics, mut random) = (panics(), Random::new());
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    // Somebody who may do what creators do, and somebody who looks after the site: others are refused before their forms are read.
    let mut people = [site.creator().await, admin(&site).await];
    let scopes = Scope::ALL.map(Scope::name);
    let (owner, nowhere) = (Actor::host(people[0].member), std::net::IpAddr::from([127, 0, 0, 1]));
    let token =
        site.engine.programs.create(&owner, request(), "수달봇", &scopes, "7", ("", nowhere)).await.unwrap().unwrap();
    let of_functions = Declaration::all().map(|change| change.path).filter(|path| *path != "/api/sign-out");
    let sent_to = of_functions.chain(SENT_TO).map(|path| (Method::POST, path));
    let targets = sent_to.chain(ASKED_FOR.map(|path| (Method::GET, path)));
    let targets: Vec<_> = targets.map(|(by, path)| (by, path.replace("{event}", &event.to_string()))).collect();
    let (client, until, mut sent) = (client(), until(), 0);
    while Instant::now() < until {
        let (by, path) = random.pick(&targets).clone();
        let bodies = good_bodies(&filled(&mut random, &path, event));
        let kind = random.pick(&bodies).0;
        let body = random.changed(&bodies.into_iter().map(|(_, body)| body).collect::<Vec<_>>());
        let who = random.below(people.len());
        let request = if by == Method::GET {
            let text = String::from_utf8_lossy(&body[..body.len().min(1_000)]).into_owned();
            let query = ["from", "before", "stage", "token", "pg_token"].map(|name| (name, text.as_str()));
            client.get(site.url(&format!("{path}?{}", serde_urlencoded::to_string(&query[..]).unwrap())))
        } else {
            client.post(site.url(&path)).header("content-type", kind).body(body.clone())
        };
        let request = request.header("cookie", people[who].cookie()).bearer_auth(&token);
        let request = request.header("webhook-id", "59").header("webhook-timestamp", "1795258800");
        let accept = *random.pick(&["text/html", "application/json", wire::KIND]);
        let answer = request.header("webhook-signature", "v1,59").header("accept", accept).send().await;
        let what = || format!("{path} {kind} {}", String::from_utf8_lossy(&body));
        assert_eq!(panics.load(Ordering::SeqCst), 0, "{}", what());
        // What is refused before it was read may be cut off.
        let Ok(answer) = answer else { continue };
        let status = answer.status().as_u16();
        assert!(status != 500, "{}", what());
        sent += 1;
        // Some of it ends the session, or was too much of one member.
        if matches!(status, 401 | 429) {
            people[who] = if who == 0 { site.creator().await } else { admin(&site).await };
        }
    }
    assert_eq!(client.get(site.url("/")).send().await.unwrap().status(), 200);
    println!("{sent} forms");
}

both!(whatever_cookies_come_a_page_is_answered, "multi_thread");
async fn whatever_cookies_come_a_page_is_answered(on: On) {
    let (panics, mut random) = (panics(), Random::new());
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    let good = [
        format!("{}; visitor=0123456789abcdef0123456789abcdef; language=ko; theme=dark", person.cookie()),
        format!("session-seal=0123456789abcdef; {}; done=saved; once=whsec_AAAA", person.cookie()),
        "kakao=1.in.Lw.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; newcomer=00; language=en; theme=light".to_owned(),
    ];
    let good: Vec<Vec<u8>> = good.into_iter().map(String::into_bytes).collect();
    let (client, until, mut sent) = (client(), until(), 0);
    while Instant::now() < until {
        let Ok(cookie) = HeaderValue::from_bytes(&random.changed(&good)) else { continue };
        let path = *random.pick(&["/terms", "/my", "/notices", "/offline", "/sign-in/kakao/return?code=x&state=y"]);
        let request = client.get(site.url(path)).header("cookie", cookie.clone()).header("accept", "text/html");
        let status = request.send().await.unwrap().status().as_u16();
        assert!(status < 500, "{path} {cookie:?}: {status}");
        sent += 1;
        assert_eq!(panics.load(Ordering::SeqCst), 0, "{path} {cookie:?}");
    }
    assert_eq!(person.get("/my").await.status(), 200);
    println!("{sent} cookies");
}
