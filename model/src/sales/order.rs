//! Orders: units of a sale that one entry was given, from the hold to what was paid, sent and given back.

use crate::{
    Delivery, EventId, Kind, Page, Time,
    id::ids,
    sellers::{Carrier, Return, Shipment},
};
use serde::{Deserialize, Serialize};
use std::{fmt, ops::RangeInclusive, str::FromStr};

ids! {
    /// An order; people see its [`OrderNumber`].
    OrderId
    /// An issued right of entry.
    TicketId
}

/// The number by which people speak of an order: `D`, the day in Korea, and six digits: `D261126012345`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber(String);

impl OrderNumber {
    /// With these six digits, of the day in which `at` lies.
    pub fn new(at: Time, digits: u32) -> OrderNumber {
        let day = at.civil();
        OrderNumber(format!("D{:02}{:02}{:02}{digits:06}", day.year % 100, day.month, day.day))
    }

    /// As people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNumber {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<OrderNumber, crate::Error> {
        let digits = text.strip_prefix('D').ok_or(crate::Error::NotFound)?;
        let number = |text: &str, length: RangeInclusive<usize>| {
            length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts: Vec<&str> = digits.splitn(4, '-').collect();
        // Older ones, which said sale and rank, may be longer: those who have them still ask by them.
        let well_formed = match parts.as_slice() {
            [day, sale, rank] => number(day, 6..=6) && number(sale, 1..=9) && number(rank, 1..=12),
            [together] => number(together, 12..=18),
            _ => false,
        };
        well_formed.then(|| OrderNumber(text.to_owned())).ok_or(crate::Error::NotFound)
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = crate::Error;

    fn try_from(text: String) -> Result<OrderNumber, crate::Error> {
        text.parse()
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> String {
        number.0
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum OrderState {
    /// Its units are held until its deadline.
    AwaitingPayment,
    /// Paid for.
    Paid,
    /// The seller is about to send it.
    Preparing,
    /// On its way.
    Shipped,
    /// It has arrived.
    Delivered,
    /// Over before it was paid for.
    Cancelled,
    /// Everything that was paid was given back.
    Refunded,
}

impl OrderState {
    /// Whether it was paid for and not given back whole.
    pub fn is_paid(self) -> bool {
        use OrderState::{Delivered, Paid, Preparing, Shipped};
        matches!(self, Paid | Preparing | Shipped | Delivered)
    }

    /// Whether it was paid for, whatever became of it then: there is a receipt.
    pub fn was_paid(self) -> bool {
        self.is_paid() || self == OrderState::Refunded
    }
}

/// Who did something to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum By {
    /// Who buys.
    Buyer,
    /// Who sells.
    Seller,
    /// The site by itself.
    Site,
}

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvent {
    /// Its units were set aside.
    Held {
        /// Until when.
        due_at: Time,
    },
    /// It was paid for.
    Paid,
    /// It was free.
    Free,
    /// The deadline passed.
    Expired,
    /// Given up before it was paid for.
    Left,
    /// The payment was declined for good.
    Declined,
    /// The sale was called off.
    CalledOff,
    /// The seller called it off.
    CalledOffFor {
        /// Why.
        reason: String,
    },
    /// The seller is about to send it.
    Preparing,
    /// It was sent, or its number was wrong.
    Shipped {
        /// Who carries it.
        carrier: Carrier,
        /// The number on the parcel.
        tracking: String,
    },
    /// It has arrived.
    Delivered,
    /// The buyer wishes to send units back.
    ReturnAsked {
        /// How many.
        units: u32,
        /// Why.
        reason: String,
    },
    /// The seller waits for them.
    ReturnAccepted {
        /// Where they go.
        answer: String,
    },
    /// The seller said no.
    ReturnRefused {
        /// Why.
        answer: String,
    },
    /// Units were given back.
    GivenBack {
        /// How many.
        units: u32,
        /// What is paid back, in won.
        refund: i64,
        /// What giving them back cost, in won.
        fee: i64,
    },
    /// Money was paid back.
    Refunded {
        /// In won.
        amount: i64,
    },
}

/// A line of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderStep {
    /// When.
    pub at: Time,
    /// Who.
    pub by: By,
    /// What.
    pub what: OrderEvent,
}

/// An order as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its number; `None` for a moment after it was made.
    pub number: Option<OrderNumber>,
    /// Of which sale.
    pub event: EventId,
    /// Its title.
    pub title: String,
    /// The address of its card picture.
    pub picture: Option<String>,
    /// Deal or ticket.
    pub kind: Kind,
    /// How many units it has.
    pub units: u32,
    /// In won, all together.
    pub amount: i64,
    /// What was given back of it, in won.
    pub refunded: i64,
    /// Where it stands.
    pub state: OrderState,
    /// Until when it may be paid for.
    pub due_at: Time,
    /// When it was made.
    pub at: Time,
}

/// An order as its buyer sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderView {
    /// What lists show of it.
    pub line: OrderLine,
    /// Which.
    pub id: OrderId,
    /// Its entry's rank in the sale.
    pub rank: u64,
    /// Won for each unit.
    pub price: i64,
    /// Units that were given back.
    pub units_given_back: u32,
    /// How many of the won that were given back have arrived with the buyer.
    pub refund_arrived: i64,
    /// Whether somebody is paying for it at this moment.
    pub paying: bool,
    /// Where it goes; empty for what is not sent.
    pub delivery: Delivery,
    /// What happened to it, oldest first.
    pub history: Vec<OrderStep>,
    /// Who sells.
    pub seller: String,
    /// What giving back one, two, … and all that is left would give and cost now, in won; empty when nothing can be given back.
    pub giving_back: Vec<GivingBack>,
    /// Its tickets.
    pub tickets: Vec<TicketView>,
    /// How it was sent.
    pub shipment: Option<Shipment>,
    /// The newest wish to send something of it back.
    pub returning: Option<Return>,
    /// How many units may be sent back now.
    pub returnable: u32,
    /// When it was read.
    pub now: Time,
}

/// What giving units back gives and costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivingBack {
    /// How many units.
    pub units: u32,
    /// What is paid back, in won.
    pub refund: i64,
    /// What is kept, in won.
    pub fee: i64,
}

/// What became of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum TicketState {
    /// Lets one person in.
    Valid,
    /// Given back.
    GivenBack,
}

/// A ticket as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketView {
    /// Which.
    pub id: TicketId,
    /// Of which order.
    pub order: Option<OrderNumber>,
    /// Of which sale.
    pub event: EventId,
    /// Its title.
    pub title: String,
    /// Name of the place, and its address.
    pub place: (String, String),
    /// When the doors open.
    pub starts_at: Time,
    /// Which of its order's, from 1.
    pub number: u32,
    /// What became of it.
    pub state: TicketState,
    /// What its QR code says.
    pub code: String,
}

/// A member's orders.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MyOrders {
    /// Newest first.
    pub orders: Page<OrderLine>,
    /// When they were read.
    pub now: Time,
}

/// A member's tickets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MyTickets {
    /// Whether it is those that are over, instead of those to come.
    pub past: bool,
    /// By their start, the next first; of those that are over the last first.
    pub tickets: Page<TicketView>,
    /// When they were read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_say_their_day_in_korea() {
        // 2026-11-25 16:00 in UTC is the day after in Korea.
        let at = Time(1_795_622_400_000_000);
        assert_eq!(OrderNumber::new(at, 12_345).as_str(), "D261126012345");
        assert_eq!(OrderNumber::new(at, 999_999).as_str(), "D261126999999");
        for older in ["D2611260123450", "D261126-1000-345"] {
            assert_eq!(older.parse::<OrderNumber>().unwrap().as_str(), older);
        }
    }

    proptest! {
        #[test]
        fn numbers_survive_addresses(at in 0i64..4_000_000_000_000_000, digits in 0u32..1_000_000) {
            let number = OrderNumber::new(Time(at), digits);
            prop_assert_eq!(number.as_str().len(), 13);
            prop_assert_eq!(number.to_string().parse::<OrderNumber>().unwrap(), number);
        }

        #[test]
        fn nonsense_is_no_number(text in ".{0,20}") {
            let well_formed = text.strip_prefix('D').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            prop_assert!(well_formed || text.parse::<OrderNumber>().is_err());
        }
    }
}
