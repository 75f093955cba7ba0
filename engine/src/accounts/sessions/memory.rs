//! What is in memory of sessions, and what of it no longer holds.

use super::{Session, Sessions};
use crate::cluster::Stale;
use model::MemberId;
use quick_cache::UnitWeighter;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
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

/// Marks on what was read of each member, so that all of it holds no longer at once: however many sessions they have, and are in memory
/// of others, nothing is looked for.
#[derive(Default)]
pub(super) struct Marks(Mutex<Marked>);

#[derive(Default)]
struct Marked {
    of: FxHashMap<MemberId, Weak<AtomicBool>>,
    /// How many there were when those were last removed of which nothing is in memory any more.
    left: usize,
}

impl Marks {
    fn marked(&self) -> MutexGuard<'_, Marked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mark of what is read of a member until something of theirs changes.
    pub fn of(&self, member: MemberId) -> Arc<AtomicBool> {
        let mut marked = self.marked();
        if let Some(mark) = marked.of.get(&member).and_then(Weak::upgrade) {
            return mark;
        }
        if marked.of.len() >= 2 * marked.left + LATELY {
            marked.of.retain(|_, mark| mark.strong_count() > 0);
            marked.left = marked.of.len();
        }
        let mark = Arc::default();
        marked.of.insert(member, Arc::downgrade(&mark));
        mark
    }

    /// What was read of a member holds no longer.
    fn change(&self, member: MemberId) {
        let mark = self.marked().of.remove(&member);
        if let Some(mark) = mark.as_ref().and_then(Weak::upgrade) {
            mark.store(true, Ordering::Release);
        }
    }
}

impl Session {
    /// Whether something of the member changed since it was read.
    pub(super) fn is_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
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
            Stale::Member(member) => self.marks.change(member),
            // All of them at once would be more than the database can read: each when it is next used.
            Stale::Anything => self.doubted_until.store(self.clock.now().0, Ordering::Relaxed),
            Stale::Name(_) | Stale::Standing(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(number: usize) -> MemberId {
        MemberId(Uuid::from_u128(number as u128))
    }

    #[test]
    fn what_was_read_of_a_member_holds_no_longer_once_they_changed() {
        let marks = Marks::default();
        let [one, same, other] = [1, 1, 2].map(|number| marks.of(member(number)));
        let is_changed = |mark: &Arc<AtomicBool>| mark.load(Ordering::Acquire);
        marks.change(member(1));
        assert_eq!([&one, &same, &other].map(is_changed), [true, true, false]);
        let read_since = marks.of(member(1));
        assert!(!is_changed(&read_since));
        marks.change(member(3));
        marks.change(member(1));
        assert!(is_changed(&read_since) && !is_changed(&other));
    }

    #[test]
    fn marks_of_whom_nothing_is_remembered_go() {
        let marks = Marks::default();
        let kept: Vec<_> = (0..1000).map(|number| marks.of(member(number))).collect();
        for number in 1000..100_000 {
            marks.of(member(number));
        }
        let count = marks.marked().of.len();
        assert!(count < 2 * kept.len() + 2 * LATELY, "{count}");
        marks.change(member(59));
        assert!(kept.iter().enumerate().all(|(number, mark)| mark.load(Ordering::Acquire) == (number == 59)));
    }
}
