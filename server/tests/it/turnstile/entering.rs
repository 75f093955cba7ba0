//! The button over HTTP.

use crate::support::{
    Site, client, draft,
    history::{self, Acknowledged},
    make_event,
    queueing::{queue_behind_a_body, queue_presses, told},
    request,
};
use engine::{accounts::Actor, clock::Clock, events::Pictures};
use model::{
    Checkout, EntryError, EntryState, Error, EventError, EventId, HOUR, MILLISECOND, MINUTE, Offer, SECOND, Span, Time,
};
use std::{collections::HashMap, sync::Arc, time::Instant};
use testing::{On, both, eventually};

both!(the_first_press_counts_and_every_further_one_says_the_same);
async fn the_first_press_counts_and_every_further_one_says_the_same(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 1).await;
    let people = site.people(3).await;
    let (status, first) = people[0].enter(event).await;
    assert_eq!((status, first.rank, first.state), (201, 1, EntryState::Won));
    assert!(first.since_open >= SECOND);
    assert_eq!(people[0].enter(event).await, (200, first));
    assert_eq!(people[1].enter(event).await.1.state, EntryState::Standby);
    let (_, third) = people[2].enter(event).await;
    assert_eq!((third.rank, third.state), (3, EntryState::Lost));
    let board: serde_json::Value =
        client().get(site.url(&format!("/events/{event}/board?from=1"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(board["total"], 3);
    assert_eq!(board["entries"][0]["rank"], 1);
    assert_eq!(board["entries"][0]["since_open_us"], first.since_open.micros());
    assert_eq!(engine::check(&site.engine.db).await.unwrap().1, []);
}

both!(every_refusal_says_why_and_changes_nothing);
async fn every_refusal_says_why_and_changes_nothing(on: On) {
    let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let person = site.people(1).await.remove(0);
    let event = make_event(&site.engine, creator.member, MINUTE, 5).await;
    let opens_at = clock.now() + MINUTE;
    let mut coded = draft(opens_at, 5);
    coded.entry_code = Some("WINTER".into());
    let coded =
        site.engine.events.create(&Actor::host(creator.member), request(), coded, Pictures::default()).await.unwrap();

    let refused = async |response: reqwest::Response| {
        let status = response.status().as_u16();
        (status, response.json::<Error>().await.unwrap())
    };
    clock.set(opens_at - 213 * MILLISECOND);
    let early = refused(person.press(&client(), event).await.unwrap()).await;
    assert_eq!(early, (425, Error::Entry(EntryError::TooEarly { early: 213 * MILLISECOND })));
    clock.set(opens_at);
    assert_eq!(
        refused(creator.press(&client(), event).await.unwrap()).await,
        (403, Error::Entry(EntryError::OwnEvent))
    );
    let nobody = client().post(site.url(&format!("/events/{event}/enter"))).send().await.unwrap();
    assert_eq!(refused(nobody).await, (401, Error::SignedOut));
    for unknown in ["01M807MNGSETC8MZPA7YPV075M", "no-such-event", "%00", "..%2f..%2f"] {
        let path = format!("http://{}/events/{unknown}/enter", person.address);
        let response = client().post(path).header("cookie", person.cookie()).send().await.unwrap();
        assert_eq!(refused(response).await, (404, Error::NotFound), "{unknown}");
    }
    assert_eq!(
        refused(person.press(&client(), coded).await.unwrap()).await,
        (422, Error::Entry(EntryError::WrongCode))
    );
    let wrong = person.post(&format!("/events/{coded}/enter"), &[("code", "SUMMER")]).await;
    assert_eq!(wrong.status(), 422);
    let right = person.post(&format!("/events/{coded}/enter"), &[("code", "winter ")]).await;
    assert_eq!(
        (right.status().as_u16(), right.headers()["location"].to_str().unwrap()),
        (303, format!("/events/{coded}").as_str())
    );

    clock.set(opens_at + HOUR);
    assert_eq!(refused(person.press(&client(), event).await.unwrap()).await, (409, Error::Entry(EntryError::Closed)));
    site.engine.events.cancel(&Actor::host(creator.member), event, "가마가 식었어요").await.unwrap();
    eventually("the turnstile knows that it is called off", async || {
        refused(person.press(&client(), event).await.unwrap()).await == (409, Error::Event(EventError::Cancelled))
    })
    .await;
    assert_eq!(site.engine.turnstile.entry(event, person.member).await.unwrap(), None);
    assert_eq!(engine::check(&site.engine.db).await.unwrap().1, []);
}

both!(hammering_before_the_opening_gains_nothing_and_costs_nothing_after_it);
async fn hammering_before_the_opening_gains_nothing_and_costs_nothing_after_it(on: On) {
    let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
    let site = Site::with_clock(on, clock.clone()).await;
    let event = site.event(MINUTE, 5).await;
    let person = site.people(1).await.remove(0);
    // All at once: a machine that is slow at one after the other hammers nothing.
    let client = client();
    let pressed = futures::future::join_all((0..60).map(|_| person.press(&client, event))).await;
    let pressed: Vec<u16> = pressed.into_iter().map(|pressed| pressed.unwrap().status().as_u16()).collect();
    assert!(pressed.iter().all(|status| [425, 429].contains(status)), "{pressed:?}");
    let slowed = pressed.iter().filter(|status| **status == 429).count();
    assert!(slowed > 0, "hammering is slowed");
    clock.set(clock.now() + MINUTE);
    let (status, entry) = person.enter(event).await;
    assert_eq!(
        (status, entry.rank, entry.since_open),
        (201, 1, Span::ZERO),
        "the first press after the opening never is"
    );
}

both!(queueing_presses_across_the_opening_gains_nothing, "multi_thread");
async fn queueing_presses_across_the_opening_gains_nothing(on: On) {
    let site = Site::start(on).await;
    let event = site.event(300 * MILLISECOND, 5).await;
    queueing_gains_nothing(&site, event).await;
    // Nor does it where something is sold.
    let creator = Actor::host(site.creator().await.member);
    let offer = Offer::Deal {
        list_price: 10_000,
        discount: 10,
        stock: 5,
        limit: 1,
        delivery: "2일 안에".into(),
        checkout: Checkout::default(),
        details: vec![],
    };
    let deal = model::EventDraft { offer, ..draft(site.engine.clock.now() + 300 * MILLISECOND, 5) };
    let event = site.engine.events.create(&creator, request(), deal, Pictures::default()).await.unwrap();
    queueing_gains_nothing(&site, event).await;
}

async fn queueing_gains_nothing(site: &Site, event: EventId) {
    let people = site.people(2).await;
    let address = people[0].address;
    let cookie = people[0].cookie();
    let queues = futures::future::join_all((0..4).map(|_| queue_presses(address, &cookie, event, 60))).await;
    let answers: Vec<(u16, Vec<u8>)> = queues.into_iter().flatten().collect();
    let (early, entries) = told(&answers);
    assert!(!early.is_empty() && !entries.is_empty(), "some came too early and some did not: {answers:?}");
    assert!(entries.iter().all(|entry| entry == &entries[0]));
    history::check_early(&early, &entries[0]);
    // And it is over: nobody else is put off, and neither is a repeat.
    assert_eq!(people[1].enter(event).await.0, 201);
    assert_eq!(people[0].enter(event).await, (200, entries[0]));
}

#[tokio::test]
async fn what_is_queued_on_a_connection_is_answered_no_faster_than_a_held_key_repeats() {
    let site = Site::start(On::Sqlite).await;
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    let began = Instant::now();
    let answers = queue_presses(person.address, &person.cookie(), event, 6).await;
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [201, 200, 200, 200, 200, 200], "each is answered");
    let took = began.elapsed();
    assert!(took >= 5 * std::time::Duration::from_millis(33), "{took:?}");
    // Nor is what was read while the one before was under way, such as behind the rest of it.
    let mut stream = tokio::net::TcpStream::connect(person.address).await.unwrap();
    let began = Instant::now();
    let answers = queue_behind_a_body(&mut stream, &person.cookie(), event, 5).await;
    assert!(answers.len() == 6 && answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let took = began.elapsed();
    assert!(took >= 5 * std::time::Duration::from_millis(33), "{took:?}");
}

both!(before_the_opening_no_code_is_judged);
async fn before_the_opening_no_code_is_judged(on: On) {
    let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let person = site.people(1).await.remove(0);
    let mut coded = draft(clock.now() + MINUTE, 5);
    coded.entry_code = Some("WINTER".into());
    let event =
        site.engine.events.create(&Actor::host(creator.member), request(), coded, Pictures::default()).await.unwrap();
    for code in ["SUMMER", "WINTER", ""] {
        let told = person.post(&format!("/events/{event}/enter"), &[("code", code)]).await;
        assert_eq!(told.status(), 425, "{code:?} says nothing of the code");
        clock.set(clock.now() + SECOND);
    }
    // Nor do many at once: one came too early, and what followed within the same moment waits or is too much.
    let at_once = async |code: &str| {
        let person = site.people(1).await.remove(0);
        let (path, form) = (format!("/events/{event}/enter"), [("code", code)]);
        let told = futures::future::join_all((0..12).map(|_| person.post(&path, &form))).await;
        let mut told: Vec<u16> = told.into_iter().map(|told| told.status().as_u16()).collect();
        told.sort_unstable();
        told
    };
    let (wrong, right) = tokio::join!(at_once("SUMMER"), at_once("WINTER"));
    assert_eq!(wrong, right, "answers are the same for a wrong code and the right one");
    assert_eq!(wrong.iter().filter(|status| **status == 425).count(), 1, "{wrong:?}");
    clock.set(clock.now() + MINUTE);
    assert_eq!(person.post(&format!("/events/{event}/enter"), &[("code", "SUMMER")]).await.status(), 422);
    assert_eq!(person.post(&format!("/events/{event}/enter"), &[("code", "WINTER")]).await.status(), 303);
}

#[tokio::test]
async fn a_press_counts_from_its_last_byte() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
    let site = Site::with_clock(On::Sqlite, clock.clone()).await;
    let event = site.event(MINUTE, 5).await;
    let person = site.people(1).await.remove(0);
    clock.set(clock.now() + MINUTE);
    let mut stream = tokio::net::TcpStream::connect(person.address).await.unwrap();
    let head = format!(
        "POST /events/{event}/enter HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\naccept: application/json\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: 5\r\nconnection: close\r\n\r\ncode",
        person.address,
        person.cookie()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Long enough that its head is read.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    clock.set(clock.now() + 2 * SECOND);
    stream.write_all(b"=").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains(r#""since_open_us":2000000,"#), "{answer}");
}

both!(guessing_an_entry_code_is_stopped);
async fn guessing_an_entry_code_is_stopped(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let person = site.people(1).await.remove(0);
    let mut coded = draft(site.engine.clock.now() - SECOND, 5);
    coded.entry_code = Some("AB".into());
    let event =
        site.engine.events.create(&Actor::host(creator.member), request(), coded, Pictures::default()).await.unwrap();
    let mut last = 0;
    for guess in 0..14 {
        last =
            person.post(&format!("/events/{event}/enter"), &[("code", &format!("X{guess}"))]).await.status().as_u16();
    }
    assert_eq!(last, 429);
    assert_eq!(person.post(&format!("/events/{event}/enter"), &[("code", "AB")]).await.status(), 429);
}

/// Many press at once, some again and again; the history keeps every promise.
async fn rush(site: &Site, event: EventId, people: usize) {
    let people = site.people(people).await;
    let client = Arc::new(client());
    let begun = Instant::now();
    let mut presses = tokio::task::JoinSet::new();
    for (i, person) in people.iter().cloned().enumerate() {
        for _ in 0..1 + i % 3 {
            let (client, person) = (client.clone(), person.clone());
            presses.spawn(async move {
                let sent = begun.elapsed().as_micros();
                let response = person.press(&client, event).await.unwrap();
                assert!(matches!(response.status().as_u16(), 200 | 201));
                let entry = response.json().await.unwrap();
                Acknowledged { member: person.member, sent, answered: begun.elapsed().as_micros(), entry }
            });
        }
    }
    let history = presses.join_all().await;
    let mut stored = HashMap::new();
    for person in &people {
        let entry = site.engine.turnstile.entry(event, person.member).await.unwrap().unwrap();
        stored.insert(person.member, entry);
    }
    history::check(&history, &stored);
}

both!(a_press_on_a_sale_says_how_many);
async fn a_press_on_a_sale_says_how_many(on: On) {
    let site = Site::start(on).await;
    let creator = Actor::host(site.creator().await.member);
    let offer = Offer::Deal {
        list_price: 10_000,
        discount: 10,
        stock: 3,
        limit: 2,
        delivery: "2일 안에".into(),
        checkout: Checkout::default(),
        details: vec![],
    };
    let deal = model::EventDraft { offer, ..draft(site.engine.clock.now() + -SECOND, 3) };
    let event = site.engine.events.create(&creator, request(), deal, Pictures::default()).await.unwrap();
    let people = site.people(3).await;
    let press = async |person: usize, form: &[(&str, &str)]| {
        let request = client().post(site.url(&format!("/events/{event}/enter"))).form(form);
        let request = request.header("cookie", people[person].cookie()).header("accept", "application/json");
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json::<serde_json::Value>().await.unwrap())
    };
    for quantity in ["0", "3", "-1", "two", "99999999999"] {
        let (status, refused) = press(0, &[("quantity", quantity)]).await;
        assert_eq!((status, &refused["error"]), (422, &"quantity".into()), "{quantity}");
    }
    let (status, first) = press(0, &[("quantity", "2")]).await;
    assert_eq!(
        (status, &first["state"], &first["quantity"], &first["units"]),
        (201, &"checkout".into(), &2.into(), &2.into())
    );
    let held = first["due_at_us"].as_i64().unwrap() - first["entered_at_us"].as_i64().unwrap();
    assert_eq!(held, 10 * MINUTE.micros());
    assert_eq!(press(0, &[("quantity", "1")]).await, (200, first), "the first press counts");
    let (_, second) = press(1, &[("quantity", "2"), ("fewer", "on")]).await;
    assert_eq!((&second["units"], &second["fewer"]), (&1.into(), &true.into()));
    let (_, third) = press(2, &[]).await;
    assert_eq!((&third["state"], &third["quantity"], third.get("units")), (&"standby".into(), &1.into(), None));
    assert_eq!(engine::check(&site.engine.db).await.unwrap(), (1, vec![]));
}

both!(a_rush_keeps_every_promise, "multi_thread");
async fn a_rush_keeps_every_promise(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 50).await;
    rush(&site, event, 400).await;
    let page = site.engine.events.board(event, 1).await.unwrap();
    assert_eq!(page.total, 400);
    assert_eq!(page.entries.iter().filter(|row| row.state == EntryState::Won).count(), 50);
    assert_eq!(engine::check(&site.engine.db).await.unwrap().1, []);
}

both!(two_events_do_not_disturb_one_another, "multi_thread");
async fn two_events_do_not_disturb_one_another(on: On) {
    let site = Site::start(on).await;
    let (one, two) = (site.event(-SECOND, 10).await, site.event(-SECOND, 10).await);
    tokio::join!(rush(&site, one, 120), rush(&site, two, 120));
    assert_eq!(engine::check(&site.engine.db).await.unwrap(), (2, vec![]));
}

both!(the_check_finds_what_was_tampered_with);
async fn the_check_finds_what_was_tampered_with(on: On) {
    let site = Site::start(on).await;
    let people = site.people(4).await;
    // Each in an event of its own: what is wrong there is found by nothing else.
    for (tampering, expected) in [
        ("update entries set state = 'won' where event_id = $1 and rank = 4", "rank 4 is Won, the log makes it"),
        (
            "update entries set entered_at = entered_at + 1 where event_id = $1 and rank = 4",
            "rank 4 differs from its log record",
        ),
        (
            "update entries set member_id = (select member_id from entries where event_id = $1 and rank = 1)
             where event_id = $1 and rank = 2",
            "rank 2 is a second entry of its member",
        ),
        // Whose an entry is says nothing but its commitment, which its salt opens.
        (
            "update entries set member_id = (select creator_id from events where id = $1)
             where event_id = $1 and rank = 2",
            "rank 2 differs from its log record",
        ),
        (
            "update entries set salt = (select salt from entries where event_id = $1 and rank = 1)
             where event_id = $1 and rank = 3",
            "rank 3 differs from its log record",
        ),
        ("delete from entries where event_id = $1 and rank = 3", "rank 4 stands where rank 3 should"),
        ("update tallies set total = 9 where event_id = $1", "4 entries in the log, 4 in the table, 9 in the tally"),
        ("update event_log set count = 7 where event_id = $1", "does not hold 7 whole records"),
    ] {
        let event = site.event(-SECOND, 2).await;
        for person in &people {
            assert_eq!(person.enter(event).await.0, 201);
        }
        let wrong = async || {
            let violations = engine::check(&site.engine.db).await.unwrap().1;
            let of_it = violations.into_iter().filter(|violation| violation.event == event);
            of_it.map(|violation| violation.what).collect::<Vec<_>>()
        };
        assert_eq!(wrong().await, [""; 0]);
        let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
        assert!(tx.sql(tampering).bind(event).run().await.unwrap() > 0);
        tx.commit().await.unwrap();
        let found = wrong().await;
        assert!(found.iter().any(|what| what.contains(expected)), "{tampering}: {found:?}");
    }
}

both!(board_pages_are_aligned_and_revalidated);
async fn board_pages_are_aligned_and_revalidated(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 10).await;
    for person in site.people(130).await {
        site.engine
            .turnstile
            .enter(event, person.member, "수달".into(), site.engine.clock.now(), None, None)
            .await
            .unwrap();
    }
    let url = site.url(&format!("/events/{event}/board?from=117"));
    let response = client().get(&url).send().await.unwrap();
    let etag = response.headers()["etag"].clone();
    let page: model::BoardPage = response.json().await.unwrap();
    assert_eq!((page.total, page.entries.len(), page.entries[0].rank), (130, 30, 101));
    assert_eq!(client().get(&url).header("if-none-match", etag).send().await.unwrap().status(), 304);
    for odd in ["0", "18446744073709551615", "5000"] {
        let response = client().get(site.url(&format!("/events/{event}/board?from={odd}"))).send().await.unwrap();
        assert_eq!(response.status(), 200, "{odd}");
    }
    for bad in ["-1", "x"] {
        let response = client().get(site.url(&format!("/events/{event}/board?from={bad}"))).send().await.unwrap();
        assert_eq!(response.status(), 400, "{bad}");
    }
}
