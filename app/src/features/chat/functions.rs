//! What is read of the chat.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{Report, live::ChatLine};
use server_fn::codec::GetUrl;

/// Lines of an event's chat before a number, oldest first.
#[server(endpoint = "chat", input = GetUrl)]
pub async fn load_chat(id: String, before: u64) -> Result<Vec<ChatLine>, PageError> {
    let id = id.parse().map_err(|_| PageError(model::Error::NotFound))?;
    reader().engine.chat.lines(id, Some(before)).await.map_err(public)
}

/// Lines that were reported, for admins.
#[server(endpoint = "reports", input = GetUrl)]
pub async fn load_reports() -> Result<Vec<Report>, PageError> {
    let reader = reader();
    reader.engine.chat.reports(&reader.actor).await.map_err(public)
}
