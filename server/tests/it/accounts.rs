//! Signing up, in and out.

mod email;
mod forgot;
mod kakao;
mod leaving;
mod profiles;

use crate::rights::{cases, reads};
use crate::support::{Person, ROUNDS, START, Site, client, request, session_of};
use engine::{
    Error,
    accounts::{Actor, Browser, SignUp},
    clock::Clock,
    db::Lane,
};
use model::{AccountError, DAY, FieldError, Time};
use std::net::IpAddr;
use testing::{On, both, eventually};
use tokio::task::JoinSet;

reads! {
    "/sign-in" => 200, 200;
    "/sign-up" => 200, 200;
    // Whoever is signed out reads that they are.
    "/my" => 200, 200;
    "/creator/profile" => 200, 200;
    "/my/devices" => 401, 200;
}

cases! {
    "sign-out", [] => 200;
    "end-device", [("device", "{session}")] => 404;
    "end-other-devices", [] => 200;
    "change-password", [("password", "x"), ("new_password", "비 오는 날엔 수달")] => 422;
    "set-mode", [("mode", "shopper")] => 200;
    "set-masked", [] => 200;
    "set-preferences", [] => 200;
    "save-profile", [("name", "수달상점")] => 200;
}

const GOOD: [(&str, &str); 5] = [
    ("email", "otter@example.com"),
    ("password", "비 오는 날엔 수달"),
    ("nickname", "용감한 수달"),
    ("terms", "yes"),
    ("adult", "yes"),
];

async fn sign_up(site: &Site, changes: &[(&str, &str)]) -> reqwest::Response {
    let mut form: Vec<(&str, &str)> = GOOD.to_vec();
    for (name, value) in changes {
        form.retain(|(field, _)| field != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    client().post(site.url("/sign-up")).form(&form).header("accept", "text/html").send().await.unwrap()
}

both!(a_session_of_an_older_program_goes_on_and_is_sealed_by_the_next_page);
async fn a_session_of_an_older_program_goes_on_and_is_sealed_by_the_next_page(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    // Without a seal, as it gave them out.
    let token: [u8; 32] = engine::ids::random();
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)")
        .bind(engine::ids::hash(&[&token]).to_vec())
        .bind(person.member)
        .bind(site.engine.clock.now() + model::DAY)
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let older: String = token.iter().map(|byte| format!("{byte:02x}")).collect();
    let older = format!("session={older}");
    let devices = async |cookie: &str| {
        let page = client().get(site.url("/my/devices")).header("cookie", cookie).header("accept", "text/html");
        let page = page.send().await.unwrap();
        let set = page.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned());
        (page.status().as_u16(), set.filter(|set| set.starts_with("session-seal=")).collect::<Vec<_>>())
    };
    let (status, set) = devices(&older).await;
    assert_eq!((status, set.len()), (200, 1));
    assert!(set[0].contains("HttpOnly") && set[0].contains("Max-Age=2592000"), "{set:?}");
    let seal = set[0].split(';').next().unwrap();
    assert_eq!(seal.len(), "session-seal=".len() + 16);
    assert_eq!(devices(&format!("{seal}; {older}")).await.0, 200);
    assert_eq!(devices(&person.cookie()).await, (200, vec![]), "a newer one has its own");
    assert_eq!(devices(&format!("session={}", "0".repeat(64))).await, (401, vec![]));
}

both!(a_person_signs_up_out_and_in_again);
async fn a_person_signs_up_out_and_in_again(on: On) {
    let site = Site::start(on).await;
    let up = sign_up(&site, &[("next", "/my")]).await;
    let to = up.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!((up.status().as_u16(), to.as_str()), (303, "/sign-in?next=/my&joined=yes"));
    let set = up.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.starts_with("session=") && set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    // Which leads on whoever is signed in.
    let on = client().get(site.url(&to)).header("cookie", &cookie).send().await.unwrap();
    assert_eq!((on.status().as_u16(), &on.headers()["location"]), (303, &"/my".parse().unwrap()));
    let my = async |cookie: &str| {
        client()
            .get(site.url("/my"))
            .header("cookie", cookie)
            .header("accept-language", "ko")
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    assert!(my(&cookie).await.contains("용감한 수달 님"));
    let out = client().post(site.url("/my?do=sign-out")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(out.status(), 303);
    assert!(!my(&cookie).await.contains("용감한 수달 님"), "the session is gone, not only its cookie");
    // In capitals, on full-width keys, decomposed as some keyboards have it, with what came along with a copy.
    let decomposed = "비 오는 날엔 \u{1109}\u{116E}\u{1103}\u{1161}\u{11AF}";
    for (email, password) in [
        (" OTTER@example.com", GOOD[1].1),
        ("ｏｔｔｅｒ＠ｅｘａｍｐｌｅ．ｃｏｍ", decomposed),
        ("\u{FEFF}otter@example.com\u{200B}", " 비 오는 날엔　수달\u{200B}"),
        ("otter\0@example.com", GOOD[1].1),
    ] {
        let form = [("email", email), ("password", password)];
        let back = client().post(site.url("/sign-in")).form(&form).send().await.unwrap();
        assert_eq!(back.status(), 303, "{email:?} {password:?}");
    }
}

both!(names_that_read_like_the_sites_or_anothers_are_refused);
async fn names_that_read_like_the_sites_or_anothers_are_refused(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let people = site.people(2).await;
    let [shop, other] = people.as_slice() else { panic!() };
    // Becoming a creator begins another session.
    let save = async |person: &Person, name: &str| {
        let person = person.anew(&site.engine).await;
        person.change("/creator/profile", "save-profile", &[("name", name)]).await.status().as_u16()
    };
    let refused = async |nickname: &str| {
        let answer = sign_up(&site, &[("nickname", nickname), ("email", "another@example.com")]).await;
        let status = answer.status().as_u16();
        status == 422 && answer.text().await.unwrap().contains("운영진이나 다른 크리에이터처럼")
    };
    assert_eq!(save(shop, "Otter 상점").await, 303);
    for nickname in ["59초 운영자", "관리자", "аdmin", "Otter상점", "Оttеr_상점", "ｏｔｔｅｒ 상점"]
    {
        assert!(refused(nickname).await, "{nickname}");
    }
    for name in ["59초", "Ottеr-상점"] {
        assert_eq!(save(other, name).await, 422, "{name}");
    }
    assert_eq!(save(shop, "Otter 상점").await, 303, "its own");
    assert_eq!(save(other, "느린공방").await, 303);
    // What an admin is called is protected from then on.
    engine::administration::set_admin(&site.engine.db, Time(1), "otter@example.com", true).await.unwrap().unwrap();
    assert!(refused("용감한_수달").await);
    // Somebody else looks after the site meanwhile: the last one stays.
    let mut tx = site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update members set role = 'admin' where id = $1").bind(other.member).run().await.unwrap();
    tx.commit().await.unwrap();
    engine::administration::set_admin(&site.engine.db, Time(1), "otter@example.com", false).await.unwrap().unwrap();
    // Now it is a member's like any other.
    let answer = sign_up(&site, &[("nickname", "용감한_수달"), ("email", "another@example.com")]).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("이미 쓰이고 있어요."));
}

both!(a_refused_form_comes_back_with_what_was_typed_but_never_the_password);
async fn a_refused_form_comes_back_with_what_was_typed_but_never_the_password(on: On) {
    let site = Site::start(on).await;
    for (field, value) in [
        ("email", "not-an-email"),
        ("password", "1234567890"),
        ("password", "short"),
        ("nickname", "x"),
        ("nickname", "<script>"),
        ("terms", ""),
        ("adult", ""),
    ] {
        let response = sign_up(&site, &[(field, value)]).await;
        assert_eq!(response.status(), 422, "{field}={value}");
        let page = response.text().await.unwrap();
        assert!(page.contains("otter@example.com") || field == "email");
        assert!(!page.contains("비 오는 날엔") && !page.contains("1234567890"));
        assert!(page.contains("note bad"), "{field}={value} is marked");
    }
    assert_eq!(sign_up(&site, &[]).await.status(), 303, "nothing of it was kept");
}

both!(email_and_nickname_are_unique_however_they_are_written);
async fn email_and_nickname_are_unique_however_they_are_written(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    sign_up(&site, &[("email", "Otter@Example.com"), ("nickname", "다른 이름")]).await;
    let (members,): (i64,) = site.engine.db.sql("select count(*) from members").one().await.unwrap();
    assert_eq!(members, 1);
    let nickname = sign_up(&site, &[("email", "other@example.com"), ("nickname", "용감한수달")]).await;
    assert_eq!(nickname.status(), 422);
}

both!(who_has_an_account_is_not_told_by_the_sign_up);
async fn who_has_an_account_is_not_told_by_the_sign_up(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let mut answers = Vec::new();
    for (email, nickname) in [("otter@example.com", "느긋한 수달"), ("new@example.com", "느긋한 해달")] {
        let answer = sign_up(&site, &[("email", email), ("nickname", nickname), ("next", "/my")]).await;
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        let (location, cookie) = (header("location"), header("set-cookie"));
        let (name, rest) = cookie.split_once('=').unwrap();
        let (token, rest) = rest.split_once(';').unwrap();
        let cookie = format!("{name}={token}");
        let page = client().get(site.url(&location)).header("cookie", &cookie).header("accept-language", "en");
        let page = page.send().await.unwrap();
        answers.push((answer.status().as_u16(), location, name.to_owned(), token.len(), rest.to_owned()));
        // Nobody comes into another's account that way, and whoever has one reads what to do.
        if email.starts_with("otter") {
            assert_eq!(page.status(), 200);
            assert!(page.text().await.unwrap().contains("If this email already has an account"));
        } else {
            assert_eq!(page.status(), 303);
        }
    }
    assert_eq!(answers[0], answers[1]);
    // What is wrong beside the email is said either way.
    for email in ["otter@example.com", "newer@example.com"] {
        assert_eq!(sign_up(&site, &[("email", email), ("nickname", "용감한 수달")]).await.status(), 422);
        assert_eq!(sign_up(&site, &[("email", email), ("password", "short")]).await.status(), 422);
    }
}

both!(no_more_passwords_are_tried_at_once_than_in_turn, "multi_thread");
async fn no_more_passwords_are_tried_at_once_than_in_turn(on: On) {
    let site = Site::start(on).await;
    sign_up(&site, &[]).await;
    let mut trying = JoinSet::new();
    let sign_in = |password: &'static str, address: [u8; 4], visitor: Option<&'static str>| {
        let accounts = site.engine.accounts.clone();
        async move {
            let browser = Browser { device: "test", visitor, address: address.into() };
            accounts.sign_in("otter@example.com", password, browser).await
        }
    };
    for _ in 0..40 {
        trying.spawn(sign_in("wrong password", [10, 0, 0, 1], None));
    }
    let wrong = |tried: &Result<_, Error>| {
        matches!(tried, Err(Error::Refused(model::Error::Account(AccountError::WrongPassword))))
    };
    let tried = trying.join_all().await;
    assert_eq!(tried.iter().filter(|tried| wrong(tried)).count(), 8);
    // Whoever is right gives back what they took.
    for _ in 0..20 {
        assert!(sign_in(GOOD[1].1, [10, 0, 0, 2], None).await.is_ok());
    }
    let member = site.engine.accounts.by_email("otter@example.com").await.unwrap().unwrap();
    site.engine.accounts.seen_on(member, "the owner's").await.unwrap();
    // From everywhere at once.
    let mut trying = JoinSet::new();
    for n in 0..100 {
        trying.spawn(sign_in("wrong password", [10, 1, 0, n], Some("anything")));
    }
    let tried = trying.join_all().await.iter().filter(|tried| wrong(tried)).count();
    assert!((30..=40).contains(&tried), "{tried} of 100");
    assert!(sign_in(GOOD[1].1, [10, 2, 0, 1], None).await.is_err(), "nobody else gets any further");
    assert!(
        sign_in(GOOD[1].1, [10, 2, 0, 1], Some("the owner's")).await.is_ok(),
        "the owner does where they were before"
    );
}

both!(wrong_email_and_wrong_password_read_alike_and_are_slowed);
async fn wrong_email_and_wrong_password_read_alike_and_are_slowed(on: On) {
    let site = Site::start(on).await;
    sign_up(&site, &[]).await;
    let try_in = async |email: &str, password: &str| {
        let form = [("email", email), ("password", password)];
        let response =
            client().post(site.url("/sign-in")).form(&form).header("accept-language", "ko").send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, wrong_password) = try_in("otter@example.com", "wrong password").await;
    assert_eq!(status, 422);
    let (status, wrong_email) = try_in("nobody@example.com", "wrong password").await;
    assert_eq!(status, 422);
    let message = "이메일이나 비밀번호가 맞지 않아요.";
    assert!(wrong_password.contains(message) && wrong_email.contains(message));
    let mut last = 0;
    for _ in 0..12 {
        last = try_in("otter@example.com", "wrong password").await.0;
    }
    assert_eq!(last, 429);
}

both!(forged_and_foreign_cookies_are_nobody);
async fn forged_and_foreign_cookies_are_nobody(on: On) {
    let site = Site::start(on).await;
    let real = site.people(1).await.remove(0);
    let mut forged = real.token.to_string();
    forged.replace_range(0..1, if forged.starts_with('0') { "1" } else { "0" });
    for cookie in [
        format!("session={forged}"),
        "session=".into(),
        "session=<script>".into(),
        format!("session={}", "f".repeat(5000)),
    ] {
        let response = client().post(site.url("/events/01M807MNGSETC8MZPA7YPV075M/enter")).header("cookie", &cookie);
        assert_eq!(response.send().await.unwrap().status(), 401, "{cookie}");
    }
}

both!(a_session_goes_on_while_it_is_used_and_ends_thirty_days_after, "multi_thread");
async fn a_session_goes_on_while_it_is_used_and_ends_thirty_days_after(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let people = site.people(2).await;
    let [used, idle] = &people[..] else { unreachable!() };
    let status = async |who: &Person| who.get("/my/devices").await.status().as_u16();
    assert_eq!((status(used).await, status(idle).await), (200, 200));
    clock.set(START + 20 * DAY);
    assert_eq!(status(used).await, 200);
    eventually("it lasts as long again", async || {
        let ends = site.engine.db.sql("select expires_at from sessions where member_id = $1").bind(used.member);
        ends.one::<(Time,)>().await.unwrap().0 == START + 50 * DAY
    })
    .await;
    clock.set(START + 31 * DAY);
    assert_eq!((status(used).await, status(idle).await), (200, 401));
    clock.set(START + 62 * DAY);
    assert_eq!(status(used).await, 401);
}

both!(the_first_switch_to_creator_asks_for_a_profile);
async fn the_first_switch_to_creator_asks_for_a_profile(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    let to = |response: &reqwest::Response| response.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(to(&person.change("/", "set-mode", &[("mode", "creator")]).await), "/creator/profile");
    let bad =
        person.change("/creator/profile", "save-profile", &[("name", ""), ("links", "javascript:alert(1)")]).await;
    assert_eq!(bad.status(), 422);
    assert_eq!(person.get("/my/devices").await.status(), 200);
    let good = [("name", "수달상점"), ("introduction", "강가 작업실"), ("links", "https://otter.example")];
    let became = person.change("/creator/profile", "save-profile", &good).await;
    assert_eq!(to(&became), "/creator");
    // Whoever may do more from now on does so by another session; the one before is nobody's.
    let token = session_of(&became).unwrap();
    assert_eq!(person.get("/my/devices").await.status(), 401, "the session before ended");
    let person = Person { token, ..person };
    let page = person.get("/my/devices").await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.text().await.unwrap().matches("name=\"device\"").count(), 0, "one took the place of the other");
    // What a creator writes of themselves after that gives them no other right.
    let again = person.change("/creator/profile", "save-profile", &good).await;
    assert!(to(&again) == "/creator" && session_of(&again).is_none());
    // Our own code is given another one as well.
    let other = site.people(1).await.remove(0);
    let sent = client().post(site.url("/api/save-profile")).header("cookie", other.cookie());
    let became = sent.form(&[("name", "해달상점")]).send().await.unwrap();
    assert!(became.status() == 200 && session_of(&became).is_some_and(|token| token != other.token));
    assert_eq!(to(&person.change("/", "set-mode", &[("mode", "shopper"), ("next", "//evil.example")]).await), "/");
    assert_eq!(to(&person.change("/", "set-mode", &[("mode", "creator")]).await), "/creator");
    assert_eq!(person.change("/", "set-mode", &[("mode", "emperor")]).await.status(), 400);
}

both!(an_email_and_a_nickname_are_taken_once, "multi_thread");
async fn an_email_and_a_nickname_are_taken_once(on: On) {
    let site = Site::start(on).await;
    for round in 0..ROUNDS {
        let mut signing_up = JoinSet::new();
        for person in 0..8 {
            let members = site.engine.accounts.clone();
            let form = SignUp {
                // The same email for all of them, or the same nickname.
                email: if round % 2 == 0 {
                    format!("a{round}@test.example")
                } else {
                    format!("b{round}.{person}@test.example")
                },
                nickname: if round % 2 == 1 { format!("수달{round}") } else { format!("해달{round}{person}") },
                password: "비가 오는 날엔 수달".into(),
                terms: true,
                adult: true,
                marketing: false,
            };
            let address = IpAddr::from([10, 0, round as u8, person]);
            signing_up.spawn(async move { members.sign_up(form, "test", address).await });
        }
        let mut signed_up = 0;
        for done in signing_up.join_all().await {
            match done {
                Ok(token) => {
                    let theirs = site.engine.accounts.sessions.of(&token).await.unwrap().is_some();
                    assert!(theirs || round % 2 == 0, "only an email is not spoken of");
                    signed_up += usize::from(theirs);
                }
                Err(Error::Refused(model::Error::Invalid { fields })) => {
                    assert!(round % 2 == 1);
                    assert_eq!(fields.0, [("nickname".to_owned(), FieldError::Taken)]);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(signed_up, 1);
    }
}

both!(a_name_of_creators_is_taken_once, "multi_thread");
async fn a_name_of_creators_is_taken_once(on: On) {
    let site = Site::start(on).await;
    for round in 0..ROUNDS {
        let mut taking = JoinSet::new();
        for person in site.people(4).await {
            let (members, name) = (site.engine.accounts.clone(), format!("두루미상점{round}"));
            taking.spawn(async move { members.set_profile(&Actor::host(person.member), &name, "", "", None).await });
        }
        let mut taken = 0;
        for done in taking.join_all().await {
            match done {
                Ok(_) => taken += 1,
                Err(Error::Refused(model::Error::Invalid { fields })) => {
                    assert_eq!(fields.0, [("name".to_owned(), FieldError::Reserved)]);
                }
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(taken, 1);
    }
}

both!(another_password_ends_every_other_session_and_a_wrong_one_changes_nothing);
async fn another_password_ends_every_other_session_and_a_wrong_one_changes_nothing(on: On) {
    let site = Site::start(on).await;
    assert_eq!(sign_up(&site, &[]).await.status(), 303);
    let sign_in = async |password: &str| {
        let form = [("email", "otter@example.com"), ("password", password)];
        client().post(site.url("/sign-in")).form(&form).send().await.unwrap()
    };
    let cookie = |answer: &reqwest::Response| {
        let set = answer.headers()["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    };
    let (phone, laptop, lost) =
        (cookie(&sign_in(GOOD[1].1).await), cookie(&sign_in(GOOD[1].1).await), cookie(&sign_in(GOOD[1].1).await));
    let page = async |cookie: &str| {
        let asked = client().get(site.url("/my/devices")).header("cookie", cookie).header("accept-language", "ko");
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let change = async |cookie: &str, what: &str, form: &[(&str, &str)]| {
        let to = site.url(&format!("/my/devices?do={what}"));
        client().post(to).header("cookie", cookie).header("accept-language", "ko").form(form).send().await.unwrap()
    };
    let (status, listed) = page(&phone).await;
    assert_eq!((status, listed.matches("지금 이 기기").count()), (200, 1));
    // Signed in here, on the two others, and by the sign-up.
    assert_eq!(listed.matches("name=\"device\"").count(), 3, "{listed}");
    assert!(!listed.contains(phone.split('=').nth(1).unwrap()), "a cookie stands nowhere in a page");

    // One of them, by what the list calls it.
    let ids = async |cookie: &str| {
        let (_, listed) = page(cookie).await;
        let after = listed.split("name=\"device\" value=\"").skip(1);
        after.map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (before, seen_by_lost) = (ids(&phone).await, ids(&lost).await);
    let losts = before.iter().find(|id| !seen_by_lost.contains(id)).unwrap();
    assert_eq!(change(&phone, "end-device", &[("device", losts)]).await.status(), 303);
    assert_eq!((page(&lost).await.0, page(&laptop).await.0), (401, 200));
    assert_eq!(change(&phone, "end-device", &[("device", losts)]).await.status(), 404, "it is gone");

    for (current, new, said) in [
        ("비 오는 날엔 해달", "해 뜨는 날엔 수달", "지금 비밀번호가 맞지 않아요"),
        (GOOD[1].1, "1234567890", "너무 널리 알려진 비밀번호예요"),
        (GOOD[1].1, "짧아요", "10자 이상"),
    ] {
        let answer = change(&phone, "change-password", &[("password", current), ("new_password", new)]).await;
        assert_eq!(answer.status(), 422, "{new}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(said) && !text.contains(current) && !text.contains(new), "{said}");
    }
    assert_eq!(page(&laptop).await.0, 200, "nobody was signed out");

    // Whoever was there before may have made a token: for that the password is asked for as well, and it ends with it.
    let make = async |password: &str| {
        let id = request().to_string();
        let form =
            [("name", "수달봇"), ("scope", "profile"), ("days", "30"), ("request", &*id), ("password", password)];
        let to = site.url("/my/tokens?do=create-token");
        client().post(to).header("cookie", &phone).form(&form).send().await.unwrap().status().as_u16()
    };
    assert_eq!((make("비 오는 날엔 해달").await, make(GOOD[1].1).await), (422, 303));
    let tokens = async || site.engine.db.sql("select count(*) from api_tokens").one::<(i64,)>().await.unwrap().0;
    assert_eq!(tokens().await, 1);

    let typed = [("password", GOOD[1].1), ("new_password", "해 뜨는 날엔 수달")];
    let changed = change(&phone, "change-password", &typed).await;
    assert_eq!(changed.status(), 303);
    let renewed = cookie(&changed);
    assert_ne!(renewed, phone, "the session is another one as well");
    assert_eq!((page(&renewed).await.0, page(&phone).await.0, page(&laptop).await.0), (200, 401, 401));
    assert_eq!((ids(&renewed).await.len(), tokens().await), (0, 0));
    assert_eq!(
        (sign_in(GOOD[1].1).await.status(), sign_in("해 뜨는 날엔 수달").await.status()),
        (422.try_into().unwrap(), 303.try_into().unwrap())
    );

    // Everywhere else.
    assert_eq!(ids(&renewed).await.len(), 1);
    assert_eq!(change(&renewed, "end-other-devices", &[]).await.status(), 303);
    assert_eq!((ids(&renewed).await.len(), page(&renewed).await.0), (0, 200));
    // Wrong ones are limited, and the sign-in is not.
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(
            change(&renewed, "change-password", &[("password", "x"), ("new_password", "해 지는 날엔 수달")])
                .await
                .status()
                .as_u16(),
        );
    }
    assert!(answers.contains(&429), "{answers:?}");
    assert_eq!(sign_in("해 뜨는 날엔 수달").await.status(), 303);
}
