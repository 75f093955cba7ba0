//! Sending what was sold, one by one and by a list; sending back; calling off.

use crate::{
    sales::{Scene, deal, ticket},
    support::{Person, client, request},
};
use calamine::{Data, Reader as _};
use engine::accounts::Actor;
use model::{
    DAY, EntryState, Error, EventId, FieldError, GiveawayError, Notice, Offer, OrderId, OrderState, SECOND, SaleError,
    SellerError,
    notices::OrderNews,
    sales::OrderView,
    sellers::{Carrier, OrdersQuery, ReturnState, SellerOrder, Show},
};
use reqwest::multipart::{Form, Part};
use rust_xlsxwriter::Workbook;
use std::io::Cursor;
use testing::{On, both, eventually};

/// A deal with its buyers, who paid for one or two each.
async fn sold(scene: &Scene, units: &[u32]) -> (EventId, Vec<Person>) {
    let event = scene.sale(deal(units.iter().map(|units| u64::from(*units)).sum(), 2, None)).await;
    let buyers = scene.site.people(units.len()).await;
    for (buyer, units) in buyers.iter().zip(units) {
        scene.press(buyer, event, *units, false).await.unwrap();
        scene.buy(buyer, event).await;
    }
    scene.work().await;
    (event, buyers)
}

async fn order(scene: &Scene, buyer: &Person, event: EventId) -> OrderView {
    scene.standing(buyer, event).await.order.unwrap()
}

async fn orders(scene: &Scene, event: EventId, show: Show) -> Vec<SellerOrder> {
    let seller = Actor::host(scene.seller.member);
    scene.site.engine.sales.orders_of(&seller, event, &OrdersQuery { show, after: None }, 500).await.unwrap()
}

async fn told(scene: &Scene, member: &Person) -> Vec<Notice> {
    let notices = scene.site.engine.notices.of(&Actor::host(member.member), None).await.unwrap();
    let of_orders = |notice: &Notice| matches!(notice, Notice::Order { .. });
    notices.lines.rows.into_iter().map(|line| line.notice).filter(of_orders).collect()
}

fn not_to_ship<T: std::fmt::Debug>(answer: Result<T, Error>, why: &str) {
    assert_eq!(answer.unwrap_err(), SellerError::NotToShip.into(), "{why}");
}

/// Says something of an order as its seller.
async fn say(scene: &Scene, name: &str, order: OrderId, more: &[(&str, &str)]) -> Result<(), Error> {
    let id = order.to_string();
    let form: Vec<_> = [("order", id.as_str())].into_iter().chain(more.iter().copied()).collect();
    scene.call(&scene.seller, name, &form).await.map(drop)
}

const SENT: [(&str, &str); 2] = [("carrier", "cj"), ("tracking", "6501-0000-0001")];

both!(an_order_is_sent_and_arrives, "multi_thread");
async fn an_order_is_sent_and_arrives(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[2, 1, 1]).await;
    let page = format!("/creator/events/{event}/orders");
    let listed = scene.seller.get(&page).await;
    assert!(listed.headers()["cache-control"].to_str().unwrap().contains("no-store"), "others' addresses are in it");
    let listed = listed.text().await.unwrap();
    for words in ["D2611", "성수이로 1", "30,000원", "010-1234-5678", "우체국"] {
        assert!(listed.contains(words), "{words}");
    }
    let other = scene.site.creator().await;
    assert_eq!(other.get(&page).await.status(), 403);
    assert_eq!(buyers[0].get(&page).await.status(), 403);
    assert_eq!(other.get(&format!("/events/{event}/orders/orders.csv")).await.status(), 403);
    assert_eq!(orders(&scene, event, Show::ToShip).await.len(), 3);

    let [first, second, third] = [0, 1, 2].map(|at| &buyers[at]);
    let (one, two, three) =
        (order(&scene, first, event).await, order(&scene, second, event).await, order(&scene, third, event).await);
    let id = one.id.to_string();
    let stranger = scene.call(&other, "prepare-order", &[("order", &id)]).await;
    assert_eq!(stranger.unwrap_err(), Error::NotFound, "another's");
    not_to_ship(say(&scene, "deliver-order", one.id, &[]).await, "it was not sent");
    say(&scene, "prepare-order", one.id, &[]).await.unwrap();
    not_to_ship(say(&scene, "prepare-order", one.id, &[]).await, "twice");
    // From now on it is not called off freely.
    let back = [("order", id.as_str()), ("units", "1"), ("request", "01M807MNGSETC8MZPA7YPV075M")];
    assert_eq!(scene.call(first, "give-back", &back).await.unwrap_err(), Error::Sale(SaleError::NotReturnable));

    for (carrier, tracking, field, error) in [
        ("퀵", "650100000001", "carrier", FieldError::Invalid),
        ("", "650100000001", "carrier", FieldError::Required),
        ("cj", "", "tracking", FieldError::Required),
        ("cj", "12", "tracking", FieldError::Invalid),
        ("cj", "<script>alert(1)", "tracking", FieldError::Invalid),
    ] {
        let wrong = say(&scene, "ship-order", one.id, &[("carrier", carrier), ("tracking", tracking)]).await;
        let Err(Error::Invalid { fields }) = wrong else { panic!("{carrier} {tracking}: {wrong:?}") };
        assert_eq!(fields.0, [(field.to_owned(), error)]);
    }
    assert_eq!(order(&scene, first, event).await.line.state, OrderState::Preparing, "nothing was changed");
    scene.clock.set(scene.clock.now() + SECOND);
    say(&scene, "ship-order", one.id, &SENT).await.unwrap();
    scene.clock.set(scene.clock.now() + SECOND);
    say(&scene, "ship-order", one.id, &[("carrier", "post"), ("tracking", "6501 0000 0002")]).await.unwrap();
    let sent = order(&scene, first, event).await;
    let shipment = sent.shipment.clone().unwrap();
    assert_eq!(
        (sent.line.state, shipment.carrier, shipment.tracking.as_str()),
        (OrderState::Shipped, Carrier::Post, "650100000002")
    );
    let number = sent.line.number.unwrap();
    let shown = first.get(&format!("/orders/{number}")).await.text().await.unwrap();
    assert!(shown.contains("우체국") && shown.contains("650100000002"), "the buyer sees it");
    let news = |carrier, tracking: &str| OrderNews::Shipped { carrier, tracking: tracking.into() };
    let expected = [news(Carrier::Post, "650100000002"), news(Carrier::Cj, "650100000001"), OrderNews::Preparing];
    assert_eq!(told(&scene, first).await, expected.map(|news| Notice::Order { order: Some(number.clone()), news }));
    assert_eq!(first.open_newest_notice(&scene.site.engine).await, format!("/orders/{number}"));

    // Whoever bought it may say that it is there, and nobody else.
    let arrived = [("order", id.as_str())];
    assert_eq!(scene.call(second, "confirm-arrival", &arrived).await.unwrap_err(), Error::NotFound);
    scene.call(first, "confirm-arrival", &arrived).await.unwrap();
    not_to_ship(scene.call(first, "confirm-arrival", &arrived).await, "it is there");
    not_to_ship(say(&scene, "ship-order", one.id, &SENT).await, "it is there");
    assert_eq!(told(&scene, first).await.len(), 3, "they know");

    // What was given back, or was never paid for, is not sent.
    let two_id = two.id.to_string();
    scene
        .call(second, "give-back", &[("order", &two_id), ("units", "1"), ("request", "01M807MNGSETC8MZPA7YPV075M")])
        .await
        .unwrap();
    not_to_ship(say(&scene, "ship-order", two.id, &SENT).await, "it was given back");
    let unpaid = scene.sale(deal(1, 1, None)).await;
    scene.press(second, unpaid, 1, false).await.unwrap();
    not_to_ship(say(&scene, "ship-order", order(&scene, second, unpaid).await.id, &SENT).await, "it was not paid for");
    // The second click, in the other tab.
    let (here, there) =
        tokio::join!(say(&scene, "ship-order", three.id, &SENT), say(&scene, "prepare-order", three.id, &[]));
    assert!(here.is_ok() && (there.is_ok() || there == Err(SellerError::NotToShip.into())), "{here:?} {there:?}");
    say(&scene, "deliver-order", three.id, &[]).await.unwrap();
    assert!(
        told(&scene, third)
            .await
            .iter()
            .any(|notice| matches!(notice, Notice::Order { news: OrderNews::Delivered, .. }))
    );
    for (show, count) in
        [(Show::ToShip, 0), (Show::Shipped, 0), (Show::Delivered, 2), (Show::All, 3), (Show::Returns, 0)]
    {
        assert_eq!(orders(&scene, event, show).await.len(), count, "{show:?}");
    }
    scene.is_consistent().await;
}

/// Sends a list as a program does.
async fn import(seller: &Person, event: EventId, list: impl Into<Vec<u8>>) -> Result<(), Error> {
    let form =
        Form::new().text("event", event.to_string()).part("list", Part::bytes(list.into()).file_name("orders.csv"));
    let sent = client().post(format!("http://{}/api/import-shipments", seller.address)).multipart(form);
    let answer = sent.header("cookie", seller.cookie()).send().await.unwrap();
    if answer.status() == 200 { Ok(()) } else { Err(answer.json().await.unwrap()) }
}

/// What a spreadsheet program saves of a workbook in which these were typed, by row and column: what is a number becomes one.
fn filled_in(book: &[u8], typed: &[(u32, u16, &str)]) -> Vec<u8> {
    let mut opened: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(book)).unwrap();
    let range = opened.worksheet_range_at(0).unwrap().unwrap();
    let mut saved = Workbook::new();
    let sheet = saved.add_worksheet();
    for (row, column, cell) in range.cells() {
        let (row, column) = (row as u32, column as u16);
        match cell {
            Data::String(text) => sheet.write_string(row, column, text).unwrap(),
            Data::Float(number) => sheet.write_number(row, column, *number).unwrap(),
            Data::DateTime(at) => sheet.write_number(row, column, at.as_f64()).unwrap(),
            Data::Empty => continue,
            other => panic!("{other:?}"),
        };
    }
    for (row, column, text) in typed {
        match text.parse::<f64>() {
            Ok(number) => sheet.write_number(*row, *column, number).unwrap(),
            Err(_) => sheet.write_string(*row, *column, *text).unwrap(),
        };
    }
    saved.save_to_buffer().unwrap()
}

both!(a_list_that_was_exported_comes_back_whole_or_not_at_all, "multi_thread");
async fn a_list_that_was_exported_comes_back_whole_or_not_at_all(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[1, 2, 1]).await;
    let (other, _) = sold(&scene, &[1]).await;
    let csv = async |event: EventId| {
        let file = scene.seller.get(&format!("/events/{event}/orders/orders.csv")).await;
        assert_eq!(
            (file.status().as_u16(), file.headers()["content-type"].to_str().unwrap()),
            (200, "text/csv; charset=utf-8")
        );
        assert_eq!(file.headers()["cache-control"], "private, no-store");
        file.text().await.unwrap()
    };
    let exported = csv(event).await;
    assert!(exported.starts_with("\u{FEFF}주문번호,상태,택배사,송장번호,"), "{exported}");
    let numbers: Vec<String> =
        exported.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(numbers.len(), 3);
    let states = async || {
        let orders = orders(&scene, event, Show::All).await;
        orders.into_iter().map(|order| order.state).collect::<Vec<_>>()
    };
    let filled = |changes: &[(usize, &str, &str, &str)]| {
        let mut lines: Vec<String> = exported.lines().map(str::to_owned).collect();
        for (row, state, carrier, tracking) in changes {
            let line = &mut lines[*row];
            *line = line.replacen(",결제 완료,,,", &format!(",{state},{carrier},{tracking},"), 1);
        }
        lines.join("\r\n")
    };
    let foreign = csv(other).await.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();

    // As it came, it says nothing new; nor does an order in it that has no number yet.
    import(&scene.seller, event, format!("{}\r\n,결제 완료,,\r\n", exported.trim_end())).await.unwrap();
    assert_eq!(states().await, [OrderState::Paid; 3]);
    let good = (1, "결제 완료", "CJ대한통운", "6501-0000-0001");
    let wrong: [(String, &[(&str, FieldError)]); 9] = [
        (
            filled(&[good, (2, "결제 완료", "퀵", "650100000002"), (3, "보냈음", "", "")]),
            &[("csv:3:carrier", FieldError::Invalid), ("csv:4:word", FieldError::Invalid)],
        ),
        (filled(&[good, (3, "결제 완료", "", "650100000002")]), &[("csv:4:carrier", FieldError::Required)]),
        // As a spreadsheet makes it of a number.
        (filled(&[good, (2, "결제 완료", "cj", "6.501E+11")]), &[("csv:3:tracking", FieldError::Invalid)]),
        (filled(&[good]).replace(&numbers[1], &foreign), &[("csv:3:number", FieldError::Invalid)]),
        (filled(&[good]).replace(&numbers[1], "D991231000001"), &[("csv:3:number", FieldError::Invalid)]),
        (filled(&[good]).replace(&numbers[2], &numbers[0]), &[("csv:4:number", FieldError::Taken)]),
        (filled(&[good, (2, "배송 완료", "", "")]), &[("csv:3:state", FieldError::Invalid)]),
        (filled(&[good]).replace("송장번호", "번호"), &[("csv:1:Tracking number", FieldError::Required)]),
        ("\u{FEFF}\r\n".to_owned(), &[("csv", FieldError::Required)]),
    ];
    for (list, expected) in &wrong {
        let Err(Error::Invalid { fields }) = import(&scene.seller, event, list.clone()).await else { panic!("{list}") };
        let named: Vec<_> = fields.0.iter().map(|(field, error)| (field.as_str(), error.clone())).collect();
        assert_eq!(named, *expected, "{list}");
        assert_eq!(states().await, [OrderState::Paid; 3], "nothing of it is taken");
    }
    // What is wrong is said by line, in words.
    for (list, words) in [
        (wrong[3].0.as_bytes(), "3번째 줄, 주문: 이 판매의 주문이 아니에요"),
        (wrong[7].0.as_bytes(), "1번째 줄, 송장번호: 이 이름의 열이 없어요"),
        (b"PK\x03\x04xl".as_slice(), "엑셀 파일을 읽을 수 없어요"),
        (b"Order,State\n\xFF,paid\n".as_slice(), "2번째 줄을 읽을 수 없어요"),
    ] {
        let form =
            Form::new().text("event", event.to_string()).part("list", Part::bytes(list.to_vec()).file_name("x.csv"));
        let page = format!("http://{}/creator/events/{event}/orders?do=import-shipments", scene.site.address);
        let answer =
            client().post(page).multipart(form).header("cookie", scene.seller.cookie()).header("accept", "text/html");
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(words), "{words}");
    }
    let stranger = scene.site.creator().await;
    assert_eq!(import(&stranger, event, filled(&[good])).await, Err(Error::Forbidden));

    let list = filled(&[good, (2, "준비 중", "", ""), (3, "배송 완료", "직접 배송", "")]);
    import(&scene.seller, event, list.clone()).await.unwrap();
    assert_eq!(states().await, [OrderState::Shipped, OrderState::Preparing, OrderState::Delivered]);
    let tracking = order(&scene, &buyers[0], event).await.shipment.unwrap().tracking;
    assert_eq!(tracking, "650100000001");
    let counts = async || {
        (
            told(&scene, &buyers[0]).await.len(),
            told(&scene, &buyers[1]).await.len(),
            told(&scene, &buyers[2]).await.len(),
        )
    };
    assert_eq!(counts().await, (1, 1, 2));
    // The same once more changes nothing and tells nobody; nor does what is exported now.
    import(&scene.seller, event, list).await.unwrap();
    import(&scene.seller, event, csv(event).await).await.unwrap();
    assert_eq!((states().await[1], counts().await), (OrderState::Preparing, (1, 1, 2)));
    // In English too.
    let english = "Order,State,Carrier,Tracking number\n".to_owned() + &format!("{},delivered,,\n", numbers[0]);
    import(&scene.seller, event, english).await.unwrap();
    assert_eq!(states().await[0], OrderState::Delivered);
    scene.is_consistent().await;
}

both!(a_workbook_that_was_exported_comes_back_as_a_list_does, "multi_thread");
async fn a_workbook_that_was_exported_comes_back_as_a_list_does(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[1, 2, 1]).await;
    let exported = async || {
        let book = scene.seller.get(&format!("/events/{event}/orders/orders.xlsx")).await;
        assert_eq!(book.status(), 200);
        book.bytes().await.unwrap().to_vec()
    };
    let book = exported().await;
    let states = async || {
        let orders = orders(&scene, event, Show::All).await;
        orders.into_iter().map(|order| order.state).collect::<Vec<_>>()
    };
    // As it came, it says nothing new.
    import(&scene.seller, event, book.clone()).await.unwrap();
    // Numbers of parcels may be numbers in it, as far as these are kept as they were typed.
    let first = [(1, 2, "CJ대한통운"), (1, 3, "650100000001")];
    for (list, expected) in [
        (filled_in(&book, &[first[0], first[1], (3, 2, "퀵"), (3, 3, "650100000003")]), "csv:4:carrier"),
        (filled_in(&book, &[first[0], first[1], (2, 2, "cj"), (2, 3, "65010000000000000001")]), "csv:3:tracking"),
        (filled_in(&book, &[first[0], first[1], (0, 3, "번호")]), "csv:1:Tracking number"),
        (book[..book.len() / 2].to_vec(), "workbook"),
    ] {
        let Err(Error::Invalid { fields }) = import(&scene.seller, event, list).await else { panic!("{expected}") };
        assert_eq!(fields.0.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), [expected]);
        assert_eq!(states().await, [OrderState::Paid; 3], "nothing of it is taken");
    }
    let list = filled_in(&book, &[first[0], first[1], (2, 1, "준비 중"), (3, 1, "배송 완료"), (3, 2, "직접 배송")]);
    import(&scene.seller, event, list.clone()).await.unwrap();
    assert_eq!(states().await, [OrderState::Shipped, OrderState::Preparing, OrderState::Delivered]);
    assert_eq!(order(&scene, &buyers[0], event).await.shipment.unwrap().tracking, "650100000001");
    // The same once more, and what is exported now, changes nothing and tells nobody.
    import(&scene.seller, event, list).await.unwrap();
    import(&scene.seller, event, exported().await).await.unwrap();
    assert_eq!(told(&scene, &buyers[0]).await.len(), 1);
    scene.is_consistent().await;
}

both!(a_long_list_is_taken_in_steps_and_each_order_once, "multi_thread");
async fn a_long_list_is_taken_in_steps_and_each_order_once(on: On) {
    const MANY: usize = 260;
    let scene = Scene::new(on).await;
    let event = scene.sale(deal(MANY as u64, 1, None)).await;
    let people = scene.site.people(MANY).await;
    let mut tx = scene.site.engine.db.begin(engine::db::Lane::Other).await.unwrap();
    for (rank, person) in (1_i64..).zip(&people) {
        tx.sql(
            "insert into orders (id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, created_at)
             values ($1, $2, $3, $1, $4, 'deal', 1, 1, 1, '{}', 'paid', 0)",
        )
        .bind(person.member)
        .bind(event)
        .bind(rank)
        .bind(format!("D260101-9-{rank}"))
        .run()
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let list = |from: usize, to: usize| {
        let row = |rank: usize| format!("D260101-9-{rank},,cj,65010000{rank:04}\n");
        "Order,State,Carrier,Tracking number\n".to_owned() + &(from..=to).map(row).collect::<String>()
    };
    // Wrong in its last row, it changes nothing, however far that is.
    let wrong = list(1, MANY) + "D260101-9-9999,,cj,650100009999\n";
    let Err(Error::Invalid { fields }) = import(&scene.seller, event, wrong).await else { panic!() };
    assert_eq!(fields.0, [(format!("csv:{}:number", MANY + 2), FieldError::Invalid)]);
    assert_eq!(orders(&scene, event, Show::Shipped).await.len(), 0);
    // A part of it is written already, as where the site was cut short in the midst: it is sent again as it is, and goes on.
    import(&scene.seller, event, list(1, 50)).await.unwrap();
    assert_eq!(orders(&scene, event, Show::Shipped).await.len(), 50);
    // Twice at once, and again: each is sent once, and its buyer told once. Who came second may be told that it was changed.
    let (here, there) =
        tokio::join!(import(&scene.seller, event, list(1, MANY)), import(&scene.seller, event, list(1, MANY)));
    for answer in [here, there] {
        assert!(matches!(answer, Ok(()) | Err(Error::Invalid { .. })), "{answer:?}");
    }
    import(&scene.seller, event, list(1, MANY)).await.unwrap();
    assert_eq!(orders(&scene, event, Show::Shipped).await.len(), MANY);
    let told = scene.site.count("select count(*) from notices where event_id = $1", event).await;
    assert_eq!(told, MANY as i64);
    let steps = "select count(*) from order_steps s join orders o on o.id = s.order_id where o.event_id = $1";
    assert_eq!(scene.site.count(steps, event).await, MANY as i64);
}

both!(what_is_sent_back_goes_to_stock_and_its_money_to_the_buyer, "multi_thread");
async fn what_is_sent_back_goes_to_stock_and_its_money_to_the_buyer(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[2, 1, 2]).await;
    let waits = scene.site.people(1).await.remove(0);
    assert_eq!(scene.press(&waits, event, 1, false).await.unwrap().state, EntryState::Standby);
    let one = order(&scene, &buyers[0], event).await;
    let id = one.id.to_string();
    let ask = async |buyer: &Person, units: &str, reason: &str, request: &str| {
        let form = [("order", id.as_str()), ("units", units), ("reason", reason), ("request", request)];
        scene.call(buyer, "ask-return", &form).await.map(drop)
    };
    let no_return = Err(Error::from(SellerError::NoReturn));
    let fresh = || request().to_string();
    assert_eq!(ask(&buyers[0], "1", "깨졌어요", &fresh()).await, no_return, "it was not sent");
    say(&scene, "ship-order", one.id, &SENT).await.unwrap();
    assert_eq!(ask(&buyers[0], "1", "깨졌어요", &fresh()).await, no_return, "it is on its way");
    say(&scene, "deliver-order", one.id, &[]).await.unwrap();
    for units in ["0", "3", "-1", "x"] {
        assert_eq!(ask(&buyers[0], units, "깨졌어요", &fresh()).await, no_return, "{units}");
    }
    assert_eq!(ask(&buyers[1], "1", "깨졌어요", &fresh()).await, Err(Error::NotFound), "another's");
    assert!(matches!(ask(&buyers[0], "1", "", &fresh()).await, Err(Error::Invalid { .. })), "without a reason");
    let delivered_at = scene.clock.now();
    let page = format!("/orders/{}", one.line.number.clone().unwrap());
    assert!(buyers[0].get(&page).await.text().await.unwrap().contains("반품 신청하기"));
    let again = fresh();
    ask(&buyers[0], "1", "깨졌어요", &again).await.unwrap();
    ask(&buyers[0], "1", "깨졌어요", &again).await.unwrap();
    assert_eq!(ask(&buyers[0], "1", "또요", &fresh()).await, no_return, "one at a time");
    assert_eq!(told(&scene, &scene.seller).await.len(), 1, "the seller hears of it once");
    let wished = orders(&scene, event, Show::Returns).await;
    let wish = wished[0].returning.clone().unwrap();
    assert_eq!((wished.len(), wish.units, wish.reason.as_str(), wish.state), (1, 1, "깨졌어요", ReturnState::Asked));
    let wish_id = wish.id.to_string();
    let answer = async |seller: &Person, accept: &str, words: &str| {
        let form = [("return", wish_id.as_str()), ("accept", accept), ("answer", words)];
        scene.call(seller, "answer-return", &form).await.map(drop)
    };
    let receive = async || scene.call(&scene.seller, "receive-return", &[("return", &wish_id)]).await.map(drop);
    assert_eq!(receive().await, no_return, "it was not accepted");
    let other = scene.site.creator().await;
    assert_eq!(answer(&other, "yes", "보내 주세요").await, Err(Error::NotFound));
    assert!(matches!(answer(&scene.seller, "yes", "").await, Err(Error::Invalid { .. })), "where to?");
    assert_eq!(answer(&scene.seller, "maybe", "글쎄요").await, Err(Error::Malformed));
    answer(&scene.seller, "yes", "성수이로 1로 보내 주세요").await.unwrap();
    assert_eq!(answer(&scene.seller, "no", "안 돼요").await, no_return, "it was answered");
    assert_eq!(order(&scene, &buyers[0], event).await.line.refunded, 0, "nothing goes back before it is there");
    assert!(buyers[0].get(&page).await.text().await.unwrap().contains("성수이로 1로 보내 주세요"));

    // Twice at once is once; the units go to who stands by, and the money back.
    let (here, there) = tokio::join!(receive(), receive());
    assert!(here.is_ok() != there.is_ok(), "{here:?} {there:?}");
    eventually("who stood by may pay", async || scene.entry(&waits, event).await.state == EntryState::Checkout).await;
    let after = order(&scene, &buyers[0], event).await;
    assert_eq!((after.line.state, after.units_given_back, after.line.refunded), (OrderState::Delivered, 1, 15_000));
    eventually("the money is back", async || {
        scene.site.engine.payments.reconcile().await.unwrap();
        let row: (i64,) =
            scene.site.engine.db.sql("select refunded from orders where id = $1").bind(one.id).one().await.unwrap();
        row.0 == 15_000
    })
    .await;
    let who = scene.site.engine.db.sql("select who from payment_steps where what = 'owed'");
    assert_eq!(who.all::<(String,)>().await.unwrap(), [("seller".to_owned(),)]);
    scene.work().await;
    scene.is_consistent().await;

    // The other unit may be asked for as well, for seven days to the second; a refusal leaves all as it is.
    scene.clock.set(delivered_at + 7 * DAY - SECOND);
    ask(&buyers[0], "1", "하나 더", &fresh()).await.unwrap();
    let second = orders(&scene, event, Show::Returns).await[0].returning.clone().unwrap().id.to_string();
    let no = [("return", second.as_str()), ("accept", "no"), ("answer", "쓰신 흔적이 있어요")];
    scene.call(&scene.seller, "answer-return", &no).await.unwrap();
    let refused = order(&scene, &buyers[0], event).await;
    assert_eq!((refused.line.refunded, refused.returnable), (15_000, 1));
    scene.clock.set(delivered_at + 7 * DAY);
    assert_eq!(ask(&buyers[0], "1", "깨졌어요", &fresh()).await, no_return, "too late");
    assert_eq!(order(&scene, &buyers[0], event).await.returnable, 0);
    let refusal = |notice: &Notice| matches!(notice, Notice::Order { news: OrderNews::ReturnRefused { .. }, .. });
    assert_eq!(told(&scene, &buyers[0]).await.iter().filter(|notice| refusal(notice)).count(), 1);
    // Buyers choose the ids of their requests: that of an earlier one takes nothing from what is owed for the return.
    let third = order(&scene, &buyers[2], event).await.id;
    let (id, chosen) = (third.to_string(), fresh());
    let back = [("order", id.as_str()), ("units", "1"), ("request", chosen.as_str())];
    scene.call(&buyers[2], "give-back", &back).await.unwrap();
    say(&scene, "ship-order", third, &SENT).await.unwrap();
    say(&scene, "deliver-order", third, &[]).await.unwrap();
    let wish = [("order", id.as_str()), ("units", "1"), ("reason", "깨졌어요"), ("request", chosen.as_str())];
    scene.call(&buyers[2], "ask-return", &wish).await.unwrap();
    let answer = [("return", chosen.as_str()), ("accept", "yes"), ("answer", "보내 주세요")];
    scene.call(&scene.seller, "answer-return", &answer).await.unwrap();
    scene.call(&scene.seller, "receive-return", &[("return", &chosen)]).await.unwrap();
    let after = order(&scene, &buyers[2], event).await;
    assert_eq!((after.line.state, after.line.refunded), (OrderState::Refunded, 30_000));
    scene.site.decided().await;
    scene.is_consistent().await;
}

both!(what_is_called_off_is_not_sent_and_what_was_sent_goes_back_too, "multi_thread");
async fn what_is_called_off_is_not_sent_and_what_was_sent_goes_back_too(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[1, 1, 1]).await;
    let mut ids = Vec::new();
    for buyer in &buyers {
        ids.push(order(&scene, buyer, event).await.id);
    }
    for sent in &ids[1..] {
        say(&scene, "ship-order", *sent, &SENT).await.unwrap();
    }
    say(&scene, "deliver-order", ids[2], &[]).await.unwrap();
    let id = ids[2].to_string();
    let wish =
        [("order", id.as_str()), ("units", "1"), ("reason", "깨졌어요"), ("request", "01M807MNGSETC8MZPA7YPV075M")];
    scene.call(&buyers[2], "ask-return", &wish).await.unwrap();
    // Who was sent something is not taken out any more.
    let event_id = event.to_string();
    for rank in ["2", "3"] {
        let form = [("event", event_id.as_str()), ("rank", rank), ("reason", "되팔려고 샀어요")];
        let refused = scene.call(&scene.seller, "disqualify-entry", &form).await.unwrap_err();
        assert_eq!(refused, GiveawayError::AlreadyDone.into());
    }
    // So long ago that the site does not look at it any more: it would be faster.
    scene.alter("update events set cancelled_at = 1").await;
    not_to_ship(say(&scene, "prepare-order", ids[0], &[]).await, "it was called off");
    not_to_ship(say(&scene, "ship-order", ids[0], &SENT).await, "it was called off");
    let number = order(&scene, &buyers[0], event).await.line.number.unwrap();
    let list = format!("Order,State,Carrier,Tracking number\n{number},,cj,650100000001\n");
    let Err(Error::Invalid { fields }) = import(&scene.seller, event, list).await else { panic!() };
    assert_eq!(fields.0, [("csv:2:state".to_owned(), FieldError::Invalid)]);
    scene.alter("update events set cancelled_at = null").await;
    scene.site.engine.events.cancel(&Actor::host(scene.seller.member), event, "가마가 식었어요").await.unwrap();
    scene.work().await;
    for buyer in &buyers {
        let after = order(&scene, buyer, event).await;
        assert_eq!((after.line.state, after.line.refunded), (OrderState::Refunded, 15_000));
    }
    assert_eq!(orders(&scene, event, Show::Returns).await.len(), 0, "nothing need be sent back");
    scene.site.decided().await;
    scene.is_consistent().await;
}

/// Calls off everything of a sale that was not sent.
async fn call_all_off(scene: &Scene, who: &Person, event: EventId, reason: &str, request: &str) -> Result<(), Error> {
    let event = event.to_string();
    let form = [("event", event.as_str()), ("reason", reason), ("request", request)];
    scene.call(who, "call-orders-off", &form).await.map(drop)
}

both!(what_a_seller_calls_off_goes_back_and_is_told_once, "multi_thread");
async fn what_a_seller_calls_off_goes_back_and_is_told_once(on: On) {
    let scene = Scene::new(on).await;
    let (event, buyers) = sold(&scene, &[2, 1, 1, 1]).await;
    let mut views = Vec::new();
    for buyer in &buyers {
        views.push(order(&scene, buyer, event).await);
    }
    // One is on its way, and one was called off by itself.
    say(&scene, "ship-order", views[3].id, &SENT).await.unwrap();
    assert!(matches!(say(&scene, "call-order-off", views[2].id, &[("reason", "")]).await, Err(Error::Invalid { .. })));
    say(&scene, "call-order-off", views[2].id, &[("reason", "상자가 젖었어요")]).await.unwrap();
    not_to_ship(say(&scene, "call-order-off", views[2].id, &[("reason", "상자가 젖었어요")]).await, "twice");
    not_to_ship(say(&scene, "call-order-off", views[3].id, &[("reason", "상자가 젖었어요")]).await, "it was sent");
    let all = async |who: &Person, reason: &str, request: &str| call_all_off(&scene, who, event, reason, request).await;
    // One buyer gave one of theirs back, under the order's own id.
    let id = views[0].id.to_string();
    scene.call(&buyers[0], "give-back", &[("order", &id), ("units", "1"), ("request", &id)]).await.unwrap();
    // Their payment says that nothing is left of it: that holds up nobody behind them.
    scene.alter("update payments set refunded = amount where id = (select paid_by from orders where rank = 1)").await;
    let once = request().to_string();
    all(&scene.seller, "가마가 꺼졌어요", &once).await.unwrap();
    all(&scene.seller, "가마가 꺼졌어요", &once).await.unwrap();
    assert!(scene.site.engine.sales.work().await.is_err());
    let states = [order(&scene, &buyers[0], event).await.line.state, order(&scene, &buyers[1], event).await.line.state];
    assert_eq!(states, [OrderState::Paid, OrderState::Refunded]);
    // Put right, it goes back as well.
    scene.alter("update payments set refunded = 15000 where id = (select paid_by from orders where rank = 1)").await;
    // Jobs of several nodes at once.
    let work = || scene.site.engine.sales.work();
    let (one, two, three) = tokio::join!(work(), work(), work());
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    eventually("all are called off", async || {
        scene.work().await;
        orders(&scene, event, Show::ToShip).await.is_empty()
    })
    .await;
    for (at, (amount, told_of, state)) in [
        (30_000, 15_000, OrderState::Refunded),
        (15_000, 15_000, OrderState::Refunded),
        (15_000, 15_000, OrderState::Refunded),
        (0, 0, OrderState::Shipped),
    ]
    .into_iter()
    .enumerate()
    {
        let after = order(&scene, &buyers[at], event).await;
        assert_eq!((after.line.state, after.line.refunded), (state, amount), "{at}");
        let called_off = told(&scene, &buyers[at]).await;
        let called_off: Vec<_> = called_off
            .iter()
            .filter_map(|notice| match notice {
                Notice::Order { news: OrderNews::CalledOff { amount, .. }, .. } => Some(*amount),
                _ => None,
            })
            .collect();
        assert_eq!(called_off, if told_of > 0 { vec![told_of] } else { vec![] }, "{at}");
    }
    not_to_ship(all(&scene.seller, "가마가 꺼졌어요", &request().to_string()).await, "there are none");
    let stranger = scene.site.creator().await;
    assert_eq!(all(&stranger, "심술", &request().to_string()).await, Err(Error::Forbidden));
    // Who did it, and why, stands in the log: of the one and of all, each once.
    let noted = scene.site.engine.db.sql("select reason from audit where action = 'call_off_orders'");
    let noted: Vec<(String,)> = noted.all().await.unwrap();
    let mut noted: Vec<_> = noted.iter().map(|(reason,)| reason.as_str()).collect();
    noted.sort_unstable();
    assert_eq!(noted, ["가마가 꺼졌어요", "상자가 젖었어요"]);
    scene.site.decided().await;
    scene.is_consistent().await;
}

both!(a_hundred_and_more_are_called_off_in_steps, "multi_thread");
async fn a_hundred_and_more_are_called_off_in_steps(on: On) {
    const MANY: usize = 130;
    let scene = Scene::new(on).await;
    let offer = ticket(scene.clock.now() + 8 * DAY, 0);
    let Offer::Ticket { place, address, coordinates, starts_at, price, limit, checkout, refunds, .. } = offer else {
        unreachable!()
    };
    let seats = MANY as u64;
    let seats = Offer::Ticket { place, address, coordinates, starts_at, seats, price, limit, checkout, refunds };
    let event = scene.sale(seats).await;
    let people = scene.site.people(MANY).await;
    for person in &people {
        assert_eq!(scene.press(person, event, 1, false).await.unwrap().state, EntryState::Paid);
    }
    call_all_off(&scene, &scene.seller, event, "비가 많이 온대요", &request().to_string()).await.unwrap();
    let work = || scene.site.engine.sales.work();
    let (one, two) = tokio::join!(work(), work());
    assert!(one.is_ok() && two.is_ok());
    eventually("all are called off", async || {
        work().await.unwrap();
        let open = scene.site.engine.db.sql("select count(*) from callings_off where done_at is null");
        open.one::<(i64,)>().await.unwrap().0 == 0
    })
    .await;
    let count = async |text: &'static str| scene.site.count(text, event).await;
    assert_eq!(count("select count(*) from orders where event_id = $1 and state = 'refunded'").await, MANY as i64);
    const TOLD: &str = "select count(*) from notices where event_id = $1 and member_id <> (select creator_id from events where id = $1)";
    const WHO: &str = "select count(distinct member_id) from notices
        where event_id = $1 and member_id <> (select creator_id from events where id = $1)";
    assert_eq!(count(TOLD).await, MANY as i64, "each is told once");
    assert_eq!(count(WHO).await, MANY as i64);
    assert_eq!(count("select count(*) from tickets where event_id = $1 and state = 'valid'").await, 0);
    // Of what has begun nothing is called off any more: its tickets were used.
    let starts_at = scene.clock.now() + 8 * DAY;
    let begins = scene.sale(ticket(starts_at, 0)).await;
    assert_eq!(scene.press(&people[0], begins, 1, false).await.unwrap().state, EntryState::Paid);
    scene.clock.set(starts_at);
    let late = call_all_off(&scene, &scene.seller, begins, "비가 왔어요", &request().to_string()).await;
    not_to_ship(late, "it has begun");
    scene.site.decided().await;
    scene.is_consistent().await;
}
