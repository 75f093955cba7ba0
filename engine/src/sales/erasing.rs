//! Where orders went is kept as long as the law orders (five years: Act on the Consumer Protection in Electronic Commerce,
//! decree, article 6), and of what was never paid for no longer than somebody may ask about it.

use super::Sales;
use crate::{Error, db::Tx};
use model::{DAY, Span, Time, sales::OrderId};

/// How long what an order was sent to is kept.
pub(super) const KEPT: Span = DAY.times(5 * 365 + 2);
/// How long of an order that was never paid for.
pub(super) const KEPT_UNPAID: Span = DAY.times(30);

/// An order came to nothing: where it would have gone is soon nobody's business.
pub(super) async fn soon(tx: &mut Tx, order: OrderId, now: Time) -> Result<(), sqlx::Error> {
    tx.sql("update order_addresses set erase_at = $2 where order_id = $1")
        .bind(order)
        .bind(now + KEPT_UNPAID)
        .run()
        .await?;
    Ok(())
}

impl Sales {
    /// Erases where orders went whose time is over.
    ///
    /// # Errors
    /// The database's.
    pub async fn erase(&self) -> Result<(), Error> {
        let over = "delete from order_addresses where order_id in
                (select order_id from order_addresses where erase_at <= $1 order by erase_at limit $2)";
        self.leftovers.delete(over, self.clock.now()).await?;
        // Deleted is not gone: it stands in the database's files until something else is written there.
        Ok(self.leftovers.wipe().await?)
    }
}
