//! What members hear of: the page of it, keywords and categories, and what is told when something is new.

use crate::rights::{cases, reads};
use crate::support::{Person, Site, client, draft, make_event, request};
use engine::{accounts::Actor, events::Pictures};
use model::{Category, HOUR, Notice};
use testing::{On, both, eventually};

reads! {
    "/my/subscriptions" => 401, 200;
}

cases! {
    "save-categories", [("category", "food")] => 200;
    "add-category", [("category", "food")] => 200;
    "add-keyword", [("keyword", "겨울 머그")] => 200;
    "remove-keyword", [("keyword", "겨울 머그")] => 200;
}

const PAGE: &str = "/my/subscriptions";

async fn told(site: &Site, person: &Person) -> Vec<Notice> {
    let page = site.engine.notices.of(&Actor::host(person.member), None).await.unwrap();
    page.lines.rows.into_iter().map(|line| line.notice).collect()
}

both!(subscriptions_are_kept_on_one_page_without_scripts, "multi_thread");
async fn subscriptions_are_kept_on_one_page_without_scripts(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    let of = async || site.engine.subscriptions.of(&Actor::host(person.member)).await.unwrap();
    let form = [("category", "food"), ("category", "pets")];
    assert_eq!(person.change(PAGE, "save-categories", &form).await.status(), 303);
    assert_eq!(of().await.categories, [Category::Food, Category::Pets]);
    // One more from the shelf, and none of what there is not.
    assert_eq!(person.change("/deals", "add-category", &[("category", "living")]).await.status(), 303);
    assert_eq!(person.call("add-category", &[("category", "weapons")]).await, 400);
    assert_eq!(person.call("save-categories", &[("category", "food"), ("category", "weapons")]).await, 400);
    assert_eq!(of().await.categories, [Category::Food, Category::Living, Category::Pets]);
    // The same keyword, however it is written, is one.
    for typed in ["겨울 머그", "겨울머그", " 겨울  머그 "] {
        assert_eq!(person.change(PAGE, "add-keyword", &[("keyword", typed)]).await.status(), 303);
    }
    assert_eq!(of().await.keywords, ["겨울 머그"]);
    for bad in ["", "수", "!?", "\u{200B}\u{3164}", &"가".repeat(21), &"a".repeat(9999)] {
        let answer = person.change(PAGE, "add-keyword", &[("keyword", bad)]).await;
        assert_eq!(answer.status(), 422, "{bad:?}");
    }
    let refused = person.change(PAGE, "add-keyword", &[("keyword", "수")]).await.text().await.unwrap();
    assert!(refused.contains("2자 이상 적어 주세요"), "{refused}");
    let strange = "<b>&form=1#x";
    assert_eq!(person.change(PAGE, "add-keyword", &[("keyword", strange)]).await.status(), 303);
    let page = person.get(PAGE).await.text().await.unwrap();
    assert!(page.contains("겨울 머그") && page.contains("&lt;b&gt;") && !page.contains("<b>&form"), "{page}");
    assert_eq!(person.change(PAGE, "remove-keyword", &[("keyword", strange)]).await.status(), 303);
    assert_eq!(of().await.keywords, ["겨울 머그"]);
    // So many and no more.
    for number in 1..20 {
        assert_eq!(person.call("add-keyword", &[("keyword", &format!("머그 {number}"))]).await, 200);
    }
    assert_eq!(person.call("add-keyword", &[("keyword", "하나 더")]).await, 409);
    assert_eq!(person.call("add-keyword", &[("keyword", "머그 7")]).await, 200, "one that is there is no further one");
    assert_eq!(of().await.keywords.len(), 20);
    let full = person.get(PAGE).await.text().await.unwrap();
    assert!(full.contains("20/20") && !full.contains("새 키워드"));
    // Everything taken back, a wish as well.
    let creator = site.creator().await;
    let id = make_event(&site.engine, creator.member, HOUR, 3).await.to_string();
    assert_eq!(person.call("set-wish", &[("event", &id), ("wished", "yes")]).await, 200);
    assert_eq!(of().await.wishes.len(), 1);
    let page = person.get(PAGE).await.text().await.unwrap();
    assert!(page.contains("찜하기: 따끈한 겨울 머그"), "{page}");
    assert_eq!(person.change(PAGE, "set-wish", &[("event", &id), ("wished", "no")]).await.status(), 303);
    assert_eq!(of().await.wishes, []);
    assert_eq!(person.change(PAGE, "save-categories", &[]).await.status(), 303);
    assert_eq!(of().await.categories, []);
    let visitor = client().post(site.url("/api/add-keyword")).form(&[("keyword", "머그")]).send().await.unwrap();
    assert_eq!(visitor.status(), 401);
}

both!(what_is_new_is_told_to_those_who_look_for_it, "multi_thread");
async fn what_is_new_is_told_to_those_who_look_for_it(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let people = site.people(3).await;
    assert_eq!(people[0].call("add-keyword", &[("keyword", "겨울머그")]).await, 200);
    assert_eq!(people[1].call("add-category", &[("category", "living")]).await, 200);
    assert_eq!(people[1].call("add-keyword", &[("keyword", "머그")]).await, 200);
    assert_eq!(people[2].call("add-keyword", &[("keyword", "찻잔")]).await, 200);
    assert_eq!(creator.call("add-category", &[("category", "living")]).await, 200);
    let host = Actor::host(creator.member);
    // A draft is nobody's news.
    let hidden = draft(site.engine.clock.now() + HOUR, 3);
    site.engine.events.create_draft(&host, request(), hidden, Pictures::default()).await.unwrap();
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    for person in &people[..2] {
        eventually("they are told", async || matches!(told(&site, person).await[..], [Notice::NewEvent { .. }])).await;
    }
    let page = people[0].get("/notices").await.text().await.unwrap();
    assert!(page.contains("새로 올라온 ‘따끈한 겨울 머그’"), "{page}");
    assert_eq!(people[0].open_newest_notice(&site.engine).await, format!("/events/{event}"));
    assert!(page.contains(PAGE));
    for person in [&people[2], &creator] {
        assert_eq!(told(&site, person).await, []);
    }
    // Whoever wishes for it is told when it is called off, though nobody has entered.
    let id = event.to_string();
    assert_eq!(people[2].call("set-wish", &[("event", &id), ("wished", "yes")]).await, 200);
    let mine = people[2].get(PAGE).await.text().await.unwrap();
    assert!(mine.contains("따끈한 겨울 머그") && mine.contains("찜한 것 1개 모두 보기"));
    site.engine.events.cancel(&host, event, "가마가 식었어요").await.unwrap();
    let off = Notice::Cancelled { reason: "가마가 식었어요".into() };
    eventually("they are told of that", async || told(&site, &people[2]).await == [off.clone()]).await;
    assert_eq!(told(&site, &creator).await, []);
}
