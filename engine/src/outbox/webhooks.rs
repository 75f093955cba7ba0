//! What creators' own servers are told, noted in the transaction of what it tells of: a row for each server. [`crate::webhooks`] sends it.
//!
//! It stands here and not there because whoever tells members (notices) tells servers as well, and who tells servers tells a member when
//! theirs is switched off.

use crate::{db::Tx, ids};
use model::{
    EventId, Time,
    webhooks::{DeliveryId, EndpointId, WebhookKind},
};
use serde_json::{Value, json};

/// Notes what an event's creator's servers are told, in the transaction of what it tells of.
///
/// # Errors
/// The database's.
pub(crate) async fn note(
    tx: &mut Tx,
    event: EventId,
    kind: WebhookKind,
    data: &Value,
    now: Time,
) -> Result<(), sqlx::Error> {
    let endpoints: Vec<(EndpointId, String)> = tx
        .sql(
            "select w.id, w.kinds from events e join webhook_endpoints w on w.member_id = e.creator_id
             where e.id = $1 and w.disabled_at is null",
        )
        .bind(event)
        .all()
        .await?;
    for (endpoint, kinds) in endpoints {
        if kinds.split(' ').all(|name| name != kind.name()) {
            continue;
        }
        // Korea's time, with how far that is from Greenwich.
        let body = json!({ "type": kind.name(), "timestamp": format!("{}+09:00", now.to_local()), "data": data });
        tx.sql(
            "insert into webhook_deliveries (id, endpoint_id, kind, body, created_at, since, due_at, tries)
             values ($1, $2, $3, $4, $5, $5, $5, 0)",
        )
        .bind(DeliveryId(ids::new_id(now)))
        .bind(endpoint)
        .bind(kind.name().to_owned())
        .bind(body.to_string())
        .bind(now)
        .run()
        .await?;
    }
    Ok(())
}
