//! What wishes and subscriptions keep of people.

use crate::personal::{Export, Kept, Step, erased};

/// What somebody wishes for and hears of.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "wishes",
        ["찜한 이벤트", "Events that you wish for"],
        &["wishes.member_id"],
        Export::Many(
            "select w.at as key_at, w.event_id as key_id, w.event_id as event, e.title, w.at from wishes w join events e on e.id = w.event_id
             where w.member_id = $1 and (w.at, w.event_id) > ($2, $3) order by w.at, w.event_id limit $4",
        ),
        &[Step::Of("delete from wishes where member_id = $1")],
    ),
    erased(
        "subscriptions",
        ["소식을 받는 분야와 키워드", "Categories and keywords that you hear of"],
        &["category_subscriptions.member_id", "keyword_subscriptions.member_id", "event_alerts.member_id"],
        Export::Few(
            "select category as what, at from category_subscriptions where member_id = $1
             union all select keyword as what, at from keyword_subscriptions where member_id = $1 order by at",
        ),
        &[
            Step::Of("delete from category_subscriptions where member_id = $1"),
            Step::Of("delete from keyword_subscriptions where member_id = $1"),
            Step::Of("delete from event_alerts where member_id = $1"),
        ],
    ),
];
