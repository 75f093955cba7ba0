//! What is paid for: the part that payments leave to those whose it is.

use crate::{
    Error,
    db::{Db, Tx},
};
use futures::future::BoxFuture;
use model::{PaymentId, PaymentState, Time, Won};
use uuid::Uuid;

/// One thing that is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    /// Which kind: a name in the database.
    pub kind: &'static str,
    /// Which of that kind.
    pub id: Uuid,
}

/// Whether an approved payment may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    /// It may: what is paid for waits until it is known whether the money was taken.
    Go,
    /// It is not the customer's to pay for any more, or is being paid for by another payment.
    Gone,
    /// Another amount is to be paid by now.
    AmountChanged,
}

/// What became of money that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is paid for.
    Kept,
    /// It went to somebody else: the money goes back.
    TooLate,
}

/// A payment as [`Purchase::check`] compares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Which.
    pub payment: PaymentId,
    /// Where it stands.
    pub state: PaymentState,
    /// Its amount.
    pub amount: Won,
    /// What of it goes back, or has.
    pub refunded: Won,
}

/// What follows from the payments of one kind of subject. Payments know amounts and providers; a purchase says what is paid for.
///
/// All but [`Purchase::describe`] and [`Purchase::check`] run in the payment's transactions, before the payment's own row is
/// changed: subjects are locked before payments, here as by whoever calls [`super::owe`]. Such a transaction may be undone
/// when somebody else went on with the payment, so nothing is done outside of it. Each payment to which [`Approval::Go`] was
/// said gets exactly one [`Purchase::paid`] or [`Purchase::failed`].
pub trait Purchase: Send + Sync {
    /// The customer approved: may the money be taken? On [`Approval::Go`] the subject's deadline stops, by a conditional update.
    ///
    /// # Errors
    /// The database's.
    fn approve<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<Approval, Error>>;

    /// The money was taken. On [`Settled::TooLate`] it becomes a refund in the same transaction.
    ///
    /// # Errors
    /// The database's.
    fn paid<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        now: Time,
    ) -> BoxFuture<'a, Result<Settled, Error>>;

    /// It came to nothing; whether the customer may `retry` within the time that is left.
    ///
    /// # Errors
    /// The database's.
    fn failed<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        retry: bool,
        now: Time,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// So much of what was paid arrived with the customer again, also of what was paid too late.
    ///
    /// # Errors
    /// The database's.
    fn refunded<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<(), Error>>;

    /// For the approval page: until when the subject is set aside for whoever pays, when there is an end to it.
    ///
    /// # Errors
    /// The database's.
    fn describe<'a>(&'a self, db: &'a Db, subject: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>>;

    /// Everything in which a subject contradicts its payments, in words for an operator. Subjects without any are compared by
    /// whoever checks them.
    ///
    /// # Errors
    /// The database's.
    fn check<'a>(
        &'a self,
        db: &'a Db,
        subject: Uuid,
        payments: &'a [Checked],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>>;
}

/// The purchase of each kind; `None` for one that this program does not know, which is left to a newer one.
pub type Purchases = fn(&str) -> Option<&'static dyn Purchase>;
