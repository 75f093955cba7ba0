//! Leaving, what is taken along, and what was agreed to.

use super::{GOOD, sign_up};
use crate::{
    parties::open_party,
    rights::{cases, reads},
    support::{Person, START, Site, client, events::png, make_event, request},
};
use engine::{
    Error,
    accounts::{Actor, SessionToken, one_time_link},
    clock::Clock,
    db::Lane,
};
use model::{AccountError, Crop, DAY, EventId, HOUR, MemberId, SECOND, Time};
use testing::{On, both, eventually};

reads! {
    "/my/account" => 401, 200;
    "/my/leave" => 401, 200;
    "/terms" => 200, 200;
    "/privacy" => 200, 200;
}

cases! {
    "set-marketing", [("marketing", "yes")] => 200;
    "accept-terms", [("terms", "yes")] => 200;
    // Nobody there has a password, nor shows otherwise that it is they.
    "leave", [("password", "x"), ("sure", "yes")] => 410;
}

/// Signs up whoever [`GOOD`] is, and in.
async fn newcomer(site: &Site) -> (MemberId, Person) {
    assert_eq!(sign_up(site, &[]).await.status(), 303);
    (site.engine.accounts.by_email(GOOD[0].1).await.unwrap().unwrap(), signed_in(site).await)
}

async fn signed_in(site: &Site) -> Person {
    let member = site.engine.accounts.by_email(GOOD[0].1).await.unwrap().unwrap();
    let token = site.engine.accounts.sessions.start(member, "test").await.unwrap();
    Person { member, token, address: site.address }
}

async fn sign_in(site: &Site) -> u16 {
    let form = [("email", GOOD[0].1), ("password", GOOD[1].1)];
    client().post(site.url("/sign-in")).form(&form).send().await.unwrap().status().as_u16()
}

/// Leaves by the form; the status and what is said.
async fn leave(who: &Person, password: &str, sure: &str) -> (u16, String) {
    let answer = who.change("/my/leave", "leave", &[("password", password), ("sure", sure)]).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

async fn change(site: &Site, text: &'static str, member: MemberId) {
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql(text).bind(member).run().await.unwrap();
    tx.commit().await.unwrap();
    site.engine.accounts.sessions.invalidate_member(member);
}

async fn first_on_board(site: &Site, event: EventId) -> String {
    let board = client().get(site.url(&format!("/events/{event}/board?from=1"))).send().await.unwrap();
    let board: serde_json::Value = board.json().await.unwrap();
    board["entries"][0]["nickname"].as_str().unwrap().to_owned()
}

both!(whoever_leaves_is_gone_and_what_others_need_stays_under_another_name, "multi_thread");
async fn whoever_leaves_is_gone_and_what_others_need_stays_under_another_name(on: On) {
    let site = Site::start(on).await;
    let (member, who) = newcomer(&site).await;
    let event = site.event(-SECOND, 3).await;
    assert_eq!(who.enter(event).await.0, 201);
    let said = "010-1234-5678로 알려 주세요";
    site.engine.chat.say(&Actor::host(member), event, request(), said).await.unwrap();
    let (accounts, pictures) = (&site.engine.accounts, &site.engine.pictures);
    accounts.set_picture(&Actor::host(member), pictures, Some(png()), Crop::default()).await.unwrap();
    assert_eq!(first_on_board(&site, event).await, GOOD[2].1);

    // What becomes of everything is shown before.
    let shown = who.get("/my/leave").await.text().await.unwrap();
    for text in ["참여 기록", "전자상거래법", "바로 지워요", "name=\"password\""] {
        assert!(shown.contains(text), "{text}");
    }
    let (status, page) = leave(&who, GOOD[1].1, "").await;
    assert!(status == 422 && page.contains("꼭 필요해요"), "{status}");
    let (status, page) = leave(&who, "비 오는 날엔 해달", "yes").await;
    assert!(status == 422 && page.contains("지금 비밀번호가 맞지 않아요"), "{status}");
    assert!(!page.contains("비 오는 날엔"));
    assert_eq!(sign_in(&site).await, 303, "nothing has happened");

    let left = who.change("/my/leave", "leave", &[("password", GOOD[1].1), ("sure", "yes")]).await;
    assert_eq!((left.status().as_u16(), &left.headers()["location"]), (303, &"/".parse().unwrap()));
    let cookies = left.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap().to_owned());
    assert!(cookies.into_iter().any(|cookie| cookie.starts_with("session=;") && cookie.contains("Max-Age=0")));
    assert_eq!(who.get("/my/devices").await.status(), 401);
    assert_eq!(sign_in(&site).await, 422);
    eventually("the board says so", async || first_on_board(&site, event).await.starts_with("떠난 회원")).await;
    let chat = client().get(site.url(&format!("/events/{event}/messages"))).send().await.unwrap().text().await.unwrap();
    assert!(!chat.contains("010-1234-5678") && !chat.contains(GOOD[2].1));
    let pictured = site.engine.db.sql("select 1 from members where picture is not null");
    assert!(!pictured.exists().await.unwrap(), "nobody is shown by their picture");
    let salted = site.engine.db.sql("select 1 from entries where length(salt) > 0");
    assert!(!salted.exists().await.unwrap(), "nothing ties the entry to them");
    assert_eq!(engine::check(&site.engine.db).await.unwrap().1, []);
    assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 307, "they are led to the sign-in");

    // Email and nickname are free for whoever comes next, and that is somebody else.
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    assert_ne!(signed_in(&site).await.member, member);
}

both!(who_can_show_nothing_sets_a_password_by_a_link_of_whoever_runs_the_site, "multi_thread");
async fn who_can_show_nothing_sets_a_password_by_a_link_of_whoever_runs_the_site(on: On) {
    let site = Site::start(on).await;
    let (member, who) = newcomer(&site).await;
    // They signed up by Kakao, without an email, and nobody signs in by that here any more.
    change(&site, "update members set password_hash = '', email = '@59' where id = $1", member).await;
    let page = who.get("/my/leave").await.text().await.unwrap();
    assert!(page.contains("사이트를 운영하는 분에게") && !page.contains("href=\"/forgot\""), "{page}");
    assert!(!page.contains("name=\"sure\"") && !page.contains("/my/leave/kakao"));
    // Not by a session alone.
    assert_eq!(leave(&who, "", "yes").await.0, 410);
    assert_eq!(who.get("/my/devices").await.status(), 200);

    // By the link they are signed in, and in there alone: no email lets them in by a password.
    let link = one_time_link(&site.engine.db, site.engine.clock.now(), member).await.unwrap();
    let (_, token) = link.split_once("token=").unwrap();
    let form = [("token", token), ("new_password", GOOD[1].1)];
    let set = client().post(site.url(&format!("{link}&do=set-password"))).form(&form).send().await.unwrap();
    assert_eq!((set.status().as_u16(), &set.headers()["location"]), (303, &"/my/account/email".parse().unwrap()));
    let begun = set.headers().get_all("set-cookie").iter().find_map(|set| {
        let session = set.to_str().unwrap().strip_prefix("session=")?;
        session.split(';').next()?.parse::<SessionToken>().ok()
    });
    assert_eq!(who.get("/my/devices").await.status(), 401);
    let who = Person { token: begun.unwrap(), ..who };
    assert!(who.get("/my/account/email").await.text().await.unwrap().contains("name=\"email\""));
    assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 303);
}

both!(who_presses_again_is_signed_in_by_the_link_that_they_used, "multi_thread");
async fn who_presses_again_is_signed_in_by_the_link_that_they_used(on: On) {
    let site = Site::start(on).await;
    let (member, who) = newcomer(&site).await;
    change(&site, "update members set password_hash = '', email = '@59' where id = $1", member).await;
    let (accounts, right, wrong) = (&site.engine.accounts, GOOD[1].1, "해 뜨는 날엔 수달");
    let link = async || {
        let link = one_time_link(&site.engine.db, site.engine.clock.now(), member).await.unwrap();
        link.split_once("token=").unwrap().1.to_owned()
    };
    let set = |token: String, password: &'static str| async move {
        accounts.set_password(&token, password, None, [192, 0, 2, 1].into()).await
    };
    let used = |set: Result<Option<SessionToken>, Error>| {
        matches!(set, Err(Error::Refused(model::Error::Account(AccountError::LinkUsed))))
    };
    let (first, other) = (link().await, link().await);
    // The answer to the first press is lost.
    assert!(set(first.clone(), right).await.unwrap().is_some());
    let begun = set(first.clone(), right).await.unwrap();
    let again = Person { token: begun.unwrap(), ..who };
    assert_eq!(again.get("/my/devices").await.status(), 200);
    // It sets no password any more, and another link, whoever has that, neither does nor signs in.
    assert!(used(set(first.clone(), wrong).await) && used(set(other, right).await));
    // Presses at once.
    let at_once = link().await;
    let pressed = futures::future::join_all((0..4).map(|_| set(at_once.clone(), right))).await;
    assert!(pressed.into_iter().all(|pressed| pressed.unwrap().is_some()));
    assert!(used(set(first, right).await), "it was the one before");
    // Who has an email signs in by that; and the link lasts as long as it would have.
    change(&site, "update members set email = 'otter@example.com' where id = $1", member).await;
    assert!(used(set(at_once.clone(), right).await));
    change(&site, "update members set email = '@59' where id = $1", member).await;
    assert!(set(at_once.clone(), right).await.unwrap().is_some());
    change(&site, "update password_links set expires_at = 0 where member_id = $1", member).await;
    assert!(used(set(at_once, right).await));
}

#[tokio::test]
async fn a_link_that_lets_nobody_in_is_not_used_up() {
    let site = Site::start(On::Sqlite).await;
    let (member, _) = newcomer(&site).await;
    change(&site, "update members set password_hash = '', email = '@59' where id = $1", member).await;
    let link = one_time_link(&site.engine.db, site.engine.clock.now(), member).await.unwrap();
    let (_, token) = link.split_once("token=").unwrap();
    // In a browser where somebody else is signed in.
    let other = site.people(1).await.remove(0);
    let set = async || {
        let form = [("token", token), ("new_password", GOOD[1].1)];
        let set = client().post(site.url(&format!("{link}&do=set-password"))).header("cookie", other.cookie());
        set.form(&form).send().await.unwrap().status().as_u16()
    };
    let write = async |text: &'static str| {
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql(text).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    write("create trigger refuses before insert on sessions begin select raise(abort, 'refused'); end").await;
    assert_eq!(set().await, 500);
    assert_eq!(other.get("/my/devices").await.status(), 200, "nothing has happened");
    write("drop trigger refuses").await;
    assert_eq!(set().await, 303);
    assert_eq!(other.get("/my/devices").await.status(), 401, "who comes in takes their place");
}

both!(an_account_that_everybody_uses_is_nobodys_to_erase);
async fn an_account_that_everybody_uses_is_nobodys_to_erase(on: On) {
    let site = Site::start(on).await;
    // As those of a demonstration, whose people have no password either.
    let one = site.people(1).await.remove(0);
    let page = one.get("/my/leave").await.text().await.unwrap();
    assert!(page.contains("함께 쓰는 계정이라 지울 수 없어요"), "{page}");
    assert!(!page.contains("name=\"sure\"") && !page.contains("name=\"password\""));
    assert_eq!(leave(&one, "", "yes").await.0, 410);
    assert!(!one.get("/my/devices").await.text().await.unwrap().contains("name=\"new_password\""));
}

both!(what_is_under_way_is_ended_before, "multi_thread");
async fn what_is_under_way_is_ended_before(on: On) {
    let site = Site::start(on).await;
    let (member, who) = newcomer(&site).await;
    let blocked = async |text: &str, to: &str| {
        let page = who.get("/my/leave").await.text().await.unwrap();
        assert!(page.contains(text) && page.contains(&format!("href=\"{to}\"")), "{text}");
        assert!(!page.contains("name=\"password\""));
        assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 409);
        assert_eq!(who.get("/my/devices").await.status(), 200);
    };
    site.engine.accounts.set_profile(&Actor::host(member), "여행상점", "", "", None).await.unwrap();
    let event = make_event(&site.engine, member, HOUR, 3).await;
    blocked("열려 있거나 예고한 이벤트", "/creator").await;
    site.engine.administration.call_off(&Actor::System, event, "날씨가 나빠요").await.unwrap();
    // By a statement, which signs nobody out.
    change(&site, "update members set role = 'admin' where id = $1", member).await;
    // Another one who may not act is nobody who looks after the site.
    let other = site.people(1).await.remove(0).member;
    change(&site, "update members set role = 'admin', suspended_at = 1 where id = $1", other).await;
    blocked("마지막 한 분", "/admin/members").await;
    change(&site, "update members set suspended_at = null where id = $1", other).await;
    engine::administration::set_admin(&site.engine.db, Time(1), GOOD[0].1, false).await.unwrap().unwrap();
    site.engine.accounts.sessions.invalidate_member(member);
    assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 303);
    // Their page as a creator says nothing of them.
    let page = client().get(site.url(&format!("/creators/{member}"))).send().await.unwrap();
    assert!(!page.text().await.unwrap().contains("여행상점"));
}

both!(a_suspension_follows_whoever_signs_up_anew, "multi_thread");
async fn a_suspension_follows_whoever_signs_up_anew(on: On) {
    let site = Site::start(on).await;
    let (member, who) = newcomer(&site).await;
    let until = Time(9_000_000_000_000_000);
    let suspend = "update members set suspended_at = 1, suspended_until = 9000000000000000 where id = $1";
    change(&site, suspend, member).await;
    assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 303, "whoever is suspended may leave");
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let anew = signed_in(&site).await;
    assert_eq!(anew.call("save-profile", &[("name", "수달상점")]).await, 403);
    let ends = site.engine.db.sql("select suspended_until from members where id = $1").bind(anew.member);
    assert_eq!(ends.one::<(Option<Time>,)>().await.unwrap().0, Some(until), "and for no longer");
    // One that was lifted follows nobody.
    change(&site, "update members set suspended_at = null where id = $1", anew.member).await;
    assert_eq!(leave(&anew, GOOD[1].1, "yes").await.0, 303);
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    assert_eq!(signed_in(&site).await.call("save-profile", &[("name", "수달상점")]).await, 200);
}

both!(of_whoever_left_nothing_stands_in_a_file_of_the_database, "multi_thread");
async fn of_whoever_left_nothing_stands_in_a_file_of_the_database(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let (member, who) = newcomer(&site).await;
    let event = site.event(HOUR, 3).await;
    let (email, said) = (GOOD[0].1, "010-1234-5678로 알려 주세요");
    site.engine.chat.say(&Actor::host(member), event, request(), said).await.unwrap();
    assert!(site.stands(email).await && site.stands(said).await, "as long as they are here");
    assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 303);
    // A transaction that ran beside it may have kept it in a file of PostgreSQL until the next time, which comes once a day at least.
    eventually("nothing is left behind", async || {
        clock.set(clock.now() + DAY);
        site.engine.personal.erase().await.unwrap();
        !site.stands(email).await && !site.stands(said).await
    })
    .await;
}

both!(marks_follow_whoever_signs_up_anew_with_another_phone, "multi_thread");
async fn marks_follow_whoever_signs_up_anew_with_another_phone(on: On) {
    let site = Site::start(on).await;
    let (_, mut who) = newcomer(&site).await;
    let leader = site.neighbours(1).await.remove(0);
    let mut marked = Vec::new();
    for _ in 0..3 {
        marked.push(open_party(&site, &leader).await);
    }
    let mark = "insert into penalties (party_id, member_id, kind, at, appeal, appeal_state, answer)
        select id, $1, 'no_show', created_at, '', 'none', '' from parties";
    change(&site, mark, who.member).await;
    let confirm = async |member: MemberId, number: u8| {
        let now = site.engine.clock.now();
        let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
        tx.sql("update phones set until = $2 where member_id = $1").bind(member).bind(now).run().await.unwrap();
        let confirmed = tx.sql("insert into phones (member_id, hash, ending, since) values ($1, $2, '0000', $3)");
        confirmed.bind(member).bind(vec![number; 32]).bind(now).run().await.unwrap();
        tx.commit().await.unwrap();
    };
    confirm(who.member, 0).await;
    let (parties, said) = (&site.engine.parties, "지하철이 멈췄어요");
    parties.appeal(&Actor::host(who.member), marked[0], said).await.unwrap();
    // Twice: it is known of the one before the last as well.
    for number in 1..=2_u8 {
        assert_eq!(leave(&who, GOOD[1].1, "yes").await.0, 303);
        assert_eq!(sign_up(&site, &[]).await.status(), 303);
        who = signed_in(&site).await;
        // Each time with a number that nobody had.
        confirm(who.member, number).await;
        let joining = who.call("join-party", &[("party", &marked[0].to_string()), ("shares", "1")]).await;
        assert_eq!(joining, 403, "they are blocked");
        let looked = site.engine.administration.member(&Actor::System, who.member).await.unwrap();
        assert_eq!(looked.penalties, 3, "which an admin sees");
        // It may be anybody who knows that email.
        let actor = Actor::host(who.member);
        assert!(parties.penalties(&actor).await.unwrap().is_empty());
        let appeal = parties.appeal(&actor, marked[1], said).await;
        assert!(matches!(appeal, Err(Error::Refused(model::Error::NotFound))), "{appeal:?}");
        let page = who.get("/my/parties").await.text().await.unwrap();
        assert!(page.contains("예전 계정의 페널티 3개") && !page.contains(said), "{page}");
    }
    let told = async || {
        let told = site.engine.db.sql("select 1 from notices where member_id = $1 and notice like '%decided%'");
        told.bind(who.member).exists().await.unwrap()
    };
    let appeal = parties.appeals(&Actor::System, None).await.unwrap().rows.remove(0);
    parties.decide(&Actor::System, marked[0], appeal.member, false, "그랬네요").await.unwrap();
    assert!(!told().await);
    // Whoever has their number is they, and is told. One that is taken back is so for who they are now.
    confirm(who.member, 0).await;
    let actor = Actor::host(who.member);
    assert_eq!(parties.penalties(&actor).await.unwrap().len(), 3, "they see why");
    parties.appeal(&actor, marked[1], said).await.unwrap();
    parties.decide(&Actor::System, marked[1], appeal.member, true, "그랬네요").await.unwrap();
    assert!(told().await);
    assert_eq!(who.call("join-party", &[("party", &marked[0].to_string()), ("shares", "1")]).await, 200);
}

both!(everything_that_is_kept_of_somebody_is_theirs_to_take_along, "multi_thread");
async fn everything_that_is_kept_of_somebody_is_theirs_to_take_along(on: On) {
    let site = Site::start(on).await;
    let (_, who) = newcomer(&site).await;
    let other = site.people(1).await.remove(0);
    let event = site.event(HOUR, 3).await;
    assert_eq!(who.call("set-wish", &[("event", &event.to_string())]).await, 200);
    let ask =
        async |person: &Person| client().get(site.url("/my/data.json")).header("cookie", person.cookie()).send().await;
    let answer = ask(&who).await.unwrap();
    assert_eq!(answer.status(), 200);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("cache-control")),
        ("application/json".into(), "private, no-store".into())
    );
    assert!(header("content-disposition").starts_with("attachment"));
    let data: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(data["account"]["rows"][0]["email"], GOOD[0].1);
    assert_eq!(data["account"]["ko"], "계정: 이메일, 닉네임, 비밀번호");
    assert_eq!(data["consents"]["rows"].as_array().unwrap().len(), 3);
    assert!(data["wishes"]["rows"][0]["title"].is_string());
    assert!(!data.to_string().contains("argon2"), "no hash of a password is in it");
    let others: serde_json::Value = ask(&other).await.unwrap().json().await.unwrap();
    assert!(!others.to_string().contains(GOOD[0].1));
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(ask(&who).await.unwrap().status().as_u16());
    }
    assert!(answers.contains(&429), "{answers:?}");
}

both!(what_was_agreed_to_is_noted_with_its_version_and_asked_for_anew, "multi_thread");
async fn what_was_agreed_to_is_noted_with_its_version_and_asked_for_anew(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[("marketing", "yes")]).await.status(), 303);
    let who = signed_in(&site).await;
    let noted = async || {
        let rows: Vec<(String, i64, bool)> = site
            .engine
            .db
            .sql("select kind, version, given from consents where member_id = $1 order by at, kind")
            .bind(who.member)
            .all()
            .await
            .unwrap();
        rows.into_iter().map(|(kind, version, given)| format!("{kind} {version} {given}")).collect::<Vec<_>>()
    };
    let first = ["marketing 1 true", "privacy 3 true", "terms 1 true"];
    assert_eq!(noted().await, first);
    // Once more it is the same, and then it is taken back.
    assert_eq!(who.change("/my/account", "set-marketing", &[("marketing", "yes")]).await.status(), 303);
    assert_eq!(noted().await, first);
    assert_eq!(who.change("/my/account", "set-marketing", &[]).await.status(), 303);
    assert_eq!(noted().await.last().unwrap(), "marketing 1 false");

    let strip = "이용약관이나 개인정보 처리방침이 바뀌었어요.";
    assert!(!who.get("/notices").await.text().await.unwrap().contains(strip));
    change(&site, "update members set privacy_version = 2 where id = $1", who.member).await;
    assert!(who.get("/notices").await.text().await.unwrap().contains(strip));
    assert_eq!(who.change("/my/account", "accept-terms", &[]).await.status(), 422);
    assert_eq!(who.change("/my/account", "accept-terms", &[("terms", "yes")]).await.status(), 303);
    assert!(!who.get("/notices").await.text().await.unwrap().contains(strip));
    assert_eq!(noted().await[4..], ["privacy 3 true", "terms 1 true"]);

    let pages = [
        ("/terms", "이용약관"),
        ("/privacy", "개인정보 처리방침"),
        ("/privacy", "3판 · "),
        ("/privacy", "떠난 뒤에 무엇이 남나요"),
        ("/privacy?version=1", "1판 · "),
        ("/privacy?version=2", "떠난 분의 이메일과 카카오 계정, 전화번호를"),
    ];
    for (page, text) in pages {
        let shown = client().get(site.url(page)).header("accept", "text/html").header("accept-language", "ko");
        let shown = shown.send().await.unwrap();
        assert_eq!(shown.status(), 200, "{page}");
        assert!(shown.text().await.unwrap().contains(text), "{page}");
    }
    for page in ["/terms?version=0", "/privacy?version=99", "/terms?version=x"] {
        assert_eq!(client().get(site.url(page)).send().await.unwrap().status(), 404, "{page}");
    }
}
