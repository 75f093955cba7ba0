//! What our own browser code and our server exchange: [postcard](https://postcard.jamesmunns.com/wire-format.html),
//! which is small and needs little code in the browser.
//!
//! The public API of HTTP speaks JSON; these bytes are nobody's but ours. They name no fields, so whoever
//! decodes must have been built with the same types: [`VERSION`] says so of messages and of what forms are answered, and the media
//! type of what pages read names the sources of its build (`app::page::KIND`).

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Raised whenever the encoding of a message or of an answer changes: a page that was loaded earlier is told so.
pub const VERSION: u32 = 9;
/// The media type of what forms are answered, with [`VERSION`] in its name.
pub const KIND: &str = "application/x-fiftynine-9";

/// The bytes of `value`.
///
/// # Panics
/// When its `Serialize` refuses, which none of ours does.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("our types can be encoded")
}

/// The value that all of `bytes` are, when they are one.
#[must_use]
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Some(value),
        _ => None,
    }
}

/// Declares a type whose JSON names its variant in a field or leaves fields out: bytes that name no fields can do neither.
/// Attributes of `json` are serde's, for JSON alone; on the wire it is as it stands.
macro_rules! both_ways {
    (
        json($($json:tt)*)
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident
                $({ $($(#[doc = $doc:expr])* $(#[json($($field_json:tt)*)])? $field:ident: $type:ty),+ $(,)? })?),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$variant_meta])* $variant $({ $($(#[doc = $doc])* $field: $type),+ })?),+
        }

        $crate::wire::both_ways! { $name
            { #[serde($($json)*)] enum InJson { $($variant $({ $($(#[serde($($field_json)*)])? $field: $type),+ })?),+ } }
            { enum OnWire { $($variant $({ $($field: $type),+ })?),+ } }
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:expr])* $(#[json($($json:tt)*)])? pub $field:ident: $type:ty),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis struct $name {
            $($(#[doc = $doc])* pub $field: $type),+
        }

        $crate::wire::both_ways! { $name
            { struct InJson { $($(#[serde($($json)*)])? $field: $type),+ } }
            { struct OnWire { $($field: $type),+ } }
        }
    };
    ($name:ident { $($json:tt)* } { $($wire:tt)* }) => {
        const _: () = {
            type Remote = $name;

            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = "Remote")]
            #[allow(dead_code, clippy::large_enum_variant)]
            $($json)*

            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(remote = "Remote")]
            #[allow(dead_code, clippy::large_enum_variant)]
            $($wire)*

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    // The same for every serializer of a kind: the browser holds no code for JSON because of this.
                    if serializer.is_human_readable() {
                        InJson::serialize(self, serializer)
                    } else {
                        OnWire::serialize(self, serializer)
                    }
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    if deserializer.is_human_readable() {
                        InJson::deserialize(deserializer)
                    } else {
                        OnWire::deserialize(deserializer)
                    }
                }
            }
        };
    };
}
pub(crate) use both_ways;

#[cfg(test)]
mod tests;
