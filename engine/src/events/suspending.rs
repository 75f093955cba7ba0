//! Stopping an event for a while, which whoever looks after the site does, and letting it go on. Nobody finds it or enters it meanwhile;
//! what people have of it, entries, units that are held and what is paid for them, goes on as it is.

use super::revisions::record;
use crate::{
    Error,
    db::{HeldEvent, Tx},
    notices,
    outbox::{self, Trigger},
    turnstile::{self, Command},
};
use model::{Edit, EventError, EventId, MemberId, Notice, Time};

/// Stops a published event in the transaction of its cause, with a reason that its page shows; `by` is the member who does so, if one
/// does. Whether it went on until now.
///
/// # Errors
/// [`model::Error::NotFound`] for what nobody sees; [`EventError::Cancelled`], [`EventError::Settled`]; the database's.
pub(crate) async fn suspend(
    tx: &mut Tx,
    event: EventId,
    by: Option<MemberId>,
    reason: &str,
    now: Time,
) -> Result<bool, Error> {
    let (held, standing) = public(tx, event).await?;
    if standing.settled_at.is_some() {
        return Err(Error::Refused(EventError::Settled.into()));
    }
    if standing.suspended_at.is_some() {
        return Ok(false);
    }
    tx.sql("update events set suspended_at = $2, suspension = $3 where id = $1")
        .bind(event)
        .bind(now)
        .bind(reason.to_owned())
        .run()
        .await?;
    let reason = reason.to_owned();
    told(tx, held, Edit::Suspended { reason: reason.clone() }, now).await?;
    if by != Some(standing.creator_id) {
        notices::write(tx, standing.creator_id, &Notice::Suspended { reason }, event, now).await?;
    }
    Ok(true)
}

/// Lets it go on. Its times are as they were: what was to open meanwhile opens now. Whether it was stopped.
///
/// # Errors
/// As [`suspend`], but for what is settled: it is found again.
pub(crate) async fn readmit(tx: &mut Tx, event: EventId, by: Option<MemberId>, now: Time) -> Result<bool, Error> {
    let (held, standing) = public(tx, event).await?;
    if standing.suspended_at.is_none() {
        return Ok(false);
    }
    tx.sql("update events set suspended_at = null, suspension = null where id = $1").bind(event).run().await?;
    told(tx, held, Edit::Readmitted, now).await?;
    if standing.opens_at > now {
        // Subscribers whose turn came while it was stopped were passed over; who was told is not told again.
        let by = standing.creator_id;
        outbox::write(tx, &Trigger::NewEvent { event, at: now, by, before: None }, now).await?;
    }
    if by != Some(standing.creator_id) {
        notices::write(tx, standing.creator_id, &Notice::Readmitted, event, now).await?;
    }
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct Standing {
    creator_id: MemberId,
    cancelled_at: Option<Time>,
    settled_at: Option<Time>,
    suspended_at: Option<Time>,
    opens_at: Time,
}

/// Holds an event; fails unless everybody may see it, and for one that was called off.
async fn public(tx: &mut Tx, event: EventId) -> Result<(HeldEvent, Standing), Error> {
    let held = tx.hold_event(event).await?;
    let standing: Option<Standing> = tx
        .sql(
            "select creator_id, cancelled_at, settled_at, suspended_at, opens_at from events
             where id = $1 and published_at is not null",
        )
        .bind(event)
        .optional()
        .await?;
    let standing = standing.ok_or(model::Error::NotFound)?;
    match standing.cancelled_at {
        Some(_) => Err(Error::Refused(EventError::Cancelled.into())),
        None => Ok((held, standing)),
    }
}

/// Everybody may read it among its changes, and the turnstile reads its rules anew, on every node.
async fn told(tx: &mut Tx, held: HeldEvent, edit: Edit, now: Time) -> Result<(), Error> {
    record(tx, held, &[edit], now).await?;
    Ok(turnstile::write_command(tx, held.event(), &Command::Stop, now).await?)
}
