//! Numbers of orders. Each sale has a block of its own, and within it an order goes by the rank of its entry: the batch that writes
//! many orders knows their numbers, and waits for no other sale's.

use super::Sales;
use crate::{
    Error,
    db::{Lane, Tx},
};
use model::{
    EventId, Time,
    sales::{OrderId, OrderNumber},
};

/// Orders that are numbered in one transaction.
const AT_ONCE: i64 = 500;

/// The numbers of one sale's orders.
#[derive(Clone, Copy, sqlx::FromRow)]
pub(super) struct Block {
    at: Time,
    block: i64,
}

impl Block {
    /// Of the entry with this rank.
    pub fn number(&self, rank: u64) -> OrderNumber {
        OrderNumber::new(self.at, self.block as u64, rank)
    }
}

/// The block of a sale, which is taken with its first order: that once it waits for other sales that begin.
pub(super) async fn block(tx: &mut Tx, event: EventId, now: Time) -> Result<Block, sqlx::Error> {
    if let Some(block) = taken(tx, event).await? {
        return Ok(block);
    }
    let (sales,): (i64,) = tx
        .sql(
            "insert into order_days (day, made) values ($1, 1)
             on conflict (day) do update set made = order_days.made + 1 returning made",
        )
        .bind(now.day())
        .one()
        .await?;
    tx.sql("insert into order_blocks (event_id, at, block) values ($1, $2, $3) on conflict (event_id) do nothing")
        .bind(event)
        .bind(now)
        .bind(sales)
        .run()
        .await?;
    taken(tx, event).await?.ok_or(sqlx::Error::RowNotFound)
}

async fn taken(tx: &mut Tx, event: EventId) -> Result<Option<Block>, sqlx::Error> {
    tx.sql("select at, block from order_blocks where event_id = $1").bind(event).optional().await
}

impl Sales {
    /// Numbers orders of an older program, which did so after it had written them.
    pub(super) async fn number_older(&self) -> Result<(), Error> {
        loop {
            let rows: Vec<(OrderId, EventId, i64)> = self
                .db
                .sql("select id, event_id, rank from orders where number is null order by created_at limit $1")
                .bind(AT_ONCE)
                .all()
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut tx = self.db.begin(Lane::Other).await?;
            for (id, event, rank) in rows {
                let number = block(&mut tx, event, self.clock.now()).await?.number(rank as u64);
                tx.sql("update orders set number = $2 where id = $1 and number is null")
                    .bind(id)
                    .bind(number.to_string())
                    .run()
                    .await?;
            }
            tx.commit().await?;
        }
    }
}
