//! What happens by itself: whatever waits for something is looked at until it is over.

use super::{
    CALLS, ChargeState, GRACE, LEFT, LOOK_EVERY, Payments, ProviderAnswer, Taker, called,
    steps::{self, By, StoredPayment},
};
use crate::{
    Error,
    db::{Lane, retried},
};
use futures::{StreamExt, future::join_all, stream};
use model::{Decline, PaymentState, PaymentStep, Time, payments::LOOK_UP_FOR, payments::look_up_again};

/// Payments, and refunds, that are looked at in one run.
const AT_ONCE: i64 = 1_000;

/// What is open at a provider.
#[derive(sqlx::FromRow)]
struct Open {
    provider: String,
    payments: i64,
    /// Of which it is not known what came of them.
    unknown: i64,
    refunds: i64,
}

impl Payments {
    /// Goes on with every payment and refund whose time has come.
    ///
    /// # Errors
    /// The last of the database's; the others are gone on with.
    pub async fn reconcile(&self) -> Result<(), Error> {
        // One that does not answer keeps nobody waiting for another.
        let each = join_all(self.takers.iter().map(|taker| self.reconcile_at(taker))).await;
        let open = self.open().await?;
        self.count(&open);
        self.end_left_behind(&open).await?;
        each.into_iter().collect()
    }

    /// What waits for a provider that is not configured (any more): its name, how many payments, and how many refunds.
    ///
    /// # Errors
    /// The database's.
    pub async fn left_behind(&self) -> Result<Vec<(String, i64, i64)>, Error> {
        let open = self.open().await?.into_iter().filter(|open| self.taker(&open.provider).is_err());
        Ok(open.map(|open| (open.provider, open.payments, open.refunds)).collect())
    }

    /// Nobody can be asked about what a provider has that is not configured any more, as if it were silent: what was held for such a
    /// payment is free after the same time, later than a node ends it that does ask. What may have been taken is owed back until
    /// the provider is configured again.
    async fn end_left_behind(&self, open: &[Open]) -> Result<(), Error> {
        let before = self.clock.now() - LOOK_UP_FOR - LEFT;
        for open in open.iter().filter(|open| open.payments > 0 && self.taker(&open.provider).is_err()) {
            for row in steps::overdue(&self.db, &open.provider, before, AT_ONCE).await? {
                // A newer program may know of what it was.
                if (self.purchases)(&row.subject_kind).is_some() {
                    self.end(&row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await?;
                }
            }
        }
        Ok(())
    }

    async fn reconcile_at(&self, taker: &Taker) -> Result<(), Error> {
        let provider = taker.provider.name();
        let due = steps::due(&self.db, provider, self.clock.now(), AT_ONCE).await?;
        let payments = stream::iter(due).map(|row| async move { self.look_at(&row).await });
        let failed = payments.buffer_unordered(CALLS).fold(None, |failed, done| async { done.err().or(failed) }).await;
        let due = self.due_refunds(provider, self.clock.now(), AT_ONCE).await?;
        let refunds = stream::iter(due).map(|refund| async move { self.carry_out(&refund).await });
        let failed = refunds.buffer_unordered(CALLS).fold(failed, |failed, done| async { done.err().or(failed) }).await;
        failed.map_or(Ok(()), Err)
    }

    /// How much is open.
    async fn open(&self) -> Result<Vec<Open>, Error> {
        let open = self.db.sql(
            "select provider, count(payment) as payments, count(case when payment = $1 then 1 end) as unknown,
                count(refund) as refunds
             from (select provider, state as payment, cast(null as text) as refund from payments where look_at is not null
                union all select p.provider, null, r.state from refunds r join payments p on p.id = r.payment_id
                where r.look_at is not null) as waiting
             group by provider order by provider",
        );
        Ok(open.bind(PaymentState::Unknown).all().await?)
    }

    fn count(&self, open: &[Open]) {
        let sum = |count: fn(&Open) -> i64, all: bool| -> f64 {
            open.iter().filter(|open| all || self.taker(&open.provider).is_err()).map(count).sum::<i64>() as f64
        };
        metrics::gauge!("payments_open").set(sum(|open| open.payments, true));
        metrics::gauge!("payments_unknown").set(sum(|open| open.unknown, true));
        metrics::gauge!("refunds_open").set(sum(|open| open.refunds, true));
        // These wait until their provider is configured again.
        metrics::gauge!("payments_without_provider").set(sum(|open| open.payments, false));
        metrics::gauge!("refunds_without_provider").set(sum(|open| open.refunds, false));
    }

    /// Goes on with a payment, from wherever it stands.
    pub(super) async fn look_at(&self, row: &StoredPayment) -> Result<(), Error> {
        if !self.knows(row) {
            return self.later(row, self.clock.now() + LOOK_EVERY).await;
        }
        match row.state {
            // Whoever began it did not live to be told where it is approved, and nobody else was.
            PaymentState::Preparing => self.end(row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await,
            PaymentState::Approved => match look_up_again(row.approved_at.unwrap_or(row.begun_at), self.clock.now()) {
                Some(_) => self.confirm(row).await,
                None => self.end(row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await,
            },
            // Whoever asked did not live to hear the answer.
            PaymentState::Confirming => {
                self.lose_sight(row).await?;
                self.look_up(&row.in_state(PaymentState::Unknown)).await
            }
            PaymentState::Prepared | PaymentState::Unknown => self.look_up(row).await,
            PaymentState::Paid | PaymentState::Declined | PaymentState::Cancelled => Ok(()),
        }
    }

    async fn look_up(&self, row: &StoredPayment) -> Result<(), Error> {
        let taker = self.taker(&row.provider)?;
        let answer = {
            let _turn = taker.turn().await;
            called(taker.provider.name(), "look_up", taker.provider.look_up(&row.charge(self.clock.now()))).await
        };
        self.point().await;
        let standing = match answer {
            ProviderAnswer::Ok(found) => Some(found.standing),
            ProviderAnswer::Declined(_) | ProviderAnswer::Unknown(_) => None,
        };
        match row.state {
            PaymentState::Prepared => self.found_prepared(row, standing).await,
            _ => self.found_unknown(row, standing).await,
        }
    }

    /// What is to be done about a payment whose customer did not come back.
    async fn found_prepared(&self, row: &StoredPayment, standing: Option<ChargeState>) -> Result<(), Error> {
        let now = self.clock.now();
        match standing {
            Some(ChargeState::Approved) => self.approve_and_confirm(row, None, By::Provider).await,
            // A provider may take it without waiting for us.
            Some(ChargeState::Taken(taken)) => {
                if retried!(self.approve(row, None, By::Provider))?
                    && let Some(row) = steps::read(&self.db, row.id).await?
                {
                    self.taken(&row, taken).await?;
                }
                Ok(())
            }
            Some(ChargeState::Ended(decline)) => self.end(row, PaymentStep::Declined, decline, By::Provider).await,
            Some(ChargeState::Waiting) if now >= row.expires_at + GRACE => {
                self.end(row, PaymentStep::Cancelled, Decline::Expired, By::Program).await
            }
            None if now >= row.expires_at + LOOK_UP_FOR => {
                self.end(row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await
            }
            Some(ChargeState::Waiting) | None => {
                let over = row.expires_at + GRACE;
                let next = now + LOOK_EVERY;
                self.later(row, if now < over { next.min(over) } else { next }).await
            }
        }
    }

    /// What is to be done about a payment of which nobody knows what came of it.
    async fn found_unknown(&self, row: &StoredPayment, standing: Option<ChargeState>) -> Result<(), Error> {
        let next = look_up_again(row.approved_at.unwrap_or(row.begun_at), self.clock.now());
        match (standing, next) {
            (Some(ChargeState::Taken(taken)), _) => self.taken(row, taken).await,
            (Some(ChargeState::Ended(decline)), _) => self.end(row, PaymentStep::Declined, decline, By::Provider).await,
            // It was asked in vain: once more.
            (Some(ChargeState::Approved | ChargeState::Waiting), Some(_)) => self.confirm(row).await,
            (None, Some(next)) => self.later(row, next).await,
            (Some(ChargeState::Approved | ChargeState::Waiting) | None, None) => {
                self.end(row, PaymentStep::Cancelled, Decline::Unanswered, By::Program).await
            }
        }
    }

    async fn later(&self, row: &StoredPayment, at: Time) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        steps::look_later(&mut tx, row, at).await?;
        Ok(tx.commit().await?)
    }
}
