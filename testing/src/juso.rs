//! Stands in for the public service for road addresses, as its documentation describes it
//! (<https://business.juso.go.kr/addrlink/openApi/searchApi.do>).

use crate::stand_in::{Serving, Shared, Wrong, serve};
use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
    response::Response,
    routing::get,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The roads that it knows: address, quarter and postcode.
const ROADS: [(&str, &str, &str); 3] = [
    ("서울특별시 중구 세종대로 110", " (태평로1가)", "04524"),
    ("서울특별시 성동구 왕십리로 59", " (성수동1가)", "04779"),
    ("서울특별시 성동구 왕십리로 83-21", " (성수동1가)", "04769"),
];

/// A stand-in for the service.
pub struct Juso {
    /// Where it is.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

#[derive(Default)]
struct Books {
    shared: Shared,
    asked: AtomicUsize,
}

impl Books {
    fn found(&self, query: &HashMap<String, String>) -> Value {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let given = |name: &str| query.get(name).map(String::as_str).unwrap_or_default();
        let common = |code: &str, message: &str, total: usize| {
            json!({
                "errorCode": code, "errorMessage": message, "totalCount": total.to_string(),
                "currentPage": given("currentPage"), "countPerPage": given("countPerPage")
            })
        };
        let nothing =
            |code: &str, message: &str| json!({ "results": { "common": common(code, message, 0), "juso": null } });
        self.shared.expect(given("resultType") == "json" && given("currentPage") == "1", format!("{query:?}"));
        let keyword = given("keyword");
        self.shared
            .expect(!keyword.contains(['%', '=', '>', '<', '[', ']']), format!("letters it does not take: {keyword}"));
        if given("confmKey") != Juso::KEY {
            return nothing("E0001", "승인되지 않은 KEY 입니다.");
        }
        if keyword.chars().count() < 2 {
            self.shared.expect(false, format!("too short: {keyword}"));
            return nothing("E0008", "검색어는 두글자 이상 입력되어야 합니다.");
        }
        if keyword.to_uppercase().split(' ').any(|word| word == "SELECT") {
            return nothing("E0013", "SQL예약어 또는 특수문자( %,=,>,<,[,] )는 검색이 불가능 합니다.");
        }
        let roads = ROADS.iter().filter(|(road, ..)| keyword.split(' ').all(|word| road.contains(word)));
        let rows: Vec<Value> = roads
            .map(|(road, quarter, postcode)| {
                json!({
                    "roadAddr": format!("{road}{quarter}"), "roadAddrPart1": road, "roadAddrPart2": quarter,
                    "jibunAddr": "", "engAddr": "", "zipNo": postcode, "bdNm": "", "siNm": "서울특별시"
                })
            })
            .collect();
        json!({ "results": { "common": common("0", "정상", rows.len()), "juso": rows } })
    }
}

impl Juso {
    /// The key that it knows.
    pub const KEY: &str = "devU01TX0FVVEgyMDI2";

    /// Starts one.
    pub async fn start() -> Juso {
        let books = Arc::new(Books::default());
        let router = Router::new().route("/addrlink/addrLinkApi.do", get(find)).with_state(books.clone());
        let (url, serving) = serve(|_| router).await;
        Juso { url: format!("{url}/addrlink/addrLinkApi.do"), books, _serving: serving }
    }

    /// So many of the next questions go wrong.
    pub fn trouble(&self, times: usize, wrong: Wrong) {
        self.books.shared.trouble("find", times, wrong);
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.books.asked.load(Ordering::Relaxed)
    }

    /// Everything that should not have been sent.
    pub fn complaints(&self) -> Vec<String> {
        self.books.shared.complaints()
    }
}

async fn find(State(books): State<Arc<Books>>, Query(query): Query<HashMap<String, String>>) -> Response {
    // Its key is in the address.
    books.shared.answer("find", &HeaderMap::new(), "", Value::Null, |_| (200, books.found(&query))).await
}
