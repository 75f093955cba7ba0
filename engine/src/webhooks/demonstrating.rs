//! What a demonstration shows of creators' servers: one that took what it was told, then did not answer for a day, and was switched off.
//! Nothing is ever sent there: what is switched off is told nothing.

use super::{SECRET, Webhooks};
use crate::{Error, accounts::Actor, db::Lane, ids};
use model::{
    DAY, HOUR, MINUTE, MemberId, SECOND, Span,
    webhooks::{DeliveryId, EndpointId, TRIED_FOR, WebhookKind},
};
use serde_json::json;

/// What a server was told: of what, how long ago, how often that was tried and for how long, what was answered last (0 where nothing
/// was), and whether it arrived.
type Told = (WebhookKind, Span, i64, Span, i64, bool);

/// The newest last.
const TOLD: [Told; 6] = [
    (WebhookKind::EventOpened, DAY.times(3), 1, SECOND, 200, true),
    (WebhookKind::EventClosed, HOUR.times(71), 1, SECOND, 200, true),
    (WebhookKind::OrderPaid, HOUR.times(40), 3, MINUTE.times(2), 204, true),
    (WebhookKind::EventOpened, FAILED, 8, TRIED_FOR, 503, false),
    (WebhookKind::OrderPaid, HOUR.times(20), 7, HOUR.times(9), 0, false),
    (WebhookKind::PrizeClaimed, HOUR.times(8), 5, MINUTE.times(40), 503, false),
];
/// When began what failed for a day.
const FAILED: Span = HOUR.times(30);
/// How long ago the server took something last.
const REACHED: Span = HOUR.times(39);
/// When what was not tried for a day yet would be tried next, were its server on.
const NEXT: Span = HOUR.times(6);

impl Webhooks {
    /// Gives a creator such a server; unless they have one.
    pub(crate) async fn demonstrate(&self, member: MemberId, url: &str) -> Result<(), Error> {
        if !self.endpoints(&Actor::host(member)).await?.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let endpoint = EndpointId(ids::new_id(now));
        let secret: [u8; SECRET] = ids::random();
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql(
            "insert into webhook_endpoints (id, member_id, url, secret, kinds, created_at, last_ok_at, disabled_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(endpoint)
        .bind(member)
        .bind(url.to_owned())
        .bind(secret.to_vec())
        .bind(WebhookKind::ALL.map(WebhookKind::name).join(" "))
        .bind(now - DAY.times(9))
        .bind(now - REACHED)
        .bind(now - FAILED + TRIED_FOR)
        .run()
        .await?;
        for (kind, ago, tries, lasted, status, arrived) in TOLD {
            let at = now - ago;
            let tried = at + lasted;
            let waits = !arrived && lasted < TRIED_FOR;
            let data = json!({ "title": "체험" });
            let body = json!({ "type": kind.name(), "timestamp": format!("{}+09:00", at.to_local()), "data": data });
            tx.sql(
                "insert into webhook_deliveries
                    (id, endpoint_id, kind, body, created_at, since, due_at, tries, tried_at, status, done_at)
                 values ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9, $10)",
            )
            .bind(DeliveryId(ids::new_id(at)))
            .bind(endpoint)
            .bind(kind.name().to_owned())
            .bind(body.to_string())
            .bind(at)
            .bind(waits.then_some(now + NEXT))
            .bind(tries)
            .bind(tried)
            .bind(status)
            .bind(arrived.then_some(tried))
            .run()
            .await?;
        }
        Ok(tx.commit().await?)
    }
}
