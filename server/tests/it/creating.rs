//! The creator's form.

use crate::support::{Person, Site, client, request};
use model::{HOUR, MINUTE};
use reqwest::multipart::{Form, Part};
use std::io::Cursor;

fn form(site: &Site, changes: &[(&'static str, &str)]) -> Form {
    let opens = site.engine.clock.now() + HOUR;
    let mut fields = vec![
        ("request", request().to_string()),
        ("title", "따끈한 겨울 머그".to_owned()),
        ("summary", "손으로 빚은 머그".to_owned()),
        ("category", "living".to_owned()),
        ("prize_name", "머그".to_owned()),
        ("prize_kind", "goods".to_owned()),
        ("prize_winners", "10".to_owned()),
        ("opens_at", opens.to_local()),
        ("closes_at", (opens + 10 * MINUTE).to_local()),
        ("description", "**머그**".to_owned()),
        ("rules", String::new()),
        ("entry_code", String::new()),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, (*value).to_owned()));
    }
    fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value))
}

async fn send(person: &Person, form: Form) -> reqwest::Response {
    let request = client().post(format!("http://{}/creator/new", person.address)).multipart(form);
    request.header("cookie", person.cookie()).header("accept", "text/html").send().await.unwrap()
}

fn png() -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(64, 48).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

#[tokio::test]
async fn an_event_with_a_picture_is_made_once_however_often_it_is_sent() {
    let site = Site::start().await;
    let creator = site.creator().await;
    let id = request().to_string();
    let picture = || Part::bytes(png()).file_name("mug.png");
    let first = send(&creator, form(&site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(first.status(), 303);
    let address = first.headers()["location"].to_str().unwrap().to_owned();
    let again = send(&creator, form(&site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(again.headers()["location"].to_str().unwrap(), address);
    let page = creator.get(&address).await.text().await.unwrap();
    let picture = page.split("/pictures/").nth(1).unwrap().split('"').next().unwrap();
    let response = client().get(site.url(&format!("/pictures/{picture}"))).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    assert!(image::load_from_memory(&response.bytes().await.unwrap()).is_ok());
    assert_eq!(site.engine.events.of_creator(creator.member, None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn bad_input_is_marked_shown_again_and_changes_nothing() {
    let site = Site::start().await;
    let creator = site.creator().await;
    let past = (site.engine.clock.now() - HOUR).to_local();
    let long = "가".repeat(121);
    for (field, value) in [
        ("title", "x"),
        ("summary", long.as_str()),
        ("category", "weapons"),
        ("opens_at", past.as_str()),
        ("opens_at", "soon"),
        ("closes_at", past.as_str()),
        ("prize_winners", "0"),
        ("prize_winners", "-3"),
        ("prize_winners", "999999999999999999999"),
        ("prize_name", ""),
        ("entry_code", "x"),
        ("request", "not-an-id"),
    ] {
        let response = send(&creator, form(&site, &[(field, value)])).await;
        let expected = if field == "request" { 400 } else { 422 };
        assert_eq!(response.status(), expected, "{field}={value}");
        let page = response.text().await.unwrap();
        assert!(page.contains("손으로 빚은 머그") || field == "summary", "what was typed is there again: {field}");
    }
    let not_a_picture = form(&site, &[]).part("picture", Part::bytes(b"GIF89a nonsense".to_vec()).file_name("x.png"));
    assert_eq!(send(&creator, not_a_picture).await.status(), 422);
    let too_large = form(&site, &[]).part("picture", Part::bytes(vec![0u8; 11 << 20]).file_name("x.png"));
    assert_eq!(send(&creator, too_large).await.status(), 422);
    assert_eq!(site.engine.events.of_creator(creator.member, None).await.unwrap(), []);
}

#[tokio::test]
async fn only_creators_make_events_and_only_owners_cancel_them() {
    let site = Site::start().await;
    let shopper = site.people(1).await.remove(0);
    assert_eq!(send(&shopper, form(&site, &[])).await.status(), 403);
    let nobody = client().post(site.url("/creator/new")).multipart(form(&site, &[])).send().await.unwrap();
    assert_eq!(nobody.headers()["location"].to_str().unwrap(), "/sign-in?next=/creator/new");
    let creator = site.creator().await;
    let event = crate::support::make_event(&site.engine, creator.member, HOUR, 3).await;
    let path = format!("/events/{event}/cancel");
    assert_eq!(shopper.post(&path, &[("reason", "싫어요")]).await.status(), 403);
    assert_eq!(creator.post(&path, &[("reason", "")]).await.status(), 422);
    assert_eq!(creator.post(&path, &[("reason", "가마가 식었어요")]).await.status(), 303);
    let page = creator.get(&format!("/events/{event}")).await.text().await.unwrap();
    assert!(page.contains("가마가 식었어요"));
    assert_eq!(creator.post(&path, &[("reason", "또 취소")]).await.status(), 409);
}
