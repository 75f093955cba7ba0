//! What one node changed and others still remember: they are told that it no longer holds.
//!
//! Only what is remembered for a while is told of; a node that misses it reads anew when that while is over. Of what is
//! remembered for longer than it is published again each node looks by itself what changed, as of standings among neighbours.

use super::{
    bus::{Bus, BusSubscriber, Received},
    envelope::{Envelope, MessageKind},
    keys::Topic,
};
use crate::versions;
use model::MemberId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The version of what [`MessageKind::INVALIDATED`] carries.
const VERSION: u8 = 1;
/// A message that could not be published is published again after these pauses; by then no cache remembers what it is about, or its
/// node has looked by itself.
const RETRY_AFTER: [Duration; 5] =
    [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// What no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// What is remembered of a token with this hash: a session's, or that of a member's program.
    Session([u8; 32]),
    /// All sessions and tokens of a member: their role, mode or names.
    Member(MemberId),
    /// The name that boards show of a member.
    Name(MemberId),
    /// How a member stands among neighbours.
    Standing(MemberId),
    /// Something was missed: anything may no longer hold.
    Anything,
}

/// Tells other nodes what to remember no longer, and receives it from them. Cheap to clone.
#[derive(Clone)]
pub struct Invalidation {
    bus: Bus,
    /// This node, which already goes by what it publishes.
    node: u64,
}

impl Invalidation {
    /// For one node on a bus.
    pub fn new(bus: Bus) -> Invalidation {
        Invalidation { bus, node: u64::from_be_bytes(crate::ids::random()) }
    }

    /// Tells all other nodes, without keeping the caller waiting. The change must have been committed, and be known here.
    pub fn publish(&self, what: Stale) {
        let bus = self.bus.clone();
        let message = Envelope { kind: MessageKind::INVALIDATED, version: VERSION, node: self.node }.seal(&what);
        tokio::spawn(async move {
            for pause in RETRY_AFTER {
                tokio::time::sleep(pause).await;
                match bus.publish(Topic::Invalidation, message.clone()).await {
                    Ok(()) => return,
                    Err(error) => tracing::debug!(%error, "other nodes cannot be told what no longer holds"),
                }
            }
        });
    }

    /// Receives what others publish from now on.
    pub fn subscribe(&self) -> Invalidated {
        let subscriber = self.bus.subscriber();
        subscriber.subscribe(Topic::Invalidation);
        Invalidated { subscriber, node: self.node }
    }
}

/// What other nodes publish.
pub struct Invalidated {
    subscriber: BusSubscriber,
    node: u64,
}

impl Invalidated {
    /// What comes next. What cannot be read comes from a node of another version, and may be anything.
    pub async fn next(&mut self) -> Stale {
        loop {
            let Received::Message(_, message) = self.subscriber.next().await else { return Stale::Anything };
            let known = match Envelope::open(&message) {
                Some((envelope, _)) if envelope.node == self.node => continue,
                Some((Envelope { kind: MessageKind::INVALIDATED, version: VERSION, .. }, content)) => {
                    serde_json::from_slice(content).ok()
                }
                _ => None,
            };
            return known.unwrap_or_else(|| {
                versions::count_unknown("invalidation");
                Stale::Anything
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing;
    use uuid::Uuid;

    async fn contract(bus: Bus) {
        let (here, there) = (Invalidation::new(bus.clone()), Invalidation::new(bus.clone()));
        let (mut theirs, mut own) = (there.subscribe(), here.subscribe());
        let begun = testing::soon("it comes", async { [theirs.next().await, own.next().await] }).await;
        assert_eq!(begun, [Stale::Anything; 2], "what was published before is unknown");
        let member = MemberId(Uuid::from_u128(1));
        for what in [Stale::Session([7; 32]), Stale::Member(member), Stale::Name(member), Stale::Standing(member)] {
            here.publish(what);
            assert_eq!(testing::soon("it comes", theirs.next()).await, what);
        }
        // A newer node says something else, or says it in another way.
        let of_newer = |version| Envelope { kind: MessageKind::INVALIDATED, version, node: 1 };
        for (envelope, content) in
            [(of_newer(VERSION), r#"{"weather":"rain"}"#), (of_newer(VERSION + 1), r#""anything""#)]
        {
            let content: serde_json::Value = serde_json::from_str(content).unwrap();
            bus.publish(Topic::Invalidation, envelope.seal(&content)).await.unwrap();
            assert_eq!(
                testing::soon("it comes", theirs.next()).await,
                Stale::Anything,
                "what is not understood may be anything"
            );
            assert_eq!(
                testing::soon("it comes", own.next()).await,
                Stale::Anything,
                "what one published oneself is not received"
            );
        }
        here.publish(Stale::Name(member));
        assert_eq!(testing::soon("it comes", theirs.next()).await, Stale::Name(member), "what comes after it is");
    }

    #[tokio::test]
    async fn within_a_process() {
        contract(Bus::local()).await;
    }

    #[tokio::test]
    async fn over_redis() {
        let (redis, tasks) = (testing::shared().await, crate::tasks::Tasks::surviving());
        contract(Bus::redis(redis, &tasks)).await;
    }
}
