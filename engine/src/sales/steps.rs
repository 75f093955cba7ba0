//! What happened to orders, written beside each change and never changed.

use crate::{
    db::{Dialect, Tx},
    ids,
};
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

/// Notes what happened to orders at once.
pub(super) async fn note_all(
    tx: &mut Tx,
    steps: &[(OrderId, OrderEvent)],
    by: By,
    now: Time,
) -> Result<(), sqlx::Error> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(steps.len());
    for (order, what) in steps {
        let what = serde_json::to_string(what).map_err(|error| sqlx::Error::Encode(error.into()))?;
        rows.push((ids::new_id(now), order.0, what));
    }
    let noted = match tx.dialect() {
        Dialect::Sqlite => {
            let row = |(id, order, what)| (ids::digits(id), ids::digits(order), what);
            tx.sql(
                "insert into order_steps (id, order_id, what, at, by_whom)
                 select unhex(value ->> 0), unhex(value ->> 1), value ->> 2, $2, $3 from json_each($1)",
            )
            .bind_json(&rows.into_iter().map(row).collect::<Vec<(String, String, String)>>())
        }
        Dialect::Postgres => tx
            .sql(
                "insert into order_steps (id, order_id, what, at, by_whom)
                 select id, order_id, what, $4, $5 from unnest($1::uuid[], $2::uuid[], $3::text[]) as steps (id, order_id, what)",
            )
            .bind_column(rows.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
            .bind_column(rows.iter().map(|(_, order, _)| *order).collect::<Vec<_>>())
            .bind_column(rows.into_iter().map(|(.., what)| what).collect::<Vec<_>>()),
    };
    noted.bind(now).bind(by).run().await?;
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
