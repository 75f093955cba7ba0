//! What creators see of how it went, and everybody of the first seconds.

use crate::support::{START, Site, client, giveaway::party, make_event};
use engine::accounts::Actor;
use model::{Curves, HOUR, MICROSECOND, Reason, SECOND};
use testing::{On, both, eventually, eventually_some};

both!(refused_clicks_are_counted_by_reason, "multi_thread");
async fn refused_clicks_are_counted_by_reason(on: On) {
    let party = party(on, 1, 2).await;
    let late = party.site.people(1).await.remove(0);
    assert_eq!(party.creator.press(&client(), party.event).await.unwrap().status(), 403);
    party.clock.set(START + 2 * HOUR);
    for _ in 0..3 {
        assert_eq!(late.press(&client(), party.event).await.unwrap().status(), 409);
    }
    let engine = &party.site.engine;
    // Written once a second by its own task.
    let sum = |curves: &Curves, reason| -> u64 {
        curves.refused.iter().filter(|(of, _)| *of == reason).flat_map(|(_, points)| points).map(|(_, n)| n).sum()
    };
    let curves = eventually_some("three late clicks and one of the creator's are written", async || {
        let curves = engine.analytics.of(&Actor::host(party.creator.member), party.event).await.unwrap();
        ((sum(&curves, Reason::Closed), sum(&curves, Reason::OwnEvent)) == (3, 1)).then_some(curves)
    })
    .await;
    assert_eq!(curves.entries, [(1, 1), (2, 1)]);
    assert!(engine.analytics.of(&Actor::host(late.member), party.event).await.is_err(), "for the creator alone");
    let page = party.creator.get(&format!("/creator/events/{}", party.event)).await.text().await.unwrap();
    assert!(page.contains("거절된 클릭") && page.contains("<path d=\"M"));
    let pulse = party.creator.get(&format!("/events/{}/pulse", party.event)).await;
    assert_eq!(
        (pulse.status().as_u16(), &pulse.headers()["cache-control"]),
        (200, &"private, no-store".parse().unwrap())
    );
}

both!(the_first_seconds_are_counted_from_the_entries_themselves, "multi_thread");
async fn the_first_seconds_are_counted_from_the_entries_themselves(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -4 * SECOND, 5).await;
    let opens_at = site.engine.turnstile.event(event).await.unwrap().rules.moments.opens_at;
    let members = site.people(40).await;
    let enter = async |from: usize, to: usize, second: i64| {
        for (i, person) in members[from..to].iter().enumerate() {
            let at = opens_at + second * SECOND + i as i64 * MICROSECOND;
            site.engine.turnstile.enter(event, person.member, "수달".into(), at, None, None).await.unwrap();
        }
    };
    enter(0, 20, 0).await;
    let room = site.engine.rooms.open(event).await.unwrap();
    enter(20, 25, 0).await;
    enter(25, 40, 3).await;
    eventually("the room shows them all", async || room.state().total == 40).await;
    assert_eq!(room.state().pulse, [25, 0, 0, 15]);
    let again = site.engine.analytics.counts(event, 40, opens_at, SECOND, 60).await.unwrap();
    assert_eq!(again, [25, 0, 0, 15]);
    assert_eq!(site.engine.analytics.counts(event, 40, opens_at, HOUR, 60).await.unwrap(), [40]);
    let page = client().get(site.url(&format!("/events/{event}"))).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("class=\"pulse\""));
}
