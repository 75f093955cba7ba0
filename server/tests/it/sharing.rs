//! What is passed on: QR codes, public entries, names on boards.

use crate::support::{Site, client, make_event};
use model::{BoardRow, HOUR, SECOND, nickname};
use std::time::Duration;
use testing::{On, both};

both!(an_event_is_passed_on_as_a_code_and_an_entry_as_a_page, "multi_thread");
async fn an_event_is_passed_on_as_a_code_and_an_entry_as_a_page(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let people = site.people(2).await;
    assert_eq!(people[0].enter(event).await.0, 201);
    let get = async |path: String| client().get(site.url(&path)).send().await.unwrap();
    let svg = get(format!("/events/{event}/qr.svg")).await;
    assert_eq!(svg.headers()["content-type"], "image/svg+xml");
    assert!(svg.text().await.unwrap().contains("<svg"));
    let png = get(format!("/events/{event}/qr.png")).await;
    assert_eq!(png.headers()["content-type"], "image/png");
    let picture = image::load_from_memory(&png.bytes().await.unwrap()).unwrap().into_luma8();
    // The corner's finder pattern: four light modules, then seven dark ones.
    assert_eq!(
        (picture.get_pixel(63, 64).0, picture.get_pixel(64, 64).0, picture.get_pixel(175, 64).0),
        ([255], [0], [0])
    );
    let page = get(format!("/events/{event}/entries/1")).await.text().await.unwrap();
    assert!(page.contains("og:title") && page.contains("1위 +"), "{page}");
    for nothing in
        [format!("/events/{event}/entries/2"), format!("/events/{event}/entries/x"), "/events/x/qr.svg".into()]
    {
        let status = get(nothing.clone()).await.status();
        assert_eq!(status, if nothing.contains("/x/") { 400 } else { 404 }, "{nothing}");
    }
}

both!(a_masked_nickname_is_masked_everywhere_at_once, "multi_thread");
async fn a_masked_nickname_is_masked_everywhere_at_once(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let person = site.people(1).await.remove(0);
    // The room is open while they enter.
    let room = site.engine.rooms.open(event).await.unwrap();
    assert_eq!(person.enter(event).await.0, 201);
    let shown = async || -> BoardRow {
        for _ in 0..200 {
            if let Some(row) = room.state().top.first() {
                return row.clone();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("nobody is shown");
    };
    let whole = shown().await.nickname;
    assert_eq!(client().post(site.url("/my/masked")).send().await.unwrap().status(), 401);
    assert_eq!(person.post("/my/masked", &[("masked", "yes")]).await.status(), 303);
    let board = site.engine.events.board(event, 1).await.unwrap();
    assert_eq!(board.entries[0].nickname, nickname::mask(&whole));
    for _ in 0..200 {
        if shown().await.nickname != whole {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(shown().await.nickname, nickname::mask(&whole), "the open room follows");
    assert_eq!(person.post("/my/masked", &[]).await.status(), 303);
    assert_eq!(site.engine.events.board(event, 1).await.unwrap().entries[0].nickname, whole);
}

both!(the_first_seconds_are_counted_from_the_entries_themselves, "multi_thread");
async fn the_first_seconds_are_counted_from_the_entries_themselves(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -4 * SECOND, 5).await;
    let opens_at = site.engine.turnstile.event(event).await.unwrap().terms.moments.opens_at;
    let members = site.people(40).await;
    let enter = async |from: usize, to: usize, second: i64| {
        for (i, person) in members[from..to].iter().enumerate() {
            let at = opens_at + second * SECOND + i as i64;
            site.engine.turnstile.enter(event, person.member, "수달".into(), at, None).await.unwrap();
        }
    };
    enter(0, 20, 0).await;
    let room = site.engine.rooms.open(event).await.unwrap();
    enter(20, 25, 0).await;
    enter(25, 40, 3).await;
    for _ in 0..200 {
        if room.state().total == 40 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(room.state().pulse, [25, 0, 0, 15]);
    let again = site.engine.analytics.counts(event, 40, opens_at, SECOND, 60).await.unwrap();
    assert_eq!(again, [25, 0, 0, 15]);
    assert_eq!(site.engine.analytics.counts(event, 40, opens_at, HOUR, 60).await.unwrap(), [40]);
    let page = client().get(site.url(&format!("/events/{event}"))).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("class=\"pulse\""));
}
