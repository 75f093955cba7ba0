//! KakaoPay, single payments: ready, approve, cancel and order of its online payment API
//! (<https://developers.kakaopay.com/docs/payment/online/single-payment>, and `/cancellation`, `/order` beside it).
//!
//! ```text
//! ready ─► tid and two addresses, for a desktop and for a phone ─► the customer authenticates there
//!       ─► comes back to `approval_url` with `pg_token` ─► approve: the money is taken, never without us
//! order: `status`, what was taken, and every cancellation with the `payload` that it was asked for with: a refund's id
//! ```
//!
//! It knows no keys that make a call once: an approve is repeated by asking for the order, a cancel by the `payload`s that the order
//! lists, and `cancel_available_amount` (what may be given back before it) lets one of several at once through. It sends no call-backs
//! for single payments. What is not approved has no end that it tells: after a time nothing is approved any more.

use super::{
    provider::{Back, Charge, ChargeState, FoundCharge, Order, Prepared, Provider, ProviderAnswer, Return},
    replies::{self, TRIES},
    web::{Reply, Web},
};
use futures::{FutureExt, future::BoxFuture};
use model::{Decline, PayWay, RefundId, Won};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where it is.
pub const KAKAOPAY: &str = "https://open-api.kakaopay.com";
/// Characters of a name that it takes.
const NAME: usize = 100;

/// What a shop has from KakaoPay.
#[derive(Clone)]
pub struct KakaoPaySettings {
    /// Where it is, [`KAKAOPAY`] but for tests.
    pub address: String,
    /// The secret key of the site.
    pub secret_key: String,
    /// The code of the shop.
    pub cid: String,
    /// The address of this site, without a slash at its end.
    pub origin: String,
}

/// KakaoPay.
pub(super) struct KakaoPay {
    web: Web,
    cid: String,
    origin: String,
}

#[derive(Deserialize)]
struct Ready {
    tid: String,
    next_redirect_pc_url: String,
    next_redirect_mobile_url: String,
}

#[derive(Deserialize)]
struct Amount {
    total: i64,
}

/// What it knows of a payment; the answers of approve and cancel are parts of it.
#[derive(Deserialize)]
struct Known {
    tid: String,
    partner_order_id: String,
    #[serde(default)]
    status: String,
    amount: Option<Amount>,
    cancel_available_amount: Option<Amount>,
    approved_cancel_amount: Option<Amount>,
    #[serde(default)]
    payment_action_details: Option<Vec<Action>>,
}

/// Something that was done about a payment.
#[derive(Deserialize)]
struct Action {
    #[serde(default)]
    payment_action_type: String,
    amount: i64,
    payload: Option<String>,
}

impl Known {
    fn is_about(&self, charge: &Charge, tid: &str) -> bool {
        self.tid == tid && self.partner_order_id == charge.payment.to_string()
    }

    fn total(&self) -> Won {
        Won(self.amount.as_ref().map_or(0, |amount| amount.total))
    }

    /// What was given back by our refunds.
    fn returned(&self) -> Vec<(RefundId, Won)> {
        let actions = self.payment_action_details.iter().flatten();
        let cancelled = actions.filter(|action| action.payment_action_type == "CANCEL");
        cancelled.filter_map(|action| Some((action.payload.as_deref()?.parse().ok()?, Won(action.amount)))).collect()
    }

    fn was_taken(&self) -> bool {
        matches!(self.status.as_str(), "SUCCESS_PAYMENT" | "PART_CANCEL_PAYMENT" | "CANCEL_PAYMENT")
    }
}

impl KakaoPay {
    /// # Errors
    /// For an address or a key that cannot be one.
    pub fn new(settings: KakaoPaySettings) -> Result<KakaoPay, String> {
        let KakaoPaySettings { address, secret_key, cid, origin } = settings;
        Ok(KakaoPay { web: Web::new(&address, &format!("SECRET_KEY {secret_key}"))?, cid, origin })
    }

    async fn call<T: serde::de::DeserializeOwned>(&self, what: &str, body: &Value) -> Reply<T> {
        self.web.call(Method::POST, &["online", "v1", "payment", what], &[], Some(body)).await
    }

    /// What it knows of a payment that it called `tid`.
    async fn order(&self, charge: &Charge, tid: &str) -> Reply<Known> {
        let reply: Reply<Known> = self.call("order", &json!({ "cid": self.cid, "tid": tid })).await;
        match reply {
            Reply::Said(known) if known.is_about(charge, tid) => Reply::Said(known),
            Reply::Said(_) => Reply::Unheard("an answer about another payment".to_owned()),
            other => other,
        }
    }

    /// Where a payment stands by what is known of it; `None` for a word that is not.
    fn standing(charge: &Charge, known: &Known) -> Option<ChargeState> {
        Some(match known.status.as_str() {
            "SUCCESS_PAYMENT" | "PART_CANCEL_PAYMENT" => ChargeState::Taken(known.total()),
            "CANCEL_PAYMENT" | "FAIL_AUTH_PASSWORD" | "FAIL_PAYMENT" => ChargeState::Ended(Decline::Refused),
            "QUIT_PAYMENT" => ChargeState::Ended(Decline::Customer),
            "READY" | "SEND_TMS" | "OPEN_PAYMENT" | "SELECT_METHOD" | "ARS_WAITING" | "AUTH_PASSWORD" => {
                replies::waiting(charge)
            }
            _ => return None,
        })
    }

    async fn find(&self, charge: &Charge) -> ProviderAnswer<FoundCharge> {
        let Some(tid) = &charge.reference else {
            let standing = ChargeState::Ended(Decline::Refused);
            return ProviderAnswer::Ok(FoundCharge { standing, returned: Vec::new() });
        };
        match self.order(charge, tid).await {
            Reply::Said(known) => match Self::standing(charge, &known) {
                Some(standing) => ProviderAnswer::Ok(FoundCharge { standing, returned: known.returned() }),
                None => ProviderAnswer::Unknown(format!("its status is {}", known.status)),
            },
            reply => replies::unknown(PayWay::KakaoPay, &reply),
        }
    }

    async fn ready(&self, order: &Order) -> ProviderAnswer<Prepared> {
        let id = order.payment.to_string();
        let back = format!("{}{}", self.origin, order.back);
        let body = json!({
            "cid": self.cid,
            "partner_order_id": id,
            // Whose it is is no business of theirs.
            "partner_user_id": id,
            "item_name": order.title.chars().take(NAME).collect::<String>(),
            "quantity": 1,
            "total_amount": order.amount.0,
            "tax_free_amount": 0,
            "approval_url": back,
            "cancel_url": format!("{back}&result=cancelled"),
            "fail_url": format!("{back}&result=failed"),
        });
        match self.call::<Ready>("ready", &body).await {
            Reply::Said(ready) => match (
                replies::elsewhere(&ready.next_redirect_pc_url),
                replies::elsewhere(&ready.next_redirect_mobile_url),
            ) {
                (Some(link), Some(elsewhere)) => ProviderAnswer::Ok(Prepared { reference: ready.tid, link, elsewhere }),
                _ => ProviderAnswer::Unknown("it says no address to go on to".to_owned()),
            },
            reply => replies::refused(PayWay::KakaoPay, &reply),
        }
    }

    async fn approve(&self, charge: &Charge) -> ProviderAnswer<Won> {
        let (Some(tid), Some(token)) = (&charge.reference, &charge.proof) else {
            return ProviderAnswer::Declined(Decline::Refused);
        };
        let id = charge.payment.to_string();
        let body = json!({
            "cid": self.cid, "tid": tid, "partner_order_id": id, "partner_user_id": id, "pg_token": token,
        });
        match self.call::<Known>("approve", &body).await {
            Reply::Said(known) if known.is_about(charge, tid) => ProviderAnswer::Ok(known.total()),
            reply if reply.is_about_keys() => replies::unknown(PayWay::KakaoPay, &reply),
            // It may be taken already, by the same call before.
            Reply::Refused(status, code) => replies::settled(self.find(charge).await, &format!("{status} {code}")),
            reply => replies::unknown(PayWay::KakaoPay, &reply),
        }
    }

    async fn give_back(&self, charge: &Charge, refund: RefundId, back: Back) -> ProviderAnswer<Won> {
        let Some(tid) = &charge.reference else { return replies::nothing_taken(back) };
        for _ in 0..TRIES {
            let known = match self.order(charge, tid).await {
                Reply::Said(known) => known,
                reply => return replies::unknown(PayWay::KakaoPay, &reply),
            };
            if let Some((_, amount)) = known.returned().into_iter().find(|(id, _)| *id == refund) {
                return ProviderAnswer::Ok(amount);
            }
            if !known.was_taken() {
                return replies::not_taken(charge, back, Self::standing(charge, &known));
            }
            let left = Won(known.cancel_available_amount.as_ref().map_or(0, |amount| amount.total));
            let amount = match replies::part(left, back) {
                Ok(Won::ZERO) => return ProviderAnswer::Ok(Won::ZERO),
                Ok(amount) => amount,
                Err(decline) => return ProviderAnswer::Declined(decline),
            };
            let body = json!({
                "cid": self.cid,
                "tid": tid,
                "cancel_amount": amount.0,
                "cancel_tax_free_amount": 0,
                "cancel_available_amount": left.0,
                "payload": refund.to_string(),
            });
            match self.call::<Known>("cancel", &body).await {
                Reply::Said(known) if known.is_about(charge, tid) => {
                    return ProviderAnswer::Ok(known.approved_cancel_amount.map_or(amount, |amount| Won(amount.total)));
                }
                reply if reply.is_about_keys() => return replies::unknown(PayWay::KakaoPay, &reply),
                // Another came first: what is left is asked anew.
                Reply::Refused(..) => {}
                reply => return replies::unknown(PayWay::KakaoPay, &reply),
            }
        }
        ProviderAnswer::Declined(Decline::Refused)
    }
}

impl Provider for KakaoPay {
    fn name(&self) -> &'static str {
        PayWay::KakaoPay.name()
    }

    fn returned(&self, query: &str) -> Return {
        match replies::value(query, "pg_token") {
            Some(token) => Return::Approved(Some(token)),
            None => Return::Otherwise,
        }
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        self.ready(order).boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.approve(charge).boxed()
    }

    fn cancel<'a>(&'a self, charge: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.give_back(charge, refund, back).boxed()
    }

    fn look_up<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        self.find(charge).boxed()
    }

    fn check(&self) -> BoxFuture<'_, ProviderAnswer<()>> {
        async {
            // Of no payment: all that is wanted is whether the key opens.
            let reply: Reply<Value> =
                self.call("order", &json!({ "cid": self.cid, "tid": "T0000000000000000000" })).await;
            replies::opens(&reply)
        }
        .boxed()
    }
}
