//! Who may send a picture at the moment. A place is taken before a byte of it is read: what is being read lies in memory as a
//! whole.

use crate::counts::{Counted, Counts};
use model::{Error, MemberId};
use std::{sync::Arc, time::Duration};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Megabytes that may be under way at once, as announced.
const MEGABYTES: u32 = 96;
/// Uploads that may be under way or wait for room.
const QUEUE: usize = 64;
/// Those of one member: one, and the next.
const OF_MEMBER: u32 = 2;
/// How long one waits for room. Nothing of it is read meanwhile.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The queue of uploads.
pub struct Uploads {
    room: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    members: Counts<MemberId>,
    patience: Duration,
}

/// Room for an upload, until this is dropped.
pub struct Upload {
    _room: OwnedSemaphorePermit,
    _queue: OwnedSemaphorePermit,
    _member: Counted<MemberId>,
}

impl Uploads {
    /// With room for all there is, for which is waited so long.
    pub fn new(patience: Duration) -> Uploads {
        Uploads {
            room: Arc::new(Semaphore::new(MEGABYTES as usize)),
            queue: Arc::new(Semaphore::new(QUEUE)),
            members: Counts::new(OF_MEMBER),
            patience,
        }
    }

    /// Waits for room for so many bytes of a member.
    ///
    /// # Errors
    /// [`Error::TooMany`] of one member, [`Error::Busy`] when there is no room for long.
    pub async fn take(&self, member: MemberId, bytes: u64) -> Result<Upload, Error> {
        let of_member = self.members.take(member).ok_or(Error::TooMany { retry_after: 10 })?;
        let queue = self.queue.clone().try_acquire_owned().map_err(|_| Error::Busy)?;
        let megabytes = u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(MEGABYTES).clamp(1, MEGABYTES);
        let room = self.room.clone().acquire_many_owned(megabytes);
        match tokio::time::timeout(self.patience, room).await {
            Ok(Ok(room)) => Ok(Upload { _room: room, _queue: queue, _member: of_member }),
            _ => Err(Error::Busy),
        }
    }
}
