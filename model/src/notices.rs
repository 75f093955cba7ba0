//! Notices: what one member is told, stored until they delete it.

use crate::{
    Error, EventId, HOUR, OrderNumber, Page, PartyId, RequestId, Span, Time, parties::PartyNews, sellers::Carrier,
    wire::both_ways,
};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

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
        /// An event you wish for opens soon.
        Opens {
            /// When.
            opens_at: Time,
            /// Within so many hours: one of [`REMINDED`].
            hours: u32,
        },
        /// An event was published that you subscribed to, by its category or a keyword.
        NewEvent {
            /// When it opens.
            opens_at: Time,
        },
        /// What is held for you is about to go on to the next.
        HoldEnding {
            /// When.
            due_at: Time,
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
        /// Something about hours for deals that you booked.
        Hours {
            /// What.
            news: HoursNews,
        },
        /// Something about a party of yours.
        Party {
            /// Which.
            party: PartyId,
            /// What is bought.
            item: String,
            /// What.
            news: PartyNews,
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
        /// Whoever looks after the site asks you to stop something.
        Warned {
            /// Why.
            reason: String,
        },
        /// Nothing is sent to a server of yours any more: it did not take anything for a day, or said that it is gone.
        WebhookOff {
            /// Which.
            host: String,
        },
        /// Whoever looks after the site stopped an event of yours.
        Suspended {
            /// Why.
            reason: String,
        },
        /// It goes on.
        Readmitted,
    }
}

/// What members choose among who wish to be told of less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// What they wish for opens in a day.
    OpensInDay,
    /// The same in half a day.
    OpensInHalfDay,
    /// The same in an hour.
    OpensInHour,
    /// Something new of what they follow.
    NewEvents,
    /// Their turn in a line, and that it ends.
    Turns,
    /// Prizes that they won, and what becomes of them.
    Prizes,
    /// What they bought.
    Orders,
    /// What they sell.
    Selling,
    /// Events that they entered are changed or called off.
    EventChanges,
    /// New parties at markets and for items that they favour.
    NewParties,
    /// What is said in their parties.
    PartyChat,
    /// What becomes of their parties.
    Parties,
    /// Marks that they got, and what was decided about them.
    Penalties,
}

impl Kind {
    /// In the order in which they are listed.
    pub const ALL: [Kind; 13] = [
        Kind::Turns,
        Kind::Prizes,
        Kind::Orders,
        Kind::OpensInDay,
        Kind::OpensInHalfDay,
        Kind::OpensInHour,
        Kind::NewEvents,
        Kind::EventChanges,
        Kind::Parties,
        Kind::PartyChat,
        Kind::NewParties,
        Kind::Penalties,
        Kind::Selling,
    ];

    /// Its name in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::OpensInDay => "opens_in_day",
            Kind::OpensInHalfDay => "opens_in_half_day",
            Kind::OpensInHour => "opens_in_hour",
            Kind::NewEvents => "new_events",
            Kind::Turns => "turns",
            Kind::Prizes => "prizes",
            Kind::Orders => "orders",
            Kind::Selling => "selling",
            Kind::EventChanges => "event_changes",
            Kind::NewParties => "new_parties",
            Kind::PartyChat => "party_chat",
            Kind::Parties => "parties",
            Kind::Penalties => "penalties",
        }
    }

    /// Whether whoever chose nothing is told of it.
    pub const fn on_at_first(self) -> bool {
        !matches!(self, Kind::OpensInHalfDay)
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(name: &str) -> Result<Kind, Error> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(Error::Malformed)
    }
}

impl Notice {
    /// By which choice of its reader it is told or not.
    pub fn kind(&self) -> Kind {
        match self {
            Notice::Won { .. }
            | Notice::FormDue { .. }
            | Notice::Expired
            | Notice::Sent
            | Notice::Disqualified { .. } => Kind::Prizes,
            Notice::Changed | Notice::Cancelled { .. } | Notice::Suspended { .. } | Notice::Readmitted => {
                Kind::EventChanges
            }
            Notice::Opens { hours, .. } => match hours {
                ..=1 => Kind::OpensInHour,
                2..=12 => Kind::OpensInHalfDay,
                13.. => Kind::OpensInDay,
            },
            Notice::NewEvent { .. } => Kind::NewEvents,
            Notice::YourTurn { .. } | Notice::HoldEnding { .. } | Notice::HoldOver => Kind::Turns,
            Notice::Order { news: OrderNews::ReturnAsked { .. }, .. }
            | Notice::Reviewed { .. }
            | Notice::Hours { .. }
            | Notice::WebhookOff { .. }
            | Notice::Sale { .. } => Kind::Selling,
            Notice::Paid { .. } | Notice::Order { .. } | Notice::ReviewAnswered => Kind::Orders,
            Notice::PartyChat { .. } => Kind::PartyChat,
            Notice::Party { news: PartyNews::Made { .. }, .. } => Kind::NewParties,
            Notice::Party { news: PartyNews::Marked(_) | PartyNews::Decided { .. }, .. } | Notice::Warned { .. } => {
                Kind::Penalties
            }
            Notice::Party { .. } => Kind::Parties,
        }
    }
}

/// What a member is told of, each kind with whether they are; in the order of their list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Of every kind.
    pub kinds: Vec<(Kind, bool)>,
}

/// So many hours before its opening those are reminded who wish for an event, the earliest first.
pub const REMINDED: [u32; 3] = [24, 12, 1];

/// Of which reminder it is time when an event opens in `left`: of several the one that is nearest to the opening. `None` before all of
/// them, and once it has opened.
pub fn reminder(left: Span) -> Option<u32> {
    REMINDED.into_iter().rev().find(|hours| left > Span::ZERO && left <= i64::from(*hours) * HOUR)
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

/// What a seller is told of hours that they booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoursNews {
    /// They were not paid for in time, and are free again.
    Lapsed {
        /// When the first of them begins.
        first: Time,
        /// How many.
        count: u64,
    },
    /// No deal is in them yet.
    Unused {
        /// When the first of them begins.
        first: Time,
        /// How many.
        count: u64,
        /// Until when the first of them may be given back for its money.
        until: Time,
    },
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
    /// Its seller is about to send it.
    Preparing,
    /// It was paid for too late, or nobody could find out whether it was: it is over, and whatever was taken goes back.
    Unpaid,
    /// All that was paid for it goes back, without its buyer or seller having asked for it.
    GivenBack {
        /// How much, in won.
        amount: i64,
    },
}

/// A notice in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// Which.
    pub id: RequestId,
    /// The how manieth of its member's, from 1: one that was told later, or told more of later, has a greater one.
    pub number: u64,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn kinds_have_the_names_that_the_database_knows() {
        let mut names: Vec<_> = Kind::ALL.map(Kind::name).to_vec();
        for kind in Kind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("{:?}", kind.name()));
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 13, "every kind is listed once");
        assert_eq!("weather".parse::<Kind>(), Err(Error::Malformed));
        let off: Vec<_> = Kind::ALL.into_iter().filter(|kind| !kind.on_at_first()).collect();
        assert_eq!(off, [Kind::OpensInHalfDay]);
    }

    #[test]
    fn a_notice_is_of_the_kind_of_whom_it_concerns() {
        let due_at = Time(1);
        let party = |news| Notice::Party { party: PartyId(uuid::Uuid::nil()), item: "쌀".into(), news };
        let order = |news| Notice::Order { order: None, news };
        let kinds = [
            (Notice::Won { due_at }, Kind::Prizes),
            (Notice::YourTurn { due_at }, Kind::Turns),
            (Notice::Changed, Kind::EventChanges),
            (Notice::Paid { amount: 1 }, Kind::Orders),
            (order(OrderNews::Delivered), Kind::Orders),
            (order(OrderNews::ReturnAsked { reason: String::new() }), Kind::Selling),
            (Notice::Sale { news: SaleNews::SoldOut }, Kind::Selling),
            (party(PartyNews::Made { market: String::new() }), Kind::NewParties),
            (party(PartyNews::Decided { granted: true }), Kind::Penalties),
            (party(PartyNews::Full), Kind::Parties),
        ];
        for (notice, kind) in kinds {
            assert_eq!(notice.kind(), kind, "{notice:?}");
        }
    }

    proptest! {
        #[test]
        fn of_reminders_the_nearest_counts(left in -HOUR.micros()..30 * HOUR.micros()) {
            let left = Span::from_micros(left);
            let told = reminder(left);
            prop_assert_eq!(told.is_some(), left > Span::ZERO && left <= 24 * HOUR);
            if let Some(hours) = told {
                prop_assert!(left <= i64::from(hours) * HOUR);
                prop_assert!(REMINDED.into_iter().all(|other| other >= hours || left > i64::from(other) * HOUR));
            }
        }
    }
}
