//! What our own browser code and our server exchange: [postcard](https://postcard.jamesmunns.com/wire-format.html),
//! which is small and needs little code in the browser.
//!
//! The public API of HTTP speaks JSON; these bytes are nobody's but ours. They name no fields, so whoever
//! decodes must have been built with the same types: [`VERSION`] says so.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Raised whenever the encoding of anything that is exchanged changes: a page that was loaded earlier loads anew.
pub const VERSION: u32 = 2;
/// The media type of what is encoded, with [`VERSION`] in its name.
pub const KIND: &str = "application/x-fiftynine-2";

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_names_the_version() {
        assert_eq!(KIND.rsplit('-').next(), Some(VERSION.to_string().as_str()));
    }

    #[test]
    fn all_of_the_bytes_are_the_value() {
        let mut bytes = encode(&(7u32, "59초"));
        assert_eq!(decode(&bytes), Some((7u32, "59초".to_owned())));
        assert_eq!(decode::<(u32, String)>(&bytes[..bytes.len() - 1]), None);
        bytes.push(0);
        assert_eq!(decode::<(u32, String)>(&bytes), None);
    }
}
