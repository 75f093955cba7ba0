//! What happened to orders, written beside each change and never changed.

use crate::{db::Tx, ids};
use model::{
    Time,
    sales::{By, OrderEvent, OrderId, OrderStep},
};
use uuid::Uuid;

/// Notes what happened to an order, in the transaction in which it did.
pub(super) async fn note(tx: &mut Tx, order: OrderId, by: By, what: &OrderEvent, now: Time) -> Result<(), sqlx::Error> {
    note_as(tx, ids::new_id(now), order, by, what, now).await
}

/// The same under an id, which is the order's alone.
pub(super) async fn note_as(
    tx: &mut Tx,
    id: Uuid,
    order: OrderId,
    by: By,
    what: &OrderEvent,
    now: Time,
) -> Result<(), sqlx::Error> {
    let text = serde_json::to_string(what).map_err(|error| sqlx::Error::Encode(error.into()))?;
    tx.sql("insert into order_steps (id, order_id, at, by_whom, what) values ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(order)
        .bind(now)
        .bind(by)
        .bind(text)
        .run()
        .await?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct StepRow {
    at: Time,
    by_whom: By,
    what: String,
}

impl StepRow {
    /// What a newer program wrote is left out.
    pub fn step(self) -> Option<OrderStep> {
        Some(OrderStep { at: self.at, by: self.by_whom, what: serde_json::from_str(&self.what).ok()? })
    }
}
