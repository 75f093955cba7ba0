use super::*;
use crate::{
    accounts::Actor,
    db::Lane,
    ids,
    parties::testing::newcomer,
    payments::{Approval, Purchase},
    purchases,
    sellers::Practice,
};
use ::testing::{On, Place, both};
use futures::future::join_all;
use model::{
    DAY, Error as Refusal, EventId, HOUR, MICROSECOND, MINUTE, MemberId, Notice, PaymentId, PaymentState, RequestId,
    SandboxChoice, SandboxId, Time, Won,
    notices::HoursNews,
    slots::{BookingId, Cell, HELD_FOR, Hour, SlotsQuery},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::sync::Barrier;

const START: Time = Time(1_795_258_800_000_000);
const PRICE: i64 = 20_000;

/// Hours at a price, and sellers.
struct Scene {
    _place: Place,
    db: Db,
    clock: Clock,
    slots: Slots,
    payments: Payments,
    sellers: Vec<Actor>,
}

fn request() -> RequestId {
    RequestId(ids::new_id(START))
}

/// So many hours after the start.
fn hour(ahead: i64) -> String {
    Hour::of(START + ahead * HOUR).to_string()
}

fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> Refusal {
    done.unwrap_err().public()
}

impl Scene {
    async fn new(on: On, sellers: u128, price: i64, most: u32) -> Scene {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let (clock, limits) = (Clock::manual(START), Limits::default());
        let payments = Payments::sandboxed(db.clone(), clock.clone(), limits.clone(), purchases::of);
        let business = Sellers::new(db.clone(), clock.clone(), limits.clone());
        business.check_by(Practice);
        let mut made = Vec::new();
        for number in 1..=sellers {
            let member = newcomer(&db, number).await;
            business.vouch(member, "수달상점").await.unwrap();
            made.push(Actor::host(member));
        }
        let terms = Terms { price: Won(price), most };
        let slots = Slots::new(db.clone(), clock.clone(), limits, business, payments.clone(), terms);
        Scene { _place: place, db, clock, slots, payments, sellers: made }
    }

    /// As if a long time passed between what sellers do.
    fn forget_limits(&mut self) {
        let limits = Limits::default();
        let business = Sellers::new(self.db.clone(), self.clock.clone(), limits.clone());
        business.check_by(Practice);
        self.payments = Payments::sandboxed(self.db.clone(), self.clock.clone(), limits.clone(), purchases::of);
        let (db, clock, payments) = (self.db.clone(), self.clock.clone(), self.payments.clone());
        self.slots = Slots::new(db, clock, limits, business, payments, self.slots.terms);
    }

    async fn book(&self, seller: usize, hours: &[i64]) -> Result<BookingId, Error> {
        let hours: Vec<String> = hours.iter().map(|ahead| hour(*ahead)).collect();
        self.slots.book(&self.sellers[seller], request(), &hours).await
    }

    /// Pays at the sandbox.
    async fn pay(&self, seller: usize, booking: BookingId) {
        let payment = self.slots.pay(&self.sellers[seller], booking, None, "ko").await.unwrap();
        self.decide(payment.link.as_deref()).await;
    }

    async fn decide(&self, link: Option<&str>) {
        let id: SandboxId = link.unwrap().strip_prefix("/sandbox/pay/").unwrap().parse().unwrap();
        self.payments.decide(id, SandboxChoice::Approve, true).await.unwrap();
    }

    async fn bought(&self, seller: usize, hours: &[i64]) -> BookingId {
        let booking = self.book(seller, hours).await.unwrap();
        self.pay(seller, booking).await;
        booking
    }

    async fn cell(&self, seller: usize, ahead: i64) -> Cell {
        let at = START + ahead * HOUR;
        let query = SlotsQuery { day: Some(at.midnight()), ..SlotsQuery::default() };
        let page = self.slots.page(&self.sellers[seller], query).await.unwrap();
        page.week[(at.since(page.monday) / HOUR) as usize]
    }

    /// Everything that is written, to be compared.
    async fn all(&self) -> Vec<(BookingId, String, i64, i64)> {
        let rows = self.db.sql(
            "select id, state, owed_back, (select count(*) from booked_hours where booking_id = id and freed_at is null)
             from bookings order by id",
        );
        rows.all().await.unwrap()
    }

    /// What a seller was told of hours, in its order.
    async fn told(&self, seller: usize) -> Vec<HoursNews> {
        let rows = self.db.sql("select notice from notices where member_id = $1 order by at, id");
        let rows: Vec<(String,)> = rows.bind(self.sellers[seller].member()).all().await.unwrap();
        rows.into_iter()
            .map(|(notice,)| match serde_json::from_str(&notice).unwrap() {
                Notice::Hours { news } => news,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    /// Whatever is owed back goes back, and everything agrees.
    async fn agrees(&self) {
        for _ in 0..5 {
            self.payments.reconcile().await.unwrap();
        }
        let (_, wrong) = purchases::check(&self.db).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

both!(of_hundreds_who_book_the_last_place_at_once_one_gets_it, "multi_thread");
async fn of_hundreds_who_book_the_last_place_at_once_one_gets_it(on: On) {
    const SELLERS: usize = 200;
    let scene = Arc::new(Scene::new(on, SELLERS as u128, PRICE, 1).await);
    let barrier = Arc::new(Barrier::new(SELLERS));
    let booking = (0..SELLERS).map(|seller| {
        let (scene, barrier) = (scene.clone(), barrier.clone());
        tokio::spawn(async move {
            barrier.wait().await;
            // Different hours, but that one in all of them.
            let hours = [30, 31 + seller as i64 % 5, 29 - seller as i64 % 3];
            // Where too many wait for a connection one is told so, and tries again.
            loop {
                match scene.book(seller, &hours).await {
                    Err(error) if matches!(&error, Error::Database(error) if crate::db::is_passing(error)) => {}
                    done => return done,
                }
            }
        })
    });
    let booked: Vec<_> = join_all(booking).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(booked.iter().filter(|booked| booked.is_ok()).count(), 1);
    for booked in booked.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(booked), SlotError::Full.into());
    }
    assert_eq!(scene.all().await.len(), 1);
    scene.agrees().await;
}

both!(whatever_cannot_be_booked_is_refused_and_changes_nothing);
async fn whatever_cannot_be_booked_is_refused_and_changes_nothing(on: On) {
    let scene = Scene::new(on, 3, PRICE, 2).await;
    scene.bought(0, &[48, 49]).await;
    scene.bought(1, &[48]).await;
    let before = scene.all().await;
    let seller = &scene.sellers[2];
    let book = async |hours: &[&str]| {
        let hours: Vec<String> = hours.iter().map(|hour| (*hour).to_owned()).collect();
        refusal(scene.slots.book(seller, request(), &hours).await)
    };
    assert_eq!(book(&[]).await, SlotError::NoHours.into());
    assert_eq!(book(&["soon"]).await, SlotError::NotWhole.into());
    let within = hour(50).replace(":00", ":30");
    assert_eq!(book(&[&hour(50), &within]).await, SlotError::NotWhole.into());
    let many: Vec<String> = (50..75).map(hour).collect();
    assert_eq!(refusal(scene.slots.book(seller, request(), &many).await), SlotError::TooMany.into());
    assert_eq!(book(&[&hour(-1), &hour(50)]).await, SlotError::Past.into());
    assert_eq!(book(&[&hour(24 * 373)]).await, SlotError::TooFar.into());
    assert_eq!(book(&[&hour(47), &hour(48)]).await, SlotError::Full.into(), "two have it");
    assert_eq!(refusal(scene.book(0, &[47, 49]).await), SlotError::Own.into());
    let stranger = Actor::host(newcomer(&scene.db, 99).await);
    let unchecked = scene.slots.book(&stranger, request(), &[hour(50)]).await;
    assert_eq!(refusal(unchecked), model::SellerError::BusinessNeeded.into());
    assert_eq!(refusal(scene.slots.book(&Actor::Visitor, request(), &[hour(50)]).await), Refusal::SignedOut);
    assert_eq!(scene.all().await, before);

    // One booking at a time is to be paid for; the same request is one booking, and nobody else's.
    let same = request();
    let first = scene.slots.book(seller, same, &[hour(50)]).await.unwrap();
    assert_eq!(scene.slots.book(seller, same, &[hour(50)]).await.unwrap(), first);
    assert_eq!(refusal(scene.slots.book(&scene.sellers[1], same, &[hour(50)]).await), Refusal::Forbidden);
    assert_eq!(refusal(scene.book(2, &[51]).await), SlotError::Unpaid.into());
    let anothers = [
        scene.slots.give_up(&scene.sellers[1], first).await,
        scene.slots.pay(&scene.sellers[1], first, None, "ko").await.map(|_| ()),
    ];
    for anothers in anothers {
        assert_eq!(refusal(anothers), Refusal::NotFound);
    }
    scene.slots.give_up(seller, first).await.unwrap();
    scene.slots.give_up(seller, first).await.unwrap();
    assert_eq!(refusal(scene.slots.pay(seller, first, None, "ko").await), SlotError::Over.into());
    assert_eq!(scene.cell(2, 50).await, Cell::Free(2));
    scene.bought(2, &[51]).await;
    scene.agrees().await;
}

/// What one notes of a booking who keeps the calendar by hand.
struct Noted {
    seller: usize,
    booking: BookingId,
    /// By how many hours after the start; whether a deal is in it.
    hours: BTreeMap<i64, bool>,
    /// Until when they are set aside; `None` once they are paid for.
    until: Option<Time>,
}

/// Whether an hour has room for one more, whom it is not the second place of.
fn has_room(notes: &[Noted], seller: usize, hour: i64, most: usize) -> bool {
    let there: Vec<usize> =
        notes.iter().filter(|noted| noted.hours.contains_key(&hour)).map(|noted| noted.seller).collect();
    there.len() < most && !there.contains(&seller)
}

both!(whatever_happens_the_calendar_is_the_one_that_is_kept_by_hand, "multi_thread");
async fn whatever_happens_the_calendar_is_the_one_that_is_kept_by_hand(on: On) {
    const SELLERS: usize = 5;
    const MOST: usize = 2;
    let mut scene = Scene::new(on, SELLERS as u128, PRICE, MOST as u32).await;
    let mut random = StdRng::seed_from_u64(59);
    let mut notes: Vec<Noted> = Vec::new();
    // How often each thing was done, and not refused.
    let mut done = [0; 5];
    for step in 0..100 {
        if step % 8 == 0 {
            scene.forget_limits();
        }
        let now = scene.clock.now();
        // From those that cannot go back any more to those that can.
        let near = now.since(START) / HOUR + 21;
        let owes =
            |notes: &[Noted], seller: usize| notes.iter().any(|noted| noted.seller == seller && noted.until.is_some());
        let note = |seller, booking, hours: &[i64]| Noted {
            seller,
            booking,
            hours: hours.iter().map(|hour| (*hour, false)).collect(),
            until: Some(now + HELD_FOR),
        };
        match random.random_range(0..100) {
            0..34 => {
                let seller = random.random_range(0..SELLERS);
                let many = random.random_range(1..4);
                let hours: BTreeSet<i64> = (0..many).map(|_| near + random.random_range(0..12)).collect();
                let hours: Vec<i64> = hours.into_iter().collect();
                let fits = hours.iter().all(|hour| has_room(&notes, seller, *hour, MOST)) && !owes(&notes, seller);
                let booked = scene.book(seller, &hours).await;
                assert_eq!(booked.is_ok(), fits, "step {step}: {booked:?}");
                if let Ok(booking) = booked {
                    notes.push(note(seller, booking, &hours));
                    done[0] += 1;
                }
            }
            34..58 => {
                let Some(noted) = notes.iter_mut().find(|noted| noted.until.is_some()) else { continue };
                scene.pay(noted.seller, noted.booking).await;
                noted.until = None;
                done[1] += 1;
            }
            58..74 => {
                let paid: Vec<&mut Noted> =
                    notes.iter_mut().filter(|noted| noted.until.is_none() && !noted.hours.is_empty()).collect();
                let many = paid.len().max(1);
                let Some(noted) = paid.into_iter().nth(random.random_range(0..many)) else { continue };
                let at = random.random_range(0..noted.hours.len());
                let (hour, used) = noted.hours.iter().nth(at).map(|(hour, used)| (*hour, *used)).unwrap();
                let start = START + hour * HOUR;
                let back = scene.slots.give_back(&scene.sellers[noted.seller], noted.booking, Hour::of(start)).await;
                assert_eq!(back.is_ok(), !used && now + DAY <= start, "step {step}: {back:?}");
                if back.is_ok() {
                    noted.hours.remove(&hour);
                    done[2] += 1;
                }
            }
            74..86 => {
                // A deal in one of the hours that somebody has, and maybe in the next one, which they may not have.
                let paid: Vec<(usize, i64)> = notes
                    .iter()
                    .filter(|noted| noted.until.is_none())
                    .flat_map(|noted| noted.hours.keys().map(move |hour| (noted.seller, *hour)))
                    .collect();
                if paid.is_empty() {
                    continue;
                }
                let (seller, first) = paid[random.random_range(0..paid.len())];
                let needed = first..first + random.random_range(1..3);
                let is_theirs = |noted: &Noted| noted.seller == seller && noted.until.is_none();
                let fits = needed
                    .clone()
                    .all(|hour| notes.iter().any(|noted| is_theirs(noted) && noted.hours.get(&hour) == Some(&false)));
                let (opens_at, closes_at) = (START + needed.start * HOUR, START + needed.end * HOUR);
                let (member, event) = (scene.sellers[seller].member().unwrap(), EventId(ids::new_id(now)));
                let mut tx = scene.db.begin(Lane::Other).await.unwrap();
                let taken = scene.slots.take(&mut tx, member, event, opens_at, closes_at, now).await;
                assert_eq!(taken.is_ok(), fits, "step {step}: {taken:?}");
                if fits {
                    tx.commit().await.unwrap();
                    let theirs = notes.iter_mut().filter(|noted| noted.seller == seller && noted.until.is_none());
                    for (_, used) in theirs.flat_map(|noted| noted.hours.range_mut(needed.clone())) {
                        *used = true;
                    }
                    done[3] += 1;
                }
            }
            86..92 => {
                // All of them at once, as many as there is room for.
                let hour = [near + random.random_range(0..12)];
                let may: Vec<bool> = (0..SELLERS)
                    .map(|seller| has_room(&notes, seller, hour[0], MOST) && !owes(&notes, seller))
                    .collect();
                let left = MOST - notes.iter().filter(|noted| noted.hours.contains_key(&hour[0])).count();
                let booked = join_all((0..SELLERS).map(|seller| scene.book(seller, &hour))).await;
                let got = booked.iter().filter(|booked| booked.is_ok()).count();
                assert_eq!(got, left.min(may.iter().filter(|may| **may).count()), "step {step}: {booked:?}");
                for (seller, booking) in booked.into_iter().enumerate().filter_map(|(at, done)| Some((at, done.ok()?)))
                {
                    assert!(may[seller], "step {step}");
                    notes.push(note(seller, booking, &hour));
                    done[4] += 1;
                }
            }
            _ => scene.clock.set(now + random.random_range(3..40) * MINUTE),
        }
        let now = scene.clock.now();
        notes.retain(|noted| noted.until.is_none_or(|until| until > now));
        let rows = scene.db.sql(
            "select h.seller_id, h.starts_at, b.state = 'booked', h.event_id is not null
             from booked_hours h join bookings b on b.id = h.booking_id
             where h.freed_at is null and (b.held_until is null or b.held_until > $1)",
        );
        let mut rows: Vec<(MemberId, Hour, bool, bool)> = rows.bind(now).all().await.unwrap();
        let mut kept = Vec::new();
        for noted in &notes {
            let (member, paid) = (scene.sellers[noted.seller].member().unwrap(), noted.until.is_none());
            let hours = noted.hours.iter();
            kept.extend(hours.map(|(hour, used)| (member, Hour::of(START + *hour * HOUR), paid, *used)));
        }
        rows.sort_unstable();
        kept.sort_unstable();
        assert_eq!(rows, kept, "step {step}");
    }
    assert!(done.iter().all(|done| *done > 0), "{done:?}");
    scene.slots.tidy().await.unwrap();
    scene.agrees().await;
}

both!(what_is_not_paid_for_in_time_is_free_by_the_time_itself);
async fn what_is_not_paid_for_in_time_is_free_by_the_time_itself(on: On) {
    let scene = Scene::new(on, 3, PRICE, 1).await;
    let held = scene.book(0, &[30, 31]).await.unwrap();
    let payment = scene.slots.pay(&scene.sellers[0], held, None, "en").await.unwrap();
    let (title,): (String,) = scene.db.sql("select title from payments").one().await.unwrap();
    assert!(title.ends_with(" · 2 hours"), "it is called so in the language of who pays: {title}");
    assert_eq!([scene.cell(0, 30).await, scene.cell(1, 30).await], [Cell::Held, Cell::Full]);
    scene.clock.set(START + HELD_FOR - MICROSECOND);
    assert_eq!(refusal(scene.book(1, &[31]).await), SlotError::Full.into());
    scene.clock.set(START + HELD_FOR);
    assert_eq!([scene.cell(0, 30).await, scene.cell(1, 30).await], [Cell::Free(1), Cell::Free(1)], "no job ran");
    let next = scene.book(1, &[31]).await.unwrap();
    // Whoever approves now pays nothing.
    scene.decide(payment.link.as_deref()).await;
    let payment = scene.payments.state(&scene.sellers[0], payment.id).await.unwrap();
    assert_eq!(payment.state, PaymentState::Declined);
    assert_eq!(scene.cell(0, 31).await, Cell::Full);
    scene.pay(1, next).await;
    assert_eq!([scene.cell(1, 31).await, scene.cell(1, 30).await], [Cell::Mine, Cell::Free(1)]);

    // What nobody wants is tidied up by the job.
    scene.book(2, &[40]).await.unwrap();
    scene.clock.set(scene.clock.now() + HELD_FOR);
    scene.slots.tidy().await.unwrap();
    let open = scene.db.sql("select 1 from bookings where state = 'held'").exists().await.unwrap();
    assert!(!open);
    scene.agrees().await;
}

both!(a_seller_is_told_of_hours_that_lapsed_and_of_those_without_a_deal_once, "multi_thread");
async fn a_seller_is_told_of_hours_that_lapsed_and_of_those_without_a_deal_once(on: On) {
    let scene = Scene::new(on, 3, PRICE, 1).await;
    let at = |ahead: i64| START + ahead * HOUR;
    // Given up by themselves: nobody has to tell them.
    let given_up = scene.book(0, &[10]).await.unwrap();
    scene.slots.give_up(&scene.sellers[0], given_up).await.unwrap();
    // Ended by another who wants one of them, and by the job.
    scene.book(0, &[10, 11]).await.unwrap();
    scene.book(2, &[5]).await.unwrap();
    scene.clock.set(START + HELD_FOR);
    scene.bought(1, &[11, 80, 81, 90]).await;
    for _ in 0..2 {
        scene.slots.tidy().await.unwrap();
    }
    assert_eq!(scene.told(0).await, [HoursNews::Lapsed { first: at(10), count: 2 }]);
    assert_eq!(scene.told(2).await, [HoursNews::Lapsed { first: at(5), count: 1 }]);
    assert_eq!(
        scene.told(1).await,
        Vec::<HoursNews>::new(),
        "what begins within a day cannot be given back, the rest is days away"
    );

    // Two days before the first of them, of those that begin within a day of it: once, however often the job runs.
    scene.clock.set(at(80 - 48));
    for _ in 0..2 {
        scene.slots.tidy().await.unwrap();
    }
    let reminded = [HoursNews::Unused { first: at(80), count: 3, until: at(80 - 24) }];
    assert_eq!(scene.told(1).await, reminded);
    scene.clock.set(at(80));
    scene.slots.tidy().await.unwrap();
    assert_eq!(scene.told(1).await, reminded);
    scene.agrees().await;
}

both!(of_a_payment_and_the_next_who_books_one_wins, "multi_thread");
async fn of_a_payment_and_the_next_who_books_one_wins(on: On) {
    const ROUNDS: i64 = 16;
    let scene = Arc::new(Scene::new(on, 2 * ROUNDS as u128, PRICE, 1).await);
    let mut won = [0, 0];
    for round in 0..ROUNDS {
        let (first, second) = (2 * round as usize, 2 * round as usize + 1);
        let booking = scene.book(first, &[30 + round]).await.unwrap();
        let over = scene.clock.now() + HELD_FOR;
        scene.clock.set(over);
        let barrier = Arc::new(Barrier::new(2));
        let paying = {
            let (scene, barrier) = (scene.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                // As of a moment before, as somebody reads the clock who then waits for the database.
                let (payment, now) = (PaymentId(ids::new_id(START)), over - MICROSECOND);
                let mut tx = scene.db.begin(Lane::Other).await.unwrap();
                let answer = Bookings.approve(&mut tx, booking.0, payment, Won(PRICE), now).await.unwrap();
                tx.commit().await.unwrap();
                (answer == Approval::Go).then_some(payment)
            })
        };
        let next = {
            let scene = scene.clone();
            tokio::spawn(async move {
                barrier.wait().await;
                scene.book(second, &[30 + round]).await
            })
        };
        let (approved, next) = (paying.await.unwrap(), next.await.unwrap());
        assert_eq!(approved.is_some(), next.is_err(), "one of them");
        won[usize::from(next.is_ok())] += 1;
        if let Err(error) = next {
            assert_eq!(error.public(), SlotError::Full.into());
        }
        if let Some(payment) = approved {
            let mut tx = scene.db.begin(Lane::Other).await.unwrap();
            Bookings.failed(&mut tx, booking.0, payment, false, over).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    assert_eq!(won.iter().sum::<i64>(), ROUNDS);
    scene.agrees().await;
}

both!(an_hour_goes_back_for_its_money_until_a_day_before);
async fn an_hour_goes_back_for_its_money_until_a_day_before(on: On) {
    let scene = Scene::new(on, 2, PRICE, 1).await;
    let booking = scene.bought(0, &[30, 31, 32]).await;
    let back = async |seller: usize, ahead: i64| {
        scene.slots.give_back(&scene.sellers[seller], booking, Hour::of(START + ahead * HOUR)).await
    };
    assert_eq!(refusal(back(1, 30).await), Refusal::NotFound, "another's");
    assert_eq!(refusal(back(0, 33).await), Refusal::NotFound, "not of this booking");
    back(0, 31).await.unwrap();
    back(0, 31).await.unwrap();
    assert_eq!([scene.cell(0, 31).await, scene.cell(0, 30).await], [Cell::Free(1), Cell::Mine]);
    // Somebody else may have it.
    scene.bought(1, &[31]).await;
    scene.clock.set(START + 6 * HOUR);
    back(0, 30).await.unwrap();
    scene.clock.set(START + 8 * HOUR + MICROSECOND);
    let before = scene.all().await;
    assert_eq!(refusal(back(0, 32).await), SlotError::TooLate.into());
    assert_eq!(scene.all().await, before);
    scene.agrees().await;
    let (owed, refunded): (i64, i64) =
        scene.db.sql("select owed_back, refunded from bookings where id = $1").bind(booking).one().await.unwrap();
    assert_eq!((owed, refunded), (2 * PRICE, 2 * PRICE), "and it arrived");
    let income = scene.slots.income(&Actor::System).await.unwrap();
    let sum = |of: fn(&model::slots::Income) -> i64| income.iter().map(of).sum::<i64>();
    assert_eq!(
        (sum(|month| month.hours as i64), sum(|month| month.paid), sum(|month| month.refunds)),
        (2, 4 * PRICE, 2 * PRICE)
    );
    assert_eq!(refusal(scene.slots.income(&scene.sellers[0]).await), Refusal::Forbidden);
}

both!(hours_that_cost_nothing_are_booked_at_once);
async fn hours_that_cost_nothing_are_booked_at_once(on: On) {
    let scene = Scene::new(on, 2, 0, 1).await;
    let booking = scene.book(0, &[1, 2]).await.unwrap();
    assert_eq!(scene.cell(0, 1).await, Cell::Mine);
    assert_eq!(refusal(scene.slots.pay(&scene.sellers[0], booking, None, "ko").await), SlotError::Over.into());
    assert_eq!(refusal(scene.book(1, &[2]).await), SlotError::Full.into());
    // It costs nothing, so it may go back until it begins.
    scene.slots.give_back(&scene.sellers[0], booking, Hour::of(START + 2 * HOUR)).await.unwrap();
    scene.book(1, &[2]).await.unwrap();
    scene.clock.set(START + HOUR);
    let late = scene.slots.give_back(&scene.sellers[0], booking, Hour::of(START + HOUR)).await;
    assert_eq!(refusal(late), SlotError::TooLate.into());
    scene.agrees().await;
}

both!(own_hours_are_listed_a_page_at_a_time);
async fn own_hours_are_listed_a_page_at_a_time(on: On) {
    let scene = Scene::new(on, 1, 0, 1).await;
    for day in 0..3 {
        scene.book(0, &(1..=20).map(|hour| day * 24 + hour).collect::<Vec<_>>()).await.unwrap();
    }
    scene.clock.set(START + DAY + 30 * MINUTE);
    let all = async |past: bool| {
        let (mut query, mut hours) = (SlotsQuery { past, ..SlotsQuery::default() }, Vec::new());
        loop {
            let page = scene.slots.page(&scene.sellers[0], query.clone()).await.unwrap().own;
            assert!(page.rows.len() <= 30);
            hours.extend(page.rows.iter().map(|own| own.hour));
            let Some(next) = page.next else { return hours };
            query.after = Some(next);
        }
    };
    let (coming, over) = (all(false).await, all(true).await);
    assert_eq!((coming.len(), over.len()), (40, 20));
    assert!(coming.is_sorted() && over.iter().rev().is_sorted());
    let nonsense = SlotsQuery { after: Some("x".to_owned().into()), ..SlotsQuery::default() };
    assert_eq!(refusal(scene.slots.page(&scene.sellers[0], nonsense).await), Refusal::NotFound);
}

both!(a_check_finds_what_is_wrong_with_hours);
async fn a_check_finds_what_is_wrong_with_hours(on: On) {
    let scene = Scene::new(on, 2, PRICE, 1).await;
    scene.bought(0, &[30]).await;
    let other = scene.bought(1, &[31]).await;
    scene.agrees().await;
    let mut tx = scene.db.begin(Lane::Other).await.unwrap();
    tx.sql("update booked_hours set starts_at = $2 where booking_id = $1")
        .bind(other)
        .bind(Hour::of(START + 30 * HOUR))
        .run()
        .await
        .unwrap();
    tx.sql("update bookings set owed_back = 5 where id = $1").bind(other).run().await.unwrap();
    tx.commit().await.unwrap();
    let (_, wrong) = purchases::check(&scene.db).await.unwrap();
    assert!(wrong.iter().any(|wrong| wrong.contains("has 2 deals, and room for 1")), "{wrong:?}");
    assert!(wrong.iter().any(|wrong| wrong.contains("owes 5 back")), "{wrong:?}");
    assert!(wrong.iter().any(|wrong| wrong.contains("differs from its payment")), "{wrong:?}");
}
