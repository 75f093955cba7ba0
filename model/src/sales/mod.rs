//! Sales: what a deal or a ticket costs, how it stands in lists; orders, tickets, and what giving back costs.

mod hold;
mod order;
mod price;
mod refund;
mod shelf;
mod view;

pub use hold::{WARNED_AT_MOST, WARNED_FROM, warned_at};
pub use order::{
    By, GivingBack, MyOrders, MyTickets, OrderEvent, OrderId, OrderLine, OrderNumber, OrderState, OrderStep, OrderView,
    TicketId, TicketState, TicketView,
};
pub use price::{needs_confirming, price_each};
pub use refund::giving_back;
pub use shelf::{Deals, DealsQuery, SaleCard, Tickets, TicketsQuery, WISHES_COUNTED, Wishes};
pub use view::SaleView;

use crate::error::codes;

codes! {
    /// Why nothing can be done about units of a sale, or an order.
    pub enum SaleError {
        /// The time in which it could be paid for is over.
        HoldOver = "hold_over", 409;
        /// Somebody is paying for it at this moment.
        BeingPaid = "being_paid", 409;
        /// It was paid for already.
        Paid = "already_paid", 409;
        /// There is no place in the line to give up.
        NotInLine = "not_in_line", 409;
        /// It cannot be given back any more, or not so many.
        NotReturnable = "not_returnable", 409;
        /// Giving it back costs more by now than what was shown said.
        FeeChanged = "fee_changed", 412;
    }
}
