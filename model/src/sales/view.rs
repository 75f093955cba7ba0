//! A sale as one member sees it: what they chose, where they stand, and what is to be done.

use super::OrderView;
use crate::{
    AddressBook, Entry, EventCard, LinePlace, Minutes, Offer, PayWay, PaymentView, Time, Wish, sellers::Business,
};
use serde::{Deserialize, Serialize};

/// What the line and checkout of a sale show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaleView {
    /// Which sale.
    pub event: EventCard,
    /// What it sells.
    pub offer: Offer,
    /// Won for each unit.
    pub price: i64,
    /// How many units one person may take.
    pub limit: u32,
    /// Whether a code must be typed with a press.
    pub has_code: bool,
    /// What the reader chose beforehand.
    pub wish: Wish,
    /// The reader's entry, once they have one.
    pub entry: Option<Entry>,
    /// Where they stand in the line, while they wait.
    pub place: Option<LinePlace>,
    /// About how long that takes.
    pub minutes: Option<Minutes>,
    /// Their order, once there is one.
    pub order: Option<OrderView>,
    /// The newest payment of their order while it is not paid, once they began to pay.
    pub payment: Option<PaymentView>,
    /// Where things may go.
    pub addresses: AddressBook,
    /// Whether anything can be paid for here.
    pub open: bool,
    /// Through whom, the one that the reader used last first.
    pub ways: Vec<PayWay>,
    /// Whether no money moves.
    pub sandbox: bool,
    /// The business that sells it.
    pub business: Option<Business>,
    /// When it was read.
    pub now: Time,
}
