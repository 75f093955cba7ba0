//! What follows from entries of a sale: orders, written a moment after the rush or with the command that changed an entry; their
//! numbers; and the end of those whose deadline passed.

use super::{
    Sales, check, choices,
    orders::{self, Bought, Row, cancel, order_rows},
};
use crate::{
    Error,
    db::{Db, HeldEvent, Lane, Tx, retried},
    outbox::{self, Trigger},
    turnstile::{self, Batch, Command, Deadline, Outcome, Replayed, Unit},
};
use futures::{FutureExt, future::BoxFuture};
use model::{
    Due, Entry, EntryState, EventId, MemberId, Notice, Span, Time, Wish,
    sales::{By, OrderEvent, OrderId, OrderNumber},
};

/// Orders that are numbered, or whose deadline is looked at, in one transaction.
const AT_ONCE: i64 = 200;

/// The outcome of deals and tickets.
pub(crate) struct Sale;

impl Outcome for Sale {
    fn deadline(&self, _: Unit, _: Time) -> Deadline {
        Deadline::Never
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

    fn follow<'a>(
        &'a self,
        tx: &'a mut Tx,
        held: HeldEvent,
        first: i64,
        last: i64,
        now: Time,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        follow(tx, held, first, last, now).boxed()
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

/// What commands changed: whoever was let into checkout has an order from then on, and hears of it; whoever lost their units
/// because the sale ended or they were taken out has none to pay for any more.
async fn write(tx: &mut Tx, held: HeldEvent, batch: &Batch, now: Time) -> Result<(), sqlx::Error> {
    let event = held.event();
    let mut sold = None;
    for (rank, changed) in &batch.changed {
        let (before, after) = (changed.before.state, changed.after.state);
        let given = matches!(after, EntryState::Checkout | EntryState::Paid)
            && matches!(before, EntryState::Standby | EntryState::Given);
        if given {
            if sold.is_none() {
                sold = orders::sold(tx, event).await.map_err(database)?;
            }
            let Some((offer, price)) = &sold else { continue };
            let bought = Bought { rank: *rank, member: changed.member, entry: &changed.after, offer, price: *price };
            orders::write(tx, held, &bought, now).await?;
            if let Some(due_at) = changed.after.due_at() {
                let trigger = Trigger::Entrant { event, rank: *rank, notice: Notice::YourTurn { due_at } };
                outbox::write(tx, &trigger, now).await?;
            }
        } else if is_over(before, after) {
            orders::end(tx, event, *rank, now).await?;
        }
    }
    Ok(())
}

/// Whether an entry lost what it was about to pay for, or had paid for, otherwise than by giving it back.
fn is_over(before: EntryState, after: EntryState) -> bool {
    use EntryState::{Checkout, Disqualified, Expired, Left, Lost, Paid};
    matches!((before, after), (Checkout, Disqualified | Lost | Left | Expired) | (Paid, Disqualified))
}

fn database(error: Error) -> sqlx::Error {
    match error {
        Error::Database(error) => error,
        other => sqlx::Error::Decode(other.to_string().into()),
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    rank: i64,
    member_id: MemberId,
    entered_at: Time,
    state: EntryState,
    quantity: i64,
    units: Option<i64>,
    due_at: Option<Time>,
}

/// Orders of those among ranks after `first` up to `last` who have units, unless they were written.
async fn follow(tx: &mut Tx, held: HeldEvent, first: i64, last: i64, now: Time) -> Result<(), sqlx::Error> {
    let rows: Vec<EntryRow> = tx
        .sql(
            "select rank, member_id, entered_at, state, quantity, units, due_at from entries
             where event_id = $1 and rank > $2 and rank <= $3 and state in ('checkout', 'paid')",
        )
        .bind(held.event())
        .bind(first)
        .bind(last)
        .all()
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let Some((offer, price)) = orders::sold(tx, held.event()).await.map_err(database)? else { return Ok(()) };
    for row in rows {
        let entry = Entry {
            quantity: row.quantity as u32,
            units: row.units.unwrap_or(0) as u32,
            due: Due::from(row.due_at),
            ..Entry::of_one(row.rank as u64, row.entered_at, Span::ZERO, row.state)
        };
        let bought = Bought { rank: entry.rank, member: row.member_id, entry: &entry, offer: &offer, price };
        orders::write(tx, held, &bought, now).await?;
    }
    Ok(())
}

impl Sales {
    /// Everything about orders that is due.
    ///
    /// # Errors
    /// The database's.
    pub async fn work(&self) -> Result<(), Error> {
        self.number_orders().await?;
        self.expire().await?;
        self.give_back_lost().await
    }

    /// Gives numbers to orders that have none yet.
    async fn number_orders(&self) -> Result<(), Error> {
        loop {
            let rows: Vec<(OrderId, Time)> = self
                .db
                .sql("select id, created_at from orders where number is null order by created_at limit $1")
                .bind(AT_ONCE)
                .all()
                .await?;
            let Some((_, at)) = rows.first().copied() else { return Ok(()) };
            // Of one day at a time.
            let of_day: Vec<OrderId> =
                rows.iter().filter(|(_, created_at)| created_at.day() == at.day()).map(|(id, _)| *id).collect();
            let mut tx = self.db.begin(Lane::Other).await?;
            let (made,): (i64,) = tx
                .sql(
                    "insert into order_days (day, made) values ($1, $2)
                     on conflict (day) do update set made = order_days.made + excluded.made returning made",
                )
                .bind(at.day())
                .bind(of_day.len() as i64)
                .one()
                .await?;
            let first = made - of_day.len() as i64;
            for (count, id) in (first + 1..).zip(&of_day) {
                tx.sql("update orders set number = $2 where id = $1 and number is null")
                    .bind(*id)
                    .bind(OrderNumber::new(at, count as u64).to_string())
                    .run()
                    .await?;
            }
            tx.commit().await?;
            if (rows.len() as i64) < AT_ONCE && of_day.len() == rows.len() {
                return Ok(());
            }
        }
    }

    /// Ends orders whose deadline passed, and the holds of their entries.
    pub(crate) async fn expire(&self) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            let mut due: Vec<Row> = self
                .db
                .sql(order_rows!(
                    "where due_at is not null and due_at <= $1 and paying is null order by due_at limit $2"
                ))
                .bind(now)
                .bind(AT_ONCE)
                .all()
                .await?;
            // In the order in which events are held.
            due.sort_unstable_by_key(|row| (row.event_id, row.rank));
            let ended = retried!(self.expire_once(&due, now))?;
            for event in ended {
                self.turnstile.wake(event).await;
            }
            if (due.len() as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn expire_once(&self, due: &[Row], now: Time) -> Result<Vec<EventId>, Error> {
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let mut events: Vec<EventId> = Vec::new();
        let mut tx = self.db.begin(Lane::Other).await?;
        for row in due {
            if events.last() != Some(&row.event_id) {
                tx.hold_event(row.event_id).await?;
                events.push(row.event_id);
            }
            let Some(due_at) = row.due_at else { continue };
            if cancel(&mut tx, row, By::Site, &OrderEvent::Expired, now).await? {
                let rank = row.rank as u64;
                turnstile::write_command(&mut tx, row.event_id, &Command::Expired { rank, due_at }, now).await?;
                let trigger = Trigger::Entrant { event: row.event_id, rank, notice: Notice::HoldOver };
                outbox::write(&mut tx, &trigger, now).await?;
            }
        }
        tx.commit().await?;
        Ok(events)
    }
}
