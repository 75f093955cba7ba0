//! Neighbours: looking around, making a party, joining, meeting, marks and appeals, by the forms of the pages.

mod bad_input;
mod phones;
mod talk;

use crate::{
    rights::{cases, reads},
    support::{Person, Site, client, events::png, request},
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
    "/my/parties" => 401, 200;
    "/admin/appeals" => 401, 403;
}

cases! {
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

both!(who_left_is_offered_to_join_again_until_the_meeting_is_near, "multi_thread");
async fn who_left_is_offered_to_join_again_until_the_meeting_is_near(on: On) {
    let clock = Clock::manual(NOW);
    let site = Site::with_clock(on, clock.clone()).await;
    let people = site.neighbours(6).await;
    let [leader, stays, late, early, free, newcomer] = &people[..] else { unreachable!() };
    let party = open_party(&site, leader).await;
    let (at, id) = (format!("/parties/{party}"), party.to_string());
    let offered = async |who: &Person| page(who, &at).await.contains("name=\"shares\"");
    for neighbour in [stays, late, early] {
        act(&site, neighbour, party, Action::Request { shares: 1 }).await;
    }
    act(&site, early, party, Action::Leave).await;
    assert!(offered(early).await);
    clock.set(NOW + 3 * HOUR);
    act(&site, late, party, Action::Leave).await;
    // The others may leave freely for a while, and whoever does so is one who cannot come back either.
    act(&site, free, party, Action::Request { shares: 1 }).await;
    act(&site, free, party, Action::Leave).await;
    assert!(!offered(late).await && !offered(free).await && !offered(early).await);
    assert!(offered(newcomer).await);
    assert_eq!(free.call("join-party", &[("party", id.as_str()), ("shares", "1")]).await, 409);
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
    let at = Coordinates { latitude: 37.5446, longitude: 127.0559 };
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
