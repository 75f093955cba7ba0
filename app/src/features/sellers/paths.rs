//! Addresses of who sells: their business, what they sold, and what comes of it.

use crate::paths::{examples, text, with};
use model::{Cursor, EventId, sellers::Show};

/// What a creator sold, and what comes of it.
pub const SALES: &str = "/creator/sales";
/// The business that a creator sells as.
pub const BUSINESS: &str = "/creator/business";

/// What a creator sold, from where a page of it goes on.
pub fn sales(before: &Cursor) -> String {
    with(SALES, &[("before", &before.to_string())])
}

/// A creator's own sale over time.
pub fn sale_curves(event: EventId) -> String {
    format!("/creator/events/{event}/sale")
}

/// The orders of a creator's own sale, from where a page goes on.
pub fn sold_orders(event: EventId, show: Show, after: Option<&Cursor>) -> String {
    with(&format!("/creator/events/{event}/orders"), &[("show", show.name()), ("after", &text(after))])
}

/// A creator's statements as a file; `form` is `csv` or `xlsx`.
pub fn statements(form: &str) -> String {
    format!("/creator/sales/statements.{form}")
}

/// The orders of a creator's own sale as a file; `form` is `csv` or `xlsx`.
pub fn orders_table(event: EventId, form: &str) -> String {
    format!("/events/{event}/orders/orders.{form}")
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [SALES, sales(&page), BUSINESS, sale_curves(event), sold_orders(event, Show::Returns, Some(&page))];
    files: [statements("xlsx"), orders_table(event, "csv")];
}
