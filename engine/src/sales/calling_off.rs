//! What a seller calls off: one order, or all of a sale that are not sent yet. The money goes back, and every buyer is told why.

use super::{
    Sales,
    giving_back::alone,
    orders::{StoredOrder, order_rows},
    shipping::refused,
};
use crate::{
    Error,
    accounts::Actor,
    audit,
    db::{Lane, retried},
};
use model::{EventId, FormErrors, OrderId, RequestId, SellerError, administration::AuditAction, text};

/// Orders that are looked up at once.
const AT_ONCE: i64 = 100;

/// All orders of a sale up to a rank are being called off.
#[derive(sqlx::FromRow)]
struct CallingOff {
    id: RequestId,
    event_id: EventId,
    reason: String,
    until: i64,
    done: i64,
}

fn reason(typed: &str) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    match errors.check("reason", text::line(typed, 2, 200)) {
        Some(reason) => Ok(reason),
        None => Err(model::Error::Invalid { fields: errors }.into()),
    }
}

impl Sales {
    /// Calls an order of one's own sale off that is not sent yet.
    ///
    /// # Errors
    /// For whoever is no creator; another's order, or none; no reason; [`SellerError::NotToShip`] for one that was sent or is over;
    /// the database's.
    pub async fn call_order_off(&self, actor: &Actor, order: OrderId, why: &str) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let why = reason(why)?;
        let row = self.sold_order(order).await?;
        self.own_or_none(seller, row.event_id).await?;
        match retried!(self.give_back_whole(order, Some(&why), Some(actor)))? {
            true => Ok(()),
            false => Err(refused(SellerError::NotToShip)),
        }
    }

    /// Calls all orders of one's own sale off that are not sent at this moment: a job does so, one after the other, each once. The
    /// same `request` twice is one.
    ///
    /// # Errors
    /// For whoever is no creator; another's sale, or none; no reason; [`SellerError::NotToShip`] where there are none, others are
    /// still being called off, or what the tickets are for has begun; the database's.
    pub async fn call_orders_off(
        &self,
        actor: &Actor,
        event: EventId,
        why: &str,
        request: RequestId,
    ) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let why = reason(why)?;
        self.own_sale(seller, event).await?;
        self.limits.creation(seller).await?;
        retried!(self.write_calling_off(actor, event, &why, request))
    }

    async fn write_calling_off(
        &self,
        actor: &Actor,
        event: EventId,
        why: &str,
        request: RequestId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.hold_event(event).await?;
        let before: Option<(EventId,)> =
            tx.sql("select event_id from callings_off where id = $1").bind(request).optional().await?;
        match before {
            Some((of,)) if of == event => return Ok(()),
            Some(_) => return Err(model::Error::Malformed.into()),
            None => {}
        }
        let written = tx
            .sql(
                "insert into callings_off (id, event_id, reason, until, done, asked_at)
                 select $1, $2, $3, o.until, 0, $4
                 from (select max(rank) as until from orders where event_id = $2 and state in ('paid', 'preparing')) o
                 where o.until is not null
                    and not exists (select 1 from events where id = $2 and starts_at <= $4)
                    and not exists (select 1 from callings_off where event_id = $2 and done_at is null)",
            )
            .bind(request)
            .bind(event)
            .bind(why.to_owned())
            .bind(now)
            .run()
            .await?;
        if written == 0 {
            return Err(refused(SellerError::NotToShip));
        }
        audit::note(&mut tx, now, actor, AuditAction::CallOffOrders, event, why).await?;
        Ok(tx.commit().await?)
    }

    /// Goes on with everything that is being called off.
    pub(super) async fn call_off_waiting(&self) -> Result<(), Error> {
        let waiting: Vec<CallingOff> = self
            .db
            .sql("select id, event_id, reason, until, done from callings_off where done_at is null order by asked_at limit $1")
            .bind(AT_ONCE)
            .all()
            .await?;
        let mut all = Ok(());
        for calling_off in waiting {
            all = all.and(self.go_on_calling_off(calling_off).await);
        }
        all
    }

    /// Calls off the next orders. Each is changed under a condition, with the word to its buyer: twice at once or again after a crash,
    /// one of them does it. One that fails is tried again the next time, and until then this is not over; those behind it go on.
    async fn go_on_calling_off(&self, calling_off: CallingOff) -> Result<(), Error> {
        let CallingOff { id, event_id, reason, until, mut done } = calling_off;
        let (mut tried, mut all) = (done, Ok(()));
        loop {
            let rows: Vec<StoredOrder> = self
                .db
                .sql(order_rows!(
                    "where event_id = $1 and rank > $2 and rank <= $3 and state in ('paid', 'preparing') order by rank limit $4"
                ))
                .bind(event_id)
                .bind(tried)
                .bind(until)
                .bind(AT_ONCE)
                .all()
                .await?;
            for row in &rows {
                all = all.and(alone(row.id, retried!(self.give_back_whole(row.id, Some(&reason), None))));
                tried = row.rank;
                if all.is_ok() {
                    done = tried;
                }
            }
            let over = (rows.len() as i64) < AT_ONCE;
            let now = self.clock.now();
            let mut tx = self.db.begin(Lane::Other).await?;
            tx.sql("update callings_off set done = $2, done_at = $3 where id = $1 and done <= $2 and done_at is null")
                .bind(id)
                .bind(done)
                .bind((over && all.is_ok()).then_some(now))
                .run()
                .await?;
            tx.commit().await?;
            if over {
                return all;
            }
        }
    }
}
