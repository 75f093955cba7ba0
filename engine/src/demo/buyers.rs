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
