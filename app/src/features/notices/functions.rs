//! What the list of notices reads.

use crate::api::PageError;
#[cfg(feature = "ssr")]
use crate::api::{public, reader};
use leptos::prelude::*;
use model::{Notices, Time};
use server_fn::codec::GetUrl;

/// The reader's notices before a time.
#[server(endpoint = "notices", input = GetUrl)]
pub async fn load_notices(before: Option<i64>) -> Result<Notices, PageError> {
    let reader = reader();
    reader.engine.notices.of(&reader.actor, before.map(Time)).await.map_err(public)
}
