//! Hours for deals: booked, paid for and given back over HTTP, and deals within them.

mod free;

use crate::{
    rights::{cases, reads},
    support::{
        Person, ROUNDS, START, Site, client, config,
        events::{form, send, send_to},
        request,
    },
};
use engine::{
    accounts::Actor,
    clock::Clock,
    demo::{Demo, Persona},
    tasks::Tasks,
};
use model::{
    DAY, Error, EventId, FieldError, HOUR, MINUTE, SandboxChoice, SandboxId, SlotError, Span, Time,
    slots::{BookingId, Cell, Hour, SlotsPage, SlotsQuery},
};
use reqwest::multipart::Form;
use server::config::PaymentProvider;
use std::sync::Arc;
use testing::{On, Place, both};

reads! {
    "/creator/slots" => 401, 200;
    "/admin/slots" => 401, 403;
}

cases! {
    "book-hours", [("hour", "2020-01-01T00:00")] => 409;
    "pay-booking", [("booking", "{booking}")] => 404;
    "give-up-hours", [("booking", "{booking}")] => 404;
    "give-back-hour", [("booking", "{booking}"), ("hour", "2026-11-27T20:00")] => 404;
}

/// A site where an hour costs 20,000 won and has room for so many, on a clock of its own.
async fn market(on: On, price: u32, most: u32) -> (Site, Clock) {
    let place = Place::new(on);
    let clock = Clock::manual(START);
    let mut config = config(&place);
    config.payments = Some(PaymentProvider::Sandbox);
    (config.slot_price, config.deals_per_hour) = (Some(price), Some(most));
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, clock.clone(), Tasks::surviving()).await.unwrap();
    (Site::serve_as(engine, Arc::new(place), config).await, clock)
}

/// A creator whose business was checked.
async fn seller(site: &Site) -> Person {
    let creator = site.creator().await;
    site.engine.sellers.vouch(creator.member, "수달상점").await.unwrap();
    creator
}

/// The hour that begins so many hours after the start.
fn hour(ahead: i64) -> String {
    Hour::of(START + ahead * HOUR).to_string()
}

async fn call(person: &Person, name: &str, form: &[(&str, &str)]) -> Result<serde_json::Value, Error> {
    let sent = client().post(format!("http://{}/api/{name}", person.address)).form(form);
    let answer = sent.header("cookie", person.cookie()).send().await.unwrap();
    if answer.status() == 200 { Ok(answer.json().await.unwrap()) } else { Err(answer.json().await.unwrap()) }
}

async fn book(person: &Person, hours: &[i64]) -> Result<(), Error> {
    let (request, hours) = (request().to_string(), hours.iter().map(|ahead| hour(*ahead)).collect::<Vec<_>>());
    let mut form = vec![("request", request.as_str())];
    form.extend(hours.iter().map(|hour| ("hour", hour.as_str())));
    call(person, "book-hours", &form).await.map(|_| ())
}

async fn page(site: &Site, person: &Person) -> SlotsPage {
    site.engine.slots.page(&Actor::host(person.member), SlotsQuery::default()).await.unwrap()
}

/// Begins to pay for what is set aside; where that is approved.
async fn begin(site: &Site, person: &Person) -> SandboxId {
    let booking = page(site, person).await.unpaid.unwrap().id.to_string();
    let to = call(person, "pay-booking", &[("booking", &booking)]).await.unwrap();
    to["to"].as_str().unwrap().strip_prefix("/sandbox/pay/").unwrap().parse().unwrap()
}

/// Books hours and pays for them.
async fn buy(site: &Site, person: &Person, hours: &[i64]) {
    book(person, hours).await.unwrap();
    let payment = begin(site, person).await;
    site.engine.payments.decide(payment, SandboxChoice::Approve, true).await.unwrap();
    assert_eq!(page(site, person).await.unpaid, None);
}

/// A deal that opens so long after the start and closes after that.
fn deal(site: &Site, opens: Span, lasts: Span, changes: &[(&'static str, &str)]) -> Form {
    let (opens_at, closes_at) = ((START + opens).to_local(), (START + opens + lasts).to_local());
    let usual = [
        ("kind", "deal"),
        ("list_price", "27,000"),
        ("discount", "45"),
        ("stock", "30"),
        ("limit", "2"),
        ("delivery", "이틀 안에 보내요"),
        ("opens_at", &opens_at),
        ("closes_at", &closes_at),
    ];
    let kept = usual.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    form(site, &kept.chain(changes).copied().collect::<Vec<_>>())
}

fn made(response: &reqwest::Response) -> EventId {
    assert_eq!(response.status(), 303);
    let to = response.headers()["location"].to_str().unwrap();
    to.split('/').find_map(|part| part.parse().ok()).unwrap()
}

/// What a form was refused with, as a program is told.
async fn wrong(person: &Person, path: &str, form: Form) -> Vec<(String, FieldError)> {
    let (name, form) = match path.strip_prefix("/creator/events/").and_then(|path| path.strip_suffix("/edit")) {
        Some(event) => ("edit-event", form.text("event", event.to_owned())),
        None => ("create-event", form),
    };
    let sent = client().post(format!("http://{}/api/{name}", person.address)).multipart(form);
    let answer = sent.header("cookie", person.cookie()).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    match answer.json().await.unwrap() {
        Error::Invalid { fields } => fields.0,
        other => panic!("{other:?}"),
    }
}

async fn agrees(site: &Site) {
    for _ in 0..5 {
        site.engine.payments.reconcile().await.unwrap();
    }
    let (_, wrong) = engine::check_payments(&site.engine.db).await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let (_, wrong) = engine::check(&site.engine.db).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The hours of a deal.
async fn hours_of(site: &Site, event: EventId) -> Vec<Hour> {
    let rows = site.engine.db.sql("select starts_at from booked_hours where event_id = $1 order by starts_at");
    rows.bind(event).all::<(Hour,)>().await.unwrap().into_iter().map(|(hour,)| hour).collect()
}

both!(hours_are_booked_and_paid_for_without_scripts, "multi_thread");
async fn hours_are_booked_and_paid_for_without_scripts(on: On) {
    let (site, _) = market(on, 20_000, 2).await;
    let (person, other) = (seller(&site).await, seller(&site).await);
    let text = async |who: &Person, path: &str| who.get(path).await.text().await.unwrap();
    let calendar = text(&person, "/creator/slots").await;
    for words in ["한 시간에 20,000원 · 시간마다 딜 2개까지", "2 남음", "연습용 결제예요", &hour(1)]
    {
        assert!(calendar.contains(words), "{words}");
    }
    // Nothing chosen is said, and what was chosen stays chosen where something else is wrong.
    let nothing = person.change("/creator/slots", "book-hours", &[("request", &request().to_string())]).await;
    assert_eq!(nothing.status(), 422);
    assert!(nothing.text().await.unwrap().contains("빌릴 시간을 먼저 골라 주세요."));

    let (id, one, two) = (request().to_string(), hour(2), hour(3));
    let form = [("request", id.as_str()), ("hour", &one), ("hour", &two)];
    for _ in 0..2 {
        assert_eq!(person.change("/creator/slots", "book-hours", &form).await.status(), 303, "twice is once");
    }
    let waiting = text(&person, "/creator/slots").await;
    for words in ["잡아 둔 시간", "40,000원 결제하기", "결제 대기"] {
        assert!(waiting.contains(words), "{words}");
    }
    let mine = page(&site, &person).await.unpaid.unwrap();
    assert_eq!((mine.hours.len(), mine.amount.0), (2, 40_000));
    let booking = mine.id.to_string();
    let begun = person.change("/creator/slots", "pay-booking", &[("booking", &booking)]).await;
    assert_eq!(begun.status(), 303);
    let approval = begun.headers()["location"].to_str().unwrap().to_owned();
    let shown = text(&person, &approval).await;
    assert!(shown.contains("59초 · ") && shown.contains("2시간") && shown.contains("40,000원"), "{shown}");
    // By the camera of a phone, beside it.
    assert!(text(&person, "/creator/slots").await.contains("qr.svg"));
    let id = approval.rsplit('/').next().unwrap();
    let decided = person.change(&approval, "decide-sandbox", &[("payment", id), ("choice", "approve")]).await;
    let back = decided.headers()["location"].to_str().unwrap().to_owned();
    let returned = person.get(&back).await;
    assert_eq!(returned.headers()["location"], "/creator/slots");
    let booked = text(&person, "/creator/slots").await;
    assert!(booked.contains("내 시간") && booked.contains("아직 딜이 없어요") && !booked.contains("잡아 둔 시간"));
    assert!(text(&other, "/creator/slots").await.contains("1 남음"));
    assert!(!text(&other, "/creator/slots").await.contains("아직 딜이 없어요"), "nobody sees another's");

    // In English as well.
    let english = client().get(site.url("/creator/slots")).header("cookie", person.cookie());
    let english = english.header("accept-language", "en").header("accept", "text/html").send().await.unwrap();
    assert!(english.text().await.unwrap().contains("₩20,000 an hour"));
    agrees(&site).await;
}

both!(a_deal_is_open_within_the_hours_of_its_seller, "multi_thread");
async fn a_deal_is_open_within_the_hours_of_its_seller(on: On) {
    let (site, clock) = market(on, 20_000, 2).await;
    let person = seller(&site).await;
    let run = |from: i64, until: i64| (START + from * HOUR, START + until * HOUR);
    let not_booked = |(from, until): (Time, Time)| FieldError::NotBooked { from, until };
    let refused = wrong(&person, "/creator/new", deal(&site, 30 * HOUR, 2 * HOUR, &[])).await;
    assert_eq!(refused, [("opens_at".to_owned(), not_booked(run(30, 32)))]);
    // In words, at the field, with everything that was typed.
    let marked = send(&person, deal(&site, 30 * HOUR, 2 * HOUR, &[])).await;
    assert_eq!(marked.status(), 422);
    let marked = marked.text().await.unwrap();
    assert!(marked.contains("먼저 이 시간을 빌려 주세요:") && marked.contains("27,000"), "{marked}");
    // A draft needs none, and neither do tickets and giveaways.
    let draft = made(&send(&person, deal(&site, 30 * HOUR, 2 * HOUR, &[("save", "draft")])).await);
    made(&send(&person, form(&site, &[])).await);

    book(&person, &[30, 32]).await.unwrap();
    let still = wrong(&person, "/creator/new", deal(&site, 30 * HOUR, HOUR, &[])).await;
    assert_eq!(still, [("opens_at".to_owned(), not_booked(run(30, 31)))], "it is not paid for");
    let payment = begin(&site, &person).await;
    site.engine.payments.decide(payment, SandboxChoice::Approve, true).await.unwrap();
    let gaps = wrong(&person, "/creator/new", deal(&site, 29 * HOUR + MINUTE, 4 * HOUR, &[])).await;
    let expected = [("opens_at", run(29, 30)), ("closes_at", run(33, 34))];
    assert_eq!(
        gaps,
        expected.map(|(name, run)| (name.to_owned(), not_booked(run))),
        "the first and the last that lack"
    );
    // The form knows what there is, and begins with it.
    let new = person.get("/creator/new?kind=deal").await.text().await.unwrap();
    assert!(new.contains("딜을 열 수 있는 내 시간") && new.contains(&(START + 30 * HOUR).to_local()), "{new}");

    buy(&site, &person, &[31]).await;
    let event = made(&send(&person, deal(&site, 30 * HOUR + 10 * MINUTE, HOUR + 50 * MINUTE, &[])).await);
    assert_eq!(hours_of(&site, event).await, [30, 31].map(|ahead| Hour::of(START + ahead * HOUR)));
    let used = |(from, until): (Time, Time)| FieldError::HourUsed { from, until };
    let edit = format!("/creator/events/{draft}/edit");
    let second = wrong(&person, &edit, deal(&site, 31 * HOUR, HOUR, &[])).await;
    assert_eq!(second, [("opens_at".to_owned(), used(run(31, 32)))], "a place is of one deal");

    // It is moved within what its seller has, and what it left is for another.
    let edit = format!("/creator/events/{event}/edit");
    assert_eq!(wrong(&person, &edit, deal(&site, 32 * HOUR, 2 * HOUR, &[])).await.len(), 1);
    assert_eq!(hours_of(&site, event).await.len(), 2, "nothing was changed");
    let texts = deal(&site, 30 * HOUR + 10 * MINUTE, HOUR + 50 * MINUTE, &[("title", "다른 머그")]);
    assert_eq!(send_to(&person, &edit, texts).await.status(), 303, "texts alone");
    assert_eq!(send_to(&person, &edit, deal(&site, 31 * HOUR, 2 * HOUR, &[])).await.status(), 303);
    assert_eq!(hours_of(&site, event).await, [31, 32].map(|ahead| Hour::of(START + ahead * HOUR)));
    let edit = format!("/creator/events/{draft}/edit");
    assert_eq!(send_to(&person, &edit, deal(&site, 30 * HOUR, HOUR, &[])).await.status(), 303, "a draft is published");

    // What a deal is in is not given back; what is given back has none.
    let own = page(&site, &person).await.own.rows;
    assert!(own.iter().all(|own| own.deal.is_some() && !own.may_give_back));
    let back = async |at: usize| {
        let (booking, hour) = (own[at].booking.to_string(), own[at].hour.to_string());
        call(&person, "give-back-hour", &[("booking", &booking), ("hour", &hour)]).await
    };
    assert_eq!(back(0).await, Err(SlotError::Used.into()));

    // Called off a day before, its hours go back for their money; later they stay its seller's.
    let cancel = async |event: EventId| {
        let form = [("event", event.to_string()), ("reason", "재고 오류".to_owned())];
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        call(&person, "cancel-event", &form).await.unwrap();
    };
    clock.set(START + 7 * HOUR + MINUTE);
    cancel(event).await;
    let states: Vec<_> = page(&site, &person).await.own.rows.iter().map(|own| own.given_back.is_some()).collect();
    assert_eq!(states, [false, false, true], "30 has a deal, 31 begins too soon, 32 went back");
    assert_eq!(back(1).await, Err(SlotError::TooLate.into()));
    cancel(draft).await;
    let own = page(&site, &person).await.own.rows;
    assert!(own.iter().all(|own| own.deal.is_none()));
    assert_eq!(send(&person, deal(&site, 30 * HOUR, 2 * HOUR, &[])).await.status(), 303, "for another deal");
    // The seller's own statements know nothing of it.
    assert_eq!(site.engine.sales.statements(&Actor::host(person.member)).await.unwrap(), []);
    agrees(&site).await;
}

both!(nobody_books_for_another_and_refusals_change_nothing, "multi_thread");
async fn nobody_books_for_another_and_refusals_change_nothing(on: On) {
    let (site, clock) = market(on, 20_000, 1).await;
    let (person, other, unchecked) = (seller(&site).await, seller(&site).await, site.creator().await);
    buy(&site, &person, &[30, 31]).await;
    for (who, hours, error) in [
        (&other, vec![30], SlotError::Full.into()),
        (&person, vec![31, 32], SlotError::Own.into()),
        (&other, vec![-1], SlotError::Past.into()),
        (&other, (40..65).collect(), SlotError::TooMany.into()),
        (&other, vec![24 * 373], SlotError::TooFar.into()),
        (&unchecked, vec![40], model::SellerError::BusinessNeeded.into()),
    ] {
        assert_eq!(book(who, &hours).await, Err(error), "{hours:?}");
        for lang in app::texts::Lang::ALL {
            let Err(error) = book(who, &hours).await else { panic!() };
            assert!(!lang.error(&error).is_empty());
        }
    }
    let half = call(&other, "book-hours", &[("request", &request().to_string()), ("hour", "2026-11-27T20:30")]).await;
    assert_eq!(half, Err(SlotError::NotWhole.into()));
    let own = page(&site, &person).await.own.rows;
    let (booking, hour) = (own[0].booking.to_string(), own[0].hour.to_string());
    let anothers = call(&other, "give-back-hour", &[("booking", &booking), ("hour", &hour)]).await;
    assert_eq!(anothers, Err(Error::NotFound));
    clock.set(START + 6 * HOUR + MINUTE);
    let late = call(&person, "give-back-hour", &[("booking", &booking), ("hour", &hour)]).await;
    assert_eq!(late, Err(SlotError::TooLate.into()));
    let (count,): (i64,) = site.engine.db.sql("select count(*) from bookings").one().await.unwrap();
    assert_eq!(count, 1);
    assert_eq!(
        page(&site, &person).await.own.rows,
        own.iter()
            .cloned()
            .map(|own| model::slots::OwnHour {
                may_give_back: own.hour != Hour::of(START + 30 * HOUR) && own.may_give_back,
                ..own
            })
            .collect::<Vec<_>>()
    );

    // An hour of one's own is given back by the form of the page, and admins see what came of it.
    let second = own[1].hour.to_string();
    let back = person.change("/creator/slots", "give-back-hour", &[("booking", &booking), ("hour", &second)]).await;
    assert_eq!(back.status(), 303);
    let income = site.engine.slots.income(&Actor::System).await.unwrap();
    assert_eq!(income.iter().map(|month| month.paid - month.refunds).sum::<i64>(), 20_000);
    agrees(&site).await;
}

both!(hours_of_a_demonstration_are_free_taken_and_full, "multi_thread");
async fn hours_of_a_demonstration_are_free_taken_and_full(on: On) {
    let place = Place::new(on);
    let mut config = config(&place);
    (config.demo, config.payments) = (true, Some(PaymentProvider::Sandbox));
    let db = config.database().await.unwrap();
    let engine = server::engine_on(&config, db, Clock::system(), Tasks::surviving()).await.unwrap();
    let site = Site::serve_as(engine, Arc::new(place), config).await;
    let demo = Demo::start(&site.engine, false).await.unwrap();
    demo.completed().await;
    let token = demo.sign_in(Persona::Seller).await.unwrap();
    let member = site.engine.accounts.sessions.of(&token).await.unwrap().unwrap().member;
    let (seller, now) = (Actor::host(member), site.engine.clock.now());
    let mut cells = Vec::new();
    for day in [now, now + 7 * DAY] {
        let query = SlotsQuery { day: Some(day), ..SlotsQuery::default() };
        cells.extend(site.engine.slots.page(&seller, query).await.unwrap().week);
    }
    // As whoever sells there sees it: three deals have room in an hour.
    for cell in [Cell::Free(3), Cell::Free(2), Cell::Full, Cell::Mine, Cell::Used] {
        assert!(cells.contains(&cell), "{cell:?}");
    }
}

both!(of_two_sellers_one_gets_the_last_place, "multi_thread");
async fn of_two_sellers_one_gets_the_last_place(on: On) {
    let (site, _) = market(on, 20_000, 1).await;
    let (one, two) = (seller(&site).await, seller(&site).await);
    for round in 0..ROUNDS as i64 {
        let hours = [30 + 2 * round, 31 + 2 * round];
        let (first, second) = tokio::join!(book(&one, &hours), book(&two, &hours[1..]));
        assert_eq!(first.is_ok(), second.is_err(), "{first:?} {second:?}");
        let (winner, loser) = if first.is_ok() { (&one, second) } else { (&two, first) };
        assert_eq!(loser, Err(SlotError::Full.into()));
        let booking: BookingId = page(&site, winner).await.unpaid.unwrap().id;
        call(winner, "give-up-hours", &[("booking", &booking.to_string())]).await.unwrap();
    }
    agrees(&site).await;
}

both!(of_a_deal_and_its_hour_given_back_at_once_one_wins, "multi_thread");
async fn of_a_deal_and_its_hour_given_back_at_once_one_wins(on: On) {
    let (site, _) = market(on, 20_000, 5).await;
    for round in 0..ROUNDS as i64 {
        let person = seller(&site).await;
        let ahead = 30 + round;
        buy(&site, &person, &[ahead]).await;
        let own = page(&site, &person).await.own.rows.remove(0);
        let (booking, hour) = (own.booking.to_string(), own.hour.to_string());
        let form = [("booking", booking.as_str()), ("hour", hour.as_str())];
        let published = send(&person, deal(&site, ahead * HOUR, HOUR, &[]));
        let (published, back) = tokio::join!(published, call(&person, "give-back-hour", &form));
        assert_eq!(published.status() == 303, back.is_err(), "{back:?}");
        let own = page(&site, &person).await.own.rows.remove(0);
        assert_eq!(own.deal.is_some(), own.given_back.is_none());
    }
    agrees(&site).await;
}
