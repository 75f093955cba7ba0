//! What admins do to members and events, on the site and by commands of the program.

use crate::{
    rights::{cases, reads},
    support::{Cluster, Person, Site, client, make_event, program::command},
};
use engine::{accounts::Actor, db::Lane};
use model::{EventState, HOUR, SECOND, Time};
use server::config::Config;
use std::time::{Duration, Instant};
use testing::{On, Stalls, both, eventually};

reads! {
    "/admin/members" => 401, 403;
}

cases! {
    "suspend-member", [("who", "nobody@test.example"), ("reason", "도배")] => 403;
    "restore-member", [("who", "nobody@test.example"), ("reason", "해명함")] => 403;
    "call-off-event", [("reason", "사기 신고")] => 403;
}

/// How soon every node goes by what a command did, of the time that the machine runs.
const SOON: Duration = Duration::from_secs(5);

async fn email(site: &Site, who: &Person) -> String {
    let row: (String,) =
        site.engine.db.sql("select email from members where id = $1").bind(who.member).one().await.unwrap();
    row.0
}

async fn admin(site: &Site) -> Person {
    let admin = site.people(1).await.remove(0);
    let email = email(site, &admin).await;
    engine::administration::set_admin(&site.engine.db, Time(1), &email, true).await.unwrap().unwrap();
    admin
}

/// The status of a press.
async fn pressed(person: &Person, event: model::EventId) -> u16 {
    person.press(&client(), event).await.unwrap().status().as_u16()
}

async fn audited(site: &Site) -> Vec<(String, String)> {
    site.engine.db.sql("select action, reason from audit order by at, action").all().await.unwrap()
}

both!(an_admin_suspends_a_member_and_lets_them_in_again);
async fn an_admin_suspends_a_member_and_lets_them_in_again(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let (admin, member) = (admin(&site).await, site.people(1).await.remove(0));
    assert_eq!(pressed(&member, event).await, 425);
    let (email, id) = (email(&site, &member).await, member.member.to_string());
    for (form, status) in [
        ([("who", email.as_str()), ("reason", "")], 422),
        ([("who", "아무도 아님"), ("reason", "도배")], 422),
        ([("who", email.as_str()), ("reason", "도배")], 200),
        // Once more changes nothing.
        ([("who", id.as_str()), ("reason", "도배")], 200),
    ] {
        assert_eq!(admin.call("suspend-member", &form).await, status, "{form:?}");
    }
    assert_eq!(pressed(&member, event).await, 403, "at once");
    assert_eq!(member.call("suspend-member", &[("who", &email), ("reason", "나도")]).await, 403);
    // Not one another: that is for whoever runs the program.
    let other = self::admin(&site).await.member.to_string();
    assert_eq!(admin.call("suspend-member", &[("who", &other), ("reason", "도배")]).await, 403);
    assert_eq!(admin.call("restore-member", &[("who", &id), ("reason", "해명함")]).await, 200);
    assert_eq!(pressed(&member, event).await, 425);
    let rows = audited(&site).await;
    let done = |action: &str, reason: &str| (action.to_owned(), reason.to_owned());
    assert_eq!(rows[2..], [done("suspend", "도배"), done("restore", "해명함")], "{rows:?}");
}

both!(an_admin_calls_off_anybodys_event);
async fn an_admin_calls_off_anybodys_event(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, -SECOND, 3).await;
    let (admin, member) = (admin(&site).await, site.people(1).await.remove(0));
    member.enter(event).await;
    let id = event.to_string();
    assert_eq!(admin.call("call-off-event", &[("event", &id), ("reason", "")]).await, 422);
    assert_eq!(admin.call("call-off-event", &[("event", &id), ("reason", "사기 신고")]).await, 200);
    assert_eq!(admin.call("call-off-event", &[("event", &id), ("reason", "다시")]).await, 409);
    site.decided().await;
    let late = site.people(1).await.remove(0);
    assert_eq!(pressed(&late, event).await, 409);
    let view = site.engine.pages.event(event, &Actor::Visitor).await.unwrap();
    assert_eq!((view.card.state, view.cancel_reason.as_deref()), (EventState::Cancelled, Some("사기 신고")));
    // Its creator is told, and so is whoever entered.
    eventually("both are told", async || {
        let told = site.engine.notices.clone();
        told.unread(creator.member).await.unwrap() == 1 && told.unread(member.member).await.unwrap() == 1
    })
    .await;
    assert_eq!(audited(&site).await[1].0, "call_off");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_does_on_one_node_holds_on_the_others() {
    let cluster = Cluster::new();
    let (one, two) = (Site::node(&cluster).await, Site::node(&cluster).await);
    let event = one.event(HOUR, 3).await;
    let (admin, member) = (admin(&one).await, one.people(1).await.remove(0));
    let there = Person { address: two.address, ..member.clone() };
    assert_eq!((pressed(&member, event).await, pressed(&there, event).await), (425, 425));
    let id = member.member.to_string();
    assert_eq!(admin.call("suspend-member", &[("who", &id), ("reason", "도배")]).await, 200);
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("the other node knows", async || pressed(&there, event).await == 403).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
    let open = one.event(-SECOND, 3).await;
    assert_eq!(admin.call("call-off-event", &[("event", &open.to_string()), ("reason", "사기 신고")]).await, 200);
    let other = Person { address: two.address, ..two.people(1).await.remove(0) };
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("the other node knows", async || pressed(&other, open).await == 409).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
}

/// Runs a command of the program; what it printed.
fn run(config: &Config, name: &str, arguments: &[&str]) -> (bool, String) {
    let done = command(name, config).args(arguments).output().unwrap();
    (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
}

both!(commands_do_the_same_beside_a_running_server, "multi_thread");
async fn commands_do_the_same_beside_a_running_server(on: On) {
    let site = Site::start(on).await;
    let config = site.config();
    let event = site.event(HOUR, 3).await;
    let open = site.event(-SECOND, 3).await;
    let member = site.people(1).await.remove(0);
    let email = email(&site, &member).await;
    assert_eq!(pressed(&member, event).await, 425);

    assert!(!run(&config, "admin", &["nobody@test.example"]).0, "nobody signed up with it");
    let (done, printed) = run(&config, "admin", &[&email]);
    assert!(done && printed.contains("who signed up at"), "{printed}");
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("an admin reads what is theirs", async || member.get("/admin/jobs").await.status() == 200).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
    assert!(run(&config, "admin", &[&email, "--remove"]).0);
    eventually("and no longer", async || member.get("/admin/jobs").await.status() == 403).await;

    assert!(!run(&config, "suspend", &[&email, "--reason", ""]).0);
    let (done, printed) = run(&config, "suspend", &[&email, "--reason", "도배"]);
    assert!(done, "{printed}");
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("they are suspended", async || pressed(&member, event).await == 403).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
    assert!(run(&config, "restore", &[&email, "--reason", "해명함"]).0);
    eventually("they may act again", async || pressed(&member, event).await == 425).await;

    assert!(!run(&config, "call-off", &["no-id", "--reason", "사기 신고"]).0);
    let (done, printed) = run(&config, "call-off", &[&open.to_string(), "--reason", "사기 신고"]);
    assert!(done, "{printed}");
    eventually("it is called off", async || pressed(&member, open).await == 409).await;
    let actions: Vec<_> = audited(&site).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["make_admin", "remove_admin", "suspend", "restore", "call_off"]);
}

both!(what_only_some_may_do_is_not_done_by_what_is_remembered_of_them);
async fn what_only_some_may_do_is_not_done_by_what_is_remembered_of_them(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let table = format!("/events/{event}/table/entrants.csv");
    assert_eq!(creator.get(&table).await.status(), 200, "they are remembered from now on");
    // As if the word of it was lost.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_at = 1 where id = $1").bind(creator.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let id = event.to_string();
    assert_eq!(creator.call("cancel-event", &[("event", &id), ("reason", "그냥")]).await, 403);
    assert_eq!(creator.get(&table).await.status(), 403);
}
