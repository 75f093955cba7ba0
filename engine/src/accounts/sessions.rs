//! Sessions: a random token in a cookie, its hash in the database, the member in memory for half a minute. Tokens of members' own
//! programs are remembered beside them.

mod devices;
mod ending;
mod memory;
mod programs;
mod reading;
mod starting;
#[cfg(test)]
mod tests;
mod tokens;
mod unsealed;

pub use programs::Program;
pub(crate) use starting::Anew;
pub(crate) use tokens::ProgramToken;
pub use tokens::SessionToken;

use crate::{Error, clock::Clock, cluster::Invalidation, db::Db};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use memory::{Changes, Known, Marks};
use model::{DAY, MemberId, Mode, PictureId, Role, Span, Time};
use programs::Uses;
use quick_cache::{UnitWeighter, sync::DefaultLifecycle};
use rustc_hash::FxBuildHasher;
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64},
    },
};
use tokens::{Seal, Sealer};
use unsealed::Unsealed;

/// How long a session lasts after its last use.
pub const VISIT: Span = DAY.times(30);
/// The most sessions read anew in the background, per second.
const REFRESHES: u32 = 500;
/// Sessions kept in memory.
const KEPT: usize = 400_000;
/// Tokens of nobody kept in memory.
const NOBODYS: usize = 20_000;

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The account.
    pub member: MemberId,
    /// Their nickname.
    pub nickname: Arc<str>,
    /// The nickname as the board shows it: masked when they chose so.
    pub board_name: Arc<str>,
    /// Their picture.
    pub picture: Option<PictureId>,
    /// Shopper or creator.
    pub mode: Mode,
    /// What they may do to others' things.
    pub role: Role,
    /// Whether they have a creator profile.
    pub creator: bool,
    /// Whether an admin suspended them.
    pub suspended: bool,
    /// The sort of browser that they are signed in on, as [`model::devices::device_name`] has it.
    pub device: Arc<str>,
    /// Whether the terms or the privacy policy are others by now than those that they accepted.
    pub terms_due: bool,
    /// The program of theirs that acts for them, when it is not they themselves.
    pub program: Option<Program>,
    /// As of when this is known.
    known_at: Time,
    /// When it was last begun to be read, whatever became of that.
    looked_at: Time,
    expires_at: Time,
    /// Becomes true when something of the member changed, for everything that was read of them before.
    changed: Arc<AtomicBool>,
}

impl Session {
    /// A demonstration person, without a token.
    pub(crate) fn simulated(member: MemberId, nickname: &str, creator: bool, role: Role) -> Arc<Session> {
        let name: Arc<str> = nickname.into();
        Arc::new(Session {
            member,
            nickname: name.clone(),
            board_name: name,
            picture: None,
            mode: Mode::Shopper,
            role,
            creator,
            suspended: false,
            device: "".into(),
            terms_due: false,
            program: None,
            known_at: Time(0),
            looked_at: Time(0),
            expires_at: Time(0),
            changed: Arc::default(),
        })
    }
}

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
    marks: Arc<Marks>,
    invalidation: Invalidation,
    /// What tells tokens that we gave out from others.
    sealer: Sealer,
    unsealed: Arc<Unsealed>,
    uses: Arc<Uses>,
    /// How often one was read from the database.
    #[cfg(test)]
    reads: Arc<std::sync::atomic::AtomicU64>,
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
            marks: Arc::default(),
            invalidation,
            sealer: Sealer::default(),
            unsealed: Arc::default(),
            uses: Arc::default(),
            #[cfg(test)]
            reads: Arc::default(),
        }
    }

    /// What the browser that holds `token` is to send beside it from now on, when an older program gave that out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seal_beside(&self, token: &SessionToken) -> Result<Option<String>, Error> {
        Ok(self.seal().await?.beside(token))
    }

    /// A cookie that whoever has it does not change.
    pub(super) async fn seal_cookie(&self, cookie: &str) -> Result<String, Error> {
        Ok(self.seal().await?.on_cookie(cookie))
    }

    /// What such a one was before it was sealed; nothing where we did not.
    pub(super) async fn sealed_cookie<'a>(&self, sealed: &'a str) -> Result<Option<&'a str>, Error> {
        Ok(self.seal().await?.cookie(sealed))
    }

    async fn seal(&self) -> Result<&Seal, sqlx::Error> {
        self.sealer.seal(&self.db, &self.clock).await
    }
}
