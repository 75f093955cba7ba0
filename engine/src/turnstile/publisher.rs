//! Tells all nodes what was committed here, in order and until Redis takes it.

use crate::cluster::{Bus, Topic};
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages that may wait to be published, and that are in one go: a batch of many events is as many messages.
pub(super) const WAITING: usize = 1024;
const AT_ONCE: usize = 64;
/// A pause when Redis takes nothing.
const PAUSE: Duration = Duration::from_millis(50);

/// Publishes in order. What Redis does not take is published again until it does: a node that received neither it nor a gap
/// would never know.
pub(super) async fn publish(bus: Bus, mut waiting: mpsc::Receiver<(Topic, Bytes)>) {
    let mut messages = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut messages, AT_ONCE).await > 0 {
        // Who receives one twice knows it by its number.
        while let Err(error) = bus.publish_all(&messages).await {
            tracing::debug!(%error, "nothing can be published");
            tokio::time::sleep(PAUSE).await;
        }
        messages.clear();
    }
}
