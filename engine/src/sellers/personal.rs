//! What is kept of those who sell.

use crate::personal::{Export, Fate, Kept, Step};

/// Somebody's business, and what came of their sales.
pub(crate) const KEEPS: &[Kept] = &[
    Kept {
        code: "business",
        name: ["사업자 정보", "Business"],
        fate: Fate::Kept,
        why: [
            "판 것이 있으면 전자상거래법에 따라 계약 상대의 정보로 5년 동안, 프로필과 떨어져 보관해요. 판 것이 없으면 바로 지워요.",
            "Where something was sold, the law (Act on the Consumer Protection in Electronic Commerce) has it kept with the contracts for 5 \
             years, apart from your profile; else it is erased at once.",
        ],
        columns: &[
            "businesses.member_id",
            "businesses.email",
            "businesses.phone",
            "businesses.representative",
            "departed_businesses.seller_id",
            "departed_businesses.email",
            "departed_businesses.phone",
            "departed_businesses.representative",
        ],
        stays: &[
            "departed_businesses.number",
            "departed_businesses.company",
            "departed_businesses.representative",
            "departed_businesses.address",
            "departed_businesses.mail_order",
            "departed_businesses.email",
            "departed_businesses.phone",
        ],
        export: Export::Few(
            "select number, company, representative, opened, address, mail_order, email, phone, checked_at from businesses
             where member_id = $1",
        ),
        leave: &[
            Step::Until(
                "insert into departed_businesses (seller_id, number, company, representative, address, mail_order, email, phone, erase_at)
                 select member_id, number, company, representative, address, mail_order, email, phone, $2 from businesses
                 where member_id = $1 and exists (select 1 from seller_months where seller_id = $1)
                 on conflict (seller_id) do nothing",
            ),
            Step::Of("delete from businesses where member_id = $1"),
        ],
    },
    Kept {
        code: "statements",
        name: ["판매와 정산", "Sales and statements"],
        fate: Fate::Kept,
        why: [
            "전자상거래법에 따라 대금 기록은 5년 동안 보관해요.",
            "The law (Act on the Consumer Protection in Electronic Commerce) has records of payments kept for 5 years.",
        ],
        columns: &["seller_months.seller_id"],
        stays: &[],
        export: Export::Few(
            "select month / 12 as year, month % 12 + 1 as month, orders, sales, refunds from seller_months
             where seller_id = $1 order by 1, 2",
        ),
        leave: &[],
    },
    Kept {
        code: "payouts",
        name: ["정산 지급", "Payouts"],
        fate: Fate::Kept,
        why: [
            "전자상거래법에 따라 대금 기록은 5년 동안 보관해요.",
            "The law (Act on the Consumer Protection in Electronic Commerce) has records of payments kept for 5 years.",
        ],
        columns: &["payouts.seller_id"],
        stays: &[],
        export: Export::Few(
            "select month / 12 as year, month % 12 + 1 as month, amount, at from payouts where seller_id = $1 order by 1, 2",
        ),
        leave: &[],
    },
];
