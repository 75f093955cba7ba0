//! What is passed on: QR codes, public entries.

use crate::support::{Site, client};
use model::SECOND;
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
    let room = site.url(&format!("/events/{event}"));
    assert_eq!(svg.text().await.unwrap(), server::inside::qr_code(&room).unwrap());
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
