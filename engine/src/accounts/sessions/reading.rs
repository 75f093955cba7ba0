//! Reading who holds a token: loaded once however many ask, kept in memory, and read anew in the background.

use super::{Session, SessionToken, Sessions, VISIT, memory::Marks};
use crate::{
    Error,
    db::{Db, Lane},
};
use model::{
    DAY, MINUTE, MemberId, Mode, PictureId, Role, SECOND, Span, Time, devices::device_name, nickname, terms::Consent,
};
use std::sync::{Arc, atomic::Ordering};

/// How long a loaded session is believed.
const FRESH: Span = SECOND.times(30);
/// How long a session is still believed while it is being read anew: one that nobody used, or that cannot be read.
const BELIEVED: Span = MINUTE.times(5);
/// One that may have changed is read once more after this, when that failed.
const AGAIN_AFTER: Span = SECOND;
/// How long it is remembered that nobody holds a token: one that was made up is looked for once and not each time. Real ones are
/// random, so that nobody asks for one before it is there.
const NOBODY: Span = MINUTE;
/// A session in use is prolonged when this much of it has passed.
const PROLONG_AFTER: Span = DAY;
/// How often a session is read that changes again whenever it was read.
const READS: u32 = 5;

/// By which sort of token somebody acts: each is kept in a table of its own.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// A browser's.
    Session,
    /// A program's.
    Program,
}

/// Whether it is in memory whose a token is.
pub(super) enum Remembered {
    /// It is, or that it is nobody's.
    As(Option<Arc<Session>>),
    /// It is to be read.
    Not,
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    id: MemberId,
    nickname: String,
    masked: bool,
    picture: Option<PictureId>,
    mode: Mode,
    role: Role,
    creator: bool,
    suspended: bool,
    device: String,
    terms_version: i64,
    privacy_version: i64,
    created_at: Time,
    pub(super) expires_at: Time,
}

impl SessionRow {
    /// The session as it was read at `now`, which ends at `expires_at`.
    pub(super) fn session(self, marks: &Marks, now: Time, expires_at: Time) -> Session {
        let board_name = if self.masked { nickname::mask(&self.nickname) } else { self.nickname.clone() };
        Session {
            member: self.id,
            nickname: self.nickname.into(),
            board_name: board_name.into(),
            picture: self.picture,
            mode: self.mode,
            role: self.role,
            creator: self.creator,
            suspended: self.suspended,
            device: device_name(&self.device).into(),
            terms_due: self.terms_version < i64::from(Consent::Terms.current())
                || self.privacy_version < i64::from(Consent::Privacy.current()),
            program: None,
            known_at: now,
            looked_at: now,
            expires_at,
            changed: marks.of(self.id),
        }
    }
}

impl Sessions {
    /// Who holds this token. Loaded once however many ask, and believed for half a minute.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(&self, token: &SessionToken) -> Result<Option<Arc<Session>>, Error> {
        let hash = token.hash();
        match self.remembered(hash) {
            Remembered::As(known) => Ok(known),
            Remembered::Not => Box::pin(self.first(token, hash)).await,
        }
    }

    /// Whose a token with this hash is, as far as that is in memory; read anew in the background when it is time.
    pub(super) fn remembered(&self, hash: [u8; 32]) -> Remembered {
        let now = self.clock.now();
        let number = self.changes.number();
        match self.known.get(&hash) {
            Some(Some(session))
                if now < session.expires_at && now.since(session.known_at) < BELIEVED && !session.is_changed() =>
            {
                let (doubted_until, since) = (self.doubted_until.load(Ordering::Relaxed), now.since(session.looked_at));
                let doubted = session.known_at.0 < doubted_until;
                let look_again = session.looked_at.0 < doubted_until || since >= AGAIN_AFTER;
                if (doubted && look_again || since >= FRESH) && self.refreshes.check().is_ok() {
                    self.refresh(hash, &session, now, number);
                }
                return Remembered::As(Some(session));
            }
            Some(_) => {
                self.known.remove(&hash);
            }
            None => {}
        }
        match self.nobodys.get(&hash).is_some_and(|read_at| now.since(read_at) < NOBODY) {
            true => Remembered::As(None),
            false => Remembered::Not,
        }
    }

    async fn first(&self, token: &SessionToken, hash: [u8; 32]) -> Result<Option<Arc<Session>>, Error> {
        if !self.seal().await?.is_on(token) && (token.has_seal() || !self.unsealed.is_somebodys(&self.db, hash).await?)
        {
            self.nobodys.insert(hash, self.clock.now());
            return Ok(None);
        }
        self.find(hash, By::Session).await
    }

    /// Reads a session that is not in memory; whoever asks meanwhile waits for that.
    pub(super) async fn find(&self, hash: [u8; 32], by: By) -> Result<Option<Arc<Session>>, Error> {
        let guard = loop {
            match self.known.get_value_or_guard_async(&hash).await {
                Ok(Some(session)) if session.is_changed() => drop(self.known.remove(&hash)),
                Ok(known) => return Ok(known),
                Err(guard) => break guard,
            }
        };
        let mut guard = Some(guard);
        let loaded = self.read(hash, by, |session| {
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
        self.known.peek(&token.hash()).flatten().filter(|session| !session.is_changed()).map(|session| session.member)
    }

    /// A token that nobody will ever hold.
    pub(in crate::accounts) async fn of_nobody(&self) -> Result<SessionToken, Error> {
        let token = self.seal().await?.token();
        self.nobodys.insert(token.hash(), self.clock.now());
        Ok(token)
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
        Box::pin(self.again(token.hash(), By::Session)).await
    }

    async fn again(&self, hash: [u8; 32], by: By) -> Result<Option<Arc<Session>>, Error> {
        self.read(hash, by, |session| match session {
            Some(_) => self.known.insert(hash, session.clone()),
            None => drop(self.known.remove(&hash)),
        })
        .await
    }

    /// Reads a session anew in the background: no click waits for the database because of it.
    fn refresh(&self, hash: [u8; 32], old: &Session, now: Time, number: u64) {
        // Others who ask meanwhile are content with this one, which is known no longer for that.
        let for_now = Arc::new(Session { looked_at: now, ..old.clone() });
        let kept =
            self.changes.unless_changed(number, hash, Some(old.member), || self.known.insert(hash, Some(for_now)));
        if !kept {
            return;
        }
        let sessions = self.clone();
        let by = if old.program.is_some() { By::Program } else { By::Session };
        tokio::spawn(async move {
            if let Err(error) = sessions.again(hash, by).await {
                tracing::warn!(%error, "a session could not be read anew");
            }
        });
    }

    /// Reads a session until nothing changed it meanwhile, and keeps it then.
    async fn read(
        &self,
        hash: [u8; 32],
        by: By,
        mut keep: impl FnMut(&Option<Arc<Session>>),
    ) -> Result<Option<Arc<Session>>, Error> {
        for _ in 0..READS {
            let number = self.changes.number();
            let loaded = self.load(hash, by, self.clock.now()).await?;
            let member = loaded.as_ref().map(|session| session.member);
            if self.changes.unless_changed(number, hash, member, || keep(&loaded)) {
                return Ok(loaded);
            }
        }
        Err(model::Error::Busy.into())
    }

    async fn load(&self, hash: [u8; 32], by: By, now: Time) -> Result<Option<Arc<Session>>, Error> {
        #[cfg(test)]
        self.reads.fetch_add(1, Ordering::Relaxed);
        match by {
            By::Session => self.load_session(hash, now).await,
            By::Program => self.load_program(hash, now).await,
        }
    }

    async fn load_session(&self, hash: [u8; 32], now: Time) -> Result<Option<Arc<Session>>, Error> {
        let row: Option<SessionRow> = self
            .db
            .sql(
                "select m.id, m.nickname, m.masked, m.picture, m.mode, m.role, m.suspended_at is not null as suspended,
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
        Ok(Some(Arc::new(row.session(&self.marks, now, expires_at))))
    }
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
