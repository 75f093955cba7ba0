//! Addresses of orders and of tickets that were bought.

pub use model::paths::checkout;

use crate::paths::{examples, text, with};
use model::{Cursor, EventId, OrderNumber, TicketId};

/// The reader's orders.
pub const MY_ORDERS: &str = "/my/orders";
/// The reader's tickets.
pub const MY_TICKETS: &str = "/my/tickets";

/// The checkout of a sale, with the form for where it goes once more, though its payment was begun.
pub fn checkout_again(event: EventId) -> String {
    with(&checkout(event), &[("change", "yes")])
}

/// One of the reader's orders.
pub fn order(number: &OrderNumber) -> String {
    format!("/orders/{number}")
}

/// What was paid for an order, to print.
pub fn receipt(number: &OrderNumber) -> String {
    format!("/orders/{number}/receipt")
}

/// The reader's orders, from where a page goes on.
pub fn my_orders(before: &Cursor) -> String {
    with(MY_ORDERS, &[("before", &before.to_string())])
}

/// The reader's tickets, those to come or those that are over, from where a page goes on.
pub fn my_tickets(past: bool, after: Option<&Cursor>) -> String {
    with(MY_TICKETS, &[("show", if past { "past" } else { "" }), ("after", &text(after))])
}

/// A ticket's code, to show at the gate.
pub fn ticket_qr(ticket: TicketId) -> String {
    format!("/tickets/{ticket}/qr.svg")
}

/// A ticket as an entry of a calendar.
pub fn ticket_calendar(ticket: TicketId) -> String {
    format!("/tickets/{ticket}/calendar.ics")
}

examples! {
    let event = EventId(uuid::Uuid::nil());
    let number = OrderNumber::new(model::Time(0), 1);
    let ticket = TicketId(uuid::Uuid::nil());
    let page = Cursor::of(&7);
    pages: [
        checkout(event),
        checkout_again(event),
        order(&number),
        receipt(&number),
        MY_ORDERS,
        my_orders(&page),
        MY_TICKETS,
        my_tickets(true, Some(&page)),
    ];
    files: [ticket_qr(ticket), ticket_calendar(ticket)];
}
