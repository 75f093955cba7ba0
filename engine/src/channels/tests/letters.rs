//! Notices by mail: from when it is confirmed until its link stops it.

use super::*;

both!(mail_is_sent_to_whoever_confirmed_it_and_stopped_by_its_link, "multi_thread");
async fn mail_is_sent_to_whoever_confirmed_it_and_stopped_by_its_link(on: On) {
    let scene = Scene::new(on).await;
    let (who, other) = (scene.member(1).await, scene.member(2).await);
    let state = async |who: &Actor| scene.channels.settings(who).await.unwrap().mail.unwrap().1;
    assert_eq!(state(&who).await, MailState::Off);
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.channels.set_mail(&who, true, "en").await.unwrap();
    assert_eq!(state(&who).await, MailState::Asked);
    scene.tell(&who, 2, &Notice::Sent).await;
    scene.send().await;
    assert_eq!(scene.mail.mails().len(), 1, "nothing before it is confirmed");
    let confirm = scene.link(MailLink::Confirm).unwrap();
    // Not by what others may make up, nor for another use.
    for (link, token) in
        [(MailLink::Stop, confirm.as_str()), (MailLink::Confirm, &confirm[1..]), (MailLink::Confirm, "")]
    {
        assert_eq!(refusal(scene.channels.follow_mail_link(link, token).await), model::Error::NotFound);
    }
    for _ in 0..2 {
        scene.channels.follow_mail_link(MailLink::Confirm, &confirm).await.unwrap();
    }
    assert!(scene.channels.mail_link(MailLink::Confirm, &confirm).await.unwrap().done);
    assert_eq!(state(&who).await, MailState::On);
    scene.tell(&who, 3, &Notice::Sent).await;
    scene.tell(&other, 1, &Notice::Sent).await;
    scene.send().await;
    let mails = scene.mail.mails();
    assert_eq!(mails.len(), 2);
    let mail = &mails[1];
    assert_eq!(mail.to, "m1@test.example");
    let name = format!("<notice.{}.3@test.example>", id(&who));
    assert_eq!(mail.header("Message-ID"), Some(name));
    assert_eq!(mail.header("List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let stop = mail.header("List-Unsubscribe").unwrap();
    let stop = stop.trim_matches(['<', '>']).strip_prefix("https://59.example/mail/stop/").unwrap().to_owned();
    scene.channels.follow_mail_link(MailLink::Stop, &stop).await.unwrap();
    assert!(scene.channels.mail_link(MailLink::Stop, &stop).await.unwrap().done);
    // What was confirmed once is not for ever.
    assert_eq!(refusal(scene.channels.follow_mail_link(MailLink::Confirm, &confirm).await), model::Error::NotFound);
    scene.tell(&who, 4, &Notice::Sent).await;
    scene.send().await;
    assert_eq!(scene.mail.mails().len(), 2);
}

both!(mail_that_is_not_taken_is_tried_again_under_the_same_name, "multi_thread");
async fn mail_that_is_not_taken_is_tried_again_under_the_same_name(on: On) {
    let scene = Scene::new(on).await;
    let who = scene.member(1).await;
    scene.mailed(&who).await;
    // Taken, and nobody knows.
    scene.mail.go_unheard();
    scene.tell(&who, 1, &Notice::Sent).await;
    scene.send().await;
    scene.mail.greylist(1);
    scene.go_on(MINUTE);
    scene.send().await;
    scene.go_on(MINUTE.times(5));
    scene.send().await;
    let mails = scene.mail.mails();
    assert_eq!(mails.len(), 3);
    assert_eq!(mails[1].header("Message-ID"), mails[2].header("Message-ID"));
    // Refused for good, it is not said again.
    scene.mail.refuse(550);
    scene.tell(&who, 2, &Notice::Sent).await;
    scene.send().await;
    assert!(scene.waiting().await.is_empty());
    // An address that was changed since is not written to.
    scene.mail.mend();
    scene.change("update members set email = 'another@test.example'").await;
    scene.tell(&who, 3, &Notice::Sent).await;
    scene.send().await;
    assert_eq!(scene.mail.mails().len(), 3);
    assert_eq!(scene.channels.settings(&who).await.unwrap().mail.unwrap().1, MailState::Off);
}
