use super::{
    Back, By, Charge, ChargeState, FoundCharge, Order, Payments, Prepared, Provider, ProviderAnswer, Return,
    fake::{PRICE, START, Shop, purchases},
    has_token, hex, owe, way_back,
};
use crate::{Error, accounts::Actor, db::Lane, ids, limits::Limits};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use model::{
    Decline, HOUR, MINUTE, MemberId, PaymentError, PaymentId, PaymentState, PaymentView, RefundId, RequestId, SECOND,
    SandboxChoice, SandboxId, Time, Won,
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use testing::{On, both, eventually};
use tokio::time::Instant;

fn refused<T: std::fmt::Debug>(done: Result<T, Error>) -> model::Error {
    match done {
        Err(Error::Refused(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn at_sandbox(payment: &PaymentView) -> SandboxId {
    payment.link.as_deref().unwrap().strip_prefix("/sandbox/pay/").unwrap().parse().unwrap()
}

/// The token and the query of a way back.
fn parts(back: &str) -> (&str, &str) {
    let query = back.split_once('?').unwrap().1;
    (query.split('&').next().unwrap().strip_prefix("token=").unwrap(), query)
}

/// The customer decides, and comes back.
async fn decide(shop: &Shop, payment: &PaymentView, choice: SandboxChoice) -> PaymentView {
    let back = shop.payments.decide(at_sandbox(payment), choice, false).await.unwrap().unwrap();
    let (token, query) = parts(&back);
    assert_eq!(shop.payments.returned(payment.id, token, query).await.unwrap(), "/orders/1");
    shop.state(payment.id).await
}

/// Looks at everything that is due until an hour has passed.
async fn wait_an_hour(shop: &Shop) {
    for _ in 0..240 {
        shop.clock.set(shop.clock.now() + 15 * SECOND);
        shop.payments.reconcile().await.unwrap();
    }
}

async fn owes(shop: &Shop, payment: PaymentId, request: u128, amount: Won) -> Result<RefundId, Error> {
    let mut tx = shop.db.begin(Lane::Other).await.unwrap();
    let owed =
        owe(&mut tx, payment, RequestId(uuid::Uuid::from_u128(request)), amount, By::Seller, shop.clock.now()).await;
    if owed.is_ok() {
        tx.commit().await.unwrap();
    }
    owed
}

#[test]
fn what_may_be_a_token_is_told_from_what_cannot() {
    let back = way_back(PaymentId(ids::new_id(START)), &hex(ids::random()));
    let (token, query) = parts(&back);
    assert!(has_token(query) && has_token(&format!("{query}&pg_token=59")));
    let large = format!("token={}", token.to_uppercase());
    for other in ["", "token=", &query[..query.len() - 1], &format!("{query}0"), &large, &format!("pg_{query}")] {
        assert!(!has_token(other), "{other}");
    }
}

both!(a_customer_pays_once, "multi_thread");
async fn a_customer_pays_once(on: On) {
    let shop = Shop::open(on).await;
    let thing = shop.thing(START + HOUR).await;
    let payment = shop.begun(thing).await;
    assert_eq!((payment.state, payment.amount, payment.sandbox), (PaymentState::Prepared, PRICE, true));
    assert_eq!(shop.begun(thing).await, payment, "whoever asks again is led to the same");
    assert!(
        shop.payments.elsewhere(&shop.buyer, payment.id).await.unwrap().starts_with(payment.link.as_deref().unwrap())
    );
    let page = shop.payments.sandbox_page(at_sandbox(&payment)).await.unwrap();
    assert_eq!((page.title.as_str(), page.amount, page.until), ("머그", PRICE, Some(START + HOUR)));

    // Nobody else sees it, and nothing but its own token brings it on.
    let other = Actor::host(MemberId(ids::new_id(START)));
    for (actor, error) in [(&other, model::Error::NotFound), (&Actor::Visitor, model::Error::SignedOut)] {
        assert_eq!(refused(shop.payments.state(actor, payment.id).await), error);
        assert_eq!(refused(shop.payments.elsewhere(actor, payment.id).await), error);
    }
    let another = shop.begun(shop.thing(START + HOUR).await).await;
    let anothers = shop.payments.sandbox_page(at_sandbox(&another)).await.unwrap().back;
    for forged in [&"0".repeat(64), "", parts(&anothers).0] {
        let returned = shop.payments.returned(payment.id, forged, "result=approved").await;
        assert_eq!(refused(returned), model::Error::NotFound);
    }
    assert_eq!(shop.state(payment.id).await.state, PaymentState::Prepared);

    // Approved, and back several times at once with a notice of the provider beside it.
    let back = shop.payments.decide(at_sandbox(&payment), SandboxChoice::Repeat, false).await.unwrap().unwrap();
    let (token, query) = parts(&back);
    let returns = join_all((0..4).map(|_| shop.payments.returned(payment.id, token, query)));
    let (returned, notified, looked) =
        tokio::join!(returns, shop.payments.notified(payment.id), shop.payments.reconcile());
    assert!(returned.into_iter().all(|returned| returned.unwrap() == "/orders/1"));
    notified.unwrap();
    looked.unwrap();
    eventually("it is paid", async || shop.state(payment.id).await.state == PaymentState::Paid).await;
    assert_eq!(
        (shop.books(payment.id).await, shop.told(payment.id).await),
        ((PRICE, Won::ZERO), vec!["go".into(), "paid".into()])
    );
    assert_eq!(shop.state(payment.id).await.link, None);
    assert_eq!(refused(shop.payments.elsewhere(&shop.buyer, payment.id).await), PaymentError::Over.into());

    // A second payment of the same finds it gone: nothing is taken, and it is closed there.
    let second = shop.begun(thing).await;
    assert_ne!(second.id, payment.id);
    let second = decide(&shop, &second, SandboxChoice::Approve).await;
    assert_eq!((second.state, second.decline), (PaymentState::Declined, Some(Decline::Gone)));
    shop.payments.reconcile().await.unwrap();
    assert_eq!((shop.books(second.id).await, shop.told(second.id).await), ((Won::ZERO, Won::ZERO), vec![]));
    let steps: Vec<(String, String)> = shop
        .db
        .sql("select who, what from payment_steps where payment_id = $1 order by at, id")
        .bind(payment.id)
        .all()
        .await
        .unwrap();
    let mut steps: Vec<_> = steps.iter().map(|(who, what)| (who.as_str(), what.as_str())).collect();
    steps.sort_unstable_by_key(|(_, what)| {
        ["begun", "prepared", "approved", "confirming", "paid"].iter().position(|step| step == what)
    });
    assert_eq!(
        (&steps[..2], &steps[3..]),
        (&[("member", "begun"), ("provider", "prepared")][..], &[("program", "confirming"), ("provider", "paid")][..])
    );
    shop.checked().await;
}

both!(whatever_goes_wrong_at_the_provider_ends, "multi_thread");
async fn whatever_goes_wrong_at_the_provider_ends(on: On) {
    let shop = Shop::open(on).await;
    let begun = async || shop.begun(shop.thing(START + 24 * HOUR).await).await;

    let declined = decide(&shop, &begun().await, SandboxChoice::Decline).await;
    assert_eq!((declined.state, declined.decline), (PaymentState::Declined, Some(Decline::Customer)));
    assert!(shop.told(declined.id).await.is_empty(), "nothing waited for it");

    // Somebody says that they approved, and did not.
    let payment = begun().await;
    let back = shop.payments.sandbox_page(at_sandbox(&payment)).await.unwrap().back;
    let forged = format!("{}&result=approved", parts(&back).1);
    shop.payments.returned(payment.id, parts(&back).0, &forged).await.unwrap();
    let forged = shop.state(payment.id).await;
    assert_eq!((forged.state, forged.decline), (PaymentState::Declined, Some(Decline::Refused)));
    assert_eq!(shop.told(forged.id).await, ["go", "failed"]);

    let another = decide(&shop, &begun().await, SandboxChoice::AnotherAmount).await;
    assert_eq!((another.state, another.decline), (PaymentState::Declined, Some(Decline::Amount)));
    assert_eq!(shop.told(another.id).await, ["go", "failed"]);
    shop.payments.reconcile().await.unwrap();
    assert_eq!(shop.books(another.id).await, (Won(30_000), Won(30_000)), "all of it went back");

    let unknown = decide(&shop, &begun().await, SandboxChoice::Unknown).await;
    assert_eq!(unknown.state, PaymentState::Unknown);
    for _ in 0..12 {
        shop.clock.set(shop.clock.now() + 5 * SECOND);
        shop.payments.reconcile().await.unwrap();
    }
    assert_eq!(shop.state(unknown.id).await.state, PaymentState::Paid, "and known again");

    // The customer leaves it open, lets it run out, or approves and never comes back.
    let (left, expired, lost) = (begun().await, begun().await, begun().await);
    assert_eq!(shop.payments.decide(at_sandbox(&expired), SandboxChoice::Expire, false).await.unwrap(), None);
    shop.payments.decide(at_sandbox(&lost), SandboxChoice::Approve, false).await.unwrap();
    wait_an_hour(&shop).await;
    for (payment, state, decline) in [
        (left.id, PaymentState::Declined, Some(Decline::Expired)),
        (expired.id, PaymentState::Declined, Some(Decline::Expired)),
        (lost.id, PaymentState::Paid, None),
    ] {
        let payment = shop.state(payment).await;
        assert_eq!((payment.state, payment.decline), (state, decline));
    }
    assert_eq!(
        refused(shop.payments.decide(at_sandbox(&left), SandboxChoice::Approve, false).await),
        PaymentError::Over.into()
    );
    shop.checked().await;
}

both!(what_went_to_somebody_else_meanwhile_is_given_back, "multi_thread");
async fn what_went_to_somebody_else_meanwhile_is_given_back(on: On) {
    let shop = Shop::open(on).await;
    let thing = shop.thing(START + HOUR).await;
    let payment = decide(&shop, &shop.begun(thing).await, SandboxChoice::Unknown).await;
    shop.change("update things set state = 'lost' where id = $1", thing.id).await;
    shop.clock.set(shop.clock.now() + 30 * SECOND);
    shop.payments.reconcile().await.unwrap();
    let late = shop.state(payment.id).await;
    assert_eq!((late.state, late.refunded), (PaymentState::Paid, PRICE));
    shop.payments.reconcile().await.unwrap();
    assert_eq!(shop.books(payment.id).await, (PRICE, PRICE));
    assert_eq!(shop.told(payment.id).await, ["go", "late", "refunded"]);
    shop.checked().await;
}

both!(refunds_are_given_once_and_never_beyond_what_was_paid, "multi_thread");
async fn refunds_are_given_once_and_never_beyond_what_was_paid(on: On) {
    let shop = Shop::open(on).await;
    let open = shop.begun(shop.thing(START + HOUR).await).await;
    assert_eq!(refused(owes(&shop, open.id, 1, PRICE).await), PaymentError::Over.into(), "nothing was paid");
    let payment = decide(&shop, &open, SandboxChoice::Approve).await.id;
    let first = owes(&shop, payment, 1, Won(9_000)).await.unwrap();
    assert_eq!(owes(&shop, payment, 1, Won(9_000)).await.unwrap(), first, "the same request");
    assert_eq!(refused(owes(&shop, payment, 1, Won(9_001)).await), model::Error::Malformed, "which is for one amount");
    for nothing in [Won::ZERO, Won(-1), Won(i64::MIN)] {
        assert_eq!(refused(owes(&shop, payment, 2, nothing).await), model::Error::Malformed);
    }
    for too_much in [Won(20_001), PRICE, Won(i64::MAX)] {
        let owed = owes(&shop, payment, 2, too_much).await;
        // A sum that cannot be counted fails in the database.
        assert!(owed.is_err(), "{owed:?}");
    }
    // Of many at once as many as there is money for; of the same request one.
    let at_once = join_all((0..8).map(|n| owes(&shop, payment, 10 + n, Won(6_000)))).await;
    assert_eq!(at_once.iter().filter(|owed| owed.is_ok()).count(), 3);
    let same = join_all((0..4).map(|_| owes(&shop, payment, 50, Won(2_000)))).await;
    assert_eq!(same.iter().filter(|owed| owed.is_ok()).count(), 4);
    assert_eq!(shop.state(payment).await.refunded, PRICE);
    shop.payments.reconcile().await.unwrap();
    shop.payments.reconcile().await.unwrap();
    assert_eq!(shop.books(payment).await, (PRICE, PRICE));
    assert_eq!(shop.told(payment).await.iter().filter(|told| *told == "refunded").count(), 5);
    shop.checked().await;
}

both!(without_a_provider_nothing_can_be_paid_for);
async fn without_a_provider_nothing_can_be_paid_for(on: On) {
    let shop = Shop::open(on).await;
    let thing = shop.thing(START + HOUR).await;
    let nobody = Payments::through(shop.db.clone(), shop.clock.clone(), Limits::default(), purchases, None);
    let begun = nobody.begin(&shop.buyer, thing, PRICE, "머그", "/").await;
    assert_eq!(refused(begun), PaymentError::NoProvider.into());
    assert!(!nobody.is_open() && !nobody.is_sandbox());
    let payment = shop.begun(thing).await;
    assert_eq!(refused(nobody.sandbox_page(at_sandbox(&payment)).await), model::Error::NotFound);
    assert_eq!(
        refused(nobody.decide(at_sandbox(&payment), SandboxChoice::Approve, false).await),
        model::Error::NotFound
    );
    for amount in [Won::ZERO, Won(-1)] {
        assert_eq!(
            refused(shop.payments.begin(&shop.buyer, thing, amount, "머그", "/").await),
            model::Error::Malformed
        );
    }
    assert_eq!(refused(shop.payments.begin(&Actor::Visitor, thing, PRICE, "머그", "/").await), model::Error::SignedOut);
}

both!(check_finds_what_is_wrong);
async fn check_finds_what_is_wrong(on: On) {
    let shop = Shop::open(on).await;
    let thing = shop.thing(START + HOUR).await;
    let payment = decide(&shop, &shop.begun(thing).await, SandboxChoice::Approve).await.id;
    owes(&shop, payment, 1, Won(9_000)).await.unwrap();
    shop.checked().await;
    for (broken, mended, said) in [
        (
            "update payments set refunded = 0 where id = $1",
            "update payments set refunded = 9000 where id = $1",
            "by refunds of 9000 won",
        ),
        (
            "update payments set look_at = 1 where id = $1",
            "update payments set look_at = null where id = $1",
            "looked at: true",
        ),
        (
            "update payments set state = 'unknown' where id = $1",
            "update payments set state = 'paid' where id = $1",
            "is Unknown",
        ),
        (
            "update refunds set look_at = null where payment_id = $1",
            "update refunds set look_at = 1 where payment_id = $1",
            "without an end",
        ),
        (
            "update payments set subject_kind = 'wonder' where id = $1",
            "update payments set subject_kind = 'thing' where id = $1",
            "does not know",
        ),
    ] {
        shop.change(broken, payment.0).await;
        let (_, wrong) = super::check(&shop.db, purchases).await.unwrap();
        assert!(wrong.iter().any(|wrong| wrong.contains(said)), "{broken}: {wrong:?}");
        shop.change(mended, payment.0).await;
        shop.checked().await;
    }
    shop.change("update things set state = 'held', payment = null where id = $1", thing.id).await;
    let (checked, wrong) = super::check(&shop.db, purchases).await.unwrap();
    assert!(checked == 1 && wrong.len() == 1 && wrong[0].contains("is kept for nothing"), "{wrong:?}");
}

both!(what_nobody_can_be_asked_about_any_more_ends_and_stays_owed, "multi_thread");
async fn what_nobody_can_be_asked_about_any_more_ends_and_stays_owed(on: On) {
    let shop = Shop::open(on).await;
    let begun = shop.begun(shop.thing(START + HOUR).await).await;
    let payment = decide(&shop, &begun, SandboxChoice::Unknown).await.id;
    // The site is started with no provider at all.
    let nobody = Payments::through(shop.db.clone(), shop.clock.clone(), Limits::default(), purchases, None);
    assert_eq!(nobody.left_behind().await.unwrap(), [("sandbox".to_owned(), 1, 0)]);
    shop.clock.set(START + 10 * MINUTE);
    nobody.reconcile().await.unwrap();
    assert_eq!(shop.state(payment).await.state, PaymentState::Unknown, "whoever can ask comes first");
    shop.clock.set(START + 11 * MINUTE);
    nobody.reconcile().await.unwrap();
    let ended = shop.state(payment).await;
    assert_eq!((ended.state, ended.decline), (PaymentState::Cancelled, Some(Decline::Unanswered)));
    assert_eq!(shop.told(payment).await, ["go", "failed"], "what it held is free");
    assert_eq!(nobody.left_behind().await.unwrap(), [("sandbox".to_owned(), 0, 1)]);
    shop.checked().await;
    // It had been taken, and goes back once its provider is there again.
    shop.payments.reconcile().await.unwrap();
    assert_eq!(shop.books(payment).await, (PRICE, PRICE));
    assert!(nobody.left_behind().await.unwrap().is_empty() && shop.payments.left_behind().await.unwrap().is_empty());
    shop.checked().await;
}

/// A provider that says what it is told to.
#[derive(Default)]
struct Told {
    confirm: Mutex<Option<ProviderAnswer<Won>>>,
    look_up: Mutex<Option<ChargeState>>,
    returned: Mutex<Vec<(RefundId, Won)>>,
    cancel: Mutex<Option<ProviderAnswer<Won>>>,
    cancelled: Mutex<Vec<(RefundId, Back)>>,
    takes: Duration,
    calls: AtomicUsize,
    most: AtomicUsize,
}

impl Provider for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn returned(&self, _: &str) -> Return {
        Return::Approved(Some("proof".to_owned()))
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        let reference = order.payment.to_string();
        let (link, elsewhere) = (order.back.clone(), order.back.clone());
        async move { ProviderAnswer::Ok(Prepared { reference, link, elsewhere }) }.boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async {
            assert_eq!(charge.proof.as_deref(), Some("proof"));
            self.most.fetch_max(self.calls.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            self.calls.fetch_sub(1, Ordering::SeqCst);
            self.confirm.lock().unwrap().clone().unwrap_or(ProviderAnswer::Ok(charge.amount))
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, _: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async move {
            self.cancelled.lock().unwrap().push((refund, back));
            self.cancel.lock().unwrap().clone().unwrap_or(ProviderAnswer::Unknown("silent".to_owned()))
        }
        .boxed()
    }

    fn look_up<'a>(&'a self, _: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        async {
            let returned = self.returned.lock().unwrap().clone();
            match *self.look_up.lock().unwrap() {
                Some(standing) => ProviderAnswer::Ok(FoundCharge { standing, returned }),
                None => ProviderAnswer::Unknown("silent".to_owned()),
            }
        }
        .boxed()
    }
}

/// Payments through it.
fn through(shop: &mut Shop, told: Told) -> Arc<Told> {
    let told = Arc::new(told);
    let provider: Arc<dyn Provider> = told.clone();
    shop.payments =
        Payments::through(shop.db.clone(), shop.clock.clone(), Limits::default(), purchases, Some(provider));
    told
}

/// The customer comes back from it.
async fn come_back(shop: &Shop, payment: &PaymentView) {
    let (token, query) = parts(payment.link.as_deref().unwrap());
    shop.payments.returned(payment.id, token, query).await.unwrap();
}

both!(a_provider_that_stays_silent_is_waited_for_ten_minutes, "multi_thread");
async fn a_provider_that_stays_silent_is_waited_for_ten_minutes(on: On) {
    let mut shop = Shop::open(on).await;
    let silent = Told { confirm: Mutex::new(Some(ProviderAnswer::Unknown("silent".to_owned()))), ..Told::default() };
    let told = through(&mut shop, silent);
    let thing = shop.thing(START + HOUR).await;
    let payment = shop.begun(thing).await;
    come_back(&shop, &payment).await;
    assert_eq!(shop.state(payment.id).await.state, PaymentState::Unknown);
    let (mut now, mut cancelled) = (START, None);
    while now < START + HOUR {
        now = now + SECOND;
        shop.clock.set(now);
        shop.payments.reconcile().await.unwrap();
        if cancelled.is_none() && shop.state(payment.id).await.state == PaymentState::Cancelled {
            cancelled = Some(now);
        }
        if now.since(START) > 12 * MINUTE {
            now = now + MINUTE;
        }
    }
    assert_eq!(cancelled, Some(START + 10 * MINUTE));
    assert_eq!(shop.state(payment.id).await.decline, Some(Decline::Unanswered));
    assert_eq!(shop.told(payment.id).await, ["go", "failed"]);
    // It is to be closed there. Until somebody says that this was not done it is not asked for again.
    let asked = told.cancelled.lock().unwrap().clone();
    assert!(matches!(asked[..], [(_, Back::Everything)]), "{asked:?}");
    *told.look_up.lock().unwrap() = Some(ChargeState::Approved);
    *told.cancel.lock().unwrap() = Some(ProviderAnswer::Ok(Won::ZERO));
    shop.clock.set(now + HOUR);
    shop.payments.reconcile().await.unwrap();
    assert_eq!(*told.cancelled.lock().unwrap(), [asked[0], asked[0]], "by the same key");
    assert_eq!(shop.told(payment.id).await, ["go", "failed"], "nothing was paid, so nothing is given back");
    shop.checked().await;
}

both!(a_refund_is_asked_for_until_it_is_done, "multi_thread");
async fn a_refund_is_asked_for_until_it_is_done(on: On) {
    let mut shop = Shop::open(on).await;
    let told = through(&mut shop, Told::default());
    let payment = shop.begun(shop.thing(START + HOUR).await).await;
    come_back(&shop, &payment).await;
    assert_eq!(shop.state(payment.id).await.state, PaymentState::Paid);
    let refund = owes(&shop, payment.id, 1, Won(9_000)).await.unwrap();
    let state = async || -> String {
        shop.db.sql("select state from refunds where id = $1").bind(refund).one::<(String,)>().await.unwrap().0
    };
    let later = async || {
        shop.clock.set(shop.clock.now() + HOUR);
        shop.payments.reconcile().await.unwrap();
    };
    // Asked, and no answer: before it is asked again it is looked up.
    later().await;
    assert_eq!((state().await.as_str(), told.cancelled.lock().unwrap().len()), ("unknown", 1));
    later().await;
    assert_eq!(
        (state().await.as_str(), told.cancelled.lock().unwrap().len()),
        ("unknown", 1),
        "nobody knows whether it did"
    );
    *told.look_up.lock().unwrap() = Some(ChargeState::Taken(PRICE));
    *told.cancel.lock().unwrap() = Some(ProviderAnswer::Declined(Decline::Refused));
    later().await;
    assert_eq!((state().await.as_str(), told.cancelled.lock().unwrap().len()), ("unknown", 2), "it did not");
    // It says that it did, and with another amount: what it has in its books counts.
    *told.cancel.lock().unwrap() = Some(ProviderAnswer::Ok(Won(8_000)));
    later().await;
    assert_eq!((state().await.as_str(), told.cancelled.lock().unwrap().len()), ("unknown", 3), "that is not believed");
    told.returned.lock().unwrap().push((refund, Won(9_000)));
    later().await;
    assert_eq!((state().await.as_str(), told.cancelled.lock().unwrap().len()), ("refunded", 3));
    assert!(
        told.cancelled.lock().unwrap().iter().all(|asked| *asked == (refund, Back::Part(Won(9_000)))),
        "by one key"
    );
    assert_eq!(shop.told(payment.id).await, ["go", "paid", "refunded"]);
    later().await;
    assert_eq!(told.cancelled.lock().unwrap().len(), 3, "it is over");
    shop.checked().await;
}

both!(a_provider_that_takes_it_without_us_is_heard_of_by_a_look, "multi_thread");
async fn a_provider_that_takes_it_without_us_is_heard_of_by_a_look(on: On) {
    let mut shop = Shop::open(on).await;
    let told = through(&mut shop, Told { look_up: Mutex::new(Some(ChargeState::Waiting)), ..Told::default() });
    let payment = shop.begun(shop.thing(START + HOUR).await).await;
    let look = async || {
        shop.payments.notified(payment.id).await.unwrap();
        shop.payments.reconcile().await.unwrap();
        shop.state(payment.id).await.state
    };
    shop.payments.reconcile().await.unwrap();
    *told.look_up.lock().unwrap() = Some(ChargeState::Taken(PRICE));
    shop.payments.reconcile().await.unwrap();
    assert_eq!(shop.state(payment.id).await.state, PaymentState::Prepared, "not looked at by itself so soon");
    assert_eq!(look().await, PaymentState::Paid);
    assert_eq!(shop.told(payment.id).await, ["go", "paid"]);
    // What is over is not looked up whoever says what.
    *told.look_up.lock().unwrap() = Some(ChargeState::Ended(Decline::Refused));
    assert_eq!(look().await, PaymentState::Paid);
    shop.checked().await;
}

/// How long so many payments take whose customers come back at once, or one after the other.
async fn all_paid(shop: &Shop, count: usize, at_once: bool) -> Duration {
    let mut payments = Vec::new();
    for _ in 0..count {
        let buyer = Actor::host(MemberId(ids::new_id(START)));
        let thing = shop.thing(Time(i64::MAX)).await;
        payments.push((shop.payments.begin(&buyer, thing, PRICE, "머그", "/orders/1").await.unwrap(), buyer));
    }
    let began = Instant::now();
    if at_once {
        join_all(payments.iter().map(|(payment, _)| come_back(shop, payment))).await;
    } else {
        for (payment, _) in &payments {
            come_back(shop, payment).await;
        }
    }
    let paid = "select count(*) from payments where state <> 'paid'";
    eventually("all are paid", async || shop.db.sql(paid).one::<(i64,)>().await.unwrap().0 == 0).await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_under_way_at_once_and_no_more_than_the_provider_is_asked_by() {
    let mut shop = Shop::open(On::Sqlite).await;
    let told = through(&mut shop, Told { takes: Duration::from_millis(80), ..Told::default() });
    let (few, many) = (5, 200);
    let serial = all_paid(&shop, few, false).await * (many / few) as u32;
    let ours = all_paid(&shop, many, true).await;
    let ratio = serial.as_secs_f64() / ours.as_secs_f64();
    println!("{many} payments of 80 ms: {ours:?} at once, {serial:?} one after the other: {ratio:.1} times");
    assert!(told.most.load(Ordering::SeqCst) <= super::CALLS);
    // A debug build on a machine that others use.
    assert!(ratio > 8.0, "{ratio}");
}
