//! Markets and items: who adds and corrects them, and where addresses are.

mod catalogue;

use crate::{
    rights::{cases, reads},
    support::{Site, client, config},
};
use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use engine::{accounts::Actor, clock::Clock, tasks::Tasks};
use server::config::Secret;
use std::{collections::HashMap, sync::Arc};
use testing::{On, Place, both};

reads! {
    "/markets/{market}" => 200, 200;
    "/my/favourites" => 401, 200;
    "/admin/markets" => 401, 403;
    "/admin/markets/{market}" => 401, 403;
    "/admin/items" => 401, 403;
    "/admin/items/{item}" => 401, 403;
}

cases! {
    "add-market", [("name", "한마음마트"), ("kind", "other"), ("address", "서울"), ("latitude", "91"), ("longitude", "127")] => 422;
    "set-favourite", [("market", "{market}")] => 200;
    "import-markets", [] => 403;
    "import-items", [] => 403;
    "correct-market", [("market", "{market}"), ("name", "한마음마트"), ("reason", "오타")] => 403;
    "merge-market", [("market", "{market}"), ("into", "01M807MNGSETC8MZPA7YPV075N"), ("reason", "같은 곳")] => 403;
    "hide-market", [("market", "{market}"), ("reason", "없어진 곳")] => 403;
    "correct-item", [("item", "{item}"), ("category", "fruit"), ("name", "사과"), ("reason", "오타")] => 403;
}

/// What stands in for Kakao Local.
async fn kakao(headers: HeaderMap, Query(query): Query<HashMap<String, String>>) -> Response {
    if headers.get("authorization").is_none_or(|key| key != "KakaoAK key") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let place = |kind: &str| {
        serde_json::json!({
            "address_name": "서울 성동구 성수동2가 1", "address_type": kind, "x": "127.0561", "y": "37.5447",
            "address": null, "road_address": { "address_name": "서울 성동구 뚝섬로 1", "zone_no": "04780" }
        })
    };
    let documents = match query["query"].as_str() {
        "서울 성동구 뚝섬로 1" => vec![place("ROAD_ADDR")],
        "서울 성동구 뚝섬로" => vec![place("ROAD")],
        "고장" => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => vec![],
    };
    let meta = serde_json::json!({ "total_count": documents.len(), "pageable_count": 1, "is_end": true });
    Json(serde_json::json!({ "meta": meta, "documents": documents })).into_response()
}

both!(addresses_are_found_by_a_provider, "multi_thread");
async fn addresses_are_found_by_a_provider(on: On) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/v2/local/search/address.json", get(kakao));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let place = Place::new(on);
    let mut config = config(&place);
    config.kakao_key = Some(Secret("key".into()));
    config.trusted_proxies = 1;
    config.kakao_local_url = format!("http://{address}/v2/local/search/address.json");
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    let site = Site::serve_as(engine, Arc::new(place), config).await;
    let who = site.neighbours(1).await.remove(0);
    let add = async |address: &str| {
        who.call("add-market", &[("name", "한마음마트"), ("kind", "hypermarket"), ("address", address)]).await
    };
    assert_eq!(add("서울 성동구 뚝섬로").await, 422, "a street is no place");
    assert_eq!(add("어디").await, 422);
    assert_eq!(add("고장").await, 503);
    assert_eq!(add("서울 성동구 뚝섬로 1").await, 200);
    // Who looks for one needs no account, and is not told less while the provider is away; but others are not asked for ever.
    let visitor = async |find: &str, from: &str| {
        let look = client().get(site.url(&format!("/parties/where?find={find}"))).header("accept", "text/html");
        let answer = look.header("x-forwarded-for", from).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = visitor("서울 성동구 뚝섬로 1", "192.0.2.1").await;
    assert!(status == 200 && text.contains("lat=37.5447"), "{status}");
    let (status, text) = visitor("고장", "192.0.2.1").await;
    assert!(status == 200 && text.contains("찾는 곳이 없어요"));
    let (_, text) = visitor("성동구 고장 9", "192.0.2.1").await;
    assert!(text.contains("서울 성동구"));
    let mut asked = 3;
    while visitor("어디 9", "192.0.2.1").await.0 == 200 {
        asked += 1;
        assert!(asked < 60, "others are asked for ever");
    }
    assert!(asked >= 20, "{asked}");
    assert_eq!(visitor("성동구", "192.0.2.1").await.0, 200, "nobody is asked about that");
    assert_eq!(visitor("어디 9", "192.0.2.2").await.0, 200, "each for themselves");
    // Home by an address, and the market is near it.
    let home = who.call("set-home", &[("address", "서울 성동구 뚝섬로")]).await;
    assert_eq!((home, who.call("set-home", &[("address", "어디")]).await), (200, 422));
    site.engine.markets.import_items(&Actor::System, "category,name\nsauces,올리브유 5L\n".as_bytes()).await.unwrap();
    let item = site.engine.markets.suggest("올리브").await.unwrap()[0].id;
    let form = who.get(&format!("/parties/new?item={item}")).await.text().await.unwrap();
    assert!(form.contains("한마음마트") && form.contains("0m"));
}
