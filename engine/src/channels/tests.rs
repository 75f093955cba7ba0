//! What is sent where and when, against servers that stand in for push services and mail, and go wrong.

use super::{sending::Slow, *};
use crate::accounts::{Accounts, EmailWish, LINK_LASTS, Passwords};
use crate::cluster::{Bus, Invalidation};
use crate::parties::testing::newcomer;
use ::testing::{Browser, MailServer, On, Place, PushService, Pushing, both, eventually};
use model::{AccountError, DAY, HOUR, MINUTE, SECOND, Span, channels::MailLink};
use model::{Notice, channels::is_of_the_hour};

/// Noon in Korea.
fn noon() -> Time {
    Time::from_civil(2026, 11, 26, 12, 0, 0).unwrap()
}

/// Says what it is given.
struct Plain;

impl Wording for Plain {
    fn notice(&self, lang: &str, line: &NoticeLine) -> Words {
        let text = format!("{lang} {:?}", line.notice);
        let [open, why, stop] = ["open", "why", "stop"].map(str::to_owned);
        Words { text, path: "/notices".into(), open, why, stop }
    }

    fn confirmation(&self, lang: &str) -> Words {
        let [open, why] = ["confirm", "why"].map(str::to_owned);
        Words { text: format!("{lang} mail?"), path: String::new(), open, why, stop: String::new() }
    }

    fn another_password(&self, lang: &str) -> Words {
        let [open, why] = ["set", "why"].map(str::to_owned);
        Words { text: format!("{lang} password?"), path: String::new(), open, why, stop: String::new() }
    }

    fn another_email(&self, lang: &str) -> Words {
        let [open, why] = ["change", "why"].map(str::to_owned);
        Words { text: format!("{lang} email?"), path: String::new(), open, why, stop: String::new() }
    }

    fn email_taken(&self, lang: &str) -> Words {
        let [path, open, why] = ["/sign-in", "sign in", "why"].map(str::to_owned);
        Words { text: format!("{lang} email taken"), path, open, why, stop: String::new() }
    }

    fn email_changed(&self, lang: &str) -> Words {
        let [path, open, why] = ["/forgot", "open", "why"].map(str::to_owned);
        Words { text: format!("{lang} email changed"), path, open, why, stop: String::new() }
    }
}

struct Scene {
    db: Db,
    clock: Clock,
    channels: Channels,
    service: PushService,
    mail: MailServer,
    _place: Place,
}

impl Scene {
    async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let (db, clock) = (Db::at(&place).await, Clock::manual(noon()));
        let service = PushService::start(noon().0 / 1_000_000).await;
        let mail = MailServer::start().await;
        let means = Means {
            wording: Arc::new(Plain),
            origin: "https://59.example".into(),
            push: Some(Push::with_local("mailto:site@test.example")),
            mailer: Some(Mailer::new(&mail.url, "59초 <notices@test.example>").unwrap()),
        };
        let channels = Channels::new(db.clone(), clock.clone(), Limits::default(), Some(means));
        Scene { db, clock, channels, service, mail, _place: place }
    }

    /// A member of a number, with an address of mail.
    async fn member(&self, number: u128) -> Actor {
        let member = newcomer(&self.db, number).await;
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        let named = tx.sql("update members set email = $2 where id = $1");
        named.bind(member).bind(format!("m{number}@test.example")).run().await.unwrap();
        tx.commit().await.unwrap();
        Actor::host(member)
    }

    /// A session of a member's.
    async fn session(&self, who: &Actor) -> SessionToken {
        let token: SessionToken =
            ids::random::<32>().iter().map(|byte| format!("{byte:02x}")).collect::<String>().parse().ok().unwrap();
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)",
        )
        .bind(token.hash().to_vec())
        .bind(id(who))
        .bind(Time(i64::MAX))
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        token
    }

    /// A browser in which a member is told.
    async fn browser(&self, who: &Actor) -> Browser {
        let browser = self.service.browser();
        self.add(who, &browser).await.unwrap();
        browser
    }

    async fn add(&self, who: &Actor, browser: &Browser) -> Result<(), Error> {
        let session = Some(self.session(who).await);
        let new = NewEndpoint { label: "Chrome · Android", lang: "ko", session, ..endpoint(browser) };
        self.channels.add_endpoint(who, &new).await
    }

    /// Has a member told by mail.
    async fn mailed(&self, who: &Actor) {
        self.channels.set_mail(who, true, "en").await.unwrap();
        let token = self.link(MailLink::Confirm).unwrap();
        self.channels.follow_mail_link(MailLink::Confirm, &token).await.unwrap();
    }

    /// The token of the last link of a kind in what was mailed.
    fn link(&self, link: MailLink) -> Option<String> {
        let text = self.mail.mails().last()?.text.replace("=\r\n", "").replace("=3D", "=");
        let token = text.split(&format!("/mail/{}/", link.name())).nth(1)?;
        Some(token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect())
    }

    /// Stores a notice of a number, and queues it.
    async fn tell(&self, who: &Actor, number: i64, notice: &Notice) {
        let (member, now) = (id(who), self.clock.now());
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql("insert into notices (member_id, at, id, notice, number) values ($1, $2, $3, $4, $5)")
            .bind(member)
            .bind(now)
            .bind(ids::new_id(now))
            .bind(serde_json::to_string(notice).unwrap())
            .bind(number)
            .run()
            .await
            .unwrap();
        let stored = Stored { member, number, of_the_hour: is_of_the_hour(notice) };
        queue(&mut tx, &[stored], now).await.unwrap();
        // Twice is once.
        queue(&mut tx, &[stored], now).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, text: &'static str) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql(text).run().await.unwrap();
        tx.commit().await.unwrap();
    }

    fn go_on(&self, span: Span) {
        self.clock.set(self.clock.now() + span);
        self.service.set_time(self.clock.now().0 / 1_000_000);
    }

    async fn send(&self) {
        self.channels.send_due().await.unwrap();
    }

    /// How many are still to be sent, with their tries.
    async fn waiting(&self) -> Vec<i64> {
        let rows = self.db.sql("select tries from notice_deliveries order by due_at, number");
        rows.all::<(i64,)>().await.unwrap().into_iter().map(|(tries,)| tries).collect()
    }

    async fn devices(&self, who: &Actor) -> Vec<Device> {
        self.channels.settings(who).await.unwrap().devices
    }
}

fn id(who: &Actor) -> MemberId {
    who.member().unwrap()
}

fn endpoint(browser: &Browser) -> NewEndpoint<'_> {
    NewEndpoint { url: &browser.endpoint, public: &browser.p256dh, secret: &browser.auth, ..NewEndpoint::default() }
}

fn refusal<T>(done: Result<T, Error>) -> model::Error {
    match done {
        Err(Error::Refused(error)) => error,
        Err(fault) => panic!("{fault}"),
        Ok(_) => panic!("it was not refused"),
    }
}

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
