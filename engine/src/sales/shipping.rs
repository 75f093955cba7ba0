//! Sending what was sold: what its seller says of an order, one by one or by a list that was exported here.

use super::{
    Sales,
    orders::{Row, hold, order_rows},
    steps::note,
};
use crate::{
    Error,
    accounts::Actor,
    db::{Lane, Tx, retried},
    lists::{self, Headings, MOST_ERRORS},
    notices,
};
use model::{
    EventId, FieldError, FormErrors, Kind, Notice, OrderId, OrderNumber, OrderState, SellerError, Time,
    notices::OrderNews,
    sales::{By, OrderEvent},
    sellers::{Next, ORDER_COLUMNS, Shipment, ShipmentDraft},
};
use std::collections::HashMap;

/// The most rows of one list: clicks wait for the transaction that writes it.
const MOST_ROWS: usize = 5_000;

/// What is read of a list: its other columns are for people.
const COLUMNS: Headings<4> = [ORDER_COLUMNS[0], ORDER_COLUMNS[1], ORDER_COLUMNS[2], ORDER_COLUMNS[3]];

/// A row of a list.
struct Line {
    number: OrderNumber,
    /// The state that stands there, when it is one.
    state: Option<OrderState>,
    shipment: Option<ShipmentDraft>,
}

/// What a row says of its order.
struct Said {
    line: u64,
    order: Row,
    steps: Vec<Next>,
    shipment: Option<ShipmentDraft>,
}

pub(super) fn refused(error: SellerError) -> Error {
    model::Error::from(error).into()
}

impl Sales {
    /// Says of an order of one's own sale that it is about to be sent, on its way, or has arrived. Saying that it is on its way
    /// again corrects its number.
    ///
    /// # Errors
    /// For whoever is no creator; [`model::Error::NotFound`] for another's order, or none; [`SellerError::NotToShip`] for one that
    /// is not as far, or further, or over; the database's.
    pub async fn say_of_order(
        &self,
        actor: &Actor,
        order: OrderId,
        next: Next,
        shipment: Option<&ShipmentDraft>,
    ) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let row = self.sold_order(order).await?;
        self.own_or_none(seller, row.event_id).await?;
        retried!(self.say_once(order, next, shipment, By::Seller))
    }

    /// Says of an own order that it has arrived.
    ///
    /// # Errors
    /// Signed out or suspended; another's order, or none; one that is not on its way; the database's.
    pub async fn arrived(&self, actor: &Actor, order: OrderId) -> Result<(), Error> {
        let member = actor.active()?.member;
        let row = self.sold_order(order).await?;
        if row.member_id != member {
            return Err(model::Error::NotFound.into());
        }
        retried!(self.say_once(order, Next::Deliver, None, By::Buyer))
    }

    pub(super) async fn sold_order(&self, order: OrderId) -> Result<Row, Error> {
        let row: Option<Row> = self.db.sql(order_rows!("where id = $1")).bind(order).optional().await?;
        Ok(row.ok_or(model::Error::NotFound)?)
    }

    async fn say_once(
        &self,
        order: OrderId,
        next: Next,
        shipment: Option<&ShipmentDraft>,
        by: By,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let row = hold(&mut tx, order).await?.ok_or(model::Error::NotFound)?;
        if !say(&mut tx, &row, next, shipment, by, now).await? {
            return Err(refused(SellerError::NotToShip));
        }
        Ok(tx.commit().await?)
    }

    /// Takes a list that was exported here, with carriers, numbers and states filled in; how many orders it changed. All of it is
    /// taken, or nothing. `state` reads what people call a state.
    ///
    /// # Errors
    /// For whoever is no creator, and for another's sale. [`model::Error::Invalid`] for what is wrong with the list: fields are
    /// called `csv` (the list), `csv:1:number` (a heading that is missing), `csv:7:tracking` (a value, by line and column). An order
    /// that is not of this sale is wrong by its `number`, one that cannot be what the list says by its `state`. The database's.
    pub async fn import_shipments(
        &self,
        actor: &Actor,
        event: EventId,
        list: &[u8],
        state: fn(&str) -> Option<OrderState>,
    ) -> Result<usize, Error> {
        let seller = actor.creator()?.member;
        self.own_sale(seller, event).await?;
        self.limits.creation(seller).await?;
        let typed = |[number, of_state, carrier, tracking]: [&str; 4], errors: &mut FormErrors| {
            let number = errors.check("number", number.trim().parse().map_err(|_| FieldError::Invalid));
            let shipment = match (carrier.trim(), tracking.trim()) {
                ("", "") => None,
                (carrier, tracking) => match ShipmentDraft::check(carrier, tracking) {
                    Ok(shipment) => Some(shipment),
                    Err(fields) => {
                        errors.0.extend(fields.0);
                        None
                    }
                },
            };
            Some(Line { number: number?, state: state(of_state), shipment })
        };
        let lines = lists::read(list, COLUMNS, MOST_ROWS, typed)?;
        let said = self.said(event, lines).await?;
        retried!(self.import_once(&said))
    }

    /// What the rows of a list say of the orders of a sale; those that say nothing new are left out.
    async fn said(&self, event: EventId, lines: Vec<(u64, Line)>) -> Result<Vec<Said>, Error> {
        let (mut said, mut errors, mut seen) = (Vec::new(), FormErrors::default(), HashMap::new());
        for (line, Line { number, state, shipment }) in lines {
            if errors.0.len() >= MOST_ERRORS {
                break;
            }
            let mut wrong = |column: &str, error| errors.add(&format!("csv:{line}:{column}"), error);
            if seen.insert(number.clone(), line).is_some() {
                wrong("number", FieldError::Taken);
                continue;
            }
            let order: Option<Row> =
                self.db.sql(order_rows!("where number = $1")).bind(number.to_string()).optional().await?;
            let Some(order) = order.filter(|order| order.event_id == event && order.kind == Kind::Deal) else {
                wrong("number", FieldError::Invalid);
                continue;
            };
            let before = self.shipment(order.id).await?;
            let same = |shipment: &ShipmentDraft| {
                before
                    .as_ref()
                    .is_some_and(|before| (before.carrier, &before.tracking) == (shipment.carrier, &shipment.tracking))
            };
            let shipment = shipment.filter(|shipment| !same(shipment));
            let Some(steps) = steps(order.state, state, shipment.is_some()) else {
                wrong("state", FieldError::Invalid);
                continue;
            };
            if !steps.is_empty() {
                said.push(Said { line, order, steps, shipment });
            }
        }
        errors.into_result()?;
        Ok(said)
    }

    async fn import_once(&self, said: &[Said]) -> Result<usize, Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        for Said { line, order, steps, shipment } in said {
            let mut order = order.clone();
            for next in steps {
                // Somebody was faster: nothing of the list is taken.
                if !say(&mut tx, &order, *next, shipment.as_ref(), By::Seller, now).await? {
                    let mut fields = FormErrors::default();
                    fields.add(&format!("csv:{line}:state"), FieldError::Invalid);
                    return Err(model::Error::Invalid { fields }.into());
                }
                order.state = next.step().1;
            }
        }
        tx.commit().await?;
        Ok(said.len())
    }

    /// How an order was sent.
    pub(super) async fn shipment(&self, order: OrderId) -> Result<Option<Shipment>, sqlx::Error> {
        self.db
            .sql("select carrier, tracking, shipped_at, delivered_at from shipments where order_id = $1")
            .bind(order)
            .optional()
            .await
    }
}

/// What is to be said one after the other of an order in this state, of which a list says that state and maybe how it is sent;
/// `None` when it cannot become that.
fn steps(is: OrderState, listed: Option<OrderState>, sent: bool) -> Option<Vec<Next>> {
    use OrderState::{Delivered, Paid, Preparing, Shipped};
    let mut steps = Vec::new();
    let mut state = is;
    let mut push = |next: Next, state: &mut OrderState| {
        *state = next.of(*state)?;
        steps.push(next);
        Some(())
    };
    if sent {
        push(Next::Ship, &mut state)?;
    }
    match listed {
        Some(Preparing) if state == Paid => push(Next::Prepare, &mut state)?,
        Some(Delivered) if state != Delivered => push(Next::Deliver, &mut state)?,
        // Without a carrier it is not on its way.
        Some(Shipped) if matches!(state, Paid | Preparing) => return None,
        _ => {}
    }
    Some(steps)
}

/// Says something of an order as it was read, in the transaction that changes it; `false` when it cannot be said of it, or not any
/// more. Its buyer hears of it.
async fn say(
    tx: &mut Tx,
    row: &Row,
    next: Next,
    shipment: Option<&ShipmentDraft>,
    by: By,
    now: Time,
) -> Result<bool, Error> {
    let Some(state) = next.of(row.state).filter(|_| row.kind == Kind::Deal) else { return Ok(false) };
    // What is about to go back is not sent.
    let moved = tx
        .sql("update orders set state = $2 where id = $1 and state = $3 and lost_at is null")
        .bind(row.id)
        .bind(state)
        .bind(row.state)
        .run()
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    let (what, news) = match next {
        Next::Prepare => (OrderEvent::Preparing, None),
        Next::Ship => {
            let Some(ShipmentDraft { carrier, tracking }) = shipment.cloned() else { return Ok(false) };
            tx.sql(
                "insert into shipments (order_id, carrier, tracking, shipped_at) values ($1, $2, $3, $4)
                 on conflict (order_id) do update set carrier = excluded.carrier, tracking = excluded.tracking",
            )
            .bind(row.id)
            .bind(carrier)
            .bind(tracking.clone())
            .bind(now)
            .run()
            .await?;
            (
                OrderEvent::Shipped { carrier, tracking: tracking.clone() },
                Some(OrderNews::Shipped { carrier, tracking }),
            )
        }
        Next::Deliver => {
            tx.sql("update shipments set delivered_at = $2 where order_id = $1").bind(row.id).bind(now).run().await?;
            (OrderEvent::Delivered, (by == By::Seller).then_some(OrderNews::Delivered))
        }
    };
    note(tx, row.id, by, &what, now).await?;
    if let Some(news) = news {
        tell_buyer(tx, row, news, now).await?;
    }
    Ok(true)
}

/// Tells a buyer what became of their order.
pub(super) async fn tell_buyer(tx: &mut Tx, row: &Row, news: OrderNews, now: Time) -> Result<(), Error> {
    let notice = Notice::Order { order: row.number(), news };
    notices::write(tx, row.member_id, &notice, row.event_id, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_says_what_is_new() {
        use OrderState::{Cancelled, Delivered, Paid, Preparing, Refunded, Shipped};
        for (is, listed, sent, expected) in [
            (Paid, Some(Paid), false, Some(vec![])),
            (Paid, None, false, Some(vec![])),
            (Paid, Some(Preparing), false, Some(vec![Next::Prepare])),
            (Paid, Some(Paid), true, Some(vec![Next::Ship])),
            (Preparing, Some(Shipped), true, Some(vec![Next::Ship])),
            (Preparing, Some(Delivered), true, Some(vec![Next::Ship, Next::Deliver])),
            (Shipped, Some(Delivered), false, Some(vec![Next::Deliver])),
            (Shipped, Some(Shipped), true, Some(vec![Next::Ship])),
            // An older list says less than is known.
            (Delivered, Some(Shipped), false, Some(vec![])),
            (Shipped, Some(Paid), false, Some(vec![])),
            (Refunded, Some(Paid), false, Some(vec![])),
            (Paid, Some(Shipped), false, None),
            (Paid, Some(Delivered), false, None),
            (Delivered, Some(Delivered), true, None),
            (Refunded, Some(Paid), true, None),
            (Cancelled, None, true, None),
        ] {
            assert_eq!(steps(is, listed, sent), expected, "{is:?} {listed:?} {sent}");
        }
    }
}
