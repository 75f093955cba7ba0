//! What pages of giveaways change.

use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use crate::{
    api::{Reader, reader},
    features::addresses::functions::{ADDRESS, DELIVERY, delivery},
};
#[cfg(feature = "ssr")]
use engine::giveaways::WinnerForm;
use leptos::prelude::*;

change! { FillClaim: Active, pages: ["/events/:id/result"], fields: ["event", "consent"] + DELIVERY + ADDRESS, said: claim_taken }

/// Takes in a winner's form.
#[server(endpoint = "fill-claim", protocol = Change, input_derive = ())]
pub async fn fill_claim(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let (delivery, save) = delivery(&engine, &actor, &form).await?;
    let filled = WinnerForm { delivery, consent: form.ticked("consent"), save };
    engine.giveaways.fill(&actor, form.named("event")?, &filled).await?;
    Ok(Done::here())
}

change! { SendPrize: Creator, pages: ["/creator/events/:id"], fields: ["event", "rank"], said: claim_state_sent }

/// Marks a prize as sent.
#[server(endpoint = "send-prize", protocol = Change, input_derive = ())]
pub async fn send_prize(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.giveaways.send(&actor, form.named("event")?, form.named("rank")?).await?;
    Ok(Done::here())
}

change! { DisqualifyEntry: Creator, pages: ["/creator/events/:id"], fields: ["event", "rank", "reason"], said: taken_out }

/// Takes an entry out of an event.
#[server(endpoint = "disqualify-entry", protocol = Change, input_derive = ())]
pub async fn disqualify_entry(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.giveaways.disqualify(&actor, form.named("event")?, form.named("rank")?, form.text("reason")).await?;
    Ok(Done::here())
}
