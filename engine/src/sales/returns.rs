//! Sending back: a buyer asks within seven days of delivery, the seller says whether, and once the seller has it the units go back to
//! stock and the money to the buyer.

use super::{
    Sales,
    giving_back::give_units_back,
    orders::{StoredOrder, hold},
    shipping::{refused, tell_buyer},
    steps::note,
};
use crate::{
    Error,
    accounts::Actor,
    audit::{self, Target},
    db::{Lane, Tx, retried},
    ids, notices,
};
use model::{
    EventId, FormErrors, MemberId, Notice, OrderId, OrderState, RequestId, SellerError, Time,
    administration::AuditAction,
    notices::OrderNews,
    sales::{By, GivingBack, OrderEvent},
    sellers::{Return, ReturnId, ReturnState, return_until},
    text,
};

#[derive(sqlx::FromRow)]
struct ReturnRow {
    id: ReturnId,
    order_id: OrderId,
    units: i64,
    reason: String,
    state: ReturnState,
    answer: String,
    asked_at: Time,
}

macro_rules! return_rows {
    ($rest:literal) => {
        concat!("select id, order_id, units, reason, state, answer, asked_at from returns ", $rest)
    };
}

/// A line that somebody wrote into a field.
fn line(field: &str, typed: &str, most: u64) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    match errors.check(field, text::line(typed, 2, most)) {
        Some(line) => Ok(line),
        None => Err(model::Error::Invalid { fields: errors }.into()),
    }
}

impl Sales {
    /// Asks to send units of an own order back; the same `request` twice is one.
    ///
    /// # Errors
    /// Signed out or suspended; too often; another's order, or none; what is wrong with the reason; [`SellerError::NoReturn`] for one
    /// that was not delivered, or longer ago, with another wish that is open, or with fewer units; the database's.
    pub async fn ask_return(
        &self,
        actor: &Actor,
        order: OrderId,
        units: u32,
        reason: &str,
        request: RequestId,
    ) -> Result<(), Error> {
        let member = actor.active()?.member;
        let reason = line("reason", reason, 200)?;
        self.limits.creation(member).await?;
        retried!(self.ask_once(member, order, units, &reason, ReturnId(request.0)))
    }

    async fn ask_once(
        &self,
        member: MemberId,
        order: OrderId,
        units: u32,
        reason: &str,
        id: ReturnId,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let row = hold(&mut tx, order).await?.filter(|row| row.member_id == member).ok_or(model::Error::NotFound)?;
        if tx.sql("select 1 from returns where id = $1 and order_id = $2").bind(id).bind(order).exists().await? {
            return Ok(());
        }
        let delivered: Option<(Option<Time>,)> =
            tx.sql("select delivered_at from shipments where order_id = $1").bind(order).optional().await?;
        let delivered_at = delivered.and_then(|(at,)| at).filter(|_| row.state == OrderState::Delivered);
        let open = tx
            .sql("select 1 from returns where order_id = $1 and state in ('asked', 'accepted')")
            .bind(order)
            .exists()
            .await?;
        let left = row.units - row.units_back;
        let in_time = delivered_at.is_some_and(|at| now < return_until(at));
        if open || !in_time || !(1..=left).contains(&i64::from(units)) {
            return Err(refused(SellerError::NoReturn));
        }
        tx.sql(
            "insert into returns (id, order_id, event_id, rank, units, reason, state, answer, asked_at)
             values ($1, $2, $3, $4, $5, $6, $7, '', $8)",
        )
        .bind(id)
        .bind(order)
        .bind(row.event_id)
        .bind(row.rank)
        .bind(i64::from(units))
        .bind(reason.to_owned())
        .bind(ReturnState::Asked)
        .bind(now)
        .run()
        .await?;
        let what = OrderEvent::ReturnAsked { units, reason: reason.to_owned() };
        note(&mut tx, order, By::Buyer, &what, now).await?;
        let seller: Option<(MemberId,)> =
            tx.sql("select creator_id from events where id = $1").bind(row.event_id).optional().await?;
        if let Some((seller,)) = seller {
            let news = OrderNews::ReturnAsked { reason: reason.to_owned() };
            let notice = Notice::Order { order: row.number(), news };
            notices::write(&mut tx, seller, &notice, row.event_id, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Says whether something may be sent back to the seller of its sale, and where to or why not.
    ///
    /// # Errors
    /// For whoever is no creator; another's sale, or none; no answer; [`SellerError::NoReturn`] when it was answered; the database's.
    pub async fn answer_return(&self, actor: &Actor, id: ReturnId, accept: bool, answer: &str) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        let answer = line("answer", answer, 300)?;
        self.own_return(seller, id).await?;
        retried!(self.answer_once(actor, id, accept, &answer))
    }

    async fn answer_once(&self, actor: &Actor, id: ReturnId, accept: bool, answer: &str) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let (_, row) = held(&mut tx, id).await?;
        let (state, what, news) = if accept {
            let answer = answer.to_owned();
            (
                ReturnState::Accepted,
                OrderEvent::ReturnAccepted { answer: answer.clone() },
                OrderNews::ReturnAccepted { answer },
            )
        } else {
            let answer = answer.to_owned();
            (
                ReturnState::Refused,
                OrderEvent::ReturnRefused { answer: answer.clone() },
                OrderNews::ReturnRefused { answer },
            )
        };
        let answered = tx
            .sql("update returns set state = $2, answer = $3 where id = $1 and state = $4")
            .bind(id)
            .bind(state)
            .bind(answer.to_owned())
            .bind(ReturnState::Asked)
            .run()
            .await?;
        if answered == 0 {
            return Err(refused(SellerError::NoReturn));
        }
        note(&mut tx, row.id, By::Seller, &what, now).await?;
        tell_buyer(&mut tx, &row, news, now).await?;
        if !accept {
            let target = Target { order: Some(row.id), ..(row.member_id, row.event_id).into() };
            audit::note(&mut tx, now, actor, AuditAction::RefuseReturn, target, answer).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The seller has what was sent back: its units go back to stock, and the money to the buyer.
    ///
    /// # Errors
    /// For whoever is no creator; another's sale, or none; [`SellerError::NoReturn`] for what was not accepted, or is there already;
    /// the database's.
    pub async fn receive_return(&self, actor: &Actor, id: ReturnId) -> Result<(), Error> {
        let seller = actor.creator()?.member;
        self.own_return(seller, id).await?;
        retried!(self.receive_once(id))
    }

    async fn receive_once(&self, id: ReturnId) -> Result<(), Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let (wish, row) = held(&mut tx, id).await?;
        let received = tx
            .sql("update returns set state = $2 where id = $1 and state = $3")
            .bind(id)
            .bind(ReturnState::Received)
            .bind(ReturnState::Accepted)
            .run()
            .await?;
        let left = row.units - row.units_back;
        if received == 0 || row.state != OrderState::Delivered || wish.units > left {
            return Err(refused(SellerError::NoReturn));
        }
        let refund = row.price.saturating_mul(wish.units);
        let back = GivingBack { units: wish.units as u32, refund, fee: 0 };
        // The buyer chose the wish's own id.
        let request = RequestId(ids::id_of(&[b"59 return", id.0.as_bytes()]));
        give_units_back(&mut tx, &row, back, By::Seller, By::Seller.into(), request, now).await?;
        tell_buyer(&mut tx, &row, OrderNews::ReturnReceived { amount: refund }, now).await?;
        Ok(tx.commit().await?)
    }

    async fn own_return(&self, seller: MemberId, id: ReturnId) -> Result<(), Error> {
        let event: Option<(EventId,)> =
            self.db.sql("select event_id from returns where id = $1").bind(id).optional().await?;
        let (event,) = event.ok_or(model::Error::NotFound)?;
        self.own_or_none(seller, event).await
    }

    /// The newest wish to send something of an order back.
    pub(super) async fn returning(&self, order: OrderId) -> Result<Option<Return>, sqlx::Error> {
        let row: Option<ReturnRow> = self
            .db
            .sql(return_rows!("where order_id = $1 order by asked_at desc, id desc limit 1"))
            .bind(order)
            .optional()
            .await?;
        Ok(row.map(|row| Return {
            id: row.id,
            units: row.units as u32,
            reason: row.reason,
            state: row.state,
            answer: row.answer,
            asked_at: row.asked_at,
        }))
    }
}

/// What was to be sent back of an order need not be any more: its money goes back, for a reason, or for that of its event.
pub(super) async fn end_wish(tx: &mut Tx, order: OrderId, reason: Option<&str>) -> Result<(), sqlx::Error> {
    tx.sql(
        "update returns set state = $2,
            answer = coalesce($3, (select e.cancel_reason from events e where e.id = returns.event_id), '')
         where order_id = $1 and state in ('asked', 'accepted')",
    )
    .bind(order)
    .bind(ReturnState::Refused)
    .bind(reason.map(str::to_owned))
    .run()
    .await?;
    Ok(())
}

/// A wish with its order, taken.
async fn held(tx: &mut Tx, id: ReturnId) -> Result<(ReturnRow, StoredOrder), Error> {
    let wish: Option<ReturnRow> = tx.sql(return_rows!("where id = $1")).bind(id).optional().await?;
    let wish = wish.ok_or(model::Error::NotFound)?;
    let row = hold(tx, wish.order_id).await?.ok_or(model::Error::NotFound)?;
    Ok((wish, row))
}
