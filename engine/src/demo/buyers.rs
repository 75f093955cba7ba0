//! Simulated people who buy: to each deal that opens by itself a few come, more than there are units. They choose how many
//! beforehand, press, stand in the line, and in checkout most pay, some let their time run out, and some leave.

use super::{crowd, seed};
use crate::{Engine, Error, accounts::Actor};
use model::{
    Delivery, EntryState, EventId, MINUTE, MemberId, PayWay, PaymentView, SECOND, SandboxChoice, SandboxId, Span, Time,
    Wish,
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::time::Duration;

/// How many come to one deal.
const PEOPLE: usize = 36;
/// How often one of them looks whose turn it is.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Nobody stays longer than that.
const LONGEST: Span = MINUTE.times(30);

/// What somebody does once their turn comes, or before.
#[derive(Debug, Clone, Copy)]
enum Temper {
    /// Pays, after so long in checkout.
    Pays(Span),
    /// Does nothing.
    LetsItRunOut,
    /// Leaves checkout after so long.
    Leaves(Span),
    /// Leaves the line when it took so long.
    Impatient(Span),
}

impl Temper {
    fn of(random: &mut StdRng) -> Temper {
        let mut within = |from: i64, to: i64| random.random_range(from..to) * SECOND;
        let (pays, leaves, goes) = (within(5, 70), within(5, 40), within(30, 120));
        match random.random_range(0..20) {
            0 | 1 => Temper::LetsItRunOut,
            2 | 3 => Temper::Leaves(leaves),
            4 => Temper::Impatient(goes),
            _ => Temper::Pays(pays),
        }
    }
}

/// Sends people to a deal, once among all nodes: whoever holds the demonstration's turn calls it.
pub(super) async fn send(engine: &Engine, event: EventId, opens_at: Time) -> Result<(), Error> {
    let everybody = seed::regulars(&engine.accounts, seed::REGULARS).await?;
    // Others at each.
    let first = (opens_at.0 / SECOND.micros()) as usize % everybody.len().max(1);
    let people: Vec<_> = everybody.into_iter().cycle().skip(first).take(PEOPLE).collect();
    let Some((first, _)) = people.first() else { return Ok(()) };
    // Who chose how many is on the way already.
    if engine.sales.choice(event, *first).await?.is_some() {
        return Ok(());
    }
    let mut random = StdRng::seed_from_u64(opens_at.0 as u64);
    for (member, name) in &people {
        let wish = Wish { quantity: random.random_range(1..=2), fewer: random.random_bool(0.7) };
        engine.sales.choose(&Actor::simulated(*member, name, false), event, wish).await?;
    }
    crowd::send_to(engine, event, opens_at, people);
    Ok(())
}

/// What somebody does who pressed: until it is over for them. They stand in the line if they have to, and do as their temper is.
pub(super) async fn buy(engine: Engine, event: EventId, actor: Actor) {
    let Some(member) = actor.member() else { return };
    let mut random = StdRng::seed_from_u64(member.0.as_u128() as u64 ^ event.0.as_u128() as u64);
    let temper = Temper::of(&mut random);
    if let Err(error) = until_over(&engine, event, &actor, member, temper).await {
        tracing::info!(%error, ?temper, "somebody of the demonstration did not buy");
    }
}

async fn until_over(
    engine: &Engine,
    event: EventId,
    actor: &Actor,
    member: MemberId,
    temper: Temper,
) -> Result<(), Error> {
    let came = engine.clock.now();
    let mut turn = None;
    loop {
        let now = engine.clock.now();
        let entry = engine.turnstile.entry(event, member).await?;
        match entry.map(|entry| entry.state) {
            Some(EntryState::Standby | EntryState::Given) => {
                if matches!(temper, Temper::Impatient(after) if now - came > after) {
                    return engine.sales.leave(actor, event).await;
                }
            }
            Some(EntryState::Checkout) => {
                let since = *turn.get_or_insert(now);
                match temper {
                    Temper::Leaves(after) if now - since > after => return engine.sales.leave(actor, event).await,
                    Temper::Pays(after) if now - since > after => return pay(engine, event, actor).await,
                    // It came before they went.
                    Temper::Impatient(_) => return pay(engine, event, actor).await,
                    _ => {}
                }
            }
            _ => return Ok(()),
        }
        if now - came > LONGEST {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Pays as by the camera of a phone.
pub(super) async fn pay(engine: &Engine, event: EventId, actor: &Actor) -> Result<(), Error> {
    let delivery = Delivery {
        name: "연습 손님".into(),
        phone: "010-0000-0059".into(),
        postcode: "04766".into(),
        address: "서울 성동구 서울숲2길 32".into(),
        detail: String::new(),
    };
    approve(engine, &engine.sales.pay(actor, event, &delivery, Some(PayWay::Sandbox)).await?).await
}

/// Approves a payment at the sandbox, on another device than it was begun on.
pub(super) async fn approve(engine: &Engine, payment: &PaymentView) -> Result<(), Error> {
    let at_sandbox = payment.link.as_deref().and_then(|link| link.rsplit('/').next()?.parse::<SandboxId>().ok());
    let at_sandbox = at_sandbox.ok_or(model::Error::NotFound)?;
    engine.payments.decide(at_sandbox, SandboxChoice::Approve, true).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, events::Pictures};
    use model::{Category, Checkout, EventDraft, HOUR, Offer, RequestId};
    use testing::{On, Place, eventually};

    /// Sooner than anybody does anything: the clock stands still.
    const SOON: Span = Span::from_micros(-1);

    #[test]
    fn most_pay_and_some_of_each_do_not() {
        let mut random = StdRng::seed_from_u64(59);
        let mut counts = [0; 4];
        for _ in 0..1_000 {
            let one = match Temper::of(&mut random) {
                Temper::Pays(_) => 0,
                Temper::LetsItRunOut => 1,
                Temper::Leaves(_) => 2,
                Temper::Impatient(_) => 3,
            };
            counts[one] += 1;
        }
        assert!(counts[0] > 500 && counts.iter().all(|count| *count > 20), "{counts:?}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_came_pays_or_leaves_as_people_do() {
        let place = Place::new(On::Sqlite);
        let clock = Clock::manual(Time(1_795_258_800_000_000));
        let engine = super::super::engine_at(&place, clock).await;
        let names = (0..4).map(|n| (format!("{n}@test.example"), format!("수달 {n}"))).collect();
        let members = engine.accounts.insert_many(names, "no password").await.unwrap();
        let seller = Actor::host(members[0]);
        engine.accounts.set_profile(&seller, "수달상점", "", "", None).await.unwrap();
        let now = engine.clock.now();
        let draft = EventDraft {
            title: "산책 가방".into(),
            summary: String::new(),
            description: String::new(),
            category: Category::Pets,
            opens_at: now - SECOND,
            closes_at: now + HOUR,
            entry_code: None,
            rules: String::new(),
            offer: Offer::Deal {
                list_price: 20_000,
                discount: 25,
                stock: 2,
                limit: 1,
                delivery: "다음 날 보내요".into(),
                checkout: Checkout { minutes: Some(3), at_once: None },
                details: Vec::new(),
            },
        };
        let request = RequestId(uuid::Uuid::from_u128(59));
        let event = engine.events.create(&seller, request, draft, Pictures::default()).await.unwrap();
        let tempers = [Temper::Pays(SOON), Temper::Leaves(SOON), Temper::Impatient(SOON)];
        let ends = [EntryState::Paid, EntryState::Left, EntryState::Left];
        for member in &members[1..] {
            engine.turnstile.enter(event, *member, "수달".into(), now, None, None).await.unwrap();
        }
        // From the end of the line, so that nobody's turn comes meanwhile.
        for ((member, temper), end) in members[1..].iter().zip(tempers).zip(ends).rev() {
            until_over(&engine, event, &Actor::simulated(*member, "수달", false), *member, temper).await.unwrap();
            eventually("it is over for them", async || {
                engine.turnstile.entry(event, *member).await.unwrap().map(|entry| entry.state) == Some(end)
            })
            .await;
        }
    }
}
