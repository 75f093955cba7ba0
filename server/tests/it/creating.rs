//! The creator's form.

use crate::support::{Person, Site, client, request};
use engine::accounts::Actor;
use engine::clock::Clock;
use model::{DAY, EntryState, EventId, HOUR, MINUTE, Notice, Stage, Time};
use reqwest::multipart::{Form, Part};
use std::io::Cursor;
use testing::{On, both};

pub fn form(site: &Site, changes: &[(&'static str, &str)]) -> Form {
    let opens = site.engine.clock.now() + HOUR;
    let mut fields = vec![
        ("request", request().to_string()),
        ("title", "따끈한 겨울 머그".to_owned()),
        ("summary", "손으로 빚은 머그".to_owned()),
        ("category", "living".to_owned()),
        ("prize_name", "머그".to_owned()),
        ("prize_kind", "goods".to_owned()),
        ("prize_winners", "10".to_owned()),
        ("opens_at", opens.to_local()),
        ("closes_at", (opens + 10 * MINUTE).to_local()),
        ("description", "**머그**".to_owned()),
        ("rules", String::new()),
        ("entry_code", String::new()),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, (*value).to_owned()));
    }
    fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value))
}

pub async fn send(person: &Person, form: Form) -> reqwest::Response {
    send_to(person, "/creator/new", form).await
}

async fn send_to(person: &Person, path: &str, form: Form) -> reqwest::Response {
    let request = client().post(format!("http://{}{path}", person.address)).multipart(form);
    request.header("cookie", person.cookie()).header("accept", "text/html").send().await.unwrap()
}

pub fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 48).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
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
    let nobody = client().post(site.url("/creator/new")).multipart(form(&site, &[])).send().await.unwrap();
    assert_eq!(nobody.headers()["location"].to_str().unwrap(), "/sign-in?next=/creator/new");
    let creator = site.creator().await;
    let event = crate::support::make_event(&site.engine, creator.member, HOUR, 3).await;
    let path = format!("/events/{event}/cancel");
    assert_eq!(shopper.post(&path, &[("reason", "싫어요")]).await.status(), 403);
    assert_eq!(creator.post(&path, &[("reason", "")]).await.status(), 422);
    assert_eq!(creator.post(&path, &[("reason", "가마가 식었어요")]).await.status(), 303);
    let page = creator.get(&format!("/events/{event}")).await.text().await.unwrap();
    assert!(page.contains("가마가 식었어요"));
    assert_eq!(creator.post(&path, &[("reason", "또 취소")]).await.status(), 409);
}

fn edit_of(event: impl std::fmt::Display) -> String {
    format!("/creator/events/{event}/edit")
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
    // Changed as often as one likes, and nobody is told; then published once.
    assert_eq!(send_to(&creator, &edit, form(&site, &[("save", "draft"), ("title", "식은 머그")])).await.status(), 303);
    let published = send_to(&creator, &edit, form(&site, &[("save", "publish")])).await;
    assert_eq!(published.headers()["location"].to_str().unwrap(), room);
    assert_eq!(stranger.get(&room).await.status(), 200);
    assert_eq!(site.engine.events.revisions(event).await.unwrap(), []);
    assert_eq!(list(Stage::Upcoming).await.unwrap().events.rows.len(), 1);
    // The turnstile hears of it a moment later.
    for _ in 0..200 {
        if stranger.press(&client(), event).await.unwrap().status() == 425 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the turnstile does not know it");
}

both!(everything_may_change_until_it_opens_and_every_change_is_seen);
async fn everything_may_change_until_it_opens_and_every_change_is_seen(on: On) {
    let (clock, start) = (Clock::manual(Time(1_795_258_800_000_000)), Time(1_795_258_800_000_000));
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = crate::support::make_event(&site.engine, creator.member, HOUR, 3).await;
    let edit = edit_of(event);
    let stranger = site.people(1).await.remove(0);
    {
        let foreign = &site.creator().await;
        assert_eq!(send_to(foreign, &edit, form(&site, &[])).await.status(), 403);
        assert_eq!(foreign.get(&edit).await.status(), 403);
    }
    let later = (start + 2 * HOUR).to_local();
    let closes = (start + 3 * HOUR).to_local();
    let changes = [
        ("title", "뜨거운 머그"),
        ("opens_at", later.as_str()),
        ("closes_at", closes.as_str()),
        ("prize_winners", "2"),
    ];
    assert_eq!(send_to(&creator, &edit, form(&site, &changes)).await.status(), 303);
    let view = site.engine.events.view(event, &Actor::Visitor).await.unwrap();
    assert_eq!(
        (view.card.title.as_str(), view.card.capacity, view.card.moments.opens_at),
        ("뜨거운 머그", 2, start + 2 * HOUR)
    );
    let page = stranger.get(&format!("/events/{event}/changes")).await.text().await.unwrap();
    assert!(page.contains("따끈한 겨울 머그") && page.contains("뜨거운 머그") && page.contains("1등 머그 3"), "{page}");
    // The same again changes nothing.
    let told = site.engine.events.revisions(event).await.unwrap().len();
    assert_eq!(send_to(&creator, &edit, form(&site, &changes)).await.status(), 303);
    assert_eq!(site.engine.events.revisions(event).await.unwrap().len(), told);
    // The opening that was: too early now.
    clock.set(start + HOUR + MINUTE);
    assert_eq!(stranger.press(&client(), event).await.unwrap().status(), 425);
    // Frozen in the last ten minutes, and not to be moved into them.
    let soon = (start + HOUR + 5 * MINUTE).to_local();
    let moved = |at: &'static str| [("opens_at", at), ("closes_at", Box::leak(closes.clone().into_boxed_str()))];
    let into = moved(Box::leak(soon.into_boxed_str()));
    assert_eq!(send_to(&creator, &edit, form(&site, &into)).await.status(), 422);
    clock.set(start + 2 * HOUR - 5 * MINUTE);
    let away = moved(Box::leak((start + 2 * HOUR + 30 * MINUTE).to_local().into_boxed_str()));
    let refused = send_to(&creator, &edit, form(&site, &away)).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("열리기 10분 전까지"));
}

both!(once_open_only_texts_change_and_places_are_added_for_those_who_stand_by, "multi_thread");
async fn once_open_only_texts_change_and_places_are_added_for_those_who_stand_by(on: On) {
    let start = Time(1_795_258_800_000_000);
    let clock = Clock::manual(start);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = crate::support::make_event(&site.engine, creator.member, HOUR, 1).await;
    let people = site.people(4).await;
    clock.set(start + HOUR);
    for (i, person) in people[..3].iter().enumerate() {
        clock.set(start + HOUR + i as i64);
        assert_eq!(person.enter(event).await.0, 201);
    }
    let edit = edit_of(event);
    assert!(creator.get(&edit).await.text().await.unwrap().contains("last_winners"));
    let opened = |winners: &str| {
        let fields =
            [("title", "따끈한 머그"), ("summary", ""), ("description", ""), ("rules", ""), ("last_winners", winners)];
        fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()))
    };
    for fewer in ["0", "-1", "x", "999999999"] {
        assert_eq!(send_to(&creator, &edit, opened(fewer)).await.status(), 422, "{fewer}");
    }
    // The time is past and not asked for any more.
    assert_eq!(send_to(&creator, &edit, opened("4")).await.status(), 303);
    let state = async |person: &Person| {
        site.engine.turnstile.entry(event, person.member).await.unwrap().map(|entry| entry.state)
    };
    for _ in 0..200 {
        if state(&people[2]).await == Some(EntryState::Won) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!((state(&people[1]).await, state(&people[2]).await), (Some(EntryState::Won), Some(EntryState::Won)));
    assert_eq!(people[3].enter(event).await.1.state, EntryState::Won, "the last place waited for the next click");
    let claim = site.engine.giveaways.claim(&Actor::host(people[2].member), event).await.unwrap().unwrap();
    assert_eq!((claim.prize.as_str(), claim.due_at), ("머그", start + HOUR + 2 + 3 * DAY));
    site.engine.giveaways.catch_up(&site.engine.notices).await.unwrap();
    let told = site.engine.notices.of(&Actor::host(people[1].member), None).await.unwrap().lines.rows;
    assert!(
        told.iter().any(|line| line.notice == Notice::Changed)
            && told.iter().any(|line| matches!(line.notice, Notice::Won { .. }))
    );
    let (_, violations) = engine::turnstile::check(&site.engine.db).await.unwrap();
    assert_eq!(violations, []);
    // Called off, nothing changes any more.
    assert_eq!(creator.post(&format!("/events/{event}/cancel"), &[("reason", "그만")]).await.status(), 303);
    assert_eq!(send_to(&creator, &edit, opened("9")).await.status(), 409);
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
