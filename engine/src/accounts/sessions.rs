//! Sessions: a random token in a cookie, its hash in the database, the member in memory for half a minute.

mod devices;
mod tokens;
mod unsealed;

pub use tokens::SessionToken;

use crate::{
    Error,
    clock::Clock,
    cluster::{Invalidation, Stale},
    db::{Db, Dialect, Lane, Tx},
};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use model::{DAY, MINUTE, MemberId, Mode, Role, SECOND, Span, Time, devices::device_name, nickname, terms::Consent};
use quick_cache::{UnitWeighter, sync::DefaultLifecycle};
use rustc_hash::FxBuildHasher;
use std::{
    collections::VecDeque,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};
use tokens::{Seal, Sealer};
use unsealed::Unsealed;

/// How long a session lasts after its last use.
pub const VISIT: Span = DAY.times(30);
/// How long a loaded session is believed.
const FRESH: Span = SECOND.times(30);
/// How long a session that nobody used is still believed while it is being read anew.
const BELIEVED: Span = MINUTE.times(5);
/// The most sessions read anew in the background, per second.
const REFRESHES: u32 = 500;
/// A session in use is prolonged when this much of it has passed.
const PROLONG_AFTER: Span = DAY;
/// Sessions kept in memory.
const KEPT: usize = 400_000;
/// Tokens of nobody kept in memory, and how long: one that was made up is looked for once and not each time. Real ones are random,
/// so that nobody asks for one before it is there.
const NOBODYS: usize = 20_000;
const NOBODY: Span = MINUTE;
/// Changes that whoever reads meanwhile can look through; when there were more, they read again.
const LATELY: usize = 1024;
/// How often a session is read that changes again whenever it was read.
const READS: u32 = 5;

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account.
    pub member: MemberId,
    /// Their nickname.
    pub nickname: Arc<str>,
    /// The nickname as the board shows it: masked when they chose so.
    pub board_name: Arc<str>,
    /// Shopper or creator.
    pub mode: Mode,
    /// What they may do to others' things.
    pub role: Role,
    /// Whether they have a creator profile.
    pub creator: bool,
    /// Whether an admin suspended them.
    pub suspended: bool,
    /// The sort of browser that they are signed in on, as [`device_name`] has it.
    pub device: Arc<str>,
    /// Whether the terms or the privacy policy are others by now than those that they accepted.
    pub terms_due: bool,
    /// When this was read.
    read_at: Time,
    expires_at: Time,
}

impl Session {
    /// A demonstration person, without a token.
    pub(crate) fn simulated(member: MemberId, nickname: &str, creator: bool) -> Arc<Session> {
        let name: Arc<str> = nickname.into();
        Arc::new(Session {
            member,
            nickname: name.clone(),
            board_name: name,
            mode: Mode::Shopper,
            role: Role::Member,
            creator,
            suspended: false,
            device: "".into(),
            terms_due: false,
            read_at: Time(0),
            expires_at: Time(0),
        })
    }
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: MemberId,
    nickname: String,
    masked: bool,
    mode: Mode,
    role: Role,
    creator: bool,
    suspended: bool,
    device: String,
    terms_version: i64,
    privacy_version: i64,
    created_at: Time,
    expires_at: Time,
}

impl SessionRow {
    /// The session as it was read at `now`, which ends at `expires_at`.
    fn session(self, now: Time, expires_at: Time) -> Session {
        let board_name = if self.masked { nickname::mask(&self.nickname) } else { self.nickname.clone() };
        Session {
            member: self.id,
            nickname: self.nickname.into(),
            board_name: board_name.into(),
            mode: self.mode,
            role: self.role,
            creator: self.creator,
            suspended: self.suspended,
            device: device_name(&self.device).into(),
            terms_due: self.terms_version < i64::from(Consent::Terms.current())
                || self.privacy_version < i64::from(Consent::Privacy.current()),
            read_at: now,
            expires_at,
        }
    }
}

/// Sessions in memory by token hash; `None` while nobody holds the token.
type Known = quick_cache::sync::Cache<[u8; 32], Option<Arc<Session>>, UnitWeighter, FxBuildHasher>;

/// Who is signed in, by token. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    db: Db,
    clock: Clock,
    known: Arc<Known>,
    /// Tokens that nobody holds, and when that was read.
    nobodys: Arc<quick_cache::sync::Cache<[u8; 32], Time, UnitWeighter, FxBuildHasher>>,
    /// Limits how many sessions are read anew at once, so that a rush leaves the database to its clicks.
    refreshes: Arc<DefaultDirectRateLimiter>,
    /// Sessions read before this time may have changed on another node without a message of it.
    doubted_until: Arc<AtomicI64>,
    changes: Arc<Changes>,
    invalidation: Invalidation,
    /// What tells tokens that we gave out from others.
    sealer: Sealer,
    unsealed: Arc<Unsealed>,
    /// How often one was read from the database.
    #[cfg(test)]
    reads: Arc<AtomicU64>,
}

/// What no longer held lately. Whoever read from the database meanwhile may have read what was there before, and must not
/// bring it back: a session that ended, or a member who was not suspended yet.
#[derive(Default)]
struct Changes {
    /// How many there were in all.
    number: AtomicU64,
    lately: Mutex<VecDeque<Stale>>,
}

impl Changes {
    /// To be asked before reading.
    fn number(&self) -> u64 {
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
    fn unless_changed(&self, number: u64, hash: [u8; 32], member: Option<MemberId>, keep: impl FnOnce()) -> bool {
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
    pub(super) fn new(db: Db, clock: Clock, invalidation: Invalidation) -> Sessions {
        let quota = Quota::per_second(NonZeroU32::new(REFRESHES).unwrap_or(NonZeroU32::MIN));
        let refreshes = Arc::new(RateLimiter::direct(quota));
        let known = Known::with(KEPT, KEPT as u64, UnitWeighter, FxBuildHasher, DefaultLifecycle::default());
        let doubted_until = Arc::new(AtomicI64::new(i64::MIN));
        let nobodys = quick_cache::sync::Cache::with(
            NOBODYS,
            NOBODYS as u64,
            UnitWeighter,
            FxBuildHasher,
            DefaultLifecycle::default(),
        );
        Sessions {
            db,
            clock,
            known: Arc::new(known),
            nobodys: Arc::new(nobodys),
            refreshes,
            doubted_until,
            changes: Arc::default(),
            invalidation,
            sealer: Sealer::default(),
            unsealed: Arc::default(),
            #[cfg(test)]
            reads: Arc::default(),
        }
    }

    /// Signs a member in on a device.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(&self, member: MemberId, device: &str) -> Result<SessionToken, Error> {
        let tokens = self.start_many(&[member], device).await?;
        tokens.into_iter().next().ok_or_else(|| model::Error::Internal.into())
    }

    /// Signs a member in whose password has this hash; `None` when it was replaced since it was looked at.
    pub(super) async fn start_by(
        &self,
        member: MemberId,
        hash: String,
        device: &str,
    ) -> Result<Option<SessionToken>, Error> {
        let (now, seal) = (self.clock.now(), self.seal().await?);
        let mut tx = self.db.begin(Lane::Other).await?;
        // Changes nothing but takes the row: whoever replaces the password at this moment comes before, or ends this session too.
        let same = tx.sql("update members set mode = mode where id = $1 and password_hash = $2");
        if same.bind(member).bind(hash).run().await? == 0 {
            return Ok(None);
        }
        let token = insert(&mut tx, seal, member, device.chars().take(200).collect(), now).await?;
        tx.commit().await?;
        Ok(Some(token))
    }

    /// Signs many members in at once.
    ///
    /// # Errors
    /// When the database fails. Those of earlier thousands are signed in.
    pub async fn start_many(&self, members: &[MemberId], device: &str) -> Result<Vec<SessionToken>, Error> {
        let (now, seal) = (self.clock.now(), self.seal().await?);
        let device: String = device.chars().take(200).collect();
        let mut tokens = Vec::with_capacity(members.len());
        for chunk in members.chunks(1000) {
            let mut tx = self.db.begin(Lane::Other).await?;
            match tx.dialect() {
                Dialect::Sqlite => {
                    for member in chunk {
                        tokens.push(insert(&mut tx, seal, *member, device.clone(), now).await?);
                    }
                }
                // At once: the way there takes longer than what is done there.
                Dialect::Postgres => {
                    let new: Vec<SessionToken> = chunk.iter().map(|_| seal.token()).collect();
                    tx.sql(
                        "insert into sessions (token_hash, member_id, device, created_at, expires_at)
                         select hash, member, $3, $4, $5 from unnest($1::bytea[], $2::uuid[]) as new (hash, member)",
                    )
                    .bind_column(new.iter().map(|token| token.hash().to_vec()).collect::<Vec<Vec<u8>>>())
                    .bind_column(chunk.iter().map(|member| member.0).collect())
                    .bind(device.clone())
                    .bind(now)
                    .bind(now + VISIT)
                    .run()
                    .await?;
                    tokens.extend(new);
                }
            }
            tx.commit().await?;
        }
        Ok(tokens)
    }

    /// Who holds this token. Loaded once however many ask, and believed for half a minute.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, token: &SessionToken) -> Result<Option<Arc<Session>>, Error> {
        let hash = token.hash();
        let now = self.clock.now();
        let number = self.changes.number();
        match self.known.get(&hash) {
            Some(Some(session)) if now < session.expires_at && now.since(session.read_at) < BELIEVED => {
                let doubted = session.read_at.0 < self.doubted_until.load(Ordering::Relaxed);
                if (doubted || now.since(session.read_at) >= FRESH) && self.refreshes.check().is_ok() {
                    self.refresh(hash, &session, now, number);
                }
                return Ok(Some(session));
            }
            Some(_) => {
                self.known.remove(&hash);
            }
            None => {}
        }
        if self.nobodys.get(&hash).is_some_and(|read_at| now.since(read_at) < NOBODY) {
            return Ok(None);
        }
        Box::pin(self.first(token, hash)).await
    }

    /// Reads a session that is not in memory; whoever asks meanwhile waits for that.
    async fn first(&self, token: &SessionToken, hash: [u8; 32]) -> Result<Option<Arc<Session>>, Error> {
        if !self.seal().await?.is_on(token) && !self.unsealed.is_somebodys(&self.db, hash).await? {
            self.nobodys.insert(hash, self.clock.now());
            return Ok(None);
        }
        let guard = match self.known.get_value_or_guard_async(&hash).await {
            Ok(known) => return Ok(known),
            Err(guard) => guard,
        };
        let mut guard = Some(guard);
        let loaded = self.read(hash, |session| {
            // Refused when what is remembered was removed meanwhile.
            drop(guard.take().map(|guard| guard.insert(session.clone())));
        });
        let loaded = loaded.await?;
        if loaded.is_none() {
            self.known.remove(&hash);
            self.nobodys.insert(hash, self.clock.now());
        }
        Ok(loaded)
    }

    /// Who holds this token, as far as that is in memory.
    pub fn known(&self, token: &SessionToken) -> Option<MemberId> {
        self.known.peek(&token.hash()).flatten().map(|session| session.member)
    }

    /// A token that nobody will ever hold.
    pub(super) async fn of_nobody(&self) -> Result<SessionToken, Error> {
        let token = self.seal().await?.token();
        self.nobodys.insert(token.hash(), self.clock.now());
        Ok(token)
    }

    /// What the browser that holds `token` is to send beside it from now on, when an older program gave that out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seal_beside(&self, token: &SessionToken) -> Result<Option<String>, Error> {
        Ok(self.seal().await?.beside(token))
    }

    async fn seal(&self) -> Result<&Seal, sqlx::Error> {
        self.sealer.seal(&self.db, &self.clock).await
    }

    /// The same as [`Sessions::of`], read now: for what is not done by somebody who was allowed to a while ago.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fresh(&self, token: &SessionToken) -> Result<Option<Arc<Session>>, Error> {
        // Whoever makes tokens up is told from memory, as far as that is possible.
        if self.of(token).await?.is_none() {
            return Ok(None);
        }
        Box::pin(self.again(token.hash())).await
    }

    async fn again(&self, hash: [u8; 32]) -> Result<Option<Arc<Session>>, Error> {
        self.read(hash, |session| match session {
            Some(_) => self.known.insert(hash, session.clone()),
            None => drop(self.known.remove(&hash)),
        })
        .await
    }

    /// Reads a session anew in the background: no click waits for the database because of it.
    fn refresh(&self, hash: [u8; 32], old: &Session, now: Time, number: u64) {
        // Others who ask meanwhile are content with this one.
        let for_now = Arc::new(Session { read_at: now, ..old.clone() });
        let kept =
            self.changes.unless_changed(number, hash, Some(old.member), || self.known.insert(hash, Some(for_now)));
        if !kept {
            return;
        }
        let sessions = self.clone();
        tokio::spawn(async move {
            if let Err(error) = sessions.again(hash).await {
                tracing::warn!(%error, "a session could not be read anew");
            }
        });
    }

    /// Reads a session until nothing changed it meanwhile, and keeps it then.
    async fn read(
        &self,
        hash: [u8; 32],
        mut keep: impl FnMut(&Option<Arc<Session>>),
    ) -> Result<Option<Arc<Session>>, Error> {
        for _ in 0..READS {
            let number = self.changes.number();
            let loaded = self.load(hash, self.clock.now()).await?;
            let member = loaded.as_ref().map(|session| session.member);
            if self.changes.unless_changed(number, hash, member, || keep(&loaded)) {
                return Ok(loaded);
            }
        }
        Err(model::Error::Busy.into())
    }

    async fn load(&self, hash: [u8; 32], now: Time) -> Result<Option<Arc<Session>>, Error> {
        #[cfg(test)]
        self.reads.fetch_add(1, Ordering::Relaxed);
        let row: Option<SessionRow> = self
            .db
            .sql(
                "select m.id, m.nickname, m.masked, m.mode, m.role, m.suspended_at is not null as suspended,
                        m.terms_version, m.privacy_version, c.member_id is not null as creator, s.device, s.created_at,
                        s.expires_at
                 from sessions s join members m on m.id = s.member_id left join creators c on c.member_id = m.id
                 where s.token_hash = $1 and s.expires_at > $2 and m.left_at is null",
            )
            .bind(hash.to_vec())
            .bind(now)
            .optional()
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut expires_at = row.expires_at;
        if row.expires_at.since(now) < VISIT - PROLONG_AFTER && now > row.created_at {
            expires_at = now + VISIT;
            let db = self.db.clone();
            tokio::spawn(async move {
                if let Err(error) = prolong(&db, hash, expires_at).await {
                    tracing::warn!(%error, "a session could not be prolonged");
                }
            });
        }
        Ok(Some(Arc::new(row.session(now, expires_at))))
    }

    /// A member as they are now, for whoever acts for them: never as an admin.
    pub(crate) async fn acting_for(&self, member: MemberId) -> Result<Option<Arc<Session>>, Error> {
        let now = self.clock.now();
        let row: Option<SessionRow> = self
            .db
            .sql(
                "select m.id, m.nickname, m.masked, m.mode, m.role, m.suspended_at is not null as suspended,
                        m.terms_version, m.privacy_version, c.member_id is not null as creator, '' as device, m.created_at,
                        m.created_at as expires_at
                 from members m left join creators c on c.member_id = m.id where m.id = $1 and m.left_at is null",
            )
            .bind(member)
            .optional()
            .await?;
        Ok(row.map(|row| Arc::new(Session { role: Role::Member, ..row.session(now, now) })))
    }

    /// Signs out this device.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, token: &SessionToken) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from sessions where token_hash = $1").bind(token.hash().to_vec()).run().await?;
        tx.commit().await?;
        self.invalidate(Stale::Session(token.hash()));
        self.invalidation.publish(Stale::Session(token.hash()));
        Ok(())
    }

    /// Deletes sessions that ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_expired(&self) -> Result<(), Error> {
        let mut tx = self.db.begin(Lane::Other).await?;
        tx.sql("delete from sessions where expires_at < $1").bind(self.clock.now()).run().await?;
        Ok(tx.commit().await?)
    }

    /// What is remembered of a member no longer holds, here and on other nodes.
    pub fn invalidate_member(&self, member: MemberId) {
        self.invalidate(Stale::Member(member));
        self.invalidation.publish(Stale::Member(member));
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

/// A new session of a member.
async fn insert(
    tx: &mut Tx,
    seal: &Seal,
    member: MemberId,
    device: String,
    now: Time,
) -> Result<SessionToken, sqlx::Error> {
    let token = seal.token();
    tx.sql("insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, $3, $4, $5)")
        .bind(token.hash().to_vec())
        .bind(member)
        .bind(device)
        .bind(now)
        .bind(now + VISIT)
        .run()
        .await?;
    Ok(token)
}

async fn prolong(db: &Db, hash: [u8; 32], expires_at: Time) -> Result<(), sqlx::Error> {
    let mut tx = db.begin(Lane::Other).await?;
    tx.sql("update sessions set expires_at = $1 where token_hash = $2")
        .bind(expires_at)
        .bind(hash.to_vec())
        .run()
        .await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cluster::{Bus, testing as cluster},
        ids,
    };
    use testing::{On, both};

    #[tokio::test]
    async fn a_forged_token_is_read_once_and_a_new_session_counts_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::system());
        let sessions = [(); 2].map(|()| Sessions::new(db.clone(), clock.clone(), Invalidation::new(Bus::local())));
        let member = MemberId(uuid::Uuid::from_u128(1));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
             values ($1, 'a@test.example', '수달', '수달', '', 'shopper', 'member', false, 1, 0)",
        )
        .bind(member)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let forged = SessionToken::unsealed(ids::random());
        assert!(sessions[0].of(&forged).await.unwrap().is_none());
        // Were it read again, this would be found.
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)",
        )
        .bind(forged.hash().to_vec())
        .bind(member)
        .bind(clock.now() + VISIT)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert!(sessions[0].of(&forged).await.unwrap().is_none(), "what nobody held is remembered");
        assert!(sessions[1].of(&forged).await.unwrap().is_some());
        let token = sessions[0].start(member, "test").await.unwrap();
        for node in &sessions {
            assert!(node.of(&token).await.unwrap().is_some(), "a new session counts at once");
        }
    }

    /// What one node changes, another believes no longer.
    async fn forgotten_elsewhere(bus: Bus) {
        let folder = tempfile::tempdir().unwrap();
        let (db, clock) = (Db::open(folder.path()).await.unwrap(), Clock::system());
        let [here, there] = [(); 2].map(|()| Sessions::new(db.clone(), clock.clone(), Invalidation::new(bus.clone())));
        let mut told = there.invalidation.subscribe();
        assert_eq!(cluster::soon("it comes", told.next()).await, Stale::Anything);
        let member = MemberId(uuid::Uuid::from_u128(1));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
             values ($1, 'a@test.example', '수달', '수달', '', 'shopper', 'member', false, 1, 0)",
        )
        .bind(member)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let change = async |text: &'static str| {
            let mut tx = db.begin(Lane::Other).await.unwrap();
            tx.sql(text).bind(member).run().await.unwrap();
            tx.commit().await.unwrap();
        };
        let tokens = here.start_many(&[member, member], "test").await.unwrap();
        let nickname = async |token| there.of(token).await.unwrap().map(|session| session.nickname.to_string());
        assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("수달"));
        assert_eq!(nickname(&tokens[1]).await.as_deref(), Some("수달"));

        change("update members set nickname = '해달' where id = $1").await;
        assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("수달"), "remembered");
        here.invalidate_member(member);
        there.invalidate(cluster::soon("it comes", told.next()).await);
        assert_eq!(nickname(&tokens[0]).await.as_deref(), Some("해달"));

        here.end(&tokens[0]).await.unwrap();
        there.invalidate(cluster::soon("it comes", told.next()).await);
        assert_eq!(nickname(&tokens[0]).await, None);

        // A message was missed: what is remembered is read anew, while requests still get the old.
        assert_eq!(nickname(&tokens[1]).await.as_deref(), Some("해달"));
        change("update members set nickname = '물개' where id = $1").await;
        there.invalidate(Stale::Anything);
        cluster::eventually("it is read anew", async || nickname(&tokens[1]).await.as_deref() == Some("물개")).await;
    }

    #[tokio::test]
    async fn what_one_node_changes_is_forgotten_elsewhere() {
        forgotten_elsewhere(Bus::local()).await;
        let tasks = crate::tasks::Tasks::surviving();
        forgotten_elsewhere(Bus::redis(cluster::shared().await, &tasks)).await;
    }

    /// Sessions of one member, which are read anew whenever they are used.
    async fn doubted(place: &testing::Place) -> (Sessions, Vec<SessionToken>) {
        let (db, clock) = (Db::at(place).await, Clock::system());
        let sessions = Sessions::new(db.clone(), clock, Invalidation::new(Bus::local()));
        let member = MemberId(uuid::Uuid::from_u128(1));
        let mut tx = db.begin(Lane::Other).await.unwrap();
        tx.sql(
            "insert into members (id, email, nickname, nickname_key, password_hash, mode, role, marketing, terms_version, created_at)
             values ($1, 'a@test.example', '수달', '수달', '', 'shopper', 'member', false, 1, 0)",
        )
        .bind(member)
        .run()
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let tokens = sessions.start_many(&[member; 400], "test").await.unwrap();
        for token in &tokens {
            assert!(sessions.of(token).await.unwrap().is_some());
        }
        (sessions, tokens)
    }

    both!(a_session_that_ended_stays_ended_whoever_is_reading_it, "multi_thread");
    async fn a_session_that_ended_stays_ended_whoever_is_reading_it(on: On) {
        let place = testing::Place::new(on);
        let (sessions, tokens) = doubted(&place).await;
        for some in tokens[..200].chunks(10) {
            let both = some.iter().map(async |token| {
                let ended = std::sync::atomic::AtomicBool::new(false);
                // Read anew again and again until it has ended, at some moment of that.
                let using = async {
                    while !ended.load(Ordering::Relaxed) {
                        sessions.invalidate(Stale::Anything);
                        sessions.of(token).await.unwrap();
                        tokio::time::sleep(std::time::Duration::from_micros(200)).await;
                    }
                };
                let ending = async {
                    sessions.end(token).await.unwrap();
                    ended.store(true, Ordering::Relaxed);
                };
                tokio::join!(using, ending);
            });
            futures::future::join_all(both).await;
            // As many may be read in a second.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        // Whatever was being read in the background is read by now.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        for token in &tokens[..200] {
            assert!(sessions.of(token).await.unwrap().is_none(), "it came back");
        }
    }

    both!(a_member_whom_others_were_reading_is_suspended_at_once, "multi_thread");
    async fn a_member_whom_others_were_reading_is_suspended_at_once(on: On) {
        let place = testing::Place::new(on);
        let (sessions, tokens) = doubted(&place).await;
        // Ten times as many as are being read at one moment.
        let tokens = &tokens[..100];
        let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
        for round in 0..20 {
            let suspended = round % 2 == 0;
            // None is remembered: all are being read while it happens.
            sessions.invalidate(Stale::Member(member));
            let reading = futures::future::join_all(tokens.iter().map(|token| sessions.of(token)));
            let suspending = async {
                let text = if suspended {
                    "update members set suspended_at = 1 where id = $1"
                } else {
                    "update members set suspended_at = null where id = $1"
                };
                let mut tx = sessions.db.begin(Lane::Other).await.unwrap();
                tx.sql(text).bind(member).run().await.unwrap();
                tx.commit().await.unwrap();
                sessions.invalidate_member(member);
            };
            tokio::join!(reading, suspending);
            for token in tokens {
                assert_eq!(sessions.of(token).await.unwrap().unwrap().suspended, suspended, "round {round}");
            }
        }
    }

    /// Sessions as older programs began them.
    async fn older(sessions: &Sessions, member: MemberId, count: usize) -> Vec<SessionToken> {
        let tokens: Vec<_> = (0..count).map(|_| SessionToken::unsealed(ids::random())).collect();
        let mut tx = sessions.db.begin(Lane::Other).await.unwrap();
        for token in &tokens {
            tx.sql(
                "insert into sessions (token_hash, member_id, device, created_at, expires_at) values ($1, $2, '', 0, $3)",
            )
            .bind(token.hash().to_vec())
            .bind(member)
            .bind(sessions.clock.now() + VISIT)
            .run()
            .await
            .unwrap();
        }
        tx.commit().await.unwrap();
        tokens
    }

    both!(tokens_that_are_made_up_are_looked_for_a_few_times_in_all, "multi_thread");
    async fn tokens_that_are_made_up_are_looked_for_a_few_times_in_all(on: On) {
        const MADE_UP: usize = 2_000;
        let place = testing::Place::new(on);
        let (sessions, tokens) = doubted(&place).await;
        let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
        let older = older(&sessions, member, 20).await;
        // Of the same site, and none of them in its memory.
        let sessions = Sessions::new(Db::at(&place).await, sessions.clock.clone(), Invalidation::new(Bus::local()));
        let made_up: Vec<_> = (0..MADE_UP).map(|_| SessionToken::unsealed(ids::random())).collect();
        let asking = made_up.iter().chain(&older).chain(&tokens[..20]).map(|token| sessions.of(token));
        let found = futures::future::join_all(asking).await;
        let is_somebody: Vec<bool> = found.into_iter().map(|found| found.unwrap().is_some()).collect();
        assert!(is_somebody[..MADE_UP].iter().all(|found| !found));
        assert!(is_somebody[MADE_UP..].iter().all(|found| *found), "whoever is signed in still is");
        let reads = sessions.reads.load(Ordering::Relaxed);
        assert_eq!(reads, 40, "each of those that are somebody's");
        let together = sessions.unsealed.reads.load(Ordering::Relaxed);
        assert!((1..=20).contains(&together), "{together} reads for {MADE_UP}");
        // Made up again they are not looked for.
        let asking = made_up.iter().map(|token| sessions.of(token));
        assert!(futures::future::join_all(asking).await.into_iter().all(|found| found.unwrap().is_none()));
        assert_eq!(sessions.unsealed.reads.load(Ordering::Relaxed), together);
    }

    both!(an_older_token_is_looked_for_like_any_other_once_it_has_its_seal);
    async fn an_older_token_is_looked_for_like_any_other_once_it_has_its_seal(on: On) {
        let place = testing::Place::new(on);
        let (sessions, tokens) = doubted(&place).await;
        let member = sessions.of(&tokens[0]).await.unwrap().unwrap().member;
        let token = older(&sessions, member, 1).await[0];
        let seal = sessions.seal_beside(&token).await.unwrap();
        assert_eq!(sessions.seal_beside(&tokens[0]).await.unwrap(), None);
        let reads = || sessions.unsealed.reads.load(Ordering::Relaxed);
        let before = reads();
        assert!(sessions.of(&token.with_seal(seal.as_deref())).await.unwrap().is_some());
        assert_eq!(reads(), before);
        sessions.end(&token).await.unwrap();
        assert!(sessions.of(&token.with_seal(seal.as_deref())).await.unwrap().is_none(), "it ends as it is");
        assert_eq!(reads(), before);
    }
}
