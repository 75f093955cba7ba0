//! Stands in for PortOne: version 2 of its REST API (<https://developers.portone.io/api/rest-v2>), the part of its browser SDK that
//! opens a window, and its call-backs, which are signed as Standard Webhooks say.

use crate::stand_in::{DECLINED, Serving, Shared, Wrong, page, serve, with};
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use ring::hmac;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// A stand-in for PortOne.
pub struct PortOne {
    /// Where it is.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

struct Books {
    shared: Shared,
    /// Whether it takes the money at once, as a channel without manual confirmation does.
    at_once: AtomicBool,
    payments: Mutex<HashMap<String, Payment>>,
}

#[derive(Default)]
struct Payment {
    id: String,
    /// What may be taken, once that was registered.
    registered: i64,
    /// What its window was asked for.
    request: Option<Value>,
    status: &'static str,
    /// Why it failed.
    failure: &'static str,
    token: String,
    taken: i64,
    currency: String,
    /// Nothing can be taken of it any more that was not.
    over: bool,
    cancelled: Vec<(String, i64)>,
}

/// A call-back, to be delivered by whoever tests.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its header `webhook-id`.
    pub id: String,
    /// Its header `webhook-timestamp`.
    pub timestamp: String,
    /// Its header `webhook-signature`.
    pub signature: String,
    /// Its body.
    pub body: String,
}

impl Webhook {
    /// One that is signed by a secret, at a time in seconds.
    pub fn signed(secret: &str, id: &str, seconds: i64, body: String) -> Webhook {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let message = format!("{id}.{seconds}.{body}");
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), message.as_bytes());
        let signature = format!("v1,{}", BASE64_STANDARD.encode(signature));
        Webhook { id: id.to_owned(), timestamp: seconds.to_string(), signature, body }
    }
}

impl Payment {
    fn returned(&self) -> i64 {
        self.cancelled.iter().map(|(_, amount)| amount).sum()
    }

    fn known(&self) -> Value {
        let cancellations: Vec<Value> = self.cancelled.iter().map(cancellation).collect();
        let total = if self.taken > 0 { self.taken } else { self.registered };
        let mut known = json!({
            "id": self.id, "storeId": PortOne::STORE, "status": self.status, "currency": self.currency,
            "transactionId": "tx", "merchantId": "merchant", "orderName": "order", "version": "V2",
            "amount": { "total": total, "taxFree": 0, "discount": 0, "paid": self.taken, "cancelled": self.returned(), "cancelledTaxFree": 0 },
            "cancellations": cancellations,
        });
        if self.status == "FAILED" {
            known["failure"] = json!({ "reason": self.failure });
        }
        known
    }
}

fn cancellation((reason, amount): &(String, i64)) -> Value {
    json!({
        "status": "SUCCEEDED", "id": "cancellation", "totalAmount": amount, "taxFreeAmount": 0, "vatAmount": 0, "reason": reason,
        "requestedAt": "2026-11-26T12:00:00Z",
    })
}

fn error(kind: &str) -> Value {
    json!({ "type": kind, "message": "refused" })
}

impl PortOne {
    /// The shop that it knows.
    pub const STORE: &str = "store-00000000-0000-4000-8000-000000000059";
    /// That shop's channel.
    pub const CHANNEL: &str = "channel-key-00000000-0000-4000-8000-000000000059";
    /// The secret of its API.
    pub const SECRET: &str = "0123456789abcdef";
    /// The secret of its call-backs.
    pub const WEBHOOK_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /// Starts one with empty books.
    pub async fn start() -> PortOne {
        let mut made = None;
        let (url, serving) = serve(|_| {
            let books = Arc::new(Books {
                shared: Shared::default(),
                at_once: AtomicBool::new(false),
                payments: Mutex::default(),
            });
            made = Some(books.clone());
            Router::new()
                .route("/payments/{id}", get(read))
                .route("/payments/{id}/{what}", post(called))
                .route("/v2/browser-sdk.js", get(sdk))
                .route("/window", get(shown))
                .route("/window/{id}/{what}", post(decided))
                .with_state(books)
        })
        .await;
        PortOne { url, books: made.unwrap(), _serving: serving }
    }

    /// So many of the next calls `pre-register`, `read`, `confirm` or `cancel` go wrong.
    pub fn trouble(&self, call: &'static str, times: usize, wrong: Wrong) {
        self.books.shared.trouble(call, times, wrong);
    }

    /// Every call is answered from now on.
    pub fn mend(&self) {
        self.books.shared.mend();
    }

    /// What was sent that should not have been.
    pub fn complaints(&self) -> Vec<String> {
        self.books.shared.complaints()
    }

    /// So much time passes that what nobody confirmed is over.
    pub fn later(&self) {
        self.books.payments.lock().unwrap().values_mut().for_each(|payment| payment.over = true);
    }

    /// Takes the money at once from now on, or waits to be asked.
    pub fn take_at_once(&self, at_once: bool) {
        self.books.at_once.store(at_once, Ordering::SeqCst);
    }

    /// The browser asks for a window.
    pub fn open(&self, request: &Value) {
        self.books.open(request);
    }

    /// The customer approves in the window; where they are led back, unless it was never opened.
    pub fn approve(&self, payment: &str) -> Option<String> {
        self.books.decide(payment, true)
    }

    /// The customer gives up there.
    pub fn decline(&self, payment: &str) -> Option<String> {
        self.books.decide(payment, false)
    }

    /// Another amount, or another money, is to be taken than was asked for.
    pub fn change(&self, payment: &str, more: i64, currency: &str) {
        let mut payments = self.books.payments.lock().unwrap();
        let payment = payments.get_mut(payment).unwrap();
        payment.registered += more;
        payment.currency = currency.to_owned();
    }

    /// What was taken for a payment, and given back of it.
    pub fn money(&self, payment: &str) -> (i64, i64) {
        let payments = self.books.payments.lock().unwrap();
        payments.get(payment).map_or((0, 0), |payment| (payment.taken, payment.returned()))
    }

    /// What it calls back with about a payment, at a time in seconds.
    pub fn webhook(&self, id: &str, kind: &str, payment: &str, seconds: i64) -> Webhook {
        let body = json!({
            "type": kind, "timestamp": "2026-11-26T12:00:00.000Z",
            "data": { "paymentId": payment, "storeId": PortOne::STORE, "transactionId": "tx" },
        });
        Webhook::signed(PortOne::WEBHOOK_SECRET, id, seconds, body.to_string())
    }
}

impl Books {
    fn open(&self, request: &Value) -> bool {
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let expect =
            |holds: bool, complaint: &str| self.shared.expect(holds, format!("window: {complaint}: {request}"));
        let mut payments = self.payments.lock().unwrap();
        let payment = payments.get_mut(text("paymentId"));
        let Some(payment) = payment else { return expect(false, "it was not registered") };
        let notices = request["noticeUrls"][0].as_str().unwrap_or_default();
        let well_formed = expect(text("storeId") == PortOne::STORE && text("channelKey") == PortOne::CHANNEL, "shop")
            & expect(request["totalAmount"] == payment.registered && text("currency") == "KRW", "amount")
            & expect(!text("orderName").is_empty() && !text("payMethod").is_empty(), "name and method")
            & expect(text("redirectUrl").starts_with("http://") && request["forceRedirect"] == true, "way back")
            & expect(notices.starts_with("http://"), "call-back");
        if well_formed {
            payment.request = Some(request.clone());
            if payment.status.is_empty() {
                payment.status = "READY";
            }
        }
        well_formed
    }

    fn decide(&self, id: &str, approves: bool) -> Option<String> {
        let mut payments = self.payments.lock().unwrap();
        let payment = payments.get_mut(id)?;
        let back = payment.request.as_ref()?["redirectUrl"].as_str()?.to_owned();
        let back = with(&back, "paymentId", id);
        if !approves {
            (payment.status, payment.failure) = ("FAILED", "사용자가 결제를 취소하였습니다");
            return Some(with(&with(&back, "code", "FAILURE_TYPE_PG"), "message", "cancelled"));
        }
        if self.at_once.load(Ordering::SeqCst) {
            (payment.status, payment.taken) = ("PAID", payment.registered);
            return Some(back);
        }
        payment.status = "READY";
        payment.token = format!("token-{:016x}", rand::random::<u64>());
        Some(with(&back, "paymentToken", &payment.token))
    }

    fn done(&self, id: &str, what: &str, body: &Value, more: i64) -> (u16, Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default();
        let expect = |holds: bool, complaint: &str| self.shared.expect(holds, format!("{what}: {complaint}: {body}"));
        if !expect(text("storeId") == PortOne::STORE, "another shop") {
            return (403, error("FORBIDDEN"));
        }
        let mut payments = self.payments.lock().unwrap();
        if what == "pre-register" {
            let total = body["totalAmount"].as_i64().unwrap_or_default();
            if !expect(total > 0 && text("currency") == "KRW" && id.len() == 26, "amount and id") {
                return (400, error("INVALID_REQUEST"));
            }
            let payment = payments.entry(id.to_owned()).or_default();
            (payment.id, payment.registered, payment.currency) = (id.to_owned(), total, "KRW".to_owned());
            return (200, json!({}));
        }
        let Some(payment) = payments.get_mut(id) else { return (404, error("PAYMENT_NOT_FOUND")) };
        match what {
            "confirm" => {
                if payment.taken > 0 {
                    return (409, error("ALREADY_PAID"));
                }
                if body["totalAmount"] != payment.registered || text("currency") != payment.currency {
                    return (409, error("INFORMATION_MISMATCH"));
                }
                if payment.over || payment.token.is_empty() || text("paymentToken") != payment.token {
                    return (400, error("INVALID_PAYMENT_TOKEN"));
                }
                if more == DECLINED {
                    (payment.status, payment.failure) = ("FAILED", "한도를 넘었습니다");
                    return (502, error("PG_PROVIDER"));
                }
                (payment.taken, payment.status) = (payment.registered + more, "PAID");
                (200, json!({ "payment": { "pgTxId": "pg", "paidAt": "2026-11-26T12:00:00Z" } }))
            }
            "cancel" => {
                let (amount, left) = (body["amount"].as_i64().unwrap_or_default(), payment.taken - payment.returned());
                let reason = text("reason").to_owned();
                let well_formed = expect(amount > 0 && !reason.is_empty(), "amount and reason");
                if payment.taken == 0 {
                    return (409, error("PAYMENT_NOT_PAID"));
                }
                // Only whoever knows what is left may take from it.
                if !well_formed || body["currentCancellableAmount"] != left {
                    return (409, error("CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN"));
                }
                if amount > left {
                    return (409, error("CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT"));
                }
                // It would be given twice.
                let fresh = payment.cancelled.iter().all(|(before, _)| *before != reason);
                if !expect(fresh, "the same refund again") {
                    return (409, error("INVALID_REQUEST"));
                }
                if more == DECLINED {
                    let mut failed = cancellation(&(reason, amount));
                    failed["status"] = json!("FAILED");
                    return (200, json!({ "cancellation": failed }));
                }
                payment.cancelled.push((reason.clone(), amount));
                payment.status = if amount == left { "CANCELLED" } else { "PARTIAL_CANCELLED" };
                (200, json!({ "cancellation": cancellation(&(reason, amount + more)) }))
            }
            _ => (404, error("NOT_FOUND")),
        }
    }
}

async fn read(
    State(books): State<Arc<Books>>,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let key = format!("PortOne {}", PortOne::SECRET);
    let store = query.get("storeId").map(String::as_str);
    let work = |_| {
        books.shared.expect(store == Some(PortOne::STORE), "read: another shop");
        // Of what was only registered it knows nothing that is read.
        match books.payments.lock().unwrap().get(&id).filter(|payment| !payment.status.is_empty()) {
            Some(payment) => (200, payment.known()),
            None => (404, error("PAYMENT_NOT_FOUND")),
        }
    };
    books.shared.answer("read", &headers, &key, error("UNAUTHORIZED"), work).await
}

async fn called(
    State(books): State<Arc<Books>>,
    Path((id, what)): Path<(String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = format!("PortOne {}", PortOne::SECRET);
    let work = |more| books.done(&id, &what, &body, more);
    books.shared.answer(&what, &headers, &key, error("INVALID_REQUEST"), work).await
}

/// The SDK: leads away to a page of this stand-in with what it was asked for.
async fn sdk() -> Response {
    const SDK: &str = "{
        const { origin } = new URL(document.currentScript.src);
        window.PortOne = { requestPayment(request) {
            location.assign(`${origin}/window?request=${encodeURIComponent(JSON.stringify(request))}`);
            return new Promise(() => {});
        } };
    }";
    ([(header::CONTENT_TYPE, "text/javascript")], SDK).into_response()
}

async fn shown(State(books): State<Arc<Books>>, Query(query): Query<HashMap<String, String>>) -> Response {
    let request: Value = query.get("request").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    if !books.open(&request) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let (id, name) =
        (request["paymentId"].as_str().unwrap_or_default(), request["orderName"].as_str().unwrap_or_default());
    page("포트원", name, request["totalAmount"].as_i64().unwrap_or_default(), &format!("/window/{id}")).into_response()
}

async fn decided(
    State(books): State<Arc<Books>>,
    Path((id, what)): Path<(String, String)>,
) -> Result<Redirect, StatusCode> {
    Ok(Redirect::to(&books.decide(&id, what == "approve").ok_or(StatusCode::GONE)?))
}
