//! Hours that the shops have booked: in the days to come some are taken, some free, and some are the demonstration's seller's.

use super::{
    buyers,
    seed::{SHOPS, request},
    shelves,
};
use crate::{Engine, Error, accounts::Actor};
use model::{DAY, HOUR, Time, slots::Hour};

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
    // Shops beside each other. Each pays for a day before it books the next: whoever has yet to pay for one books no other.
    let mut shops = tokio::task::JoinSet::new();
    for shop in 0..SHOPS.len() {
        let engine = engine.clone();
        shops.spawn(async move { keep_shop(&engine, shop, now).await });
    }
    while let Some(kept) = shops.join_next().await {
        kept.map_err(|_| model::Error::Internal)??;
    }
    Ok(())
}

/// Books what is missing of a shop's week.
async fn keep_shop(engine: &Engine, shop: usize, now: Time) -> Result<(), Error> {
    for day in (0..DAYS).map(|ahead| now.midnight() + ahead * DAY) {
        let weekday = day.civil().weekday;
        for (_, _, hours) in WEEKLY.iter().filter(|(of, on, _)| *of == shop && *on == weekday) {
            let hours = hours.iter().map(|hour| Hour::of(day + *hour * HOUR)).filter(|hour| hour.start() > now);
            let hours: Vec<String> = hours.map(|hour| hour.to_string()).collect();
            match book(engine, shop, &hours, day).await {
                // A visitor was first, or it was done before.
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let opens_at = day + DEAL.1 * HOUR;
        if shop == shelves::SELLER && weekday == DEAL.0 && opens_at > now {
            match shelves::in_hours(engine, opens_at, HOUR).await {
                Ok(_) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
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
