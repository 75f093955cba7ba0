//! What can go wrong, as a code with its parameters. Text is made only where it is shown.
//!
//! [`Error`] holds what every part of the site may answer; each feature declares its own codes beside its other types, by
//! [`codes!`]. In JSON all of them look alike: the code, and the parameters beside it.

mod codes;
mod field;

pub(crate) use codes::{Wire, codes};
pub use field::{FieldError, FormErrors};

use crate::{
    AccountError, AddressError, ChatError, EntryError, EventError, GiveawayError, MarketError, PartyError,
    PaymentError, PhoneError, ReviewError, SaleError, SellerError, SlotError, SubscriptionError,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

codes! {
    /// A refusal or failure that a person or a program can act on. As JSON: `{"error":"too_early","early_us":213000}`.
    pub enum Error {
        /// Nobody is signed in.
        SignedOut = "signed_out", 401;
        /// The account is suspended.
        Suspended = "suspended", 403;
        /// Not for this member.
        Forbidden = "forbidden", 403;
        /// There is nothing here.
        NotFound = "not_found", 404;
        /// Too many requests in too short a time.
        TooMany {
            /// Seconds to wait.
            retry_after: u64,
        } = "too_many", 429;
        /// The service cannot take this at the moment; nothing was changed.
        Busy = "busy", 503;
        /// What was sent cannot be understood.
        Malformed = "malformed", 400;
        /// What was sent did not arrive in time.
        TooSlow = "too_slow", 408;
        /// More bytes than are taken here.
        TooLarge = "too_large", 413;
        /// One or more fields need another value.
        Invalid {
            /// By field name.
            fields: FormErrors,
        } = "invalid", 422;
        /// A fault of ours; details are in the log under the request's id.
        Internal = "internal", 500;
    } with {
        /// Of a click.
        Entry(EntryError),
        /// Of an event.
        Event(EventError),
        /// Of a prize.
        Giveaway(GiveawayError),
        /// Of a line of chat.
        Chat(ChatError),
        /// Of an account.
        Account(AccountError),
        /// Of an address.
        Address(AddressError),
        /// Of a payment.
        Payment(PaymentError),
        /// Of units of a sale, or an order.
        Sale(SaleError),
        /// Of whoever sells.
        Seller(SellerError),
        /// Of hours for deals.
        Slot(SlotError),
        /// Of a party of neighbours.
        Party(PartyError),
        /// Of a member's phone.
        Phone(PhoneError),
        /// Of a market.
        Market(MarketError),
        /// Of a review.
        Review(ReviewError),
        /// Of a subscription.
        Subscription(SubscriptionError),
    }
}

impl Error {
    /// When the same may be tried again, in seconds, for what passes by itself.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Error::TooMany { retry_after } => Some(*retry_after),
            Error::Busy => Some(1),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Error {}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut wire = Wire::new(self.code());
        self.write(&mut wire);
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Error {
    /// A code that is not known here, or whose parameter is missing, is [`Error::Internal`]: a page that was loaded before
    /// the server was renewed still reads every answer.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Error::read(&Wire::deserialize(deserializer)?).unwrap_or(Error::Internal))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Span, wire};
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn json(error: &Error) -> String {
        serde_json::to_string(error).unwrap()
    }

    #[test]
    fn errors_read_as_documented() {
        assert_eq!(
            json(&EntryError::TooEarly { early: Span::from_micros(213_000) }.into()),
            r#"{"error":"too_early","early_us":213000}"#
        );
        assert_eq!(json(&EntryError::Closed.into()), r#"{"error":"closed"}"#);
        assert_eq!(json(&Error::TooMany { retry_after: 3 }), r#"{"error":"too_many","retry_after":3}"#);
        let mut errors = FormErrors::default();
        errors.add("title", FieldError::TooShort { min: 2 });
        errors.add("prizes", FieldError::Required);
        let fields = r#"[["title",{"code":"too_short","min":2}],["prizes",{"code":"required"}]]"#;
        assert_eq!(json(&errors.into_result().unwrap_err()), format!(r#"{{"error":"invalid","fields":{fields}}}"#),);
    }

    #[test]
    fn every_code_is_there_once() {
        let samples = Error::samples(&Wire::new(""));
        let codes: HashSet<_> = samples.iter().map(Error::code).collect();
        assert_eq!(codes.len(), samples.len());
        assert!(samples.len() >= 22, "{codes:?}");
    }

    #[test]
    fn an_old_page_reads_what_a_newer_server_says() {
        for newer in [r#"{"error":"sold_out"}"#, r#"{"error":"too_early"}"#, r#"{"error":"invalid"}"#, "{}"] {
            assert_eq!(serde_json::from_str::<Error>(newer).unwrap(), Error::Internal, "{newer}");
        }
        let more = r#"{"error":"busy","load":{"queue":[1,2]}}"#;
        assert_eq!(serde_json::from_str::<Error>(more).unwrap(), Error::Busy);
        for newer in ["sold_out", "too_early", "invalid", ""] {
            let bytes = wire::encode(&Wire::new(newer));
            assert_eq!(wire::decode(&bytes), Some(Error::Internal), "{newer}");
        }
    }

    proptest! {
        #[test]
        fn every_error_survives(early: i64, retry_after: u64, min: i64, max: i64, names in proptest::collection::vec(".{0,8}", 0..4)) {
            let mut fields = FormErrors::default();
            for name in names {
                for error in field::samples(min, max) {
                    fields.add(&name, error);
                }
            }
            let wire = Wire { early: Some(Span::from_micros(early)), retry_after: Some(retry_after), fields: Some(fields), ..Wire::new("") };
            for error in Error::samples(&wire) {
                prop_assert_eq!(&serde_json::from_str::<Error>(&json(&error)).unwrap(), &error);
                prop_assert_eq!(wire::decode(&wire::encode(&error)), Some(error));
            }
        }
    }
}
