//! How messages about an event and about what no longer holds begin: what they are, in which version, and who sent them. (But
//! for the turnstile's own, which begin with a small number.)
//!
//! A node that does not know a kind or a version reads from the database instead: what the message tells of was committed.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde::Serialize;

/// What a message is. New ones get new numbers, which no text and none of the turnstile's messages begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageKind(pub u8);

impl MessageKind {
    /// Lines were said in an event's room.
    pub const SAID: MessageKind = MessageKind(0xf0);
    /// A line was hidden.
    pub const HIDDEN: MessageKind = MessageKind(0xf1);
    /// What is remembered no longer holds.
    pub const INVALIDATED: MessageKind = MessageKind(0xf2);
    /// A member chose how many units of a sale their press means.
    pub const CHOSEN: MessageKind = MessageKind(0xf3);
}

/// The beginning of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// What follows.
    pub kind: MessageKind,
    /// The version of what follows.
    pub version: u8,
    /// The node that sent it, which knows it already.
    pub node: u64,
}

impl Envelope {
    /// Reads it, and what follows; `None` when the bytes are too few.
    pub fn open(mut message: &[u8]) -> Option<(Envelope, &[u8])> {
        let (kind, version) = (MessageKind(message.try_get_u8().ok()?), message.try_get_u8().ok()?);
        let node = message.try_get_u64().ok()?;
        Some((Envelope { kind, version, node }, message))
    }

    /// A message whose content is JSON, encoded once for all who are sent it.
    pub fn seal(self, content: &impl Serialize) -> Bytes {
        let mut bytes = BytesMut::new();
        bytes.put_u8(self.kind.0);
        bytes.put_u8(self.version);
        bytes.put_u64(self.node);
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
        let envelope = Envelope { kind: MessageKind::SAID, version: 3, node: 0x0102_0304_0506_0708 };
        let message = envelope.seal(&[1, 2]);
        assert_eq!(Envelope::open(&message), Some((envelope, &b"[1,2]"[..])));
        assert_eq!(Envelope::open(&message[..9]), None);
    }
}
