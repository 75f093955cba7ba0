//! What a member shows of themselves: another nickname, and a picture.

use crate::rights::{cases, reads};
use crate::support::{Person, START, Site, client, events::png};
use engine::{accounts::Actor, clock::Clock};
use model::{AccountError, BoardRow, DAY, SECOND, Time};
use reqwest::multipart::{Form, Part};
use testing::{On, both, eventually, eventually_some};

reads! {
    "/my/profile" => 401, 200;
}

cases! {
    "set-nickname", [("nickname", "느긋한 해달 하나")] => 200;
    "set-picture", [] => 422;
    "remove-picture", [] => 200;
}

const PAGE: &str = "/my/profile";

async fn name(site: &Site, person: &Person) -> String {
    site.engine.accounts.own_profile(&Actor::host(person.member)).await.unwrap().nickname
}

both!(a_nickname_is_changed_once_in_thirty_days_and_shown_everywhere, "multi_thread");
async fn a_nickname_is_changed_once_in_thirty_days_and_shown_everywhere(on: On) {
    let clock = Clock::manual(START);
    let site = Site::with_clock(on, clock.clone()).await;
    let event = site.event(-SECOND, 5).await;
    let people = site.people(2).await;
    let [one, other] = people.as_slice() else { panic!() };
    let room = site.engine.rooms.open(event).await.unwrap();
    assert_eq!(one.enter(event).await.0, 201);
    let shown = async || room.state().top.first().map(|row: &BoardRow| row.nickname.clone());
    eventually_some("somebody is shown", shown).await;
    // What nobody may be called changes nothing.
    let before = name(&site, one).await;
    for (bad, words) in [
        ("", "꼭 필요해요."),
        ("수", "2자 이상"),
        ("<b>수달</b>", "형식이 맞지 않아요."),
        ("59초 운영자", "운영진이나 다른 크리에이터처럼"),
        ("аdmin", "운영진이나 다른 크리에이터처럼"),
    ] {
        let refused = one.change(PAGE, "set-nickname", &[("nickname", bad)]).await;
        assert_eq!(refused.status(), 422, "{bad}");
        assert!(refused.text().await.unwrap().contains(words), "{bad}");
    }
    assert_eq!(name(&site, one).await, before);
    assert_eq!(one.change(PAGE, "set-nickname", &[("nickname", " 느긋한  Otter ")]).await.status(), 303);
    assert_eq!(name(&site, one).await, "느긋한 Otter");
    eventually("the open room follows", async || shown().await.as_deref() == Some("느긋한 Otter")).await;
    assert_eq!(site.engine.events.board(event, 1).await.unwrap().entries[0].nickname, "느긋한 Otter");
    assert!(one.get("/my").await.text().await.unwrap().contains("느긋한 Otter 님"));
    // Nobody else is called what looks like it.
    for imitation in ["느긋한Otter", "느긋한_Оttеr", "느긋한 ｏｔｔｅｒ", "느긋한 0tter", "느긋한\u{200B} Otter"]
    {
        let refused = other.change(PAGE, "set-nickname", &[("nickname", imitation)]).await;
        assert_eq!(refused.status(), 422, "{imitation}");
        assert!(refused.text().await.unwrap().contains("이미 쓰이고 있어요."), "{imitation}");
    }
    // Not again before thirty days are over; the same once more is no change.
    assert_eq!(one.call("set-nickname", &[("nickname", "느긋한 Otter")]).await, 200);
    assert_eq!(one.call("set-nickname", &[("nickname", "재빠른 두루미")]).await, 429);
    assert!(one.get(PAGE).await.text().await.unwrap().contains("부터 다시 바꿀 수 있어요."));
    let set = async |who: &Person, nickname: &str| {
        let done = site.engine.naming.set_nickname(&Actor::host(who.member), nickname).await;
        done.map_err(engine::Error::public)
    };
    clock.set(START + 30 * DAY - SECOND);
    let kept = model::Error::from(AccountError::NicknameKept { retry_after: 1 });
    assert_eq!(set(one, "재빠른 두루미").await, Err(kept));
    clock.set(START + 30 * DAY);
    assert_eq!(set(one, "재빠른 두루미").await, Ok(()));
    // What was given up others may be called.
    assert_eq!(set(other, "느긋한 Otter").await, Ok(()));
    assert_eq!(name(&site, other).await, "느긋한 Otter");
    let visitor = client().post(site.url("/api/set-nickname")).form(&[("nickname", "수달 하나")]).send().await.unwrap();
    assert_eq!(visitor.status(), 401);
}

async fn send(person: &Person, picture: Vec<u8>) -> u16 {
    let form = Form::new().part("picture", Part::bytes(picture).file_name("me.png"));
    let request = client().post(format!("http://{}{PAGE}?do=set-picture", person.address)).multipart(form);
    let request = request.header("cookie", person.cookie()).header("accept", "text/html");
    request.send().await.unwrap().status().as_u16()
}

both!(a_picture_is_shown_until_another_takes_its_place, "multi_thread");
async fn a_picture_is_shown_until_another_takes_its_place(on: On) {
    let site = Site::start(on).await;
    let person = site.people(1).await.remove(0);
    let picture = async || site.engine.accounts.own_profile(&Actor::host(person.member)).await.unwrap().picture;
    let status = async |address: String| client().get(site.url(&address)).send().await.unwrap().status().as_u16();
    for bad in [Vec::new(), b"GIF89a".to_vec()] {
        assert_eq!(send(&person, bad).await, 422);
    }
    assert_eq!(picture().await, None);
    assert_eq!(send(&person, png()).await, 303);
    let first = picture().await.unwrap();
    for (size, pixels) in [("face.jpg", 384), ("face-small.jpg", 96)] {
        let answer = client().get(site.url(&format!("/pictures/{first}/{size}"))).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        let shown = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!((shown.width(), shown.height()), (pixels, pixels));
    }
    let page = person.get(PAGE).await.text().await.unwrap();
    assert!(page.contains(&format!("/pictures/{first}/face.jpg")));
    // Another takes its place, and removed there is none.
    assert_eq!(send(&person, png()).await, 303);
    let second = picture().await.unwrap();
    assert_ne!(first, second);
    assert_eq!(status(format!("/pictures/{first}/face.jpg")).await, 404);
    assert_eq!(person.change(PAGE, "remove-picture", &[]).await.status(), 303);
    assert_eq!(person.change(PAGE, "remove-picture", &[]).await.status(), 303, "once more is no error");
    assert_eq!(picture().await, None);
    assert_eq!(status(format!("/pictures/{second}/face-small.jpg")).await, 404);
}

both!(an_admin_takes_a_picture_away_and_says_why, "multi_thread");
async fn an_admin_takes_a_picture_away_and_says_why(on: On) {
    let site = Site::start(on).await;
    let people = site.people(3).await;
    let [person, admin, other] = people.as_slice() else { panic!() };
    let db = &site.engine.db;
    let (email,): (String,) = db.sql("select email from members where id = $1").bind(admin.member).one().await.unwrap();
    engine::administration::set_admin(db, Time(1), &email, true).await.unwrap().unwrap();
    let admin = &admin.anew(&site.engine).await;
    let own = async || site.engine.accounts.own_profile(&Actor::host(person.member)).await.unwrap().picture;
    assert_eq!(send(person, png()).await, 303);
    let address = format!("/pictures/{}/face.jpg", own().await.unwrap());
    let member = person.member.to_string();
    let seen = own().await.unwrap().to_string();
    let take = async |by: &Person, picture: &str, reason: &str| {
        let form = [("member", member.as_str()), ("picture", picture), ("reason", reason)];
        by.call("take-picture-away", &form).await
    };
    assert_eq!((take(other, &seen, "광고 사진").await, take(admin, &seen, " ").await), (403, 422));
    assert_eq!(take(admin, "", "광고 사진").await, 404, "of none");
    let page = admin.get(&format!("/admin/members/{member}")).await.text().await.unwrap();
    assert!(page.contains(&address) && own().await.is_some(), "nothing has happened");
    assert!(page.contains(&format!(r#"value="{seen}""#)), "what is taken away is what is shown");
    // Another one that is there by now was looked at by nobody.
    assert_eq!(send(person, png()).await, 303);
    let address = format!("/pictures/{}/face.jpg", own().await.unwrap());
    assert_eq!(take(admin, &seen, "광고 사진").await, 409);
    let seen = own().await.unwrap().to_string();
    assert_eq!(take(admin, &seen, "광고 사진").await, 200);
    assert_eq!(own().await, None);
    assert_eq!(client().get(site.url(&address)).send().await.unwrap().status(), 404);
    assert_eq!(take(admin, &seen, "광고 사진").await, 409, "there is none");
    let noted = db.sql("select reason from audit where action = 'remove_picture' and member_id = $1");
    let noted: Vec<(String,)> = noted.bind(person.member).all().await.unwrap();
    assert_eq!(noted, [("광고 사진".to_owned(),)]);
}
