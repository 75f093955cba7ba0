//! Addresses of the address book.

use crate::paths::{examples, with};
use model::{AddressId, addresses::FoundAddress};

/// The reader's address book.
pub const ADDRESSES: &str = "/my/addresses";

/// The address book with one of its addresses to be changed.
pub fn edit_address(id: AddressId) -> String {
    format!("{}#new", with(ADDRESSES, &[("edit", &id.to_string())]))
}

/// The address book with a road address that was found, for a new address or for the one that is being changed.
pub fn found_address(found: &FoundAddress, editing: Option<AddressId>) -> String {
    let edit = editing.map(|id| id.to_string()).unwrap_or_default();
    let found = [("postcode", found.postcode.as_str()), ("address", found.address.as_str()), ("edit", edit.as_str())];
    format!("{}#new", with(ADDRESSES, &found))
}

/// Road addresses that may be meant by what is being typed.
pub fn address_suggestions(typed: &str) -> String {
    with("/my/addresses/suggestions", &[("q", typed)])
}

examples! {
    let id = AddressId(uuid::Uuid::nil());
    let found = FoundAddress { postcode: "04524".into(), address: "/a?b#c".into() };
    pages: [ADDRESSES, edit_address(id), found_address(&found, Some(id))];
    files: [address_suggestions("세종대로")];
}
