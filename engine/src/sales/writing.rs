//! Writing many orders in few statements: those of everybody whom a batch gave units, with the batch, so that whoever is told of
//! their units has an order.

use super::{numbers, orders::Sold, tickets};
use crate::{
    db::{Dialect, HeldEvent, Tx},
    ids,
};
use model::{
    Entry, EntryState, MemberId, Time,
    sales::{OrderId, OrderNumber},
};
use std::sync::LazyLock;

/// Orders a statement of SQLite has room for: few statements for any batch, each prepared once.
const PLACES: [usize; 5] = [1, 8, 64, 256, 1024];

/// An entry that was given units to pay for, or free ones.
pub(super) struct Bought {
    pub member: MemberId,
    pub entry: Entry,
}

impl Bought {
    pub fn is_free(&self) -> bool {
        self.entry.state == EntryState::Paid
    }

    /// Until when it may be paid for.
    fn due_at(&self) -> Option<Time> {
        self.entry.due_at().filter(|_| !self.is_free())
    }
}

/// What is written of an order: its id, its number where it has one from the beginning, and whose it is.
type Made<'a> = (OrderId, Option<OrderNumber>, &'a Bought);

// As in the turnstile's store: placeholders without numbers, what is the same for all bound once, rows that nothing is bound to
// are null and left out.
fn with_places(before: &str, row: &str, after: &str) -> [String; PLACES.len()] {
    PLACES.map(|places| format!("{before} (values {}) {after}", vec![row; places].join(",")))
}

/// The smallest of statements with room for as many of these as possible; those, and the others.
fn fit<T>(left: &[T]) -> (usize, &[T], &[T]) {
    let fits = PLACES.iter().position(|places| *places >= left.len()).unwrap_or(PLACES.len() - 1);
    let (chunk, others) = left.split_at(left.len().min(PLACES[fits]));
    (fits, chunk, others)
}

static ORDERS: LazyLock<[String; PLACES.len()]> = LazyLock::new(|| {
    with_places(
        "insert into orders (event_id, kind, price, terms, created_at, id, rank, member_id, number, units, amount, due_at,
            held_until, state)
         select ?, ?, ?, ?, ?, column1, column2, column3, column4, column5, column6, column7, column7,
            case when column7 is null then 'paid' else 'awaiting_payment' end from",
        "(?,?,?,?,?,?,?)",
        "where column1 is not null on conflict do nothing",
    )
});

/// The same on PostgreSQL, for any number of orders.
const COLUMNS: &str =
    "insert into orders (event_id, kind, price, terms, created_at, id, rank, member_id, number, units, amount,
        due_at, held_until, state)
     select $1, $2, $3, $4, $5, id, rank, member_id, number, units, amount, due_at, due_at,
        case when due_at is null then 'paid' else 'awaiting_payment' end
     from unnest($6::uuid[], $7::bigint[], $8::uuid[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[])
         as bought (id, rank, member_id, number, units, amount, due_at)
     on conflict do nothing";

/// Writes the orders of entries, each of which was given its units just now. Free ones are paid for at once.
pub(super) async fn orders(
    tx: &mut Tx,
    held: HeldEvent,
    sold: &Sold,
    bought: &[Bought],
    now: Time,
) -> Result<(), sqlx::Error> {
    let numbers = numbers::take(tx, held, bought.len(), now).await?;
    let made = bought.iter().enumerate().map(|(at, bought)| (OrderId(ids::new_id(now)), Some(numbers.nth(at)), bought));
    let mut made: Vec<Made<'_>> = made.collect();
    if insert(tx, held, sold, &made, now).await? < made.len() as u64 {
        // Some are there already, or have a number that a program of before gave as well while both ran: no press waits for that, and
        // they are given one a moment later, as its orders were.
        made.iter_mut().for_each(|(_, number, _)| *number = None);
        insert(tx, held, sold, &made, now).await?;
    }
    for (id, _, bought) in made.iter().filter(|(_, _, bought)| bought.is_free()) {
        tickets::issue(tx, *id, held.event(), bought.member, bought.entry.units, &sold.offer, now).await?;
    }
    Ok(())
}

/// Inserts orders, but for those that are there and those whose number another order has; how many it inserted.
async fn insert(
    tx: &mut Tx,
    held: HeldEvent,
    Sold { offer, price }: &Sold,
    made: &[Made<'_>],
    now: Time,
) -> Result<u64, sqlx::Error> {
    let terms = serde_json::to_string(offer).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let amount = |bought: &Bought| price.saturating_mul(i64::from(bought.entry.units));
    match tx.dialect() {
        Dialect::Sqlite => {
            let (mut left, mut inserted) = (made, 0);
            while !left.is_empty() {
                let (fits, chunk, others) = fit(left);
                let insert = tx.sql(&ORDERS[fits]).bind(held.event()).bind(offer.kind()).bind(*price);
                let insert = insert.bind(terms.clone()).bind(now);
                let insert = chunk.iter().fold(insert, |insert, (id, number, bought)| {
                    let Bought { member, entry } = bought;
                    let number = number.as_ref().map(ToString::to_string);
                    let insert = insert.bind(*id).bind(entry.rank as i64).bind(*member).bind(number);
                    insert.bind(i64::from(entry.units)).bind(amount(bought)).bind(bought.due_at())
                });
                inserted += insert.run().await?;
                left = others;
            }
            Ok(inserted)
        }
        Dialect::Postgres => {
            let bought = || made.iter().map(|(_, _, bought)| *bought);
            let numbers = made.iter().map(|(_, number, _)| number.as_ref().map(ToString::to_string));
            tx.sql(COLUMNS)
                .bind(held.event())
                .bind(offer.kind())
                .bind(*price)
                .bind(terms)
                .bind(now)
                .bind_column(made.iter().map(|(id, _, _)| id.0).collect())
                .bind_column(bought().map(|bought| bought.entry.rank as i64).collect())
                .bind_column(bought().map(|bought| bought.member.0).collect())
                .bind_column(numbers.collect::<Vec<Option<String>>>())
                .bind_column(bought().map(|bought| i64::from(bought.entry.units)).collect())
                .bind_column(bought().map(amount).collect())
                .bind_column(bought().map(|bought| bought.due_at().map(|at| at.0)).collect::<Vec<Option<i64>>>())
                .run()
                .await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::{Db, Lane},
        sales::orders::end,
    };
    use model::{
        Checkout, Due, EventId, Offer, RefundFees, SECOND, Span,
        sales::{By, OrderState},
    };
    use testing::{On, Place, both};

    /// As many free seats as some, and others to be paid for: more than a statement has room for, and not as many as several.
    const MANY: u64 = 1_101;

    /// An order: rank, member, number, units, amount, state, deadline, and the first one.
    type Written = (i64, MemberId, String, i64, i64, OrderState, Option<Time>, Option<Time>);

    both!(all_of_a_batch_have_orders_with_numbers_and_tickets);
    async fn all_of_a_batch_have_orders_with_numbers_and_tickets(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let (event, now) = (EventId(uuid::Uuid::from_u128(7)), Time(0) + SECOND);
        let offer = Offer::Ticket {
            place: "수달홀".into(),
            address: "서울 성동구 왕십리로 59".into(),
            coordinates: None,
            starts_at: now,
            seats: 2 * MANY,
            price: 12_000,
            limit: 2,
            checkout: Checkout::default(),
            refunds: RefundFees::default(),
        };
        let bought = |rank: u64| {
            let (state, due) = match rank % 100 {
                0 => (EntryState::Paid, Due::NONE),
                _ => (EntryState::Checkout, Due::at(now + rank as i64 * SECOND)),
            };
            let entry = Entry { units: 2, due, ..Entry::of_one(rank, now, Span::ZERO, state) };
            Bought { member: MemberId(uuid::Uuid::from_u128(rank.into())), entry }
        };
        let bought: Vec<Bought> = (1..=MANY).map(bought).collect();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let held = tx.hold_event(event).await.unwrap();
        let sold = Sold { offer, price: 12_000 };
        orders(&mut tx, held, &sold, &bought, now).await.unwrap();
        tx.commit().await.unwrap();
        let rows: Vec<Written> = db
            .sql(
                "select rank, member_id, number, units, amount, state, due_at, held_until
                 from orders where event_id = $1 order by rank",
            )
            .bind(event)
            .all()
            .await
            .unwrap();
        assert_eq!(rows.len() as u64, MANY);
        for (row, bought) in rows.iter().zip(&bought) {
            let (rank, member, number, units, amount, state, due_at, held_until) = row;
            assert_eq!((*rank as u64, *member), (bought.entry.rank, bought.member));
            assert_eq!((*units, *amount), (2, 24_000));
            let expected = if bought.is_free() { OrderState::Paid } else { OrderState::AwaitingPayment };
            assert_eq!((*state, *due_at, *held_until), (expected, bought.due_at(), bought.due_at()));
            assert_eq!(*number, format!("D700101{}", 1_000_000 - bought.entry.rank));
        }
        let (tickets,): (i64,) =
            db.sql("select count(*) from tickets where event_id = $1").bind(event).one().await.unwrap();
        assert_eq!(tickets as u64, 2 * (MANY / 100));
        // Written once more, nothing changes; another sale has numbers of its own, behind those that the first took.
        for (event, numbered) in [(event, 1_000_000 - 1), (EventId(uuid::Uuid::from_u128(8)), 1_000_000 - 3 * MANY - 1)]
        {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            let held = tx.hold_event(event).await.unwrap();
            orders(&mut tx, held, &sold, &bought[..1], now).await.unwrap();
            tx.commit().await.unwrap();
            let (number,): (String,) =
                db.sql("select number from orders where event_id = $1 and rank = 1").bind(event).one().await.unwrap();
            assert_eq!(number, format!("D700101{numbered}"));
        }
        // Where a number that is next is another order's, as one of a program of before that runs beside this one, orders are written all
        // the same, and that one is numbered later.
        let next: i64 = 1_000_000 - 1 - (3 * MANY as i64 + 16);
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let taken = tx.sql("update orders set number = $1 where event_id = $2 and rank = 1");
        let (number, old) = (format!("D700101{}", next - 1), EventId(uuid::Uuid::from_u128(8)));
        assert_eq!(taken.bind(number).bind(old).run().await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let last = EventId(uuid::Uuid::from_u128(9));
        let held = tx.hold_event(last).await.unwrap();
        orders(&mut tx, held, &sold, &bought[..3], now).await.unwrap();
        tx.commit().await.unwrap();
        let numbers = db.sql("select number from orders where event_id = $1 order by rank").bind(last);
        let numbers: Vec<(Option<String>,)> = numbers.all().await.unwrap();
        let expected = [Some(next), None, Some(next - 2)];
        assert_eq!(numbers, expected.map(|number| (number.map(|number| format!("D700101{number}")),)));
        // Called off, what waits for its money is over, and what was paid for is to go back; whoever left themselves lost nothing.
        let lost: Vec<i64> = (1..=MANY as i64).filter(|rank| rank % 2 == 1 || rank % 100 == 0).collect();
        let mut tx = db.begin(Lane::Other).await.unwrap();
        end(&mut tx, event, &lost, By::Seller, now).await.unwrap();
        end(&mut tx, event, &[2], By::Buyer, now).await.unwrap();
        tx.commit().await.unwrap();
        let counted: Vec<(OrderState, bool, Option<By>, i64)> = db
            .sql(
                "select o.state, o.lost_at is not null, s.by_whom, count(*) from orders o
                 left join order_steps s on s.order_id = o.id where o.event_id = $1 group by 1, 2, 3 order by 4",
            )
            .bind(event)
            .all()
            .await
            .unwrap();
        assert_eq!(
            counted,
            [
                (OrderState::Cancelled, false, Some(By::Buyer), 1),
                (OrderState::Paid, true, Some(By::Seller), 11),
                (OrderState::AwaitingPayment, false, None, 538),
                (OrderState::Cancelled, true, Some(By::Seller), 551),
            ]
        );
    }
}
