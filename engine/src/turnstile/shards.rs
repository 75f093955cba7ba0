//! What events are spread over among nodes, and how a node has a part of it.

use crate::{
    cluster::{Position, Shard, Stream},
    db::Db,
};
use model::EventId;

/// Queues that events are spread over. Nodes own shards, so this is also how many nodes can sequence.
pub(super) const SHARDS: u16 = 64;

/// The shard of an event: by the random part of its id.
pub(super) fn shard(event: EventId) -> Shard {
    Shard((event.0.as_u128() % u128::from(SHARDS)) as u16)
}

/// A shard as its owner has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OwnedShard {
    pub stream: Stream,
    /// Raised by every new owner: the database takes nothing from an older one.
    pub epoch: i64,
    /// Of the newest click that was decided, or is being.
    pub reached: Position,
    /// Whether the next click is one that this node cannot read.
    pub stopped: bool,
}

/// Which generation of its queue every shard is at.
pub(super) async fn generations(db: &Db) -> Result<Vec<(Shard, u64)>, sqlx::Error> {
    let rows: Vec<(i64, i64)> = db.sql("select id, generation from shards").all().await?;
    Ok(rows.into_iter().map(|(id, generation)| (Shard(id as u16), generation as u64)).collect())
}
