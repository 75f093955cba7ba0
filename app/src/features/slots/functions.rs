//! What the page of hours changes.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    features::payments::{WAY, way},
    forms::Effect,
};
use leptos::prelude::*;

change! { BookHours: Creator, pages: ["/creator/slots"], fields: ["request", "hour"*], said: hours_set_aside }

/// Books hours, each an `hour` such as `2026-11-27T20:00`: to be paid for next, unless they cost nothing. Sending it twice books once.
#[server(endpoint = "book-hours", protocol = Change, input_derive = ())]
pub async fn book_hours(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let hours: Vec<String> = form.texts("hour").map(str::to_owned).collect();
    let request = form.named("request").map_err(|_| model::Error::Malformed)?;
    engine.slots.book(&actor, request, &hours).await?;
    Ok(Done::here())
}

change! { PayBooking: Creator, pages: ["/creator/slots"], fields: ["booking", "how", "lang"] + WAY, said: hours_set_aside }

/// Begins to pay for a booking, `by` whom the creator chose where they were asked: goes on to where that is approved. The payment is called
/// so in the language `lang`.
#[server(endpoint = "pay-booking", protocol = Change, input_derive = ())]
pub async fn pay_booking(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let payment = engine.slots.pay(&actor, form.named("booking")?, way(&form)?, form.lang()).await?;
    // By the camera of a phone: the page shows the code, and goes on by itself.
    let by_phone = form.text("how") == "phone";
    let to = payment.link.filter(|_| !by_phone).unwrap_or_else(|| crate::paths::SLOTS.to_owned());
    Ok(Done::to(to).with(Effect::SayNothing))
}

change! { GiveUpHours: Creator, pages: ["/creator/slots"], fields: ["booking"], said: hours_given_up }

/// Gives up a booking that is still to be paid for.
#[server(endpoint = "give-up-hours", protocol = Change, input_derive = ())]
pub async fn give_up_hours(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.slots.give_up(&actor, form.named("booking")?).await?;
    Ok(Done::here())
}

change! { GiveBackHour: Creator, pages: ["/creator/slots"], fields: ["booking", "hour"], said: hour_is_given_back }

/// Gives an `hour` of a booking back that no deal is for.
#[server(endpoint = "give-back-hour", protocol = Change, input_derive = ())]
pub async fn give_back_hour(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.slots.give_back(&actor, form.named("booking")?, form.named("hour")?).await?;
    Ok(Done::here())
}
