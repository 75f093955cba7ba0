//! What other sites show of a page, and what is said in the browsers they have built in.

use crate::support::{Site, client, config, draft, engine_on, make_event, request};
use axum::{body::Body, extract::ConnectInfo, http::Request};
use engine::{accounts::Actor, clock::Clock, events::Pictures};
use model::{EventDraft, EventId, HOUR, SECOND};
use reqwest::Response;
use server::{AppState, inside::LOOK_AGAIN};
use std::{
    cell::Cell,
    net::{Ipv4Addr, SocketAddr},
};
use testing::{On, Place, both};
use tower::ServiceExt;

async fn get(site: &Site, path: &str) -> Response {
    client().get(site.url(path)).header("accept", "text/html, image/png").send().await.unwrap()
}

/// What the head says under a name, each time it does.
fn said<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let head = page.split("</head>").next().unwrap();
    let (open, close) = (format!("=\"{name}\" content=\""), '"');
    head.match_indices(&open).map(|(at, _)| head[at + open.len()..].split(close).next().unwrap()).collect()
}

fn size(png: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(png).unwrap();
    (picture.width(), picture.height())
}

both!(every_page_has_one_description_and_a_picture, "multi_thread");
async fn every_page_has_one_description_and_a_picture(on: On) {
    let site = Site::start(on).await;
    let event = site.event(-SECOND, 5).await;
    let people = site.people(1).await;
    assert_eq!(people[0].enter(event).await.0, 201);
    let room = format!("/events/{event}");
    for path in
        ["/", "/sign-in", &room, &format!("{room}/share"), &format!("{room}/board"), &format!("{room}/entries/1")]
    {
        let page = get(&site, path).await.text().await.unwrap();
        for name in
            ["description", "og:description", "og:title", "og:site_name", "og:type", "og:locale", "og:image:alt"]
        {
            let said = said(&page, name);
            assert!(said.len() == 1 && !said[0].trim().is_empty(), "{path}: {name} {said:?}");
        }
        assert_eq!(said(&page, "twitter:card"), ["summary_large_image"], "{path}");
        assert_eq!(said(&page, "og:image:width"), ["1200"], "{path}");
        let picture = said(&page, "og:image");
        assert_eq!(picture.len(), 1, "{path}");
        let of_event = picture[0].contains(&event.to_string());
        assert_eq!(of_event, path.contains("/events/") && !path.ends_with("board"), "{path}: {picture:?}");
        let drawn = client().get(picture[0]).send().await.unwrap();
        assert_eq!((drawn.status().as_u16(), &drawn.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
        assert_eq!(size(&drawn.bytes().await.unwrap()), (1200, 630), "{path}");
    }
}

both!(a_picture_is_drawn_of_what_everybody_may_see, "multi_thread");
async fn a_picture_is_drawn_of_what_everybody_may_see(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let host = Actor::host(creator.member);
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let path = format!("/events/{event}/preview.png");
    let first = get(&site, &path).await;
    let tag = first.headers()["etag"].clone();
    let png = first.bytes().await.unwrap();
    let again = client().get(site.url(&path)).header("if-none-match", &tag).send().await.unwrap();
    assert_eq!(again.status(), 304);
    let english = get(&site, &format!("{path}?lang=en")).await;
    assert!(english.headers()["etag"] != tag && size(&english.bytes().await.unwrap()) == (1200, 630));
    // Whatever the title: it is drawn, or left out, and nothing goes wrong.
    for title in ["<script>alert(1)</script>\"'&", "🎉👨‍👩‍👧‍👦", "شاي\u{202e}", &"가".repeat(80), "뷁\u{300}\u{301}\u{302}"]
    {
        let draft = EventDraft { title: title.to_owned(), ..draft(site.engine.clock.now() + HOUR, 3) };
        let event = site.engine.events.create(&host, request(), draft, Pictures::default()).await.unwrap();
        let drawn = get(&site, &format!("/events/{event}/preview.png")).await;
        assert!(drawn.status() == 200 && drawn.headers()["etag"] != tag, "{title}");
        assert_eq!(size(&drawn.bytes().await.unwrap()), (1200, 630), "{title}");
        // And nothing of it is markup in the head.
        let page = get(&site, &format!("/events/{event}")).await.text().await.unwrap();
        assert_eq!(said(&page, "og:image:alt").len(), 1, "{title}");
        assert!(!page.contains("<script>alert"), "{title}");
    }
    let unseen = draft(site.engine.clock.now() + HOUR, 3);
    let hidden = site.engine.events.create_draft(&host, request(), unseen, Pictures::default()).await.unwrap();
    assert_eq!(get(&site, &format!("/events/{hidden}/preview.png")).await.status(), 404, "a draft");
    let nobody = format!("/events/{}/preview.png", EventId(uuid::Uuid::nil()));
    assert_eq!(get(&site, &nobody).await.status(), 404, "no event");
    assert_eq!(get(&site, "/events/x/preview.png").await.status(), 400);
    assert!(png.len() < 100 << 10, "{} bytes", png.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_have_all_turns_to_draw_and_waits_for_the_next() {
    let place = Place::new(On::Sqlite);
    let config = config(&place);
    let engine = engine_on(&config, Clock::system()).await;
    let state = AppState::new(engine, None, config);
    let routes = server::routes::router(state.clone());
    let ask = async || {
        let asked = Request::get("/preview.png").body(Body::empty()).unwrap();
        routes.clone().oneshot(asked).await.unwrap()
    };
    // Nobody is connected: then it is no address.
    let turn = || state.drawn_for.take(Ipv4Addr::UNSPECIFIED.into());
    let mut turns: Vec<_> = std::iter::from_fn(turn).take(100).collect();
    assert_eq!(turns.len(), 8);
    let refused = ask().await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"5".parse().unwrap()));
    // Whoever waits a moment finds what is given back.
    let (shown, ()) = tokio::join!(ask(), async {
        tokio::time::sleep(2 * LOOK_AGAIN).await;
        turns.pop();
    });
    assert_eq!(shown.status(), 200);
    // What was drawn is given to everybody.
    turns.extend(turn());
    assert_eq!((turns.len(), ask().await.status().as_u16()), (8, 200));
    // Also to whoever waits meanwhile, in vain for a place: somebody elsewhere had the same drawn.
    let ask = async |elsewhere: bool| {
        let mut asked = Request::get("/preview.png?lang=en").body(Body::empty()).unwrap();
        if elsewhere {
            asked.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, 1], 59))));
        }
        routes.clone().oneshot(asked).await.unwrap().status().as_u16()
    };
    let drawn = tokio::join!(ask(false), async {
        tokio::time::sleep(LOOK_AGAIN).await;
        ask(true).await
    });
    assert_eq!((drawn, turns.len()), ((200, 200), 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_wait_for_a_place_among_those_of_their_address() {
    let place = Place::new(On::Sqlite);
    let config = config(&place);
    let engine = engine_on(&config, Clock::system()).await;
    let state = AppState::new(engine, None, config);
    let routes = server::routes::router(state.clone());
    let mut turns: Vec<_> = (0..8).map(|_| state.drawn_for.take(Ipv4Addr::UNSPECIFIED.into())).collect();
    assert!(turns.iter().all(Option::is_some));
    let waiting = state.drawn_later.try_acquire_many(64).unwrap();
    assert_eq!(state.drawn_later.available_permits(), 0);
    let ask = async || {
        let asked = Request::get("/preview.png").body(Body::empty()).unwrap();
        routes.clone().oneshot(asked).await.unwrap().status().as_u16()
    };
    // Whoever is one too many is told at once, and not there any more when there is a place.
    let (refused, ()) = tokio::join!(ask(), async {
        tokio::time::sleep(2 * LOOK_AGAIN).await;
        turns.pop();
    });
    assert_eq!(refused, 429);
    // Whoever finds a place needs none to wait.
    assert_eq!(ask().await, 200);
    drop(waiting);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_does_not_have_all_places_to_wait_for_a_turn_to_draw() {
    let place = Place::new(On::Sqlite);
    let config = config(&place);
    let engine = engine_on(&config, Clock::system()).await;
    let state = AppState::new(engine, None, config);
    let routes = server::routes::router(state.clone());
    let (here, elsewhere) = (Ipv4Addr::UNSPECIFIED, Ipv4Addr::new(192, 0, 2, 1));
    let turns = |address: Ipv4Addr| (0..8).map(|_| state.drawn_for.take(address.into())).collect::<Vec<_>>();
    let (_here, mut there) = (turns(here), turns(elsewhere));
    let ask = |address: Ipv4Addr| {
        let (routes, mut asked) = (routes.clone(), Request::get("/preview.png").body(Body::empty()).unwrap());
        asked.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 59))));
        async move { routes.oneshot(asked).await.unwrap().status().as_u16() }
    };
    // Somebody else waits while as many as may do so wait at the first, and finds what is given back.
    let refused = Cell::new(0);
    let (ask, refused) = (&ask, &refused);
    let waiting = (0..100).map(|_| async move {
        let status = ask(here).await;
        refused.set(refused.get() + u32::from(status == 429));
        status
    });
    let (answers, drawn, before) = tokio::join!(futures::future::join_all(waiting), ask(elsewhere), async {
        tokio::time::sleep(LOOK_AGAIN).await;
        let before = (refused.get(), state.drawn_later.available_permits());
        there.pop();
        before
    });
    assert_eq!((drawn, before), (200, (100 - 16, 64 - 16 - 1)));
    // Those who waited were given what was drawn, unless that took longer than they wait.
    assert!(answers.iter().all(|status| [200, 429].contains(status)), "{answers:?}");
}

const KAKAO: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 KAKAOTALK 25.1.0";
const LINE: &str = "Mozilla/5.0 (Linux; Android 15; SM-S921N; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0 Mobile Safari/537.36 Line/14.20.0/IAB";
const NAVER: &str = "Mozilla/5.0 (Linux; Android 15; SM-S921N; wv) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.9.1)";
const INSTAGRAM: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 360.0.0.30.109 (iPhone16,1)";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const SAMSUNG: &str = "Mozilla/5.0 (Linux; Android 15; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0 Mobile Safari/537.36";

both!(in_a_built_in_browser_files_are_led_outside, "multi_thread");
async fn in_a_built_in_browser_files_are_led_outside(on: On) {
    let site = Site::start(on).await;
    let creator = site.creator().await;
    let event = make_event(&site.engine, creator.member, HOUR, 3).await;
    let share = format!("/events/{event}/share");
    let as_read_by = async |browser: &str, path: &str| {
        let request = client().get(site.url(path)).header("user-agent", browser).header("cookie", creator.cookie());
        request.send().await.unwrap().text().await.unwrap()
    };
    let host = site.url("").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let ways = [
        (
            KAKAO,
            format!(
                "href=\"kakaotalk://web/openExternal?url=http%3A%2F%2F{}%2Fevents%2F{event}%2Fshare\"",
                host.replace(':', "%3A")
            ),
        ),
        (LINE, format!("href=\"http://{host}{share}?openExternalBrowser=1\"")),
        (NAVER, format!("href=\"intent://{host}{share}#Intent;scheme=http;action=android.intent.action.VIEW;end\"")),
        (INSTAGRAM, "앱 메뉴에서 ‘다른 브라우저로 열기’를 눌러 주세요.".into()),
    ];
    for (browser, way) in ways {
        let page = as_read_by(browser, &share).await;
        assert!(page.contains(&way), "{browser}: {way}");
        for files in [format!("/creator/events/{event}"), "/my/account".to_owned()] {
            let table = as_read_by(browser, &files).await;
            assert!(table.contains("class=\"banner outside\""), "{browser}, {files}");
        }
        let room = as_read_by(browser, &format!("/events/{event}")).await;
        assert!(!room.contains("banner outside"), "{browser}, the room");
    }
    for browser in [SAFARI, SAMSUNG, "curl/8", "KakaoTalk-Scrap/1.0"] {
        assert!(!as_read_by(browser, &share).await.contains("banner outside"), "{browser}");
    }
}
