//! How often each of them is allowed, on one node and among several.

use super::*;
use crate::cluster::testing::{self, Server};
use model::MICROSECOND;
use std::time::Instant;
use uuid::Uuid;

const NOW: Time = Time(1_000_000 * SECOND.micros());

fn address(last: u8) -> IpAddr {
    [192, 0, 2, last].into()
}

fn v6(site: u16, network: u16, host: u16) -> IpAddr {
    IpAddr::from([0x2001, 0xdb8, site, network, 0, 0, 0, host])
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
            said += usize::from((if round % 2 == 0 { &here } else { &there }).room_chat(event, *regular).await.is_ok());
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
    // A site of IPv6 that searches from each of its networks is refused as a whole, and so it is at what costs more.
    let of_site = |site, network| Searcher::Address(v6(site, network, 1));
    (0..1000).for_each(|network| limits.searches(of_site(1, network)).nothing(NOW));
    assert!(limits.searches(of_site(1, 2000)).allowed(NOW).is_err());
    assert_eq!(limits.searches(of_site(2, 1)).allowed(NOW), Ok(()));
    let allowed = (0..1000).filter(|network| limits.look_up(of_site(1, *network)).is_ok()).count();
    assert!((80..=90).contains(&allowed), "{allowed}");
    // Payments and links in mails are looked for apart from events.
    let following = limits.links(Searcher::Address(address(1)));
    assert_eq!(following.allowed(NOW), Ok(()));
    (0..100).for_each(|_| following.nothing(NOW));
    assert!(following.allowed(NOW).is_err());
    assert_eq!(limits.links(of_site(1, 2000)).allowed(NOW), Ok(()));
    (0..1000).for_each(|network| limits.links(of_site(1, network)).nothing(NOW));
    assert!(limits.links(of_site(1, 2000)).allowed(NOW).is_err());
    // So are payments by what may be their token, of which a crowd at one address may have many; and who is refused waits for less.
    let returning = limits.returns(Searcher::Address(address(1)));
    (0..200).for_each(|_| returning.nothing(NOW));
    assert_eq!(returning.allowed(NOW), Ok(()));
    (0..1000).for_each(|_| returning.nothing(NOW));
    assert!(returning.allowed(NOW).is_err());
    assert_eq!(returning.allowed(NOW + SECOND), Ok(()));
    assert_eq!(limits.returns(Searcher::Address(address(2))).allowed(NOW), Ok(()));
    (0..2000).for_each(|network| limits.returns(of_site(1, network)).nothing(NOW));
    assert!(limits.returns(of_site(1, 3000)).allowed(NOW).is_err());
}

#[test]
fn a_crowd_at_one_address_sees_its_pictures_and_a_flood_does_not() {
    let limits = Limits::default();
    let crowd = Searcher::Address(address(1));
    let (began, mut shown) = (Instant::now(), 0);
    let refused = loop {
        match limits.pictures(crowd) {
            Ok(()) => shown += 1,
            Err(refused) => break refused,
        }
    };
    let most = 10_001 + began.elapsed().as_millis();
    assert!((10_000..=most).contains(&shown), "{shown} of {most}");
    assert_eq!(refused, Error::TooMany { retry_after: 1 });
    for other in [Searcher::Address(address(2)), Searcher::Member(MemberId(Uuid::from_u128(1)))] {
        assert_eq!(limits.pictures(other), Ok(()));
    }
}

#[tokio::test]
async fn of_terms_that_do_not_count_nothing_is_remembered() {
    let limits = Limits::default();
    let mut counted = 0;
    for network in 0..200 {
        let who = Searcher::Address(v6(1, network / 10, 1));
        counted += usize::from(limits.term(who, &network.to_string()).await.is_ok());
    }
    assert!((80..=82).contains(&counted), "{counted} of one site");
    assert_eq!(limits.own.remembered(Rule::Term), counted);
    let member = Searcher::Member(MemberId(Uuid::from_u128(1)));
    assert_eq!(limits.term(member, "가마").await, Ok(()));
    assert!(limits.term(member, "가마").await.is_err(), "once in an hour");
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
