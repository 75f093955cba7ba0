//! Paying at the sandbox: on a phone, on another screen, without scripts, and what is forged or repeated.

mod providers;

use crate::{
    rights::{cases, reads},
    support::{Person, Site, client, config, engine_on},
};
use engine::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Tx},
    payments::{Approval, Checked, Payments, Purchase, Settled, Subject},
};
use futures::{FutureExt, future::BoxFuture};
use model::{Decline, EventId, PaymentId, PaymentState, PaymentView, Time, Won};
use reqwest::{Response, header};
use std::sync::Arc;
use testing::{On, Place, Stalls, both, eventually};
use uuid::Uuid;

reads! {
    // Where there is no sandbox there is no such page.
    "/sandbox/pay/{event}" => 404, 404;
}

cases! {
    "decide-sandbox", [("payment", "{payment}"), ("choice", "approve")] => 404;
}

/// Anybody may pay for it, as often as they like.
struct Anything;

fn purchases(kind: &str) -> Option<&'static dyn Purchase> {
    (kind == "anything").then_some(&Anything as &dyn Purchase)
}

impl Purchase for Anything {
    fn approve<'a>(
        &'a self,
        _: &'a mut Tx,
        _: Uuid,
        _: PaymentId,
        _: Won,
        _: Time,
    ) -> BoxFuture<'a, Result<Approval, Error>> {
        async { Ok(Approval::Go) }.boxed()
    }

    fn paid<'a>(&'a self, _: &'a mut Tx, _: Uuid, _: PaymentId, _: Time) -> BoxFuture<'a, Result<Settled, Error>> {
        async { Ok(Settled::Kept) }.boxed()
    }

    fn failed<'a>(
        &'a self,
        _: &'a mut Tx,
        _: Uuid,
        _: PaymentId,
        _: bool,
        _: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }

    fn refunded<'a>(
        &'a self,
        _: &'a mut Tx,
        _: Uuid,
        _: PaymentId,
        _: Won,
        _: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }

    fn describe<'a>(&'a self, _: &'a Db, _: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>> {
        async { Ok(None) }.boxed()
    }

    fn check<'a>(&'a self, _: &'a Db, _: Uuid, _: &'a [Checked]) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

/// A site with the sandbox, and somebody who pays.
struct Scene {
    site: Site,
    buyer: Person,
}

impl Scene {
    async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let mut engine = engine_on(&config(&place), Clock::system()).await;
        let (db, clock, limits) = (engine.db.clone(), engine.clock.clone(), engine.limits.clone());
        engine.payments = Payments::sandboxed(db, clock, limits, purchases);
        let site = Site::serve(engine, Arc::new(place)).await;
        let buyer = site.people(1).await.remove(0);
        Scene { site, buyer }
    }

    fn actor(&self) -> Actor {
        Actor::host(self.buyer.member)
    }

    async fn begun(&self) -> PaymentView {
        let subject = Subject { kind: "anything", id: Uuid::from_bytes(engine::ids::random()) };
        self.site
            .engine
            .payments
            .begin(&self.actor(), subject, Won(29_000), "따끈한 머그", "/my?came=won")
            .await
            .unwrap()
    }

    async fn state(&self, payment: PaymentId) -> PaymentState {
        self.site.engine.payments.state(&self.actor(), payment).await.unwrap().state
    }

    /// As a browser asks in which nobody is signed in.
    async fn get(&self, path: &str) -> Response {
        let request = client().get(self.site.url(path)).header(header::ACCEPT, "text/html");
        request.header(header::ACCEPT_LANGUAGE, "ko").send().await.unwrap()
    }

    /// The approval page's form, sent without scripts.
    async fn decide(&self, page: &str, choice: &str) -> Response {
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        let payment = path.rsplit('/').next().unwrap();
        let mut form = vec![("payment", payment), ("choice", choice)];
        form.extend((!query.is_empty()).then_some(("elsewhere", "yes")));
        let and = if query.is_empty() { '?' } else { '&' };
        let request = client().post(self.site.url(&format!("{page}{and}do=decide-sandbox"))).form(&form);
        request.header(header::ACCEPT, "text/html").send().await.unwrap()
    }
}

fn leads_to(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

both!(paying_on_a_phone_needs_neither_scripts_nor_a_session, "multi_thread");
async fn paying_on_a_phone_needs_neither_scripts_nor_a_session(on: On) {
    let scene = Scene::new(on).await;
    let payment = scene.begun().await;
    let link = payment.link.clone().unwrap();
    let page = scene.get(&link).await;
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    for text in
        ["실제로 돈이 오가지 않아요", "따끈한 머그", "29,000원", "value=\"approve\"", "value=\"another_amount\""]
    {
        assert!(page.contains(text), "{text}");
    }
    let english = client().get(scene.site.url(&link)).header(header::ACCEPT, "text/html");
    let english = english.header(header::ACCEPT_LANGUAGE, "en").send().await.unwrap().text().await.unwrap();
    assert!(english.contains("No money moves"));

    let back = leads_to(&scene.decide(&link, "approve").await);
    assert_eq!(scene.state(payment.id).await, PaymentState::Prepared, "approved there, and nothing happened here yet");
    // Whoever only looks whether the page is there changes nothing.
    let looked = client().head(scene.site.url(&back)).send().await.unwrap();
    assert_eq!((looked.status().as_u16(), scene.state(payment.id).await), (405, PaymentState::Prepared));
    for _ in 0..2 {
        assert_eq!(leads_to(&scene.get(&back).await), "/my?came=won");
        assert_eq!(scene.state(payment.id).await, PaymentState::Paid);
    }
    // The page says what became of it, and leads back.
    let page = scene.get(&link).await.text().await.unwrap();
    assert!(
        page.contains("승인했어요")
            && page.contains("실제로 돈이 오가지 않아요")
            && !page.contains("value=\"approve\"")
    );
    let steps: Vec<(String,)> = scene
        .site
        .engine
        .db
        .sql("select what from payment_steps where payment_id = $1")
        .bind(payment.id)
        .all()
        .await
        .unwrap();
    assert_eq!(steps.len(), 5, "{steps:?}");
}

both!(a_phone_approves_what_is_paid_on_a_desktop, "multi_thread");
async fn a_phone_approves_what_is_paid_on_a_desktop(on: On) {
    let scene = Scene::new(on).await;
    let payment = scene.begun().await;
    let code = format!("/payments/{}/qr.svg", payment.id);
    let drawn = scene.buyer.get(&code).await;
    assert_eq!(
        (drawn.status().as_u16(), &drawn.headers()[header::CONTENT_TYPE]),
        (200, &"image/svg+xml".parse().unwrap())
    );
    assert_eq!(scene.get(&code).await.status(), 401);
    assert_eq!(scene.site.people(1).await[0].get(&code).await.status(), 404, "somebody else's");

    let elsewhere = scene.site.engine.payments.elsewhere(&scene.actor(), payment.id).await.unwrap();
    let page = scene.get(&elsewhere).await.text().await.unwrap();
    assert!(page.contains("name=\"elsewhere\""));
    // A camera reads that very address.
    assert_eq!(drawn.text().await.unwrap(), server::inside::qr_code(&scene.site.url(&elsewhere)).unwrap());
    let decided = leads_to(&scene.decide(&elsewhere, "approve").await);
    assert_eq!(decided, elsewhere, "the phone stays there");
    let page = scene.get(&elsewhere).await.text().await.unwrap();
    assert!(page.contains("결제하던 화면에서") && !page.contains("token="), "and is told no token");
    eventually("the desktop sees it", async || scene.state(payment.id).await == PaymentState::Paid).await;
    assert_eq!(scene.buyer.get(&code).await.status(), 409, "nothing is left to approve");
}

both!(a_call_back_that_is_forged_or_repeated_changes_nothing, "multi_thread");
async fn a_call_back_that_is_forged_or_repeated_changes_nothing(on: On) {
    let scene = Scene::new(on).await;
    let (payment, another) = (scene.begun().await, scene.begun().await);
    let (link, anothers) = (payment.link.clone().unwrap(), another.link.clone().unwrap());
    let back = leads_to(&scene.decide(&anothers, "approve").await);
    let token = back.split_once('?').unwrap().1;
    for query in ["", "token=", "token=00", &format!("token={}&result=approved", "0".repeat(64)), token] {
        let forged = scene.get(&format!("/payments/{}/return?{query}", payment.id)).await;
        assert_eq!(forged.status(), 404, "{query}");
    }
    assert_eq!(scene.get(&format!("/payments/{}/return?{token}", PaymentId(Uuid::nil()))).await.status(), 404);
    // Whatever a provider is said to have said is looked up, and was not so.
    let notify = async |payment: PaymentId| {
        let request = client().post(scene.site.url(&format!("/payments/{payment}/notify")));
        request.body(r#"{"status":"PAID","amount":1}"#).send().await.unwrap().status()
    };
    for id in [payment.id, another.id, PaymentId(Uuid::nil())] {
        assert_eq!(notify(id).await, 204);
    }
    assert_eq!([scene.state(payment.id).await, scene.state(another.id).await], [PaymentState::Prepared; 2]);

    // The right one, several times at once with notices beside it.
    let returns = futures::future::join_all((0..6).map(|_| scene.get(&back)));
    let (returned, told, looked) = tokio::join!(returns, notify(another.id), scene.site.engine.payments.reconcile());
    looked.unwrap();
    assert_eq!(told, 204);
    assert!(returned.iter().all(|returned| leads_to(returned) == "/my?came=won"));
    eventually("it is paid", async || scene.state(another.id).await == PaymentState::Paid).await;
    let books = "select count(*) from payment_steps where payment_id = $1 and what = 'paid'";
    let paid: (i64,) = scene.site.engine.db.sql(books).bind(another.id).one().await.unwrap();
    assert_eq!(paid.0, 1);

    // Whoever declines comes back as well, once and for all.
    let back = leads_to(&scene.decide(&link, "decline").await);
    assert_eq!(leads_to(&scene.decide(&link, "approve").await), back, "it is decided");
    assert_eq!(leads_to(&scene.get(&back).await), "/my?came=won");
    let declined = scene.site.engine.payments.state(&scene.actor(), payment.id).await.unwrap();
    assert_eq!((declined.state, declined.decline), (PaymentState::Declined, Some(Decline::Customer)));
    assert_eq!(scene.decide(&link, "mischief").await.status(), 404);
    let (_, wrong) = engine::payments::check(&scene.site.engine.db, purchases).await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
}

both!(whoever_guesses_at_payments_and_links_is_refused_and_nobody_else_is, "multi_thread");
async fn whoever_guesses_at_payments_and_links_is_refused_and_nobody_else_is(on: On) {
    let scene = Scene::new(on).await;
    let link = scene.begun().await.link.unwrap();
    let made_up = || PaymentId(Uuid::from_bytes(engine::ids::random()));
    let notify = async |payment: PaymentId| {
        let request = client().post(scene.site.url(&format!("/payments/{payment}/notify")));
        request.send().await.unwrap().status().as_u16()
    };
    let mut looked_for = 0;
    while notify(made_up()).await == 204 {
        looked_for += 1;
        assert!(looked_for < 500, "nobody minds");
    }
    assert!(looked_for >= 60, "{looked_for}");
    assert_eq!(notify(made_up()).await, 429);
    let links = [format!("/payments/{}/return", made_up()), format!("/payments/{}/window", made_up())];
    for path in links.iter().map(String::as_str).chain(["/mail/stop/none"]) {
        assert_eq!(scene.get(path).await.status(), 429, "{path}");
    }
    // Whoever comes back from a payment is let through, before it lapses; and a provider tells of all from one address.
    let back = leads_to(&scene.decide(&link, "approve").await);
    assert_eq!(leads_to(&scene.get(&back).await), "/my?came=won");
    let called = client().post(scene.site.url("/payments/call-back/portone")).send().await.unwrap();
    assert_eq!(called.status(), 403);
    // Whoever is signed in is somebody else, and events are looked for apart.
    assert_eq!(scene.buyer.get(&links[0]).await.status(), 404);
    // Tokens that are made up are looked for, and count apart: of strangers at an address, who keep nobody there from coming back who is
    // signed in.
    let mut guessed = 0;
    let guess = async || scene.get(&format!("/payments/{}/return?token={}", made_up(), "0".repeat(64))).await.status();
    while guess().await == 404 {
        guessed += 1;
        assert!(guessed < 5000, "nobody minds");
    }
    // Twenty a second are let through again: where the machine is slow, the next guess takes that place.
    let mut refused = scene.get(&back).await.status() == 429;
    for _ in 0..100 {
        if !refused {
            guess().await;
            refused = scene.get(&back).await.status() == 429;
        }
    }
    assert!(guessed >= 200 && refused, "{guessed}");
    assert_eq!(scene.buyer.get(&back).await.status(), 303);
    // And of each member.
    let mut guessed = 0;
    let refused = loop {
        let answer = scene.buyer.get(&format!("/payments/{}/window?token={}", made_up(), "0".repeat(64))).await;
        if answer.status() != 404 {
            break answer;
        }
        guessed += 1;
        assert!(guessed < 5000, "nobody minds");
    };
    assert!(refused.status() == 429 && guessed >= 200, "{guessed}");
    let (kind, page) = (refused.headers()[header::CONTENT_TYPE].clone(), refused.text().await.unwrap());
    assert!(kind == "text/html; charset=utf-8" && page.contains("너무 잦아요"), "{page}");
    assert_eq!(scene.buyer.get(&links[0]).await.status(), 404);
    let nowhere = EventId(Uuid::from_bytes(engine::ids::random()));
    assert_eq!(scene.get(&format!("/events/{nowhere}")).await.status(), 404);
}

both!(what_comes_late_is_said_to_be_under_way, "multi_thread");
async fn what_comes_late_is_said_to_be_under_way(on: On) {
    let scene = Scene::new(on).await;
    let payment = scene.begun().await;
    let back = leads_to(&scene.decide(&payment.link.unwrap(), "slow").await);
    let (stalls, began) = (Stalls::watch(), std::time::Instant::now());
    assert_eq!(leads_to(&scene.get(&back).await), "/my?came=won");
    assert!(stalls.ran_since(began) < std::time::Duration::from_secs(7), "nobody waits for the answer");
    assert_eq!(scene.state(payment.id).await, PaymentState::Confirming);
    eventually("it arrives", async || scene.state(payment.id).await == PaymentState::Paid).await;
}

both!(the_sandbox_is_only_where_it_was_asked_for);
async fn the_sandbox_is_only_where_it_was_asked_for(on: On) {
    let site = Site::start(on).await;
    assert!(!site.engine.payments.is_open());
    let mut config = site.config();
    assert!(!config.has_sandbox());
    config.demo = true;
    assert!(config.has_sandbox());
    config.demo = false;
    config.payments = Some(server::config::PaymentProvider::Sandbox);
    assert!(config.has_sandbox());
    let person = site.people(1).await.remove(0);
    assert_eq!(person.get("/sandbox/pay/00000000000000000000000000").await.status(), 404);
    let subject = Subject { kind: "anything", id: Uuid::nil() };
    let begun = site.engine.payments.begin(&Actor::host(person.member), subject, Won(1), "머그", "/").await;
    let error = begun.unwrap_err().public();
    assert_eq!((error.code(), error.status()), ("no_provider", 503));
    for lang in app::texts::Lang::ALL {
        assert!(!lang.error(&error).is_empty());
    }
}
