//! The queues of the shards that this node owns: read into its runner, and trimmed as far as was committed.

use super::requests::Request;
use crate::cluster::{Clicks, Position, Stream};
use std::{collections::BTreeMap, time::Duration};
use tokio::sync::{mpsc, watch};

/// The most clicks read of one queue at once.
const AT_ONCE: usize = 4096;
/// A pause when Redis cannot be read.
const PAUSE: Duration = Duration::from_millis(50);
/// How often what was committed is let go.
const TRIM_EVERY: Duration = Duration::from_millis(500);

/// Reads the queues of the shards that this node owns.
pub(super) async fn read(
    clicks: Clicks,
    mut wanted: watch::Receiver<Vec<(Stream, Position)>>,
    requests: mpsc::WeakSender<Request>,
) {
    let mut reader = clicks.reader();
    let mut after: BTreeMap<Stream, Position> = BTreeMap::new();
    loop {
        {
            let wanted = wanted.borrow_and_update();
            // A queue that stays is read on from where the last read ended.
            after = wanted
                .iter()
                .map(|(stream, at)| (*stream, after.get(stream).map_or(*at, |read| *read.max(at))))
                .collect();
        }
        let streams: Vec<_> = after.iter().map(|(stream, at)| (*stream, *at)).collect();
        let found = tokio::select! {
            changed = wanted.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            found = reader.read(&streams, AT_ONCE), if !streams.is_empty() => found,
        };
        let Some(requests) = requests.upgrade() else { return };
        match found {
            Ok(found) => {
                for (stream, clicks) in found.clicks {
                    if let Some((last, _)) = clicks.last() {
                        after.insert(stream, *last);
                    }
                    if requests.send(Request::Sent { stream, clicks }).await.is_err() {
                        return;
                    }
                }
                for stream in &found.lost {
                    if requests.send(Request::Lost(*stream)).await.is_err() {
                        return;
                    }
                }
                if !found.lost.is_empty() {
                    tokio::time::sleep(PAUSE).await;
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the queues of clicks cannot be read");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Lets go of what was committed.
pub(super) async fn trim(clicks: Clicks, mut committed: watch::Receiver<Vec<(Stream, Position)>>) {
    let mut trimmed: BTreeMap<Stream, Position> = BTreeMap::new();
    while committed.changed().await.is_ok() {
        loop {
            let reached = committed.borrow_and_update().clone();
            trimmed.retain(|stream, _| reached.iter().any(|(held, _)| held == stream));
            let mut all = true;
            for (stream, position) in reached {
                if trimmed.get(&stream) != Some(&position) {
                    match clicks.trim(stream, position).await {
                        Ok(()) => drop(trimmed.insert(stream, position)),
                        // Tried again, also when nothing more is committed: a full queue takes no clicks.
                        Err(_) => all = false,
                    }
                }
            }
            tokio::time::sleep(TRIM_EVERY).await;
            if all || committed.has_changed().is_err() {
                break;
            }
        }
    }
}
