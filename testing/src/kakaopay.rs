//! Stands in for KakaoPay's online payment API, single payments, as its documentation describes it
//! (<https://developers.kakaopay.com/docs/payment/online/single-payment>).

use crate::stand_in::{DECLINED, Serving, Shared, Wrong, page, serve, with};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// A stand-in for KakaoPay.
pub struct KakaoPay {
    /// Where it is.
    pub url: String,
    books: Arc<Books>,
    _serving: Serving,
}

struct Books {
    shared: Shared,
    url: String,
    bills: Mutex<Vec<Bill>>,
}

struct Bill {
    tid: String,
    order: String,
    user: String,
    name: String,
    total: i64,
    status: &'static str,
    /// By which its customer comes back.
    token: String,
    approval: String,
    cancel: String,
    taken: i64,
    /// Nothing can be taken of it any more that was not.
    over: bool,
    /// What was given back, with what it was asked for with.
    cancelled: Vec<(String, i64)>,
}

impl Bill {
    fn returned(&self) -> i64 {
        self.cancelled.iter().map(|(_, amount)| amount).sum()
    }

    fn known(&self) -> Value {
        let amount = |total: i64| json!({ "total": total, "tax_free": 0, "vat": 0, "point": 0, "discount": 0, "green_deposit": 0 });
        let paid = json!({ "aid": "A0", "payment_action_type": "PAYMENT", "amount": self.taken, "payload": null });
        let cancelled = self.cancelled.iter().map(|(payload, amount)| {
            json!({ "aid": "A1", "payment_action_type": "CANCEL", "amount": amount, "payload": payload })
        });
        let actions: Vec<Value> = (self.taken > 0).then_some(paid).into_iter().chain(cancelled).collect();
        let mut known = json!({
            "tid": self.tid, "cid": KakaoPay::CID, "status": self.status, "partner_order_id": self.order,
            "partner_user_id": self.user, "item_name": self.name, "quantity": 1, "amount": amount(if self.taken > 0 { self.taken } else { self.total }),
            "payment_action_details": actions,
        });
        if self.taken > 0 {
            known["canceled_amount"] = amount(self.returned());
            known["cancel_available_amount"] = amount(self.taken - self.returned());
        }
        known
    }
}

fn error(code: i64) -> Value {
    json!({ "error_code": code, "error_message": "refused", "extras": { "method_result_code": "USER_LOCKED" } })
}

impl KakaoPay {
    /// The code of the shop that it knows.
    pub const CID: &str = "TC0ONETIME";
    /// Its key.
    pub const KEY: &str = "DEV0123456789ABCDEF";

    /// Starts one with empty books.
    pub async fn start() -> KakaoPay {
        let mut made = None;
        let (url, serving) = serve(|url| {
            let books = Arc::new(Books { shared: Shared::default(), url: url.to_owned(), bills: Mutex::default() });
            made = Some(books.clone());
            Router::new()
                .route("/online/v1/payment/{what}", post(called))
                .route("/{device}/{tid}", get(shown))
                .route("/{device}/{tid}/{what}", post(decided))
                .with_state(books)
        })
        .await;
        KakaoPay { url, books: made.unwrap(), _serving: serving }
    }

    /// So many of the next calls `ready`, `approve`, `order` or `cancel` go wrong.
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

    /// So much time passes that what nobody approved is over.
    pub fn later(&self) {
        self.books.bills.lock().unwrap().iter_mut().for_each(|bill| bill.over = true);
    }

    /// The customer approves at an address that they were led to; where they are led back, unless it is over.
    pub fn approve(&self, link: &str) -> Option<String> {
        self.books.decide(link.rsplit('/').next()?, true)
    }

    /// The customer gives up there.
    pub fn decline(&self, link: &str) -> Option<String> {
        self.books.decide(link.rsplit('/').next()?, false)
    }

    /// What was taken for an order, and given back of it.
    pub fn money(&self, order: &str) -> (i64, i64) {
        let bills = self.books.bills.lock().unwrap();
        let of = bills.iter().filter(|bill| bill.order == order);
        of.fold((0, 0), |(taken, returned), bill| (taken + bill.taken, returned + bill.returned()))
    }
}

impl Books {
    /// The customer decides, unless that is over; where they are led back.
    fn decide(&self, tid: &str, approves: bool) -> Option<String> {
        let mut bills = self.bills.lock().unwrap();
        let bill = bills.iter_mut().find(|bill| bill.tid == tid)?;
        if bill.over || bill.status != "READY" && bill.status != "AUTH_PASSWORD" {
            return None;
        }
        if approves {
            bill.status = "AUTH_PASSWORD";
            return Some(with(&bill.approval, "pg_token", &bill.token));
        }
        bill.status = "QUIT_PAYMENT";
        Some(bill.cancel.clone())
    }

    fn done(&self, what: &str, body: &Value, more: i64) -> (u16, Value) {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let expect = |holds: bool, complaint: &str| self.shared.expect(holds, format!("{what}: {complaint}: {body}"));
        if !expect(text("cid") == KakaoPay::CID, "another shop") {
            return (400, error(-2));
        }
        let mut bills = self.bills.lock().unwrap();
        if what == "ready" {
            let address = |name: &str| text(name).starts_with("http://") && text(name).len() <= 255;
            let well_formed =
                expect(!text("partner_order_id").is_empty() && text("partner_order_id").len() <= 100, "order")
                    & expect(!text("partner_user_id").is_empty() && text("partner_user_id").len() <= 100, "user")
                    & expect((1..=100).contains(&text("item_name").chars().count()), "name")
                    & expect(body["quantity"] == 1 && body["tax_free_amount"] == 0, "quantity and tax")
                    & expect(body["total_amount"].as_i64().is_some_and(|total| total > 0), "amount")
                    & expect(["approval_url", "cancel_url", "fail_url"].into_iter().all(address), "addresses");
            if !well_formed {
                return (400, error(-2));
            }
            let tid = format!("T{:019}", rand::random::<u32>());
            bills.push(Bill {
                tid: tid.clone(),
                order: text("partner_order_id"),
                user: text("partner_user_id"),
                name: text("item_name"),
                total: body["total_amount"].as_i64().unwrap(),
                status: "READY",
                token: format!("{:016x}", rand::random::<u64>()),
                approval: text("approval_url"),
                cancel: text("cancel_url"),
                taken: 0,
                over: false,
                cancelled: Vec::new(),
            });
            let at = |device: &str| format!("{}/{device}/{tid}", self.url);
            return (
                200,
                json!({
                    "tid": tid, "next_redirect_pc_url": at("pc"), "next_redirect_mobile_url": at("mobile"),
                    "next_redirect_app_url": at("app"), "android_app_scheme": "kakaotalk://x", "ios_app_scheme": "kakaotalk://x",
                    "created_at": "2026-11-26T12:00:00",
                }),
            );
        }
        let Some(bill) = bills.iter_mut().find(|bill| bill.tid == text("tid")) else { return (400, error(-721)) };
        match what {
            "order" => (200, bill.known()),
            "approve" => {
                let ours =
                    expect(text("partner_order_id") == bill.order && text("partner_user_id") == bill.user, "ids");
                if bill.taken > 0 {
                    return (400, error(-702));
                }
                if !ours || bill.over || bill.status != "AUTH_PASSWORD" || text("pg_token") != bill.token {
                    return (400, error(-710));
                }
                if more == DECLINED {
                    bill.status = "FAIL_PAYMENT";
                    return (400, error(-751));
                }
                (bill.taken, bill.status) = (bill.total + more, "SUCCESS_PAYMENT");
                (200, bill.known())
            }
            "cancel" => {
                let (amount, left) = (body["cancel_amount"].as_i64().unwrap_or_default(), bill.taken - bill.returned());
                let payload = text("payload");
                let well_formed = expect(amount > 0 && body["cancel_tax_free_amount"] == 0, "amount")
                    & expect(!payload.is_empty() && payload.len() <= 200, "payload");
                // Only whoever knows what is left may take from it.
                if !well_formed || body["cancel_available_amount"] != left || amount > left {
                    return (400, error(-780));
                }
                // It would be given twice.
                let fresh = bill.cancelled.iter().all(|(before, _)| *before != payload);
                if !expect(fresh, "the same refund again") {
                    return (400, error(-780));
                }
                if more == DECLINED {
                    return (400, error(-782));
                }
                bill.cancelled.push((payload.clone(), amount));
                bill.status = if amount == left { "CANCEL_PAYMENT" } else { "PART_CANCEL_PAYMENT" };
                let mut known = bill.known();
                known["approved_cancel_amount"] = json!({ "total": amount + more });
                known["payload"] = json!(payload);
                (200, known)
            }
            _ => (404, error(-10)),
        }
    }
}

async fn called(
    State(books): State<Arc<Books>>,
    Path(what): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let key = format!("SECRET_KEY {}", KakaoPay::KEY);
    books.shared.answer(&what, &headers, &key, error(-401), |more| books.done(&what, &body, more)).await
}

async fn shown(State(books): State<Arc<Books>>, Path((device, tid)): Path<(String, String)>) -> Response {
    let bills = books.bills.lock().unwrap();
    match bills.iter().find(|bill| bill.tid == tid) {
        Some(bill) => page("카카오페이", &bill.name, bill.total, &format!("/{device}/{tid}")).into_response(),
        None => axum::http::StatusCode::NOT_FOUND.into_response(),
    }
}

async fn decided(
    State(books): State<Arc<Books>>,
    Path((_, tid, what)): Path<(String, String, String)>,
) -> Result<Redirect, axum::http::StatusCode> {
    let back = books.decide(&tid, what == "approve").ok_or(axum::http::StatusCode::GONE)?;
    Ok(Redirect::to(&back))
}
