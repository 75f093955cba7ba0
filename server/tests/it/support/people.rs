//! People who use the site, over HTTP.

use engine::{
    Engine,
    accounts::{Actor, SessionToken},
    db::Tx,
};
use model::{Entry, EventId, MemberId, Notice, RequestId, Time};
use reqwest::{Response, header};
use std::{net::SocketAddr, sync::LazyLock};
use testing::PATIENCE;

pub async fn make_people(engine: &Engine, address: SocketAddr, count: usize) -> Vec<Person> {
    let start = u64::from_be_bytes(engine::ids::random()) >> 24;
    let names = (0..count as u64).map(|n| (format!("p{}@test.example", start + n), format!("수달 {:x}", start + n)));
    let members = engine.accounts.insert_many(names.collect(), "no password").await.unwrap();
    let tokens = engine.accounts.sessions.start_many(&members, "test").await.unwrap();
    members.into_iter().zip(tokens).map(|(member, token)| Person { member, token, address }).collect()
}

/// Keeps a notice about an event as a member's next, of which nobody else is told.
pub async fn keep_notice(tx: &mut Tx, member: MemberId, id: RequestId, notice: &Notice, event: EventId, at: Time) {
    tx.sql(
        "insert into notice_counts (member_id, last, unread) values ($1, 1, 1)
         on conflict (member_id) do update set last = notice_counts.last + 1, unread = notice_counts.unread + 1",
    )
    .bind(member)
    .run()
    .await
    .unwrap();
    tx.sql(
        "insert into notices (member_id, number, at, id, notice, event_id)
         select member_id, last, $2, $3, $4, $5 from notice_counts where member_id = $1",
    )
    .bind(member)
    .bind(at)
    .bind(id)
    .bind(serde_json::to_string(notice).unwrap())
    .bind(event)
    .run()
    .await
    .unwrap();
}

/// A client that follows no redirects, keeps no cookies and never waits for ever. It trusts nobody: no site of a test has a
/// certificate, and to read those of the system took longer than most requests.
pub fn client() -> reqwest::Client {
    builder().build().unwrap()
}

/// The same for requests that have nothing to do with each other: each has a connection of its own, and the client is made once.
pub fn apart() -> &'static reqwest::Client {
    static APART: LazyLock<reqwest::Client> = LazyLock::new(|| builder().pool_max_idle_per_host(0).build().unwrap());
    &APART
}

fn builder() -> reqwest::ClientBuilder {
    engine::tls::prepare();
    let client = reqwest::Client::builder().tls_certs_only([]).redirect(reqwest::redirect::Policy::none());
    client.timeout(PATIENCE)
}

/// The session that an answer gives to a browser.
pub fn session_of(answer: &Response) -> Option<SessionToken> {
    let mut set = answer.headers().get_all(header::SET_COOKIE).iter().filter_map(|set| set.to_str().ok());
    set.find_map(|set| set.strip_prefix("session=")?.split(';').next()?.parse().ok())
}

#[derive(Clone)]
pub struct Person {
    pub member: MemberId,
    pub token: SessionToken,
    pub address: SocketAddr,
}

impl Person {
    pub fn cookie(&self) -> String {
        format!("session={}", self.token)
    }

    /// The same, signed in anew.
    pub async fn anew(&self, engine: &Engine) -> Person {
        Person { token: engine.accounts.sessions.start(self.member, "test").await.unwrap(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Response {
        let request = apart().get(format!("http://{}{path}", self.address));
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "text/html").send().await.unwrap()
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = apart().post(format!("http://{}{path}", self.address)).form(form);
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "text/html").send().await.unwrap()
    }

    /// Sends the form of a function that stands on `page`, as a browser without scripts does.
    pub async fn change(&self, page: &str, name: &str, form: &[(&str, &str)]) -> Response {
        self.post(&format!("{page}?do={name}"), form).await
    }

    /// Calls a function as a program does; its status.
    pub async fn call(&self, name: &str, form: &[(&str, &str)]) -> u16 {
        let request = apart().post(format!("http://{}/api/{name}", self.address)).form(form);
        request.header(header::COOKIE, self.cookie()).send().await.unwrap().status().as_u16()
    }

    /// Opens their newest notice by the form of its list; where that leads.
    pub async fn open_newest_notice(&self, engine: &Engine) -> String {
        let list = engine.notices.of(&Actor::host(self.member), None).await.unwrap();
        let newest = list.lines.rows.iter().max_by_key(|line| line.number).unwrap().id.to_string();
        let opened = self.change("/notices", "open-notice", &[("notice", &newest)]).await;
        assert_eq!(opened.status(), 303);
        opened.headers()["location"].to_str().unwrap().to_owned()
    }

    /// Presses the button as a program does.
    pub async fn press(&self, client: &reqwest::Client, event: EventId) -> reqwest::Result<Response> {
        let request = client.post(format!("http://{}/events/{event}/enter", self.address));
        request.header(header::COOKIE, self.cookie()).header(header::ACCEPT, "application/json").send().await
    }

    /// Presses and must be let in; status and entry.
    pub async fn enter(&self, event: EventId) -> (u16, Entry) {
        let response = self.press(apart(), event).await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }
}
