//! Another password for whoever forgot theirs, by a link that is mailed.

use super::{GOOD, sign_up};
use crate::{
    rights::{cases, reads},
    support::{Site, client, config},
};
use engine::{
    Error,
    accounts::{SessionToken, one_time_link},
    clock::Clock,
    db::Lane,
    tasks::Tasks,
};
use model::AccountError;
use server::config::Secret;
use std::{net::IpAddr, sync::Arc};
use testing::{MailServer, On, Place, both, eventually};

reads! {
    "/forgot" => 200, 200;
    // It says what is wrong with the link.
    "/forgot/new" => 200, 200;
}

cases! {
    // This site sends no mail.
    "ask-password-link", [("email", "otter@example.com")] => 404;
    "set-password", [("token", "x"), ("new_password", "해 뜨는 날엔 수달")] => 404;
}

const NEW: &str = "해 뜨는 날엔 수달";

pub(super) async fn with_mail(on: On, server: &MailServer) -> Site {
    let place = Place::new(on);
    let mut config = config(&place);
    config.smtp_url = Some(Secret(server.url.clone()));
    config.mail_from = Some("59초 <notices@test.example>".into());
    config.public_url = Some("http://localhost".into());
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    Site::serve_as(engine, Arc::new(place), config).await
}

pub(super) async fn post(site: &Site, path: &str, form: &[(&str, &str)]) -> reqwest::Response {
    let request = client().post(site.url(path)).form(form).header("accept", "text/html");
    request.header("accept-language", "ko").send().await.unwrap()
}

/// Asks for a link; the status and where that leads.
async fn ask(site: &Site, email: &str) -> (u16, String) {
    let answer = post(site, "/forgot?do=ask-password-link", &[("email", email), ("lang", "en")]).await;
    let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    (answer.status().as_u16(), to.unwrap_or_default())
}

pub(super) async fn look(site: &Site, path: &str) -> reqwest::Response {
    let request = client().get(site.url(path)).header("accept", "text/html").header("accept-language", "ko");
    request.send().await.unwrap()
}

async fn sign_in(site: &Site, password: &str) -> reqwest::Response {
    post(site, "/sign-in", &[("email", GOOD[0].1), ("password", password)]).await
}

/// The way to the link in the last letter.
fn link(server: &MailServer) -> String {
    let text = server.mails().last().unwrap().text.replace("=\r\n", "").replace("=3D", "=");
    let token = text.split("http://localhost/forgot/new?token=").nth(1).unwrap();
    let token: String = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    format!("/forgot/new?token={token}")
}

async fn nothing_waits(site: &Site) {
    let waits = async || site.engine.db.sql("select 1 from password_requests").exists().await.unwrap();
    eventually("what was asked for is done", async || !waits().await).await;
}

both!(whoever_forgot_their_password_sets_another_by_a_link, "multi_thread");
async fn whoever_forgot_their_password_sets_another_by_a_link(on: On) {
    let server = MailServer::start().await;
    let site = with_mail(on, &server).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let signed_in = sign_in(&site, GOOD[1].1).await;
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let devices = async || {
        client().get(site.url("/my/devices")).header("cookie", &cookie).send().await.unwrap().status().as_u16()
    };
    assert_eq!(devices().await, 200);

    // Who has the address and who does not is answered alike.
    let sent = (303, "/forgot?sent=yes".to_owned());
    assert_eq!(ask(&site, "nobody@example.com").await, sent);
    assert_eq!(ask(&site, " OTTER@example.com").await, sent);
    assert_eq!(ask(&site, "no address").await.0, 422);
    assert_eq!(ask(&site, "nobody\0@example.com").await, sent);
    assert!(look(&site, &sent.1).await.text().await.unwrap().contains("링크를 보냈어요"));
    nothing_waits(&site).await;
    assert_eq!(server.mails().iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["otter@example.com"]);

    // The link is passed on to nobody, and looking at it uses nothing up.
    let link = link(&server);
    for _ in 0..2 {
        let page = look(&site, &link).await;
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            (page.status().as_u16(), header("referrer-policy"), header("cache-control")),
            (200, "strict-origin".into(), "private, no-store".into())
        );
        assert!(page.text().await.unwrap().contains("name=\"new_password\""));
    }
    let token = link.split('=').nth(1).unwrap();
    let set = async |token: &str, new: &str| {
        let to = format!("/forgot/new?token={token}&do=set-password");
        post(&site, &to, &[("token", token), ("new_password", new)]).await
    };
    let refused = set(token, "1234567890").await;
    assert_eq!(refused.status(), 422);
    let page = refused.text().await.unwrap();
    assert!(page.contains("너무 널리 알려진") && !page.contains("1234567890"));
    assert_eq!(devices().await, 200, "nobody was signed out");

    let done = set(token, NEW).await;
    assert_eq!((done.status().as_u16(), &done.headers()["location"]), (303, &"/sign-in".parse().unwrap()));
    assert_eq!(devices().await, 401);
    assert_eq!(sign_in(&site, GOOD[1].1).await.status(), 422);
    assert_eq!(sign_in(&site, NEW).await.status(), 303);

    // Used, too old, and made up are told apart.
    let again = set(token, GOOD[1].1).await;
    assert_eq!(again.status(), 410);
    assert!(again.text().await.unwrap().contains("이미 쓴 링크예요"));
    assert!(look(&site, &link).await.text().await.unwrap().contains("이미 쓴 링크예요"));
    assert_eq!(set(&"A".repeat(43), NEW).await.status(), 404);
    assert!(look(&site, "/forgot/new?token=%00").await.text().await.unwrap().contains("맞지 않는 링크예요"));
    let now = site.engine.clock.now();
    let member = site.engine.accounts.by_email(GOOD[0].1).await.unwrap().unwrap();
    let old = one_time_link(&site.engine.db, now, member).await.unwrap();
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update password_links set expires_at = $1 where used_at is null").bind(now).run().await.unwrap();
    tx.commit().await.unwrap();
    assert!(look(&site, &old).await.text().await.unwrap().contains("시간이 지난 링크예요"));
    assert_eq!(set(old.split('=').nth(1).unwrap(), GOOD[1].1).await.status(), 410);
    assert_eq!(sign_in(&site, NEW).await.status(), 303, "none of that changed it");
}

both!(of_links_used_at_once_one_sets_a_password_and_ends_the_others, "multi_thread");
async fn of_links_used_at_once_one_sets_a_password_and_ends_the_others(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let (accounts, now) = (&site.engine.accounts, site.engine.clock.now());
    let member = accounts.by_email(GOOD[0].1).await.unwrap().unwrap();
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let path = one_time_link(&site.engine.db, now, member).await.unwrap();
        tokens.push(path.split('=').nth(1).unwrap().to_owned());
    }
    let address = IpAddr::from([192, 0, 2, 1]);
    let trying = (0..8).map(|n| accounts.set_password(&tokens[n % 2], NEW, None, address));
    let done = futures::future::join_all(trying).await;
    let used = |done: &Result<Option<SessionToken>, Error>| {
        matches!(done, Err(Error::Refused(model::Error::Account(AccountError::LinkUsed))))
    };
    assert_eq!(
        (done.iter().filter(|done| done.is_ok()).count(), done.iter().filter(|done| used(done)).count()),
        (1, 7)
    );
}

both!(links_are_asked_for_only_so_often_and_not_where_no_mail_is_sent, "multi_thread");
async fn links_are_asked_for_only_so_often_and_not_where_no_mail_is_sent(on: On) {
    let server = MailServer::start().await;
    let site = with_mail(on, &server).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    for email in [GOOD[0].1, "nobody@example.com"] {
        let mut answers = Vec::new();
        for _ in 0..4 {
            answers.push(ask(&site, email).await.0);
        }
        assert_eq!(answers, [303, 303, 303, 429], "{email}");
    }
    let mut answers = Vec::new();
    for n in 0..12 {
        answers.push(ask(&site, &format!("nobody{n}@example.com")).await.0);
    }
    assert!(answers.contains(&429), "from one address: {answers:?}");
    nothing_waits(&site).await;
    assert_eq!(server.mails().len(), 3);

    let without = Site::start(on).await;
    let page = look(&without, "/forgot").await.text().await.unwrap();
    assert!(page.contains("메일을 보내지 않아서") && !page.contains("name=\"email\""));
    assert_eq!(ask(&without, GOOD[0].1).await.0, 404);
}
