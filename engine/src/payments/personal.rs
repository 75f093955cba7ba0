//! What payments keep of people.

use crate::personal::{Export, Fate, Kept};

/// What somebody paid.
pub(crate) const KEEPS: &[Kept] = &[Kept {
    code: "payments",
    name: ["결제와 환불", "Payments and refunds"],
    fate: Fate::Kept,
    why: [
        "전자상거래법에 따라 결제 기록은 5년 동안, 프로필과 떨어져 보관해요.",
        "The law (Act on the Consumer Protection in Electronic Commerce) has records of payments kept for 5 years, apart from your profile.",
    ],
    columns: &["payments.member_id"],
    stays: &[
        "payments.title",
        "payments.return_to",
        "payments.reference",
        "payments.link",
        "payments.elsewhere",
        "payments.proof",
        "payments.decline",
    ],
    export: Export::Many(
        "select begun_at as key_at, id as key_id, id, title, amount, refunded, provider, state, begun_at, approved_at, ended_at
         from payments where member_id = $1 and (begun_at, id) > ($2, $3) order by begun_at, id limit $4",
    ),
    leave: &[],
}];
