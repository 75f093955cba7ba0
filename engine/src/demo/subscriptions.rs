//! What the demonstration's people hear of: a few wishes, a category and keywords, so that there is something to be told. And where the
//! shopper has things sent.

use super::Persona;
use crate::{Engine, Error, accounts::Actor};
use model::{Category, DealsQuery, Delivery, TicketsQuery};

/// What somebody subscribes to: their category, and keywords of what the demonstration has now and then.
const SUBSCRIBED: [(Persona, Category, &[&str]); 2] = [
    (Persona::Shopper, Category::Culture, &["텐트", "목도리", "재즈"]),
    (Persona::Neighbour, Category::Travel, &["식빵", "강아지 우비"]),
];
/// The shopper's addresses: note, postcode, address, detail.
const ADDRESSES: [(&str, &str, &str, &str); 2] = [
    ("집", "04779", "서울특별시 성동구 왕십리로 59", "3층 301호"),
    ("회사", "04524", "서울특별시 중구 세종대로 110", "1층 안내데스크"),
];
/// How many deals of the week the shopper wishes for.
const WISHES: usize = 3;

async fn of(engine: &Engine, persona: Persona) -> Result<Option<Actor>, Error> {
    let member = engine.accounts.by_email(persona.email()).await?;
    Ok(member.map(|member| Actor::simulated(member, "", false)))
}

/// Subscribes them before anything is announced, so that they are told of it; once.
pub(super) async fn subscribe(engine: &Engine) -> Result<(), Error> {
    for (persona, category, keywords) in SUBSCRIBED {
        let Some(actor) = of(engine, persona).await? else { continue };
        let has = engine.subscriptions.of(&actor).await?;
        if has.categories.is_empty() && has.keywords.is_empty() {
            engine.subscriptions.set_category(&actor, category, true).await?;
            for keyword in keywords {
                engine.subscriptions.add_keyword(&actor, keyword).await?;
            }
        }
    }
    Ok(())
}

/// Gives the shopper an address book, unless they have one.
pub(super) async fn settle_in(engine: &Engine) -> Result<(), Error> {
    let Some(actor) = of(engine, Persona::Shopper).await? else { return Ok(()) };
    if !engine.addresses.book(&actor).await?.addresses.is_empty() {
        return Ok(());
    }
    for (note, postcode, address, detail) in ADDRESSES {
        let delivery = Delivery {
            name: "김수달".to_owned(),
            phone: "010-0059-0059".to_owned(),
            postcode: postcode.to_owned(),
            address: address.to_owned(),
            detail: detail.to_owned(),
        };
        engine.addresses.add(&actor, &delivery, note).await?;
    }
    Ok(())
}

/// Has the shopper wish for the next deals and the next ticket, unless they wish for something: of those that open within a day they
/// are reminded.
pub(super) async fn wish(engine: &Engine) -> Result<(), Error> {
    let Some(actor) = of(engine, Persona::Shopper).await? else { return Ok(()) };
    if !engine.events.wishes_of(&actor, None).await?.cards.rows.is_empty() {
        return Ok(());
    }
    let now = engine.clock.now();
    let deals = engine.events.deals(&actor, DealsQuery::default()).await?.cards.rows;
    let tickets = engine.events.tickets(&actor, TicketsQuery::default()).await?.cards.rows;
    let ahead = deals.into_iter().filter(|sale| sale.event.moments.opens_at > now);
    for sale in ahead.take(WISHES).chain(tickets.into_iter().take(1)) {
        engine.wishes.set(&actor, sale.event.id, true).await?;
    }
    Ok(())
}
