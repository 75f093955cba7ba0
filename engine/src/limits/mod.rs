//! How often anyone may do what costs us or others: by member, by account and by address.
//!
//! Among nodes that share a Redis what counts is counted there, except clicks: only one that brings an entry code, and
//! could enter by it, asks another machine. While Redis is away each node counts for itself: people go on signing in.

mod own;
mod shared;

use crate::{cluster::Redis, ids};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::{Error, EventId, MILLISECOND, MINUTE, MemberId, SECOND, Span, Time, programs::TokenId};
use own::Own;
use shared::Shared;
use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

/// How long there is to wait after too many failures.
const PAUSE: Span = MINUTE;

/// How often keys that have recovered are let go of.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Rule {
    SignUp,
    SignUpWide,
    SignIn,
    SignInWide,
    Creation,
    Wish,
    Party,
    PhoneMember,
    PhoneNumber,
    PhoneAddress,
    PhoneWide,
    Chat,
    RoomChat,
    RoomRegulars,
    RoomTurn,
    WrongCode,
    WrongPassword,
    Account,
    Nothing,
    LookUp,
    Looking,
    Terms,
    Term,
    Delivery,
    Token,
}

impl Rule {
    const ALL: [Rule; 25] = [
        Rule::SignUp,
        Rule::SignUpWide,
        Rule::SignIn,
        Rule::SignInWide,
        Rule::Creation,
        Rule::Wish,
        Rule::Party,
        Rule::PhoneMember,
        Rule::PhoneNumber,
        Rule::PhoneAddress,
        Rule::PhoneWide,
        Rule::Chat,
        Rule::RoomChat,
        Rule::RoomRegulars,
        Rule::RoomTurn,
        Rule::WrongCode,
        Rule::WrongPassword,
        Rule::Account,
        Rule::Nothing,
        Rule::LookUp,
        Rule::Looking,
        Rule::Terms,
        Rule::Term,
        Rule::Delivery,
        Rule::Token,
    ];

    fn name(self) -> &'static str {
        match self {
            Rule::SignUp => "sign-up",
            Rule::SignUpWide => "sign-up-wide",
            Rule::SignIn => "sign-in",
            Rule::SignInWide => "sign-in-wide",
            Rule::Creation => "creation",
            Rule::Wish => "wish",
            Rule::Party => "party",
            Rule::PhoneMember => "phone-member",
            Rule::PhoneNumber => "phone-number",
            Rule::PhoneAddress => "phone-address",
            Rule::PhoneWide => "phone-wide",
            Rule::Chat => "chat",
            Rule::RoomChat => "room-chat",
            Rule::RoomRegulars => "room-regulars",
            Rule::RoomTurn => "room-turn",
            Rule::WrongCode => "wrong-code",
            Rule::WrongPassword => "wrong-password",
            Rule::Account => "account",
            Rule::Nothing => "nothing",
            Rule::LookUp => "look-up",
            Rule::Looking => "looking",
            Rule::Terms => "terms",
            Rule::Term => "term",
            Rule::Delivery => "delivery",
            Rule::Token => "token",
        }
    }

    /// So many at once, then one in so long.
    fn rate(self) -> (u32, Span) {
        match self {
            Rule::SignUp => (20, 30 * SECOND),
            Rule::SignIn => (60, 5 * SECOND),
            // A site of IPv6 has 65,536 networks: some of them at once, but not each on its own.
            Rule::SignUpWide => (80, 7_500 * MILLISECOND),
            Rule::SignInWide => (240, 1_250 * MILLISECOND),
            Rule::Creation => (20, MINUTE),
            // As fast as one taps through a list.
            Rule::Wish => (60, 2 * SECOND),
            // As fast as a leader goes through those who came.
            Rule::Party => (60, 2 * SECOND),
            // Each is a message that somebody pays for, and that rings at whoever has the number.
            Rule::PhoneMember => (3, 5 * MINUTE),
            Rule::PhoneNumber => (3, 10 * MINUTE),
            Rule::PhoneAddress => (20, MINUTE),
            Rule::PhoneWide => (80, 15 * SECOND),
            Rule::Chat => (5, SECOND),
            // More than people can read.
            Rule::RoomChat => (60, 50 * MILLISECOND),
            // Half of that for those who say one thing after the other: the rest is for whoever was silent.
            Rule::RoomRegulars => (30, 100 * MILLISECOND),
            Rule::RoomTurn => (1, 10 * SECOND),
            Rule::WrongCode => (10, 10 * SECOND),
            Rule::WrongPassword => (8, 30 * SECOND),
            Rule::Account => (40, MINUTE),
            Rule::Nothing => (60, SECOND),
            // Each is a question to somebody else.
            Rule::LookUp => (20, 6 * SECOND),
            // As fast as several people of one address type, whichever box they type into.
            Rule::Looking => (200, 50 * MILLISECOND),
            // Whoever looks for one thing after the other says little of what many look for.
            Rule::Terms => (20, 3 * MINUTE),
            // Once is enough.
            Rule::Term => (1, 60 * MINUTE),
            // Some of them have a mail sent.
            Rule::Delivery => (20, 30 * SECOND),
            // A program of one member.
            Rule::Token => (60, 500 * MILLISECOND),
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

    /// Accounts made from one address, or tried to make.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn sign_up(&self, address: IpAddr) -> Result<(), Error> {
        self.take_of_address(Rule::SignUp, Rule::SignUpWide, address).await
    }

    /// Attempts to sign in from one address, right or wrong.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn sign_in(&self, address: IpAddr) -> Result<(), Error> {
        self.take_of_address(Rule::SignIn, Rule::SignInWide, address).await
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

    /// Lines of chat in one room, of all but its creator. Those who said something a moment ago share half of them, so that a
    /// few who never stop leave room for everybody else.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn room_chat(&self, event: EventId, member: MemberId) -> Result<(), Error> {
        let room = event.0.as_bytes();
        if self.take(Rule::RoomTurn, &[room, member.0.as_bytes()]).await.is_err() {
            self.take(Rule::RoomRegulars, &[room]).await?;
        }
        self.take(Rule::RoomChat, &[room]).await
    }

    /// Events made and changed, pictures, names shown anew.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn creation(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Creation, &[member.0.as_bytes()]).await
    }

    /// Wishes noted and taken back.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn wishes(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Wish, &[member.0.as_bytes()]).await
    }

    /// How somebody is told outside the site.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn delivery(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Delivery, &[member.0.as_bytes()]).await
    }

    /// What a member's program asks for with a token.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn token(&self, token: TokenId) -> Result<(), Error> {
        self.take(Rule::Token, &[token.0.as_bytes()]).await
    }

    /// What is done about parties.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn parties(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Party, &[member.0.as_bytes()]).await
    }

    /// Codes sent to phones: of one account, from one address, and to one number, whoever asks.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn phone_code(&self, member: MemberId, number: &[u8], address: IpAddr) -> Result<(), Error> {
        self.take(Rule::PhoneMember, &[member.0.as_bytes()]).await?;
        self.take_of_address(Rule::PhoneAddress, Rule::PhoneWide, address).await?;
        self.take(Rule::PhoneNumber, &[number]).await
    }

    /// Wrong entry codes, by member and event.
    pub fn codes(&self, member: MemberId, event: EventId) -> Strikes<'_> {
        let subject = subject(&[member.0.as_bytes(), event.0.as_bytes()]);
        Strikes { limits: self, rule: Rule::WrongCode, subject }
    }

    /// Wrong passwords of an account: by address, and over all addresses together. A `device` on which its owner was before is
    /// counted apart: whatever others try, they do not lock the owner out there.
    pub fn passwords(&self, email: &str, address: IpAddr, device: Option<&[u8]>) -> Attempts<'_> {
        let strikes = |rule, who: &[&[u8]]| Strikes { limits: self, rule, subject: subject(who) };
        let budgets = match device {
            Some(device) => vec![strikes(Rule::WrongPassword, &[email.as_bytes(), b"\0device\0", device])],
            None => vec![
                strikes(Rule::WrongPassword, &[email.as_bytes(), b"\0", network(address, 64).to_string().as_bytes()]),
                strikes(Rule::Account, &[email.as_bytes()]),
            ],
        };
        Attempts { budgets }
    }

    /// Looking for what is not there. Counted on each node: nobody who guesses keeps others busy with that.
    pub fn searches(&self, who: Searcher) -> Searches<'_> {
        Searches { own: &self.own, subject: who.subject() }
    }

    /// Addresses that somebody else is asked about. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn look_up(&self, who: Searcher) -> Result<(), Error> {
        self.take_here(Rule::LookUp, who)
    }

    /// Looking for things, and what is suggested while one types: in the search's box and in that for items. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn looking(&self, who: Searcher) -> Result<(), Error> {
        self.take_here(Rule::Looking, who)
    }

    /// What somebody looked for counts once in an hour, and of each only so much.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn term(&self, who: Searcher, term: &str) -> Result<(), Error> {
        let who = who.subject().to_be_bytes();
        self.take(Rule::Term, &[&who, term.as_bytes()]).await?;
        self.take(Rule::Terms, &[&who]).await
    }

    fn take_here(&self, rule: Rule, who: Searcher) -> Result<(), Error> {
        match self.own.take(rule, who.subject()) {
            true => Ok(()),
            false => Err(Error::TooMany { retry_after: rule.retry_after() }),
        }
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

    /// Of IPv6 both the network of one customer and that of their whole site are counted.
    async fn take_of_address(&self, rule: Rule, wide: Rule, address: IpAddr) -> Result<(), Error> {
        self.take(rule, &[network(address, 64).to_string().as_bytes()]).await?;
        if network(address, 64).is_ipv6() {
            self.take(wide, &[network(address, 48).to_string().as_bytes()]).await?;
        }
        Ok(())
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

/// What one attempt draws on, before it is known whether it was right.
pub struct Attempts<'a> {
    budgets: Vec<Strikes<'a>>,
}

impl Attempts<'_> {
    /// Takes one of each. Whoever is refused took none.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn take(&self, now: Time) -> Result<(), Error> {
        for (taken, budget) in self.budgets.iter().enumerate() {
            if let Err(refused) = budget.take(now).await {
                for budget in &self.budgets[..taken] {
                    budget.give_back(now).await;
                }
                return Err(refused);
            }
        }
        Ok(())
    }

    /// It was right, or nothing was tried after all.
    pub async fn give_back(&self, now: Time) {
        for budget in &self.budgets {
            budget.give_back(now).await;
        }
    }
}

impl Strikes<'_> {
    /// Takes one beforehand: however many try at once, only so many are tried.
    async fn take(&self, now: Time) -> Result<(), Error> {
        let shared = match &self.limits.shared {
            Some(shared) => told(shared.attempt(self.rule, self.subject).await),
            None => None,
        };
        wait(shared.unwrap_or_else(|| self.limits.own.attempt(self.rule, self.subject, now)))
    }

    async fn give_back(&self, now: Time) {
        let shared = match &self.limits.shared {
            Some(shared) => told(shared.give_back(self.rule, self.subject).await),
            None => None,
        };
        if shared.is_none() {
            self.limits.own.give_back(self.rule, self.subject, now);
        }
    }
}

/// Who looks for something.
#[derive(Debug, Clone, Copy)]
pub enum Searcher {
    /// Somebody who is signed in.
    Member(MemberId),
    /// Anybody at an address.
    Address(IpAddr),
}

impl Searcher {
    fn subject(self) -> Subject {
        match self {
            Searcher::Member(member) => subject(&[b"member", member.0.as_bytes()]),
            Searcher::Address(address) => subject(&[b"address", network(address, 64).to_string().as_bytes()]),
        }
    }
}

/// What somebody looked for and did not find.
pub struct Searches<'a> {
    own: &'a Own,
    subject: Subject,
}

impl Searches<'_> {
    /// Whether they may have the database asked.
    ///
    /// # Errors
    /// [`Error::TooMany`] after many that led nowhere.
    pub fn allowed(&self, now: Time) -> Result<(), Error> {
        wait(self.own.paused(Rule::Nothing, self.subject, now))
    }

    /// There was nothing.
    pub fn nothing(&self, now: Time) {
        self.own.strike(Rule::Nothing, self.subject, now);
    }
}

/// The network of so many leading bits that an IPv6 address is in; a customer has one of 64 or larger, up to 48. Of IPv4 the
/// address itself.
pub fn network(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::MAX.checked_shr(bits).unwrap_or(0))),
        v4 => v4,
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
        // A customer of IPv6 has one of these, and the whole site of one does not have each of its own.
        let v6 = |site: u16, network: u16, host: u16| IpAddr::from([0x2001, 0xdb8, site, network, 0, 0, 0, host]);
        let mut at_home = Asking::new(20, 30);
        at_home.until_refused(20, async |n| here.sign_up(v6(1, 1, n as u16)).await).await;
        let mut tried = 20;
        while tried < 200 && there.sign_up(v6(1, 1 + tried / 10, tried)).await.is_ok() {
            tried += 1;
        }
        assert!((80..=120).contains(&tried), "{tried} of one site");
        assert_eq!(here.sign_up(v6(2, 1, 1)).await, Ok(()));

        // Twenty who never stop leave half of a room to everybody else.
        let regulars: Vec<MemberId> = (100..120).map(|n| MemberId(Uuid::from_u128(n))).collect();
        let mut said = 0;
        for round in 0..10 {
            for regular in &regulars {
                said +=
                    usize::from((if round % 2 == 0 { &here } else { &there }).room_chat(event, *regular).await.is_ok());
            }
        }
        assert!((20..=59).contains(&said), "{said} lines of those who never stop");
        assert_eq!(here.room_chat(event, member).await, Ok(()), "and one of somebody who was silent");

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
        // Taken beforehand and given back to whoever was right: however many try at once, so many are tried.
        let wrong = async |limits: &Limits, email: &str, last: u8, device: Option<&[u8]>| {
            limits.passwords(email, address(last), device).take(NOW).await
        };
        for _ in 0..20 {
            let right = there.passwords("a@test.example", address(1), None);
            assert_eq!(right.take(NOW).await, Ok(()));
            right.give_back(NOW).await;
        }
        for _ in 0..8 {
            assert_eq!(wrong(&there, "a@test.example", 1, None).await, Ok(()));
        }
        assert!(paused(wrong(&here, "a@test.example", 1, None).await));
        assert!(paused(wrong(&there, "a@test.example", 1, None).await));
        assert_eq!(wrong(&here, "a@test.example", 2, None).await, Ok(()), "nobody at one address locks another out");
        assert_eq!(wrong(&here, "b@test.example", 1, None).await, Ok(()));
        // From all addresses together so many; the owner's own device is apart.
        let mut tried = 9;
        while tried < 100 && wrong(&here, "a@test.example", tried, None).await.is_ok() {
            tried += 1;
        }
        assert!((35..=45).contains(&tried), "{tried} tried at one account");
        assert!(paused(wrong(&there, "a@test.example", 200, None).await));
        assert_eq!(wrong(&here, "a@test.example", 200, Some(b"known")).await, Ok(()));
        assert_eq!(wrong(&here, "c@test.example", 200, None).await, Ok(()));
    }

    #[test]
    fn whoever_searches_in_vain_is_refused_and_nobody_else() {
        let limits = Limits::default();
        let guessing = limits.searches(Searcher::Address(address(1)));
        (0..100).for_each(|_| guessing.nothing(NOW));
        assert!(guessing.allowed(NOW).is_err());
        assert_eq!(guessing.allowed(NOW + PAUSE), Ok(()));
        assert_eq!(limits.searches(Searcher::Address(address(2))).allowed(NOW), Ok(()));
        assert_eq!(limits.searches(Searcher::Member(MemberId(Uuid::from_u128(1)))).allowed(NOW), Ok(()));
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
            assert!((1..=41 * MINUTE / MILLISECOND).contains(&left), "every key ends: {key}");
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
        let guesses = limits.passwords("a@test.example", address(1), None);
        for _ in 0..8 {
            guesses.take(NOW).await.unwrap();
        }
        guesses.take(NOW).await.unwrap_err();
        let took = testing::usual_time(async || drop(guesses.take(NOW).await)).await;
        assert!(took < Duration::from_millis(100), "nobody waits for what is away: {took:?}");
    }
}
