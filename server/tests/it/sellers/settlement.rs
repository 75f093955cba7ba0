//! What comes of sales: by sale and by month, and what sellers are paid.

use crate::{
    sales::{Scene, deal, ticket},
    support::{Person, request},
};
use engine::accounts::Actor;
use model::{
    DAY, Error, EventId, HOUR, MINUTE, MemberId, Time,
    sellers::{Carrier, Month, Next, ReturnId, SalesPage, ShipmentDraft, Statement},
};
use std::collections::{BTreeMap, VecDeque};
use testing::{On, both, eventually};

fn month(text: &str) -> Month {
    text.parse().unwrap()
}

/// Buys one or two and pays.
async fn bought(scene: &Scene, event: EventId, buyer: &Person, units: u32) {
    scene.press(buyer, event, units, false).await.unwrap();
    scene.buy(buyer, event).await;
}

/// The same person, signed in anew.
async fn signed_in(scene: &Scene, who: &Person) -> Person {
    let token = scene.site.engine.accounts.sessions.start(who.member, "test").await.unwrap();
    Person { token, ..who.clone() }
}

async fn page(scene: &Scene, who: &Person) -> SalesPage {
    let actor = Actor::host(who.member);
    scene.site.engine.pages.sales(&actor, None).await.unwrap()
}

both!(what_is_kept_of_a_ticket_stays_in_the_curve_of_its_sale, "multi_thread");
async fn what_is_kept_of_a_ticket_stays_in_the_curve_of_its_sale(on: On) {
    let scene = Scene::new(on).await;
    let event = scene.sale(ticket(scene.clock.now() + 9 * DAY, 10_000)).await;
    let buyer = scene.site.people(1).await.remove(0);
    bought(&scene, event, &buyer, 2).await;
    scene.work().await;
    let seller = Actor::host(scene.seller.member);
    let ends_with = async |expected: u64| {
        eventually("its curve ends so", async || {
            scene.work().await;
            let curves = scene.site.engine.pages.sale_curves(event, &seller).await.unwrap();
            curves.revenue.last().is_some_and(|(_, won)| *won == expected)
        })
        .await;
    };
    ends_with(20_000).await;
    scene.clock.set(scene.clock.now() + MINUTE);
    let order = async || scene.standing(&buyer, event).await.order.unwrap();
    let view = order().await;
    let (id, seen, once) = (view.id.to_string(), view.now.0.to_string(), request().to_string());
    let back = [("order", id.as_str()), ("units", "1"), ("seen", seen.as_str()), ("request", once.as_str())];
    scene.call(&buyer, "give-back", &back).await.unwrap();
    let line = order().await.line;
    assert_eq!((line.amount, line.refunded), (20_000, 9_000), "a tenth of one is kept");
    ends_with(11_000).await;
    // Called off, it goes back as well.
    scene.clock.set(scene.clock.now() + MINUTE);
    scene.site.engine.events.cancel(&seller, event, "배우가 아파요").await.unwrap();
    ends_with(0).await;
}

both!(months_add_up_to_what_was_paid_and_given_back, "multi_thread");
async fn months_add_up_to_what_was_paid_and_given_back(on: On) {
    let scene = Scene::new(on).await;
    let begin = Time::from_civil(2026, 11, 30, 23, 40, 0).unwrap();
    scene.clock.set(begin);
    let (deals, people) = (scene.sale(deal(10, 2, None)).await, scene.site.people(3).await);
    bought(&scene, deals, &people[0], 2).await;
    bought(&scene, deals, &people[1], 1).await;
    // Before midnight and after it, in Korea.
    scene.clock.set(begin + 30 * MINUTE);
    bought(&scene, deals, &people[2], 1).await;
    scene.work().await;
    let order = scene.standing(&people[0], deals).await.order.unwrap();
    let (id, once) = (order.id.to_string(), request().to_string());
    let back = [("order", id.as_str()), ("units", "2"), ("request", once.as_str())];
    scene.call(&people[0], "give-back", &back).await.unwrap();
    eventually("the money is back", async || {
        scene.work().await;
        let row: (i64,) =
            scene.site.engine.db.sql("select refunded from orders where id = $1").bind(order.id).one().await.unwrap();
        row.0 == 30_000
    })
    .await;
    scene.is_consistent().await;
    let of = |month: &str, orders, sales, refunds, carried, to_pay_out, closed| Statement {
        month: month.parse().unwrap(),
        orders,
        sales,
        refunds,
        fee: 0,
        carried,
        to_pay_out,
        paid_out: 0,
        closed,
    };
    let read = page(&scene, &scene.seller).await;
    assert_eq!(
        read.statements,
        [of("2026-12", 1, 15_000, 30_000, 0, 0, false), of("2026-11", 2, 45_000, 0, 0, 45_000, true)]
    );
    assert_eq!(read.events.rows.len(), 1);
    let sold = &read.events.rows[0];
    assert_eq!((sold.orders, sold.units, sold.sales, sold.refunds, sold.to_ship), (3, 2, 60_000, 30_000, 2));
    // What went back is set off from the month after.
    scene.clock.set(Time::from_civil(2027, 1, 1, 0, 0, 0).unwrap());
    let second = scene.sale(deal(10, 2, None)).await;
    bought(&scene, second, &scene.site.people(1).await[0], 2).await;
    // Whose session has ended by now.
    let seller = signed_in(&scene, &scene.seller).await;
    let read = page(&scene, &scene.seller).await;
    assert_eq!(read.statements[0], of("2027-01", 1, 30_000, 0, -15_000, 15_000, false));
    // Counted by two nodes at once, it is the same, and nothing is left to count.
    let work = || scene.site.engine.sales.work();
    let (one, two) = tokio::join!(work(), work());
    assert!(one.is_ok() && two.is_ok(), "{one:?} {two:?}");
    let uncounted = "select 1 from payments where state = 'paid' and counted_at is null
        union all select 1 from refunds where counted_at is null";
    assert!(!scene.site.engine.db.sql(uncounted).exists().await.unwrap());
    assert_eq!(page(&scene, &scene.seller).await.statements, read.statements);
    let shown = seller.get("/creator/sales").await;
    assert!(shown.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    let shown = shown.text().await.unwrap();
    for words in ["2026-11", "45,000원", "−15,000원", "연습용"] {
        assert!(shown.contains(words), "{words}");
    }
    let file = seller.get("/creator/sales/statements.csv").await;
    assert_eq!(file.headers()["cache-control"], "private, no-store");
    let file = file.text().await.unwrap();
    let rows: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(rows[2], "2026-11,2,45000,0,0,0,45000,0", "{file}");
    assert_eq!(seller.get("/creator/sales/statements.pdf").await.status(), 404);
    let book = seller.get("/creator/sales/statements.xlsx").await;
    assert!(book.status() == 200 && book.bytes().await.unwrap().starts_with(b"PK"));

    // Another seller has nothing of it, and who is none reads no such page.
    let other = scene.site.creator().await;
    assert_eq!(page(&scene, &other).await.statements, []);
    let member = scene.site.people(1).await.remove(0);
    assert_eq!(member.get("/creator/sales").await.status(), 403);
    assert_eq!(member.get("/creator/sales/statements.csv").await.status(), 403);

    // Paid out once, when the month is over for a day, by admins alone.
    let db = &scene.site.engine.db;
    let pay = async |actor: &Actor, seller: MemberId, of: &str| match engine::sales::pay_out(
        db,
        scene.clock.now(),
        actor,
        seller,
        month(of),
    )
    .await
    {
        Ok(amount) => Ok(amount),
        Err(engine::Error::Refused(error)) => Err(error),
        Err(error) => panic!("{error}"),
    };
    let seller = scene.seller.member;
    assert_eq!(pay(&Actor::host(seller), seller, "2026-11").await, Err(Error::Forbidden));
    assert_eq!(pay(&Actor::System, seller, "2027-01").await, Err(Error::NotFound), "it goes on");
    assert_eq!(
        pay(&Actor::System, seller, "2026-12").await,
        Err(Error::NotFound),
        "it came to nothing, and is not over for a day"
    );
    assert_eq!(pay(&Actor::System, other.member, "2026-11").await, Err(Error::NotFound));
    let (here, there) = tokio::join!(pay(&Actor::System, seller, "2026-11"), pay(&Actor::System, seller, "2026-11"));
    assert!(
        [&here, &there].contains(&&Ok(45_000)) && [&here, &there].contains(&&Err(Error::NotFound)),
        "{here:?} {there:?}"
    );
    let november = page(&scene, &scene.seller).await.statements.pop().unwrap();
    assert_eq!((november.to_pay_out, november.paid_out, november.left()), (45_000, 45_000, 0));
    scene.clock.set(Time::from_civil(2027, 2, 2, 0, 0, 0).unwrap());
    assert_eq!(pay(&Actor::System, seller, "2027-01").await, Ok(15_000));
    // In all they were paid what buyers paid less what went back.
    let all = page(&scene, &scene.seller).await.statements;
    assert_eq!(all.iter().map(|one| one.paid_out).sum::<i64>(), 90_000 - 30_000);
    scene.is_consistent().await;
}

/// What becomes of an order of two units.
#[derive(Debug, Clone, Copy)]
enum Step {
    Prepare,
    Ship,
    Deliver,
    GiveBack,
    /// So many are to be sent back.
    Ask(u32),
    Accept,
    Receive,
    CallOff,
    Refund,
}

both!(whatever_becomes_of_orders_months_say_what_was_paid_and_went_back, "multi_thread");
async fn whatever_becomes_of_orders_months_say_what_was_paid_and_went_back(on: On) {
    use Step::*;
    /// The last two are called off with whatever else is not sent.
    const HISTORIES: [&[Step]; 8] = [
        &[Ship, Deliver, Ask(1), Accept, Receive],
        &[Prepare, Ship, Deliver, Ask(2), Accept, Receive],
        &[GiveBack, Refund],
        &[Ship, Deliver, Refund],
        &[Prepare, Refund],
        &[CallOff],
        &[GiveBack],
        &[],
    ];
    let scene = Scene::new(on).await;
    scene.clock.set(Time::from_civil(2026, 11, 30, 0, 0, 0).unwrap());
    let event = scene.sale(deal(2 * HISTORIES.len() as u64, 2, None)).await;
    let buyers = scene.site.people(HISTORIES.len()).await;
    let mut orders = Vec::new();
    for buyer in &buyers {
        bought(&scene, event, buyer, 2).await;
    }
    scene.work().await;
    for buyer in &buyers {
        orders.push(scene.standing(buyer, event).await.order.unwrap());
    }
    let (sales, db) = (&scene.site.engine.sales, &scene.site.engine.db);
    let seller = Actor::host(scene.seller.member);
    let sent = ShipmentDraft { carrier: Carrier::Post, tracking: "6501000000001".into() };
    let mut seed = 59_u64;
    let mut any = |of: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % of as u64) as usize
    };
    let mut left: Vec<(usize, VecDeque<Step>)> =
        HISTORIES.iter().enumerate().map(|(at, steps)| (at, steps.iter().copied().collect())).collect();
    // One step of one of them after the other, into another month.
    loop {
        left.retain(|(_, steps)| !steps.is_empty());
        if left.is_empty() {
            break;
        }
        scene.clock.set(scene.clock.now() + any(5) as i64 * HOUR);
        let at = any(left.len());
        let (at, step) = (left[at].0, left[at].1.pop_front().unwrap());
        let (buyer, order) = (Actor::host(buyers[at].member), &orders[at]);
        let wish = async || {
            let wish = db.sql("select id from returns where order_id = $1").bind(order.id);
            wish.one::<(ReturnId,)>().await.unwrap().0
        };
        let done = match step {
            Prepare => sales.say_of_order(&seller, order.id, Next::Prepare, None).await,
            Ship => sales.say_of_order(&seller, order.id, Next::Ship, Some(&sent)).await,
            Deliver => sales.say_of_order(&seller, order.id, Next::Deliver, None).await,
            GiveBack => sales.give_back(&buyer, order.id, 1, None, request()).await,
            Ask(units) => sales.ask_return(&buyer, order.id, units, "깨졌어요", request()).await,
            Accept => sales.answer_return(&seller, wish().await, true, "성수이로 1로 보내 주세요").await,
            Receive => sales.receive_return(&seller, wish().await).await,
            CallOff => sales.call_order_off(&seller, order.id, "상자가 젖었어요").await,
            Refund => {
                let number = order.line.number.as_ref().unwrap();
                sales.refund_by_admin(&Actor::System, number, "약속대로", request()).await
            }
        };
        assert!(done.is_ok(), "{step:?} of {at}: {done:?}");
        // Months are counted while it goes on, and after it.
        if any(3) == 0 {
            scene.work().await;
        }
    }
    sales.call_orders_off(&seller, event, "가마가 꺼졌어요", request()).await.unwrap();
    eventually("all of the money is back, and counted", async || {
        scene.work().await;
        let open = "select 1 from refunds where look_at is not null or counted_at is null
            union all select 1 from payments where counted_at is null union all select 1 from callings_off where done_at is null";
        !db.sql(open).exists().await.unwrap()
    })
    .await;
    let mut moved: BTreeMap<Month, (u64, i64, i64)> = BTreeMap::new();
    let paid = db.sql("select ended_at, amount from payments where state = 'paid'");
    for (at, amount) in paid.all::<(Time, i64)>().await.unwrap() {
        let month = moved.entry(Month::of(at)).or_default();
        (month.0, month.1) = (month.0 + 1, month.1 + amount);
    }
    for (at, amount) in db.sql("select owed_at, amount from refunds").all::<(Time, i64)>().await.unwrap() {
        moved.entry(Month::of(at)).or_default().2 += amount;
    }
    // One unit was kept, and went back to nobody.
    assert_eq!(moved.values().map(|month| month.1 - month.2).sum::<i64>(), 15_000);
    assert!(moved.len() == 2, "{moved:?}");
    for statement in page(&scene, &scene.seller).await.statements {
        let said = (statement.orders, statement.sales, statement.refunds);
        assert_eq!(moved.remove(&statement.month).unwrap_or_default(), said, "{}", statement.month);
    }
    assert!(moved.is_empty(), "{moved:?}");
    scene.site.decided().await;
    scene.is_consistent().await;
    // A month that says otherwise is found.
    let mut tx = db.begin(engine::db::Lane::Other).await.unwrap();
    tx.sql("update seller_months set refunds = refunds + 1").run().await.unwrap();
    tx.commit().await.unwrap();
    let wrong = engine::check_payments(db).await.unwrap().1;
    assert!(wrong.iter().any(|wrong| wrong.contains("is counted")), "{wrong:?}");
}
