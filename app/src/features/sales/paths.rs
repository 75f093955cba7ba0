//! Addresses of deals and tickets, and with them those of orders.

pub use super::orders::paths::*;

use crate::paths::{examples, text, with};
use model::{Category, DealsQuery, TicketsQuery};

/// Time deals of today.
pub const DEALS: &str = "/deals";
/// Tickets for what is to come.
pub const TICKETS: &str = "/tickets";

/// The deals that a query asks for.
pub fn deals(query: &DealsQuery) -> String {
    let day = query.day.map(|day| day.to_local()[..10].to_owned()).unwrap_or_default();
    let (show, after) = (if query.ended { "ended" } else { "" }, text(query.after.as_ref()));
    let category = query.category.map_or("", Category::name);
    with(DEALS, &[("day", &day), ("show", show), ("category", category), ("after", &after)])
}

/// The tickets that a query asks for.
pub fn tickets(query: &TicketsQuery) -> String {
    let (show, after) = (if query.past { "past" } else { "" }, text(query.after.as_ref()));
    with(TICKETS, &[("show", show), ("category", query.category.map_or("", Category::name)), ("after", &after)])
}

examples! {
    let (day, category, page) = (Some(model::Time(0)), Some(Category::Food), Some(model::Cursor::of(&7)));
    pages: [
        DEALS,
        deals(&DealsQuery { day, ended: true, category, after: page.clone() }),
        TICKETS,
        tickets(&TicketsQuery { past: true, category: None, after: page }),
    ];
}
