//! What a creator sees of an event over time.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::reader;
use leptos::prelude::*;
use model::{Curves, EventCard};
use server_fn::codec::GetUrl;

/// One of the reader's own events as it goes.
#[server(endpoint = "pulse", input = GetUrl)]
pub async fn load_pulse(id: String) -> Result<(EventCard, Curves), PageError> {
    let reader = reader();
    let id = id.parse().map_err(|_| model::Error::NotFound)?;
    let curves = reader.engine.analytics.of(&reader.actor, id).await?;
    let mut card = reader.engine.events.view(id, &reader.actor).await?.card;
    card.present = reader.engine.rooms.present(id);
    Ok((card, curves))
}
