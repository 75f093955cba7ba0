//! What notices keep of people.

use crate::personal::{Export, Kept, Step, erased};

/// What somebody was told, and wishes to be told of.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "notices",
        ["받은 알림", "Notices"],
        &["notices.member_id", "notice_counts.member_id"],
        Export::Many(
            "select number as key_at, id as key_id, at, notice, event_id as event, read_at from notices
             where member_id = $1 and (number, id) > ($2, $3) and number > 0 order by number limit $4",
        ),
        &[
            Step::Of("delete from notices where member_id = $1"),
            Step::Of("delete from notice_counts where member_id = $1"),
        ],
    ),
    erased(
        "notice_settings",
        ["알림 설정", "What you wish to be told of"],
        &["notice_settings.member_id"],
        Export::Few("select kind, is_on from notice_settings where member_id = $1 order by kind"),
        &[Step::Of("delete from notice_settings where member_id = $1")],
    ),
];
