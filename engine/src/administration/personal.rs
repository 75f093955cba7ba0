//! What admins' work keeps of people.

use crate::personal::{Export, Fate, Kept};

/// What was done to members, and by admins.
pub(crate) const KEEPS: &[Kept] = &[Kept {
    code: "audit",
    name: ["운영진이 한 조치", "What the site's team did"],
    fate: Fate::Anonymous,
    why: ["조치와 이유를 나중에도 확인할 수 있게 남겨요.", "What was done and why can be looked into later."],
    columns: &["audit.admin_id", "audit.member_id"],
    stays: &["audit.reason", "audit.device", "audit.named"],
    export: Export::Many(
        "select at as key_at, id as key_id, at, action, reason from audit
         where member_id = $1 and (at, id) > ($2, $3) order by at, id limit $4",
    ),
    leave: &[],
}];
