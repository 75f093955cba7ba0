//! Saying, hiding, muting, reporting.

use crate::rights::{cases, reads};
use crate::support::{Person, Site, client, events::png, make_event, request, socket::Page};
use engine::{accounts::Actor, db::Lane};
use model::{
    ChatError, Crop, Error, EventId, HOUR, MINUTE, Moderation, PictureId, Time,
    live::{ChatLine, Said, ToBrowser, ToServer},
};
use testing::{On, both};

reads! {
    "/admin/reports" => 401, 403;
    "/events/{event}/messages" => 200, 200;
    "/creator/events/{event}/muted" => 401, 403;
}

cases! {
    "say", [("text", "안녕하세요")] => 200;
    "moderate-line", [("line", "1"), ("what", "hide")] => 403;
    "unmute-member", [("member", "{host}")] => 403;
}

async fn say(person: &Person, event: EventId, text: &str) -> u16 {
    let form = [("event", event.to_string()), ("request", request().to_string()), ("text", text.to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.change(&format!("/events/{event}"), "say", &form).await.status().as_u16()
}

async fn act(person: &Person, event: EventId, number: u64, what: &str) -> u16 {
    let form = [("event", event.to_string()), ("line", number.to_string()), ("what", what.to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.change(&format!("/events/{event}"), "moderate-line", &form).await.status().as_u16()
}

both!(chat_is_numbered_durable_and_said_once, "multi_thread");
async fn chat_is_numbered_durable_and_said_once(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 1).await;
    let person = site.people(1).await.remove(0);
    let mut page = Page::join(&site, Some(&person), event).await;
    let id = request();
    for _ in 0..2 {
        page.send(&ToServer::Say { event, request: id, text: "  안녕하세요  ".into() }).await;
    }
    // Each line goes its own way: only what was heard comes before.
    page.until(|page, _| page.chat.len() == 1).await;
    page.send(&ToServer::Say { event, request: request(), text: "<b>반가워요</b>".into() }).await;
    page.until(|page, _| page.chat.len() == 2).await;
    assert_eq!(page.chat.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(&page.chat[0].said, Said::Member { text, .. } if text == "안녕하세요"));
    let stored: Vec<ChatLine> =
        client().get(site.url(&format!("/events/{event}/chat"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(stored, page.chat);
    let before: Vec<ChatLine> =
        client().get(site.url(&format!("/events/{event}/chat?before=2"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(before.len(), 1);

    for bad in ["", "   ", &"가".repeat(301), "\u{7}\u{200B}", "\u{202E}\u{3164}"] {
        page.send(&ToServer::Say { event, request: request(), text: bad.into() }).await;
        let refused = page.until(|_, m| matches!(m, ToBrowser::Refused { .. })).await;
        assert!(matches!(refused, ToBrowser::Refused { error: Error::Invalid { .. }, .. }), "{refused:?}");
    }
    // A flood is slowed; a late joiner reads what was said before.
    for n in 0..12 {
        page.send(&ToServer::Say { event, request: request(), text: format!("{n}") }).await;
    }
    page.until(|_, m| matches!(m, ToBrowser::Refused { error: Error::TooMany { .. }, .. })).await;
    let mut late = Page::join(&site, None, event).await;
    late.until(|page, _| page.chat.len() >= 3).await;
    assert_eq!(late.chat[0].number, 1);
}

fn picture_of(line: &ChatLine) -> Option<PictureId> {
    match &line.said {
        Said::Member { picture, .. } => *picture,
        other => panic!("{other:?}"),
    }
}

both!(whoever_comes_into_a_room_is_shown_no_picture_that_is_gone, "multi_thread");
async fn whoever_comes_into_a_room_is_shown_no_picture_that_is_gone(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 1).await;
    let person = site.people(1).await.remove(0);
    let (actor, engine) = (Actor::host(person.member), &site.engine);
    engine.naming.set_picture(&actor, &engine.pictures, Some(png()), Crop::default()).await.unwrap();
    let mut page = Page::join(&site, None, event).await;
    assert_eq!(say(&person, event, "사진과 함께").await, 303);
    page.until(|page, _| page.chat.len() == 1).await;
    assert!(picture_of(&page.chat[0]).is_some());
    engine.naming.remove_picture(&actor, &engine.pictures).await.unwrap();
    let mut late = Page::join(&site, None, event).await;
    late.until(|page, _| page.chat.len() == 1).await;
    assert_eq!(picture_of(&late.chat[0]), None);
}

both!(a_line_has_its_writers_picture_and_none_once_they_are_suspended, "multi_thread");
async fn a_line_has_its_writers_picture_and_none_once_they_are_suspended(on: On) {
    let site = Site::start(on).await;
    let event = site.event(MINUTE, 1).await;
    let person = site.people(1).await.remove(0);
    let (actor, accounts) = (Actor::host(person.member), &site.engine.accounts);
    let mut page = Page::join(&site, None, event).await;
    assert_eq!(say(&person, event, "안녕하세요").await, 303);
    page.until(|page, _| page.chat.len() == 1).await;
    assert_eq!(picture_of(&page.chat[0]), None);
    // From the next line on, although their session was remembered.
    accounts.set_picture(&actor, &site.engine.pictures, Some(png()), Crop::default()).await.unwrap();
    let picture = accounts.own_profile(&actor).await.unwrap().picture;
    assert!(picture.is_some());
    assert_eq!(say(&person, event, "사진을 올렸어요").await, 303);
    page.until(|page, _| page.chat.len() == 2).await;
    assert_eq!(picture_of(&page.chat[1]), picture);
    let small = format!("/pictures/{}/face-small.jpg", picture.unwrap());
    let messages = format!("/events/{event}/messages");
    let shown = async || {
        let page = client().get(site.url(&messages)).send().await.unwrap().text().await.unwrap();
        page.matches(&small).count()
    };
    assert_eq!(shown().await, 2, "beside both");
    assert!(person.get("/my").await.text().await.unwrap().contains(&small));
    // Boards show nobody's, and a masked name there is uncovered by none.
    site.engine.naming.set_masked(&actor, true).await.unwrap();
    let board = person.get(&format!("/events/{event}/board")).await.text().await.unwrap();
    assert_eq!(board.matches(&small).count(), 1, "their own, in the header");
    let whom = person.member.to_string();
    let (db, now) = (&site.engine.db, site.engine.clock.now());
    engine::administration::suspend(db, now, &Actor::System, &whom, "도배", None).await.unwrap();
    let lines = site.engine.chat.lines(event, None).await.unwrap();
    assert_eq!(lines.iter().map(picture_of).collect::<Vec<_>>(), [None, None]);
    assert_eq!(shown().await, 0);
}

both!(creators_hide_and_mute_members_report_and_admins_look, "multi_thread");
async fn creators_hide_and_mute_members_report_and_admins_look(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let people = site.people(3).await;
    let [rude, reader, admin] = people.as_slice() else { panic!() };
    assert_eq!(say(rude, event, "나쁜 말").await, 303);
    assert_eq!(say(&creator, event, "안녕하세요").await, 303);
    // Nobody but the creator (or an admin) hides or mutes; nobody reports themselves.
    for what in ["hide", "mute", "dismiss"] {
        assert_eq!(act(reader, event, 1, what).await, 403, "{what}");
    }
    assert_eq!(act(rude, event, 1, "report").await, 403);
    assert_eq!(act(reader, event, 9, "report").await, 404);
    let stranger = client().post(site.url("/api/moderate-line")).form(&[("what", "report")]).send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    assert_eq!(act(&creator, event, 2, "mute").await, 403, "not oneself");
    // Reported twice by one member counts once, and only admins read of it.
    assert_eq!(act(reader, event, 1, "report").await, 303);
    assert_eq!(act(reader, event, 1, "report").await, 303);
    assert_eq!(reader.get("/admin/reports").await.status(), 403);
    let email: (String,) =
        site.engine.db.sql("select email from members where id = $1").bind(admin.member).one().await.unwrap();
    engine::administration::set_admin(&site.engine.db, Time(1), &email.0, true).await.unwrap().unwrap();
    let admin = &admin.anew(&site.engine).await;
    let page = admin.get("/admin/reports").await.text().await.unwrap();
    assert!(page.contains("나쁜 말") && page.contains("신고 1건"));
    // Hidden for everybody, also for who comes later; the report is done.
    assert_eq!(act(&creator, event, 1, "hide").await, 303);
    let lines = site.engine.chat.lines(event, None).await.unwrap();
    assert_eq!(lines[0].said, Said::Hidden);
    assert!(!reader.get(&format!("/events/{event}")).await.text().await.unwrap().contains("나쁜 말"));
    assert!(!admin.get("/admin/reports").await.text().await.unwrap().contains("나쁜 말"));
    // Muted at once, in this event alone.
    assert_eq!(act(&creator, event, 1, "mute").await, 303);
    assert_eq!(say(rude, event, "또 나쁜 말").await, 403);
    let other = make_event(&site.engine, creator.member, HOUR, 3).await;
    assert_eq!(say(rude, other, "안녕하세요").await, 303);
    let session = site.engine.accounts.sessions.of(&rude.token).await.unwrap().unwrap();
    let refused = site
        .engine
        .chat
        .say(&Actor::Member(session.clone()), event, request(), "소켓으로도")
        .await
        .unwrap_err()
        .public();
    assert_eq!(refused, Error::Chat(ChatError::Muted));
    let again = site
        .engine
        .chat
        .moderate(&Actor::Member(session.clone()), event, 2, Moderation::Hide)
        .await
        .unwrap_err()
        .public();
    assert_eq!(again, Error::Forbidden);
}

both!(who_is_muted_is_listed_and_may_be_let_speak_again, "multi_thread");
async fn who_is_muted_is_listed_and_may_be_let_speak_again(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let people = site.people(2).await;
    let [rude, other] = people.as_slice() else { panic!() };
    assert_eq!(say(rude, event, "나쁜 말").await, 303);
    assert_eq!(act(&creator, event, 1, "mute").await, 303);
    assert_eq!(say(rude, event, "또").await, 403);
    let list = format!("/creator/events/{event}/muted");
    let page = creator.get(&list).await.text().await.unwrap();
    let (name,): (String,) =
        site.engine.db.sql("select nickname from members where id = $1").bind(rude.member).one().await.unwrap();
    assert!(page.contains(&format!("<b>{name}<")) && page.contains("unmute-member"), "{page}");
    assert_eq!(other.get(&list).await.status(), 403);
    let (event_text, member) = (event.to_string(), rude.member.to_string());
    let form = [("event", event_text.as_str()), ("member", member.as_str())];
    for who in [rude, other] {
        assert_eq!(who.change(&list, "unmute-member", &form).await.status(), 403);
    }
    let mut socket = Page::join(&site, Some(rude), event).await;
    assert_eq!(creator.change(&list, "unmute-member", &form).await.status(), 303);
    // At once, on the socket that was open all the time.
    socket.send(&ToServer::Say { event, request: request(), text: "미안해요".into() }).await;
    socket.until(|page, _| page.chat.iter().any(|line| line.number == 2)).await;
    assert!(creator.get(&list).await.text().await.unwrap().contains("말을 막은 사람이 없어요."));
}

/// Writes lines of a member, and somebody's report of each.
async fn reported(site: &Site, event: EventId, author: &Person, by: &Person, numbers: std::ops::Range<i64>) {
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    for number in numbers {
        let line = "insert into chat_lines (event_id, number, request_id, at, member_id, text) values ($1, $2, $3, $4, $5, $6)";
        let line = tx.sql(line).bind(event).bind(number).bind(request()).bind(Time(number)).bind(author.member);
        line.bind(format!("나쁜 말 {number}.")).run().await.unwrap();
        let report = tx.sql("insert into reports (event_id, number, member_id, at) values ($1, $2, $3, $4)");
        report.bind(event).bind(number).bind(by.member).bind(Time(number)).run().await.unwrap();
    }
    tx.commit().await.unwrap();
}

both!(reports_are_read_a_page_at_a_time_and_handled_all_of_a_member_at_once, "multi_thread");
async fn reports_are_read_a_page_at_a_time_and_handled_all_of_a_member_at_once(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let events = [3, 3].map(|capacity| make_event(&site.engine, creator.member, HOUR, capacity));
    let [one, other] = events;
    let (one, other) = (one.await, other.await);
    let people = site.people(4).await;
    let [rude, unlucky, reader, admin] = people.as_slice() else { panic!() };
    // More than a page, in two rooms, and one line of somebody else's.
    reported(&site, one, rude, reader, 1..81).await;
    reported(&site, other, rude, reader, 1..41).await;
    reported(&site, one, unlucky, reader, 81..82).await;
    let email: (String,) =
        site.engine.db.sql("select email from members where id = $1").bind(admin.member).one().await.unwrap();
    engine::administration::set_admin(&site.engine.db, Time(1), &email.0, true).await.unwrap().unwrap();
    let admin = &admin.anew(&site.engine).await;
    let actor = Actor::System;
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = site.engine.chat.reports(&actor, cursor.as_ref()).await.unwrap();
        assert!(page.rows.len() <= 50);
        found.extend(page.rows.into_iter().map(|report| (report.event, report.number, report.of_author)));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 121, "each once");
    assert_eq!(found.iter().filter(|(_, _, of_author)| *of_author == 120).count(), 120);
    assert!(found.contains(&(one, 81, 1)));
    let page = admin.get("/admin/reports").await.text().await.unwrap();
    assert!(page.contains("이 회원의 신고된 메시지 120개 모두") && page.contains("/admin/reports?after="));
    // All of one member's at once: by an admin alone.
    let (event, line) = (one.to_string(), "1".to_owned());
    let form = |what| [("event", event.as_str()), ("line", line.as_str()), ("what", what), ("all", "yes")];
    let page = format!("/events/{one}");
    assert_eq!(creator.change(&page, "moderate-line", &form("hide")).await.status(), 403);
    for what in ["mute", "hide"] {
        assert_eq!(admin.change("/admin/reports", "moderate-line", &form(what)).await.status(), 303);
    }
    let left = site.engine.chat.reports(&actor, None).await.unwrap();
    assert_eq!(left.rows.iter().map(|report| report.number).collect::<Vec<_>>(), [81]);
    for event in [one, other] {
        assert_eq!(say(rude, event, "또").await, 403);
    }
    let hidden = "select count(*) from chat_lines where event_id = $1 and hidden_at is not null";
    assert_eq!((site.count(hidden, one).await, site.count(hidden, other).await), (80, 40));
    assert_eq!(act(admin, one, 81, "dismiss").await, 303);
    assert!(site.engine.chat.reports(&actor, None).await.unwrap().rows.is_empty());
}

both!(older_lines_are_read_page_by_page_without_scripts);
async fn older_lines_are_read_page_by_page_without_scripts(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let people = site.people(2).await;
    reported(&site, event, &people[0], &people[1], 1..121).await;
    // From link to link to the first line that was ever said.
    let mut seen = Vec::new();
    let mut address = format!("/events/{event}");
    loop {
        let page = client().get(site.url(&address)).header("accept", "text/html").send().await.unwrap();
        assert_eq!(page.status(), 200);
        let page = page.text().await.unwrap();
        let (_, page) = page.split_once("<body").unwrap();
        seen.extend((1..121).filter(|n| page.contains(&format!("나쁜 말 {n}."))));
        let link = page.split("<a ").find(|link| link.contains("이전 대화 보기"));
        let Some(link) = link.and_then(|link| link.split('>').next()).filter(|link| !link.contains("hidden")) else {
            break;
        };
        address = link.split("href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..121).collect::<Vec<_>>(), "each line once");
    let middle = people[0].get(&format!("/events/{event}/messages?before=60")).await.text().await.unwrap();
    assert!(middle.contains("다음 대화 보기"));
    // As every list: the cursor of another, or nonsense, is no page.
    for bad in ["x", "-1", "7.7", "9223372036854775808"] {
        for page in ["messages", "chat"] {
            let address = format!("/events/{event}/{page}?before={bad}");
            assert_eq!(people[0].get(&address).await.status(), 404, "{address}");
        }
    }
}

both!(a_room_takes_as_many_lines_as_can_be_read_and_its_creator_is_always_heard, "multi_thread");
async fn a_room_takes_as_many_lines_as_can_be_read_and_its_creator_is_always_heard(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let people = site.people(80).await;
    let mut saying = tokio::task::JoinSet::new();
    for person in people {
        let engine = site.engine.clone();
        let session = engine.accounts.sessions.of(&person.token).await.unwrap().unwrap();
        saying.spawn(async move {
            engine
                .chat
                .say(&Actor::Member(session.clone()), event, request(), "같이 외쳐요")
                .await
                .map_err(engine::Error::public)
        });
    }
    let said = saying.join_all().await;
    let refused = said.iter().filter(|said| matches!(said, Err(Error::TooMany { .. }))).count();
    assert!(refused > 0, "eighty people at once, each within their own limit");
    assert_eq!(said.iter().filter(|said| said.is_ok()).count() + refused, 80);
    assert_eq!(say(&creator, event, "조금만 천천히요").await, 303);
    let lines = site.engine.chat.lines(event, None).await.unwrap();
    assert!(matches!(&lines.last().unwrap().said, Said::Member { text, .. } if text == "조금만 천천히요"));
    // What is empty or floods within one line is refused; what deceives is not kept.
    for bad in ["\u{202E}\u{2066}", "\u{0007}", "", &"🎉".repeat(301), &"🎉".repeat(10_000)] {
        assert_eq!(say(&creator, event, bad).await, 422);
    }
    let zalgo = format!("\u{202E}머그\u{200B} 달{}", "\u{35C}".repeat(30));
    assert_eq!(say(&creator, event, &zalgo).await, 303);
    let lines = site.engine.chat.lines(event, None).await.unwrap();
    let kept = format!("머그 달{}", "\u{35C}".repeat(4));
    assert!(matches!(&lines.last().unwrap().said, Said::Member { text, .. } if *text == kept), "{:?}", lines.last());
}
