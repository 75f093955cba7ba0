//! Open streams of notices: so many of each member, the newest.

use model::MemberId;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// Streams of one member: a browser has one, whatever its tabs are.
pub const MOST: usize = 8;

/// Streams by member, the oldest first. Cheap to clone.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<MemberId, VecDeque<Arc<Notify>>>>>);

/// One stream, counted until this is dropped.
pub struct OpenStream {
    streams: Streams,
    member: MemberId,
    over: Arc<Notify>,
}

impl Streams {
    fn open_streams(&self) -> MutexGuard<'_, HashMap<MemberId, VecDeque<Arc<Notify>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody has one open.
    pub fn is_empty(&self) -> bool {
        self.open_streams().is_empty()
    }

    /// Counts one more of a member. When there are too many, the oldest is to end.
    pub fn open(&self, member: MemberId) -> OpenStream {
        let over = Arc::new(Notify::new());
        let mut streams = self.open_streams();
        let of_member = streams.entry(member).or_default();
        if of_member.len() >= MOST
            && let Some(oldest) = of_member.pop_front()
        {
            oldest.notify_one();
        }
        of_member.push_back(over.clone());
        drop(streams);
        metrics::gauge!("notice_streams").increment(1);
        OpenStream { streams: self.clone(), member, over }
    }
}

impl OpenStream {
    /// Resolves when the stream is to end, since its member opened others.
    pub async fn over(&self) {
        self.over.notified().await;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        metrics::gauge!("notice_streams").decrement(1);
        let mut streams = self.streams.open_streams();
        let Some(of_member) = streams.get_mut(&self.member) else { return };
        of_member.retain(|other| !Arc::ptr_eq(other, &self.over));
        if of_member.is_empty() {
            streams.remove(&self.member);
        }
    }
}
