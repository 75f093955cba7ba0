//! Changing an event that is published.

use crate::support::{
    Person, START, Site, client,
    events::{form, send_to},
    make_event,
};
use engine::{accounts::Actor, clock::Clock, db::Lane, events::EventForm};
use model::{DAY, EntryState, HOUR, MICROSECOND, MINUTE, Notice};
use reqwest::multipart::Form;
use testing::{On, both, eventually};
use tokio::task::JoinSet;

fn edit_of(event: impl std::fmt::Display) -> String {
    format!("/creator/events/{event}/edit")
}

both!(everything_may_change_until_it_opens_and_every_change_is_seen);
async fn everything_may_change_until_it_opens_and_every_change_is_seen(on: On) {
    let start = START;
    let clock = Clock::manual(start);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
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
    let told = site.engine.events.revisions(event, None).await.unwrap().rows.len();
    assert_eq!(send_to(&creator, &edit, form(&site, &changes)).await.status(), 303);
    assert_eq!(site.engine.events.revisions(event, None).await.unwrap().rows.len(), told);
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
    let start = START;
    let clock = Clock::manual(start);
    let site = Site::with_clock(on, clock.clone()).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 1).await;
    let people = site.people(4).await;
    clock.set(start + HOUR);
    for (i, person) in people[..3].iter().enumerate() {
        clock.set(start + HOUR + i as i64 * MICROSECOND);
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
    eventually("the last who stood by wins", async || state(&people[2]).await == Some(EntryState::Won)).await;
    assert_eq!(state(&people[1]).await, Some(EntryState::Won));
    assert_eq!(people[3].enter(event).await.1.state, EntryState::Won, "the last place waited for the next click");
    let claim = site.engine.giveaways.claim(&Actor::host(people[2].member), event).await.unwrap().unwrap();
    assert_eq!((claim.prize.as_str(), claim.due_at), ("머그", start + HOUR + 2 * MICROSECOND + 3 * DAY));
    site.engine.giveaways.catch_up(&site.engine.notices).await.unwrap();
    let told = site.engine.notices.of(&Actor::host(people[1].member), None).await.unwrap().lines.rows;
    assert!(
        told.iter().any(|line| line.notice == Notice::Changed)
            && told.iter().any(|line| matches!(line.notice, Notice::Won { .. }))
    );
    let (_, violations) = engine::check(&site.engine.db).await.unwrap();
    assert_eq!(violations, []);
    // Called off, nothing changes any more.
    assert_eq!(creator.call("cancel-event", &[("event", &event.to_string()), ("reason", "그만")]).await, 200);
    assert_eq!(send_to(&creator, &edit, opened("9")).await.status(), 409);
}

both!(changes_made_at_once_are_all_kept_in_a_row, "multi_thread");
async fn changes_made_at_once_are_all_kept_in_a_row(on: On) {
    let site = Site::with_clock(on, Clock::manual(START)).await;
    let creator = site.creator().await.member;
    let event = make_event(&site.engine, creator, DAY, 3).await;
    let mut changing = JoinSet::new();
    for n in 0..16 {
        let events = site.engine.events.clone();
        let form = EventForm {
            title: format!("머그 {n}"),
            category: "living".into(),
            opens_at: (START + DAY).to_local(),
            closes_at: (START + DAY + HOUR).to_local(),
            prizes: vec![("머그".into(), "goods".into(), "3".into())],
            ..EventForm::default()
        };
        changing.spawn(async move { events.edit(&Actor::host(creator), event, &form, None, false).await });
    }
    changing.join_all().await.into_iter().for_each(|done| done.unwrap());
    // Each says what it found: the one before.
    let mut told = site.engine.events.revisions(event, None).await.unwrap().rows;
    told.reverse();
    let titles: Vec<(String, String)> = told
        .into_iter()
        .filter_map(|revision| match revision.edit {
            model::Edit::Title { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(titles.len(), 16);
    assert!(titles.windows(2).all(|pair| pair[0].1 == pair[1].0), "{titles:?}");
    assert_eq!(site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.title, titles[15].1);
}

both!(long_texts_changed_often_make_no_long_page);
async fn long_texts_changed_often_make_no_long_page(on: On) {
    let site = Site::with_clock(on, Clock::manual(START)).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, DAY, 3).await;
    for n in 0..16 {
        let form = EventForm {
            title: "머그".into(),
            category: "living".into(),
            description: format!("{n}{}{n}", "긴 글이에요. ".repeat(2400)),
            opens_at: (START + DAY).to_local(),
            closes_at: (START + DAY + HOUR).to_local(),
            prizes: vec![("머그".into(), "goods".into(), "3".into())],
            ..EventForm::default()
        };
        site.engine.events.edit(&Actor::host(creator.member), event, &form, None, false).await.unwrap();
    }
    let page = async |path: &str| client().get(site.url(path)).header("accept", "text/html").send().await.unwrap();
    let first = page(&format!("/events/{event}/changes")).await.text().await.unwrap();
    assert!(first.len() < 200_000, "{} bytes", first.len());
    // All of them are there, a page after the other.
    let (mut cursor, mut all) = (None, 0);
    loop {
        let part = site.engine.events.revisions(event, cursor.as_ref()).await.unwrap();
        all += part.rows.iter().filter(|revision| matches!(revision.edit, model::Edit::Description { .. })).count();
        let Some(next) = part.next else { break };
        assert!(first.contains("before="), "the page leads on");
        cursor = Some(next);
    }
    assert_eq!(all, 16);
}

both!(descriptions_are_rendered_when_they_are_written);
async fn descriptions_are_rendered_when_they_are_written(on: On) {
    let site = Site::with_clock(on, Clock::manual(START)).await;
    let event = site.event(DAY, 3).await;
    let shown = async || site.engine.events.view(event, &Actor::Visitor).await.unwrap().description;
    let change = async |text: &'static str| {
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql(text).bind(event).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    // As it was rendered when it was written.
    change("update events set description_html = '<p>kept</p>' where id = $1").await;
    assert_eq!(shown().await, "<p>kept</p>");
    // Another program changed the text without rendering it.
    change("update events set description = '**new**' where id = $1").await;
    assert_eq!(shown().await.trim(), "<p><strong>new</strong></p>");
    // And one did not know of it at all: it is rendered here, once.
    change("update events set description_html = null, description_rendered = null where id = $1").await;
    assert_eq!(shown().await.trim(), "<p><strong>new</strong></p>");
    site.engine.tasks.inject_panic("descriptions");
    eventually("it is rendered", async || {
        site.count("select count(*) from events where id = $1 and description_html is not null", event).await == 1
    })
    .await;
}
