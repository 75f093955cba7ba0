//! What the runner is asked to do, and how much of it is decided at once.

use super::{cache::EventHandle, decisions::Click, decisions::ClickAnswer, messages::Ticket, shards::OwnedShard};
use crate::cluster::{Position, Shard, Stream};
use bytes::Bytes;
use model::EventId;
use std::sync::Arc;
use tokio::sync::oneshot;

/// The most clicks written in one transaction; one read of a queue brings no more.
pub(super) const MAX_BATCH: usize = 4096;

/// What the runner is asked to do.
pub(super) enum Request {
    /// Decide this.
    Click { handle: Arc<EventHandle>, click: Click, reply: Reply },
    /// There are commands for an event.
    Wake(EventId),
    /// Decide these, which stand in a shard's queue.
    Sent { stream: Stream, clicks: Vec<(Position, Bytes)> },
    /// A shard is this node's.
    Take(OwnedShard),
    /// A shard is to be another's: tell when the last batch is done.
    Leave(Shard, oneshot::Sender<()>),
    /// No shard is this node's any more.
    LeaveAll,
    /// A shard's queue is not what it was.
    Lost(Stream),
}

impl Request {
    fn clicks(&self) -> usize {
        match self {
            Request::Click { .. } => 1,
            Request::Sent { clicks, .. } => clicks.len(),
            _ => 0,
        }
    }
}

/// Where an answer goes.
pub(super) enum Reply {
    /// To somebody who waits in this process.
    Local(oneshot::Sender<ClickAnswer>),
    /// To the node where the click was read.
    Node(Ticket),
}

/// How many of these are decided at once: no more clicks than fit into a batch, but at least one request.
pub(super) fn fits(requests: &[Request]) -> usize {
    let mut clicks = 0;
    let fit = requests.iter().take_while(|request| {
        clicks += request.clicks();
        clicks <= MAX_BATCH
    });
    fit.count().max(1).min(requests.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn sent(clicks: usize) -> Request {
        let stream = Stream { shard: Shard(0), generation: 1 };
        Request::Sent { stream, clicks: vec![(Position::START, Bytes::new()); clicks] }
    }

    #[test]
    fn a_batch_has_no_more_clicks_than_it_may() {
        let wake = || Request::Wake(EventId(Uuid::nil()));
        assert_eq!(fits(&[]), 0);
        assert_eq!(fits(&[wake(), sent(MAX_BATCH - 1), wake(), sent(1), wake(), sent(1)]), 5);
        assert_eq!(fits(&[sent(1), sent(MAX_BATCH)]), 1);
        assert_eq!(fits(&[sent(MAX_BATCH), sent(1)]), 1);
        // Never nothing.
        assert_eq!(fits(&[sent(MAX_BATCH + 1), sent(1)]), 1);
    }
}
