//! Tokens without a seal, of sessions and of members' own programs: older programs gave such out, and anybody can make them up. They
//! are looked for together, one read after the other, so that many that are made up take nothing from anybody else.

use crate::{
    Error,
    db::{Db, Dialect},
};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::oneshot::{self, Sender, error::TryRecvError},
    time::Instant,
};

/// Tokens that are looked for with one read.
const AT_ONCE: usize = 1000;
/// After a read that found one to be nobody's the next waits for so long: more gather meanwhile.
const PAUSE: Duration = Duration::from_millis(50);

/// The hash of a token, and who waits for whether it is somebody's; they are told `None` when that could not be read.
type Waiting = ([u8; 32], Sender<Option<bool>>);

/// Looks for tokens without a seal.
#[derive(Default)]
pub(super) struct Unsealed {
    waiting: Mutex<VecDeque<Waiting>>,
    /// Whoever has it reads, not before this.
    turn: tokio::sync::Mutex<Option<Instant>>,
    #[cfg(test)]
    pub reads: std::sync::atomic::AtomicU64,
}

impl Unsealed {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody held the token with this hash a moment ago.
    ///
    /// # Errors
    /// The database's; [`model::Error::Busy`] to those who waited for the same read.
    pub async fn is_somebodys(&self, db: &Db, hash: [u8; 32]) -> Result<bool, Error> {
        let (tell, mut told) = oneshot::channel();
        self.waiting().push_back((hash, tell));
        loop {
            let mut not_before = self.turn.lock().await;
            match told.try_recv() {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => return Err(model::Error::Busy.into()),
                Err(TryRecvError::Empty) => {}
                // Whoever read it went away meanwhile.
                Err(TryRecvError::Closed) => {
                    let (tell, again) = oneshot::channel();
                    told = again;
                    self.waiting().push_back((hash, tell));
                }
            }
            if let Some(not_before) = *not_before {
                tokio::time::sleep_until(not_before).await;
            }
            let some: Vec<Waiting> = {
                let mut waiting = self.waiting();
                waiting.retain(|(_, tell)| !tell.is_closed());
                let count = waiting.len().min(AT_ONCE);
                waiting.drain(..count).collect()
            };
            #[cfg(test)]
            self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let found = read(db, some.iter().map(|(hash, _)| *hash).collect()).await;
            let all_found = found.as_ref().is_ok_and(|found| some.iter().all(|(hash, _)| found.contains(hash)));
            *not_before = (!all_found).then(|| Instant::now() + PAUSE);
            for (hash, tell) in some {
                let _ = tell.send(found.as_ref().ok().map(|found| found.contains(&hash)));
            }
            // The others were told that there is nothing to be told.
            found?;
        }
    }
}

/// Which of these hashes are of sessions, or of programs' tokens.
async fn read(db: &Db, hashes: Vec<[u8; 32]>) -> Result<HashSet<[u8; 32]>, sqlx::Error> {
    macro_rules! among {
        ($among:literal) => {
            concat!(
                "select token_hash from sessions where token_hash ",
                $among,
                " union all select token_hash from api_tokens where token_hash ",
                $among
            )
        };
    }
    let rows: Vec<(Vec<u8>,)> = match db.dialect() {
        Dialect::Sqlite => {
            let digits = |hash: &[u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            let hashes: Vec<String> = hashes.iter().map(digits).collect();
            let hashes = serde_json::to_string(&hashes).map_err(|error| sqlx::Error::Encode(error.into()))?;
            db.sql(among!("in (select unhex(value) from json_each($1))")).bind(hashes).all().await?
        }
        Dialect::Postgres => {
            let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
            db.sql(among!("= any($1::bytea[])")).bind_column(hashes).all().await?
        }
    };
    Ok(rows.into_iter().filter_map(|(hash,)| hash.try_into().ok()).collect())
}
