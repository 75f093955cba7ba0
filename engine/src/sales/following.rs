//! What follows from entries of a sale: orders, written with the batch that gave their units; and the end of those whose deadline
//! passed.

use super::{
    Sales, check, choices,
    orders::{self, cancel},
    writing::{self, Bought},
};
use crate::{
    Error,
    db::{Db, HeldEvent, Lane, Tx, is_passing, retried},
    outbox::{self, Trigger},
    turnstile::{self, Batch, Changed, Command, Outcome, Replayed, Unit, UnitDeadline},
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    EntryState, EventId, MemberId, Notice, Time, Wish,
    notices::SaleNews,
    sales::{By, OrderEvent, OrderId},
};
use uuid::Uuid;

/// Orders whose deadline is looked at in one transaction.
const AT_ONCE: i64 = 200;

/// An order whose deadline passed: nothing of it is read that a row could have wrong.
#[derive(sqlx::FromRow)]
struct Over {
    id: OrderId,
    event_id: EventId,
    rank: i64,
    due_at: Time,
}

/// The outcome of deals and tickets.
pub(crate) struct Sale;

impl Outcome for Sale {
    fn deadline(&self, _: Unit, _: Time) -> UnitDeadline {
        UnitDeadline::Never
    }

    fn write<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        batch: &'a Batch,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        write(tx, held, batch, now).boxed()
    }

    fn project<'a>(
        &'a self,
        _: &'a mut Tx,
        _: HeldEvent,
        _: i64,
        _: i64,
        _: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        // Orders were written with the batch.
        async { Ok(()) }.boxed()
    }

    fn choices<'a>(&'a self, db: &'a Db, event: EventId) -> BoxFuture<'a, Result<Vec<(MemberId, Wish)>, sqlx::Error>> {
        choices::all(db, event).boxed()
    }

    fn check<'a>(
        &'a self,
        db: &'a Db,
        event: EventId,
        replayed: &'a Replayed,
    ) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        check::orders(db, event, replayed).boxed()
    }
}

/// What a batch changed: whoever was given units to pay for, or free ones, has an order from then on, and hears of it unless it was
/// the answer to their press; whoever lost theirs because the sale ended or they were taken out has none to pay for any more.
async fn write(tx: &mut Tx, held: HeldEvent, batch: &Batch, now: Time) -> Result<(), sqlx::Error> {
    let event = held.event();
    let by_press = batch.entries.iter().filter(|decided| decided.entry.units > 0);
    let mut bought: Vec<Bought> = by_press
        .filter(|decided| decided.entry.state != EntryState::Given)
        .map(|decided| Bought { member: decided.member, entry: decided.entry })
        .collect();
    let by_command = batch.changed.values().filter(|changed| is_given(changed));
    bought.extend(by_command.clone().map(|changed| Bought { member: changed.member, entry: changed.after }));
    if !bought.is_empty()
        && let Some(sold) = orders::sold(tx, event).await?
    {
        writing::orders(tx, held, &sold, &bought, now).await?;
        // What is to be paid for is no order to its seller yet.
        let count = bought.iter().filter(|bought| bought.is_free()).count() as u64;
        if count > 0 {
            outbox::write(tx, &Trigger::Seller { event, news: SaleNews::Orders { count } }, now).await?;
        }
    }
    if bought.iter().any(Bought::is_free) || batch.changed.values().any(is_paid) {
        tell_sold_out(tx, event, now).await?;
    }
    for changed in by_command {
        if let Some(due_at) = changed.after.due_at() {
            let trigger = Trigger::Entrant { event, rank: changed.after.rank, notice: Notice::YourTurn { due_at } };
            outbox::write(tx, &trigger, now).await?;
        }
    }
    let over = batch.changed.values().filter(|changed| is_over(changed.before.state, changed.after.state));
    let (left, lost): (Vec<&Changed>, Vec<&Changed>) =
        over.partition(|changed| changed.after.state == EntryState::Left);
    for (over, by) in [(lost, By::Seller), (left, By::Buyer)] {
        let ranks: Vec<i64> = over.iter().map(|changed| changed.after.rank as i64).collect();
        orders::end(tx, event, &ranks, by, now).await?;
    }
    Ok(())
}

/// Whether an entry was paid for.
fn is_paid(changed: &Changed) -> bool {
    changed.before.state != EntryState::Paid && changed.after.state == EntryState::Paid
}

/// Tells the seller when the last unit was sold, in the transaction in which it was: its tally is written by then.
async fn tell_sold_out(tx: &mut Tx, event: EventId, now: Time) -> Result<(), sqlx::Error> {
    let all = tx.sql("select 1 from tallies where event_id = $1 and sold >= capacity").bind(event).exists().await?;
    if all {
        outbox::write(tx, &Trigger::Seller { event, news: SaleNews::SoldOut }, now).await?;
    }
    Ok(())
}

/// Whether who waited may pay now, or has what was free.
fn is_given(changed: &Changed) -> bool {
    let waited = matches!(changed.before.state, EntryState::Standby | EntryState::Given);
    waited && matches!(changed.after.state, EntryState::Checkout | EntryState::Paid)
}

/// Whether an entry lost what it was about to pay for, or had paid for, otherwise than by giving it back.
fn is_over(before: EntryState, after: EntryState) -> bool {
    use EntryState::{Checkout, Disqualified, Expired, Left, Lost, Paid};
    matches!((before, after), (Checkout, Disqualified | Lost | Left | Expired) | (Paid, Disqualified))
}

impl Sales {
    /// Everything about orders that is due.
    ///
    /// # Errors
    /// The database's; what is wrong with an order that could not be given back: all others were.
    pub async fn work(&self) -> Result<(), Error> {
        // What cannot be done now is done again, and holds nothing else up.
        let done = [
            self.number_older().await,
            self.expire().await,
            self.give_back_lost().await,
            self.call_off_waiting().await,
            self.count_settled().await,
        ];
        done.into_iter().collect()
    }

    /// Ends orders whose deadline passed, and the holds of their entries: many in one transaction, and each in its own where that fails, so
    /// that one which cannot be ended keeps no others from whoever is next.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        let (mut all, mut behind) = (Ok(()), (Time::default(), OrderId(Uuid::nil())));
        loop {
            let now = self.clock.now();
            let mut due: Vec<Over> = self
                .db
                .sql(
                    "select id, event_id, rank, due_at from orders
                     where due_at is not null and due_at <= $1 and paying is null and (due_at, id) > ($2, $3)
                     order by due_at, id limit $4",
                )
                .bind(now)
                .bind(behind.0)
                .bind(behind.1)
                .bind(AT_ONCE)
                .all()
                .await?;
            let is_last = (due.len() as i64) < AT_ONCE;
            let Some(last) = due.last() else { return all };
            behind = (last.due_at, last.id);
            // In the order in which events are held.
            due.sort_unstable_by_key(|over| (over.event_id, over.rank));
            match retried!(self.expire_once(&due, now)) {
                Ok(()) => {}
                Err(Error::Database(error)) if is_passing(&error) => return Err(error.into()),
                Err(_) => {
                    for over in &due {
                        let done = retried!(self.expire_once(std::slice::from_ref(over), now));
                        let done = done.inspect_err(
                            |error| tracing::error!(order = %over.id, %error, "an order could not be ended"),
                        );
                        all = all.and(done);
                    }
                }
            }
            if is_last {
                return all;
            }
        }
    }

    async fn expire_once(&self, due: &[Over], now: Time) -> Result<(), Error> {
        let mut held = None;
        let mut tx = self.db.begin(Lane::Other).await?;
        for Over { id, event_id, rank, due_at } in due {
            let (event, rank, due_at) = (*event_id, *rank as u64, *due_at);
            if held != Some(event) {
                tx.hold_event(event).await?;
                held = Some(event);
            }
            if cancel(&mut tx, *id, By::Site, &OrderEvent::Expired, now).await? {
                turnstile::write_command(&mut tx, event, &Command::Expired { rank, due_at }, now).await?;
                outbox::write(&mut tx, &Trigger::Entrant { event, rank, notice: Notice::HoldOver }, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
