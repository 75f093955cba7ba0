//! What reviews keep of people.

use crate::personal::{Export, Fate, Kept};

/// What somebody wrote, was written, and reported.
pub(crate) const KEEPS: &[Kept] = &[REVIEWS, REPORTS];

const REVIEWS: Kept = Kept {
    code: "reviews",
    name: ["후기와 답글", "Reviews and answers"],
    fate: Fate::Anonymous,
    why: [
        "다른 분들에게 도움이 되게 ‘떠난 회원’의 후기로 남아요. 남기고 싶지 않으면 떠나기 전에 지워 주세요.",
        "They stay, as written by a “떠난 회원” (a member who left), for others. Delete those before that are not to stay.",
    ],
    columns: &["reviews.member_id", "reviews.seller_id"],
    stays: &["reviews.text", "reviews.pictures", "reviews.answer"],
    export: Export::Many(
        "select r.at as key_at, r.id as key_id, r.event_id as event, e.title, r.stars, r.text, r.pictures, r.at, r.changed_at, r.answer
         from reviews r join events e on e.id = r.event_id
         where r.member_id = $1 and (r.at, r.id) > ($2, $3) order by r.at, r.id limit $4",
    ),
    leave: &[],
};

const REPORTS: Kept = Kept {
    code: "review_reports",
    name: ["신고한 후기", "Reviews that you reported"],
    fate: Fate::Anonymous,
    why: ["신고된 후기를 운영진이 살펴볼 수 있게 남겨요.", "So that the site's team can look at what was reported."],
    columns: &["review_reports.member_id"],
    stays: &[],
    export: Export::Many(
        "select at as key_at, review_id as key_id, review_id as review, at from review_reports
         where member_id = $1 and (at, review_id) > ($2, $3) order by at, review_id limit $4",
    ),
    leave: &[],
};
