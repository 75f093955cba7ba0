//! Something to pay for in tests: a thing that is set aside until a deadline and then for the next, in tables of the test's own.

use super::{Approval, Checked, Payments, Purchase, Settled, Subject};
use crate::{
    Error,
    accounts::Actor,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
    limits::Limits,
};
use futures::{FutureExt, future::BoxFuture};
use model::{MemberId, PaymentId, PaymentState, PaymentView, Time, Won};
use testing::Place;
use uuid::Uuid;

/// What every thing costs.
pub(super) const PRICE: Won = Won(29_000);
/// When tests begin.
pub(super) const START: Time = Time(1_795_258_800_000_000);

pub(super) struct Things;

pub(super) fn purchases(kind: &str) -> Option<&'static dyn Purchase> {
    (kind == "thing").then_some(&Things as &dyn Purchase)
}

/// A database with the things' tables, and payments at a clock set by hand.
pub(super) struct Shop {
    pub db: Db,
    pub clock: Clock,
    pub payments: Payments,
    pub buyer: Actor,
    /// Kept for as long as the data is used.
    _place: Place,
}

impl Shop {
    pub async fn open(on: testing::On) -> Shop {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let tables = match on {
            testing::On::Sqlite => [
                "create table things (id blob primary key, unit blob not null, due_at bigint not null, price bigint not null, state text not null, payment blob)",
                "create table thing_calls (payment blob not null, what text not null, amount bigint not null)",
            ],
            testing::On::Postgres => [
                "create table things (id uuid primary key, unit uuid not null, due_at bigint not null, price bigint not null, state text not null, payment uuid)",
                "create table thing_calls (payment uuid not null, what text not null, amount bigint not null)",
            ],
        };
        for table in tables {
            tx.sql(table).run().await.unwrap();
        }
        tx.commit().await.unwrap();
        let clock = Clock::manual(START);
        let payments = Payments::sandboxed(db.clone(), clock.clone(), Limits::default(), purchases);
        Shop { db, clock, payments, buyer: Actor::host(MemberId(ids::new_id(START))), _place: place }
    }

    /// A new thing that is set aside until then.
    pub async fn thing(&self, due_at: Time) -> Subject {
        let id = Uuid::from_bytes(ids::random());
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        insert(&mut tx, id, id, due_at).await;
        tx.commit().await.unwrap();
        Subject { kind: "thing", id }
    }

    /// What a thing was set aside of goes on to somebody else, who has it until then: when its deadline passed and nobody is paying
    /// for it, or `taken` from whoever has it.
    pub async fn goes_on(&self, thing: Subject, taken: bool, due_at: Time) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        let lost = tx
            .sql(
                "update things set state = 'lost'
                 where id = $1 and (state = 'held' and due_at <= $2 or $3 and state in ('held', 'paying'))",
            )
            .bind(thing.id)
            .bind(self.clock.now())
            .bind(taken)
            .run()
            .await
            .unwrap();
        if lost == 1 {
            let (unit,): (Uuid,) = tx.sql("select unit from things where id = $1").bind(thing.id).one().await.unwrap();
            insert(&mut tx, Uuid::from_bytes(ids::random()), unit, due_at).await;
        }
        tx.commit().await.unwrap();
    }

    /// A payment of a thing, begun by a buyer of its own.
    pub async fn begun(&self, thing: Subject) -> PaymentView {
        self.payments.begin(&self.buyer, thing, PRICE, "머그", "/orders/1").await.unwrap()
    }

    pub async fn change(&self, statement: &'static str, id: Uuid) {
        let mut tx = self.db.begin(Lane::Other).await.unwrap();
        tx.sql(statement).bind(id).run().await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn state(&self, payment: PaymentId) -> PaymentView {
        self.payments.state(&self.buyer, payment).await.unwrap()
    }

    /// What the things were told of a payment, in order.
    pub async fn told(&self, payment: PaymentId) -> Vec<String> {
        let rows: Vec<(String,)> = self
            .db
            .sql("select what from thing_calls where payment = $1 order by case what when 'go' then 1 when 'refunded' then 3 else 2 end")
            .bind(payment)
            .all()
            .await
            .unwrap();
        rows.into_iter().map(|(what,)| what).collect()
    }

    /// What the sandbox took of a payment, and gave back.
    pub async fn books(&self, payment: PaymentId) -> (Won, Won) {
        let taken: Option<(Won,)> = self
            .db
            .sql("select taken from sandbox_payments where payment_id = $1")
            .bind(payment)
            .optional()
            .await
            .unwrap();
        let returned: (Won,) = self
            .db
            .sql("select coalesce(cast(sum(amount) as bigint), 0) from sandbox_returns where payment_id = $1")
            .bind(payment)
            .one()
            .await
            .unwrap();
        (taken.unwrap_or_default().0, returned.0)
    }

    pub async fn checked(&self) {
        let (_, wrong) = super::check(&self.db, purchases).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new());
    }
}

async fn insert(tx: &mut Tx, id: Uuid, unit: Uuid, due_at: Time) {
    tx.sql("insert into things (id, unit, due_at, price, state) values ($1, $2, $3, $4, 'held')")
        .bind(id)
        .bind(unit)
        .bind(due_at)
        .bind(PRICE)
        .run()
        .await
        .unwrap();
}

async fn tell(tx: &mut Tx, payment: PaymentId, what: &'static str, amount: Won) -> Result<(), sqlx::Error> {
    tx.sql("insert into thing_calls (payment, what, amount) values ($1, $2, $3)")
        .bind(payment)
        .bind(what)
        .bind(amount)
        .run()
        .await?;
    Ok(())
}

impl Purchase for Things {
    fn approve<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<Approval, Error>> {
        async move {
            let stopped = tx
                .sql(
                    "update things set state = 'paying', payment = $2
                     where id = $1 and state = 'held' and due_at > $3 and price = $4",
                )
                .bind(subject)
                .bind(payment)
                .bind(now)
                .bind(amount)
                .run()
                .await?;
            if stopped == 1 {
                tell(tx, payment, "go", amount).await?;
                return Ok(Approval::Go);
            }
            let (price,): (Won,) = tx.sql("select price from things where id = $1").bind(subject).one().await?;
            Ok(if price == amount { Approval::Gone } else { Approval::AmountChanged })
        }
        .boxed()
    }

    fn paid<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        _: Time,
    ) -> BoxFuture<'a, Result<Settled, Error>> {
        async move {
            let kept = tx.sql("update things set state = 'paid' where id = $1 and state = 'paying' and payment = $2");
            let kept = kept.bind(subject).bind(payment).run().await? == 1;
            tell(tx, payment, if kept { "paid" } else { "late" }, PRICE).await?;
            Ok(if kept { Settled::Kept } else { Settled::TooLate })
        }
        .boxed()
    }

    fn failed<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        retry: bool,
        _: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            tell(tx, payment, "failed", Won::ZERO).await?;
            tx.sql("update things set state = $3, payment = null where id = $1 and state = 'paying' and payment = $2")
                .bind(subject)
                .bind(payment)
                .bind(if retry { "held" } else { "lost" })
                .run()
                .await?;
            Ok(())
        }
        .boxed()
    }

    fn refunded<'a>(
        &'a self,
        tx: &'a mut Tx,
        _: Uuid,
        payment: PaymentId,
        amount: Won,
        _: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move { Ok(tell(tx, payment, "refunded", amount).await?) }.boxed()
    }

    fn describe<'a>(&'a self, db: &'a Db, subject: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>> {
        async move {
            let row: Option<(Time,)> =
                db.sql("select due_at from things where id = $1").bind(subject).optional().await?;
            Ok(row.map(|(due_at,)| due_at))
        }
        .boxed()
    }

    fn check<'a>(
        &'a self,
        db: &'a Db,
        subject: Uuid,
        payments: &'a [Checked],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        async move {
            let (state, payment): (String, Option<PaymentId>) =
                db.sql("select state, payment from things where id = $1").bind(subject).one().await?;
            let of = |id| payments.iter().find(|checked| checked.payment == id);
            let mut wrong = Vec::new();
            match (state.as_str(), payment.and_then(of).map(|checked| checked.state)) {
                ("paid", Some(PaymentState::Paid)) | ("held", None) => {}
                ("paying", Some(open)) if open.is_open() => {}
                ("lost", _) => {}
                (state, payment) => wrong.push(format!("is {state} by a payment that is {payment:?}")),
            }
            // What is paid for by none of them was given back.
            let kept = payment.filter(|_| state == "paid");
            for other in payments.iter().filter(|other| Some(other.payment) != kept && state != "lost") {
                if other.state == PaymentState::Paid && other.refunded != other.amount {
                    wrong.push(format!("{} is kept for nothing", other.payment));
                }
            }
            Ok(wrong)
        }
        .boxed()
    }
}
