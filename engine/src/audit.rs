//! The audit log: what admins and creators do to others, each a row that is written in the transaction in which it is done.
//!
//! The database itself refuses to change a row, and to delete one within two years (`migrations/*/0040_administration.sql`). It holds
//! ids, reasons and the sort of browser; names and titles are read where they are shown, so that nothing is left of whoever left.

use crate::{
    Error,
    accounts::Actor,
    db::{Db, Dialect, Lane, Tx},
    ids,
};
use model::{
    EventId, FormErrors, ItemId, MINUTE, MarketId, MemberId, OrderId, PartyId, Span, Time, administration::AuditAction,
    text,
};

/// Whoever looks at the same again so soon looks still.
const SAME_LOOK: Span = MINUTE.times(10);

/// To whom, and to what, something is done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    pub member: Option<MemberId>,
    pub event: Option<EventId>,
    pub party: Option<PartyId>,
    pub market: Option<MarketId>,
    pub item: Option<ItemId>,
    pub order: Option<OrderId>,
    /// What it is called where it has no id: a job, an order's number.
    pub named: String,
}

impl From<MemberId> for Target {
    fn from(member: MemberId) -> Target {
        Target { member: Some(member), ..Target::default() }
    }
}

impl From<EventId> for Target {
    fn from(event: EventId) -> Target {
        Target { event: Some(event), ..Target::default() }
    }
}

impl From<(MemberId, EventId)> for Target {
    fn from((member, event): (MemberId, EventId)) -> Target {
        Target { member: Some(member), event: Some(event), ..Target::default() }
    }
}

impl From<MarketId> for Target {
    fn from(market: MarketId) -> Target {
        Target { market: Some(market), ..Target::default() }
    }
}

impl From<ItemId> for Target {
    fn from(item: ItemId) -> Target {
        Target { item: Some(item), ..Target::default() }
    }
}

impl From<&str> for Target {
    fn from(named: &str) -> Target {
        Target { named: named.to_owned(), ..Target::default() }
    }
}

/// Notes what somebody did to others, in the transaction in which they did.
pub(crate) async fn note(
    tx: &mut Tx,
    now: Time,
    actor: &Actor,
    action: AuditAction,
    target: impl Into<Target>,
    reason: &str,
) -> Result<(), sqlx::Error> {
    tracing::info!(action = action.name(), "something is done to others");
    let target = target.into();
    tx.sql(
        "insert into audit (id, at, admin_id, device, action, member_id, event_id, party_id, market_id, item_id, order_id, named, reason)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(ids::new_id(now))
    .bind(now)
    .bind(actor.member())
    .bind(actor.device().to_owned())
    .bind(action.name().to_owned())
    .bind(target.member)
    .bind(target.event)
    .bind(target.party)
    .bind(target.market)
    .bind(target.item)
    .bind(target.order)
    .bind(target.named)
    .bind(reason.to_owned())
    .run()
    .await?;
    Ok(())
}

/// Notes that somebody looks at what is known of others, before they are shown it; once while they go on looking.
pub(crate) async fn note_look(
    db: &Db,
    now: Time,
    actor: &Actor,
    action: AuditAction,
    target: Target,
) -> Result<(), Error> {
    let mut tx = db.begin(Lane::Other).await?;
    let before = tx
        .sql(
            "select 1 from audit where admin_id = $1 and at > $2 and action = $3 and member_id is not distinct from $4
                and order_id is not distinct from $5 and party_id is not distinct from $6
                and event_id is not distinct from $7",
        )
        .bind(actor.member())
        .bind(now - SAME_LOOK)
        .bind(action.name().to_owned())
        .bind(target.member)
        .bind(target.order)
        .bind(target.party)
        .bind(target.event);
    if before.exists().await? {
        return Ok(());
    }
    note(&mut tx, now, actor, action, target, "").await?;
    Ok(tx.commit().await?)
}

/// Deletes rows that were kept for long enough, by the database's own clock: it refuses any other.
///
/// # Errors
/// The database's.
pub(crate) async fn erase(db: &Db) -> Result<(), Error> {
    let mut tx = db.begin(Lane::Other).await?;
    let text = match tx.dialect() {
        Dialect::Sqlite => {
            "delete from audit where at < cast(strftime('%s', 'now') as integer) * 1000000 - 63072000000000"
        }
        Dialect::Postgres => {
            "delete from audit where at < (extract(epoch from now()) * 1000000)::bigint - 63072000000000"
        }
    };
    tx.sql(text).run().await?;
    Ok(tx.commit().await?)
}

/// Why somebody does something, as they typed it.
///
/// # Errors
/// [`model::Error::Invalid`] at `reason`.
pub(crate) fn reason_of(typed: &str) -> Result<String, Error> {
    let mut errors = FormErrors::default();
    match errors.check("reason", text::line(typed, 2, 200)) {
        Some(reason) => Ok(reason),
        None => Err(model::Error::Invalid { fields: errors }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use model::{DAY, administration::AUDIT_KEPT_DAYS};
    use testing::{On, Place, both};

    async fn rows(db: &Db) -> Vec<(String, String)> {
        db.sql("select named, reason from audit order by at").all().await.unwrap()
    }

    both!(what_is_in_the_log_stays_as_it_is);
    async fn what_is_in_the_log_stays_as_it_is(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let now = Clock::system().now();
        let old = now - DAY.times(AUDIT_KEPT_DAYS + 1);
        for (at, named) in [(old, "old"), (now - DAY, "new")] {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            note(&mut tx, at, &Actor::System, AuditAction::RunJob, named, "왜냐하면").await.unwrap();
            tx.commit().await.unwrap();
        }
        for text in [
            "update audit set reason = 'another'",
            "update audit set admin_id = null where named = 'old'",
            "delete from audit",
            "delete from audit where named = 'new'",
        ] {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            assert!(tx.sql(text).run().await.is_err(), "{text}");
        }
        let row = |named: &str| (named.to_owned(), "왜냐하면".to_owned());
        assert_eq!(rows(&db).await, [row("old"), row("new")]);
        erase(&db).await.unwrap();
        assert_eq!(rows(&db).await, [row("new")]);
    }

    #[test]
    fn a_reason_is_asked_for() {
        assert_eq!(reason_of("  신고가  많음 ").unwrap(), "신고가 많음");
        for typed in ["", " ", "a", "\u{200B}\u{200B}", &"가".repeat(201)] {
            assert!(reason_of(typed).is_err(), "{typed:?}");
        }
    }
}
