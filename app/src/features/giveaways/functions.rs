//! What pages of giveaways change.

#[cfg(feature = "ssr")]
use crate::api::{Reader, reader};
use crate::{
    api::PageError,
    forms::{Change, Done, Form, change},
};
#[cfg(feature = "ssr")]
use engine::giveaways::WinnerForm;
use leptos::prelude::*;
#[cfg(feature = "ssr")]
use model::Delivery;

change! { FillClaim: Active, pages: ["/events/:id/result"], said: claim_taken }

/// Takes in a winner's form.
#[server(endpoint = "fill-claim", protocol = Change, input_derive = ())]
pub async fn fill_claim(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let filled = WinnerForm { delivery: delivery(&form), consent: form.ticked("consent"), save: form.ticked("save") };
    engine.giveaways.fill(&actor, form.named("event")?, &filled).await?;
    Ok(Done::here())
}

/// Where something goes, as it was typed.
#[cfg(feature = "ssr")]
pub(crate) fn delivery(form: &Form) -> Delivery {
    let text = |name| form.text(name).to_owned();
    Delivery {
        name: text("name"),
        phone: text("phone"),
        postcode: text("postcode"),
        address: text("address"),
        detail: text("detail"),
    }
}

change! { ForgetSaved: SignedIn, pages: ["/my"], said: saved_forgotten }

/// Forgets where prizes go, as it was saved for next time.
#[server(endpoint = "forget-saved", protocol = Change, input_derive = ())]
pub async fn forget_saved(_form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.giveaways.forget_saved(&actor).await?;
    Ok(Done::here())
}

change! { SendPrize: Creator, pages: ["/creator/events/:id"], said: claim_state_sent }

/// Marks a prize as sent.
#[server(endpoint = "send-prize", protocol = Change, input_derive = ())]
pub async fn send_prize(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.giveaways.send(&actor, form.named("event")?, form.named("rank")?).await?;
    Ok(Done::here())
}

change! { DisqualifyEntry: Creator, pages: ["/creator/events/:id"], said: taken_out }

/// Takes an entry out of an event.
#[server(endpoint = "disqualify-entry", protocol = Change, input_derive = ())]
pub async fn disqualify_entry(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    engine.giveaways.disqualify(&actor, form.named("event")?, form.named("rank")?, form.text("reason")).await?;
    Ok(Done::here())
}
