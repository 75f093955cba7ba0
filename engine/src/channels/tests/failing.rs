//! Push services that fail, ask for patience, hang, answer at length or lead elsewhere; and a node that is killed between.

use super::*;
use ::testing::{Pushing, eventually};
use model::DAY;

both!(what_fails_is_tried_again_and_given_up_within_a_day, "multi_thread");
async fn what_fails_is_tried_again_and_given_up_within_a_day(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let (broken, refusing) = (scene.browser(&who).await, scene.browser(&who).await);
    scene.service.wrong(&broken, 99, Pushing::Answers(500));
    scene.service.wrong(&refusing, 99, Pushing::Answers(400));
    scene.tell(&who, 1, &Notice::YourTurn { due_at: Time(0) }).await;
    let mut gaps = Vec::new();
    let mut last = scene.clock.now();
    for _ in 0..60 * 24 {
        let before = scene.service.asked(&broken);
        scene.send().await;
        if scene.service.asked(&broken) > before {
            gaps.push(scene.clock.now().since(last));
            last = scene.clock.now();
        }
        scene.go_on(MINUTE);
    }
    assert_eq!(gaps.len(), 6, "{gaps:?}");
    assert!(gaps.is_sorted() && last.since(noon()) < DAY);
    assert!(scene.waiting().await.is_empty());
    // What is refused is not said again; neither is forgotten.
    assert_eq!(scene.service.asked(&refusing), 1);
    assert_eq!(scene.devices(&who).await.len(), 2);
}

both!(a_service_that_asks_for_patience_gets_it, "multi_thread");
async fn a_service_that_asks_for_patience_gets_it(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.service.wrong(&browser, 1, Pushing::After(429, 600));
    // More than anybody waits for.
    scene.service.wrong(&browser, 1, Pushing::After(503, u32::MAX));
    scene.tell(&who, 1, &Notice::YourTurn { due_at: Time(0) }).await;
    scene.send().await;
    scene.go_on(MINUTE.times(10) - SECOND);
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 1);
    scene.go_on(SECOND);
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 2);
    scene.go_on(HOUR.times(12));
    scene.send().await;
    assert_eq!(scene.service.pushed(&browser).len(), 1);
}

both!(who_hangs_holds_nobody_up, "multi_thread");
async fn who_hangs_holds_nobody_up(on: On) {
    let scene = Scene::new(on).await;
    let (slow, quick) = (scene.member(1).await, scene.member(2).await);
    let hanging = scene.browser(&slow).await;
    scene.service.wrong(&hanging, 9, Pushing::Hangs);
    scene.tell(&slow, 1, &Notice::Sent).await;
    let sending = scene.channels.clone();
    let sending = tokio::spawn(async move { sending.send_due().await });
    eventually("it hangs", async || scene.service.asked(&hanging) == 1).await;
    // What becomes due meanwhile goes out meanwhile, by the same run.
    let browser = scene.browser(&quick).await;
    scene.tell(&quick, 1, &Notice::Sent).await;
    eventually("others are told", async || scene.service.pushed(&browser).len() == 1).await;
    assert!(!sending.is_finished());
    sending.await.unwrap().unwrap();
    assert_eq!(scene.waiting().await, [1], "it is tried again");
}

both!(long_answers_and_redirects_are_not_followed, "multi_thread");
async fn long_answers_and_redirects_are_not_followed(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let (long, leading, target) = (scene.browser(&who).await, scene.browser(&who).await, scene.service.browser());
    scene.service.wrong(&long, 1, Pushing::Long);
    scene.service.wrong(&leading, 1, Pushing::Redirects(target.endpoint.clone()));
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.send().await;
    assert_eq!((scene.service.pushed(&long).len(), scene.service.asked(&target)), (1, 0));
    assert!(scene.waiting().await.is_empty());
}

both!(whoever_is_killed_between_is_followed_under_the_same_name, "multi_thread");
async fn whoever_is_killed_between_is_followed_under_the_same_name(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    let browser = scene.browser(&who).await;
    scene.service.wrong(&browser, 1, Pushing::Slow(std::time::Duration::from_secs(5)));
    scene.tell(&who, 4, &Notice::YourTurn { due_at: Time(0) }).await;
    let killed = scene.channels.clone();
    let killed = tokio::spawn(async move { killed.send_due().await });
    eventually("it arrived", async || scene.service.pushed(&browser).len() == 1).await;
    killed.abort();
    let _ = killed.await;
    // Nobody else takes it before it is over.
    scene.send().await;
    assert_eq!(scene.service.asked(&browser), 1);
    scene.go_on(MINUTE.times(2));
    // Two nodes at once.
    let (one, two) = tokio::join!(scene.channels.send_due(), scene.channels.send_due());
    assert!(one.is_ok() && two.is_ok());
    let pushed = scene.service.pushed(&browser);
    assert_eq!(pushed.iter().map(|one| one.topic.as_str()).collect::<Vec<_>>(), ["notice-4", "notice-4"]);
    assert!(scene.waiting().await.is_empty());
}
