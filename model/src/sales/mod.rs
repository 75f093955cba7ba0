//! Selling: orders, tickets, and what giving back costs.

mod order;
mod refund;

pub use order::{
    By, GivingBack, MyOrders, MyTickets, OrderEvent, OrderId, OrderLine, OrderNumber, OrderState, OrderStep, OrderView,
    TicketId, TicketState, TicketView, UNKNOWN_FOR,
};
pub use refund::{STEPS, giving_back, until};
