//! The site on a home screen, and while the network is away.

use crate::support::{Site, client};
use serde_json::Value;
use std::path::Path;
use testing::On;

/// What is built into the site's folder.
fn public(file: &str) -> Vec<u8> {
    std::fs::read(Path::new("../public").join(file.trim_start_matches('/'))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_manifest_has_icons_that_there_are() {
    let site = Site::start(On::Sqlite).await;
    for (lang, name) in
        [("ko", "59초 – 같은 1초에 열려요"), ("en", "59초 – 59 seconds"), ("tlh", "59초 – 같은 1초에 열려요")]
    {
        let answer = client().get(site.url(&format!("/manifest.webmanifest?lang={lang}"))).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/manifest+json");
        let manifest: Value = answer.json().await.unwrap();
        assert_eq!(manifest["name"], name, "{lang}");
        assert_eq!(
            (&manifest["id"], &manifest["start_url"], &manifest["scope"]),
            (&"/".into(), &"/".into(), &"/".into())
        );
        let icons = manifest["icons"].as_array().unwrap();
        for purpose in ["any", "maskable"] {
            assert!(icons.iter().any(|icon| icon["purpose"] == purpose && icon["sizes"] == "512x512"), "{purpose}");
        }
        for icon in icons {
            let file = public(icon["src"].as_str().unwrap());
            if icon["type"] == "image/png" {
                let picture = image::load_from_memory(&file).unwrap();
                assert_eq!(icon["sizes"], format!("{}x{}", picture.width(), picture.height()));
            } else {
                assert!(file.starts_with(b"<svg"), "{icon}");
            }
        }
    }
    // Notices and Apple's home screen have theirs.
    for (file, side) in [("icons/badge-96.png", 96), ("icons/apple-180.png", 180)] {
        assert_eq!(image::load_from_memory(&public(file)).unwrap().width(), side, "{file}");
    }
    for (cookie, manifest) in [("language=ko", "?lang=ko"), ("language=en", "?lang=en")] {
        let home = client().get(site.url("/")).header("accept", "text/html").header("cookie", cookie);
        let home = home.send().await.unwrap().text().await.unwrap();
        assert!(home.contains(&format!("rel=\"manifest\" href=\"/manifest.webmanifest{manifest}\"")), "{cookie}");
        assert!(home.contains("register(\"/sw.js\")"), "the worker is registered");
    }
    // The room leaves that to the pages that lead there.
    let event = site.event(model::HOUR, 3).await;
    let room = client().get(site.url(&format!("/events/{event}"))).header("accept", "text/html");
    assert!(!room.send().await.unwrap().text().await.unwrap().contains("sw.js"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_when_the_network_is_away_is_nobodys() {
    let site = Site::start(On::Sqlite).await;
    let person = site.people(1).await.remove(0);
    let answer = person.get("/offline").await;
    let headers = answer.headers().clone();
    let page = answer.text().await.unwrap();
    assert!(!headers.contains_key("set-cookie"), "nothing of who asks is in what is kept");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(
        page.contains(&format!("<style nonce=\"{nonce}\">")) && page.contains(&format!("<script nonce=\"{nonce}\">"))
    );
    assert!(page.contains("지금은 연결되지 않았어요") && page.contains("You are offline"));
    let stranger = client().get(site.url("/offline")).send().await.unwrap().text().await.unwrap();
    assert_eq!(page, stranger);

    let worker = client().get(site.url("/sw.js")).send().await.unwrap();
    assert_eq!(worker.headers()["cache-control"], "no-cache", "the next one is found at once");
    let worker = worker.text().await.unwrap();
    assert!(worker.contains(&format!("const VERSION = \"{nonce}\"")), "another page is another worker");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_is_there_before_anything_is_painted() {
    let site = Site::start(On::Sqlite).await;
    for (cookie, theme, schemes) in [
        ("theme=dark", "dark", "dark"),
        ("theme=light", "light", "light"),
        ("theme=system", "system", "light dark"),
        ("theme=\"><script>", "system", "light dark"),
    ] {
        for path in ["/", "/pictures/none/none"] {
            let page = client().get(site.url(path)).header("accept", "text/html").header("cookie", cookie);
            let page = page.send().await.unwrap().text().await.unwrap();
            assert!(page.contains(&format!("data-theme=\"{theme}\"")), "{path}: {cookie}");
            if path == "/" {
                assert!(page.contains(&format!("name=\"color-scheme\" content=\"{schemes}\"")), "{cookie}");
                let colours = page.matches("name=\"theme-color\"").count();
                assert_eq!(colours, if theme == "system" { 2 } else { 1 }, "{cookie}");
            }
        }
    }
}
