//! Another email for whoever has an account.

use super::{
    GOOD,
    forgot::{post, with_mail},
    sign_up,
};
use crate::{
    rights::{cases, reads},
    support::{Site, client},
};
use reqwest::Response;
use testing::{MailServer, On, both, eventually};

reads! {
    "/my/account/email" => 401, 200;
}

cases! {
    // Nobody there has a password.
    "change-email", [("email", "new@example.com"), ("password", "x")] => 404;
    // This site sends no mail.
    "confirm-email", [("token", "x")] => 404;
}

const PAGE: &str = "/my/account/email";
const BEAVER: [(&str, &str); 2] = [("email", "beaver@example.com"), ("nickname", "느긋한 비버")];

fn cookie(answer: &Response) -> String {
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

fn location(answer: &Response) -> &str {
    answer.headers()["location"].to_str().unwrap()
}

async fn sign_in(site: &Site, email: &str) -> Response {
    post(site, "/sign-in", &[("email", email), ("password", GOOD[1].1)]).await
}

async fn get(site: &Site, cookie: &str, path: &str) -> (u16, String) {
    let asked = client().get(site.url(path)).header("cookie", cookie).header("accept", "text/html");
    let answer = asked.header("accept-language", "ko").send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn change(site: &Site, cookie: &str, name: &str, form: &[(&str, &str)]) -> Response {
    let sent = client().post(site.url(&format!("{PAGE}?do={name}"))).header("cookie", cookie).form(form);
    sent.header("accept", "text/html").header("accept-language", "ko").send().await.unwrap()
}

async fn ask(site: &Site, cookie: &str, email: &str) -> Response {
    change(site, cookie, "change-email", &[("email", email), ("password", GOOD[1].1), ("lang", "en")]).await
}

both!(where_no_mail_is_sent_an_email_is_another_at_once_and_others_are_signed_out);
async fn where_no_mail_is_sent_an_email_is_another_at_once_and_others_are_signed_out(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    assert_eq!(sign_up(&site, &BEAVER).await.status(), 303);
    let mut here = cookie(&sign_in(&site, GOOD[0].1).await);
    let elsewhere = cookie(&sign_in(&site, GOOD[0].1).await);
    for (email, password, said) in [
        ("no address", GOOD[1].1, "note bad"),
        ("river@example.com", "비 오는 날엔 해달", "지금 비밀번호가 맞지 않아요"),
        (" OTTER@example.com", GOOD[1].1, "이미 쓰이고 있어요"),
    ] {
        let refused = change(&site, &here, "change-email", &[("email", email), ("password", password)]).await;
        assert_eq!(refused.status(), 422, "{email}");
        let page = refused.text().await.unwrap();
        assert!(page.contains(said) && !page.contains(password), "{email}");
    }
    // Whether somebody has it is not told by the answer, and what is another's stays so.
    for (email, has, others) in
        [("beaver@example.com", "otter@example.com", 200), ("River@example.com", "river@example.com", 401)]
    {
        let answer = ask(&site, &here, email).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/my/account/email?done=yes"), "{email}");
        let renewed = cookie(&answer);
        assert_ne!(renewed, here, "{email}");
        assert_eq!(get(&site, &here, PAGE).await.0, 401, "{email}: the session is another one as well");
        here = renewed;
        assert!(get(&site, &here, PAGE).await.1.contains(has), "{email}");
        assert_eq!(get(&site, &elsewhere, PAGE).await.0, others, "{email}");
    }
    assert_eq!(sign_in(&site, GOOD[0].1).await.status(), 422);
    assert_eq!(sign_in(&site, "river@example.com").await.status(), 303);
    assert_eq!(sign_in(&site, BEAVER[0].1).await.status(), 303);
}

both!(where_mail_is_sent_an_email_is_proved_by_its_member_signed_in, "multi_thread");
async fn where_mail_is_sent_an_email_is_proved_by_its_member_signed_in(on: On) {
    let server = MailServer::start().await;
    let site = with_mail(on, &server).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    assert_eq!(sign_up(&site, &BEAVER).await.status(), 303);
    let here = cookie(&sign_in(&site, GOOD[0].1).await);
    let elsewhere = cookie(&sign_in(&site, GOOD[0].1).await);
    let beaver = cookie(&sign_in(&site, BEAVER[0].1).await);
    for email in [BEAVER[0].1, "river@example.com"] {
        let answer = ask(&site, &here, email).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/my/account/email?sent=yes"), "{email}");
    }
    // Each is written to; a link has whoever nobody has yet.
    let mails = server.mails();
    assert_eq!(mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), [BEAVER[0].1, "river@example.com"]);
    let texts: Vec<_> = mails.iter().map(|mail| mail.text.replace("=\r\n", "").replace("=3D", "=")).collect();
    assert!(!texts[0].contains("token="));
    let token = texts[1].split("http://localhost/my/account/email?token=").nth(1).unwrap();
    let token: String = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    let link = format!("{PAGE}?token={token}");
    // It says something to its member alone, and being looked at does nothing.
    assert_eq!(get(&site, "", &link).await.0, 401);
    assert!(get(&site, &beaver, &link).await.1.contains("맞지 않는 링크예요"));
    let confirm = async |cookie: &str| change(&site, cookie, "confirm-email", &[("token", &*token)]).await;
    assert_eq!(confirm(&beaver).await.status(), 404);
    assert!(get(&site, &here, &link).await.1.contains("river@example.com"));
    assert_eq!(get(&site, &elsewhere, PAGE).await.0, 200, "nobody was signed out");
    assert_eq!(sign_in(&site, "river@example.com").await.status(), 422);

    let done = confirm(&here).await;
    assert_eq!((done.status().as_u16(), location(&done)), (303, "/my/account"));
    let renewed = cookie(&done);
    assert_eq!((get(&site, &here, PAGE).await.0, get(&site, &elsewhere, PAGE).await.0), (401, 401));
    assert!(get(&site, &renewed, PAGE).await.1.contains("river@example.com"));
    eventually("whoever had the old one is told", async || server.mails().last().unwrap().to == GOOD[0].1).await;
    assert_eq!(sign_in(&site, GOOD[0].1).await.status(), 422);
    assert_eq!(sign_in(&site, "river@example.com").await.status(), 303);
    assert_eq!(confirm(&renewed).await.status(), 410);
    assert!(get(&site, &renewed, &link).await.1.contains("이미 쓴 링크예요"));
}
