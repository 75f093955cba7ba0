//! The search: what is found by what is typed, on both databases and on all nodes, and how an index follows what it is made from.

use crate::{
    rights::reads,
    support::{Cluster, Person, START, Site, client, draft, engine_on, request, socket::Page},
};
use engine::{accounts::Actor, clock::Clock, db::Lane, events::Pictures, limits::Searcher};
use model::{
    Category, Checkout, Coordinates, Cursor, DAY, Error, EventDraft, EventId, HOUR, MINUTE, MemberId, Offer,
    PartyDraft, Prize, PrizeKind, Time,
    parties::Meeting,
    search::{Found, FoundKind, FoundState, Lead, Piece, SearchPage, SearchQuery, Stands, Suggestion, Thing},
};
use std::{
    fs,
    net::IpAddr,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};
use testing::{On, both, eventually, eventually_some};

reads! {
    "/search" => 200, 200;
}

/// Somebody of a number.
fn somebody(number: u8) -> Searcher {
    Searcher::Address(IpAddr::from([192, 0, 2, number]))
}

/// Another one each time: whoever asks again and again is refused.
fn anybody() -> Searcher {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    Searcher::Address(IpAddr::from((10_u32 << 24 | COUNT.fetch_add(1, Ordering::Relaxed)).to_be_bytes()))
}

fn query(text: &str) -> SearchQuery {
    SearchQuery { text: text.to_owned(), ..SearchQuery::default() }
}

async fn ask(site: &Site, query: SearchQuery) -> SearchPage {
    site.engine.search.page(&Actor::Visitor, anybody(), query).await.unwrap()
}

fn plain(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn titles(found: &[Found]) -> Vec<String> {
    found.iter().map(|found| plain(&found.title)).collect()
}

async fn found(site: &Site, text: &str) -> Vec<String> {
    titles(&ask(site, query(text)).await.found.rows)
}

async fn suggested(site: &Site, text: &str) -> Vec<Suggestion> {
    site.engine.search.suggest(anybody(), text).await.unwrap()
}

/// Resolves once something is found, in the order in which it is.
async fn until_found(site: &Site, text: &str, expected: &[&str]) {
    eventually(&format!("{text} leads to {expected:?}"), async || found(site, text).await == expected).await;
}

async fn creator(site: &Site, name: &str) -> Person {
    let creator = site.people(1).await.remove(0);
    let host = Actor::host(creator.member);
    site.engine.accounts.set_profile(&host, name, "강가에서 그릇을 빚어요", "", None).await.unwrap();
    creator
}

fn titled(title: &str, opens_at: Time) -> EventDraft {
    let offer =
        Offer::Giveaway { prizes: vec![Prize { name: "한정판".into(), kind: PrizeKind::Goods, winners: 3 }] };
    EventDraft { title: title.into(), summary: String::new(), description: String::new(), offer, ..draft(opens_at, 3) }
}

fn deal(stock: u64) -> Offer {
    Offer::Deal {
        list_price: 27_000,
        discount: 45,
        stock,
        limit: 1,
        delivery: "이틀 안에".into(),
        checkout: Checkout::default(),
        details: Vec::new(),
    }
}

async fn make(site: &Site, creator: MemberId, draft: EventDraft) -> EventId {
    site.engine.events.create(&Actor::host(creator), request(), draft, Pictures::default()).await.unwrap()
}

const MARKETS: &str =
    "name,kind,address,latitude,longitude\n한마음마트 성수점,hypermarket,서울 성동구 성수이로 1,37.5446,127.0559\n";

/// A site with something of every kind, by a clock that stands.
async fn filled(site: &Site) -> Person {
    let now = site.engine.clock.now();
    let host = creator(site, "느린공방").await;
    make(site, host.member, titled("용감한 수달의 겨울 머그", now + HOUR)).await;
    make(site, host.member, titled("수달", now + 2 * HOUR)).await;
    let summary = "수달이 고른 컵".to_owned();
    make(site, host.member, EventDraft { summary, ..titled("찻잔 세트", now + HOUR) }).await;
    make(site, host.member, titled("수달 스티커", now - 10 * DAY)).await;
    let english = titled("iPhone 15 Pro 케이스", now + 3 * HOUR);
    make(site, host.member, EventDraft { description: "**Clear** case, 아주 가벼워요".into(), ..english }).await;
    make(
        site,
        host.member,
        EventDraft { offer: deal(2), category: Category::Food, ..titled("동백기름 선물상자", now - MINUTE) },
    )
    .await;
    site.engine.markets.import_markets(&Actor::System, MARKETS.as_bytes()).await.unwrap();
    let items = "category,name\nsauces,올리브유 5L\nsnacks,오징어 땅콩\n";
    site.engine.markets.import_items(&Actor::System, items.as_bytes()).await.unwrap();
    let at = Coordinates { latitude: 37.5446, longitude: 127.0559 };
    let party = PartyDraft {
        market: site.engine.markets.near(at, 1, 1).await.unwrap()[0].0.id,
        item: site.engine.markets.suggest("올리브").await.unwrap()[0].id,
        quantity: 4,
        unit: "통".into(),
        total: 10_000,
        wanted: 4,
        own: 1,
        least: 2,
        automatic: true,
        meets: Meeting { from: now + 5 * HOUR, to: now + 6 * HOUR },
        note: "주차장에서 봬요".into(),
    };
    let leader = site.neighbours(1).await.remove(0);
    site.engine.parties.create(&Actor::host(leader.member), request(), &party).await.unwrap();
    leader
}

/// What is typed, and what is found by it, in order.
const EXPECTED: &[(&str, &[&str])] = &[
    // The whole title first, then titles, then what is said; what is to come before what is over.
    ("수달", &["수달", "용감한 수달의 겨울 머그", "수달 스티커", "찻잔 세트"]),
    ("ㅅㄷ", &["용감한 수달의 겨울 머그", "수달", "수달 스티커"]),
    ("tnekf", &["수달", "용감한 수달의 겨울 머그", "수달 스티커", "찻잔 세트"]),
    ("te", &["용감한 수달의 겨울 머그", "수달", "수달 스티커"]),
    // As a Mac writes it.
    ("\u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}", &["수달", "용감한 수달의 겨울 머그", "수달 스티커", "찻잔 세트"]),
    // Spaces and the order of words do not count, nor does case.
    ("겨울머그", &["용감한 수달의 겨울 머그"]),
    ("머그 수달", &["용감한 수달의 겨울 머그"]),
    ("달의겨", &["용감한 수달의 겨울 머그"]),
    ("IPHONE15", &["iPhone 15 Pro 케이스"]),
    ("phone", &["iPhone 15 Pro 케이스"]),
    ("ㅑㅔㅙㅜㄷ", &["iPhone 15 Pro 케이스"]),
    ("가벼", &["iPhone 15 Pro 케이스"]),
    ("동백", &["동백기름 선물상자"]),
    ("ㄷㅂㄱㄹ", &["동백기름 선물상자"]),
    // A party and the item that it is about are called alike; it is open.
    ("올리브유", &["올리브유 5L", "올리브유 5L"]),
    ("땅콩", &["오징어 땅콩"]),
    ("성수점", &["한마음마트 성수점", "올리브유 5L"]),
    ("주차장", &["올리브유 5L"]),
    (
        "느린공방",
        &[
            "느린공방",
            "동백기름 선물상자",
            "찻잔 세트",
            "용감한 수달의 겨울 머그",
            "수달",
            "iPhone 15 Pro 케이스",
            "수달 스티커",
        ],
    ),
    // Two words that stand apart are two; what nobody has is not found.
    ("수머", &[]),
    ("코끼리", &[]),
    ("ㅋㅋㅋㅋ", &[]),
    // Nothing that is typed means anything to the index.
    ("title:수달", &[]),
    ("수달 OR 동백", &[]),
    ("수달*", &["수달", "용감한 수달의 겨울 머그", "수달 스티커", "찻잔 세트"]),
    ("\"수달\"~2^9", &[]),
    ("+수달 -머그", &["용감한 수달의 겨울 머그"]),
    // Nothing that is to be read.
    ("", &[]),
    (" \u{200B}\u{3164} ", &[]),
    ("!@#$%^&*()", &[]),
    ("'; drop table events; --", &[]),
    ("%", &[]),
    ("\u{0}\u{7}", &[]),
    // One letter is enough in a title, and where a word begins.
    ("땅", &["오징어 땅콩"]),
    ("컵 세트", &["찻잔 세트"]),
    ("고른 컵", &["찻잔 세트"]),
    ("컵", &["찻잔 세트"]),
    ("른 컵", &[]),
];

/// The order within what matches alike is by time and id: of those that open at the same time either may come first.
async fn finds_what_is_expected(site: &Site) {
    eventually("there is an index", async || site.engine.search.has_index()).await;
    until_found(site, "주차장", &["올리브유 5L"]).await;
    for (text, expected) in EXPECTED {
        let mut found = found(site, text).await;
        let mut expected = expected.to_vec();
        if *text == "느린공방" {
            found.sort();
            expected.sort_unstable();
        }
        assert_eq!(found, expected, "{text:?}");
    }
    let long = "수달".repeat(5_000);
    assert_eq!(found(site, &long).await, [""; 0]);
}

both!(what_is_typed_leads_to_what_is_meant, "multi_thread");
async fn what_is_typed_leads_to_what_is_meant(on: On) {
    let site = Site::with_clock(on, Clock::manual(START)).await;
    let leader = filled(&site).await;
    finds_what_is_expected(&site).await;

    // By kind and by state.
    let of = async |kind, state| {
        let query = SearchQuery { kind, state, ..query("수달") };
        titles(&ask(&site, query).await.found.rows)
    };
    assert_eq!(of(None, Some(FoundState::Over)).await, ["수달 스티커"]);
    assert_eq!(of(None, Some(FoundState::Open)).await, [""; 0]);
    assert_eq!(of(Some(FoundKind::Deal), None).await, [""; 0]);
    assert_eq!(
        of(Some(FoundKind::Giveaway), Some(FoundState::Soon)).await,
        ["수달", "용감한 수달의 겨울 머그", "찻잔 세트"]
    );
    let party = ask(&site, SearchQuery { kind: Some(FoundKind::Party), ..query("올리브") }).await.found.rows;
    assert!(matches!(&party[..], [Found { thing: Thing::Party(_), .. }]), "{party:?}");

    // Marked, and never more than text.
    let page = ask(&site, query("ㅅㄷ")).await;
    assert_eq!(page.found.rows[0].title[1], Piece { text: "수달".into(), hit: true });
    assert_eq!((page.instead, page.making), (None, false));
    let page = ask(&site, query("tnekf")).await;
    assert_eq!(page.instead.as_deref(), Some("수달"));
    let said = &page.found.rows[3].text;
    assert_eq!((said[0].hit, said[0].text.as_str()), (true, "수달"), "{said:?}");
    let html = leader.get("/search?q=%EC%88%98%EB%8B%AC").await.text().await.unwrap();
    assert!(html.contains("<mark>수달") && html.contains("value=\"수달\""), "{html}");
    let evil = leader.get("/search?q=%3Cscript%3Ealert(1)%3C/script%3E").await.text().await.unwrap();
    assert!(!evil.contains("<script>alert(1)"), "{evil}");
    for (path, status) in [
        ("/search?q=%FF%FE", 200),
        ("/search?q=a&after=7", 404),
        ("/search?q=a&after=0.0.1.zz", 404),
        ("/search?q=a&state=never", 404),
        ("/api/suggest", 200),
        ("/api/suggest?q=%00%22*", 200),
        ("/search/suggestions?q=a", 200),
    ] {
        assert_eq!(leader.get(path).await.status(), status, "{path}");
    }

    // By the address that other programs rely on.
    let there: Vec<Suggestion> = leader.get("/api/suggest?q=%EC%88%98%EB%8B%AC").await.json().await.unwrap();
    assert_eq!(there, suggested(&site, "수달").await);

    // While one types: also half a syllable, and a consonant that goes on to the next.
    let names = |suggestions: Vec<Suggestion>| suggestions.iter().map(|found| plain(&found.title)).collect::<Vec<_>>();
    assert_eq!(names(suggested(&site, "수달").await), ["수달", "용감한 수달의 겨울 머그", "수달 스티커"]);
    for typed in ["수다", "ㅅㄷ", "수ㄷ", "tnek"] {
        let names = names(suggested(&site, typed).await);
        assert_eq!(names, ["용감한 수달의 겨울 머그", "수달", "수달 스티커"], "{typed}");
    }
    assert_eq!(names(suggested(&site, "동배").await), ["동백기름 선물상자"]);
    let olive = suggested(&site, "올립").await;
    assert_eq!((olive.len(), olive[0].kind), (1, Some(FoundKind::Party)), "of what is called alike the first");
    assert!(matches!(olive[0].lead, Lead::Party(_)));
    // Each with where it stands.
    let stands = async |text: &str| suggested(&site, text).await.iter().map(|found| found.stands).collect::<Vec<_>>();
    let soon = |opens_at| Some(Stands::Soon { opens_at, now: START });
    assert_eq!(stands("수달").await, [soon(START + 2 * HOUR), soon(START + HOUR), Some(Stands::Over)]);
    assert_eq!(stands("동배").await, [Some(Stands::Left { left: 2, paying: 0 })]);
    assert_eq!(stands("올립").await, [Some(Stands::Meets { from: START + 5 * HOUR, now: START })]);
    assert_eq!(stands("느린공").await, [None], "who is always there");
    let giver = creator(&site, "두루상점").await;
    let open = make(&site, giver.member, titled("노을 엽서", START - MINUTE)).await;
    assert_eq!(leader.enter(open).await.0, 201);
    let entered = Some(Stands::Entered { total: 1, capacity: 3 });
    eventually("it is said how many entered", async || stands("노을").await == [entered]).await;
    assert_eq!(names(suggested(&site, "").await), [""; 0]);

    // A party is called as its item is by now, and found by what its market is called.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update items set name = '해바라기유' where name = '올리브유 5L'").run().await.unwrap();
    tx.sql("update markets set name = '두마음마트'").run().await.unwrap();
    tx.commit().await.unwrap();
    until_found(&site, "해바라기유", &["해바라기유", "해바라기유"]).await;
    until_found(&site, "두마음마트", &["두마음마트", "해바라기유"]).await;
}

both!(only_what_everybody_may_see_is_found, "multi_thread");
async fn only_what_everybody_may_see_is_found(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let host = creator(&site, "수달상점").await;
    let actor = Actor::host(host.member);
    let events = &site.engine.events;
    let hidden = titled("수달 초안", START + HOUR);
    events.create_draft(&actor, request(), hidden, Pictures::default()).await.unwrap();
    let shown = make(&site, host.member, titled("수달 머그", START + HOUR)).await;
    let gone = make(&site, host.member, titled("수달 접시", START + HOUR)).await;
    until_found(&site, "수달 접시", &["수달 접시"]).await;
    events.cancel(&actor, gone, "가마가 식었어요").await.unwrap();
    // Gone from the pages at once, whatever the index says by now.
    assert_eq!(found(&site, "수달 접시").await, [""; 0]);
    until_found(&site, "ㅅㄷ", &["수달 머그", "수달상점"]).await;

    // Nor is what an admin stopped there, and it is again once it goes on.
    let admins = &site.engine.administration;
    admins.suspend_event(&Actor::System, shown, "신고를 살펴봐요").await.unwrap();
    assert_eq!(found(&site, "ㅅㄷ").await, ["수달상점"]);
    assert!(suggested(&site, "수달").await.iter().all(|one| plain(&one.title) != "수달 머그"));
    // Whatever changed meanwhile, by which the index left it out.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update events set summary = '손으로 빚었어요' where id = $1").bind(shown).run().await.unwrap();
    tx.commit().await.unwrap();
    let behind = make(&site, host.member, titled("수달 물병", START + HOUR)).await;
    until_found(&site, "수달 물병", &["수달 물병"]).await;
    admins.readmit_event(&Actor::System, shown, "문제없어요").await.unwrap();
    until_found(&site, "수달 머그", &["수달 머그"]).await;
    events.cancel(&actor, behind, "가마가 식었어요").await.unwrap();

    // A suspended member has nothing here; let in again, they do.
    let admin = async |sql: &'static str| {
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql(sql).bind(host.member).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    admin("update members set suspended_at = 1 where id = $1").await;
    assert_eq!(found(&site, "ㅅㄷ").await, [""; 0]);
    assert!(suggested(&site, "수달").await.is_empty());
    tokio::time::sleep(Duration::from_secs(1)).await;
    admin("update members set suspended_at = null where id = $1").await;
    until_found(&site, "ㅅㄷ", &["수달 머그", "수달상점"]).await;

    // Called otherwise, found otherwise.
    site.engine.accounts.set_profile(&actor, "두루미상점", "", "", None).await.unwrap();
    until_found(&site, "두루미", &["두루미상점", "수달 머그"]).await;
    assert_eq!(found(&site, "수달상점").await, [""; 0]);

    // A party that has met is found by nobody.
    let party = async |found: &[&str]| until_found(&site, "ㅇㄹㅂㅇ", found).await;
    filled(&site).await;
    party(&["올리브유 5L", "올리브유 5L"]).await;
    clock.set(START + 6 * HOUR);
    party(&["올리브유 5L"]).await;
    let closed = ask(&site, SearchQuery { state: Some(FoundState::Over), ..query("수달 머그") }).await;
    assert!(closed.found.rows.iter().any(|row| matches!(&row.thing, Thing::Event(sale) if sale.event.id == shown)));
}

both!(results_are_read_page_by_page, "multi_thread");
async fn results_are_read_page_by_page(on: On) {
    const ROWS: usize = 50;
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let host = creator(&site, "느린공방").await.member;
    for n in 0..ROWS {
        let summary = if n % 2 == 0 { "수달".to_owned() } else { String::new() };
        let title = if n % 2 == 0 { format!("머그 {n}") } else { format!("수달 {n}") };
        make(&site, host, EventDraft { summary, ..titled(&title, START + HOUR * i64::from(n % 5 != 0)) }).await;
    }
    eventually("all are there", async || {
        let query = SearchQuery { state: Some(FoundState::Soon), ..query("수달") };
        site.engine.search.has_index() && ask(&site, query).await.found.rows.len() == 20
    })
    .await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (mut all, mut after) = (Vec::new(), None::<Cursor>);
    loop {
        let page = ask(&site, SearchQuery { after, ..query("수달") }).await;
        assert!(page.found.rows.len() == 20 || page.found.next.is_none());
        all.extend(titles(&page.found.rows));
        // What opens meanwhile changes nothing about the pages that follow.
        clock.set(clock.now() + 2 * HOUR);
        match page.found.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (ROWS, ROWS));
    let titled = all.iter().take_while(|title| title.starts_with("수달")).count();
    assert_eq!(titled, ROWS / 2, "what has it in its title first");
}

/// Where a site's indices lie.
fn indices(site: &Site) -> Vec<PathBuf> {
    let entries = fs::read_dir(site.folder().join("search")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

both!(an_index_follows_within_a_second_and_is_made_anew_when_it_is_lost, "multi_thread");
async fn an_index_follows_within_a_second_and_is_made_anew_when_it_is_lost(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let opens = site.engine.clock.now() + HOUR;
    eventually("there is an index", async || site.engine.search.has_index()).await;
    let mut took = Vec::new();
    for n in 0..5 {
        let title = format!("두루미 {n}");
        make(&site, host, titled(&title, opens)).await;
        let began = Instant::now();
        until_found(&site, &title, &[&title]).await;
        took.push(began.elapsed());
    }
    assert!(testing::median(took.clone()) < Duration::from_secs(1), "{took:?}");

    // The folder is lost while it is used: the old one answers, or the database, and then another.
    let before = indices(&site);
    assert_eq!(before.len(), 1);
    // Something may be written there just then.
    eventually("it is lost", async || fs::remove_dir_all(&before[0]).is_ok()).await;
    make(&site, host, titled("두루미 9", opens)).await;
    assert_eq!(found(&site, "두루미 1").await, ["두루미 1"]);
    until_found(&site, "두루미 9", &["두루미 9"]).await;
    eventually("another is there", async || indices(&site).len() == 1).await;

    // Nothing can be written there any more: it is kept in memory.
    eventually("it is gone", async || fs::remove_dir_all(site.folder().join("search")).is_ok()).await;
    fs::write(site.folder().join("search"), "no folder").unwrap();
    make(&site, host, titled("두루미 10", opens)).await;
    until_found(&site, "두루미 10", &["두루미 10"]).await;
    eventually("there is an index", async || site.engine.search.has_index()).await;
    make(&site, host, titled("두루미 11", opens)).await;
    until_found(&site, "두루미 11", &["두루미 11"]).await;
}

both!(an_index_goes_on_after_a_restart_and_knows_another_database, "multi_thread");
async fn an_index_goes_on_after_a_restart_and_knows_another_database(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let opens = site.engine.clock.now() + HOUR;
    let event = make(&site, host, titled("두루미", opens)).await;
    make(&site, host, titled("기러기 하나", opens)).await;
    let wished = make(&site, host, titled("기러기 둘", opens + HOUR)).await;
    until_found(&site, "두루미", &["두루미"]).await;
    until_found(&site, "기러기", &["기러기 하나", "기러기 둘"]).await;
    eventually("there is an index", async || site.engine.search.has_index()).await;
    let tasks = site.engine.tasks.clone();
    assert!(tasks.stop(testing::PATIENCE).await);
    let made = indices(&site);
    // Somebody writes while nobody follows, and somebody wishes for what is there.
    make(&site, host, titled("두루미 둘", opens + HOUR)).await;
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    let wish = tx.sql("insert into wishes (member_id, event_id, at) values ($1, $2, 1)");
    wish.bind(host).bind(wished).run().await.unwrap();
    tx.commit().await.unwrap();
    let again = Site::serve(
        engine_on(&site.config(), Clock::system()).await,
        std::sync::Arc::new(testing::Place::new(On::Sqlite)),
    )
    .await;
    until_found(&again, "두루미", &["두루미", "두루미 둘"]).await;
    until_found(&again, "기러기", &["기러기 둘", "기러기 하나"]).await;
    eventually("it is the same index", async || again.engine.search.has_index() && indices(&site) == made).await;

    // A backup is played back: the last changes never were, and what is there came otherwise.
    let mut tx = again.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update events set title = '고니' where id = $1").bind(event).run().await.unwrap();
    tx.sql("delete from search_changes where number > 1").run().await.unwrap();
    tx.commit().await.unwrap();
    until_found(&again, "고니", &["고니"]).await;
    until_found(&again, "두루미", &["두루미 둘"]).await;
    eventually("another is there", async || indices(&site).len() == 1 && indices(&site) != made).await;
}

/// Everything that is found, page by page, in order.
async fn all_found(site: &Site, text: &str) -> Vec<Lead> {
    let lead = |found: &Found| match &found.thing {
        Thing::Event(sale) => Lead::Event(sale.event.id),
        Thing::Party(card) => Lead::Party(card.id),
        Thing::Creator(creator) => Lead::Creator(*creator),
        Thing::Market(market) => Lead::Market(market.id),
        Thing::Item(item) => Lead::Item(item.id),
    };
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = ask(site, SearchQuery { after, ..query(text) }).await.found;
        all.extend(page.rows.iter().map(lead));
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_finds_the_same() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    filled(&one).await;
    // The other one has its index in memory: they share a folder here.
    for site in [&one, &two] {
        finds_what_is_expected(site).await;
    }
    // Many that are called alike and open at the same time: which comes first is no accident.
    let now = one.engine.clock.now();
    let host = creator(&one, "빠른공방").await.member;
    for n in 0..30 {
        let title = ["수달 머그", "수달", "겨울 수달", "머그"][n % 4];
        make(&one, host, titled(title, now + HOUR * (n as i64 % 3 - 1))).await;
    }
    for site in [&one, &two] {
        eventually("all of them are found", async || all_found(site, "빠른공방").await.len() == 31).await;
    }
    for text in EXPECTED.iter().map(|(text, _)| *text).chain(["머그", "ㅁㄱ", "겨울 수달", "빠른공방"]) {
        eventually(&format!("both find the same by {text:?}"), async || {
            let (one, two) = tokio::join!(all_found(&one, text), all_found(&two, text));
            one == two
        })
        .await;
    }
}

both!(terms_are_counted_once_for_each_and_shown_when_several_looked, "multi_thread");
async fn terms_are_counted_once_for_each_and_shown_when_several_looked(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let opens = site.engine.clock.now() + HOUR;
    make(&site, host, titled("수달 머그", opens)).await;
    make(&site, host, titled("두루미", opens)).await;
    // Asked in a way that is not counted.
    let knows = async |text: &str| site.engine.search.count_first(&query(text)).await.unwrap() == 1;
    eventually("both are in an index", async || {
        site.engine.search.has_index() && knows("수달").await && knows("두루미").await
    })
    .await;
    let look = async |who, text: &str| {
        site.engine.search.page(&Actor::Visitor, somebody(who), query(text)).await.unwrap();
    };
    for who in 10..14 {
        look(who, " 수달 ").await;
        look(who, "tnekf").await;
        // Nobody is told of what leads nowhere.
        look(who, "없는말").await;
    }
    for _ in 0..9 {
        look(20, "두루미").await;
    }
    let counts = async || -> Vec<(String, i64)> {
        site.engine.db.sql("select term, count from search_terms order by term").all().await.unwrap()
    };
    eventually("they are written", async || counts().await.len() == 2).await;
    assert_eq!(counts().await, [("두루미".to_owned(), 1), ("수달".to_owned(), 4)]);
    // What counts are the last 24 hours.
    let hour = site.engine.clock.now().0.div_euclid(HOUR.micros());
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    for (ago, term) in [(24, "기러기"), (22, "고니"), (21, "고니")] {
        let count = tx.sql("insert into search_terms (hour, term, count) values ($1, $2, 3)");
        count.bind(hour - ago).bind(term.to_owned()).run().await.unwrap();
    }
    tx.commit().await.unwrap();
    eventually("they are shown", async || site.engine.search.terms().await.unwrap() == ["고니", "수달"]).await;
    let page =
        client().get(site.url("/search")).header("accept", "text/html").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("많이 찾는 말") && page.contains(">수달") && !page.contains(">두루미"), "{page}");
    assert_eq!(suggested(&site, "수").await[0].lead, Lead::Search);
}

both!(where_many_are_and_what_closes_soon_is_shown, "multi_thread");
async fn where_many_are_and_what_closes_soon_is_shown(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let now = site.engine.clock.now();
    let watched = make(&site, host, titled("조용한 머그", now - MINUTE)).await;
    let busy = make(&site, host, titled("붐비는 머그", now - MINUTE)).await;
    let later = make(&site, host, EventDraft { closes_at: now + 3 * DAY, ..titled("느긋한 머그", now - MINUTE) }).await;
    for person in site.people(2).await {
        person.enter(busy).await;
    }
    site.people(1).await.remove(0).enter(later).await;
    // Who only looks on counts as well, for as long as they do.
    let mut looking = Vec::new();
    for person in site.people(3).await {
        looking.push(Page::join(&site, Some(&person), watched).await);
    }
    let ids = |cards: &[model::SaleCard]| cards.iter().map(|sale| sale.event.id).collect::<Vec<_>>();
    let page = eventually_some("they are counted", async || {
        let page = ask(&site, query("")).await;
        (ids(&page.popular) == [watched, busy, later] && page.popular[0].event.present == 3).then_some(page)
    })
    .await;
    let closing = ids(&page.closing);
    assert!(closing.len() == 2 && closing.contains(&watched) && closing.contains(&busy), "{closing:?}");
    let page = client().get(site.url("/search")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("지금 붐비는 곳") && page.contains("곧 마감해요"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_says_how_long_the_line_of_a_sale_is() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let host = creator(&one, "느린공방").await.member;
    let now = one.engine.clock.now();
    let deal = make(&one, host, EventDraft { offer: deal(1), ..titled("무드등", now - MINUTE) }).await;
    for person in one.people(3).await {
        eventually("they press", async || {
            let at = one.engine.clock.now();
            one.engine.turnstile.enter(deal, person.member, "수달".into(), at, None, None).await.is_ok()
        })
        .await;
    }
    for site in [&one, &two] {
        eventually("two stand behind the one", async || {
            let popular = ask(site, query("")).await.popular;
            matches!(&popular[..], [sale] if (sale.event.id, sale.waiting) == (deal, 2))
        })
        .await;
        let page = client().get(site.url("/search")).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("줄 2명"), "{page}");
    }
}

both!(a_sale_whose_line_cannot_be_read_hides_no_other, "multi_thread");
async fn a_sale_whose_line_cannot_be_read_hides_no_other(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let now = site.engine.clock.now();
    let deal = make(&site, host, EventDraft { offer: deal(1), ..titled("무드등", now - MINUTE) }).await;
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    let tally = tx.sql(
        "insert into tallies (event_id, total, last_at, next_sequence, cancelled, followed, sold, held, ends_at)
         values ($1, 1, $2, 1, false, 1, 0, 0, $3)",
    );
    tally.bind(deal).bind(now).bind(now + DAY).run().await.unwrap();
    let entry = tx.sql(
        "insert into entries (event_id, rank, member_id, entered_at, state, salt, units)
         values ($1, 1, $2, $3, 'unreadable', $4, 1)",
    );
    entry.bind(deal).bind(host).bind(now).bind(vec![0_u8; 16]).run().await.unwrap();
    tx.commit().await.unwrap();
    let popular = ask(&site, query("")).await.popular;
    assert!(matches!(&popular[..], [sale] if (sale.event.id, sale.waiting) == (deal, 0)), "{popular:?}");
}

both!(categories_are_found_in_both_languages, "multi_thread");
async fn categories_are_found_in_both_languages(on: On) {
    let site = Site::start(on).await;
    let host = creator(&site, "느린공방").await.member;
    let now = site.engine.clock.now();
    make(&site, host, EventDraft { category: Category::Pets, ..titled("우비", now + HOUR) }).await;
    let items = "category,name\nsauces,올리브유 5L\n";
    site.engine.markets.import_items(&Actor::System, items.as_bytes()).await.unwrap();
    until_found(&site, "반려동물", &["우비"]).await;
    until_found(&site, "pets", &["우비"]).await;
    until_found(&site, "sauces", &["올리브유 5L"]).await;
}

both!(whoever_asks_too_much_waits, "multi_thread");
async fn whoever_asks_too_much_waits(on: On) {
    let site = Site::start(on).await;
    let mut asked = 0;
    let refused = loop {
        match site.engine.search.suggest(somebody(9), "수달").await {
            Ok(_) => asked += 1,
            Err(refused) => break refused.public(),
        }
        assert!(asked < 5_000, "nobody is refused");
    };
    assert!(asked >= 200 && matches!(refused, Error::TooMany { .. }), "{asked}: {refused}");
    assert!(site.engine.search.suggest(somebody(8), "수달").await.is_ok(), "everybody for themselves");
}
