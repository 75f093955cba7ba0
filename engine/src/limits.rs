//! How often anyone may do what costs us or others: by member, by account and by address.

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::{Error, EventId, MINUTE, MemberId, SECOND, Time};
use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

/// How long whoever failed too often must wait, in microseconds.
const PAUSE: i64 = MINUTE;

/// Limits of one process. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    sign_up: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    sign_in_address: Arc<DefaultKeyedRateLimiter<IpAddr>>,
    early_clicks: Arc<DefaultKeyedRateLimiter<MemberId>>,
    chat: Arc<DefaultKeyedRateLimiter<MemberId>>,
    rooms: Arc<DefaultKeyedRateLimiter<EventId>>,
    creations: Arc<DefaultKeyedRateLimiter<MemberId>>,
    /// Wrong entry codes, by member and event.
    pub codes: Strikes<(MemberId, EventId)>,
    /// Wrong passwords, by account and address: nobody can lock another out.
    pub passwords: Strikes<(String, IpAddr)>,
}

/// Failures that are free up to a point; beyond, whoever failed has to wait before trying at all.
#[derive(Clone)]
pub struct Strikes<K: Hash + Eq + Clone> {
    failures: Arc<DefaultKeyedRateLimiter<K>>,
    paused: Arc<quick_cache::sync::Cache<K, Time>>,
}

impl<K: Hash + Eq + Clone> Strikes<K> {
    fn new(burst: u32, every: Duration) -> Strikes<K> {
        Strikes { failures: limiter(burst, every), paused: Arc::new(quick_cache::sync::Cache::new(10_000)) }
    }

    /// Whether `key` may try.
    pub fn allowed(&self, key: &K, now: Time) -> Result<(), Error> {
        match self.paused.get(key) {
            Some(until) if until > now => Err(Error::TooMany { retry_after: (until.since(now) / SECOND) as u64 + 1 }),
            _ => Ok(()),
        }
    }

    /// `key` failed.
    pub fn strike(&self, key: &K, now: Time) -> Result<(), Error> {
        if self.failures.check_key(key).is_err() {
            self.paused.insert(key.clone(), now + PAUSE);
        }
        self.allowed(key, now)
    }
}

/// `burst` at once, then one every `every`.
fn limiter<K: Hash + Eq + Clone>(burst: u32, every: Duration) -> Arc<DefaultKeyedRateLimiter<K>> {
    let quota = Quota::with_period(every).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    Arc::new(RateLimiter::keyed(quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))))
}

fn check<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, key: &K, retry_after: u64) -> Result<(), Error> {
    limiter.check_key(key).map_err(|_| Error::TooMany { retry_after })
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            sign_up: limiter(20, Duration::from_secs(30)),
            sign_in_address: limiter(60, Duration::from_secs(5)),
            early_clicks: limiter(20, Duration::from_millis(100)),
            chat: limiter(5, Duration::from_secs(1)),
            // Faster than this nobody reads.
            rooms: limiter(60, Duration::from_millis(50)),
            creations: limiter(20, Duration::from_secs(60)),
            codes: Strikes::new(10, Duration::from_secs(10)),
            passwords: Strikes::new(8, Duration::from_secs(30)),
        }
    }
}

impl Limits {
    /// Accounts made from one address.
    pub fn sign_up(&self, address: IpAddr) -> Result<(), Error> {
        check(&self.sign_up, &address, 30)
    }

    /// Attempts to sign in from one address, right or wrong.
    pub fn sign_in(&self, address: IpAddr) -> Result<(), Error> {
        check(&self.sign_in_address, &address, 5)
    }

    /// Clicks before the opening; none after it is ever held back.
    pub fn early_click(&self, member: MemberId) -> Result<(), Error> {
        check(&self.early_clicks, &member, 1)
    }

    /// Lines of chat of one member.
    pub fn chat(&self, member: MemberId) -> Result<(), Error> {
        check(&self.chat, &member, 1)
    }

    /// Lines of chat in one room, of all but its creator.
    pub fn room_chat(&self, event: EventId) -> Result<(), Error> {
        check(&self.rooms, &event, 2)
    }

    /// Events made and changed, pictures, names shown anew.
    pub fn creation(&self, member: MemberId) -> Result<(), Error> {
        check(&self.creations, &member, 60)
    }

    /// Forgets keys that have recovered. To be called now and then.
    pub fn tidy(&self) {
        self.sign_up.retain_recent();
        self.sign_in_address.retain_recent();
        self.early_clicks.retain_recent();
        self.chat.retain_recent();
        self.rooms.retain_recent();
        self.creations.retain_recent();
        self.codes.failures.retain_recent();
        self.passwords.failures.retain_recent();
    }
}
