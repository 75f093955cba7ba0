//! Orders: paying for them, and leaving before that.

use super::{Sales, erasing, purchase::ORDER, steps::note};
use crate::{
    Error,
    accounts::Actor,
    db::{Dialect, Lane, Tx, retried},
    ids,
    payments::Subject,
    turnstile::{self, Command},
};
use model::{
    Delivery, EntryState, EventId, Kind, MemberId, Offer, PayWay, PaymentView, PrizeKind, SaleError, SaleRules, Time,
    Won, paths,
    sales::{By, OrderEvent, OrderId, OrderNumber, OrderState, OrderStep},
};

/// An order's row, as it is changed by.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct StoredOrder {
    pub id: OrderId,
    pub event_id: EventId,
    pub rank: i64,
    pub member_id: MemberId,
    pub number: Option<String>,
    pub kind: Kind,
    pub units: i64,
    pub price: i64,
    pub amount: i64,
    pub terms: String,
    pub state: OrderState,
    pub due_at: Option<Time>,
    pub paying: Option<uuid::Uuid>,
    pub paid_by: Option<uuid::Uuid>,
    pub units_back: i64,
    pub owed_back: i64,
    pub refunded: i64,
    pub created_at: Time,
    pub held_until: Option<Time>,
}

/// The columns of [`StoredOrder`].
macro_rules! order_rows {
    ($rest:literal) => {
        concat!(
            "select id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, due_at, paying, paid_by,
                units_back, owed_back, refunded, created_at, held_until from orders ",
            $rest
        )
    };
}
pub(super) use order_rows;

impl StoredOrder {
    /// The offer that it was bought by.
    ///
    /// # Errors
    /// [`model::Error::Internal`] when the row holds no offer.
    pub fn terms(&self) -> Result<Offer, Error> {
        serde_json::from_str(&self.terms).map_err(|_| model::Error::Internal.into())
    }

    /// Its number, once it has one.
    pub fn number(&self) -> Option<OrderNumber> {
        self.number.as_deref()?.parse().ok()
    }

    /// What happened first, which is part of the row; of older orders it is among the steps.
    pub fn first_step(&self) -> OrderStep {
        let what = self.held_until.map_or(OrderEvent::Free, |due_at| OrderEvent::Held { due_at });
        OrderStep { at: self.created_at, by: By::Site, what }
    }
}

/// What an event sells.
pub(super) struct Sold {
    pub offer: Offer,
    /// Whole won each.
    pub price: i64,
}

/// What an event sells; `None` when it sells nothing.
pub(super) async fn sold(tx: &mut Tx, event: EventId) -> Result<Option<Sold>, sqlx::Error> {
    let row: Option<(String, Time)> =
        tx.sql("select offer, closes_at from events where id = $1").bind(event).optional().await?;
    let Some((offer, closes_at)) = row else { return Ok(None) };
    let offer: Offer = serde_json::from_str(&offer).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(SaleRules::of(&offer, closes_at).map(|rules| Sold { offer, price: rules.price }))
}

impl Sales {
    /// Begins to pay for what a member has in checkout, by a `way` where there are several: where they approve it. What is sent
    /// needs to know where to.
    ///
    /// # Errors
    /// Signed out or suspended; nothing in checkout; the deadline passed; being paid for already; what is wrong with the address;
    /// those of [`crate::payments::Payments::begin`].
    pub async fn pay(
        &self,
        actor: &Actor,
        event: EventId,
        delivery: &Delivery,
        way: Option<PayWay>,
    ) -> Result<PaymentView, Error> {
        let member = actor.active()?.member;
        let entry = self.turnstile.entry_soon(event, member).await?.ok_or(model::Error::NotFound)?;
        let row = retried!(self.ready(member, event, entry.rank, delivery))?;
        let title: Option<(String,)> =
            self.db.sql("select title from events where id = $1").bind(event).optional().await?;
        let title = title.map(|(title,)| title).unwrap_or_default();
        let subject = Subject { kind: ORDER, id: row.id.0 };
        self.payments.begin_by(actor, way, subject, Won(row.amount), &title, &paths::checkout(event)).await
    }

    /// Makes sure that the order may be paid for, and knows where it goes. Its row decides.
    async fn ready(
        &self,
        member: MemberId,
        event: EventId,
        rank: u64,
        delivery: &Delivery,
    ) -> Result<StoredOrder, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.hold_event(event).await?;
        let row = of_entry(&mut tx, event, rank).await?.filter(|row| row.member_id == member);
        let row = row.ok_or(model::Error::NotFound)?;
        if row.state != OrderState::AwaitingPayment || row.due_at.is_none_or(|due_at| due_at <= now) {
            return Err(model::Error::from(SaleError::HoldOver).into());
        }
        if row.paying.is_some() {
            return Err(model::Error::from(SaleError::BeingPaid).into());
        }
        let kind = if row.kind == Kind::Deal { PrizeKind::Goods } else { PrizeKind::Coupon };
        let delivery = Delivery::check(delivery, kind).map_err(|fields| model::Error::Invalid { fields })?;
        write_address(&mut tx, row.id, delivery, now).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Gives up a place in the line, or units that are held, before they are paid for.
    ///
    /// # Errors
    /// Signed out; nothing to give up; being paid for at this moment; paid for already; the database's.
    pub async fn leave(&self, actor: &Actor, event: EventId) -> Result<(), Error> {
        let member = actor.active()?.member;
        let entry = self.turnstile.entry_soon(event, member).await?.ok_or(model::Error::NotFound)?;
        match entry.state {
            EntryState::Standby | EntryState::Given | EntryState::Checkout => {}
            EntryState::Paid => return Err(model::Error::from(SaleError::Paid).into()),
            _ => return Err(model::Error::from(SaleError::NotInLine).into()),
        }
        retried!(self.give_up(event, entry.rank))?;
        self.turnstile.settle_briefly(event, member, |now| now.state != entry.state).await;
        Ok(())
    }

    async fn give_up(&self, event: EventId, rank: u64) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.hold_event(event).await?;
        if let Some(row) = of_entry(&mut tx, event, rank).await? {
            match row.state {
                OrderState::Cancelled => return Ok(()),
                OrderState::AwaitingPayment if row.paying.is_some() => {
                    return Err(model::Error::from(SaleError::BeingPaid).into());
                }
                OrderState::AwaitingPayment => {}
                _ => return Err(model::Error::from(SaleError::Paid).into()),
            }
            if !cancel(&mut tx, row.id, By::Buyer, &OrderEvent::Left, now).await? {
                return Err(model::Error::from(SaleError::BeingPaid).into());
            }
        }
        turnstile::write_command(&mut tx, event, &Command::Left { rank }, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Ends an order that was not paid for, unless somebody is paying for it; whether it did.
pub(super) async fn cancel(
    tx: &mut Tx,
    order: OrderId,
    by: By,
    why: &OrderEvent,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let cancelled = tx
        .sql("update orders set state = $2, due_at = null where id = $1 and state = $3 and paying is null")
        .bind(order)
        .bind(OrderState::Cancelled)
        .bind(OrderState::AwaitingPayment)
        .run()
        .await?;
    if cancelled == 1 {
        note(tx, order, by, why, now).await?;
        erasing::soon(tx, order, now).await?;
    }
    Ok(cancelled == 1)
}

/// How many ranks a statement names at most.
const NAMED: usize = 1_000;

/// Runs a statement about the orders of these ranks of an event (`$1`, `$2`), which it names as each database takes many at once.
macro_rules! of_ranks {
    ($tx:expr, $event:expr, $ranks:expr, $before:literal, $after:literal) => {
        match $tx.dialect() {
            Dialect::Sqlite => $tx
                .sql(concat!($before, " event_id = $1 and rank in (select value from json_each($2)) and ", $after))
                .bind($event)
                .bind_json($ranks),
            Dialect::Postgres => $tx
                .sql(concat!($before, " event_id = $1 and rank = any($2::bigint[]) and ", $after))
                .bind($event)
                .bind_column($ranks.to_vec()),
        }
    };
}

/// Ends what the entries of these ranks lost, in few statements however many they are. Nobody pays for it any more: what is being paid
/// for at this moment is paid too late, and goes back at once; what was paid goes back a moment later ([`Sales::work`]). What was sent
/// stays as it is. What whoever left had to pay for is over without having been lost, and mostly was over before.
pub(super) async fn end(tx: &mut Tx, event: EventId, ranks: &[i64], by: By, now: Time) -> Result<(), sqlx::Error> {
    let left = by == By::Buyer;
    let what = if left { OrderEvent::Left } else { OrderEvent::CalledOff };
    let what = serde_json::to_string(&what).map_err(|error| sqlx::Error::Encode(error.into()))?;
    for ranks in ranks.chunks(NAMED) {
        // An id is one order's alone: of many orders it may be the same.
        of_ranks!(
            tx,
            event,
            ranks,
            "insert into order_steps (id, order_id, at, by_whom, what) select $3, id, $4, $5, $6 from orders where",
            "state in ('awaiting_payment', 'paid', 'preparing')"
        )
        .bind(ids::new_id(now))
        .bind(now)
        .bind(by)
        .bind(what.clone())
        .run()
        .await?;
        of_ranks!(
            tx,
            event,
            ranks,
            "update order_addresses set erase_at = $3 where order_id in (select id from orders where",
            "state = 'awaiting_payment')"
        )
        .bind(now + erasing::KEPT_UNPAID)
        .run()
        .await?;
        of_ranks!(
            tx,
            event,
            ranks,
            "update orders set lost_at = case when state = 'awaiting_payment' then $3 else $4 end, due_at = null,
                state = case when state = 'awaiting_payment' then 'cancelled' else state end where",
            "state in ('awaiting_payment', 'paid', 'preparing')"
        )
        .bind((!left).then_some(now))
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}

/// An order, taken: of two who change it at once one is second.
pub(super) async fn hold(tx: &mut Tx, order: OrderId) -> Result<Option<StoredOrder>, sqlx::Error> {
    // Changes nothing but takes the row.
    tx.sql("update orders set units_back = units_back where id = $1").bind(order).run().await?;
    tx.sql(order_rows!("where id = $1")).bind(order).optional().await
}

/// The order of an entry.
pub(super) async fn of_entry(tx: &mut Tx, event: EventId, rank: u64) -> Result<Option<StoredOrder>, sqlx::Error> {
    tx.sql(order_rows!("where event_id = $1 and rank = $2")).bind(event).bind(rank as i64).optional().await
}

/// Writes where an order goes.
async fn write_address(tx: &mut Tx, order: OrderId, delivery: Delivery, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into order_addresses (order_id, name, phone, postcode, address, detail, erase_at) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (order_id) do update set name = excluded.name, phone = excluded.phone, postcode = excluded.postcode,
            address = excluded.address, detail = excluded.detail, erase_at = excluded.erase_at",
    )
    .bind(order)
    .bind(delivery.name)
    .bind(delivery.phone)
    .bind(delivery.postcode)
    .bind(delivery.address)
    .bind(delivery.detail)
    .bind(now + erasing::KEPT)
    .run()
    .await?;
    Ok(())
}
