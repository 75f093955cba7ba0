//! Neighbours: looking around, making a party, joining, talking, meeting, marks and appeals, by the forms of the pages.

mod bad_input;

use crate::{
    rights::{cases, reads},
    support::{Cluster, Person, Site, client, events::png, request, socket::Page},
};
use engine::{accounts::Actor, clock::Clock};
use model::{
    Coordinates, DAY, HOUR, MINUTE, PartyDraft, PartyError, PartyId, PartyState, SECOND, Time,
    live::{ToBrowser, ToServer},
    parties::{Action, Meeting, PartyLine, PartyView},
};
use reqwest::header;
use testing::{On, both};

reads! {
    "/parties" => 200, 200;
    "/parties/new" => 200, 200;
    "/parties/{party}" => 200, 200;
    "/parties/where" => 200, 200;
    "/markets/{market}" => 200, 200;
    "/my/parties" => 401, 200;
    "/my/favourites" => 401, 200;
    "/admin/appeals" => 401, 403;
    "/admin/markets" => 401, 403;
    "/admin/markets/{market}" => 401, 403;
    "/admin/items" => 401, 403;
    "/admin/items/{item}" => 401, 403;
}

cases! {
    "add-market", [("name", "마켓"), ("kind", "other"), ("address", "달나라")] => 422;
    "set-home", [("latitude", "37.5"), ("longitude", "127.0")] => 200;
    "make-party", [("market", "{market}"), ("from", "2020-01-01T10:00")] => 422;
    "edit-party", [
        ("party", "{party}"), ("market", "{market}"), ("item", "{item}"), ("quantity", "4"), ("unit", "통"), ("total", "100"),
        ("wanted", "3"), ("from", "{from}"), ("to", "{to}")
    ] => 403;
    // They have confirmed no phone.
    "join-party", [("party", "{party}"), ("shares", "1")] => 403;
    // They are none of its members.
    "leave-party", [("party", "{party}")] => 409;
    "answer-request", [("party", "{party}"), ("member", "{host}"), ("answer", "accept")] => 403;
    "run-party", [("party", "{party}"), ("what", "finish")] => 403;
    "cancel-party", [("party", "{party}"), ("reason", "비")] => 403;
    "propose-time", [("party", "{party}"), ("from", "{from}"), ("to", "{to}")] => 403;
    "agree-time", [("party", "{party}"), ("agree", "yes")] => 409;
    "mark-attendance", [("party", "{party}"), ("member", "{host}"), ("came", "no")] => 403;
    "report-leader", [("party", "{party}")] => 409;
    "set-party-cost", [("party", "{party}"), ("cost", "1000")] => 403;
    // Anybody may.
    "ask-leader", [("party", "{party}"), ("question", "몇 시요?")] => 200;
    "answer-question", [("question", "{question}"), ("answer", "네 시요")] => 404;
    "hide-question", [("question", "{question}")] => 404;
    "say-in-party", [("party", "{party}"), ("text", "안녕하세요")] => 409;
    // Of what is not theirs nothing is noted.
    "read-party", [("party", "{party}"), ("number", "1")] => 200;
    "decide-appeal", [("party", "{party}"), ("member", "{host}"), ("granted", "yes"), ("reason", "네")] => 403;
    "set-favourite", [("market", "{market}")] => 200;
    "add-market", [("name", "한마음마트"), ("kind", "other"), ("address", "서울"), ("latitude", "91"), ("longitude", "127")] => 422;
    "import-markets", [] => 403;
    "import-items", [] => 403;
    "correct-market", [("market", "{market}"), ("name", "한마음마트"), ("reason", "오타")] => 403;
    "merge-market", [("market", "{market}"), ("into", "01M807MNGSETC8MZPA7YPV075N"), ("reason", "같은 곳")] => 403;
    "hide-market", [("market", "{market}"), ("reason", "없어진 곳")] => 403;
    "correct-item", [("item", "{item}"), ("category", "fruit"), ("name", "사과"), ("reason", "오타")] => 403;
    "appeal-penalty", [("party", "{party}"), ("appeal", "아팠어요")] => 404;
}

const NOW: Time = Time(1_795_604_400_000_000);

async fn page(who: &Person, path: &str) -> String {
    let response = who.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

/// Sends a form that must be taken; where it leads.
async fn change(who: &Person, page: &str, name: &str, form: &[(&str, &str)]) -> String {
    let response = who.change(page, name, form).await;
    assert_eq!(response.status(), 303, "{name}: {}", response.text().await.unwrap());
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

both!(neighbours_meet_without_scripts, "multi_thread");
async fn neighbours_meet_without_scripts(on: On) {
    let clock = Clock::manual(NOW);
    let site = Site::with_clock(on, clock.clone()).await;
    let markets =
        "name,kind,address,latitude,longitude\n한마음마트,hypermarket,서울 성동구 성수이로 1,37.5446,127.0559\n";
    site.engine.markets.import_markets(&Actor::System, markets.as_bytes()).await.unwrap();
    site.engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let people = site.neighbours(4).await;
    let [leader, first, second, stranger] = &people[..] else { unreachable!() };

    // Where one lives comes first.
    assert!(!page(leader, "/parties/new").await.contains("name=\"find\""));
    let refused = leader.change("/parties", "set-home", &[("latitude", "91"), ("longitude", "127")]).await;
    assert_eq!(refused.status(), 422);
    change(leader, "/parties", "set-home", &[("latitude", "37.55"), ("longitude", "127.05")]).await;
    let found = page(leader, "/parties/new?find=ㅇㄹㅂ").await;
    let item = found.split("/parties/new?item=").nth(1).unwrap()[..26].to_owned();
    let form = page(leader, &format!("/parties/new?item={item}")).await;
    assert!(form.contains("올리브유 5L") && form.contains("한마음마트"));
    let market = form.split("<option value=\"").nth(1).unwrap()[..26].to_owned();

    let (from, to, once) = ((NOW + 5 * HOUR).to_local(), (NOW + 6 * HOUR).to_local(), request().to_string());
    let terms = |wanted| {
        [
            ("market", market.as_str()),
            ("item", &item),
            ("quantity", "4"),
            ("unit", "통"),
            ("total", "10,000"),
            ("wanted", wanted),
            ("from", &from),
            ("to", &to),
            ("automatic", "yes"),
            ("request", &once),
        ]
    };
    // What was typed is still there when it is refused.
    let again = format!("/parties/new?item={item}&do=make-party");
    let refused = leader.post(&again, &terms("21")).await;
    assert_eq!(refused.status(), 422);
    let text = refused.text().await.unwrap();
    let ticked = |text: &str| {
        let field = text.split("name=\"automatic\"").nth(1).unwrap();
        field.split('>').next().unwrap().contains("checked")
    };
    assert!(text.contains("10,000") && ticked(&text));
    // So is that nobody is taken unasked: what is not ticked is not sent.
    let asked: Vec<_> = terms("21").into_iter().filter(|(name, _)| *name != "automatic").collect();
    let refused = leader.post(&again, &asked).await;
    assert_eq!(refused.status(), 422);
    assert!(!ticked(&refused.text().await.unwrap()));
    let party = change(leader, "/parties/new", "make-party", &terms("3")).await;
    let party = party.split('?').next().unwrap();
    let id = party.strip_prefix("/parties/").unwrap().to_owned();
    let with = |name: &'static str, value: &'static str| vec![("party", id.as_str()), (name, value)];

    // Everybody sees it, a visitor too; nobody reads where its leader lives.
    let around = client().get(site.url("/parties?lat=37.5446&lng=127.0559&km=1")).header("accept", "text/html").send();
    let around = around.await.unwrap().text().await.unwrap();
    assert!(around.contains(party) && around.contains("올리브유 5L") && around.contains("0m"));
    // What it costs, and what it means to leave late, stands there before anybody joins.
    let terms = page(stranger, party).await;
    assert!(terms.contains("3,333") && terms.contains("모임 3시간 전부터, 또는 모임이 확정된 뒤에 나가면 늦은 취소라"));

    assert_eq!(leader.change(party, "join-party", &with("shares", "1")).await.status(), 409, "one's own");
    for neighbour in [first, second] {
        change(neighbour, party, "join-party", &with("shares", "1")).await;
    }
    assert_eq!(stranger.change(party, "join-party", &with("shares", "1")).await.status(), 409, "full");
    let mut line = with("text", "주차장에서 봬요");
    let said = request().to_string();
    line.push(("request", &said));
    change(first, party, "say-in-party", &line).await;
    assert!(page(leader, party).await.contains("주차장에서 봬요"));
    assert!(!page(stranger, party).await.contains("주차장에서 봬요"));
    assert_eq!(stranger.change(party, "say-in-party", &line).await.status(), 409);
    change(leader, party, "run-party", &with("what", "confirm")).await;

    // They meet; one of them did not come.
    clock.set(NOW + 5 * HOUR);
    change(leader, party, "run-party", &with("what", "finish")).await;
    let absent = second.member.to_string();
    let mark = [("party", id.as_str()), ("member", &absent), ("came", "no")];
    assert_eq!(first.change(party, "mark-attendance", &mark).await.status(), 403);
    change(leader, party, "mark-attendance", &mark).await;
    assert_eq!(leader.change(party, "mark-attendance", &mark).await.status(), 409, "once");
    assert_eq!(leader.change(party, "set-party-cost", &with("cost", "9,001")).await.status(), 422, "without a receipt");
    let form = reqwest::multipart::Form::new().text("party", id.clone()).text("cost", "9,001");
    let form = form.part("receipt", reqwest::multipart::Part::bytes(png()).file_name("receipt.png"));
    let sent = client().post(site.url(&format!("{party}?do=set-party-cost"))).header("cookie", leader.cookie());
    assert_eq!(sent.multipart(form).send().await.unwrap().status(), 303);
    let read = leader.get(party).await;
    let text = read.text().await.unwrap();
    assert!(text.contains("4,501") && text.contains("4,500"), "shared out among those who came");
    let receipt = first.get(&format!("{party}/receipt.jpg")).await;
    assert_eq!(
        (receipt.status().as_u16(), &receipt.headers()["cache-control"]),
        (200, &"private, no-store".parse().unwrap())
    );
    assert!(receipt.bytes().await.unwrap().starts_with(b"\xFF\xD8"));
    let public = format!("/pictures/{id}/receipt.jpg");
    for (path, who) in [(&format!("{party}/receipt.jpg"), stranger), (&public, first), (&public, leader)] {
        assert_eq!(who.get(path).await.status(), 404, "{path}");
    }
    assert!(!page(stranger, party).await.contains("receipt.jpg"));
    let mine = page(second, "/my/parties").await;
    assert!(mine.contains("올리브유 5L") && mine.contains("appeal-penalty"));
    assert_eq!(second.call("read-notices", &[]).await, 200);
    assert!(page(second, "/notices").await.contains(party));
    change(second, "/my/parties", "appeal-penalty", &with("appeal", "지하철이 멈췄어요")).await;
    assert!(!page(second, "/my/parties").await.contains("appeal-penalty"));

    clock.set(NOW + 3 * DAY + SECOND);
    let program = client().get(site.url(party)).header("accept", "application/json").send().await.unwrap();
    let (view, lines): (PartyView, Option<()>) = {
        let read: serde_json::Value = program.json().await.unwrap();
        (serde_json::from_value(read[0].clone()).unwrap(), serde_json::from_value(read[1].clone()).unwrap())
    };
    assert_eq!((view.card.state, lines), (PartyState::Done, None), "a visitor reads no chat");
}

both!(a_leader_is_offered_what_they_may_do, "multi_thread");
async fn a_leader_is_offered_what_they_may_do(on: On) {
    let clock = Clock::manual(NOW);
    let site = Site::with_clock(on, clock.clone()).await;
    let people = site.neighbours(4).await;
    let [leader, first, second, third] = &people[..] else { unreachable!() };
    let party = open_party(&site, leader).await;
    for neighbour in [first, second, third] {
        act(&site, neighbour, party, Action::Request { shares: 1 }).await;
    }
    let (at, id) = (format!("/parties/{party}"), party.to_string());
    let offers = async |what: &str| page(leader, &at).await.contains(&format!("value=\"{what}\""));
    assert!(offers("remove").await && !offers("finish").await);
    // Near the meeting nobody is taken out, nor while the others may leave freely.
    clock.set(NOW + 3 * HOUR);
    assert!(!offers("remove").await);
    act(&site, first, party, Action::Leave).await;
    assert!(!offers("remove").await);
    // Somebody leaves right before it: the others have their time, and it is ended after that.
    let met = NOW + 5 * HOUR;
    clock.set(met - MINUTE);
    act(&site, second, party, Action::Leave).await;
    clock.set(met);
    let later = "그 뒤에 모임을 끝낼 수 있어요";
    assert!(!offers("finish").await && page(leader, &at).await.contains(later));
    let finish = [("party", id.as_str()), ("what", "finish")];
    assert_eq!(leader.call("run-party", &finish).await, 409);
    clock.set(met + 29 * MINUTE);
    assert!(offers("finish").await && !page(leader, &at).await.contains(later));
    assert_eq!(leader.call("run-party", &finish).await, 200);
}

both!(who_is_blocked_reads_why_and_how_to_appeal, "multi_thread");
async fn who_is_blocked_reads_why_and_how_to_appeal(on: On) {
    let clock = Clock::manual(NOW);
    let site = Site::with_clock(on, clock.clone()).await;
    let people = site.neighbours(2).await;
    let [leader, absent] = &people[..] else { unreachable!() };
    change(absent, "/parties/where", "set-home", &[("latitude", "37.55"), ("longitude", "127.05")]).await;
    let mut parties = Vec::new();
    for _ in 0..3 {
        let party = open_party(&site, leader).await;
        act(&site, absent, party, Action::Request { shares: 1 }).await;
        parties.push(party);
    }
    let another = open_party(&site, leader).await;
    assert!(page(absent, "/parties/new").await.contains("name=\"find\""));
    clock.set(NOW + 5 * HOUR);
    for party in &parties {
        act(&site, leader, *party, Action::Finish).await;
        act(&site, leader, *party, Action::Attended { member: absent.member, came: false }).await;
    }
    clock.set(NOW + HOUR);
    let why = "href=\"/my/parties\"";
    let new = page(absent, "/parties/new").await;
    assert!(new.contains("페널티가 3개 이상") && new.contains(why) && !new.contains("name=\"find\""));
    let at = format!("/parties/{another}");
    let refused = absent.change(&at, "join-party", &[("party", &another.to_string()), ("shares", "1")]).await;
    assert_eq!(refused.status(), 403);
    let text = refused.text().await.unwrap();
    assert!(text.contains("페널티가 3개 이상") && text.contains("왜 그런지 보고 이의 내기"));
    let mine = page(absent, "/my/parties").await;
    assert!(mine.contains("👻") && mine.matches("appeal-penalty").count() >= 3 && mine.contains("모임에 오지 않음"));
}

/// What stands in for Kakao Local.
async fn kakao(
    headers: axum::http::HeaderMap,
    axum::extract::Query(query): axum::extract::Query<std::collections::HashMap<String, String>>,
) -> axum::response::Response {
    use axum::response::IntoResponse;
    if headers.get("authorization").is_none_or(|key| key != "KakaoAK key") {
        return axum::http::StatusCode::UNAUTHORIZED.into_response();
    }
    let place = |kind: &str| {
        serde_json::json!({
            "address_name": "서울 성동구 성수동2가 1", "address_type": kind, "x": "127.0561", "y": "37.5447",
            "address": null, "road_address": { "address_name": "서울 성동구 뚝섬로 1", "zone_no": "04780" }
        })
    };
    let documents = match query["query"].as_str() {
        "서울 성동구 뚝섬로 1" => vec![place("ROAD_ADDR")],
        "서울 성동구 뚝섬로" => vec![place("ROAD")],
        "고장" => return axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => vec![],
    };
    let meta = serde_json::json!({ "total_count": documents.len(), "pageable_count": 1, "is_end": true });
    axum::Json(serde_json::json!({ "meta": meta, "documents": documents })).into_response()
}

both!(addresses_are_found_by_a_provider, "multi_thread");
async fn addresses_are_found_by_a_provider(on: On) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().route("/v2/local/search/address.json", axum::routing::get(kakao));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let place = testing::Place::new(on);
    let mut config = crate::support::config(&place);
    config.kakao_key = Some(server::config::Secret("key".into()));
    config.trusted_proxies = 1;
    config.kakao_local_url = format!("http://{address}/v2/local/search/address.json");
    let db = config.database().await.unwrap();
    let tasks = engine::tasks::Tasks::surviving();
    let engine = server::engine_on(&config, db, Clock::system(), tasks).await.unwrap();
    let site = Site::serve_as(engine, std::sync::Arc::new(place), config).await;
    let who = site.neighbours(1).await.remove(0);
    let add = async |address: &str| {
        who.call("add-market", &[("name", "한마음마트"), ("kind", "hypermarket"), ("address", address)]).await
    };
    assert_eq!(add("서울 성동구 뚝섬로").await, 422, "a street is no place");
    assert_eq!(add("어디").await, 422);
    assert_eq!(add("고장").await, 503);
    assert_eq!(add("서울 성동구 뚝섬로 1").await, 200);
    // Who looks for one needs no account, and is not told less while the provider is away; but others are not asked for ever.
    let visitor = async |find: &str, from: &str| {
        let look = client().get(site.url(&format!("/parties/where?find={find}"))).header("accept", "text/html");
        let answer = look.header("x-forwarded-for", from).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = visitor("서울 성동구 뚝섬로 1", "192.0.2.1").await;
    assert!(status == 200 && text.contains("lat=37.5447"), "{status}");
    let (status, text) = visitor("고장", "192.0.2.1").await;
    assert!(status == 200 && text.contains("찾는 곳이 없어요"));
    let (_, text) = visitor("성동구 고장 9", "192.0.2.1").await;
    assert!(text.contains("서울 성동구"));
    let mut asked = 3;
    while visitor("어디 9", "192.0.2.1").await.0 == 200 {
        asked += 1;
        assert!(asked < 60, "others are asked for ever");
    }
    assert!(asked >= 20, "{asked}");
    assert_eq!(visitor("성동구", "192.0.2.1").await.0, 200, "nobody is asked about that");
    assert_eq!(visitor("어디 9", "192.0.2.2").await.0, 200, "each for themselves");
    // Home by an address, and the market is near it.
    let home = who.call("set-home", &[("address", "서울 성동구 뚝섬로")]).await;
    assert_eq!((home, who.call("set-home", &[("address", "어디")]).await), (200, 422));
    site.engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let item = site.engine.markets.suggest("올리브").await.unwrap()[0].id;
    let form = page(&who, &format!("/parties/new?item={item}")).await;
    assert!(form.contains("한마음마트") && form.contains("0m"));
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_on_two_nodes_talk_and_who_is_taken_out_reads_nothing_more() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let markets =
        "name,kind,address,latitude,longitude\n한마음마트,hypermarket,서울 성동구 성수이로 1,37.5446,127.0559\n";
    one.engine.markets.import_markets(&Actor::System, markets.as_bytes()).await.unwrap();
    one.engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let home = Coordinates { latitude: 37.5446, longitude: 127.0559 };
    let market = one.engine.markets.near(home, 1, 1).await.unwrap()[0].0.id;
    let item = one.engine.markets.suggest("올리브").await.unwrap()[0].id;
    let people = one.neighbours(3).await;
    let there = |person: &Person| Person { address: two.address, ..person.clone() };
    let (leader, stays, goes) = (&people[0], there(&people[1]), there(&people[2]));
    let from = one.engine.clock.now() + 5 * HOUR;
    let draft = PartyDraft {
        market,
        item,
        quantity: 3,
        unit: "통".into(),
        total: 10_000,
        wanted: 3,
        own: 1,
        least: 2,
        automatic: true,
        meets: Meeting { from, to: from + HOUR },
        note: String::new(),
    };
    let party = one.engine.parties.create(&Actor::host(leader.member), request(), &draft).await.unwrap();
    let (path, id) = (format!("/parties/{party}"), party.to_string());
    for person in [&stays, &goes] {
        assert_eq!(person.call("join-party", &[("party", &id), ("shares", "1")]).await, 200);
    }
    // Who speaks at once on both nodes is read on both, in one order.
    let say = async |who: &Person, text: &str| {
        let once = request().to_string();
        who.call("say-in-party", &[("party", id.as_str()), ("text", text), ("request", &once)]).await
    };
    for line in 0..4 {
        let texts = [format!("여기 {line}"), format!("저기 {line}")];
        assert_eq!(tokio::join!(say(leader, &texts[0]), say(&stays, &texts[1])), (200, 200));
    }
    let lines = async |who: &Person| -> Option<Vec<PartyLine>> {
        let request = client().get(format!("http://{}{path}", who.address)).header(header::COOKIE, who.cookie());
        let read: serde_json::Value =
            request.header("accept", "application/json").send().await.unwrap().json().await.unwrap();
        serde_json::from_value(read[1].clone()).unwrap()
    };
    let order = |lines: Vec<PartyLine>| lines.into_iter().map(|line| (line.number, line.text)).collect::<Vec<_>>();
    let read = order(lines(leader).await.unwrap());
    assert_eq!(read.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
    assert_eq!(order(lines(&stays).await.unwrap()), read);
    assert_eq!(order(lines(&goes).await.unwrap()), read);
    // Taken out on one node, they read and say nothing on the other from that very moment, history included.
    let member = goes.member.to_string();
    let out = [("party", id.as_str()), ("member", &member), ("answer", "remove")];
    assert_eq!(leader.call("answer-request", &out).await, 200);
    assert_eq!(lines(&goes).await, None);
    assert_eq!(say(&goes, "왜요?").await, 409);
    assert_eq!(say(leader, "두 사람이서 가요").await, 200);
    assert_eq!((lines(&goes).await, lines(&stays).await.unwrap().len()), (None, 9));
    let before = model::Cursor::of(&5);
    let refused = two.engine.parties.lines(&Actor::host(goes.member), party, Some(&before)).await;
    let refused = refused.unwrap_err().public();
    assert_eq!(refused, PartyError::NotJoined.into());
}

both!(one_page_may_ask_where_somebody_is, "multi_thread");
async fn one_page_may_ask_where_somebody_is(on: On) {
    let site = Site::start(on).await;
    for (path, may) in [
        ("/parties/where", true),
        ("/parties/where?lat=37.5&lng=127", true),
        ("/parties", false),
        ("/parties/new", false),
        ("/my/parties", false),
        ("/", false),
        ("/parties/where/", false),
        ("/items?find=x", false),
    ] {
        let answer = client().get(site.url(path)).header("accept", "text/html").send().await.unwrap();
        let policy = answer.headers()["permissions-policy"].to_str().unwrap();
        let geolocation = if may { "geolocation=(self)" } else { "geolocation=()" };
        assert!(policy.contains(geolocation) && policy.contains("camera=()"), "{path}: {policy}");
    }
}

both!(parties_are_looked_through_without_scripts, "multi_thread");
async fn parties_are_looked_through_without_scripts(on: On) {
    let site = Site::start(on).await;
    let people = site.neighbours(2).await;
    let [leader, neighbour] = &people[..] else { unreachable!() };
    let party = open_party(&site, leader).await;
    let more = "category,name\nsauces,올리브 통조림\nmeat,삼겹살\n";
    site.engine.markets.import_items(&Actor::System, more.as_bytes()).await.unwrap();
    let far = "name,kind,address,latitude,longitude\n먼시장,traditional,부산 중구 1,35.1,129.03\n";
    site.engine.markets.import_markets(&Actor::System, far.as_bytes()).await.unwrap();
    let (around, link) = ("/parties?lat=37.5446&lng=127.0559", format!("href=\"/parties/{party}\""));
    let shown = async |query: &str| page(neighbour, &format!("{around}{query}")).await.contains(&link);
    let view = site.engine.parties.view(&Actor::Visitor, party).await.unwrap();
    let (item, market) = (view.card.item.id, view.card.market.id);
    let other = site.engine.markets.suggest("삼겹").await.unwrap()[0].id;
    for query in
        ["", "&km=1", "&category=sauces", "&category=&market=&item=", "&open=yes", "&find=올리브유", "&find=ㅇㄹㅂㅇ"]
    {
        assert!(shown(query).await, "{query}");
    }
    assert!(shown(&format!("&item={item}&market={market}&km=3")).await);
    assert!(!shown("&category=meat").await && !shown(&format!("&item={other}")).await && !shown("&find=삼겹").await);
    // It may be one of several: they are offered.
    let several = page(neighbour, &format!("{around}&find=올리브")).await;
    assert!(several.contains("올리브 통조림") && several.contains(&format!("item={item}")));
    for wrong in ["&km=2", "&category=없음", "&item=x", "&market=01M807MNGSETC8MZPA7YPV075M"] {
        assert_eq!(neighbour.get(&format!("{around}{wrong}")).await.status(), 404, "{wrong}");
    }
    // Out of range is nowhere.
    for nowhere in ["lat=91&lng=127", "lat=37.5&lng=181", "lat=x&lng=127"] {
        for at in ["/parties", "/parties/where"] {
            assert_eq!(neighbour.get(&format!("{at}?{nowhere}")).await.status(), 404, "{at}?{nowhere}");
        }
    }
    // Its leader, alone, may have it buy something else elsewhere.
    let own = format!("/parties/{party}");
    assert!(page(leader, &format!("{own}?find=삼겹")).await.contains(&format!("{own}?item={other}")));
    let edit = page(leader, &format!("{own}?item={other}")).await;
    assert!(edit.contains(&format!("value=\"{other}\"")) && edit.contains("<select id=\"market\""));
    assert!(!page(neighbour, &own).await.contains("<select id=\"market\""));
    // A market that somebody adds is shown by the page that they did it on.
    let new = [("name", "새마트"), ("kind", "other"), ("address", "서울 성동구 성수이로 118")];
    let added = neighbour.post("/parties/where?lat=37.5446&lng=127.0559&do=add-market", &new).await;
    let led = added.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert!(led.starts_with("/parties/where?lat=37.5446"), "{led}");
    assert!(page(neighbour, &led).await.contains("새마트"));
    assert_eq!(change(neighbour, "/parties/new", "add-market", &new).await.split('?').next(), Some("/parties/new"));
    // The very address of one that comes with the program.
    assert!(page(neighbour, "/parties/where?find=서울시 성동구 성수이로 118, 2층").await.contains("value=\"37.5461\""));
    // While it is typed.
    let typed = client().get(site.url("/items?find=ㅇㄹㅂ")).header("accept", "application/json").send().await.unwrap();
    let names: Vec<model::Item> = typed.json().await.unwrap();
    assert_eq!(names.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["올리브유 5L", "올리브 통조림"]);

    // No faster than people at one address type; whoever is signed in counts for themselves.
    let browser = client();
    let types = |who: Option<&Person>| {
        let ask = browser.get(site.url("/items?find=ㅇ"));
        let ask =
            who.map_or_else(|| ask.try_clone().unwrap(), |who| ask.try_clone().unwrap().header("cookie", who.cookie()));
        async { ask.send().await.unwrap().status().as_u16() }
    };
    let answers = futures::future::join_all((0..400).map(|_| types(None))).await;
    let answered = answers.iter().filter(|status| **status == 200).count();
    assert!((120..400).contains(&answered), "{answered} at once");
    assert!(answers.iter().all(|status| matches!(status, 200 | 429)));
    assert_eq!(types(Some(neighbour)).await, 200);

    // The market, marked and not any more.
    let at = format!("/markets/{market}");
    let text = page(neighbour, &at).await;
    assert!(text.contains(&link) && text.contains("서울 성동구 성수이로 1") && !text.contains("우리 동네에서"));
    let id = market.to_string();
    change(neighbour, &at, "set-favourite", &[("market", &id), ("marked", "yes")]).await;
    change(neighbour, &format!("/parties/{party}"), "set-favourite", &[("item", &item.to_string()), ("marked", "yes")])
        .await;
    let mine = page(neighbour, "/my/favourites").await;
    assert!(mine.contains("한마음마트") && mine.contains("올리브유 5L"));
    assert!(!page(leader, "/my/favourites").await.contains("한마음마트"));
    change(neighbour, "/my/favourites", "set-favourite", &[("market", &id), ("marked", "no")]).await;
    assert!(!page(neighbour, "/my/favourites").await.contains("한마음마트"));
    // Only who lives somewhere reads how far it is.
    change(neighbour, "/parties/where", "set-home", &[("latitude", "37.55"), ("longitude", "127.05")]).await;
    assert!(page(neighbour, &at).await.contains("우리 동네에서") && !page(leader, &at).await.contains("우리 동네에서"));
    let found = page(leader, "/parties/where?find=성동구").await;
    assert!(found.contains("서울 성동구") && found.contains("latitude") && found.contains("한마음마트"));
}

/// A party that meets in five hours, where whoever asks is taken.
pub async fn open_party(site: &Site, leader: &Person) -> PartyId {
    let markets = &site.engine.markets;
    let list = "name,kind,address,latitude,longitude\n한마음마트,hypermarket,서울 성동구 성수이로 1,37.5446,127.0559\n";
    markets.import_markets(&Actor::System, list.as_bytes()).await.unwrap();
    markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let at = model::Coordinates { latitude: 37.5446, longitude: 127.0559 };
    let now = site.engine.clock.now();
    let draft = PartyDraft {
        market: markets.near(at, 1, 1).await.unwrap()[0].0.id,
        item: markets.suggest("올리브").await.unwrap()[0].id,
        quantity: 4,
        unit: "통".into(),
        total: 10_000,
        wanted: 4,
        own: 1,
        least: 2,
        automatic: true,
        meets: Meeting { from: now + 5 * HOUR, to: now + 6 * HOUR },
        note: String::new(),
    };
    site.engine.parties.create(&Actor::host(leader.member), request(), &draft).await.unwrap()
}

pub async fn act(site: &Site, who: &Person, party: PartyId, action: Action) {
    site.engine.parties.act(&Actor::host(who.member), party, &action).await.unwrap();
}

async fn say(site: &Site, who: &Person, party: PartyId, text: &str) {
    site.engine.parties.say(&Actor::host(who.member), party, request(), text).await.unwrap();
}

/// A page of a party that follows what is said in it.
async fn following(site: &Site, who: &Person, party: PartyId) -> Page {
    let mut page = Page::open(site, Some(who)).await;
    let changes = site.engine.parties.view(&Actor::host(who.member), party).await.unwrap().changes;
    page.send(&ToServer::FollowParty { party, seen: 0, changes }).await;
    page
}

/// The next lines that a page is sent, whatever else became of the party.
async fn lines(page: &mut Page) -> Vec<PartyLine> {
    loop {
        match page.next().await.unwrap() {
            ToBrowser::PartyLines { lines, .. } => return lines,
            ToBrowser::PartyChanged { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

async fn hears_of_a_change(page: &mut Page) {
    let next = page.next().await.unwrap();
    assert!(matches!(next, ToBrowser::PartyChanged { .. }), "{next:?}");
}

async fn is_refused(page: &mut Page) {
    match page.next().await.unwrap() {
        ToBrowser::Refused { error, .. } => assert_eq!(error, PartyError::NotJoined.into()),
        other => panic!("{other:?}"),
    }
}

/// Nothing came before the answer to this.
async fn hears_nothing(page: &mut Page) {
    page.send(&ToServer::Ping { sent: 7 }).await;
    assert!(matches!(page.next().await, Some(ToBrowser::Pong { sent: 7, .. })));
}

both!(what_is_said_is_heard_by_those_who_are_members_then, "multi_thread");
async fn what_is_said_is_heard_by_those_who_are_members_then(on: On) {
    let site = Site::start(on).await;
    let people = site.neighbours(4).await;
    let [leader, first, second, stranger] = &people[..] else { unreachable!() };
    let party = open_party(&site, leader).await;
    for neighbour in [first, second] {
        act(&site, neighbour, party, Action::Request { shares: 1 }).await;
    }
    is_refused(&mut following(&site, stranger, party).await).await;
    let (mut of_leader, mut of_first) = (following(&site, leader, party).await, following(&site, first, party).await);
    let mut list = Page::open(&site, Some(second)).await;
    list.send(&ToServer::FollowUnread).await;
    let unread = async |list: &mut Page, lines| {
        let told = ToBrowser::PartiesUnread { unread: vec![(party, lines)] };
        assert_eq!(list.next().await, Some(told));
    };
    unread(&mut list, 0).await;

    say(&site, first, party, "정문에서 봬요").await;
    let (heard, own) = (lines(&mut of_leader).await, lines(&mut of_first).await);
    assert_eq!((heard.len(), heard[0].text.as_str(), heard[0].mine, own[0].mine), (1, "정문에서 봬요", false, true));
    unread(&mut list, 1).await;
    say(&site, leader, party, "네").await;
    assert_eq!((lines(&mut of_leader).await[0].number, lines(&mut of_first).await[0].number), (2, 2));
    unread(&mut list, 2).await;

    // Reading is noted by the page itself.
    let mut of_second = following(&site, second, party).await;
    assert_eq!(lines(&mut of_second).await.len(), 2, "what was said before");
    of_second.send(&ToServer::ReadParty { party, number: 2 }).await;
    testing::eventually("it is read", async || {
        let view = site.engine.parties.view(&Actor::host(second.member), party).await.unwrap();
        view.unread == 0
    })
    .await;

    // Whoever is taken out is told so, and of nothing that is said afterwards.
    act(&site, leader, party, Action::Remove(first.member)).await;
    is_refused(&mut of_first).await;
    say(&site, leader, party, "우리끼리 얘기예요").await;
    assert_eq!(lines(&mut of_leader).await[0].text, "우리끼리 얘기예요");
    assert_eq!(lines(&mut of_second).await[0].number, 3);
    hears_nothing(&mut of_first).await;
    is_refused(&mut following(&site, first, party).await).await;
    let text = page(first, &format!("/parties/{party}")).await;
    assert!(!text.contains("정문에서 봬요") && !text.contains("우리끼리 얘기예요"), "nor the history");

    // As many as there are, a part at a time; older ones are on pages of their own.
    for number in 4..=60 {
        let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
        let line = tx.sql("insert into party_lines (party_id, number, request_id, at, member_id, text) values ($1, $2, $3, 0, $4, 'x')");
        line.bind(party).bind(number as i64).bind(request()).bind(leader.member).run().await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut all = following(&site, second, party).await;
    assert_eq!((lines(&mut all).await.len(), lines(&mut all).await.len()), (50, 10));
    let older = page(second, &format!("/parties/{party}?before=11")).await;
    assert!(
        older.contains("우리끼리 얘기예요") && !page(second, &format!("/parties/{party}")).await.contains("우리끼리")
    );
    assert_eq!(second.get(&format!("/parties/{party}?before=7.7")).await.status(), 404, "a cursor of another list");
}

both!(who_looks_at_a_party_hears_that_it_is_another, "multi_thread");
async fn who_looks_at_a_party_hears_that_it_is_another(on: On) {
    let site = Site::start(on).await;
    let people = site.neighbours(3).await;
    let [leader, first, second] = &people[..] else { unreachable!() };
    let party = open_party(&site, leader).await;
    act(&site, first, party, Action::Request { shares: 1 }).await;
    let mut looking = following(&site, first, party).await;
    hears_nothing(&mut looking).await;
    act(&site, second, party, Action::Request { shares: 2 }).await;
    hears_of_a_change(&mut looking).await;
    say(&site, second, party, "안녕하세요").await;
    assert_eq!(lines(&mut looking).await.len(), 1);
    hears_nothing(&mut looking).await;
    // Whoever opens a page that was read before the change hears of it at once.
    let mut late = Page::open(&site, Some(first)).await;
    late.send(&ToServer::FollowParty { party, seen: 1, changes: 0 }).await;
    hears_of_a_change(&mut late).await;
    let called_off = [("party", party.to_string()), ("reason", "마켓이 쉬어요".to_owned())];
    let form: Vec<_> = called_off.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(leader.call("cancel-party", &form).await, 200);
    hears_of_a_change(&mut looking).await;
    assert!(page(first, &format!("/parties/{party}")).await.contains("마켓이 쉬어요"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_at_one_node_is_heard_at_another() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let people = one.neighbours(2).await;
    let [leader, neighbour] = &people[..] else { unreachable!() };
    let party = open_party(&one, leader).await;
    act(&one, neighbour, party, Action::Request { shares: 1 }).await;
    let there = Person { address: two.address, ..neighbour.clone() };
    let mut page = following(&two, &there, party).await;
    hears_nothing(&mut page).await;
    for number in 1..=8 {
        let (said_at, who) = if number % 2 == 0 { (&one, leader) } else { (&two, neighbour) };
        say(said_at, who, party, "안녕하세요").await;
        assert_eq!(lines(&mut page).await[0].number, number);
    }
    act(&one, leader, party, Action::Remove(neighbour.member)).await;
    is_refused(&mut page).await;
    say(&one, leader, party, "혼잣말").await;
    hears_nothing(&mut page).await;
}
