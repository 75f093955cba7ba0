//! Making orders of entries, paying for them, and leaving before that.

use super::{Sales, purchase::ORDER, steps::note, tickets};
use crate::{
    Error,
    accounts::Actor,
    db::{HeldEvent, Lane, Tx, retried},
    ids,
    payments::Subject,
    turnstile::{self, Command},
};
use model::{
    Delivery, Entry, EntryState, EventId, Kind, MemberId, Offer, PaymentView, PrizeKind, SaleError, SaleRules, Time,
    Won,
    sales::{By, OrderEvent, OrderId, OrderNumber, OrderState},
};

/// An order's row, as it is changed by.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
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
}

/// The columns of [`Row`].
macro_rules! order_rows {
    ($rest:literal) => {
        concat!(
            "select id, event_id, rank, member_id, number, kind, units, price, amount, terms, state, due_at, paying, paid_by,
                units_back, owed_back, refunded, created_at from orders ",
            $rest
        )
    };
}
pub(super) use order_rows;

impl Row {
    /// The offer that it was bought by.
    pub fn terms(&self) -> Result<Offer, Error> {
        serde_json::from_str(&self.terms).map_err(|_| model::Error::Internal.into())
    }

    /// Its number, once it has one.
    pub fn number(&self) -> Option<OrderNumber> {
        self.number.as_deref()?.parse().ok()
    }
}

/// What an order is made of: an entry, and what its event sells.
pub(super) struct Bought<'a> {
    pub rank: u64,
    pub member: MemberId,
    pub entry: &'a Entry,
    pub offer: &'a Offer,
    pub price: i64,
}

/// Writes the order of an entry that has units, unless it was written. Its number is given later; a free one is paid for at once.
pub(super) async fn write(tx: &mut Tx, held: HeldEvent, bought: &Bought<'_>, now: Time) -> Result<(), sqlx::Error> {
    let Bought { rank, member, entry, offer, price } = bought;
    let free = entry.state == EntryState::Paid;
    let (state, due_at) = match entry.due_at() {
        Some(due_at) if !free => (OrderState::AwaitingPayment, Some(due_at)),
        _ => (OrderState::Paid, None),
    };
    let id = OrderId(ids::new_id(now));
    let terms = serde_json::to_string(offer).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let written = tx
        .sql(
            "insert into orders (id, event_id, rank, member_id, kind, units, price, amount, terms, state, due_at, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (event_id, rank) do nothing",
        )
        .bind(id)
        .bind(held.event())
        .bind(*rank as i64)
        .bind(*member)
        .bind(offer.kind())
        .bind(i64::from(entry.units))
        .bind(*price)
        .bind(price.saturating_mul(i64::from(entry.units)))
        .bind(terms)
        .bind(state)
        .bind(due_at)
        .bind(now)
        .run()
        .await?;
    if written == 0 {
        return Ok(());
    }
    let what = due_at.map_or(OrderEvent::Free, |due_at| OrderEvent::Held { due_at });
    note(tx, id, By::Site, &what, now).await?;
    if free {
        tickets::issue(tx, id, held.event(), *member, entry.units, offer, now).await?;
    }
    Ok(())
}

/// What an event sells, and for how much each; `None` when it sells nothing.
pub(super) async fn sold(tx: &mut Tx, event: EventId) -> Result<Option<(Offer, i64)>, Error> {
    let row: Option<(String, Time)> =
        tx.sql("select offer, closes_at from events where id = $1").bind(event).optional().await?;
    let Some((offer, closes_at)) = row else { return Ok(None) };
    let offer: Offer = serde_json::from_str(&offer).map_err(|_| model::Error::Internal)?;
    Ok(SaleRules::of(&offer, closes_at).map(|rules| (offer, rules.price)))
}

impl Sales {
    /// Begins to pay for what a member has in checkout: where they approve it. What is sent needs to know where to.
    ///
    /// # Errors
    /// Signed out or suspended; nothing in checkout; the deadline passed; being paid for already; what is wrong with the address;
    /// those of [`crate::payments::Payments::begin`].
    pub async fn pay(&self, actor: &Actor, event: EventId, delivery: &Delivery) -> Result<PaymentView, Error> {
        let member = actor.active()?.member;
        let entry = self.turnstile.entry(event, member).await?.ok_or(model::Error::NotFound)?;
        let row = retried!(self.ready(member, event, &entry, delivery))?;
        let title: Option<(String,)> =
            self.db.sql("select title from events where id = $1").bind(event).optional().await?;
        let title = title.map(|(title,)| title).unwrap_or_default();
        let subject = Subject { kind: ORDER, id: row.id.0 };
        let back = format!("/events/{event}/checkout");
        self.payments.begin(actor, subject, Won(row.amount), &title, &back).await
    }

    /// Makes sure that the order is there, may be paid for, and knows where it goes.
    async fn ready(&self, member: MemberId, event: EventId, entry: &Entry, delivery: &Delivery) -> Result<Row, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_event(event).await?;
        if entry.state == EntryState::Checkout {
            let (offer, price) = sold(&mut tx, event).await?.ok_or(model::Error::NotFound)?;
            let bought = Bought { rank: entry.rank, member, entry, offer: &offer, price };
            write(&mut tx, held, &bought, now).await?;
        }
        let row = of_entry(&mut tx, event, entry.rank).await?.filter(|row| row.member_id == member);
        let row = row.ok_or(model::Error::NotFound)?;
        if row.state != OrderState::AwaitingPayment || row.due_at.is_none_or(|due_at| due_at <= now) {
            return Err(model::Error::from(SaleError::HoldOver).into());
        }
        if row.paying.is_some() {
            return Err(model::Error::from(SaleError::BeingPaid).into());
        }
        let kind = if row.kind == Kind::Deal { PrizeKind::Goods } else { PrizeKind::Coupon };
        let delivery = Delivery::check(delivery, kind).map_err(|fields| model::Error::Invalid { fields })?;
        write_address(&mut tx, row.id, delivery).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Gives up a place in the line, or units that are held, before they are paid for.
    ///
    /// # Errors
    /// Signed out; nothing to give up; being paid for at this moment; paid for already; the database's.
    pub async fn leave(&self, actor: &Actor, event: EventId) -> Result<(), Error> {
        let member = actor.active()?.member;
        let entry = self.turnstile.entry(event, member).await?.ok_or(model::Error::NotFound)?;
        match entry.state {
            EntryState::Standby | EntryState::Given | EntryState::Checkout => {}
            EntryState::Paid => return Err(model::Error::from(SaleError::Paid).into()),
            _ => return Err(model::Error::from(SaleError::NotInLine).into()),
        }
        retried!(self.give_up(member, event, &entry))?;
        self.turnstile.wake(event).await;
        self.turnstile.settle_briefly(event, member, |now| now.state != entry.state).await;
        Ok(())
    }

    async fn give_up(&self, member: MemberId, event: EventId, entry: &Entry) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let held = tx.hold_event(event).await?;
        if entry.state == EntryState::Checkout {
            // So that nobody pays for it a moment later.
            let (offer, price) = sold(&mut tx, event).await?.ok_or(model::Error::NotFound)?;
            let bought = Bought { rank: entry.rank, member, entry, offer: &offer, price };
            write(&mut tx, held, &bought, now).await?;
        }
        if let Some(row) = of_entry(&mut tx, event, entry.rank).await? {
            match row.state {
                OrderState::Cancelled => return Ok(()),
                OrderState::AwaitingPayment if row.paying.is_some() => {
                    return Err(model::Error::from(SaleError::BeingPaid).into());
                }
                OrderState::AwaitingPayment => {}
                _ => return Err(model::Error::from(SaleError::Paid).into()),
            }
            if !cancel(&mut tx, &row, By::Buyer, &OrderEvent::Left, now).await? {
                return Err(model::Error::from(SaleError::BeingPaid).into());
            }
        }
        turnstile::write_command(&mut tx, event, &Command::Left { rank: entry.rank }, now).await?;
        Ok(tx.commit().await?)
    }
}

/// Ends an order that was not paid for, unless somebody is paying for it; whether it did.
pub(super) async fn cancel(tx: &mut Tx, row: &Row, by: By, why: &OrderEvent, now: Time) -> Result<bool, sqlx::Error> {
    let cancelled = tx
        .sql("update orders set state = $2, due_at = null where id = $1 and state = $3 and paying is null")
        .bind(row.id)
        .bind(OrderState::Cancelled)
        .bind(OrderState::AwaitingPayment)
        .run()
        .await?;
    if cancelled == 1 {
        note(tx, row.id, by, why, now).await?;
    }
    Ok(cancelled == 1)
}

/// Ends what its entry lost. Nobody pays for it any more: what is being paid for at this moment is paid too late, and goes back at
/// once; what was paid goes back a moment later ([`Sales::work`]).
pub(super) async fn end(tx: &mut Tx, event: EventId, rank: u64, now: Time) -> Result<(), sqlx::Error> {
    let Some(row) = of_entry(tx, event, rank).await? else { return Ok(()) };
    // By whoever left, or because time ran out, it is over already.
    if !row.state.is_paid() && row.state != OrderState::AwaitingPayment {
        return Ok(());
    }
    tx.sql(
        "update orders set lost_at = $2, due_at = null,
            state = case when state = 'awaiting_payment' then 'cancelled' else state end where id = $1",
    )
    .bind(row.id)
    .bind(now)
    .run()
    .await?;
    note(tx, row.id, By::Seller, &OrderEvent::CalledOff, now).await
}

/// The order of an entry.
pub(super) async fn of_entry(tx: &mut Tx, event: EventId, rank: u64) -> Result<Option<Row>, sqlx::Error> {
    tx.sql(order_rows!("where event_id = $1 and rank = $2")).bind(event).bind(rank as i64).optional().await
}

/// Writes where an order goes.
async fn write_address(tx: &mut Tx, order: OrderId, delivery: Delivery) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into order_addresses (order_id, name, phone, postcode, address, detail) values ($1, $2, $3, $4, $5, $6)
         on conflict (order_id) do update set name = excluded.name, phone = excluded.phone, postcode = excluded.postcode,
            address = excluded.address, detail = excluded.detail",
    )
    .bind(order)
    .bind(delivery.name)
    .bind(delivery.phone)
    .bind(delivery.postcode)
    .bind(delivery.address)
    .bind(delivery.detail)
    .run()
    .await?;
    Ok(())
}
