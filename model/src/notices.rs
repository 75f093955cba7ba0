//! Notices: what one member is told, stored until they delete it.

use crate::{EventId, OrderNumber, Page, PartyId, RequestId, Time, parties::News, sellers::Carrier, wire::both_ways};
use serde::{Deserialize, Serialize};

both_ways! {
    json(tag = "kind", rename_all = "snake_case")
    /// What a notice tells. Text is made only where it is shown.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Notice {
        /// A prize is yours: fill in the form.
        Won {
            /// Until when.
            due_at: Time,
        },
        /// The form is still to be filled in.
        FormDue {
            /// Until when.
            due_at: Time,
        },
        /// The deadline passed; the prize went on.
        Expired,
        /// The creator sent the prize.
        Sent,
        /// The creator took you out of the event.
        Disqualified {
            /// Why.
            reason: String,
        },
        /// An event you entered was changed.
        Changed,
        /// Units of a sale are held for you: pay for them.
        YourTurn {
            /// Until when.
            due_at: Time,
        },
        /// The time to pay was over; the units went on.
        HoldOver,
        /// It is paid for.
        Paid {
            /// Whole won.
            amount: i64,
        },
        /// An event you entered was called off.
        Cancelled {
            /// Why.
            reason: String,
        },
        /// Something about an order of yours, or of your sale.
        Order {
            /// Which.
            order: Option<OrderNumber>,
            /// What.
            news: OrderNews,
        },
        /// Something about a party of yours.
        Party {
            /// Which.
            party: PartyId,
            /// What is bought.
            item: String,
            /// What.
            news: News,
        },
    }
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderNews {
    /// It was sent, or its number was wrong.
    Shipped {
        /// Who carries it.
        carrier: Carrier,
        /// The number on the parcel.
        tracking: String,
    },
    /// It has arrived, as its seller says.
    Delivered,
    /// Its seller called it off.
    CalledOff {
        /// Why.
        reason: String,
        /// What goes back, in won.
        amount: i64,
    },
    /// Its buyer wishes to send something back.
    ReturnAsked {
        /// Why.
        reason: String,
    },
    /// It may be sent back.
    ReturnAccepted {
        /// Where to.
        answer: String,
    },
    /// It may not be sent back.
    ReturnRefused {
        /// Why.
        answer: String,
    },
    /// The seller has what was sent back.
    ReturnReceived {
        /// What goes back, in won.
        amount: i64,
    },
}

/// A notice in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Which.
    pub id: RequestId,
    /// When it was written.
    pub at: Time,
    /// What it tells.
    pub notice: Notice,
    /// About which event, with its title.
    pub event: Option<(EventId, String)>,
    /// Whether it was read.
    pub read: bool,
}

/// A page of a member's notices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notices {
    /// Newest first.
    pub lines: Page<NoticeLine>,
    /// How many are unread in all.
    pub unread: u64,
}
