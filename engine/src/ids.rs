//! New ids and secrets, from the injected clock and the operating system's randomness.

use model::Time;
use rand::{Rng, rngs::ThreadRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A new id: UUID version 7 of this moment.
pub fn new_id(now: Time) -> Uuid {
    let milliseconds = u64::try_from(now.0 / 1000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random()).into_uuid()
}

/// The least id of a moment: whatever was made before it has a smaller one.
pub(crate) fn least_id(moment: Time) -> Uuid {
    let milliseconds = u64::try_from(moment.0 / 1000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &[0; 10]).into_uuid()
}

/// An id as SQLite's `unhex` reads it.
pub(crate) fn digits(id: Uuid) -> String {
    id.simple().to_string()
}

/// Random bytes from the thread's generator, which the operating system seeds.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    ThreadRng::default().fill_bytes(&mut bytes);
    bytes
}

/// An id that follows from these parts alone: the same wherever and however often it is made. The first one says what for, so that it
/// is the id of nothing else.
pub(crate) fn id_of(parts: &[&[u8]]) -> Uuid {
    uuid::Builder::from_custom_bytes(*hash(parts).first_chunk().unwrap_or(&[0; 16])).into_uuid()
}

/// SHA-256.
pub fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}
