//! What was deleted and may still stand in the database's files.

use super::{Db, Lane};
use crate::clock::Clock;
use model::{DAY, HOUR, Time};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often files are wiped after something was erased: PostgreSQL keeps what a transaction that runs beside it may still see, and
/// by the next time that one has ended.
const WIPES: u32 = 2;
/// How large a table may be, in bytes, that everything waits for while it is written anew.
const BUSY: i64 = 32 << 20;
/// Rows deleted in one transaction.
const AT_ONCE: i64 = 500;

/// Tables that people's own words are erased from, whose deleted rows are wiped from the files (see [`Db::wipe`]) for as long as it
/// takes: that may fail beside others, and PostgreSQL keeps some the first time. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Leftovers {
    db: Db,
    clock: Clock,
    tables: &'static [&'static str],
    /// How large they may be to be written anew.
    most: Option<i64>,
    left: Arc<Mutex<Left>>,
}

struct Left {
    /// How often the files are still to be wiped of what this node erased.
    times: u32,
    /// Whether something was erased since they were wiped last, or began to be.
    more: bool,
    /// When this node wiped them last.
    wiped_at: Time,
}

impl Leftovers {
    /// Of these tables.
    pub fn new(db: Db, clock: Clock, tables: &'static [&'static str]) -> Leftovers {
        // What was left behind before the start goes an hour later: who comes back at once is in no one's way.
        let left = Left { times: 0, more: false, wiped_at: clock.now() - DAY + HOUR };
        Leftovers { db, clock, tables, most: None, left: Arc::new(Mutex::new(left)) }
    }

    /// Of these tables, which are in use all the time: large ones are not written anew.
    pub fn of_busy(db: Db, clock: Clock, tables: &'static [&'static str]) -> Leftovers {
        Leftovers { most: Some(BUSY), ..Leftovers::new(db, clock, tables) }
    }

    fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Erases what a statement deletes of before a time, `$1`, no more rows than `$2` in a transaction, until none is left.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, text: &'static str, before: Time) -> Result<(), sqlx::Error> {
        loop {
            let mut tx = self.db.begin(Lane::Other).await?;
            let some = tx.sql(text).bind(before).bind(AT_ONCE).run().await?;
            tx.commit().await?;
            if some > 0 {
                self.add();
            }
            if (some as i64) < AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Something was erased.
    pub fn add(&self) {
        let mut left = self.left();
        (left.times, left.more) = (WIPES, true);
    }

    /// Wipes what this node erased, and once a day what others did, or what was deleted without a word.
    ///
    /// # Errors
    /// When it cannot be done now: the next call does it.
    pub async fn wipe(&self) -> Result<(), sqlx::Error> {
        self.wipe_by(self.db.wipe(self.tables, self.most)).await
    }

    async fn wipe_by(&self, wiping: impl Future<Output = Result<(), sqlx::Error>>) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        {
            let mut left = self.left();
            if left.times == 0 && now.since(left.wiped_at) < DAY {
                return Ok(());
            }
            left.more = false;
        }
        wiping.await?;
        let mut left = self.left();
        left.wiped_at = now;
        if !left.more {
            left.times = left.times.saturating_sub(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn what_could_not_be_wiped_is_wiped_until_it_was_twice() {
        let (folder, clock) = (tempfile::tempdir().unwrap(), Clock::manual(Time(0)));
        let leftovers = Leftovers::new(Db::open(folder.path()).await.unwrap(), clock.clone(), &["party_lines"]);
        let wiped = AtomicU32::new(0);
        let wipe = async |ends: Result<(), sqlx::Error>| {
            let wiping = async {
                wiped.fetch_add(1, Ordering::Relaxed);
                ends
            };
            let done = leftovers.wipe_by(wiping).await;
            (done.is_ok(), wiped.load(Ordering::Relaxed))
        };
        assert_eq!(wipe(Ok(())).await, (true, 0), "nothing was erased");
        leftovers.add();
        assert_eq!(wipe(Err(sqlx::Error::PoolTimedOut)).await, (false, 1));
        assert_eq!(wipe(Ok(())).await, (true, 2), "once more after it failed");
        assert_eq!(wipe(Ok(())).await, (true, 3), "and once more for what a transaction beside it saw");
        assert_eq!(wipe(Ok(())).await, (true, 3));
        // What is erased while files are wiped may have come too late for that.
        leftovers.add();
        let erasing = async {
            leftovers.add();
            Ok(())
        };
        leftovers.wipe_by(erasing).await.unwrap();
        assert_eq!(wipe(Ok(())).await, (true, 4));
        assert_eq!(wipe(Ok(())).await, (true, 5));
        assert_eq!(wipe(Ok(())).await, (true, 5));
        clock.set(Time(0) + DAY);
        assert_eq!(wipe(Ok(())).await, (true, 6), "once a day in any case");
        assert_eq!(wipe(Ok(())).await, (true, 6));
    }
}
