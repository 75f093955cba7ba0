//! The browsers in which members are told: which are taken, whose they are, how many, and when they are gone.

use super::*;
use ::testing::Pushing;

both!(endpoints_are_checked_limited_and_their_members_own, "multi_thread");
async fn endpoints_are_checked_limited_and_their_members_own(on: On) {
    let scene = Scene::new(on).await;
    let (who, other) = (scene.member(1).await, scene.member(2).await);
    let browser = scene.service.browser();
    let malformed = async |url: &str, public: &str, secret: &str| {
        let session = Some(scene.session(&who).await);
        let new = NewEndpoint { url, public, secret, session, ..NewEndpoint::default() };
        assert_eq!(refusal(scene.channels.add_endpoint(&who, &new).await), model::Error::Malformed, "{url}");
    };
    for url in ["https://127.0.0.1/a", "https://localhost/a", "http://10.0.0.1/a", "https://metadata.internal/", ""] {
        malformed(url, &browser.p256dh, &browser.auth).await;
    }
    malformed(&browser.endpoint, "AAAA", &browser.auth).await;
    malformed(&browser.endpoint, &browser.p256dh, "").await;
    let session = Some(scene.session(&who).await);
    let visitor = NewEndpoint { session, ..endpoint(&browser) };
    assert_eq!(refusal(scene.channels.add_endpoint(&Actor::Visitor, &visitor).await), model::Error::SignedOut);
    assert!(scene.devices(&who).await.is_empty());
    // The limit is of what was taken: the first go when there are more.
    let mut browsers = Vec::new();
    for _ in 0..MOST_DEVICES {
        browsers.push(scene.browser(&who).await);
        scene.go_on(MINUTE);
    }
    let first = scene.devices(&who).await.last().unwrap().id;
    scene.add(&who, &scene.service.browser()).await.unwrap();
    let devices = scene.devices(&who).await;
    assert!(devices.len() == MOST_DEVICES && devices.iter().all(|device| device.id != first));
    // Nobody else takes one away, or sees it.
    scene.channels.remove_device(&other, devices[0].id).await.unwrap();
    scene.channels.remove_endpoint(&other, &browsers[5].endpoint).await.unwrap();
    assert_eq!((scene.devices(&who).await.len(), scene.devices(&other).await.len()), (MOST_DEVICES, 0));
    scene.channels.remove_device(&who, devices[0].id).await.unwrap();
    scene.channels.remove_endpoint(&who, &browsers[5].endpoint).await.unwrap();
    assert_eq!(scene.devices(&who).await.len(), MOST_DEVICES - 2);
    // The browser of whoever signs in next is theirs; and where somebody signs out nobody is told.
    scene.add(&other, &browsers[6]).await.unwrap();
    assert_eq!((scene.devices(&who).await.len(), scene.devices(&other).await.len()), (MOST_DEVICES - 3, 1));
    scene.change("delete from sessions").await;
    assert_eq!((scene.devices(&who).await.len(), scene.devices(&other).await.len()), (0, 0));
}

both!(a_browser_whose_address_changed_keeps_its_place, "multi_thread");
async fn a_browser_whose_address_changed_keeps_its_place(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let (before, after) = (scene.browser(&who).await, scene.service.browser());
    let session = Some(scene.session(&who).await);
    let new = NewEndpoint { old: &before.endpoint, lang: "en", session, ..endpoint(&after) };
    scene.channels.add_endpoint(&who, &new).await.unwrap();
    let devices = scene.devices(&who).await;
    assert_eq!(devices.iter().map(|device| device.label.as_str()).collect::<Vec<_>>(), ["Chrome · Android"]);
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.send().await;
    assert_eq!((scene.service.asked(&before), scene.service.pushed(&after).len()), (0, 1));
    assert_eq!(scene.service.pushed(&after)[0].text["lang"], "en");
}

both!(browsers_that_are_gone_are_forgotten, "multi_thread");
async fn browsers_that_are_gone_are_forgotten(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let (gone, missing, stays) = (scene.browser(&who).await, scene.browser(&who).await, scene.browser(&who).await);
    scene.service.wrong(&gone, 9, Pushing::Answers(410));
    scene.service.wrong(&missing, 9, Pushing::Answers(404));
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.tell(&who, 2, &Notice::Expired).await;
    scene.send().await;
    assert_eq!(scene.devices(&who).await.len(), 1);
    assert_eq!(scene.service.pushed(&stays).len(), 2);
    assert!(scene.waiting().await.is_empty());
}
