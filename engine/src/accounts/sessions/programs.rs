//! Members' own programs: whoever calls with a token is remembered as whoever is signed in, by the same rules and in the same place.
//!
//! What ends a session of a member or changes what they may do therefore counts for their programs at the same moment.

use super::{
    ProgramToken, Session, Sessions,
    reading::{By, Remembered, SessionRow},
};
use crate::{
    Error,
    db::{Dialect, Lane, retried},
    ids,
    limits::Searches,
};
use model::{
    MINUTE, Role, Span, Time,
    programs::{Scope, TokenId},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// How exactly it is noted when a token was used.
const NOTED_EVERY: Span = MINUTE;
/// Uses that are written with one statement.
const AT_ONCE: usize = 500;
/// Uses that wait to be written; of more it is noted when they are next read.
const WAITING: usize = 20_000;

/// A member's own program, which acts for them.
#[derive(Debug, Clone)]
pub struct Program {
    /// By which token.
    pub token: TokenId,
    /// What that is good for.
    pub scopes: Arc<[Scope]>,
}

/// When tokens were used, until it is written. No call waits for that.
#[derive(Default)]
pub(super) struct Uses(Mutex<HashMap<TokenId, Time>>);

impl Uses {
    fn note(&self, token: TokenId, at: Time) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() < WAITING {
            uses.insert(token, at);
        }
    }

    /// All of them, in the order in which every node writes them: so that no two wait for each other.
    fn take(&self) -> Vec<(TokenId, Time)> {
        let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = uses.into_iter().collect();
        uses.sort_unstable();
        uses
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    member: SessionRow,
    token: TokenId,
    scopes: String,
    last_used_at: Option<Time>,
}

impl Sessions {
    /// A new token for a program.
    pub(crate) async fn new_program(&self) -> Result<ProgramToken, Error> {
        Ok(self.seal().await?.program())
    }

    /// Whom a program acts for by its token, and as what: never as an admin. `searches` are those of whoever calls: a token that we did
    /// not seal may be made up, and is looked for only so often.
    ///
    /// # Errors
    /// [`model::Error::TooMany`] for whoever guesses; when the database fails.
    pub(crate) async fn of_program(
        &self,
        token: &ProgramToken,
        searches: &Searches<'_>,
    ) -> Result<Option<Arc<Session>>, Error> {
        let hash = token.hash();
        match self.remembered(hash) {
            Remembered::As(known) => Ok(known),
            Remembered::Not => Box::pin(self.first_of_program(token, hash, searches)).await,
        }
    }

    async fn first_of_program(
        &self,
        token: &ProgramToken,
        hash: [u8; 32],
        searches: &Searches<'_>,
    ) -> Result<Option<Arc<Session>>, Error> {
        if !self.seal().await?.is_on_program(token) {
            searches.allowed(self.clock.now())?;
            if !self.unsealed.is_somebodys(&self.db, hash).await? {
                searches.nothing(self.clock.now());
                self.nobodys.insert(hash, self.clock.now());
                return Ok(None);
            }
        }
        self.find(hash, By::Program).await
    }

    /// As [`Sessions::load`], by the hash of a program's token.
    pub(super) async fn load_program(&self, hash: [u8; 32], now: Time) -> Result<Option<Arc<Session>>, Error> {
        let row: Option<Row> = self
            .db
            .sql(
                "select m.id, m.nickname, m.masked, m.picture, m.mode, m.role, m.suspended_at is not null as suspended,
                        m.terms_version, m.privacy_version, c.member_id is not null as creator, '' as device, t.created_at,
                        t.expires_at, t.id as token, t.scopes, t.last_used_at
                 from api_tokens t join members m on m.id = t.member_id left join creators c on c.member_id = m.id
                 where t.token_hash = $1 and t.expires_at > $2 and m.left_at is null",
            )
            .bind(hash.to_vec())
            .bind(now)
            .optional()
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.last_used_at.is_none_or(|at| now.since(at) >= NOTED_EVERY) {
            self.uses.note(row.token, now);
        }
        let program = Program { token: row.token, scopes: Scope::list(&row.scopes).into() };
        let expires_at = row.member.expires_at;
        let member = row.member.session(&self.marks, now, expires_at);
        Ok(Some(Arc::new(Session { role: Role::Member, program: Some(program), ..member })))
    }

    /// Writes when programs' tokens were used.
    ///
    /// # Errors
    /// When the database fails: it is noted again when they are next read.
    pub(crate) async fn write_uses(&self) -> Result<(), Error> {
        for some in self.uses.take().chunks(AT_ONCE) {
            retried!(self.write_some_uses(some))?;
        }
        Ok(())
    }

    async fn write_some_uses(&self, uses: &[(TokenId, Time)]) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        match tx.dialect() {
            Dialect::Sqlite => {
                let uses: Vec<(String, i64)> = uses.iter().map(|(token, at)| (ids::digits(token.0), at.0)).collect();
                tx.sql(
                    "update api_tokens set last_used_at = used.used_at
                     from (select unhex(value ->> 0) as id, value ->> 1 as used_at from json_each($1)) used
                     where api_tokens.id = used.id and (last_used_at is null or last_used_at < used.used_at)",
                )
                .bind_json(&uses)
                .run()
                .await?;
            }
            Dialect::Postgres => {
                tx.sql(
                    "with used as materialized (
                        select t.id, u.used_at from unnest($1::uuid[], $2::bigint[]) u (id, used_at)
                        join api_tokens t on t.id = u.id where t.last_used_at is null or t.last_used_at < u.used_at
                        order by t.id for no key update of t)
                     update api_tokens t set last_used_at = used.used_at from used where t.id = used.id",
                )
                .bind_column(uses.iter().map(|(token, _)| token.0).collect::<Vec<_>>())
                .bind_column(uses.iter().map(|(_, at)| at.0).collect::<Vec<_>>())
                .run()
                .await?;
            }
        }
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts,
        clock::Clock,
        cluster::{Bus, Invalidation, Stale, testing as cluster},
        db::Db,
        limits::{Limits, Searcher},
    };
    use model::{DAY, MemberId, SECOND};
    use std::{
        net::{IpAddr, Ipv4Addr},
        sync::atomic::Ordering,
    };
    use testing::{On, Place, both};

    const START: Time = Time(1_795_258_800 * SECOND.micros());
    const SOMEBODY: Searcher = Searcher::Address(IpAddr::V4(Ipv4Addr::LOCALHOST));

    /// A member who looks after the site.
    async fn admin(db: &Db) -> MemberId {
        let mut tx = db.begin(Lane::Other).await.unwrap();
        let member = accounts::testing::insert(&mut tx, 1).await;
        tx.sql("update members set role = 'admin' where id = $1").bind(member).run().await.unwrap();
        tx.commit().await.unwrap();
        member
    }

    /// Gives a member's program a token, for a day.
    async fn give(sessions: &Sessions, member: MemberId, token: &ProgramToken) -> TokenId {
        let now = sessions.clock.now();
        let id = TokenId(ids::new_id(now));
        let mut tx = sessions.db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into api_tokens (id, member_id, name, token_hash, scopes, created_at, expires_at)
             values ($1, $2, '수달봇', $3, 'enter profile', 0, $4)",
        )
        .bind(id)
        .bind(member)
        .bind(token.hash().to_vec())
        .bind(now + DAY)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    both!(a_program_s_calls_ask_the_database_once);
    async fn a_program_s_calls_ask_the_database_once(on: On) {
        let (place, clock) = (Place::new(on), Clock::manual(START));
        let db = Db::at(&place).await;
        let sessions = Sessions::new(db.clone(), clock.clone(), Invalidation::new(Bus::local()));
        let (limits, member) = (Limits::default(), admin(&db).await);
        let searches = limits.searches(SOMEBODY);
        let token = sessions.new_program().await.unwrap();
        let id = give(&sessions, member, &token).await;
        for _ in 0..59 {
            let session = sessions.of_program(&token, &searches).await.unwrap().unwrap();
            assert_eq!((session.member, session.role), (member, Role::Member), "never as an admin");
            let program = session.program.as_ref().unwrap();
            assert_eq!(program.token, id);
            assert_eq!(program.scopes[..], [Scope::Enter, Scope::Profile]);
        }
        assert_eq!(sessions.reads.load(Ordering::Relaxed), 1);
        assert_eq!(sessions.unsealed.reads.load(Ordering::Relaxed), 0, "one of ours is not looked for");

        // When it was used is written afterwards, and once a minute.
        let used = async || {
            let row = db.sql("select last_used_at from api_tokens where id = $1").bind(id);
            row.one::<(Option<Time>,)>().await.unwrap().0
        };
        assert_eq!(used().await, None);
        sessions.write_uses().await.unwrap();
        assert_eq!(used().await, Some(START));
        for (at, noted) in [(START + NOTED_EVERY - SECOND, START), (START + NOTED_EVERY, START + NOTED_EVERY)] {
            clock.set(at);
            sessions.invalidate(Stale::Member(member));
            assert!(sessions.of_program(&token, &searches).await.unwrap().is_some());
            sessions.write_uses().await.unwrap();
            assert_eq!(used().await, Some(noted));
        }
        clock.set(START + DAY - SECOND);
        assert!(sessions.of_program(&token, &searches).await.unwrap().is_some());
        clock.set(START + DAY);
        assert!(sessions.of_program(&token, &searches).await.unwrap().is_none(), "it is over");
    }

    both!(many_uses_are_written_at_once_each_the_latest);
    async fn many_uses_are_written_at_once_each_the_latest(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let sessions = Sessions::new(db.clone(), Clock::manual(START), Invalidation::new(Bus::local()));
        let member = admin(&db).await;
        let mut tokens = Vec::new();
        for _ in 0..4 {
            let token = sessions.new_program().await.unwrap();
            tokens.push(give(&sessions, member, &token).await);
        }
        let used = async || {
            let rows = db.sql("select last_used_at from api_tokens order by id");
            rows.all::<(Option<Time>,)>().await.unwrap().into_iter().map(|(at,)| at).collect::<Vec<_>>()
        };
        tokens.sort_unstable();
        let later = START + SECOND;
        sessions.write_some_uses(&[(tokens[0], later), (tokens[1], START), (tokens[2], START)]).await.unwrap();
        assert_eq!(used().await, [Some(later), Some(START), Some(START), None]);
        // What another node wrote meanwhile stays where it is later; whose token is gone is nobody's.
        let gone = TokenId(ids::new_id(START));
        sessions.write_some_uses(&[(tokens[0], START), (tokens[1], later), (gone, later)]).await.unwrap();
        assert_eq!(used().await, [Some(later), Some(later), Some(START), None]);
    }

    both!(tokens_that_are_made_up_keep_nobody_out_who_has_one);
    async fn tokens_that_are_made_up_keep_nobody_out_who_has_one(on: On) {
        let place = Place::new(on);
        let db = Db::at(&place).await;
        let sessions = Sessions::new(db.clone(), Clock::manual(START), Invalidation::new(Bus::local()));
        let (limits, member) = (Limits::default(), admin(&db).await);
        let searches = limits.searches(SOMEBODY);
        let unsealed = |n: u32| format!("59t_{n:064x}").parse::<ProgramToken>().unwrap();
        // As an older node gave it out, without a seal.
        let older = unsealed(59_000);
        give(&sessions, member, &older).await;
        assert!(sessions.of_program(&older, &searches).await.unwrap().is_some());
        let sealed = sessions.new_program().await.unwrap();
        give(&sessions, member, &sealed).await;

        let made_up: Vec<_> = (0..100).map(unsealed).collect();
        let asking = made_up.iter().map(|token| sessions.of_program(token, &searches));
        let found = futures::future::join_all(asking).await;
        assert!(found.into_iter().all(|found| found.unwrap().is_none()));
        let refused = sessions.of_program(&unsealed(100), &searches).await;
        assert!(matches!(refused, Err(Error::Refused(model::Error::TooMany { .. }))), "who guesses waits");
        let reads = || sessions.unsealed.reads.load(Ordering::Relaxed);
        let before = reads();
        assert!(sessions.of_program(&made_up[0], &searches).await.unwrap().is_none());
        assert!(sessions.of_program(&older, &searches).await.unwrap().is_some());
        assert!(sessions.of_program(&sealed, &searches).await.unwrap().is_some(), "also where somebody guesses");
        assert_eq!(reads(), before);
    }

    /// What takes a token away, or from its member what they may do, counts on another node too.
    async fn forgotten_elsewhere(bus: Bus) {
        let folder = tempfile::tempdir().unwrap();
        let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::system());
        let [here, there] = [(); 2].map(|()| Sessions::new(db.clone(), clock.clone(), Invalidation::new(bus.clone())));
        let mut told = there.invalidation.subscribe();
        assert_eq!(cluster::soon("it comes", told.next()).await, Stale::Anything);
        let (limits, member) = (Limits::default(), admin(&db).await);
        let searches = limits.searches(SOMEBODY);
        let tokens = [here.new_program().await.unwrap(), here.new_program().await.unwrap()];
        for token in &tokens {
            give(&here, member, token).await;
        }
        let is_suspended = async |token: &ProgramToken| {
            there.of_program(token, &searches).await.unwrap().map(|session| session.suspended)
        };
        let change = async |text: &'static str| {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            tx.sql(text).bind(member).run().await.unwrap();
            tx.commit().await.unwrap();
        };
        for token in &tokens {
            assert_eq!(is_suspended(token).await, Some(false));
        }

        change("update members set suspended_at = 1 where id = $1").await;
        assert_eq!(is_suspended(&tokens[0]).await, Some(false), "remembered");
        here.invalidate_member(member);
        there.invalidate(cluster::soon("it comes", told.next()).await);
        assert_eq!(is_suspended(&tokens[0]).await, Some(true));

        let mut tx = db.begin(Lane::Other).await.unwrap();
        let revoke = tx.sql("delete from api_tokens where token_hash = $1").bind(tokens[0].hash().to_vec());
        revoke.run().await.unwrap();
        tx.commit().await.unwrap();
        here.invalidate_token(tokens[0].hash());
        there.invalidate(cluster::soon("it comes", told.next()).await);
        assert_eq!(is_suspended(&tokens[0]).await, None);
        assert_eq!(is_suspended(&tokens[1]).await, Some(true));

        change("update members set left_at = 1 where id = $1").await;
        here.invalidate_member(member);
        there.invalidate(cluster::soon("it comes", told.next()).await);
        assert_eq!(is_suspended(&tokens[1]).await, None, "nobody acts for who left");
    }

    #[tokio::test]
    async fn what_one_node_takes_away_is_forgotten_elsewhere() {
        forgotten_elsewhere(Bus::local()).await;
        let tasks = crate::tasks::Tasks::surviving();
        forgotten_elsewhere(Bus::redis(cluster::shared().await, &tasks)).await;
    }
}
