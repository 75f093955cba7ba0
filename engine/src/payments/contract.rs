//! What every provider does, tested on any of them.

use super::{
    Back, Charge, ChargeState, KakaoPaySettings, Order, PortOneSettings, Prepared, Provider, ProviderAnswer, Return,
    Sandbox,
    fake::{PRICE, START, Shop},
    kakaopay::KakaoPay,
    portone::PortOne,
};
use crate::ids;
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use model::{Decline, MINUTE, PaymentId, RefundId, SandboxChoice, Won};
use testing::{On, both};

/// Where the site is that pays through stand-ins.
pub(super) const ORIGIN: &str = "http://site.example";

/// What somebody does at a provider who pays there.
pub(super) trait Customer: Sync {
    /// Approves a payment; the query that they come back with.
    fn approve<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, String>;
    /// Does not want to.
    fn decline<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, ()>;
    /// So much time passes that nothing is taken any more that was not, where it takes time.
    fn later(&self) {}
}

fn order() -> Order {
    let payment = PaymentId(ids::new_id(START));
    Order {
        payment,
        amount: PRICE,
        title: "머그".to_owned(),
        back: format!("/payments/{payment}/return?token={}", "0".repeat(64)),
        expires_at: START + 15 * MINUTE,
    }
}

fn refund() -> RefundId {
    RefundId(ids::new_id(START))
}

/// A payment that was prepared at a provider.
async fn prepared(provider: &dyn Provider) -> (Charge, Prepared) {
    let order = order();
    let ProviderAnswer::Ok(prepared) = provider.prepare(&order).await else { panic!("not prepared") };
    (charge(order.payment, &prepared), prepared)
}

fn charge(payment: PaymentId, prepared: &Prepared) -> Charge {
    let reference = Some(prepared.reference.clone());
    Charge { payment, reference, amount: PRICE, proof: None, over: false }
}

/// One that was approved besides.
async fn approved(provider: &dyn Provider, customer: &dyn Customer) -> Charge {
    let (charge, prepared) = prepared(provider).await;
    approved_by(provider, customer, charge, &prepared).await
}

async fn approved_by(provider: &dyn Provider, customer: &dyn Customer, charge: Charge, prepared: &Prepared) -> Charge {
    let query = customer.approve(prepared).await;
    let Return::Approved(proof) = provider.returned(&query) else { panic!("{query} says nothing of an approval") };
    Charge { proof, ..charge }
}

async fn standing(provider: &dyn Provider, charge: &Charge) -> ChargeState {
    match provider.look_up(charge).await {
        ProviderAnswer::Ok(found) => found.standing,
        other => panic!("{other:?}"),
    }
}

/// Everything that payments rely on.
pub(super) async fn holds(provider: &dyn Provider, customer: &dyn Customer) {
    assert_eq!(provider.check().await, ProviderAnswer::Ok(()));
    // The same order twice is taken once: where the first is not led to, nobody can pay it.
    let order = order();
    let both = [provider.prepare(&order).await, provider.prepare(&order).await];
    let [ProviderAnswer::Ok(one), ProviderAnswer::Ok(other)] = &both else { panic!("{both:?}") };
    let taken = approved_by(provider, customer, charge(order.payment, other), other).await;
    assert_eq!(provider.confirm(&taken).await, ProviderAnswer::Ok(PRICE));
    if one.reference != other.reference {
        assert_eq!(standing(provider, &charge(order.payment, one)).await, ChargeState::Waiting);
    }
    // One waits, and is not taken unless it was approved.
    let (waiting, shown) = prepared(provider).await;
    assert!([&shown.link, &shown.elsewhere].iter().all(|link| !link.is_empty()), "{shown:?}");
    assert_eq!(standing(provider, &waiting).await, ChargeState::Waiting);
    assert!(matches!(provider.confirm(&waiting).await, ProviderAnswer::Declined(_)));
    assert!(!matches!(standing(provider, &waiting).await, ChargeState::Taken(_)));
    assert_eq!(provider.returned("token=1"), Return::Otherwise);

    // Approved, it is taken once, however often and at once that is asked for.
    let charge = approved(provider, customer).await;
    assert!(!matches!(standing(provider, &charge).await, ChargeState::Taken(_)), "not before it is confirmed");
    let confirmed = join_all((0..4).map(|_| provider.confirm(&charge))).await;
    assert_eq!(confirmed, vec![ProviderAnswer::Ok(PRICE); 4]);
    assert_eq!(provider.confirm(&charge).await, ProviderAnswer::Ok(PRICE));
    assert_eq!(standing(provider, &charge).await, ChargeState::Taken(PRICE));

    // Given back once by each key, never more than is left, and listed.
    let (first, second, too_much) = (refund(), refund(), refund());
    let given = join_all((0..4).map(|_| provider.cancel(&charge, first, Back::Part(Won(9_000))))).await;
    assert_eq!(given, vec![ProviderAnswer::Ok(Won(9_000)); 4]);
    assert_eq!(provider.cancel(&charge, second, Back::Part(Won(20_000))).await, ProviderAnswer::Ok(Won(20_000)));
    assert!(matches!(provider.cancel(&charge, too_much, Back::Part(Won(1))).await, ProviderAnswer::Declined(_)));
    let late = provider.cancel(&charge, first, Back::Part(Won(9_000))).await;
    assert_eq!(late, ProviderAnswer::Ok(Won(9_000)), "late, and once");
    let ProviderAnswer::Ok(found) = provider.look_up(&charge).await else { panic!() };
    let mut returned = found.returned;
    returned.sort_unstable_by_key(|(_, amount)| *amount);
    assert_eq!(returned, [(first, Won(9_000)), (second, Won(20_000))]);

    // Closed, a payment gives back what is left of it.
    let charge = approved(provider, customer).await;
    assert_eq!(provider.confirm(&charge).await, ProviderAnswer::Ok(PRICE));
    assert_eq!(provider.cancel(&charge, refund(), Back::Part(Won(9_000))).await, ProviderAnswer::Ok(Won(9_000)));
    let closing = refund();
    for _ in 0..2 {
        assert_eq!(provider.cancel(&charge, closing, Back::Everything).await, ProviderAnswer::Ok(Won(20_000)));
    }

    // Closed before it was taken, it never is. Who cannot close it does not say so before its time is over.
    let charge = approved(provider, customer).await;
    let (waiting, shown) = prepared(provider).await;
    for charge in [&charge, &waiting] {
        let closing = refund();
        let closed = provider.cancel(charge, closing, Back::Everything).await;
        let over = Charge { over: true, ..charge.clone() };
        if matches!(closed, ProviderAnswer::Unknown(_)) {
            customer.later();
            assert_eq!(provider.cancel(&over, closing, Back::Everything).await, ProviderAnswer::Ok(Won::ZERO));
        } else {
            assert_eq!(closed, ProviderAnswer::Ok(Won::ZERO));
        }
        assert!(matches!(provider.confirm(&over).await, ProviderAnswer::Declined(_)));
        assert!(matches!(standing(provider, &over).await, ChargeState::Ended(_)));
    }
    let _ = customer.approve(&shown).now_or_never();
    assert!(matches!(provider.confirm(&waiting).await, ProviderAnswer::Declined(_)), "approved after it was closed");

    // Whoever does not want to is not asked again.
    let (charge, shown) = prepared(provider).await;
    customer.decline(&shown).await;
    assert_eq!(standing(provider, &charge).await, ChargeState::Ended(Decline::Customer));
    assert!(matches!(provider.confirm(&charge).await, ProviderAnswer::Declined(_)));

    // Of what it was never told it knows that it will not be taken.
    let nobodys = Charge { payment: PaymentId(ids::new_id(START)), reference: None, ..waiting };
    assert!(matches!(provider.confirm(&nobodys).await, ProviderAnswer::Declined(_)));
    assert!(matches!(standing(provider, &nobodys).await, ChargeState::Ended(_)));
    assert_eq!(provider.cancel(&nobodys, refund(), Back::Everything).await, ProviderAnswer::Ok(Won::ZERO));
}

impl Customer for Sandbox {
    fn approve<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, String> {
        async {
            let id = prepared.reference.parse().unwrap();
            let decided = self.decide(id, SandboxChoice::Approve).await.unwrap();
            decided.back.split_once('?').unwrap().1.to_owned()
        }
        .boxed()
    }

    fn decline<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, ()> {
        async { drop(self.decide(prepared.reference.parse().unwrap(), SandboxChoice::Decline).await.unwrap()) }.boxed()
    }
}

both!(the_sandbox_is_a_provider, "multi_thread");
async fn the_sandbox_is_a_provider(on: On) {
    let shop = Shop::open(on).await;
    let sandbox = Sandbox::new(shop.db.clone(), shop.clock.clone());
    holds(&sandbox, &sandbox).await;
}

/// KakaoPay, as far as its stand-in is.
pub(super) fn kakaopay(stand_in: &testing::KakaoPay) -> KakaoPay {
    let settings = KakaoPaySettings {
        address: stand_in.url.clone(),
        secret_key: testing::KakaoPay::KEY.to_owned(),
        cid: testing::KakaoPay::CID.to_owned(),
        origin: ORIGIN.to_owned(),
    };
    KakaoPay::new(settings).unwrap()
}

/// PortOne, as far as its stand-in is.
pub(super) fn portone(stand_in: &testing::PortOne) -> PortOne {
    let settings = PortOneSettings {
        address: stand_in.url.clone(),
        sdk: format!("{}/v2/browser-sdk.js", stand_in.url),
        secret: testing::PortOne::SECRET.to_owned(),
        store: testing::PortOne::STORE.to_owned(),
        channel: testing::PortOne::CHANNEL.to_owned(),
        method: "CARD".to_owned(),
        webhook_secret: testing::PortOne::WEBHOOK_SECRET.to_owned(),
        origin: ORIGIN.to_owned(),
    };
    PortOne::new(settings).unwrap()
}

/// The query of an address.
fn query(address: Option<String>) -> String {
    address.and_then(|address| Some(address.split_once('?')?.1.to_owned())).unwrap_or_default()
}

struct AtKakaoPay<'s> {
    stand_in: &'s testing::KakaoPay,
}

impl Customer for AtKakaoPay<'_> {
    fn approve<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, String> {
        async { query(self.stand_in.approve(&prepared.link)) }.boxed()
    }

    fn decline<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, ()> {
        async { drop(self.stand_in.decline(&prepared.link).unwrap()) }.boxed()
    }

    fn later(&self) {
        self.stand_in.later();
    }
}

struct AtPortOne<'s> {
    stand_in: &'s testing::PortOne,
    provider: &'s PortOne,
}

impl AtPortOne<'_> {
    /// As the browser does by the page that a payment leads to.
    fn open(&self, prepared: &Prepared) {
        let payment = prepared.reference.parse().unwrap();
        let back = prepared.link.replace("/window?", "/return?");
        let order = Order { payment, back, ..order() };
        self.stand_in.open(&self.provider.window(&order).unwrap().request);
    }
}

impl Customer for AtPortOne<'_> {
    fn approve<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, String> {
        async {
            self.open(prepared);
            query(self.stand_in.approve(&prepared.reference))
        }
        .boxed()
    }

    fn decline<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, ()> {
        async {
            self.open(prepared);
            drop(self.stand_in.decline(&prepared.reference).unwrap());
        }
        .boxed()
    }

    fn later(&self) {
        self.stand_in.later();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kakaopay_is_a_provider() {
    let stand_in = testing::KakaoPay::start().await;
    let provider = kakaopay(&stand_in);
    holds(&provider, &AtKakaoPay { stand_in: &stand_in }).await;
    assert_eq!(stand_in.complaints(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn portone_is_a_provider() {
    let stand_in = testing::PortOne::start().await;
    let provider = portone(&stand_in);
    holds(&provider, &AtPortOne { stand_in: &stand_in, provider: &provider }).await;
    assert_eq!(stand_in.complaints(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_refused_are_told_from_silence() {
    let (kakao, one) = (testing::KakaoPay::start().await, testing::PortOne::start().await);
    kakao.trouble("order", 1, testing::Wrong::Key);
    one.trouble("read", 1, testing::Wrong::Key);
    let providers: [&dyn Provider; 2] = [&kakaopay(&kakao), &portone(&one)];
    for provider in providers {
        assert!(matches!(provider.check().await, ProviderAnswer::Declined(_)), "{}", provider.name());
        assert_eq!(provider.check().await, ProviderAnswer::Ok(()), "{}", provider.name());
    }
    kakao.trouble("order", 1, testing::Wrong::Lost);
    one.trouble("read", 1, testing::Wrong::Lost);
    for provider in providers {
        assert!(matches!(provider.check().await, ProviderAnswer::Unknown(_)), "{}", provider.name());
    }
}
