//! The creator's form, drafts and copies.

use crate::rights::{cases, reads};
use crate::support::{
    Person, ROUNDS, Site, client, draft,
    events::{form, png, send, send_to},
    make_event, request,
};
use engine::{accounts::Actor, events::Pictures};
use model::{EventId, HOUR, Stage};
use reqwest::multipart::Part;
use testing::{On, both, eventually};
use tokio::task::JoinSet;

reads! {
    "/" => 200, 200;
    "/creators/{host}" => 200, 200;
    "/events/{event}/changes" => 200, 200;
    "/events/{event}/share" => 200, 200;
    // Whoever is no creator reads how to become one.
    "/creator" => 200, 200;
    "/creator/new" => 200, 200;
    "/creator/events/{event}/edit" => 200, 403;
}

cases! {
    // Their own to make; what is typed here is not enough for one.
    "create-event", [] => 422;
    "edit-event", [] => 403;
    "cancel-event", [("reason", "싫어요")] => 403;
    // No demonstration.
    "send-crowd", [] => 404;
}

both!(an_event_with_a_picture_is_made_once_however_often_it_is_sent);
async fn an_event_with_a_picture_is_made_once_however_often_it_is_sent(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let id = request().to_string();
    let picture = || Part::bytes(png()).file_name("mug.png");
    let first = send(&creator, form(&site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(first.status(), 303);
    let address = first.headers()["location"].to_str().unwrap().to_owned();
    let again = send(&creator, form(&site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(again.headers()["location"].to_str().unwrap(), address);
    let page = creator.get(&address).await.text().await.unwrap();
    let picture = page.split("/pictures/").nth(1).unwrap().split('"').next().unwrap();
    let response = client().get(site.url(&format!("/pictures/{picture}"))).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    assert!(image::load_from_memory(&response.bytes().await.unwrap()).is_ok());
    assert_eq!(
        site.engine.events.of_creator(&Actor::host(creator.member), Stage::All, None).await.unwrap().events.rows.len(),
        1
    );
}

both!(bad_input_is_marked_shown_again_and_changes_nothing);
async fn bad_input_is_marked_shown_again_and_changes_nothing(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let past = (site.engine.clock.now() - HOUR).to_local();
    let long = "가".repeat(121);
    for (field, value) in [
        ("title", "x"),
        ("summary", long.as_str()),
        ("category", "weapons"),
        ("opens_at", past.as_str()),
        ("opens_at", "soon"),
        ("closes_at", past.as_str()),
        ("prize_winners", "0"),
        ("prize_winners", "-3"),
        ("prize_winners", "999999999999999999999"),
        ("prize_name", ""),
        ("entry_code", "x"),
        ("request", "not-an-id"),
    ] {
        let response = send(&creator, form(&site, &[(field, value)])).await;
        let expected = if field == "request" { 400 } else { 422 };
        assert_eq!(response.status(), expected, "{field}={value}");
        let page = response.text().await.unwrap();
        assert!(page.contains("손으로 빚은 머그") || field == "summary", "what was typed is there again: {field}");
    }
    let not_a_picture = form(&site, &[]).part("picture", Part::bytes(b"GIF89a nonsense".to_vec()).file_name("x.png"));
    assert_eq!(send(&creator, not_a_picture).await.status(), 422);
    let too_large = form(&site, &[]).part("picture", Part::bytes(vec![0u8; 11 << 20]).file_name("x.png"));
    assert_eq!(send(&creator, too_large).await.status(), 422);
    assert_eq!(
        site.engine.events.of_creator(&Actor::host(creator.member), Stage::All, None).await.unwrap().events.rows,
        []
    );
}

both!(only_creators_make_events_and_only_owners_cancel_them);
async fn only_creators_make_events_and_only_owners_cancel_them(on: On) {
    let site = Site::start(on).await;
    let shopper = site.people(1).await.remove(0);
    assert_eq!(send(&shopper, form(&site, &[])).await.status(), 403);
    let nobody =
        client().post(site.url("/creator/new?do=create-event")).multipart(form(&site, &[])).send().await.unwrap();
    assert_eq!(nobody.headers()["location"].to_str().unwrap(), "/sign-in?next=%2Fcreator%2Fnew&do=create-event");
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let (path, id) = (format!("/events/{event}"), event.to_string());
    let cancel = async |person: &Person, reason: &str| {
        person.change(&path, "cancel-event", &[("event", &id), ("reason", reason)]).await.status()
    };
    assert_eq!(cancel(&shopper, "싫어요").await, 403);
    assert_eq!(cancel(&creator, "").await, 422);
    assert_eq!(cancel(&creator, "가마가 식었어요").await, 303);
    let page = creator.get(&format!("/events/{event}")).await.text().await.unwrap();
    assert!(page.contains("가마가 식었어요"));
    assert_eq!(cancel(&creator, "또 취소").await, 409);
}

both!(a_draft_needs_a_title_and_publishing_asks_for_the_rest);
async fn a_draft_needs_a_title_and_publishing_asks_for_the_rest(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let empty = ["summary", "category", "prize_name", "prize_winners", "opens_at", "closes_at", "description"];
    let only = |title: &'static str, save: &'static str| {
        let fields: Vec<_> = empty.iter().map(|name| (*name, "")).chain([("title", title), ("save", save)]).collect();
        form(&site, &fields)
    };
    assert_eq!(send(&creator, only("", "draft")).await.status(), 422);
    assert_eq!(send(&creator, only("겨울 머그", "publish")).await.status(), 422);
    let drafted = send(&creator, only("겨울 머그", "draft")).await;
    assert_eq!(drafted.status(), 303);
    let edit = drafted.headers()["location"].to_str().unwrap().to_owned();
    assert!(creator.get(&edit).await.text().await.unwrap().contains("겨울 머그"));
    // Half of a prize stays as it was typed; and it is listed.
    let half = [("save", "draft"), ("prize_name", "원두"), ("prize_winners", ""), ("opens_at", "2020-01-01T20:00")];
    assert_eq!(send_to(&creator, &edit, form(&site, &half)).await.status(), 303);
    let page = creator.get(&edit).await.text().await.unwrap();
    assert!(page.contains("원두") && page.contains("2020-01-01T20:00"));
    assert!(creator.get("/creator").await.text().await.unwrap().contains("따끈한 겨울 머그"));
    let refused = send_to(&creator, &edit, form(&site, &[("prize_name", "원두"), ("prize_winners", "")])).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(send_to(&creator, &edit, only("겨울 머그", "publish")).await.status(), 422);
    assert_eq!(send_to(&creator, &edit, form(&site, &[])).await.status(), 303);
    let (_, violations) = engine::check(&site.engine.db).await.unwrap();
    assert_eq!(violations, []);
}

both!(a_draft_is_its_creators_alone_until_it_is_published);
async fn a_draft_is_its_creators_alone_until_it_is_published(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let drafted = send(&creator, form(&site, &[("save", "draft")])).await;
    assert_eq!(drafted.status(), 303);
    let edit = drafted.headers()["location"].to_str().unwrap().to_owned();
    let event: EventId = edit.split('/').nth(3).unwrap().parse().unwrap();
    let room = format!("/events/{event}");
    let stranger = site.people(1).await.remove(0);
    assert_eq!(stranger.get(&room).await.status(), 404);
    assert_eq!(stranger.press(&client(), event).await.unwrap().status(), 404);
    let host = Actor::host(creator.member);
    let list = |stage| site.engine.events.of_creator(&host, stage, None);
    assert_eq!(list(Stage::Drafts).await.unwrap().counts, [1, 1, 0, 0, 0, 0]);
    // Changed as often as one likes, without a notice to anybody; then published once.
    assert_eq!(send_to(&creator, &edit, form(&site, &[("save", "draft"), ("title", "식은 머그")])).await.status(), 303);
    let published = send_to(&creator, &edit, form(&site, &[("save", "publish")])).await;
    assert_eq!(published.headers()["location"].to_str().unwrap(), room);
    assert_eq!(stranger.get(&room).await.status(), 200);
    assert_eq!(site.engine.events.revisions(event, None).await.unwrap().rows, []);
    assert_eq!(list(Stage::Upcoming).await.unwrap().events.rows.len(), 1);
    // The turnstile hears of it a moment later.
    eventually("the turnstile knows it", async || stranger.press(&client(), event).await.unwrap().status() == 425)
        .await;
}

both!(an_event_like_another_starts_with_all_of_it_but_its_times);
async fn an_event_like_another_starts_with_all_of_it_but_its_times(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let picture = Part::bytes(png()).file_name("mug.png");
    let made = send(&creator, form(&site, &[]).part("picture", picture)).await;
    let event: EventId = made.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let like = format!("/creator/new?like={event}");
    let page = creator.get(&like).await.text().await.unwrap();
    assert!(page.contains("손으로 빚은 머그") && page.contains(&format!("value=\"{event}\"")));
    let id = event.to_string();
    let copied = send(&creator, form(&site, &[("like", id.as_str())])).await;
    let copy: EventId = copied.headers()["location"].to_str().unwrap().rsplit('/').next().unwrap().parse().unwrap();
    let [a, b] = [
        site.engine.events.view(event, &Actor::Visitor).await.unwrap(),
        site.engine.events.view(copy, &Actor::Visitor).await.unwrap(),
    ];
    assert!(a.card.card.is_some() && a.card.card == b.card.card && a.card.id != b.card.id);
    // Nobody else's event is copied, drafts least of all.
    let other = site.creator().await;
    assert_eq!(other.get(&like).await.status(), 403);
    assert_eq!(send(&other, form(&site, &[("like", id.as_str())])).await.status(), 403);
    // Everybody sees who runs it, and what else they do.
    let page = client().get(site.url(&format!("/creators/{}", creator.member))).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("수달상점") && page.matches("따끈한 겨울 머그").count() >= 2);
    assert_eq!(client().get(site.url("/creators/nobody")).send().await.unwrap().status(), 404);
}

both!(a_form_sent_many_times_at_once_creates_once, "multi_thread");
async fn a_form_sent_many_times_at_once_creates_once(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await.member;
    for _ in 0..ROUNDS {
        let (request, opens_at) = (request(), site.engine.clock.now() + HOUR);
        let mut creating = JoinSet::new();
        for _ in 0..8 {
            let events = site.engine.events.clone();
            let made = async move {
                events.create(&Actor::host(creator), request, draft(opens_at, 3), Pictures::default()).await
            };
            creating.spawn(made);
        }
        let mut made: Vec<EventId> = creating.join_all().await.into_iter().map(Result::unwrap).collect();
        made.dedup();
        assert_eq!(made.len(), 1);
    }
}
