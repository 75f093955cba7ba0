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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Db;
    use model::SECOND;
    use std::collections::BTreeSet;
    use testing::{On, Place, both};

    /// Sales that begin to sell at once, on each of two nodes.
    const SALES: u128 = 12;

    both!(sales_that_begin_at_once_on_two_nodes_have_blocks_of_their_own, "multi_thread");
    async fn sales_that_begin_at_once_on_two_nodes_have_blocks_of_their_own(on: On) {
        let place = Place::new(on);
        let one = Db::at(&place).await;
        // SQLite has one process.
        let two = match on {
            On::Sqlite => one.clone(),
            On::Postgres => Db::at(&place).await,
        };
        let now = Time(0) + SECOND;
        let take = |db: &Db, number: u128| {
            let db = db.clone();
            tokio::spawn(async move {
                let event = EventId(uuid::Uuid::from_u128(number));
                let mut tx = db.begin(Lane::Other).await.unwrap();
                // As the batch that writes its first orders does.
                tx.hold_event(event).await.unwrap();
                let block = block(&mut tx, event, now).await.unwrap();
                tx.commit().await.unwrap();
                (number, block.block)
            })
        };
        // Each sale of its own node, and half of them on both.
        let mut taking = Vec::new();
        for number in 0..SALES {
            taking.push(take(&one, number));
            taking.push(take(&two, if number % 2 == 0 { number } else { SALES + number }));
        }
        let mut blocks = BTreeSet::new();
        for taken in taking {
            blocks.insert(taken.await.unwrap());
        }
        let sales = SALES + SALES / 2;
        assert_eq!(blocks.len() as u128, sales, "a sale has one block, whoever takes it: {blocks:?}");
        let numbers: BTreeSet<i64> = blocks.iter().map(|(_, block)| *block).collect();
        assert_eq!(numbers, (1..=sales as i64).collect(), "and nobody else's: {blocks:?}");
        // The next day begins anew.
        let mut tx = one.begin(Lane::Other).await.unwrap();
        let event = EventId(uuid::Uuid::from_u128(99));
        assert_eq!(block(&mut tx, event, now + model::DAY).await.unwrap().block, 1);
    }
}
