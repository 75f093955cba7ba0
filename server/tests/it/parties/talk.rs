//! What members of a party say: who hears it, at which node, and that pages hear of what else becomes of it.

use super::*;
use crate::support::{Cluster, socket::Page};

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
