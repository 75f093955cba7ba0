//! How orders reach their buyers, and come back.

use crate::{
    Cursor, DAY, Delivery, EventCard, FieldError, FormErrors, OrderId, OrderNumber, OrderState, Page, Span, Time,
    id::ids, text,
};
use serde::{Deserialize, Serialize};

/// How long after it was delivered a buyer may ask to send something back.
const RETURN_WITHIN: Span = DAY.times(7);

/// Until when what was delivered may be sent back.
pub fn return_until(delivered_at: Time) -> Time {
    delivered_at + RETURN_WITHIN
}

ids! {
    /// A wish to send something back.
    ReturnId
}

/// Who carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum Carrier {
    /// CJ Logistics.
    Cj,
    /// The post.
    Post,
    /// Hanjin.
    Hanjin,
    /// Lotte.
    Lotte,
    /// Logen.
    Logen,
    /// Kyungdong.
    Kyungdong,
    /// Daesin.
    Daesin,
    /// Whoever sells it: there is no number to follow it by.
    Own,
}

impl Carrier {
    /// In the order of every list.
    pub const ALL: [Carrier; 8] = [
        Carrier::Cj,
        Carrier::Post,
        Carrier::Hanjin,
        Carrier::Lotte,
        Carrier::Logen,
        Carrier::Kyungdong,
        Carrier::Daesin,
        Carrier::Own,
    ];

    /// Its name in forms, and what it is called in Korean and in English.
    pub fn names(self) -> [&'static str; 3] {
        match self {
            Carrier::Cj => ["cj", "CJ대한통운", "CJ Logistics"],
            Carrier::Post => ["post", "우체국", "Korea Post"],
            Carrier::Hanjin => ["hanjin", "한진", "Hanjin"],
            Carrier::Lotte => ["lotte", "롯데", "Lotte"],
            Carrier::Logen => ["logen", "로젠", "Logen"],
            Carrier::Kyungdong => ["kyungdong", "경동", "Kyungdong"],
            Carrier::Daesin => ["daesin", "대신", "Daesin"],
            Carrier::Own => ["own", "직접 배송", "By the seller"],
        }
    }

    /// The carrier that somebody means, by any of its names; with or without 택배 behind it.
    pub fn named(typed: &str) -> Option<Carrier> {
        let typed = text::key(typed);
        let typed = typed.strip_suffix("택배").unwrap_or(&typed);
        Carrier::ALL.into_iter().find(|carrier| carrier.names().iter().any(|name| text::key(name) == typed))
    }
}

/// How an order is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShipmentDraft {
    /// Who carries it.
    pub carrier: Carrier,
    /// Letters and digits; empty when the seller brings it.
    pub tracking: String,
}

impl ShipmentDraft {
    /// Checks what was typed: a carrier of the list, and the number on the parcel, 8 to 20 letters and digits.
    ///
    /// # Errors
    /// What is wrong with `carrier` and `tracking`.
    pub fn check(carrier: &str, tracking: &str) -> Result<ShipmentDraft, FormErrors> {
        let mut errors = FormErrors::default();
        let found = match carrier.trim() {
            "" => Err(FieldError::Required),
            typed => Carrier::named(typed).ok_or(FieldError::Invalid),
        };
        let carrier = errors.check("carrier", found);
        // As spreadsheets and parcels write it: what stands between its parts is no part of it.
        let number: String = text::key(tracking).to_uppercase().chars().filter(|c| !"-._/'".contains(*c)).collect();
        let number = match number.len() {
            0 if carrier == Some(Carrier::Own) => Ok(number),
            0 => Err(FieldError::Required),
            8..=20 if number.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Ok(number),
            _ => Err(FieldError::Invalid),
        };
        let tracking = errors.check("tracking", number);
        carrier.zip(tracking).map(|(carrier, tracking)| ShipmentDraft { carrier, tracking }).ok_or(errors)
    }
}

/// How an order was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sql", derive(sqlx::FromRow))]
pub struct Shipment {
    /// Who carries it.
    pub carrier: Carrier,
    /// The number on the parcel; empty when the seller brings it.
    pub tracking: String,
    /// When the seller said so.
    pub shipped_at: Time,
    /// When it arrived.
    pub delivered_at: Option<Time>,
}

/// What is said next of an order that was paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The seller is about to send it: from now on it is not called off freely.
    Prepare,
    /// It is on its way, or its number was wrong.
    Ship,
    /// It has arrived.
    Deliver,
}

impl Next {
    /// The states in which this may be said, and the one that follows.
    pub const fn step(self) -> (&'static [OrderState], OrderState) {
        match self {
            Next::Prepare => (&[OrderState::Paid], OrderState::Preparing),
            Next::Ship => (&[OrderState::Paid, OrderState::Preparing, OrderState::Shipped], OrderState::Shipped),
            Next::Deliver => (&[OrderState::Shipped], OrderState::Delivered),
        }
    }

    /// What an order in this state becomes; `None` when it cannot be said of it.
    pub fn of(self, state: OrderState) -> Option<OrderState> {
        let (from, to) = self.step();
        from.contains(&state).then_some(to)
    }
}

/// The headings of the orders of a sale as a file, in English and in Korean; the first four are read again when it comes back.
pub const ORDER_COLUMNS: [(&str, &str); 14] = [
    ("Order", "주문번호"),
    ("State", "상태"),
    ("Carrier", "택배사"),
    ("Tracking number", "송장번호"),
    ("Ordered at", "주문 시각"),
    ("Buyer", "구매자"),
    ("Units", "수량"),
    ("Given back", "반환 수량"),
    ("Paid (won)", "결제 금액(원)"),
    ("Refunded (won)", "환불 금액(원)"),
    ("Receiver", "받는 분"),
    ("Phone", "전화번호"),
    ("Postcode", "우편번호"),
    ("Address", "주소"),
];

/// What became of a wish to send something back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(type_name = "text", rename_all = "snake_case"))]
pub enum ReturnState {
    /// The seller is to say whether.
    Asked,
    /// The seller waits for it.
    Accepted,
    /// The seller said no.
    Refused,
    /// The seller has it: the money goes back.
    Received,
}

/// A wish to send something back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// Which.
    pub id: ReturnId,
    /// How many units.
    pub units: u32,
    /// Why.
    pub reason: String,
    /// What became of it.
    pub state: ReturnState,
    /// What the seller said: where it goes, or why not.
    pub answer: String,
    /// When it was asked for.
    pub asked_at: Time,
}

/// Which orders of a sale its seller looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// Those that are to be sent.
    #[default]
    ToShip,
    /// Those on their way.
    Shipped,
    /// Those that have arrived.
    Delivered,
    /// Those whose buyers wish to send something back.
    Returns,
    /// All that were paid for.
    All,
}

impl Show {
    /// In the order of the tabs.
    pub const ALL: [Show; 5] = [Show::ToShip, Show::Shipped, Show::Delivered, Show::Returns, Show::All];

    /// Its name in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Show::ToShip => "to-ship",
            Show::Shipped => "shipped",
            Show::Delivered => "delivered",
            Show::Returns => "returns",
            Show::All => "all",
        }
    }

    /// The list of that name; else what is to be sent.
    pub fn named(name: &str) -> Show {
        Show::ALL.into_iter().find(|show| show.name() == name).unwrap_or_default()
    }
}

/// Which orders of a sale a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdersQuery {
    /// Which of them.
    pub show: Show,
    /// From where the list goes on.
    pub after: Option<Cursor>,
}

/// An order as its seller sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SellerOrder {
    /// Which.
    pub id: OrderId,
    /// Its entry's rank in the sale.
    pub rank: u64,
    /// Its number; `None` for a moment after it was made.
    pub number: Option<OrderNumber>,
    /// Its buyer's nickname; none once the member is erased.
    pub nickname: Option<String>,
    /// How many units it has.
    pub units: u32,
    /// How many of them were given back.
    pub units_back: u32,
    /// Whole won, all together.
    pub amount: i64,
    /// Whole won that were given back.
    pub refunded: i64,
    /// Where it stands.
    pub state: OrderState,
    /// When it was made.
    pub at: Time,
    /// Where it goes, until that is erased.
    pub delivery: Option<Delivery>,
    /// How it was sent.
    pub shipment: Option<Shipment>,
    /// The newest wish to send something of it back.
    pub returning: Option<Return>,
}

/// A page of the orders of a sale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SellerOrders {
    /// Which sale.
    pub event: EventCard,
    /// What was asked for.
    pub show: Show,
    /// By rank.
    pub orders: Page<SellerOrder>,
    /// How many are to be sent, on their way, and wished to be sent back.
    pub counts: [u64; 3],
    /// Whether many are being called off at this moment.
    pub calling_off: bool,
    /// When it was read.
    pub now: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn carriers_are_found_by_any_of_their_names() {
        for carrier in Carrier::ALL {
            for name in carrier.names() {
                assert_eq!(Carrier::named(name), Some(carrier), "{name}");
            }
        }
        assert_eq!(Carrier::named(" cj 대한통운 "), Some(Carrier::Cj));
        assert_eq!(Carrier::named("한진택배"), Some(Carrier::Hanjin));
        for none in ["", "택배", "퀵", "cj대한"] {
            assert_eq!(Carrier::named(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_on_the_parcel_is_read_however_it_is_written() {
        let tracking = |carrier: &str, typed: &str| ShipmentDraft::check(carrier, typed).map(|draft| draft.tracking);
        assert_eq!(tracking("cj", " 6501-2345-6789 "), Ok("650123456789".into()));
        assert_eq!(tracking("우체국", "ｅＭ123456789ＫＲ"), Ok("EM123456789KR".into()));
        assert_eq!(tracking("own", ""), Ok(String::new()));
        let wrong = |carrier: &str, typed: &str| ShipmentDraft::check(carrier, typed).unwrap_err().0;
        assert_eq!(wrong("cj", ""), [("tracking".into(), FieldError::Required)]);
        assert_eq!(wrong("", "650123456789"), [("carrier".into(), FieldError::Required)]);
        assert_eq!(
            wrong("퀵", "123"),
            [("carrier".into(), FieldError::Invalid), ("tracking".into(), FieldError::Invalid)]
        );
        for typed in ["1234567", "123456789012345678901", "=1+1234567", "송장번호입니다요"] {
            assert_eq!(wrong("cj", typed), [("tracking".into(), FieldError::Invalid)], "{typed}");
        }
    }

    proptest! {
        /// Whatever a seller says in whatever order: an order only goes on, and what is over stays over.
        #[test]
        fn an_order_only_goes_on(said in proptest::collection::vec(0usize..3, 0..12), from in 0usize..7) {
            use OrderState::{AwaitingPayment, Cancelled, Delivered, Paid, Preparing, Refunded, Shipped};
            let all = [AwaitingPayment, Paid, Preparing, Shipped, Delivered, Cancelled, Refunded];
            let mut state = all[from];
            for next in said.into_iter().map(|at| [Next::Prepare, Next::Ship, Next::Deliver][at]) {
                if let Some(after) = next.of(state) {
                    prop_assert!(state.is_paid() && state != Delivered && after.is_paid());
                    let at = |state| all.iter().position(|one| *one == state).unwrap();
                    prop_assert!(at(after) > at(state) || (state, after) == (Shipped, Shipped));
                    state = after;
                }
            }
            prop_assert!(all[from].is_paid() || state == all[from]);
        }
    }
}
