//! Refunds: owed within the transaction of what causes them, carried out by a job until they are done, each once.

use super::{
    Back, Payments, ProviderAnswer, called,
    steps::{self, By, StoredPayment, note},
};
use crate::{
    Error,
    db::{Lane, Tx, retried},
    ids,
};
use model::{
    Decline, PaymentError, PaymentId, PaymentState, RefundId, RefundState, RefundStep, RequestId, Time, Won,
    payments::refund_again,
};

/// A refund's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Refund {
    id: RefundId,
    payment_id: PaymentId,
    amount: Won,
    closes: bool,
    state: RefundState,
    owed_at: Time,
}

/// Owes a part of a payment, or all of it, back: in the transaction of what causes it, which locked the subject before.
/// Carried out within about a second after its commit. The same `request` twice is one refund.
///
/// # Errors
/// [`PaymentError::Over`] for a payment that is not paid; [`PaymentError::TooMuch`] beyond what is left of it;
/// [`model::Error::Malformed`] for nothing, and for another amount under the same request; the database's.
pub async fn owe(
    tx: &mut Tx,
    payment: PaymentId,
    request: RequestId,
    amount: Won,
    by: By,
    now: Time,
) -> Result<RefundId, Error> {
    if amount <= Won::ZERO {
        return Err(model::Error::Malformed.into());
    }
    // Changes nothing but takes the row: of the same request twice at once, one is second.
    let paid = tx.sql("update payments set refunded = refunded where id = $1 and state = $2");
    if paid.bind(payment).bind(PaymentState::Paid).run().await? == 0 {
        return Err(model::Error::from(PaymentError::Over).into());
    }
    let before: Option<(RefundId, Won)> = tx
        .sql("select id, amount from refunds where payment_id = $1 and request_id = $2")
        .bind(payment)
        .bind(request)
        .optional()
        .await?;
    match before {
        Some((id, before)) if before == amount => return Ok(id),
        Some(_) => return Err(model::Error::Malformed.into()),
        None => {}
    }
    let taken = tx
        .sql("update payments set refunded = refunded + $2 where id = $1 and refunded + $2 <= amount")
        .bind(payment)
        .bind(amount)
        .run()
        .await?;
    if taken == 0 {
        return Err(model::Error::from(PaymentError::TooMuch).into());
    }
    Ok(insert(tx, payment, request, amount, false, by, now).await?)
}

/// The whole of a payment that was paid too late goes back, in the transaction in which that was found out.
pub(super) async fn too_late(tx: &mut Tx, row: &StoredPayment, now: Time) -> Result<(), Error> {
    owe(tx, row.id, RequestId(row.id.0), row.amount, By::Program, now).await.map(|_| ())
}

/// Closes a payment that came to nothing at its provider: whatever was taken of it goes back, for all that is known so much.
pub(super) async fn close(tx: &mut Tx, row: &StoredPayment, amount: Won, now: Time) -> Result<(), sqlx::Error> {
    insert(tx, row.id, RequestId(row.id.0), amount, true, By::Program, now).await.map(|_| ())
}

/// Closes a payment that ended while a window of its provider may take its money: when that cannot be any more, for until then
/// nobody knows how much it is.
pub(super) async fn close_later(tx: &mut Tx, row: &StoredPayment, now: Time) -> Result<(), sqlx::Error> {
    close(tx, row, row.amount, now).await?;
    tx.sql("update refunds set owed_at = $3, look_at = $3 where payment_id = $1 and request_id = $2")
        .bind(row.id)
        .bind(RequestId(row.id.0))
        .bind(now.max(row.over_at()))
        .run()
        .await?;
    Ok(())
}

/// Closes a payment once more that ended, in the name of a `request`, unless that was done before; whether it was to be.
pub(super) async fn close_again(
    tx: &mut Tx,
    row: &StoredPayment,
    request: RequestId,
    now: Time,
) -> Result<bool, sqlx::Error> {
    // Changes nothing but takes the row: of the same request twice at once, one is second.
    let ended = tx.sql("update payments set refunded = refunded where id = $1 and state = $2");
    if ended.bind(row.id).bind(row.state).run().await? == 0 {
        return Ok(false);
    }
    let before = tx.sql("select id from refunds where payment_id = $1 and request_id = $2").bind(row.id).bind(request);
    let before: Option<(RefundId,)> = before.optional().await?;
    if before.is_some() {
        return Ok(false);
    }
    insert(tx, row.id, request, row.amount, true, By::Provider, now).await?;
    Ok(true)
}

async fn insert(
    tx: &mut Tx,
    payment: PaymentId,
    request: RequestId,
    amount: Won,
    closes: bool,
    by: By,
    now: Time,
) -> Result<RefundId, sqlx::Error> {
    let id = RefundId(ids::new_id(now));
    tx.sql(
        "insert into refunds (id, payment_id, request_id, amount, closes, state, owed_at, look_at)
         values ($1, $2, $3, $4, $5, $6, $7, $7)",
    )
    .bind(id)
    .bind(payment)
    .bind(request)
    .bind(amount)
    .bind(closes)
    .bind(RefundState::Owed)
    .bind(now)
    .run()
    .await?;
    note(tx, payment, Some(id), by, if closes { "to_close" } else { "owed" }.to_owned(), now).await?;
    Ok(id)
}

impl Payments {
    /// Refunds that something is to be done about.
    pub(super) async fn due_refunds(
        &self,
        provider: &'static str,
        now: Time,
        limit: i64,
    ) -> Result<Vec<Refund>, sqlx::Error> {
        self.db
            .sql(
                "select r.id, r.payment_id, r.amount, r.closes, r.state, r.owed_at
                 from refunds r join payments p on p.id = r.payment_id
                 where r.look_at <= $1 and p.provider = $2 order by r.look_at limit $3",
            )
            .bind(now)
            .bind(provider)
            .bind(limit)
            .all()
            .await
    }

    /// Goes on with a refund.
    pub(super) async fn carry_out(&self, refund: &Refund) -> Result<(), Error> {
        let Some(row) = steps::read(&self.db, refund.payment_id).await? else { return Ok(()) };
        if !self.knows(&row) {
            return self.look_at_refund_later(refund).await;
        }
        let taker = self.taker(&row.provider)?;
        let provider = &taker.provider;
        let mut refund = refund.clone();
        // Whoever asked did not live to hear the answer.
        if refund.state == RefundState::Refunding
            && !self.step_refund(&mut refund, RefundStep::Unknown, "unknown").await?
        {
            return Ok(());
        }
        let turn = taker.turn().await;
        if refund.state == RefundState::Unknown {
            let found = called(provider.name(), "look_up", provider.look_up(&row.charge(self.clock.now()))).await;
            let ProviderAnswer::Ok(found) = found else { return self.look_at_refund_later(&refund).await };
            if let Some((_, amount)) = found.returned.iter().find(|(id, _)| *id == refund.id) {
                return retried!(self.refunded(&row, &refund, *amount));
            }
        }
        if !self.step_refund(&mut refund, RefundStep::Asked, "refunding").await? {
            return Ok(());
        }
        self.point().await;
        let back = if refund.closes { Back::Everything } else { Back::Part(refund.amount) };
        let answer =
            called(provider.name(), "cancel", provider.cancel(&row.charge(self.clock.now()), refund.id, back)).await;
        drop(turn);
        self.point().await;
        match answer {
            // An answer that says something else than was asked for is not believed: what the provider has in its books counts.
            ProviderAnswer::Ok(amount) if !refund.closes && amount != refund.amount => {
                tracing::warn!(refund = %refund.id, amount = amount.0, "a provider says that it gave back another amount than is owed");
                self.step_refund(&mut refund, RefundStep::Unknown, "unknown").await.map(|_| ())
            }
            ProviderAnswer::Ok(amount) => retried!(self.refunded(&row, &refund, amount)),
            ProviderAnswer::Declined(decline) => self.refused(&mut refund, decline).await,
            ProviderAnswer::Unknown(_) => {
                self.step_refund(&mut refund, RefundStep::Unknown, "unknown").await.map(|_| ())
            }
        }
    }

    /// A provider that gives nothing back is asked again, and somebody has to look at it.
    async fn refused(&self, refund: &mut Refund, decline: Decline) -> Result<(), Error> {
        tracing::error!(refund = %refund.id, ?decline, "the provider does not give money back that is owed");
        metrics::counter!("refunds_refused_total").increment(1);
        self.step_refund(refund, RefundStep::Unknown, "refused").await.map(|_| ())
    }

    /// Makes a step of a refund, unless somebody else went on with it.
    async fn step_refund(&self, refund: &mut Refund, step: RefundStep, what: &'static str) -> Result<bool, Error> {
        let now = self.clock.now();
        let Some(to) = refund.state.after(step) else { return Ok(false) };
        let look_at = match step {
            RefundStep::Asked => now + super::LEFT,
            RefundStep::Unknown | RefundStep::Refunded => refund_again(refund.owed_at, now),
        };
        let mut tx = self.db.begin(Lane::Other).await?;
        let moved = tx
            .sql("update refunds set state = $3, look_at = $4 where id = $1 and state = $2")
            .bind(refund.id)
            .bind(refund.state)
            .bind(to)
            .bind(look_at)
            .run()
            .await?;
        if moved == 0 {
            return Ok(false);
        }
        note(&mut tx, refund.payment_id, Some(refund.id), By::Program, what.to_owned(), now).await?;
        tx.commit().await?;
        refund.state = to;
        Ok(true)
    }

    /// So much arrived with the customer again.
    async fn refunded(&self, row: &StoredPayment, refund: &Refund, amount: Won) -> Result<(), Error> {
        if !refund.closes && amount != refund.amount {
            tracing::error!(refund = %refund.id, amount = amount.0, "another amount was given back than is owed");
            metrics::counter!("refunds_refused_total").increment(1);
        }
        let now = self.clock.now();
        let Some(to) = refund.state.after(RefundStep::Refunded) else { return Ok(()) };
        let mut tx = self.db.begin(Lane::Other).await?;
        // Of what came to nothing nothing was paid.
        if !refund.closes {
            self.purchase(row)?.refunded(&mut tx, row.subject_id, row.id, amount, now).await?;
        }
        let moved = tx
            .sql("update refunds set state = $3, amount = $4, ended_at = $5, look_at = null where id = $1 and state = $2")
            .bind(refund.id)
            .bind(refund.state)
            .bind(to)
            .bind(amount)
            .bind(now)
            .run()
            .await?;
        if moved == 0 {
            return Ok(());
        }
        note(
            &mut tx,
            row.id,
            Some(refund.id),
            By::Provider,
            if refund.closes { "closed" } else { "refunded" }.to_owned(),
            now,
        )
        .await?;
        Ok(tx.commit().await?)
    }

    async fn look_at_refund_later(&self, refund: &Refund) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("update refunds set look_at = $3 where id = $1 and state = $2")
            .bind(refund.id)
            .bind(refund.state)
            .bind(refund_again(refund.owed_at, now))
            .run()
            .await?;
        Ok(tx.commit().await?)
    }
}
