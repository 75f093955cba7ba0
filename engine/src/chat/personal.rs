//! What chat in rooms keeps of people.

use crate::personal::{Export, Fate, Kept, Step};

/// What somebody said, and what was said about it.
pub(crate) const KEEPS: &[Kept] = &[
    Kept {
        code: "chat",
        name: ["대기실에서 한 말", "What you said in rooms"],
        fate: Fate::Erased,
        why: ["", ""],
        columns: &["chat_lines.member_id"],
        stays: &[],
        export: Export::Many(
            "select at as key_at, event_id as key_id, event_id as event, at, text from chat_lines
             where member_id = $1 and (at, event_id) > ($2, $3) order by at, event_id limit $4",
        ),
        // Lines are numbered without gaps: their places stay.
        leave: &[
            // Nobody needs to look at them any more.
            Step::At(
                "update reports set done_at = $2 where done_at is null
                    and (event_id, number) in (select event_id, number from chat_lines where member_id = $1)",
            ),
            Step::At("update chat_lines set text = '', hidden_at = coalesce(hidden_at, $2) where member_id = $1"),
        ],
    },
    Kept {
        code: "moderation",
        name: ["신고한 내역과 말하기 제한", "Reports, and where you may not speak"],
        fate: Fate::Anonymous,
        why: ["신고된 말을 운영진이 살펴볼 수 있게 남겨요.", "So that the site's team can look at what was reported."],
        columns: &["reports.member_id", "mutes.member_id"],
        stays: &[],
        export: Export::Few(
            "select event_id as event, at, 'reported' as what from reports where member_id = $1
             union all select event_id as event, at, 'muted' as what from mutes where member_id = $1 order by at",
        ),
        leave: &[],
    },
];
