//! What every provider does, tested on any of them.

use super::{
    Answer, Back, Charge, Order, Prepared, Provider, Return, Sandbox, Standing,
    fake::{PRICE, START, Shop},
};
use crate::ids;
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use model::{Decline, MINUTE, PaymentId, RefundId, SandboxChoice, Won};
use testing::{On, both};

/// What somebody does at a provider who pays there.
pub(super) trait Customer: Sync {
    /// Approves a payment; the query that they come back with.
    fn approve<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, String>;
    /// Does not want to.
    fn decline<'a>(&'a self, prepared: &'a Prepared) -> BoxFuture<'a, ()>;
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
    let Answer::Ok(prepared) = provider.prepare(&order).await else { panic!("not prepared") };
    (
        Charge { payment: order.payment, reference: Some(prepared.reference.clone()), amount: PRICE, proof: None },
        prepared,
    )
}

/// One that was approved besides.
async fn approved(provider: &dyn Provider, customer: &dyn Customer) -> Charge {
    let (charge, prepared) = prepared(provider).await;
    let query = customer.approve(&prepared).await;
    let Return::Approved(proof) = provider.returned(&query) else { panic!("{query} says nothing of an approval") };
    Charge { proof, ..charge }
}

async fn standing(provider: &dyn Provider, charge: &Charge) -> Standing {
    match provider.look_up(charge).await {
        Answer::Ok(found) => found.standing,
        other => panic!("{other:?}"),
    }
}

/// Everything that payments rely on.
pub(super) async fn holds(provider: &dyn Provider, customer: &dyn Customer) {
    // The same order twice is one payment, which waits and is not taken unless it was approved.
    let order = order();
    let both = [provider.prepare(&order).await, provider.prepare(&order).await];
    assert!(matches!(&both, [Answer::Ok(one), Answer::Ok(other)] if one.reference == other.reference), "{both:?}");
    let (waiting, shown) = prepared(provider).await;
    assert!([&shown.link, &shown.elsewhere].iter().all(|link| !link.is_empty()), "{shown:?}");
    assert_eq!(standing(provider, &waiting).await, Standing::Waiting);
    assert!(matches!(provider.confirm(&waiting).await, Answer::Declined(_)));
    assert!(!matches!(standing(provider, &waiting).await, Standing::Taken(_)));
    assert_eq!(provider.returned("token=1"), Return::Otherwise);

    // Approved, it is taken once, however often and at once that is asked for.
    let charge = approved(provider, customer).await;
    assert!(!matches!(standing(provider, &charge).await, Standing::Taken(_)), "not before it is confirmed");
    let confirmed = join_all((0..4).map(|_| provider.confirm(&charge))).await;
    assert_eq!(confirmed, vec![Answer::Ok(PRICE); 4]);
    assert_eq!(provider.confirm(&charge).await, Answer::Ok(PRICE));
    assert_eq!(standing(provider, &charge).await, Standing::Taken(PRICE));

    // Given back once by each key, never more than is left, and listed.
    let (first, second, too_much) = (refund(), refund(), refund());
    let given = join_all((0..4).map(|_| provider.cancel(&charge, first, Back::Part(Won(9_000))))).await;
    assert_eq!(given, vec![Answer::Ok(Won(9_000)); 4]);
    assert_eq!(provider.cancel(&charge, second, Back::Part(Won(20_000))).await, Answer::Ok(Won(20_000)));
    assert!(matches!(provider.cancel(&charge, too_much, Back::Part(Won(1))).await, Answer::Declined(_)));
    assert_eq!(provider.cancel(&charge, first, Back::Part(Won(9_000))).await, Answer::Ok(Won(9_000)), "late, and once");
    let Answer::Ok(found) = provider.look_up(&charge).await else { panic!() };
    let mut returned = found.returned;
    returned.sort_unstable_by_key(|(_, amount)| *amount);
    assert_eq!(returned, [(first, Won(9_000)), (second, Won(20_000))]);

    // Closed, a payment gives back what is left of it.
    let charge = approved(provider, customer).await;
    assert_eq!(provider.confirm(&charge).await, Answer::Ok(PRICE));
    assert_eq!(provider.cancel(&charge, refund(), Back::Part(Won(9_000))).await, Answer::Ok(Won(9_000)));
    let closing = refund();
    for _ in 0..2 {
        assert_eq!(provider.cancel(&charge, closing, Back::Everything).await, Answer::Ok(Won(20_000)));
    }

    // Closed before it was taken, it never is.
    let charge = approved(provider, customer).await;
    let (waiting, shown) = prepared(provider).await;
    for charge in [&charge, &waiting] {
        assert_eq!(provider.cancel(charge, refund(), Back::Everything).await, Answer::Ok(Won::ZERO));
        assert!(matches!(provider.confirm(charge).await, Answer::Declined(_)));
        assert!(matches!(standing(provider, charge).await, Standing::Ended(_)));
    }
    let _ = customer.approve(&shown).now_or_never();
    assert!(matches!(provider.confirm(&waiting).await, Answer::Declined(_)), "approved after it was closed");

    // Whoever does not want to is not asked again.
    let (charge, shown) = prepared(provider).await;
    customer.decline(&shown).await;
    assert_eq!(standing(provider, &charge).await, Standing::Ended(Decline::Customer));
    assert!(matches!(provider.confirm(&charge).await, Answer::Declined(_)));

    // Of what it was never told it knows that it will not be taken.
    let nobodys = Charge { payment: PaymentId(ids::new_id(START)), reference: None, amount: PRICE, proof: None };
    assert!(matches!(provider.confirm(&nobodys).await, Answer::Declined(_)));
    assert!(matches!(standing(provider, &nobodys).await, Standing::Ended(_)));
    assert_eq!(provider.cancel(&nobodys, refund(), Back::Everything).await, Answer::Ok(Won::ZERO));
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
