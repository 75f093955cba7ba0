//! Public ids: UUIDs of version 7, written in 26 characters of Crockford's base 32.
//!
//! An id tells nothing about order: ranks and times are columns of their own.

use serde::de;
use std::fmt;
use uuid::Uuid;

/// Crockford's alphabet: digits and capitals without I, L, O and U (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;

/// The text was not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

fn encode(id: Uuid) -> [u8; LENGTH] {
    let bits = id.as_u128();
    std::array::from_fn(|i| ALPHABET[(bits >> (5 * (LENGTH - 1 - i)) & 31) as usize])
}

/// Writes an id as its 26 characters.
pub(crate) fn write(id: Uuid, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(std::str::from_utf8(&encode(id)).map_err(|_| fmt::Error)?)
}

/// Reads an id off its text.
pub(crate) fn decode(text: &str) -> Result<Uuid, NotAnId> {
    if text.len() != LENGTH {
        return Err(NotAnId);
    }
    let mut bits = 0u128;
    for (i, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|&a| a == byte.to_ascii_uppercase()).ok_or(NotAnId)?;
        // 26 digits hold 130 bits: the first may only use three of its five.
        if i == 0 && digit > 7 {
            return Err(NotAnId);
        }
        bits = bits << 5 | digit as u128;
    }
    Ok(Uuid::from_u128(bits))
}

/// Reads an id off its 16 bytes, on the [wire](crate::wire).
pub(crate) struct Bytes;

impl<'de> de::Visitor<'de> for Bytes {
    type Value = Uuid;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("16 bytes")
    }

    // In a loop: as an array of serde's, each of them would have code of its own.
    fn visit_seq<A: de::SeqAccess<'de>>(self, mut bytes: A) -> Result<Uuid, A::Error> {
        let mut id = [0; 16];
        for byte in &mut id {
            *byte = bytes.next_element()?.ok_or_else(|| de::Error::custom(NotAnId))?;
        }
        Ok(Uuid::from_bytes(id))
    }
}

/// Declares ids, each a type of its own: `ids! { /// A member. MemberId }`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "sql", derive(sqlx::Type), sqlx(transparent))]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::id::write(self.0, f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::id::write(self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::decode(text).map(Self)
            }
        }

        impl $crate::page::Id for $name {
            const MAX: $name = $name(uuid::Uuid::max());
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.as_bytes().serialize(serializer)
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return deserializer.deserialize_tuple(16, $crate::id::Bytes).map(Self);
                }
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
pub(crate) use ids;

ids! {
    /// What a creating form carries so that sending it twice creates once.
    RequestId
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_id_survives_text(bits: u128) {
            let id = RequestId(Uuid::from_u128(bits));
            let text = id.to_string();
            prop_assert_eq!(text.len(), LENGTH);
            prop_assert_eq!(text.parse::<RequestId>(), Ok(id));
            prop_assert_eq!(text.to_lowercase().parse::<RequestId>(), Ok(id));
            let bytes = crate::wire::encode(&id);
            prop_assert_eq!(&bytes, id.0.as_bytes());
            prop_assert_eq!(crate::wire::decode(&bytes), Some(id));
            prop_assert_eq!(crate::wire::decode::<RequestId>(&bytes[1..]), None);
        }

        #[test]
        fn any_text_is_an_id_or_refused(text in ".{0,30}") {
            if let Ok(id) = text.parse::<RequestId>() {
                prop_assert_eq!(id.to_string(), text.to_uppercase());
            }
        }
    }

    #[test]
    fn too_large_is_refused() {
        assert_eq!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<RequestId>(), Err(NotAnId));
    }
}
