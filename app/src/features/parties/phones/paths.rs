//! Addresses of the reader's phone.

use crate::paths::{examples, with};
use model::PartyId;

/// The reader's phone.
pub const MY_PHONE: &str = "/my/phone";

/// The reader's phone, to be confirmed before they go on to a party.
pub fn phone_for(party: PartyId) -> String {
    with(MY_PHONE, &[("party", &party.to_string())])
}

examples! {
    pages: [MY_PHONE, phone_for(PartyId(uuid::Uuid::nil()))];
}
