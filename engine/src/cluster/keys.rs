//! What lies where in Redis: every key and every channel is named here.

use model::{EventId, MemberId, PartyId};
use std::{fmt, str::FromStr};

/// The version of what the keys hold. Nodes of two versions that cannot read each other's keys do not meet.
const VERSION: u8 = 1;

/// One of the queues that events map to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(pub u16);

/// A shard's queue. It is never repaired: one that was lost is followed by the next generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// Whose.
    pub shard: Shard,
    /// The how manieth.
    pub generation: u64,
}

/// What nodes tell each other about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// What is remembered and no longer holds.
    Invalidation,
    /// What became durable of an event.
    Event(EventId),
    /// That something was said in a party, or that others are its members now.
    Party(PartyId),
    /// That a member has other notices than before.
    Notices(MemberId),
    /// What the owner of a shard should look at.
    Shard(Shard),
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Invalidation => f.write_str("forget"),
            Topic::Event(event) => write!(f, "event:{event}"),
            Topic::Party(party) => write!(f, "party:{party}"),
            Topic::Notices(member) => write!(f, "notices:{member}"),
            Topic::Shard(Shard(shard)) => write!(f, "shard:{shard}"),
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Topic, ()> {
        match text.split_once(':') {
            None if text == "forget" => Ok(Topic::Invalidation),
            Some(("event", event)) => event.parse().map(Topic::Event).map_err(drop),
            Some(("party", party)) => party.parse().map(Topic::Party).map_err(drop),
            Some(("notices", member)) => member.parse().map(Topic::Notices).map_err(drop),
            Some(("shard", shard)) => shard.parse().map(|shard| Topic::Shard(Shard(shard))).map_err(drop),
            _ => Err(()),
        }
    }
}

/// Names keys. Two sites with different prefixes may share a server.
#[derive(Debug, Clone)]
pub struct Keys {
    start: String,
}

impl Keys {
    /// Keys that begin with `prefix`.
    pub fn new(prefix: &str) -> Keys {
        Keys { start: format!("{prefix}:{VERSION}:") }
    }

    /// What all keys begin with.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// A stream of clicks.
    pub fn clicks(&self, stream: Stream) -> String {
        format!("{}clicks:{}:{}", self.start, stream.shard.0, stream.generation)
    }

    /// The channel of a topic.
    pub fn channel(&self, topic: Topic) -> String {
        format!("{}topic:{topic}", self.start)
    }

    /// The topic of a channel, when it is one of ours.
    pub fn topic(&self, channel: &str) -> Option<Topic> {
        channel.strip_prefix(&self.start)?.strip_prefix("topic:")?.parse().ok()
    }

    /// How much of what a rule allows was used up. `subject` is a hash, so that keys name no person.
    pub fn limit(&self, rule: &str, subject: u128) -> String {
        format!("{}limit:{rule}:{subject:032x}", self.start)
    }

    /// Who failed too often at what a rule limits, and must wait.
    pub fn pause(&self, rule: &str, subject: u128) -> String {
        format!("{}pause:{rule}:{subject:032x}", self.start)
    }

    /// The people in an event's room.
    pub fn present(&self, event: EventId) -> String {
        format!("{}present:{event}", self.start)
    }

    /// Which node samples how many they are.
    pub fn sampler(&self, event: EventId) -> String {
        format!("{}scribe:{event}", self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn channels_lead_back_to_their_topics_and_to_no_other_sites() {
        let keys = Keys::new("59");
        let (event, party) = (EventId(Uuid::from_u128(7)), PartyId(Uuid::from_u128(7)));
        let member = MemberId(Uuid::from_u128(7));
        let topics = [
            Topic::Invalidation,
            Topic::Event(event),
            Topic::Party(party),
            Topic::Notices(member),
            Topic::Shard(Shard(65535)),
        ];
        for topic in topics {
            assert_eq!(keys.topic(&keys.channel(topic)), Some(topic));
            assert_eq!(Keys::new("60").topic(&keys.channel(topic)), None);
        }
        assert_eq!(keys.topic("59:1:topic:shard:65536"), None);
        assert_eq!(keys.topic("59:1:topic:weather:7"), None, "as a newer node may have");
        assert_eq!(keys.clicks(Stream { shard: Shard(3), generation: 12 }), "59:1:clicks:3:12");
    }
}
