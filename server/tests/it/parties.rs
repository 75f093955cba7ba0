//! Neighbours: looking around, making a party, joining, talking, meeting, marks and appeals, by the forms of the pages.

use crate::{
    rights::{cases, reads},
    support::{Cluster, Person, Site, client, request},
};
use engine::{accounts::Actor, clock::Clock};
use model::{
    Coordinates, DAY, HOUR, PartyDraft, PartyError, PartyState, SECOND, Time,
    parties::{Meeting, PartyLine, PartyView},
};
use reqwest::header;
use testing::{On, both};

reads! {
    "/parties" => 200, 200;
    "/parties/new" => 200, 200;
    "/parties/01M807MNGSETC8MZPA7YPV075M" => 404, 404;
    "/my/parties" => 401, 200;
    "/admin/appeals" => 401, 403;
    "/admin/markets" => 401, 403;
}

cases! {
    "add-market", [("name", "마켓"), ("kind", "other"), ("address", "달나라")] => 422;
    "set-home", [("latitude", "37.5"), ("longitude", "127.0")] => 200;
    "make-party", [("market", "01M807MNGSETC8MZPA7YPV075M"), ("from", "2020-01-01T10:00")] => 422;
    "edit-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("from", "2020-01-01T10:00")] => 422;
    "join-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("shares", "1")] => 404;
    "leave-party", [("party", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "answer-request", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("member", "01M807MNGSETC8MZPA7YPV075M"), ("answer", "accept")] => 404;
    "run-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("what", "finish")] => 404;
    "cancel-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "비")] => 404;
    "propose-time", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("from", "2020-01-01T10:00")] => 422;
    "agree-time", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("agree", "yes")] => 404;
    "mark-attendance", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("member", "01M807MNGSETC8MZPA7YPV075M"), ("came", "no")] => 404;
    "report-leader", [("party", "01M807MNGSETC8MZPA7YPV075M")] => 404;
    "set-party-cost", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("cost", "1000")] => 404;
    "ask-leader", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("question", "몇 시요?")] => 404;
    "answer-question", [("question", "01M807MNGSETC8MZPA7YPV075M"), ("answer", "네 시요")] => 404;
    "say-in-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("text", "안녕하세요")] => 404;
    // Of what is not theirs nothing is noted.
    "read-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("number", "1")] => 200;
    "decide-appeal", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("member", "01M807MNGSETC8MZPA7YPV075M"), ("granted", "yes"), ("reason", "네")] => 403;
    "import-markets", [] => 403;
    "import-items", [] => 403;
    "appeal-penalty", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("appeal", "아팠어요")] => 404;
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
    let refused = leader.post(&format!("/parties/new?item={item}&do=make-party"), &terms("21")).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("10,000"));
    let party = change(leader, "/parties/new", "make-party", &terms("3")).await;
    let party = party.split('?').next().unwrap();
    let id = party.strip_prefix("/parties/").unwrap().to_owned();
    let with = |name: &'static str, value: &'static str| vec![("party", id.as_str()), (name, value)];

    // Everybody sees it, a visitor too; nobody reads where its leader lives.
    let around = client().get(site.url("/parties?lat=37.5446&lng=127.0559&km=1")).header("accept", "text/html").send();
    let around = around.await.unwrap().text().await.unwrap();
    assert!(around.contains(party) && around.contains("올리브유 5L") && around.contains("0m"));
    assert!(page(stranger, party).await.contains("3,333"));

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
    change(leader, party, "set-party-cost", &with("cost", "9,001")).await;
    let read = leader.get(party).await;
    assert!(read.text().await.unwrap().contains("4,501"), "shared out among those who came");
    let mine = page(second, "/my/parties").await;
    assert!(mine.contains("올리브유 5L") && mine.contains("appeal-penalty"));
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
    let refused = two.engine.parties.lines(&Actor::host(goes.member), party, Some(5)).await.unwrap_err().public();
    assert_eq!(refused, PartyError::NotJoined.into());
}
