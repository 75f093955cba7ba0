//! What comes of sales by month: what payments and refunds say, and nothing else.
//!
//! A job counts each of them once into the month of its seller ([`Sales::count_settled`]); what is not counted yet is read beside
//! the months, in the same statement. So a payment waits for no sum, and statements cost a row for each month.

use super::Sales;
use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    db::{Db, Lane, retried},
};
use model::{
    DAY, EventCard, EventId, MemberId, Page, Span, Time,
    administration::AuditAction,
    sellers::{EventSales, Month, Moved, SalesPage, Statement, statements},
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// How long after a month is over it is paid out: what was under way at its end is written by then.
const SETTLED_AFTER: Span = DAY;

/// Payments, and refunds, that are counted in one transaction.
const AT_ONCE: i64 = 100;

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

/// What moved within a month or a day.
#[derive(sqlx::FromRow)]
struct MovedRow {
    /// Whether it is a month, else a day, as the database counts them.
    whole: bool,
    at: i64,
    orders: i64,
    sales: i64,
    refunds: i64,
}

/// What comes of everything that a seller sold, oldest month first.
async fn statements_of(db: &Db, seller: MemberId, now: Time) -> Result<Vec<Statement>, Error> {
    // In one statement, so that nothing is counted between two looks. What is not counted comes first in its joins (`cross`): it is
    // little, whatever there is of the seller.
    let rows: Vec<MovedRow> = db
        .sql(concat!(
            "select true as whole, month as at, orders, sales, refunds from seller_months where seller_id = $1
             union all select false, ",
            day_of!("p.ended_at"),
            ", count(*), cast(sum(p.amount) as bigint), cast(0 as bigint)
             from payments p cross join orders o cross join events e
             where p.state = 'paid' and p.counted_at is null and p.ended_at is not null
                and o.id = p.subject_id and o.paid_by = p.id and e.id = o.event_id and e.creator_id = $1 group by 2
             union all select false, ",
            day_of!("r.owed_at"),
            ", cast(0 as bigint), cast(0 as bigint), cast(sum(r.amount) as bigint)
             from refunds r cross join payments p cross join orders o cross join events e
             where r.counted_at is null and not r.closes and p.id = r.payment_id
                and o.id = p.subject_id and o.paid_by = p.id and e.id = o.event_id and e.creator_id = $1 group by 2"
        ))
        .bind(seller)
        .all()
        .await?;
    let paid: Vec<(i64, i64)> =
        db.sql("select month, amount from payouts where seller_id = $1").bind(seller).all().await?;
    let mut moved: BTreeMap<Month, Moved> = BTreeMap::new();
    for row in rows {
        let month = if row.whole { named(row.at) } else { Month::of(begins(row.at)) };
        let month = moved.entry(month).or_default();
        month.orders += row.orders as u64;
        month.sales += row.sales;
        month.refunds += row.refunds;
    }
    let paid = paid.into_iter().map(|(month, amount)| (named(month), amount)).collect();
    Ok(statements(&moved, &paid, Month::of(now)))
}

/// Every month of a seller that was counted otherwise than its payments and refunds say.
///
/// # Errors
/// The database's.
pub(crate) async fn check_months(db: &Db) -> Result<Vec<String>, Error> {
    let days: Vec<(MemberId, i64, i64, i64, i64)> = db
        .sql(concat!(
            "select e.creator_id, ",
            day_of!("p.ended_at"),
            ", count(*), cast(sum(p.amount) as bigint), cast(0 as bigint)
             from payments p join orders o on o.id = p.subject_id and o.paid_by = p.id join events e on e.id = o.event_id
             where p.counted_at is not null group by 1, 2
             union all select e.creator_id, ",
            day_of!("r.owed_at"),
            ", cast(0 as bigint), cast(0 as bigint), cast(sum(r.amount) as bigint)
             from refunds r join payments p on p.id = r.payment_id
             join orders o on o.id = p.subject_id and o.paid_by = p.id join events e on e.id = o.event_id
             where r.counted_at is not null and not r.closes group by 1, 2
             union all select seller_id, -month, -orders, -sales, -refunds from seller_months"
        ))
        .all()
        .await?;
    let mut left: BTreeMap<(MemberId, Month), [i64; 3]> = BTreeMap::new();
    for (seller, at, orders, sales, refunds) in days {
        // What is counted is taken off again, under its month.
        let month = if at < 0 { named(-at) } else { Month::of(begins(at)) };
        let left = left.entry((seller, month)).or_default();
        *left = [left[0] + orders, left[1] + sales, left[2] + refunds];
    }
    let wrong = left.into_iter().filter(|(_, left)| *left != [0; 3]);
    Ok(wrong.map(|((seller, month), left)| format!("{month} of seller {seller} is counted {left:?} short")).collect())
}

/// A payment or a refund that is to be counted.
#[derive(sqlx::FromRow)]
struct Uncounted {
    id: Uuid,
    at: Option<Time>,
    amount: i64,
    /// Whose sale it was of; nobody's when it was paid too late, or came to nothing.
    seller: Option<MemberId>,
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
    let noted = left > 0 && retried!(note_payout(db, now, actor, seller, month, left))?;
    if noted { Ok(left) } else { Err(model::Error::NotFound.into()) }
}

async fn note_payout(
    db: &Db,
    now: Time,
    actor: &Actor,
    seller: MemberId,
    month: Month,
    amount: i64,
) -> Result<bool, Error> {
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
    if written == 1 {
        let target = Target { named: month.to_string(), ..seller.into() };
        audit::note(&mut tx, now, actor, AuditAction::PayOut, target, "").await?;
    }
    tx.commit().await?;
    Ok(written == 1)
}

impl Sales {
    /// Counts what was paid and what went back into the months of its sellers, each once; also what an older program left.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn count_settled(&self) -> Result<(), Error> {
        loop {
            let payments: Vec<Uncounted> = self
                .db
                .sql(
                    "select p.id, p.ended_at as at, p.amount, e.creator_id as seller from payments p
                     left join orders o on o.id = p.subject_id and o.paid_by = p.id left join events e on e.id = o.event_id
                     where p.state = 'paid' and p.counted_at is null order by p.ended_at limit $1",
                )
                .bind(AT_ONCE)
                .all()
                .await?;
            let refunds: Vec<Uncounted> = self
                .db
                .sql(
                    "select r.id, r.owed_at as at, case when r.closes then cast(0 as bigint) else r.amount end as amount,
                        e.creator_id as seller
                     from refunds r join payments p on p.id = r.payment_id
                     left join orders o on o.id = p.subject_id and o.paid_by = p.id left join events e on e.id = o.event_id
                     where r.counted_at is null order by r.owed_at limit $1",
                )
                .bind(AT_ONCE)
                .all()
                .await?;
            retried!(self.count_once(&payments, &refunds))?;
            if payments.len().max(refunds.len()) < AT_ONCE as usize {
                return Ok(());
            }
        }
    }

    async fn count_once(&self, payments: &[Uncounted], refunds: &[Uncounted]) -> Result<(), Error> {
        if payments.is_empty() && refunds.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut months: BTreeMap<(MemberId, Month), Moved> = BTreeMap::new();
        let mut tx = self.db.begin(Lane::Other).await?;
        let texts = [
            "update payments set counted_at = $2 where id = $1 and state = 'paid' and counted_at is null",
            "update refunds set counted_at = $2 where id = $1 and counted_at is null",
        ];
        for (rows, text, paid) in [(payments, texts[0], true), (refunds, texts[1], false)] {
            for Uncounted { id, at, amount, seller } in rows {
                let counted = tx.sql(text).bind(*id).bind(now).run().await? == 1;
                let Some((seller, at)) = seller.zip(*at).filter(|_| counted) else { continue };
                let month = months.entry((seller, Month::of(at))).or_default();
                match paid {
                    true => (month.orders, month.sales) = (month.orders + 1, month.sales + amount),
                    false => month.refunds += amount,
                }
            }
        }
        // In one order, so that of two nodes none waits for the other.
        for ((seller, month), Moved { sales, refunds, orders }) in months {
            tx.sql(
                "insert into seller_months (seller_id, month, orders, sales, refunds) values ($1, $2, $3, $4, $5)
                 on conflict (seller_id, month) do update set orders = seller_months.orders + excluded.orders,
                    sales = seller_months.sales + excluded.sales, refunds = seller_months.refunds + excluded.refunds",
            )
            .bind(seller)
            .bind(counted(month))
            .bind(orders as i64)
            .bind(sales)
            .bind(refunds)
            .run()
            .await?;
        }
        Ok(tx.commit().await?)
    }

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
        let rows = self.sales_of(actor.signed_in()?.member, events.rows).await?;
        Ok(SalesPage {
            statements,
            events: Page { rows, next: events.next },
            practice: self.payments.is_sandbox(),
            now: self.clock.now(),
        })
    }

    /// What each of a seller's sales came to.
    async fn sales_of(&self, seller: MemberId, events: Vec<EventCard>) -> Result<Vec<EventSales>, Error> {
        let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
        let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else { return Ok(Vec::new()) };
        // A page of sales that follow one another: among these ids are few others of the seller.
        let rows: Vec<SoldRow> = self
            .db
            .sql(
                "select e.id, count(*) as orders, cast(sum(o.units - o.units_back) as bigint) as units,
                    cast(sum(o.amount) as bigint) as sales, cast(sum(o.owed_back) as bigint) as refunds,
                    cast(sum(case when o.kind = 'deal' and o.state in ('paid', 'preparing') then 1 else 0 end) as bigint) as to_ship,
                    (select count(*) from returns r where r.event_id = e.id and r.state in ('asked', 'accepted')) as returns
                 from events e join orders o on o.event_id = e.id
                 where e.creator_id = $1 and e.id >= $2 and e.id <= $3 and e.kind <> 'giveaway'
                    and o.state not in ('awaiting_payment', 'cancelled') group by e.id",
            )
            .bind(seller)
            .bind(*first)
            .bind(*last)
            .all()
            .await?;
        let sold: HashMap<EventId, SoldRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let of = |event: EventCard| {
            let row = sold.get(&event.id);
            let count = |of: fn(&SoldRow) -> i64| row.map_or(0, of);
            EventSales {
                orders: count(|row| row.orders) as u64,
                units: count(|row| row.units) as u64,
                sales: count(|row| row.sales),
                refunds: count(|row| row.refunds),
                to_ship: count(|row| row.to_ship) as u64,
                returns: count(|row| row.returns) as u64,
                event,
            }
        };
        Ok(events.into_iter().map(of).collect())
    }

    /// Puts what was paid for a sale of a demonstration earlier by a span, so that there is a month before. Orders get numbers of
    /// that day.
    pub(crate) async fn demonstrate_earlier(&self, event: EventId, by: Span) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        for text in [
            "update orders set created_at = created_at - $2, held_until = held_until - $2, number = null where event_id = $1",
            "update order_steps set at = at - $2 where order_id in (select id from orders where event_id = $1)",
            "update payments set begun_at = begun_at - $2, approved_at = approved_at - $2, ended_at = ended_at - $2
             where id in (select paid_by from orders where event_id = $1)",
        ] {
            tx.sql(text).bind(event).bind(by.micros()).run().await?;
        }
        // What of the seller was counted under other months is counted anew.
        for text in [
            "update payments set counted_at = null where id in (select o.paid_by from orders o join events e on e.id = o.event_id
                where e.creator_id = (select creator_id from events where id = $1))",
            "update refunds set counted_at = null where payment_id in
                (select o.paid_by from orders o join events e on e.id = o.event_id
                 where e.creator_id = (select creator_id from events where id = $1))",
            "delete from seller_months where seller_id = (select creator_id from events where id = $1)",
        ] {
            tx.sql(text).bind(event).run().await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What a sale came to, as it is read.
#[derive(sqlx::FromRow)]
struct SoldRow {
    id: EventId,
    orders: i64,
    units: i64,
    sales: i64,
    refunds: i64,
    to_ship: i64,
    returns: i64,
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
