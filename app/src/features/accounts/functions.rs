//! What pages of accounts read.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use server_fn::codec::GetUrl;

/// A nickname that nobody has yet.
#[server(endpoint = "nickname", input = GetUrl)]
pub async fn suggest_nickname() -> Result<String, PageError> {
    reader().engine.accounts.suggest_nickname().await.map_err(public)
}

/// The reader's creator profile: name, introduction, links one a line.
#[server(endpoint = "profile", input = GetUrl)]
pub async fn load_profile() -> Result<(String, String, String), PageError> {
    let reader = reader();
    let profile =
        reader.engine.accounts.profile(reader.actor.signed_in().map_err(PageError)?.member).await.map_err(public)?;
    Ok(profile.map(|p| (p.name, p.introduction, p.links.join("\n"))).unwrap_or_default())
}
