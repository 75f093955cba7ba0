//! Where members are told outside the site: their page, its functions, and the links of mails.

use crate::{
    rights::{cases, reads},
    support::{Person, Site, client, config},
};
use engine::{clock::Clock, tasks::Tasks};
use server::config::{Config, Secret};
use std::sync::Arc;
use testing::{MailServer, On, Place, PushService, both};

reads! {
    "/notices/delivery" => 401, 200;
    // Nobody signed that token.
    "/mail/stop/AAAA" => 404, 404;
}

cases! {
    // This site pushes nothing and sends no mail.
    "add-push-endpoint", [("endpoint", "https://push.example.com/a")] => 404;
    "remove-push-endpoint", [("device", "{device}")] => 200;
    "set-mail-notices", [("on", "yes")] => 404;
}

const PAGE: &str = "/notices/delivery";

async fn site(on: On, change: impl FnOnce(&mut Config)) -> Site {
    let place = Place::new(on);
    let mut config = config(&place);
    change(&mut config);
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    Site::serve_as(engine, Arc::new(place), config).await
}

async fn page(who: &Person, path: &str) -> String {
    let response = who.get(path).await;
    assert_eq!(response.status(), 200, "{path}");
    response.text().await.unwrap()
}

async fn push_service() -> PushService {
    PushService::start(Clock::system().now().0 / 1_000_000).await
}

both!(a_browser_is_added_listed_and_removed_without_scripts, "multi_thread");
async fn a_browser_is_added_listed_and_removed_without_scripts(on: On) {
    let service = push_service().await;
    let site = site(on, |config| config.local_push = true).await;
    let people = site.people(2).await;
    let (who, other) = (&people[0], &people[1]);
    let shown = page(who, PAGE).await;
    assert!(shown.contains("data-push=\"B") && shown.contains("src=\"/push.js\""));
    assert!(!shown.contains("do=remove-push-endpoint") && !shown.contains("do=set-mail-notices"));
    let browser = service.browser();
    let form = [
        ("endpoint", browser.endpoint.as_str()),
        ("p256dh", &browser.p256dh),
        ("auth", &browser.auth),
        ("label", "<b>Chrome</b> · Android"),
        ("lang", "en"),
    ];
    assert_eq!(who.call("add-push-endpoint", &form).await, 200);
    let shown = page(who, PAGE).await;
    assert!(shown.contains("Chrome") && !shown.contains("<b>Chrome") && shown.contains("do=remove-push-endpoint"));
    assert!(!page(other, PAGE).await.contains("Chrome"));
    for (name, value) in [
        ("endpoint", "https://169.254.169.254/latest"),
        ("endpoint", "http://redis:6379/"),
        ("p256dh", "AAAA"),
        ("auth", ""),
    ] {
        let wrong: Vec<_> =
            form.iter().map(|(field, kept)| (*field, if *field == name { value } else { *kept })).collect();
        assert_eq!(who.call("add-push-endpoint", &wrong).await, 400, "{name} {value}");
    }
    let device = shown.split("name=\"device\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(other.change(PAGE, "remove-push-endpoint", &[("device", &device)]).await.status(), 303);
    assert!(page(who, PAGE).await.contains(&device), "it is not theirs to remove");
    assert_eq!(who.call("remove-push-endpoint", &[("device", "x")]).await, 404);
    assert_eq!(who.change(PAGE, "remove-push-endpoint", &[("device", &device)]).await.status(), 303);
    assert!(!page(who, PAGE).await.contains(&device));
    // Where somebody signs out they are told no more.
    assert_eq!(who.call("add-push-endpoint", &form).await, 200);
    assert_eq!(who.call("sign-out", &[]).await, 200);
    assert!(!site.engine.db.sql("select 1 from push_endpoints").exists().await.unwrap());
}

both!(mail_is_confirmed_and_stopped_by_its_links, "multi_thread");
async fn mail_is_confirmed_and_stopped_by_its_links(on: On) {
    let server = MailServer::start().await;
    let url = server.url.clone();
    let site = site(on, move |config| {
        config.smtp_url = Some(Secret(url));
        config.mail_from = Some("59초 <notices@test.example>".into());
        config.public_url = Some("http://localhost".into());
    })
    .await;
    let who = site.people(1).await.remove(0);
    assert!(page(&who, PAGE).await.contains("do=set-mail-notices"));
    assert_eq!(who.change(PAGE, "set-mail-notices", &[("on", "yes"), ("lang", "en")]).await.status(), 303);
    let link = |mail: &str| {
        let mail = mail.replace("=\r\n", "");
        let path = mail.split("http://localhost/mail/").nth(1).unwrap().to_owned();
        let end = path.find(|c: char| !c.is_ascii_alphanumeric() && !"-_/".contains(c)).unwrap_or(path.len());
        format!("/mail/{}", &path[..end])
    };
    let confirm = link(&server.mails()[0].text);
    // Looking at it changes nothing; the button does, for whoever has the mail.
    let look = async |path: &str| {
        let answer = client().get(site.url(path)).header("accept", "text/html").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, shown) = look(&confirm).await;
    let button = |path: &str| format!("action=\"{path}\"");
    assert!(status == 200 && shown.contains(&button(&confirm)));
    let on = async || {
        site.engine.db.sql("select 1 from mail_settings where confirmed_at is not null").exists().await.unwrap()
    };
    assert!(!on().await);
    let press = async |path: &str, body: &'static str| {
        let request = client().post(site.url(path)).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(press(&confirm, "").await, 303);
    assert!(on().await && !look(&confirm).await.1.contains(&button(&confirm)));
    // The link to be rid of it is signed apart.
    let token = confirm.rsplit('/').next().unwrap();
    assert_eq!(press(&format!("/mail/stop/{token}"), "List-Unsubscribe=One-Click").await, 404);
    for nonsense in ["/mail/stop/x", "/mail/other/AAAA", "/mail/confirm/%00"] {
        assert_eq!(press(nonsense, "").await, 404, "{nonsense}");
    }
    assert!(on().await);
    assert_eq!(who.change(PAGE, "set-mail-notices", &[("on", "")]).await.status(), 303);
    assert!(!on().await);
}

#[tokio::test]
async fn half_a_configuration_of_mail_is_said() {
    let place = Place::new(On::Sqlite);
    let with = |server: Option<&str>, from: Option<&str>, url: Option<&str>| {
        let mut config = config(&place);
        config.smtp_url = server.map(|server| Secret(server.to_owned()));
        config.mail_from = from.map(str::to_owned);
        config.public_url = url.map(str::to_owned);
        config.channels()
    };
    let (server, from, url) =
        (Some("smtps://user:hidden@mail.example"), Some("a@b.example"), Some("https://59.example"));
    assert!(with(server, from, url).is_ok_and(|means| means.mailer.is_some() && means.push.is_some()));
    assert!(with(None, None, None).is_ok_and(|means| means.mailer.is_none() && means.push.is_some()));
    assert!(with(Some(""), Some(""), url).is_ok_and(|means| means.mailer.is_none()));
    // Browsers let nothing be pushed there.
    assert!(with(None, None, Some("http://59.example")).is_ok_and(|means| means.push.is_none()));
    for (server, from, url) in
        [(server, None, url), (None, from, url), (server, from, None), (server, Some("nobody"), url)]
    {
        let said = with(server, from, url).err().unwrap().to_string();
        assert!(!said.contains("hidden"), "{said}");
    }
}
