//! From the customer's approval to what came of it: what is paid for is asked, the money is taken, and the payment ends.

use super::{
    APPROVED_LEFT, Approval, By, LEFT, Payments, ProviderAnswer, Settled, called, refunds,
    steps::{self, StoredPayment, step},
};
use crate::{
    Error,
    db::{Lane, retried},
};
use model::{Decline, PaymentState, PaymentStep, Won};

impl Payments {
    /// The customer approved: asks what is paid for, and has the money taken.
    pub(super) async fn approve_and_confirm(
        &self,
        row: &StoredPayment,
        proof: Option<String>,
        by: By,
    ) -> Result<(), Error> {
        if retried!(self.approve(row, proof.as_deref(), by))? {
            self.point().await;
            if let Some(row) = steps::read(&self.db, row.id).await? {
                self.confirm(&row).await?;
            }
        }
        Ok(())
    }

    /// Whether a payment that its customer approved may go on; it ends when not.
    pub(super) async fn approve(&self, row: &StoredPayment, proof: Option<&str>, by: By) -> Result<bool, Error> {
        let now = self.clock.now();
        let purchase = self.purchase(row)?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let decline = match purchase.approve(&mut tx, row.subject_id, row.id, row.amount, now).await? {
            Approval::Go => None,
            Approval::Gone => Some(Decline::Gone),
            Approval::AmountChanged => Some(Decline::Amount),
        };
        let moved = match decline {
            None => {
                tx.sql("update payments set proof = $2 where id = $1")
                    .bind(row.id)
                    .bind(proof.map(str::to_owned))
                    .run()
                    .await?;
                step(&mut tx, row, PaymentStep::Approved, None, by, Some(now + APPROVED_LEFT), now).await?
            }
            Some(decline) => {
                // It is approved there, and must not be taken.
                refunds::close(&mut tx, row, row.amount, now).await?;
                step(&mut tx, row, PaymentStep::Declined, Some(decline), By::Program, None, now).await?
            }
        };
        // Somebody else went on with it: then nothing of this happened.
        if moved {
            tx.commit().await?;
        }
        Ok(moved && decline.is_none())
    }

    /// Has the money taken of a payment that is approved, or of which it is not known.
    pub(super) async fn confirm(&self, row: &StoredPayment) -> Result<(), Error> {
        let taker = self.taker(&row.provider)?;
        let provider = &taker.provider;
        let turn = taker.turn().await;
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        if !step(&mut tx, row, PaymentStep::Asked, None, By::Program, Some(now + LEFT), now).await? {
            return Ok(());
        }
        tx.commit().await?;
        let row = &row.in_state(PaymentState::Confirming);
        self.point().await;
        let answer = called(provider.name(), "confirm", provider.confirm(&row.charge(self.clock.now()))).await;
        drop(turn);
        self.point().await;
        match answer {
            ProviderAnswer::Ok(taken) => self.taken(row, taken).await,
            ProviderAnswer::Declined(decline) => self.end(row, PaymentStep::Declined, decline, By::Provider).await,
            ProviderAnswer::Unknown(_) => self.lose_sight(row).await,
        }
    }

    /// Nobody knows what came of it: it is looked up from now on.
    pub(super) async fn lose_sight(&self, row: &StoredPayment) -> Result<(), Error> {
        let now = self.clock.now();
        let next = model::payments::look_up_again(row.approved_at.unwrap_or(now), now).unwrap_or(now);
        let mut tx = self.db.begin(Lane::Other).await?;
        if step(&mut tx, row, PaymentStep::Unknown, None, By::Program, Some(next), now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// The provider took so much.
    pub(super) async fn taken(&self, row: &StoredPayment, taken: Won) -> Result<(), Error> {
        if taken == row.amount {
            retried!(self.paid(row))
        } else {
            tracing::error!(payment = %row.id, taken = taken.0, "another amount was taken, and goes back");
            retried!(self.end_once(row, PaymentStep::Declined, Decline::Amount, By::Program, Some(taken)))
        }
    }

    async fn paid(&self, row: &StoredPayment) -> Result<(), Error> {
        let now = self.clock.now();
        let purchase = self.purchase(row)?;
        let mut tx = self.db.begin(Lane::Other).await?;
        let settled = purchase.paid(&mut tx, row.subject_id, row.id, now).await?;
        if !step(&mut tx, row, PaymentStep::Paid, None, By::Provider, None, now).await? {
            return Ok(());
        }
        if settled == Settled::TooLate {
            refunds::too_late(&mut tx, row, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Ends a payment that came to nothing.
    pub(super) async fn end(
        &self,
        row: &StoredPayment,
        as_what: PaymentStep,
        decline: Decline,
        by: By,
    ) -> Result<(), Error> {
        retried!(self.end_once(row, as_what, decline, by, None))
    }

    /// The same, and whatever was `taken` of it goes back.
    async fn end_once(
        &self,
        row: &StoredPayment,
        as_what: PaymentStep,
        decline: Decline,
        by: By,
        taken: Option<Won>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        if row.approved_at.is_some() {
            let retry = as_what == PaymentStep::Declined;
            self.purchase(row)?.failed(&mut tx, row.subject_id, row.id, retry, now).await?;
        }
        if !step(&mut tx, row, as_what, Some(decline), by, None, now).await? {
            return Ok(());
        }
        // Nothing was taken for all that is known; whoever has its window open may still pay there.
        let open = row.state == PaymentState::Prepared && taken.is_none();
        if open && self.taker(&row.provider).is_ok_and(|taker| taker.provider.takes_unasked()) {
            refunds::close_later(&mut tx, row, now).await?;
        } else if as_what == PaymentStep::Cancelled || taken.is_some() {
            refunds::close(&mut tx, row, taken.unwrap_or(row.amount), now).await?;
        }
        Ok(tx.commit().await?)
    }
}
