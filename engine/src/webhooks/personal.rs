//! What is kept of creators' own servers.

use crate::personal::{Export, Kept, Step, erased};

/// The servers of a creator, and what was sent to them.
pub(crate) const KEEPS: &[Kept] = &[erased(
    "webhooks",
    ["소식을 받는 내 서버", "Servers of yours that are told of your events"],
    &["webhook_endpoints.member_id"],
    Export::Few(
        "select url, kinds, created_at, last_ok_at, disabled_at from webhook_endpoints where member_id = $1
         order by created_at, id limit 100",
    ),
    &[
        Step::Of(
            "delete from webhook_deliveries where endpoint_id in (select id from webhook_endpoints where member_id = $1)",
        ),
        Step::Of("delete from webhook_endpoints where member_id = $1"),
    ],
)];
