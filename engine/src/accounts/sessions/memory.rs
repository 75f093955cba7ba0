//! What is in memory of sessions, and what of it no longer holds.

use super::{Session, Sessions};
use crate::cluster::Stale;
use model::MemberId;
use quick_cache::UnitWeighter;
use rustc_hash::FxBuildHasher;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// Changes that whoever reads meanwhile can look through; when there were more, they read again.
const LATELY: usize = 1024;

/// Sessions in memory by token hash; `None` while nobody holds the token.
pub(super) type Known = quick_cache::sync::Cache<[u8; 32], Option<Arc<Session>>, UnitWeighter, FxBuildHasher>;

/// What no longer held lately. Whoever read from the database meanwhile may have read what was there before, and must not
/// bring it back: a session that ended, or a member who was not suspended yet.
#[derive(Default)]
pub(super) struct Changes {
    /// How many there were in all.
    number: AtomicU64,
    lately: Mutex<VecDeque<Stale>>,
}

impl Changes {
    /// To be asked before reading.
    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// To be told before what is remembered of it is removed.
    fn add(&self, what: Stale) {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.len() == LATELY {
            lately.pop_front();
        }
        lately.push_back(what);
        self.number.fetch_add(1, Ordering::Release);
    }

    /// Runs `keep` unless a session may have changed since `number`; whether it did. No change comes in between.
    pub fn unless_changed(&self, number: u64, hash: [u8; 32], member: Option<MemberId>, keep: impl FnOnce()) -> bool {
        let lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        let since = usize::try_from(self.number() - number).unwrap_or(usize::MAX);
        let concerns = |what: &Stale| match what {
            Stale::Session(ended) => *ended == hash,
            Stale::Member(changed) => member == Some(*changed),
            Stale::Name(_) | Stale::Standing(_) | Stale::Anything => false,
        };
        let same = since <= lately.len() && !lately.iter().rev().take(since).any(concerns);
        if same {
            keep();
        }
        same
    }
}

impl Sessions {
    /// What is remembered of a member no longer holds, here and on other nodes.
    pub fn invalidate_member(&self, member: MemberId) {
        self.invalidate(Stale::Member(member));
        self.invalidation.publish(Stale::Member(member));
    }

    /// What is remembered of one token no longer holds, here and on other nodes: of a session's, or of a program's.
    pub(crate) fn invalidate_token(&self, hash: [u8; 32]) {
        self.invalidate(Stale::Session(hash));
        self.invalidation.publish(Stale::Session(hash));
    }

    /// Remembers no longer what another node changed.
    pub(crate) fn invalidate(&self, what: Stale) {
        self.changes.add(what);
        match what {
            Stale::Session(hash) => drop(self.known.remove(&hash)),
            Stale::Member(member) => {
                self.known.retain(|_, session| session.as_ref().is_none_or(|session| session.member != member));
            }
            // All of them at once would be more than the database can read: each when it is next used.
            Stale::Anything => self.doubted_until.store(self.clock.now().0, Ordering::Relaxed),
            Stale::Name(_) | Stale::Standing(_) => {}
        }
    }
}
