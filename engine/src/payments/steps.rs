//! Rows of payments, and the one way to change their states.

use super::{Charge, NEVER_AFTER, Order, Subject};
use crate::{
    db::{Db, Tx},
    ids,
};
use model::{Decline, MemberId, PaymentId, PaymentState, PaymentStep, RefundId, Time, Won};
use uuid::Uuid;

/// Who made a step, as the database keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever pays.
    Member,
    /// Whoever sells.
    Seller,
    /// Whoever looks after the site.
    Admin,
    /// The provider, by its answer.
    Provider,
    /// The program itself.
    Program,
}

impl From<model::sales::By> for By {
    /// What the site does by itself with an order does the program; an admin is named by whoever knows of one.
    fn from(by: model::sales::By) -> By {
        match by {
            model::sales::By::Buyer => By::Member,
            model::sales::By::Seller => By::Seller,
            model::sales::By::Site => By::Program,
        }
    }
}

impl By {
    fn name(self) -> &'static str {
        match self {
            By::Member => "member",
            By::Seller => "seller",
            By::Admin => "admin",
            By::Provider => "provider",
            By::Program => "program",
        }
    }
}

/// A payment's row.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct StoredPayment {
    pub id: PaymentId,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub member_id: MemberId,
    pub provider: String,
    pub amount: Won,
    pub title: String,
    pub return_to: String,
    pub token: Vec<u8>,
    pub state: PaymentState,
    pub reference: Option<String>,
    pub link: Option<String>,
    pub elsewhere: Option<String>,
    pub proof: Option<String>,
    pub decline: Option<Decline>,
    pub begun_at: Time,
    pub expires_at: Time,
    pub approved_at: Option<Time>,
    pub refunded: Won,
}

impl StoredPayment {
    /// As the provider is asked about it by now.
    pub fn charge(&self, now: Time) -> Charge {
        let (reference, proof) = (self.reference.clone(), self.proof.clone());
        Charge { payment: self.id, reference, amount: self.amount, proof, over: now >= self.over_at() }
    }

    /// From when on nothing is taken of it any more that was not taken before.
    pub fn over_at(&self) -> Time {
        self.expires_at + NEVER_AFTER
    }

    /// The same after a step that was committed.
    pub fn in_state(&self, state: PaymentState) -> StoredPayment {
        StoredPayment { state, ..self.clone() }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, subject_kind, subject_id, member_id, provider, amount, title, return_to, token, state, reference, link,
                elsewhere, proof, decline, begun_at, expires_at, approved_at, refunded from payments ",
            $rest
        )
    };
}

/// What is written of a payment before its provider is told.
pub(super) struct Begun<'a> {
    pub order: &'a Order,
    pub subject: Subject,
    pub member: MemberId,
    pub provider: &'static str,
    pub return_to: &'a str,
    pub token: Vec<u8>,
    pub look_at: Time,
}

pub(super) async fn insert(tx: &mut Tx, begun: &Begun<'_>, now: Time) -> Result<(), sqlx::Error> {
    tx.sql(
        "insert into payments (id, subject_kind, subject_id, member_id, provider, amount, title, return_to, token, state,
            begun_at, expires_at, look_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(begun.order.payment)
    .bind(begun.subject.kind)
    .bind(begun.subject.id)
    .bind(begun.member)
    .bind(begun.provider)
    .bind(begun.order.amount)
    .bind(begun.order.title.clone())
    .bind(begun.return_to.to_owned())
    .bind(begun.token.clone())
    .bind(PaymentState::Preparing)
    .bind(now)
    .bind(begun.order.expires_at)
    .bind(begun.look_at)
    .run()
    .await?;
    note(tx, begun.order.payment, None, By::Member, "begun".to_owned(), now).await
}

pub(super) async fn read(db: &Db, id: PaymentId) -> Result<Option<StoredPayment>, sqlx::Error> {
    db.sql(select!("where id = $1")).bind(id).optional().await
}

/// Payments of a subject, the newest first.
pub(super) async fn of(db: &Db, subject: Subject) -> Result<Vec<StoredPayment>, sqlx::Error> {
    db.sql(select!("where subject_kind = $1 and subject_id = $2 order by begun_at desc, id desc"))
        .bind(subject.kind)
        .bind(subject.id)
        .all()
        .await
}

/// The provider through which a member began to pay last.
pub(super) async fn used_last(db: &Db, member: MemberId) -> Result<Option<String>, sqlx::Error> {
    let row: Option<(String,)> = db
        .sql("select provider from payments where member_id = $1 order by begun_at desc limit 1")
        .bind(member)
        .optional()
        .await?;
    Ok(row.map(|(provider,)| provider))
}

/// A payment that a member can still approve for some time, like one that they ask for.
pub(super) async fn offered(
    db: &Db,
    subject: Subject,
    member: MemberId,
    provider: &'static str,
    amount: Won,
    return_to: &str,
    until: Time,
) -> Result<Option<StoredPayment>, sqlx::Error> {
    db.sql(select!(
        "where subject_kind = $1 and subject_id = $2 and member_id = $3 and amount = $4 and return_to = $5
            and state = $6 and expires_at > $7 and provider = $8 order by begun_at desc limit 1"
    ))
    .bind(subject.kind)
    .bind(subject.id)
    .bind(member)
    .bind(amount)
    .bind(return_to.to_owned())
    .bind(PaymentState::Prepared)
    .bind(until)
    .bind(provider)
    .optional()
    .await
}

/// Payments through a provider that something is to be done about.
pub(super) async fn due(
    db: &Db,
    provider: &'static str,
    now: Time,
    limit: i64,
) -> Result<Vec<StoredPayment>, sqlx::Error> {
    db.sql(select!("where look_at <= $1 and provider = $2 order by look_at limit $3"))
        .bind(now)
        .bind(provider)
        .bind(limit)
        .all()
        .await
}

/// Payments through a provider that are open and should have been over by `before`, reckoned from when they were approved, or could be
/// for the last time.
pub(super) async fn overdue(
    db: &Db,
    provider: &str,
    before: Time,
    limit: i64,
) -> Result<Vec<StoredPayment>, sqlx::Error> {
    db.sql(select!(
        "where look_at is not null and provider = $1 and coalesce(approved_at, expires_at) <= $2 order by look_at limit $3"
    ))
    .bind(provider.to_owned())
    .bind(before)
    .bind(limit)
    .all()
    .await
}

/// Makes a step from the state that `row` was read in, when that is possible and nobody made another meanwhile; whether it was
/// made. Otherwise the transaction is to be left uncommitted.
pub(super) async fn step(
    tx: &mut Tx,
    row: &StoredPayment,
    step: PaymentStep,
    decline: Option<Decline>,
    by: By,
    look_at: Option<Time>,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let Some(to) = row.state.after(step) else { return Ok(false) };
    let moved = tx
        .sql(
            "update payments set state = $3, decline = $4, look_at = $5, approved_at = coalesce(approved_at, $6), ended_at = $7
             where id = $1 and state = $2",
        )
        .bind(row.id)
        .bind(row.state)
        .bind(to)
        .bind(decline)
        .bind(look_at.filter(|_| to.is_open()))
        .bind((to == PaymentState::Approved).then_some(now))
        .bind((!to.is_open()).then_some(now))
        .run()
        .await?;
    if moved == 0 {
        return Ok(false);
    }
    let what = match decline {
        Some(decline) => format!("{}: {}", name(&to), name(&decline)),
        None => name(&to),
    };
    note(tx, row.id, None, by, what, now).await?;
    Ok(true)
}

/// Looks at a payment later, unless somebody made a step meanwhile.
pub(super) async fn look_later(tx: &mut Tx, row: &StoredPayment, look_at: Time) -> Result<(), sqlx::Error> {
    tx.sql("update payments set look_at = $3 where id = $1 and state = $2")
        .bind(row.id)
        .bind(row.state)
        .bind(look_at)
        .run()
        .await?;
    Ok(())
}

/// Notes a step in the history.
pub(super) async fn note(
    tx: &mut Tx,
    payment: PaymentId,
    refund: Option<RefundId>,
    by: By,
    what: String,
    now: Time,
) -> Result<(), sqlx::Error> {
    tx.sql("insert into payment_steps (id, payment_id, refund_id, at, who, what) values ($1, $2, $3, $4, $5, $6)")
        .bind(ids::new_id(now))
        .bind(payment)
        .bind(refund)
        .bind(now)
        .bind(by.name())
        .bind(what)
        .run()
        .await?;
    Ok(())
}

/// The name of a state as the database keeps it.
pub(super) fn name(state: &impl serde::Serialize) -> String {
    serde_json::to_value(state).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}
