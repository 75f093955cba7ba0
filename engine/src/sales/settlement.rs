//! What comes of sales by month: read from payments and refunds themselves, so that the sums are what moved and nothing else.
//!
//! It costs a look at every order of the seller that was paid for; a row a day comes back.

use super::Sales;
use crate::{
    Error,
    accounts::Actor,
    db::{Db, Lane, retried},
};
use model::{
    DAY, EventCard, EventId, MemberId, Page, Span, Time,
    sellers::{EventSales, Month, Moved, SalesPage, Statement, statements},
};
use std::collections::BTreeMap;

/// How long after a month is over it is paid out: what was under way at its end is written by then.
const SETTLED_AFTER: Span = DAY;

/// A month as the database counts it.
fn counted(month: Month) -> i64 {
    month.year * 12 + month.month - 1
}

fn named(counted: i64) -> Month {
    Month { year: counted.div_euclid(12), month: counted.rem_euclid(12) + 1 }
}

/// The day in Korea of a column, counted from 1970-01-01.
macro_rules! day_of {
    ($column:literal) => {
        concat!("(", $column, " + 32400000000) / 86400000000")
    };
}

/// When a day that the database counted begins.
fn begins(day: i64) -> Time {
    // Nine in the morning there.
    (Time(0) + day * DAY).midnight()
}

/// What comes of everything that a seller sold, oldest month first.
async fn statements_of(db: &Db, seller: MemberId, now: Time) -> Result<Vec<Statement>, Error> {
    let sales: Vec<(i64, i64, i64)> = db
        .sql(concat!(
            "select ",
            day_of!("p.ended_at"),
            ", cast(sum(p.amount) as bigint), count(*)
             from events e join orders o on o.event_id = e.id join payments p on p.id = o.paid_by
             where e.creator_id = $1 and p.state = 'paid' and p.ended_at is not null group by 1"
        ))
        .bind(seller)
        .all()
        .await?;
    let refunds: Vec<(i64, i64)> = db
        .sql(concat!(
            "select ",
            day_of!("r.owed_at"),
            ", cast(sum(r.amount) as bigint)
             from events e join orders o on o.event_id = e.id join refunds r on r.payment_id = o.paid_by
             where e.creator_id = $1 and not r.closes group by 1"
        ))
        .bind(seller)
        .all()
        .await?;
    let paid: Vec<(i64, i64)> =
        db.sql("select month, amount from payouts where seller_id = $1").bind(seller).all().await?;
    let mut moved: BTreeMap<Month, Moved> = BTreeMap::new();
    for (day, amount, orders) in sales {
        let month = moved.entry(Month::of(begins(day))).or_default();
        (month.sales, month.orders) = (month.sales + amount, month.orders + orders as u64);
    }
    for (day, amount) in refunds {
        moved.entry(Month::of(begins(day))).or_default().refunds += amount;
    }
    let paid = paid.into_iter().map(|(month, amount)| (named(month), amount)).collect();
    Ok(statements(&moved, &paid, Month::of(now)))
}

/// Notes that a seller was paid what is left of a month that is over; how much. By an admin, who moved the money.
///
/// # Errors
/// [`model::Error::Forbidden`] for others; [`model::Error::NotFound`] for a month that is not over for a day, or of which nothing is
/// left; the database's.
pub async fn pay_out(db: &Db, now: Time, actor: &Actor, seller: MemberId, month: Month) -> Result<i64, Error> {
    actor.admin()?;
    if now < month.next().start() + SETTLED_AFTER {
        return Err(model::Error::NotFound.into());
    }
    let all = statements_of(db, seller, now).await?;
    let left = all.iter().find(|statement| statement.month == month).map_or(0, Statement::left);
    let noted = left > 0 && retried!(note_payout(db, now, seller, month, left))?;
    if noted { Ok(left) } else { Err(model::Error::NotFound.into()) }
}

async fn note_payout(db: &Db, now: Time, seller: MemberId, month: Month, amount: i64) -> Result<bool, Error> {
    let mut tx = db.begin(Lane::Other).await?;
    // Twice at once is once.
    let written = tx
        .sql(
            "insert into payouts (seller_id, month, amount, at) values ($1, $2, $3, $4)
             on conflict (seller_id, month) do nothing",
        )
        .bind(seller)
        .bind(counted(month))
        .bind(amount)
        .bind(now)
        .run()
        .await?;
    tx.commit().await?;
    Ok(written == 1)
}

impl Sales {
    /// A creator's own statements, newest month first.
    ///
    /// # Errors
    /// Signed out, or no creator; the database's.
    pub async fn statements(&self, actor: &Actor) -> Result<Vec<Statement>, Error> {
        let session = actor.signed_in()?;
        if !session.creator {
            return Err(model::Error::Forbidden.into());
        }
        let mut statements = statements_of(&self.db, session.member, self.clock.now()).await?;
        statements.reverse();
        Ok(statements)
    }

    /// The page of a seller: the statements, and what each of these sales came to.
    ///
    /// # Errors
    /// As [`Sales::statements`].
    pub(crate) async fn sales_page(&self, actor: &Actor, events: Page<EventCard>) -> Result<SalesPage, Error> {
        let statements = self.statements(actor).await?;
        let mut rows = Vec::with_capacity(events.rows.len());
        for event in events.rows {
            rows.push(self.sales_of(event).await?);
        }
        Ok(SalesPage {
            statements,
            events: Page { rows, next: events.next },
            practice: self.payments.is_sandbox(),
            now: self.clock.now(),
        })
    }

    async fn sales_of(&self, event: EventCard) -> Result<EventSales, Error> {
        let (orders, units, sales, refunds, to_ship): (i64, i64, i64, i64, i64) = self
            .db
            .sql(
                "select count(*), coalesce(cast(sum(units - units_back) as bigint), 0), coalesce(cast(sum(amount) as bigint), 0),
                    coalesce(cast(sum(owed_back) as bigint), 0),
                    coalesce(cast(sum(case when kind = 'deal' and state in ('paid', 'preparing') then 1 else 0 end) as bigint), 0)
                 from orders where event_id = $1 and state not in ('awaiting_payment', 'cancelled')",
            )
            .bind(event.id)
            .one()
            .await?;
        let (returns,): (i64,) = self
            .db
            .sql("select count(*) from returns where event_id = $1 and state in ('asked', 'accepted')")
            .bind(event.id)
            .one()
            .await?;
        Ok(EventSales {
            event,
            orders: orders as u64,
            units: units as u64,
            sales,
            refunds,
            to_ship: to_ship as u64,
            returns: returns as u64,
        })
    }

    /// Puts what was paid for a sale of a demonstration earlier by a span, so that there is a month before. Orders get other numbers.
    pub(crate) async fn demonstrate_earlier(&self, event: EventId, by: Span) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        for text in [
            "update orders set created_at = created_at - $2, number = null where event_id = $1",
            "update order_steps set at = at - $2 where order_id in (select id from orders where event_id = $1)",
            "update payments set begun_at = begun_at - $2, approved_at = approved_at - $2, ended_at = ended_at - $2
             where id in (select paid_by from orders where event_id = $1)",
        ] {
            tx.sql(text).bind(event).bind(by.micros()).run().await?;
        }
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// What the database counts is the day, and the month, that people read.
        #[test]
        fn a_day_that_is_counted_is_koreas(at in 0i64..4_000_000_000_000_000) {
            let day = (at + 32_400_000_000) / 86_400_000_000;
            prop_assert_eq!((day, begins(day)), (Time(at).day(), Time(at).midnight()));
            let month = Month::of(Time(at));
            prop_assert_eq!((Month::of(begins(day)), named(counted(month))), (month, month));
        }
    }
}
