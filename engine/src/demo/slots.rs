//! Hours that the shops have booked: in the days to come some are taken, some free, and some are the demonstration's seller's.

use super::{
    buyers,
    seed::{SHOPS, request},
    shelves,
};
use crate::{Engine, Error, accounts::Actor};
use model::{DAY, HOUR, Time, slots::Hour};
use std::collections::BTreeSet;

/// Which hours a shop books on which day of the week, from Sunday on.
const WEEKLY: [(usize, i64, &[i64]); 14] = [
    (0, 2, &[20, 21]),
    (0, 4, &[15, 16]),
    (0, 6, &[20]),
    (1, 0, &[21]),
    (1, 2, &[20]),
    (1, 3, &[12, 13]),
    (1, 5, &[19, 20]),
    (2, 0, &[14, 21]),
    (2, 2, &[20]),
    (2, 4, &[19, 20]),
    (2, 5, &[20]),
    (3, 0, &[21, 22]),
    (3, 1, &[10, 11]),
    (3, 5, &[20, 21]),
];
/// For how many days there are hours, with today.
const DAYS: i64 = 8;
/// When the seller that a visitor can be has a deal in one of their hours: which day of the week, and at which hour.
const DEAL: (i64, i64) = (1, 10);

/// Books what is missing of the week, and pays for it at the sandbox.
pub(super) async fn keep(engine: &Engine) -> Result<(), Error> {
    // Where nobody checks businesses for practice, or the sandbox takes no money, there are none.
    if !engine.payments.is_sandbox() {
        return Ok(());
    }
    let now = engine.clock.now();
    let days: Vec<Time> = (0..DAYS).map(|ahead| now.midnight() + ahead * DAY).collect();
    // Shops beside each other, as many as want the same hour may have it. Of one day after day: whoever has something to pay for books
    // nothing else.
    let mut shops = tokio::task::JoinSet::new();
    for shop in WEEKLY.iter().map(|(shop, ..)| *shop).collect::<BTreeSet<usize>>() {
        let (engine, days) = (engine.clone(), days.clone());
        shops.spawn(async move { keep_shop(&engine, shop, &days, now).await });
    }
    while let Some(kept) = shops.join_next().await {
        kept.map_err(|_| model::Error::Internal)??;
    }
    for opens_at in days.iter().filter(|day| day.civil().weekday == DEAL.0).map(|day| *day + DEAL.1 * HOUR) {
        if opens_at > now {
            unless_refused(shelves::in_hours(engine, opens_at, HOUR).await.map(drop))?;
        }
    }
    Ok(())
}

/// Books what is missing of a shop's days.
async fn keep_shop(engine: &Engine, shop: usize, days: &[Time], now: Time) -> Result<(), Error> {
    for day in days {
        let weekday = day.civil().weekday;
        for (_, _, hours) in WEEKLY.iter().filter(|(of, on, _)| (*of, *on) == (shop, weekday)) {
            let hours = hours.iter().map(|hour| Hour::of(*day + *hour * HOUR)).filter(|hour| hour.start() > now);
            let hours: Vec<String> = hours.map(|hour| hour.to_string()).collect();
            unless_refused(book(engine, shop, &hours, *day).await)?;
        }
    }
    Ok(())
}

/// Where a visitor was first, or it was done before, nothing is missing.
fn unless_refused(done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Ok(()) | Err(Error::Refused(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Books hours of a day for a shop, once.
async fn book(engine: &Engine, shop: usize, hours: &[String], day: Time) -> Result<(), Error> {
    let shop = &SHOPS[shop];
    let member = engine.accounts.by_email(shop.email).await?.ok_or(model::Error::NotFound)?;
    let seller = Actor::simulated(member, shop.email, true);
    let booking = engine.slots.book(&seller, request(&format!("{} hours", shop.email), day), hours).await?;
    let payment = engine.slots.pay(&seller, booking, None, "ko").await?;
    buyers::approve(engine, &payment).await
}
