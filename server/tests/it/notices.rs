//! What members are told.

use crate::rights::{cases, reads};
use crate::support::{
    client,
    giveaway::{Party, party},
    listening::{Listening, ask, tell},
};
use engine::{accounts::Actor, db::Lane, notices::REPLAYED};
use model::notices::Kind;
use testing::{On, both, eventually};

/// Has everybody who entered told, so many times.
async fn tell_all(party: &Party, times: usize) {
    tell(&party.site.engine, party.event, times).await;
    party.catch_up().await;
}

reads! {
    "/notices" => 401, 200;
    "/notices/settings" => 401, 200;
}

cases! {
    "read-notices", [] => 200;
    "delete-read-notices", [] => 200;
    "open-notice", [("notice", "{notice}")] => 404;
    "delete-notice", [("notice", "{notice}")] => 404;
    "set-notices", [("on", "turns"), ("on", "prizes")] => 200;
}

both!(notices_are_read_and_deleted_by_their_member, "multi_thread");
async fn notices_are_read_and_deleted_by_their_member(on: On) {
    let party = party(on, 1, 2).await;
    let winner = &party.people[0];
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 1);
    let page = winner.get("/notices").await.text().await.unwrap();
    assert!(page.contains("당첨됐어요") && page.contains("읽지 않은 알림 1개"));
    // The script comes with pages of who is signed in, from an address that names what is in it.
    let script =
        page.split("src=\"").find_map(|rest| rest.split('"').next().filter(|src| src.ends_with("/notices.js")));
    let script = client().get(party.site.url(script.unwrap())).send().await.unwrap();
    let kept = script.headers()["cache-control"].to_str().unwrap().to_owned();
    assert!(kept.contains("immutable") && script.text().await.unwrap().contains("EventSource"), "{kept}");
    let home = client().get(party.site.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(!home.contains("notices.js"), "whoever is nobody follows nothing");
    assert_eq!(winner.change("/notices", "read-notices", &[]).await.status(), 303);
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 0);
    assert_eq!(winner.change("/notices", "delete-read-notices", &[]).await.status(), 303);
    assert!(party.notices(winner).await.is_empty());
    assert_eq!(client().post(party.site.url("/api/read-notices")).send().await.unwrap().status(), 401);
    let mine = winner.get("/my?came=won").await.text().await.unwrap();
    assert!(mine.contains("따끈한 겨울 머그") && mine.contains("전체 1"));
    // The script hides what browsers keep as well: of whoever is suspended too, who follows nothing.
    let other = &party.people[1];
    party.site.engine.administration.suspend(&Actor::System, &other.member.to_string(), "도배", "").await.unwrap();
    let suspended = other.get("/my").await.text().await.unwrap();
    assert!(suspended.contains("/notices.js") && suspended.contains("data-reader=\"\""), "{suspended}");
}

both!(a_notice_is_opened_by_a_form_and_deleted_alone, "multi_thread");
async fn a_notice_is_opened_by_a_form_and_deleted_alone(on: On) {
    let party = party(on, 1, 2).await;
    let [winner, other] = [&party.people[0], &party.people[1]];
    tell_all(&party, 1).await;
    let actor = Actor::host(winner.member);
    let list = party.site.engine.notices.of(&actor, None).await.unwrap();
    let id = |kind: Kind| list.lines.rows.iter().find(|line| line.notice.kind() == kind).unwrap().id.to_string();
    let (changed, won) = (id(Kind::EventChanges), id(Kind::Prizes));
    // Looking at the list reads nothing.
    winner.get("/notices").await;
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 2);
    let opened = winner.change("/notices", "open-notice", &[("notice", &won)]).await;
    assert_eq!(opened.status(), 303);
    assert_eq!(opened.headers()["location"], format!("/events/{}/result", party.event));
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 1);
    for (name, id) in [("open-notice", &changed), ("delete-notice", &changed), ("delete-notice", &won)] {
        assert_eq!(other.call(name, &[("notice", id)]).await, 404, "another's: {name}");
    }
    for wrong in ["", "7", "notice", "0000"] {
        assert_eq!(winner.call("delete-notice", &[("notice", wrong)]).await, 404, "{wrong}");
    }
    assert_eq!(winner.change("/notices", "delete-notice", &[("notice", &changed)]).await.status(), 303);
    assert_eq!(winner.call("delete-notice", &[("notice", &changed)]).await, 404, "it is gone");
    assert_eq!(party.site.engine.notices.unread(winner.member).await.unwrap(), 0);
    assert_eq!(party.notices(winner).await.len(), 1);
    let (_, wrong) = engine::check_payments(&party.site.engine.db).await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
}

both!(members_choose_what_they_are_told, "multi_thread");
async fn members_choose_what_they_are_told(on: On) {
    let party = party(on, 1, 2).await;
    let [winner, other] = [&party.people[0], &party.people[1]];
    let page = other.get("/notices/settings").await.text().await.unwrap();
    assert_eq!(page.matches("type=\"checkbox\"").count(), 13);
    assert!(page.contains("대기 순서와 결제 시간"));
    let english =
        client().get(party.site.url("/notices/settings")).header("cookie", format!("{}; language=en", other.cookie()));
    assert!(english.send().await.unwrap().text().await.unwrap().contains("Your turn in a line"));
    assert_eq!(other.call("set-notices", &[("on", "turns"), ("on", "weather")]).await, 400, "no such kind");
    let on_at_first = party.site.engine.notices.settings(&Actor::host(other.member)).await.unwrap();
    assert!(on_at_first.kinds.iter().all(|(kind, is_on)| *is_on == kind.on_at_first()), "nothing was changed");
    let saved = other.change("/notices/settings", "set-notices", &[("on", "turns"), ("on", "prizes")]).await;
    assert_eq!(saved.status(), 303);
    let page = other.get("/notices/settings").await.text().await.unwrap();
    assert_eq!(page.matches(" checked").count(), 2);
    tell_all(&party, 1).await;
    assert_eq!((party.notices(winner).await.len(), party.notices(other).await.len()), (2, 0));
}

both!(nothing_is_lost_or_doubled_wherever_a_stream_breaks, "multi_thread");
async fn nothing_is_lost_or_doubled_wherever_a_stream_breaks(on: On) {
    const TOLD: u64 = 5;
    let party = party(on, 1, 2).await;
    // Who won nothing, and was told nothing so far.
    let (me, engine) = (&party.people[1], &party.site.engine);
    tell_all(&party, TOLD as usize).await;
    eventually("they are told", async || engine.notices.unread(me.member).await.unwrap() == TOLD).await;
    // Each time one more is written while nobody listens.
    for cut in 0..=TOLD {
        let total = TOLD + cut + 1;
        let mut numbers = Vec::new();
        let mut listening = Listening::open(me, Some("0")).await;
        let mut last = "0".to_owned();
        for _ in 0..cut {
            let told = listening.notice().await;
            numbers.push(told.number());
            last = told.id;
        }
        drop(listening);
        tell_all(&party, 1).await;
        let mut listening = Listening::open(me, Some(&last)).await;
        while numbers.last() != Some(&total) {
            let told = listening.notice().await;
            assert_eq!(told.id, told.number().to_string());
            assert_eq!(told.data["kind"], "event_changes");
            assert!(told.data["text"].as_str().unwrap().contains("바뀌었어요"));
            assert_eq!(told.data["href"], format!("/events/{}/changes", party.event));
            numbers.push(told.number());
        }
        assert_eq!(numbers, (1..=total).collect::<Vec<_>>(), "cut after {cut}");
    }
    // By the address for programs; what a browser says itself goes before.
    let total = 2 * TOLD + 1;
    let address = |after: u64| party.site.url(&format!("/notices/stream?after={after}"));
    let by_address = |after| client().get(address(after)).header("cookie", format!("{}; language=en", me.cookie()));
    let mut listening = Listening::on(by_address(total - 1)).await;
    let told = listening.notice().await;
    assert_eq!(told.number(), total);
    assert!(told.data["text"].as_str().unwrap().contains("was changed"), "in the reader's language");
    let mut listening = Listening::on(by_address(1).header("last-event-id", (total - 2).to_string())).await;
    assert_eq!(listening.notice().await.number(), total - 1);
}

both!(a_number_that_nobody_was_given_is_read_anew, "multi_thread");
async fn a_number_that_nobody_was_given_is_read_anew(on: On) {
    let party = party(on, 1, 2).await;
    // Who won nothing, and was told nothing so far.
    let (me, engine) = (&party.people[1], &party.site.engine);
    tell_all(&party, 2).await;
    eventually("they are told", async || engine.notices.unread(me.member).await.unwrap() == 2).await;
    for forged in ["3", "-1", "18446744073709551615", "18446744073709551616", "one", "1; drop table notices"] {
        let told = Listening::open(me, Some(forged)).await.next().await.unwrap();
        assert_eq!((told.event.as_str(), told.id.as_str(), told.unread()), ("reset", "2", 2), "{forged}");
    }
    let told = Listening::open(me, None).await.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.id.as_str(), told.unread()), ("unread", "2", 2));
    // Too long ago.
    tell_all(&party, REPLAYED as usize).await;
    party.catch_up().await;
    let last = REPLAYED + 2;
    eventually("they are told", async || engine.notices.unread(me.member).await.unwrap() == last).await;
    let told = Listening::open(me, Some("1")).await.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.id), ("reset", last.to_string()));
    let told = Listening::open(me, Some("2")).await.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.number()), ("notice", 3));
}

both!(a_stream_is_its_members_and_follows_them, "multi_thread");
async fn a_stream_is_its_members_and_follows_them(on: On) {
    let party = party(on, 1, 2).await;
    let [winner, other] = [&party.people[0], &party.people[1]];
    let engine = &party.site.engine;
    assert_eq!(client().get(party.site.url("/notices/stream")).send().await.unwrap().status(), 401);
    let mut theirs = Listening::open(other, None).await;
    assert_eq!(theirs.next().await.unwrap().unread(), 0);
    let mut listening = Listening::open(winner, None).await;
    assert_eq!(listening.next().await.unwrap().unread(), 1);
    // Read elsewhere, with nothing new; another hears nothing of it.
    assert_eq!(winner.call("read-notices", &[]).await, 200);
    let told = listening.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.unread()), ("unread", 0));
    assert_eq!(told.data["label"], "");
    tell_all(&party, 1).await;
    let told = listening.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.number(), told.unread()), ("notice", 2, 1));
    assert_eq!(told.data["label"], "읽지 않은 알림 1개");
    let told = theirs.next().await.unwrap();
    assert_eq!((told.event.as_str(), told.number()), ("notice", 1), "the other's own, and nothing before it");
    // Whoever signs out is told nothing more.
    assert_eq!(winner.call("sign-out", &[]).await, 200);
    tell_all(&party, 1).await;
    assert_eq!(listening.next().await.unwrap().event, "over");
    assert_eq!(listening.next().await, None);
    assert_eq!(ask(winner).send().await.unwrap().status(), 401);
    // Nor whoever is suspended.
    let mut tx = engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(other.member).run().await.unwrap();
    tx.commit().await.unwrap();
    engine.accounts.sessions.invalidate_member(other.member);
    assert_eq!(ask(other).send().await.unwrap().status(), 403);
    // What was told before is still on its way.
    while let Some(told) = theirs.next().await {
        assert!(["notice", "over"].contains(&told.event.as_str()));
        if told.event == "notice" {
            tell_all(&party, 1).await;
        }
    }
}

both!(what_many_are_told_reaches_each_in_their_language_with_what_is_their_own, "multi_thread");
async fn what_many_are_told_reaches_each_in_their_language_with_what_is_their_own(on: On) {
    let party = party(on, 1, 2).await;
    let mut streams = Vec::new();
    for person in &party.people {
        for lang in ["ko", "en"] {
            let cookie = format!("{}; language={lang}", person.cookie());
            let request = client().get(party.site.url("/notices/stream")).header("cookie", cookie);
            let mut listening = Listening::on(request).await;
            assert_eq!(listening.next().await.unwrap().event, "unread");
            streams.push(listening);
        }
    }
    tell_all(&party, 1).await;
    let mut ids = Vec::new();
    for (nth, listening) in streams.iter_mut().enumerate() {
        let told = listening.notice().await;
        // The first won something before.
        let number = if nth < 2 { 2 } else { 1 };
        assert_eq!((told.number(), told.unread(), told.id.as_str()), (number, number, number.to_string().as_str()));
        let data = |name: &str| told.data[name].as_str().unwrap().to_owned();
        let (text, label) = [("바뀌었어요", "읽지 않은 알림"), ("was changed", "unread notice")][nth % 2];
        assert!(data("text").contains(text) && data("label").contains(label), "{:?}", told.data);
        assert_eq!(data("kind"), "event_changes");
        assert_eq!(data("href"), format!("/events/{}/changes", party.event));
        assert!(told.data["at"].is_i64() && told.data["age"] == 0, "{:?}", told.data);
        ids.push(data("id"));
    }
    assert!(ids[0] == ids[1] && ids[2] == ids[3] && ids[0] != ids[2], "{ids:?}");
}

both!(the_oldest_of_too_many_streams_ends_and_all_of_them_at_the_end, "multi_thread");
async fn the_oldest_of_too_many_streams_ends_and_all_of_them_at_the_end(on: On) {
    let mut party = party(on, 1, 2).await;
    let [winner, other] = [&party.people[0], &party.people[1]].map(Clone::clone);
    let mut another = Listening::open(&other, None).await;
    assert_eq!(another.next().await.unwrap().event, "unread");
    let mut open = Vec::new();
    for _ in 0..9 {
        let mut listening = Listening::open(&winner, None).await;
        assert_eq!(listening.next().await.unwrap().event, "unread");
        open.push(listening);
    }
    assert_eq!(open[0].next().await.unwrap().event, "over");
    assert_eq!(open[0].next().await, None);
    tell_all(&party, 1).await;
    for listening in &mut open[1..] {
        assert_eq!(listening.notice().await.number(), 2);
    }
    assert_eq!(another.notice().await.number(), 1);
    // A node that stops lets go of everybody, who come back elsewhere.
    party.site.stop();
    for listening in open[1..].iter_mut().chain([&mut another]) {
        assert_eq!(listening.next().await, None);
    }
}
