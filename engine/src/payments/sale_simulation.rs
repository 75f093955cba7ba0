//! The same of what is really sold, deals and tickets: people enter, pay by a bad network, leave, let their time run out, come back late
//! and give back, while the program crashes between any two steps around a call. Units add up at every moment, and whatever anybody was
//! told is so in the end. `SEED=7 cargo test -p engine payments::sale_simulation` replays
//! the choices of one; `SEEDS=20000` runs two hundred.

use super::{
    LEFT, Payments,
    simulation::{Crashes, Elsewhere, Far, seeds, together},
};
use crate::{
    Engine, Services,
    accounts::{Actor, Passwords},
    clock::Clock,
    db::Db,
    events::Pictures,
    pictures::PictureStore,
    purchases,
    sales::Sales,
    tasks::Tasks,
    turnstile::ClickAnswer,
};
use model::{
    Category, Checkout, DAY, Delivery, Entry, EntryState, EventDraft, EventId, HOUR, MINUTE, MemberId, Offer, OrderId,
    PaymentId, PaymentState, PaymentView, RefundFees, RequestId, SECOND, Span, Time, Wish, Won,
    payments::LOOK_UP_FOR,
    sales::{OrderState, OrderView},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use testing::{On, PATIENCE, Place, both};
use uuid::Uuid;

/// Units that are sold, to more people than that.
const UNITS: u64 = 3;
const PEOPLE: usize = 6;
const PRICE: i64 = 9_900;
/// How many one person may take.
const LIMIT: u64 = 2;
/// How long they are held for whoever pays.
const HOLD: Span = MINUTE.times(3);

/// One thing that somebody does, decided before it is begun.
#[derive(Debug, Clone)]
enum Act {
    Enter(Actor, Wish),
    Pay(Actor),
    Elsewhere(Elsewhere),
    Leave(Actor),
    GiveBack(Actor, OrderId, u32, RequestId),
    TakeOut(u64),
    Look(Actor),
    Work,
}

/// What somebody was told, by an answer or a page.
#[derive(Debug)]
enum Told {
    Entry(MemberId, Entry),
    Order(MemberId, Box<OrderView>),
    Payment(MemberId, PaymentView),
    Left(MemberId),
    GivenBack(OrderId),
}

/// The program, while it lives.
#[derive(Clone)]
struct Life {
    engine: Engine,
    payments: Payments,
    sales: Sales,
    event: EventId,
    seller: Actor,
    told: Arc<Mutex<Vec<Told>>>,
}

struct World {
    life: Life,
    far: Far,
    clock: Clock,
    random: StdRng,
    people: Vec<Actor>,
    requests: Vec<RequestId>,
    /// Kept for as long as the data is used.
    _place: Place,
}

impl World {
    async fn new(on: On, seed: u64) -> World {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let clock = Clock::manual(super::fake::START);
        let pictures = PictureStore::folder(&place.folder().join("pictures")).await.unwrap();
        let passwords = Passwords::weak().unwrap();
        let engine = Engine::start_with(
            db.clone(),
            pictures,
            clock.clone(),
            passwords,
            None,
            Services::default(),
            Tasks::surviving(),
        )
        .await;
        let mut random = StdRng::seed_from_u64(seed);
        let names = (0..=PEOPLE).map(|n| (format!("{n}@test.example"), format!("수달 {n}")));
        let members = engine.accounts.insert_many(names.collect(), "no password").await.unwrap();
        let mut people: Vec<Actor> = members.into_iter().map(Actor::host).collect();
        let seller = people.remove(0);
        engine.accounts.set_profile(&seller, "수달극장", "", "", None).await.unwrap();
        let now = clock.now();
        let at_once = random.random_bool(0.5).then_some(2);
        let checkout = Checkout { minutes: Some((HOLD.micros() / MINUTE.micros()) as u32), at_once };
        let offer = if seed.is_multiple_of(2) {
            let delivery = "다음 날 보내요".into();
            Offer::Deal {
                list_price: 13_200,
                discount: 25,
                stock: UNITS,
                limit: LIMIT,
                delivery,
                checkout,
                details: vec![],
            }
        } else {
            Offer::Ticket {
                place: "만권책방".into(),
                address: "서울 성동구 1".into(),
                coordinates: None,
                starts_at: now + 20 * DAY,
                seats: UNITS,
                price: PRICE,
                limit: LIMIT,
                checkout,
                refunds: RefundFees::default(),
            }
        };
        let draft = EventDraft {
            title: "만권책방 겨울 북토크".into(),
            summary: "겨울 북토크".into(),
            description: "**북토크**".into(),
            category: Category::Living,
            opens_at: now - SECOND,
            closes_at: now + 5 * HOUR,
            entry_code: None,
            rules: String::new(),
            offer,
        };
        let request = RequestId(Uuid::from_u128(random.random()));
        let event = engine.events.create(&seller, request, draft, Pictures::default()).await.unwrap();
        let far = Far::new(&db, &clock, &mut random);
        let requests = (0..6).map(|_| RequestId(Uuid::from_u128(random.random()))).collect();
        let (payments, sales) = (engine.payments.clone(), engine.sales.clone());
        let life = Life { engine, payments, sales, event, seller, told: Arc::default() };
        let mut world = World { life, far, clock, random, people, requests, _place: place };
        let crashes = Crashes::after(world.random.random_range(1..60));
        world.begin_life(crashes);
        world
    }

    fn db(&self) -> &Db {
        &self.life.engine.db
    }

    fn begin_life(&mut self, crashes: Crashes) {
        let engine = &self.life.engine;
        let payments = self.far.payments(&engine.db, &self.clock, purchases::of, crashes);
        let (turnstile, limits) = (engine.turnstile.clone(), engine.limits.clone());
        self.life.sales = Sales::new(engine.db.clone(), self.clock.clone(), limits, turnstile, payments.clone());
        self.life.payments = payments;
    }

    fn somebody(&mut self) -> Actor {
        self.people[self.random.random_range(0..self.people.len())].clone()
    }

    async fn next_act(&mut self) -> Act {
        let who = self.somebody();
        match self.random.random_range(0..100) {
            0..18 => {
                // None, or more than one person may take, are refused.
                let wish = Wish { quantity: self.random.random_range(0..4), fewer: self.random.random_bool(0.5) };
                Act::Enter(who, wish)
            }
            18..38 => Act::Pay(who),
            38..72 => match Elsewhere::any(&self.life.engine.db, &mut self.random).await {
                Some(elsewhere) => Act::Elsewhere(elsewhere),
                None => Act::Pay(who),
            },
            72..76 => Act::Leave(who),
            76..80 => Act::Look(who),
            80..86 => {
                let orders: Vec<(OrderId,)> = self
                    .db()
                    .sql("select id from orders where state in ('paid', 'refunded') order by id")
                    .all()
                    .await
                    .unwrap();
                if orders.is_empty() {
                    return Act::Work;
                }
                let (order,) = orders[self.random.random_range(0..orders.len())];
                let request = self.requests[self.random.random_range(0..self.requests.len())];
                Act::GiveBack(who, order, self.random.random_range(0..4), request)
            }
            86 => Act::TakeOut(self.random.random_range(1..8)),
            _ => Act::Work,
        }
    }

    /// Several things at once; whether this life ended in them.
    async fn act(&mut self, acts: Vec<Act>) -> bool {
        let acting = acts.into_iter().map(|act| perform(self.life.clone(), act));
        together(acting, &self.life.payments.crashes).await
    }

    /// Whoever pays holds an order open for as long as a payment is looked up, and no longer.
    async fn nothing_is_open_too_long(&self) {
        let oldest = self.clock.now() - LOOK_UP_FOR - LEFT;
        let open: Vec<(i64, Time)> = self
            .db()
            .sql("select rank, due_at from orders where state = 'awaiting_payment' and due_at <= $1")
            .bind(oldest)
            .all()
            .await
            .unwrap();
        assert!(open.is_empty(), "at {:?}, ranks and deadlines that are open: {open:?}", self.clock.now());
    }

    /// Of every unit it is known whose it is, and nobody has more than one person may: at any moment, by one statement each.
    async fn units_add_up(&self) {
        let sums: Option<(i64, i64, i64, i64, i64)> = self
            .db()
            .sql(
                "select capacity, sold, held,
                    (select coalesce(cast(sum(units) as bigint), 0) from entries e
                     where e.event_id = t.event_id and e.state in ('paid', 'disqualified')) as paid,
                    (select coalesce(cast(sum(units) as bigint), 0) from entries e
                     where e.event_id = t.event_id and e.state in ('given', 'checkout')) as kept
                 from tallies t where t.event_id = $1",
            )
            .bind(self.life.event)
            .optional()
            .await
            .unwrap();
        // Nobody entered yet.
        let Some((capacity, sold, held, paid, kept)) = sums else { return };
        assert_eq!((capacity, sold, held), (UNITS as i64, paid, kept), "what is sold and held is what entries have");
        assert!(sold + held <= capacity, "{sold} units are sold and {held} held of {capacity}");
        let more =
            "select 1 from entries where event_id = $1 group by member_id having cast(sum(units) as bigint) > $2";
        let more = self.db().sql(more).bind(self.life.event).bind(LIMIT as i64);
        assert!(!more.exists().await.unwrap(), "somebody has more than one person may take");
    }

    /// How often somebody was told of a payment of theirs.
    async fn run(&mut self) -> usize {
        for _ in 0..70 {
            let mut acts = Vec::new();
            for _ in 0..self.random.random_range(1..4) {
                acts.push(self.next_act().await);
            }
            let died = self.act(acts).await;
            self.units_add_up().await;
            if self.random.random_bool(0.05) {
                self.far.turn();
            }
            let by = if self.random.random_bool(0.15) { 60..400 } else { 0..20 };
            self.clock.set(self.clock.now() + self.random.random_range(by) * SECOND);
            if died {
                let crashes = Crashes::after(self.random.random_range(1..60));
                self.begin_life(crashes);
            } else if self.random.random_bool(0.4)
                && !self.act(vec![Act::Work]).await
                && self.life.payments.takers[0].calls.available_permits() == super::CALLS
            {
                self.nothing_is_open_too_long().await;
            }
        }
        self.end().await;
        // What runs by itself would go on beside the next seeds, with its connections.
        assert!(self.life.engine.tasks.stop(PATIENCE).await, "something does not stop");
        let told = self.life.told.lock().unwrap();
        told.iter().filter(|told| matches!(told, Told::Payment(..))).count()
    }

    /// Everything answers again, and nobody does anything any more: whatever waits is gone on with until nothing does.
    async fn end(&mut self) {
        self.far.mend();
        self.begin_life(Crashes::default());
        let open =
            "select 1 from payments where look_at is not null union all select 1 from refunds where look_at is not null
            union all select 1 from orders where state = 'awaiting_payment'
            union all select 1 from orders where lost_at is not null and state = 'paid'
            union all select 1 from commands where done_at is null";
        for _ in 0..2_000 {
            perform(self.life.clone(), Act::Work).await;
            if !self.db().sql(open).exists().await.unwrap() {
                for who in self.people.clone() {
                    perform(self.life.clone(), Act::Look(who)).await;
                }
                return self.verify().await;
            }
            self.clock.set(self.clock.now() + 10 * SECOND);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("something never ends");
    }

    /// Units, orders, tickets and money are the same thing.
    async fn verify(&self) {
        let db = self.db();
        assert_eq!(crate::check(db).await.unwrap().1, []);
        assert_eq!(crate::check_payments(db).await.unwrap().1, Vec::<String>::new());
        let rows: Vec<Row> = db
            .sql(
                "select o.id, o.rank, o.member_id, o.kind = 'ticket' as is_ticket, o.units, o.units_back, o.state, o.amount,
                    o.owed_back, o.refunded,
                    (select count(*) from tickets t where t.order_id = o.id and t.state = 'valid') as tickets,
                    (select coalesce(cast(sum(s.taken) as bigint), 0) from payments p
                     join sandbox_payments s on s.payment_id = p.id where p.subject_id = o.id) as taken,
                    (select coalesce(cast(sum(r.amount) as bigint), 0) from payments p
                     join sandbox_returns r on r.payment_id = p.id where p.subject_id = o.id) as returned,
                    (select count(*) from payments p where p.subject_id = o.id and p.id = o.paid_by) as payments_kept,
                    (select p.approved_at from payments p where p.id = o.paid_by) as approved_at,
                    o.held_until
                 from orders o",
            )
            .all()
            .await
            .unwrap();
        let mut sold = 0;
        for row in &rows {
            let paid = row.state.was_paid();
            let left = row.units_left();
            let tickets = if row.is_ticket { left } else { 0 };
            let kept = if paid { row.amount - row.owed_back } else { 0 };
            assert_eq!(
                (row.taken - row.returned, row.tickets, row.payments_kept),
                (kept, tickets, i64::from(paid)),
                "{row:?}"
            );
            assert_eq!(row.refunded, row.owed_back, "{row:?}");
            assert_eq!(row.amount, row.units * PRICE, "{row:?}");
            assert!(row.owed_back <= row.amount && row.returned <= row.taken, "more went back than was paid: {row:?}");
            let Some(due_at) = row.held_until else { panic!("{row:?}") };
            assert!(row.approved_at.is_none_or(|at| at < due_at), "was paid for too late: {row:?}");
            sold += left as u64;
        }
        assert!(sold <= UNITS, "{sold} of {UNITS} units were sold");
        let refunds = "select count(*) from refunds r full join sandbox_returns s on s.refund_id = r.id
            where r.id is null or s.refund_id is null or r.amount <> s.amount and not r.closes";
        assert_eq!(db.sql(refunds).one::<(i64,)>().await.unwrap().0, 0, "each refund is one at the provider");
        let orders: BTreeMap<OrderId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
        self.is_as_told(&orders).await;
    }

    /// What was told is so, or became what may follow from it.
    async fn is_as_told(&self, orders: &BTreeMap<OrderId, Row>) {
        use EntryState::{Checkout, Disqualified, Given, Paid, Refunded, Standby};
        let db = self.db();
        let entries: Vec<(i64, MemberId, Time, i64, i64, EntryState)> = db
            .sql("select rank, member_id, entered_at, quantity, coalesce(units, 0), state from entries where event_id = $1")
            .bind(self.life.event)
            .all()
            .await
            .unwrap();
        let of_rank = |rank: i64| orders.values().find(|order| order.rank == rank);
        for (rank, member, _, quantity, units, state) in &entries {
            assert!((1..=LIMIT as i64).contains(quantity), "{quantity} units were asked for and not refused");
            let order = of_rank(*rank);
            let ordered = order.map_or(0, Row::units_left);
            assert_eq!((ordered, ordered > 0), (*units, *state == Paid), "rank {rank} is {state:?}: {order:?}");
            assert!(order.is_none_or(|order| order.member_id == *member), "rank {rank}: {order:?}");
        }
        let payments: Vec<(PaymentId, MemberId, Uuid, PaymentState, Won, Won)> =
            db.sql("select id, member_id, subject_id, state, amount, refunded from payments").all().await.unwrap();
        assert!(payments.iter().all(|(.., amount, refunded)| refunded <= amount), "{payments:?}");
        for told in &*self.life.told.lock().unwrap() {
            let holds = match told {
                Told::Entry(member, entry) => entries.iter().any(|(rank, of, entered_at, quantity, _, state)| {
                    let may_be = match entry.state {
                        Paid => matches!(state, Paid | Refunded | Disqualified),
                        Checkout | Given | Standby => true,
                        over => *state == over || *state == Disqualified,
                    };
                    let is_it = (*rank, *of, *entered_at, *quantity)
                        == (entry.rank as i64, *member, entry.entered_at, entry.quantity.into());
                    let has_order = !matches!(entry.state, Checkout | Paid) || of_rank(*rank).is_some();
                    is_it && may_be && has_order
                }),
                Told::Order(member, view) => orders.get(&view.id).is_some_and(|row| {
                    let may_be = match view.line.state {
                        OrderState::Cancelled => row.state == OrderState::Cancelled,
                        state => !state.was_paid() || row.state.was_paid(),
                    };
                    let is_it = (row.member_id, row.rank, row.units, row.amount)
                        == (*member, view.rank as i64, view.line.units.into(), view.line.amount);
                    let went_back =
                        view.line.refunded <= row.owed_back && i64::from(view.units_given_back) <= row.units_back;
                    is_it && may_be && went_back
                }),
                Told::Payment(member, view) => payments.iter().any(|(id, of, order, state, amount, _)| {
                    let may_be = view.state.is_open() || *state == view.state;
                    let is_theirs = orders.get(&OrderId(*order)).is_some_and(|row| row.member_id == *member);
                    (*id, *of, *amount) == (view.id, *member, view.amount) && may_be && is_theirs
                }),
                Told::Left(member) => entries.iter().any(|(_, of, .., state)| {
                    of == member && !matches!(state, Checkout | Given | Standby | Paid | Refunded)
                }),
                Told::GivenBack(order) => orders.get(order).is_some_and(|row| row.units_back > 0),
            };
            assert!(holds, "was told, and is not so: {told:?}; {entries:?} {orders:?} {payments:?}");
        }
    }
}

/// An order in the end, with what the provider has of it.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: OrderId,
    rank: i64,
    member_id: MemberId,
    is_ticket: bool,
    units: i64,
    units_back: i64,
    state: OrderState,
    amount: i64,
    owed_back: i64,
    refunded: i64,
    tickets: i64,
    taken: i64,
    returned: i64,
    payments_kept: i64,
    approved_at: Option<Time>,
    held_until: Option<Time>,
}

impl Row {
    /// Units that were paid for and not given back.
    fn units_left(&self) -> i64 {
        if self.state.was_paid() { self.units - self.units_back } else { 0 }
    }
}

async fn perform(life: Life, act: Act) {
    let Life { engine, payments, sales, event, seller, told } = life;
    let tell = |said| told.lock().unwrap().push(said);
    match act {
        Act::Enter(who, wish) => {
            let member = who.member().unwrap();
            let now = engine.clock.now();
            let answer = engine.turnstile.enter(event, member, "수달".into(), now, None, Some(wish)).await;
            if let Ok(ClickAnswer::Entered(entry) | ClickAnswer::Again(entry)) = answer {
                tell(Told::Entry(member, entry));
            }
        }
        Act::Pay(who) => {
            let delivery = Delivery {
                name: "김수달".into(),
                phone: "010-1234-5678".into(),
                postcode: "04799".into(),
                address: "서울 성동구 성수이로 1".into(),
                detail: String::new(),
            };
            if let Ok(payment) = sales.pay(&who, event, &delivery, None).await {
                tell(Told::Payment(who.member().unwrap(), payment));
            }
        }
        Act::Elsewhere(elsewhere) => elsewhere.happens(&engine.db, &payments).await,
        Act::Leave(who) => {
            if sales.leave(&who, event).await.is_ok() {
                tell(Told::Left(who.member().unwrap()));
            }
        }
        Act::GiveBack(who, order, units, request) => {
            if sales.give_back(&who, order, units, Some(engine.clock.now()), request).await.is_ok() {
                tell(Told::GivenBack(order));
            }
        }
        Act::TakeOut(rank) => drop(engine.giveaways.disqualify(&seller, event, rank, "되팔려고 샀어요").await),
        Act::Look(who) => {
            let member = who.member().unwrap();
            let sale = engine.pages.sale(event, &who).await.unwrap();
            sale.entry.into_iter().for_each(|entry| tell(Told::Entry(member, entry)));
            sale.order.into_iter().for_each(|order| tell(Told::Order(member, Box::new(order))));
            sale.payment.into_iter().for_each(|payment| tell(Told::Payment(member, payment)));
        }
        Act::Work => {
            engine.giveaways.catch_up(&engine.notices).await.unwrap();
            let _ = payments.reconcile().await;
            sales.work().await.unwrap();
        }
    }
}

both!(money_units_and_tickets_never_disagree, "multi_thread");
async fn money_units_and_tickets_never_disagree(on: On) {
    let mut begun = 0;
    for seed in seeds(2) {
        println!("seed {seed}");
        begun += World::new(on, seed).await.run().await;
    }
    assert!(begun > 0, "nobody came as far as to pay");
}
