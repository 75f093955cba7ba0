//! What is kept of people to tell them outside the site.

use crate::personal::{Export, Kept, Step, erased};

/// The browsers and the address that they are told at.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "push",
        ["알림을 받는 기기", "Devices that are told"],
        &["push_endpoints.member_id", "notice_deliveries.member_id"],
        Export::Few(
            "select label, lang, created_at, last_ok_at from push_endpoints where member_id = $1 order by created_at",
        ),
        &[
            Step::Of("delete from notice_deliveries where member_id = $1"),
            Step::Of("delete from push_endpoints where member_id = $1"),
        ],
    ),
    erased(
        "mail",
        ["알림을 받는 메일", "The address that notices are mailed to"],
        &["mail_settings.member_id", "mail_settings.email", "old_emails.member_id", "old_emails.email"],
        Export::Few("select email, lang, asked_at, confirmed_at from mail_settings where member_id = $1"),
        &[
            Step::Of("delete from mail_settings where member_id = $1"),
            Step::Of("delete from old_emails where member_id = $1"),
        ],
    ),
];
