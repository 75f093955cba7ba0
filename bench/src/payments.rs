//! Figure 19: how many payments are under way at once, at a provider that takes 80 ms to answer. In this process: what is
//! measured is waiting, not work.

use crate::{
    Failure,
    figures::{median, ratio},
    site,
};
use engine::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Tx},
    limits::Limits,
    payments::{
        Approval, Back, CALLS, Charge, ChargeState, Checked, FoundCharge, Order, Payments, Prepared, Provider,
        ProviderAnswer, Purchase, Return, Settled, Subject,
    },
};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use model::{MemberId, PaymentId, PaymentState, PaymentView, RefundId, Time, Won};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Payments at once.
const MANY: usize = 1_000;
/// Payments one after the other, of which each takes as long as any.
const FEW: usize = 100;
/// How long the provider takes.
const TAKES: Duration = Duration::from_millis(80);

/// Takes whatever it is asked to, after a while.
#[derive(Default)]
struct Slow {
    calls: AtomicUsize,
    /// The most calls at once.
    most: AtomicUsize,
    /// How often anything was taken.
    taken: AtomicUsize,
}

impl Provider for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn returned(&self, _: &str) -> Return {
        Return::Approved(None)
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        let (reference, link) = (order.payment.to_string(), order.back.clone());
        async { ProviderAnswer::Ok(Prepared { reference, elsewhere: link.clone(), link }) }.boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async {
            self.most.fetch_max(self.calls.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            tokio::time::sleep(TAKES).await;
            self.calls.fetch_sub(1, Ordering::Relaxed);
            self.taken.fetch_add(1, Ordering::Relaxed);
            ProviderAnswer::Ok(charge.amount)
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, _: &'a Charge, _: RefundId, _: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async { ProviderAnswer::Ok(Won::ZERO) }.boxed()
    }

    fn look_up<'a>(&'a self, _: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        async { ProviderAnswer::Ok(FoundCharge { standing: ChargeState::Waiting, returned: Vec::new() }) }.boxed()
    }
}

/// Anything that anybody pays for.
struct Anything;

fn purchases(_: &str) -> Option<&'static dyn Purchase> {
    Some(&Anything)
}

type Done<'a, T> = BoxFuture<'a, Result<T, Error>>;

impl Purchase for Anything {
    fn approve<'a>(&'a self, _: &'a mut Tx, _: uuid::Uuid, _: PaymentId, _: Won, _: Time) -> Done<'a, Approval> {
        async { Ok(Approval::Go) }.boxed()
    }

    fn paid<'a>(&'a self, _: &'a mut Tx, _: uuid::Uuid, _: PaymentId, _: Time) -> Done<'a, Settled> {
        async { Ok(Settled::Kept) }.boxed()
    }

    fn failed<'a>(&'a self, _: &'a mut Tx, _: uuid::Uuid, _: PaymentId, _: bool, _: Time) -> Done<'a, ()> {
        async { Ok(()) }.boxed()
    }

    fn refunded<'a>(&'a self, _: &'a mut Tx, _: uuid::Uuid, _: PaymentId, _: Won, _: Time) -> Done<'a, ()> {
        async { Ok(()) }.boxed()
    }

    fn describe<'a>(&'a self, _: &'a Db, _: uuid::Uuid) -> Done<'a, Option<Time>> {
        async { Ok(None) }.boxed()
    }

    fn check<'a>(&'a self, _: &'a Db, _: uuid::Uuid, _: &'a [Checked]) -> Done<'a, Vec<String>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

/// So many payments that wait for their customers.
async fn begun(payments: &Payments, clock: &Clock, count: usize) -> Result<Vec<(PaymentView, Actor)>, Failure> {
    let mut begun = Vec::with_capacity(count);
    for _ in 0..count {
        let buyer = Actor::host(MemberId(engine::ids::new_id(clock.now())));
        let subject = Subject { kind: "anything", id: engine::ids::new_id(clock.now()) };
        begun.push((payments.begin(&buyer, subject, Won(29_000), "bench", "/").await?, buyer));
    }
    Ok(begun)
}

/// Its customer comes back; resolves when it is paid.
async fn pay(payments: &Payments, (payment, buyer): &(PaymentView, Actor)) -> Result<(), Failure> {
    let query = payment.link.as_deref().and_then(|link| link.split_once("token=")).ok_or("no way back")?.1;
    payments.returned(payment.id, query, "").await?;
    while payments.state(buyer, payment.id).await?.state != PaymentState::Paid {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Runs the figure.
pub async fn run(rounds: usize) -> Result<(), Failure> {
    println!("\n{MANY} payments at a provider that takes {} ms, at most {CALLS} calls at once", TAKES.as_millis());
    let folder = site::folder()?;
    let (db, clock) = (Db::open(folder.path()).await?, Clock::system());
    let slow = Arc::new(Slow::default());
    let provider: Arc<dyn Provider> = slow.clone();
    let payments = Payments::through(db.clone(), clock.clone(), Limits::default(), purchases, Some(provider));
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let few = begun(&payments, &clock, FEW).await?;
        let began = Instant::now();
        for payment in &few {
            pay(&payments, payment).await?;
        }
        let serial = began.elapsed().as_secs_f64() * (MANY / FEW) as f64;
        let many = begun(&payments, &clock, MANY).await?;
        let began = Instant::now();
        join_all(many.iter().map(|payment| pay(&payments, payment))).await.into_iter().collect::<Result<(), _>>()?;
        let ours = began.elapsed().as_secs_f64();
        let most = slow.most.load(Ordering::Relaxed);
        println!("{round:<8} one after the other {serial:.2} s, ours {ours:.2} s, at most {most} calls at once");
        if most > CALLS {
            return Err("the provider was asked by too many at once".into());
        }
        if slow.taken.load(Ordering::Relaxed) != (round + 1) * (FEW + MANY) {
            return Err("not every payment was taken exactly once".into());
        }
        ratios.push(serial / ours);
    }
    let (checked, wrong) = engine::payments::check(&db, purchases).await?;
    println!("check: {checked} payments, {} violations", wrong.len());
    if !wrong.is_empty() {
        return Err("the data breaks its promises".into());
    }
    ratio("payments_parallel", median(ratios));
    Ok(())
}
