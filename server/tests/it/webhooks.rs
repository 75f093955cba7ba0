//! Creators' own servers: what they are told, by servers that verify it and go wrong as they are told.

use crate::programs::holds;
use crate::rights::{cases, reads};
use crate::sales::{self, deal};
use crate::support::{Person, START, Site, client, config, giveaway, make_event, request};
use engine::{accounts::Actor, clock::Clock, db::Lane, outbox, tasks::Tasks};
use model::{
    DAY, HOUR, MINUTE, Notice, SECOND, Span,
    notices::SaleNews,
    webhooks::{DeliveryId, Endpoint, WebhookKind},
};
use reqwest::header;
use server::config::PaymentProvider;
use std::sync::Arc;
use testing::{On, Place, Receiving, WebhookReceiver, both, eventually, eventually_some};

reads! {
    "/creator/webhooks" => 401, 200;
}

cases! {
    "add-webhook", [("url", "https://hooks.example.com/59"), ("kind", "event.opened")] => 200;
    "remove-webhook", [("endpoint", "{endpoint}")] => 404;
    "resume-webhook", [("endpoint", "{endpoint}")] => 404;
    "resend-webhook", [("delivery", "{delivery}")] => 404;
}

const PAGE: &str = "/creator/webhooks";

struct Scene {
    site: Site,
    clock: Clock,
    creator: Person,
    receiver: WebhookReceiver,
}

impl Scene {
    /// With a creator whose server is told of everything.
    async fn new(on: On) -> Scene {
        let (place, clock) = (Place::new(on), Clock::manual(START));
        let mut config = config(&place);
        config.local_push = true;
        config.payments = Some(PaymentProvider::Sandbox);
        let db = config.database().await.unwrap();
        let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
        let site = Site::serve_as(engine, Arc::new(place), config).await;
        let (creator, receiver) = (site.creator().await, WebhookReceiver::start().await);
        let scene = Scene { site, clock, creator, receiver };
        let secret = scene.add(&scene.creator, &scene.receiver.url, &WebhookKind::ALL.map(WebhookKind::name)).await;
        scene.receiver.knows(&secret);
        scene
    }

    /// Adds a server by the form; the secret that is shown of it.
    async fn add(&self, creator: &Person, url: &str, kinds: &[&str]) -> String {
        let id = request().to_string();
        let mut form = vec![("url", url), ("request", &*id)];
        form.extend(kinds.iter().map(|kind| ("kind", *kind)));
        let added = creator.change(PAGE, "add-webhook", &form).await;
        assert_eq!(added.status(), 303);
        // Sent twice, it adds one, whose secret is shown once.
        let again = creator.change(PAGE, "add-webhook", &form).await;
        let mut set = again.headers().get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
        assert!(again.status() == 303 && !set.any(|set| set.starts_with("once=")));
        let mut set = added.headers().get_all(header::SET_COOKIE).iter().map(|set| set.to_str().unwrap());
        let once = set.find_map(|set| set.strip_prefix("once=")).unwrap();
        once.split(';').next().unwrap().to_owned()
    }

    fn later(&self, span: Span) {
        self.clock.set(self.clock.now() + span);
    }

    async fn endpoints(&self, creator: &Person) -> Vec<Endpoint> {
        self.site.engine.webhooks.endpoints(&Actor::host(creator.member)).await.unwrap()
    }

    /// So many orders were paid for at an event of the creator's.
    async fn paid(&self, count: u64) {
        let event = make_event(&self.site.engine, self.creator.member, DAY, 3).await;
        let trigger = outbox::Trigger::Seller { event, news: SaleNews::Orders { count } };
        let mut tx = self.site.engine.db.begin(Lane::Other).await.unwrap();
        outbox::write(&mut tx, &trigger, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What arrived of a kind.
    fn received(&self, kind: WebhookKind) -> Vec<testing::Received> {
        self.receiver.received().into_iter().filter(|one| one.body["type"] == kind.name()).collect()
    }

    async fn notices(&self) -> Vec<Notice> {
        let list = self.site.engine.notices.of(&Actor::host(self.creator.member), None).await.unwrap();
        list.lines.rows.into_iter().map(|line| line.notice).collect()
    }
}

both!(a_server_is_told_of_what_happens_signed_and_once, "multi_thread");
async fn a_server_is_told_of_what_happens_signed_and_once(on: On) {
    let scene = Scene::new(on).await;
    let event = make_event(&scene.site.engine, scene.creator.member, MINUTE, 1).await;
    let others = scene.site.event(MINUTE, 1).await;
    scene.later(MINUTE);
    eventually("it is told of the opening", async || !scene.received(WebhookKind::EventOpened).is_empty()).await;
    let opened = scene.received(WebhookKind::EventOpened);
    assert_eq!((opened.len(), &opened[0].body["data"]["event"]), (1, &event.to_string().into()));
    assert_eq!(opened[0].at, scene.clock.now().0 / SECOND.micros());
    assert!(scene.receiver.received().iter().all(|one| one.body["data"]["event"] != others.to_string()), "another's");
    for person in &scene.site.people(2).await {
        scene.later(SECOND);
        assert_eq!(person.enter(event).await.0, 201);
    }
    scene.paid(2).await;
    eventually("it is told of the orders", async || !scene.received(WebhookKind::OrderPaid).is_empty()).await;
    assert_eq!(scene.received(WebhookKind::OrderPaid)[0].body["data"]["count"], 2);
    // Draft events of tests are open for an hour.
    let closes_at = scene.site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.moments.closes_at;
    scene.clock.set(closes_at);
    eventually("it is told of the end", async || !scene.received(WebhookKind::EventClosed).is_empty()).await;
    let closed = scene.received(WebhookKind::EventClosed)[0].clone();
    assert_eq!((&closed.body["data"]["entered"], &closed.body["data"]["placed"]), (&2.into(), &1.into()));
    // Nothing of it comes twice by itself, and each has an id of its own.
    let ids: std::collections::HashSet<_> = scene.receiver.received().into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), scene.receiver.received().len());
    let sent = async || scene.endpoints(&scene.creator).await[0].deliveries.clone();
    eventually("all of it is noted", async || {
        sent().await.iter().all(|one| one.done && one.status == Some(204) && one.next.is_none())
    })
    .await;
    let sent = sent().await;
    // Again, under the same id, when its creator asks; nobody else may.
    let one = &sent[0];
    let form = [("delivery", one.id.to_string())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let stranger = scene.site.creator().await;
    assert_eq!(stranger.change(PAGE, "resend-webhook", &form).await.status(), 404);
    assert_eq!(scene.creator.change(PAGE, "resend-webhook", &form).await.status(), 303);
    let id = format!("msg_{}", one.id);
    let times = || scene.receiver.received().iter().filter(|one| one.id == id).count();
    eventually("it comes again", async || times() == 2).await;
    assert_eq!(scene.receiver.complaints(), Vec::<String>::new());
}

both!(every_kind_arrives_as_described_and_says_nothing_of_where_anything_goes, "multi_thread");
async fn every_kind_arrives_as_described_and_says_nothing_of_where_anything_goes(on: On) {
    let Scene { site, clock, creator, receiver } = Scene::new(on).await;
    let scene = sales::Scene { site, clock, seller: creator };
    let people = scene.site.people(2).await;
    let [winner, buyer] = &people[..] else { unreachable!() };
    let arrived = |kind: WebhookKind| receiver.received().iter().any(|one| one.body["type"] == kind.name());

    // A winner says where their prize goes.
    let event = make_event(&scene.site.engine, scene.seller.member, MINUTE, 1).await;
    scene.clock.set(scene.clock.now() + MINUTE);
    assert_eq!(winner.enter(event).await.0, 201);
    scene.work().await;
    scene.site.decided().await;
    scene.work().await;
    let id = event.to_string();
    let form: Vec<_> = giveaway::FORM.iter().copied().chain([("event", id.as_str())]).collect();
    assert_eq!(winner.change(&format!("/events/{event}/result"), "fill-claim", &form).await.status(), 303);
    eventually("it is told of the prize", async || arrived(WebhookKind::PrizeClaimed)).await;

    // Somebody buys, and gives it back.
    let sale = scene.sale(deal(1, 1, None)).await;
    scene.press(buyer, sale, 1, false).await.unwrap();
    scene.buy(buyer, sale).await;
    scene.work().await;
    eventually("it is told of the order", async || arrived(WebhookKind::OrderPaid)).await;
    let (order, wish) = (scene.standing(buyer, sale).await.order.unwrap().id.to_string(), request().to_string());
    let back = [("order", order.as_str()), ("units", "1"), ("request", wish.as_str())];
    scene.call(buyer, "give-back", &back).await.unwrap();
    scene.work().await;
    eventually("it is told that it came back", async || arrived(WebhookKind::OrderCancelled)).await;

    // Events of tests are open for an hour.
    let closes_at = scene.site.engine.events.view(event, &Actor::Visitor).await.unwrap().card.moments.closes_at;
    scene.clock.set(closes_at);
    eventually("it is told of everything", async || WebhookKind::ALL.into_iter().all(arrived)).await;
    // All of it is as the description of the interface has it.
    let document = client().get(scene.site.url("/api/openapi.json")).send().await.unwrap();
    let document: serde_json::Value = document.json().await.unwrap();
    assert_eq!(document["webhooks"].as_object().unwrap().len(), WebhookKind::ALL.len());
    let ids = people.iter().map(|person| person.member.to_string());
    let private = ["김수달", "1234-5678", "세종대로", "성수이로"].map(str::to_owned).into_iter().chain(ids);
    let private: Vec<String> = private.collect();
    for one in receiver.received() {
        let kind = one.body["type"].as_str().unwrap();
        let schema = &document["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{kind}");
        holds(&document, schema, &one.body, kind).unwrap();
        let text = one.body.to_string();
        assert!(!private.iter().any(|private| text.contains(private.as_str())), "{text}");
    }
    assert_eq!(receiver.complaints(), Vec::<String>::new());
}

both!(what_fails_is_tried_for_a_day_and_then_switched_off, "multi_thread");
async fn what_fails_is_tried_for_a_day_and_then_switched_off(on: On) {
    let scene = Scene::new(on).await;
    let elsewhere = WebhookReceiver::start().await;
    // Events that open meanwhile are told of as well.
    let first = async || {
        let sent = scene.endpoints(&scene.creator).await[0].deliveries.clone();
        sent.into_iter().find(|one| one.kind == WebhookKind::OrderPaid)
    };
    // Redirects are not followed.
    scene.receiver.set(Some(Receiving::Redirects(elsewhere.url.clone())));
    scene.paid(1).await;
    eventually("it is tried", async || first().await.is_some_and(|one| one.status == Some(307))).await;
    assert_eq!((elsewhere.asked(), first().await.unwrap().tries), (0, 1));
    // It is tried again after a while, not before.
    scene.receiver.set(None);
    assert_eq!(scene.receiver.asked(), 1);
    scene.later(SECOND.times(6));
    eventually("it arrives", async || first().await.is_some_and(|one| one.done && one.tries == 2)).await;
    // A day of faults.
    scene.receiver.set(Some(Receiving::Answers(500)));
    scene.later(MINUTE);
    scene.paid(1).await;
    for _ in 0..40 {
        let tries = eventually_some("it is tried", async || {
            // As the job does once a second.
            scene.site.engine.webhooks.work().await.unwrap();
            let one = first().await.filter(|one| !one.done && one.status == Some(500))?;
            one.next.is_none_or(|next| next > scene.clock.now()).then_some(one)
        })
        .await;
        if tries.next.is_none() {
            break;
        }
        scene.later(HOUR);
    }
    eventually("it is switched off", async || scene.endpoints(&scene.creator).await[0].off.is_some()).await;
    let last = first().await.unwrap();
    assert!(last.tries >= 6 && last.next.is_none(), "{last:?}");
    let told = || async { scene.notices().await.contains(&Notice::WebhookOff { host: "127.0.0.1".into() }) };
    eventually("its creator is told", async || told().await).await;
    // Nothing is sent until it is switched on again.
    let asked = scene.receiver.asked();
    scene.receiver.set(None);
    scene.paid(3).await;
    scene.later(MINUTE);
    let endpoint = scene.endpoints(&scene.creator).await[0].id.to_string();
    assert_eq!(scene.creator.change(PAGE, "resume-webhook", &[("endpoint", &endpoint)]).await.status(), 303);
    scene.paid(4).await;
    let fours = || scene.received(WebhookKind::OrderPaid).iter().filter(|one| one.body["data"]["count"] == 4).count();
    eventually("it is told again", async || fours() == 1).await;
    assert!(scene.receiver.asked() > asked);
    // What says that it is gone is switched off at once.
    scene.receiver.set(Some(Receiving::Answers(410)));
    scene.later(MINUTE);
    scene.paid(5).await;
    eventually("it is switched off", async || scene.endpoints(&scene.creator).await[0].off.is_some()).await;
}

both!(a_server_that_hangs_or_answers_for_ever_holds_up_nobody, "multi_thread");
async fn a_server_that_hangs_or_answers_for_ever_holds_up_nobody(on: On) {
    let scene = Scene::new(on).await;
    let (hanging, endless) = (WebhookReceiver::start().await, WebhookReceiver::start().await);
    for (server, how) in [(&hanging, Receiving::Hangs), (&endless, Receiving::ForEver)] {
        let secret = scene.add(&scene.creator, &server.url, &["order.paid"]).await;
        server.knows(&secret);
        server.set(Some(how));
    }
    for _ in 0..6 {
        scene.paid(1).await;
    }
    eventually("the others are told", async || scene.received(WebhookKind::OrderPaid).len() == 6).await;
    // No more than a few at a time go to one that hangs.
    assert!(hanging.asked() <= 4, "{}", hanging.asked());
    eventually("it is given up", async || {
        let all = scene.endpoints(&scene.creator).await;
        let sent = &all.iter().find(|one| one.url == hanging.url).unwrap().deliveries;
        sent.iter().filter(|one| one.status == Some(0) && !one.done).count() >= 4
    })
    .await;
    // However much waits for one that hangs.
    let all = scene.endpoints(&scene.creator).await;
    let hangs = all.iter().find(|one| one.url == hanging.url).unwrap().id;
    let mut tx = scene.site.engine.db.begin(Lane::Other).await.unwrap();
    for _ in 0..1_100 {
        tx.sql(
            "insert into webhook_deliveries (id, endpoint_id, kind, body, created_at, since, due_at, tries)
             values ($1, $2, 'order.paid', '{}', $3, $3, 1, 0)",
        )
        .bind(DeliveryId(engine::ids::new_id(scene.clock.now())))
        .bind(hangs)
        .bind(scene.clock.now())
        .run()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    scene.paid(1).await;
    eventually("the others are told", async || scene.received(WebhookKind::OrderPaid).len() == 7).await;
    assert_eq!((hanging.complaints(), endless.complaints()), (vec![], vec![]));
}

both!(only_servers_of_the_open_net_are_told);
async fn only_servers_of_the_open_net_are_told(on: On) {
    let scene = Scene::new(on).await;
    let id = request().to_string();
    for url in [
        "",
        "nowhere",
        "http://hooks.example.com/59",
        "https://127.0.0.1/59",
        "https://localhost/59",
        "https://10.0.0.7/59",
        "https://[::1]/59",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/59",
        "https://redis.internal/59",
        "https://user:word@hooks.example.com/59",
        "https://hooks.example.com:6379/59",
        "file:///etc/passwd",
        "http://127.0.0.2:9/59",
    ] {
        let form = [("url", url), ("kind", "event.opened"), ("request", &*id)];
        assert_eq!(scene.creator.change(PAGE, "add-webhook", &form).await.status(), 422, "{url}");
    }
    for kinds in [vec![], vec![("kind", "everything")]] {
        let mut form = vec![("url", "https://hooks.example.com/59"), ("request", &*id)];
        form.extend(kinds);
        assert_eq!(scene.creator.change(PAGE, "add-webhook", &form).await.status(), 422, "{form:?}");
    }
    // Five, and one's own alone.
    for n in 1..5 {
        scene.add(&scene.creator, &format!("https://hooks.example.com/{n}"), &["event.opened"]).await;
    }
    let sixth = [("url", "https://hooks.example.com/6"), ("kind", "event.opened"), ("request", &*id)];
    assert_eq!(scene.creator.change(PAGE, "add-webhook", &sixth).await.status(), 422);
    let page = scene.creator.get(PAGE).await.text().await.unwrap();
    assert!(page.contains("https://hooks.example.com/4") && !page.contains("whsec_"), "{page}");
    let stranger = scene.site.creator().await;
    assert!(!stranger.get(PAGE).await.text().await.unwrap().contains("hooks.example.com"));
    let endpoint = scene.endpoints(&scene.creator).await[1].id.to_string();
    for name in ["remove-webhook", "resume-webhook"] {
        assert_eq!(stranger.change(PAGE, name, &[("endpoint", &endpoint)]).await.status(), 404, "{name}");
    }
    assert_eq!(scene.creator.change(PAGE, "remove-webhook", &[("endpoint", &endpoint)]).await.status(), 303);
    assert_eq!(scene.endpoints(&scene.creator).await.len(), 4);
}
