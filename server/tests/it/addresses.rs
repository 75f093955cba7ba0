//! The address book: its page, choosing from it where something is bought or won, and finding a road address.

use crate::rights::{cases, reads};
use crate::support::{Person, Site, client, giveaway::party};
use engine::{accounts::Actor, addresses::Finder, clock::Clock};
use model::{AddressId, addresses::FoundAddresses};
use std::{sync::Arc, time::Duration};
use testing::{Juso, On, Place, Wrong, both};

reads! {
    "/my/addresses" => 401, 200;
}

cases! {
    "add-address", [("name", "김수달"), ("phone", "010-1234-5678"), ("postcode", "04524"), ("address", "서울 중구 세종대로 110")] => 200;
    "change-address", [("id", "{address}"), ("name", "김수달"), ("phone", "010-1234-5678"), ("postcode", "04524"), ("address", "서울 중구 세종대로 110")] => 404;
    "set-default-address", [("id", "{address}")] => 404;
    "delete-address", [("id", "{address}")] => 404;
}

const PAGE: &str = "/my/addresses";

const HOME: [(&str, &str); 6] = [
    ("name", "김수달"),
    ("phone", "+82 10 1234 5678"),
    ("postcode", "04779"),
    ("address", "서울 성동구 왕십리로 59"),
    ("detail", "3층"),
    ("note", "우리 <b>집"),
];

/// With some of the fields as they are given.
fn with<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_given = |name: &str| fields.iter().any(|(given, _)| *given == name);
    HOME.into_iter().filter(|(name, _)| !is_given(name)).chain(fields.iter().copied()).collect()
}

async fn ids(site: &Site, person: &Person) -> Vec<AddressId> {
    let book = site.engine.addresses.book(&Actor::host(person.member)).await.unwrap();
    book.addresses.into_iter().map(|address| address.id).collect()
}

both!(a_book_is_kept_without_scripts, "multi_thread");
async fn a_book_is_kept_without_scripts(on: On) {
    let site = Site::start(on).await;
    let mut people = site.people(2).await;
    let (other, person) = (people.remove(1), people.remove(0));
    let page = async || person.get(PAGE).await.text().await.unwrap();
    assert!(page().await.contains("아직 저장한 주소가 없어요."));
    assert_eq!(person.change(PAGE, "add-address", &HOME).await.status(), 303);
    assert_eq!(person.change(PAGE, "add-address", &HOME).await.status(), 303, "sent twice it is there once");
    let office = with(&[("address", "서울 중구 세종대로 110"), ("postcode", "04524"), ("note", "")]);
    assert_eq!(person.change(PAGE, "add-address", &office).await.status(), 303);
    let shown = page().await;
    for words in ["2/20", "010-1234-5678", "(04779) 서울 성동구 왕십리로 59 3층", "우리 &lt;b&gt;집", "기본"]
    {
        assert!(shown.contains(words), "{words}");
    }
    assert!(!shown.contains("<b>집"));
    // What is wrong stands at its field, what was typed stays, and nothing is changed.
    for (field, wrong) in [
        ("name", "\u{200B}"),
        ("phone", "02-123-4567"),
        ("postcode", "123"),
        ("address", "여기"),
        ("detail", "가".repeat(101).as_str()),
        ("note", "가".repeat(51).as_str()),
    ] {
        let refused = person.change(PAGE, "add-address", &with(&[(field, wrong)])).await;
        assert_eq!(refused.status(), 422, "{field}");
        let refused = refused.text().await.unwrap();
        assert_eq!(refused.matches("aria-invalid").count(), 1, "{field}");
    }
    let [home, office] = ids(&site, &person).await[..] else { panic!() };
    // Changed on the page of it, by another only as if there were none.
    let edit = format!("{PAGE}?edit={home}");
    assert!(person.get(&edit).await.text().await.unwrap().contains("value=\"서울 성동구 왕십리로 59\""));
    assert!(!other.get(&edit).await.text().await.unwrap().contains("왕십리로"));
    let id = home.to_string();
    let moved = with(&[("id", &id), ("detail", "7층")]);
    assert_eq!(person.change(PAGE, "change-address", &moved).await.status(), 303);
    assert!(page().await.contains("왕십리로 59 7층"));
    for change in ["change-address", "set-default-address", "delete-address"] {
        assert_eq!(other.call(change, &moved).await, 404, "{change}");
    }
    assert_eq!(person.change(PAGE, "set-default-address", &[("id", &office.to_string())]).await.status(), 303);
    assert_eq!(ids(&site, &person).await, [office, home]);
    assert_eq!(person.change(PAGE, "delete-address", &[("id", &office.to_string())]).await.status(), 303);
    assert_eq!(ids(&site, &person).await, [home]);
    // So many and no more.
    for floor in 0..19 {
        assert_eq!(person.call("add-address", &with(&[("detail", &format!("{floor}호"))])).await, 200);
    }
    assert_eq!(person.call("add-address", &with(&[("detail", "하나 더")])).await, 409);
    let full = page().await;
    assert!(full.contains("20/20") && full.contains("주소는 스무 개까지"));
    let visitor = client().post(site.url("/api/add-address")).form(&HOME).send().await.unwrap();
    assert_eq!(visitor.status(), 401);
}

both!(a_winner_chooses_from_the_book, "multi_thread");
async fn a_winner_chooses_from_the_book(on: On) {
    let party = party(on, 3, 3).await;
    let [one, another, last] = party.people.as_slice() else { panic!() };
    let site = &party.site;
    let event = party.event.to_string();
    let result = format!("/events/{event}/result");
    assert_eq!(one.call("add-address", &HOME).await, 200);
    let id = ids(site, one).await[0].to_string();
    let shown = one.get(&result).await.text().await.unwrap();
    assert!(shown.contains(&format!("value=\"{id}\"")) && shown.contains("왕십리로 59"));
    // Another's, or one that is gone, is none; nothing is sent.
    let fill = async |who: &Person, to: String| {
        let form = [("event", event.as_str()), ("consent", "yes"), ("to", to.as_str())];
        who.change(&result, "fill-claim", &form).await
    };
    let gone = fill(another, id.clone()).await;
    assert_eq!(gone.status(), 422);
    assert_eq!(fill(another, "nonsense".into()).await.status(), 400);
    assert_eq!(fill(one, id.clone()).await.status(), 303);
    let claim = site.engine.giveaways.claim(&Actor::host(one.member), party.event).await.unwrap().unwrap();
    assert_eq!((claim.delivery.address.as_str(), claim.delivery.detail.as_str()), ("서울 성동구 왕십리로 59", "3층"));
    assert_eq!(ids(site, one).await.len(), 1, "what is in the book is not added to it");
    // Typed, it is kept where that is wished for, and nowhere else.
    assert_eq!(party.fill(another).await, 303);
    assert_eq!(ids(site, another).await.len(), 1);
    let form: Vec<(&str, &str)> = with(&[("event", &event), ("consent", "yes"), ("to", "new")]);
    assert_eq!(last.change(&result, "fill-claim", &form).await.status(), 303);
    assert_eq!(ids(site, last).await.len(), 0);
    // What was given stays when it is deleted from the book.
    assert_eq!(one.call("delete-address", &[("id", &id)]).await, 200);
    let claim = site.engine.giveaways.claim(&Actor::host(one.member), party.event).await.unwrap().unwrap();
    assert_eq!(claim.delivery.detail, "3층");
    party.sound().await;
}

/// A site whose members find road addresses at `url` by `key`.
async fn site(on: On, url: &str, key: &str) -> Site {
    let place = Place::new(on);
    let mut config = crate::support::config(&place);
    config.juso_key = Some(server::config::Secret(key.into()));
    config.juso_url = url.to_owned();
    let db = config.database().await.unwrap();
    let tasks = engine::tasks::Tasks::surviving();
    let engine = server::engine_on(&config, db, Clock::system(), tasks).await.unwrap();
    Site::serve_as(engine, Arc::new(place), config).await
}

both!(road_addresses_are_found_by_the_public_service, "multi_thread");
async fn road_addresses_are_found_by_the_public_service(on: On) {
    let juso = Juso::start().await;
    let site = site(on, &juso.url, Juso::KEY).await;
    let people = site.people(2).await;
    let find = async |typed: &str| site.engine.addresses.find(&Actor::host(people[0].member), typed).await.unwrap();
    let found = find("세종대로 110").await;
    assert_eq!((found.rows.len(), found.failed), (1, false));
    assert_eq!(found.rows[0].address, "서울특별시 중구 세종대로 110 (태평로1가)");
    assert_eq!(found.rows[0].postcode, "04524");
    assert_eq!(find(" 왕십리로 ").await.rows.len(), 2);
    // What says nothing, and what the service refuses, is nothing found.
    for nothing in ["", "강", "110", "<%=>", "없는로 1", "select 1번지", &"가".repeat(999)] {
        assert_eq!(find(nothing).await, FoundAddresses::default(), "{nothing}");
    }
    assert_eq!(find("세종대로<110>").await, FoundAddresses::default());
    // As one types, and without scripts on the page, which leads to the form with what is chosen.
    let typed = people[0].get("/my/addresses/suggestions?q=%EC%84%B8%EC%A2%85%EB%8C%80%EB%A1%9C").await;
    assert_eq!(typed.json::<FoundAddresses>().await.unwrap(), found);
    // No browser keeps it, as our own code reads it either.
    let ours = client().get(site.url("/my/addresses/suggestions?q=%EA%B0%95")).header("accept", app::page::KIND);
    let ours = ours.header("cookie", people[0].cookie()).send().await.unwrap();
    let header = |name: &str| ours.headers()[name].to_str().unwrap();
    assert_eq!((header("content-type"), header("cache-control")), (app::page::KIND, "private, no-store"));
    let page = people[0].get(&format!("{PAGE}?find=%EC%84%B8%EC%A2%85%EB%8C%80%EB%A1%9C")).await.text().await.unwrap();
    assert!(page.contains("postcode=04524"), "{page}");
    let chosen =
        people[0].get(&format!("{PAGE}?postcode=04524&address=%EC%84%B8%EC%A2%85%EB%8C%80%EB%A1%9C+110")).await;
    assert!(chosen.text().await.unwrap().contains("value=\"세종대로 110\""));
    // While it fails, says nonsense or hangs, people type, and are told so.
    for wrong in [Wrong::Lost, Wrong::Garbled, Wrong::Slow(Duration::from_secs(5))] {
        juso.trouble(1, wrong);
        assert_eq!(find("세종대로").await, FoundAddresses { rows: Vec::new(), failed: true }, "{wrong:?}");
    }
    juso.trouble(1, Wrong::Lost);
    let away = people[0].get(&format!("{PAGE}?find=%EC%84%B8%EC%A2%85%EB%8C%80%EB%A1%9C")).await;
    assert_eq!(away.status(), 200);
    assert!(away.text().await.unwrap().contains("지금은 주소를 찾을 수 없어요."));
    assert_eq!(people[0].call("add-address", &HOME).await, 200);
    // Each asks for themselves, and not for ever.
    let asked = juso.asked();
    let suggestions = async |who: &Person| who.get("/my/addresses/suggestions?q=%EC%84%B8%EC%A2%85").await.status();
    let mut times = 0;
    while suggestions(&people[0]).await == 200 {
        times += 1;
        assert!(times < 90, "the service is asked for ever");
    }
    assert_eq!(suggestions(&people[0]).await, 429);
    assert!(juso.asked() - asked >= 20);
    assert_eq!(suggestions(&people[1]).await, 200);
    assert_eq!(juso.complaints(), [""; 0]);
}

both!(a_wrong_key_and_no_key_leave_typing);
async fn a_wrong_key_and_no_key_leave_typing(on: On) {
    let juso = Juso::start().await;
    let wrong = site(on, &juso.url, "other").await;
    let person = wrong.people(1).await.remove(0);
    let found = wrong.engine.addresses.find(&Actor::host(person.member), "세종대로 110").await.unwrap();
    assert_eq!(found, FoundAddresses { rows: Vec::new(), failed: true });
    let none = Site::start(on).await;
    let person = none.people(1).await.remove(0);
    let page = person.get(PAGE).await.text().await.unwrap();
    assert!(!page.contains("주소 찾기") && page.contains("도로명 주소"), "what is not there is not offered");
    let found = none.engine.addresses.find(&Actor::host(person.member), "서울시청").await.unwrap();
    assert_eq!(found, FoundAddresses::default());
    assert!(Finder::juso("no address", "key").is_err());
}
