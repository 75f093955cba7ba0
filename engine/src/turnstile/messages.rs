//! What nodes of a cluster tell each other about clicks: those on their way to whoever sequences them, and what became of them.

use super::sequencer::{Answer, Batch, Click, Decided, Standing};
use crate::cluster::Shard;
use bytes::{Buf, BufMut, Bytes, BytesMut};
use model::{Entry, EntryState, EventId, MemberId, Time, live::ChatLine};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Queues that events are spread over. Nodes own shards, so this is also how many nodes can sequence.
pub(super) const SHARDS: u16 = 64;

/// The shard of an event: by the random part of its id.
pub(super) fn shard(event: EventId) -> Shard {
    Shard((event.0.as_u128() % u128::from(SHARDS)) as u16)
}

/// A click among all of a site: its node's number, and the click's among those of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub node: u64,
    pub number: u64,
}

/// A click on its way through a shard's queue.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub event: EventId,
    pub click: Click,
    pub ticket: Ticket,
}

/// The version of [`Sent`]'s bytes.
const VERSION: u8 = 1;

impl Sent {
    pub fn encode(&self) -> Bytes {
        let name = self.click.nickname.as_bytes();
        let mut bytes = BytesMut::with_capacity(1 + 16 + 16 + 3 * 8 + name.len());
        bytes.put_u8(VERSION);
        bytes.put_u128(self.event.0.as_u128());
        bytes.put_u128(self.click.member.0.as_u128());
        bytes.put_i64(self.click.stamped_at.0);
        bytes.put_u64(self.ticket.node);
        bytes.put_u64(self.ticket.number);
        bytes.put_slice(name);
        bytes.freeze()
    }

    /// `None` when another version wrote them: whoever sent them finds out by sending again.
    pub fn decode(bytes: &mut Bytes) -> Option<Sent> {
        if bytes.try_get_u8().ok()? != VERSION {
            return None;
        }
        let event = EventId(Uuid::from_u128(bytes.try_get_u128().ok()?));
        let member = MemberId(Uuid::from_u128(bytes.try_get_u128().ok()?));
        let stamped_at = Time(bytes.try_get_i64().ok()?);
        let ticket = Ticket { node: bytes.try_get_u64().ok()?, number: bytes.try_get_u64().ok()? };
        let nickname = std::str::from_utf8(bytes).ok()?.into();
        Some(Sent { event, click: Click { member, nickname, stamped_at }, ticket })
    }
}

/// A committed batch of one event, as every node hears it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Publication {
    /// Who sequenced it.
    pub node: u64,
    /// Sequence number of its first log record; [`Standing::next_sequence`] is behind the last.
    pub first: u64,
    pub standing: Standing,
    pub entries: Vec<Shown>,
    pub marks: Vec<(u64, EntryState)>,
    /// To clicks of other nodes.
    pub answers: Vec<(Ticket, Answer)>,
    /// The event goes by new terms: they are in the database.
    pub revised: bool,
}

/// A new entry as everybody may see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub member: MemberId,
    pub nickname: String,
    pub entry: Entry,
}

impl Publication {
    pub fn new(node: u64, first: u64, batch: &Batch, standing: Standing) -> Publication {
        let shown = |decided: &Decided| Shown {
            member: decided.member,
            nickname: decided.nickname.to_string(),
            entry: decided.entry,
        };
        let (entries, marks) = (batch.entries.iter().map(shown).collect(), batch.marks.clone());
        Publication { node, first, standing, entries, marks, answers: Vec::new(), revised: false }
    }

    /// What its readers are shown. The log's records and salts stay with whoever wrote them.
    pub fn batch(&self) -> Batch {
        let decided = |shown: &Shown| Decided {
            member: shown.member,
            nickname: shown.nickname.as_str().into(),
            entry: shown.entry,
            salt: [0; 16],
        };
        let (entries, marks) = (self.entries.iter().map(decided).collect(), self.marks.clone());
        Batch { entries, marks, ..Batch::default() }
    }
}

/// What every node that shows an event hears of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum News {
    /// It was decided, and is durable.
    Batch(Box<Publication>),
    /// It was said in the room, and is durable.
    Said(Vec<ChatLine>),
    /// Of node `by`: a line is not to be seen any more.
    Hidden {
        /// Who hid it there already.
        by: u64,
        /// Which.
        number: u64,
    },
}

/// What concerns a shard.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum ShardNews {
    /// Its sequencer should look at an event's commands.
    Wake(EventId),
    /// Clicks go into this generation of its queue.
    Generation(u64),
    /// Nobody owns it.
    Free,
}

/// A message as bytes.
pub(crate) fn encode(message: &impl Serialize) -> Bytes {
    // These types have no map with other keys than text and no fallible serializer.
    serde_json::to_vec(message).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn clicks_survive_their_way(event: u128, member: u128, stamped_at: i64, node: u64, number: u64, nickname in ".{0,12}") {
            let click = Click { member: MemberId(Uuid::from_u128(member)), nickname: nickname.into(), stamped_at: Time(stamped_at) };
            let sent = Sent { event: EventId(Uuid::from_u128(event)), click, ticket: Ticket { node, number } };
            let read = Sent::decode(&mut sent.encode()).unwrap();
            prop_assert_eq!((read.event, read.ticket, read.click.member), (sent.event, sent.ticket, sent.click.member));
            prop_assert_eq!((read.click.nickname, read.click.stamped_at), (sent.click.nickname, sent.click.stamped_at));
        }

        #[test]
        fn what_is_no_click_is_none(bytes: Vec<u8>) {
            let _ = Sent::decode(&mut Bytes::from(bytes));
        }
    }
}
