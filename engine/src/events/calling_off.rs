//! Calling events off: their creators, and whoever looks after the site.

use super::Events;
use crate::{
    Error,
    accounts::Actor,
    audit,
    db::{HeldEvent, Lane, Tx, retried},
    notices,
    outbox::{self, Trigger},
    slots,
    turnstile::{self, Command},
};
use model::{ClaimState, EventError, EventId, FormErrors, MemberId, Notice, Time, administration::AuditAction, text};

impl Events {
    /// Calls an event off, with a reason that stays visible.
    ///
    /// # Errors
    /// [`model::Error::Invalid`] without a reason; an event that is another's, called off or settled is refused; the database may
    /// fail.
    pub async fn cancel(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        retried!(self.cancel_once(actor, event, reason))
    }

    async fn cancel_once(&self, actor: &Actor, event: EventId, reason: &str) -> Result<(), Error> {
        let creator = actor.creator()?.member;
        let now = self.clock.now();
        let mut tx = self.db.begin(Lane::Other).await?;
        let reason = call_off(&mut tx, event, Some(creator), Some(creator), reason, now).await?;
        audit::note(&mut tx, now, actor, AuditAction::CallOff, event, &reason).await?;
        Ok(tx.commit().await?)
    }
}

/// Calls an event off in the transaction of its cause: `creator`'s own, or anybody's, who is told then; the reason as it is
/// kept. `by` is the member who does so, if one does: they know, also of an event of their own.
///
/// # Errors
/// As [`Events::cancel`].
pub(crate) async fn call_off(
    tx: &mut Tx,
    event: EventId,
    creator: Option<MemberId>,
    by: Option<MemberId>,
    reason: &str,
    now: Time,
) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    let reason = errors.check("reason", text::line(reason, 2, 200));
    errors.into_result()?;
    let reason = reason.unwrap_or_default();
    let held = tx.hold_event(event).await?;
    let owner: Option<(MemberId,)> =
        tx.sql("select creator_id from events where id = $1").bind(event).optional().await?;
    let (owner,) = owner.ok_or(model::Error::NotFound)?;
    if creator.is_some_and(|creator| creator != owner) {
        return Err(model::Error::Forbidden.into());
    }
    let changed = tx
        .sql(
            "update events set cancelled_at = $1, cancel_reason = $2
             where id = $3 and cancelled_at is null and settled_at is null",
        )
        .bind(now)
        .bind(reason.clone())
        .bind(event)
        .run()
        .await?;
    if changed == 0 {
        return Err(Error::Refused(EventError::Cancelled.into()));
    }
    withdraw_claims(tx, held).await?;
    slots::deal_called_off(tx, event, now).await?;
    turnstile::write_command(tx, event, &Command::Cancel, now).await?;
    if creator.is_none() && by != Some(owner) {
        notices::write(tx, owner, &Notice::Cancelled { reason: reason.clone() }, event, now).await?;
    }
    outbox::write(tx, &Trigger::CalledOff { event, reason: reason.clone(), by }, now).await?;
    Ok(reason)
}

/// Withdraws every claim whose prize was not sent, and erases what winners wrote for it.
async fn withdraw_claims(tx: &mut Tx, held: HeldEvent) -> Result<(), sqlx::Error> {
    tx.sql("update claims set state = $1, remind_at = null where event_id = $2 and state in ('offered', 'filled')")
        .bind(ClaimState::Withdrawn)
        .bind(held.event())
        .run()
        .await?;
    tx.sql(
        "delete from deliveries where event_id = $1 and rank in
            (select rank from claims where event_id = $1 and state = 'withdrawn')",
    )
    .bind(held.event())
    .run()
    .await?;
    Ok(())
}
