//! Orders and tickets as their owners see them.

use super::{
    Sales,
    orders::{StoredOrder, order_rows},
    purchase::ORDER,
    steps::StepRow,
};
use crate::{Error, accounts::Actor, payments::Subject};
use model::{
    AddressBook, Cursor, Delivery, EntryState, EventCard, EventId, Kind, LinePlace, MemberId, Minutes, Offer, Page,
    PaymentView, Time, Turn,
    sales::{
        MyOrders, MyTickets, OrderEvent, OrderLine, OrderNumber, OrderState, OrderStep, OrderView, SaleView, TicketId,
        TicketState, TicketView, giving_back,
    },
    sellers::{ReturnState, return_until},
};

/// Orders or tickets in a page of their list.
const PAGE: usize = 30;
/// How many that wait to be paid for the home page shows, and among how many of a member's newest entries it looks for them.
const MOST_TURNS: usize = 3;
const ENTERED: i64 = 100;

/// What of a member's listed entries waits to be paid for. No index has orders by their members.
const TURNS: &str =
    "select e.id, e.title, o.due_at from (select event_id, rank from member_entries where member_id = $1
        order by entered_at desc, event_id desc limit $2) m
     join orders o on o.event_id = m.event_id and o.rank = m.rank join events e on e.id = o.event_id
     where o.state = 'awaiting_payment' and o.due_at > $3";

#[derive(sqlx::FromRow)]
struct EventRow {
    title: String,
    card: Option<String>,
    seller: Option<String>,
}

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: TicketId,
    event_id: EventId,
    number: i64,
    starts_at: Time,
    state: TicketState,
    order_number: Option<String>,
    terms: String,
    title: String,
}

/// Tickets with their orders and events.
macro_rules! ticket_rows {
    ($rest:literal) => {
        concat!(
            "select t.id, t.event_id, t.number, t.starts_at, t.state, o.number as order_number, o.terms, e.title
             from tickets t join orders o on o.id = t.order_id join events e on e.id = t.event_id ",
            $rest
        )
    };
}

impl TicketRow {
    fn view(self, code: String) -> TicketView {
        let place = match serde_json::from_str(&self.terms) {
            Ok(Offer::Ticket { place, address, .. }) => (place, address),
            _ => (String::new(), String::new()),
        };
        TicketView {
            id: self.id,
            order: self.order_number.as_deref().and_then(|number| number.parse().ok()),
            event: self.event_id,
            title: self.title,
            place,
            starts_at: self.starts_at,
            number: self.number as u32,
            state: self.state,
            code,
        }
    }
}

/// Where somebody stands in the line of a sale.
#[derive(Debug, Clone, Copy)]
pub struct InLine {
    /// Whether units are theirs already, and they wait to be let into checkout.
    pub given: bool,
    /// Their place.
    pub place: LinePlace,
    /// About how long it takes.
    pub minutes: Option<Minutes>,
}

/// An order with what its list shows of the event.
#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    order: StoredOrder,
    title: String,
    card: Option<String>,
}

fn line(row: &StoredOrder, title: String, picture: Option<String>) -> OrderLine {
    OrderLine {
        number: row.number(),
        event: row.event_id,
        title,
        picture,
        kind: row.kind,
        units: row.units as u32,
        amount: row.amount,
        refunded: row.owed_back,
        state: row.state,
        due_at: row.due_at.unwrap_or_default(),
        at: row.created_at,
    }
}

impl Sales {
    /// What is held for a member until they pay for it, the first that ends first; of what they entered last. `unlisted` are entries of
    /// theirs, by event and rank, that are committed and not yet listed for their members.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn turns(&self, member: MemberId, unlisted: &[(EventId, u64)]) -> Result<Vec<Turn>, Error> {
        let now = self.clock.now();
        let listed = self.db.sql(TURNS).bind(member).bind(ENTERED).bind(now);
        let mut rows: Vec<(EventId, String, Time)> = listed.all().await?;
        for (event, rank) in unlisted {
            let row = self
                .db
                .sql(
                    "select e.id, e.title, o.due_at from orders o join events e on e.id = o.event_id
                     where o.event_id = $1 and o.rank = $2 and o.state = 'awaiting_payment' and o.due_at > $3",
                )
                .bind(*event)
                .bind(*rank as i64)
                .bind(now);
            // It may have been listed since.
            let row: Option<(EventId, String, Time)> = row.optional().await?;
            rows.extend(row.filter(|row| rows.iter().all(|listed| listed.0 != row.0)));
        }
        rows.sort_by_key(|(_, _, due_at)| *due_at);
        rows.truncate(MOST_TURNS);
        Ok(rows.into_iter().map(|(event, title, due_at)| Turn { event, title, due_at }).collect())
    }

    /// Where a member stands in the sale of this event.
    ///
    /// # Errors
    /// Signed out; [`model::Error::NotFound`] where nothing is sold; the database's.
    pub async fn standing(&self, actor: &Actor, event: EventCard, offer: Offer) -> Result<SaleView, Error> {
        let member = actor.signed_in()?.member;
        let handle = self.turnstile.event(event.id).await?;
        let rules = handle.rules.sale.ok_or(model::Error::NotFound)?;
        let (entry, now) = (handle.ledger.entry(member), self.clock.now());
        let order = match entry {
            Some(entry) => self.order_of(event.id, entry.rank).await?,
            None => None,
        };
        Ok(SaleView {
            price: rules.price,
            limit: rules.limit,
            has_code: handle.rules.entry_code.is_some(),
            wish: self.choice(event.id, member).await?.unwrap_or_default().at_most(rules.limit),
            place: entry.and_then(|entry| handle.ledger.line(entry.rank)),
            minutes: entry.and_then(|entry| handle.ledger.minutes(&entry, &rules, now)),
            payment: self.newest_payment(order.as_ref()).await?,
            order,
            entry,
            addresses: AddressBook::default(),
            open: self.is_open(),
            ways: self.payments.ways(member).await?,
            sandbox: self.payments.is_sandbox(),
            business: None,
            now,
            event,
            offer,
        })
    }

    /// Where a member stands in the line of this event, from memory: as often as they like. `None` when they do not wait.
    ///
    /// # Errors
    /// Signed out; [`model::Error::NotFound`] where nothing is sold; the database's, when the event has to be read.
    pub async fn place(&self, actor: &Actor, event: EventId) -> Result<Option<InLine>, Error> {
        let member = actor.signed_in()?.member;
        let handle = self.turnstile.event(event).await?;
        let rules = handle.rules.sale.ok_or(model::Error::NotFound)?;
        let Some(entry) = handle.ledger.entry(member) else { return Ok(None) };
        let place = handle.ledger.line(entry.rank);
        let minutes = handle.ledger.minutes(&entry, &rules, self.clock.now());
        Ok(place.map(|place| InLine { given: entry.state == EntryState::Given, place, minutes }))
    }

    /// The order of an entry, once there is one.
    async fn order_of(&self, event: EventId, rank: u64) -> Result<Option<OrderView>, Error> {
        let row = self.db.sql(order_rows!("where event_id = $1 and rank = $2")).bind(event).bind(rank as i64);
        match row.optional::<StoredOrder>().await? {
            Some(row) => Ok(Some(self.view(row).await?)),
            None => Ok(None),
        }
    }

    /// The newest payment of an order that is not paid.
    async fn newest_payment(&self, order: Option<&OrderView>) -> Result<Option<PaymentView>, Error> {
        let Some(order) = order else { return Ok(None) };
        if !matches!(order.line.state, OrderState::AwaitingPayment | OrderState::Cancelled) {
            return Ok(None);
        }
        let payments = self.payments.of(Subject { kind: ORDER, id: order.id.0 }).await?;
        Ok(payments.into_iter().next())
    }

    /// A member's own order.
    ///
    /// # Errors
    /// Signed out; another's, or none; the database's.
    pub async fn order(&self, actor: &Actor, number: &OrderNumber) -> Result<OrderView, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<StoredOrder> =
            self.db.sql(order_rows!("where number = $1")).bind(number.to_string()).optional().await?;
        let row = row.filter(|row| row.member_id == member).ok_or(model::Error::NotFound)?;
        self.view(row).await
    }

    pub(super) async fn view(&self, row: StoredOrder) -> Result<OrderView, Error> {
        let event = self.event_row(row.event_id).await?;
        let delivery: Option<Delivery> = self
            .db
            .sql("select name, phone, postcode, address, detail from order_addresses where order_id = $1")
            .bind(row.id)
            .optional()
            .await?;
        let steps: Vec<StepRow> = self
            .db
            .sql("select at, by_whom, what from order_steps where order_id = $1 order by at, id limit 100")
            .bind(row.id)
            .all()
            .await?;
        let mut history: Vec<OrderStep> = steps.into_iter().filter_map(StepRow::step).collect();
        if !history.iter().any(|step| matches!(step.what, OrderEvent::Held { .. } | OrderEvent::Free)) {
            history.insert(0, row.first_step());
        }
        let tickets: Vec<TicketRow> = match row.kind {
            Kind::Ticket => {
                self.db.sql(ticket_rows!("where t.order_id = $1 order by t.number")).bind(row.id).all().await?
            }
            _ => Vec::new(),
        };
        let now = self.clock.now();
        let left = (row.units - row.units_back) as u32;
        let terms = row.terms()?;
        let back = (1..=left).filter_map(|units| giving_back(&terms, row.state, units, row.price, now)).collect();
        let (shipment, returning) = match row.state {
            OrderState::Shipped | OrderState::Delivered | OrderState::Refunded => {
                (self.shipment(row.id).await?, self.returning(row.id).await?)
            }
            _ => (None, None),
        };
        let open =
            returning.as_ref().is_some_and(|wish| matches!(wish.state, ReturnState::Asked | ReturnState::Accepted));
        let arrived = shipment.as_ref().and_then(|shipment| shipment.delivered_at);
        let in_time = row.state == OrderState::Delivered && arrived.is_some_and(|at| now < return_until(at));
        Ok(OrderView {
            returnable: if in_time && !open { left } else { 0 },
            shipment,
            returning,
            line: line(&row, event.title, event.card),
            id: row.id,
            rank: row.rank as u64,
            price: row.price,
            units_given_back: row.units_back as u32,
            refund_arrived: row.refunded,
            paying: row.paying.is_some(),
            delivery: delivery.unwrap_or_default(),
            history,
            seller: event.seller.unwrap_or_default(),
            giving_back: back,
            tickets: self.tickets(tickets).await?,
            now,
        })
    }

    /// Tickets with their codes.
    async fn tickets(&self, rows: Vec<TicketRow>) -> Result<Vec<TicketView>, Error> {
        let ids = rows.iter().map(|row| (row.id, row.event_id)).collect();
        let codes = self.signer.codes(&self.db, &self.clock, ids).await?;
        Ok(rows.into_iter().zip(codes).map(|(row, code)| row.view(code)).collect())
    }

    /// The public key by which a gate tells a ticket's code from a made-up one ([`super::read_code`]): 32 bytes.
    ///
    /// # Errors
    /// The database's.
    pub async fn gate_key(&self) -> Result<Vec<u8>, Error> {
        Ok(self.signer.public_key(&self.db, &self.clock).await?)
    }

    async fn event_row(&self, event: EventId) -> Result<EventRow, Error> {
        let row: Option<EventRow> = self
            .db
            .sql(
                "select e.title, e.card, c.name as seller from events e
                 left join creators c on c.member_id = e.creator_id where e.id = $1",
            )
            .bind(event)
            .optional()
            .await?;
        Ok(row.ok_or(model::Error::NotFound)?)
    }

    /// A member's orders, newest first. `unlisted` are entries of theirs, by event and rank, that are committed and not yet listed
    /// for their members.
    ///
    /// # Errors
    /// Signed out; a cursor of another list; the database's.
    pub async fn my_orders(
        &self,
        actor: &Actor,
        cursor: Option<&Cursor>,
        unlisted: &[(EventId, u64)],
    ) -> Result<MyOrders, Error> {
        let member = actor.signed_in()?.member;
        let (at, id): (Time, model::OrderId) = Cursor::before(cursor)?;
        let mut rows: Vec<ListedRow> = self
            .db
            .sql(
                "select o.*, e.title, e.card from member_entries me
                 join orders o on o.event_id = me.event_id and o.rank = me.rank join events e on e.id = o.event_id
                 where me.member_id = $1 and (o.created_at, o.id) < ($2, $3)
                 order by o.created_at desc, o.id desc limit $4",
            )
            .bind(member)
            .bind(at)
            .bind(id)
            .bind(PAGE as i64 + 1)
            .all()
            .await?;
        for (event, rank) in unlisted {
            let row = self
                .db
                .sql(
                    "select o.*, e.title, e.card from orders o join events e on e.id = o.event_id
                     where o.event_id = $1 and o.rank = $2 and (o.created_at, o.id) < ($3, $4)",
                )
                .bind(*event)
                .bind(*rank as i64)
                .bind(at)
                .bind(id);
            // It may have been listed since.
            let row = row.optional::<ListedRow>().await?;
            rows.extend(row.filter(|row| rows.iter().all(|listed| listed.order.id != row.order.id)));
        }
        rows.sort_unstable_by_key(|row| std::cmp::Reverse((row.order.created_at, row.order.id)));
        let Page { rows, next } = Page::of(rows, PAGE, |row| (row.order.created_at, row.order.id));
        let rows = rows.into_iter().map(|row| line(&row.order, row.title, row.card)).collect();
        Ok(MyOrders { orders: Page { rows, next }, now: self.clock.now() })
    }

    /// One of a member's own tickets.
    ///
    /// # Errors
    /// Signed out; another's, or none; the database's.
    pub async fn ticket(&self, actor: &Actor, id: TicketId) -> Result<TicketView, Error> {
        let member = actor.signed_in()?.member;
        let row: Option<TicketRow> =
            self.db.sql(ticket_rows!("where t.id = $1 and t.member_id = $2")).bind(id).bind(member).optional().await?;
        let row = row.ok_or(model::Error::NotFound)?;
        let code = self.signer.codes(&self.db, &self.clock, vec![(row.id, row.event_id)]).await?;
        Ok(row.view(code.into_iter().collect()))
    }

    /// A member's tickets: those to come, the next first, or those that are over, the last first.
    ///
    /// # Errors
    /// Signed out; a cursor of another list; the database's.
    pub async fn my_tickets(&self, actor: &Actor, past: bool, cursor: Option<&Cursor>) -> Result<MyTickets, Error> {
        let member = actor.signed_in()?.member;
        let now = self.clock.now();
        let (at, id): (Time, TicketId) = match cursor {
            Some(cursor) => cursor.key()?,
            // A day longer than they last.
            None => (now - model::DAY, TicketId(uuid::Uuid::nil())),
        };
        let rows = if past {
            self.db.sql(ticket_rows!(
                "where t.member_id = $1 and (t.starts_at, t.id) < ($2, $3) order by t.starts_at desc, t.id desc limit $4"
            ))
        } else {
            self.db.sql(ticket_rows!(
                "where t.member_id = $1 and (t.starts_at, t.id) > ($2, $3) order by t.starts_at, t.id limit $4"
            ))
        };
        let rows: Vec<TicketRow> = rows.bind(member).bind(at).bind(id).bind(PAGE as i64 + 1).all().await?;
        let page = Page::of(rows, PAGE, |row| (row.starts_at, row.id));
        Ok(MyTickets { past, tickets: Page { rows: self.tickets(page.rows).await?, next: page.next }, now })
    }
}

#[cfg(test)]
mod tests {
    use super::TURNS;
    use crate::db::Db;
    use testing::{On, Place};

    #[derive(sqlx::FromRow)]
    struct Step {
        detail: String,
    }

    /// A home page reads no more of orders for it than a member has entries, however many there are.
    #[tokio::test]
    async fn what_waits_for_a_member_is_found_by_their_entries() {
        let place = Place::new(On::Sqlite);
        let db = Db::at(&place).await;
        let explain: &'static str = format!("explain query plan {TURNS}").leak();
        let plan: Vec<Step> = db.sql(explain).bind(0_i64).bind(0_i64).bind(0_i64).all().await.unwrap();
        let steps: Vec<&str> = plan.iter().map(|step| step.detail.as_str()).collect();
        for table in ["member_entries", "o", "e"] {
            let searched = format!("SEARCH {table} USING");
            assert!(steps.iter().any(|step| step.starts_with(&searched)), "{table}: {steps:?}");
        }
    }
}
