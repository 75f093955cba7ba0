//! Addresses: a member's own book of where things go, and how a road address is found. Rules alone.

use crate::{Delivery, FormErrors, PrizeKind, error::codes, text};
use serde::{Deserialize, Serialize};

crate::id::ids! {
    /// An address in a member's book.
    AddressId
}

/// Addresses that a member may have.
pub const MOST_ADDRESSES: usize = 20;
/// Characters of a note.
pub const NOTE_LENGTH: u64 = 50;
/// Characters of what is looked for.
pub const FIND_LENGTH: usize = 80;

codes! {
    /// Why an address is not taken into the book.
    pub enum AddressError {
        /// There are [`MOST_ADDRESSES`] already.
        TooManyAddresses = "too_many_addresses", 409;
    }
}

/// An address as its owner wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressDraft {
    /// Where it is, and who receives things there.
    pub delivery: Delivery,
    /// What its owner knows it by; nobody else reads it.
    pub note: String,
}

impl AddressDraft {
    /// Checks what somebody typed.
    ///
    /// # Errors
    /// What is wrong with each field: those of [`Delivery::check`], and `note`.
    pub fn check(typed: &Delivery, note: &str) -> Result<AddressDraft, FormErrors> {
        let (delivery, mut errors) = match Delivery::check(typed, PrizeKind::Goods) {
            Ok(delivery) => (delivery, FormErrors::default()),
            Err(errors) => (Delivery::default(), errors),
        };
        let note = errors.check("note", text::line(note, 0, NOTE_LENGTH)).unwrap_or_default();
        if errors.0.is_empty() { Ok(AddressDraft { delivery, note }) } else { Err(errors) }
    }
}

/// An address in a member's book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Which.
    pub id: AddressId,
    /// Where it is, and who receives things there. Of one that came from a prize without a parcel there is no road address yet.
    pub delivery: Delivery,
    /// What its owner knows it by.
    pub note: String,
}

/// A member's addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressBook {
    /// The default first, then those that were the default last, then the oldest first.
    pub addresses: Vec<Address>,
    /// Who finds road addresses here.
    pub finder: FinderKind,
}

impl AddressBook {
    /// Whether there is room for one more.
    pub fn has_room(&self) -> bool {
        self.addresses.len() < MOST_ADDRESSES
    }

    /// Who received things at the default address.
    pub fn default_delivery(&self) -> Option<&Delivery> {
        self.addresses.first().map(|address| &address.delivery)
    }
}

/// Who finds road addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinderKind {
    /// Nobody: they are typed.
    #[default]
    Nobody,
    /// A short list that comes with the program, for demonstrations.
    Included,
    /// The public service for road addresses.
    Juso,
}

/// A road address that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAddress {
    /// Five digits.
    pub postcode: String,
    /// The road address.
    pub address: String,
}

/// What was found for what somebody typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundAddresses {
    /// The likeliest first.
    pub rows: Vec<FoundAddress>,
    /// Whether who knows them could not be asked now.
    pub failed: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;
    use proptest::prelude::*;

    fn typed() -> Delivery {
        Delivery {
            name: " 김수달 ".into(),
            phone: "+82 10 1234 5678".into(),
            postcode: "０４５２４".into(),
            address: "서울  중구 세종대로 110".into(),
            detail: "3층".into(),
        }
    }

    #[test]
    fn an_address_is_kept_as_everything_that_is_typed() {
        let draft = AddressDraft::check(&typed(), " 회사\u{200B} ").unwrap();
        assert_eq!((draft.delivery.name.as_str(), draft.delivery.phone.as_str()), ("김수달", "010-1234-5678"));
        assert_eq!((draft.delivery.postcode.as_str(), draft.note.as_str()), ("04524", "회사"));
        assert_eq!(AddressDraft::check(&typed(), "").unwrap().note, "");
    }

    #[test]
    fn what_is_wrong_is_told_by_field() {
        let wrong = AddressDraft::check(&Delivery::default(), &"가".repeat(51)).unwrap_err();
        assert_eq!(wrong.0.len(), 5);
        assert_eq!(wrong.of("note"), Some(&FieldError::TooLong { max: NOTE_LENGTH }));
        assert_eq!(wrong.of("postcode"), Some(&FieldError::Required));
        let alone = AddressDraft::check(&typed(), &"가".repeat(51)).unwrap_err();
        assert_eq!(alone.0.len(), 1);
    }

    proptest! {
        #[test]
        fn what_was_kept_is_kept_again(name in "\\PC{0,40}", address in "\\PC{0,120}", detail in "\\PC{0,120}", note in "\\PC{0,60}") {
            let typed = Delivery { name, address, detail, ..typed() };
            if let Ok(draft) = AddressDraft::check(&typed, &note) {
                prop_assert_eq!(AddressDraft::check(&draft.delivery, &draft.note), Ok(draft.clone()));
            }
        }
    }
}
