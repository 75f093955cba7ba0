//! Sellers: the business that somebody sells as, how orders reach their buyers and come back, and what comes of it by month.

mod business;
mod curves;
mod settlement;
mod shipping;

pub use business::{Business, BusinessDraft, BusinessForm, BusinessPage, CheckKind};
pub use curves::{Holds, SaleCurves};
pub use settlement::{EventSales, Month, Moved, SalesPage, Statement, statements};
pub use shipping::{
    Carrier, Next, ORDER_COLUMNS, OrdersQuery, Return, ReturnId, ReturnState, SellerOrder, SellerOrders, Shipment,
    ShipmentDraft, Show, return_until,
};

use crate::error::codes;

codes! {
    /// Why somebody cannot sell, or nothing can be done about what they sold.
    pub enum SellerError {
        /// What costs something is sold by businesses whose details were checked.
        BusinessNeeded = "business_needed", 403;
        /// The business rests or was closed.
        BusinessClosed = "business_closed", 409;
        /// There is no such business, or not by this representative and opening date.
        BusinessUnknown = "business_unknown", 409;
        /// Whoever knows did not answer: nothing was changed.
        BusinessUnchecked = "business_unchecked", 503;
        /// The order is not one that this can be done to any more, or not yet.
        NotToShip = "not_to_ship", 409;
        /// It cannot be sent back: not delivered, more than seven days ago, or asked for already.
        NoReturn = "no_return", 409;
    }
}
