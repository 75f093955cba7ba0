//! A seeded simulation of payments through the sandbox: a network that loses calls and answers or repeats them, a provider that
//! is away, crashes between any two steps, customers who come back twice, early, with others' tokens or not at all, and things
//! that are given away meanwhile. `SEED=7 cargo test -p engine payments::simulation` replays the choices of one;
//! `SEEDS=20000` runs two hundred.

use super::{
    Back, By, Charge, FoundCharge, LEFT, Order, Payments, Prepared, Provider, ProviderAnswer, Return, Sandbox, Subject,
    fake::{PRICE, START, Shop, purchases},
    owe,
};
use crate::{
    clock::Clock,
    db::{Db, Lane},
    limits::Limits,
    payments::Purchases,
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    MINUTE, PaymentId, PaymentState, RefundId, RequestId, SECOND, SandboxChoice, Time, Won, payments::LOOK_UP_FOR,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};
use testing::{On, both, soon};
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

/// Where a life may end.
#[derive(Clone)]
pub(super) struct Crashes {
    /// Points that are still passed; `None` when it never ends.
    left: Arc<Mutex<Option<u32>>>,
    dead: watch::Sender<bool>,
}

impl Default for Crashes {
    fn default() -> Crashes {
        Crashes { left: Arc::default(), dead: watch::Sender::new(false) }
    }
}

impl Crashes {
    pub fn after(points: u32) -> Crashes {
        Crashes { left: Arc::new(Mutex::new(Some(points))), ..Crashes::default() }
    }

    /// Passed while it lives; then nothing goes on.
    pub async fn point(&self) {
        if let Some(left) = &mut *self.left.lock().unwrap() {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.dead.send_replace(true);
            }
        }
        if *self.dead.borrow() {
            std::future::pending::<()>().await;
        }
    }

    async fn died(&self) {
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }
}

/// The sandbox behind a bad network.
#[derive(Clone)]
pub(super) struct Far {
    sandbox: Sandbox,
    network: Arc<Mutex<Network>>,
}

struct Network {
    random: StdRng,
    /// How many of a hundred calls go wrong.
    bad: u32,
    /// Nobody answers.
    away: bool,
}

enum Fate {
    Lost,
    Unheard,
    Twice,
    Fine,
}

impl Far {
    pub fn new(db: &Db, clock: &Clock, random: &mut StdRng) -> Far {
        let network = Network { random: StdRng::seed_from_u64(random.random()), bad: 30, away: false };
        Far { sandbox: Sandbox::new(db.clone(), clock.clone()), network: Arc::new(Mutex::new(network)) }
    }

    /// Payments through it, for one life.
    pub fn payments(&self, db: &Db, clock: &Clock, purchases: Purchases, crashes: Crashes) -> Payments {
        let provider: Arc<dyn Provider> = Arc::new(self.clone());
        let payments = Payments::through(db.clone(), clock.clone(), Limits::default(), purchases, Some(provider));
        Payments { sandbox: Some(self.sandbox.clone()), crashes, ..payments }
    }

    /// It goes away, or comes back.
    pub fn turn(&self) {
        self.network.lock().unwrap().away ^= true;
    }

    /// From now on every call is answered.
    pub fn mend(&self) {
        let mut network = self.network.lock().unwrap();
        (network.bad, network.away) = (0, false);
    }

    fn fate(&self) -> Fate {
        let Network { random, bad, away } = &mut *self.network.lock().unwrap();
        match random.random_range(0..100) {
            _ if *away => Fate::Lost,
            n if n >= *bad => Fate::Fine,
            n if n % 3 == 0 => Fate::Lost,
            n if n % 3 == 1 => Fate::Unheard,
            _ => Fate::Twice,
        }
    }

    async fn call<'a, T: Send>(&self, call: impl Fn() -> BoxFuture<'a, ProviderAnswer<T>> + Send) -> ProviderAnswer<T> {
        match self.fate() {
            Fate::Lost => ProviderAnswer::Unknown("lost".to_owned()),
            Fate::Unheard => {
                call().await;
                ProviderAnswer::Unknown("unheard".to_owned())
            }
            Fate::Twice => {
                call().await;
                call().await
            }
            Fate::Fine => call().await,
        }
    }
}

impl Provider for Far {
    fn name(&self) -> &'static str {
        self.sandbox.name()
    }

    fn returned(&self, query: &str) -> Return {
        self.sandbox.returned(query)
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        self.call(move || self.sandbox.prepare(order)).boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.call(move || self.sandbox.confirm(charge)).boxed()
    }

    fn cancel<'a>(&'a self, charge: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        self.call(move || self.sandbox.cancel(charge, refund, back)).boxed()
    }

    fn look_up<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        self.call(move || self.sandbox.look_up(charge)).boxed()
    }
}

/// What a customer does at the provider, or somebody says that they did.
#[derive(Debug, Clone)]
pub(super) enum Elsewhere {
    Decide(PaymentId, SandboxChoice, bool),
    Return(PaymentId, String),
    Notify(PaymentId),
}

impl Elsewhere {
    /// Of a payment that was begun; `None` while there is none.
    pub async fn any(db: &Db, random: &mut StdRng) -> Option<Elsewhere> {
        let (payment, back) = some_payment(db, random).await?;
        Some(match random.random_range(0..54) {
            0..28 => {
                let choice = SandboxChoice::ALL[random.random_range(0..SandboxChoice::ALL.len())];
                // Whoever waits for a slow answer only waits.
                let choice = if choice == SandboxChoice::Slow { SandboxChoice::Approve } else { choice };
                Elsewhere::Decide(payment, choice, random.random_bool(0.8))
            }
            28..46 => {
                // Again, early, by a made-up approval, with a made-up token or somebody else's.
                let query = back.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default();
                let query = if random.random_bool(0.5) { format!("{query}&result=approved") } else { query };
                match random.random_range(0..10) {
                    0 => Elsewhere::Return(payment, format!("token={}&result=approved", "f".repeat(64))),
                    1 => Elsewhere::Return(some_payment(db, random).await?.0, query),
                    _ => Elsewhere::Return(payment, query),
                }
            }
            _ => Elsewhere::Notify(payment),
        })
    }

    pub async fn happens(self, db: &Db, payments: &Payments) {
        match self {
            Elsewhere::Decide(payment, choice, returns) => {
                let id = db.sql("select id from sandbox_payments where payment_id = $1").bind(payment);
                let Some((id,)) = id.optional().await.unwrap() else { return };
                if let Ok(Some(back)) = payments.decide(id, choice, false).await
                    && returns
                {
                    let query = back.split_once('?').unwrap().1.to_owned();
                    let _ = payments.returned(payment, &token(&query), &query).await;
                }
            }
            Elsewhere::Return(payment, query) => drop(payments.returned(payment, &token(&query), &query).await),
            Elsewhere::Notify(payment) => payments.notified(payment).await.unwrap(),
        }
    }
}

/// A payment that was begun, with where its customer comes back to: later ones more often.
async fn some_payment(db: &Db, random: &mut StdRng) -> Option<(PaymentId, String)> {
    let all: Vec<(PaymentId, Option<String>)> = db
        .sql("select p.id, s.back from payments p left join sandbox_payments s on s.payment_id = p.id order by p.begun_at, p.id")
        .all()
        .await
        .unwrap();
    let n = all.len().checked_sub(1)?;
    let at = random.random_range(0..=n).max(random.random_range(0..=n));
    Some((all[at].0, all[at].1.clone().unwrap_or_default()))
}

/// Several things at once, until all are done or this life ends in them; whether it did.
pub(super) async fn together(
    acting: impl Iterator<Item: Future<Output = ()> + Send + 'static>,
    crashes: &Crashes,
) -> bool {
    let mut acting: JoinSet<()> = acting.collect();
    let died = async {
        tokio::select! {
            () = crashes.died() => true,
            () = async { while let Some(done) = acting.join_next().await { done.unwrap(); } } => false,
        }
    };
    soon("everything is done, or the life is over", died).await
}

/// One thing that somebody does, decided before it is begun.
#[derive(Debug, Clone)]
enum Act {
    Begin(Subject),
    Elsewhere(Elsewhere),
    /// It goes on to somebody else: taken away, or because its deadline passed.
    GoesOn(Subject, bool, Time),
    Refund(PaymentId, RequestId, Won),
    Reconcile,
}

struct World {
    shop: Arc<Shop>,
    far: Far,
    random: StdRng,
    payments: Payments,
    requests: Vec<RequestId>,
}

impl World {
    async fn new(on: On, seed: u64) -> World {
        let shop = Arc::new(Shop::open(on).await);
        let mut random = StdRng::seed_from_u64(seed);
        let far = Far::new(&shop.db, &shop.clock, &mut random);
        for _ in 0..4 {
            shop.thing(START + random.random_range(2..30) * MINUTE).await;
        }
        let requests = (0..6).map(|_| RequestId(Uuid::from_u128(random.random()))).collect();
        let payments = shop.payments.clone();
        let mut world = World { shop, far, random, payments, requests };
        world.begin_life();
        world
    }

    fn begin_life(&mut self) {
        let crashes = Crashes::after(self.random.random_range(1..60));
        self.payments = self.far.payments(&self.shop.db, &self.shop.clock, purchases, crashes);
    }

    /// One that is still somebody's, or sometimes one that went on.
    async fn some_thing(&mut self) -> Subject {
        let all: Vec<(Uuid, String)> =
            self.shop.db.sql("select id, state from things order by due_at, id").all().await.unwrap();
        let any = self.random.random_bool(0.1);
        let all: Vec<Uuid> = all.into_iter().filter(|(_, state)| any || state != "lost").map(|(id, _)| id).collect();
        Subject { kind: "thing", id: all[self.random.random_range(0..all.len())] }
    }

    async fn next_act(&mut self) -> Act {
        let thing = self.some_thing().await;
        let due_at = self.shop.clock.now() + self.random.random_range(2..30) * MINUTE;
        match self.random.random_range(0..100) {
            0..22 => Act::Begin(thing),
            22..72 => match Elsewhere::any(&self.shop.db, &mut self.random).await {
                Some(elsewhere) => Act::Elsewhere(elsewhere),
                None => Act::Begin(thing),
            },
            72..76 => Act::GoesOn(thing, true, due_at),
            76..82 => Act::GoesOn(thing, false, due_at),
            82..90 => {
                let Some((payment, _)) = some_payment(&self.shop.db, &mut self.random).await else {
                    return Act::Reconcile;
                };
                let request = self.requests[self.random.random_range(0..self.requests.len())];
                let amount = [Won(9_000), Won(20_000), PRICE, Won(30_000), Won(-1)][self.random.random_range(0..5)];
                Act::Refund(payment, request, amount)
            }
            _ => Act::Reconcile,
        }
    }

    /// Several things at once; whether this life ended in them.
    async fn act(&mut self, acts: Vec<Act>) -> bool {
        let acting = acts.into_iter().map(|act| perform(self.shop.clone(), self.payments.clone(), act));
        together(acting, &self.payments.crashes).await
    }

    /// After a whole look at everything nothing is open for longer than it is looked up.
    async fn nothing_is_open_too_long(&self) {
        let oldest = self.shop.clock.now() - LOOK_UP_FOR - LEFT;
        let open: Vec<(PaymentId, PaymentState)> = self
            .shop
            .db
            .sql("select id, state from payments where look_at is not null and approved_at <= $1")
            .bind(oldest)
            .all()
            .await
            .unwrap();
        assert!(open.is_empty(), "open for too long: {open:?}");
    }

    fn forward(&self, by: model::Span) {
        self.shop.clock.set(self.shop.clock.now() + by);
    }

    async fn run(&mut self) {
        for _ in 0..70 {
            let mut acts = Vec::new();
            for _ in 0..self.random.random_range(1..4) {
                acts.push(self.next_act().await);
            }
            if self.act(acts).await {
                self.begin_life();
            }
            if self.random.random_bool(0.05) {
                self.far.turn();
            }
            let by = if self.random.random_bool(0.1) { 60..400 } else { 0..20 };
            let by = self.random.random_range(by) * SECOND;
            self.forward(by);
            if self.random.random_bool(0.4) && !self.act(vec![Act::Reconcile]).await {
                // What the act began beside the job may be on its way.
                if self.payments.takers[0].calls.available_permits() == super::CALLS {
                    self.nothing_is_open_too_long().await;
                }
            } else if *self.payments.crashes.dead.borrow() {
                self.begin_life();
            }
        }
        self.end().await;
    }

    /// Everything answers again: whatever waits is gone on with until nothing does.
    async fn end(&mut self) {
        self.far.mend();
        self.begin_life();
        self.payments.crashes = Crashes::default();
        for _ in 0..400 {
            self.payments.reconcile().await.unwrap();
            let next: (Option<Time>,) = self
                .shop
                .db
                .sql("select min(look_at) from (select look_at from payments union all select look_at from refunds) as waiting")
                .one()
                .await
                .unwrap();
            let Some(next) = next.0 else { return self.verify().await };
            self.shop.clock.set(next.max(self.shop.clock.now() + SECOND));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("something never ends");
    }

    /// Money, refunds and things agree, in our books and the sandbox's.
    async fn verify(&self) {
        self.shop.checked().await;
        let payments: Vec<(PaymentId, PaymentState, Won, Won)> =
            self.shop.db.sql("select id, state, amount, refunded from payments").all().await.unwrap();
        for (payment, state, amount, refunded) in payments {
            let (taken, returned) = self.shop.books(payment).await;
            let told = self.shop.told(payment).await;
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            let count = |what| told.iter().filter(|told| **told == what).count();
            if state == PaymentState::Paid {
                assert_eq!((taken, returned), (amount, refunded), "{payment}: {told:?}");
                assert_eq!((count("go"), count("paid") + count("late"), count("failed")), (1, 1, 0), "{payment}");
                assert!(count("late") == 0 || refunded == amount, "{payment} came too late and is kept");
            } else {
                assert_eq!(taken, returned, "{payment}, {state:?}: taken for nothing");
                assert_eq!([count("paid"), count("late"), count("refunded")], [0; 3], "{payment}, {state:?}");
                assert_eq!(count("go"), count("failed"), "{payment}, {state:?}: a thing waits for it");
            }
        }
        // Each refund is one at the sandbox, of the same amount, and one for the thing.
        let refunds = "select count(*) from refunds r full join sandbox_returns s on s.refund_id = r.id
            where r.id is null or s.refund_id is null or r.amount <> s.amount or r.state <> 'refunded'";
        assert_eq!(self.shop.db.sql(refunds).one::<(i64,)>().await.unwrap().0, 0, "refunds and returns");
        let told = "select (select count(*) from refunds where not closes) - (select count(*) from thing_calls where what = 'refunded')";
        assert_eq!(self.shop.db.sql(told).one::<(i64,)>().await.unwrap().0, 0, "each refund is told of once");
        // Nothing is kept of whoever's it was not any more, nor is it paid for twice, by whomever.
        let kept = "select t.unit, count(*), count(case when t.state = 'paid' then 1 end) from things t
            join payments p on p.subject_id = t.id and p.state = 'paid' and p.refunded < p.amount group by t.unit";
        let kept: Vec<(Uuid, i64, i64)> = self.shop.db.sql(kept).all().await.unwrap();
        assert!(kept.iter().all(|(_, payments, paid)| (*payments, *paid) == (1, 1)), "{kept:?}");
    }
}

async fn perform(shop: Arc<Shop>, payments: Payments, act: Act) {
    match act {
        Act::Begin(thing) => {
            let _ = payments.begin(&shop.buyer, thing, PRICE, "머그", "/orders/1").await;
        }
        Act::Elsewhere(elsewhere) => elsewhere.happens(&shop.db, &payments).await,
        Act::GoesOn(thing, taken, due_at) => shop.goes_on(thing, taken, due_at).await,
        Act::Refund(payment, request, amount) => {
            let mut tx = shop.db.begin(Lane::Other).await.unwrap();
            if owe(&mut tx, payment, request, amount, By::Seller, shop.clock.now()).await.is_ok() {
                tx.commit().await.unwrap();
            }
        }
        Act::Reconcile => drop(payments.reconcile().await),
    }
}

fn token(query: &str) -> String {
    query.split('&').find_map(|part| part.strip_prefix("token=")).unwrap_or_default().to_owned()
}

/// Which ones to run. Each has a database of its own: of those that are asked for, one in a hundred.
pub(super) fn seeds(usual: u64) -> Range<u64> {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SEEDS").map_or(usual, |seeds| (seeds / 100).max(1)),
    }
}

both!(money_and_things_never_disagree, "multi_thread");
async fn money_and_things_never_disagree(on: On) {
    for seed in seeds(3) {
        println!("seed {seed}");
        World::new(on, seed).await.run().await;
    }
}
