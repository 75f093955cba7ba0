//! Paying through KakaoPay and PortOne: the site as it is, and in their places servers that check what they receive and go wrong
//! as they are told. Each case says how the payment, the order, its units and the money end.

mod refunds;

use crate::{
    sales::{Scene, deal},
    support::{Person, Site, client, config, draft, request},
};
use clap::Parser;
use engine::{accounts::Actor, clock::Clock, events::Pictures, tasks::Tasks};
use futures::future::join_all;
use model::{
    DAY, Decline, EntryState, Error, EventDraft, EventId, MINUTE, PayWay, PaymentError, PaymentId, PaymentState,
    PaymentView, SECOND, Span, Time,
    sales::OrderState,
    slots::{Hour, SlotsQuery},
};
use reqwest::{Response, StatusCode, header};
use server::config::{Config, Secret};
use std::{sync::Arc, time::Duration};
use testing::{KakaoPay, On, Place, PortOne, Webhook, Wrong, both, eventually};

/// Where the site says that it is.
const ORIGIN: &str = "http://site.example";
const ADDRESS: [(&str, &str); 4] =
    [("name", "김수달"), ("phone", "010-1234-5678"), ("postcode", "04799"), ("address", "서울 성동구 성수이로 1")];
/// What is bought costs so much.
const PRICE: i64 = 15_000;
/// How long nobody answers.
const LONG: usize = 10_000;

/// A site that both take payments for.
struct Market {
    scene: Scene,
    kakaopay: KakaoPay,
    portone: PortOne,
}

/// Has both take payments.
fn reached(config: &mut Config, kakaopay: &KakaoPay, portone: &PortOne) {
    config.public_url = Some(format!("{ORIGIN}/"));
    let providers = &mut config.providers;
    providers.kakaopay_url = kakaopay.url.clone();
    providers.kakaopay_key = Some(Secret(KakaoPay::KEY.to_owned()));
    providers.kakaopay_cid = Some(KakaoPay::CID.to_owned());
    providers.portone_url = portone.url.clone();
    providers.portone_sdk = format!("{}/v2/browser-sdk.js", portone.url);
    providers.portone_secret = Some(Secret(PortOne::SECRET.to_owned()));
    providers.portone_store = Some(PortOne::STORE.to_owned());
    providers.portone_channel = Some(PortOne::CHANNEL.to_owned());
    providers.portone_webhook_secret = Some(Secret(PortOne::WEBHOOK_SECRET.to_owned()));
}

/// Who buys the one thing of a sale, and by what payment.
struct Buying {
    way: PayWay,
    buyer: Person,
    event: EventId,
    payment: PaymentId,
    /// Where the customer is led: what they approve there is known by.
    at: String,
    /// Where they are led back once they decided.
    back: Option<String>,
}

/// A call, whatever it is called there.
#[derive(Debug, Clone, Copy)]
enum Call {
    Take,
    Look,
    GiveBack,
}

impl Call {
    fn at(self, way: PayWay) -> &'static str {
        match (self, way) {
            (Call::Take, PayWay::PortOne) => "confirm",
            (Call::Take, _) => "approve",
            (Call::Look, PayWay::PortOne) => "read",
            (Call::Look, _) => "order",
            (Call::GiveBack, _) => "cancel",
        }
    }
}

/// What happens, one after the other.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// So many calls go wrong from now on.
    Trouble(Call, usize, Wrong),
    /// Every call is answered again.
    Mended,
    /// The customer approves at the provider.
    Approves,
    /// Does not want to.
    Declines,
    /// Comes back.
    Returns,
    /// Comes back so often at once.
    ReturnsAtOnce(usize),
    /// PortOne takes the money at once from now on.
    TakesAtOnce,
    /// PortOne is to take so many won more, or another money, than was asked for.
    Changes(i64, &'static str),
    /// PortOne calls back with an id, about what.
    CallsBack(&'static str, &'static str),
    /// So many of the same call-back, and the customer, at once.
    AllAtOnce(usize),
    /// Somebody else calls back, or it comes late; nobody believes it.
    Forges,
    Late,
    /// Where the payment stands by now.
    Stands(PaymentState),
    /// So much time passes, and what happens by itself does.
    Waits(Span),
    /// What nobody approved is over at the provider.
    Over,
}

/// How it all ends.
struct Ends {
    payment: (PaymentState, Option<Decline>),
    order: OrderState,
    entry: EntryState,
    /// What was taken, and given back.
    money: (i64, i64),
}

const PAID: Ends =
    Ends { payment: (PaymentState::Paid, None), order: OrderState::Paid, entry: EntryState::Paid, money: (PRICE, 0) };

/// It came to nothing, and the buyer may try once more.
const fn again(decline: Decline, money: (i64, i64)) -> Ends {
    let payment = (PaymentState::Declined, Some(decline));
    Ends { payment, order: OrderState::AwaitingPayment, entry: EntryState::Checkout, money }
}

/// It came to nothing, and the units went on.
const fn gone(state: PaymentState, decline: Decline, entry: EntryState, money: (i64, i64)) -> Ends {
    Ends { payment: (state, Some(decline)), order: OrderState::Cancelled, entry, money }
}

impl Market {
    async fn open(on: On) -> Market {
        let (kakaopay, portone) = (KakaoPay::start().await, PortOne::start().await);
        let place = Place::new(on);
        let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
        let mut config = config(&place);
        reached(&mut config, &kakaopay, &portone);
        config.slot_price = Some(20_000);
        let db = config.database().await.unwrap();
        let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
        let site = Site::serve_as(engine, Arc::new(place), config).await;
        let seller = site.creator().await;
        Market { scene: Scene { site, clock, seller }, kakaopay, portone }
    }

    /// Asks to pay for what somebody has in checkout: where they are led.
    async fn begin(&self, buyer: &Person, event: EventId, way: &str) -> Result<String, Error> {
        let event = event.to_string();
        let form: Vec<(&str, &str)> = ADDRESS.into_iter().chain([("event", event.as_str()), ("by", way)]).collect();
        let done = self.scene.call(buyer, "pay-order", &form).await?;
        Ok(done["to"].as_str().unwrap().to_owned())
    }

    /// A sale of one thing, by somebody who sells nothing else: one may only make so many.
    async fn sale(&self) -> EventId {
        let seller = Actor::host(self.scene.site.creator().await.member);
        let draft = EventDraft { offer: deal(1, 1, None), ..draft(self.scene.clock.now() - SECOND, 1) };
        self.scene.site.engine.events.create(&seller, request(), draft, Pictures::default()).await.unwrap()
    }

    /// Somebody has the one thing of a sale in checkout, and went to where it is paid for.
    async fn buying(&self, way: PayWay) -> Buying {
        let event = self.sale().await;
        let buyer = self.scene.site.people(1).await.remove(0);
        self.buys(buyer, event, 1, way).await
    }

    /// The same of so many in any sale.
    async fn buys(&self, buyer: Person, event: EventId, units: u32, way: PayWay) -> Buying {
        assert_eq!(self.scene.press(&buyer, event, units, false).await.unwrap().state, EntryState::Checkout);
        let link = self.begin(&buyer, event, way.name()).await.unwrap();
        let payment: PaymentId = link.split('/').nth(2).unwrap().parse().unwrap();
        let at = match way {
            PayWay::PortOne => {
                self.open_window(&link).await;
                payment.to_string()
            }
            _ => leads_away(&buyer.get(&link).await.text().await.unwrap()),
        };
        Buying { way, buyer, event, payment, at, back: None }
    }

    /// As a browser does that loads the page of the window, in which nobody is signed in.
    async fn open_window(&self, link: &str) {
        let page = client().get(self.scene.site.url(link)).header(header::ACCEPT, "text/html").send().await.unwrap();
        assert_eq!(page.status(), 200);
        let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let page = page.text().await.unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(page.contains(&format!("<script nonce=\"{nonce}\" src=\"{}/v2/browser-sdk.js\">", self.portone.url)));
        let request = page.split("id=\"request\"").nth(1).unwrap().split_once('>').unwrap().1;
        let request = request.split("</script>").next().unwrap();
        self.portone.open(&serde_json::from_str(request).unwrap());
    }

    async fn payment(&self, buying: &Buying) -> PaymentView {
        let buyer = Actor::host(buying.buyer.member);
        self.scene.site.engine.payments.state(&buyer, buying.payment).await.unwrap()
    }

    async fn returns(&self, buying: &Buying) -> Response {
        let path = buying.back.as_deref().unwrap().strip_prefix(ORIGIN).unwrap();
        buying.buyer.get(path).await
    }

    async fn deliver(&self, webhook: &Webhook) -> StatusCode {
        let request = client().post(self.scene.site.url("/payments/call-back/portone"));
        let request = request.header("webhook-id", &webhook.id).header("webhook-timestamp", &webhook.timestamp);
        let request =
            request.header("webhook-signature", &webhook.signature).header("content-type", "application/json");
        request.body(webhook.body.clone()).send().await.unwrap().status()
    }

    fn webhook(&self, buying: &Buying, id: &str, kind: &str) -> Webhook {
        let seconds = self.scene.clock.now().0 / SECOND.micros();
        self.portone.webhook(id, kind, &buying.payment.to_string(), seconds)
    }

    /// So much time passes.
    async fn wait(&self, long: Span) {
        let until = self.scene.clock.now() + long;
        while self.scene.clock.now() < until {
            let step = (15 * SECOND).max(long / 20);
            self.scene.clock.set(until.min(self.scene.clock.now() + step));
            self.scene.work().await;
        }
    }

    async fn happens(&self, buying: &mut Buying, step: Step) {
        let way = buying.way;
        match step {
            Step::Trouble(call, times, wrong) if way == PayWay::PortOne => {
                self.portone.trouble(call.at(way), times, wrong);
            }
            Step::Trouble(call, times, wrong) => self.kakaopay.trouble(call.at(way), times, wrong),
            Step::Mended => {
                self.kakaopay.mend();
                self.portone.mend();
            }
            Step::Approves if way == PayWay::PortOne => buying.back = self.portone.approve(&buying.at),
            Step::Approves => buying.back = self.kakaopay.approve(&buying.at),
            Step::Declines if way == PayWay::PortOne => buying.back = self.portone.decline(&buying.at),
            Step::Declines => buying.back = self.kakaopay.decline(&buying.at),
            Step::Returns => {
                let returned = self.returns(buying).await;
                assert_eq!(returned.status(), 303);
                assert_eq!(returned.headers()[header::LOCATION], format!("/events/{}/checkout", buying.event));
            }
            Step::ReturnsAtOnce(times) => {
                let all = join_all((0..times).map(|_| self.returns(buying))).await;
                assert!(all.iter().all(|returned| returned.status() == 303));
            }
            Step::TakesAtOnce => self.portone.take_at_once(true),
            Step::Changes(more, currency) => self.portone.change(&buying.at, more, currency),
            Step::CallsBack(id, kind) => {
                assert_eq!(self.deliver(&self.webhook(buying, id, kind)).await, 204);
                self.scene.work().await;
            }
            Step::AllAtOnce(times) => {
                let webhook = self.webhook(buying, "at-once", "Transaction.Paid");
                let calls = join_all((0..times).map(|_| self.deliver(&webhook)));
                let (returned, called, ()) = tokio::join!(self.returns(buying), calls, self.scene.work());
                assert!(returned.status() == 303 && called.iter().all(|called| *called == 204));
            }
            Step::Forges => {
                let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
                let honest = self.webhook(buying, "forged", "Transaction.Paid");
                let seconds = self.scene.clock.now().0 / SECOND.micros();
                let forged = Webhook::signed(secret, &honest.id, seconds, honest.body.clone());
                let changed = Webhook { body: honest.body.replace("Paid", "paid"), ..honest.clone() };
                let another = Webhook { id: "another".to_owned(), ..honest };
                for forged in [forged, changed, another] {
                    assert_eq!(self.deliver(&forged).await, 403);
                }
                self.scene.work().await;
            }
            Step::Late => {
                let seconds = (self.scene.clock.now() - 6 * MINUTE).0 / SECOND.micros();
                let late = self.portone.webhook("late", "Transaction.Paid", &buying.payment.to_string(), seconds);
                assert_eq!(self.deliver(&late).await, 403);
                self.scene.work().await;
            }
            Step::Stands(state) => {
                eventually("it stands there", async || self.payment(buying).await.state == state).await;
            }
            Step::Waits(long) => self.wait(long).await,
            Step::Over => {
                self.kakaopay.later();
                self.portone.later();
            }
        }
    }

    fn money(&self, buying: &Buying) -> (i64, i64) {
        let payment = buying.payment.to_string();
        if buying.way == PayWay::PortOne { self.portone.money(&payment) } else { self.kakaopay.money(&payment) }
    }

    /// Plays a case from the press to its end, by each of these ways at once: what goes wrong at one is nothing to the other.
    async fn plays(&self, ways: &[PayWay], name: &str, steps: &[Step], ends: &Ends) {
        let mut all = Vec::new();
        for way in ways {
            all.push(self.buying(*way).await);
        }
        for step in steps {
            // Time passes once for all of them.
            let many = if matches!(step, Step::Waits(_)) { 1 } else { all.len() };
            join_all(all[..many].iter_mut().map(|buying| self.happens(buying, *step))).await;
        }
        for buying in &all {
            self.ends(buying, &format!("{name}, by {}", buying.way.name()), ends).await;
        }
        self.scene.is_consistent().await;
        self.kakaopay.mend();
        self.portone.mend();
        self.portone.take_at_once(false);
        assert_eq!((self.kakaopay.complaints(), self.portone.complaints()), (vec![], vec![]), "{name}");
    }

    async fn ends(&self, buying: &Buying, what: &str, ends: &Ends) {
        let Ends { payment, order, entry, money } = ends;
        eventually(what, async || {
            self.scene.work().await;
            let now = self.payment(buying).await;
            (now.state, now.decline) == *payment && self.money(buying) == *money
        })
        .await;
        eventually(what, async || self.scene.entry(&buying.buyer, buying.event).await.state == *entry).await;
        let sale = self.scene.standing(&buying.buyer, buying.event).await;
        assert_eq!(sale.order.as_ref().map(|order| order.line.state), Some(*order), "{what}");
        // One stands by for what went on, and nobody for what is held or sold.
        let left = i64::from(matches!(entry, EntryState::Expired | EntryState::Left));
        let next = self.scene.site.people(1).await.remove(0);
        if let Ok(next) = self.scene.press(&next, buying.event, 1, false).await {
            assert_eq!(i64::from(next.state == EntryState::Checkout), left, "{what}");
        }
    }
}

/// The address that a page leads to.
fn leads_away(page: &str) -> String {
    page.split("content=\"0; url=").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

both!(whatever_goes_wrong_on_the_way_ends, "multi_thread");
async fn whatever_goes_wrong_on_the_way_ends(on: On) {
    use Step::*;
    let market = Market::open(on).await;
    let slow = Wrong::Slow(Duration::from_secs(5));
    let cases: &[(&str, &[Step], Ends)] = &[
        ("approved", &[Approves, Returns], PAID),
        ("back twice at once, and again", &[Approves, ReturnsAtOnce(3), Returns], PAID),
        ("slow to answer", &[Trouble(Call::Take, 1, slow), Approves, Returns, Stands(PaymentState::Confirming)], PAID),
        (
            "taken, and nobody said so",
            &[
                Trouble(Call::Take, 1, Wrong::Unheard),
                Approves,
                Returns,
                Stands(PaymentState::Unknown),
                Waits(5 * SECOND),
            ],
            PAID,
        ),
        ("the call was lost", &[Trouble(Call::Take, 1, Wrong::Lost), Approves, Returns, Waits(15 * SECOND)], PAID),
        ("answered by nonsense", &[Trouble(Call::Take, 1, Wrong::Garbled), Approves, Returns, Waits(5 * SECOND)], PAID),
        (
            "the key was refused for a while",
            &[Trouble(Call::Take, 1, Wrong::Key), Approves, Returns, Waits(15 * SECOND)],
            PAID,
        ),
        (
            "another amount was taken",
            &[Trouble(Call::Take, 1, Wrong::More(1_000)), Approves, Returns],
            again(Decline::Amount, (PRICE + 1_000, PRICE + 1_000)),
        ),
        (
            "another amount, and giving it back is lost, and not heard of",
            &[
                Trouble(Call::Take, 1, Wrong::More(1_000)),
                Trouble(Call::GiveBack, 1, Wrong::Lost),
                Trouble(Call::GiveBack, 1, Wrong::Unheard),
                Approves,
                Returns,
                Waits(MINUTE),
            ],
            again(Decline::Amount, (PRICE + 1_000, PRICE + 1_000)),
        ),
        (
            "declined",
            &[Trouble(Call::Take, 1, Wrong::Declined), Approves, Returns, Waits(5 * SECOND)],
            again(Decline::Refused, (0, 0)),
        ),
        ("not wanted", &[Declines, Returns], again(Decline::Customer, (0, 0))),
        (
            "too late: the units went on",
            &[Approves, Waits(10 * MINUTE), Returns],
            gone(PaymentState::Declined, Decline::Gone, EntryState::Expired, (0, 0)),
        ),
        (
            "never came back",
            &[Approves, Waits(16 * MINUTE)],
            gone(PaymentState::Cancelled, Decline::Expired, EntryState::Expired, (0, 0)),
        ),
        (
            "nobody answers any more, and nothing was taken",
            &[
                Trouble(Call::Take, LONG, Wrong::Lost),
                Trouble(Call::Look, LONG, Wrong::Lost),
                Approves,
                Returns,
                Waits(11 * MINUTE),
                Stands(PaymentState::Cancelled),
                Mended,
                Over,
                Waits(40 * MINUTE),
            ],
            gone(PaymentState::Cancelled, Decline::Unanswered, EntryState::Left, (0, 0)),
        ),
        (
            "nobody answers any more, and it was taken",
            &[
                Trouble(Call::Take, 1, Wrong::Unheard),
                Trouble(Call::Look, LONG, Wrong::Lost),
                Approves,
                Returns,
                Waits(11 * MINUTE),
                Mended,
                Waits(40 * MINUTE),
            ],
            gone(PaymentState::Cancelled, Decline::Unanswered, EntryState::Left, (PRICE, PRICE)),
        ),
    ];
    for (name, steps, ends) in cases {
        market.plays(&[PayWay::KakaoPay, PayWay::PortOne], name, steps, ends).await;
    }
}

both!(a_call_back_is_believed_by_nobody_and_looked_up, "multi_thread");
async fn a_call_back_is_believed_by_nobody_and_looked_up(on: On) {
    use Step::*;
    const PAID_KIND: &str = "Transaction.Paid";
    let market = Market::open(on).await;
    let cases: &[(&str, &[Step], Ends)] = &[
        (
            "before the return",
            &[TakesAtOnce, Approves, CallsBack("1", PAID_KIND), Stands(PaymentState::Paid), Returns],
            PAID,
        ),
        ("after the return", &[Approves, Returns, Stands(PaymentState::Paid), CallsBack("2", PAID_KIND)], PAID),
        ("without a return", &[TakesAtOnce, Approves, CallsBack("3", PAID_KIND)], PAID),
        ("twice", &[TakesAtOnce, Approves, CallsBack("4", PAID_KIND), CallsBack("4", PAID_KIND), Returns], PAID),
        ("at once with the return", &[TakesAtOnce, Approves, AllAtOnce(3)], PAID),
        ("at once with the return that has it taken", &[Approves, AllAtOnce(3)], PAID),
        (
            "out of order",
            &[
                CallsBack("5", PAID_KIND),
                Stands(PaymentState::Prepared),
                Approves,
                Returns,
                CallsBack("6", "Transaction.Failed"),
                CallsBack("7", "Transaction.Ready"),
            ],
            PAID,
        ),
        ("of a kind that nobody knows", &[CallsBack("8", "Transaction.Wondrous"), Approves, Returns], PAID),
        ("forged", &[TakesAtOnce, Approves, Forges, Stands(PaymentState::Prepared), Returns], PAID),
        ("sent too long ago", &[TakesAtOnce, Approves, Late, Stands(PaymentState::Prepared), Returns], PAID),
        (
            "never, and never came back: it is looked at each minute",
            &[TakesAtOnce, Approves, Stands(PaymentState::Prepared), Waits(2 * MINUTE)],
            PAID,
        ),
        (
            "about another amount",
            &[TakesAtOnce, Changes(1_000, "KRW"), Approves, CallsBack("9", PAID_KIND)],
            again(Decline::Amount, (PRICE + 1_000, PRICE + 1_000)),
        ),
        (
            "about another money",
            &[TakesAtOnce, Changes(0, "USD"), Approves, Returns],
            again(Decline::Amount, (PRICE, PRICE)),
        ),
        (
            "another amount was changed to before it is taken",
            &[Changes(-14_000, "KRW"), Approves, Returns],
            again(Decline::Amount, (0, 0)),
        ),
        (
            "taken after it ended here, and told twice",
            &[
                TakesAtOnce,
                Waits(16 * MINUTE),
                Stands(PaymentState::Cancelled),
                Approves,
                CallsBack("10", PAID_KIND),
                CallsBack("10", PAID_KIND),
            ],
            gone(PaymentState::Cancelled, Decline::Expired, EntryState::Expired, (PRICE, PRICE)),
        ),
        (
            "taken after it ended here, and never told",
            &[TakesAtOnce, Waits(16 * MINUTE), Stands(PaymentState::Cancelled), Approves, Waits(16 * MINUTE)],
            gone(PaymentState::Cancelled, Decline::Expired, EntryState::Expired, (PRICE, PRICE)),
        ),
        (
            "paid in the same window after it failed there, and never told",
            &[TakesAtOnce, Declines, Returns, Stands(PaymentState::Declined), Approves, Waits(31 * MINUTE)],
            gone(PaymentState::Declined, Decline::Customer, EntryState::Expired, (PRICE, PRICE)),
        ),
    ];
    for (name, steps, ends) in cases {
        market.plays(&[PayWay::PortOne], name, steps, ends).await;
    }
    // Of the one that was taken after it ended: closed, and closed once more.
    let most = "select max(n) from (select count(*) as n from refunds group by payment_id) as counted";
    let most: (i64,) = market.scene.site.engine.db.sql(most).one().await.unwrap();
    assert_eq!(most.0, 2, "the same call-back twice is one");
    // Nobody else calls back.
    for provider in ["kakaopay", "sandbox", "nobody"] {
        let call = client().post(market.scene.site.url(&format!("/payments/call-back/{provider}")));
        let call =
            call.header("webhook-id", "1").header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA");
        let status = call.send().await.unwrap().status().as_u16();
        assert_eq!(status, if provider == "kakaopay" { 403 } else { 404 }, "{provider}");
    }
}

both!(a_buyer_chooses_and_is_offered_the_same_the_next_time, "multi_thread");
async fn a_buyer_chooses_and_is_offered_the_same_the_next_time(on: On) {
    let market = Market::open(on).await;
    let scene = &market.scene;
    let event = scene.sale(deal(3, 1, None)).await;
    let people = scene.site.people(2).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    let ways = async |person: &Person| scene.standing(person, event).await.ways;
    assert_eq!(ways(&people[0]).await, [PayWay::KakaoPay, PayWay::PortOne]);
    let page = people[0].get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
    for text in ["카카오페이", "카드·다른 결제", "value=\"kakaopay\"", "value=\"portone\""] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!page.contains("실제로 돈이 오가지 않아요"));
    // What is not offered is nothing, and nothing is begun by it.
    for (way, error) in [("sandbox", Error::Payment(PaymentError::NoProvider)), ("wonder", Error::Malformed)] {
        assert_eq!(market.begin(&people[0], event, way).await.unwrap_err(), error);
    }
    // Refused keys are said to be a refusal, and what is held stays.
    market.kakaopay.trouble("ready", 1, Wrong::Key);
    let refused = market.begin(&people[0], event, "kakaopay").await.unwrap_err();
    assert_eq!(refused, Error::Payment(PaymentError::Refused));
    market.portone.trouble("pre-register", 1, Wrong::Lost);
    assert_eq!(market.begin(&people[0], event, "portone").await.unwrap_err(), Error::Busy);
    assert_eq!(scene.entry(&people[0], event).await.state, EntryState::Checkout);

    // One after the other by both: what is approved last is taken, and the other one closed.
    let portone = market.begin(&people[0], event, "portone").await.unwrap();
    assert!(portone.contains("/window?token="), "{portone}");
    let link = market.begin(&people[0], event, "kakaopay").await.unwrap();
    assert_eq!(market.begin(&people[0], event, "kakaopay").await.unwrap(), link, "the same again is the same");
    assert_eq!(ways(&people[0]).await, [PayWay::KakaoPay, PayWay::PortOne]);
    // Somebody else is not led there; a phone is led elsewhere than a desktop.
    assert_eq!(people[1].get(&link).await.status(), 404);
    let away = leads_away(&people[0].get(&link).await.text().await.unwrap());
    let phone = client().get(scene.site.url(&link)).header(header::COOKIE, people[0].cookie());
    let phone =
        phone.header(header::USER_AGENT, "Mozilla/5.0 (Linux; Android 16) Mobile Safari/537.36").send().await.unwrap();
    let on_phone = leads_away(&phone.text().await.unwrap());
    assert!(away.contains("/pc/") && on_phone.contains("/mobile/"), "{away} {on_phone}");
    let back = market.kakaopay.approve(&on_phone).unwrap();
    // A phone that is not signed in is told that it is done.
    let returned = client().get(scene.site.url(back.strip_prefix(ORIGIN).unwrap())).send().await.unwrap();
    assert_eq!(returned.status(), 200);
    assert!(returned.text().await.unwrap().contains("이 창은 닫아도 돼요"));
    eventually("it is paid", async || scene.entry(&people[0], event).await.state == EntryState::Paid).await;
    // The window that was open meanwhile leads back, and nothing is taken by it.
    market.open_window(&portone).await;
    let payment = portone.split('/').nth(2).unwrap();
    let back = market.portone.approve(payment).unwrap();
    assert_eq!(people[0].get(back.strip_prefix(ORIGIN).unwrap()).await.status(), 303);
    eventually("it is closed", async || {
        scene.work().await;
        let row: (PaymentState, Option<Decline>) = scene
            .site
            .engine
            .db
            .sql("select state, decline from payments where id = $1")
            .bind(payment.parse::<PaymentId>().unwrap())
            .one()
            .await
            .unwrap();
        row == (PaymentState::Declined, Some(Decline::Gone))
    })
    .await;
    assert_eq!(market.portone.money(payment), (0, 0));
    let over = client().get(scene.site.url(&portone)).send().await.unwrap();
    assert!(over.status() == 303 && over.headers()[header::LOCATION].to_str().unwrap().contains("/return?token="));
    for forged in ["", "?token=", "?token=00"] {
        assert_eq!(
            client().get(scene.site.url(&format!("/payments/{payment}/window{forged}"))).send().await.unwrap().status(),
            404
        );
    }
    // The other one chooses cards, and is offered them first the next time.
    let buyer = &people[1];
    market.begin(buyer, event, "portone").await.unwrap();
    assert_eq!(ways(buyer).await, [PayWay::PortOne, PayWay::KakaoPay]);

    // So do sellers, who pay for hours.
    let seller = &scene.seller;
    scene.site.engine.sellers.vouch(seller.member, "수달상점").await.unwrap();
    let (once, hour) = (request().to_string(), Hour::of(scene.clock.now() + 2 * DAY).to_string());
    scene.call(seller, "book-hours", &[("request", &once), ("hour", &hour)]).await.unwrap();
    let unpaid = async || {
        let page = scene.site.engine.slots.page(&Actor::host(seller.member), SlotsQuery::default()).await;
        page.unwrap().unpaid.unwrap()
    };
    let booking = unpaid().await.id.to_string();
    assert_eq!(unpaid().await.ways, [PayWay::KakaoPay, PayWay::PortOne]);
    assert!(seller.get("/creator/slots").await.text().await.unwrap().contains("value=\"portone\""));
    let begun = scene.call(seller, "pay-booking", &[("booking", &booking), ("by", "portone")]).await.unwrap();
    assert!(begun["to"].as_str().unwrap().contains("/window?token="), "{begun}");
    assert_eq!(unpaid().await.ways, [PayWay::PortOne, PayWay::KakaoPay]);
    scene.is_consistent().await;
    assert_eq!((market.kakaopay.complaints(), market.portone.complaints()), (vec![], vec![]));
}

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    config: Config,
}

#[tokio::test]
async fn what_is_missing_is_said_and_what_cannot_be_is_refused() {
    let (kakaopay, portone) = (KakaoPay::start().await, PortOne::start().await);
    let new = || {
        let mut config = Arguments::parse_from(["fiftynine"]).config;
        config.payments = None;
        reached(&mut config, &kakaopay, &portone);
        config
    };
    let kinds = |config: &Config| {
        let found = config.providers.kinds(config.public_url.as_deref());
        found.map(|(kinds, lacking)| (kinds.len(), lacking)).map_err(|error| error.to_string())
    };
    assert_eq!(kinds(&new()), Ok((2, vec![])));
    let mut half = new();
    half.providers.kakaopay_cid = Some(" ".to_owned());
    half.providers.portone_webhook_secret = None;
    half.providers.portone_store = None;
    let said = "PortOne takes no payments: FIFTYNINE_PORTONE_STORE, FIFTYNINE_PORTONE_WEBHOOK_SECRET missing";
    assert_eq!(
        kinds(&half),
        Ok((0, vec!["KakaoPay takes no payments: FIFTYNINE_KAKAOPAY_CID missing".to_owned(), said.to_owned()]))
    );
    half.public_url = None;
    assert!(kinds(&half).unwrap().1.iter().all(|said| said.contains("FIFTYNINE_PUBLIC_URL")));
    let mut none = new();
    (none.providers.kakaopay_key, none.providers.kakaopay_cid) = (Some(Secret(String::new())), None);
    assert_eq!(kinds(&none), Ok((1, vec![])), "of what nobody asked for nothing is said");

    type Change = fn(&mut Config);
    let wrong: [(Change, &str); 4] = [
        (|c| c.providers.portone_webhook_secret = Some(Secret("59".into())), "webhook secret"),
        (|c| c.providers.portone_method = "WONDERS".into(), "WONDERS"),
        (|c| c.providers.portone_url = "nowhere".into(), "no address"),
        (|c| c.providers.kakaopay_key = Some(Secret("one\ntwo".into())), "characters that no key has"),
    ];
    for (change, said) in wrong {
        let mut config = new();
        change(&mut config);
        let error = kinds(&config).unwrap_err();
        assert!(error.contains(said) && !error.contains("59") && !error.contains("two"), "{error}");
    }
    // The sandbox beside them would give away what others pay for.
    let mut mixed = new();
    mixed.payments = Some(server::config::PaymentProvider::Sandbox);
    assert!(mixed.payment_providers().is_err());
    mixed.demo = true;
    assert_eq!(mixed.payment_providers().unwrap().len(), 3);

    // Keys that are refused end the start; silence does not.
    let place = Place::new(On::Sqlite);
    for (wrong, starts) in [(Wrong::Key, false), (Wrong::Lost, true)] {
        let mut config = config(&place);
        reached(&mut config, &kakaopay, &portone);
        portone.trouble("read", 1, wrong);
        let db = config.database().await.unwrap();
        let started = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await;
        assert_eq!(started.is_ok(), starts);
        if let Err(error) = started {
            assert_eq!(error.to_string(), "portone refuses the keys that are configured for it");
        }
    }
}
