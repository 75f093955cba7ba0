//! The deadline of what is set aside until it is paid for, whatever that is: a payment stops it, and it goes on, or is over for good.
//!
//! The other side of each condition is wherever deadlines are found to have passed: of the two exactly one wins.

use crate::db::Tx;
use model::{PaymentId, Time, Won};
use uuid::Uuid;

/// A table whose rows wait for their money: the statements of it that payments make. From [`deadline!`].
pub(crate) struct PaymentDeadline {
    /// `$1` the subject, `$2` the payment, `$3` now, `$4` the amount.
    pub stop: &'static str,
    /// `$1` the subject, `$2` the payment.
    pub keep: &'static str,
    /// `$1` the subject, `$2` the payment.
    pub go_on: &'static str,
    /// `$1` the subject, `$2` the payment, `$3` the amount.
    pub refunded: &'static str,
}

/// The deadline of a table: the column that has it, the state in which a row waits for its money, and that in which it is paid for.
/// The table has `id`, `state`, `amount`, `paying`, `paid_by` and `refunded` beside.
macro_rules! deadline {
    ($table:literal, $until:literal, $waits:literal => $paid:literal) => {
        $crate::payments::PaymentDeadline {
            stop: concat!(
                "update ",
                $table,
                " set paying = $2 where id = $1 and state = '",
                $waits,
                "' and paying is null and ",
                $until,
                " > $3 and amount = $4"
            ),
            keep: concat!(
                "update ",
                $table,
                " set state = '",
                $paid,
                "', paying = null, paid_by = $2, ",
                $until,
                " = null where id = $1 and state = '",
                $waits,
                "' and paying = $2"
            ),
            go_on: concat!(
                "update ",
                $table,
                " set paying = null where id = $1 and state = '",
                $waits,
                "' and paying = $2"
            ),
            refunded: concat!("update ", $table, " set refunded = refunded + $3 where id = $1 and paid_by = $2"),
        }
    };
}
pub(crate) use deadline;

impl PaymentDeadline {
    /// Stops it for a payment of this amount; whether it was the customer's to pay until then, and nobody else pays.
    ///
    /// # Errors
    /// The database's.
    pub async fn stop(
        &self,
        tx: &mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> Result<bool, sqlx::Error> {
        Ok(tx.sql(self.stop).bind(subject).bind(payment).bind(now).bind(amount).run().await? == 1)
    }

    /// It is paid for by the payment that stopped it; whether it was still there to be.
    ///
    /// # Errors
    /// The database's.
    pub async fn keep(&self, tx: &mut Tx, subject: Uuid, payment: PaymentId) -> Result<bool, sqlx::Error> {
        Ok(tx.sql(self.keep).bind(subject).bind(payment).run().await? == 1)
    }

    /// The payment that stopped it came to nothing: it goes on; whether that payment had stopped it.
    ///
    /// # Errors
    /// The database's.
    pub async fn go_on(&self, tx: &mut Tx, subject: Uuid, payment: PaymentId) -> Result<bool, sqlx::Error> {
        Ok(tx.sql(self.go_on).bind(subject).bind(payment).run().await? == 1)
    }

    /// So much arrived with the customer again; what was paid too late is no part of the subject's money.
    ///
    /// # Errors
    /// The database's.
    pub async fn refunded(
        &self,
        tx: &mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
    ) -> Result<(), sqlx::Error> {
        tx.sql(self.refunded).bind(subject).bind(payment).bind(amount).run().await?;
        Ok(())
    }
}
