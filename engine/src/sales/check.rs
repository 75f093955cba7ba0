//! Whether orders agree with the log, and with what was paid.

use super::orders::{StoredOrder, order_rows};
use crate::{Error, db::Db, payments::Checked, turnstile::Replayed};
use model::{EntryState, EventId, PaymentState, sales::OrderState};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Everything in which the orders of an event contradict its log, unless a command that would change it waits.
pub(super) async fn orders(db: &Db, event: EventId, replayed: &Replayed) -> Result<Vec<String>, sqlx::Error> {
    let rows: Vec<StoredOrder> = db.sql(order_rows!("where event_id = $1")).bind(event).all().await?;
    // After the orders: the command of a change that was read is there by then.
    let waits = db.sql("select 1 from commands where event_id = $1 and done_at is null").bind(event).exists().await?;
    let mut wrong = Vec::new();
    let ordered: BTreeSet<u64> = rows.iter().map(|row| row.rank as u64).collect();
    for rank in (1..=replayed.total()).filter(|rank| !ordered.contains(rank)) {
        if matches!(replayed.state(rank), Some(EntryState::Checkout | EntryState::Paid)) {
            wrong.push(format!("rank {rank} has units and no order"));
        }
    }
    for row in rows.iter().filter(|row| row.rank as u64 <= replayed.total()) {
        let entry = replayed.entry(row.rank as u64);
        let (state, has) = (entry.map(|entry| entry.state), entry.map_or(0, |entry| i64::from(entry.units)));
        let left = row.units - row.units_back;
        let agrees = match row.state {
            OrderState::AwaitingPayment => state == Some(EntryState::Checkout) && has == left,
            OrderState::Cancelled => !matches!(
                state,
                Some(EntryState::Checkout | EntryState::Paid | EntryState::Given | EntryState::Standby)
            ),
            OrderState::Refunded => has == 0 && state != Some(EntryState::Paid),
            // Who was taken out while they paid has no units any more, and their money goes back.
            _ => state == Some(EntryState::Disqualified) || state == Some(EntryState::Paid) && has == left,
        };
        if !agrees && !waits {
            wrong.push(format!(
                "the order of rank {} is {:?} of {left} units, and its entry is {state:?} and has {has}",
                row.rank, row.state
            ));
        }
        if row.units_back > row.units || row.owed_back > row.amount || row.refunded > row.owed_back {
            wrong.push(format!("more of the order of rank {} was given back than there was", row.rank));
        }
    }
    let unsent: Vec<(i64,)> = db
        .sql(
            "select rank from orders where event_id = $1 and state in ('shipped', 'delivered')
                and not exists (select 1 from shipments where order_id = orders.id)",
        )
        .bind(event)
        .all()
        .await?;
    wrong.extend(unsent.iter().map(|(rank,)| format!("the order of rank {rank} was sent by nobody")));
    let tickets: Vec<(i64, i64)> = db
        .sql(
            "select o.rank, count(t.id) from orders o left join tickets t on t.order_id = o.id and t.state = 'valid'
             where o.event_id = $1 and o.kind = 'ticket' group by o.id, o.rank, o.state, o.units, o.units_back
             having count(t.id) <> case when o.state in ('paid', 'preparing', 'shipped', 'delivered')
                then o.units - o.units_back else 0 end",
        )
        .bind(event)
        .all()
        .await?;
    wrong.extend(tickets.iter().map(|(rank, valid)| format!("{valid} tickets of the order of rank {rank} are valid")));
    let returned: Vec<(i64,)> = db
        .sql(
            "select o.rank from orders o join returns r on r.order_id = o.id and r.state = 'received'
             where o.event_id = $1 group by o.rank, o.units_back having sum(r.units) > o.units_back",
        )
        .bind(event)
        .all()
        .await?;
    wrong.extend(
        returned.iter().map(|(rank,)| format!("what was sent back of the order of rank {rank} was not counted")),
    );
    Ok(wrong)
}

/// Everything in which an order contradicts its payments.
pub(super) async fn payments(db: &Db, subject: Uuid, payments: &[Checked]) -> Result<Vec<String>, Error> {
    let row: Option<StoredOrder> = db.sql(order_rows!("where id = $1")).bind(subject).optional().await?;
    let Some(row) = row else { return Ok(vec![format!("payments of an order {subject} that is not there")]) };
    let mut wrong = Vec::new();
    let kept: Vec<&Checked> = payments
        .iter()
        .filter(|paid| paid.state == PaymentState::Paid && Some(paid.payment.0) == row.paid_by)
        .collect();
    if (row.state.is_paid() || row.state == OrderState::Refunded) && row.amount > 0 && kept.len() != 1 {
        wrong.push(format!(
            "the order of rank {} is {:?}, and {} payments paid for it",
            row.rank,
            row.state,
            kept.len()
        ));
    }
    for paid in &kept {
        if paid.amount.0 != row.amount || paid.refunded.0 != row.owed_back {
            wrong.push(format!("the order of rank {} and its payment differ in what was paid or given back", row.rank));
        }
    }
    // Whatever else was taken went back whole.
    for paid in payments.iter().filter(|paid| paid.state == PaymentState::Paid && Some(paid.payment.0) != row.paid_by) {
        if paid.refunded != paid.amount {
            wrong.push(format!("a payment for rank {} was kept though the order is {:?}", row.rank, row.state));
        }
    }
    Ok(wrong)
}
