//! Sales: what a deal or a ticket costs, and how it stands in lists.

mod price;
mod shelf;

pub use price::{needs_confirming, price_each};
pub use shelf::{Deals, DealsQuery, SaleCard, Tickets, TicketsQuery, WISHES_COUNTED, Wishes, day_of};
