//! Numbers of orders: `D`, the day in Korea and six digits, so that a day has a million. A sale takes some of them at a time: the batch
//! that writes many orders knows their numbers, and waits for other sales only when it takes more.

use super::Sales;
use crate::{
    Error,
    db::{HeldEvent, Lane, Tx},
};
use model::{
    DAY, Time,
    sales::{OrderId, OrderNumber},
};

/// Orders that are numbered in one transaction.
const AT_ONCE: i64 = 500;

/// As many as six digits count.
const A_DAY: i64 = 1_000_000;

/// How many a sale takes at first. Then it takes twice as many as before, up to the most: who sells much seldom waits, and who sells
/// little leaves few unused.
const FIRST: i64 = 16;
const MOST: i64 = 4_096;

/// Numbers of one day, one behind the other.
#[derive(Clone, Copy)]
pub(super) struct Numbers {
    day: i64,
    first: i64,
}

impl Numbers {
    /// The one at this place, from 0.
    pub fn nth(&self, at: usize) -> OrderNumber {
        // A day's numbers go down. Those of programs of before went up, by sale and rank: on the day on which both run they seldom meet,
        // and where they do the order is written without one.
        let digits = A_DAY - 1 - self.first - at as i64;
        OrderNumber::new(Time(0) + self.day * DAY, digits as u32)
    }
}

/// Numbers for so many orders of a sale.
pub(super) async fn take(tx: &mut Tx, held: HeldEvent, count: usize, now: Time) -> Result<Numbers, sqlx::Error> {
    let (event, today, count) = (held.event(), now.day(), count as i64);
    let left: Option<(i64, i64)> = tx
        .sql(
            "update number_blocks set next = next + $3 where event_id = $1 and day >= $2 and next + $3 <= until
             returning day, next - $3",
        )
        .bind(event)
        .bind(today)
        .bind(count)
        .optional()
        .await?;
    if let Some((day, first)) = left {
        return Ok(Numbers { day, first });
    }
    let before = tx.sql("select size from number_blocks where event_id = $1 and day >= $2").bind(event).bind(today);
    let before: Option<(i64,)> = before.optional().await?;
    let size = before.map_or(FIRST, |(size,)| MOST.min(2 * size)).max(count);
    let taken = of_day(tx, today, size).await?;
    tx.sql(
        "insert into number_blocks (event_id, day, size, next, until) values ($1, $2, $3, $4, $5)
         on conflict (event_id) do update set day = excluded.day, size = excluded.size, next = excluded.next,
             until = excluded.until",
    )
    .bind(event)
    .bind(taken.day)
    .bind(size)
    .bind(taken.first + count)
    .bind(taken.first + size)
    .run()
    .await?;
    Ok(taken)
}

/// So many numbers of a day; of the first one after it that has as many left, when it has not: more than a million orders a day have
/// numbers of their own, too.
async fn of_day(tx: &mut Tx, mut day: i64, count: i64) -> Result<Numbers, sqlx::Error> {
    loop {
        let taken: Option<(i64,)> = tx
            .sql(
                "insert into number_days (day, taken) values ($1, $2)
                 on conflict (day) do update set taken = number_days.taken + excluded.taken
                 where number_days.taken + excluded.taken <= $3 returning taken - $2",
            )
            .bind(day)
            .bind(count)
            .bind(A_DAY)
            .optional()
            .await?;
        if let Some((first,)) = taken {
            return Ok(Numbers { day, first });
        }
        day += 1;
    }
}

impl Sales {
    /// Numbers orders that have none: those of an older program, which numbered them after it had written them, those whose number an
    /// older program gave as well, and those of a demonstration that were put earlier.
    pub(super) async fn number_older(&self) -> Result<(), Error> {
        loop {
            let rows: Vec<(OrderId, Time)> = self
                .db
                .sql("select id, created_at from orders where number is null order by created_at limit $1")
                .bind(AT_ONCE)
                .all()
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut tx = self.db.begin(Lane::Other).await?;
            for (id, created_at) in rows {
                let number = of_day(&mut tx, created_at.day(), 1).await?.nth(0);
                // Where another order has it, this one gets its own the next time around.
                tx.sql(
                    "update orders set number = $2
                     where id = $1 and number is null and not exists (select 1 from orders where number = $2)",
                )
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
    use model::{EventId, SECOND};
    use std::collections::BTreeSet;
    use testing::{On, Place, both};

    /// Sales that begin to sell at once, on each of two nodes.
    const SALES: u128 = 12;

    async fn taken(db: &Db, sale: u128, count: usize, now: Time) -> Vec<String> {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        // As the batch that writes its orders does.
        let held = tx.hold_event(EventId(uuid::Uuid::from_u128(sale))).await.unwrap();
        let numbers = take(&mut tx, held, count, now).await.unwrap();
        tx.commit().await.unwrap();
        (0..count).map(|at| numbers.nth(at).to_string()).collect()
    }

    both!(sales_that_sell_at_once_on_two_nodes_have_six_digits_of_their_own, "multi_thread");
    async fn sales_that_sell_at_once_on_two_nodes_have_six_digits_of_their_own(on: On) {
        let place = Place::new(on);
        let one = Db::at(&place).await;
        // SQLite has one process.
        let two = match on {
            On::Sqlite => one.clone(),
            On::Postgres => Db::at(&place).await,
        };
        let now = Time(0) + SECOND;
        // Fewer than are taken at first, more than are left of them, and some of those.
        let counts = [9, 8, 20];
        let selling = |db: &Db, sale: u128| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut all = Vec::new();
                for count in counts {
                    all.extend(taken(&db, sale, count, now).await);
                }
                all
            })
        };
        // Each sale of its own node, and half of them on both.
        let mut nodes = Vec::new();
        for sale in 0..SALES {
            nodes.push(selling(&one, sale));
            nodes.push(selling(&two, if sale % 2 == 0 { sale } else { SALES + sale }));
        }
        let (mut all, mut given) = (BTreeSet::new(), 0);
        for node in nodes {
            let numbers = node.await.unwrap();
            given += numbers.len();
            all.extend(numbers);
        }
        assert_eq!((given, all.len()), (2 * SALES as usize * counts.iter().sum::<usize>(), given), "{all:?}");
        let is_of = |day: &str, number: &str| number.len() == 13 && number.starts_with(day);
        assert!(all.iter().all(|number| is_of("D700101", number)), "{all:?}");
        // The next day begins anew, also for a sale that goes on.
        let tomorrow = now + DAY;
        assert_eq!(taken(&one, 0, 1, tomorrow).await, ["D700102999999"]);
        assert_eq!(taken(&one, 0, 1, tomorrow).await, ["D700102999998"]);
        // What a day has no room for has numbers of the one after it, for as long as they last.
        let mut tx = one.begin(Lane::Other).await.unwrap();
        tx.sql("update number_days set taken = $1 where day = $2")
            .bind(A_DAY - 17)
            .bind(tomorrow.day())
            .run()
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(taken(&one, 99, 1, tomorrow).await, ["D700102000016"]);
        assert_eq!(taken(&one, 98, 2, tomorrow).await, ["D700103999999", "D700103999998"]);
        assert_eq!(taken(&one, 98, 1, tomorrow).await, ["D700103999997"]);
    }
}
