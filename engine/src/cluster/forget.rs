//! What one node changed and others still remember: they are told to forget it.
//!
//! Only what is remembered for a while is told of; whoever misses it reads anew when that while is over.

use super::{
    bus::{Bus, Heard, Subscriber},
    keys::Topic,
};
use bytes::Bytes;
use model::MemberId;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What cannot be told is told again after these many seconds; later nobody remembers it any more.
const AGAIN_AFTER: [u64; 5] = [0, 1, 2, 4, 8];

/// What no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Forget {
    /// The session of a token with this hash.
    Session([u8; 32]),
    /// All sessions of a member: their role, mode or names.
    Member(MemberId),
    /// The name that boards show of a member.
    Name(MemberId),
    /// Something was missed: anything may no longer hold.
    Missed,
}

#[derive(Serialize, Deserialize)]
struct Told {
    by: u64,
    what: Forget,
}

/// Tells other nodes, and hears from them. Cheap to clone.
#[derive(Clone)]
pub struct Forgetting {
    bus: Bus,
    /// This node, which has already forgotten what it tells.
    node: u64,
}

impl Forgetting {
    /// For one node on a bus.
    pub fn new(bus: Bus) -> Forgetting {
        Forgetting { bus, node: u64::from_be_bytes(crate::ids::random()) }
    }

    /// Tells all other nodes, behind the back of the caller. The change must have been committed, and forgotten here.
    pub fn tell(&self, what: Forget) {
        let bus = self.bus.clone();
        // This type has no map and no fallible serializer.
        let message: Bytes = serde_json::to_vec(&Told { by: self.node, what }).unwrap_or_default().into();
        tokio::spawn(async move {
            for seconds in AGAIN_AFTER {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                match bus.publish(Topic::Forget, message.clone()).await {
                    Ok(()) => return,
                    Err(error) => tracing::debug!(%error, "other nodes cannot be told to forget"),
                }
            }
        });
    }

    /// Hears what others tell from now on.
    pub fn hear(&self) -> Forgotten {
        let subscriber = self.bus.subscriber();
        subscriber.listen(Topic::Forget);
        Forgotten { subscriber, node: self.node }
    }
}

/// What other nodes tell.
pub struct Forgotten {
    subscriber: Subscriber,
    node: u64,
}

impl Forgotten {
    /// What comes next. What cannot be read comes from a node of another version, and may be anything.
    pub async fn next(&mut self) -> Forget {
        loop {
            let Heard::Message(_, message) = self.subscriber.next().await else { return Forget::Missed };
            match serde_json::from_slice::<Told>(&message) {
                Ok(told) if told.by == self.node => {}
                Ok(told) => return told.what,
                Err(_) => return Forget::Missed,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing;
    use uuid::Uuid;

    async fn contract(bus: Bus) {
        let (here, there) = (Forgetting::new(bus.clone()), Forgetting::new(bus.clone()));
        let (mut hears, mut own) = (there.hear(), here.hear());
        let begun = testing::soon("it comes", async { [hears.next().await, own.next().await] }).await;
        assert_eq!(begun, [Forget::Missed; 2], "what was told before is unknown");
        let member = MemberId(Uuid::from_u128(1));
        for what in [Forget::Session([7; 32]), Forget::Member(member), Forget::Name(member)] {
            here.tell(what);
            assert_eq!(testing::soon("it comes", hears.next()).await, what);
        }
        bus.publish(Topic::Forget, Bytes::from_static(br#"{"by":1,"what":{"weather":"rain"}}"#)).await.unwrap();
        assert_eq!(
            testing::soon("it comes", hears.next()).await,
            Forget::Missed,
            "what is not understood may be anything"
        );
        assert_eq!(testing::soon("it comes", own.next()).await, Forget::Missed, "what one told oneself is not heard");
    }

    #[tokio::test]
    async fn within_a_process() {
        contract(Bus::local()).await;
    }

    #[tokio::test]
    async fn over_redis() {
        contract(Bus::redis(testing::shared().await)).await;
    }
}
