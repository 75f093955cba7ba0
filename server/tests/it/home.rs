//! The home page: what everybody sees of it, and what concerns one member alone.

use crate::{
    sales::{Scene, deal, ticket},
    support::{Person, client, draft, request},
};
use engine::{accounts::Actor, events::Pictures};
use model::{
    DAY, EventDraft, EventId, HOUR, Home, MINUTE, Near, PartyDraft, PartyId,
    parties::{Action, Meeting},
};
use testing::{On, both};

async fn home(scene: &Scene, reader: &Actor) -> Home {
    scene.site.engine.pages.home(reader).await.unwrap()
}

async fn page(scene: &Scene, who: Option<&Person>) -> String {
    let answer = match who {
        Some(person) => person.get("/").await,
        None => client().get(scene.site.url("/")).header("accept", "text/html").send().await.unwrap(),
    };
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

async fn make(scene: &Scene, draft: EventDraft) -> EventId {
    let seller = Actor::host(scene.seller.member);
    scene.site.engine.events.create(&seller, request(), draft, Pictures::default()).await.unwrap()
}

fn ids(cards: &[model::SaleCard]) -> Vec<EventId> {
    cards.iter().map(|sale| sale.event.id).collect()
}

both!(where_many_are_and_what_closes_soon_stand_on_the_home_page, "multi_thread");
async fn where_many_are_and_what_closes_soon_stand_on_the_home_page(on: On) {
    let scene = Scene::new(on).await;
    // Nothing is shown empty; whoever lives nowhere is invited.
    let empty = page(&scene, None).await;
    for heading in ["지금 붐비는 곳", "곧 마감해요", "나를 기다려요", "관심 있는 것 중에", "오늘의 타임딜"]
    {
        assert!(!empty.contains(heading), "{heading}");
    }
    assert!(empty.contains("우리 동네 파티") && empty.contains("동네 둘러보기"));
    let now = scene.clock.now();
    let soon = make(&scene, draft(now - MINUTE, 3)).await;
    let busy = make(&scene, EventDraft { closes_at: now + 2 * DAY, ..draft(now - MINUTE, 3) }).await;
    let people = scene.site.people(3).await;
    for person in &people {
        person.enter(busy).await;
    }
    // It is remembered for a few seconds where many are.
    testing::eventually("both are shown", async || {
        let home = home(&scene, &Actor::Visitor).await;
        ids(&home.popular) == [busy] && ids(&home.closing) == [soon]
    })
    .await;
    let page = page(&scene, None).await;
    assert!(page.contains("지금 붐비는 곳") && page.contains("3명") && page.contains("곧 마감해요"));
    // What is open for everybody is there in the same moment; what was called off is not.
    let next = make(&scene, draft(now + HOUR, 3)).await;
    assert_eq!(home(&scene, &Actor::Visitor).await.next[0].id, next);
    scene.site.engine.events.cancel(&Actor::host(scene.seller.member), next, "비가 와요").await.unwrap();
    assert!(home(&scene, &Actor::Visitor).await.next.is_empty());
    // Nothing of who is suspended is listed; its page is still there.
    let suspend = async |at: Option<i64>| {
        let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
        let suspend = tx.sql("update members set suspended_at = $2 where id = $1");
        suspend.bind(scene.seller.member).bind(at).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    suspend(Some(1)).await;
    let hidden = home(&scene, &Actor::Visitor).await;
    assert!(hidden.open.is_empty() && hidden.popular.is_empty() && hidden.closing.is_empty());
    let address = scene.site.url(&format!("/events/{busy}"));
    assert_eq!(client().get(address).header("accept", "text/html").send().await.unwrap().status(), 200);
    suspend(None).await;
    // Many at once are answered, and alike.
    let engine = &scene.site.engine;
    let all = futures::future::join_all((0..50).map(|_| engine.pages.home(&Actor::Visitor))).await;
    assert!(all.into_iter().all(|home| home.unwrap().open.len() == 2));
}

both!(the_home_page_has_what_waits_for_its_reader, "multi_thread");
async fn the_home_page_has_what_waits_for_its_reader(on: On) {
    let scene = Scene::new(on).await;
    let engine = &scene.site.engine;
    let people = scene.site.neighbours(2).await;
    let (person, leader) = (&people[0], &people[1]);
    let reader = Actor::host(person.member);
    assert!(home(&scene, &reader).await.mine.is_empty());
    // Units are held for them, and they wish for what is to come.
    let held = scene.sale(deal(3, 2, None)).await;
    scene.press(person, held, 1, false).await.unwrap();
    let to_come = make(&scene, draft(scene.clock.now() + HOUR, 3)).await;
    let over = make(&scene, draft(scene.clock.now() - 2 * DAY, 3)).await;
    let shelved = scene.sale(ticket(scene.clock.now() + 9 * DAY, 20_000)).await;
    for event in [to_come, over, shelved] {
        engine.wishes.set(&reader, event, true).await.unwrap();
    }
    // A party that meets tomorrow, around where they live.
    let markets =
        "name,kind,address,latitude,longitude\n한마음마트,hypermarket,서울 성동구 성수이로 1,37.5446,127.0559\n";
    engine.markets.import_markets(&Actor::System, markets.as_bytes()).await.unwrap();
    engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let from = scene.clock.now() + DAY;
    let around = model::Coordinates { latitude: 37.5446, longitude: 127.0559 };
    let party = PartyDraft {
        market: engine.markets.near(around, 10, 5).await.unwrap()[0].0.id,
        item: engine.markets.suggest("올리브").await.unwrap()[0].id,
        quantity: 4,
        unit: "통".into(),
        total: 10_000,
        wanted: 4,
        own: 1,
        least: 2,
        automatic: true,
        meets: Meeting { from, to: from + HOUR },
        note: String::new(),
    };
    let party: PartyId = engine.parties.create(&Actor::host(leader.member), request(), &party).await.unwrap();
    assert_eq!(home(&scene, &reader).await.near, Near::Nowhere);
    engine.parties.set_home(&reader, "37.55", "127.05").await.unwrap();
    engine.parties.act(&reader, party, &Action::Request { shares: 1 }).await.unwrap();
    let mine = home(&scene, &reader).await;
    assert_eq!(mine.mine.turns.iter().map(|turn| turn.event).collect::<Vec<_>>(), [held]);
    assert_eq!(mine.mine.meeting.as_ref().map(|card| card.id), Some(party));
    assert_eq!(ids(&mine.mine.wishes), [shelved, to_come], "what is over is not");
    let Near::Around { km: 10, parties } = &mine.near else { panic!("{:?}", mine.near) };
    assert_eq!(parties.iter().map(|card| card.id).collect::<Vec<_>>(), [party]);
    // Hearts are the reader's own, on what everybody is shown.
    assert_eq!(mine.tickets.iter().map(|sale| sale.wished).collect::<Vec<_>>(), [true]);
    assert!(home(&scene, &Actor::Visitor).await.tickets.iter().all(|sale| !sale.wished));
    let shown = page(&scene, Some(person)).await;
    for text in ["나를 기다려요", "관심 있는 것 중에", "올리브유 5L", "10km"] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!shown.contains("동네 둘러보기"));
    // Another sees nothing of it, and what was held is gone when its time is over.
    let other = home(&scene, &Actor::host(leader.member)).await;
    assert!(other.mine.turns.is_empty() && other.mine.wishes.is_empty(), "{:?}", other.mine);
    scene.clock.set(scene.clock.now() + 11 * MINUTE);
    assert!(home(&scene, &reader).await.mine.turns.is_empty());
}
