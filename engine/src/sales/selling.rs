//! The orders of a sale as its seller sees them.

use super::Sales;
use crate::{Error, accounts::Actor};
use model::{
    Cursor, Delivery, EventCard, EventId, MemberId, OrderId, OrderState, Page, Time,
    sellers::{Carrier, OrdersQuery, Return, ReturnId, ReturnState, SellerOrder, SellerOrders, Shipment, Show},
};

/// Orders in a page of their list.
const PAGE: usize = 50;

#[derive(sqlx::FromRow)]
struct Row {
    id: OrderId,
    rank: i64,
    number: Option<String>,
    nickname: Option<String>,
    units: i64,
    units_back: i64,
    amount: i64,
    owed_back: i64,
    state: OrderState,
    created_at: Time,
    name: Option<String>,
    phone: Option<String>,
    postcode: Option<String>,
    address: Option<String>,
    detail: Option<String>,
    carrier: Option<Carrier>,
    tracking: Option<String>,
    shipped_at: Option<Time>,
    delivered_at: Option<Time>,
    return_id: Option<ReturnId>,
    return_units: Option<i64>,
    reason: Option<String>,
    return_state: Option<ReturnState>,
    answer: Option<String>,
    asked_at: Option<Time>,
}

/// Orders `o` with where they go, how they were sent, and what is wished to be sent back of them.
macro_rules! sold_rows {
    ($rest:literal) => {
        concat!(
            "select o.id, o.rank, o.number, m.nickname, o.units, o.units_back, o.amount, o.owed_back, o.state, o.created_at,
                d.name, d.phone, d.postcode, d.address, d.detail, s.carrier, s.tracking, s.shipped_at, s.delivered_at,
                r.id as return_id, r.units as return_units, r.reason, r.state as return_state, r.answer, r.asked_at
             from orders o left join members m on m.id = o.member_id
             left join order_addresses d on d.order_id = o.id left join shipments s on s.order_id = o.id
             left join returns r on r.id =
                (select n.id from returns n where n.order_id = o.id order by n.asked_at desc, n.id desc limit 1)
             where o.event_id = $1 and o.rank > $2 and ",
            $rest,
            " order by o.rank limit $3"
        )
    };
}

impl Row {
    fn order(self) -> SellerOrder {
        let goes = (self.name, self.phone, self.postcode, self.address, self.detail);
        let delivery = match goes {
            // Where something went that is not theirs any more is nobody's business.
            (Some(name), Some(phone), Some(postcode), Some(address), Some(detail))
                if self.state != OrderState::Refunded =>
            {
                Some(Delivery { name, phone, postcode, address, detail })
            }
            _ => None,
        };
        let sent = self.carrier.zip(self.tracking).zip(self.shipped_at);
        let shipment = sent.map(|((carrier, tracking), shipped_at)| Shipment {
            carrier,
            tracking,
            shipped_at,
            delivered_at: self.delivered_at,
        });
        let wish = (self.return_id, self.return_units, self.reason, self.return_state, self.answer, self.asked_at);
        let returning = match wish {
            (Some(id), Some(units), Some(reason), Some(state), Some(answer), Some(asked_at)) => {
                Some(Return { id, units: units as u32, reason, state, answer, asked_at })
            }
            _ => None,
        };
        SellerOrder {
            id: self.id,
            rank: self.rank as u64,
            number: self.number.as_deref().and_then(|number| number.parse().ok()),
            nickname: self.nickname,
            units: self.units as u32,
            units_back: self.units_back as u32,
            amount: self.amount,
            refunded: self.owed_back,
            state: self.state,
            at: self.created_at,
            delivery,
            shipment,
            returning,
        }
    }
}

impl Sales {
    /// Makes sure that a sale is the reader's own.
    pub(super) async fn own_sale(&self, seller: MemberId, event: EventId) -> Result<(), Error> {
        let owner: Option<(MemberId,)> =
            self.db.sql("select creator_id from events where id = $1").bind(event).optional().await?;
        let (owner,) = owner.ok_or(model::Error::NotFound)?;
        if owner == seller { Ok(()) } else { Err(model::Error::Forbidden.into()) }
    }

    /// The same of a sale that nobody else is told of.
    pub(super) async fn own_or_none(&self, seller: MemberId, event: EventId) -> Result<(), Error> {
        match self.own_sale(seller, event).await {
            Err(Error::Refused(_)) => Err(model::Error::NotFound.into()),
            other => other,
        }
    }

    /// Up to `limit` orders of a creator's own sale that were paid for.
    ///
    /// # Errors
    /// Signed out; [`model::Error::NotFound`] for a sale that is not there or a cursor of another list, [`model::Error::Forbidden`]
    /// for one of somebody else's; the database's.
    pub async fn orders_of(
        &self,
        actor: &Actor,
        event: EventId,
        query: &OrdersQuery,
        limit: u64,
    ) -> Result<Vec<SellerOrder>, Error> {
        self.own_sale(actor.signed_in()?.member, event).await?;
        let text = match query.show {
            Show::ToShip => sold_rows!("o.state in ('paid', 'preparing')"),
            Show::Shipped => sold_rows!("o.state = 'shipped'"),
            Show::Delivered => sold_rows!("o.state = 'delivered'"),
            Show::Returns => sold_rows!(
                "o.rank in (select w.rank from returns w where w.event_id = $1 and w.rank > $2
                    and w.state in ('asked', 'accepted') order by w.rank limit $3)"
            ),
            Show::All => sold_rows!("o.state not in ('awaiting_payment', 'cancelled')"),
        };
        let after = query.after.as_ref().map_or(Ok(0), Cursor::key::<u64>)?;
        let rows: Vec<Row> = self.db.sql(text).bind(event).bind(after as i64).bind(limit as i64).all().await?;
        Ok(rows.into_iter().map(Row::order).collect())
    }

    /// A page of them, with how many are to be sent, on their way, and wished to be sent back.
    ///
    /// # Errors
    /// As [`Sales::orders_of`].
    pub async fn seller_orders(
        &self,
        actor: &Actor,
        event: EventCard,
        query: &OrdersQuery,
    ) -> Result<SellerOrders, Error> {
        let rows = self.orders_of(actor, event.id, query, PAGE as u64 + 1).await?;
        let orders = Page::of(rows, PAGE, |order| order.rank);
        let mut counts = [0; 3];
        let texts = [
            "select count(*) from orders where event_id = $1 and state in ('paid', 'preparing')",
            "select count(*) from orders where event_id = $1 and state = 'shipped'",
            "select count(*) from returns where event_id = $1 and state in ('asked', 'accepted')",
        ];
        for (count, text) in counts.iter_mut().zip(texts) {
            let (counted,): (i64,) = self.db.sql(text).bind(event.id).one().await?;
            *count = counted as u64;
        }
        let calling_off = self
            .db
            .sql("select 1 from callings_off where event_id = $1 and done_at is null")
            .bind(event.id)
            .exists()
            .await?;
        Ok(SellerOrders { event, show: query.show, orders, counts, calling_off, now: self.clock.now() })
    }
}
