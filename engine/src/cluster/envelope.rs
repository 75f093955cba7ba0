//! How every message about an event or about what no longer holds begins: what it is, in which version, and who sent it.
//!
//! A node that does not know a kind or a version reads from the database instead: what the message tells of was committed.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::Serialize;

/// What a message is. New ones get new numbers; none begins as a text does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind(pub u8);

impl Kind {
    /// A batch of an event was committed: the turnstile's own bytes.
    pub const COMMITTED: Kind = Kind(16);
    /// Lines were said in an event's room.
    pub const SAID: Kind = Kind(17);
    /// A line was hidden.
    pub const HIDDEN: Kind = Kind(18);
    /// What is remembered no longer holds.
    pub const INVALIDATED: Kind = Kind(19);
}

/// The beginning of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// What follows.
    pub kind: Kind,
    /// The version of what follows.
    pub version: u8,
    /// The node that sent it, which knows it already.
    pub node: u64,
}

impl Envelope {
    /// How many bytes it takes.
    pub const LENGTH: usize = 1 + 1 + 8;

    /// Writes it in front of what follows.
    pub fn put(self, bytes: &mut BytesMut) {
        bytes.put_u8(self.kind.0);
        bytes.put_u8(self.version);
        bytes.put_u64(self.node);
    }

    /// Reads it; `None` when the bytes are too few.
    pub fn open(mut bytes: &[u8]) -> Option<Envelope> {
        let (kind, version) = (Kind(bytes.try_get_u8().ok()?), bytes.try_get_u8().ok()?);
        Some(Envelope { kind, version, node: bytes.try_get_u64().ok()? })
    }

    /// A message whose content is JSON, encoded once for all who are sent it.
    pub fn seal(self, content: &impl Serialize) -> Bytes {
        let mut bytes = BytesMut::new();
        self.put(&mut bytes);
        // These types have no map with other keys than text and no fallible serializer.
        bytes.put_slice(&serde_json::to_vec(content).unwrap_or_default());
        bytes.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_survives_its_way_and_shorter_bytes_are_none() {
        let envelope = Envelope { kind: Kind::SAID, version: 3, node: 0x0102_0304_0506_0708 };
        let message = envelope.seal(&[1, 2]);
        assert_eq!(Envelope::open(&message), Some(envelope));
        assert_eq!(&message[Envelope::LENGTH..], b"[1,2]");
        assert_eq!(Envelope::open(&message[..Envelope::LENGTH - 1]), None);
    }
}
