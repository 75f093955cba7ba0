//! What nodes of one site share through Redis: it orders, spreads and limits.
//!
//! The database is the only truth. Redis may be emptied, restarted or away: nothing acknowledged is lost with it, and a node
//! that may have missed something is told so. [`Redis`] is the connection, [`Clicks`] the queue, [`Bus`] what nodes tell each
//! other ([`Envelope`] how each message begins), [`Invalidation`] what they are to remember no longer, [`Presence`] who is in
//! which room, [`ClockOffset`] whose time is right. What is limited is in [`crate::limits`].

mod address;
mod bus;
mod clicks;
mod connection;
mod envelope;
mod invalidation;
mod keys;
mod offset;
mod presence;
mod startup;
#[cfg(test)]
pub(crate) mod testing;

pub use address::RedisUrl;
pub use bus::{Bus, BusSubscriber, Hub, Received};
pub use clicks::{AppendError, Clicks, NotAPosition, OfStream, Position, ReadClicks, Reader};
pub use connection::Redis;
pub use envelope::{Envelope, MessageKind};
pub use invalidation::{Invalidated, Invalidation, Stale};
pub use keys::{Keys, Shard, Stream, Topic};
pub use offset::{ClockOffset, Offset};
pub use presence::{Everywhere, Presence, REFRESH_EVERY};
pub use startup::Unusable;

use crate::tasks::Tasks;

/// A node's way to the others. Cheap to clone.
#[derive(Clone)]
pub struct Nodes {
    /// This node's number: random, and new at every start.
    pub node: u64,
    /// Where their queues are.
    pub redis: Redis,
    /// How they tell each other.
    pub bus: Bus,
}

impl Nodes {
    /// As one of those that share a Redis.
    pub fn join(redis: Redis, tasks: &Tasks) -> Nodes {
        // Positive, as the database has it.
        let node = u64::from_be_bytes(crate::ids::random()) >> 1;
        Nodes { node, bus: Bus::redis(redis.clone(), tasks), redis }
    }
}
