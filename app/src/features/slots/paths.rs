//! Addresses of hours for deals.

pub use model::paths::SLOTS;

use crate::paths::{examples, text, with};
use model::slots::SlotsQuery;

/// For admins: what came of hours.
pub const SLOT_INCOME: &str = "/admin/slots";

/// The week of hours, and of a creator's own, that a query asks for.
pub fn slots(query: &SlotsQuery) -> String {
    let day = query.day.map(|day| day.to_local()[..10].to_owned()).unwrap_or_default();
    with(
        SLOTS,
        &[("day", &day), ("show", if query.past { "past" } else { "" }), ("after", &text(query.after.as_ref()))],
    )
}

examples! {
    let (day, page) = (Some(model::Time(0)), Some(model::Cursor::of(&7)));
    pages: [SLOTS, slots(&SlotsQuery { day, past: true, after: page }), SLOT_INCOME];
}
