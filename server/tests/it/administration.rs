//! What admins do to members and events, on the site and by commands of the program.

use crate::{
    parties::{act, open_party},
    rights::{cases, reads},
    sales::{Scene, deal},
    support::{Cluster, Person, ROUNDS, START, Site, client, make_event, program::command, request, socket::Page},
};
use engine::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::Lane,
    demo::{Demo, Persona},
};
use model::{
    AccountError, EventError, EventState, HOUR, Notice, OrderState, SECOND, Stage, Time,
    administration::{AuditAction, AuditQuery, MembersQuery},
    parties::Action,
};
use server::config::Config;
use std::time::{Duration, Instant};
use testing::{On, Stalls, both, eventually};

reads! {
    "/admin" => 401, 403;
    "/admin/members" => 401, 403;
    "/admin/members/{host}" => 401, 403;
    "/admin/events" => 401, 403;
    "/admin/orders" => 401, 403;
    "/admin/orders/D261126001001" => 401, 403;
    "/admin/parties" => 401, 403;
    "/admin/audit" => 401, 403;
    "/admin/join" => 401, 200;
}

cases! {
    "suspend-member", [("who", "nobody@test.example"), ("reason", "도배")] => 403;
    "restore-member", [("who", "nobody@test.example"), ("reason", "해명함")] => 403;
    "warn-member", [("member", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "광고")] => 403;
    "take-picture-away", [("member", "01M807MNGSETC8MZPA7YPV075M"), ("picture", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "광고")] => 403;
    "set-admin", [("member", "01M807MNGSETC8MZPA7YPV075M"), ("admin", "yes"), ("reason", "함께 봐요")] => 403;
    "make-password-link", [("member", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "비밀번호를 잊음")] => 403;
    "become-admin", [("token", "token")] => 409;
    "call-off-event", [("reason", "사기 신고")] => 403;
    "suspend-event", [("reason", "사기 신고")] => 403;
    "readmit-event", [("reason", "해명함")] => 403;
    "cancel-any-party", [("party", "01M807MNGSETC8MZPA7YPV075M"), ("reason", "사기 신고")] => 403;
    "refund-order", [("number", "D261126001001"), ("reason", "약속대로")] => 403;
    "decide-reports", [("line", "1"), ("what", "warn"), ("reason", "광고")] => 403;
}

/// How soon every node goes by what a command did, of the time that the machine runs.
const SOON: Duration = Duration::from_secs(5);

/// What somebody signed up with.
pub async fn email(site: &Site, who: &Person) -> String {
    let row: (String,) =
        site.engine.db.sql("select email from members where id = $1").bind(who.member).one().await.unwrap();
    row.0
}

/// Somebody who looks after the site.
pub async fn admin(site: &Site) -> Person {
    let admin = site.people(1).await.remove(0);
    let email = email(site, &admin).await;
    let now = site.engine.clock.now();
    engine::administration::set_admin(&site.engine.db, now, &email, true).await.unwrap().unwrap();
    admin.anew(&site.engine).await
}

/// The status of a press.
async fn pressed(person: &Person, event: model::EventId) -> u16 {
    person.press(&client(), event).await.unwrap().status().as_u16()
}

async fn audited(site: &Site) -> Vec<(String, String)> {
    let rows = site.engine.db.sql("select action, reason from audit where action <> 'make_admin' order by at, action");
    rows.all().await.unwrap()
}

both!(an_admin_suspends_a_member_and_lets_them_in_again);
async fn an_admin_suspends_a_member_and_lets_them_in_again(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let (admin, member) = (admin(&site).await, site.people(1).await.remove(0));
    assert_eq!(pressed(&member, event).await, 425);
    let (email, id) = (email(&site, &member).await, member.member.to_string());
    // A warning that is sent twice is one.
    for reason in ["광고", "광고", "도배"] {
        assert_eq!(admin.call("warn-member", &[("member", &id), ("reason", reason)]).await, 200);
    }
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
    let warned = [done("warn", "광고"), done("warn", "도배")];
    assert_eq!(rows[..2], warned);
    assert_eq!(rows[2..], [done("suspend", "도배"), done("restore", "해명함")]);
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
    assert_eq!(audited(&site).await[0].0, "call_off");
}

both!(an_admin_stops_an_event_for_a_while, "multi_thread");
async fn an_admin_stops_an_event_for_a_while(on: On) {
    let site = Site::start(on).await;
    let (engine, creator) = (&site.engine, site.creator().await);
    let event = make_event(engine, creator.member, -SECOND, 3).await;
    let (admin, people) = (admin(&site).await, site.people(2).await);
    let [early, late] = &people[..] else { unreachable!() };
    early.enter(event).await;
    let id = event.to_string();
    let form = |reason: &'static str| [("event", id.clone()), ("reason", reason.to_owned())];
    let call = async |who: &Person, name: &str, reason: &'static str| {
        let form = form(reason);
        who.call(name, &form.each_ref().map(|(name, value)| (*name, value.as_str()))).await
    };
    let listed = async || {
        let home = engine.pages.home(&Actor::Visitor).await.unwrap();
        let theirs = engine.pages.creator(creator.member, None).await.unwrap();
        [home.open.len(), theirs.events.rows.len()]
    };
    assert_eq!(listed().await, [1, 1]);
    assert_eq!(call(&creator, "suspend-event", "나도").await, 403);
    assert_eq!(call(&admin, "suspend-event", "").await, 422);
    // Once more changes nothing.
    for _ in 0..2 {
        assert_eq!(call(&admin, "suspend-event", "신고를 살펴봐요").await, 200);
    }
    site.decided().await;
    let refused = late.press(&client(), event).await.unwrap();
    assert_eq!(refused.status(), 409);
    assert_eq!(refused.json::<model::Error>().await.unwrap(), EventError::Suspended.into());
    assert_eq!(pressed(early, event).await, 200, "who is in stays in");
    assert_eq!(listed().await, [0, 0]);
    // Its page is there for whoever has its address, and says why; its creator is told, and finds it among their own.
    let page = async |of: &Person, path: &str| of.get(path).await.text().await.unwrap();
    let shown = page(late, &format!("/events/{event}")).await;
    assert!(shown.contains("운영진이 잠시 멈췄어요: 신고를 살펴봐요") && !shown.contains("application/ld+json"));
    assert!(page(late, &format!("/events/{event}/changes")).await.contains("신고를 살펴봐요"));
    assert!(page(&admin, "/admin/events").await.contains("do=readmit-event"));
    let told = async || {
        let lines = engine.notices.of(&Actor::host(creator.member), None).await.unwrap().lines.rows;
        lines.into_iter().map(|line| line.notice).collect::<Vec<_>>()
    };
    let stopped = Notice::Suspended { reason: "신고를 살펴봐요".into() };
    assert_eq!(told().await, std::slice::from_ref(&stopped));
    let own = engine.events.of_creator(&Actor::host(creator.member), Stage::All, None).await.unwrap().events.rows;
    assert_eq!(own[0].state, EventState::Suspended);

    assert_eq!(call(&creator, "readmit-event", "나도").await, 403);
    for _ in 0..2 {
        assert_eq!(call(&admin, "readmit-event", "문제없어요").await, 200);
    }
    site.decided().await;
    assert_eq!(late.enter(event).await.1.rank, 2);
    assert_eq!(listed().await, [1, 1]);
    let shown = page(late, &format!("/events/{event}")).await;
    assert!(!shown.contains("운영진이 잠시 멈췄어요") && shown.contains("application/ld+json"));
    assert_eq!(told().await, [Notice::Readmitted, stopped]);
    let done = |action: &str, reason: &str| (action.to_owned(), reason.to_owned());
    let rows = [done("suspend_event", "신고를 살펴봐요"), done("readmit_event", "문제없어요")];
    assert_eq!(audited(&site).await, rows);
    assert_eq!(engine::check(&engine.db).await.unwrap().1, []);
    // What is called off is neither stopped nor let go on, and nobody sees a draft.
    engine.administration.call_off(&Actor::System, event, "사기 신고").await.unwrap();
    for name in ["suspend-event", "readmit-event"] {
        assert_eq!(call(&admin, name, "다시").await, 409, "{name}");
    }
    assert!(!page(&admin, "/admin/events").await.contains("do=suspend-event"));
    let mut tx = engine.db.begin(Lane::Other).await.unwrap();
    let draft = tx.sql("update events set published_at = null, cancelled_at = null where id = $1").bind(event);
    draft.run().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(call(&admin, "suspend-event", "초안").await, 404);
}

both!(an_event_that_is_stopped_over_its_opening_opens_late, "multi_thread");
async fn an_event_that_is_stopped_over_its_opening_opens_late(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let event = site.event(HOUR, 3).await;
    let (admins, person) = (&site.engine.administration, site.people(1).await.remove(0));
    admins.suspend_event(&Actor::System, event, "신고를 살펴봐요").await.unwrap();
    site.decided().await;
    assert_eq!(pressed(&person, event).await, 409, "not too early");
    clock.set(START + HOUR + SECOND);
    assert_eq!(pressed(&person, event).await, 409);
    admins.readmit_event(&Actor::System, event, "문제없어요").await.unwrap();
    site.decided().await;
    let (status, entry) = person.enter(event).await;
    assert_eq!((status, entry.since_open >= SECOND), (201, true), "its opening is where it was");
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
    // Stopped on one, it is on both, in rooms that are open as well; and it goes on on both.
    let stopped = one.event(-SECOND, 3).await;
    let (id, mut room) = (stopped.to_string(), Page::join(&two, None, stopped).await);
    for (name, status, state) in
        [("suspend-event", 409, EventState::Suspended), ("readmit-event", 201, EventState::Open)]
    {
        assert_eq!(admin.call(name, &[("event", &id), ("reason", "신고를 살펴봐요")]).await, 200);
        one.decided().await;
        for site in [&one, &two] {
            let person = Person { address: site.address, ..site.people(1).await.remove(0) };
            assert_eq!(pressed(&person, stopped).await, status, "{name}");
        }
        room.until(|page, _| page.room().state == state).await;
    }
    // Who is no admin any more is none there either.
    let keeper = self::admin(&one).await;
    let elsewhere = Person { address: two.address, ..admin.clone() };
    assert_eq!(elsewhere.get("/admin").await.status(), 200);
    let form = [("member", admin.member.to_string()), ("admin", "no".to_owned()), ("reason", "그만둠".to_owned())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(keeper.call("set-admin", &form).await, 200);
    let (stalls, started) = (Stalls::watch(), Instant::now());
    eventually("the other node knows", async || elsewhere.get("/admin").await.status() == 403).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
}

both!(a_demonstration_has_an_admin_where_that_is_asked_for_and_nowhere_else, "multi_thread");
async fn a_demonstration_has_an_admin_where_that_is_asked_for_and_nowhere_else(on: On) {
    let site = Site::start(on).await;
    let engine = &site.engine;
    // Names of the demonstration that others have already keep nobody of it away.
    let named = ["용감한 수달", "성수동 이웃", "체험 관리자", "확성기 든 너구리", "확성기 든 너구리 2"];
    let people = named.iter().enumerate().map(|(n, name)| (format!("named{n}@test.example"), (*name).to_owned()));
    engine.accounts.insert_many(people.collect(), "no password").await.unwrap();
    let without = Demo::start(engine, false).await.unwrap();
    assert!(!without.has_admin());
    without.completed().await;
    assert!(matches!(without.sign_in(Persona::Admin).await, Err(Error::Refused(model::Error::NotFound))));
    let waits = async || {
        let waiting = engine.administration.waiting(&Actor::System).await.unwrap();
        [waiting.lines, waiting.reviews, waiting.appeals, waiting.suspended, waiting.admins]
    };
    assert_eq!(waits().await, [0; 5]);

    let demo = Demo::start(engine, true).await.unwrap();
    demo.completed().await;
    let reviews = u64::from(engine.sales.is_open());
    assert_eq!(waits().await, [3, reviews, 1, 1, 1]);
    let loud =
        engine.db.sql("select 1 from members where email = 'loud@demo.invalid' and nickname = '확성기 든 너구리 3'");
    assert!(loud.exists().await.unwrap());
    let token = demo.sign_in(Persona::Admin).await.unwrap();
    let member = engine.accounts.sessions.of(&token).await.unwrap().unwrap().member;
    let admin = Person { member, token, address: site.address };
    for page in ["/admin", "/admin/reports", "/admin/reviews", "/admin/appeals", "/admin/members", "/admin/audit"] {
        assert_eq!(admin.get(page).await.status(), 200, "{page}");
    }
    // Of the party of an appeal also what was said before.
    let appealed = engine.db.sql("select party_id from penalties where appeal_state = 'open'");
    let (party,): (model::PartyId,) = appealed.one().await.unwrap();
    let older = format!("/admin/appeals?chat={party}&before={}", model::Cursor::of(&2));
    for (page, is_newest) in [("/admin/appeals", true), (older.as_str(), false)] {
        let text = admin.get(page).await.text().await.unwrap();
        assert!(text.contains("15분쯤 늦어요") && text.contains("정문에서 기다릴게요") == is_newest, "{page}");
    }
    let done = engine.db.sql("select action from audit where admin_id = $1 order by action").bind(member);
    let done: Vec<(String,)> = done.all().await.unwrap();
    for action in ["hide_line", "suspend", "warn"] {
        assert!(done.iter().any(|(done,)| done == action), "{action}");
    }
    // Its creators have tokens, and servers that are told nothing.
    let (tokens, servers, told): (i64, i64, i64) = engine
        .db
        .sql(
            "select (select count(*) from api_tokens), (select count(*) from webhook_endpoints),
                (select count(*) from webhook_endpoints where disabled_at is null)",
        )
        .one()
        .await
        .unwrap();
    assert_eq!((tokens, servers, told), (2, 2, 0));
    // What a visitor decides stays decided, whenever the site starts.
    let report = engine.chat.reports(&Actor::System, None).await.unwrap().rows.remove(0);
    let (event, line) = (report.event.to_string(), report.number.to_string());
    let form = [("event", event.as_str()), ("line", line.as_str()), ("what", "warn"), ("reason", "거래 글은 안 돼요")];
    assert_eq!(admin.call("decide-reports", &form).await, 200);
    let after = waits().await;
    assert!(after[0] < 3, "{after:?}");
    Demo::start(engine, true).await.unwrap().completed().await;
    assert_eq!(waits().await, after);

    // Once nobody is to be it any more, whoever was is so no longer, nor whom they made one, and whom those did.
    let (mut made, mut by) = (Vec::new(), admin.clone());
    for whom in site.people(2).await {
        let form =
            [("member", whom.member.to_string()), ("admin", "yes".to_owned()), ("reason", "함께 봐요".to_owned())];
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(by.call("set-admin", &form).await, 200);
        by = whom.anew(engine).await;
        made.push(by.clone());
    }
    // Somebody else is made one by whoever runs the site.
    let keeper = self::admin(&site).await;
    let pages = async |people: &[&Person]| {
        let mut pages = Vec::new();
        for person in people {
            pages.push(person.get("/admin").await.status().as_u16());
        }
        pages
    };
    let everybody = [&admin, &made[0], &made[1], &keeper];
    assert_eq!((pages(&everybody).await, waits().await[4]), (vec![200; 4], 4));
    assert!(!Demo::start(engine, false).await.unwrap().has_admin());
    assert_eq!((pages(&everybody).await, waits().await[4]), (vec![401, 401, 401, 200], 1));
    // Nor where there is no demonstration any more.
    let token = Demo::start(engine, true).await.unwrap().sign_in(Persona::Admin).await.unwrap();
    let admin = Person { token, ..admin };
    assert_eq!((pages(&[&admin]).await, waits().await[4]), (vec![200], 2));
    Demo::ended(engine).await.unwrap();
    assert_eq!((pages(&[&admin, &keeper]).await, waits().await[4]), (vec![401, 200], 1));
    // Nor is it who had that email first, and comes back by a password.
    let mut tx = engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set password_hash = 'theirs' where id = $1").bind(member).run().await.unwrap();
    tx.commit().await.unwrap();
    assert!(!Demo::start(engine, true).await.unwrap().has_admin());
    assert_eq!(waits().await[4], 1);
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
    // Of sessions that there were none becomes an admin's.
    eventually("they are signed out", async || member.get("/admin/jobs").await.status() == 401).await;
    assert!(stalls.ran_since(started) < SOON, "{:?}", started.elapsed());
    let member = member.anew(&site.engine).await;
    assert_eq!(member.get("/admin/jobs").await.status(), 200, "an admin reads what is theirs");
    // Not the last one.
    let (done, printed) = run(&config, "admin", &[&email, "--remove"]);
    assert!(!done && printed.contains("nobody else would look after the site"), "{printed}");
    assert!(!run(&config, "suspend", &[&email, "--reason", "도배"]).0);
    let other = admin(&site).await;
    let (done, printed) = run(&config, "admins", &[]);
    assert!(done && printed.contains(&other.member.to_string()) && printed.contains(&member.member.to_string()));
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
    assert_eq!(actions, ["remove_admin", "suspend", "restore", "call_off"]);

    // By whatever they are known: who signed up by Kakao may have no email.
    let (done, printed) = run(&config, "password-link", &[&member.member.to_string()]);
    assert!(done && printed.contains("/forgot/new?token=") && printed.contains("who signed up at"), "{printed}");
    assert!(!run(&config, "password-link", &["nobody"]).0);
}

both!(a_link_makes_one_admin, "multi_thread");
async fn a_link_makes_one_admin(on: On) {
    let site = Site::start(on).await;
    let people = site.people(2).await;
    let (done, printed) = run(&site.config(), "admin-link", &[]);
    assert!(done, "{printed}");
    let path =
        printed.lines().find_map(|line| line.find("/admin/join?token=").map(|at| line[at..].to_owned())).unwrap();
    let token = path.rsplit('=').next().unwrap().to_owned();
    assert_eq!(token.len(), 64);
    // Only its hash is kept.
    let kept: Vec<(Vec<u8>,)> = site.engine.db.sql("select hash from admin_links").all().await.unwrap();
    assert!(kept.len() == 1 && kept[0].0 != token.as_bytes());
    let elsewhere = [people[0].anew(&site.engine).await, people[1].anew(&site.engine).await];
    // Signed in, and once: of two at the same moment, one.
    assert_eq!(client().get(site.url(&path)).send().await.unwrap().status(), 401);
    assert!(people[0].get(&path).await.text().await.unwrap().contains("관리자 되기"));
    let form = [("token", token.as_str())];
    let both = [people[0].post("/api/become-admin", &form), people[1].post("/api/become-admin", &form)];
    let mut answers = futures::future::join_all(both).await;
    answers.sort_by_key(reqwest::Response::status);
    assert_eq!(answers.iter().map(|answer| answer.status().as_u16()).collect::<Vec<_>>(), [200, 409]);
    // By a session that nobody had before: the one that the link was opened with is over, and those on other devices.
    let set = answers[0].headers()["set-cookie"].to_str().unwrap();
    let asked = client().get(site.url("/admin")).header("cookie", set.split(';').next().unwrap());
    assert_eq!(asked.send().await.unwrap().status(), 200, "at once");
    let mut reads = Vec::new();
    for person in people.iter().chain(&elsewhere) {
        reads.push(person.get("/admin").await.status().as_u16());
    }
    let other = &people[usize::from(reads[0] == 401)];
    assert_eq!(reads[..2], reads[2..]);
    reads.sort_unstable();
    assert_eq!(reads, [401, 401, 403, 403]);
    let over = other.get(&path).await.text().await.unwrap();
    assert!(over.contains("이미 쓰였거나") && !over.contains("do=become-admin"));
    // Too old: as if an hour had passed.
    let link = engine::administration::make_link(&site.engine.db, Time(0)).await.unwrap();
    assert_eq!(other.call("become-admin", &[("token", link.token())]).await, 409);
}

both!(somebody_always_looks_after_the_site, "multi_thread");
async fn somebody_always_looks_after_the_site(on: On) {
    let site = Site::start(on).await;
    for _ in 0..ROUNDS {
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql("update members set role = 'member' where role = 'admin'").run().await.unwrap();
        tx.commit().await.unwrap();
        let admins = [admin(&site).await, admin(&site).await];
        // Each takes it from the other, and from themself, and the program suspends both: at the same moment.
        let [one, two] = [&admins[0], &admins[1]].map(|admin| admin.member.to_string());
        let remove = async |by: &Person, whom: &str| {
            by.call("set-admin", &[("member", whom), ("admin", "no"), ("reason", "그만두기로 함")]).await
        };
        let suspend = async |whom: &str| {
            let (db, now) = (&site.engine.db, site.engine.clock.now());
            let done = engine::administration::suspend(db, now, &Actor::System, whom, "도배", None).await;
            u16::from(done.is_ok())
        };
        let statuses = tokio::join!(
            remove(&admins[0], two.as_str()),
            remove(&admins[1], one.as_str()),
            remove(&admins[0], one.as_str()),
            remove(&admins[1], two.as_str()),
            suspend(one.as_str()),
            suspend(two.as_str()),
        );
        let left: (i64,) = site
            .engine
            .db
            .sql("select count(*) from members where role = 'admin' and suspended_at is null")
            .one()
            .await
            .unwrap();
        assert!(left.0 >= 1, "{statuses:?}");
    }
}

both!(a_suspension_ends_when_it_was_to_end);
async fn a_suspension_ends_when_it_was_to_end(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let (admin, member) = (admin(&site).await, site.people(1).await.remove(0));
    let id = member.member.to_string();
    let form = |days: &'static str| [("who", id.as_str()), ("reason", "도배"), ("days", days)];
    for days in ["0", "366", "x", "1.5", "-1"] {
        assert_eq!(admin.call("suspend-member", &form(days)).await, 422, "{days}");
    }
    assert_eq!(pressed(&member, event).await, 425, "nothing was done");
    assert_eq!(admin.call("suspend-member", &form("7")).await, 200);
    assert_eq!(pressed(&member, event).await, 403);
    let page = admin.get(&format!("/admin/members/{id}")).await.text().await.unwrap();
    assert!(page.contains("정지됨 ·"), "until when is said");
    // As if the week had passed.
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set suspended_until = 1 where id = $1").bind(member.member).run().await.unwrap();
    tx.commit().await.unwrap();
    eventually("they may act again", async || pressed(&member, event).await == 425).await;
    let rows = audited(&site).await;
    let actions: Vec<_> = rows.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["suspend", "look_at_member", "restore"]);
}

both!(looks_at_members_are_noted_and_members_are_found);
async fn looks_at_members_are_noted_and_members_are_found(on: On) {
    let site = Site::start(on).await;
    let (admin, member) = (admin(&site).await, site.people(1).await.remove(0));
    let (email, id) = (email(&site, &member).await, member.member.to_string());
    let name: (String,) =
        site.engine.db.sql("select nickname from members where id = $1").bind(member.member).one().await.unwrap();
    let found = async |find: &str| {
        let query = MembersQuery { find: find.to_owned(), ..MembersQuery::default() };
        let rows = site.engine.administration.members(&Actor::System, &query).await.unwrap().rows;
        rows.iter().any(|line| line.id == member.member)
    };
    let beginning: String = name.0.chars().take(2).collect();
    for find in [email.as_str(), &id, &name.0, &beginning] {
        assert!(found(find).await, "{find}");
    }
    // A part of an email, or of a phone, finds nobody.
    for find in [&email[1..], &email[..4], "010-1234-5678", "5678", "없는 사람"] {
        assert!(!found(find).await, "{find}");
    }
    // The list shows no email; the page does, and is noted, once.
    assert!(!admin.get("/admin/members").await.text().await.unwrap().contains(&email));
    let page = format!("/admin/members/{id}");
    for _ in 0..2 {
        assert!(admin.get(&page).await.text().await.unwrap().contains(&email));
    }
    assert_eq!(audited(&site).await, [("look_at_member".to_owned(), String::new())]);
    assert_eq!(admin.get("/admin/members/01M807MNGSETC8MZPA7YPV075M").await.status(), 404);
    // Who is no admin any more is shown nothing from then on.
    let other = self::admin(&site).await;
    let form = [("member", admin.member.to_string()), ("admin", "no".into()), ("reason", "그만두기로 함".into())];
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(other.call("set-admin", &form).await, 200);
    assert_eq!(admin.get(&page).await.status(), 403);
    assert_eq!(admin.call("suspend-member", &[("who", &id), ("reason", "도배")]).await, 403);
    // The log says all of that, to admins.
    let query = AuditQuery { action: Some(AuditAction::RemoveAdmin), ..AuditQuery::default() };
    let lines = site.engine.administration.log(&Actor::System, &query).await.unwrap().rows;
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].by, lines[0].member), (Some(other.member), Some(admin.member)));
    for query in [
        AuditQuery { by: Some(other.member), ..AuditQuery::default() },
        AuditQuery { member: Some(admin.member), action: query.action, ..AuditQuery::default() },
        AuditQuery { by: Some(other.member), action: query.action, ..AuditQuery::default() },
    ] {
        let lines = site.engine.administration.log(&Actor::System, &query).await.unwrap().rows;
        assert!(lines.iter().any(|line| line.reason == "그만두기로 함"), "{query:?}");
    }
    assert!(other.get("/admin/audit").await.text().await.unwrap().contains("그만두기로 함"));
}

both!(every_list_of_admins_shows_what_is_there, "multi_thread");
async fn every_list_of_admins_shows_what_is_there(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let events = [
        make_event(&site.engine, creator.member, HOUR, 3).await,
        make_event(&site.engine, creator.member, -SECOND, 3).await,
    ];
    let admin = admin(&site).await;
    let id = events[0].to_string();
    let listed = async |page: &str| admin.get(page).await.text().await.unwrap();
    for page in ["/admin/events", "/admin/events?show=live"] {
        let html = listed(page).await;
        assert!(events.iter().all(|event| html.contains(&event.to_string())), "{page}");
    }
    assert!(!listed("/admin/events?show=cancelled").await.contains(&id));
    let form = [("event", id.as_str()), ("reason", "사기 신고")];
    assert_eq!(admin.change("/admin/events", "call-off-event", &form).await.status(), 303);
    assert!(listed("/admin/events?show=cancelled").await.contains("사기 신고"));
    let found = listed(format!("/admin/events?find=https://59.example/events/{id}").as_str()).await;
    assert!(found.contains(&id) && !found.contains(&events[1].to_string()));
    for page in [
        "/admin",
        "/admin/orders",
        "/admin/orders?find=D261126001001",
        "/admin/orders?find=%20x",
        "/admin/parties?show=live",
        "/admin/parties?show=cancelled",
        "/admin/audit?action=call_off",
        "/admin/audit?by=x&member=x&action=x",
        "/admin/items?find=%EC%82%AC",
        "/admin/members?show=suspended",
        "/admin/members?show=admins",
        "/admin/events?find=mischief",
    ] {
        assert_eq!(admin.get(page).await.status(), 200, "{page}");
    }
    for page in
        ["/admin/events?after=x", "/admin/parties?after=x", "/admin/audit?before=x", "/admin/orders/D261126001001"]
    {
        assert_eq!(admin.get(page).await.status(), 404, "{page}");
    }
    let waiting = site.engine.administration.waiting(&Actor::System).await.unwrap();
    assert!(waiting.writable && waiting.dead_task.is_none() && waiting.tasks > 0 && waiting.admins == 1);
}

both!(a_party_is_offered_to_be_called_off_until_its_meeting_begins, "multi_thread");
async fn a_party_is_offered_to_be_called_off_until_its_meeting_begins(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let (admin, people) = (admin(&site).await, site.neighbours(2).await);
    let party = open_party(&site, &people[0]).await;
    // With as many as it needs to go on.
    act(&site, &people[1], party, Action::Request { shares: 1 }).await;
    let id = party.to_string();
    let offered = async || {
        let page = admin.get("/admin/parties").await.text().await.unwrap();
        assert!(page.contains(&id), "it is listed");
        page.contains("do=cancel-any-party")
    };
    assert!(offered().await);
    clock.set(START + 5 * HOUR - SECOND);
    assert!(offered().await);
    clock.set(START + 5 * HOUR);
    assert!(!offered().await, "they meet");
    let form = [("party", id.as_str()), ("reason", "사기 신고")];
    assert_eq!(admin.call("cancel-any-party", &form).await, 409);
    let view = site.engine.parties.view(&Actor::Visitor, party).await.unwrap();
    assert!(view.card.state.is_open(), "it goes on: {:?}", view.card.state);
}

both!(an_admin_gives_an_order_back_once, "multi_thread");
async fn an_admin_gives_an_order_back_once(on: On) {
    let scene = Scene::new(on).await;
    let (admin, buyer) = (admin(&scene.site).await, scene.site.people(1).await.remove(0));
    let event = scene.sale(deal(1, 1, None)).await;
    scene.press(&buyer, event, 1, false).await.unwrap();
    scene.buy(&buyer, event).await;
    let number = scene.standing(&buyer, event).await.order.unwrap().line.number.unwrap().to_string();
    let page = format!("/admin/orders/{number}");
    assert_eq!(buyer.get(&page).await.status(), 403);
    assert!(admin.get(&page).await.text().await.unwrap().contains("남은 금액 모두 환불하기"));
    let once = request().to_string();
    let refund = async |reason: &str, request: &str| {
        let form = [("number", number.as_str()), ("reason", reason), ("request", request)];
        admin.call("refund-order", &form).await
    };
    assert_eq!(refund("", once.as_str()).await, 422);
    // Nobody gives themselves back what they paid.
    let mut tx = scene.site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set role = 'admin' where id = $1").bind(buyer.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let own = [("number", number.as_str()), ("reason", "마음이 바뀜"), ("request", once.as_str())];
    assert_eq!(buyer.anew(&scene.site.engine).await.call("refund-order", &own).await, 403);
    // The same twice is one; what is given back is not given back again.
    assert_eq!(
        (refund("파는 이가 답하지 않음", once.as_str()).await, refund("파는 이가 답하지 않음", once.as_str()).await),
        (200, 200)
    );
    assert_eq!(refund("다시", request().to_string().as_str()).await, 409);
    scene.work().await;
    let order = scene.standing(&buyer, event).await.order.unwrap();
    assert_eq!(order.line.state, OrderState::Refunded);
    assert!(!admin.get(&page).await.text().await.unwrap().contains("남은 금액 모두 환불하기"));
    assert!(buyer.get("/notices").await.text().await.unwrap().contains("파는 이가 답하지 않음"));
    eventually("the seller hears of it", async || {
        scene.work().await;
        scene.seller.get("/notices").await.text().await.unwrap().contains("주문 1건이 취소됐어요")
    })
    .await;
    let actions: Vec<_> = audited(&scene.site).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["look_at_order", "refund"]);
    let who = scene.site.engine.db.sql("select who from payment_steps where what = 'owed'");
    assert_eq!(who.all::<(String,)>().await.unwrap(), [("admin".to_owned(),)]);
    scene.is_consistent().await;
}

both!(reports_of_a_member_are_decided_together, "multi_thread");
async fn reports_of_a_member_are_decided_together(on: On) {
    let site = Site::start(on).await;
    let event = site.event(HOUR, 3).await;
    let (admin, people) = (admin(&site).await, site.people(2).await);
    for text in ["광고 하나", "광고 둘"] {
        site.engine.chat.say(&Actor::host(people[0].member), event, request(), text).await.unwrap();
    }
    let id = event.to_string();
    for line in ["1", "2"] {
        let form = [("event", id.as_str()), ("line", line), ("what", "report")];
        assert_eq!(people[1].call("moderate-line", &form).await, 200);
    }
    assert_eq!(site.engine.administration.waiting(&Actor::System).await.unwrap().lines, 2);
    let decide = async |what: &str, reason: &str| {
        let form = [("event", id.as_str()), ("line", "1"), ("what", what), ("reason", reason), ("days", "3")];
        admin.call("decide-reports", &form).await
    };
    // What is refused changes nothing.
    assert_eq!((decide("warn", "").await, decide("mischief", "광고").await), (422, 400));
    assert_eq!(site.engine.administration.waiting(&Actor::System).await.unwrap().lines, 2);
    assert_eq!(decide("warn", "광고를 거듭 올림").await, 200);
    assert_eq!(site.engine.administration.waiting(&Actor::System).await.unwrap().lines, 0);
    let told = site.engine.notices.of(&Actor::host(people[0].member), None).await.unwrap();
    assert!(
        told.lines
            .rows
            .iter()
            .any(|line| matches!(&line.notice, Notice::Warned { reason } if reason == "광고를 거듭 올림"))
    );
    assert!(people[0].get("/notices").await.text().await.unwrap().contains("광고를 거듭 올림"));
    assert_eq!(decide("suspend", "그래도 올림").await, 200);
    assert_eq!(pressed(&people[0], event).await, 403);
    let actions: Vec<_> = audited(&site).await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["warn", "hide_line", "suspend"]);
}

both!(an_admin_passes_a_link_to_another_password_on_where_no_mail_leads_there);
async fn an_admin_passes_a_link_to_another_password_on_where_no_mail_leads_there(on: On) {
    let site = Site::start(on).await;
    let (keeper, other, member) = (admin(&site).await, admin(&site).await, site.people(1).await.remove(0));
    let (page, id) = (format!("/admin/members/{}", member.member), member.member.to_string());
    let make = async |who: &Person, whom: &str, reason: &str| {
        who.change(&page, "make-password-link", &[("member", whom), ("reason", reason)]).await
    };
    assert!(keeper.get(&page).await.text().await.unwrap().contains("do=make-password-link"));
    assert_eq!(make(&member, &id, "그냥").await.status(), 403);
    assert_eq!(make(&keeper, &id, "").await.status(), 422);
    let made = make(&keeper, &id, "비밀번호를 잊음").await;
    assert_eq!((made.status().as_u16(), made.headers()["location"].to_str().unwrap()), (303, page.as_str()));
    let mut set = made.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let link = set.find_map(|set| set.strip_prefix("once=")?.split(';').next()).unwrap().to_owned();
    // It is shown on the page that follows, and on no other.
    let asked = client().get(site.url(&page)).header("accept", "text/html");
    let shown = asked.header("cookie", format!("{}; once={link}", keeper.cookie())).send().await.unwrap();
    assert!(shown.headers().get_all("set-cookie").iter().any(|set| set.to_str().unwrap().starts_with("once=;")));
    assert!(shown.text().await.unwrap().contains(&site.url(&link)));
    assert!(!keeper.get(&page).await.text().await.unwrap().contains(&link));
    assert!(audited(&site).await.contains(&("make_password_link".to_owned(), "비밀번호를 잊음".to_owned())));
    // By it the member sets another password, and is signed out where they were.
    let token = link.split('=').nth(1).unwrap();
    let new = [("token", token), ("new_password", "해 뜨는 날엔 수달")];
    let sent = client().post(site.url(&format!("{link}&do=set-password"))).header("accept", "text/html").form(&new);
    assert_eq!(sent.send().await.unwrap().status(), 303);
    assert_eq!(member.get("/my/devices").await.status(), 401);

    // Never for whoever looks after the site as well, nor where a letter leads to them.
    let anothers = format!("/admin/members/{}", other.member);
    assert!(!keeper.get(&anothers).await.text().await.unwrap().contains("do=make-password-link"));
    assert_eq!(make(&keeper, &other.member.to_string(), "비밀번호를 잊음").await.status(), 403);
    let (accounts, administration) = (&site.engine.accounts, &site.engine.administration);
    let looks_after = Actor::of(accounts.sessions.of(&keeper.token).await.unwrap());
    let by_mail =
        async || administration.make_password_link(&looks_after, member.member, "비밀번호를 잊음", true).await;
    assert!(matches!(by_mail().await, Err(Error::Refused(model::Error::Forbidden))));
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("update members set email = '@nobody' where id = $1").bind(member.member).run().await.unwrap();
    tx.commit().await.unwrap();
    let link = by_mail().await.expect("without an email no letter does");
    // Nor does one that was made before they look after the site let anybody in there.
    let token = link.split('=').nth(1).unwrap();
    accounts.check_link(token).await.unwrap();
    administration.set_admin(&looks_after, member.member, true, "함께 돌봐요").await.unwrap();
    let over = accounts.check_link(token).await;
    assert!(matches!(over, Err(Error::Refused(model::Error::Account(AccountError::LinkUsed)))), "{over:?}");
    // And whoever is no admin any more makes none, as whom they are remembered.
    let looked_after = Actor::of(accounts.sessions.of(&other.token).await.unwrap());
    administration.set_admin(&looks_after, other.member, false, "그만둬요").await.unwrap();
    let anybody = site.people(1).await.remove(0).member;
    let late = administration.make_password_link(&looked_after, anybody, "비밀번호를 잊음", false).await;
    assert!(matches!(late, Err(Error::Refused(model::Error::Forbidden))), "{late:?}");
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
