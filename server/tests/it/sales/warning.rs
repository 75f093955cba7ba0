//! Holds that are about to end.

use super::*;
use model::{MemberId, Notice};

async fn warnings(scene: &Scene, member: MemberId) -> usize {
    let page = scene.site.engine.notices.of(&Actor::host(member), None).await.unwrap();
    page.lines.rows.iter().filter(|line| matches!(line.notice, Notice::HoldEnding { .. })).count()
}

both!(whoever_is_in_checkout_is_told_before_their_time_ends_unless_they_paid, "multi_thread");
async fn whoever_is_in_checkout_is_told_before_their_time_ends_unless_they_paid(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(3, 1, None)).await;
    let people = scene.site.people(3).await;
    for person in &people {
        assert_eq!(scene.press(person, event, 1, false).await.unwrap().state, EntryState::Checkout);
    }
    let from = scene.clock.now();
    let at = async |minutes: i64| {
        scene.clock.set(from + minutes * MINUTE);
        // Twice, and by two nodes.
        let sales = &scene.site.engine.sales;
        let (one, two) = tokio::join!(sales.warn(), sales.warn());
        assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
        sales.warn().await.unwrap();
    };
    at(4).await;
    assert_eq!(warnings(&scene, people[0].member).await, 0);
    scene.buy(&people[1], event).await;
    at(5).await;
    assert_eq!(warnings(&scene, people[0].member).await, 1);
    assert_eq!(warnings(&scene, people[1].member).await, 0, "who paid needs no hurry");
    let page = people[0].get("/notices").await.text().await.unwrap();
    assert!(page.contains("결제 시간이 곧 끝나요"), "{page}");
    let opened = people[0].open_newest_notice(&scene.site.engine).await;
    assert_eq!(opened, format!("/events/{event}/checkout"));
    at(9).await;
    at(12).await;
    assert_eq!(warnings(&scene, people[0].member).await, 1, "once");
}
