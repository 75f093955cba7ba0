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
        /// Somebody reviewed what you sell.
        Reviewed {
            /// 1 to 5.
            stars: u32,
        },
        /// The seller answered your review.
        ReviewAnswered,
        /// What happened at a sale of yours, all of it together.
        Sale {
            /// What.
            news: SaleNews,
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
        /// Something was said in a party of yours, and you have not read it for a while.
        PartyChat {
            /// Which.
            party: PartyId,
            /// What is bought.
            item: String,
            /// How many lines you have not read, without your own.
            lines: u64,
        },
    }
}

/// What a seller is told of a sale: until they have read it, further ones of the same kind are counted with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SaleNews {
    /// Orders were paid for.
    Orders {
        /// How many.
        count: u64,
    },
    /// Buyers gave something back, of so many orders.
    GivenBack {
        /// How many.
        count: u64,
    },
    /// Every unit is sold.
    SoldOut,
}

impl SaleNews {
    /// Both together; `None` when they are of different kinds.
    pub fn and(self, other: SaleNews) -> Option<SaleNews> {
        match (self, other) {
            (SaleNews::Orders { count }, SaleNews::Orders { count: more }) => {
                Some(SaleNews::Orders { count: count.saturating_add(more) })
            }
            (SaleNews::GivenBack { count }, SaleNews::GivenBack { count: more }) => {
                Some(SaleNews::GivenBack { count: count.saturating_add(more) })
            }
            (SaleNews::SoldOut, SaleNews::SoldOut) => Some(SaleNews::SoldOut),
            _ => None,
        }
    }

    /// The same `times` over.
    #[must_use]
    pub fn times(self, times: u64) -> SaleNews {
        match self {
            SaleNews::Orders { count } => SaleNews::Orders { count: count.saturating_mul(times) },
            SaleNews::GivenBack { count } => SaleNews::GivenBack { count: count.saturating_mul(times) },
            SaleNews::SoldOut => SaleNews::SoldOut,
        }
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
