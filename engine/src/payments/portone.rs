//! PortOne, version 2 of its REST API (<https://developers.portone.io/api/rest-v2>): payments, their confirmation and cancellation,
//! call-backs by Standard Webhooks, and a window that its browser SDK opens (<https://developers.portone.io/sdk/ko/v2-sdk/readme>).
//!
//! ```text
//! pre-register (the amount is fixed there) ─► a page of this site loads the SDK ─► requestPayment, which leads away and back
//!       ─► by a channel with manual confirmation (수동 승인): back with `paymentToken` ─► confirm: the money is taken
//!       ─► by any other: it is taken at once, and only looked up here
//! ```
//!
//! A payment is known by our own id. A cancellation has the refund's id in its `reason`, and `currentCancellableAmount` lets one of
//! several at once through. The same window may be paid in after a failed attempt, and after the payment ended here: what is taken
//! then goes back when a call-back says so ([`super::webhooks`]), and without one when nothing can be taken any more
//! ([`Provider::takes_unasked`]). Virtual accounts, which are paid into days later, are not offered.

use super::{
    provider::{
        Back, Call, CallBack, Charge, ChargeState, FoundCharge, Order, Prepared, Provider, ProviderAnswer, Return,
        Window,
    },
    replies::{self, TRIES},
    web::{Reply, Web},
    webhooks::{self, Secret},
};
use futures::{FutureExt, future::BoxFuture};
use model::{Decline, PayWay, PaymentId, RefundId, Time, Won};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

/// Where its API is.
pub const PORTONE: &str = "https://api.portone.io";
/// Where its browser SDK is.
pub const PORTONE_SDK: &str = "https://cdn.portone.io/v2/browser-sdk.js";
/// Characters of a name that every company behind it takes.
const NAME: usize = 40;
/// Whole won.
const CURRENCY: &str = "KRW";

/// What a shop has from PortOne.
#[derive(Clone)]
pub struct PortOneSettings {
    /// Where its API is, [`PORTONE`] but for tests.
    pub address: String,
    /// Where its browser SDK is, [`PORTONE_SDK`] but for tests.
    pub sdk: String,
    /// The secret of the API, version 2.
    pub secret: String,
    /// The id of the shop.
    pub store: String,
    /// The key of the channel that payments go through.
    pub channel: String,
    /// What that channel takes: `CARD`, `EASY_PAY`, `TRANSFER` or `MOBILE`.
    pub method: String,
    /// The secret of its call-backs, `whsec_…`.
    pub webhook_secret: String,
    /// The address of this site, without a slash at its end.
    pub origin: String,
}

/// PortOne.
pub(super) struct PortOne {
    web: Web,
    secret: Secret,
    settings: PortOneSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Known {
    id: String,
    store_id: String,
    status: String,
    currency: String,
    amount: Amount,
    #[serde(default)]
    cancellations: Vec<Cancellation>,
    failure: Option<Failure>,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
    #[serde(default)]
    cancelled: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cancellation {
    status: String,
    total_amount: i64,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Failure {
    reason: String,
    pg_code: String,
    pg_message: String,
}

#[derive(Deserialize)]
struct Cancelled {
    cancellation: Cancellation,
}

/// The parts of a call-back that say what it is about.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EventData {
    payment_id: Option<String>,
    store_id: Option<String>,
}

impl Cancellation {
    /// Of which refund of ours.
    fn refund(&self) -> Option<RefundId> {
        self.reason.rsplit(' ').next()?.parse().ok()
    }

    fn is_done(&self) -> bool {
        self.status == "SUCCEEDED"
    }
}

impl Failure {
    /// Whether it says that the customer gave up; each company behind it has words of its own.
    fn is_by_customer(&self) -> bool {
        let said = format!("{} {} {}", self.reason, self.pg_code, self.pg_message).to_lowercase();
        said.contains("취소") || said.contains("cancel")
    }
}

impl Known {
    fn was_taken(&self) -> bool {
        matches!(self.status.as_str(), "PAID" | "PARTIAL_CANCELLED" | "CANCELLED")
    }

    /// How many won were taken: none when it was another money.
    fn total(&self) -> Won {
        if self.currency == CURRENCY {
            return Won(self.amount.total);
        }
        tracing::error!(payment = self.id, currency = self.currency, "another currency was taken");
        Won::ZERO
    }

    fn returned(&self) -> Vec<(RefundId, Won)> {
        let done = self.cancellations.iter().filter(|cancellation| cancellation.is_done());
        done.filter_map(|done| Some((done.refund()?, Won(done.total_amount)))).collect()
    }
}

impl PortOne {
    /// # Errors
    /// For an address or a secret that cannot be one, or a method that is not offered.
    pub fn new(settings: PortOneSettings) -> Result<PortOne, String> {
        if !["CARD", "EASY_PAY", "TRANSFER", "MOBILE"].contains(&settings.method.as_str()) {
            return Err(format!("{} is none of CARD, EASY_PAY, TRANSFER and MOBILE", settings.method));
        }
        if replies::elsewhere(&settings.sdk).is_none() {
            return Err(format!("{} is no address of its SDK", settings.sdk));
        }
        let web = Web::new(&settings.address, &format!("PortOne {}", settings.secret))?;
        Ok(PortOne { web, secret: Secret::new(&settings.webhook_secret)?, settings })
    }

    async fn read(&self, payment: PaymentId) -> Reply<Known> {
        let (id, store) = (payment.to_string(), self.settings.store.as_str());
        let reply: Reply<Known> = self.web.call(Method::GET, &["payments", &id], &[("storeId", store)], None).await;
        match reply {
            Reply::Said(known) if known.id == id && known.store_id == store => Reply::Said(known),
            Reply::Said(_) => Reply::Unheard("an answer about another payment".to_owned()),
            other => other,
        }
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, payment: PaymentId, what: &str, body: &Value) -> Reply<T> {
        self.web.call(Method::POST, &["payments", &payment.to_string(), what], &[], Some(body)).await
    }

    /// Where a payment stands by what is known of it; `None` for a word that is not.
    fn standing(charge: &Charge, known: &Known) -> Option<ChargeState> {
        Some(match known.status.as_str() {
            "PAID" | "PARTIAL_CANCELLED" => ChargeState::Taken(known.total()),
            "CANCELLED" => ChargeState::Ended(Decline::Refused),
            "FAILED" if known.failure.as_ref().is_some_and(Failure::is_by_customer) => {
                ChargeState::Ended(Decline::Customer)
            }
            "FAILED" => ChargeState::Ended(Decline::Refused),
            "READY" | "PAY_PENDING" | "PENDING" | "VIRTUAL_ACCOUNT_ISSUED" => replies::waiting(charge),
            _ => return None,
        })
    }

    async fn find(&self, charge: &Charge) -> ProviderAnswer<FoundCharge> {
        if charge.reference.is_none() {
            let standing = ChargeState::Ended(Decline::Refused);
            return ProviderAnswer::Ok(FoundCharge { standing, returned: Vec::new() });
        }
        match self.read(charge.payment).await {
            Reply::Said(known) => match Self::standing(charge, &known) {
                Some(standing) => ProviderAnswer::Ok(FoundCharge { standing, returned: known.returned() }),
                None => ProviderAnswer::Unknown(format!("its status is {}", known.status)),
            },
            // Nobody opened its window yet.
            Reply::Refused(StatusCode::NOT_FOUND, _) => {
                ProviderAnswer::Ok(FoundCharge { standing: replies::waiting(charge), returned: Vec::new() })
            }
            reply => replies::unknown(PayWay::PortOne, &reply),
        }
    }

    /// What goes back of a payment that was not taken: a channel without manual confirmation asks nobody, so that nothing was is
    /// certain only when it cannot be any more.
    fn not_taken(charge: &Charge, back: Back, standing: Option<ChargeState>) -> ProviderAnswer<Won> {
        if charge.proof.is_none() && !charge.over {
            return ProviderAnswer::Unknown("its window may be open yet".to_owned());
        }
        replies::not_taken(charge, back, standing)
    }

    async fn register(&self, order: &Order) -> ProviderAnswer<Prepared> {
        let body = json!({ "storeId": self.settings.store, "totalAmount": order.amount.0, "currency": CURRENCY });
        match self.post::<Value>(order.payment, "pre-register", &body).await {
            Reply::Said(_) => {
                // Its window is a page of ours, which leads back by the same token.
                let link = order.back.replace("/return?", "/window?");
                ProviderAnswer::Ok(Prepared { reference: order.payment.to_string(), elsewhere: link.clone(), link })
            }
            reply => replies::refused(PayWay::PortOne, &reply),
        }
    }

    async fn take(&self, charge: &Charge) -> ProviderAnswer<Won> {
        if charge.reference.is_none() {
            return ProviderAnswer::Declined(Decline::Refused);
        }
        let Some(token) = &charge.proof else {
            // Through a channel without manual confirmation it is taken by now, or not at all.
            return match self.find(charge).await {
                ProviderAnswer::Ok(FoundCharge { standing: ChargeState::Waiting, .. }) => {
                    ProviderAnswer::Declined(Decline::Refused)
                }
                found => replies::settled(found, "never confirmed"),
            };
        };
        let body = json!({
            "storeId": self.settings.store, "paymentToken": token, "currency": CURRENCY, "totalAmount": charge.amount.0,
        });
        match self.post::<Value>(charge.payment, "confirm", &body).await {
            reply if reply.is_about_keys() => replies::unknown(PayWay::PortOne, &reply),
            Reply::Unheard(why) => ProviderAnswer::Unknown(why),
            Reply::Refused(_, code) if code == "INFORMATION_MISMATCH" => ProviderAnswer::Declined(Decline::Amount),
            reply => replies::settled(self.find(charge).await, &reply.why()),
        }
    }

    async fn give_back(&self, charge: &Charge, refund: RefundId, back: Back) -> ProviderAnswer<Won> {
        if charge.reference.is_none() {
            return replies::nothing_taken(back);
        }
        for _ in 0..TRIES {
            let known = match self.read(charge.payment).await {
                Reply::Said(known) => known,
                Reply::Refused(StatusCode::NOT_FOUND, _) => {
                    return Self::not_taken(charge, back, Some(replies::waiting(charge)));
                }
                reply => return replies::unknown(PayWay::PortOne, &reply),
            };
            let mut ours = known.cancellations.iter().filter(|cancellation| cancellation.refund() == Some(refund));
            match ours.find(|cancellation| cancellation.status != "FAILED") {
                Some(done) if done.is_done() => return ProviderAnswer::Ok(Won(done.total_amount)),
                Some(_) => return ProviderAnswer::Unknown("it is being given back".to_owned()),
                None => {}
            }
            if !known.was_taken() {
                return Self::not_taken(charge, back, Self::standing(charge, &known));
            }
            let left = Won(known.amount.total - known.amount.cancelled);
            let amount = match replies::part(left, back) {
                Ok(Won::ZERO) => return ProviderAnswer::Ok(Won::ZERO),
                Ok(amount) => amount,
                Err(decline) => return ProviderAnswer::Declined(decline),
            };
            let body = json!({
                "storeId": self.settings.store,
                "amount": amount.0,
                "currentCancellableAmount": left.0,
                "reason": format!("59초 {refund}"),
            });
            match self.post::<Cancelled>(charge.payment, "cancel", &body).await {
                Reply::Said(Cancelled { cancellation }) if cancellation.is_done() => {
                    return ProviderAnswer::Ok(Won(cancellation.total_amount));
                }
                Reply::Said(Cancelled { cancellation }) if cancellation.status == "FAILED" => break,
                reply if reply.is_about_keys() => return replies::unknown(PayWay::PortOne, &reply),
                // Another came first: what is left is asked anew.
                Reply::Refused(..) => {}
                reply => return replies::unknown(PayWay::PortOne, &reply),
            }
        }
        ProviderAnswer::Declined(Decline::Refused)
    }
}

impl Provider for PortOne {
    fn name(&self) -> &'static str {
        PayWay::PortOne.name()
    }

    fn returned(&self, query: &str) -> Return {
        match (replies::value(query, "paymentId"), replies::value(query, "code")) {
            (Some(_), None) => Return::Approved(replies::value(query, "paymentToken")),
            _ => Return::Otherwise,
        }
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        self.register(order).boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.take(charge).boxed()
    }

    fn cancel<'a>(&'a self, charge: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.give_back(charge, refund, back).boxed()
    }

    fn look_up<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        self.find(charge).boxed()
    }

    fn window(&self, order: &Order) -> Option<Window> {
        let PortOneSettings { store, channel, method, origin, sdk, .. } = &self.settings;
        let request = json!({
            "storeId": store,
            "channelKey": channel,
            "paymentId": order.payment.to_string(),
            "orderName": order.title.chars().take(NAME).collect::<String>(),
            "totalAmount": order.amount.0,
            "currency": CURRENCY,
            "payMethod": method,
            "redirectUrl": format!("{origin}{}", order.back),
            "forceRedirect": true,
            "noticeUrls": [format!("{origin}/payments/call-back/{}", self.name())],
        });
        Some(Window { script: sdk.clone(), request })
    }

    fn takes_unasked(&self) -> bool {
        true
    }

    fn called_back(&self, call: &Call<'_>, now: Time) -> CallBack {
        if !self.secret.signed(call, now) {
            return CallBack::Forged;
        }
        // There may be kinds that we do not know: nothing is to be done about them.
        let Ok(Event { kind, data }) = serde_json::from_slice(call.body) else { return CallBack::Nothing };
        let ours = data.store_id.is_none_or(|store| store == self.settings.store);
        match data.payment_id.as_deref().and_then(webhooks::named) {
            Some(payment) if ours => CallBack::About { payment, taken: kind == "Transaction.Paid" },
            _ => CallBack::Nothing,
        }
    }

    fn check(&self) -> BoxFuture<'_, ProviderAnswer<()>> {
        // Of no payment: all that is wanted is whether the secret opens.
        async { replies::opens(&self.read(PaymentId(uuid::Uuid::nil())).await) }.boxed()
    }
}
