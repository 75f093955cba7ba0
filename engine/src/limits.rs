//! How often anyone may do what costs us or others: by member, by account and by address.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::{Error, MINUTE, MemberId, SECOND, Time};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

/// How long whoever guessed codes must wait, in microseconds.
const GUESSING_PAUSE: i64 = MINUTE;

/// Limits of one process. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    sign_up: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    sign_in_account: Arc<DefaultKeyedRateLimiter<String>>,
    sign_in_address: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    early_clicks: Arc<DefaultKeyedRateLimiter<MemberId>>,
    chat: Arc<DefaultKeyedRateLimiter<MemberId>>,
    creations: Arc<DefaultKeyedRateLimiter<MemberId>>,
    codes: Arc<DefaultKeyedRateLimiter<MemberId>>,
    guessers: Arc<quick_cache::sync::Cache<MemberId, Time>>,
}

/// `burst` at once, then one every `every`.
fn limiter<K: Hash + Eq + Clone>(burst: u32, every: Duration) -> Arc<DefaultKeyedRateLimiter<K>> {
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    Arc::new(RateLimiter::keyed(
        quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN)),
    ))
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K, retry_after: u64) -> Result<(), Error> {
    limiter.check_key(key).map_err(|_| Error::TooMany { retry_after })
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            sign_up: limiter(20, Duration::from_secs(30)),
            sign_in_account: limiter(10, Duration::from_secs(30)),
            sign_in_address: limiter(60, Duration::from_secs(5)),
            early_clicks: limiter(20, Duration::from_millis(100)),
            chat: limiter(5, Duration::from_secs(1)),
            creations: limiter(20, Duration::from_secs(60)),
            codes: limiter(10, Duration::from_secs(10)),
            guessers: Arc::new(quick_cache::sync::Cache::new(10_000)),
        }
    }
}

impl Limits {
    /// Accounts made from one address.
    pub fn sign_up(&self, address: IpAddr) -> Result<(), Error> {
        check(&self.sign_up, &address, 30)
    }

    /// Attempts on one account and from one address.
    pub fn sign_in(&self, email: &str, address: IpAddr) -> Result<(), Error> {
        check(&self.sign_in_address, &address, 5)?;
        check(&self.sign_in_account, &email.to_owned(), 30)
    }

    /// Clicks before the opening; none after it is ever held back.
    pub fn early_click(&self, member: MemberId) -> Result<(), Error> {
        check(&self.early_clicks, &member, 1)
    }

    /// Lines of chat.
    pub fn chat(&self, member: MemberId) -> Result<(), Error> {
        check(&self.chat, &member, 1)
    }

    /// Events and pictures made.
    pub fn creation(&self, member: MemberId) -> Result<(), Error> {
        check(&self.creations, &member, 60)
    }

    /// A wrong entry code; whoever guesses too often may not try at all for a while.
    pub fn wrong_code(&self, member: MemberId, now: Time) -> Result<(), Error> {
        if self.codes.check_key(&member).is_err() {
            self.guessers.insert(member, now + GUESSING_PAUSE);
        }
        self.may_guess(member, now)
    }

    /// Whether a member may try an entry code.
    pub fn may_guess(&self, member: MemberId, now: Time) -> Result<(), Error> {
        match self.guessers.get(&member) {
            Some(until) if until > now => Err(Error::TooMany {
                retry_after: (until.since(now) / SECOND) as u64 + 1,
            }),
            _ => Ok(()),
        }
    }

    /// Forgets keys that have recovered. To be called now and then.
    pub fn tidy(&self) {
        self.sign_up.retain_recent();
        self.sign_in_account.retain_recent();
        self.sign_in_address.retain_recent();
        self.early_clicks.retain_recent();
        self.chat.retain_recent();
        self.creations.retain_recent();
        self.codes.retain_recent();
    }
}
