//! How often anyone may do what costs us or others: by member, by account and by address.
//!
//! Among nodes that share a Redis what counts is counted there, except clicks: only one that brings an entry code, and
//! could enter by it, asks another machine. While Redis is away each node counts for itself: people go on signing in.

mod own;
mod shared;

use crate::{cluster::Redis, ids};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::{Error, EventId, MILLISECOND, MINUTE, MemberId, SECOND, Span, Time};
use own::Own;
use shared::Shared;
use std::{hash::Hash, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

/// How long there is to wait after too many failures.
const PAUSE: Span = MINUTE;

/// How often keys that have recovered are let go of.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    SignUp,
    SignIn,
    Creation,
    Chat,
    RoomChat,
    WrongCode,
    WrongPassword,
}

impl Rule {
    const ALL: [Rule; 7] =
        [Rule::SignUp, Rule::SignIn, Rule::Creation, Rule::Chat, Rule::RoomChat, Rule::WrongCode, Rule::WrongPassword];

    fn name(self) -> &'static str {
        match self {
            Rule::SignUp => "sign-up",
            Rule::SignIn => "sign-in",
            Rule::Creation => "creation",
            Rule::Chat => "chat",
            Rule::RoomChat => "room-chat",
            Rule::WrongCode => "wrong-code",
            Rule::WrongPassword => "wrong-password",
        }
    }

    /// So many at once, then one in so long.
    fn rate(self) -> (u32, Span) {
        match self {
            Rule::SignUp => (20, 30 * SECOND),
            Rule::SignIn => (60, 5 * SECOND),
            Rule::Creation => (20, MINUTE),
            Rule::Chat => (5, SECOND),
            // More than people can read.
            Rule::RoomChat => (60, 50 * MILLISECOND),
            Rule::WrongCode => (10, 10 * SECOND),
            Rule::WrongPassword => (8, 30 * SECOND),
        }
    }

    /// When to try again after a refusal, in seconds.
    fn retry_after(self) -> u64 {
        match self {
            Rule::RoomChat => 2,
            _ => self.rate().1.begun_seconds() as u64,
        }
    }
}

/// Who is limited: a hash, so that no email and no address leaves this process.
type Subject = u128;

fn subject(parts: &[&[u8]]) -> Subject {
    let hash = ids::hash(parts);
    u128::from_be_bytes(*hash.first_chunk().unwrap_or(&[0; 16]))
}

/// What is limited, and how far everybody is. Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    early_clicks: Arc<DefaultKeyedRateLimiter<MemberId>>,
    own: Arc<Own>,
    shared: Option<Shared>,
}

impl Default for Limits {
    /// Limits of one process.
    fn default() -> Self {
        Limits { early_clicks: Arc::new(limiter(20, 100 * MILLISECOND)), own: Arc::default(), shared: None }
    }
}

impl Limits {
    /// Limits that nodes share.
    pub fn shared(redis: Redis) -> Limits {
        Limits { shared: Some(Shared::new(redis)), ..Limits::default() }
    }

    /// Accounts made from one address.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn sign_up(&self, address: IpAddr) -> Result<(), Error> {
        self.take(Rule::SignUp, &[address.to_string().as_bytes()]).await
    }

    /// Attempts to sign in from one address, right or wrong.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn sign_in(&self, address: IpAddr) -> Result<(), Error> {
        self.take(Rule::SignIn, &[address.to_string().as_bytes()]).await
    }

    /// Clicks before the opening; none after it is ever held back. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn early_click(&self, member: MemberId) -> Result<(), Error> {
        self.early_clicks.check_key(&member).map_err(|_| Error::TooMany { retry_after: 1 })
    }

    /// Lines of chat of one member.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn chat(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Chat, &[member.0.as_bytes()]).await
    }

    /// Lines of chat in one room, of all but its creator.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn room_chat(&self, event: EventId) -> Result<(), Error> {
        self.take(Rule::RoomChat, &[event.0.as_bytes()]).await
    }

    /// Events made and changed, pictures, names shown anew.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn creation(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Creation, &[member.0.as_bytes()]).await
    }

    /// Wrong entry codes, by member and event.
    pub fn codes(&self, member: MemberId, event: EventId) -> Strikes<'_> {
        let subject = subject(&[member.0.as_bytes(), event.0.as_bytes()]);
        Strikes { limits: self, rule: Rule::WrongCode, subject }
    }

    /// Wrong passwords, by account and address: nobody can lock another out.
    pub fn passwords(&self, email: &str, address: IpAddr) -> Strikes<'_> {
        let subject = subject(&[email.as_bytes(), b"\0", address.to_string().as_bytes()]);
        Strikes { limits: self, rule: Rule::WrongPassword, subject }
    }

    /// Lets go of keys that have recovered, until the program ends.
    pub(crate) async fn keep_tidy(self) {
        loop {
            tokio::time::sleep(TIDY_EVERY).await;
            self.tidy();
        }
    }

    fn tidy(&self) {
        self.early_clicks.retain_recent();
        self.own.tidy();
    }

    async fn take(&self, rule: Rule, who: &[&[u8]]) -> Result<(), Error> {
        let subject = subject(who);
        let shared = match &self.shared {
            Some(shared) => told(shared.take(rule, subject).await),
            None => None,
        };
        match shared.unwrap_or_else(|| self.own.take(rule, subject)) {
            true => Ok(()),
            false => Err(Error::TooMany { retry_after: rule.retry_after() }),
        }
    }
}

/// Failures that are free up to a point; beyond, whoever failed has to wait before trying at all.
pub struct Strikes<'a> {
    limits: &'a Limits,
    rule: Rule,
    subject: Subject,
}

impl Strikes<'_> {
    /// Whether they may try.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn allowed(&self, now: Time) -> Result<(), Error> {
        let shared = match &self.limits.shared {
            Some(shared) => told(shared.paused(self.rule, self.subject).await),
            None => None,
        };
        wait(shared.unwrap_or_else(|| self.limits.own.paused(self.rule, self.subject, now)))
    }

    /// They failed.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn strike(&self, now: Time) -> Result<(), Error> {
        let shared = match &self.limits.shared {
            Some(shared) => told(shared.strike(self.rule, self.subject).await),
            None => None,
        };
        wait(shared.unwrap_or_else(|| self.limits.own.strike(self.rule, self.subject, now)))
    }
}

fn wait(paused: Span) -> Result<(), Error> {
    if paused <= Span::ZERO {
        return Ok(());
    }
    Err(Error::TooMany { retry_after: (paused / SECOND) as u64 + 1 })
}

/// What Redis said, when it did.
fn told<T>(answer: redis::RedisResult<T>) -> Option<T> {
    if let Err(error) = &answer {
        tracing::debug!(%error, "a limit is counted on this node alone");
        metrics::counter!("limits_fallbacks_total").increment(1);
    }
    answer.ok()
}

/// `burst` at once, then one in each `every`.
fn limiter<K: Hash + Eq + Clone>(burst: u32, every: Span) -> DefaultKeyedRateLimiter<K> {
    RateLimiter::keyed(quota(burst, every))
}

fn quota(burst: u32, every: Span) -> Quota {
    let quota = Quota::with_period(every.into());
    quota.unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::testing::{self, Server};
    use model::MICROSECOND;
    use std::time::Instant;
    use uuid::Uuid;

    const NOW: Time = Time(1_000_000 * SECOND.micros());

    fn address(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    /// Somebody who asks until they are refused: that is after as many as the burst allows, and one more for each period that
    /// passed meanwhile, since a machine may stall.
    struct Asking {
        burst: u32,
        every_s: u64,
        began: Instant,
        allowed: u32,
    }

    impl Asking {
        fn new(burst: u32, every_s: u64) -> Asking {
            Asking { burst, every_s, began: Instant::now(), allowed: 0 }
        }

        /// At least so often they are allowed before.
        async fn until_refused(&mut self, least: u32, mut ask: impl AsyncFnMut(u32) -> Result<(), Error>) {
            let before = self.allowed;
            let refused = loop {
                match ask(self.allowed).await {
                    Ok(()) => self.allowed += 1,
                    Err(refused) => break refused,
                }
                assert!(self.allowed <= 10 * self.burst, "they are never refused");
            };
            let passed = self.began.elapsed().as_secs();
            let most = self.burst + (passed / self.every_s) as u32;
            assert!((before + least..=most).contains(&self.allowed), "{} of {most}, {before} before", self.allowed);
            let Error::TooMany { retry_after } = refused else { panic!("{refused:?}") };
            let soonest = self.every_s.saturating_sub(passed).max(1);
            assert!((soonest..=self.every_s).contains(&retry_after), "{retry_after} s, of {}", self.every_s);
        }
    }

    /// What limits promise, wherever they are counted: `there` is another node's.
    async fn contract(here: Limits, there: Limits) {
        let [member, other] = [1, 2].map(|n| MemberId(Uuid::from_u128(n)));
        let event = EventId(Uuid::from_u128(3));
        let mut chatting = Asking::new(5, 1);
        let at_both = async |n| if n % 2 == 0 { here.chat(member).await } else { there.chat(member).await };
        chatting.until_refused(5, at_both).await;
        chatting.until_refused(0, async |_| here.chat(member).await).await;
        assert_eq!(here.chat(other).await, Ok(()), "everybody for themselves");
        assert_eq!(here.creation(member).await, Ok(()), "each rule for itself");
        tokio::time::sleep(Duration::from_millis(1050)).await;
        chatting.until_refused(1, async |_| here.chat(member).await).await;

        Asking::new(20, 30).until_refused(20, async |_| here.sign_up(address(1)).await).await;
        assert_eq!(here.sign_up(address(2)).await, Ok(()));
        Asking::new(60, 5).until_refused(60, async |_| here.sign_in(address(1)).await).await;
        assert_eq!(here.room_chat(event).await, Ok(()));

        // Failures are free up to a point; then it takes a minute, whoever counts.
        let guesses = here.codes(member, event);
        for _ in 0..10 {
            assert_eq!(guesses.strike(NOW).await, Ok(()));
            assert_eq!(guesses.allowed(NOW).await, Ok(()));
        }
        let paused = |refused| matches!(refused, Err(Error::TooMany { retry_after: 59..=61 }));
        assert!(paused(guesses.strike(NOW).await));
        assert!(paused(there.codes(member, event).allowed(NOW).await));
        assert_eq!(here.codes(other, event).allowed(NOW).await, Ok(()));
        for _ in 0..8 {
            assert_eq!(there.passwords("a@test.example", address(1)).strike(NOW).await, Ok(()));
        }
        assert!(paused(here.passwords("a@test.example", address(1)).strike(NOW).await));
        assert_eq!(here.passwords("a@test.example", address(2)).allowed(NOW).await, Ok(()), "nobody locks another out");
        assert_eq!(here.passwords("b@test.example", address(1)).allowed(NOW).await, Ok(()));
    }

    #[tokio::test]
    async fn within_a_process() {
        let limits = Limits::default();
        contract(limits.clone(), limits.clone()).await;
        let guesses = limits.codes(MemberId(Uuid::from_u128(1)), EventId(Uuid::from_u128(3)));
        assert!(guesses.allowed(NOW + (PAUSE - MICROSECOND)).await.is_err());
        assert_eq!(guesses.allowed(NOW + PAUSE).await, Ok(()));
        limits.tidy();
    }

    #[tokio::test]
    async fn over_redis() {
        let redis = testing::shared().await;
        contract(Limits::shared(redis.clone()), Limits::shared(redis.clone())).await;
        let mut redis = redis;
        let keys: Vec<String> =
            redis::cmd("KEYS").arg(format!("{}*", redis.keys().start())).query_async(&mut redis).await.unwrap();
        assert!(keys.len() > 5);
        for key in keys {
            assert!(!key.contains("192.0.2") && !key.contains('@'), "keys name nobody: {key}");
            let left: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut redis).await.unwrap();
            assert!((1..=21 * MINUTE / MILLISECOND).contains(&left), "every key ends: {key}");
        }
    }

    #[tokio::test]
    async fn without_redis_a_node_counts_for_itself() {
        let mut server = Server::start(&[]);
        let limits = Limits::shared(server.redis().await);
        let member = MemberId(Uuid::from_u128(1));
        Asking::new(5, 1).until_refused(5, async |_| limits.chat(member).await).await;
        server.kill();
        Asking::new(5, 1).until_refused(5, async |_| limits.chat(member).await).await;
        let guesses = limits.passwords("a@test.example", address(1));
        for _ in 0..8 {
            guesses.strike(NOW).await.unwrap();
        }
        guesses.strike(NOW).await.unwrap_err();
        guesses.allowed(NOW).await.unwrap_err();
        let took = testing::usual_time(async || drop(guesses.allowed(NOW).await)).await;
        assert!(took < Duration::from_millis(100), "nobody waits for what is away: {took:?}");
    }
}
