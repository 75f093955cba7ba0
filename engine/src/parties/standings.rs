//! How members stand: penalties that count, and whether they have done a party.
//!
//! What is shown beside a nickname is remembered for a day. Whoever changes it lets it go afterwards, on every node; what was being
//! read meanwhile is not kept. Who may join is never decided by what is remembered: that is read in the transaction.

use crate::{
    Error,
    clock::Clock,
    cluster::{Invalidation, Stale},
    db::{Db, Tx},
};
use model::{
    DAY, MemberId, PartyError, Span, Time,
    parties::{PENALTY_LASTS, Standing},
};
use quick_cache::sync::Cache;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// How long a standing is remembered, unless a penalty ceases to count before.
const FRESH: Span = DAY;
/// Standings in memory.
const KEPT: usize = 100_000;

/// Times of the penalties of `$1` since `$2` that were not taken back.
const PENALTIES: &str = "select at from penalties where member_id = $1 and at > $2 and appeal_state <> 'granted'";
/// Whether `$1` has done a party.
const DONE: &str = "select 1 from party_members m join parties p on p.id = m.party_id
    where m.member_id = $1 and m.state = 'joined' and (m.came is null or m.came) and p.state = 'done' limit 1";

/// Standings as they are remembered. Cheap to clone.
#[derive(Clone)]
pub(super) struct Standings {
    db: Db,
    clock: Clock,
    known: Arc<Cache<MemberId, (Standing, Time)>>,
    /// How often something was let go of.
    changes: Arc<AtomicU64>,
    invalidation: Invalidation,
}

impl Standings {
    pub fn new(db: Db, clock: Clock, invalidation: Invalidation) -> Standings {
        Standings { db, clock, known: Arc::new(Cache::new(KEPT)), changes: Arc::default(), invalidation }
    }

    /// How a member stands.
    pub async fn of(&self, member: MemberId) -> Result<Standing, Error> {
        let now = self.clock.now();
        if let Some((standing, until)) = self.known.get(&member)
            && now < until
        {
            return Ok(standing);
        }
        let before = self.changes.load(Ordering::SeqCst);
        let penalties: Vec<(Time,)> = self.db.sql(PENALTIES).bind(member).bind(now - PENALTY_LASTS).all().await?;
        let done = self.db.sql(DONE).bind(member).exists().await?;
        let times: Vec<Time> = penalties.into_iter().map(|(at,)| at).collect();
        let ceases = times.iter().map(|at| *at + PENALTY_LASTS).min().unwrap_or(now + FRESH);
        let standing = Standing::of(&times, done, now);
        self.known.insert(member, (standing, ceases.min(now + FRESH)));
        // Whatever changed after this look lets go of it by itself.
        if self.changes.load(Ordering::SeqCst) != before {
            self.known.remove(&member);
        }
        Ok(standing)
    }

    /// What a member's standing was no longer holds, here and on other nodes. The change must have been committed.
    pub fn invalidate_member(&self, member: MemberId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.known.remove(&member);
        self.invalidation.publish(Stale::Standing(member));
    }

    /// Remembers no longer what other nodes changed, until the program ends.
    pub async fn follow(&self) {
        let mut told = self.invalidation.subscribe();
        loop {
            let what = told.next().await;
            self.changes.fetch_add(1, Ordering::SeqCst);
            match what {
                Stale::Standing(member) => drop(self.known.remove(&member)),
                Stale::Anything => self.known.clear(),
                _ => {}
            }
        }
    }
}

/// That a member may make and join parties.
///
/// # Errors
/// [`PartyError::Blocked`]; the database's.
pub(super) async fn check(tx: &mut Tx, member: MemberId, now: Time) -> Result<(), Error> {
    let penalties: Vec<(Time,)> = tx.sql(PENALTIES).bind(member).bind(now - PENALTY_LASTS).all().await?;
    let times: Vec<Time> = penalties.into_iter().map(|(at,)| at).collect();
    match Standing::of(&times, false, now).is_blocked() {
        true => Err(model::Error::from(PartyError::Blocked).into()),
        false => Ok(()),
    }
}
