//! The creator's form for what is sold, as a browser without scripts sends it.

use crate::support::{
    Person, START, Site, client, config,
    events::{form, png, send, send_to},
};
use engine::{accounts::Actor, clock::Clock, tasks::Tasks};
use model::{DAY, EventId, HOUR, Kind, MINUTE, Offer, RefundFees, sales::price_each};
use reqwest::multipart::{Form, Part};
use server::config::PaymentProvider;
use std::sync::Arc;
use testing::{On, Place, both};

/// A deal of 300 mugs at 14,850 won, with these fields instead of the usual ones.
pub fn deal(site: &Site, changes: &[(&'static str, &str)]) -> Form {
    let usual = [
        ("kind", "deal"),
        ("title", "핸드메이드 머그 2인 세트"),
        ("list_price", "27,000"),
        ("discount", "45"),
        ("stock", "300"),
        ("limit", "2"),
        ("delivery", "이틀 안에 보내요"),
        ("minutes", ""),
        ("at_once", ""),
    ];
    with(site, &usual, changes)
}

/// Forty free seats at a reading two days ahead.
pub fn ticket(site: &Site, changes: &[(&'static str, &str)]) -> Form {
    let starts_at = (site.engine.clock.now() + 2 * DAY).to_local();
    let usual = [
        ("kind", "ticket"),
        ("title", "만권책방 겨울 북토크"),
        ("place", "만권책방"),
        ("address", "서울 성동구 서울숲2길 32"),
        ("coordinates", "37.5472, 127.0412"),
        ("starts_at", &starts_at),
        ("seats", "40"),
        ("price", "0"),
        ("limit", "2"),
    ];
    with(site, &usual, changes)
}

fn with(site: &Site, usual: &[(&'static str, &str)], changes: &[(&'static str, &str)]) -> Form {
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    form(site, &kept.chain(changes).copied().collect::<Vec<_>>())
}

/// Where a form led to: the event that it made.
fn made(response: &reqwest::Response) -> EventId {
    assert_eq!(response.status(), 303);
    let to = response.headers()["location"].to_str().unwrap();
    to.split('/').find_map(|part| part.parse().ok()).unwrap()
}

async fn offer(site: &Site, event: EventId) -> Offer {
    site.engine.events.view(event, &Actor::Visitor).await.unwrap().offer
}

/// A site that takes payments, with a creator who has a business.
async fn market(on: On, clock: Clock) -> (Site, Person) {
    let place = Place::new(on);
    let mut config = config(&place);
    config.payments = Some(PaymentProvider::Sandbox);
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, clock, Tasks::surviving()).await.unwrap();
    let site = Site::serve_as(engine, Arc::new(place), config).await;
    let creator = seller(&site).await;
    (site, creator)
}

async fn seller(site: &Site) -> Person {
    let creator = site.creator().await;
    site.engine.sellers.vouch(creator.member, "수달상점").await.unwrap();
    creator
}

both!(a_deal_and_a_ticket_are_made_as_their_forms_say);
async fn a_deal_and_a_ticket_are_made_as_their_forms_say(on: On) {
    let (site, creator) = market(on, Clock::system()).await;
    let picture = |name: &str| Part::bytes(png()).file_name(name.to_owned());
    let typed = deal(&site, &[("minutes", "10"), ("at_once", "50"), ("detail", "https://evil.example/x.png")]);
    let typed = typed.part("details", picture("1.png")).part("details", picture("2.png"));
    let event = made(&send(&creator, typed).await);
    let Offer::Deal { list_price, discount, stock, limit, delivery, checkout, details } = offer(&site, event).await
    else {
        panic!()
    };
    assert_eq!((list_price, discount, stock, limit, delivery.as_str()), (27_000, 45, 300, 2, "이틀 안에 보내요"));
    assert_eq!((checkout.minutes, checkout.at_once), (Some(10), Some(50)));
    // Only pictures that were sent, in their order, each of them there.
    assert_eq!(details.len(), 2);
    let page = client().get(site.url(&format!("/events/{event}"))).send().await.unwrap().text().await.unwrap();
    for words in ["45%", "14,850원", "27,000원", "이틀 안에 보내요", "10분 안에", "한 번에 50명", details[0].as_str()]
    {
        assert!(page.contains(words), "{words}");
    }
    let shown = client().get(site.url(&details[1])).send().await.unwrap();
    assert_eq!((shown.status().as_u16(), shown.headers()["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    // Once more like it, with one of its pictures.
    let (id, first) = (event.to_string(), details[0].clone());
    let again = made(&send(&creator, deal(&site, &[("like", &id), ("detail", &first)])).await);
    let Offer::Deal { details, .. } = offer(&site, again).await else { panic!() };
    assert_eq!(details, [first]);
    let form = creator.get(&format!("/creator/new?like={event}")).await.text().await.unwrap();
    for words in ["value=\"27000\"", "value=\"45\"", "이틀 안에 보내요", "value=\"50\"", details[0].as_str()] {
        assert!(form.contains(words), "a copy begins with {words}");
    }

    let fees = ["0", "0", "10", "20", "50"];
    let typed = fees.iter().fold(ticket(&site, &[("price", "35000")]), |form, fee| form.text("refund", *fee));
    let event = made(&send(&creator, typed).await);
    let Offer::Ticket { seats, price, refunds, coordinates, .. } = offer(&site, event).await else { panic!() };
    assert_eq!((seats, price, refunds, coordinates.is_some()), (40, 35_000, RefundFees([0, 0, 10, 20, 50]), true));
    let page = client().get(site.url(&format!("/events/{event}"))).send().await.unwrap().text().await.unwrap();
    for words in ["35,000원", "서울숲2길 32", "7일 전까지", "모두 돌려받아요", "50%"] {
        assert!(page.contains(words), "{words}");
    }
}

both!(every_bad_field_of_a_sale_is_marked_and_makes_nothing);
async fn every_bad_field_of_a_sale_is_marked_and_makes_nothing(on: On) {
    let (site, creator) = market(on, Clock::system()).await;
    let now = site.engine.clock.now();
    let (early, past, long) = ((now + HOUR + MINUTE).to_local(), (now - HOUR).to_local(), (now + 9 * DAY).to_local());
    let refused = async |name: &str, form: Form| {
        let response = send(&creator, form).await;
        assert_eq!(response.status(), 422, "{name}");
        let page = response.text().await.unwrap();
        let marked = page.contains(&format!("id=\"{name}\"")) && page.contains("aria-invalid=\"true\"");
        assert!(marked || page.contains("note bad"), "{name} is marked");
    };
    for (name, value) in [
        ("list_price", "0"),
        ("list_price", "-1"),
        ("list_price", "many"),
        ("list_price", "100000001"),
        ("discount", "100"),
        ("discount", "-5"),
        ("stock", "0"),
        ("stock", "1000001"),
        ("limit", "0"),
        ("limit", "101"),
        ("delivery", ""),
        ("minutes", "2"),
        ("at_once", "5"),
        ("closes_at", long.as_str()),
    ] {
        refused(name, deal(&site, &[(name, value)])).await;
    }
    for (name, value) in [
        ("place", ""),
        ("address", ""),
        ("coordinates", "91, 200"),
        ("starts_at", past.as_str()),
        ("starts_at", early.as_str()),
        ("starts_at", ""),
        ("seats", "0"),
        ("price", "-1"),
        ("limit", "41"),
    ] {
        refused(name, ticket(&site, &[(name, value)])).await;
    }
    let harsh = ["5", "10", "20", "30", "100"];
    refused("refunds", harsh.iter().fold(ticket(&site, &[]), |form, fee| form.text("refund", *fee))).await;
    let nine =
        (0..9).fold(deal(&site, &[]), |form, n| form.part("details", Part::bytes(png()).file_name(format!("{n}.png"))));
    refused("details", nine).await;
    let nonsense = deal(&site, &[]).part("details", Part::bytes(b"GIF89a".to_vec()).file_name("x.png"));
    refused("details", nonsense).await;
    let mine = site.engine.events.of_creator(&Actor::host(creator.member), model::Stage::All, None).await.unwrap();
    assert_eq!(mine.events.rows, []);
    assert_eq!(creator.get("/creator/new?kind=auction").await.status(), 404);
}

both!(a_price_that_looks_like_a_mistake_is_read_back_once);
async fn a_price_that_looks_like_a_mistake_is_read_back_once(on: On) {
    let (site, creator) = market(on, Clock::system()).await;
    let asked = send(&creator, deal(&site, &[("discount", "90")])).await;
    assert_eq!(asked.status(), 422);
    let page = asked.text().await.unwrap();
    assert!(page.contains("value=\"2700x300\"") && page.contains("한 개에 2,700원, 300개, 모두 810,000원"));
    // Of another price it is asked again.
    let other = send(&creator, deal(&site, &[("discount", "95"), ("confirmed", "2700x300")])).await;
    assert_eq!(other.status(), 422);
    let event = made(&send(&creator, deal(&site, &[("discount", "90"), ("confirmed", "2700x300")])).await);
    assert_eq!(price_each(&offer(&site, event).await), 2_700);
    // A change of something else does not ask again.
    let edit = format!("/creator/events/{event}/edit");
    assert_eq!(
        send_to(&creator, &edit, deal(&site, &[("discount", "90"), ("title", "다른 머그")])).await.status(),
        303
    );
    for (change, price) in
        [([("list_price", "99"), ("discount", "")], 99), ([("list_price", "100000000"), ("stock", "9000")], 0)]
    {
        assert_eq!(send(&creator, deal(&site, &change)).await.status(), 422, "{price}");
    }
    // A draft is nobody's to see: nothing is asked.
    assert_eq!(send(&creator, deal(&site, &[("discount", "90"), ("save", "draft")])).await.status(), 303);
}

both!(without_a_business_only_what_is_free_is_published);
async fn without_a_business_only_what_is_free_is_published(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let closed = send(&creator, deal(&site, &[])).await;
    assert_eq!(closed.status(), 403);
    assert!(closed.text().await.unwrap().contains("사업자 정보가 필요해요"));
    assert_eq!(send(&creator, ticket(&site, &[("price", "1000")])).await.status(), 403);
    let event = made(&send(&creator, ticket(&site, &[])).await);
    assert_eq!(site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.kind, Kind::Ticket);
    // Nor does it cost something afterwards; what is saved for later is nobody's to see.
    let edit = format!("/creator/events/{event}/edit");
    assert_eq!(send_to(&creator, &edit, ticket(&site, &[("price", "1000")])).await.status(), 403);
    let draft = made(&send(&creator, deal(&site, &[("save", "draft")])).await);
    assert_eq!(send_to(&creator, &format!("/creator/events/{draft}/edit"), deal(&site, &[])).await.status(), 403);
    assert!(creator.get("/creator/new?kind=deal").await.text().await.unwrap().contains("사업자 정보가 필요해요"));
    // Nor is anything sold that nobody could pay for.
    site.engine.sellers.vouch(creator.member, "수달상점").await.unwrap();
    let closed = send(&creator, deal(&site, &[])).await;
    assert_eq!(closed.status(), 503);
    assert!(closed.text().await.unwrap().contains("결제를 받을 수 없어요"));
    assert_eq!(send(&creator, deal(&site, &[("save", "draft")])).await.status(), 303);
}

both!(terms_hold_still_once_a_sale_has_opened);
async fn terms_hold_still_once_a_sale_has_opened(on: On) {
    let clock = Clock::manual(START);
    let (site, creator) = market(on, clock.clone()).await;
    let event = made(&send(&creator, deal(&site, &[])).await);
    let edit = format!("/creator/events/{event}/edit");
    // Before it opens everything may change, but for what it is.
    assert_eq!(send_to(&creator, &edit, deal(&site, &[("discount", "50")])).await.status(), 303);
    assert_eq!(send_to(&creator, &edit, ticket(&site, &[])).await.status(), 400);
    let changes = client().get(site.url(&format!("/events/{event}/changes"))).send().await.unwrap();
    let changes = changes.text().await.unwrap();
    assert!(changes.contains("14,850원") && changes.contains("13,500원"), "everybody sees what was changed");
    clock.set(START + HOUR);
    let as_opened = |name: &'static str, value: &str| {
        Form::new().text("title", "머그").text("kind", "deal").text(name, value.to_owned())
    };
    for (name, value) in
        [("discount", "60"), ("list_price", "30000"), ("limit", "3"), ("delivery", "언젠가"), ("stock", "299")]
    {
        assert_eq!(send_to(&creator, &edit, as_opened(name, value)).await.status(), 422, "{name}");
    }
    assert_eq!(send_to(&creator, &edit, as_opened("stock", "301")).await.status(), 303);
    let Offer::Deal { stock, discount, .. } = offer(&site, event).await else { panic!() };
    assert_eq!((stock, discount), (301, 50));
    let page = creator.get(&edit).await.text().await.unwrap();
    assert!(
        page.contains("name=\"stock\"") && !page.contains("name=\"list_price\"") && !page.contains("name=\"details\"")
    );
}
