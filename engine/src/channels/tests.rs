//! What tests of channels share: members, and servers that stand in for push services and mail, and go wrong.

use super::*;
use crate::parties::testing::newcomer;
use ::testing::{Browser, MailServer, On, Place, PushService, both};
use model::{
    HOUR, MINUTE, Notice, SECOND, Span,
    channels::{MailLink, is_of_the_hour},
};

mod browsers;
mod failing;
mod letters;
mod links;
mod telling;

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
