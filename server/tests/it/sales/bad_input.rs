//! What buyers must not get away with, over HTTP: each is said no to, and changes nothing.

use super::*;
use crate::support::client;
use futures::future::join_all;
use model::EntryError;

/// Whatever an order, a payment or an entry of it could have changed in.
async fn everything(scene: &Scene) -> Vec<String> {
    let mut all = Vec::new();
    for rows in [
        "select 'order ' || count(*) || coalesce(cast(sum(amount) as text), '') || coalesce(cast(sum(units_back) as text), '')
            || coalesce(cast(sum(owed_back) as text), '') || coalesce(max(state), '') || coalesce(min(state), '') from orders",
        "select 'payment ' || count(*) || coalesce(max(state), '') || coalesce(min(state), '') from payments",
        "select 'refund ' || count(*) from refunds",
        "select 'taken ' || coalesce(cast(sum(taken) as text), '') from sandbox_payments",
        "select 'ticket ' || count(*) || coalesce(max(state), '') || coalesce(min(state), '') from tickets",
        "select 'entry ' || count(*) || coalesce(max(state), '') || coalesce(min(state), '') from entries",
        "select 'address ' || coalesce(max(name || phone || postcode || address), '') from order_addresses",
    ] {
        all.push(scene.site.engine.db.sql(rows).one::<(String,)>().await.unwrap().0);
    }
    all
}

both!(a_press_for_more_or_less_than_one_may_have_is_no_entry, "multi_thread");
async fn a_press_for_more_or_less_than_one_may_have_is_no_entry(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(5, 2, None)).await;
    let person = scene.site.people(1).await.remove(0);
    let before = everything(&scene).await;
    for bad in ["0", "-1", "3", "1.5", "two", "4294967297", "99999999999999999999"] {
        let form = [("quantity", bad), ("fewer", "true")];
        let sent = client().post(scene.site.url(&format!("/events/{event}/enter"))).header("cookie", person.cookie());
        let answer = sent.header("accept", "application/json").form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{bad}");
        assert_eq!(answer.json::<Error>().await.unwrap(), EntryError::Quantity.into(), "{bad}");
    }
    // Nor does whoever sells buy of it.
    let own = scene.press(&scene.seller, event, 1, false).await;
    assert_eq!(own.unwrap_err(), EntryError::OwnEvent.into());
    assert_eq!(everything(&scene).await, before);
    assert_eq!(scene.press(&person, event, 2, false).await.unwrap().units, 2, "and none of it counts against them");
    scene.is_consistent().await;
}

both!(what_is_typed_at_checkout_changes_neither_the_price_nor_the_quantity, "multi_thread");
async fn what_is_typed_at_checkout_changes_neither_the_price_nor_the_quantity(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(5, 2, None)).await;
    let people = scene.site.people(3).await;
    for person in &people[..2] {
        scene.press(person, event, 2, false).await.unwrap();
    }
    scene.work().await;
    let before = everything(&scene).await;
    let id = event.to_string();
    let of_another = scene.standing(&people[1], event).await.order.unwrap().id.to_string();
    // Where it goes is said, all of it.
    for (field, bad) in [
        ("name", ""),
        ("name", "\u{200b}"),
        ("phone", ""),
        ("phone", "12"),
        ("postcode", ""),
        ("postcode", "1234567"),
        ("address", ""),
        ("address", "집"),
    ] {
        let form: Vec<(&str, &str)> =
            ADDRESS.into_iter().map(|(name, good)| (name, if name == field { bad } else { good })).collect();
        let form: Vec<(&str, &str)> = form.into_iter().chain([("event", id.as_str())]).collect();
        match scene.call(&people[0], "pay-order", &form).await {
            Err(Error::Invalid { fields }) => {
                assert!(matches!(&fields.0[..], [(name, _)] if name == field), "{field} of {fields:?}");
            }
            other => panic!("{field} is {bad:?}: {other:?}"),
        }
    }
    // Nobody pays for nothing, nor for what only others have.
    let (nobodys, other) = (model::EventId(uuid::Uuid::from_u128(7)).to_string(), scene.sale(deal(5, 2, None)).await);
    for (person, event) in [(&people[2], id.clone()), (&people[0], nobodys), (&people[0], other.to_string())] {
        let form: Vec<(&str, &str)> = ADDRESS.into_iter().chain([("event", event.as_str())]).collect();
        assert_eq!(scene.call(person, "pay-order", &form).await.unwrap_err(), Error::NotFound);
    }
    assert_eq!(everything(&scene).await, before);
    // What else is sent is nobody's.
    let forged = [
        ("amount", "1"),
        ("price", "1"),
        ("units", "1"),
        ("quantity", "1"),
        ("discount", "99"),
        ("order", of_another.as_str()),
        ("member", of_another.as_str()),
        ("state", "paid"),
        ("event", id.as_str()),
    ];
    let form: Vec<(&str, &str)> = ADDRESS.into_iter().chain(forged).collect();
    let done = scene.call(&people[0], "pay-order", &form).await.unwrap();
    scene.decide(done["to"].as_str().unwrap(), "approve").await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.amount, order.line.units), (OrderState::Paid, 30_000, 2));
    let others = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!((others.line.state, others.delivery.name), (OrderState::AwaitingPayment, String::new()));
    scene.is_consistent().await;
}

both!(an_order_is_given_back_by_whose_it_is_and_once, "multi_thread");
async fn an_order_is_given_back_by_whose_it_is_and_once(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(ticket(scene.clock.now() + 8 * DAY, 20_000)).await;
    let people = scene.site.people(2).await;
    scene.press(&people[0], event, 2, false).await.unwrap();
    let unpaid = {
        scene.work().await;
        scene.standing(&people[0], event).await.order.unwrap().id.to_string()
    };
    let seen = scene.clock.now().0.to_string();
    let back = async |person: &Person, order: &str, units: &str, request: &str| {
        let form = [("order", order), ("units", units), ("seen", seen.as_str()), ("request", request)];
        scene.call(person, "give-back", &form).await.map(|_| ())
    };
    let any = || request().to_string();
    assert_eq!(
        back(&people[0], &unpaid, "1", &any()).await.unwrap_err(),
        Error::Sale(SaleError::NotReturnable),
        "unpaid"
    );
    scene.buy(&people[0], event).await;
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    let (id, ticket) = (order.id.to_string(), order.tickets[0].id.to_string());
    let before = everything(&scene).await;
    for (person, order, units, no) in [
        (&people[1], id.as_str(), "1", Error::NotFound),
        (&scene.seller, id.as_str(), "1", Error::NotFound),
        (&people[0], ticket.as_str(), "1", Error::NotFound),
        (&people[0], id.as_str(), "0", Error::Sale(SaleError::NotReturnable)),
        (&people[0], id.as_str(), "-1", Error::Sale(SaleError::NotReturnable)),
        (&people[0], id.as_str(), "3", Error::Sale(SaleError::NotReturnable)),
        (&people[0], id.as_str(), "4294967295", Error::Sale(SaleError::NotReturnable)),
    ] {
        assert_eq!(back(person, order, units, &any()).await.unwrap_err(), no, "{order} {units}");
    }
    // Without a request there is none to be told from another.
    assert!(back(&people[0], &id, "1", "").await.is_err());
    // Nor is one left that was paid for, or another's let go of.
    let leave =
        async |person: &Person| scene.call(person, "leave-line", &[("event", &event.to_string())]).await.unwrap_err();
    assert_eq!(leave(&people[0]).await, Error::Sale(SaleError::Paid));
    assert_eq!(leave(&people[1]).await, Error::NotFound);
    assert_eq!(everything(&scene).await, before);

    // Many at once for all there is: one of them is first.
    let requests: Vec<String> = (0..6).map(|_| any()).collect();
    let (first, id) = (&people[0], id.as_str());
    let at_once = join_all(requests.iter().map(|request| back(first, id, "2", request))).await;
    assert_eq!(at_once.iter().filter(|done| done.is_ok()).count(), 1, "{at_once:?}");
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.line.refunded, order.units_given_back), (OrderState::Refunded, 36_000, 2));
    let returned = "select count(*), cast(sum(amount) as bigint) from sandbox_returns";
    eventually("the money is back", async || {
        scene.work().await;
        scene.site.engine.db.sql(returned).one::<(i64, Option<i64>)>().await.unwrap() == (1, Some(36_000))
    })
    .await;
    scene.is_consistent().await;
}

both!(an_order_and_its_tickets_are_read_by_whose_they_are, "multi_thread");
async fn an_order_and_its_tickets_are_read_by_whose_they_are(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(ticket(scene.clock.now() + 8 * DAY, 20_000)).await;
    let people = scene.site.people(2).await;
    // Whoever asks for another's has one as well.
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
        scene.buy(person, event).await;
    }
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    let (number, ticket) = (order.line.number.unwrap(), order.tickets[0].id);
    let read = async |who: Option<&Person>, path: &str, format: &str| {
        let asked = client().get(scene.site.url(path)).header(header::ACCEPT, format);
        let asked = who.into_iter().fold(asked, |asked, who| asked.header(header::COOKIE, who.cookie()));
        asked.send().await.unwrap().status().as_u16()
    };
    for path in [
        format!("/orders/{number}"),
        format!("/orders/{number}/receipt"),
        format!("/tickets/{ticket}/qr.svg"),
        format!("/tickets/{ticket}/calendar.ics"),
    ] {
        for format in ["text/html", "application/json"] {
            let statuses = [
                read(Some(&people[0]), &path, format).await,
                read(Some(&people[1]), &path, format).await,
                read(Some(&scene.seller), &path, format).await,
                read(None, &path, format).await,
            ];
            assert_eq!(statuses, [200, 404, 404, 401], "{path} as {format}");
        }
    }
}

both!(what_was_never_paid_for_has_no_receipt, "multi_thread");
async fn what_was_never_paid_for_has_no_receipt(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(2).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    scene.call(&people[1], "leave-line", &[("event", &event.to_string())]).await.unwrap();
    scene.work().await;
    let mut receipts = Vec::new();
    for (person, state) in people.iter().zip([OrderState::AwaitingPayment, OrderState::Cancelled]) {
        let line = scene.standing(person, event).await.order.unwrap().line;
        assert_eq!(line.state, state);
        let order = format!("/orders/{}", line.number.unwrap());
        assert_eq!(person.get(&order).await.status(), 200, "{state:?}");
        let receipt = format!("{order}/receipt");
        let refused = person.get(&receipt).await;
        assert_eq!(refused.status(), 404, "{state:?}");
        assert!(!refused.text().await.unwrap().contains("15,000원"), "{state:?}");
        receipts.push(receipt);
    }
    scene.buy(&people[0], event).await;
    assert_eq!(people[0].get(&receipts[0]).await.status(), 200);
}

both!(a_call_back_says_nothing_that_is_not_looked_up, "multi_thread");
async fn a_call_back_says_nothing_that_is_not_looked_up(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(2, 1, None)).await;
    let people = scene.site.people(3).await;
    for person in &people {
        scene.press(person, event, 1, false).await.unwrap();
    }
    let links = [scene.begin(&people[0], event).await.unwrap(), scene.begin(&people[1], event).await.unwrap()];
    let of = async |link: &str| {
        let at_sandbox: model::SandboxId = link.rsplit('/').next().unwrap().parse().unwrap();
        let of =
            scene.site.engine.db.sql("select payment_id, back from sandbox_payments where id = $1").bind(at_sandbox);
        let (payment, back): (model::PaymentId, String) = of.one().await.unwrap();
        (payment.to_string(), back.split_once("token=").unwrap().1.to_owned())
    };
    let ((mine, my_token), (anothers, anothers_token)) = (of(&links[0]).await, of(&links[1]).await);
    let come_back = async |payment: &str, query: &str| {
        client()
            .get(scene.site.url(&format!("/payments/{payment}/return?{query}")))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let before = everything(&scene).await;
    // Forged, or of another order.
    let (made_up, nobodys) = ("0".repeat(64), "0".repeat(26));
    for (payment, token) in [
        (&mine, anothers_token.as_str()),
        (&anothers, my_token.as_str()),
        (&mine, made_up.as_str()),
        (&mine, ""),
        (&nobodys, my_token.as_str()),
    ] {
        assert_eq!(come_back(payment, &format!("token={token}&result=approved")).await, 404);
    }
    assert_eq!(come_back(&mine, "result=approved").await, 404);
    for payment in [&mine, &anothers, &nobodys] {
        let told = client().post(scene.site.url(&format!("/payments/{payment}/notify"))).body("paid").send();
        assert_eq!(told.await.unwrap().status(), 204, "{payment}");
    }
    scene.site.engine.payments.reconcile().await.unwrap();
    assert_eq!(everything(&scene).await, before);

    // Out of order: whoever says that they approved before they did pays nothing, and may try again.
    assert_eq!(come_back(&mine, &format!("token={my_token}&result=approved")).await, 303);
    scene.work().await;
    let order = scene.standing(&people[0], event).await.order.unwrap();
    assert_eq!((order.line.state, order.paying), (OrderState::AwaitingPayment, false));
    assert_eq!(scene.entry(&people[0], event).await.state, EntryState::Checkout);
    let link = scene.begin(&people[0], event).await.unwrap();
    assert_ne!(link, links[0], "by another payment");

    // Repeated, also at once: paid once.
    let approved = scene.decide(&link, "repeat").await;
    assert_eq!(approved.status(), 303);
    let (payment, token) = of(&link).await;
    let query = format!("token={token}&result=approved");
    let again = join_all((0..5).map(|_| come_back(&payment, &query))).await;
    assert_eq!(again, [303; 5]);
    eventually("it is paid for", async || scene.entry(&people[0], event).await.state == EntryState::Paid).await;

    // Late: the hold ran out and the unit is the next one's; whatever comes now takes nothing.
    scene.clock.set(scene.clock.now() + 11 * MINUTE);
    scene.work().await;
    eventually("it went on", async || scene.entry(&people[2], event).await.state == EntryState::Checkout).await;
    scene.decide(&links[1], "approve").await;
    assert_eq!(come_back(&anothers, &format!("token={anothers_token}&result=approved")).await, 303);
    scene.work().await;
    let late = scene.standing(&people[1], event).await.order.unwrap();
    assert_eq!((late.line.state, late.line.refunded), (OrderState::Cancelled, 0));
    let form = [("event", event.to_string())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, id)| (*name, id.as_str())).chain(ADDRESS).collect();
    assert_eq!(scene.call(&people[1], "pay-order", &form).await.unwrap_err(), Error::Sale(SaleError::HoldOver));
    scene.buy(&people[2], event).await;
    let taken: (i64, i64) = scene
        .site
        .engine
        .db
        .sql("select cast(sum(taken) as bigint), count(case when taken > 0 then 1 end) from sandbox_payments")
        .one()
        .await
        .unwrap();
    assert_eq!(taken, (30_000, 2), "from the two who have one");
    scene.work().await;
    scene.is_consistent().await;
}
