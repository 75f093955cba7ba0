//! Pages as browsers without scripts and search engines read them.

use crate::{
    sales::shelves::deal,
    support::{Site, client, draft, request},
};
use app::page::KIND;
use engine::{accounts::Actor, events::Pictures};
use model::{Category, HOUR, MINUTE, SECOND, wire};
use testing::{On, both};

async fn page(site: &Site, path: &str, language: &str) -> (u16, String) {
    let request = client().get(site.url(path)).header("accept", "text/html").header("accept-language", language);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

both!(every_page_is_whole_without_scripts);
async fn every_page_is_whole_without_scripts(on: On) {
    let site = Site::start(on).await;
    let next = site.event(5 * MINUTE, 7).await;
    let open = site.event(-SECOND, 2).await;
    for person in site.people(3).await {
        person.enter(open).await;
    }
    let (status, home) = page(&site, "/", "ko").await;
    assert_eq!(status, 200);
    assert!(home.contains("따끈한 겨울 머그") && home.contains("지금 열려 있어요"));
    let (_, room) = page(&site, &format!("/events/{next}"), "ko").await;
    assert!(room.contains("로그인하고 준비하기") && room.contains("http-equiv=\"refresh\""));
    assert!(!room.contains("<script>alert(1)"), "descriptions are sanitised");
    let (_, board) = page(&site, &format!("/events/{open}/board"), "ko").await;
    assert!(board.contains("당첨") && board.contains("대기") && board.matches("<tr").count() == 4);
    for path in ["/sign-in", "/sign-up", "/my", "/creator", "/creator/new", "/creator/profile"] {
        assert_eq!(page(&site, path, "ko").await.0, 200, "{path}");
    }
    let (_, english) = page(&site, "/sign-in", "en-GB,en;q=0.9").await;
    assert!(english.contains("lang=\"en\"") && english.contains("Welcome back"));
}

#[tokio::test]
async fn a_page_is_in_the_language_that_its_browser_likes_best() {
    let site = Site::start(On::Sqlite).await;
    let (korean, english) = ("다시 만나서 반가워요", "Welcome back");
    // As many as nobody means, and what stands behind them, are not read.
    let [few, many] = [30, 30_000].map(|others| format!("{}ko;q=0,en", "*,".repeat(others)));
    for (liked, said) in [
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", korean),
        ("en-US,en;q=0.9,ko;q=0.8", english),
        ("en;q=0.4, ko;q=0.9", korean),
        ("fr-FR, EN-gb;q=0.5", english),
        // Konkani is another language, and whoever reads no English says so.
        ("kok-IN, en;q=0.1", english),
        // However it is written.
        ("en_US, ko;q=0.5", english),
        ("ko;q=0.5, en;Q = 0.9", english),
        ("ko;q=0.5;level=1, en;level=1;q=0.9", english),
        ("ko;q=7, en;q=0.5", english),
        // What is not named: Korean, unless that is.
        ("ko;q=0, *", english),
        ("fr, ko;q=0.2, *;q=0.5", english),
        ("fr, en;q=0.2, *;q=0.5", korean),
        ("en;q=0, fr", korean),
        ("en;q=nan, en;q=x", korean),
        ("*", korean),
        ("", korean),
        (few.as_str(), english),
        (many.as_str(), korean),
    ] {
        assert!(page(&site, "/sign-in", liked).await.1.contains(said), "{liked}");
    }
    // What was chosen counts more.
    let chosen = client().get(site.url("/sign-in")).header("accept-language", "ko").header("cookie", "language=en");
    let chosen = chosen.header("accept", "text/html").send().await.unwrap().text().await.unwrap();
    assert!(chosen.contains(english));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_first_waits_for_no_style_sheet_and_who_comes_again_asks_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("pkg")).unwrap();
    std::fs::write(folder.path().join("pkg/fiftynine.css"), ".bell { color: red }").unwrap();
    std::fs::write(folder.path().join("pkg/fiftynine.css.br"), "small").unwrap();
    let site = Site::configured(On::Sqlite, |config| config.site_dir = folder.path().to_owned()).await;
    let (_, first) = page(&site, "/", "ko").await;
    assert!(first.contains(".bell { color: red }") && !first.contains("rel=\"stylesheet\""));
    let again = client().get(site.url("/")).header("accept", "text/html").header("cookie", "visitor=1");
    let again = again.send().await.unwrap().text().await.unwrap();
    assert!(!again.contains(".bell"));
    let (_, sheet) = again.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let sheet = sheet.split('"').next().unwrap();
    let ask = async |path: &str, takes: &str| {
        let file = client().get(site.url(path)).header("accept-encoding", takes).send().await.unwrap();
        let named = |name: &str| file.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let said = [named("cache-control"), named("content-encoding"), named("content-type")];
        (file.status().as_u16(), said, file.text().await.unwrap())
    };
    let ours =
        |coding: &str| ["public, max-age=31536000, immutable", coding, "text/css; charset=utf-8"].map(str::to_owned);
    let rules = ".bell { color: red }".to_owned();
    assert_eq!(ask(sheet, "gzip;q=0, identity").await, (200, ours(""), rules.clone()));
    assert_eq!(ask(sheet, "gzip, br;q=0.9").await, (200, ours("br"), "small".into()));
    // What is copied over it is another build's.
    std::fs::write(folder.path().join("pkg/fiftynine.css"), ".bell { color: blue }").unwrap();
    assert_eq!(ask(sheet, "identity").await, (200, ours(""), rules));
    // A node has nothing of another build, and what it has not is nowhere kept.
    let root = sheet.split_once("/pkg/").unwrap().0;
    let others = "/build/0123456789abcdef";
    for path in [
        sheet.replace(root, others),
        sheet.replace("fiftynine", "nothing"),
        format!("{others}/notices.js"),
        others.to_owned(),
    ] {
        let (status, [kept, ..], _) = ask(&path, "br").await;
        assert_eq!((status, kept.as_str()), (404, "no-store"), "{path}");
    }
    // By which a page that misses something finds out whether that is why.
    assert!(first.contains(&format!("data-build=\"{root}\"")));
    assert_eq!(client().head(site.url(root)).send().await.unwrap().status(), 204);
}

#[tokio::test]
async fn the_pictures_that_are_seen_first_are_not_put_off() {
    let site = Site::start(On::Sqlite).await;
    let seller = Actor::host(site.creator().await.member);
    let opens_at = site.engine.clock.now() - SECOND;
    for (path, draft) in [("/", draft(opens_at, 3)), ("/deals", deal(opens_at, HOUR, Category::Living))] {
        for _ in 0..3 {
            let pictures = Pictures { banner: None, card: Some("/demo/mug.svg".into()) };
            site.engine.events.create(&seller, request(), draft.clone(), pictures).await.unwrap();
        }
        let (_, page) = page(&site, path, "ko").await;
        let pictures = page.split("<img").skip(1).map(|rest| rest.split('>').next().unwrap());
        let put_off: Vec<bool> = pictures
            .filter(|picture| picture.contains("/demo/mug.svg"))
            .map(|picture| picture.contains("loading=\"lazy\""))
            .collect();
        assert_eq!(put_off, [false, false, true], "{path}");
    }
}

both!(what_is_not_there_is_404_with_a_way_back);
async fn what_is_not_there_is_404_with_a_way_back(on: On) {
    let site = Site::start(on).await;
    for path in
        ["/nowhere", "/events/xyz", "/events/01M807MNGSETC8MZPA7YPV075M", "/events/01M807MNGSETC8MZPA7YPV075M/board"]
    {
        let (status, body) = page(&site, path, "ko").await;
        assert_eq!(status, 404, "{path}");
        assert!(body.contains("홈으로"), "{path}");
    }
    let picture = client().get(site.url("/pictures/01M807MNGSETC8MZPA7YPV075M/banner.jpg")).send().await.unwrap();
    assert_eq!(picture.status(), 404);
    let traversal =
        client().get(site.url("/pictures/01M807MNGSETC8MZPA7YPV075M/..%2f..%2ffiftynine.db")).send().await.unwrap();
    assert_eq!(traversal.status(), 404);
}

both!(pages_of_another_build_load_anew);
async fn pages_of_another_build_load_anew(on: On) {
    let site = Site::start(on).await;
    let read = async |path: &str, kind: &str| client().get(site.url(path)).header("accept", kind).send().await.unwrap();
    let event = site.event(5 * MINUTE, 7).await;
    for path in ["/".to_owned(), format!("/events/{event}"), format!("/events/{event}/chat?before=9")] {
        let answer = read(&path, KIND).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
            (200, KIND),
            "{path}"
        );
        for other in ["application/x-fiftynine-page-0000000000000000", wire::KIND, "application/x-fiftynine-2"] {
            assert_eq!(read(&path, other).await.status(), 406, "{path} for {other}");
        }
    }
    assert!(page(&site, "/", "ko").await.1.contains(KIND), "the document says which code can take it over");
}
