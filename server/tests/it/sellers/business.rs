//! The business profile: what is typed, whoever checks it, and what it is needed for.

use crate::{
    events::selling::deal,
    support::{Person, Site, client, config, events::send},
};
use axum::{
    Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::post,
};
use engine::{
    accounts::Actor,
    clock::Clock,
    sellers::{BusinessCheck, TaxService, Verdict},
    tasks::Tasks,
};
use model::{
    DAY, Error, EventId, FieldError, SellerError,
    sellers::{BusinessDraft, CheckKind},
};
use serde_json::{Value, json};
use server::config::{PaymentProvider, Secret};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use testing::{On, Place, both};

/// With signs that a query must write in another way.
const KEY: &str = "a+b/c==&d e";
const NUMBER: &str = "1248100998";

const FORM: [(&str, &str); 8] = [
    ("number", "124-81-00998"),
    ("company", "수달상점"),
    ("representative", "김수달"),
    ("opened", "2024-03-02"),
    ("address", "서울 성동구 왕십리로 59"),
    ("mail_order", "2024-서울성동-0059"),
    ("email", "otter@example.com"),
    ("phone", "02-123-4567"),
];

/// What the stand-in of the tax service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Answers as documented, with a code of the business's status.
    Says(&'static str),
    /// Says that there is none.
    SaysNo,
    /// Does not know the key.
    Refuses,
    Fails,
    /// Answers something else.
    Page,
    Redirects,
    AboutAnother,
    WithoutStatus,
    UnknownCode,
    Nothing,
    TooMuch,
    Slow,
}

/// A stand-in of the tax service that checks what it is asked.
#[derive(Clone)]
struct StandIn {
    does: Arc<Mutex<Does>>,
    asked: Arc<Mutex<Vec<Value>>>,
    address: SocketAddr,
}

impl StandIn {
    async fn start() -> StandIn {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stand_in = StandIn {
            does: Arc::new(Mutex::new(Does::Says("01"))),
            asked: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        let routes = Router::new()
            .route("/api/nts-businessman/v1/validate", post(validate))
            .route("/api/nts-businessman/v1/status", post(status))
            .with_state(stand_in.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        stand_in
    }

    fn url(&self) -> String {
        format!("http://{}/api/nts-businessman/v1", self.address)
    }

    fn does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    /// What it was asked since this was asked for the last time.
    fn asked(&self) -> Vec<Value> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

type Keys = Query<HashMap<String, String>>;

async fn validate(State(stand_in): State<StandIn>, Query(query): Keys, Json(body): Json<Value>) -> Response {
    let about = |code: &str, valid: &str| {
        let number = &body["businesses"][0]["b_no"];
        let status =
            json!({"b_no": number, "b_stt": "계속사업자", "b_stt_cd": code, "tax_type_cd": "01", "end_dt": ""});
        let mut one = json!({"b_no": number, "valid": valid, "request_param": body["businesses"][0], "status": status});
        if valid == "02" {
            one = json!({"b_no": number, "valid": "02", "valid_msg": "확인할 수 없습니다.", "request_param": {}});
        }
        json!({"request_cnt": 1, "valid_cnt": 1, "status_code": "OK", "data": [one]})
    };
    let fits = body == json!({"businesses": [{"b_no": NUMBER, "start_dt": "20240302", "p_nm": "김수달"}]});
    answer(&stand_in, &query, body.clone(), fits, about).await
}

async fn status(State(stand_in): State<StandIn>, Query(query): Keys, Json(body): Json<Value>) -> Response {
    let about = |code: &str, valid: &str| {
        let code = if valid == "02" { "" } else { code };
        let one = json!({"b_no": body["b_no"][0], "b_stt": "", "b_stt_cd": code, "tax_type": "", "end_dt": ""});
        json!({"request_cnt": 1, "match_cnt": 1, "status_code": "OK", "data": [one]})
    };
    let fits = body == json!({"b_no": [NUMBER]});
    answer(&stand_in, &query, body.clone(), fits, about).await
}

async fn answer(
    stand_in: &StandIn,
    query: &HashMap<String, String>,
    body: Value,
    fits: bool,
    about: impl Fn(&str, &str) -> Value,
) -> Response {
    stand_in.asked.lock().unwrap().push(body);
    let does = *stand_in.does.lock().unwrap();
    if query.get("serviceKey").map(String::as_str) != Some(KEY) || does == Does::Refuses {
        let why = json!({"code": -4, "msg": "등록되지 않은 인증키 입니다."});
        return (StatusCode::UNAUTHORIZED, Json(why)).into_response();
    }
    if !fits {
        let why = json!({"status_code": "REQUEST_DATA_MALFORMED"});
        return (StatusCode::BAD_REQUEST, Json(why)).into_response();
    }
    match does {
        Does::Says(code) => Json(about(code, "01")).into_response(),
        Does::SaysNo => Json(about("01", "02")).into_response(),
        Does::UnknownCode => Json(about("09", "01")).into_response(),
        Does::Fails => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"status_code": "HTTP_ERROR"}))).into_response(),
        Does::Page => Html("<h1>점검 중입니다</h1>").into_response(),
        Does::Redirects => Redirect::temporary("http://127.0.0.1:9/").into_response(),
        Does::AboutAnother => {
            let text = about("01", "01").to_string().replace(NUMBER, "1208147521");
            Json(serde_json::from_str::<Value>(&text).unwrap()).into_response()
        }
        Does::WithoutStatus => {
            Json(json!({"status_code": "OK", "data": [{"b_no": NUMBER, "valid": "01"}]})).into_response()
        }
        Does::Nothing => Json(json!({"status_code": "OK", "data": []})).into_response(),
        Does::TooMuch => {
            let mut much = about("01", "01");
            much["padding"] = "가".repeat(1 << 20).into();
            Json(much).into_response()
        }
        Does::Slow => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::OK.into_response()
        }
        Does::Refuses => unreachable!(),
    }
}

fn business() -> BusinessDraft {
    BusinessDraft {
        number: NUMBER.into(),
        company: "수달상점".into(),
        representative: "김수달".into(),
        opened: "2024-03-02".into(),
        address: "서울".into(),
        mail_order: "1".into(),
        email: "otter@example.com".into(),
        phone: "021234567".into(),
    }
}

#[tokio::test]
async fn whatever_the_tax_service_does_it_is_understood() {
    let stand_in = StandIn::start().await;
    let service = TaxService::new(&stand_in.url(), KEY).unwrap();
    for (does, expected) in [
        (Does::Says("01"), Verdict::Active),
        (Does::Says("02"), Verdict::Closed),
        (Does::Says("03"), Verdict::Closed),
        (Does::SaysNo, Verdict::Unknown),
        (Does::Refuses, Verdict::Unanswered),
        (Does::Fails, Verdict::Unanswered),
        (Does::Page, Verdict::Unanswered),
        (Does::Redirects, Verdict::Unanswered),
        (Does::AboutAnother, Verdict::Unanswered),
        (Does::WithoutStatus, Verdict::Unanswered),
        (Does::UnknownCode, Verdict::Unanswered),
        (Does::Nothing, Verdict::Unanswered),
        (Does::TooMuch, Verdict::Unanswered),
    ] {
        stand_in.does(does);
        assert_eq!(service.validate(&business()).await, expected, "{does:?}, asked to validate");
        assert_eq!(service.status(NUMBER).await, expected, "{does:?}, asked for its status");
    }
    stand_in.does(Does::Slow);
    let began = Instant::now();
    assert_eq!(service.status(NUMBER).await, Verdict::Unanswered);
    assert!(began.elapsed() < Duration::from_secs(20), "a person waits for it");
    // Another key, another path, nobody there.
    stand_in.does(Does::Says("01"));
    for (address, key) in
        [(stand_in.url(), "a"), (format!("{}/v2", stand_in.url()), KEY), ("http://127.0.0.1:9/".into(), KEY)]
    {
        let other = TaxService::new(&address, key).unwrap();
        assert_eq!(other.status(NUMBER).await, Verdict::Unanswered, "{address} {key}");
    }
    assert!(TaxService::new("nowhere", KEY).is_err() && TaxService::new(&stand_in.url(), " ").is_err());
}

/// A site whose businesses the stand-in checks, and two creators.
async fn site(on: On, clock: Clock) -> (Site, StandIn, Person, Person) {
    let (place, stand_in) = (Place::new(on), StandIn::start().await);
    let mut config = config(&place);
    config.tax_service_key = Some(Secret(KEY.into()));
    config.tax_service_url = stand_in.url();
    config.payments = Some(PaymentProvider::Sandbox);
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, clock, Tasks::surviving()).await.unwrap();
    assert_eq!(stand_in.asked().len(), 1, "whether it takes the key");
    let site = Site::serve_as(engine, Arc::new(place), config).await;
    let (seller, other) = (site.creator().await, site.creator().await);
    (site, stand_in, seller, other)
}

async fn save(person: &Person, changes: &[(&str, &str)]) -> Result<(), Error> {
    let kept = FORM.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let form: Vec<_> = kept.chain(changes).copied().collect();
    let sent = client().post(format!("http://{}/api/save-business", person.address)).form(&form);
    let answer = sent.header("cookie", person.cookie()).send().await.unwrap();
    if answer.status() == 200 { Ok(()) } else { Err(answer.json().await.unwrap()) }
}

both!(a_business_is_checked_before_anything_is_sold);
async fn a_business_is_checked_before_anything_is_sold(on: On) {
    let clock = Clock::manual(crate::support::START);
    let (site, stand_in, seller, other) = site(on, clock.clone()).await;
    let closed = send(&seller, deal(&site, &[])).await;
    assert_eq!(closed.status(), 403, "not without a business");
    assert!(stand_in.asked().is_empty());

    // What is typed wrongly is nobody's to be asked about.
    let wrong = [
        ("number", "124-81-00999", FieldError::CheckDigit),
        ("number", "124-81", FieldError::Invalid),
        ("representative", "", FieldError::Required),
        ("opened", "2030-01-01", FieldError::Invalid),
        ("opened", "2024-02-30", FieldError::Invalid),
        ("email", "otter", FieldError::Invalid),
        ("phone", "전화", FieldError::Invalid),
        ("mail_order", "", FieldError::Required),
        ("address", "서울", FieldError::TooShort { min: 5 }),
    ];
    for (field, value, error) in wrong {
        let Err(Error::Invalid { fields }) = save(&seller, &[(field, value)]).await else { panic!("{field}: {value}") };
        assert_eq!(fields.0, [(field.to_owned(), error)], "{value}");
    }
    let marked = seller.change("/creator/business", "save-business", &[("number", "124-81-00999")]).await;
    assert_eq!(marked.status(), 422);
    let page = marked.text().await.unwrap();
    assert!(page.contains("한 자리가 다른 것 같아요") && page.contains("124-81-00999"), "and is still there");
    assert!(stand_in.asked().is_empty());

    for (does, error) in [
        (Does::Says("03"), SellerError::BusinessClosed),
        (Does::Says("02"), SellerError::BusinessClosed),
        (Does::SaysNo, SellerError::BusinessUnknown),
        (Does::Fails, SellerError::BusinessUnchecked),
        (Does::Refuses, SellerError::BusinessUnchecked),
    ] {
        stand_in.does(does);
        assert_eq!(save(&seller, &[]).await, Err(error.into()), "{does:?}");
        assert_eq!(site.engine.sellers.business_of(seller.member).await.unwrap(), None, "nothing was changed");
    }
    stand_in.does(Does::Says("01"));
    save(&seller, &[]).await.unwrap();
    let kept = site.engine.sellers.business_of(seller.member).await.unwrap().unwrap();
    assert_eq!((kept.number.as_str(), kept.checked, kept.closed), (NUMBER, CheckKind::TaxService, false));
    // What is public of it is enough to have it checked: nobody else has it.
    let Err(Error::Invalid { fields }) = save(&other, &[]).await else { panic!("taken") };
    assert_eq!(fields.0, [("number".to_owned(), FieldError::Taken)]);
    // A change that is not confirmed leaves what was there.
    stand_in.does(Does::SaysNo);
    assert_eq!(save(&seller, &[("company", "다른상점")]).await, Err(SellerError::BusinessUnknown.into()));
    assert_eq!(site.engine.sellers.business_of(seller.member).await.unwrap().unwrap().company, "수달상점");

    // It sells, and buyers see who does, in either language.
    stand_in.does(Does::Says("01"));
    let made = send(&seller, deal(&site, &[])).await;
    assert_eq!(made.status(), 303);
    let to = made.headers()["location"].to_str().unwrap().to_owned();
    let event: EventId = to.split(['/', '?']).find_map(|part| part.parse().ok()).unwrap();
    for page in [format!("/events/{event}"), format!("/events/{event}/checkout")] {
        let text = other.get(&page).await.text().await.unwrap();
        for words in ["124-81-00998", "김수달", "2024-서울성동-0059", "02-123-4567", "사업자 확인됨"] {
            assert!(text.contains(words), "{page} says {words}");
        }
        assert!(text.contains("개업일") && text.contains("2024-03-02"), "{page}");
        let cookies = format!("{}; language=en", other.cookie());
        let english = client().get(site.url(&page)).header("cookie", cookies).header("accept", "text/html");
        let english = english.send().await.unwrap().text().await.unwrap();
        assert!(english.contains("Opening date") && english.contains("2024-03-02"), "{page}");
    }
    assert!(seller.get("/creator/business").await.text().await.unwrap().contains("2024-03-02"));

    // A day later it is asked about again: one that was closed sells nothing else, and where nobody answers what is known holds.
    stand_in.asked();
    clock.set(clock.now() + DAY);
    stand_in.does(Does::Fails);
    assert_eq!(send(&seller, deal(&site, &[])).await.status(), 303);
    assert_eq!(stand_in.asked(), [json!({"b_no": [NUMBER]})]);
    clock.set(clock.now() + DAY);
    stand_in.does(Does::Says("03"));
    let closed = send(&seller, deal(&site, &[])).await;
    assert_eq!(closed.status(), 409);
    assert!(closed.text().await.unwrap().contains("폐업"));
    assert!(site.engine.sellers.business_of(seller.member).await.unwrap().unwrap().closed);
    stand_in.does(Does::Fails);
    assert_eq!(send(&seller, deal(&site, &[])).await.status(), 409, "nobody says that it goes on");
    stand_in.does(Does::Says("01"));
    assert_eq!(send(&seller, deal(&site, &[])).await.status(), 303, "one that rested goes on");
    // Nobody is believed for ever because the key is refused meanwhile.
    stand_in.does(Does::Refuses);
    for (days, status) in [(6, 303), (1, 503)] {
        clock.set(clock.now() + days * DAY);
        assert_eq!(send(&seller, deal(&site, &[])).await.status(), status);
    }
}

#[tokio::test]
async fn a_key_that_is_refused_ends_the_start_and_silence_does_not() {
    let (place, stand_in) = (Place::new(On::Sqlite), StandIn::start().await);
    for (does, starts) in [(Does::Refuses, false), (Does::Fails, true)] {
        stand_in.does(does);
        let mut config = config(&place);
        (config.tax_service_key, config.tax_service_url) = (Some(Secret(KEY.into())), stand_in.url());
        let db = config.database().await.unwrap();
        let started = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await;
        assert_eq!(started.is_ok(), starts, "{does:?}");
        if let Err(error) = started {
            assert_eq!(error.to_string(), "the tax service refuses the key in FIFTYNINE_TAX_SERVICE_KEY");
        }
    }
}

both!(where_no_money_moves_businesses_are_for_practice_and_say_so);
async fn where_no_money_moves_businesses_are_for_practice_and_say_so(on: On) {
    let site = Site::start(on).await;
    let seller = site.creator().await;
    assert_eq!(save(&seller, &[]).await, Err(SellerError::BusinessUnchecked.into()), "where nobody checks");
    site.engine.sellers.check_by(engine::sellers::Practice);
    for (nine, error) in [
        ([9, 9, 9, 0, 0, 0, 0, 0, 1], SellerError::BusinessClosed),
        ([9, 9, 8, 0, 0, 0, 0, 0, 1], SellerError::BusinessUnknown),
        ([9, 9, 7, 0, 0, 0, 0, 0, 1], SellerError::BusinessUnchecked),
    ] {
        let number: String =
            nine.into_iter().chain([model::text::check_digit(nine)]).map(|digit| digit.to_string()).collect();
        assert_eq!(save(&seller, &[("number", &number)]).await, Err(error.into()), "{number}");
    }
    save(&seller, &[]).await.unwrap();
    assert!(site.engine.sellers.may_sell(seller.member).await.unwrap());
    let page = seller.get("/creator/business").await.text().await.unwrap();
    assert!(page.contains("연습용 사업자예요"), "{page}");
    let member = site.people(1).await.remove(0);
    assert_eq!(save(&member, &[]).await, Err(Error::Forbidden), "no creator");
    assert_eq!(member.get("/creator/business").await.status(), 403);
    let visitor = site.engine.sellers.own_business(&Actor::Visitor).await;
    assert!(matches!(visitor, Err(engine::Error::Refused(Error::SignedOut))));
}
