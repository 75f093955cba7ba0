//! The built-in sandbox: a provider with an approval page of its own and books in our database, which moves no money.
//!
//! It goes by transactions of its own, as one far away would, and lets its customer try what may go wrong on the way.

use super::provider::{Back, Charge, ChargeState, FoundCharge, Order, Prepared, Provider, ProviderAnswer, Return};
use crate::{
    Error,
    clock::Clock,
    db::{Db, Lane, Tx},
    ids,
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    Decline, PayWay, PaymentError, PaymentId, RefundId, SECOND, SandboxChoice, SandboxId, SandboxState, SandboxView,
    Span, Time, Won, paths,
};
use std::time::Duration;
use uuid::Uuid;

/// How long nobody is told what came of a payment whose customer wanted that.
pub const UNKNOWN_FOR: Span = SECOND.times(20);
/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(8);
/// What a customer who changes the amount adds to it.
const CHANGED_BY: Won = Won(1_000);
/// What the query of a return says of an approval.
const APPROVED: &str = "result=approved";

/// The sandbox. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    db: Db,
    clock: Clock,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: SandboxId,
    payment_id: PaymentId,
    amount: Won,
    title: String,
    back: String,
    state: SandboxState,
    choice: Option<SandboxChoice>,
    expires_at: Time,
    decided_at: Option<Time>,
    taken: Won,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, payment_id, amount, title, back, state, choice, expires_at, decided_at, taken from sandbox_payments ",
            $rest
        )
    };
}

impl Row {
    /// Whether nobody is told what came of it.
    fn is_silent(&self, now: Time) -> bool {
        self.choice == Some(SandboxChoice::Unknown) && self.decided_at.is_some_and(|at| now < at + UNKNOWN_FOR)
    }

    fn ended(&self) -> Option<Decline> {
        match self.state {
            SandboxState::Declined => Some(Decline::Customer),
            SandboxState::Expired => Some(Decline::Expired),
            SandboxState::Closed => Some(Decline::Refused),
            SandboxState::Waiting | SandboxState::Approved | SandboxState::Taken => None,
        }
    }
}

/// What was decided at the sandbox.
pub(super) struct Decided {
    /// Where its customer goes on to.
    pub back: String,
    /// Of which payment.
    pub payment: PaymentId,
    /// Whether the site is called back several times.
    pub repeated: bool,
}

impl Sandbox {
    /// Whose books are in `db`.
    pub fn new(db: Db, clock: Clock) -> Sandbox {
        Sandbox { db, clock }
    }

    /// The approval page of a payment, and which payment of ours it is.
    pub(super) async fn view(&self, id: SandboxId) -> Result<(PaymentId, SandboxView), Error> {
        let now = self.clock.now();
        let row: Option<Row> = self.db.sql(select!("where id = $1")).bind(id).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let over = row.state == SandboxState::Waiting && row.expires_at <= now;
        let state = if over { SandboxState::Expired } else { row.state };
        let Row { title, amount, expires_at, back, .. } = row;
        Ok((row.payment_id, SandboxView { id, title, amount, state, expires_at, until: None, back, now }))
    }

    /// The customer decides: once. Whoever does it again is led on as they were.
    pub(super) async fn decide(&self, id: SandboxId, choice: SandboxChoice) -> Result<Decided, Error> {
        let now = self.clock.now();
        let (state, added) = match choice {
            SandboxChoice::Decline => (SandboxState::Declined, Won::ZERO),
            SandboxChoice::Expire => (SandboxState::Expired, Won::ZERO),
            SandboxChoice::AnotherAmount => (SandboxState::Approved, CHANGED_BY),
            _ => (SandboxState::Approved, Won::ZERO),
        };
        let mut tx = self.db.begin(Lane::Other).await?;
        let decided = tx
            .sql(
                "update sandbox_payments set state = $2, choice = $3, takes = amount + $4, decided_at = $5
                 where id = $1 and state = $6 and expires_at > $5",
            )
            .bind(id)
            .bind(state)
            .bind(choice)
            .bind(added)
            .bind(now)
            .bind(SandboxState::Waiting)
            .run()
            .await?;
        let row: Option<Row> = tx.sql(select!("where id = $1")).bind(id).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        tx.commit().await?;
        let Row { payment_id: payment, mut back, .. } = row;
        match row.state {
            SandboxState::Waiting => return Err(model::Error::from(PaymentError::Over).into()),
            SandboxState::Expired if choice != SandboxChoice::Expire => {
                return Err(model::Error::from(PaymentError::Over).into());
            }
            SandboxState::Approved | SandboxState::Taken => {
                back.push('&');
                back.push_str(APPROVED);
            }
            SandboxState::Declined | SandboxState::Expired | SandboxState::Closed => {}
        }
        Ok(Decided { back, payment, repeated: decided == 1 && choice == SandboxChoice::Repeat })
    }

    async fn row(&self, payment: PaymentId) -> Result<Option<Row>, sqlx::Error> {
        self.db.sql(select!("where payment_id = $1")).bind(payment).optional().await
    }

    async fn insert(&self, order: &Order) -> Result<Prepared, sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into sandbox_payments (id, payment_id, amount, takes, title, back, state, expires_at)
             values ($1, $2, $3, $3, $4, $5, $6, $7) on conflict (payment_id) do nothing",
        )
        // Who knows it may approve: all of it is random.
        .bind(SandboxId(Uuid::from_bytes(ids::random())))
        .bind(order.payment)
        .bind(order.amount)
        .bind(order.title.clone())
        .bind(order.back.clone())
        .bind(SandboxState::Waiting)
        .bind(order.expires_at)
        .run()
        .await?;
        let row: Row = tx.sql(select!("where payment_id = $1")).bind(order.payment).one().await?;
        tx.commit().await?;
        let link = paths::sandbox(row.id);
        Ok(Prepared { reference: row.id.to_string(), elsewhere: format!("{link}?elsewhere=yes"), link })
    }

    async fn take(&self, payment: PaymentId) -> Result<ProviderAnswer<Won>, sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update sandbox_payments set state = $2, taken = takes where payment_id = $1 and state = $3")
            .bind(payment)
            .bind(SandboxState::Taken)
            .bind(SandboxState::Approved)
            .run()
            .await?;
        let row: Option<Row> = tx.sql(select!("where payment_id = $1")).bind(payment).optional().await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(ProviderAnswer::Declined(Decline::Refused)) };
        if row.choice == Some(SandboxChoice::Slow) && row.state == SandboxState::Taken {
            tokio::time::sleep(SLOW).await;
        }
        Ok(match row.state {
            _ if row.is_silent(self.clock.now()) => ProviderAnswer::Unknown("as its customer wanted".to_owned()),
            SandboxState::Taken => ProviderAnswer::Ok(row.taken),
            _ => ProviderAnswer::Declined(row.ended().unwrap_or(Decline::Refused)),
        })
    }

    async fn give_back(
        &self,
        payment: PaymentId,
        refund: RefundId,
        back: Back,
    ) -> Result<ProviderAnswer<Won>, sqlx::Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        // Changes nothing but takes the row: what is given back is counted by one at a time.
        tx.sql("update sandbox_payments set taken = taken where payment_id = $1").bind(payment).run().await?;
        let done: Option<(Won,)> =
            tx.sql("select amount from sandbox_returns where refund_id = $1").bind(refund).optional().await?;
        if let Some((amount,)) = done {
            return Ok(ProviderAnswer::Ok(amount));
        }
        let left = left(&mut tx, payment).await?;
        let amount = match back {
            Back::Everything => {
                tx.sql("update sandbox_payments set state = $2 where payment_id = $1 and state <> $2")
                    .bind(payment)
                    .bind(SandboxState::Closed)
                    .run()
                    .await?;
                left
            }
            Back::Part(amount) if amount <= left => amount,
            Back::Part(_) => return Ok(ProviderAnswer::Declined(Decline::Refused)),
        };
        tx.sql("insert into sandbox_returns (refund_id, payment_id, amount) values ($1, $2, $3)")
            .bind(refund)
            .bind(payment)
            .bind(amount)
            .run()
            .await?;
        tx.commit().await?;
        Ok(ProviderAnswer::Ok(amount))
    }

    async fn find(&self, payment: PaymentId) -> Result<ProviderAnswer<FoundCharge>, sqlx::Error> {
        let now = self.clock.now();
        let mut row = self.row(payment).await?;
        // Whatever is said to be over stays so: it is written down first.
        if row.as_ref().is_some_and(|row| row.state == SandboxState::Waiting && row.expires_at <= now) {
            let mut tx = self.db.begin(Lane::Other).await?;
            tx.sql("update sandbox_payments set state = $2 where payment_id = $1 and state = $3")
                .bind(payment)
                .bind(SandboxState::Expired)
                .bind(SandboxState::Waiting)
                .run()
                .await?;
            tx.commit().await?;
            row = self.row(payment).await?;
        }
        let returned: Vec<(RefundId, Won)> = self
            .db
            .sql("select refund_id, amount from sandbox_returns where payment_id = $1")
            .bind(payment)
            .all()
            .await?;
        let standing = match row {
            None => ChargeState::Ended(Decline::Refused),
            Some(row) if row.is_silent(now) => return Ok(ProviderAnswer::Unknown("as its customer wanted".to_owned())),
            Some(row) => match row.state {
                SandboxState::Waiting => ChargeState::Waiting,
                SandboxState::Approved => ChargeState::Approved,
                SandboxState::Taken => ChargeState::Taken(row.taken),
                _ => ChargeState::Ended(row.ended().unwrap_or(Decline::Refused)),
            },
        };
        Ok(ProviderAnswer::Ok(FoundCharge { standing, returned }))
    }
}

/// What was taken of a payment and not given back.
async fn left(tx: &mut Tx, payment: PaymentId) -> Result<Won, sqlx::Error> {
    let row: Option<(Won,)> = tx
        .sql(
            "select taken - (select coalesce(cast(sum(amount) as bigint), 0) from sandbox_returns where payment_id = $1)
             from sandbox_payments where payment_id = $1",
        )
        .bind(payment)
        .optional()
        .await?;
    Ok(row.map_or(Won::ZERO, |(left,)| left))
}

/// Whatever fails in its database, nobody knows what was kept of it.
fn answered<T>(done: Result<ProviderAnswer<T>, sqlx::Error>) -> ProviderAnswer<T> {
    done.unwrap_or_else(|error| ProviderAnswer::Unknown(error.to_string()))
}

impl Provider for Sandbox {
    fn name(&self) -> &'static str {
        PayWay::Sandbox.name()
    }

    fn returned(&self, query: &str) -> Return {
        if query.split('&').any(|part| part == APPROVED) { Return::Approved(None) } else { Return::Otherwise }
    }

    fn prepare<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, ProviderAnswer<Prepared>> {
        async { answered(self.insert(order).await.map(ProviderAnswer::Ok)) }.boxed()
    }

    fn confirm<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async { answered(self.take(charge.payment).await) }.boxed()
    }

    fn cancel<'a>(&'a self, charge: &'a Charge, refund: RefundId, back: Back) -> BoxFuture<'a, ProviderAnswer<Won>> {
        async move { answered(self.give_back(charge.payment, refund, back).await) }.boxed()
    }

    fn look_up<'a>(&'a self, charge: &'a Charge) -> BoxFuture<'a, ProviderAnswer<FoundCharge>> {
        async { answered(self.find(charge.payment).await) }.boxed()
    }
}
