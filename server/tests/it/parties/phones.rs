//! A phone that is confirmed before the first party: by the forms of its page, and by a provider that sends the codes.

use super::page;
use crate::{
    rights::{cases, reads},
    support::{Site, config},
};
use axum::{Json, Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use engine::{clock::Clock, tasks::Tasks};
use ring::hmac;
use server::config::{Config, Secret, SmsProvider};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use testing::{On, Place, both};

reads! {
    "/my/phone" => 401, 200;
}

cases! {
    "ask-phone-code", [("phone", "")] => 422;
    "confirm-phone", [("code", "1")] => 422;
    "forget-phone", [] => 200;
}

/// A site whose codes are sent, or shown, as `change` says.
async fn site(on: On, change: impl FnOnce(&mut Config)) -> Site {
    let place = Place::new(on);
    let mut config = config(&place);
    change(&mut config);
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    Site::serve_as(engine, Arc::new(place), config).await
}

both!(a_phone_is_confirmed_without_scripts, "multi_thread");
async fn a_phone_is_confirmed_without_scripts(on: On) {
    let site = site(on, |config| config.sms = Some(SmsProvider::Sandbox)).await;
    let people = site.people(2).await;
    let (who, other) = (&people[0], &people[1]);
    // Whoever would make a party is led there.
    assert!(page(who, "/parties/new").await.contains("href=\"/my/phone\""));
    let first = page(who, "/my/phone").await;
    assert!(first.contains("do=ask-phone-code") && !first.contains("do=confirm-phone"));
    let refused = who.change("/my/phone", "ask-phone-code", &[("phone", "02-123-4567")]).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("02-123-4567"), "what was typed is still there");
    let asked = who.change("/my/phone", "ask-phone-code", &[("phone", "010.1234.5678")]).await;
    assert_eq!(asked.status(), 303);
    let sent = page(who, "/my/phone").await;
    let code = sent.split("확인 번호는 ").nth(1).unwrap()[..6].to_owned();
    assert!(!page(other, "/my/phone").await.contains(&code), "nobody else reads it");
    assert_eq!(who.change("/my/phone", "confirm-phone", &[("code", "x")]).await.status(), 422);
    assert_eq!(other.change("/my/phone", "confirm-phone", &[("code", &code)]).await.status(), 409);
    assert_eq!(who.change("/my/phone", "confirm-phone", &[("code", &code)]).await.status(), 303);
    let party = "01M807MNGSETC8MZPA7YPV075M";
    let confirmed = page(who, &format!("/my/phone?party={party}")).await;
    assert!(
        confirmed.contains("5678")
            && !confirmed.contains("1234")
            && confirmed.contains(&format!("href=\"/parties/{party}\""))
    );
    let foreign = page(who, "/my/phone?party=//evil.example").await;
    assert!(
        !foreign.contains("href=\"//evil") && !foreign.contains("href=\"/parties//evil"),
        "nobody is led elsewhere"
    );
    assert!(!page(who, "/parties/new").await.contains("href=\"/my/phone\""));
    assert_eq!(who.change("/my/phone", "forget-phone", &[]).await.status(), 303);
    assert!(page(who, "/parties/new").await.contains("href=\"/my/phone\""));
}

both!(without_a_provider_that_is_said, "multi_thread");
async fn without_a_provider_that_is_said(on: On) {
    let site = site(on, |_| {}).await;
    let who = site.people(1).await.remove(0);
    assert!(!page(&who, "/my/phone").await.contains("do=ask-phone-code"));
    assert_eq!(who.call("ask-phone-code", &[("phone", "010-1234-5678")]).await, 503);
}

/// What stands in for SOLAPI: keeps what it was sent, and fails when it is told to.
#[derive(Clone, Default)]
struct Carrier {
    sent: Arc<Mutex<Vec<(String, String, String)>>>,
    away: Arc<AtomicBool>,
}

const SECRET: &str = "secret of the key";

async fn take(
    State(carrier): State<Carrier>,
    headers: HeaderMap,
    Json(body): Json<serde_json::Value>,
) -> (StatusCode, &'static str) {
    let given = headers["authorization"].to_str().unwrap();
    let part = |name: &str| given.split(&format!("{name}=")).nth(1).unwrap().split(',').next().unwrap().to_owned();
    let signed = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()),
        format!("{}{}", part("date"), part("salt")).as_bytes(),
    );
    let signature: String = signed.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    if !given.starts_with("HMAC-SHA256 apiKey=key, ") || part("signature") != signature {
        return (StatusCode::UNAUTHORIZED, "{}");
    }
    if carrier.away.load(Ordering::Relaxed) {
        return (StatusCode::INTERNAL_SERVER_ERROR, "{}");
    }
    let message = |name: &str| body["message"][name].as_str().unwrap().to_owned();
    carrier.sent.lock().unwrap().push((message("to"), message("from"), message("text")));
    (StatusCode::OK, "{\"statusCode\":\"2000\"}")
}

both!(codes_go_through_a_provider, "multi_thread");
async fn codes_go_through_a_provider(on: On) {
    let carrier = Carrier::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/messages/v4/send", post(take)).with_state(carrier.clone());
    let standing_in = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let solapi = |config: &mut Config| {
        config.sms = Some(SmsProvider::Solapi);
        config.sms_url = format!("http://{address}/messages/v4/send");
        config.sms_key = Some(Secret("key".into()));
        config.sms_secret = Some(Secret(SECRET.into()));
        config.sms_from = Some("02-1234-5678".into());
    };
    let site = site(on, solapi).await;
    let who = site.people(1).await.remove(0);
    let ask = async || who.call("ask-phone-code", &[("phone", "010-1234-5678")]).await;
    assert_eq!(ask().await, 200);
    let (to, from, text) = carrier.sent.lock().unwrap().remove(0);
    assert_eq!((to.as_str(), from.as_str()), ("01012345678", "0212345678"));
    let code: String = text.chars().skip_while(|c| *c != ']').filter(char::is_ascii_digit).take(6).collect();
    assert!(text.contains("확인 번호예요"));
    let english = site.people(1).await.remove(0);
    let form = [("phone", "010-3333-5678"), ("lang", "en")];
    assert_eq!(english.call("ask-phone-code", &form).await, 200);
    assert!(carrier.sent.lock().unwrap().remove(0).2.contains(" is your code."));
    let shown = page(&who, "/my/phone").await;
    assert!(shown.contains("5678") && !shown.contains(&code), "it is sent, and shown nowhere");
    // While the provider is away nobody is told that a code was sent, and the one of before does not hold either.
    carrier.away.store(true, Ordering::Relaxed);
    assert_eq!(ask().await, 503);
    assert!(!page(&who, "/my/phone").await.contains("do=confirm-phone"));
    assert_eq!(who.call("confirm-phone", &[("code", &code)]).await, 409);
    carrier.away.store(false, Ordering::Relaxed);
    assert_eq!(ask().await, 200);
    let (.., text) = carrier.sent.lock().unwrap().remove(0);
    let code: String = text.chars().skip_while(|c| *c != ']').filter(char::is_ascii_digit).take(6).collect();
    assert_eq!(who.call("confirm-phone", &[("code", &code)]).await, 200);
    standing_in.abort();
    // Where nobody listens, the same.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let other = site.people(1).await.remove(0);
    assert_eq!(other.call("ask-phone-code", &[("phone", "010-2222-5678")]).await, 503);
    // Half of what it needs is said at the start.
    let place = Place::new(on);
    let mut config = config(&place);
    solapi(&mut config);
    config.sms_secret = Some(Secret(String::new()));
    assert!(config.services().err().unwrap().to_string().contains("FIFTYNINE_SMS_SECRET"));
}
