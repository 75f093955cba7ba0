//! Removes pictures that no event, no party, no review and no member shows: those that another took the place of, and halves of uploads that were cut short.

use super::{PictureStore, file_store::reason};
use crate::{Error, clock::Clock, db::Db};
use futures::TryStreamExt;
use model::{DAY, MICROSECOND, PictureId, SECOND, Span, Time};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// An upload that is younger may be of an event that is being written.
const YOUNG: Span = DAY;
/// A moment that was not.
const NEVER: i64 = i64::MIN;

/// Looks through the store once a day. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Sweeper {
    store: PictureStore,
    db: Db,
    clock: Clock,
    /// When this node did so last.
    swept_at: Arc<AtomicI64>,
}

impl Sweeper {
    pub fn new(store: PictureStore, db: Db, clock: Clock) -> Sweeper {
        Sweeper { store, db, clock, swept_at: Arc::new(AtomicI64::new(NEVER)) }
    }

    /// Removes them, unless this node did so within a day.
    ///
    /// # Errors
    /// The store's and the database's.
    pub async fn sweep_daily(&self) -> Result<(), Error> {
        let (now, last) = (self.clock.now(), self.swept_at.load(Ordering::Relaxed));
        if last != NEVER && now.since(Time(last)) < DAY {
            return Ok(());
        }
        let removed = self.sweep(now).await?;
        if removed > 0 {
            tracing::info!(removed, "pictures that nobody sees were removed");
        }
        self.swept_at.store(now.0, Ordering::Relaxed);
        Ok(())
    }

    /// Removes them; how many files there were.
    async fn sweep(&self, now: Time) -> Result<usize, Error> {
        let mut removed = 0;
        let mut files = self.store.files.list();
        // One after the other: nobody waits for this.
        while let Some(file) = files.try_next().await? {
            let parts: Vec<_> = file.location.parts().collect();
            let [.., id, name] = parts.as_slice() else { continue };
            let Ok(id) = id.as_ref().parse::<PictureId>() else { continue };
            if now.since(made_at(id)) < YOUNG || self.is_shown(id, name.as_ref()).await? {
                continue;
            }
            match self.store.files.delete_at(&file.location).await {
                Ok(()) => removed += 1,
                Err(error) => tracing::warn!(%id, error = reason(&error), "a picture that nobody sees was left behind"),
            }
        }
        Ok(removed)
    }

    async fn is_shown(&self, id: PictureId, name: &str) -> Result<bool, sqlx::Error> {
        if name == super::RECEIPT {
            return self.db.sql("select 1 from parties where receipt = $1").bind(id).exists().await;
        }
        if super::FACES.iter().any(|(face, ..)| *face == name) {
            return self.db.sql("select 1 from members where picture = $1").bind(id).exists().await;
        }
        let pictures = super::addresses(id);
        let shown = self.db.sql(
            "select 1 from events where banner = $1 union all select 1 from events where card = $2
             union all select 1 from detail_pictures where address = $3
             union all select 1 from review_pictures where address = $3 limit 1",
        );
        shown.bind(pictures.banner).bind(pictures.card).bind(super::detail_address(id)).exists().await
    }
}

/// When a picture was uploaded, as its id says.
fn made_at(id: PictureId) -> Time {
    let (seconds, nanoseconds) = id.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
    Time(0) + seconds as i64 * SECOND + i64::from(nanoseconds / 1000) * MICROSECOND
}
