//! How members stand: penalties that count, also of accounts that had the same phone, email or Kakao account, and whether they have done
//! a party.
//!
//! What is shown beside a nickname is remembered for a day. Whoever changes it lets it go afterwards, on every node; what was being
//! read meanwhile is not remembered. Whoever changed it may end before they say so, or not get through: so each node also looks every
//! second for what changed lately. Who may join is never decided by what is remembered: that is read in the transaction.

use super::phones::answers_for;
use crate::{
    Error,
    clock::Clock,
    cluster::{Invalidation, Stale},
    db::{Db, Sql, Tx},
};
use model::{
    DAY, MINUTE, MemberId, PartyError, Span, Time,
    parties::{PENALTY_LASTS, Standing},
};
use quick_cache::sync::Cache;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

/// How long a standing is remembered, unless a penalty ceases to count before.
const FRESH: Span = DAY;
/// Standings in memory.
const KEPT: usize = 100_000;
/// How often it is looked for changes that nobody told of.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How old a change may be that is new to a node: clocks differ, and transactions take their time.
const NEWEST: Span = MINUTE.times(2);
/// Whoever could not look for so long remembers nothing any more.
const UNSEEN: Span = MINUTE;

/// Times of the penalties of `$1` since `$2` that were not taken back.
const PENALTIES: &str = concat!(
    "select at from penalties where at > $2 and appeal_state <> 'granted' and member_id in (",
    answers_for!(),
    ")"
);

/// Members that are looked up in one statement.
const AT_ONCE: usize = 40;
/// The same of the members `$1` to `$40` since `$41`, each with whose they are.
static OF_MANY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select whose, at from (
            select member_id as whose, member_id, party_id, at from penalties
            where member_id in ({0}) and at > $41 and appeal_state <> 'granted'
            union
            select mine.member_id, x.member_id, x.party_id, x.at from phones mine
            join phones before on before.hash = mine.hash and before.since < mine.since
            join penalties x on x.member_id = before.member_id
            where mine.member_id in ({0}) and x.at > $41 and x.appeal_state <> 'granted'
            union
            select f.member_id, x.member_id, x.party_id, x.at from former_accounts f
            join penalties x on x.member_id = f.former_id
            where f.member_id in ({0}) and x.at > $41 and x.appeal_state <> 'granted'
         ) counted",
        placeholders()
    )
});
/// Which of the members `$1` to `$40` have done a party.
static DONE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select id from members where id in ({}) and exists (
            select 1 from party_members m join parties p on p.id = m.party_id
            where m.member_id = members.id and m.state = 'joined' and (m.came is null or m.came) and p.state = 'done')",
        placeholders()
    )
});

/// What changed since `$1` of how members stand, of theirs, of whoever had their number afterwards and of who they are now: marks, those
/// that were taken back, parties that are done, and numbers.
const CHANGED: &str = "with changed as (
        select 'mark' as kind, party_id as what, member_id, at from penalties where at > $1
        union all
        select 'taken back', id, member_id, at from audit where action = 'grant_appeal' and at > $1 and member_id is not null
        union all
        select 'done', p.id, m.member_id, p.ended_at from parties p join party_members m on m.party_id = p.id
            where p.state = 'done' and p.ended_at > $1 and m.state = 'joined'
        union all
        select 'number', member_id, member_id, since from phones where since > $1
    )
    select kind, what, member_id, at from changed
    union
    select c.kind, c.what, after.member_id, c.at from changed c join phones mine on mine.member_id = c.member_id
        join phones after on after.hash = mine.hash and after.since > mine.since
    union
    select c.kind, c.what, f.member_id, c.at from changed c join former_accounts f on f.former_id = c.member_id";

/// A change: of which kind and of what, whose standing it concerns, and when it was made. Of one time may be several of a party: it is
/// done, and then somebody is marked for it.
type Change = (String, Uuid, MemberId, Time);

/// What a node has looked at.
#[derive(Default)]
pub(super) struct Looked {
    /// The newest changes.
    known: HashSet<Change>,
    /// When it looked last.
    at: Time,
}

fn placeholders() -> String {
    let places: Vec<_> = (1..=AT_ONCE).map(|place| format!("${place}")).collect();
    places.join(", ")
}

/// Standings as they are remembered. Cheap to clone.
#[derive(Clone)]
pub(super) struct Standings {
    db: Db,
    clock: Clock,
    known: Arc<Cache<MemberId, (Standing, Time)>>,
    /// How often something was let go of. Held while that is done, and while something that was read is put in.
    changes: Arc<Mutex<u64>>,
    invalidation: Invalidation,
}

impl Standings {
    pub fn new(db: Db, clock: Clock, invalidation: Invalidation) -> Standings {
        Standings { db, clock, known: Arc::new(Cache::new(KEPT)), changes: Arc::default(), invalidation }
    }

    /// How a member stands.
    ///
    /// # Errors
    /// The database's.
    pub async fn of(&self, member: MemberId) -> Result<Standing, Error> {
        Ok(self.of_all(&[member]).await?.get(&member).copied().unwrap_or_default())
    }

    /// How each of these members stands: those that are not remembered are looked up together.
    ///
    /// # Errors
    /// The database's.
    pub async fn of_all(&self, members: &[MemberId]) -> Result<HashMap<MemberId, Standing>, Error> {
        let now = self.clock.now();
        let mut standings = HashMap::with_capacity(members.len());
        let mut unknown = Vec::new();
        for member in members {
            match self.known.get(member) {
                Some((standing, until)) if now < until => drop(standings.insert(*member, standing)),
                _ => unknown.push(*member),
            }
        }
        for chunk in unknown.chunks(AT_ONCE) {
            let before = self.changes();
            let bind = |sql| padded(chunk).fold(sql, Sql::bind);
            let penalties = bind(self.db.sql(&OF_MANY)).bind(now - PENALTY_LASTS);
            let penalties: Vec<(MemberId, Time)> = penalties.all().await?;
            let done: Vec<(MemberId,)> = bind(self.db.sql(&DONE)).all().await?;
            let mut found = Vec::with_capacity(chunk.len());
            for member in chunk {
                let times: Vec<Time> =
                    penalties.iter().filter(|(whose, _)| whose == member).map(|(_, at)| *at).collect();
                let ceases = times.iter().map(|at| *at + PENALTY_LASTS).min().unwrap_or(now + FRESH);
                let standing = Standing::of(&times, done.contains(&(*member,)), now);
                found.push((*member, standing, ceases.min(now + FRESH)));
            }
            self.remember(&found, before);
            standings.extend(found.into_iter().map(|(member, standing, _)| (member, standing)));
        }
        Ok(standings)
    }

    /// How often something was let go of until now.
    pub(super) fn changes(&self) -> u64 {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what was read, each until a time, unless something was let go of since there had been `before` changes: it may be
    /// of before that.
    pub(super) fn remember(&self, found: &[(MemberId, Standing, Time)], before: u64) {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if *changes == before {
            for (member, standing, until) in found {
                self.known.insert(*member, (*standing, *until));
            }
        }
    }

    /// Lets go of something that is remembered.
    fn let_go(&self, of: impl FnOnce(&Cache<MemberId, (Standing, Time)>)) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        *changes += 1;
        of(&self.known);
    }

    /// What a member's standing was no longer holds, here and on other nodes. The change must have been committed.
    pub fn invalidate_member(&self, member: MemberId) {
        self.let_go(|known| {
            known.remove(&member);
        });
        self.invalidation.publish(Stale::Standing(member));
    }

    /// Remembers no longer what was changed elsewhere, until the program ends.
    pub async fn follow(&self) {
        // One does not wait for the other: a database that is slow keeps nobody from what the bus says.
        tokio::join!(self.hear(), self.watch());
    }

    /// Lets go of what other nodes say that they changed.
    pub(super) async fn hear(&self) {
        let mut told = self.invalidation.subscribe();
        loop {
            match told.next().await {
                Stale::Standing(member) => self.let_go(|known| {
                    known.remove(&member);
                }),
                Stale::Anything => self.let_go(Cache::clear),
                _ => {}
            }
        }
    }

    /// Lets go of what was changed by whoever did not say so.
    async fn watch(&self) {
        let mut looked = Looked::default();
        let mut failing = false;
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let look = self.look(&mut looked).await;
            // Once, and not each second for as long as the database is away.
            if let Err(error) = &look
                && !failing
            {
                tracing::warn!(%error, "what changed of standings cannot be read");
            }
            failing = look.is_err();
        }
    }

    /// Lets go of what changed lately, as far as this was not looked at before.
    ///
    /// # Errors
    /// The database's: then the next look does it.
    pub(super) async fn look(&self, looked: &mut Looked) -> Result<(), Error> {
        let now = self.clock.now();
        let newest: Vec<Change> = self.db.sql(CHANGED).bind(now - NEWEST).all().await?;
        if now.since(looked.at) > UNSEEN {
            self.let_go(Cache::clear);
        } else {
            let unknown = newest.iter().filter(|change| !looked.known.contains(*change));
            let members: HashSet<MemberId> = unknown.map(|(.., member, _)| *member).collect();
            if !members.is_empty() {
                self.let_go(|known| {
                    for member in &members {
                        known.remove(member);
                    }
                });
            }
        }
        *looked = Looked { known: newest.into_iter().collect(), at: now };
        Ok(())
    }
}

/// So many members as a statement looks up, the last of them nobody.
fn padded(members: &[MemberId]) -> impl Iterator<Item = MemberId> {
    members.iter().copied().chain(std::iter::repeat(MemberId(Uuid::nil()))).take(AT_ONCE)
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
