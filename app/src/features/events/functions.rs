//! What pages of events read.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{CreatorView, Cursor, EventCard, EventStart, Home, MyEvents, Revision, Stage};
use server_fn::codec::GetUrl;

/// The home page.
#[server(endpoint = "home", input = GetUrl)]
pub async fn load_home() -> Result<Home, PageError> {
    let reader = reader();
    let mut home = reader.engine.events.home().await.map_err(public)?;
    for card in home.next.iter_mut().chain(&mut home.open) {
        card.present = reader.engine.rooms.present(card.id);
    }
    Ok(home)
}

/// The reader's own events of a stage, from where a page goes on.
#[server(endpoint = "my-events", input = GetUrl)]
pub async fn load_my_events(stage: Stage, before: Option<Cursor>) -> Result<MyEvents, PageError> {
    let reader = reader();
    reader.engine.events.of_creator(&reader.actor, stage, before.as_ref()).await.map_err(public)
}

/// A creator with what they published, from where a page goes on.
#[server(endpoint = "creator", input = GetUrl)]
pub async fn load_creator(id: String, before: Option<Cursor>) -> Result<CreatorView, PageError> {
    let engine = reader().engine;
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    engine.creator_page(id, before.as_ref()).await.map_err(public)
}

/// What was changed of an event.
#[server(endpoint = "changes", input = GetUrl)]
pub async fn load_changes(id: String) -> Result<(EventCard, Vec<Revision>), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    let card = reader.engine.events.view(id, &reader.actor).await.map_err(public)?.card;
    let revisions = reader.engine.events.revisions(id).await.map_err(public)?;
    Ok((card, revisions))
}

/// What the form for a new event starts with.
#[server(endpoint = "new-event", input = GetUrl)]
pub async fn load_new_event(like: Option<String>) -> Result<EventStart, PageError> {
    let reader = reader();
    let like = like.map(|like| like.parse()).transpose().map_err(|_| PageError(model::Error::NotFound))?;
    reader.engine.events.start(&reader.actor, like).await.map_err(public)
}

/// What the form for changing one of the reader's own events starts with.
#[server(endpoint = "editing", input = GetUrl)]
pub async fn load_editing(id: String) -> Result<EventStart, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    reader.engine.events.editing(&reader.actor, id).await.map_err(public)
}
