//! Giving back what was paid for: the money is owed back and the units go on, in one transaction.

use super::{
    Sales,
    orders::{StoredOrder, hold, order_rows},
    returns,
    shipping::tell_buyer,
    steps::{note, note_as},
    tickets,
};
use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    db::{Lane, Tx, retried},
    ids,
    outbox::{self, Trigger},
    payments,
    turnstile::{self, Command},
};
use model::{
    DAY, MemberId, PaymentId, RequestId, SaleError, Span, Time, Won,
    administration::AuditAction,
    notices::{OrderNews, SaleNews},
    sales::{By, GivingBack, OrderEvent, OrderId, OrderState, giving_back},
};

/// So long after an event was called off its orders are looked for.
const CALLED_OFF_FOR: Span = DAY.times(30);
/// Orders of events that were called off that are given back in one run.
const AT_ONCE: i64 = 200;

impl Sales {
    /// Gives back units of an order that was paid for, for no more than that cost at `seen`, when its buyer read what it costs; who read
    /// nothing pays nothing for it. The same `request` twice is one.
    ///
    /// # Errors
    /// Signed out or suspended; another's order, or none; nothing that can be given back any more, or not so many;
    /// [`SaleError::FeeChanged`] where it costs more by now; the database's.
    pub async fn give_back(
        &self,
        actor: &Actor,
        order: OrderId,
        units: u32,
        seen: Option<Time>,
        request: RequestId,
    ) -> Result<(), Error> {
        let member = actor.active()?.member;
        retried!(self.give_back_once(member, order, units, seen, request))
    }

    async fn give_back_once(
        &self,
        member: MemberId,
        order: OrderId,
        units: u32,
        seen: Option<Time>,
        request: RequestId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let row = hold(&mut tx, order).await?.filter(|row| row.member_id == member).ok_or(model::Error::NotFound)?;
        // Whoever sends the form chooses its request: what the site owes for other reasons has ids of its own. An older program's step
        // has the request itself.
        let own = RequestId(ids::id_of(&[b"59 giving back", order.0.as_bytes(), request.0.as_bytes()]));
        let done = tx
            .sql("select 1 from order_steps where order_id = $1 and id in ($2, $3)")
            .bind(order)
            .bind(own)
            .bind(request)
            .exists()
            .await?;
        if done {
            return Ok(());
        }
        let called_off = tx
            .sql("select 1 from events where id = $1 and cancelled_at is not null")
            .bind(row.event_id)
            .exists()
            .await?;
        if called_off && matches!(row.state, OrderState::Paid | OrderState::Preparing) {
            // A moment later it would have come back by itself: all of it, and with whatever was kept before.
            let left = (row.units - row.units_back) as u32;
            let back = GivingBack { units: left, refund: row.amount - row.owed_back, fee: 0 };
            give_units_back(&mut tx, &row, back, By::Buyer, By::Buyer.into(), own, now).await?;
        } else {
            return_units(&mut tx, &row, units, seen, own, now).await?;
        }
        let news = SaleNews::GivenBack { count: 1 };
        outbox::write(&mut tx, &Trigger::Seller { event: row.event_id, news }, now).await?;
        Ok(tx.commit().await?)
    }

    /// What was paid for goes back, whole, where its event was called off, whatever was sent of it, or its entry was taken out.
    pub(crate) async fn give_back_lost(&self) -> Result<(), Error> {
        let called_off: Vec<(OrderId,)> = self
            .db
            .sql(
                // Each by an index of its own.
                "select o.id from events e join orders o on o.event_id = e.id
                 where e.cancelled_at > $1 and o.state in ('paid', 'preparing')
                 union all select o.id from events e join orders o on o.event_id = e.id
                 where e.cancelled_at > $1 and o.state = 'shipped'
                 union all select o.id from events e join orders o on o.event_id = e.id
                 where e.cancelled_at > $1 and o.state = 'delivered' limit $2",
            )
            .bind(self.clock.now() - CALLED_OFF_FOR)
            .bind(AT_ONCE)
            .all()
            .await?;
        let lost: Vec<(OrderId,)> = self
            .db
            .sql("select id from orders where lost_at is not null and state in ('paid', 'preparing') limit $1")
            .bind(AT_ONCE)
            .all()
            .await?;
        let mut all = Ok(());
        for (order,) in called_off.into_iter().chain(lost) {
            all = all.and(alone(order, retried!(self.give_back_whole(order, None, None))));
        }
        all
    }

    /// Gives an order back whole that was not sent, or whose event was called off, by its seller when there is a reason, which its
    /// buyer is told; whether it was one. That a `seller` called this one off is noted.
    pub(super) async fn give_back_whole(
        &self,
        order: OrderId,
        reason: Option<&str>,
        seller: Option<&Actor>,
    ) -> Result<bool, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let refunded = tx
            .sql(
                "update orders set state = $2 where id = $1 and (state in ('paid', 'preparing') or state in ('shipped', 'delivered')
                    and exists (select 1 from events e where e.id = orders.event_id and e.cancelled_at is not null))",
            )
            .bind(order)
            .bind(OrderState::Refunded)
            .run()
            .await?;
        let row: Option<StoredOrder> = tx.sql(order_rows!("where id = $1")).bind(order).optional().await?;
        let Some(row) = row.filter(|_| refunded == 1) else { return Ok(false) };
        let units = (row.units - row.units_back) as u32;
        // With whatever was kept of what had been given back before.
        let refund = row.amount - row.owed_back;
        let by = if reason.is_some() { By::Seller } else { By::Site };
        // An order goes back whole once, and nobody else owes under this.
        let request = RequestId(ids::id_of(&[b"59 whole order", row.id.0.as_bytes()]));
        owe_back(&mut tx, &row, units, refund, by.into(), request, now).await?;
        tickets::take_back(&mut tx, row.id, units).await?;
        returns::end_wish(&mut tx, row.id, reason).await?;
        if let Some(reason) = reason {
            note(&mut tx, row.id, by, &OrderEvent::CalledOffFor { reason: reason.to_owned() }, now).await?;
            let news = OrderNews::CalledOff { reason: reason.to_owned(), amount: refund };
            tell_buyer(&mut tx, &row, news, now).await?;
            if let Some(seller) = seller {
                let target = Target { order: Some(row.id), ..(row.member_id, row.event_id).into() };
                audit::note(&mut tx, now, seller, AuditAction::CallOffOrders, target, reason).await?;
            }
        } else if refund > 0 {
            tell_buyer(&mut tx, &row, OrderNews::GivenBack { amount: refund }, now).await?;
        }
        note(&mut tx, row.id, by, &OrderEvent::GivenBack { units, refund, fee: 0 }, now).await?;
        let returned = Command::Returned { rank: row.rank as u64, units };
        turnstile::write_command(&mut tx, row.event_id, &returned, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What fails of one order holds up none behind it: the log has it, and whoever gives back many fails in the end.
pub(super) fn alone(order: OrderId, done: Result<bool, Error>) -> Result<(), Error> {
    done.map(drop).inspect_err(|error| tracing::error!(%order, %error, "an order could not be given back"))
}

/// Takes `units` of an order back by its terms, in the transaction that took its row, unless its buyer saw a lower fee.
async fn return_units(
    tx: &mut Tx,
    row: &StoredOrder,
    units: u32,
    seen: Option<Time>,
    request: RequestId,
    now: Time,
) -> Result<(), Error> {
    let left = (row.units - row.units_back) as u32;
    let terms = row.terms()?;
    let at = |time| giving_back(&terms, row.state, units, row.price, time);
    let back =
        at(now).filter(|_| (1..=left).contains(&units)).ok_or(SaleError::NotReturnable).map_err(model::Error::from)?;
    // The terms are the order's own, so what was shown follows from when.
    let shown = seen.and_then(at).map_or(0, |shown| shown.fee);
    if back.fee > shown {
        return Err(model::Error::from(SaleError::FeeChanged).into());
    }
    give_units_back(tx, row, back, By::Buyer, By::Buyer.into(), request, now).await
}

/// Units of an order go on, and what was paid for them goes back as far as it does, in the transaction that took its row; `owes` is
/// who has the money go back.
pub(super) async fn give_units_back(
    tx: &mut Tx,
    row: &StoredOrder,
    GivingBack { units, refund, fee }: GivingBack,
    by: By,
    owes: payments::By,
    request: RequestId,
    now: Time,
) -> Result<(), Error> {
    owe_back(tx, row, units, refund, owes, request, now).await?;
    if i64::from(units) == row.units - row.units_back {
        tx.sql("update orders set state = $2 where id = $1").bind(row.id).bind(OrderState::Refunded).run().await?;
    }
    tickets::take_back(tx, row.id, units).await?;
    // Under the request's own id: the same one twice is found by it.
    let what = OrderEvent::GivenBack { units, refund, fee };
    note_as(tx, request.0, row.id, by, &what, now).await?;
    let returned = Command::Returned { rank: row.rank as u64, units };
    Ok(turnstile::write_command(tx, row.event_id, &returned, now).await?)
}

/// Owes money back for units, and counts both.
async fn owe_back(
    tx: &mut Tx,
    row: &StoredOrder,
    units: u32,
    refund: i64,
    by: payments::By,
    request: RequestId,
    now: Time,
) -> Result<(), Error> {
    tx.sql("update orders set units_back = units_back + $2, owed_back = owed_back + $3 where id = $1")
        .bind(row.id)
        .bind(i64::from(units))
        .bind(refund)
        .run()
        .await?;
    if let (Some(payment), true) = (row.paid_by, refund > 0) {
        payments::owe(tx, PaymentId(payment), request, Won(refund), by, now).await?;
    }
    Ok(())
}
