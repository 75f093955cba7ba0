//! Orders as admins see them, and giving one back for the site: what its seller or the rules do not give back.

use super::{
    Sales,
    giving_back::give_units_back,
    orders::{StoredOrder, hold, order_rows},
    returns,
    shipping::tell_buyer,
    steps::note,
};
use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    db::{Lane, retried},
    outbox::{self, Trigger},
    payments,
};
use model::{
    OrderNumber, RequestId, SaleError,
    administration::{AuditAction, OrderDetails},
    notices::{OrderNews, SaleNews},
    sales::{By, GivingBack, OrderEvent},
};

impl Sales {
    /// Anybody's order with where it goes, for an admin; that they looked is noted.
    ///
    /// # Errors
    /// For others than admins; [`model::Error::NotFound`] for none; the database's.
    pub async fn order_for_admin(&self, actor: &Actor, number: &OrderNumber) -> Result<OrderDetails, Error> {
        actor.admin()?;
        let row: Option<StoredOrder> =
            self.db.sql(order_rows!("where number = $1")).bind(number.to_string()).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let buyer = row.member_id;
        let target = Target { order: Some(row.id), named: number.to_string(), ..(buyer, row.event_id).into() };
        audit::note_look(&self.db, self.clock.now(), actor, AuditAction::LookAtOrder, target).await?;
        let name: Option<(String,)> =
            self.db.sql("select nickname from members where id = $1").bind(buyer).optional().await?;
        let refundable = row.state.is_paid() && row.units > row.units_back;
        Ok(OrderDetails { order: self.view(row).await?, buyer, buyer_name: name.map(|(name,)| name), refundable })
    }

    /// Gives back all that is left of an order that was paid for, whatever became of it, for a reason that its buyer is told. What was to
    /// be sent back need not be. The same `request` twice is one.
    ///
    /// # Errors
    /// For others than admins, and for its buyer; [`model::Error::Invalid`] without a reason; [`model::Error::NotFound`] for none;
    /// [`SaleError::NotReturnable`] where nothing is left; the database's.
    pub async fn refund_by_admin(
        &self,
        actor: &Actor,
        number: &OrderNumber,
        reason: &str,
        request: RequestId,
    ) -> Result<(), Error> {
        actor.admin()?;
        let reason = audit::reason_of(reason)?;
        retried!(self.refund_once(actor, number, &reason, request))
    }

    async fn refund_once(
        &self,
        actor: &Actor,
        number: &OrderNumber,
        reason: &str,
        request: RequestId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let row: Option<StoredOrder> =
            tx.sql(order_rows!("where number = $1")).bind(number.to_string()).optional().await?;
        let order = row.ok_or(model::Error::NotFound)?.id;
        let row = hold(&mut tx, order).await?.ok_or(model::Error::NotFound)?;
        // Another admin decides that.
        if actor.member() == Some(row.member_id) {
            return Err(model::Error::Forbidden.into());
        }
        let done = tx.sql("select 1 from order_steps where order_id = $1 and id = $2").bind(order).bind(request);
        if done.exists().await? {
            return Ok(());
        }
        let units = (row.units - row.units_back) as u32;
        if !row.state.is_paid() || units == 0 {
            return Err(model::Error::from(SaleError::NotReturnable).into());
        }
        // With whatever was kept of what had been given back before.
        let refund = row.amount - row.owed_back;
        note(&mut tx, order, By::Site, &OrderEvent::CalledOffFor { reason: reason.to_owned() }, now).await?;
        let back = GivingBack { units, refund, fee: 0 };
        give_units_back(&mut tx, &row, back, By::Site, payments::By::Admin, request, now).await?;
        returns::end_wish(&mut tx, order, Some(reason)).await?;
        let news = SaleNews::GivenBack { count: 1 };
        outbox::write(&mut tx, &Trigger::Seller { event: row.event_id, news }, now).await?;
        tell_buyer(&mut tx, &row, OrderNews::CalledOff { reason: reason.to_owned(), amount: refund }, now).await?;
        let target = Target { order: Some(order), named: number.to_string(), ..(row.member_id, row.event_id).into() };
        audit::note(&mut tx, now, actor, AuditAction::Refund, target, reason).await?;
        Ok(tx.commit().await?)
    }
}
