//! Whoever has units in checkout is told when their time is about to end.

use super::Sales;
use crate::{
    Error,
    db::{Lane, retried},
    notices,
};
use model::{
    EventId, MemberId, Notice, Time,
    sales::{OrderId, WARNED_AT_MOST, WARNED_FROM},
};

/// Orders looked at in one pass.
const AT_ONCE: i64 = 200;

#[derive(sqlx::FromRow)]
struct Ending {
    id: OrderId,
    event_id: EventId,
    rank: i64,
    member_id: MemberId,
    due_at: Time,
}

impl Sales {
    /// Tells everybody whose hold ends soon, each once: as [`model::sales::warned_at`] has it, and the database asks it from the other
    /// end. What was paid for, or is being paid for, is left alone.
    ///
    /// # Errors
    /// The database's: whoever was not told is told the next time.
    pub async fn warn(&self) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            let mut ending: Vec<Ending> = self
                .db
                .sql(
                    "select id, event_id, rank, member_id, due_at from orders
                     where due_at is not null and paying is null and due_at > $1 and due_at <= $2
                        and (due_at - $1) + (due_at - $1) <= due_at - created_at and due_at - created_at >= $3 and warned_at is null
                     order by due_at limit $4",
                )
                .bind(now)
                .bind(now + WARNED_AT_MOST)
                .bind(WARNED_FROM.micros())
                .bind(AT_ONCE)
                .all()
                .await?;
            // As they are changed elsewhere.
            ending.sort_unstable_by_key(|order| (order.event_id, order.rank));
            retried!(self.warn_once(&ending, now))?;
            if (ending.len() as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    async fn warn_once(&self, ending: &[Ending], now: Time) -> Result<(), Error> {
        if ending.is_empty() {
            return Ok(());
        }
        let mut tx = self.db.begin(Lane::Other).await?;
        for Ending { id, event_id, member_id, due_at, .. } in ending {
            let is_first = tx
                .sql(
                    "update orders set warned_at = $2
                     where id = $1 and warned_at is null and state = 'awaiting_payment' and paying is null and due_at = $3",
                )
                .bind(*id)
                .bind(now)
                .bind(*due_at)
                .run()
                .await?;
            if is_first == 1 {
                notices::write(&mut tx, *member_id, &Notice::HoldEnding { due_at: *due_at }, *event_id, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
