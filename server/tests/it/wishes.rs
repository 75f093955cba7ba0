//! What members wish for.

use crate::{
    rights::{cases, reads},
    sales::shelves::{deal, make},
    support::{Person, Site, make_event, request},
};
use engine::{accounts::Actor, events::Pictures};
use model::{Category, DealsQuery, HOUR, MINUTE};
use testing::{On, both};

reads! {
    "/my/wishes" => 401, 200;
}

cases! {
    // Everybody may wish for what is public.
    "set-wish", [("wished", "yes")] => 200;
}

both!(wishes_are_noted_counted_and_taken_back);
async fn wishes_are_noted_counted_and_taken_back(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make(&site, creator.member, deal(site.engine.clock.now() + MINUTE, HOUR, Category::Food)).await;
    let gift = make_event(&site.engine, creator.member, HOUR, 3).await;
    let people = site.people(3).await;
    let id = event.to_string();
    let wish = async |person: &Person, event: &str, wished: &str| {
        person.call("set-wish", &[("event", event), ("wished", wished)]).await
    };
    let seen = async |person: &Person| {
        let deals = site.engine.events.deals(&Actor::host(person.member), DealsQuery::default()).await.unwrap();
        // It may be the last minute of a day.
        deals.cards.rows.first().map(|sale| (sale.wishes, sale.wished))
    };
    for person in &people {
        // However often.
        assert_eq!((wish(person, &id, "yes").await, wish(person, &id, "yes").await), (200, 200));
    }
    assert!(matches!(seen(&people[0]).await, None | Some((3, true))));
    assert!(matches!(seen(&creator).await, None | Some((3, false))));
    assert_eq!(wish(&people[0], &id, "no").await, 200);
    assert_eq!(site.engine.wishes.of_event(&Actor::host(people[0].member), event).await.unwrap(), (2, false));
    assert_eq!(site.engine.wishes.of_event(&Actor::Visitor, event).await.unwrap(), (2, false));
    // By the room's own button, without scripts: back where one was, with the words.
    let room = format!("/events/{gift}");
    let pressed = people[0].change(&room, "set-wish", &[("event", &gift.to_string()), ("wished", "yes")]).await;
    assert_eq!((pressed.status().as_u16(), pressed.headers()["location"].to_str().unwrap()), (303, room.as_str()));
    let page = people[0].get(&room).await.text().await.unwrap();
    assert!(page.contains("찜했어요") && page.contains("aria-pressed=\"true\""));
    let mine = people[0].get("/my/wishes").await.text().await.unwrap();
    assert!(mine.contains("따끈한 겨울 머그") && !mine.contains("14,850원"));
    // Not what nobody may see, and not what cannot come true.
    let hidden = deal(site.engine.clock.now() + MINUTE, HOUR, Category::Food);
    let host = Actor::host(creator.member);
    let hidden = site.engine.events.create_draft(&host, request(), hidden, Pictures::default()).await.unwrap();
    assert_eq!(wish(&people[1], &hidden.to_string(), "yes").await, 404);
    assert_eq!(wish(&people[1], "nothing", "yes").await, 404);
    site.engine.events.cancel(&host, event, "가마가 식었어요").await.unwrap();
    assert_eq!((wish(&people[0], &id, "yes").await, wish(&people[1], &id, "no").await), (409, 200));
}
