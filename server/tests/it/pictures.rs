//! Uploads in a folder and in a bucket: kept once, refused without a trace, and honest while the store is away.

use crate::support::{
    Person, Site, client, config, config_in,
    events::{form, png, send},
    program::command,
    request,
};
use engine::{
    Engine, Services,
    accounts::{Actor, Passwords},
    clock::Clock,
    db::Lane,
    limits::Searcher,
    pictures::PictureStore,
    tasks::Tasks,
};
use model::Stage;
use reqwest::multipart::Part;
use server::config::{Config, Secret};
use std::{net::Ipv4Addr, process::Command, sync::Arc};
use testing::{BUCKET, Database, On, Place, S3, eventually, eventually_some, files};

/// A site whose pictures are in a bucket.
async fn with_bucket() -> (Site, S3) {
    let (place, s3) = (Place::new(On::Sqlite), S3::start().await);
    let config = config(&place);
    let pictures = PictureStore::bucket(&format!("s3://{BUCKET}").parse().unwrap(), s3.settings()).await.unwrap();
    let (clock, passwords) = (Clock::system(), Passwords::weak().unwrap());
    let db = config.database().await.unwrap();
    let engine =
        Engine::start_with(db, pictures, clock, passwords, None, Services::default(), Tasks::surviving()).await;
    (Site::serve(engine, Arc::new(place)).await, s3)
}

fn picture() -> Part {
    Part::bytes(png()).file_name("mug.png")
}

/// The address of the picture on an event's page.
async fn shown(person: &Person, event: &str) -> String {
    let page = person.get(event).await.text().await.unwrap();
    format!("/pictures/{}", page.split("/pictures/").nth(1).unwrap().split('"').next().unwrap())
}

/// Only what an event shows is kept, in either place.
async fn only_what_is_shown_is_kept(site: &Site, names: impl Fn() -> Vec<String>) {
    let creator = site.creator().await;
    let id = request().to_string();
    let made = send(&creator, form(site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(made.status(), 303);
    let event = made.headers()["location"].to_str().unwrap().to_owned();
    let kept = names();
    assert_eq!(kept.len(), 2, "{kept:?}");
    // Sent again it makes no second event, and its second upload is gone.
    let again = send(&creator, form(site, &[("request", &id)]).part("picture", picture())).await;
    assert_eq!(again.headers()["location"].to_str().unwrap(), event);
    assert_eq!(names(), kept);
    // Refused only after the upload was taken.
    let refused = send(&creator, form(site, &[("request", "not-an-id")]).part("picture", picture())).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(names(), kept);
    let response = client().get(site.url(&shown(&creator, &event).await)).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
    let length: usize = response.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() == length && image::load_from_memory(&bytes).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_folder_only_what_is_shown_is_kept() {
    let site = Site::start(On::Sqlite).await;
    let folder = site.folder().join("pictures");
    only_what_is_shown_is_kept(&site, || files(&folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_bucket_only_what_is_shown_is_kept() {
    let (site, s3) = with_bucket().await;
    only_what_is_shown_is_kept(&site, || s3.names()).await;
    assert_eq!(files(&site.folder().join("pictures")), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_store_is_away_the_form_comes_back_and_nothing_is_made() {
    let (site, mut s3) = with_bucket().await;
    let creator = site.creator().await;
    let made = send(&creator, form(&site, &[]).part("picture", picture())).await;
    let event = made.headers()["location"].to_str().unwrap().to_owned();
    let address = shown(&creator, &event).await;
    let kept = s3.names();
    s3.stop().await;
    let refused = send(&creator, form(&site, &[("title", "다시 적지 않을 제목")]).part("picture", picture())).await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (503, &"1".parse().unwrap()));
    assert!(refused.text().await.unwrap().contains("다시 적지 않을 제목"), "what was typed is there again");
    let missing = client().get(site.url(&address)).send().await.unwrap();
    assert_eq!(missing.status(), 503);
    assert_eq!(creator.get(&event).await.status(), 200, "pages go on");
    s3.resume().await;
    assert_eq!(client().get(site.url(&address)).send().await.unwrap().status(), 200);
    assert_eq!(s3.names(), kept);
    assert_eq!(
        site.engine.events.of_creator(&Actor::host(creator.member), Stage::All, None).await.unwrap().events.rows.len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_pictures_is_refused_and_whoever_is_signed_in_has_their_own() {
    let site = Site::start(On::Sqlite).await;
    let creator = site.creator().await;
    let made = send(&creator, form(&site, &[]).part("picture", picture())).await;
    let address = shown(&creator, made.headers()["location"].to_str().unwrap()).await;
    let visit = async || client().get(site.url(&address)).send().await.unwrap();
    assert_eq!(visit().await.status(), 200);
    let limits = site.engine.limits.clone();
    // Somebody here asks for as many as there are to be had, and for each that is to be had again.
    let flooding = tokio::spawn(async move {
        loop {
            let _ = limits.pictures(Searcher::Address(Ipv4Addr::LOCALHOST.into()));
            tokio::task::yield_now().await;
        }
    });
    eventually("it is too much of one address", async || {
        let refused = visit().await;
        refused.status() == 429 && refused.headers()["retry-after"] == "1"
    })
    .await;
    assert_eq!(creator.get(&address).await.status(), 200, "who is signed in has their own");
    flooding.abort();
    let _ = flooding.await;
    eventually("there are more", async || visit().await.status() == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_shown_while_nobody_says_who_is_signed_in() {
    let site = Site::start(On::Sqlite).await;
    let (creator, person) = (site.creator().await, site.people(1).await.remove(0));
    let made = send(&creator, form(&site, &[]).part("picture", picture())).await;
    let address = shown(&creator, made.headers()["location"].to_str().unwrap()).await;
    let mut tx = site.engine.db.begin(Lane::Other).await.unwrap();
    tx.sql("alter table sessions rename to sessions_away").run().await.unwrap();
    tx.commit().await.unwrap();
    assert!(person.get("/my").await.status().is_server_error(), "their session is in the database alone");
    assert_eq!(person.get(&address).await.status(), 200);
}

/// The program with pictures in a bucket.
fn program(name: &str, config: &Config, s3: &S3, bucket: &str) -> Command {
    let mut command = command(name, config);
    command.env("FIFTYNINE_PICTURES", bucket).envs(s3.settings());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_cannot_be_used_ends_the_program_with_a_line_and_without_the_keys() {
    let (place, mut s3) = (Place::new(On::Sqlite), S3::start().await);
    let config = config_in(place.folder());
    let refused = |command: &mut Command, says: &str| {
        let ended = command.env("RUST_LOG", "trace").output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
        assert_eq!(ended.status.code(), Some(1), "{told}");
        let said: Vec<&str> = told.lines().filter(|line| line.starts_with("fiftynine: ")).collect();
        assert!(said.len() == 1 && said[0].contains(says), "{said:?}");
        assert!(!told.contains("wr0ng-secret") && !told.contains(testing::KEYS.1), "{told}");
    };
    refused(program("serve", &config, &s3, "s3://missing").arg("--addr=127.0.0.1:0"), "no such bucket");
    let mut wrong = program("serve", &config, &s3, "s3://pictures");
    refused(wrong.env("AWS_SECRET_ACCESS_KEY", "wr0ng-secret"), "refuses these keys");
    refused(&mut program("serve", &config, &s3, "s3://me:wr0ng-secret@pictures"), "s3://bucket/prefix");
    s3.stop().await;
    refused(&mut program("serve", &config, &s3, "s3://pictures"), "s3://pictures");
    let help = program("serve", &config, &s3, "s3://wr0ng-secret").arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("FIFTYNINE_PICTURES") && help.contains("AWS_ENDPOINT_URL"), "{help}");
    assert!(!help.contains("wr0ng-secret") && !help.contains(testing::KEYS.1), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folders_pictures_are_carried_over_into_the_bucket() {
    let (place, target, s3) = (Place::new(On::Sqlite), Database::empty(), S3::start().await);
    let here = config_in(place.folder());
    // No engine: its tasks would keep the database open.
    drop(here.database().await.unwrap());
    let pictures = here.pictures().await.unwrap().save(png(), model::Crop::default(), model::Time(1)).await.unwrap();
    let there = Config { database_url: Some(Secret(target.url().to_owned())), ..here };
    // The writer of this process closes a moment later.
    let said = eventually_some("the folder is not in use any more", async || {
        let carried = program("migrate-data", &there, &s3, "s3://pictures/site").output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&carried.stdout), String::from_utf8_lossy(&carried.stderr));
        (!said.contains("is in use")).then_some(said)
    })
    .await;
    assert!(said.contains("1 uploaded pictures were copied to s3://pictures/site."), "{said}");
    let name = pictures.card.unwrap().replace("/pictures/", "site/");
    assert!(s3.names().contains(&name), "{:?}", s3.names());
}
