//! What rooms and boards read.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::reader;
#[cfg(feature = "ssr")]
use engine::accounts::Actor;
use leptos::prelude::*;
use model::{BoardPage, BoardRow, EventView};
use server_fn::codec::GetUrl;

/// An event with its room.
#[server(endpoint = "event", input = GetUrl)]
pub async fn load_event(id: String) -> Result<EventView, PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    Ok(reader.engine.pages.event(id, &reader.actor).await?)
}

/// A page of an event's board, with the event.
#[server(endpoint = "board", input = GetUrl)]
pub async fn load_board(id: String, from: u64) -> Result<(EventView, BoardPage), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let view = reader.engine.events.view(id, &reader.actor).await?;
    let page = reader.engine.events.board(id, from).await?;
    Ok((view, page))
}

/// One entry of an event, as everybody may see it.
#[server(endpoint = "entry", input = GetUrl)]
pub async fn load_entry(id: String, rank: u64) -> Result<(EventView, BoardRow), PageError> {
    let engine = reader().engine;
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let view = engine.events.view(id, &Actor::Visitor).await?;
    let page = engine.events.board(id, rank).await?;
    let row = page.entries.into_iter().find(|row| row.rank == rank).ok_or(model::Error::NotFound)?;
    Ok((view, row))
}
