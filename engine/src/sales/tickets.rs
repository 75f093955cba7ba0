//! Tickets: issued with what was paid for, each with an identity that a gate can tell from one that was made up.

use crate::{db::Tx, ids};
use model::{
    EventId, MemberId, Offer, Time,
    sales::{OrderId, TicketId, TicketState},
};

/// Issues the tickets of an order, when tickets are what it is of.
pub(super) async fn issue(
    tx: &mut Tx,
    order: OrderId,
    event: EventId,
    member: MemberId,
    units: u32,
    terms: &Offer,
    now: Time,
) -> Result<(), sqlx::Error> {
    let Offer::Ticket { starts_at, .. } = terms else { return Ok(()) };
    for number in 1..=units {
        tx.sql(
            "insert into tickets (id, order_id, event_id, member_id, number, starts_at, state, issued_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (order_id, number) do nothing",
        )
        .bind(TicketId(ids::new_id(now)))
        .bind(order)
        .bind(event)
        .bind(member)
        .bind(i64::from(number))
        .bind(*starts_at)
        .bind(TicketState::Valid)
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}

/// Takes back so many tickets of an order, the last ones first.
pub(super) async fn take_back(tx: &mut Tx, order: OrderId, units: u32) -> Result<(), sqlx::Error> {
    tx.sql(
        "update tickets set state = $2 where order_id = $1 and state = $3 and number in
            (select number from tickets where order_id = $1 and state = $3 order by number desc limit $4)",
    )
    .bind(order)
    .bind(TicketState::GivenBack)
    .bind(TicketState::Valid)
    .bind(i64::from(units))
    .run()
    .await?;
    Ok(())
}
