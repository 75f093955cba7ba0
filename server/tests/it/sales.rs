//! Buying: units beforehand, checkout, the line, paying, deadlines, giving back, tickets.

mod bad_input;
mod line;
pub mod shelves;
mod warning;

use crate::{
    rights::{cases, reads},
    support::{Person, Site, apart, config, draft, request},
};
use engine::{accounts::Actor, clock::Clock, events::Pictures, tasks::Tasks};
use model::{
    Checkout, DAY, Entry, EntryState, Error, EventId, HOUR, MINUTE, Notice, Offer, RefundFees, SECOND, SaleError, Time,
    notices::OrderNews,
    sales::{OrderEvent, OrderNumber, OrderState, SaleView},
};
use reqwest::{Response, header};
use server::config::PaymentProvider;
use std::sync::Arc;
use testing::{On, Place, both, eventually};

reads! {
    "/events/{event}/checkout" => 401, 404;
    "/orders/{number}" => 401, 404;
    "/orders/{number}/receipt" => 401, 404;
    "/my/orders" => 401, 200;
    "/my/tickets" => 401, 200;
}

cases! {
    "choose-units", [("quantity", "1")] => 404;
    "save-address", [("to", "{address}")] => 422;
    "pay-order", [("name", "김수달"), ("phone", "010-1234-5678")] => 404;
    "leave-line", [] => 404;
    "give-back", [("order", "{order}"), ("units", "1")] => 404;
}

const ADDRESS: [(&str, &str); 4] =
    [("name", "김수달"), ("phone", "010-1234-5678"), ("postcode", "04799"), ("address", "서울 성동구 성수이로 1")];

/// A site with the sandbox, on a clock of its own, and somebody who sells.
pub struct Scene {
    pub site: Site,
    pub clock: Clock,
    pub seller: Person,
}

pub fn deal(stock: u64, limit: u64, at_once: Option<u32>) -> Offer {
    Offer::Deal {
        list_price: 20_000,
        discount: 25,
        stock,
        limit,
        delivery: "다음 날 보내요".into(),
        checkout: Checkout { minutes: Some(10), at_once },
        details: Vec::new(),
    }
}

pub fn ticket(starts_at: Time, price: i64) -> Offer {
    Offer::Ticket {
        place: "소극장".into(),
        address: "서울 성동구 1".into(),
        coordinates: None,
        starts_at,
        seats: 2,
        price,
        limit: 2,
        checkout: Checkout::default(),
        refunds: RefundFees::default(),
    }
}

impl Scene {
    pub async fn new(on: On) -> Scene {
        let place = Place::new(on);
        let clock = Clock::manual(Time(1_795_258_800 * SECOND.micros()));
        let mut config = config(&place);
        config.payments = Some(PaymentProvider::Sandbox);
        let db = config.database().await.unwrap();
        let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
        let site = Site::serve_as(engine, Arc::new(place), config).await;
        let seller = site.creator().await;
        Scene { site, clock, seller }
    }

    pub async fn sale(&self, offer: Offer) -> EventId {
        let draft = model::EventDraft { offer, ..draft(self.clock.now() - SECOND, 1) };
        let seller = Actor::host(self.seller.member);
        self.site.engine.events.create(&seller, request(), draft, Pictures::default()).await.unwrap()
    }

    pub async fn press(&self, person: &Person, event: EventId, quantity: u32, fewer: bool) -> Result<Entry, Error> {
        let address = format!("http://{}/events/{event}/enter", person.address);
        let form = [("quantity", quantity.to_string()), ("fewer", fewer.to_string())];
        let sent =
            apart().post(address).header("cookie", person.cookie()).header("accept", "application/json").form(&form);
        let answer = sent.send().await.unwrap();
        match answer.status().as_u16() {
            200 | 201 => Ok(answer.json().await.unwrap()),
            _ => Err(answer.json().await.unwrap()),
        }
    }

    pub async fn entry(&self, person: &Person, event: EventId) -> Entry {
        self.site.engine.turnstile.entry(event, person.member).await.unwrap().unwrap()
    }

    pub async fn standing(&self, person: &Person, event: EventId) -> SaleView {
        self.site.engine.pages.sale(event, &Actor::host(person.member)).await.unwrap()
    }

    pub async fn call(&self, person: &Person, name: &str, form: &[(&str, &str)]) -> Result<serde_json::Value, Error> {
        let sent = apart().post(format!("http://{}/api/{name}", person.address)).form(form);
        let answer = sent.header(header::COOKIE, person.cookie()).send().await.unwrap();
        if answer.status() == 200 { Ok(answer.json().await.unwrap()) } else { Err(answer.json().await.unwrap()) }
    }

    /// Begins to pay: where that is approved.
    pub async fn begin(&self, person: &Person, event: EventId) -> Result<String, Error> {
        let event = event.to_string();
        let form: Vec<(&str, &str)> = ADDRESS.into_iter().chain([("event", event.as_str())]).collect();
        let done = self.call(person, "pay-order", &form).await?;
        Ok(done["to"].as_str().unwrap().to_owned())
    }

    /// Approves at the sandbox, or does not, and comes back.
    pub async fn decide(&self, link: &str, choice: &str) -> Response {
        let payment = link.rsplit('/').next().unwrap();
        let form = [("payment", payment), ("choice", choice)];
        let sent = apart().post(self.site.url(&format!("{link}?do=decide-sandbox"))).form(&form);
        let answer = sent.header(header::ACCEPT, "text/html").send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let back = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        apart().get(self.site.url(&back)).send().await.unwrap()
    }

    pub async fn buy(&self, person: &Person, event: EventId) {
        let link = self.begin(person, event).await.unwrap();
        self.decide(&link, "approve").await;
        eventually("it is paid for", async || self.entry(person, event).await.state == EntryState::Paid).await;
    }

    /// What happens by itself.
    pub async fn work(&self) {
        self.site.engine.giveaways.catch_up(&self.site.engine.notices).await.unwrap();
        self.site.engine.sales.work().await.unwrap();
        self.site.engine.payments.reconcile().await.unwrap();
    }

    /// Changes the database behind the program's back.
    pub async fn alter(&self, text: &'static str) {
        let mut tx = self.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
        tx.sql(text).run().await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn is_consistent(&self) {
        let db = &self.site.engine.db;
        assert_eq!(engine::check(db).await.unwrap().1, []);
        assert_eq!(engine::check_payments(db).await.unwrap().1, Vec::<String>::new());
    }
}

both!(a_deal_is_bought_and_given_back, "multi_thread");
async fn a_deal_is_bought_and_given_back(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(3, 2, None)).await;
    let people = scene.site.people(3).await;
    let entry = scene.press(&people[0], event, 2, false).await.unwrap();
    assert_eq!((entry.state, entry.units, entry.quantity), (EntryState::Checkout, 2, 2));
    assert_eq!(entry.due_at(), Some(scene.clock.now() + 10 * MINUTE));
    // One is left, and wishes for two that would take fewer get it; wishes for two that would not stand by.
    assert_eq!(scene.press(&people[1], event, 2, false).await.unwrap().state, EntryState::Standby);
    let fewer = scene.press(&people[2], event, 2, true).await.unwrap();
    assert_eq!((fewer.state, fewer.units), (EntryState::Checkout, 1));

    let page = people[0].get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
    assert!(page.contains("실제로 돈이 오가지 않아요"), "the sandbox says what it is");
    // What is sent needs an address.
    let event_id = event.to_string();
    let nowhere = scene.call(&people[0], "pay-order", &[("event", &event_id), ("name", "김수달")]).await.unwrap_err();
    assert!(matches!(nowhere, Error::Invalid { .. }), "{nowhere:?}");
    scene.buy(&people[0], event).await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.amount, order.line.units), (OrderState::Paid, 30_000, 2));
    assert_eq!(order.delivery.address, "서울 성동구 성수이로 1");
    let number = order.line.number.clone().unwrap();
    for (path, text) in [
        (format!("/orders/{number}"), "30,000원"),
        (format!("/orders/{number}/receipt"), "30,000원"),
        ("/my/orders".to_owned(), number.as_str()),
        (format!("/events/{event}/checkout"), "구매했어요"),
    ] {
        let page = people[0].get(&path).await;
        assert_eq!(page.status(), 200, "{path}");
        let page = page.text().await.unwrap();
        assert!(page.contains(text), "{path} says {text}");
        let anothers = people[1].get(&path).await;
        assert!(path.contains("/my/") || path.contains("checkout") || anothers.status() == 404, "{path}");
    }
    // Paid once, whatever is pressed again.
    assert_eq!(scene.begin(&people[0], event).await.unwrap_err(), Error::Sale(SaleError::HoldOver));
    scene.is_consistent().await;

    // Piece by piece, and never more than there is; the same request twice is one.
    let (id, again) = (order.id.to_string(), request().to_string());
    let back = |units: &'static str, request: String| {
        let (id, person) = (id.clone(), people[0].clone());
        let scene = &scene;
        async move { scene.call(&person, "give-back", &[("order", &id), ("units", units), ("request", &request)]).await }
    };
    for bad in ["0", "3", "-1", "x", "4294967297"] {
        assert_eq!(back(bad, request().to_string()).await.unwrap_err(), Error::Sale(SaleError::NotReturnable), "{bad}");
    }
    back("1", again.clone()).await.unwrap();
    back("1", again.clone()).await.unwrap();
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.units_given_back, order.line.refunded), (OrderState::Paid, 1, 15_000));
    // One came back: not enough for who stands by for two.
    assert_eq!(scene.entry(&people[1], event).await.state, EntryState::Standby);
    back("1", request().to_string()).await.unwrap();
    eventually("both go on", async || scene.entry(&people[1], event).await.state == EntryState::Checkout).await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded), (OrderState::Refunded, 30_000));
    assert_eq!(back("1", request().to_string()).await.unwrap_err(), Error::Sale(SaleError::NotReturnable));
    let other = scene.call(&people[1], "give-back", &[("order", &id), ("units", "1"), ("request", &again)]).await;
    assert_eq!(other.unwrap_err(), Error::NotFound, "another's order");
    eventually("the money is back", async || {
        scene.site.engine.payments.reconcile().await.unwrap();
        let refunded: (i64,) =
            scene.site.engine.db.sql("select refunded from orders where id = $1").bind(order.id).one().await.unwrap();
        refunded.0 == 30_000
    })
    .await;
    scene.is_consistent().await;
    // Where one of both has not arrived yet, the receipt says so of that one.
    scene.alter("update orders set refunded = 15000 where refunded = 30000").await;
    let receipt = people[0].get(&format!("/orders/{number}/receipt")).await.text().await.unwrap();
    assert_eq!((receipt.matches("−15,000원").count(), receipt.matches("환불 예정").count()), (2, 1));
}

both!(a_hold_that_runs_out_goes_to_the_next_and_is_paid_for_by_nobody_else, "multi_thread");
async fn a_hold_that_runs_out_goes_to_the_next_and_is_paid_for_by_nobody_else(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(1, 1, None)).await;
    let people = scene.site.people(3).await;
    scene.press(&people[0], event, 1, false).await.unwrap();
    for person in &people[1..] {
        assert_eq!(scene.press(person, event, 1, false).await.unwrap().state, EntryState::Standby);
    }
    let place = scene.standing(&people[2], event).await.place.unwrap();
    assert_eq!((place.number, place.ahead), (2, 1));
    // Without scripts too, the line's page asks anew by itself.
    let page = people[2].get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
    assert!(page.contains("2번째, 앞에 1명") && page.contains("http-equiv=\"refresh\""), "{page}");
    let link = scene.begin(&people[0], event).await.unwrap();

    scene.clock.set(scene.clock.now() + 10 * MINUTE);
    // The deadline decides, not the job: approved too late, nothing is taken.
    scene.decide(&link, "approve").await;
    assert_eq!(scene.begin(&people[0], event).await.unwrap_err(), Error::Sale(SaleError::HoldOver));
    scene.work().await;
    eventually("the next may pay", async || scene.entry(&people[1], event).await.state == EntryState::Checkout).await;
    assert_eq!(scene.entry(&people[0], event).await.state, EntryState::Expired);
    let sale = scene.standing(&people[0], event).await;
    assert_eq!(sale.order.unwrap().line.state, OrderState::Cancelled);
    assert_eq!(scene.entry(&people[1], event).await.due_at(), Some(scene.clock.now() + 10 * MINUTE));
    // Who was next leaves, and who let time run out may join once more, at the end.
    let id = event.to_string();
    scene.call(&people[1], "leave-line", &[("event", &id)]).await.unwrap();
    eventually("it goes on", async || scene.entry(&people[2], event).await.state == EntryState::Checkout).await;
    assert_eq!(
        scene.call(&people[1], "leave-line", &[("event", &id)]).await.unwrap_err(),
        Error::Sale(SaleError::NotInLine)
    );
    assert_eq!(scene.press(&people[0], event, 1, false).await.unwrap().rank, 4);
    // Who has done so and leaves as well is not offered a third place.
    scene.call(&people[0], "leave-line", &[("event", &id)]).await.unwrap();
    eventually("they left", async || scene.entry(&people[0], event).await.state == EntryState::Left).await;
    let offered = async |person: &Person| {
        let page = person.get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
        page.contains("다시 줄 서기")
    };
    assert_eq!([offered(&people[0]).await, offered(&people[1]).await], [false, true]);
    scene.buy(&people[2], event).await;
    assert_eq!(
        scene.call(&people[2], "leave-line", &[("event", &id)]).await.unwrap_err(),
        Error::Sale(SaleError::Paid)
    );
    scene.work().await;
    scene.is_consistent().await;
}

both!(what_was_chosen_beforehand_is_what_a_press_means, "multi_thread");
async fn what_was_chosen_beforehand_is_what_a_press_means(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(5, 3, None)).await;
    let person = scene.site.people(1).await.remove(0);
    let id = event.to_string();
    for bad in ["0", "4", "-1", "", "x"] {
        let refused = scene.call(&person, "choose-units", &[("event", &id), ("quantity", bad)]).await.unwrap_err();
        assert_eq!(refused, Error::Entry(model::EntryError::Quantity), "{bad}");
    }
    // As any keyboard writes it.
    scene.call(&person, "choose-units", &[("event", &id), ("quantity", "３ "), ("fewer", "yes")]).await.unwrap();
    let page = person.get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
    let mut fields = page.split("<input").filter_map(|field| field.split('>').next());
    let field = fields.find(|field| field.contains("name=\"quantity\"")).unwrap();
    assert!(field.contains("value=\"3\""), "the choice is shown: {field}");
    assert!(page.contains("3개 · 45,000원"), "and what it costs");
    // What is too many comes back as it was typed, however that is written.
    let checkout = format!("/events/{event}/checkout");
    for many in ["１,０００", "99999999999"] {
        let refused = person.change(&checkout, "choose-units", &[("event", &id), ("quantity", many)]).await;
        let page = refused.text().await.unwrap();
        let mut fields = page.split("<input").filter_map(|field| field.split('>').next());
        let field = fields.find(|field| field.contains("name=\"quantity\"")).unwrap();
        assert!(field.contains(&format!("value=\"{many}\"")) && field.contains("aria-invalid=\"true\""), "{field}");
        assert!(page.contains(">3개까지</output>"), "{page}");
    }
    // The limit was higher when it was chosen: what is shown is what a press means.
    scene.alter("update choices set quantity = 9").await;
    let page = person.get(&checkout).await.text().await.unwrap();
    assert!(page.contains("3개 · 45,000원"), "{page}");
    let room = person.get(&format!("/events/{event}")).await.text().await.unwrap();
    assert!(room.contains("3개 사기로 정함"), "{room}");
    assert_eq!(person.enter(event).await.1.units, 3);
    scene.is_consistent().await;
}

both!(it_is_said_that_all_is_ready_once_all_is_chosen, "multi_thread");
async fn it_is_said_that_all_is_ready_once_all_is_chosen(on: On) {
    let scene = Scene::new(on).await;
    let person = scene.site.people(1).await.remove(0);
    let (seller, opens_at) = (Actor::host(scene.seller.member), scene.clock.now() + HOUR);
    let to_open = async |offer: Offer| {
        let draft = model::EventDraft { offer, ..draft(opens_at, 1) };
        scene.site.engine.events.create(&seller, request(), draft, Pictures::default()).await.unwrap()
    };
    let sales = [to_open(deal(3, 2, None)).await, to_open(ticket(opens_at + 3 * DAY, 20_000)).await];
    // Of a giveaway there is nothing to choose.
    let events = [sales[0], sales[1], to_open(draft(opens_at, 1).offer).await];
    // Which of their rooms say so; each says what holds anyway.
    let ready = async || {
        let mut ready = Vec::new();
        for event in events {
            let page = person.get(&format!("/events/{event}")).await.text().await.unwrap();
            assert!(page.contains("미리 눌러도 불이익은 없어요."), "{page}");
            ready.push(page.contains("준비 완료!"));
        }
        ready
    };
    let choose = async |fewer: &str| {
        for event in sales {
            let event = event.to_string();
            let form = [("event", event.as_str()), ("quantity", "2"), ("fewer", fewer)];
            scene.call(&person, "choose-units", &form).await.unwrap();
        }
    };
    assert_eq!(ready().await, [false, false, true]);
    choose("").await;
    assert_eq!(ready().await, [false, true, true], "goods go somewhere");
    scene.call(&person, "save-address", &ADDRESS).await.unwrap();
    assert_eq!(ready().await, [true, true, true]);
    // What was chosen is listed, with whether fewer would do.
    let listed = async |words: &str| {
        let page = person.get(&format!("/events/{}", sales[0])).await.text().await.unwrap();
        assert!(page.contains(words), "{words}: {page}");
    };
    listed("모자라면 1개라도: 아니요").await;
    choose("yes").await;
    listed("모자라면 1개라도: 네").await;
}

both!(tickets_are_issued_given_back_and_cost_what_the_table_says, "multi_thread");
async fn tickets_are_issued_given_back_and_cost_what_the_table_says(on: On) {
    let scene = Scene::new(on).await;
    let starts_at = scene.clock.now() + 8 * DAY;
    let event = scene.sale(ticket(starts_at, 20_000)).await;
    let people = scene.site.people(2).await;
    scene.press(&people[0], event, 2, false).await.unwrap();
    // Whoever is about to pay reads what giving back will cost.
    let page = people[0].get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
    let table = page.split_once("class=\"refunds\"").and_then(|(_, rest)| rest.split_once("</table>")).unwrap().0;
    for row in ["10일 전까지</th><td>모두 돌려받아요", "7일 전까지</th><td>10%", "그 뒤</th><td>돌려받을 수 없어요"]
    {
        assert!(table.contains(row), "{row}: {table}");
    }
    scene.buy(&people[0], event).await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!(order.tickets.len(), 2);
    let back = *order.giving_back.last().unwrap();
    assert_eq!((back.refund, back.fee), (36_000, 4_000), "ten percent from nine days on");
    let (one, number) = (order.tickets[0].id, order.line.number.clone().unwrap());
    for (path, kind) in [("qr.svg", "image/svg+xml"), ("calendar.ics", "text/calendar; charset=utf-8")] {
        let path = format!("/tickets/{one}/{path}");
        let file = people[0].get(&path).await;
        assert_eq!((file.status().as_u16(), file.headers()["content-type"].to_str().unwrap()), (200, kind));
        assert_eq!(file.headers()["cache-control"], "private, no-store", "{path}");
        assert_eq!(people[1].get(&path).await.status(), 404, "{path}");
    }
    let drawn = people[0].get(&format!("/tickets/{one}/qr.svg")).await.text().await.unwrap();
    assert_eq!(drawn, server::inside::qr_code(&order.tickets[0].code).unwrap());
    assert!(people[0].get("/my/tickets").await.text().await.unwrap().contains("소극장"));
    // A gate that knows the public key alone tells them from made-up ones.
    let key = scene.site.engine.sales.gate_key().await.unwrap();
    let code = &order.tickets[0].code;
    assert_eq!(engine::sales::read_code(&key, code), Some((one, event)));
    let made_up = code.replacen("59T1.A", "59T1.B", 1);
    assert_ne!(&made_up, code);
    assert_eq!(engine::sales::read_code(&key, &made_up), None);
    // Without scripts.
    let page = format!("/orders/{number}");
    let (id, seen, request) = (order.id.to_string(), order.now.0.to_string(), request().to_string());
    let form = [("order", id.as_str()), ("units", "1"), ("seen", seen.as_str()), ("request", request.as_str())];
    assert_eq!(people[0].change(&page, "give-back", &form).await.status(), 303);
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.refunded, order.units_given_back), (18_000, 1));
    assert_eq!(people[0].get(&format!("/tickets/{}/qr.svg", order.tickets[1].id)).await.status(), 404, "given back");
    // It went on to whoever asks next.
    assert_eq!(scene.press(&people[1], event, 1, false).await.unwrap().state, EntryState::Checkout);
    scene.clock.set(starts_at - HOUR);
    let again = crate::support::request().to_string();
    let late = scene.call(&people[0], "give-back", &[("order", &id), ("units", "1"), ("request", &again)]).await;
    assert_eq!(late.unwrap_err(), Error::Sale(SaleError::NotReturnable));
    // Called off, all of it comes back, with what was kept before, and whoever asks for it is faster than the site by itself: of what
    // was called off so long ago the site does not look any more.
    scene.alter("update events set cancelled_at = 1").await;
    scene.call(&people[0], "give-back", &[("order", &id), ("units", "1"), ("request", &again)]).await.unwrap();
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded), (OrderState::Refunded, 40_000));
    scene.alter("update events set cancelled_at = null").await;
    scene.site.decided().await;
    scene.is_consistent().await;
    // Over for a day, they are found among those that are over, and nowhere else.
    for (ahead, to_come) in [(DAY - SECOND, true), (DAY + SECOND, false)] {
        scene.clock.set(starts_at + ahead);
        for (path, shown) in [("/my/tickets", to_come), ("/my/tickets?show=past", !to_come)] {
            let page = people[0].get(path).await.text().await.unwrap();
            assert_eq!(page.contains("소극장"), shown, "{path} at {ahead:?}");
        }
    }
}

both!(giving_back_costs_no_more_than_was_shown, "multi_thread");
async fn giving_back_costs_no_more_than_was_shown(on: On) {
    let scene = Scene::new(on).await;
    let starts_at = scene.clock.now() + 8 * DAY;
    let event = scene.sale(ticket(starts_at, 20_000)).await;
    let person = scene.site.people(1).await.remove(0);
    scene.press(&person, event, 2, false).await.unwrap();
    scene.buy(&person, event).await;
    scene.work().await;
    let order = scene.standing(&person, event).await.order.unwrap();
    let (id, path) = (order.id.to_string(), format!("/orders/{}", order.line.number.unwrap()));
    let seen_on = |page: &str| {
        let mut fields = page.split("<input").filter_map(|field| field.split('>').next());
        let field = fields.find(|field| field.contains("name=\"seen\"")).unwrap();
        field.split("value=\"").nth(1).and_then(|value| value.split('"').next()).unwrap().to_owned()
    };
    // From this midnight on it is twenty percent.
    let dearer = starts_at.midnight() - 6 * DAY;
    scene.clock.set(dearer - SECOND);
    let page = person.get(&path).await.text().await.unwrap();
    assert!(page.contains("2장 · 36,000원 환불 (수수료 4,000원)"), "{page}");
    let seen = seen_on(&page);
    scene.clock.set(dearer + SECOND);
    let back = async |seen: &str| {
        let request = request().to_string();
        let form = [("order", id.as_str()), ("units", "1"), ("seen", seen), ("request", request.as_str())];
        scene.call(&person, "give-back", &form).await.map(|_| ())
    };
    // Neither what was shown before, nor nothing, nor what is no time.
    for seen in [seen.as_str(), "", "x"] {
        assert_eq!(back(seen).await.unwrap_err(), Error::Sale(SaleError::FeeChanged), "{seen}");
    }
    let request = request().to_string();
    let form = [("order", id.as_str()), ("units", "1"), ("seen", seen.as_str()), ("request", request.as_str())];
    let refused = person.change(&path, "give-back", &form).await;
    assert_eq!(refused.status(), 412);
    let page = refused.text().await.unwrap();
    assert!(page.contains("그 사이 돌려받는 금액이 줄었어요."), "{page}");
    assert!(page.contains("2장 · 32,000원 환불 (수수료 8,000원)"), "{page}");
    scene.work().await;
    let order = scene.standing(&person, event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded, order.units_given_back), (OrderState::Paid, 0, 0));
    // Once it was shown, and where less was shown than goes back.
    back(&seen_on(&page)).await.unwrap();
    back(&(starts_at - DAY).0.to_string()).await.unwrap();
    scene.work().await;
    let order = scene.standing(&person, event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded), (OrderState::Refunded, 32_000));
    scene.site.decided().await;
    scene.is_consistent().await;
}

both!(where_orders_went_is_kept_as_long_as_the_law_says, "multi_thread");
async fn where_orders_went_is_kept_as_long_as_the_law_says(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(2).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    scene.buy(&people[0], event).await;
    // Written down, and never paid for.
    scene.begin(&people[1], event).await.unwrap();
    scene.call(&people[1], "leave-line", &[("event", &event.to_string())]).await.unwrap();
    scene.work().await;
    let kept = async || {
        scene.site.engine.sales.erase().await.unwrap();
        let rows: Vec<(String,)> =
            scene.site.engine.db.sql("select address from order_addresses where address <> ''").all().await.unwrap();
        rows.len()
    };
    let bought = scene.clock.now();
    assert_eq!(kept().await, 2);
    scene.clock.set(bought + 30 * DAY);
    assert_eq!(kept().await, 1);
    scene.clock.set(bought + 5 * 365 * DAY);
    assert_eq!(kept().await, 1, "a buyer may still ask the seller");
    scene.clock.set(bought + 5 * 366 * DAY);
    assert_eq!(kept().await, 0);
    assert_eq!(scene.standing(&people[0], event).await.order.unwrap().line.state, OrderState::Paid);
    // What a node erased that was killed before it wiped the files goes from them within a day, although nothing more is erased.
    let db = &scene.site.engine.db;
    if db.dialect() == engine::db::Dialect::Postgres {
        let file = async || {
            let file = db.sql("select pg_relation_filenode('order_addresses')::bigint");
            file.one::<(i64,)>().await.unwrap().0
        };
        let before = file().await;
        scene.clock.set(bought + 5 * 366 * DAY + 2 * DAY);
        assert_eq!(kept().await, 0);
        assert_ne!(file().await, before, "the table was not written anew");
    }
}

both!(orders_of_an_older_program_are_numbered_and_tell_what_happened_first, "multi_thread");
async fn orders_of_an_older_program_are_numbered_and_tell_what_happened_first(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(2).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
        scene.buy(person, event).await;
    }
    let newer = scene.standing(&people[0], event).await.order.unwrap();
    let first = newer.history[0].clone();
    assert!(matches!(first.what, OrderEvent::Held { .. }), "{first:?}");
    // As an older program wrote the other: its first step beside it, and numbered afterwards.
    let older = scene.standing(&people[1], event).await.order.unwrap();
    let held = serde_json::to_string(&older.history[0].what).unwrap();
    let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update orders set number = null, held_until = null where id = $1").bind(older.id).run().await.unwrap();
    tx.sql("insert into order_steps (id, order_id, at, by_whom, what) values ($1, $2, $3, 'site', $4)")
        // Before what happened within the same microsecond.
        .bind(uuid::Uuid::nil())
        .bind(older.id)
        .bind(older.line.at)
        .bind(held)
        .run()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let read = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!(read.history, older.history, "it happened once");
    // Two nodes at once give it one number, of its day.
    let work = || scene.site.engine.sales.work();
    let (one, two) = tokio::join!(work(), work());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    let read = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!(read.history, older.history);
    let [before, number] = [older, read].map(|order| order.line.number.unwrap().to_string());
    assert!(number != before && number.len() == 13 && number[..7] == before[..7], "{before} {number}");
    scene.is_consistent().await;
}

both!(an_order_that_cannot_be_ended_keeps_no_others, "multi_thread");
async fn an_order_that_cannot_be_ended_keeps_no_others(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(3, 1, None)).await;
    let people = scene.site.people(4).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    // Of the first two, one can be ended.
    scene.alter("create unique index one_of_two on orders (event_id) where state = 'cancelled' and rank <= 2").await;
    // They came a microsecond behind one another.
    scene.clock.set(scene.clock.now() + 10 * MINUTE + SECOND);
    assert!(scene.site.engine.sales.work().await.is_err());
    let open: Vec<(i64,)> =
        scene.site.engine.db.sql("select rank from orders where state = 'awaiting_payment'").all().await.unwrap();
    assert!(open.iter().filter(|(rank,)| *rank <= 3).count() == 1 && !open.contains(&(3,)), "{open:?}");
    eventually("who is next goes on", async || scene.entry(&people[3], event).await.state == EntryState::Checkout)
        .await;
    scene.alter("drop index one_of_two").await;
    scene.work().await;
    for person in &people[..3] {
        eventually("all are over", async || scene.entry(person, event).await.state == EntryState::Expired).await;
    }
    scene.is_consistent().await;
}

both!(what_is_free_is_theirs_at_once, "multi_thread");
async fn what_is_free_is_theirs_at_once(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(ticket(scene.clock.now() + 3 * DAY, 0)).await;
    let person = scene.site.people(1).await.remove(0);
    assert_eq!(scene.press(&person, event, 2, false).await.unwrap().state, EntryState::Paid);
    scene.work().await;
    let order = scene.standing(&person, event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.amount, order.tickets.len()), (OrderState::Paid, 0, 2));
    scene.is_consistent().await;
    // A ticket too few or too many, other units than the entry has, and a return that its entry never heard of are found.
    for broken in [
        ["update tickets set state = 'given_back' where number = 2", "update tickets set state = 'valid'"],
        ["update orders set units = 3, units_back = 2", "update orders set units = 2, units_back = 0"],
        ["update orders set units = 3, units_back = 0", "update orders set units = 2"],
        ["update orders set state = 'refunded'", "update orders set state = 'paid'"],
    ] {
        scene.alter(broken[0]).await;
        let found = engine::check(&scene.site.engine.db).await.unwrap().1;
        assert!(!found.is_empty(), "{}", broken[0]);
        scene.alter(broken[1]).await;
    }
    // Each by itself.
    scene.alter("update tickets set state = 'given_back'").await;
    scene.alter("update orders set state = 'refunded', units_back = 2").await;
    let found = engine::check(&scene.site.engine.db).await.unwrap().1;
    assert!(found.len() == 1 && found[0].what.contains("Refunded"), "{found:?}");
}

both!(who_is_taken_out_gets_their_money_back_whenever_they_paid, "multi_thread");
async fn who_is_taken_out_gets_their_money_back_whenever_they_paid(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(4).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    scene.buy(&people[0], event).await;
    // Whether the second one's money was taken, nobody knows for a while.
    let link = scene.begin(&people[1], event).await.unwrap();
    scene.decide(&link, "unknown").await;
    assert!(scene.standing(&people[1], event).await.order.unwrap().paying);
    // Meanwhile it is neither paid for once more nor given up.
    let paying = Error::Sale(SaleError::BeingPaid);
    assert_eq!(scene.begin(&people[1], event).await.unwrap_err(), paying);
    let left = scene.call(&people[1], "leave-line", &[("event", &event.to_string())]).await;
    assert_eq!(left.unwrap_err(), paying);
    scene.work().await;
    let id = event.to_string();
    for rank in ["1", "2"] {
        let form = [("event", id.as_str()), ("rank", rank), ("reason", "되팔려고 샀어요")];
        scene.call(&scene.seller, "disqualify-entry", &form).await.unwrap();
    }
    // What the second one held goes on at once, what the first one had when their money is on its way back.
    for next in &people[2..] {
        eventually("it goes on", async || {
            scene.work().await;
            scene.entry(next, event).await.state == EntryState::Checkout
        })
        .await;
    }
    let first = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((first.line.state, first.line.refunded), (OrderState::Refunded, 15_000));
    let second = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!((second.line.state, second.line.refunded), (OrderState::Cancelled, 0));
    scene.clock.set(scene.clock.now() + MINUTE);
    eventually("all of the money is back", async || {
        scene.work().await;
        let open = "select 1 from payments where state = 'unknown' or state = 'confirming' or (state = 'paid' and refunded < amount)
            union all select 1 from refunds where state <> 'refunded'";
        !scene.site.engine.db.sql(open).exists().await.unwrap()
    })
    .await;
    let taken: (i64,) = scene
        .site
        .engine
        .db
        .sql("select coalesce(cast(sum(taken) as bigint), 0) from sandbox_payments")
        .one()
        .await
        .unwrap();
    let returned: (i64,) = scene
        .site
        .engine
        .db
        .sql("select coalesce(cast(sum(amount) as bigint), 0) from sandbox_returns")
        .one()
        .await
        .unwrap();
    assert_eq!((taken.0, returned.0), (30_000, 30_000), "taken from both, and back with both");
    for (person, news) in people.iter().zip([OrderNews::GivenBack { amount: 15_000 }, OrderNews::Unpaid]) {
        let told = scene.site.engine.notices.of(&Actor::host(person.member), None).await.unwrap().lines.rows;
        let of_it = |notice: &Notice| matches!(notice, Notice::Order { news: told, .. } if *told == news);
        assert_eq!(told.iter().filter(|line| of_it(&line.notice)).count(), 1, "{told:?}");
    }
    scene.is_consistent().await;
}

both!(a_sale_that_is_called_off_pays_everything_back, "multi_thread");
async fn a_sale_that_is_called_off_pays_everything_back(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(3).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    scene.buy(&people[0], event).await;
    scene.work().await;
    scene.site.engine.events.cancel(&Actor::host(scene.seller.member), event, "가마가 식었어요").await.unwrap();
    eventually("whoever was in checkout has nothing to pay any more", async || {
        scene.entry(&people[1], event).await.state != EntryState::Checkout
    })
    .await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded), (OrderState::Refunded, 15_000));
    let left = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!(left.line.state, OrderState::Cancelled);
    assert!(scene.begin(&people[1], event).await.is_err());
    scene.site.decided().await;
    // Nobody reads that they were late, or that somebody else has it now.
    let room = format!("/events/{event}");
    let checkout = format!("{room}/checkout");
    for (person, page, words) in [
        (&people[0], checkout.clone(), "모두 환불했어요"),
        (&people[1], checkout.clone(), "취소된 이벤트예요"),
        (&people[2], checkout, "취소된 이벤트예요"),
        (&people[1], "/my".to_owned(), "이벤트 취소"),
        (&people[1], format!("{room}/board"), "이벤트 취소"),
        (&people[1], format!("{room}/entries/2"), "이벤트 취소"),
    ] {
        let shown = person.get(&page).await.text().await.unwrap();
        let (_, main) = shown.split_once("<main").unwrap();
        assert!(main.contains(words), "{page}: {main}");
        for falsehood in ["기한이 지났어요", "넘어갔어요", "다시 줄 서기"] {
            assert!(!main.contains(falsehood), "{page} says {falsehood}");
        }
    }
    scene.is_consistent().await;
}

both!(whose_turn_never_came_reads_that_the_sale_is_over, "multi_thread");
async fn whose_turn_never_came_reads_that_the_sale_is_over(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, Some(1))).await;
    let people = scene.site.people(3).await;
    for (person, state) in people.iter().zip([EntryState::Checkout, EntryState::Given, EntryState::Standby]) {
        assert_eq!(scene.press(person, event, 1, false).await.unwrap().state, state);
    }
    scene.clock.set(scene.clock.now() + 2 * HOUR);
    for (person, end) in people[1..].iter().zip([EntryState::Expired, EntryState::Lost]) {
        eventually("the sale is over", async || scene.entry(person, event).await.state == end).await;
        let page = person.get(&format!("/events/{event}/checkout")).await.text().await.unwrap();
        let (_, main) = page.split_once("<main").unwrap();
        assert!(main.contains("판매가 끝났어요.") && !main.contains("넘어갔어요"), "{main}");
    }
    scene.work().await;
    scene.site.decided().await;
    scene.is_consistent().await;
}

#[tokio::test]
async fn numbers_of_orders_are_nobodys_to_guess_at() {
    let scene = Scene::new(On::Sqlite).await;
    let person = scene.site.people(1).await.remove(0);
    for number in ["D261126000001", "D1", "x", "D26112600000A", "%00"] {
        let status = person.get(&format!("/orders/{number}")).await.status();
        assert_eq!(status, 404, "{number}");
    }
    assert!("D261126000001".parse::<OrderNumber>().is_ok());
}
