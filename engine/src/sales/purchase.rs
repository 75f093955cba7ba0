//! Orders as payments see them.

use super::{
    orders::{StoredOrder, cancel, order_rows},
    shipping::tell_buyer,
    steps::note,
    tickets,
};
use crate::{
    Error,
    db::{Db, Tx},
    outbox::{self, Trigger},
    payments::{Approval, Checked, PaymentDeadline, Purchase, Settled, deadline},
    turnstile::{self, Command},
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    Notice, PaymentId, Time, Won,
    notices::{OrderNews, SaleNews},
    sales::{By, OrderEvent, OrderId, OrderState},
};
use uuid::Uuid;

/// The kind of subject that an order is.
pub(crate) const ORDER: &str = "order";

/// Until when their units are held.
const DEADLINE: PaymentDeadline = deadline!("orders", "due_at", "awaiting_payment" => "paid");

/// The purchase of orders.
pub(crate) struct Orders;

impl Purchase for Orders {
    fn approve<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<Approval, Error>> {
        async move {
            if DEADLINE.stop(tx, subject, payment, amount, now).await? {
                return Ok(Approval::Go);
            }
            let row = read(tx, subject).await?;
            Ok(match row {
                Some(row) if row.state == OrderState::AwaitingPayment && row.amount != amount.0 => {
                    Approval::AmountChanged
                }
                _ => Approval::Gone,
            })
        }
        .boxed()
    }

    fn paid<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        now: Time,
    ) -> BoxFuture<'a, Result<Settled, Error>> {
        async move {
            let paid = DEADLINE.keep(tx, subject, payment).await?;
            let Some(row) = read(tx, subject).await? else { return Ok(Settled::TooLate) };
            if !paid {
                if row.state == OrderState::Cancelled {
                    tell_buyer(tx, &row, OrderNews::Unpaid, now).await?;
                }
                return Ok(Settled::TooLate);
            }
            note(tx, row.id, By::Buyer, &OrderEvent::Paid, now).await?;
            tickets::issue(tx, row.id, row.event_id, row.member_id, row.units as u32, &row.terms()?, now).await?;
            let rank = row.rank as u64;
            turnstile::write_command(tx, row.event_id, &Command::Paid { rank }, now).await?;
            // Told to who bought as well: that the money was taken says the provider, maybe after they closed its page, or minutes later.
            // They acted there; this is the answer.
            let trigger = Trigger::Entrant { event: row.event_id, rank, notice: Notice::Paid { amount: row.amount } };
            outbox::write(tx, &trigger, now).await?;
            let news = SaleNews::Orders { count: 1 };
            outbox::write(tx, &Trigger::Seller { event: row.event_id, news }, now).await?;
            Ok(Settled::Kept)
        }
        .boxed()
    }

    fn failed<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        retry: bool,
        now: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            if !DEADLINE.go_on(tx, subject, payment).await? {
                return Ok(());
            }
            // Within what is left of its time it may be tried again; what is over is found to be over like any other.
            if !retry
                && let Some(row) = read(tx, subject).await?
                && cancel(tx, row.id, By::Site, &OrderEvent::Declined, now).await?
            {
                let left = Command::Left { rank: row.rank as u64 };
                turnstile::write_command(tx, row.event_id, &left, now).await?;
                // Whoever paid has left the page by now: it was looked up for as long as anybody waits.
                tell_buyer(tx, &row, OrderNews::Unpaid, now).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn refunded<'a>(
        &'a self,
        tx: &'a mut Tx,
        subject: Uuid,
        payment: PaymentId,
        amount: Won,
        now: Time,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            DEADLINE.refunded(tx, subject, payment, amount).await?;
            Ok(note(tx, OrderId(subject), By::Site, &OrderEvent::Refunded { amount: amount.0 }, now).await?)
        }
        .boxed()
    }

    fn describe<'a>(&'a self, db: &'a Db, subject: Uuid) -> BoxFuture<'a, Result<Option<Time>, Error>> {
        async move {
            let row: Option<(Option<Time>,)> =
                db.sql("select due_at from orders where id = $1").bind(subject).optional().await?;
            Ok(row.and_then(|(due_at,)| due_at))
        }
        .boxed()
    }

    fn check<'a>(
        &'a self,
        db: &'a Db,
        subject: Uuid,
        payments: &'a [Checked],
    ) -> BoxFuture<'a, Result<Vec<String>, Error>> {
        super::check::payments(db, subject, payments).boxed()
    }
}

async fn read(tx: &mut Tx, subject: Uuid) -> Result<Option<StoredOrder>, sqlx::Error> {
    tx.sql(order_rows!("where id = $1")).bind(subject).optional().await
}
