//! How often anyone may do what costs us or others: by member, by account and by address.
//!
//! Among nodes that share a Redis what counts is counted there, except clicks: only one that brings an entry code, and
//! could enter by it, asks another machine. While Redis is away each node counts for itself: people go on signing in.

mod own;
mod shared;
#[cfg(test)]
mod tests;

use crate::{cluster::Redis, ids};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::{Error, EventId, MICROSECOND, MILLISECOND, MINUTE, MemberId, SECOND, Span, Time, programs::TokenId};
use own::Own;
use shared::Shared;
use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

/// How long there is to wait after too many failures of most kinds.
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
    NothingWide,
    LookUp,
    LookUpWide,
    Address,
    Looking,
    LookingWide,
    Terms,
    TermsWide,
    Term,
    Channels,
    PasswordLink,
    PasswordAddress,
    PasswordWide,
    Download,
    Token,
    Change,
    Link,
    LinkWide,
    Return,
    ReturnWide,
    Picture,
    PictureWide,
}

impl Rule {
    const ALL: [Rule; 41] = [
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
        Rule::NothingWide,
        Rule::LookUp,
        Rule::LookUpWide,
        Rule::Address,
        Rule::Looking,
        Rule::LookingWide,
        Rule::Terms,
        Rule::TermsWide,
        Rule::Term,
        Rule::Channels,
        Rule::PasswordLink,
        Rule::PasswordAddress,
        Rule::PasswordWide,
        Rule::Download,
        Rule::Token,
        Rule::Change,
        Rule::Link,
        Rule::LinkWide,
        Rule::Return,
        Rule::ReturnWide,
        Rule::Picture,
        Rule::PictureWide,
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
            Rule::NothingWide => "nothing-wide",
            Rule::LookUp => "look-up",
            Rule::LookUpWide => "look-up-wide",
            Rule::Address => "address",
            Rule::Looking => "looking",
            Rule::LookingWide => "looking-wide",
            Rule::Terms => "terms",
            Rule::TermsWide => "terms-wide",
            Rule::Term => "term",
            // Named as it was first called: nodes of before count it so.
            Rule::Channels => "delivery",
            Rule::PasswordLink => "password-link",
            Rule::PasswordAddress => "password-address",
            Rule::PasswordWide => "password-wide",
            Rule::Download => "download",
            Rule::Token => "token",
            Rule::Change => "change",
            Rule::Link => "link",
            Rule::LinkWide => "link-wide",
            Rule::Return => "return",
            Rule::ReturnWide => "return-wide",
            Rule::Picture => "picture",
            Rule::PictureWide => "picture-wide",
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
            Rule::Nothing | Rule::Link => (60, SECOND),
            Rule::NothingWide | Rule::LinkWide => (240, 250 * MILLISECOND),
            // Each is a question to somebody else.
            Rule::LookUp => (20, 6 * SECOND),
            Rule::LookUpWide => (80, 1_500 * MILLISECOND),
            // The same, as somebody types a few addresses.
            Rule::Address => (60, 2 * SECOND),
            // As fast as several people of one address type, whichever box they type into; and more than come back in vain from a payment.
            Rule::Looking | Rule::Return => (200, 50 * MILLISECOND),
            Rule::LookingWide | Rule::ReturnWide => (800, 12_500 * MICROSECOND),
            // Whoever looks for one thing after the other says little of what many look for.
            Rule::Terms => (20, 3 * MINUTE),
            Rule::TermsWide => (80, 45 * SECOND),
            // Once is enough.
            Rule::Term => (1, 60 * MINUTE),
            // Some of them have a mail sent.
            Rule::Channels => (20, 30 * SECOND),
            // Each may be a letter to somebody who did not ask for it.
            Rule::PasswordLink => (3, 10 * MINUTE),
            Rule::PasswordAddress => (10, MINUTE),
            Rule::PasswordWide => (40, 15 * SECOND),
            // Each reads everything that is kept of somebody.
            Rule::Download => (3, 10 * MINUTE),
            // A program of one member.
            Rule::Token => (60, 500 * MILLISECOND),
            // All that somebody changes: faster than anybody goes through a list of theirs.
            Rule::Change => (300, 250 * MILLISECOND),
            // As many as the balancer lets through of one address: a thousand people there look at ten pictures each in one moment, and no
            // browser asks for one twice.
            Rule::Picture => (10_000, MILLISECOND),
            Rule::PictureWide => (40_000, 250 * MICROSECOND),
        }
    }

    /// By what a whole site of IPv6 is counted of which each network is by this.
    fn of_sites(self) -> Rule {
        match self {
            Rule::Nothing => Rule::NothingWide,
            Rule::Link => Rule::LinkWide,
            Rule::Return => Rule::ReturnWide,
            Rule::Picture => Rule::PictureWide,
            Rule::LookUp => Rule::LookUpWide,
            Rule::Looking => Rule::LookingWide,
            Rule::Terms => Rule::TermsWide,
            others => others,
        }
    }

    /// How long there is to wait after too many failures.
    fn pause(self) -> Span {
        match self {
            // A payment lapses while its customer waits.
            Rule::Return | Rule::ReturnWide => SECOND,
            _ => PAUSE,
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
    pub async fn channels(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Channels, &[member.0.as_bytes()]).await
    }

    /// Letters to an address that somebody types, such as those that lead to another password: asked for at one address of the net, and for
    /// one account, whether there is one or not.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn password_link(&self, email: &str, address: IpAddr) -> Result<(), Error> {
        self.take_of_address(Rule::PasswordAddress, Rule::PasswordWide, address).await?;
        self.take(Rule::PasswordLink, &[email.as_bytes()]).await
    }

    /// Such letters that a member has sent to another address of theirs, as they say: whoever has an account writes by it to no more people
    /// who did not ask for that.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn another_email(&self, member: MemberId, email: &str, address: IpAddr) -> Result<(), Error> {
        self.take(Rule::PasswordLink, &[member.0.as_bytes()]).await?;
        self.password_link(email, address).await
    }

    /// What is kept of a member, given to them.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn download(&self, member: MemberId) -> Result<(), Error> {
        self.take(Rule::Download, &[member.0.as_bytes()]).await
    }

    /// What a member's program asks for with a token.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn token(&self, token: TokenId) -> Result<(), Error> {
        self.take(Rule::Token, &[token.0.as_bytes()]).await
    }

    /// Whatever a member changes by a form, whichever it is; some have limits of their own besides. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn changes(&self, member: MemberId) -> Result<(), Error> {
        self.take_here(Rule::Change, Searcher::Member(member))
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
        Searches { own: &self.own, rule: Rule::Nothing, who: who.subjects() }
    }

    /// The same of payments, and of what links in mails are for: apart, so that nobody who guesses at events keeps others at their
    /// address from coming back from a payment.
    pub fn links(&self, who: Searcher) -> Searches<'_> {
        Searches { own: &self.own, rule: Rule::Link, who: who.subjects() }
    }

    /// The same of payments to which somebody comes with what may be their token: apart from those who have none, so that neither keeps the
    /// other from it, and with less to wait for.
    pub fn returns(&self, who: Searcher) -> Searches<'_> {
        Searches { own: &self.own, rule: Rule::Return, who: who.subjects() }
    }

    /// Addresses that somebody else is asked about. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn look_up(&self, who: Searcher) -> Result<(), Error> {
        self.take_here(Rule::LookUp, who)
    }

    /// Road addresses that the public service is asked about for a member. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn addresses(&self, member: MemberId) -> Result<(), Error> {
        self.take_here(Rule::Address, Searcher::Member(member))
    }

    /// Looking for things, and what is suggested while one types: in the search's box and in that for items. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn looking(&self, who: Searcher) -> Result<(), Error> {
        self.take_here(Rule::Looking, who)
    }

    /// Pictures that are read for somebody, or looked for in vain. Counted on each node.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub fn pictures(&self, who: Searcher) -> Result<(), Error> {
        self.take_here(Rule::Picture, who)
    }

    /// What somebody looked for counts once in an hour, and of each only so much.
    ///
    /// # Errors
    /// [`Error::TooMany`].
    pub async fn term(&self, who: Searcher, term: &str) -> Result<(), Error> {
        let (who, site) = who.subjects();
        // First what bounds them: of a term that does not count nothing is kept for an hour.
        self.take(Rule::Terms, &[&who.to_be_bytes()]).await?;
        if let Some(site) = site {
            self.take(Rule::Terms.of_sites(), &[&site.to_be_bytes()]).await?;
        }
        self.take(Rule::Term, &[&who.to_be_bytes(), term.as_bytes()]).await
    }

    fn take_here(&self, rule: Rule, who: Searcher) -> Result<(), Error> {
        let (who, site) = who.subjects();
        match self.own.take(rule, who) && site.is_none_or(|site| self.own.take(rule.of_sites(), site)) {
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
    /// Them, and of an address of IPv6 the whole site that it is in.
    fn subjects(self) -> (Subject, Option<Subject>) {
        match self {
            Searcher::Member(member) => (subject(&[b"member", member.0.as_bytes()]), None),
            Searcher::Address(address) => {
                let [narrow, site] = [64, 48].map(|bits| network(address, bits));
                let site = site.is_ipv6().then(|| subject(&[b"site", site.to_string().as_bytes()]));
                (subject(&[b"address", narrow.to_string().as_bytes()]), site)
            }
        }
    }
}

/// What somebody looked for and did not find.
pub struct Searches<'a> {
    own: &'a Own,
    rule: Rule,
    who: (Subject, Option<Subject>),
}

impl Searches<'_> {
    /// Whether they may have the database asked.
    ///
    /// # Errors
    /// [`Error::TooMany`] after many that led nowhere.
    pub fn allowed(&self, now: Time) -> Result<(), Error> {
        self.rules().try_for_each(|(rule, subject)| wait(self.own.paused(rule, subject, now)))
    }

    /// There was nothing.
    pub fn nothing(&self, now: Time) {
        for (rule, subject) in self.rules() {
            self.own.strike(rule, subject, now);
        }
    }

    fn rules(&self) -> impl Iterator<Item = (Rule, Subject)> {
        let (who, site) = self.who;
        std::iter::once((self.rule, who)).chain(site.map(|site| (self.rule.of_sites(), site)))
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
