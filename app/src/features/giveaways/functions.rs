//! What pages of giveaways read and change.

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
use model::{Came, Claim, Cursor, Entrants, EntrantsQuery, EventView, MyEntries};
use server_fn::codec::GetUrl;

/// The reader's entry of an event with what they won.
#[server(endpoint = "result", input = GetUrl)]
pub async fn load_result(id: String) -> Result<(EventView, Option<Claim>), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let view = reader.engine.events.view(id, &reader.actor).await?;
    let claim = reader.engine.giveaways.claim(&reader.actor, id).await?;
    Ok((view, claim))
}

/// The reader's own entries, from where a page goes on.
#[server(endpoint = "my-entries", input = GetUrl)]
pub async fn load_my_entries(came: Came, before: Option<Cursor>) -> Result<MyEntries, PageError> {
    let reader = reader();
    Ok(reader.engine.pages.my_entries(&reader.actor, came, before.as_ref()).await?)
}

/// Who entered one of the reader's own events.
#[server(endpoint = "entrants", input = GetUrl)]
pub async fn load_entrants(id: String, query: EntrantsQuery) -> Result<Entrants, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let entrants = reader.engine.giveaways.entrants_page(&reader.actor, id, &query).await?;
    let counts = reader.engine.giveaways.counts(&reader.actor, id).await?;
    let mut event = reader.engine.events.view(id, &reader.actor).await?.card;
    event.present = reader.engine.rooms.present(id);
    let first = query.after.is_none() && query.find.trim().is_empty() && !query.winners;
    let curves = if first { Some(reader.engine.analytics.of(&reader.actor, id).await?) } else { None };
    Ok(Entrants { event, entrants, counts, curves })
}

change! { FillClaim: Active, pages: ["/events/:id/result"], said: claim_taken }

/// Takes in a winner's form.
#[server(endpoint = "fill-claim", protocol = Change, input_derive = ())]
pub async fn fill_claim(form: Form) -> Result<Done, PageError> {
    let Reader { engine, actor, .. } = reader();
    let text = |name| form.text(name).to_owned();
    let delivery = Delivery {
        name: text("name"),
        phone: text("phone"),
        postcode: text("postcode"),
        address: text("address"),
        detail: text("detail"),
    };
    let filled = WinnerForm { delivery, consent: form.ticked("consent"), save: form.ticked("save") };
    engine.giveaways.fill(&actor, form.named("event")?, &filled).await?;
    Ok(Done::here())
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
