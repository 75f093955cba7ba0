//! What bookings of hours keep of people.

use crate::personal::{Export, Fate, Kept};

const BY_LAW: [&str; 2] = [
    "전자상거래법에 따라 계약과 결제 기록은 5년 동안 보관해요.",
    "The law (Act on the Consumer Protection in Electronic Commerce) has records of contracts and payments kept for 5 years.",
];

/// The hours that somebody booked, and what for.
pub(crate) const KEEPS: &[Kept] = &[BOOKINGS, HOURS];

const BOOKINGS: Kept = Kept {
    code: "bookings",
    name: ["타임딜 시간 예약", "Bookings of hours for deals"],
    fate: Fate::Kept,
    why: BY_LAW,
    columns: &["bookings.seller_id"],
    stays: &[],
    export: Export::Many(
        "select booked_at as key_at, id as key_id, id, price, amount, state, refunded, booked_at from bookings
         where seller_id = $1 and (booked_at, id) > ($2, $3) order by booked_at, id limit $4",
    ),
    leave: &[],
};

const HOURS: Kept = Kept {
    code: "hours",
    name: ["예약한 타임딜 시간", "Hours booked for deals"],
    fate: Fate::Kept,
    why: BY_LAW,
    columns: &["booked_hours.seller_id"],
    stays: &[],
    export: Export::Many(
        "select starts_at as key_at, booking_id as key_id, booking_id as booking, starts_at, event_id as event, freed_at
         from booked_hours where seller_id = $1 and (starts_at, booking_id) > ($2, $3) order by starts_at, booking_id limit $4",
    ),
    leave: &[],
};
