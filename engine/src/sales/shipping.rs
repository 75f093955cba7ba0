//! Sending what was sold: what its seller says of an order, one by one or by a list that was exported here.
//!
//! A list is checked whole before anything of it is written: one that is refused for what stands in it changed nothing. It is then
//! written a few orders at a time, because presses wait for a transaction, each time with the word to its buyers. Cut short in the
//! midst, it is sent again as it is: what was written says nothing new, tells nobody twice, and the rest follows.

use super::{
    Sales,
    orders::{StoredOrder, hold, order_rows},
    steps::note_all,
};
use crate::{
    Error,
    accounts::Actor,
    background,
    db::{Dialect, Lane, Tx, retried},
    ids,
    lists::{self, Headings, MOST_ERRORS},
    notices,
};
use model::{
    EventId, FieldError, FormErrors, Kind, Notice, OrderId, OrderNumber, OrderState, SellerError, Time,
    notices::OrderNews,
    sales::{By, OrderEvent},
    sellers::{Carrier, Next, ORDER_COLUMNS, Shipment, ShipmentDraft},
};
use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

/// The most rows of one list.
const MOST_ROWS: usize = 100_000;
/// Orders that are written in one transaction: clicks wait for it.
const AT_ONCE: usize = 10;
/// Orders that are looked up at once.
const LOOKED_UP: usize = 200;

/// What is read of a list: its other columns are for people.
const COLUMNS: Headings<4> = [ORDER_COLUMNS[0], ORDER_COLUMNS[1], ORDER_COLUMNS[2], ORDER_COLUMNS[3]];

/// A row of a list.
struct Line {
    number: OrderNumber,
    /// The state that stands there, when it is one.
    state: Option<OrderState>,
    shipment: Option<ShipmentDraft>,
}

/// What is known of an order in a list.
#[derive(sqlx::FromRow)]
struct Listed {
    number: String,
    id: OrderId,
    event_id: EventId,
    kind: Kind,
    state: OrderState,
    carrier: Option<Carrier>,
    tracking: Option<String>,
}

/// What a row says of its order.
struct Said {
    line: u64,
    order: OrderId,
    /// The state in which it was.
    is: OrderState,
    steps: Vec<Next>,
    shipment: Option<ShipmentDraft>,
}

/// Reads a list.
fn read(list: &[u8], state: fn(&str) -> Option<OrderState>) -> Result<Vec<(u64, Line)>, model::Error> {
    let typed = |[number, of_state, carrier, tracking]: [&str; 4], errors: &mut FormErrors| {
        // It has no number yet, and nothing is said of it.
        if [number, carrier, tracking].iter().all(|typed| typed.trim().is_empty()) {
            return None;
        }
        let state = state(of_state);
        if state.is_none() && !of_state.trim().is_empty() {
            errors.add("word", FieldError::Invalid);
        }
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
        Some(Line { number: number?, state, shipment })
    };
    lists::read(list, COLUMNS, MOST_ROWS, typed)
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

    pub(super) async fn sold_order(&self, order: OrderId) -> Result<StoredOrder, Error> {
        let row: Option<StoredOrder> = self.db.sql(order_rows!("where id = $1")).bind(order).optional().await?;
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
        if say(&mut tx, next, row.state, &[(&row, shipment)], by, now).await?.is_empty() {
            return Err(refused(SellerError::NotToShip));
        }
        Ok(tx.commit().await?)
    }

    /// Takes a list that was exported here, with carriers, numbers and states filled in; how many orders it changed. `state` reads what
    /// people call a state.
    ///
    /// A list with anything wrong in it changes nothing. What it changes is written a few orders at a time, so that clicks wait for
    /// none of it, and goes on when nobody waits for the answer any more. Cut short, it may be sent again: what it said already says
    /// nothing new.
    ///
    /// # Errors
    /// For whoever is no creator, and for another's sale. [`model::Error::Invalid`] for what is wrong with the list: fields are
    /// called `csv` (the list), `workbook` (one that cannot be opened), `csv:1:number` (a heading that is missing), `csv:7:tracking` (a value, by line
    /// and column), `csv:7:word` (what is no name of a state). An order that is not of this sale is wrong by its `number`, one that
    /// cannot be what the list says by its `state`; when that is so only because it was changed meanwhile, those few that would have
    /// been written with it are not taken, the others are.
    /// [`model::Error::Busy`] when many workbooks wait to be read. The database's.
    pub async fn import_shipments(
        &self,
        actor: &Actor,
        event: EventId,
        list: Vec<u8>,
        state: fn(&str) -> Option<OrderState>,
    ) -> Result<usize, Error> {
        let seller = actor.creator()?.member;
        self.own_sale(seller, event).await?;
        self.limits.creation(seller).await?;
        let sales = self.clone();
        let import = async move {
            // Reading takes as long as some clicks; that of a workbook seconds.
            let lines = lists::brought(list, move |list| read(list, state)).await?;
            let said = sales.said(event, lines).await?;
            sales.import(&said).await
        };
        tokio::spawn(import).await.map_err(|_| model::Error::Internal)?
    }

    /// What the rows of a list say of the orders of a sale; those that say nothing new are left out.
    async fn said(&self, event: EventId, lines: Vec<(u64, Line)>) -> Result<Vec<Said>, Error> {
        let (mut said, mut errors, mut seen) = (Vec::new(), FormErrors::default(), HashSet::new());
        let mut left = lines.into_iter();
        while errors.0.len() < MOST_ERRORS {
            let some: Vec<(u64, Line)> = left.by_ref().take(LOOKED_UP).collect();
            if some.is_empty() {
                break;
            }
            let known = self.listed(some.iter().map(|(_, line)| line.number.to_string()).collect()).await?;
            for (line, Line { number, state, shipment }) in some {
                let mut wrong = |column: &str, error| errors.add(&format!("csv:{line}:{column}"), error);
                let order = known.get(number.as_str());
                let Some(order) = order.filter(|order| order.event_id == event && order.kind == Kind::Deal) else {
                    wrong("number", FieldError::Invalid);
                    continue;
                };
                if !seen.insert(order.id) {
                    wrong("number", FieldError::Taken);
                    continue;
                }
                let shipment = shipment.filter(|shipment| {
                    (order.carrier, order.tracking.as_deref()) != (Some(shipment.carrier), Some(&*shipment.tracking))
                });
                match steps(order.state, state, shipment.is_some()) {
                    Some(steps) if steps.is_empty() => {}
                    Some(steps) => said.push(Said { line, order: order.id, is: order.state, steps, shipment }),
                    None => wrong("state", FieldError::Invalid),
                }
            }
        }
        errors.0.truncate(MOST_ERRORS);
        errors.into_result()?;
        Ok(said)
    }

    /// What is known of orders with these numbers.
    async fn listed(&self, numbers: Vec<String>) -> Result<HashMap<String, Listed>, Error> {
        macro_rules! listed {
            ($among:literal) => {
                concat!(
                    "select o.number, o.id, o.event_id, o.kind, o.state, s.carrier, s.tracking from orders o
                     left join shipments s on s.order_id = o.id where o.number ",
                    $among
                )
            };
        }
        let rows: Vec<Listed> = match self.db.dialect() {
            Dialect::Sqlite => {
                let numbers = serde_json::to_string(&numbers).map_err(|_| model::Error::Internal)?;
                self.db.sql(listed!("in (select value from json_each($1))")).bind(numbers).all().await?
            }
            Dialect::Postgres => self.db.sql(listed!("= any($1::text[])")).bind_column(numbers).all().await?,
        };
        Ok(rows.into_iter().map(|row| (row.number.clone(), row)).collect())
    }

    /// Writes what a list says, [`AT_ONCE`] orders at a time; how many.
    async fn import(&self, said: &[Said]) -> Result<usize, Error> {
        let (mut taken, mut errors) = (0, FormErrors::default());
        for some in said.chunks(AT_ONCE) {
            let began = Instant::now();
            match retried!(self.import_once(some)) {
                Ok(()) => taken += some.len(),
                Err(Error::Refused(model::Error::Invalid { fields })) => errors.0.extend(fields.0),
                Err(error) => return Err(error),
            }
            if errors.0.len() >= MOST_ERRORS {
                break;
            }
            background::rest(began).await;
        }
        errors.into_result()?;
        Ok(taken)
    }

    /// Writes all of it, or nothing.
    async fn import_once(&self, said: &[Said]) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let mut rows = read_orders(&mut tx, said).await?;
        let mut orders = Vec::with_capacity(said.len());
        for said in said {
            let row = rows.remove(&said.order).filter(|row| row.state == said.is);
            orders.push((said, row.ok_or_else(|| was_faster(said))?));
        }
        // What is said of an order is said one after the other; of all that are alike at once.
        let most = said.iter().map(|said| said.steps.len()).max().unwrap_or_default();
        for nth in 0..most {
            for next in [Next::Prepare, Next::Ship, Next::Deliver] {
                for &was in next.step().0 {
                    let alike =
                        orders.iter().filter(|(said, row)| said.steps.get(nth) == Some(&next) && row.state == was);
                    let alike: Vec<_> = alike.map(|(said, row)| (*said, row)).collect();
                    let some: Vec<_> = alike.iter().map(|(said, row)| (*row, said.shipment.as_ref())).collect();
                    let done = say(&mut tx, next, was, &some, By::Seller, now).await?;
                    if let Some((said, _)) = alike.iter().find(|(_, row)| !done.contains(&row.id)) {
                        return Err(was_faster(said));
                    }
                }
            }
            for (said, row) in &mut orders {
                row.state = said.steps.get(nth).map_or(row.state, |next| next.step().1);
            }
        }
        Ok(tx.commit().await?)
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

/// Somebody was faster than the list that says this.
fn was_faster(said: &Said) -> Error {
    let mut fields = FormErrors::default();
    fields.add(&format!("csv:{}:state", said.line), FieldError::Invalid);
    model::Error::Invalid { fields }.into()
}

/// The orders of which a list says something, in the transaction that changes them.
async fn read_orders(tx: &mut Tx, said: &[Said]) -> Result<HashMap<OrderId, StoredOrder>, sqlx::Error> {
    let rows: Vec<StoredOrder> = match tx.dialect() {
        Dialect::Sqlite => {
            let orders: Vec<String> = said.iter().map(|said| ids::digits(said.order.0)).collect();
            tx.sql(order_rows!("where id in (select unhex(value) from json_each($1))")).bind_json(&orders).all().await?
        }
        Dialect::Postgres => {
            let orders = said.iter().map(|said| said.order.0).collect::<Vec<_>>();
            tx.sql(order_rows!("where id = any($1::uuid[])")).bind_column(orders).all().await?
        }
    };
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Says the same of orders that were read in the same state, in the transaction that changes them, with how each is sent; of which of
/// them: of some it cannot be said, or not any more. Their buyers hear of it.
async fn say(
    tx: &mut Tx,
    next: Next,
    was: OrderState,
    orders: &[(&StoredOrder, Option<&ShipmentDraft>)],
    by: By,
    now: Time,
) -> Result<HashSet<OrderId>, Error> {
    let Some(state) = next.of(was) else { return Ok(HashSet::new()) };
    // Whatever is sent is sent somehow.
    let can = |(row, shipment): &&(&StoredOrder, Option<&ShipmentDraft>)| {
        row.kind == Kind::Deal && (next != Next::Ship || shipment.is_some())
    };
    let mut orders: Vec<_> = orders.iter().filter(can).copied().collect();
    if orders.is_empty() {
        return Ok(HashSet::new());
    }
    let moved = move_to(tx, orders.iter().map(|(row, _)| row.id), was, state).await?;
    orders.retain(|(row, _)| moved.contains(&row.id));
    let sent = orders.iter().filter_map(|(row, shipment)| Some((row.id, (*shipment)?)));
    match next {
        Next::Prepare => {}
        Next::Ship => write_shipments(tx, sent, now).await?,
        Next::Deliver => write_deliveries(tx, &moved, now).await?,
    }
    let mut steps = Vec::with_capacity(orders.len());
    for (row, shipment) in orders {
        let (what, news) = match (next, shipment.cloned()) {
            (Next::Ship, Some(ShipmentDraft { carrier, tracking })) => (
                OrderEvent::Shipped { carrier, tracking: tracking.clone() },
                Some(OrderNews::Shipped { carrier, tracking }),
            ),
            (Next::Deliver, _) => (OrderEvent::Delivered, (by == By::Seller).then_some(OrderNews::Delivered)),
            (Next::Prepare | Next::Ship, _) => (OrderEvent::Preparing, Some(OrderNews::Preparing)),
        };
        steps.push((row.id, what));
        if let Some(news) = news {
            tell_buyer(tx, row, news, now).await?;
        }
    }
    note_all(tx, &steps, by, now).await?;
    Ok(moved)
}

/// Has orders that are in one state be in another; which of them. What is about to go back is not sent; what was sent before its entry
/// was taken out arrives.
async fn move_to(
    tx: &mut Tx,
    orders: impl Iterator<Item = OrderId>,
    was: OrderState,
    state: OrderState,
) -> Result<HashSet<OrderId>, sqlx::Error> {
    macro_rules! moved {
        ($among:literal) => {
            concat!(
                "update orders set state = $2 where id ",
                $among,
                " and state = $3 and (lost_at is null or state = 'shipped')
                  and not exists (select 1 from events e where e.id = orders.event_id and e.cancelled_at is not null)
                  returning id"
            )
        };
    }
    let moved = match tx.dialect() {
        Dialect::Sqlite => tx
            .sql(moved!("in (select unhex(value) from json_each($1))"))
            .bind_json(&orders.map(|order| ids::digits(order.0)).collect::<Vec<_>>()),
        Dialect::Postgres => {
            tx.sql(moved!("= any($1::uuid[])")).bind_column(orders.map(|order| order.0).collect::<Vec<_>>())
        }
    };
    let moved: Vec<(OrderId,)> = moved.bind(state).bind(was).all().await?;
    Ok(moved.into_iter().map(|(order,)| order).collect())
}

/// Writes how orders are sent, or corrects it.
async fn write_shipments<'s>(
    tx: &mut Tx,
    sent: impl Iterator<Item = (OrderId, &'s ShipmentDraft)>,
    now: Time,
) -> Result<(), sqlx::Error> {
    macro_rules! written {
        ($sent:literal) => {
            concat!(
                "insert into shipments (order_id, carrier, tracking, shipped_at) select ",
                $sent,
                " on conflict (order_id) do update set carrier = excluded.carrier, tracking = excluded.tracking"
            )
        };
    }
    let written = match tx.dialect() {
        Dialect::Sqlite => {
            let row =
                |(order, sent): (OrderId, &'s ShipmentDraft)| (ids::digits(order.0), sent.carrier, &sent.tracking);
            tx.sql(written!("unhex(value ->> 0), value ->> 1, value ->> 2, $2 from json_each($1) where true"))
                .bind_json(&sent.map(row).collect::<Vec<_>>())
        }
        Dialect::Postgres => {
            let sent: Vec<_> = sent.collect();
            tx.sql(written!(
                "id, carrier, tracking, $4 from unnest($1::uuid[], $2::text[], $3::text[]) as sent (id, carrier, tracking)"
            ))
            .bind_column(sent.iter().map(|(order, _)| order.0).collect::<Vec<_>>())
            .bind_column(sent.iter().map(|(_, sent)| sent.carrier.names()[0].to_owned()).collect::<Vec<_>>())
            .bind_column(sent.iter().map(|(_, sent)| sent.tracking.clone()).collect::<Vec<_>>())
        }
    };
    written.bind(now).run().await?;
    Ok(())
}

/// Writes that orders arrived.
async fn write_deliveries(tx: &mut Tx, orders: &HashSet<OrderId>, now: Time) -> Result<(), sqlx::Error> {
    let delivered = match tx.dialect() {
        Dialect::Sqlite => tx
            .sql("update shipments set delivered_at = $2 where order_id in (select unhex(value) from json_each($1))")
            .bind_json(&orders.iter().map(|order| ids::digits(order.0)).collect::<Vec<_>>()),
        Dialect::Postgres => tx
            .sql("update shipments set delivered_at = $2 where order_id = any($1::uuid[])")
            .bind_column(orders.iter().map(|order| order.0).collect::<Vec<_>>()),
    };
    delivered.bind(now).run().await?;
    Ok(())
}

/// Tells a buyer what became of their order.
pub(super) async fn tell_buyer(tx: &mut Tx, row: &StoredOrder, news: OrderNews, now: Time) -> Result<(), Error> {
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
