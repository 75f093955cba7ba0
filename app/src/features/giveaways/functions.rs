//! What pages of results read.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{Came, Claim, Cursor, Entrants, EntrantsQuery, EventView, MyEntries};
use server_fn::codec::GetUrl;

/// The reader's entry of an event with what they won.
#[server(endpoint = "result", input = GetUrl)]
pub async fn load_result(id: String) -> Result<(EventView, Option<Claim>), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    let view = reader.engine.events.view(id, &reader.actor).await.map_err(public)?;
    let claim = reader.engine.giveaways.claim(&reader.actor, id).await.map_err(public)?;
    Ok((view, claim))
}

/// The reader's own entries, from where a page goes on.
#[server(endpoint = "my-entries", input = GetUrl)]
pub async fn load_my_entries(came: Came, before: Option<Cursor>) -> Result<MyEntries, PageError> {
    let reader = reader();
    let member = reader.actor.signed_in().map_err(PageError)?.member;
    reader.engine.giveaways.follow_member(member).await;
    reader.engine.events.entries_of(&reader.actor, came, before.as_ref()).await.map_err(public)
}

/// Who entered one of the reader's own events.
#[server(endpoint = "entrants", input = GetUrl)]
pub async fn load_entrants(id: String, query: EntrantsQuery) -> Result<Entrants, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    let entrants = reader.engine.giveaways.entrants_page(&reader.actor, id, &query).await.map_err(public)?;
    let counts = reader.engine.giveaways.counts(id).await.map_err(public)?;
    let mut event = reader.engine.events.view(id, &reader.actor).await.map_err(public)?.card;
    event.present = reader.engine.rooms.present(id);
    let first = query.after.is_none() && query.find.trim().is_empty() && !query.winners;
    let curves = if first { Some(reader.engine.analytics.of(&reader.actor, id).await.map_err(public)?) } else { None };
    Ok(Entrants { event, entrants, counts, curves })
}
