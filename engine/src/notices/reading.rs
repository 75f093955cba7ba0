//! Reading for those who follow: whoever is woken while others are read for is read for with the next, so that thousands who are told
//! at once cost a few statements.

use super::{LineRow, REPLAYED, handed::Lately};
use crate::{
    Error,
    db::{Db, Dialect},
    ids,
};
use model::{MemberId, NoticeLine};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::oneshot::{self, Receiver, Sender};

/// Followers who are read for at once.
const AT_ONCE: usize = 500;
/// Notices that are read at once, but for what the last of them is behind: who came back after days has many.
const LINES: u64 = 1000;

/// How a member's notices stand.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The last number that was given.
    pub last: u64,
    /// How many are unread in all.
    pub unread: u64,
    /// Those behind a number in their order, as far as they can be told.
    pub lines: Vec<NoticeLine>,
}

impl Standing {
    fn behind(&self, seen: Option<u64>) -> Standing {
        let is_new = |line: &&NoticeLine| seen.is_some_and(|seen| line.number > seen);
        let lines = self.lines.iter().filter(is_new).take(REPLAYED as usize).cloned().collect();
        Standing { last: self.last, unread: self.unread, lines }
    }
}

/// Somebody who waits for what is behind a number; they are told `None` when that could not be read.
struct Asked {
    member: MemberId,
    /// `None` asks for no notices.
    seen: Option<u64>,
    tell: Sender<Option<Standing>>,
}

impl Asked {
    /// How many notices they are behind, as far as those are told.
    fn behind(&self, standings: &HashMap<MemberId, Standing>) -> u64 {
        let (Some(seen), Some(standing)) = (self.seen, standings.get(&self.member)) else { return 0 };
        Some(standing.last.saturating_sub(seen)).filter(|behind| *behind <= REPLAYED).unwrap_or_default()
    }
}

/// Reads for all who follow.
pub(super) struct Reader {
    db: Db,
    /// What need not be read.
    pub lately: Lately,
    waiting: Mutex<VecDeque<Asked>>,
    /// Whoever has it reads.
    pub turn: tokio::sync::Mutex<()>,
    #[cfg(test)]
    pub reads: std::sync::atomic::AtomicU64,
}

impl Reader {
    pub fn new(db: Db) -> Reader {
        Reader {
            db,
            lately: Lately::default(),
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            #[cfg(test)]
            reads: std::sync::atomic::AtomicU64::default(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Asked>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, member: MemberId, seen: Option<u64>) -> Receiver<Option<Standing>> {
        let (tell, told) = oneshot::channel();
        self.waiting().push_back(Asked { member, seen, tell });
        told
    }

    /// How a member's notices stand from now on, with those behind a number.
    ///
    /// # Errors
    /// The database's; [`model::Error::Busy`] to those who waited for the same read.
    pub async fn read(&self, member: MemberId, seen: Option<u64>) -> Result<Standing, Error> {
        let mut told = self.ask(member, seen);
        loop {
            tokio::select! {
                biased;
                answer = &mut told => match answer {
                    Ok(Some(standing)) => return Ok(standing),
                    Ok(None) => return Err(model::Error::Busy.into()),
                    // Whoever read it went away meanwhile.
                    Err(_) => told = self.ask(member, seen),
                },
                _turn = self.turn.lock() => self.read_some().await?,
            }
            // Between two who read, others have their turn.
            tokio::task::yield_now().await;
        }
    }

    /// Reads for the next of those who wait, and tells them.
    async fn read_some(&self) -> Result<(), sqlx::Error> {
        let mut some: Vec<Asked> = {
            let mut waiting = self.waiting();
            waiting.retain(|asked| !asked.tell.is_closed());
            let count = waiting.len().min(AT_ONCE);
            waiting.drain(..count).collect()
        };
        // Whoever has the turn may have been told just before.
        if some.is_empty() {
            return Ok(());
        }
        #[cfg(test)]
        self.reads.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let found = self.standings(&mut some).await;
        for Asked { member, seen, tell } in some {
            // Who was never told anything has no count.
            let of_member = |found: &HashMap<MemberId, Standing>| {
                found.get(&member).map(|standing| standing.behind(seen)).unwrap_or_default()
            };
            let _ = tell.send(found.as_ref().ok().map(of_member));
        }
        found.map(drop)
    }

    /// How the notices of all of them stand, each member's with those behind the least number that is asked for and can be told from. Of
    /// those for whom that would be too many at once it is put off.
    async fn standings(&self, asked: &mut Vec<Asked>) -> Result<HashMap<MemberId, Standing>, sqlx::Error> {
        let counts = self.counts(asked).await?;
        let standing = |(member, last, unread): (MemberId, i64, i64)| {
            (member, Standing { last: last as u64, unread: unread.max(0) as u64, lines: Vec::new() })
        };
        let mut standings: HashMap<MemberId, Standing> = counts.into_iter().map(standing).collect();
        let mut lines = 0;
        let put_off = asked.iter().position(|asked| {
            let is_enough = lines >= LINES;
            lines += asked.behind(&standings);
            is_enough
        });
        if let Some(put_off) = put_off {
            let later = asked.split_off(put_off);
            let mut waiting = self.waiting();
            for asked in later.into_iter().rev() {
                waiting.push_front(asked);
            }
        }
        let mut least: HashMap<MemberId, u64> = HashMap::new();
        for asked in asked.iter().filter(|asked| asked.behind(&standings) > 0) {
            let seen = asked.seen.unwrap_or_default();
            least.entry(asked.member).and_modify(|least| *least = seen.min(*least)).or_insert(seen);
        }
        for row in self.lines(least).await? {
            if let Some(standing) = standings.get_mut(&row.member_id) {
                standing.lines.extend(row.line());
            }
        }
        Ok(standings)
    }

    /// The last number of each, and how many are unread.
    async fn counts(&self, asked: &[Asked]) -> Result<Vec<(MemberId, i64, i64)>, sqlx::Error> {
        macro_rules! among {
            ($among:literal) => {
                concat!("select member_id, last, unread from notice_counts where member_id ", $among)
            };
        }
        match self.db.dialect() {
            Dialect::Sqlite => {
                let members: Vec<String> = asked.iter().map(|asked| ids::digits(asked.member.0)).collect();
                self.db.sql(among!("in (select unhex(value) from json_each($1))")).bind_json(&members).all().await
            }
            Dialect::Postgres => {
                let members = asked.iter().map(|asked| asked.member.0).collect::<Vec<_>>();
                self.db.sql(among!("= any($1::uuid[])")).bind_column(members).all().await
            }
        }
    }

    /// The notices of each behind their number, in their order.
    async fn lines(&self, behind: HashMap<MemberId, u64>) -> Result<Vec<LineRow>, sqlx::Error> {
        if behind.is_empty() {
            return Ok(Vec::new());
        }
        match self.db.dialect() {
            Dialect::Sqlite => {
                let of_member = |(member, seen): (MemberId, u64)| (ids::digits(member.0), seen);
                let behind = behind.into_iter().map(of_member).collect::<Vec<_>>();
                let lines = self.db.sql(lines!(
                    "json_each($1) a cross join ",
                    "n.member_id = unhex(a.value ->> 0) and n.number > (a.value ->> 1) and n.number > 0 order by n.number"
                ));
                lines.bind_json(&behind).all().await
            }
            Dialect::Postgres => {
                let (members, seen): (Vec<_>, Vec<_>) =
                    behind.into_iter().map(|(member, seen)| (member.0, seen as i64)).unzip();
                let lines = self.db.sql(lines!(
                    "unnest($1::uuid[], $2::bigint[]) a (member_id, seen) cross join ",
                    "n.member_id = a.member_id and n.number > a.seen and n.number > 0 order by n.number"
                ));
                lines.bind_column(members).bind_column(seen).all().await
            }
        }
    }
}
