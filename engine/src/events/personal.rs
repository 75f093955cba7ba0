//! What events keep of those who made them.

use crate::personal::{Export, Fate, Kept, Step};

/// Somebody's own events.
pub(crate) const KEEPS: &[Kept] = &[Kept {
    code: "events",
    name: ["직접 연 이벤트", "Events of your own"],
    fate: Fate::Anonymous,
    why: [
        "끝난 이벤트와 결과는 참여한 분들이 공정함을 확인할 수 있게 남아요. 아직 알리지 않은 초안은 지워요.",
        "Events that are over stay with their results, for those who entered. Drafts are erased.",
    ],
    columns: &["events.creator_id"],
    stays: &[
        "events.title",
        "events.summary",
        "events.description",
        "events.description_html",
        "events.banner",
        "events.card",
        "events.offer",
        "events.rules",
        "events.entry_code",
        "events.cancel_reason",
        "events.suspension",
    ],
    export: Export::Many(
        "select created_at as key_at, id as key_id, id, kind, title, summary, description, category, opens_at, closes_at,
            published_at, cancelled_at, cancel_reason, suspended_at, suspension, settled_at, created_at, offer, rules, entry_code from events
         where creator_id = $1 and (created_at, id) > ($2, $3) order by created_at, id limit $4",
    ),
    leave: &[
        Step::Of(
            "delete from detail_pictures where event_id in (select id from events where creator_id = $1 and published_at is null)",
        ),
        Step::Of("delete from events where creator_id = $1 and published_at is null"),
    ],
}];
