//! What sales keep of those who buy.

use crate::personal::{Export, Fate, Kept, Step, erased};

/// Why orders stay.
const BY_LAW: [&str; 2] = [
    "전자상거래법에 따라 계약과 배송 기록은 5년 동안, 프로필과 떨어져 보관해요. 결제하지 않은 주문의 주소는 바로 지워요.",
    "The law (Act on the Consumer Protection in Electronic Commerce) has records of contracts and deliveries kept for 5 years, apart from \
     your profile. Addresses of orders that were never paid for are erased at once.",
];

/// Orders, returns and tickets, and what was chosen beforehand.
pub(crate) const KEEPS: &[Kept] = &[
    erased(
        "choices",
        ["미리 고른 수량", "Quantities chosen beforehand"],
        &["choices.member_id"],
        Export::Few("select event_id as event, quantity, fewer from choices where member_id = $1"),
        &[Step::Of("delete from choices where member_id = $1")],
    ),
    Kept {
        code: "orders",
        name: ["주문과 배송지", "Orders and where they went"],
        fate: Fate::Kept,
        why: BY_LAW,
        columns: &["orders.member_id", "order_addresses.phone", "order_addresses.postcode"],
        stays: &[
            "orders.number",
            "orders.terms",
            "order_addresses.name",
            "order_addresses.phone",
            "order_addresses.postcode",
            "order_addresses.address",
            "order_addresses.detail",
        ],
        export: Export::Many(
            "select o.created_at as key_at, o.id as key_id, o.number, e.title, o.kind, o.units, o.price, o.amount, o.state,
                o.created_at, a.name, a.phone, a.postcode, a.address, a.detail, s.carrier, s.tracking, s.shipped_at, s.delivered_at
             from member_entries m join orders o on o.event_id = m.event_id and o.rank = m.rank join events e on e.id = o.event_id
             left join order_addresses a on a.order_id = o.id left join shipments s on s.order_id = o.id
             where m.member_id = $1 and (o.created_at, o.id) > ($2, $3) order by o.created_at, o.id limit $4",
        ),
        leave: &[Step::Of(
            "delete from order_addresses where order_id in
                (select o.id from member_entries m join orders o on o.event_id = m.event_id and o.rank = m.rank
                 where m.member_id = $1 and o.paid_by is null)",
        )],
    },
    Kept {
        code: "order_steps",
        name: ["주문에 있었던 일", "What became of orders"],
        fate: Fate::Kept,
        why: BY_LAW,
        columns: &["order_steps.what"],
        stays: &["order_steps.what", "order_steps.by_whom"],
        export: Export::Many(
            "select s.at as key_at, s.id as key_id, o.number, s.at, s.by_whom, s.what
             from member_entries m join orders o on o.event_id = m.event_id and o.rank = m.rank
             join order_steps s on s.order_id = o.id
             where m.member_id = $1 and (s.at, s.id) > ($2, $3) order by s.at, s.id limit $4",
        ),
        leave: &[],
    },
    Kept {
        code: "returns",
        name: ["반품 신청", "Returns"],
        fate: Fate::Kept,
        why: BY_LAW,
        columns: &["returns.reason"],
        stays: &["returns.reason", "returns.answer"],
        export: Export::Many(
            "select r.asked_at as key_at, r.id as key_id, r.asked_at, r.units, r.reason, r.state, r.answer
             from member_entries m join returns r on r.event_id = m.event_id and r.rank = m.rank
             where m.member_id = $1 and (r.asked_at, r.id) > ($2, $3) order by r.asked_at, r.id limit $4",
        ),
        leave: &[],
    },
    Kept {
        code: "tickets",
        name: ["입장권", "Tickets"],
        fate: Fate::Kept,
        why: BY_LAW,
        columns: &["tickets.member_id"],
        stays: &[],
        export: Export::Many(
            "select starts_at as key_at, id as key_id, id, event_id as event, number, starts_at, state, issued_at from tickets
             where member_id = $1 and (starts_at, id) > ($2, $3) order by starts_at, id limit $4",
        ),
        leave: &[],
    },
];
