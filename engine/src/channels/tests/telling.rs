//! What is told, where and when: once in every place of a member's, not at night, and not what nobody has to read any more.

use super::*;
use crate::channels::sending::Slow;
use ::testing::{Pushing, eventually};

both!(a_notice_reaches_every_browser_of_its_member, "multi_thread");
async fn a_notice_reaches_every_browser_of_its_member(on: On) {
    let scene = Scene::new(on).await;
    let (who, other) = (scene.member(1).await, scene.member(2).await);
    let (phone, laptop, others) = (scene.browser(&who).await, scene.browser(&who).await, scene.browser(&other).await);
    scene.tell(&who, 7, &Notice::Sent).await;
    scene.send().await;
    let mut keys = Vec::new();
    for browser in [&phone, &laptop] {
        let pushed = scene.service.pushed(browser);
        assert_eq!(pushed.len(), 1);
        let one = &pushed[0];
        assert_eq!(one.text["body"], "ko Sent");
        assert_eq!((one.text["tag"].as_str(), one.topic.as_str()), (Some("notice-7"), "notice-7"));
        assert_eq!(one.text["url"], "/notices");
        assert_eq!((one.urgency.as_str(), one.ttl), ("normal", 86_400));
        keys.push(one.key.clone());
    }
    // By the key that browsers were given.
    let settings = scene.channels.settings(&who).await.unwrap();
    assert!(keys.iter().all(|key| Some(key) == settings.push_key.as_ref()));
    assert!(
        settings.devices.iter().all(|device| device.reached_at == Some(noon()) && device.label == "Chrome · Android")
    );
    assert!(scene.service.pushed(&others).is_empty() && scene.waiting().await.is_empty());
    scene.send().await;
    assert_eq!(scene.service.asked(&phone), 1);
    assert_eq!(scene.service.complaints(), Vec::<String>::new());
    // Another node knows the same key.
    let again = Channels::new(scene.db.clone(), scene.clock.clone(), Limits::default(), scene.channels.means.clone());
    assert_eq!(again.settings(&who).await.unwrap().push_key, settings.push_key);
}

both!(many_notices_are_queued_at_once_each_for_every_place_of_its_member, "multi_thread");
async fn many_notices_are_queued_at_once_each_for_every_place_of_its_member(on: On) {
    let scene = Scene::new(on).await;
    let (both, pushed, none) = (scene.member(1).await, scene.member(2).await, scene.member(3).await);
    for who in [&both, &both, &pushed] {
        scene.browser(who).await;
    }
    scene.mailed(&both).await;
    // Asked for, and not confirmed.
    scene.channels.set_mail(&pushed, true, "ko").await.unwrap();
    let stored = |who: &Actor, number, of_the_hour| Stored { member: id(who), number, of_the_hour };
    let all = [stored(&both, 1, false), stored(&both, 2, true), stored(&none, 1, false), stored(&pushed, 1, false)];
    let night = noon() + HOUR * 12;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    queue(&mut tx, &all, night).await.unwrap();
    tx.commit().await.unwrap();
    let rows = scene.db.sql(
        "select member_id, number, target_id, due_at, since, tries from notice_deliveries order by member_id, number, target_id",
    );
    let rows: Vec<(MemberId, i64, Uuid, Time, Time, i64)> = rows.all().await.unwrap();
    let mut expected = Vec::new();
    for notice in &all {
        let endpoints = scene.db.sql("select id from push_endpoints where member_id = $1").bind(notice.member);
        let endpoints: Vec<(Uuid,)> = endpoints.all().await.unwrap();
        let mail = (notice.member == id(&both)).then_some(MAIL);
        let due = due_at(notice.of_the_hour, night);
        let places = endpoints.into_iter().map(|(endpoint,)| endpoint).chain(mail);
        expected.extend(places.map(|place| (notice.member, notice.number, place, due, due, 0)));
    }
    expected.sort_unstable_by_key(|(member, number, place, ..)| (member.0, *number, *place));
    assert_eq!((rows.len(), rows), (7, expected));
}

both!(nothing_is_pushed_at_night_but_what_is_of_the_hour, "multi_thread");
async fn nothing_is_pushed_at_night_but_what_is_of_the_hour(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.go_on(HOUR.times(11));
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.tell(&who, 2, &Notice::YourTurn { due_at: scene.clock.now() + MINUTE }).await;
    scene.send().await;
    let pushed = scene.service.pushed(&browser);
    assert_eq!(pushed.len(), 1);
    assert_eq!((pushed[0].topic.as_str(), pushed[0].urgency.as_str()), ("notice-2", "high"));
    scene.go_on(HOUR.times(9) - SECOND);
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 1);
    scene.go_on(SECOND);
    scene.send().await;
    assert_eq!(scene.service.pushed(&browser).len(), 2);
    // What was due by day and is sent only at night waits as well.
    scene.go_on(HOUR.times(13) - SECOND);
    scene.tell(&who, 3, &Notice::Sent).await;
    scene.go_on(SECOND);
    scene.send().await;
    scene.go_on(HOUR.times(11) - SECOND);
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 2);
    scene.go_on(SECOND);
    scene.send().await;
    assert_eq!(scene.service.pushed(&browser).len(), 3);
}

both!(what_is_news_again_while_it_is_sent_is_not_sent_twice, "multi_thread");
async fn what_is_news_again_while_it_is_sent_is_not_sent_twice(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.service.wrong(&browser, 1, Pushing::Slow(std::time::Duration::from_millis(500)));
    scene.tell(&who, 1, &Notice::Sent).await;
    let sending = scene.channels.clone();
    let sending = tokio::spawn(async move { sending.send_due().await });
    eventually("it arrived", async || scene.service.pushed(&browser).len() == 1).await;
    scene.change("update notices set number = 2 where number = 1").await;
    scene.change("update notice_deliveries set number = 2 where number = 1").await;
    sending.await.unwrap().unwrap();
    assert!(scene.waiting().await.is_empty());
    scene.go_on(MINUTE.times(2));
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 1);
}

both!(what_was_read_or_deleted_meanwhile_is_not_sent, "multi_thread");
async fn what_was_read_or_deleted_meanwhile_is_not_sent(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.mailed(&who).await;
    for number in 1..=3 {
        scene.tell(&who, number, &Notice::Sent).await;
    }
    scene.change("update notices set read_at = 1 where number = 1").await;
    scene.change("delete from notices where number = 2").await;
    scene.send().await;
    assert_eq!(scene.service.pushed(&browser).len(), 1);
    assert_eq!(scene.mail.mails().len(), 2, "that it is to be confirmed, and one notice");
    assert!(scene.waiting().await.is_empty());
}

both!(without_means_nothing_is_sent_and_nothing_is_kept, "multi_thread");
async fn without_means_nothing_is_sent_and_nothing_is_kept(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.tell(&who, 1, &Notice::Sent).await;
    let off = Channels { means: None, slow: Slow::default(), ..scene.channels.clone() };
    off.send_due().await.unwrap();
    assert!(scene.waiting().await.is_empty() && scene.service.asked(&browser) == 0);
    let settings = off.settings(&who).await.unwrap();
    assert!(settings.push_key.is_none() && settings.mail.is_none());
    assert_eq!(refusal(off.add_endpoint(&who, &endpoint(&browser)).await), model::Error::NotFound);
    assert_eq!(refusal(off.set_mail(&who, true, "ko").await), model::Error::NotFound);
}
