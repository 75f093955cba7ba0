//! Verifies on live data that payments, their refunds and what was paid for agree.

use super::{Checked, Purchases};
use crate::{Error, db::Db};
use model::{PaymentId, PaymentState, Won};
use std::time::Duration;
use uuid::Uuid;

/// Subjects that are read at once.
const PAGE: i64 = 1_000;
/// What is wrong only while somebody is at work on it is right a moment later.
const LOOKS: usize = 3;
const APART: Duration = Duration::from_millis(100);

#[derive(sqlx::FromRow)]
struct Row {
    id: PaymentId,
    state: PaymentState,
    amount: Won,
    refunded: Won,
    looked_at: bool,
    ended: bool,
    approved: bool,
    /// What refunds give back of what was paid.
    owed: Won,
    /// How often it is closed.
    closed: i64,
    /// Refunds that are open and never looked at, or the other way round.
    left_alone: i64,
}

/// Checks every payment; how many were checked, and everything that is wrong.
///
/// # Errors
/// The database's.
pub async fn check(db: &Db, purchases: Purchases) -> Result<(usize, Vec<String>), Error> {
    let (mut count, mut wrong) = (0, Vec::new());
    let mut after = (String::new(), Uuid::nil());
    loop {
        let subjects: Vec<(String, Uuid)> = db
            .sql(
                "select distinct subject_kind, subject_id from payments
                 where subject_kind > $1 or (subject_kind = $1 and subject_id > $2)
                 order by subject_kind, subject_id limit $3",
            )
            .bind(after.0.clone())
            .bind(after.1)
            .bind(PAGE)
            .all()
            .await?;
        let Some(last) = subjects.last().cloned() else { return Ok((count, wrong)) };
        for (kind, subject) in subjects {
            let (mut payments, mut found) = of_subject(db, purchases, &kind, subject).await?;
            for _ in 1..LOOKS {
                if found.is_empty() {
                    break;
                }
                tokio::time::sleep(APART).await;
                (payments, found) = of_subject(db, purchases, &kind, subject).await?;
            }
            count += payments;
            wrong.extend(found);
        }
        after = last;
    }
}

async fn of_subject(db: &Db, purchases: Purchases, kind: &str, subject: Uuid) -> Result<(usize, Vec<String>), Error> {
    let rows: Vec<Row> = db
        .sql(
            "select id, state, amount, refunded, look_at is not null as looked_at, ended_at is not null as ended,
                approved_at is not null as approved,
                (select coalesce(cast(sum(r.amount) as bigint), 0) from refunds r where r.payment_id = p.id and not r.closes) as owed,
                (select count(*) from refunds r where r.payment_id = p.id and r.closes) as closed,
                (select count(*) from refunds r
                 where r.payment_id = p.id and (r.state = 'refunded') <> (r.look_at is null)) as left_alone
             from payments p where subject_kind = $1 and subject_id = $2 order by begun_at, id",
        )
        .bind(kind.to_owned())
        .bind(subject)
        .all()
        .await?;
    let mut wrong: Vec<String> = rows
        .iter()
        .flat_map(|row| of_payment(row).into_iter().map(|what| format!("payment {}: {what}", row.id)))
        .collect();
    let checked: Vec<Checked> = rows
        .iter()
        .map(|row| Checked { payment: row.id, state: row.state, amount: row.amount, refunded: row.refunded })
        .collect();
    match purchases(kind) {
        Some(purchase) => {
            let found = purchase.check(db, subject, &checked).await?;
            wrong.extend(found.into_iter().map(|what| format!("{kind} {subject}: {what}")));
        }
        None => wrong.push(format!("{kind} {subject}: this program does not know what that is")),
    }
    Ok((rows.len(), wrong))
}

fn of_payment(row: &Row) -> Vec<String> {
    let Row { state, amount: Won(amount), refunded: Won(refunded), owed: Won(owed), closed, .. } = *row;
    let (open, paid) = (state.is_open(), state == PaymentState::Paid);
    [
        (amount <= 0, format!("is of {amount} won")),
        (open != row.looked_at, format!("is {state:?}, and looked at: {}", row.looked_at)),
        (open == row.ended, format!("is {state:?}, and has an end: {}", row.ended)),
        (paid && !row.approved, "was paid and never approved".to_owned()),
        (owed != refunded, format!("gives {refunded} won back, by refunds of {owed} won")),
        (refunded < 0 || refunded > amount, format!("gives {refunded} of {amount} won back")),
        (!paid && refunded != 0, format!("is {state:?}, and gives {refunded} won back")),
        (state == PaymentState::Cancelled && closed == 0, "was cancelled, and is not closed".to_owned()),
        ((paid || open) && closed != 0, format!("is {state:?}, and closed")),
        (row.left_alone != 0, format!("has refunds without an end: {}", row.left_alone)),
    ]
    .into_iter()
    .filter_map(|(is_wrong, what)| is_wrong.then_some(what))
    .collect()
}
