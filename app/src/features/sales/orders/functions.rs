//! What pages of sales and orders change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    features::{
        addresses::functions::{ADDRESS, DELIVERY, delivery},
        payments::{WAY, way},
    },
    forms::Effect,
};
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::{EventId, Time, Wish, text};

change! { ChooseUnits: Active, pages: ["/events/:id/checkout"], fields: ["event", "quantity", "fewer"], said: units_chosen }

/// Chooses how many units a press is to mean.
#[server(endpoint = "choose-units", protocol = Change, input_derive = ())]
pub async fn choose_units(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let quantity = text::number(form.text("quantity"), 1, u32::MAX.into()).map_or(0, |quantity| quantity as u32);
    let wish = Wish { quantity, fewer: form.ticked("fewer") };
    engine.sales.choose(&actor, form.named("event")?, wish).await?;
    Ok(Done::here())
}

change! { PayOrder: Active, pages: ["/events/:id/checkout"], fields: ["event", "how"] + WAY + DELIVERY + ADDRESS, said: units_chosen }

/// Begins to pay for what the member has in checkout: goes on to where it is approved.
#[server(endpoint = "pay-order", protocol = Change, input_derive = ())]
pub async fn pay_order(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let event: EventId = form.named("event")?;
    let way = way(&form)?;
    let (to, save) = delivery(&engine, &actor, &form).await?;
    let payment = engine.sales.pay(&actor, event, &to, way).await?;
    if save {
        // What is being paid for does not wait for the book, which may be full by now.
        let _ = engine.addresses.add(&actor, &to, "").await;
    }
    // By the camera of a phone: checkout shows the code, and goes on by itself.
    let by_phone = form.text("how") == "phone";
    let to = payment.link.filter(|_| !by_phone).unwrap_or_else(|| crate::paths::checkout(event));
    Ok(Done::to(to).with(Effect::SayNothing))
}

change! { LeaveLine: Active, pages: ["/events/:id/checkout"], fields: ["event"], said: left_line }

/// Gives up a place in the line, or what is held.
#[server(endpoint = "leave-line", protocol = Change, input_derive = ())]
pub async fn leave_line(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.leave(&actor, form.named("event")?).await?;
    Ok(Done::here())
}

change! { GiveBack: Active, pages: ["/orders/:number"], fields: ["order", "units", "seen", "request"], said: given_back }

/// Gives back units of an order that was paid for.
#[server(endpoint = "give-back", protocol = Change, input_derive = ())]
pub async fn give_back(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let units = form.text("units").trim().parse().unwrap_or(0);
    let seen = form.text("seen").trim().parse().ok().map(Time);
    engine.sales.give_back(&actor, form.named("order")?, units, seen, form.named("request")?).await?;
    Ok(Done::here())
}

change! { ConfirmArrival: Active, pages: ["/orders/:number"], fields: ["order"], said: arrival_confirmed }

/// Says that an order has arrived.
#[server(endpoint = "confirm-arrival", protocol = Change, input_derive = ())]
pub async fn confirm_arrival(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.sales.arrived(&actor, form.named("order")?).await?;
    Ok(Done::here())
}

change! { AskReturn: Active, pages: ["/orders/:number"], fields: ["order", "units", "reason", "request"], said: return_asked }

/// Asks to send units of an order back.
#[server(endpoint = "ask-return", protocol = Change, input_derive = ())]
pub async fn ask_return(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let units = form.text("units").trim().parse().unwrap_or(0);
    let (order, request) = (form.named("order")?, form.named("request")?);
    engine.sales.ask_return(&actor, order, units, form.text("reason"), request).await?;
    Ok(Done::here())
}
