//! Links that let somebody have another password or another email, and what the old address is told.

use super::*;
use crate::accounts::{Accounts, EmailWish, LINK_LASTS, Passwords};
use crate::cluster::{Bus, Invalidation};
use model::AccountError;

impl Scene {
    fn accounts(&self) -> Accounts {
        let (passwords, invalidation) = (Passwords::weak().unwrap(), Invalidation::new(Bus::local()));
        Accounts::new(self.db.clone(), self.clock.clone(), Limits::default(), passwords, invalidation, None)
    }

    async fn email(&self, who: &Actor) -> String {
        let row = self.db.sql("select email from members where id = $1").bind(id(who));
        row.one::<(String,)>().await.unwrap().0
    }
}

both!(a_link_to_another_password_is_tried_again_for_as_long_as_it_lasts);
async fn a_link_to_another_password_is_tried_again_for_as_long_as_it_lasts(on: On) {
    let scene = Scene::new(on).await;
    scene.member(1).await;
    let ask = async |typed: &str| scene.channels.ask_password_link(typed, "en", [192, 0, 2, 1].into()).await;
    let send = async || scene.channels.send_password_links().await.unwrap();
    let waiting = async || scene.db.sql("select 1 from password_requests").exists().await.unwrap();
    ask("nobody@test.example").await.unwrap();
    send().await;
    assert!(!waiting().await && scene.mail.mails().is_empty());
    ask(" M1@Test.example").await.unwrap();
    scene.mail.greylist(1);
    send().await;
    send().await;
    assert!(waiting().await && scene.mail.mails().is_empty(), "it is tried again after a while");
    scene.go_on(MINUTE);
    send().await;
    let mails = scene.mail.mails();
    assert_eq!((waiting().await, mails.len(), mails[0].to.as_str()), (false, 1, "m1@test.example"));
    assert!(mails[0].text.replace("=\r\n", "").contains("https://59.example/forgot/new?token"));
    // Refused for good it is not said again, and what could not be sent for half an hour is of no use.
    scene.mail.refuse(550);
    ask("m1@test.example").await.unwrap();
    send().await;
    assert!(!waiting().await);
    scene.mail.mend();
    ask("m1@test.example").await.unwrap();
    scene.go_on(MINUTE.times(30));
    send().await;
    assert_eq!((waiting().await, scene.mail.mails().len()), (false, 1));
    // For an address that is somebody's no more when the letter is written there is none.
    let (who, now) = (id(&scene.member(2).await), scene.clock.now());
    assert!(scene.channels.write_link_at(who, "old@test.example", now).await.unwrap().is_none());
    let links = scene.db.sql("select 1 from password_links where member_id = $1").bind(who);
    assert!(!links.exists().await.unwrap());
    assert!(scene.channels.write_link_at(who, "m2@test.example", now).await.unwrap().is_some());
    for wrong in ["", "m1", "m1@test.example\r\nBcc: victim@test.example"] {
        assert!(ask(wrong).await.is_err(), "{wrong:?}");
    }
}

both!(a_link_to_another_email_is_one_members_as_they_were_for_half_an_hour);
async fn a_link_to_another_email_is_one_members_as_they_were_for_half_an_hour(on: On) {
    let scene = Scene::new(on).await;
    let (member, other) = (id(&scene.member(1).await), id(&scene.member(2).await));
    let row = scene.db.sql("select password_hash from members where id = $1").bind(member);
    let (hash,): (String,) = row.one().await.unwrap();
    let wish = EmailWish { member, old: "m1@test.example".into(), new: "new@test.example".into(), hash };
    let (channels, now) = (&scene.channels, scene.clock.now());
    let token = channels.email_token(&wish, now + LINK_LASTS).await.unwrap();
    let why = async |member: MemberId, token: &str| refusal(channels.wish_of_link(member, token).await);
    let unknown = model::Error::from(AccountError::LinkUnknown);
    assert_eq!(channels.wish_of_link(member, &token).await.unwrap().new, "new@test.example");
    assert_eq!(why(other, &token).await, unknown, "another member's");
    // Its end, its signature and its address are all signed.
    for at in [0, 20, token.len() - 2] {
        let mut forged = token.clone();
        forged.replace_range(at..=at, if &token[at..=at] == "B" { "C" } else { "B" });
        assert_eq!(why(member, &forged).await, unknown, "{at}");
    }
    scene.go_on(LINK_LASTS);
    assert_eq!(why(member, &token).await, AccountError::LinkOver.into());
    let token = channels.email_token(&wish, scene.clock.now() + LINK_LASTS).await.unwrap();
    scene.change("update members set password_hash = 'another' where email = 'm1@test.example'").await;
    assert_eq!(why(member, &token).await, unknown, "with another password it is over");
    scene.change("update members set email = 'new@test.example' where email = 'm1@test.example'").await;
    assert_eq!(why(member, &token).await, AccountError::LinkUsed.into());
}

both!(whoever_has_no_password_sets_one_before_they_wish_for_an_email);
async fn whoever_has_no_password_sets_one_before_they_wish_for_an_email(on: On) {
    let scene = Scene::new(on).await;
    let (accounts, who) = (scene.accounts(), scene.member(1).await);
    scene.change("update members set password_hash = ''").await;
    let ask = async |password: &str, email: &str| {
        let typed = (email, password);
        scene.channels.ask_another_email(&accounts, &who, typed, "en", [192, 0, 2, 1].into()).await
    };
    // Not a browser alone that was left signed in, however lately.
    accounts.sessions.start(id(&who), "").await.unwrap();
    assert_eq!(refusal(ask("", "new@test.example").await), model::Error::NotFound);
    assert!(scene.mail.mails().is_empty());
    let hash = Passwords::weak().unwrap().hash("an otter's own").await.unwrap();
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set password_hash = $1 where id = $2").bind(hash).bind(id(&who)).run().await.unwrap();
    tx.commit().await.unwrap();
    // Nobody has letters sent to many whom they name.
    for email in ["a@test.example", "b@test.example", "c@test.example"] {
        ask("an otter's own", email).await.unwrap();
    }
    assert!(matches!(refusal(ask("an otter's own", "d@test.example").await), model::Error::TooMany { .. }));
    assert_eq!(scene.mail.mails().len(), 3);
}

both!(an_old_email_is_told_of_the_new_one_whatever_becomes_of_who_asked);
async fn an_old_email_is_told_of_the_new_one_whatever_becomes_of_who_asked(on: On) {
    let scene = Scene::new(on).await;
    let (accounts, who, other) = (scene.accounts(), scene.member(1).await, scene.member(2).await);
    scene.mailed(&who).await;
    let wish = async |new: &str| {
        let row = scene.db.sql("select email, password_hash from members where id = $1").bind(id(&who));
        let (old, hash): (String, String) = row.one().await.unwrap();
        EmailWish { member: id(&who), old, new: new.into(), hash }
    };
    let follow = async |wish: &EmailWish| {
        let session = accounts.sessions.start(id(&who), "").await.unwrap();
        let token = scene.channels.email_token(wish, scene.clock.now() + LINK_LASTS).await.unwrap();
        scene.channels.follow_email_link(&accounts, &who, &session, &token, "en").await.map(drop)
    };
    let told = async || {
        scene.channels.tell_old_emails().await.unwrap();
        let mails = scene.mail.mails().into_iter().filter(|mail| mail.text.contains("email changed"));
        mails.map(|mail| mail.to).collect::<Vec<_>>()
    };
    // What somebody has by then stays theirs, and nothing else happens.
    assert_eq!(refusal(follow(&wish("m2@test.example").await).await), AccountError::LinkOver.into());
    assert_eq!(
        (scene.email(&who).await, scene.email(&other).await),
        ("m1@test.example".into(), "m2@test.example".into())
    );
    assert!(told().await.is_empty());

    let first = wish("new@test.example").await;
    follow(&first).await.unwrap();
    assert_eq!(scene.email(&who).await, "new@test.example");
    let mailed =
        scene.db.sql("select 1 from mail_settings where email = 'new@test.example' and confirmed_at is not null");
    assert!(mailed.exists().await.unwrap(), "notices follow");
    // The mail server takes nothing for now: the word is not lost, and comes once.
    scene.mail.greylist(1);
    assert!(told().await.is_empty());
    scene.go_on(MINUTE.times(10));
    assert_eq!(told().await, ["m1@test.example"]);
    scene.go_on(MINUTE.times(10));
    assert_eq!(told().await, ["m1@test.example"]);

    // As they were when they wished for it, and not as somebody who left meanwhile.
    let session = accounts.sessions.start(id(&who), "").await.unwrap();
    assert_eq!(refusal(accounts.give_email(&first, &session).await), AccountError::LinkOver.into());
    let last = wish("last@test.example").await;
    scene.change("update members set left_at = 1 where email = 'new@test.example'").await;
    assert_eq!(refusal(accounts.give_email(&last, &session).await), AccountError::LinkOver.into());
    assert_eq!(scene.email(&who).await, "new@test.example");
}
